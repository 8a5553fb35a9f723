/// What a cache fetches ahead of use. Plain class.
///
/// It learns from misses and from first hits on lines that were fetched ahead, by physical address, and never leaves
/// the 4 KiB page of what it saw: the next page's address is unknown to it.
#pragma once
#include "base/address.hh"
#include "cache/policies.hh"
#include <array>
#include <cstdint>

namespace tollgate::cache {

/// Lines first, first + step, ... all in one page; `count` 0: nothing.
struct Ahead {
    PhysAddr first;
    std::int32_t step = 0; ///< bytes
    std::uint32_t count = 0;
    PhysAddr line(std::uint32_t i) const {
        return first + static_cast<std::uint64_t>(static_cast<std::int64_t>(step) * i);
    }
};

class Prefetcher {
  public:
    /// `depth`: how many steps ahead.
    Prefetcher(Prefetch kind, std::uint32_t depth);

    bool active() const { return kind_ != Prefetch::none; }
    /// Sees a miss, or the first hit on a prefetched line; says which lines should be here soon, nearest first. Some of
    /// them may be here already.
    Ahead learn(PhysAddr line);
    void clear() { *this = Prefetcher{kind_, depth_}; }

    static constexpr std::size_t streams = 16; ///< pages in which strides are followed at a time

  private:
    struct Stream {
        std::uint64_t page = ~0ull;
        std::uint32_t last = 0;  ///< line of the page
        std::int32_t stride = 0; ///< lines; 0: not known
        bool confirmed = false;  ///< seen twice in a row
    };
    Ahead ahead(PhysAddr line, std::int32_t stride) const;
    Stream& stream_of(std::uint64_t page, std::uint32_t line, bool& fresh);
    void use(std::uint32_t stream);

    Prefetch kind_;
    std::uint32_t depth_;
    std::array<Stream, streams> streams_{};
    std::array<std::uint32_t, streams> keys_{}; ///< of the streams' pages, side by side for the search
    /// A ring by time of use: the one before it was used later; `streams` stands between the newest and the oldest.
    std::array<std::uint8_t, streams + 1> newer_{}, older_{};
};

} // namespace tollgate::cache
