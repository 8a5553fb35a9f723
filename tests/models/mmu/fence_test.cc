// The four forms of sfence.vma: exactly what they name goes, from every level (Priv §4.2.1).
#include "base/random.hh"
#include "models/mmu/fake_memory.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

using abi::satp::sv39;
using Where = std::optional<VirtAddr>;
using Whose = std::optional<Asid>;

// Each in a set of its own, so that nothing is evicted as long as there are two ways.
constexpr VirtAddr near_page{0x1000'1000}, far_page{0x2'0000'2000}, shared_page{0x3'0000'3000},
    huge_page{0x3'4000'0000};

/// Two address spaces with two pages and a huge page each, and a page that is global.
struct Populated : Bench {
    explicit Populated(const MmuParams& p = {}) : Bench{p} {
        for (Space* s : {&one, &two}) {
            s->map(near_page, 1, kernel_page);
            s->map(far_page, 2, kernel_page);
            s->map(shared_page, 3, kernel_page | pte::global);
            s->map(huge_page, 1 << 18, kernel_page, 2);
        }
        touch_all();
    }
    Space one{memory, sv39, 1, 0x100}, two{memory, sv39, 2, 0x200};

    void touch_all() {
        for (Space* s : {&one, &two})
            for (const VirtAddr va : {near_page, far_page, shared_page, huge_page})
                for (const Access a : {Access::load, Access::fetch}) EXPECT_FALSE(go(va, a, s->context()).fault);
        reads();
    }
    /// Whether the translation is gone from everywhere: a load of it walks.
    bool gone(VirtAddr va, Space& s) {
        const Count before = mmu.counters().walker.walks;
        load(va, s.context());
        return mmu.counters().walker.walks != before;
    }
};

struct Form {
    const char* name;
    Where va;
    Whose asid;
    // near, far, global, huge of space 1; near, far, global, huge of space 2
    std::array<bool, 8> gone;
};

TEST(Fence, EachFormDropsExactlyWhatItNames) {
    const VirtAddr inside_huge = huge_page + 0x1234'5678;
    const Form forms[] = {
        {"all",
         {},
         {},
         {1, 1, 1, 1, 1, 1, 0, 1}}, // the second space finds the global page that the first fetched again
        {"asid", {}, Asid{1}, {1, 1, 0, 1, 0, 0, 0, 0}},
        {"asid of nobody", {}, Asid{7}, {0, 0, 0, 0, 0, 0, 0, 0}},
        {"address", near_page, {}, {1, 0, 0, 0, 1, 0, 0, 0}},
        {"address inside the page", near_page + 4095, {}, {1, 0, 0, 0, 1, 0, 0, 0}},
        {"address of the page after", near_page + 4096, {}, {0, 0, 0, 0, 0, 0, 0, 0}},
        {"address, global", shared_page, {}, {0, 0, 1, 0, 0, 0, 0, 0}},
        {"address, huge", inside_huge, {}, {0, 0, 0, 1, 0, 0, 0, 1}},
        {"address and asid", far_page, Asid{2}, {0, 0, 0, 0, 0, 1, 0, 0}},
        {"address and asid, global", shared_page, Asid{2}, {0, 0, 0, 0, 0, 0, 0, 0}},
        {"address and asid, huge", inside_huge, Asid{1}, {0, 0, 0, 1, 0, 0, 0, 0}},
    };
    for (const std::uint32_t ways : {0u, 2u, 4u})
        for (const Form& f : forms) {
            MmuParams p;
            p.l2tlb.ways = ways;
            p.dtlb.ways = ways;
            p.itlb.ways = ways;
            Populated b{p};
            b.mmu.sfence(f.va, f.asid);
            std::size_t i = 0;
            for (Space* s : {&b.one, &b.two})
                for (const VirtAddr va : {near_page, far_page, shared_page, huge_page})
                    EXPECT_EQ(b.gone(va, *s), f.gone[i++]) << f.name << ", ways " << ways << ", case " << i - 1;
        }
}

TEST(Fence, IsCountedByFormAndByEntry) {
    Populated b;
    const FenceCounters& n = b.mmu.counters().fences;
    b.mmu.sfence(near_page, Asid{1});
    EXPECT_EQ(b.mmu.counters().dtlb.flushed, 1u);
    EXPECT_EQ(b.mmu.counters().itlb.flushed, 1u);
    EXPECT_EQ(b.mmu.counters().l2tlb.flushed, 1u);
    b.mmu.sfence(near_page, {});
    EXPECT_EQ(b.mmu.counters().dtlb.flushed, 2u) << "the other space's";
    b.mmu.sfence({}, Asid{1});
    EXPECT_EQ(b.mmu.counters().dtlb.flushed, 4u) << "far and huge";
    b.mmu.sfence({}, {});
    EXPECT_EQ(b.mmu.counters().dtlb.flushed, 7u) << "far and huge of the other, and the global one";
    EXPECT_EQ(b.mmu.counters().l2tlb.flushed, 7u);
    EXPECT_EQ(b.mmu.counters().itlb.flushed, 7u);
    b.mmu.sfence({}, {});
    EXPECT_EQ(n.all, 2u);
    EXPECT_EQ(n.asid, 1u);
    EXPECT_EQ(n.address, 1u);
    EXPECT_EQ(n.address_asid, 1u);
    EXPECT_EQ(b.mmu.counters().dtlb.flushed, 7u);
    EXPECT_EQ(b.mmu.counters().dtlb.evictions, 0u) << "a fence is no eviction";
}

/// A guest that fences as the specification asks sees the tables as they are, whatever is cached where.
class Storm {
  public:
    Storm(const MmuParams& p, std::uint64_t seed) : bench_{p}, random_{seed} {}

    void run(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
            if (random_.below(8) == 0)
                change();
            else
                look();
        }
        EXPECT_GT(allowed_, steps / 20);
        EXPECT_GT(denied_, steps / 50);
    }

  private:
    // Few addresses, so that everything collides: two 1 GiB regions, two 2 MiB regions in each, eight pages in each.
    VirtAddr somewhere() {
        return VirtAddr{random_.below(2) << 30 | random_.below(2) << 21 | random_.below(8) << 12 | random_.below(4096)};
    }
    Space& some_space() { return random_.below(2) == 0 ? one_ : two_; }

    void change() {
        Space& s = some_space();
        const VirtAddr va = somewhere();
        const auto level = static_cast<unsigned>(random_.below(4) == 0 ? 1 + random_.below(2) : 0);
        const std::uint64_t pages = 1ull << 9 * level;
        // A leaf on the way to the new one makes room for a table: a change of a pointer, as is any at a level above 0.
        bool structure = level != 0;
        for (unsigned l = 2; l > level; --l) {
            std::uint64_t& word = bench_.memory.words[s.entry(va, l)];
            if (!pte::is_leaf(word)) continue;
            word = 0;
            structure = true;
        }
        std::uint64_t bits = pte::valid | pte::accessed | (random_.below(2) == 0 ? pte::user : 0);
        const std::uint64_t kinds[] = {pte::read, pte::read | pte::write, pte::execute, rwx};
        bits |= kinds[random_.below(4)] | (random_.below(4) != 0 ? pte::dirty : 0);
        if (random_.below(6) == 0) bits = 0;
        s.map(va, random_.below(16) * pages, bits, level);
        Where where = va;
        Whose whose = abi::satp::asid(s.satp);
        if (structure || random_.below(4) == 0) where.reset();
        if (random_.below(4) == 0) whose.reset();
        bench_.mmu.sfence(where, whose);
    }

    void look() {
        Context c = some_space().context(random_.below(2) == 0 ? Privilege::user : Privilege::supervisor);
        c.sum = random_.below(2) == 0;
        c.mxr = random_.below(2) == 0;
        c.hardware_ad = random_.below(2) == 0;
        const auto a = static_cast<Access>(random_.below(3));
        const VirtAddr va = somewhere();
        const Translation timed = bench_.go(va, a, c);
        const Translation pure = bench_.mmu.translate_untimed(va, a, c);
        ASSERT_EQ(timed.fault, pure.fault) << std::hex << va.value() << " stamp " << std::dec << bench_.stamp;
        ++(timed.fault ? denied_ : allowed_);
        if (timed.fault) {
            ASSERT_EQ(timed.cause, pure.cause);
            return;
        }
        ASSERT_EQ(timed.pa, pure.pa);
        ASSERT_EQ(timed.level, pure.level);
        // The other TLB's store may have set D meanwhile; a store through this one would walk again.
        ASSERT_EQ(timed.pte_bits | pte::dirty, pure.pte_bits | pte::dirty);
        ASSERT_TRUE(a != Access::store || (timed.pte_bits & pte::dirty) != 0);
        ASSERT_TRUE(timed.entry->valid);
        ASSERT_EQ(timed.entry->stamp, bench_.stamp);
        ASSERT_EQ(timed.entry->pte_bits, timed.pte_bits);
    }

    Bench bench_;
    Random random_;
    Space one_{bench_.memory, sv39, 1, 0x100}, two_{bench_.memory, sv39, 2, 0x10000};
    int allowed_ = 0, denied_ = 0;
};

TEST(Fence, AGuestThatFencesSeesItsTablesAsTheyAre) {
    std::uint64_t seed = 0;
    for (const std::uint32_t l1 : {1u, 4u, 16u})
        for (const std::uint32_t l2 : {0u, 8u, 64u})
            for (const std::uint32_t walk : {0u, 2u, 16u})
                for (const bool flag : {false, true}) {
                    MmuParams p;
                    p.itlb.entries = p.dtlb.entries = l1;
                    p.dtlb.ways = flag ? 1 : 0;
                    p.dtlb.replacement = flag ? Replacement::tree_plru : Replacement::lru;
                    p.l2tlb.entries = l2;
                    p.l2tlb.ways = flag ? 2 : 8;
                    p.walker.cache_entries = walk;
                    p.walker.cache_shared = flag;
                    p.walker.cache_invalid = ++seed % 3 == 0;
                    Storm{p, seed}.run(3000);
                    if (HasFatalFailure()) return;
                }
}

} // namespace
} // namespace tollgate::mmu::test
