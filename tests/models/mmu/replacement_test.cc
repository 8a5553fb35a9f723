// Victims derived from stamps against the textbook: a list for LRU, a tree of bits for pseudo-LRU.
#include "base/random.hh"
#include "models/mmu/fake_memory.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <list>
#include <numeric>

namespace tollgate::mmu::test {
namespace {

/// The bits of a pseudo-LRU tree over [lo, hi), each pointing at the half to evict from next.
class BitTree {
  public:
    explicit BitTree(std::uint32_t ways) : ways_{ways}, right_(4 * ways, false) {}
    void touch(std::uint32_t way) {
        walk([&](std::size_t node, std::uint32_t mid) { return right_[node] = way < mid, way >= mid; });
    }
    std::uint32_t victim() const {
        return walk([&](std::size_t node, std::uint32_t) { return bool{right_[node]}; });
    }

  private:
    template <class F> std::uint32_t walk(F&& goes_right) const {
        std::uint32_t lo = 0, hi = ways_;
        for (std::size_t node = 1; hi - lo > 1;) {
            const std::uint32_t mid = lo + (hi - lo + 1) / 2;
            const bool right = goes_right(node, mid);
            (right ? lo : hi) = mid;
            node = 2 * node + (right ? 1 : 0);
        }
        return lo;
    }
    std::uint32_t ways_;
    mutable std::vector<bool> right_; // [node], the root is 1
};

TEST(Replacement, TreePlruFromStampsIsTheTreeOfBits) {
    for (const std::uint32_t ways : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 12u, 16u, 32u, 40u, 64u}) {
        BitTree bits{ways};
        std::vector<std::uint64_t> stamps(ways, 0);
        Random random{ways};
        for (std::uint64_t now = 1; now < 5000; ++now) {
            const auto expected = bits.victim();
            ASSERT_EQ(tree_plru_victim(ways, [&](std::uint32_t w) { return stamps[w]; }), expected)
                << ways << " ways after " << now - 1 << " uses";
            const auto used = random.below(3) == 0 ? expected : static_cast<std::uint32_t>(random.below(ways));
            bits.touch(used);
            stamps[used] = now;
        }
    }
}

TEST(Replacement, LeastRecentIsTheSmallestStampAndTheLowestOfEquals) {
    Random random{1};
    for (int round = 0; round < 5000; ++round) {
        std::vector<std::uint64_t> stamps(1 + random.below(70));
        const std::uint64_t range = 1 + random.below(100);
        for (auto& s : stamps) s = random.below(range);
        const auto expected = std::min_element(stamps.begin(), stamps.end()) - stamps.begin();
        ASSERT_EQ(least_recent(static_cast<std::uint32_t>(stamps.size()), [&](std::uint32_t w) { return stamps[w]; }),
                  expected);
    }
}

/// An L1 TLB's evictions under random use against a list per set in order of use. `hits` that the hart serves itself
/// only write the stamp.
void compare_with_list(std::uint32_t entries, std::uint32_t ways, std::uint64_t pages, bool with_drops) {
    TlbCounters counters;
    TlbParams params;
    params.entries = entries;
    params.ways = ways;
    Tlb tlb{params, Access::load, counters};
    const std::uint32_t sets = ways == 0 ? 1 : entries / ways;
    std::vector<std::list<std::uint64_t>> order(sets); // pages of a set, the oldest in front
    Random random{entries * 100 + ways};
    std::uint64_t evictions = 0;
    for (std::uint64_t now = 1; now < 20000; ++now) {
        const std::uint64_t page = random.below(pages);
        const VirtAddr va{page << 12};
        auto& list = order[page % sets];
        const auto known = std::find(list.begin(), list.end(), page);
        TlbEntry* e = tlb.find(va, 1, 3);
        ASSERT_EQ(e != nullptr, known != list.end()) << "page " << page << " at " << now;
        if (e != nullptr && with_drops && random.below(20) == 0) {
            tlb.drop(*e);
            list.erase(known);
            continue;
        }
        if (e != nullptr) {
            list.erase(known);
            e->stamp = now;
        } else {
            if (list.size() == entries / sets) {
                list.pop_front();
                ++evictions;
            }
            tlb.fill(key::make(va, 0, 1), pte::make(page, kernel_page), va, now);
        }
        list.push_back(page);
        ASSERT_EQ(counters.evictions, evictions);
        ASSERT_EQ(tlb.live(), std::accumulate(order.begin(), order.end(), std::size_t{0},
                                              [](std::size_t n, const auto& l) { return n + l.size(); }));
    }
    EXPECT_GT(evictions, 100u);
}

TEST(Replacement, LruIsExactInEveryShape) {
    for (const bool drops : {false, true}) {
        for (const std::uint32_t entries : {1u, 2u, 7u, 8u, 15u, 16u, 17u, 32u, 33u, 40u, 64u, 96u, 200u})
            compare_with_list(entries, 0, entries + 1 + entries / 3, drops);
        compare_with_list(32, 1, 100, drops);
        compare_with_list(64, 4, 100, drops);
        compare_with_list(48, 12, 100, drops);
        compare_with_list(128, 64, 200, drops);
    }
}

TEST(Replacement, LruSurvivesAResetOfTheStamps) {
    TlbCounters counters;
    TlbParams params;
    params.entries = 32;
    Tlb tlb{params, Access::load, counters};
    for (const std::uint64_t start : {1000u, 0u}) {
        tlb.reset();
        EXPECT_EQ(tlb.live(), 0u);
        for (std::uint64_t i = 0; i < 100; ++i) {
            const VirtAddr va{i << 12};
            ASSERT_EQ(tlb.find(va, 1, 3), nullptr);
            tlb.fill(key::make(va, 0, 1), pte::make(i, kernel_page), va, start + i);
            const auto here = [&](std::uint64_t n) { return tlb.find(VirtAddr{n << 12}, 1, 3) != nullptr; };
            ASSERT_TRUE(i < 32 || !here(i - 32));
            ASSERT_TRUE(i < 31 || here(i - 31));
        }
    }
}

TEST(Replacement, AFullTlbKeepsExactlyItsReach) {
    for (const Replacement policy : {Replacement::lru, Replacement::tree_plru}) {
        MmuParams p;
        p.dtlb.replacement = policy;
        p.dtlb.entries = 64;
        Bench b{p};
        Space s{b.memory, abi::satp::sv39, 1, 0x100};
        for (std::uint64_t i = 0; i < 65; ++i) s.map(VirtAddr{i << 12}, i, kernel_page);
        for (int round = 0; round < 3; ++round)
            for (std::uint64_t i = 0; i < 64; ++i) b.load(VirtAddr{i << 12}, s.context());
        EXPECT_EQ(b.mmu.counters().dtlb.misses, 64u) << "64 pages fit";
        EXPECT_EQ(b.mmu.counters().dtlb.evictions, 0u);
        b.load(VirtAddr{64 << 12}, s.context());
        EXPECT_EQ(b.mmu.counters().dtlb.evictions, 1u);
        EXPECT_EQ(b.mmu.dtlb().live(), 64u);
    }
}

TEST(Replacement, ImpossibleShapesAreRefused) {
    TlbCounters counters;
    for (const auto& [entries, ways] : {std::pair{48u, 4u}, {64u, 65u}, {64u, 5u}, {10u, 4u}}) {
        TlbParams params;
        params.entries = entries;
        params.ways = ways;
        EXPECT_THROW((Tlb{params, Access::load, counters}), std::invalid_argument) << entries << " " << ways;
    }
}

} // namespace
} // namespace tollgate::mmu::test
