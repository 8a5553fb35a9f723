#include "cache/cache_counters.hh"

namespace tollgate::cache {

const char* broken_sum(const CacheCounters& c, Count lines) {
    if (c.fetch_misses > c.fetches || c.load_misses > c.loads || c.store_misses > c.stores
        || c.atomic_misses > c.atomics || c.walk_misses > c.walks || c.prefetch_misses > c.prefetches
        || c.dma_misses > c.dma_accesses)
        return "misses of each kind are at most its accesses";
    if (c.compulsory + c.capacity + c.conflict + c.coherence != c.misses())
        return "compulsory + capacity + conflict + coherence = misses";
    if (c.fills != lines + c.evictions + c.snooped_away + c.back_invalidations + c.flushed)
        return "fills = lines held + evictions + snooped_away + back_invalidations + flushed";
    if (c.prefetches_used > c.prefetches_issued) return "prefetches_used <= prefetches_issued";
    if (c.prefetches_late > c.prefetches_used) return "prefetches_late <= prefetches_used";
    return nullptr;
}

} // namespace tollgate::cache
