#include "cache/cache_level.hh"

namespace tollgate::cache {

LevelShape shape_of(const L1iParams& p) { return {sets_of("l1i", p.size, p.ways), p.ways, p.replacement}; }

template <class Params> static LevelShape with_prefetcher(const char* cache, const Params& p) {
    return {sets_of(cache, p.size, p.ways),
            p.ways,
            p.replacement,
            p.misses,
            p.prefetch,
            p.prefetch_depth,
            p.prefetch_degree};
}
LevelShape shape_of(const L1dParams& p) { return with_prefetcher("l1d", p); }
LevelShape shape_of(const L2Params& p) { return with_prefetcher("l2", p); }
LevelShape shape_of(const LlcParams& p) { return with_prefetcher("llc", p); }

CacheLevel::CacheLevel(const LevelShape& s, const CachedMemory& memory)
    : tags_{s.sets, s.ways, s.replacement, s.seed}, registers_{s.misses}, prefetcher_{s.prefetch, s.prefetch_depth},
      degree_{s.prefetch_degree}, classifier_{s.sets * s.ways, memory.base, memory.size} {}

} // namespace tollgate::cache
