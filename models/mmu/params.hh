/// Parameters of TLBs, walker and PMP.
#pragma once
#include "base/param.hh"
#include "mmu/replacement.hh"
#include <cstdint>

namespace tollgate::mmu {

/// The first cache in which the walker looks for page tables.
enum class WalkStart : std::uint8_t { l1d, below };

} // namespace tollgate::mmu

template <> struct tollgate::Choice<tollgate::mmu::WalkStart> {
    static constexpr std::array<std::string_view, 2> names{"l1d", "below"};
};

namespace tollgate::mmu {

/// An L1 TLB: `itlb` and `dtlb`. A hit costs nothing, it overlaps with the L1 cache's own lookup.
struct TlbParams {
    TOLLGATE_DESCRIBED(TlbParams);
    TOLLGATE_PARAM(std::uint32_t, entries, 64, Unit::entries, {1, 4096}, Kind::timing, {"hart.cycles", Moves::down},
                   "Translations held; pages of all sizes share them.")
    TOLLGATE_PARAM(std::uint32_t, ways, 0, Unit::entries, {0, 4096}, Kind::timing, {"hart.cycles"},
                   "Associativity; 0 is fully associative. entries / ways must be a power of two.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"hart.cycles"},
                   "Who leaves a full set.")
    TOLLGATE_END;
};

/// The second level, shared by instructions and data: `l2tlb`.
struct L2TlbParams {
    TOLLGATE_DESCRIBED(L2TlbParams);
    TOLLGATE_PARAM(std::uint32_t, entries, 1024, Unit::entries, {0, 65536}, Kind::timing, {"walker.walks", Moves::down},
                   "Translations held; 0: there is no second level.")
    TOLLGATE_PARAM(std::uint32_t, ways, 8, Unit::entries, {0, 4096}, Kind::timing, {"walker.walks"},
                   "Associativity; 1 is direct-mapped, 0 fully associative. entries / ways must be a power of two.")
    TOLLGATE_PARAM(Replacement, replacement, Replacement::lru, Unit::none, {}, Kind::timing, {"walker.walks"},
                   "Who leaves a full set.")
    TOLLGATE_PARAM(std::uint32_t, latency, 6, Unit::cycles, {0, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "Cycles that a lookup adds, hit or miss.")
    TOLLGATE_END;
};

/// The page-table walker: `walker`.
struct WalkerParams {
    TOLLGATE_DESCRIBED(WalkerParams);
    TOLLGATE_PARAM(std::uint32_t, cache_entries, 16, Unit::entries, {0, 1024}, Kind::timing,
                   {"walker.reads", Moves::down}, "Walk-cache entries for pointers to tables; 0: no walk cache.")
    TOLLGATE_PARAM(bool, cache_shared, false, Unit::none, {}, Kind::timing, {"walker.reads"},
                   "All upper levels share the walk cache's entries; else each level has so many.")
    TOLLGATE_PARAM(std::uint32_t, step_cycles, 1, Unit::cycles, {0, 1000}, Kind::timing, {"hart.cycles", Moves::up},
                   "Cycles of the walker's own for each level, besides the read.")
    TOLLGATE_PARAM(WalkStart, start, WalkStart::l1d, Unit::none, {}, Kind::timing, {"l1d.walks"},
                   "Where the walker's reads enter the caches: at the L1D, or at the level below it.")
    TOLLGATE_PARAM(bool, cache_invalid, false, Unit::none, {}, Kind::visible, {"walker.invalid_fills", Moves::up},
                   "Invalid entries are cached too, and fault until an sfence.vma.")
    TOLLGATE_PARAM(bool, hardware_ad, false, Unit::none, {}, Kind::visible, {"walker.updates", Moves::up},
                   "Out of reset the walker sets A and D itself (Svadu); else a page fault asks the kernel to.")
    TOLLGATE_END;
};

/// Physical memory protection: `pmp`.
struct PmpParams {
    TOLLGATE_DESCRIBED(PmpParams);
    TOLLGATE_PARAM(std::uint32_t, entries, 16, Unit::entries, {0, 64}, Kind::visible, {"hart.instructions"},
                   "Entries implemented: 0, 16 or 64.")
    TOLLGATE_END;
};

/// All of it, as a hart has it. Groups bear the names under which parameters are found.
struct MmuParams {
    TlbParams itlb;
    TlbParams dtlb;
    L2TlbParams l2tlb;
    WalkerParams walker;
};

} // namespace tollgate::mmu
