/// The parameters of caches, declared once, and the rules of their geometry. Lines are 64 bytes everywhere.
#pragma once
#include "base/param.hh"
#include "cache/policies.hh"
#include <cstdint>

namespace tollgate::cache {

using namespace literals;

inline constexpr std::uint32_t max_ways = 64;
inline constexpr std::uint32_t max_miss_registers = 64;
inline constexpr std::uint32_t max_prefetch = 32; ///< lines ahead: half a page

/// node[i].hart[j].l1i. The hart waits for a line that it fetches, so one is under way at a time.
struct L1iParams {
    TOLLGATE_DESCRIBED(L1iParams);
    TOLLGATE_PARAM(Bytes, size, 32_KiB, Unit::bytes, {64, 16u << 20}, Kind::visible, {"l1i.misses", Moves::down},
                   "Capacity.")
    TOLLGATE_PARAM(std::uint32_t, ways, 8, Unit::entries, {1, max_ways}, Kind::visible, {"l1i.misses"},
                   "Associativity; size / ways / 64 must be a power of two.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"l1i.misses"},
                   "Who leaves a full set.")
    TOLLGATE_END;
};

/// node[i].hart[j].l1d
struct L1dParams {
    TOLLGATE_DESCRIBED(L1dParams);
    TOLLGATE_PARAM(Bytes, size, 32_KiB, Unit::bytes, {64, 16u << 20}, Kind::visible, {"l1d.misses", Moves::down},
                   "Capacity.")
    TOLLGATE_PARAM(std::uint32_t, ways, 8, Unit::entries, {1, max_ways}, Kind::visible, {"l1d.misses"},
                   "Associativity; size / ways / 64 must be a power of two.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{4}, Unit::cycles, {1, 100}, Kind::timing, {"slots.dependency", Moves::up},
                   "Load to use of a hit, in the hart's cycles.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"l1d.misses"},
                   "Who leaves a full set.")
    TOLLGATE_PARAM(std::uint32_t, misses, 12, Unit::entries, {1, max_miss_registers}, Kind::timing,
                   {"l1d.register_waits", Moves::down}, "Lines under way at a time.")
    TOLLGATE_PARAM(Prefetch, prefetch, Prefetch::stride, Unit::none, {}, Kind::timing, {"l1d.prefetches_issued"},
                   "What is fetched ahead of use.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_depth, 4, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"l1d.prefetches_issued"}, "How many steps ahead.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_degree, 2, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"l1d.prefetches_issued"}, "Lines asked for at a time, at most.")
    TOLLGATE_END;
};

/// node[i].hart[j].l2
struct L2Params {
    TOLLGATE_DESCRIBED(L2Params);
    TOLLGATE_PARAM(bool, present, true, Unit::none, {}, Kind::visible, {"llc.loads", Moves::down},
                   "Whether the hart has a second level of its own; without it the L1s ask the last level.")
    TOLLGATE_PARAM(Bytes, size, 512_KiB, Unit::bytes, {64, 64u << 20}, Kind::visible, {"l2.misses", Moves::down},
                   "Capacity; it includes both L1s.")
    TOLLGATE_PARAM(std::uint32_t, ways, 8, Unit::entries, {1, max_ways}, Kind::visible, {"l2.misses"},
                   "Associativity; size / ways / 64 must be a power of two.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{14}, Unit::cycles, {1, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "Load to use of a hit, the L1's lookup included, in the hart's cycles.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"l2.misses"},
                   "Who leaves a full set.")
    TOLLGATE_PARAM(std::uint32_t, misses, 24, Unit::entries, {1, max_miss_registers}, Kind::timing,
                   {"l2.register_waits", Moves::down}, "Lines under way at a time.")
    TOLLGATE_PARAM(Prefetch, prefetch, Prefetch::stride, Unit::none, {}, Kind::timing, {"l2.prefetches_issued"},
                   "What is fetched ahead of use.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_depth, 8, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"l2.prefetches_issued"}, "How many steps ahead.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_degree, 4, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"l2.prefetches_issued"}, "Lines asked for at a time, at most.")
    TOLLGATE_END;
};

/// node[i].llc
struct LlcParams {
    TOLLGATE_DESCRIBED(LlcParams);
    TOLLGATE_PARAM(Hertz, clock, 2_GHz, Unit::hertz, {1'000'000, 10'000'000'000}, Kind::timing,
                   {"machine.time", Moves::down}, "Clock frequency of the last level: what its cycles are.")
    TOLLGATE_PARAM(Bytes, size, 4_MiB, Unit::bytes, {64, 1u << 30}, Kind::visible, {"llc.misses", Moves::down},
                   "Capacity, shared by the node's harts.")
    TOLLGATE_PARAM(std::uint32_t, ways, 16, Unit::entries, {1, max_ways}, Kind::visible, {"llc.misses"},
                   "Associativity; size / ways / 64 must be a power of two.")
    TOLLGATE_PARAM(Cycles, latency, Cycles{40}, Unit::cycles, {1, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "Load to use of a hit, the lookups above it included; also what a request pays that goes further.")
    TOLLGATE_PARAM(Cycles, snoop, Cycles{30}, Unit::cycles, {0, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "More when harts of the node must give the line up or hand it over.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"llc.misses"},
                   "Who leaves a full set.")
    TOLLGATE_PARAM(std::uint32_t, misses, 48, Unit::entries, {1, max_miss_registers}, Kind::timing,
                   {"llc.register_waits", Moves::down}, "Lines under way at a time.")
    TOLLGATE_PARAM(bool, inclusive, true, Unit::none, {}, Kind::timing, {"l2.back_invalidations", Moves::up},
                   "It holds all that its harts hold; if not, a snoop filter of the same reach knows what they hold.")
    TOLLGATE_PARAM(Prefetch, prefetch, Prefetch::none, Unit::none, {}, Kind::timing, {"llc.prefetches_issued"},
                   "What is fetched ahead of use.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_depth, 8, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"llc.prefetches_issued"}, "How many steps ahead.")
    TOLLGATE_PARAM(std::uint32_t, prefetch_degree, 4, Unit::entries, {1, max_prefetch}, Kind::timing,
                   {"llc.prefetches_issued"}, "Lines asked for at a time, at most.")
    TOLLGATE_PARAM(std::uint32_t, inject_ways, 0, Unit::entries, {0, max_ways}, Kind::timing,
                   {"llc.dma_accesses", Moves::up}, "Ways that lines written by DMA may take; 0: DMA passes by.")
    TOLLGATE_END;
};

/// node[i].directory
struct DirectoryParams {
    TOLLGATE_DESCRIBED(DirectoryParams);
    TOLLGATE_PARAM(Picoseconds, latency, 8_ns, Unit::time, {0, 1'000'000}, Kind::timing, {"hart.cycles", Moves::up},
                   "From a request's arrival at its home to the answer who has the line.")
    TOLLGATE_END;
};

/// The sets of a cache. Throws std::invalid_argument that names `cache` and the rule that is broken.
std::uint32_t sets_of(const char* cache, Bytes size, std::uint32_t ways);

/// Whether a hart's levels fit together. Throws std::invalid_argument that names the rule that is broken: each level's
/// geometry; each level's latency above that of the one before; what includes another is at least as large; ways for
/// injection exist. The hart's clock makes its cycles and the last level's comparable.
void check(const L1iParams& l1i, const L1dParams& l1d, const L2Params& l2, const LlcParams& llc, Hertz hart_clock);

} // namespace tollgate::cache
