/// Tags and states of a cache, without its data. Plain class; time and stamps are arguments.
///
///     word of a way   | physical address of the line           63..6 | 0 ... 0 | state 1..0 |
///
/// so that one comparison of the words without their low bits decides all ways at once. Replacement looks at stamps of
/// last use alone: whoever uses a line writes a stamp that never falls, through a pointer if he likes, and that is all
/// that a hit costs under any policy.
#pragma once
#include "base/address.hh"
#include "base/random.hh"
#include "base/units.hh"
#include "cache/policies.hh"
#include <cstdint>
#include <vector>

namespace tollgate::cache {

/// MESI. `modified` counts as the right to write as `exclusive` does.
enum class LineState : std::uint8_t { invalid, shared, exclusive, modified };
constexpr bool may_write(LineState s) { return s >= LineState::exclusive; }

/// What a way holds besides its tag.
struct WayData {
    std::uint64_t ready = 0; ///< ps; when the line is or was here: an access before that waits for the rest
    std::uint32_t note = 0;  ///< the owner's own; 0 after a fill
    bool prefetched = false; ///< fetched ahead and not used since
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
    std::uint32_t entries() const { return static_cast<std::uint32_t>(words_.size()); }
    std::uint32_t set_of(PhysAddr line) const { return static_cast<std::uint32_t>(line.value() >> line_shift) & mask_; }

    /// The index (set * ways + way) of a line, or `none`. `line` is aligned.
    std::uint32_t find(PhysAddr line) const {
        const std::uint32_t first = set_of(line) * ways_;
        return ways_ % 4 == 0 ? find_by_four(first, line.value()) : find_one_by_one(first, line.value());
    }
    /// Brings the host's cache lines of a set nearer.
    void prefetch(PhysAddr line) const {
        const std::uint32_t first = set_of(line) * ways_;
        for (std::uint32_t i = first; i < first + ways_; i += 8) {
            __builtin_prefetch(&words_[i]);
            __builtin_prefetch(&stamps_[i]);
        }
    }

    PhysAddr line_at(std::uint32_t i) const { return PhysAddr{words_[i] & ~state_mask}; }
    LineState state(std::uint32_t i) const { return static_cast<LineState>(words_[i] & state_mask); }
    void set_state(std::uint32_t i, LineState s) {
        words_[i] = (words_[i] & ~state_mask) | static_cast<std::uint64_t>(s);
    }
    WayData& data(std::uint32_t i) { return data_[i]; }
    const WayData& data(std::uint32_t i) const { return data_[i]; }

    /// The way's stamp of last use; it stays where it is. Writes never lower it and are at least 1; a write of the
    /// value that a fill gave counts as part of that fill.
    std::uint64_t* stamp(std::uint32_t i) { return &stamps_[i]; }
    std::uint64_t stamp_at(std::uint32_t i) const { return stamps_[i]; }
    void touch(std::uint32_t i, std::uint64_t stamp) { stamps_[i] = stamp; }

    /// The index that a new line should take: a free way of its set, the lowest; else by the policy. Only the first
    /// `ways` ways are looked at. Asking is deciding: random and SRRIP move on.
    std::uint32_t victim(PhysAddr line, std::uint32_t ways);
    std::uint32_t victim(PhysAddr line) { return victim(line, ways_); }

    /// The line that LRU would evict for `line`: a hint, which decides nothing.
    PhysAddr likely_victim(PhysAddr line) const;

    /// Puts a line (not here yet) at an index of its set; what was there is returned.
    Evicted fill(std::uint32_t i, PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp, bool prefetched) {
        Evicted out{line_at(i), state(i), data_[i]};
        if (out.state == LineState::invalid) ++valid_;
        words_[i] = line.value() | static_cast<std::uint64_t>(s);
        stamps_[i] = stamp;
        data_[i] = {ready.count(), 0, prefetched};
        if (policy_ == Replacement::srrip) {
            distance_[i] = inserted;
            seen_[i] = stamp;
        }
        return out;
    }
    void drop(std::uint32_t i) {
        if (state(i) == LineState::invalid) return;
        words_[i] = empty;
        stamps_[i] = 0;
        --valid_;
    }
    void clear();
    std::uint32_t valid() const { return valid_; } ///< lines held

  private:
    static constexpr std::uint64_t state_mask = line_bytes - 1;
    static constexpr std::uint64_t empty = ~state_mask;       ///< matches no line of any memory
    static constexpr std::uint8_t inserted = 2, farthest = 3; ///< re-reference distances of SRRIP with two bits

    std::uint32_t find_one_by_one(std::uint32_t first, std::uint64_t line) const {
        for (std::uint32_t i = first; i < first + ways_; ++i)
            if ((words_[i] & ~state_mask) == line) return i;
        return none;
    }
    std::uint32_t find_by_four(std::uint32_t first, std::uint64_t line) const {
        using Four [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = std::uint64_t;
        const Four wanted = {line, line, line, line};
        for (std::uint32_t from = 0; from < ways_; from += 8) {
            const std::uint64_t* const at = &words_[first + from];
            // A lane's number is one bit, so that both halves are decided by one branch.
            const auto a = (*reinterpret_cast<const Four*>(at) & ~state_mask) == wanted;
            Four hit = reinterpret_cast<const Four&>(a) & Four{1, 2, 4, 8};
            if (from + 4 < ways_) {
                const auto b = (*reinterpret_cast<const Four*>(at + 4) & ~state_mask) == wanted;
                hit |= reinterpret_cast<const Four&>(b) & Four{16, 32, 64, 128};
            }
            const std::uint64_t bits = hit[0] | hit[1] | hit[2] | hit[3];
            if (bits != 0) return first + from + static_cast<std::uint32_t>(__builtin_ctzll(bits));
        }
        return none;
    }
    std::uint32_t srrip_victim(std::uint32_t first, std::uint32_t ways);

    std::uint32_t ways_, mask_;
    std::uint32_t valid_ = 0;
    Replacement policy_;
    Random random_;
    std::vector<std::uint64_t> words_;   // [set][way]
    std::vector<std::uint64_t> stamps_;  // [set][way], 0 in a free way
    std::vector<WayData> data_;          // [set][way]
    std::vector<std::uint64_t> seen_;    // [set][way]; SRRIP: the stamp when the distance was worked out
    std::vector<std::uint8_t> distance_; // [set][way]; SRRIP: as of `seen_`; a newer stamp stands for 0
};

} // namespace tollgate::cache
