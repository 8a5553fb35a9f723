// The u74 preset measured as sbc-bench measured VisionFive 2: under paging, walks included.
#include "whole_machine.hh"

namespace tollgate {
namespace {

TEST(Board, U74IsAsFarFromItsMemoryAsVisionFive2) {
    const WholeMachine u74{"u74"};
    const Findings found = u74.run(MEASURE_BOARD);
    ASSERT_FALSE(found.empty());
    const double ghz = static_cast<double>(u74.config().hart(0).hart.clock.count()) / 1e9;
    const auto ns = [&](const char* name) { return number(found, name) / ghz; };
    const auto mb_per_s = [&](const char* name) { return number(found, name) * ghz; };

    EXPECT_NEAR(ns("chase_16"), 2.00, 2.00 * 0.05) << "L1, 3 cycles";
    EXPECT_NEAR(ns("chase_64"), 13.35, 13.35 * 0.05) << "L2, 20 cycles";
    EXPECT_NEAR(ns("chase_128"), 13.35, 13.35 * 0.05);
    EXPECT_GE(ns("chase_131072"), 165);
    EXPECT_LE(ns("chase_131072"), 180);
    EXPECT_NEAR(ns("two_chases") / ns("chase_131072"), 2, 0.1) << "one miss at a time";
    // The next depth of prefetching on either side is further away.
    EXPECT_NEAR(mb_per_s("read"), 1379, 1379 * 0.15);
    // Outputs; these are the figures of docs/timing.md, beside 790 to 862 and 825 of the board.
    EXPECT_NEAR(mb_per_s("copy"), 883, 883 * 0.02);
    EXPECT_NEAR(mb_per_s("fill"), 1237, 1237 * 0.02);
    EXPECT_NEAR(mb_per_s("scan"), 864, 864 * 0.02);
}

} // namespace
} // namespace tollgate
