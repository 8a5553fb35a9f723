#include "dev/clint.hh"
#include "models/support/register_checks.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <memory>

namespace tollgate::dev {
namespace {

using namespace abi::clint;
constexpr unsigned harts = 3;
constexpr std::uint64_t msip(unsigned h) { return Msip::offset + h * Msip::stride; }
constexpr std::uint64_t mtimecmp(unsigned h) { return Mtimecmp::offset + h * Mtimecmp::stride; }

struct Present {
    template <class R> unsigned operator()(R) const { return R::count == 1 ? 1 : harts; }
};

TEST(ClintRegisters, FollowTheMap) {
    test::check_register_map<Map>([] { return std::make_unique<Clint>(ClintParams{}, harts); }, Present{});
    test::check_register_map<SswiMap>([] { return std::make_unique<Sswi>(harts); }, Present{});
}

TEST(Clint, MtimeCountsEdgesOfTheTimebase) {
    for (const Hertz timebase : {10_MHz, 1_MHz, Hertz{32'768}, Hertz{3'333'333}}) {
        const Clint clint{{.timebase = timebase}, 1};
        const ClockDomain clock{timebase};
        for (const std::uint64_t n : {1ull, 2ull, 1000ull, 123'456'789ull}) {
            const Picoseconds edge = clock.time_of(Cycles{n});
            EXPECT_EQ(clint.mtime_at(edge), n);
            EXPECT_EQ(clint.mtime_at(edge - 1_ps), n - 1);
        }
    }
}

TEST(Clint, TimerIsPendingAtTheCompareAndNotBefore) {
    Clint clint{{}, harts};
    ASSERT_EQ(clint.write(mtimecmp(1), 8, 0_ps, 25), Outcome::ok);
    EXPECT_EQ(clint.next_action(), 2500_ns);
    clint.act(2500_ns - 1_ps);
    EXPECT_FALSE(clint.output(3));
    clint.act(2500_ns);
    EXPECT_TRUE(clint.output(3));
    EXPECT_FALSE(clint.output(1) || clint.output(5));
    EXPECT_EQ(clint.counters().timer_interrupts, 1u);
    clint.write(mtimecmp(1), 8, 2600_ns, 27);
    EXPECT_FALSE(clint.output(3));
    EXPECT_EQ(clint.next_action(), 2700_ns);
}

TEST(Clint, CompareInThePastIsPendingAtOnceAndAllOnesIsNever) {
    Clint clint{{}, harts};
    EXPECT_EQ(clint.next_action(), std::nullopt);
    clint.write(mtimecmp(0), 8, 1_ms, 3);
    EXPECT_TRUE(clint.output(1));
    clint.write(mtimecmp(0), 8, 1_ms, ~0ull);
    EXPECT_FALSE(clint.output(1));
    EXPECT_EQ(clint.next_action(), std::nullopt);
}

TEST(Clint, HalvesMakeTheWhole) {
    Clint clint{{}, harts};
    clint.write(mtimecmp(2), 4, 0_ps, 0x11223344);
    clint.write(mtimecmp(2) + 4, 4, 0_ps, 0x55667788);
    std::uint64_t v = 0;
    clint.read(mtimecmp(2), 8, 0_ps, v);
    EXPECT_EQ(v, 0x55667788'11223344ull);
    clint.read(mtimecmp(2) + 4, 4, 0_ps, v);
    EXPECT_EQ(v, 0x55667788u);
    clint.write(Mtime::offset + 4, 4, 700_ns, 1); // the low half goes on
    clint.read(Mtime::offset, 8, 700_ns, v);
    EXPECT_EQ(v, 0x1'0000'0007ull);
}

TEST(Clint, WritingMtimeMovesTimersAndTellsSo) {
    Clint clint{{}, harts};
    unsigned told = 0;
    clint.on_rebase([&] { ++told; });
    clint.write(mtimecmp(0), 8, 0_ps, 1000);
    clint.write(Mtime::offset, 8, 10_us, 990);
    EXPECT_EQ(told, 1u);
    EXPECT_EQ(clint.next_action(), 11_us);
    EXPECT_EQ(clint.mtime_at(11_us), 1000u);
    EXPECT_EQ(clint.when_mtime(1000, 10_us), 11_us);
    EXPECT_EQ(clint.when_mtime(1, 10_us), 10_us);
    EXPECT_EQ(clint.when_mtime(~0ull, 10_us), std::nullopt);
}

TEST(Clint, WhenMtimeDoesNotLookBehindItsLastWrite) {
    Clint clint{{}, harts};
    clint.write(Mtime::offset, 8, 1_ms, 0); // before that it would now be negative, and so huge
    EXPECT_EQ(clint.when_mtime(5, 0_ps), 1_ms + 500_ns);
    EXPECT_EQ(clint.when_mtime(0, 0_ps), 1_ms);
}

TEST(Clint, PendingEndsWhereMtimeWraps) {
    Clint clint{{}, 1};
    clint.write(mtimecmp(0), 8, 0_ps, 5);
    clint.write(Mtime::offset, 8, 0_ps, ~0ull - 1);
    EXPECT_TRUE(clint.output(1));
    EXPECT_EQ(clint.next_action(), 200_ns);
    clint.act(200_ns);
    EXPECT_FALSE(clint.output(1));
    EXPECT_EQ(clint.next_action(), 700_ns); // mtime is 5
}

TEST(Clint, MsipIsOneBit) {
    Clint clint{{}, harts};
    std::uint64_t v = 0;
    clint.write(msip(1), 4, 0_ps, 0xffff'ffff);
    clint.read(msip(1), 4, 0_ps, v);
    EXPECT_EQ(v, 1u);
    EXPECT_TRUE(clint.output(2));
    clint.write(msip(1), 4, 0_ps, 0xffff'fffe);
    EXPECT_FALSE(clint.output(2));
    EXPECT_EQ(clint.counters().machine_ipis, 1u);
}

TEST(Clint, RefusesMoreHartsThanItsMapHas) { EXPECT_THROW(Clint({}, max_harts + 1), std::invalid_argument); }

struct ClintTargetTest : testing::Test {
    ClintParams params{.latency = 30_ns};
    Clint clint{params, 2};
    ClintTarget target{"clint", clint, params.latency};
    test::ScriptedInitiator initiator{"initiator"};
    test::RecordingSink hart0, hart1;
    ClintTargetTest() {
        initiator.socket.bind(target.socket);
        target.connect(0, hart0, machine_software);
        target.connect(1, hart0, machine_timer);
        target.connect(2, hart1, machine_software);
        target.connect(3, hart1, machine_timer);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
};
using Changes = std::vector<test::RecordingSink::Change>;

TEST_F(ClintTargetTest, TimerRisesAtItsEdge) {
    EXPECT_EQ(test::next_activity(), end_of_time);
    initiator.write(mtimecmp(1), 8, 12);
    EXPECT_EQ(test::next_activity(), 1200_ns);
    test::run_to(1200_ns - 1_ps);
    EXPECT_TRUE(hart1.changes.empty());
    test::run_to(1300_ns);
    EXPECT_EQ(hart1.changes, (Changes{{machine_timer, true, 1200_ns}}));
    EXPECT_TRUE(hart0.changes.empty());
    EXPECT_EQ(test::next_activity(), end_of_time);
}

TEST_F(ClintTargetTest, SoftwareInterruptsChangeAtTheAccessesOwnTimes) {
    EXPECT_EQ(initiator.write(msip(0), 4, 1, 70_ns).took, 70_ns + params.latency);
    initiator.write(msip(0), 4, 0, 90_ns);
    initiator.write(msip(1), 4, 1, 100_ns);
    EXPECT_TRUE(hart0.changes.empty());
    test::run_to(1_us);
    EXPECT_EQ(hart0.changes, (Changes{{machine_software, true, 70_ns}, {machine_software, false, 90_ns}}));
    EXPECT_EQ(hart1.changes, (Changes{{machine_software, true, 100_ns}}));
}

TEST_F(ClintTargetTest, MtimeIsReadAtTheReadersLocalTime) {
    test::run_to(1_us);
    EXPECT_EQ(initiator.read(Mtime::offset, 8).value, 10u);
    EXPECT_EQ(initiator.read(Mtime::offset, 8, 99_ns).value, 10u);
    EXPECT_EQ(initiator.read(Mtime::offset, 8, 100_ns).value, 11u);
    EXPECT_EQ(target.mtime_at(1100_ns), 11u);
}

TEST_F(ClintTargetTest, AnActionBetweenStampAndAccessComesFirst) {
    initiator.write(mtimecmp(0), 8, 1);             // due at 100 ns
    initiator.write(mtimecmp(0), 8, ~0ull, 150_ns); // withdrawn after it
    test::run_to(1_us);
    EXPECT_EQ(hart0.changes, (Changes{{machine_timer, true, 100_ns}, {machine_timer, false, 150_ns}}));
}

TEST_F(ClintTargetTest, CountsAndRefuses) {
    EXPECT_EQ(initiator.read(msip(2), 4).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(msip(0), 2).status, ::tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(mtimecmp(0) + 2, 4).status, ::tlm::TLM_BURST_ERROR_RESPONSE);
    initiator.read(msip(0), 4);
    initiator.write(msip(0), 4, 0);
    const RegisterCounters& c = target.counters();
    EXPECT_EQ(c.address_errors, 1u);
    EXPECT_EQ(c.burst_errors, 2u);
    EXPECT_EQ(c.reads, 1u);
    EXPECT_EQ(c.writes, 1u);
}

TEST(SswiTarget, WritingAOneIsAPulse) {
    Sswi sswi{2};
    RegisterTarget target{"sswi", sswi, 10_ns};
    test::ScriptedInitiator initiator{"initiator"};
    test::RecordingSink hart0, hart1;
    initiator.socket.bind(target.socket);
    target.connect(0, hart0, supervisor_software);
    target.connect(1, hart1, supervisor_software);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    initiator.write(0, 4, 1, 5_ns);
    initiator.write(0, 4, 1, 5_ns);
    initiator.write(4, 4, 0xfffe, 6_ns);
    test::run_to(1_us);
    EXPECT_EQ(hart0.changes, (Changes{{supervisor_software, true, 5_ns},
                                      {supervisor_software, false, 5_ns},
                                      {supervisor_software, true, 5_ns},
                                      {supervisor_software, false, 5_ns}}));
    EXPECT_TRUE(hart1.changes.empty());
    EXPECT_EQ(sswi.counters().supervisor_ipis, 2u);
}

} // namespace
} // namespace tollgate::dev
