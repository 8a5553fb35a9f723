// Which translations the TLBs keep, find, share and drop.
#include "models/mmu/fake_memory.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

using abi::satp::sv39;
constexpr VirtAddr page{0x3'4567'8000};

struct Dropped : EntryListener {
    struct Event {
        VirtAddr base;
        Access tlb;
        std::uint32_t generation;
        bool valid;
    };
    std::vector<Event> events;
    void dropped(TlbEntry& e, Access tlb) override { events.push_back({e.base, tlb, e.generation, e.valid}); }
};

TEST(Tlb, InstructionsAndDataHaveTheirOwnAndShareTheSecond) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    b.load(page, s.context());
    EXPECT_EQ(b.reads(), 3u);
    const Translation t = b.fetch(page, s.context());
    EXPECT_EQ(b.reads(), 0u);
    EXPECT_EQ(t.cost.total(), L2TlbParams{}.latency);
    EXPECT_EQ(t.cost.l2_tlb, L2TlbParams{}.latency);
    EXPECT_EQ(b.store(page, s.context()).cost.total(), 0u) << "stores use the data TLB";
    const MmuCounters& n = b.mmu.counters();
    EXPECT_EQ(n.dtlb.misses, 1u);
    EXPECT_EQ(n.itlb.misses, 1u);
    EXPECT_EQ(n.l2tlb.misses, 1u);
    EXPECT_EQ(n.l2tlb.hits, 1u);
    EXPECT_EQ(n.walker.walks, 1u);
    EXPECT_NE(b.mmu.itlb().find(page, 1, 3), b.mmu.dtlb().find(page, 1, 3));
}

TEST(Tlb, SecondLevelHoldsItsReachAndNoMore) {
    for (const std::uint32_t ways : {1u, 4u, 8u, 0u}) {
        MmuParams p;
        p.dtlb.entries = 2;
        p.l2tlb.entries = 32;
        p.l2tlb.ways = ways;
        Bench b{p};
        Space s{b.memory, sv39, 1, 0x100};
        for (std::uint64_t i = 0; i < 33; ++i) s.map(VirtAddr{i << 12}, i, kernel_page);
        for (int round = 0; round < 4; ++round)
            for (std::uint64_t i = 0; i < 32; ++i) b.load(VirtAddr{i << 12}, s.context());
        EXPECT_EQ(b.mmu.counters().walker.walks, 32u) << ways;
        EXPECT_EQ(b.mmu.counters().l2tlb.hits, 3 * 32u);
        EXPECT_EQ(b.mmu.counters().l2tlb.evictions, 0u);
        b.load(VirtAddr{32 << 12}, s.context()); // shares page 0's set
        EXPECT_EQ(b.mmu.counters().l2tlb.evictions, 1u);
        b.load(VirtAddr{31 << 12}, s.context());
        EXPECT_EQ(b.mmu.counters().walker.walks, 33u);
        b.load(VirtAddr{0}, s.context());
        EXPECT_EQ(b.mmu.counters().walker.walks, 34u) << "page 0 was the oldest of its set";
    }
}

TEST(Tlb, AddressSpacesAreApartAndGlobalPagesAreNot) {
    Bench b;
    Space one{b.memory, sv39, 1, 0x100}, two{b.memory, sv39, 2, 0x200};
    const VirtAddr shared = page + 4096;
    one.map(page, 0x11, kernel_page);
    two.map(page, 0x22, kernel_page);
    one.map(shared, 0x33, kernel_page | pte::global);
    EXPECT_EQ(b.load(page, one.context()).pa, PhysAddr{0x11000});
    EXPECT_EQ(b.load(page, two.context()).pa, PhysAddr{0x22000});
    EXPECT_EQ(b.load(page, one.context()).pa, PhysAddr{0x11000});
    EXPECT_EQ(b.mmu.counters().walker.walks, 2u);
    EXPECT_EQ(b.load(shared, one.context()).pa, PhysAddr{0x33000});
    b.reads();
    const Translation t = b.load(shared, two.context()); // not mapped there: only the TLB can know it
    EXPECT_EQ(t.pa, PhysAddr{0x33000});
    EXPECT_EQ(t.entry->pte_bits & pte::global, pte::global);
    EXPECT_EQ(b.reads(), 0u);
}

