// A and D, by trap and by the walker (Priv §4.3.1, Svadu).
#include "models/mmu/fake_memory.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

using abi::satp::sv39;
constexpr VirtAddr page{0x3'4567'8000};
constexpr std::uint64_t clean = pte::valid | rwx;

struct Case {
    std::uint64_t before;
    Access access;
    std::uint64_t after; // with hardware updates; equal to before: none is needed
};
constexpr Case cases[] = {
    {clean, Access::load, clean | pte::accessed},
    {clean, Access::fetch, clean | pte::accessed},
    {clean, Access::store, clean | ad},
    {clean | pte::accessed, Access::load, clean | pte::accessed},
    {clean | pte::accessed, Access::fetch, clean | pte::accessed},
    {clean | pte::accessed, Access::store, clean | ad},
    {clean | pte::dirty, Access::load, clean | ad},
    {clean | ad, Access::store, clean | ad},
};

TEST(AccessedDirty, ByTrapAPageFaultAndNothingWritten) {
    for (const Case& k : cases) {
        Bench b;
        Space s{b.memory, sv39, 1, 0x100};
        s.map(page, 1, k.before);
        const Translation t = b.go(page, k.access, s.context());
        EXPECT_EQ(t.fault, k.before != k.after);
        EXPECT_TRUE(!t.fault || t.cause == page_fault(k.access));
        EXPECT_EQ(b.mmu.translate_untimed(page, k.access, s.context()).fault, t.fault);
        EXPECT_EQ(b.memory.words[s.entry(page, 0)] & pte::flags, k.before);
        EXPECT_EQ(b.memory.updates, 0);
    }
}

TEST(AccessedDirty, ByHardwareTheWalkerWritesOnce) {
    for (const Case& k : cases)
        for (const bool timed : {false, true}) {
            Bench b;
            Space s{b.memory, sv39, 1, 0x100};
            s.map(page, 1, k.before);
            Context c = s.context();
            c.hardware_ad = true;
            const auto go = [&] {
                return timed ? b.go(page, k.access, c) : b.mmu.translate_untimed(page, k.access, c);
            };
            const Translation t = go();
            EXPECT_FALSE(t.fault);
            EXPECT_EQ(t.pte_bits, k.after);
            EXPECT_EQ(b.memory.words[s.entry(page, 0)] & pte::flags, k.after);
            const int needed = k.before == k.after ? 0 : 1;
            EXPECT_EQ(b.memory.updates, needed);
            EXPECT_EQ(b.memory.reads.back().timed, timed);
            go();
            EXPECT_EQ(b.memory.updates, needed) << "once is enough";
            if (!timed) continue;
            EXPECT_EQ(b.mmu.counters().walker.updates, static_cast<Count>(needed));
            EXPECT_EQ(t.cost.total(), 6 + 3 * 11 + 7u * static_cast<unsigned>(needed)) << "reads, steps, one update";
            EXPECT_EQ(b.mmu.counters().walker.cycles, t.cost.total() - 6);
        }
}

TEST(AccessedDirty, AStoreToACleanPageWalksAgainFromEitherLevel) {
    for (const bool from_l2 : {false, true}) {
        MmuParams p;
        p.dtlb.entries = 1;
        Bench b{p};
        Space s{b.memory, sv39, 1, 0x100};
        s.map(page, 1, clean | pte::accessed);
        s.map(page + 4096, 2, kernel_page);
        Context c = s.context();
        c.hardware_ad = true;
        b.load(page, c);
        if (from_l2) b.load(page + 4096, c);
        b.reads();
        const Translation t = b.store(page, c);
        EXPECT_FALSE(t.fault);
        EXPECT_EQ(b.reads(), 2u) << "the leaf, thanks to the walk cache, and its update";
        EXPECT_EQ(t.cost.total(), (from_l2 ? 6u : 0u) + 11 + 7);
        EXPECT_EQ(t.entry->pte_bits, clean | ad);
        EXPECT_EQ(b.store(page, c).cost.total(), 0u);
        b.load(page + 4096, c);
        EXPECT_EQ(b.store(page, c).cost.total(), 6u) << "the second level knows D as well";
    }
}

TEST(AccessedDirty, AForbiddenAccessSetsNothing) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, pte::valid | pte::read);
    Context c = s.context();
    c.hardware_ad = true;
    EXPECT_TRUE(b.store(page, c).fault);
    EXPECT_EQ(b.memory.words[s.entry(page, 0)] & pte::flags, pte::valid | pte::read);
    c.privilege = Privilege::user;
    EXPECT_TRUE(b.load(page, c).fault);
    EXPECT_EQ(b.memory.updates, 0);
}

