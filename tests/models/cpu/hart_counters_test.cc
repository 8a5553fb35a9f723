// Counters as a guest reads them, events of mhpmcounters, markers, and what traps cost.
#include "models/support/trace_recorder.hh"
#include "models/support/trap_bench.hh"

namespace tollgate::cpu::test {
namespace {

std::uint64_t event(HpmEvent e) { return static_cast<std::uint64_t>(e); }

TEST(HartCounters, InstretCountsWhatRetiredAndAWriteReplacesTheIncrement) {
    TrapBench b;
    Program p{code_at};
    p.csrr(a0, csr_no::minstret);
    for (int i = 0; i < 5; ++i) p.nop();
    p.csrr(a1, csr_no::minstret);
    p.li(a5, 1000);
    p.csrw(csr_no::minstret, a5);
    p.csrr(a2, csr_no::minstret);
    p.csrr(a3, csr_no::instret);
    p.put(Op::ebreak);
    b.trap(p);
    EXPECT_EQ(b.x(a1) - b.x(a0), 6u);
    EXPECT_EQ(b.x(a2), 1000u); // Priv §3.1.10: as if the write came after the increment
    EXPECT_EQ(b.x(a3), 1001u);
    // Seen from outside: the ebreak has not retired; the handler's nops, its CSR access and the wfi that sleeps have.
    EXPECT_EQ(b.csr(csr_no::minstret), 1002u + 16 + 2);
}

TEST(HartCounters, InhibitedCountersStandStill) {
    TrapBench b;
    Program p{code_at};
    p.csr(Op::csrrwi, 0, csr_no::mcountinhibit, 5); // cycle and instret
    p.csrr(a0, csr_no::mcycle), p.csrr(a1, csr_no::minstret);
    for (int i = 0; i < 9; ++i) p.nop();
    p.csrr(a2, csr_no::mcycle), p.csrr(a3, csr_no::minstret);
    p.csr(Op::csrrwi, 0, csr_no::mcountinhibit, 0);
    p.csrr(a4, csr_no::minstret);
    p.put(Op::ebreak);
    b.trap(p);
    EXPECT_EQ(b.x(a0), b.x(a2));
    EXPECT_EQ(b.x(a1), b.x(a3));
    EXPECT_EQ(b.x(a4) - b.x(a3), 0u);
    b.poke(csr_no::mcountinhibit, 1);
    b.poke(csr_no::mcycle, 42);
    EXPECT_EQ(b.csr(csr_no::mcycle), 42u);
}

TEST(HartCounters, CycleIsTheCycleInWhichTheReadIssues) {
    HartConfig c;
    c.hart.issue_width = 1;
    TrapBench b{c};
    Program p{code_at};
    p.csrr(a0, csr_no::mcycle);
    p.csrr(a1, csr_no::mcycle);
    for (int i = 0; i < 7; ++i) p.nop();
    p.csrr(a2, csr_no::mcycle);
    p.put(Op::ebreak);
    b.trap(p);
    EXPECT_EQ(b.x(a1) - b.x(a0), 1 + c.hart.serialise.count());
    EXPECT_EQ(b.x(a2) - b.x(a1), 1 + c.hart.serialise.count() + 7);
}

TEST(HartCounters, TimeIsTheTimeBaseAtTheReadersOwnTime) {
    TrapBench b;
    Program p{code_at};
    const auto loop = p.bound();
    p.csrr(a0, csr_no::time);
    p.i(Op::addi, a1, a1, -1);
    p.branch(Op::bne, a1, 0, loop);
    p.csrr(a2, csr_no::mcycle), p.csrr(a3, csr_no::time);
    p.put(Op::ebreak);
    b.hart().set_x(a1, 1000);
    b.trap(p);
    EXPECT_NEAR(static_cast<double>(b.x(a3)), static_cast<double>(b.x(a2)) / 200, 1); // 2 GHz, 10 MHz
    EXPECT_GT(b.x(a3), 15u);
}

TEST(HartCounters, EventsOfTheModel) {
    TrapBench b;
    const std::array events{HpmEvent::none,   HpmEvent::cycles,   HpmEvent::instructions, HpmEvent::loads,
                            HpmEvent::stores, HpmEvent::branches, HpmEvent::traps};
    for (unsigned i = 0; i < events.size(); ++i) {
        b.poke(csr_no::mhpmevent3 + i, event(events[i]));
        b.poke(csr_no::mhpmcounter3 + i, 0);
    }
    b.poke(csr_no::mhpmevent3 + 10, first_cause_event + static_cast<unsigned>(Cause::serialise));
    b.hart().set_x(a0, data_at);
    const auto cycles = b.csr(csr_no::mcycle), instret = b.csr(csr_no::minstret);
    const auto serialised = b.csr(csr_no::mhpmcounter3 + 10);
    Program p{code_at};
    p.load(Op::ld, a1, 0, a0), p.load(Op::lbu, a1, 1, a0), p.load(Op::ld, a1, 0, a0);
    p.store(Op::sd, a1, 0, a0), p.store(Op::sb, a1, 9, a0);
    const auto next = p.label();
    p.branch(Op::beq, 0, 0, next);
    p.bind(next);
    p.put(Op::fence);
    p.csrr(a2, csr_no::mhpmcounter3 + 3);            // loads
    p.csr(Op::csrrwi, 0, csr_no::mhpmevent3 + 3, 4); // from now on stores; the count stays
    p.csrr(a3, csr_no::mhpmcounter3 + 3);
    p.store(Op::sd, a1, 16, a0);
    p.csrr(a4, csr_no::mhpmcounter3 + 3);
    p.put(Op::ebreak);
    b.trap(p);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 0), 0u);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 1), b.csr(csr_no::mcycle) - cycles);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 2), b.csr(csr_no::minstret) - instret);
    EXPECT_EQ(b.x(a2), 3u);
    EXPECT_EQ(b.x(a3), 3u);
    EXPECT_EQ(b.x(a4), 4u);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 4), 3u);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 5), 1u);
    EXPECT_EQ(b.csr(csr_no::mhpmcounter3 + 6), 1u);
    EXPECT_GT(b.csr(csr_no::mhpmcounter3 + 10), serialised);
}

