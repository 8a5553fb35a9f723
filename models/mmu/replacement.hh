/// Who leaves a full set, decided from stamps of last use alone.
#pragma once
#include "base/param.hh"
#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::mmu {

enum class Replacement : std::uint8_t { lru, tree_plru };

/// The way with the smallest stamp, the lowest number among equals. `stamp_at(way)` for way in [0, ways).
template <class StampAt> constexpr std::uint32_t least_recent(std::uint32_t ways, const StampAt& stamp_at) {
    std::uint32_t victim = 0;
    std::uint64_t oldest = stamp_at(0u);
    for (std::uint32_t w = 1; w < ways; ++w) {
        const std::uint64_t s = stamp_at(w);
        victim = s < oldest ? w : victim;
        oldest = s < oldest ? s : oldest;
    }
    return victim;
}

/// The victim of tree pseudo-LRU, equal to that of the tree of bits: a bit points away from the half that was used
/// last, and the half used last is the one with the larger of the two largest stamps. So a hit that only writes its
/// stamp maintains the tree for nothing. Equal halves (never used) point left. A node of n ways has (n + 1) / 2 on its
/// left.
template <class StampAt> constexpr std::uint32_t tree_plru_victim(std::uint32_t ways, const StampAt& stamp_at) {
    const auto newest = [&](std::uint32_t from, std::uint32_t to) {
        std::uint64_t s = 0;
        for (std::uint32_t w = from; w < to; ++w) s = stamp_at(w) > s ? stamp_at(w) : s;
        return s;
    };
    std::uint32_t lo = 0, hi = ways;
    while (hi - lo > 1) {
        const std::uint32_t mid = lo + (hi - lo + 1) / 2;
        if (newest(lo, mid) <= newest(mid, hi))
            hi = mid;
        else
            lo = mid;
    }
    return lo;
}

template <class StampAt>
constexpr std::uint32_t victim_of(Replacement policy, std::uint32_t ways, const StampAt& stamp_at) {
    return policy == Replacement::lru ? least_recent(ways, stamp_at) : tree_plru_victim(ways, stamp_at);
}

} // namespace tollgate::mmu

template <> struct tollgate::Choice<tollgate::mmu::Replacement> {
    static constexpr std::array<std::string_view, 2> names{"lru", "tree-plru"};
};
