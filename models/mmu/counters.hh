/// What the MMU counts. Hits in the L1 TLBs are accesses (the hart's) minus misses.
#pragma once
#include "base/counter.hh"

namespace tollgate::mmu {

struct TlbCounters {
    TOLLGATE_DESCRIBED(TlbCounters);
    TOLLGATE_COUNTER(misses, "accesses", "Translations not found in this L1 TLB.")
    TOLLGATE_COUNTER(evictions, "entries", "Entries that left for another one.")
    TOLLGATE_COUNTER(flushed, "entries", "Entries dropped by a fence.")
    TOLLGATE_END;
};

struct L2TlbCounters {
    TOLLGATE_DESCRIBED(L2TlbCounters);
    TOLLGATE_COUNTER(hits, "accesses", "L1 TLB misses found here.")
    TOLLGATE_COUNTER(misses, "accesses", "L1 TLB misses not found here.")
    TOLLGATE_COUNTER(evictions, "entries", "Entries that left for another one.")
    TOLLGATE_COUNTER(flushed, "entries", "Entries dropped by a fence.")
    TOLLGATE_END;
};

struct WalkerCounters {
    TOLLGATE_DESCRIBED(WalkerCounters);
    TOLLGATE_COUNTER(walks, "walks", "Page-table walks begun.")
    TOLLGATE_COUNTER(cache_hits, "walks", "Walks that began below the root thanks to the walk cache.")
    TOLLGATE_COUNTER(reads, "reads", "Page-table entries read; the sum of the levels.")
    TOLLGATE_COUNTER(reads_level0, "reads", "Entries read in tables whose entries map 4 KiB.")
    TOLLGATE_COUNTER(reads_level1, "reads", "Entries read in tables whose entries map 2 MiB.")
    TOLLGATE_COUNTER(reads_level2, "reads", "Entries read in tables whose entries map 1 GiB.")
    TOLLGATE_COUNTER(reads_level3, "reads", "Entries read in tables whose entries map 512 GiB.")
    TOLLGATE_COUNTER(reads_level4, "reads", "Entries read in tables whose entries map 256 TiB.")
    TOLLGATE_COUNTER(updates, "writes", "Entries in which the walker set A or D.")
    TOLLGATE_COUNTER(update_retries, "writes", "Updates of A or D that found the entry changed and read it again.")
    TOLLGATE_COUNTER(cycles, "cycles", "Cycles spent in walks; the L2 TLB's lookup is not among them.")
    TOLLGATE_COUNTER(invalid_fills, "entries", "Invalid results kept in the TLBs.")
    TOLLGATE_END;
};

struct FaultCounters {
    TOLLGATE_DESCRIBED(FaultCounters);
    TOLLGATE_COUNTER(fetch_page_faults, "faults", "Fetches without a valid translation.")
    TOLLGATE_COUNTER(load_page_faults, "faults", "Loads without a valid translation.")
    TOLLGATE_COUNTER(store_page_faults, "faults", "Stores and AMOs without a valid translation.")
    TOLLGATE_COUNTER(walk_access_faults, "faults", "Walks whose read or update the bus or PMP refused.")
    TOLLGATE_END;
};

/// `sfence.vma` and `sinval.vma` by form (Priv §4.2.1, §7).
struct FenceCounters {
    TOLLGATE_DESCRIBED(FenceCounters);
    TOLLGATE_COUNTER(all, "fences", "Neither address nor ASID: everything.")
    TOLLGATE_COUNTER(asid, "fences", "One address space.")
    TOLLGATE_COUNTER(address, "fences", "One address in all address spaces.")
    TOLLGATE_COUNTER(address_asid, "fences", "One address in one address space.")
    TOLLGATE_END;
};

struct MmuCounters {
    TlbCounters itlb;
    TlbCounters dtlb;
    L2TlbCounters l2tlb;
    WalkerCounters walker;
    FaultCounters faults;
    FenceCounters fences;
};

} // namespace tollgate::mmu
