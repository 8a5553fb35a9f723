/// What a cache counts, and the sums that must come out.
#pragma once
#include "base/access_kind.hh"
#include "base/counter.hh"
#include "cache/miss_classifier.hh"
#include <array>

namespace tollgate::cache {

/// One cache of any level. Hits are accesses minus misses, kind by kind. An access that finds the line without the
/// right to write it is a hit and an upgrade.
struct CacheCounters {
    TOLLGATE_DESCRIBED(CacheCounters);
    TOLLGATE_COUNTER(fetches, "accesses", "Instruction fetches.")
    TOLLGATE_COUNTER(loads, "accesses", "Loads.")
    TOLLGATE_COUNTER(stores, "accesses", "Stores.")
    TOLLGATE_COUNTER(atomics, "accesses", "LR, SC and AMO.")
    TOLLGATE_COUNTER(walks, "accesses", "Reads and updates of page-table entries.")
    TOLLGATE_COUNTER(prefetches, "accesses", "Asked for ahead of use by a cache above.")
    TOLLGATE_COUNTER(dma_accesses, "accesses", "Reads and writes of devices.")
    TOLLGATE_COUNTER(fetch_misses, "accesses", "Fetches that did not find their line.")
    TOLLGATE_COUNTER(load_misses, "accesses", "Loads that did not find their line.")
    TOLLGATE_COUNTER(store_misses, "accesses", "Stores that did not find their line.")
    TOLLGATE_COUNTER(atomic_misses, "accesses", "LR, SC and AMO that did not find their line.")
    TOLLGATE_COUNTER(walk_misses, "accesses", "Page-table accesses that did not find their line.")
    TOLLGATE_COUNTER(prefetch_misses, "accesses", "Prefetches from above that did not find their line.")
    TOLLGATE_COUNTER(dma_misses, "accesses", "Device accesses that did not find their line.")
    TOLLGATE_COUNTER(compulsory, "accesses", "Misses of lines that were never here.")
    TOLLGATE_COUNTER(capacity, "accesses", "Misses that a fully associative cache of this size would have as well.")
    TOLLGATE_COUNTER(conflict, "accesses", "Misses that a fully associative cache of this size would not have.")
    TOLLGATE_COUNTER(coherence, "accesses", "Misses of lines that another's access took away.")
    TOLLGATE_COUNTER(upgrades, "accesses", "Lines found without the right to write them.")
    TOLLGATE_COUNTER(merges, "accesses", "Hits on a line under way, a late prefetch among them.")
    TOLLGATE_COUNTER(register_waits, "accesses", "Misses that waited for a free miss register.")
    TOLLGATE_COUNTER(fills, "lines", "Lines that came in.")
    TOLLGATE_COUNTER(evictions, "lines", "Lines that left for another one.")
    TOLLGATE_COUNTER(write_backs, "lines", "Lines with data of their own that were handed down.")
    TOLLGATE_COUNTER(snooped_away, "lines", "Lines that another's access took away.")
    TOLLGATE_COUNTER(snooped_down, "lines", "Lines of which another's access took the right to write.")
    TOLLGATE_COUNTER(back_invalidations, "lines", "Lines that left because the level below lost them.")
    TOLLGATE_COUNTER(flushed, "lines", "Lines that left by a cache-block operation or a fence.")
    TOLLGATE_COUNTER(prefetches_issued, "lines", "Lines that this cache fetched ahead.")
    TOLLGATE_COUNTER(prefetches_used, "lines", "Lines fetched ahead that were then used.")
    TOLLGATE_COUNTER(prefetches_late, "lines", "Those among the used that were still under way.")
    TOLLGATE_COUNTER(prefetches_dropped, "lines", "Not fetched ahead because no miss register was free.")
    TOLLGATE_END;

    void access(AccessKind k) { ++(this->*access_members[static_cast<std::size_t>(k)]); }
    void miss(AccessKind k) { ++(this->*miss_members[static_cast<std::size_t>(k)]); }
    void miss(MissClass c) { ++(this->*class_members[static_cast<std::size_t>(c)]); }
    Count accesses() const { return sum(access_members); }
    Count misses() const { return sum(miss_members); }

  private:
    using Member = Count CacheCounters::*;
    static const std::array<Member, 7> access_members, miss_members; ///< by AccessKind
    static const std::array<Member, 4> class_members;                ///< by MissClass
    template <std::size_t n> Count sum(const std::array<Member, n>& members) const {
        Count r = 0;
        for (const Member m : members) r += this->*m;
        return r;
    }
};
inline constexpr std::array<Count CacheCounters::*, 7> CacheCounters::access_members{
    &CacheCounters::fetches, &CacheCounters::loads,      &CacheCounters::stores,      &CacheCounters::atomics,
    &CacheCounters::walks,   &CacheCounters::prefetches, &CacheCounters::dma_accesses};
inline constexpr std::array<Count CacheCounters::*, 7> CacheCounters::miss_members{
    &CacheCounters::fetch_misses,  &CacheCounters::load_misses, &CacheCounters::store_misses,
    &CacheCounters::atomic_misses, &CacheCounters::walk_misses, &CacheCounters::prefetch_misses,
    &CacheCounters::dma_misses};
inline constexpr std::array<Count CacheCounters::*, 4> CacheCounters::class_members{
    &CacheCounters::compulsory, &CacheCounters::capacity, &CacheCounters::conflict, &CacheCounters::coherence};

/// What they come to.
struct CacheTotals {
    TOLLGATE_DESCRIBED(CacheTotals);
    TOLLGATE_COUNTER(accesses, "accesses", "Of all kinds.")
    TOLLGATE_COUNTER(misses, "accesses", "Those of all kinds that did not find their line.")
    TOLLGATE_END;
};
inline CacheTotals totals(const CacheCounters& c) { return {c.accesses(), c.misses()}; }

/// The first sum that does not come out, as text; null if all do. `lines`: what the cache holds now, having been empty
/// when the counters were 0.
const char* broken_sum(const CacheCounters& c, Count lines);

} // namespace tollgate::cache