TEST(Tlb, AsidsDifferInEachOfTheirSixteenBits) {
    Bench b;
    for (unsigned bit = 0; bit < 16; ++bit) {
        Space s{b.memory, sv39, static_cast<Asid>(1u << bit), 0x1000 + 0x10 * bit};
        s.map(page, bit, kernel_page);
        b.load(page, s.context());
    }
    for (unsigned bit = 0; bit < 16; ++bit) {
        Context c;
        c.satp = abi::satp::make(sv39, static_cast<Asid>(1u << bit), 0);
        c.privilege = Privilege::supervisor;
        EXPECT_EQ(b.load(page, c).pa.value() >> 12, bit);
    }
    EXPECT_EQ(b.mmu.counters().walker.walks, 16u);
}

TEST(Tlb, GlobalAtAnyLevelMakesTheLeafGlobal) {
    for (unsigned level = 0; level < 3; ++level) {
        Bench b;
        Space s{b.memory, sv39, 1, 0x100};
        s.map(page, 7, kernel_page);
        s.map(page + 4096, 8, kernel_page);
        b.memory.words[s.entry(page, level)] |= pte::global;
        EXPECT_EQ(b.load(page, s.context()).pte_bits & pte::global, pte::global);
        EXPECT_EQ(b.mmu.translate_untimed(page, Access::load, s.context()).pte_bits & pte::global, pte::global);
        EXPECT_EQ((b.load(page + 4096, s.context()).pte_bits & pte::global) != 0, level > 0)
            << "also when the walk begins at a global pointer that is cached";
        Context other = s.context();
        other.satp = abi::satp::make(sv39, 2, 0x999);
        EXPECT_FALSE(b.load(page, other).fault) << "found for another ASID, level " << level;
        b.mmu.sfence(std::nullopt, Asid{1});
        EXPECT_FALSE(b.load(page, other).fault) << "and not touched by a fence of one ASID";
    }
}

TEST(Tlb, AFenceOfOneAsidLeavesGlobalPagesOfEverySize) {
    Bench b;
    Space s{b.memory, abi::satp::sv57, 9, 0x100};
    for (unsigned level = 0; level < 5; ++level) {
        const std::uint64_t pages = 1ull << 9 * level;
        s.map(VirtAddr{(level + 1ull) << 48}, 8 * pages & pte::ppn_mask, kernel_page | pte::global, level);
        b.load(VirtAddr{(level + 1ull) << 48}, s.context());
    }
    for (Asid asid = 0; asid < 10; ++asid) b.mmu.sfence(std::nullopt, asid);
    EXPECT_EQ(b.mmu.dtlb().live(), 5u);
    EXPECT_EQ(b.mmu.counters().l2tlb.flushed, 0u);
}

TEST(Tlb, PagesLargerThanAModesLargestAreNotFoundInIt) {
    Bench b;
    Space wide{b.memory, abi::satp::sv48, 1, 0x100}, narrow{b.memory, sv39, 1, 0x200};
    wide.map(VirtAddr{0}, 0, kernel_page, 3);
    narrow.map(page, 0x77, kernel_page);
    EXPECT_EQ(b.load(page, wide.context()).pa.value(), page.value());
    EXPECT_EQ(b.load(page, narrow.context()).pa, PhysAddr{0x77000});
}

