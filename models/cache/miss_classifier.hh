/// Why a line was missed: compulsory, capacity, conflict (Hill's three), or coherence. Plain class.
///
///   compulsory   never here before
///   coherence    somebody else's access took it away
///   conflict     a fully associative LRU cache of the same size (the shadow) would still have it
///   capacity     it would not
///
/// The shadow is told of misses only, since a hit must cost the hart nothing. When a line is about to leave the shadow,
/// the cache's own stamp says whether it was used since it was last looked at; then it stays as if used now.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace tollgate::cache {

enum class MissClass : std::uint8_t { compulsory, capacity, conflict, coherence };

class MissClassifier {
  public:
    /// For a cache of `entries` lines (below 2^29) over memory in [base, base + size).
    MissClassifier(std::uint32_t entries, PhysAddr base, Bytes size);

    /// A miss of `line`, which is inside the memory and filled with `stamp`. `stamp_of(line, way)` is the cache's stamp
    /// of last use of a line, 0 if it is not there; a stamp that has risen is a use. `way`, below 64, is what miss()
    /// was told for that line or what stamp_of() made of it: a hint where to look first. Also to be told of lines that
    /// are fetched ahead, whose class means nothing. Constant, amortised.
    template <class StampOf>
    MissClass miss(PhysAddr line, std::uint32_t way, std::uint64_t stamp, const StampOf& stamp_of) {
        std::uint32_t& entry = entry_of(line);
        const MissClass why = class_of(entry);
        if (position(entry) == 0) ++live_;
        append(line.value() | way, entry, stamp);
        while (live_ > entries_) shed(stamp_of);
        return why;
    }
    /// What miss() would say, without being told.
    MissClass peek(PhysAddr line) const {
        const Chunk* chunk = table_[(line - base_) >> chunk_shift].get();
        return class_of(chunk != nullptr ? (*chunk)[slot(line)] : 0);
    }
    /// Somebody else's access takes the line away from the cache.
    void lost(PhysAddr line) { entry_of(line) |= taken; }

  private:
    static constexpr std::uint32_t seen = 1u << 31, taken = 1u << 30;
    static constexpr unsigned chunk_shift = 17; ///< bytes of memory that are entered together: 128 KiB
    using Chunk = std::array<std::uint32_t, (1u << chunk_shift) / line_bytes>;
    struct Place {
        std::uint64_t line_and_way = 0; ///< the way where the offset in the line would be
        std::uint64_t stamp = 0;        ///< the cache's when the line was put here
        PhysAddr line() const { return PhysAddr{line_and_way & ~(line_bytes - 1)}; }
    };

    static MissClass class_of(std::uint32_t entry) {
        return (entry & seen) == 0    ? MissClass::compulsory
               : (entry & taken) != 0 ? MissClass::coherence
               : position(entry) != 0 ? MissClass::conflict
                                      : MissClass::capacity;
    }
    std::size_t slot(PhysAddr line) const { return (line - base_) % (1u << chunk_shift) >> line_shift; }
    /// 1 + the place in the ring; 0: not in the shadow.
    static std::uint32_t position(std::uint32_t entry) { return entry & ~(seen | taken); }
    std::uint32_t& entry_of(PhysAddr line) {
        auto& chunk = table_[(line - base_) >> chunk_shift];
        if (!chunk) chunk = std::make_unique<Chunk>();
        return (*chunk)[slot(line)];
    }
    void append(std::uint64_t line_and_way, std::uint32_t& entry, std::uint64_t stamp) {
        if (head_ - tail_ > mask_) compact();
        ring_[head_ & mask_] = {line_and_way, stamp};
        entry = seen | static_cast<std::uint32_t>((head_ & mask_) + 1);
        ++head_;
    }
    /// Looks at the oldest place: a place that its line has left is passed by, a line in use stays, another one goes.
    template <class StampOf> void shed(const StampOf& stamp_of) {
        const std::uint32_t at = static_cast<std::uint32_t>(tail_++ & mask_);
        const Place p = ring_[at];
        const PhysAddr line = p.line();
        std::uint32_t& entry = entry_of(line);
        if (position(entry) != at + 1) return;
        auto way = static_cast<std::uint32_t>(p.line_and_way % line_bytes);
        const std::uint64_t stamp = stamp_of(line, way);
        if (stamp > p.stamp) {
            const std::uint32_t was_taken = entry & taken;
            append(line.value() | way, entry, stamp);
            entry |= was_taken;
        } else {
            entry &= seen | taken;
            --live_;
        }
    }
    void compact();

    std::uint32_t entries_;
    PhysAddr base_;
    std::uint64_t head_ = 0, tail_ = 0; ///< of the ring, never wrapping
    std::uint64_t mask_;
    std::uint32_t live_ = 0;                    ///< lines in the shadow
    std::vector<Place> ring_;                   // by recency; twice the shadow's size at least
    std::vector<std::unique_ptr<Chunk>> table_; // [chunk of memory][line]
};

} // namespace tollgate::cache
