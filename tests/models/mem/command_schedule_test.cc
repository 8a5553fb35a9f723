// Where the next command may stand: looked up in bits, and searched for in lists of what was placed. Both say the same.
#include "base/random.hh"
#include "mem/command_schedule.hh"
#include <gtest/gtest.h>
#include <string>

namespace tollgate::mem {
namespace {

constexpr std::array column_or_row{Command::act, Command::pre, Command::rd, Command::rda, Command::wr, Command::wra};

/// Commands for banks at random. Most come near the newest, some late, a few so late or early that the bits are
/// forgotten. Returns how often the answers differed from the clock asked for.
int compare(CommandSchedule& s, std::uint32_t ranks, std::uint64_t seed, int steps) {
    Random random{seed};
    Clock front = 100;
    int moved = 0;
    for (int i = 0; i < steps; ++i) {
        const DramAddress a{.rank = static_cast<std::uint8_t>(random.below(ranks)),
                            .group = static_cast<std::uint8_t>(random.below(4)),
                            .bank = static_cast<std::uint8_t>(random.below(4)),
                            .row = static_cast<std::uint32_t>(random.below(3))};
        const Command c = column_or_row[random.below(column_or_row.size())];
        Clock back = random.below(40);
        if (random.below(50) == 0) back = random.below(1000);
        if (random.below(500) == 0) back = random.below(30'000);
        if (random.below(1000) == 0) front += random.below(20'000);
        const Clock from = front > back ? front - back : 0;
        const Clock at = s.earliest(c, a, from);
        EXPECT_EQ(at, s.search(c, a, from)) << "step " << i << " from " << from << " to " << front;
        if (testing::Test::HasFailure()) return moved;
        moved += at != from;
        front = std::max(front + random.below(4), at > front + 2000 ? front : at);
        if (random.below(4) != 0) s.place(c, a, at);
    }
    return moved;
}

TEST(CommandSchedule, BitsAndListsAgree) {
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200})
        for (const std::uint32_t ranks : {1u, 2u, 4u})
            for (const bool refresh : {true, false}) {
                SCOPED_TRACE(std::to_string(ranks) + " ranks");
                DramParams p;
                p.speed = speed;
                p.ranks = ranks;
                const DramTiming t = dram_timing(p, {});
                CommandSchedule s{constraints(t), ranks, refresh ? t.refi : 0};
                EXPECT_GT(compare(s, ranks, ranks, 20'000), 10'000);
            }
}

TEST(CommandSchedule, BitsAndListsAgreeWithUnusualTimes) {
    DramTimingParams odd;
    odd.faw = 150;
    odd.wtr_l = 200;
    odd.ccd_l = 80;
    odd.rrd_l = 30;
    const DramTiming t = dram_timing({}, odd);
    CommandSchedule s{constraints(t), 1, t.refi};
    EXPECT_GT(compare(s, 1, 9, 20'000), 10'000);
}

/// Commands so far apart that none is in another's way, in runs longer and shorter than what is kept of them; then
/// somebody looks and places back there.
TEST(CommandSchedule, AQuietChannelIsAsked) {
    for (const std::uint32_t ranks : {1u, 2u}) {
        const DramTiming t = dram_timing({}, {});
        CommandSchedule s{constraints(t), ranks, t.refi};
        Random random{ranks};
        Clock front = 100;
        for (int run = 0; run < 300; ++run) {
            const Clock run_begins = front;
            for (std::uint64_t left = random.below(200) + 1; left != 0; --left) {
                const DramAddress a{.rank = static_cast<std::uint8_t>(random.below(ranks)),
                                    .group = static_cast<std::uint8_t>(random.below(4))};
                const Command c = column_or_row[random.below(column_or_row.size())];
                front = s.earliest(c, a, front + 10 + random.below(60));
                ASSERT_EQ(front, s.search(c, a, front));
                s.place(c, a, front);
            }
            for (int look = 0; look < 8; ++look) {
                const DramAddress a{.rank = static_cast<std::uint8_t>(random.below(ranks)),
                                    .group = static_cast<std::uint8_t>(random.below(4)),
                                    .bank = 1};
                const Command c = column_or_row[random.below(column_or_row.size())];
                const Clock from = front - random.below(look % 2 == 0 ? 300 : front - run_begins + 1);
                const Clock at = s.earliest(c, a, from);
                ASSERT_EQ(at, s.search(c, a, from)) << "run " << run << " from " << from << " to " << front;
                if (look == 0) s.place(c, a, at);
            }
        }
    }
}

TEST(CommandSchedule, WhatIsForgottenIsSearchedFor) {
    const DramTiming t = dram_timing({}, {});
    CommandSchedule s{constraints(t), 1, 0};
    const DramAddress a{}, b{.group = 1};
    s.place(Command::act, a, 1000);
    // A ring's length on, the word of clock 1000 is another's.
    s.place(Command::act, a, 1000 + 4096);
    EXPECT_EQ(s.earliest(Command::act, b, 1000), s.search(Command::act, b, 1000));
    EXPECT_EQ(s.earliest(Command::act, b, 1000), 1000 + t.rrd_s);
}

} // namespace
} // namespace tollgate::mem
