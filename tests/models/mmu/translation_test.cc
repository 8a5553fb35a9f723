// What a walk finds: sizes, modes, permissions, encodings, costs (Priv §4.3 to §4.6).
#include "models/mmu/fake_memory.hh"
#include <gtest/gtest.h>

namespace tollgate::mmu::test {
namespace {

using abi::satp::sv39, abi::satp::sv48, abi::satp::sv57;
constexpr VirtAddr page{0x3'4567'8000};

TEST(Translation, BareAndMachineModeAreIdentity) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    Context bare = s.context();
    bare.satp = 0;
    for (const Context& c : {bare, s.context(Privilege::machine)}) {
        const Translation t = b.load(VirtAddr{0xffff'ffff'ffff'f123}, c);
        EXPECT_FALSE(t.fault);
        EXPECT_EQ(t.pa, PhysAddr{0xffff'ffff'ffff'f123});
        EXPECT_EQ(t.entry, nullptr);
        EXPECT_EQ(t.cost.total(), 0u);
    }
    EXPECT_EQ(b.reads(), 0u);
    EXPECT_EQ(b.mmu.counters().dtlb.misses, 0u);
}

TEST(Translation, EveryPageSizeInEveryMode) {
    for (const std::uint64_t mode : {sv39, sv48, sv57}) {
        const unsigned levels = static_cast<unsigned>(mode - sv39) + 3;
        for (unsigned level = 0; level < levels; ++level) {
            Bench b;
            Space s{b.memory, mode, 3, 0x100};
            const std::uint64_t size = 1ull << abi::level_shift(level);
            const std::uint64_t pages = size >> 12;
            const VirtAddr base{0 - 2 * size}; // the page before the last one of the upper half
            s.map(base, 3 * pages & pte::ppn_mask, kernel_page, level);
            const std::uint64_t ppn = 3 * pages & pte::ppn_mask;
            for (const std::uint64_t offset : {std::uint64_t{0}, size / 2 + 1, size - 1}) {
                const Translation t = b.load(base + offset, s.context());
                ASSERT_FALSE(t.fault);
                EXPECT_EQ(t.pa.value(), (ppn << 12) + offset);
                EXPECT_EQ(t.level, level);
                ASSERT_NE(t.entry, nullptr);
                EXPECT_EQ(t.entry->base, base);
                EXPECT_EQ(b.reads(), offset == 0 ? levels - level : 0u) << "one walk for the whole page";
                const Translation u = b.mmu.translate_untimed(base + offset, Access::load, s.context());
                EXPECT_EQ(u.pa, t.pa);
                EXPECT_EQ(u.pte_bits, t.pte_bits);
                EXPECT_EQ(u.level, level);
                EXPECT_EQ(u.entry, nullptr);
                EXPECT_EQ(b.reads(), levels - level) << "a pure walk";
            }
            EXPECT_TRUE(b.load(base + size, s.context()).fault) << "ends where the page ends";
            EXPECT_TRUE(b.load(VirtAddr{base.value() - 1}, s.context()).fault) << "begins where the page begins";
        }
    }
}

TEST(Translation, AddressesMustBeCanonical) {
    for (const std::uint64_t mode : {sv39, sv48, sv57}) {
        Bench b;
        Space s{b.memory, mode, 3, 0x100};
        const std::uint64_t half = 1ull << (abi::level_shift(s.levels()) - 1);
        s.map(VirtAddr{half - 4096}, 1, kernel_page);
        s.map(VirtAddr{0 - half}, 2, kernel_page);
        EXPECT_FALSE(b.load(VirtAddr{half - 1}, s.context()).fault);
        EXPECT_FALSE(b.load(VirtAddr{0 - half}, s.context()).fault);
        b.reads();
        // The same bits below, another bit above: neither the TLB nor the tables may be asked.
        for (const std::uint64_t va :
             std::array<std::uint64_t, 4>{half, (0 - half) - 1, (half - 1) | 1ull << 63, (half - 1) | 1ull << 57}) {
            const Translation t = b.store(VirtAddr{va}, s.context());
            EXPECT_TRUE(t.fault) << std::hex << va;
            EXPECT_EQ(t.cause, Exception::store_page_fault);
            EXPECT_TRUE(b.mmu.translate_untimed(VirtAddr{va}, Access::store, s.context()).fault);
            EXPECT_TRUE(b.mmu.translate_debug(VirtAddr{va}, s.context()).fault);
        }
        EXPECT_EQ(b.reads(), 0u);
    }
}

// The rules of Priv §4.3.1 and §4.3.2 once more, written as a table of sentences instead of masks.
bool may(std::uint64_t bits, Access a, const Context& c) {
    const bool u = bits & pte::user, r = bits & pte::read, w = bits & pte::write, x = bits & pte::execute;
    if (c.privilege == Privilege::user && !u) return false;
    if (c.privilege == Privilege::supervisor && u) {
        if (a == Access::fetch) return false;
        if (!c.sum) return false;
    }
    if (!(bits & pte::accessed)) return false;
    if (a == Access::fetch) return x;
    if (a == Access::load) return r || (c.mxr && x);
    return w && (bits & pte::dirty);
}

TEST(Translation, EveryPermissionInEveryContext) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    int allowed = 0;
    for (std::uint64_t bits = 0; bits < 256; ++bits) {
        if ((bits & pte::valid) == 0 || !pte::is_leaf(bits) || (bits & (pte::read | pte::write)) == pte::write)
            continue;
        s.map(page, 0x77, bits);
        b.mmu.sfence(std::nullopt, std::nullopt);
        for (const Privilege p : {Privilege::user, Privilege::supervisor})
            for (const bool sum : {false, true})
                for (const bool mxr : {false, true})
                    for (const Access a : {Access::fetch, Access::load, Access::store}) {
                        Context c = s.context(p);
                        c.sum = sum;
                        c.mxr = mxr;
                        const bool expected = may(bits, a, c);
                        allowed += expected;
                        const Translation first = b.go(page, a, c);  // a walk, or a hit of an earlier round
                        const Translation second = b.go(page, a, c); // a hit if it was allowed
                        const Translation pure = b.mmu.translate_untimed(page, a, c);
                        for (const Translation& t : {first, second, pure}) {
                            ASSERT_EQ(!t.fault, expected) << bits << int(a) << int(p) << sum << mxr;
                            ASSERT_TRUE(!t.fault || t.cause == page_fault(a));
                        }
                    }
    }
    EXPECT_GT(allowed, 100);
}

struct Encoding {
    const char* what;
    std::uint64_t bits;
    unsigned level;
    bool pbmte, fault;
};

TEST(Translation, ReservedEncodingsFault) {
    const auto type = [](std::uint64_t n) { return n << pte::pbmt_shift; };
    std::vector<Encoding> cases{
        {"a page", kernel_page, 0, false, false},
        {"not valid", kernel_page & ~pte::valid, 0, false, true},
        {"write without read", pte::valid | pte::write | ad, 0, false, true},
        {"write and execute without read", pte::valid | pte::write | pte::execute | ad, 0, false, true},
        {"a pointer at level 0", pte::valid, 0, false, true},
        {"N", kernel_page | pte::napot, 0, true, true},
        {"non-cacheable", kernel_page | type(1), 0, true, false},
        {"I/O", kernel_page | type(2), 0, true, false},
        {"PBMT reserved", kernel_page | type(3), 0, true, true},
        {"non-cacheable without PBMTE", kernel_page | type(1), 0, false, true},
        {"I/O without PBMTE", kernel_page | type(2), 0, false, true},
        {"a pointer with A", pte::valid | pte::accessed, 1, false, true},
        {"a pointer with D", pte::valid | pte::dirty, 1, false, true},
        {"a pointer with U", pte::valid | pte::user, 1, false, true},
        {"a pointer with PBMT", pte::valid | type(1), 1, true, true},
        {"a pointer with N", pte::valid | pte::napot, 1, true, true},
        {"software's bits", kernel_page | 3u << pte::software_shift, 0, false, false},
    };
    for (unsigned bit = 54; bit < 61; ++bit) {
        cases.push_back({"reserved in a leaf", kernel_page | 1ull << bit, 0, true, true});
        cases.push_back({"reserved in a pointer", pte::valid | 1ull << bit, 1, true, true});
    }
    for (unsigned bit = 0; bit < 27; ++bit)
        for (unsigned level = 1; level < 3; ++level)
            cases.push_back({"alignment", kernel_page | 1ull << (pte::ppn_shift + bit), level, false, bit < 9 * level});
    for (const Encoding& e : cases) {
        Bench b;
        Space s{b.memory, sv39, 1, 0x100};
        // A pointer leads to a good page, so that only the pointer itself can be at fault.
        if (e.level == 1 && !pte::is_leaf(e.bits)) {
            s.map(page, 5, kernel_page);
            b.memory.words[s.entry(page, 1)] |= e.bits;
        } else {
            b.memory.words[s.entry(page, e.level)] = e.bits;
        }
        Context c = s.context();
        c.pbmte = e.pbmte;
        const Translation t = b.load(page, c);
        EXPECT_EQ(t.fault, e.fault) << e.what << " level " << e.level;
        if (e.fault) {
            EXPECT_EQ(t.cause, Exception::load_page_fault);
        } else {
            EXPECT_EQ(t.pbmt, pte::pbmt(e.bits)) << e.what;
        }
        EXPECT_EQ(b.mmu.translate_untimed(page, Access::load, c).fault, e.fault) << e.what;
    }
}

TEST(Translation, FaultsBearTheOriginalAccess) {
    const std::array page_causes{Exception::fetch_page_fault, Exception::load_page_fault, Exception::store_page_fault};
    const std::array bus_causes{Exception::fetch_access_fault, Exception::load_access_fault,
                                Exception::store_access_fault};
    for (const Access a : {Access::fetch, Access::load, Access::store}) {
        Bench b;
        Space s{b.memory, sv39, 1, 0x100};
        EXPECT_EQ(b.go(page, a, s.context()).cause, page_causes[static_cast<std::size_t>(a)]);
        s.map(page, 1, kernel_page);
        for (unsigned level = 0; level < 3; ++level) {
            b.mmu.reset();
            b.memory.refused = s.entry(page, level);
            const Translation t = b.go(page, a, s.context());
            EXPECT_TRUE(t.fault);
            EXPECT_EQ(t.cause, bus_causes[static_cast<std::size_t>(a)]);
            EXPECT_EQ(t.cost.total(), (3 - level) * 11 + 6) << "the time is spent all the same";
        }
        b.memory.refused = ~0ull;
        EXPECT_FALSE(b.go(page, a, s.context()).fault) << "a refusal is not remembered";
        const FaultCounters& n = b.mmu.counters().faults;
        EXPECT_EQ(n.fetch_page_faults, a == Access::fetch);
        EXPECT_EQ(n.load_page_faults, a == Access::load);
        EXPECT_EQ(n.store_page_faults, a == Access::store);
        EXPECT_EQ(n.walk_access_faults, 3u);
    }
}

TEST(Translation, WalkerReadsAreCheckedByPmpAsSupervisorLoads) {
    Bench b{{}, {16}};
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    const std::uint64_t leaf = s.entry(page, 0);
    const auto allow = [&](std::uint8_t rights) {
        b.pmp.write_addr(0, leaf >> 2 & ~1ull); // NAPOT of 8 bytes around the leaf
        b.pmp.write_addr(1, ~0ull);
        b.pmp.write_cfg(0, 0x18u | rights | (0x18u | 7u) << 8);
        b.mmu.reset();
    };
    allow(Pmp::r);
    EXPECT_FALSE(b.fetch(page, s.context()).fault) << "reading is all that a walk needs";
    for (const std::uint8_t rights : {std::uint8_t{0}, Pmp::x}) {
        allow(rights);
        b.reads();
        const Translation t = b.store(page, s.context());
        EXPECT_TRUE(t.fault);
        EXPECT_EQ(t.cause, Exception::store_access_fault);
        EXPECT_EQ(b.reads(), 2u) << "the refused entry is not read";
        EXPECT_EQ(b.mmu.translate_untimed(page, Access::store, s.context()).cause, Exception::store_access_fault);
        EXPECT_FALSE(b.mmu.translate_debug(page, s.context()).fault);
    }
}

TEST(Translation, DebugSeesWhatIsMappedWhateverItsPermissions) {
    Bench b;
    Space s{b.memory, sv48, 1, 0x100};
    s.map(page, 0x55, pte::valid | pte::execute); // no A, no R
    Context c = s.context(Privilege::user);
    c.hardware_ad = true;
    const auto before = b.memory.words;
    const Translation t = b.mmu.translate_debug(page + 5, c);
    EXPECT_FALSE(t.fault);
    EXPECT_EQ(t.pa, PhysAddr{0x55005});
    EXPECT_EQ(b.memory.words, before);
    EXPECT_TRUE(b.mmu.translate_debug(page + 4096, c).fault);
    for (const auto& r : b.memory.reads) EXPECT_FALSE(r.timed);
}

TEST(Translation, CostIsLookupPlusReadsPlusSteps) {
    for (const std::uint32_t step : {0u, 1u, 5u})
        for (const std::uint32_t lookup : {0u, 9u})
            for (const std::uint32_t read : {1u, 40u}) {
                MmuParams p;
                p.walker.step_cycles = step;
                p.l2tlb.latency = lookup;
                Bench b{p};
                b.memory.latency = read;
                b.memory.source = Source::remote;
                Space s{b.memory, sv48, 1, 0x100};
                s.map(page, 1, kernel_page);
                const Translation t = b.load(page, s.context());
                EXPECT_EQ(t.cost.l2_tlb, lookup);
                EXPECT_EQ(t.cost.by_source[static_cast<std::size_t>(Source::remote)], 4 * (read + step));
                EXPECT_EQ(t.cost.total(), lookup + 4 * (read + step)) << "and nothing elsewhere";
                EXPECT_EQ(b.mmu.counters().walker.cycles, 4 * (read + step));
                for (std::size_t i = 0; i < 4; ++i)
                    EXPECT_EQ(b.memory.reads[i].at_cycle, 1000 + lookup + i * (read + step)) << "one after the other";
                EXPECT_EQ(b.load(page, s.context()).cost.total(), 0u);
            }
}

TEST(Translation, WithoutSecondLevelThereIsNoLookup) {
    MmuParams p;
    p.l2tlb.entries = 0;
    Bench b{p};
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    const Translation t = b.load(page, s.context());
    EXPECT_EQ(t.cost.l2_tlb, 0u);
    EXPECT_EQ(t.cost.total(), 33u);
    EXPECT_EQ(b.mmu.counters().l2tlb.misses, 0u);
}

TEST(Translation, UntimedLeavesNoTrace) {
    Bench b;
    Space s{b.memory, sv39, 1, 0x100};
    s.map(page, 1, kernel_page);
    EXPECT_FALSE(b.mmu.translate_untimed(page, Access::load, s.context()).fault);
    EXPECT_TRUE(b.mmu.translate_untimed(page + 4096, Access::load, s.context()).fault);
    for (const auto& r : b.memory.reads) EXPECT_FALSE(r.timed);
    EXPECT_EQ(b.mmu.counters().walker.reads, 0u);
    EXPECT_EQ(b.mmu.counters().walker.walks, 0u);
    EXPECT_EQ(b.mmu.counters().faults.load_page_faults, 0u);
    EXPECT_EQ(b.mmu.dtlb().live(), 0u);
    EXPECT_EQ(b.reads(), 3u + 3u);
    b.load(page, s.context());
    EXPECT_EQ(b.reads(), 3u) << "neither TLB nor walk cache knew it";
}

} // namespace
} // namespace tollgate::mmu::test
