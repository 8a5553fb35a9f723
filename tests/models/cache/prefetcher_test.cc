// What prefetchers want after what they have seen.
#include "base/random.hh"
#include "cache/prefetcher.hh"
#include <gtest/gtest.h>
#include <vector>

namespace tollgate::cache {
namespace {

constexpr std::uint64_t page = 0x8000'3000;
PhysAddr line(std::int64_t n) { return PhysAddr{page + static_cast<std::uint64_t>(n * 64)}; }

/// Line numbers, counted from the page.
std::vector<std::int64_t> lines(const Ahead& a) {
    std::vector<std::int64_t> r;
    for (std::uint32_t i = 0; i < a.count; ++i) r.push_back(static_cast<std::int64_t>(a.line(i).value() - page) / 64);
    return r;
}
using Lines = std::vector<std::int64_t>;

TEST(Prefetcher, NoneWantsNothing) {
    Prefetcher p{Prefetch::none, 4};
    EXPECT_FALSE(p.active());
    EXPECT_EQ(lines(p.learn(line(1))), Lines{});
}

TEST(Prefetcher, NextLineUpToTheBorderOfThePage) {
    Prefetcher p{Prefetch::next_line, 3};
    EXPECT_TRUE(p.active());
    EXPECT_EQ(lines(p.learn(line(0))), (Lines{1, 2, 3}));
    EXPECT_EQ(lines(p.learn(line(17))), (Lines{18, 19, 20}));
    EXPECT_EQ(lines(p.learn(line(60))), (Lines{61, 62, 63}));
    EXPECT_EQ(lines(p.learn(line(62))), (Lines{63}));
    EXPECT_EQ(lines(p.learn(line(63))), Lines{});
}

TEST(Prefetcher, AStrideIsKnownWhenSeenTwice) {
    for (const std::int64_t stride : {1, 2, 5, 16, -1, -3, -7}) {
        Prefetcher p{Prefetch::stride, 2};
        const std::int64_t from = stride > 0 ? 0 : 63;
        EXPECT_EQ(lines(p.learn(line(from))), Lines{});
        EXPECT_EQ(lines(p.learn(line(from + stride))), Lines{});
        Lines expected;
        for (std::int64_t k = 3; k <= 4; ++k)
            if (from + k * stride >= 0 && from + k * stride < 64) expected.push_back(from + k * stride);
        EXPECT_EQ(lines(p.learn(line(from + 2 * stride))), expected) << stride;
    }
}

TEST(Prefetcher, AnotherStrideMustShowItselfAgain) {
    Prefetcher p{Prefetch::stride, 1};
    for (const std::int64_t n : {0, 2, 4}) p.learn(line(n));
    EXPECT_EQ(lines(p.learn(line(6))), (Lines{8}));
    EXPECT_EQ(lines(p.learn(line(10))), (Lines{12})) << "two steps at once: what lay between was here";
    EXPECT_EQ(lines(p.learn(line(13))), Lines{});
    EXPECT_EQ(lines(p.learn(line(13))), Lines{}) << "the same line again says nothing";
    EXPECT_EQ(lines(p.learn(line(16))), (Lines{19}));
    EXPECT_EQ(lines(p.learn(line(10))), Lines{}) << "backwards is another stride";
}

TEST(Prefetcher, FollowsAsManyPagesAsItHasStreams) {
    const auto knows = [](std::uint64_t pages) {
        Prefetcher p{Prefetch::stride, 1};
        std::uint64_t wanted = 0;
        for (std::int64_t n = 0; n < 10; ++n)
            for (std::uint64_t k = 0; k < pages; ++k) {
                const Ahead a = p.learn(line(n) + k * page_bytes);
                if (a.count != 0) {
                    EXPECT_EQ(a.line(0), line(n + 1) + k * page_bytes);
                    ++wanted;
                }
            }
        return wanted;
    };
    EXPECT_EQ(knows(Prefetcher::streams), 8 * Prefetcher::streams);
    EXPECT_EQ(knows(Prefetcher::streams + 1), 0u) << "the least recently used one makes room";
}

TEST(Prefetcher, NeverLeavesThePage) {
    Random random{1};
    for (const auto kind : {Prefetch::next_line, Prefetch::stride})
        for (const std::uint32_t depth : {1u, 4u, 32u}) {
            Prefetcher p{kind, depth};
            std::uint64_t at = 0, stride = 1;
            std::uint64_t wanted = 0;
            for (int k = 0; k < 20'000; ++k) {
                if (random.below(16) == 0) {
                    at = random.below(1 << 16);
                    stride = random.below(9) - 4;
                }
                at = (at + stride) % (1 << 16);
                const PhysAddr l{at * 64};
                const Ahead a = p.learn(l);
                ASSERT_LE(a.count, depth);
                for (std::uint32_t i = 0; i < a.count; ++i) {
                    ASSERT_EQ(a.line(i).value() / page_bytes, l.value() / page_bytes);
                    ASSERT_EQ(a.line(i).value() % 64, 0u);
                    ASSERT_NE(a.line(i), l);
                    ++wanted;
                }
            }
            EXPECT_GT(wanted, 0u);
        }
}

TEST(Prefetcher, ForgetsWhenCleared) {
    Prefetcher p{Prefetch::stride, 1};
    for (const std::int64_t n : {0, 1}) p.learn(line(n));
    p.clear();
    EXPECT_EQ(lines(p.learn(line(2))), Lines{});
}

} // namespace
} // namespace tollgate::cache
