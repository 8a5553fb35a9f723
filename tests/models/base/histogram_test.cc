#include "base/histogram.hh"
#include "base/random.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace tollgate {
namespace {

TEST(Histogram, BucketsFollowEachOtherWithoutGaps) {
    for (unsigned b = 0; b < Histogram::buckets; ++b) {
        EXPECT_EQ(Histogram::bucket_of(Histogram::first_of(b)), b);
        EXPECT_EQ(Histogram::bucket_of(Histogram::first_of(b + 1) - 1), b);
        EXPECT_LT(Histogram::first_of(b), Histogram::first_of(b + 1));
    }
    EXPECT_EQ(Histogram::first_of(Histogram::buckets), std::uint64_t{1} << Histogram::value_bits);
    EXPECT_EQ(Histogram::bucket_of(~0ull), Histogram::buckets - 1);
}

TEST(Histogram, ABucketIsExactBelow128AndWithinA64thAbove) {
    for (unsigned b = 0; b < Histogram::buckets; ++b) {
        const std::uint64_t first = Histogram::first_of(b), width = Histogram::first_of(b + 1) - first;
        if (first < 128) {
            EXPECT_EQ(width, 1u);
        } else {
            EXPECT_LE(width * 64, first);
        }
    }
}

TEST(Histogram, PercentilesAreThoseOfTheSortedSamples) {
    Random random{1};
    for (const std::size_t n : {1u, 2u, 10u, 999u, 1000u, 1001u}) {
        Histogram h;
        std::vector<std::uint64_t> all;
        for (std::size_t i = 0; i < n; ++i) {
            all.push_back(random.next() >> random.below(60));
            h.add(all.back());
        }
        std::sort(all.begin(), all.end());
        for (const std::uint64_t p : {0u, 1u, 500u, 900u, 990u, 999u, 1000u}) {
            const std::size_t rank = std::max<std::size_t>(1, (n * p + 999) / 1000);
            const std::uint64_t exact = all[rank - 1];
            EXPECT_EQ(Histogram::bucket_of(h.permille(p)), Histogram::bucket_of(exact)) << n << " samples, " << p;
            EXPECT_GE(h.permille(p), exact);
        }
        EXPECT_EQ(h.min(), all.front());
        EXPECT_EQ(h.max(), all.back());
        EXPECT_EQ(h.permille(1000), all.back());
    }
}

TEST(Histogram, WithoutSamplesEverythingIsZero) {
    const Histogram h;
    EXPECT_EQ(h.count(), 0u);
    EXPECT_EQ(h.min(), 0u);
    EXPECT_EQ(h.max(), 0u);
    EXPECT_EQ(h.permille(500), 0u);
}

} // namespace
} // namespace tollgate
