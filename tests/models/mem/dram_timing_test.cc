// Sets of times: by speed bin, with exceptions, and those that contradict themselves.
#include "mem/dram_timing.hh"
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace tollgate::mem {
namespace {

DramTiming timing(DramSpeed speed, const DramTimingParams& exceptions = {}) {
    DramParams p;
    p.speed = speed;
    return dram_timing(p, exceptions);
}

/// The message with which a set is refused; empty when it is not.
std::string refusal(const DramTimingParams& exceptions) {
    try {
        timing(DramSpeed::ddr4_2400, exceptions);
    } catch (const std::invalid_argument& e) { return e.what(); }
    return "";
}

TEST(DramTiming, ClocksTimesPeriodAreTheStandardsTimes) {
    struct Bound {
        std::uint32_t DramTiming::*time;
        std::uint64_t ps; ///< at least
    };
    // JESD79-4C, tables 169 and 170, and the speed bins' tAA, tRCD, tRP; a clock may be rounded down by 1 %.
    for (const Bound& b :
         {Bound{&DramTiming::cl, 13'750}, Bound{&DramTiming::rcd, 13'750}, Bound{&DramTiming::rp, 13'750},
          Bound{&DramTiming::ras, 32'000}, Bound{&DramTiming::ccd_l, 5'000}, Bound{&DramTiming::rrd_l, 4'900},
          Bound{&DramTiming::faw, 21'000}, Bound{&DramTiming::wr, 15'000}, Bound{&DramTiming::wtr_s, 2'500},
          Bound{&DramTiming::wtr_l, 7'500}, Bound{&DramTiming::rtp, 7'500}, Bound{&DramTiming::rfc, 350'000}})
        for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200}) {
            DramParams p;
            p.speed = speed;
            const DramTiming t = dram_timing(p, {});
            const std::uint64_t ps = dram_clock(p).time_of(Cycles{t.*b.time}).count();
            EXPECT_GE(ps * 100, b.ps * 99);
            EXPECT_LE(ps, b.ps + 1'500) << "more than a clock and a half too long";
        }
}

TEST(DramTiming, RefreshComesEvery7800Nanoseconds) {
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200}) {
        DramParams p;
        p.speed = speed;
        EXPECT_EQ(dram_clock(p).time_of(Cycles{dram_timing(p, {}).refi}), Picoseconds{7'800'000});
    }
}

TEST(DramTiming, TimeScaleStretchesTheClock) {
    DramParams p;
    for (const std::uint32_t percent : {50u, 100u, 200u, 1000u}) {
        p.time_scale = percent;
        EXPECT_EQ(dram_clock(p).time_of(Cycles{1200}), Picoseconds{10'000 * std::uint64_t{percent}});
    }
}

TEST(DramTiming, EveryExceptionReplacesItsTimeAndNoOther) {
    const DramTiming usual = timing(DramSpeed::ddr4_2400);
    struct Pair {
        std::uint32_t DramTimingParams::*exception;
        std::uint32_t DramTiming::*time;
    };
    const Pair pairs[] = {
        {&DramTimingParams::cl, &DramTiming::cl},       {&DramTimingParams::cwl, &DramTiming::cwl},
        {&DramTimingParams::rcd, &DramTiming::rcd},     {&DramTimingParams::rp, &DramTiming::rp},
        {&DramTimingParams::ras, &DramTiming::ras},     {&DramTimingParams::rc, &DramTiming::rc},
        {&DramTimingParams::rrd_s, &DramTiming::rrd_s}, {&DramTimingParams::rrd_l, &DramTiming::rrd_l},
        {&DramTimingParams::ccd_s, &DramTiming::ccd_s}, {&DramTimingParams::ccd_l, &DramTiming::ccd_l},
        {&DramTimingParams::faw, &DramTiming::faw},     {&DramTimingParams::wr, &DramTiming::wr},
        {&DramTimingParams::wtr_s, &DramTiming::wtr_s}, {&DramTimingParams::wtr_l, &DramTiming::wtr_l},
        {&DramTimingParams::rtp, &DramTiming::rtp},     {&DramTimingParams::rfc, &DramTiming::rfc},
        {&DramTimingParams::refi, &DramTiming::refi}};
    EXPECT_EQ(std::size(pairs), static_cast<std::size_t>(field_count<DramTimingParams>()));
    for (const Pair& p : pairs) {
        DramTimingParams e;
        // Each may grow or shrink by one clock; one of the two breaks no rule.
        const bool grows = p.time != &DramTiming::ras && p.time != &DramTiming::rp;
        e.*p.exception = usual.*p.time + 1 - (grows ? 0 : 2);
        const DramTiming t = timing(DramSpeed::ddr4_2400, e);
        for (const Pair& q : pairs)
            EXPECT_EQ(t.*q.time, q.time == p.time ? e.*p.exception : usual.*q.time) << "exception " << &p - pairs;
    }
}

TEST(DramTiming, ContradictionsAreRefusedWithTheirRule) {
    const auto with = [](std::uint32_t DramTimingParams::*m, std::uint32_t v) {
        DramTimingParams e;
        e.*m = v;
        return refusal(e);
    };
    EXPECT_EQ(refusal({}), "");
    EXPECT_EQ(with(&DramTimingParams::ccd_s, 3),
              "dram.timing: tCCD_S >= 4, the clocks of a burst does not hold: 3 is less than 4");
    EXPECT_NE(with(&DramTimingParams::ccd_l, 3).find("tCCD_L >= tCCD_S"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::rrd_l, 3).find("tRRD_L >= tRRD_S"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::wtr_l, 2).find("tWTR_L >= tWTR_S"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::faw, 15).find("tFAW >= 4 x tRRD_S"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::ras, 25).find("tRAS >= tRCD + tRTP"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::rc, 55).find("tRC >= tRAS + tRP"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::ras, 40).find("tRC >= tRAS + tRP"), std::string::npos);
    EXPECT_NE(with(&DramTimingParams::refi, 420).find("tREFI >= 2 x (tRFC"), std::string::npos);
    EXPECT_EQ(with(&DramTimingParams::faw, 16), "") << "equal is enough";
}

TEST(DramTiming, EveryDefaultIsInItsRange) {
    const auto check = [](const auto& params) {
        for_each_field<std::decay_t<decltype(params)>>([&](const auto& d) {
            if constexpr (std::is_same_v<std::decay_t<decltype(d.def)>, std::uint32_t>) {
                EXPECT_TRUE(d.range.contains(d.def)) << d.name;
            }
        });
    };
    check(DramParams{});
    check(DramTimingParams{});
}

} // namespace
} // namespace tollgate::mem