TEST(Tlb, KeysAreFoundWhereTheyArePutAndOthersAreNot) {
    // So many keys that thousands of wrong ones agree with a right one in their tag.
    for (const std::uint32_t ways : {0u, 1u, 2u, 3u, 8u, 12u, 64u, 100u, 256u}) {
        const std::uint32_t entries = ways == 0 ? 4096 : 16 * ways;
        KeyArray keys{entries, ways};
        for (std::uint64_t i = 0; i < entries; ++i) {
            const std::uint64_t k = key::make(VirtAddr{i << 12}, 0, 1);
            ASSERT_EQ(keys.find(k), -1);
            const int at = keys.free_in_set(k);
            ASSERT_GE(at, 0);
            keys.put(static_cast<std::uint32_t>(at), k);
            ASSERT_EQ(keys.find(k), at);
        }
        EXPECT_EQ(keys.live(), entries);
        for (std::uint64_t i = 0; i < entries; ++i) {
            const int at = keys.find(key::make(VirtAddr{i << 12}, 0, 1));
            ASSERT_GE(at, 0);
            ASSERT_EQ(keys.key_at(static_cast<std::uint32_t>(at)), key::make(VirtAddr{i << 12}, 0, 1));
            ASSERT_EQ(keys.find(key::make(VirtAddr{i << 12}, 0, 2)), -1);
            ASSERT_EQ(keys.find(key::make(VirtAddr{(entries + i) << 12}, 0, 1)), -1);
            ASSERT_EQ(keys.find(key::make_global(VirtAddr{i << 12}, 0)), -1);
            ASSERT_EQ(keys.free_in_set(key::make(VirtAddr{i << 12}, 0, 1)), -1) << "the set is full";
        }
        for (std::uint32_t i = 0; i < entries; ++i) keys.drop(i);
        EXPECT_EQ(keys.live(), 0u);
        EXPECT_EQ(keys.find(VirtAddr{0}, 1, 3), -1);
    }
}

TEST(Tlb, AllPageSizesLieSideBySide) {
    Bench b;
    Space s{b.memory, abi::satp::sv57, 1, 0x100};
    for (unsigned level = 0; level < 5; ++level) {
        const std::uint64_t pages = 1ull << 9 * level;
        s.map(VirtAddr{(level + 1ull) << 48}, 8 * pages & pte::ppn_mask, kernel_page, level);
    }
    for (int round = 0; round < 2; ++round)
        for (unsigned level = 0; level < 5; ++level) {
            const std::uint64_t last = (1ull << abi::level_shift(level)) - 1;
            const Translation t = b.load(VirtAddr{(level + 1ull) << 48} + last, s.context());
            EXPECT_EQ(t.pa.value() & last, last);
            EXPECT_EQ(t.level, level);
        }
    EXPECT_EQ(b.mmu.counters().walker.walks, 5u);
}

TEST(Tlb, AStaleEntryIsUsedUntilTheFence) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 0x11, pte::valid | pte::read | pte::accessed);
    b.load(page, s.context());
    b.reads();
    s.map(page, 0x22, kernel_page);
    EXPECT_EQ(b.load(page, s.context()).pa, PhysAddr{0x11000});
    EXPECT_TRUE(b.store(page, s.context()).fault) << "no walk although memory would allow it by now";
    EXPECT_TRUE(b.fetch(page, s.context()).fault) << "nor one from the second level";
    EXPECT_EQ(b.reads(), 0u);
    b.mmu.sfence(page, std::nullopt);
    EXPECT_EQ(b.store(page, s.context()).pa, PhysAddr{0x22000});
}

TEST(Tlb, InvalidEntriesAreNotCachedByDefault) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    EXPECT_TRUE(b.load(page, s.context()).fault);
    EXPECT_EQ(b.mmu.dtlb().live(), 0u);
    s.map(page, 1, kernel_page);
    EXPECT_FALSE(b.load(page, s.context()).fault) << "new mappings need no fence";
    EXPECT_EQ(b.mmu.counters().walker.invalid_fills, 0u);
}

