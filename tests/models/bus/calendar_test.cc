// Reservations against a list of what is taken.
#include "base/random.hh"
#include "bus/calendar.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace tollgate::bus {
namespace {

constexpr Picoseconds ps(std::uint64_t n) { return Picoseconds{n}; }

TEST(Calendar, InOrderRequestsQueue) {
    Calendar c;
    EXPECT_EQ(c.reserve(ps(100), ps(10)), ps(100));
    EXPECT_EQ(c.reserve(ps(100), ps(10)), ps(110));
    EXPECT_EQ(c.reserve(ps(119), ps(10)), ps(120));
    EXPECT_EQ(c.reserve(ps(130), ps(10)), ps(130));
    EXPECT_EQ(c.reserve(ps(141), ps(10)), ps(141));
    EXPECT_EQ(c.busy(), ps(50));
}

TEST(Calendar, ALateEarlierRequestTakesItsGap) {
    Calendar c;
    c.reserve(ps(100), ps(10));
    c.reserve(ps(200), ps(10));
    EXPECT_EQ(c.reserve(ps(50), ps(10)), ps(50));
    EXPECT_EQ(c.reserve(ps(105), ps(90)), ps(110)) << "it fits exactly";
    EXPECT_EQ(c.reserve(ps(90), ps(10)), ps(90)) << "so does this";
    EXPECT_EQ(c.reserve(ps(55), ps(31)), ps(210)) << "one too long does not";
    EXPECT_EQ(c.reserve(ps(55), ps(30)), ps(60));
    EXPECT_EQ(c.reserve(ps(60), ps(1)), ps(241));
    EXPECT_EQ(c.reserve(ps(0), ps(50)), ps(0));
    EXPECT_EQ(c.spans(), 1u) << "what touches is one piece";
}

TEST(Calendar, NoLengthWaitsAndTakesNothing) {
    Calendar c;
    c.reserve(ps(100), ps(10));
    EXPECT_EQ(c.reserve(ps(105), ps(0)), ps(110));
    EXPECT_EQ(c.reserve(ps(90), ps(0)), ps(90));
    EXPECT_EQ(c.reserve(ps(500), ps(0)), ps(500));
    EXPECT_EQ(c.reserve(ps(300), ps(5)), ps(300));
}

/// What is taken, kept for ever and sorted.
class List {
  public:
    std::uint64_t reserve(std::uint64_t at, std::uint64_t length) {
        for (const auto& [from, to] : taken_)
            if (to > at && from < at + length) at = to;
        taken_.insert(std::upper_bound(taken_.begin(), taken_.end(), std::pair{at, at}), {at, at + length});
        return at;
    }

  private:
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;
};

TEST(Calendar, AnyOrderIsThatOfAList) {
    for (const std::uint64_t load : {20u, 60u, 95u, 150u}) { // percent of what is free
        Calendar c;
        List list;
        Random random{load};
        std::uint64_t now = 10'000;
        for (int k = 0; k < 3000; ++k) {
            const std::uint64_t length = 1 + random.below(99);
            now += random.below(10'000 / load + 1);
            const std::uint64_t at = now - random.below(10'000);
            ASSERT_EQ(c.reserve(ps(at), ps(length)).count(), list.reserve(at, length)) << load << " % " << k;
        }
        EXPECT_EQ(c.forgotten(), 0u);
    }
}

TEST(Calendar, ThePastIsForgottenAtTheHorizon) {
    Calendar c{ps(1000)};
    c.reserve(ps(10), ps(10));
    c.reserve(ps(1500), ps(500)); // the newest ends at 2000: the horizon is 1000
    EXPECT_EQ(c.reserve(ps(1000), ps(10)), ps(1000));
    EXPECT_EQ(c.forgotten(), 0u);
    EXPECT_EQ(c.reserve(ps(999), ps(10)), ps(1010));
    EXPECT_EQ(c.forgotten(), 1u);
    EXPECT_EQ(c.reserve(ps(0), ps(10)), ps(1020));
    EXPECT_EQ(c.forgotten(), 2u);
}

TEST(Calendar, MemoryIsBounded) {
    Calendar c;
    Random random{1};
    std::uint64_t now = 1'000'000;
    for (int k = 0; k < 1'000'000; ++k) {
        now += 20 + random.below(20);
        const std::uint64_t at = random.below(4) == 0 ? now - random.below(20'000) : now;
        const Picoseconds start = c.reserve(ps(at), ps(10));
        ASSERT_GE(start.count(), at);
        ASSERT_LE(start.count(), at + 20'000);
        ASSERT_LE(c.spans(), 2 * Calendar::most_spans);
    }
    EXPECT_EQ(c.busy(), ps(10'000'000));
    // Beyond what is remembered nothing is free.
    EXPECT_GT(c.reserve(ps(0), ps(1)), ps(now - 100'000));
    EXPECT_GT(c.forgotten(), 0u);
}

} // namespace
} // namespace tollgate::bus
