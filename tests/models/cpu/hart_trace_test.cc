// What of a hart's life becomes slices of its timeline.
#include "cpu/hart_trace.hh"
#include "models/support/trace_recorder.hh"
#include <gtest/gtest.h>

namespace tollgate::cpu {
namespace {

using namespace literals;
using abi::Exception;
using abi::Privilege;
using tollgate::test::TraceRecorder;

class HartTraceTest : public ::testing::Test {
  protected:
    void exception(Exception cause, Privilege from, Privilege to, Picoseconds at) {
        trace.trap({static_cast<std::uint64_t>(cause), 0x1000, 0x2000, from, to}, at);
    }
    Marker marker(bool begin, std::uint32_t phase, std::uint64_t value, Picoseconds at) {
        const std::uint64_t n = at.count() / 1000;
        return {0, begin, phase, value, Privilege::supervisor, at, 10 * n, 5 * n};
    }
    TraceRecorder timeline;
    HartTrace trace{timeline, "node[1].hart[0]"};
};

TEST_F(HartTraceTest, ATrapLastsUntilTheReturnToItsMode) {
    exception(Exception::ecall_user, Privilege::user, Privilege::supervisor, 1_us);
    exception(Exception::ecall_supervisor, Privilege::supervisor, Privilege::machine, 2_us);
    trace.returns(Privilege::supervisor, 3_us);
    ASSERT_EQ(timeline.events.size(), 1u);
    trace.returns(Privilege::user, 4_us);
    ASSERT_EQ(timeline.events.size(), 2u);
    const auto& inner = timeline.events[0];
    EXPECT_EQ(inner.name(), "exception");
    EXPECT_EQ(inner.path, "node[1].hart[0]");
    EXPECT_EQ(static_cast<Exception>(inner["cause"]), Exception::ecall_supervisor);
    EXPECT_EQ(inner.begin, 2_us);
    EXPECT_EQ(inner.end, 3_us);
    const auto& outer = timeline.events[1];
    EXPECT_EQ(outer["epc"], 0x1000u);
    EXPECT_EQ(outer["tval"], 0x2000u);
    EXPECT_EQ(static_cast<Privilege>(outer["from"]), Privilege::user);
    EXPECT_EQ(static_cast<Privilege>(outer["to"]), Privilege::supervisor);
    EXPECT_EQ(outer.begin, 1_us);
    EXPECT_EQ(outer.end, 4_us);
    EXPECT_EQ(timeline.wrong, 0u);
}

TEST_F(HartTraceTest, AReturnToAnotherContextClosesWhatItLeaves) {
    // A process traps, the kernel goes on with a thread of its own that an interrupt had stopped, and then leaves for a
    // process whose trap was long ago.
    exception(Exception::ecall_user, Privilege::user, Privilege::supervisor, 1_us);
    trace.returns(Privilege::supervisor, 2_us);
    EXPECT_TRUE(timeline.events.empty());
    exception(Exception::load_page_fault, Privilege::supervisor, Privilege::supervisor, 3_us);
    trace.returns(Privilege::user, 4_us);
    ASSERT_EQ(timeline.events.size(), 2u);
    EXPECT_EQ(timeline.events[0].begin, 3_us);
    EXPECT_EQ(timeline.events[1].begin, 1_us);
    for (const auto& e : timeline.events) EXPECT_EQ(e.end, 4_us);
    trace.returns(Privilege::user, 5_us); // a new process: nothing was entered
    EXPECT_EQ(timeline.events.size(), 2u);
}

TEST_F(HartTraceTest, InterruptsAreNamed) {
    const auto cause = static_cast<std::uint64_t>(abi::Interrupt::machine_timer) | abi::cause_interrupt_bit;
    trace.trap({cause, 0x80, 0, Privilege::user, Privilege::machine}, 1_us);
    trace.returns(Privilege::user, 2_us);
    ASSERT_EQ(timeline.of("interrupt").size(), 1u);
    EXPECT_EQ(static_cast<abi::Interrupt>(timeline.events[0]["cause"]), abi::Interrupt::machine_timer);
    const EventField& f = timeline.events[0].type->all_fields[0];
    EXPECT_EQ(f.names[timeline.events[0]["cause"]], "machine_timer");
}

TEST_F(HartTraceTest, AHandlerThatTrapsForEverTakesNoMemory) {
    for (std::uint64_t i = 1; i <= 1000; ++i)
        exception(Exception::illegal_instruction, Privilege::machine, Privilege::machine, Picoseconds{i * 1000});
    EXPECT_EQ(timeline.events.size(), 1000u - 8);
    for (const auto& e : timeline.events) EXPECT_EQ(*e.end - e.begin, 1_ns);
    trace.end(2_us);
    EXPECT_EQ(timeline.events.size(), 1000u);
}

TEST_F(HartTraceTest, PhasesJoinABeginAndTheNextEndOfTheirNumber) {
    trace.marker(marker(true, 7, 70, 1_us));
    trace.marker(marker(true, 8, 80, 2_us));
    trace.marker(marker(true, 7, 71, 3_us)); // again, inside
    trace.marker(marker(false, 7, 72, 4_us));
    trace.marker(marker(false, 7, 73, 5_us)); // crosses phase 8
    trace.marker(marker(false, 8, 81, 6_us));
    const auto phases = timeline.of("phase");
    ASSERT_EQ(phases.size(), 3u);
    EXPECT_EQ(phases[0]["value"], 71u);
    EXPECT_EQ(phases[0]["end_value"], 72u);
    EXPECT_EQ(phases[0].label, "phases");
    EXPECT_EQ(phases[1]["value"], 70u);
    EXPECT_EQ(phases[1].begin, 1_us);
    EXPECT_EQ(phases[1].end, 5_us);
    EXPECT_EQ(phases[1]["cycles"], 40'000u);
    EXPECT_EQ(phases[1]["instructions"], 20'000u);
    EXPECT_EQ(phases[2]["phase"], 8u);
    EXPECT_TRUE(timeline.of("marker").empty());
}

TEST_F(HartTraceTest, MarkersWithoutTheirOtherHalfStandAlone) {
    trace.marker(marker(false, 9, 1, 1_us));
    for (std::uint32_t i = 0; i < 66; ++i) trace.marker(marker(true, i, i, 2_us));
    auto alone = timeline.of("marker");
    ASSERT_EQ(alone.size(), 3u); // the end, and two begins too many
    EXPECT_EQ(alone[0]["begin"], 0u);
    EXPECT_EQ(alone[0]["phase"], 9u);
    EXPECT_FALSE(alone[0].end);
    EXPECT_EQ(alone[1]["phase"], 0u);
    EXPECT_EQ(alone[2]["phase"], 1u);
    trace.end(9_us);
    alone = timeline.of("marker");
    EXPECT_EQ(alone.size(), 67u);
    EXPECT_EQ(alone.back().begin, 2_us);
}

TEST_F(HartTraceTest, SleepEndsWithAWakeUpOrTheRun) {
    trace.falls_asleep(1_us);
    trace.wakes(5_us, 0x80);
    trace.falls_asleep(6_us);
    trace.end(9_us);
    trace.end(10_us); // once
    const auto sleeps = timeline.of("asleep");
    ASSERT_EQ(sleeps.size(), 2u);
    EXPECT_EQ(sleeps[0].end, 5_us);
    EXPECT_EQ(sleeps[0]["pending"], 0x80u);
    EXPECT_EQ(sleeps[1].begin, 6_us);
    EXPECT_EQ(sleeps[1].end, 9_us);
}

TEST_F(HartTraceTest, ARefillNamesTheFarthestPlaceItReadFrom) {
    mmu::Translation r;
    r.cost.l2_tlb = 4;
    trace.refill(VirtAddr{0x1234}, mmu::Access::store, r, 1_us, 2_us);
    r.cost.by_source[static_cast<std::size_t>(mmu::Source::l1)] = 10;
    r.cost.by_source[static_cast<std::size_t>(mmu::Source::remote)] = 100;
    r.level = 2;
    trace.refill(VirtAddr{0x1234}, mmu::Access::fetch, r, 1_us, 2_us);
    ASSERT_EQ(timeline.events.size(), 2u);
    EXPECT_EQ(timeline.events[0].path, "node[1].hart[0].dtlb");
    EXPECT_EQ(static_cast<TlbRefill::Served>(timeline.events[0]["served"]), TlbRefill::Served::l2_tlb);
    EXPECT_EQ(timeline.events[0]["walk_cycles"], 0u);
    EXPECT_EQ(timeline.events[1].path, "node[1].hart[0].itlb");
    EXPECT_EQ(static_cast<TlbRefill::Served>(timeline.events[1]["served"]), TlbRefill::Served::walk_remote);
    EXPECT_EQ(timeline.events[1]["walk_cycles"], 110u);
    EXPECT_EQ(timeline.events[1]["level"], 2u);
    EXPECT_EQ(timeline.events[1].type->all_fields[2].names[timeline.events[1]["served"]], "walk_remote");
}

} // namespace
} // namespace tollgate::cpu
