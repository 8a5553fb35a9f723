// The short cuts change nothing: programs run with and without them, and every counter, cycle, register and byte of
// memory is the same.
#include "models/support/random_program.hh"

namespace tollgate::cpu::test {
namespace {

struct Outcome {
    std::vector<std::pair<std::string, std::uint64_t>> values;
    std::vector<std::byte> memory;
    std::uint64_t slow = 0, decoded = 0; ///< how often the short cuts did not serve
};

Outcome outcome(Bench& b) {
    Outcome o;
    for (unsigned n = 0; n < b.group.harts.size(); ++n) {
        Hart& h = b.hart(n);
        list_counters(h, o.values);
        for (unsigned r = 1; r < 32; ++r) o.values.emplace_back("x" + std::to_string(r), h.x(r));
        for (const unsigned number : {csr_no::mstatus, csr_no::mcause, csr_no::mepc, csr_no::mtval, csr_no::satp})
            o.values.emplace_back("csr " + std::to_string(number), *h.peek_csr(number));
        o.slow += h.host_counters().slow_loads + h.host_counters().slow_stores;
        o.decoded += h.host_counters().decoded;
    }
    o.values.emplace_back("transactions", b.world.log.size());
    for (const Transaction& t : b.world.log) o.values.emplace_back("transaction", t.at.count() ^ t.pa ^ t.data);
    o.memory.assign(b.memory().bytes().begin(), b.memory().bytes().end());
    return o;
}

/// Runs a machine set up by `prepare` in all four ways and compares.
template <class F> void expect_equal(HartConfig config, unsigned harts, Picoseconds quantum, F&& prepare) {
    std::optional<Outcome> first;
    for (const bool look_aside : {true, false})
        for (const bool decode_cache : {true, false}) {
            config.look_aside = look_aside, config.decode_cache = decode_cache;
            Bench b{config, harts};
            prepare(b);
            ASSERT_TRUE(b.run(quantum)) << "it does not end";
            const Outcome o = outcome(b);
            if (!first) {
                first = o;
                continue;
            }
            if (!look_aside) { EXPECT_GE(o.slow, first->slow); }
            if (!decode_cache) { EXPECT_GE(o.decoded, first->decoded); }
            ASSERT_EQ(o.values.size(), first->values.size());
            for (std::size_t i = 0; i < o.values.size(); ++i)
                ASSERT_EQ(o.values[i], first->values[i])
                    << "look-aside " << look_aside << ", decode cache " << decode_cache;
            ASSERT_TRUE(o.memory == first->memory);
        }
}

/// TLBs and buffers so small that everything is evicted.
HartConfig small(std::uint64_t seed) {
    Random dice{seed};
    HartConfig c;
    const auto pick = [&](std::initializer_list<std::uint32_t> of) { return of.begin()[dice.below(of.size())]; };
    c.hart.issue_width = pick({1, 2});
    c.mmu.dtlb.entries = pick({1, 2, 4, 8, 64, 64, 64, 64});
    c.mmu.itlb.entries = pick({1, 2, 4, 64});
    c.mmu.dtlb.replacement = dice.below(2) == 0 ? mmu::Replacement::lru : mmu::Replacement::tree_plru;
    c.mmu.l2tlb.entries = pick({0, 8, 1024}), c.mmu.l2tlb.ways = pick({1, 4});
    c.mmu.walker.cache_entries = pick({0, 2, 16});
    c.mmu.walker.hardware_ad = dice.below(2) == 0;
    c.store_buffer.entries = pick({1, 2, 8});
    c.branch.gshare_entries = 64, c.branch.target_entries = 8;
    return c;
}

TEST(LookAside, RandomProgramsRunTheSameWithAndWithout) {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        expect_equal(small(seed), 1, 100_ns, [&](Bench& b) { RandomProgram{seed}.install(b); });
        if (HasFatalFailure()) return;
    }
}

TEST(LookAside, RandomProgramsOfTwoHartsRunTheSameWithAndWithout) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        expect_equal(small(seed), 2, 1_ns * (1ull << seed % 8), [&](Bench& b) {
            RandomProgram{2 * seed}.install(b);
            RandomProgram{2 * seed + 1, 1}.install(b);
        });
        if (HasFatalFailure()) return;
    }
}

TEST(LookAside, FunctionalModeIsTheSameWithAndWithout) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        HartConfig c = small(seed);
        c.timed = false;
        const bool two = seed % 2 == 1;
        const auto tables = two ? RandomProgram::Tables::fixed : RandomProgram::Tables::fenced;
        expect_equal(c, two ? 2 : 1, 100_ns, [&](Bench& b) {
            RandomProgram{2 * seed, 0, tables}.install(b);
            if (two) RandomProgram{2 * seed + 1, 1, tables}.install(b);
        });
        if (HasFatalFailure()) return;
    }
}

TEST(LookAside, ShortCutsDoServe) {
    TrapBench b;
    Program p{code_at};
    p.li(a0, 100);
    const auto loop = p.bound();
    p.li(a1, data_at);
    for (unsigned line = 0; line < 16; ++line) {
        p.load(Op::ld, a2, line * 64 + 8, a1);
        p.store(Op::sb, a2, line * 64 + 17, a1);
    }
    p.i(Op::addi, a0, a0, -1);
    p.branch(Op::bne, a0, 0, loop);
    p.put(Op::ebreak);
    b.trap(p);
    EXPECT_EQ(b.hart().counters().loads, 1600u);
    EXPECT_EQ(b.hart().host_counters().slow_loads, 16u);
    EXPECT_EQ(b.hart().host_counters().slow_stores, 16u);
    EXPECT_LT(b.hart().host_counters().decoded, 20u);
    EXPECT_LT(b.hart().host_counters().block_misses, 20u);
}

} // namespace
} // namespace tollgate::cpu::test
