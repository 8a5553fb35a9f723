/// Who leaves a full set, decided from stamps of last use alone.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

namespace tollgate {

/// The way with the smallest stamp, the lowest number among equals. `stamp_at(way)` for way in [0, ways); stamps are
/// below 2^61. Eight at a time with the number packed under the stamp, because a minimum of words needs no branch, and
/// none of these branches could be predicted.
template <class StampAt> constexpr std::uint32_t least_recent(std::uint32_t ways, const StampAt& stamp_at) {
    // The usual numbers of ways without a loop.
    const auto of_eight = [&stamp_at](std::uint32_t from) {
        std::uint64_t a = ~0ull, b = ~0ull;
        for (std::uint32_t i = 0; i < 8; i += 2) {
            a = std::min(a, stamp_at(from + i) << 3 | i);
            b = std::min(b, stamp_at(from + i + 1) << 3 | (i + 1));
        }
        return std::min(a, b);
    };
    if (ways == 8) return static_cast<std::uint32_t>(of_eight(0) & 7);
    if (ways == 16) {
        const std::uint64_t lower = of_eight(0), upper = of_eight(8);
        return static_cast<std::uint32_t>(upper >> 3 < lower >> 3 ? 8 + (upper & 7) : lower & 7);
    }
    std::uint64_t oldest = ~0ull;
    std::uint32_t victim = 0;
    for (std::uint32_t from = 0; from < ways; from += 8) {
        const std::uint32_t n = std::min(ways - from, 8u);
        std::uint64_t best = ~0ull;
        if (n == 8)
            best = of_eight(from);
        else
            for (std::uint32_t i = 0; i < n; ++i) best = std::min(best, stamp_at(from + i) << 3 | i);
        if (best >> 3 < oldest) {
            oldest = best >> 3;
            victim = from + static_cast<std::uint32_t>(best & 7);
        }
    }
    return victim;
}

/// A node of the pseudo-LRU tree: the newest stamp below it, and the leaf to which its bits lead.
struct PlruNode {
    std::uint64_t newest;
    std::uint32_t victim;
};
constexpr PlruNode plru_join(PlruNode left, PlruNode right) {
    const bool to_left = left.newest <= right.newest;
    return {to_left ? right.newest : left.newest, to_left ? left.victim : right.victim};
}
template <class StampAt> constexpr PlruNode plru_node(std::uint32_t lo, std::uint32_t hi, const StampAt& stamp_at) {
    constexpr std::uint32_t unrolled = 8;
    if (hi - lo == unrolled) {
        std::array<PlruNode, unrolled> n{};
        for (std::uint32_t i = 0; i < unrolled; ++i) n[i] = {stamp_at(lo + i), lo + i};
        for (std::uint32_t i = 0; i < 4; ++i) n[i] = plru_join(n[2 * i], n[2 * i + 1]);
        return plru_join(plru_join(n[0], n[1]), plru_join(n[2], n[3]));
    }
    if (hi - lo == 1) return {stamp_at(lo), lo};
    const std::uint32_t mid = lo + (hi - lo + 1) / 2;
    return plru_join(plru_node(lo, mid, stamp_at), plru_node(mid, hi, stamp_at));
}

/// The victim of tree pseudo-LRU, equal to that of the tree of bits: a bit points away from the half that was used
/// last, and the half used last is the one with the larger of the two largest stamps. So a hit that only writes its
/// stamp maintains the tree for nothing. Equal halves (never used) point left. A node of n ways has (n + 1) / 2 on its
/// left.
template <class StampAt> constexpr std::uint32_t tree_plru_victim(std::uint32_t ways, const StampAt& stamp_at) {
    return plru_node(0, ways, stamp_at).victim;
}

} // namespace tollgate