TEST(AccessedDirty, AnEntryChangedMeanwhileIsReadAgain) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, clean);
    const std::uint64_t leaf = s.entry(page, 0);
    int calls = 0;
    b.memory.before_update = [&](std::uint64_t at) {
        EXPECT_EQ(at, leaf);
        if (++calls == 1) b.memory.words[leaf] = pte::make(2, clean); // another hart maps another page
    };
    Context c = s.context();
    c.hardware_ad = true;
    const Translation t = b.store(page, c);
    EXPECT_EQ(t.pa, PhysAddr{0x2000});
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(b.memory.words[leaf], pte::make(2, clean | ad));
    EXPECT_EQ(b.mmu.counters().walker.update_retries, 1u);
    EXPECT_EQ(b.mmu.counters().walker.updates, 1u);
    EXPECT_EQ(t.cost.total(), 6 + 4 * 11 + 2 * 7u);

    b.mmu.reset();
    b.memory.words[leaf] = pte::make(1, clean);
    b.memory.before_update = [&](std::uint64_t) { b.memory.words[leaf] = 0; }; // it is unmapped
    const Translation u = b.store(page, c);
    EXPECT_TRUE(u.fault);
    EXPECT_EQ(u.cause, Exception::store_page_fault);
    EXPECT_EQ(b.memory.words[leaf], 0u);
}

TEST(AccessedDirty, AnEntryThatNeverHoldsStillEndsInAnAccessFault) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, clean);
    const std::uint64_t leaf = s.entry(page, 0);
    b.memory.before_update = [&](std::uint64_t) { b.memory.words[leaf] ^= 1u << pte::software_shift; };
    Context c = s.context();
    c.hardware_ad = true;
    EXPECT_EQ(b.load(page, c).cause, Exception::load_access_fault);
    EXPECT_EQ(b.mmu.translate_untimed(page, Access::fetch, c).cause, Exception::fetch_access_fault);
}

TEST(AccessedDirty, UpdatesAreCheckedByPmpAsStoresAndByTheBus) {
    for (const bool bus : {false, true}) {
        Bench b{{}, {16}};
        Space s{b.memory, sv39, 1, 0x100};
        s.map(page, 1, clean);
        const std::uint64_t leaf = s.entry(page, 0);
        b.pmp.write_addr(0, leaf >> 2 & ~1ull);
        b.pmp.write_addr(1, ~0ull);
        b.pmp.write_cfg(0, 0x18u | Pmp::r | (bus ? Pmp::w : 0u) | (0x18u | 7u) << 8);
        if (bus) b.memory.refused_update = leaf;
        Context c = s.context();
        c.hardware_ad = true;
        const Translation t = b.load(page, c);
        EXPECT_TRUE(t.fault);
        EXPECT_EQ(t.cause, Exception::load_access_fault);
        EXPECT_EQ(b.reads(), bus ? 4u : 3u);
        EXPECT_EQ(b.memory.words[leaf] & pte::flags, clean);
        EXPECT_EQ(b.mmu.counters().walker.updates, 0u);
    }
}

TEST(AccessedDirty, AStaleSmallPageOverALargeOneIsNoTwin) {
    // Both sizes are cached for one address; the update walks to the large one, which is in the TLB already.
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    const VirtAddr base{page.value() & ~0x1f'ffffull};
    Context c = s.context();
    c.hardware_ad = true;
    s.map(base, 5, clean | pte::accessed);
    b.load(base, c); // 4 KiB, clean
    b.memory.words[s.entry(base, 1)] = pte::make(0x200, kernel_page);
    b.load(base + 4096, c); // 2 MiB; the walk cache may lead past it
    b.mmu.sfence(base + 4096, std::nullopt);
    b.load(base + 4096, c);
    EXPECT_EQ(b.mmu.dtlb().live(), 2u);
    EXPECT_EQ(b.store(base, c).pa, PhysAddr{0x200000});
    EXPECT_EQ(b.mmu.dtlb().live(), 1u);
    b.mmu.sfence(base, std::nullopt);
    EXPECT_EQ(b.mmu.dtlb().live(), 0u);
}

} // namespace
} // namespace tollgate::mmu::test
