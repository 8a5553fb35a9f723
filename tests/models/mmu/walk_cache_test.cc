// How many reads a walk takes, by what the caches of upper levels hold.
#include "models/mmu/fake_memory.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

constexpr std::uint64_t size(unsigned level) { return 1ull << abi::level_shift(level); }

/// No TLB in the way: one entry, no second level.
MmuParams bare_walker(std::uint32_t entries, bool shared = false) {
    MmuParams p;
    p.itlb.entries = p.dtlb.entries = 1;
    p.l2tlb.entries = 0;
    p.walker.cache_entries = entries;
    p.walker.cache_shared = shared;
    return p;
}

TEST(WalkCache, AWalkStartsBelowTheDeepestPointerKnown) {
    for (const std::uint64_t mode : {abi::satp::sv39, abi::satp::sv48, abi::satp::sv57})
        for (const bool shared : {false, true}) {
            Bench b{bare_walker(16, shared)};
            Space s{b.memory, mode, 1, 0x100};
            const VirtAddr home{0x1000};
            s.map(home, 1, kernel_page);
            for (unsigned level = 0; level < s.levels(); ++level) s.map(home + size(level), 2, kernel_page);
            b.load(home, s.context());
            EXPECT_EQ(b.reads(), s.levels()) << "nothing known";
            EXPECT_EQ(b.mmu.counters().walker.cache_hits, 0u);
            // An address that first differs in the index of `level` shares the tables above it.
            for (unsigned level = 0; level < s.levels(); ++level) {
                b.load(home, s.context());
                b.reads();
                b.load(home + size(level), s.context());
                EXPECT_EQ(b.reads(), level + 1) << "level " << level << " of " << s.levels();
            }
        }
}

TEST(WalkCache, WithoutItEveryWalkReadsAllLevels) {
    Bench b{bare_walker(0)};
    Space s{b.memory, abi::satp::sv48, 1, 0x100};
    for (std::uint64_t i = 0; i < 10; ++i) {
        s.map(VirtAddr{i << 12}, i, kernel_page);
        b.load(VirtAddr{i << 12}, s.context());
        EXPECT_EQ(b.reads(), 4u);
    }
    EXPECT_EQ(b.mmu.counters().walker.cache_hits, 0u);
    EXPECT_EQ(b.mmu.counters().walker.reads, 40u);
}

TEST(WalkCache, HoldsItsReachAndNoMore) {
    for (const std::uint32_t entries : {1u, 2u, 8u})
        for (const std::uint32_t extra : {0u, 1u}) {
            Bench b{bare_walker(entries)};
            Space s{b.memory, abi::satp::sv39, 1, 0x100};
            const auto regions = entries + extra;
            for (std::uint64_t i = 0; i < regions; ++i) s.map(VirtAddr{i * size(1)}, i, kernel_page);
            const auto round = [&] {
                b.reads();
                // Other addresses between, or a single region would stay in the TLB.
                for (std::uint64_t i = 0; i < regions; ++i) {
                    b.mmu.dtlb().flush(std::nullopt, std::nullopt);
                    b.load(VirtAddr{i * size(1)}, s.context());
                }
                return b.reads();
            };
            round();
            // Too many regions for LRU in a circle: each finds the 1 GiB pointer only.
            EXPECT_EQ(round(), extra == 0 ? regions : 2 * regions) << entries << " entries";
        }
}

TEST(WalkCache, SharedEntriesAreFewerThanEntriesALevel) {
    for (const bool shared : {false, true}) {
        Bench b{bare_walker(2, shared)};
        Space s{b.memory, abi::satp::sv48, 1, 0x100};
        const VirtAddr a{0}, c{size(1)};
        s.map(a, 1, kernel_page);
        s.map(c, 2, kernel_page);
        for (int i = 0; i < 2; ++i)
            for (const VirtAddr va : {a, c}) {
                b.reads();
                b.load(va, s.context());
            }
        // The level-2 pointer is in use all the time: shared, it leaves room for one of the two level-1 pointers.
        EXPECT_EQ(b.reads(), shared ? 2u : 1u);
        b.mmu.reset();
        b.load(a, s.context());
        b.reads();
        s.map(VirtAddr{size(2)}, 3, kernel_page);
        b.load(VirtAddr{size(2)}, s.context());
        EXPECT_EQ(b.reads(), shared ? 4u : 3u) << "the level-3 pointer was the first to go";
    }
}

