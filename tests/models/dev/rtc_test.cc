#include "dev/rtc.hh"
#include "models/support/register_checks.hh"
#include <gtest/gtest.h>
#include <memory>

namespace tollgate::dev {
namespace {

using namespace abi::rtc;

/// The time of day is no reset value.
struct Resets {
    template <class R> bool operator()(R) const { return !std::is_same_v<R, TimeLow>; }
};

TEST(RtcRegisters, FollowTheMap) {
    test::check_register_map<Map>([] { return std::make_unique<Rtc>(RtcParams{}); }, test::PresentAll{}, Resets{});
}

struct RtcTest : testing::Test {
    RtcParams params{.epoch = 1'000'000'000};
    Rtc rtc{params};
    std::uint64_t epoch_ns = params.epoch * 1'000'000'000;
    std::uint32_t get(unsigned at, Picoseconds now) {
        std::uint64_t v = 0;
        EXPECT_EQ(rtc.read(at, 4, now, v), Outcome::ok);
        return static_cast<std::uint32_t>(v);
    }
    void set(unsigned at, std::uint64_t v, Picoseconds now) { ASSERT_EQ(rtc.write(at, 4, now, v), Outcome::ok); }
    std::uint64_t time(Picoseconds now) {
        const std::uint32_t low = get(TimeLow::offset, now);
        return std::uint64_t{get(TimeHigh::offset, now + 5_ms)} << 32 | low; // the high word was latched
    }
    void alarm(std::uint64_t at_ns, Picoseconds now) {
        set(AlarmHigh::offset, at_ns >> 32, now);
        set(AlarmLow::offset, at_ns & 0xffff'ffff, now);
    }
};

TEST_F(RtcTest, TimeIsEpochPlusSimulatedTime) {
    EXPECT_EQ(time(0_ps), epoch_ns);
    EXPECT_EQ(time(123_ns + 999_ps), epoch_ns + 123);
    EXPECT_EQ(time(7'000_ms), epoch_ns + 7'000'000'000);
    EXPECT_EQ(rtc.counters().times_told, 3u);
    EXPECT_EQ(rtc.counters().seconds_told, 3 * params.epoch + 7);
}

TEST_F(RtcTest, TimeCanBeSet) {
    set(TimeHigh::offset, 5, 1_ms);
    set(TimeLow::offset, 77, 1_ms);
    EXPECT_EQ(time(1_ms + 3_ns), (5ull << 32) + 80);
}

TEST_F(RtcTest, AlarmGoesOffAtItsNanosecondAndNotBefore) {
    set(IrqEnabled::offset, 1, 500_ps);
    alarm(epoch_ns + 250, 500_ps);
    EXPECT_EQ(get(AlarmStatus::offset, 1_ns), 1u);
    ASSERT_EQ(rtc.next_action(), 250_ns);
    EXPECT_EQ(rtc.time_at(250_ns - 1_ps), epoch_ns + 249);
    EXPECT_FALSE(rtc.output(0));
    rtc.act(250_ns);
    EXPECT_TRUE(rtc.output(0));
    EXPECT_EQ(get(AlarmStatus::offset, 250_ns), 0u);
    EXPECT_EQ(rtc.next_action(), std::nullopt);
    set(ClearInterrupt::offset, 0, 251_ns);
    EXPECT_FALSE(rtc.output(0));
    EXPECT_EQ(rtc.counters().alarms, 1u);
}

TEST_F(RtcTest, AlarmInThePastGoesOffAtOnceAndClearedNever) {
    alarm(1, 1_ms);
    EXPECT_FALSE(rtc.output(0)); // not enabled
    set(IrqEnabled::offset, 1, 1_ms);
    EXPECT_TRUE(rtc.output(0));
    set(ClearInterrupt::offset, 1, 1_ms);
    alarm(epoch_ns + 5'000'000, 1_ms);
    set(ClearAlarm::offset, 1, 1_ms);
    EXPECT_EQ(rtc.next_action(), std::nullopt);
    alarm(~0ull, 1_ms); // beyond the end of simulated time
    EXPECT_EQ(rtc.next_action(), std::nullopt);
}

TEST_F(RtcTest, SettingTheTimeMovesTheAlarm) {
    alarm(epoch_ns + 1'000'000, 0_ps);
    set(TimeHigh::offset, (epoch_ns + 900'000) >> 32, 10_us);
    set(TimeLow::offset, (epoch_ns + 900'000) & 0xffff'ffff, 10_us);
    EXPECT_EQ(rtc.next_action(), 110_us);
}

} // namespace
} // namespace tollgate::dev