TEST(HartCounters, MarkersSeeTheCountersInFrontOfThem) {
    struct Watch final : HartObserver {
        explicit Watch(Hart& h) : hart{h} {}
        void marker(const Marker& m) override {
            seen.push_back(m);
            loads.push_back(hart.counters().loads);
            cycles.push_back(hart.counters().cycles);
        }
        Hart& hart;
        std::vector<Marker> seen;
        std::vector<std::uint64_t> loads, cycles;
    };
    HartConfig c;
    c.hart.issue_width = 1;
    TrapBench b{c};
    Watch watch{b.hart()};
    b.hart().set_observer(&watch);
    tollgate::test::TraceRecorder timeline; // beside it
    b.hart().trace_with(timeline, "hart");
    b.hart().set_x(a0, data_at);
    Program p{code_at};
    p.nop();
    p.i(Op::marker_begin, 0, a0, 7);
    p.load(Op::ld, a1, 0, a0);
    p.i(Op::addi, a1, a1, 0); // waits for the load
    p.i(Op::marker_end, 0, a1, -1);
    p.load(Op::ld, a1, 0, a0);
    p.put(Op::ebreak);
    b.trap(p, Privilege::user);
    ASSERT_EQ(watch.seen.size(), 2u);
    const auto lone = timeline.of("marker"); // two phases of different numbers: the end stands alone
    ASSERT_EQ(lone.size(), 1u);
    EXPECT_EQ(lone[0]["phase"], 0xfffu);
    EXPECT_EQ(lone[0].begin, watch.seen[1].time);
    EXPECT_EQ(timeline.of("exception").size(), 0u); // not over yet
    b.hart().end_trace();
    EXPECT_EQ(timeline.of("marker").size(), 2u);
    ASSERT_EQ(timeline.of("exception").size(), 1u);
    EXPECT_EQ(static_cast<abi::Privilege>(timeline.of("exception")[0]["from"]), Privilege::user);
    EXPECT_TRUE(watch.seen[0].begin);
    EXPECT_FALSE(watch.seen[1].begin);
    EXPECT_EQ(watch.seen[0].phase, 7u);
    EXPECT_EQ(watch.seen[1].phase, 0xfffu);
    EXPECT_EQ(watch.seen[0].value, data_at);
    EXPECT_EQ(watch.seen[0].privilege, Privilege::user);
    EXPECT_EQ(watch.seen[0].instructions, 1u);
    EXPECT_EQ(watch.seen[1].instructions, 4u);
    EXPECT_EQ(watch.loads, (std::vector<std::uint64_t>{0, 1}));
    EXPECT_EQ(watch.seen[0].cycle, watch.cycles[0]);
    EXPECT_EQ(watch.seen[1].cycle - watch.seen[0].cycle, c.l1d.latency.count() + 1);
    EXPECT_EQ(b.hart().counters().markers, 2u);
}

TEST(HartCounters, TrapsTakeTheirCyclesFromSlotToSlot) {
    for (const unsigned width : {1u, 2u})
        for (const std::uint64_t entry : {0u, 1u, 6u, 23u})
            for (const unsigned nops : {0u, 1u, 2u, 3u}) {
                HartConfig c;
                c.hart.issue_width = width;
                c.hart.trap_entry = Cycles{entry}, c.hart.trap_return = Cycles{entry + 2};
                TrapBench b{c};
                Program handler{machine_handler};
                handler.csrr(a1, csr_no::mcycle);
                handler.csrr(a2, csr_no::mepc);
                handler.i(Op::addi, a2, a2, 4);
                handler.csrw(csr_no::mepc, a2);
                handler.csrr(a3, csr_no::mcycle);
                handler.put(Op::mret);
                b.load(handler);
                Program p{code_at};
                p.csrr(a0, csr_no::mcycle);
                for (unsigned i = 0; i < nops; ++i) p.nop();
                p.put(Op::ecall);
                p.csrr(a4, csr_no::mcycle);
                finish(p);
                b.load(p);
                EXPECT_TRUE(b.run());
                const std::uint64_t serial = 1 + c.hart.serialise.count();
                // Slots behind the csrr: the ecall has `nops` before it.
                const std::uint64_t ecall = serial + nops / width;
                const std::uint64_t at_least_next = ecall + (nops % width + 1) / width; // the slot behind it
                EXPECT_EQ(b.x(a1) - b.x(a0), std::max(ecall + entry, at_least_next));
                EXPECT_EQ(b.x(a4) - b.x(a3), serial + entry + 2);
            }
}

} // namespace
} // namespace tollgate::cpu::test
