#include "abi/plic_regs.hh"
#include "abi/reg.hh"
#include <array>
#include <cstdint>
#include <gtest/gtest.h>

namespace tollgate::abi {
namespace {

struct Mixed : Reg<"MIXED", 0x08, uint64_t, Access::rw> {
    using Low = Field<0, 1>;
    using Middle = Field<4, 12>;
    using Top = Field<63, 1>;
    using All = Field<0, 64>;
};
struct Row : Reg<"ROW", 0x10, uint32_t, Access::rw, 0, 4, 8> {};
using Map = RegMap<Mixed, Row>;

TEST(Reg, FieldsSelectTheirBits) {
    EXPECT_EQ(Mixed::Middle::mask, 0xfff0u);
    EXPECT_EQ(Mixed::Middle::get(0x12345678), 0x567u);
    EXPECT_EQ(Mixed::Middle::set(0x1abc), 0xabc0u) << "what does not fit is cut off";
    EXPECT_EQ(Mixed::Top::mask, 1ull << 63);
    EXPECT_EQ(Mixed::Top::get(~0ull), 1u);
    EXPECT_EQ(Mixed::All::mask, ~0ull);
    EXPECT_EQ(Mixed::All::set(42), 42u);
}

TEST(Reg, ExtentsCountWholeArrays) {
    EXPECT_EQ(Row::end, 0x10u + 3 * 8 + 4);
    EXPECT_EQ(Map::end, Row::end);
    EXPECT_LE(plic::Map::end, plic::size);
}

TEST(Mmio, ReachesEveryElementAtItsPlace) {
    alignas(8) std::array<std::uint8_t, Map::end> memory{};
    const Mmio<Map> device{reinterpret_cast<std::uintptr_t>(memory.data())};
    device.write<Mixed>(0x1122334455667788);
    for (std::uint32_t i = 0; i < Row::count; ++i) device.write<Row>(0xa0 + i, i);
    EXPECT_EQ(memory[0x08], 0x88);
    EXPECT_EQ(memory[0x0f], 0x11);
    for (std::uint32_t i = 0; i < Row::count; ++i) {
        EXPECT_EQ(memory[0x10 + 8 * i], 0xa0 + i);
        EXPECT_EQ(device.read<Row>(i), 0xa0 + i);
    }
}

} // namespace
} // namespace tollgate::abi
