// Miss registers against a list of what is under way.
#include "base/random.hh"
#include "cache/miss_registers.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace tollgate::cache {
namespace {

PhysAddr line(std::uint64_t n) { return PhysAddr{n * line_bytes}; }

TEST(MissRegisters, TheOneTooManyWaitsForTheFirstToEnd) {
    for (const std::uint32_t count : {1u, 2u, 7u, 64u}) {
        MissRegisters r{count};
        for (std::uint32_t n = 0; n < count; ++n) {
            EXPECT_TRUE(r.free(Picoseconds{10}));
            EXPECT_EQ(r.begin(Picoseconds{10}), Picoseconds{10});
            r.end(line(n), Picoseconds{1000 + n});
        }
        EXPECT_EQ(r.free_at(Picoseconds{10}), Picoseconds{1000});
        EXPECT_FALSE(r.free(Picoseconds{999}));
        EXPECT_TRUE(r.free(Picoseconds{1000}));
        EXPECT_EQ(r.busy(Picoseconds{999}), count);
        EXPECT_EQ(r.busy(Picoseconds{1000}), count - 1);
        EXPECT_EQ(r.begin(Picoseconds{10}), Picoseconds{1000});
        r.end(line(99), Picoseconds{5000});
        EXPECT_EQ(r.free_at(Picoseconds{0}), Picoseconds{count == 1 ? 5000u : 1001u});
        r.clear();
        EXPECT_EQ(r.begin(Picoseconds{0}), Picoseconds{0});
    }
}

TEST(MissRegisters, ALineUnderWayIsFoundUntilItIsThere) {
    MissRegisters r{4};
    for (const std::uint64_t n : {3u, 1u, 2u}) { // they end in another order than they began
        r.begin(Picoseconds{0});
        r.end(line(n), Picoseconds{100 * n});
    }
    for (const std::uint64_t n : {1u, 2u, 3u}) {
        EXPECT_EQ(r.find(line(n), Picoseconds{100 * n - 1}), Picoseconds{100 * n});
        EXPECT_EQ(r.find(line(n), Picoseconds{100 * n}), Picoseconds{100 * n});
        EXPECT_EQ(r.find(line(n), Picoseconds{100 * n + 1}), Picoseconds{100 * n + 1});
    }
    EXPECT_EQ(r.find(line(4), Picoseconds{50}), Picoseconds{50});
}

TEST(MissRegisters, AnyOrderIsThatOfAList) {
    for (const std::uint32_t count : {1u, 3u, 12u, 64u}) {
        MissRegisters r{count};
        std::vector<std::uint64_t> until; // of registers that were ever used
        Random random{count};
        std::uint64_t now = 1000;
        for (int k = 0; k < 20'000; ++k) {
            now += random.below(100);
            const std::uint64_t at = now - random.below(60); // a little out of order
            std::uint64_t start = at;
            if (until.size() == count) {
                const auto first = std::min_element(until.begin(), until.end());
                start = std::max(at, *first);
                until.erase(first);
            }
            ASSERT_EQ(r.begin(Picoseconds{at}).count(), start);
            until.push_back(start + random.below(50 * count));
            r.end(line(static_cast<std::uint64_t>(k)), Picoseconds{until.back()});
            ASSERT_EQ(r.busy(Picoseconds{now}), static_cast<std::uint32_t>(std::count_if(
                                                    until.begin(), until.end(), [&](auto u) { return u > now; })));
        }
    }
}

} // namespace
} // namespace tollgate::cache
