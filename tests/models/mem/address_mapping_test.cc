#include "base/random.hh"
#include "mem/address_mapping.hh"
#include "mem/dram_timing.hh"
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace tollgate::mem {
namespace {

using namespace literals;

/// Every order of the six fields.
template <class F> void for_each_order(F&& f) {
    std::array<std::string, 6> fields{"ba", "bg", "ch", "co", "ra", "ro"};
    do {
        std::string text;
        for (const std::string& name : fields) text += name;
        f(text);
    } while (std::next_permutation(fields.begin(), fields.end()));
}

TEST(AddressMapping, IsABijectionInEveryOrder) {
    Random random{1};
    for (const std::uint32_t channels : {1u, 2u, 8u})
        for (const std::uint32_t ranks : {1u, 2u, 4u})
            for_each_order([&](const std::string& text) {
                const AddressMapping m{text, channels, ranks};
                ASSERT_EQ(m.capacity(), 8_GiB * channels * ranks) << text;
                for (int i = 0; i < 20; ++i) {
                    const PhysAddr line{random.below(m.capacity().count()) & ~(line_bytes - 1)};
                    const DramAddress a = m.decode(line);
                    ASSERT_LT(a.channel, channels);
                    ASSERT_LT(a.rank, ranks);
                    ASSERT_LT(a.group, DramGeometry::groups);
                    ASSERT_LT(a.bank, DramGeometry::banks_per_group);
                    ASSERT_LT(a.row, DramGeometry::rows);
                    ASSERT_LT(a.column, DramGeometry::lines_per_row);
                    ASSERT_EQ(m.encode(a), line) << text;
                    ASSERT_EQ(m.decode(line + random.below(line_bytes)), a) << "within the line";
                }
            });
}

TEST(AddressMapping, EveryBitOfAnAddressIsOneOfOneField) {
    for_each_order([&](const std::string& text) {
        const AddressMapping m{text, 2, 2};
        for (std::uint64_t bit = line_bytes; bit < m.capacity().count(); bit <<= 1) {
            const DramAddress a = m.decode(PhysAddr{bit});
            const int fields =
                (a.channel != 0) + (a.rank != 0) + (a.group != 0) + (a.bank != 0) + (a.row != 0) + (a.column != 0);
            ASSERT_EQ(fields, 1) << text << " bit " << bit;
        }
    });
}

TEST(AddressMapping, FieldsStandFromTheTopBitDown) {
    const AddressMapping m{"rochracobabg", 1, 1}; // row 16, column 7, bank 2, group 2, byte 6
    EXPECT_EQ(m.decode(PhysAddr{64}).group, 1);
    EXPECT_EQ(m.decode(PhysAddr{64 << 2}).bank, 1);
    EXPECT_EQ(m.decode(PhysAddr{64 << 4}).column, 1);
    EXPECT_EQ(m.decode(PhysAddr{64 << 11}).row, 1u);
    const AddressMapping linear{"rachbgbaroco", 2, 2};
    EXPECT_EQ(linear.decode(PhysAddr{64}).column, 1);
    EXPECT_EQ(linear.decode(PhysAddr{64 << 7}).row, 1u);
    EXPECT_EQ(linear.decode(PhysAddr{64ull << 28}).rank, 1);
}

std::string refusal(std::string_view text, std::uint32_t channels = 1, std::uint32_t ranks = 1) {
    try {
        const AddressMapping m{text, channels, ranks};
    } catch (const std::invalid_argument& e) { return e.what(); }
    return "";
}

TEST(AddressMapping, WhatIsNoMappingIsRefusedAndSaysWhy) {
    EXPECT_EQ(refusal("rochracobabg"), "");
    EXPECT_EQ(refusal("rochracobaba"),
              "dram.mapping: \"rochracobaba\" names ba twice; expected ro, ch, ra, ba, bg and co, each once, from the "
              "top bit down");
    for (const char* text : {"", "ro", "rochracobabgro", "rochracobab", "xxchracobabg", "ROCHRACOBABG"})
        EXPECT_NE(refusal(text), "") << text;
    EXPECT_EQ(refusal("\n\x1b").find('\n'), std::string::npos) << "a message is one line";
    EXPECT_NE(refusal("rochracobabg", 3), "");
    EXPECT_NE(refusal("rochracobabg", 1, 8), "");
    EXPECT_NE(refusal("rochracobabg", 0), "");
}

} // namespace
} // namespace tollgate::mem