TEST(WalkCache, AddressSpacesAreApartAndGlobalPointersAreNot) {
    for (const bool global : {false, true}) {
        Bench b{bare_walker(16)};
        Space one{b.memory, abi::satp::sv39, 1, 0x100}, two{b.memory, abi::satp::sv39, 2, 0x200};
        const VirtAddr va{0x5000};
        one.map(va, 1, kernel_page);
        two.map(va, 2, kernel_page);
        if (global) b.memory.words[one.entry(va, 1)] |= pte::global;
        b.load(va, one.context());
        b.mmu.dtlb().flush(std::nullopt, std::nullopt);
        b.reads();
        const Translation t = b.load(va, two.context());
        EXPECT_EQ(b.reads(), global ? 1u : 3u);
        EXPECT_EQ(t.pa.value() >> 12, global ? 1u : 2u) << "a guest that claims what is not so gets what it claims";
    }
}

TEST(WalkCache, FencesDropPointers) {
    const VirtAddr here{0x5000}, there{size(2) + 0x5000};
    struct Form {
        const char* name;
        std::optional<VirtAddr> va;
        std::optional<Asid> asid;
        unsigned reads_here, reads_there;
    };
    const Form forms[] = {
        {"all", {}, {}, 3, 3},
        {"this asid", {}, Asid{1}, 3, 3},
        {"another asid", {}, Asid{2}, 1, 1},
        {"address", here, {}, 3, 1},
        {"address in the same 2 MiB", here + 4096, {}, 3, 1},
        {"address in the same 1 GiB", here + size(1), {}, 1, 1}, // the deeper pointer stays
        {"address and asid", there, Asid{1}, 1, 3},
        {"address and another asid", there, Asid{2}, 1, 1},
    };
    for (const Form& f : forms) {
        Bench b{bare_walker(16)};
        Space s{b.memory, abi::satp::sv39, 1, 0x100};
        for (const VirtAddr va : {here, there}) {
            s.map(va, 1, kernel_page);
            b.load(va, s.context());
        }
        b.mmu.dtlb().flush(std::nullopt, std::nullopt);
        b.mmu.sfence(f.va, f.asid);
        b.reads();
        b.load(here, s.context());
        EXPECT_EQ(b.reads(), f.reads_here) << f.name;
        b.load(there, s.context());
        EXPECT_EQ(b.reads(), f.reads_there) << f.name;
    }
}

TEST(WalkCache, ReadsAreCountedByLevel) {
    Bench b{bare_walker(16)};
    Space s{b.memory, abi::satp::sv57, 1, 0x100};
    s.map(VirtAddr{0}, 1, kernel_page);
    s.map(VirtAddr{4096}, 2, kernel_page);
    s.map(VirtAddr{size(2)}, 1 << 18, kernel_page, 2);
    b.load(VirtAddr{0}, s.context());
    b.load(VirtAddr{4096}, s.context());
    b.load(VirtAddr{size(2)}, s.context());
    const WalkerCounters& n = b.mmu.counters().walker;
    EXPECT_EQ(n.walks, 3u);
    EXPECT_EQ(n.cache_hits, 2u);
    EXPECT_EQ(n.reads_level4, 1u);
    EXPECT_EQ(n.reads_level3, 1u);
    EXPECT_EQ(n.reads_level2, 2u);
    EXPECT_EQ(n.reads_level1, 1u);
    EXPECT_EQ(n.reads_level0, 2u);
    EXPECT_EQ(n.reads, 7u);
    EXPECT_EQ(n.cycles, 7 * 11u);
}

TEST(WalkCache, PointersAreKeptAlsoWhenTheWalkFaults) {
    Bench b{bare_walker(16)};
    Space s{b.memory, abi::satp::sv39, 1, 0x100};
    s.map(VirtAddr{0}, 1, kernel_page);
    EXPECT_TRUE(b.load(VirtAddr{4096}, s.context()).fault);
    EXPECT_EQ(b.reads(), 3u);
    EXPECT_FALSE(b.load(VirtAddr{0}, s.context()).fault);
    EXPECT_EQ(b.reads(), 1u);
}

} // namespace
} // namespace tollgate::mmu::test
