// The in-order pipeline by itself: every rule with its exact slot, from the parameters, with the parameters varied.
#include "cpu/pipeline.hh"
#include <gtest/gtest.h>
#include <numeric>

namespace tollgate::cpu {
namespace {

using isa::Format;
using isa::Timing;

struct Params {
    HartParams hart;
    LatencyParams latency;
    Cycles l1d_latency{4};
    BranchParams branch;
    StoreBufferParams store_buffer;
};

/// A pipeline and the next free slot. Slots are counted, not stamps.
struct Pipe {
    explicit Pipe(const Params& q) : params{q}, p{q.hart, q.latency, q.l1d_latency, q.branch, q.store_buffer} {}
    Params params;
    InOrder p;
    Stamp s = 0;
    HartCounters n;

    std::uint64_t width() const { return params.hart.issue_width; }
    std::uint64_t slot() const { return s >> stamp_shift; }
    /// Issues one instruction; returns its slot.
    template <Timing timing, Format format> std::uint64_t go(const isa::Insn& d) {
        const Stamp t = p.template issue<timing, format>(d, s);
        p.template complete<timing, format>(d, t);
        EXPECT_EQ(t & 15, 0u);
        EXPECT_EQ(s, t + one_slot);
        return t >> stamp_shift;
    }
    std::uint64_t alu(unsigned rd = 32, unsigned rs1 = 0, unsigned rs2 = 0) {
        return go<Timing::alu, Format::R>(insn(rd, rs1, rs2));
    }
    /// Issues on at the first slot of a cycle.
    void new_cycle() {
        while (slot() % width() != 0) alu();
    }
    std::uint64_t charged(Cause c) const { return p.charged()[static_cast<std::size_t>(c)]; }
    std::uint64_t all_charged() const {
        return std::accumulate(p.charged().begin(), p.charged().end(), std::uint64_t{0});
    }
    static isa::Insn insn(unsigned rd, unsigned rs1, unsigned rs2, unsigned rs3 = 0) {
        isa::Insn d;
        d.rd = static_cast<std::uint8_t>(rd);
        d.rs1 = static_cast<std::uint8_t>(rs1);
        d.rs2 = static_cast<std::uint8_t>(rs2);
        d.rs3 = static_cast<std::uint8_t>(rs3);
        return d;
    }
};

/// Calls f for both widths and each of some latencies.
template <class F> void with_variants(F&& f) {
    for (const unsigned width : {1u, 2u})
        for (const std::uint64_t cycles : {1u, 2u, 3u, 7u, 20u}) {
            Params q;
            q.hart.issue_width = width;
            SCOPED_TRACE(testing::Message() << "width " << width << ", " << cycles << " cycles");
            f(q, Cycles{cycles});
        }
}

/// A dependent instruction issues exactly `cycles` after its producer, not a slot earlier.
template <Timing timing, Format producer, Format consumer> void expect_latency(const Params& q, Cycles cycles) {
    for (const unsigned others : {0u, 1u, 5u, 100u}) {
        Pipe p{q};
        const std::uint64_t first = p.go<timing, producer>(Pipe::insn(7, 1, 1, 1));
        for (unsigned i = 0; i < others; ++i) p.alu(); // independent: never waits
        EXPECT_EQ(p.all_charged(), 0u);
        const std::uint64_t before = p.slot(), ready = first + cycles.count() * p.width();
        const std::uint64_t second = p.go<Timing::alu, consumer>(Pipe::insn(32, 7, 0));
        EXPECT_EQ(second, std::max(before, ready));
        EXPECT_EQ(p.charged(Cause::dependency), second - before);
        EXPECT_EQ(p.all_charged(), second - before);
    }
}

TEST(Pipeline, LatencyOfEachClass) {
    with_variants([](Params q, Cycles c) {
        const auto with = [&](Cycles LatencyParams::*member) {
            Params r = q;
            r.latency.*member = c;
            return r;
        };
        using L = LatencyParams;
        expect_latency<Timing::alu, Format::R, Format::R>(with(&L::alu), c);
        expect_latency<Timing::mul, Format::R, Format::R>(with(&L::mul), c);
        expect_latency<Timing::div, Format::R, Format::R>(with(&L::div), c);
        expect_latency<Timing::amo, Format::Amo, Format::R>(with(&L::amo), c);
        expect_latency<Timing::fp_add, Format::FRrm, Format::FCmp>(with(&L::fp_add), c);
        expect_latency<Timing::fp_move, Format::FCmp, Format::R>(with(&L::fp_move), c);
        Params load = q;
        load.l1d_latency = c;
        expect_latency<Timing::load, Format::Load, Format::R>(load, c);
    });
}

TEST(Pipeline, LatencyOfFloatingPointClassesThroughFRegisters) {
    with_variants([](Params q, Cycles c) {
        const auto expect = [&]<Timing timing>(Cycles LatencyParams::*member) {
            Params r = q;
            r.latency.*member = c;
            Pipe p{r};
            const std::uint64_t first = p.template go<timing, Format::FRrm>(Pipe::insn(7, 1, 2));
            p.alu(7, 7, 7); // x7 is another register
            EXPECT_EQ(p.all_charged(), 0u);
            // As the third operand of a fused multiply-add.
            const std::uint64_t next = p.template go<Timing::fp_fma, Format::FR4>(Pipe::insn(8, 1, 2, 7));
            const std::uint64_t unit = timing == Timing::fp_add || timing == Timing::fp_mul || timing == Timing::fp_fma
                                               || timing == Timing::fp_move
                                           ? r.hart.issue_width
                                           : 0; // the same unit takes one a cycle
            EXPECT_EQ(next, std::max({first + 2, first + c.count() * r.hart.issue_width, first + unit}));
        };
        expect.template operator()<Timing::fp_add>(&LatencyParams::fp_add);
        expect.template operator()<Timing::fp_mul>(&LatencyParams::fp_mul);
        expect.template operator()<Timing::fp_fma>(&LatencyParams::fp_fma);
        expect.template operator()<Timing::fp_move>(&LatencyParams::fp_move);
        expect.template operator()<Timing::fp_div_s>(&LatencyParams::fp_div_s);
        expect.template operator()<Timing::fp_div_d>(&LatencyParams::fp_div_d);
        expect.template operator()<Timing::fp_sqrt_s>(&LatencyParams::fp_sqrt_s);
        expect.template operator()<Timing::fp_sqrt_d>(&LatencyParams::fp_sqrt_d);
    });
}

TEST(Pipeline, AUnitTakesOneInstructionACycle) {
    Params q;
    Pipe p{q};
    EXPECT_EQ((p.go<Timing::load, Format::Load>(Pipe::insn(5, 1, 0))), 0u);
    EXPECT_EQ((p.go<Timing::store, Format::Store>(Pipe::insn(0, 1, 2))), 2u); // the memory port, next cycle
    EXPECT_EQ((p.go<Timing::amo, Format::Amo>(Pipe::insn(6, 1, 2))), 4u);
    EXPECT_EQ(p.charged(Cause::unit_busy), 2u);
    EXPECT_EQ(p.alu(), 5u); // pairs with it
    EXPECT_EQ((p.go<Timing::mul, Format::R>(Pipe::insn(7, 1, 2))), 6u);
    EXPECT_EQ((p.go<Timing::load, Format::Load>(Pipe::insn(8, 1, 0))), 7u); // another unit pairs
    EXPECT_EQ((p.go<Timing::branch, Format::B>(Pipe::insn(0, 1, 2))), 8u);
    EXPECT_EQ((p.go<Timing::branch, Format::B>(Pipe::insn(0, 1, 2))), 10u);
    EXPECT_EQ(p.charged(Cause::unit_busy), 3u);
    EXPECT_EQ(p.all_charged(), 3u);
}

TEST(Pipeline, AlusPairUnlessOneNeedsTheOther) {
    Params q;
    Pipe p{q};
    EXPECT_EQ(p.alu(5, 1, 2), 0u);
    EXPECT_EQ(p.alu(6, 1, 2), 1u);
    EXPECT_EQ(p.alu(7, 5, 6), 3u) << "x6 was made in slot 1 of cycle 0, so slot 1 of cycle 1";
    EXPECT_EQ(p.charged(Cause::dependency), 1u);
    EXPECT_EQ(p.alu(32, 0, 0), 4u);
    EXPECT_EQ(p.alu(32, 0, 0), 5u) << "x0 is never waited for";
    EXPECT_EQ(p.charged(Cause::dependency), 1u);
}

TEST(Pipeline, DividersAreNotPipelined) {
    with_variants([](Params q, Cycles c) {
        q.latency.div = q.latency.fp_div_d = q.latency.fp_sqrt_s = c;
        q.latency.mul = 3_cycles;
        Pipe p{q};
        const std::uint64_t w = p.width();
        EXPECT_EQ((p.go<Timing::div, Format::R>(Pipe::insn(5, 1, 2))), 0u);
        EXPECT_EQ((p.go<Timing::mul, Format::R>(Pipe::insn(6, 1, 2))), c.count() * w);
        EXPECT_EQ((p.go<Timing::div, Format::R>(Pipe::insn(7, 1, 2))), (c.count() + 1) * w)
            << "the multiplier is pipelined";
        Pipe f{q};
        EXPECT_EQ((f.go<Timing::fp_div_d, Format::FRrm>(Pipe::insn(5, 1, 2))), 0u);
        EXPECT_EQ((f.go<Timing::fp_add, Format::FRrm>(Pipe::insn(6, 1, 2))), 1u) << "another unit";
        EXPECT_EQ((f.go<Timing::fp_sqrt_s, Format::FUnaryRm>(Pipe::insn(7, 1, 0))),
                  std::max<std::uint64_t>(2, c.count() * w));
    });
}

TEST(Pipeline, ATakenBranchEndsItsCycleAndAWrongOneCostsMore) {
    for (const unsigned width : {1u, 2u})
        for (const std::uint64_t lost : {0u, 1u, 9u})
            for (const unsigned place : {0u, 1u}) {
                Params q;
                q.hart.issue_width = width;
                q.branch.mispredict = Cycles{lost}, q.branch.late_target = Cycles{lost + 1};
                q.branch.history_bits = 0;
                Pipe p{q};
                const auto branch = [&](bool taken) {
                    p.new_cycle();
                    if (place == 1) p.alu();
                    const Stamp t = p.p.issue<Timing::branch, Format::B>(Pipe::insn(0, 0, 0), p.s);
                    const std::uint64_t cycle = (t >> stamp_shift) / width;
                    p.p.branch(0x1000, taken, 0x2000, t, p.s, p.n);
                    return p.slot() - cycle * width; // from the branch's cycle to the next slot
                };
                const std::uint64_t straight = width == 2 && place == 0 ? 1 : width;
                EXPECT_EQ(branch(false), straight) << "weakly not taken at first";
                EXPECT_EQ(branch(true), (1 + lost) * width);
                EXPECT_EQ(p.n.mispredicts, 1u);
                EXPECT_EQ(branch(true), (1 + lost) * width) << "0 -> 1: still not taken";
                EXPECT_EQ(branch(true), width) << "right, and the target is known: the rest of the cycle";
                EXPECT_EQ(p.n.late_targets, 0u);
                EXPECT_EQ(branch(false), (1 + lost) * width);
                EXPECT_EQ(p.n.mispredicts, 3u);
                // A jump that the buffer does not know, then knows.
                const auto jump = [&](std::uint64_t to) {
                    p.new_cycle();
                    const Stamp t = p.p.issue<Timing::jump, Format::J>(Pipe::insn(32, 0, 0), p.s);
                    p.p.jump(0x3000, to, 0x3004, false, t, p.s, p.n);
                    return p.slot() - (t >> stamp_shift);
                };
                EXPECT_EQ(jump(0x4000), (1 + lost + 1) * width);
                EXPECT_EQ(jump(0x4000), width);
                EXPECT_EQ(p.n.late_targets, 1u);
                EXPECT_EQ(p.charged(Cause::branch), p.all_charged());
            }
}

TEST(Pipeline, WaitsAndHoldsChargeWhatPasses) {
    for (const unsigned width : {1u, 2u}) {
        Params q;
        q.hart.issue_width = width, q.hart.serialise = 3_cycles;
        Pipe p{q};
        Stamp t = p.p.issue<Timing::load, Format::Load>(Pipe::insn(5, 1, 0), p.s);
        p.p.wait(Cause::device, t + 10 * one_slot, t, p.s);
        EXPECT_EQ(t, 10 * one_slot);
        EXPECT_EQ(p.slot(), 11u);
        p.p.wait(Cause::device, t, t, p.s);
        p.p.wait(Cause::coherence, 4 * one_slot, t, p.s); // long ago
        EXPECT_EQ(p.charged(Cause::device), 10u);
        EXPECT_EQ(p.charged(Cause::coherence), 0u);
        p.p.delay(Cause::misaligned, p.p.span(2_cycles), t, p.s);
        EXPECT_EQ(p.slot(), 11 + 2 * width);
        p.p.serialise(t, p.s);
        const std::uint64_t cycle = (t >> stamp_shift) / width;
        EXPECT_EQ(p.slot(), (cycle + 1 + 3) * width);
        EXPECT_EQ(p.all_charged() + 1, p.slot()) << "one issued, the others have a cause";
    }
}

TEST(Pipeline, SlotsEqualIssuedPlusCharged) {
    for (const unsigned width : {1u, 2u}) {
        Params q;
        q.hart.issue_width = width;
        q.store_buffer.entries = 2;
        Pipe p{q};
        std::uint64_t issued = 0, x = 1;
        for (int i = 0; i < 20'000; ++i, ++issued) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            const auto pick = static_cast<unsigned>(x >> 60);
            const unsigned rd = x >> 40 & 31, rs1 = x >> 45 & 31, rs2 = x >> 50 & 31;
            const isa::Insn d = Pipe::insn(rd == 0 ? 32 : rd, rs1, rs2, rs1);
            if (pick < 5)
                p.go<Timing::alu, Format::R>(d);
            else if (pick == 5)
                p.go<Timing::mul, Format::R>(d);
            else if (pick == 6)
                p.go<Timing::div, Format::R>(d);
            else if (pick < 9)
                p.go<Timing::load, Format::Load>(d);
            else if (pick < 11) {
                Stamp t = p.p.issue<Timing::store, Format::Store>(d, p.s);
                t = p.p.store((x >> 55 & 7) * 64, 8, 0, t, p.s);
                EXPECT_LT(t, p.s);
            } else if (pick == 11)
                p.go<Timing::fp_fma, Format::FR4>(d);
            else if (pick == 12)
                p.go<Timing::fp_div_s, Format::FRrm>(d);
            else if (pick < 15) {
                const Stamp t = p.p.issue<Timing::branch, Format::B>(d, p.s);
                p.p.branch(x >> 48 & 0xfe, (x >> 30 & 3) != 0, 0x100 + (x >> 20 & 2), t, p.s, p.n);
            } else {
                Stamp t = p.p.issue<Timing::system, Format::none>(d, p.s);
                p.p.drain(t, p.s);
                p.p.serialise(t, p.s);
            }
            ASSERT_EQ(p.slot(), issued + 1 + p.all_charged());
            ASSERT_EQ(p.s & 15, 0u);
        }
        EXPECT_GT(p.charged(Cause::dependency), 0u);
        EXPECT_GT(p.charged(Cause::unit_busy), 0u);
        EXPECT_GT(p.charged(Cause::store_buffer), 0u);
    }
}

// ---- the store buffer

struct Stores : Pipe {
    using Pipe::Pipe;
    /// A store to `line` at the next slot of the memory port; returns its own slot after any wait.
    std::uint64_t store(std::uint64_t line, Stamp owned = 0) {
        const Stamp t = p.issue<Timing::store, Format::Store>(insn(0, 0, 0), s);
        return p.store(line * 64, 8, owned, t, s) >> stamp_shift;
    }
};

TEST(StoreBuffer, AnEntryStaysUntilTheLineIsOwned) {
    Params q;
    q.hart.issue_width = 1;
    q.store_buffer.entries = 1, q.store_buffer.latency = Cycles{3};
    for (const std::uint64_t owned : {0u, 2u, 3u, 4u, 50u}) {
        Stores p{q};
        EXPECT_EQ(p.store(1, p.p.span(Cycles{owned})), 0u);
        EXPECT_EQ(p.store(2), std::max<std::uint64_t>(owned, 3));
    }
}

TEST(StoreBuffer, ServesLoadsOfBytesThatWaitInIt) {
    Params q;
    q.store_buffer.latency = Cycles{100};
    Stores p{q};
    constexpr std::uint64_t at = 0x1040;
    const Stamp issued = p.s;
    p.p.store(at + 8, 8, 0, p.s, p.s);
    p.p.store(at + 16, 4, 0, p.s, p.s);
    p.p.store(0x2000, 8, 0, p.s, p.s);
    p.p.store(at + 20, 2, 0, p.s, p.s); // of the same line, in an entry of its own
    const auto served = [&](std::uint64_t offset, unsigned size) { return p.p.forwards(at + offset, size, p.s); };
    EXPECT_TRUE(served(8, 8));
    EXPECT_TRUE(served(8, 1));
    EXPECT_TRUE(served(12, 8)) << "of two stores";
    EXPECT_TRUE(served(18, 4)) << "of two entries";
    EXPECT_FALSE(served(7, 2));
    EXPECT_FALSE(served(20, 4));
    EXPECT_FALSE(served(64 + 8, 8)) << "another line";
    EXPECT_TRUE(p.p.forwards(at + 8, 8, issued + p.p.span(Cycles{100}) - 1));
    EXPECT_FALSE(p.p.forwards(at + 8, 8, issued + p.p.span(Cycles{100})));
}

TEST(StoreBuffer, FullItWaitsForTheOldest) {
    for (const unsigned entries : {1u, 2u, 8u, 64u})
        for (const std::uint64_t latency : {0u, 1u, 8u, 100u}) {
            Params q;
            q.hart.issue_width = 1;
            q.store_buffer.entries = entries, q.store_buffer.latency = Cycles{latency};
            Stores p{q};
            std::vector<std::uint64_t> at;
            for (unsigned i = 0; i < 3 * entries; ++i) {
                const std::uint64_t earliest = at.empty() ? 0 : at.back() + 1;
                // Entry i needs the place of entry i - entries, which arrives `latency` after its store.
                const std::uint64_t place = i < entries ? 0 : at[i - entries] + latency;
                at.push_back(p.store(100 + i));
                ASSERT_EQ(at.back(), std::max(earliest, place))
                    << "entries " << entries << " latency " << latency << " i " << i;
            }
            EXPECT_EQ(p.charged(Cause::store_buffer), p.all_charged());
            EXPECT_EQ(p.slot(), 3 * entries + p.all_charged());
        }
}

TEST(StoreBuffer, StoresToTheYoungestLineMergeWhileItWaits) {
    Params q;
    q.hart.issue_width = 1;
    q.store_buffer.entries = 1, q.store_buffer.latency = 8_cycles;
    Stores p{q};
    EXPECT_EQ(p.store(1), 0u);
    for (unsigned i = 1; i < 8; ++i) EXPECT_EQ(p.store(1), i); // until 8, when it arrives
    EXPECT_EQ(p.store(1), 8u) << "no merge any more, but the entry is free";
    EXPECT_EQ(p.store(2), 16u) << "waits for the entry of slot 8";
    EXPECT_EQ(p.charged(Cause::store_buffer), 7u);
}

TEST(StoreBuffer, DrainingWaitsForTheLastOwnership) {
    for (const std::uint64_t after : {0u, 3u, 7u, 8u, 50u}) {
        Params q;
        q.hart.issue_width = 1, q.store_buffer.latency = 8_cycles;
        Stores p{q};
        p.store(1), p.store(2); // arrive at 8 and 9
        for (std::uint64_t i = 0; i < after; ++i) p.alu();
        Stamp t = p.p.issue<Timing::system, Format::none>(Pipe::insn(0, 0, 0), p.s);
        p.p.drain(t, p.s);
        EXPECT_EQ(t >> stamp_shift, std::max<std::uint64_t>(2 + after, 9));
        EXPECT_EQ(p.charged(Cause::serialise), p.all_charged());
    }
}

// ---- the predictor

TEST(BranchPredictor, ReturnsComeBackInTheirOrderAndADeepNestForgetsTheOldest) {
    for (const std::uint32_t depth : {1u, 2u, 8u, 64u}) {
        BranchParams b;
        b.return_stack = depth;
        BranchPredictor p{b};
        for (std::uint64_t i = 1; i <= depth + 3; ++i) p.push_return(i << 8);
        for (std::uint64_t i = depth + 3; i > 3; --i) EXPECT_TRUE(p.pop_return(i << 8)) << depth << ' ' << i;
        EXPECT_FALSE(p.pop_return(3 << 8)) << "overwritten";
    }
}

TEST(BranchPredictor, TargetsAreKeptByLru) {
    BranchParams b;
    b.target_entries = 8, b.target_ways = 2; // four sets, by pc >> 1
    BranchPredictor p{b};
    const auto pc = [](std::uint64_t tag) { return 0x1000 + tag * 8; }; // all in set 0
    EXPECT_FALSE(p.target(pc(0), 1));
    EXPECT_FALSE(p.target(pc(1), 1));
    EXPECT_TRUE(p.target(pc(0), 1));
    EXPECT_FALSE(p.target(pc(2), 1)); // 1 was used longest ago
    EXPECT_TRUE(p.target(pc(0), 1));
    EXPECT_FALSE(p.target(pc(1), 1)); // now 2 goes
    EXPECT_TRUE(p.target(pc(0), 1));
    EXPECT_FALSE(p.target(pc(0), 9)) << "another target";
    EXPECT_TRUE(p.target(pc(0), 9));
    EXPECT_FALSE(p.target(pc(0) + 2, 9)) << "set 1 is another";
    EXPECT_TRUE(p.target(pc(1), 1));
    BranchParams full = b;
    full.target_entries = 2, full.target_ways = 16; // never more ways than entries
    BranchPredictor f{full};
    f.target(0x10, 1), f.target(0x20, 1);
    EXPECT_TRUE(f.target(0x10, 1));
    EXPECT_TRUE(f.target(0x20, 1));
    f.target(0x30, 1);
    EXPECT_FALSE(f.target(0x10, 1));
}

TEST(BranchPredictor, GshareLearnsWhatItsHistoryTells) {
    const auto wrong_of_the_last = [](std::uint32_t bits, std::uint32_t entries, unsigned period) {
        BranchParams b;
        b.history_bits = bits, b.gshare_entries = entries;
        BranchPredictor p{b};
        unsigned wrong = 0;
        for (unsigned i = 0; i < 4000; ++i) {
            const bool taken = i % period == 0;
            if (p.direction(0x1234, taken) != taken && i >= 2000) ++wrong;
        }
        return wrong;
    };
    EXPECT_EQ(wrong_of_the_last(10, 4096, 5), 0u) << "the history tells where in the period it is";
    EXPECT_EQ(wrong_of_the_last(0, 4096, 5), 400u) << "without one, each fifth is wrong";
    EXPECT_EQ(wrong_of_the_last(0, 1, 1), 0u);
    EXPECT_EQ(wrong_of_the_last(2, 4096, 5), 400u) << "two outcomes do not reach back five";
}

TEST(BranchPredictor, CountersSaturateAndHaveTheirOwnPlaces) {
    BranchParams b;
    b.history_bits = 0, b.gshare_entries = 4;
    BranchPredictor p{b};
    for (int i = 0; i < 10; ++i) p.direction(0x10, true);
    EXPECT_TRUE(p.direction(0x10, false));
    EXPECT_TRUE(p.direction(0x10, false)) << "strongly taken takes two";
    EXPECT_FALSE(p.direction(0x10, false));
    EXPECT_FALSE(p.direction(0x12, true)) << "another counter";
    EXPECT_TRUE(p.direction(0x12, true));
    EXPECT_TRUE(p.direction(0x1a, true)) << "the same counter again, four places on";
}

} // namespace
} // namespace tollgate::cpu
