// One level: what its counters say of accesses whose outcome is known.
#include "base/random.hh"
#include "cache/cache_level.hh"
#include <gtest/gtest.h>
#include <vector>

namespace tollgate::cache {
namespace {

constexpr CachedMemory memory{PhysAddr{0x8000'0000}, 1_MiB};
PhysAddr line(std::uint64_t n) { return memory.base + n * line_bytes; }
LevelShape shape() { return {4, 2, Replacement::lru, 2}; }

TEST(CacheLevel, KindsAreApart) {
    CacheLevel c{shape(), memory};
    std::uint64_t stamp = 0;
    for (std::uint64_t kind = 0; kind < 7; ++kind)
        for (std::uint64_t k = 0; k <= kind; ++k) {
            const Look l = c.look(line(kind), static_cast<AccessKind>(kind), 1_us, ++stamp);
            EXPECT_EQ(l.hit(), k != 0);
            EXPECT_EQ(l.learn, k == 0);
            if (k == 0) c.fill(line(kind), LineState::shared, 0_ns, stamp);
        }
    const CacheCounters n = c.counters();
    EXPECT_EQ(n.fetches, 1u);
    EXPECT_EQ(n.loads, 2u);
    EXPECT_EQ(n.stores, 3u);
    EXPECT_EQ(n.atomics, 4u);
    EXPECT_EQ(n.walks, 5u);
    EXPECT_EQ(n.prefetches, 6u);
    EXPECT_EQ(n.dma_accesses, 7u);
    for (const Count m : {n.fetch_misses, n.load_misses, n.store_misses, n.atomic_misses, n.walk_misses,
                          n.prefetch_misses, n.dma_misses})
        EXPECT_EQ(m, 1u);
    EXPECT_EQ(n.accesses(), 28u);
    EXPECT_EQ(n.misses(), 7u);
    EXPECT_EQ(n.compulsory, 7u);
    EXPECT_EQ(c.broken_sum(), nullptr);
}

TEST(CacheLevel, AnAccessBeforeTheLineIsThereWaitsForTheRest) {
    CacheLevel c{shape(), memory};
    EXPECT_FALSE(c.look(line(0), AccessKind::load, 10_ns, 1).hit());
    c.fill(line(0), LineState::exclusive, 100_ns, 1);
    EXPECT_EQ(c.look(line(0), AccessKind::load, 99_ns, 2).done, 100_ns);
    EXPECT_EQ(c.counters().merges, 1u);
    EXPECT_EQ(c.look(line(0), AccessKind::load, 100_ns, 3).done, 100_ns);
    EXPECT_EQ(c.look(line(0), AccessKind::load, 101_ns, 4).done, 101_ns);
    EXPECT_EQ(c.counters().merges, 1u);
}

TEST(CacheLevel, RegistersMakeMissesWait) {
    CacheLevel c{shape(), memory};
    for (const Picoseconds until : {100_ns, 150_ns}) {
        EXPECT_EQ(c.begin_miss(10_ns), 10_ns);
        c.registers().end(line(0), until);
    }
    EXPECT_EQ(c.begin_miss(20_ns), 100_ns);
    c.registers().end(line(0), 200_ns);
    EXPECT_EQ(c.counters().register_waits, 1u);
}

TEST(CacheLevel, PrefetchesTeachByTheirFirstUseAndNeverWait) {
    LevelShape s = shape();
    s.prefetch = Prefetch::next_line;
    s.prefetch_depth = 4;
    s.prefetch_degree = 3;
    CacheLevel c{s, memory};
    std::vector<PhysAddr> asked;
    Picoseconds there = 500_ns;
    const auto fetch = [&](PhysAddr l) {
        asked.push_back(l);
        c.fill(l, LineState::shared, there, 1, true);
        return there;
    };
    ASSERT_TRUE(c.look(line(0), AccessKind::load, 0_ns, 1).learn);
    c.fill(line(0), LineState::shared, 0_ns, 1);
    c.prefetch_after(line(0), 0_ns, 1, fetch);
    EXPECT_EQ(asked, (std::vector{line(1), line(2)})) << "two registers";
    EXPECT_EQ(c.counters().prefetches_dropped, 1u);
    Look l = c.look(line(1), AccessKind::load, 400_ns, 2);
    EXPECT_TRUE(l.hit() && l.learn);
    EXPECT_EQ(l.done, 500_ns);
    EXPECT_FALSE(c.look(line(1), AccessKind::load, 600_ns, 3).learn) << "only the first use";
    EXPECT_EQ(c.counters().prefetches_late, 1u);
    l = c.look(line(2), AccessKind::load, 600_ns, 4);
    EXPECT_TRUE(l.learn);
    EXPECT_EQ(c.counters().prefetches_used, 2u);
    EXPECT_EQ(c.counters().prefetches_late, 1u);
    asked.clear();
    there = 900_ns;
    c.prefetch_after(line(2), 600_ns, 4, fetch);
    EXPECT_EQ(asked, (std::vector{line(3), line(4)})) << "what is here is not asked for";
    EXPECT_EQ(c.counters().prefetches_issued, 4u);
    EXPECT_EQ(c.broken_sum(), nullptr);

    s.misses = 8;
    CacheLevel d{s, memory};
    asked.clear();
    d.prefetch_after(line(0), 0_ns, 1, [&](PhysAddr p) {
        asked.push_back(p);
        return 0_ns;
    });
    EXPECT_EQ(asked.size(), 3u) << "the degree";
}

TEST(CacheLevel, EveryLineThatLeavesIsCountedOnce) {
    CacheLevel c{{2, 2, Replacement::lru, 4}, memory};
    Random random{1};
    std::uint64_t stamp = 0;
    for (int k = 0; k < 20'000; ++k) {
        const PhysAddr l = line(random.below(12));
        const Look look = c.look(l, static_cast<AccessKind>(random.below(7)), 0_ns, ++stamp);
        if (!look.hit())
            c.fill(l, LineState::exclusive, 0_ns, stamp);
        else if (random.below(4) == 0)
            c.drop(look.index, static_cast<CacheLevel::Loss>(random.below(3)));
        else if (random.below(4) == 0)
            c.demote(look.index);
        ASSERT_EQ(c.broken_sum(), nullptr);
    }
    const CacheCounters n = c.counters();
    for (const Count some : {n.evictions, n.snooped_away, n.back_invalidations, n.flushed, n.snooped_down, n.coherence})
        EXPECT_GT(some, 100u);
    EXPECT_EQ(n.compulsory, 12u);
    EXPECT_EQ(n.fills, n.misses());
}

/// Whether a line was used since the shadow last looked is seen also where it came without a miss, to another way.
TEST(CacheLevel, TheShadowSeesALineThatCameWithoutAMiss) {
    CacheLevel c{{1, 2, Replacement::lru, 2}, memory};
    const auto miss = [&](std::uint64_t n, std::uint32_t way, std::uint64_t stamp) {
        ASSERT_FALSE(c.look(line(n), AccessKind::load, 1_us, stamp).hit());
        c.fill_at(way, line(n), LineState::shared, 0_ns, stamp, false);
    };
    miss(0, 0, 1);
    miss(1, 1, 2);
    for (const std::uint32_t way : {0u, 1u}) c.drop(way, CacheLevel::Loss::flush);
    c.fill_at(1, line(0), LineState::shared, 0_ns, 3, false);
    ASSERT_TRUE(c.look(line(0), AccessKind::load, 1_us, 4).hit());
    miss(2, 0, 5); // of lines 0, 1 and 2 the shadow forgets 1
    miss(1, 0, 6);
    EXPECT_EQ(c.counters().capacity, 1u);
    EXPECT_EQ(c.counters().conflict, 0u);
    EXPECT_EQ(c.broken_sum(), nullptr);
}

TEST(CacheLevel, ABrokenSumIsNamed) {
    CacheCounters c;
    EXPECT_EQ(broken_sum(c, 0), nullptr);
    c.load_misses = 1;
    EXPECT_STREQ(broken_sum(c, 0), "misses of each kind are at most its accesses");
    c.loads = 1;
    EXPECT_STREQ(broken_sum(c, 0), "compulsory + capacity + conflict + coherence = misses");
    c.conflict = 1;
    EXPECT_EQ(broken_sum(c, 0), nullptr);
    EXPECT_STREQ(broken_sum(c, 1), "fills = lines held + evictions + snooped_away + back_invalidations + flushed");
    c.fills = 1;
    EXPECT_EQ(broken_sum(c, 1), nullptr);
    c.prefetches_used = 1;
    EXPECT_STREQ(broken_sum(c, 1), "prefetches_used <= prefetches_issued");
    c.prefetches_issued = 1;
    c.prefetches_late = 2;
    EXPECT_STREQ(broken_sum(c, 1), "prefetches_late <= prefetches_used");
}

} // namespace
} // namespace tollgate::cache