TEST(Tlb, InvalidEntriesAreCachedOnDemandUntilTheFence) {
    for (unsigned level = 0; level < 3; ++level) {
        MmuParams p;
        p.walker.cache_invalid = true;
        Bench b{p};
        Space s{b.memory, sv39, 1, 0x100};
        s.entry(page, level); // tables down to here, and an entry that is zero
        EXPECT_TRUE(b.load(page, s.context()).fault);
        EXPECT_EQ(b.reads(), 3u - level);
        EXPECT_EQ(b.mmu.counters().walker.invalid_fills, 1u);
        s.map(page, 1, kernel_page);
        for (const Access a : {Access::load, Access::store, Access::fetch}) {
            const Translation t = b.go(page, a, s.context());
            EXPECT_TRUE(t.fault) << "remembered";
            EXPECT_EQ(t.cause, page_fault(a));
        }
        EXPECT_EQ(b.reads(), 0u);
        EXPECT_EQ(b.mmu.counters().faults.load_page_faults, 2u);
        b.mmu.sfence(page, Asid{1});
        EXPECT_FALSE(b.load(page, s.context()).fault);
        // A page that is valid but does not allow this access is no invalid entry.
        s.map(page + 4096, 1, pte::valid | pte::read | pte::accessed);
        EXPECT_TRUE(b.store(page + 4096, s.context()).fault);
        EXPECT_FALSE(b.load(page + 4096, s.context()).fault);
        EXPECT_EQ(b.mmu.counters().walker.invalid_fills, 1u);
    }
}

TEST(Tlb, ListenersHearOfEveryEndBeforeItHappens) {
    MmuParams p;
    p.dtlb.entries = 1;
    p.itlb.entries = 1;
    Bench b{p};
    Dropped heard;
    b.mmu.set_listener(&heard);
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    s.map(page + 4096, 2, kernel_page);
    const TlbEntry* const e = b.load(page, s.context()).entry;
    const std::uint32_t first = e->generation;
    EXPECT_TRUE(heard.events.empty()) << "an empty slot had no meaning to lose";
    b.fetch(page, s.context());
    EXPECT_TRUE(heard.events.empty());
    b.load(page + 4096, s.context()); // replaced
    ASSERT_EQ(heard.events.size(), 1u);
    EXPECT_EQ(heard.events[0].base, page);
    EXPECT_EQ(heard.events[0].tlb, Access::load);
    EXPECT_EQ(heard.events[0].generation, first);
    EXPECT_TRUE(heard.events[0].valid);
    EXPECT_EQ(e->base, page + 4096);
    EXPECT_GT(e->generation, first);
    const std::uint32_t second = e->generation;
    b.mmu.sfence(std::nullopt, std::nullopt); // both dropped
    ASSERT_EQ(heard.events.size(), 3u);
    EXPECT_EQ(heard.events[1].tlb, Access::fetch);
    EXPECT_EQ(heard.events[2].tlb, Access::load);
    EXPECT_EQ(heard.events[2].generation, second);
    EXPECT_FALSE(e->valid);
    EXPECT_GT(e->generation, second);
    b.mmu.sfence(std::nullopt, std::nullopt);
    EXPECT_EQ(heard.events.size(), 3u) << "there was nothing left";
    b.load(page, s.context());
    b.mmu.reset();
    EXPECT_EQ(heard.events.size(), 4u);
}

TEST(Tlb, ARefillClearsTheHartsOwnFields) {
    MmuParams p;
    p.dtlb.entries = 1;
    Bench b{p};
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    s.map(page + 4096, 2, kernel_page);
    TlbEntry* const e = b.load(page, s.context()).entry;
    std::byte host{};
    e->host = &host;
    e->lines = 5;
    EXPECT_EQ(b.load(page, s.context()).entry->host, &host) << "a hit leaves them";
    EXPECT_EQ(b.load(page + 4096, s.context()).entry, e);
    EXPECT_EQ(e->host, nullptr);
    EXPECT_EQ(e->lines, 0u);
    EXPECT_EQ(e->stamp, b.stamp);
}

TEST(Tlb, MemoryTypeComesFromTheLeafThroughBothLevels) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page | 2ull << pte::pbmt_shift);
    Context c = s.context();
    c.pbmte = true;
    EXPECT_EQ(b.load(page, c).pbmt, 2) << "from the walk";
    EXPECT_EQ(b.load(page, c).pbmt, 2) << "from the L1 TLB";
    const Translation t = b.fetch(page, c);
    EXPECT_EQ(t.pbmt, 2) << "from the L2 TLB";
    EXPECT_EQ(t.entry->pbmt, 2);
}

} // namespace
} // namespace tollgate::mmu::test
