// Conversions between cycles and time: exact for every clock and every moment, by comparison with 128-bit arithmetic.
#include "base/random.hh"
#include "base/units.hh"
#include <gtest/gtest.h>
#include <vector>

namespace tollgate {
namespace {

using namespace literals;
__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t ps_per_s = 1'000'000'000'000, last = ~0ull;

std::uint64_t time_in_wide(std::uint64_t cycles, std::uint64_t hertz) {
    return static_cast<std::uint64_t>(static_cast<Wide>(cycles) * ps_per_s / hertz);
}
std::uint64_t cycles_in_wide(std::uint64_t ps, std::uint64_t hertz) {
    return static_cast<std::uint64_t>((static_cast<Wide>(ps) * hertz + ps_per_s - 1) / ps_per_s);
}

/// Clocks of presets, their neighbours, the least and the greatest that a parameter may say, and some at random.
std::vector<std::uint64_t> clocks() {
    std::vector<std::uint64_t> r{1,
                                 3,
                                 10'000'000,
                                 999'999'999,
                                 1'000'000'000,
                                 1'000'000'007,
                                 1'200'000'000,
                                 1'167'883'211,
                                 1'500'000'000,
                                 1'600'000'000,
                                 2'000'000'000,
                                 3'141'592'653,
                                 10'000'000'000,
                                 ps_per_s - 1,
                                 ps_per_s,
                                 ps_per_s + 1};
    Random random{7};
    for (int i = 0; i < 200; ++i) r.push_back(1'000'000 + random.below(10'000'000'000));
    return r;
}

void expect_exact(const ClockDomain& clock, std::uint64_t n) {
    const std::uint64_t f = clock.frequency().count();
    ASSERT_EQ(clock.time_of(Cycles{n}).count(), time_in_wide(n, f)) << n << " cycles at " << f;
    ASSERT_EQ(clock.span(Picoseconds{n}).count(), cycles_in_wide(n, f)) << n << " ps at " << f;
    ASSERT_EQ(clock.cycle_at_or_after(Picoseconds{n}).count(), cycles_in_wide(n, f)) << n << " ps at " << f;
}

TEST(Units, ConversionsEqualThoseIn128Bits) {
    Random random{1};
    for (const std::uint64_t f : clocks()) {
        const ClockDomain clock{Hertz{f}};
        EXPECT_EQ(clock.frequency().count(), f);
        for (std::uint64_t n = 0; n < 200; ++n) {
            expect_exact(clock, n);
            expect_exact(clock, last - n);
        }
        for (int i = 0; i < 2000; ++i) {
            const std::uint64_t n = random.next() >> random.below(64);
            expect_exact(clock, n);
            // At and beside an edge: where rounding shows.
            const std::uint64_t edge = time_in_wide(n, f);
            for (const std::uint64_t t : {edge - 1, edge, edge + 1}) expect_exact(clock, t);
        }
    }
}

TEST(Units, AnEdgeIsItsOwnCycleAndWhatFollowsIsTheNext) {
    Random random{2};
    for (const std::uint64_t f : clocks()) {
        if (f > 10'000'000'000) continue; // edges less than 100 ps apart
        const ClockDomain clock{Hertz{f}};
        for (int i = 0; i < 500; ++i) {
            const Cycles n{random.below(last / (time_in_wide(1, f) + 1) - 1)};
            const Picoseconds edge = clock.time_of(n);
            ASSERT_EQ(clock.cycle_at_or_after(edge), n) << f;
            ASSERT_EQ(clock.cycle_at_or_after(edge + 1_ps), n + 1_cycles) << f;
        }
    }
}

TEST(Units, TheEndOfTimeHasACycle) {
    // No edge follows that 64 bits could say.
    EXPECT_EQ(ClockDomain{2_GHz}.cycle_at_or_after(Picoseconds{last}).count(), last / 500 + 1);
    EXPECT_EQ(ClockDomain{1_MHz}.cycle_at_or_after(Picoseconds{last}).count(), last / 1'000'000 + 1);
}

TEST(Units, PeriodsThatAreNoWholeNumberDoNotDrift) {
    constexpr ClockDomain u74{1500_MHz}, ddr4_2400{1200_MHz};
    static_assert(u74.time_of(Cycles{1}) == 666_ps);
    static_assert(u74.time_of(Cycles{3}) == 2_ns);
    static_assert(u74.time_of(Cycles{1'500'000'000}) == 1000_ms);
    static_assert(ddr4_2400.time_of(Cycles{6}) == 5_ns);
    static_assert(ddr4_2400.cycle_at_or_after(833_ps) == 1_cycles);
    static_assert(ddr4_2400.cycle_at_or_after(834_ps) == 2_cycles);
}

} // namespace
} // namespace tollgate
