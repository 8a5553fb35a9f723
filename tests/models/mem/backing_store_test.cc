#include "mem/backing_store.hh"
#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace tollgate::mem {
namespace {

using namespace literals;

std::vector<std::byte> read(BackingStore& s, std::uint64_t offset, std::size_t n) {
    std::vector<std::byte> v(n);
    s.read(offset, v);
    return v;
}
std::vector<std::byte> peek(const BackingStore& s, std::uint64_t offset, std::size_t n) {
    std::vector<std::byte> v(n);
    s.peek(offset, v);
    return v;
}

TEST(BackingStore, PeekTouchesNothingAndGivesWhatReadGives) {
    for (const Initial initial : {Initial::noise, Initial::zero}) {
        BackingStore s{1_MiB, initial, 7};
        const auto before = peek(s, 0x1ff3, 0x2011); // unaligned, over three pages
        EXPECT_EQ(s.counters().pages_touched, 0u);
        EXPECT_EQ(read(s, 0x1ff3, 0x2011), before);
        EXPECT_EQ(s.counters().pages_touched, 4u);
        EXPECT_EQ(peek(s, 0x1ff3, 0x2011), before);
    }
}

TEST(BackingStore, NoiseDependsOnSeedAndOffsetOnly) {
    BackingStore a{1_MiB, Initial::noise, 1}, b{1_MiB, Initial::noise, 1}, c{1_MiB, Initial::noise, 2};
    read(b, 0x5000, 1); // another order of touching
    EXPECT_EQ(read(a, 0, 0x8000), read(b, 0, 0x8000));
    EXPECT_NE(read(a, 0, 8), read(c, 0, 8));
    EXPECT_NE(read(a, 0, page_bytes), read(a, page_bytes, page_bytes));
}

TEST(BackingStore, ZeroIsZero) {
    BackingStore s{64_KiB, Initial::zero, 1};
    EXPECT_EQ(read(s, 0, 64 << 10), std::vector<std::byte>(64 << 10));
    EXPECT_EQ(s.counters().pages_touched, 16u);
    EXPECT_EQ(s.counters().pages_of_noise, 0u);
}

TEST(BackingStore, WritesStayAndNoiseAroundThem) {
    BackingStore s{64_KiB, Initial::noise, 1};
    auto expected = peek(s, 0xf00, 0x300);
    const std::array<std::byte, 3> mark{std::byte{1}, std::byte{2}, std::byte{3}};
    s.write(0xfff, mark); // over a page border
    std::memcpy(expected.data() + 0xff, mark.data(), mark.size());
    EXPECT_EQ(read(s, 0xf00, 0x300), expected);
    EXPECT_EQ(s.counters().pages_touched, 2u);
    EXPECT_EQ(s.counters().pages_of_noise, 2u);
}

TEST(BackingStore, PagePointerIsStableAndShared) {
    BackingStore s{64_KiB, Initial::noise, 1};
    std::byte* page = s.page(0x3abc);
    EXPECT_EQ(s.page(0x3000), page);
    page[5] = std::byte{0x77};
    EXPECT_EQ(read(s, 0x3005, 1)[0], std::byte{0x77});
    EXPECT_EQ(s.counters().pages_touched, 1u);
}

TEST(BackingStore, SixtyFourGigabytesCostTouchedPagesOnly) {
    BackingStore s{64_GiB, Initial::noise, 1};
    const auto last = peek(s, (64ull << 30) - 8, 8);
    EXPECT_EQ(read(s, (64ull << 30) - 8, 8), last);
    EXPECT_EQ(s.counters().pages_touched, 1u);
}

TEST(BackingStore, ContainsDoesNotWrap) {
    const BackingStore s{64_KiB, Initial::noise, 1};
    EXPECT_TRUE(s.contains(0, 0x10000));
    EXPECT_TRUE(s.contains(0x10000, 0));
    EXPECT_FALSE(s.contains(0, 0x10001));
    EXPECT_FALSE(s.contains(0xffff, 2));
    EXPECT_FALSE(s.contains(~0ull, 2));
    EXPECT_FALSE(s.contains(8, ~0ull));
}

TEST(BackingStore, SizeIsWholePages) {
    EXPECT_THROW(BackingStore(Bytes{0}, Initial::noise, 1), std::invalid_argument);
    EXPECT_THROW(BackingStore(Bytes{4097}, Initial::noise, 1), std::invalid_argument);
}

} // namespace
} // namespace tollgate::mem
