/// Tags and states of a cache, without its data. Plain class; time and stamps are arguments.
///
///     tag of a way    | low 30 bits of the line's number     31..2 | state 1..0 |
///
/// so that the tags of 16 ways are one line of the host's cache and are decided by one branch; the way's record holds
/// the whole address, which is compared when a tag matches. Replacement looks at stamps of last use alone: whoever uses
/// a line writes a stamp that never falls, through a pointer if he likes, and that is all that a hit costs under any
/// policy.
#pragma once
#include "base/address.hh"
#include "base/random.hh"
#include "base/units.hh"
#include "cache/policies.hh"
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tollgate::cache {

/// MESI. `modified` counts as the right to write as `exclusive` does.
enum class LineState : std::uint8_t { invalid, shared, exclusive, modified };
constexpr bool may_write(LineState s) { return s >= LineState::exclusive; }

/// What a way holds besides its tag.
struct WayData {
    std::uint64_t ready = 0;   ///< ps; when the line is or was here: an access before that waits for the rest
    std::uint64_t holders = 0; ///< the last level's: bit per hart that may hold the line; 0 after a fill
    std::uint32_t note = 0;    ///< the owner's own; 0 after a fill
    bool prefetched = false;   ///< fetched ahead and not used since
};

/// A line that left.
struct Evicted {
    PhysAddr line;
    LineState state = LineState::invalid; ///< invalid: the way was free
    WayData data;
};

class TagArray {
  public:
    static constexpr std::uint32_t none = ~0u;

    /// `sets` a power of two, `ways` 1 to 64. `seed` for random replacement.
    TagArray(std::uint32_t sets, std::uint32_t ways, Replacement policy, std::uint64_t seed = 0);

    std::uint32_t ways() const { return ways_; }
    std::uint32_t sets() const { return mask_ + 1; }
    std::uint32_t entries() const { return static_cast<std::uint32_t>(tags_.size()); }
    std::uint32_t set_of(PhysAddr line) const { return static_cast<std::uint32_t>(line.value() >> line_shift) & mask_; }

    /// The index (set * ways + way) of a line, or `none`. `line` is aligned.
    std::uint32_t find(PhysAddr line) const {
        const std::uint32_t first = set_of(line) * ways_;
        const std::uint32_t wanted = tag_of(line, LineState::invalid);
        if (ways_ % 4 == 0) return find_by_four(first, wanted, line.value());
        for (std::uint32_t i = first; i < first + ways_; ++i)
            if ((tags_[i] & ~state_mask) == wanted && records_[i].line == line.value()) return i;
        return none;
    }
    /// The index of its set's first way.
    std::uint32_t first_of(PhysAddr line) const { return set_of(line) * ways_; }

    PhysAddr line_at(std::uint32_t i) const { return PhysAddr{records_[i].line}; }
    LineState state(std::uint32_t i) const { return static_cast<LineState>(tags_[i] & state_mask); }
    void set_state(std::uint32_t i, LineState s) {
        tags_[i] = (tags_[i] & ~state_mask) | static_cast<std::uint32_t>(s);
    }
    WayData& data(std::uint32_t i) { return records_[i].data; }
    const WayData& data(std::uint32_t i) const { return records_[i].data; }

    /// The way's stamp of last use; it stays where it is. Writes never lower it and are at least 1; a write of the
    /// value that a fill gave counts as part of that fill.
    std::uint64_t* stamp(std::uint32_t i) { return &stamps_[i]; }
    std::uint64_t stamp_at(std::uint32_t i) const { return stamps_[i]; }
    void touch(std::uint32_t i, std::uint64_t stamp) { stamps_[i] = stamp; }

    /// The index that a new line should take: a free way of its set, the lowest; else by the policy. Only the first
    /// `ways` ways are looked at. Asking is deciding: random and SRRIP move on.
    std::uint32_t victim(PhysAddr line, std::uint32_t ways);
    std::uint32_t victim(PhysAddr line) { return victim(line, ways_); }

    /// Puts a line (not here yet) at an index of its set; what was there is returned.
    Evicted fill(std::uint32_t i, PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp, bool prefetched) {
        const Evicted out{line_at(i), state(i), data(i)};
        if (out.state == LineState::invalid) ++valid_;
        tags_[i] = tag_of(line, s);
        stamps_[i] = stamp;
        Record& r = records_[i];
        r.line = line.value();
        r.data.ready = ready.count();
        r.data.holders = 0;
        r.data.note = 0;
        r.data.prefetched = prefetched;
        if (policy_ == Replacement::srrip) {
            distance_[i] = inserted;
            seen_[i] = stamp;
        }
        return out;
    }
    void drop(std::uint32_t i) {
        if (state(i) == LineState::invalid) return;
        forget(i);
        --valid_;
    }
    void clear();
    std::uint32_t valid() const { return valid_; } ///< lines held

  private:
    static constexpr std::uint32_t state_mask = 3;
    static constexpr std::uint64_t nowhere = ~0ull;           ///< the line of a free way
    static constexpr std::uint8_t inserted = 2, farthest = 3; ///< re-reference distances of SRRIP with two bits

    struct alignas(32) Record {
        std::uint64_t line = nowhere;
        WayData data;
    };
    /// Arrays that begin where a line of the host's cache does.
    template <class T> struct HostLines {
        using value_type = T;
        static constexpr std::align_val_t alignment{64};
        HostLines() = default;
        template <class U> explicit HostLines(const HostLines<U>&) {}
        T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
        void deallocate(T* p, std::size_t) { ::operator delete(p, alignment); }
        bool operator==(const HostLines&) const = default;
    };
    template <class T> using Array = std::vector<T, HostLines<T>>;

    static std::uint32_t tag_of(PhysAddr line, LineState s) {
        return static_cast<std::uint32_t>(line.value() >> line_shift << 2) | static_cast<std::uint32_t>(s);
    }
    void forget(std::uint32_t i) {
        tags_[i] = ~state_mask;
        stamps_[i] = 0;
        records_[i].line = nowhere;
    }
    /// The ways from `first` on, up to 16 of them and a multiple of four, whose tag it may be: a bit each.
    static std::uint32_t equal_ways(const std::uint32_t* first, std::uint32_t ways, std::uint32_t tag) {
#ifdef __SSE2__
        const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag >> 2));
        const auto four = [=](std::uint32_t from) {
            const __m128i tags = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + from));
            return _mm_cmpeq_epi32(_mm_srli_epi32(tags, 2), wanted);
        };
        const auto eight = [=](std::uint32_t from) { return _mm_packs_epi32(four(from), four(from + 4)); };
        const auto mask = [](__m128i lower, __m128i upper) {
            return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(lower, upper)));
        };
        if (ways == 16) return mask(eight(0), eight(8));
        if (ways == 8) return mask(eight(0), _mm_setzero_si128());
        std::uint32_t r = 0;
        for (std::uint32_t i = 0; i < ways; i += 4)
            r |= static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(four(i)))) << i;
        return r;
#else
        std::uint32_t r = 0;
        for (std::uint32_t i = 0; i < ways; ++i) r |= std::uint32_t{(first[i] & ~state_mask) == tag} << i;
        return r;
#endif
    }
    std::uint32_t find_by_four(std::uint32_t first, std::uint32_t tag, std::uint64_t line) const {
        for (std::uint32_t from = 0; from < ways_; from += 16) {
            const std::uint32_t n = ways_ - from < 16 ? ways_ - from : 16;
            for (std::uint32_t left = equal_ways(&tags_[first + from], n, tag); left != 0; left &= left - 1) {
                const std::uint32_t i = first + from + static_cast<std::uint32_t>(__builtin_ctz(left));
                if (records_[i].line == line) [[likely]]
                    return i;
            }
        }
        return none;
    }
    std::uint32_t victim_by_policy(std::uint32_t first, std::uint32_t ways);
    std::uint32_t srrip_victim(std::uint32_t first, std::uint32_t ways);

    std::uint32_t ways_, mask_;
    std::uint32_t valid_ = 0;
    Replacement policy_;
    Random random_;
    Array<std::uint32_t> tags_;          // [set][way]
    Array<std::uint64_t> stamps_;        // [set][way], 0 in a free way
    Array<Record> records_;              // [set][way]
    std::vector<std::uint64_t> seen_;    // [set][way]; SRRIP: the stamp when the distance was worked out
    std::vector<std::uint8_t> distance_; // [set][way]; SRRIP: as of `seen_`; a newer stamp stands for 0
};

} // namespace tollgate::cache
