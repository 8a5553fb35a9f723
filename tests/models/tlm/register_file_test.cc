#include "models/support/register_checks.hh"
#include "tlm/register_file.hh"
#include <gtest/gtest.h>
#include <memory>

namespace tollgate {
namespace {

using abi::Access;
using abi::Reg;
using abi::RegMap;

struct Control : Reg<"CONTROL", 0x00, uint32_t, Access::rw, 0x11> {};
struct State : Reg<"STATE", 0x04, uint32_t, Access::ro, 7> {};
struct Kick : Reg<"KICK", 0x04, uint32_t, Access::wo> {};
struct Events : Reg<"EVENTS", 0x08, uint8_t, Access::w1c, 0xff> {};
struct Wide : Reg<"WIDE", 0x10, uint64_t, Access::rw, 0, 1, 8, 2> {};
struct Table : Reg<"TABLE", 0x20, uint16_t, Access::rw, 0, 4, 8> {};
using Map = RegMap<Control, State, Kick, Events, Wide, Table>;
static_assert(Map::overlap_free());
static_assert(Map::end == 0x3a);

// What overlap_free finds.
struct Beside : Reg<"BESIDE", 0x22, uint16_t, Access::rw, 0, 4, 8> {};
struct Inside : Reg<"INSIDE", 0x29, uint8_t, Access::rw> {};
static_assert(RegMap<Table, Beside>::overlap_free());
static_assert(!RegMap<Table, Inside>::overlap_free());
static_assert(!RegMap<Control, Reg<"TWICE", 0x00, uint8_t, Access::ro>>::overlap_free());

class Probe : public Device {
  public:
    unsigned kicks = 0;
    std::array<std::uint16_t, 3> table{};

    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override {
        return registers.read(*this, offset, size, now, value);
    }
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override {
        return registers.write(*this, offset, size, now, value);
    }
    RegisterFile<Map> registers;

  private:
    friend RegisterFile<Map>;
    unsigned present(Table) const { return 3; }
    std::uint16_t on_read(Table, unsigned i, Picoseconds) const { return table[i]; }
    void on_write(Table, unsigned i, std::uint16_t v, Picoseconds) { table[i] = v; }
    void on_write(Kick, unsigned, std::uint32_t, Picoseconds) { ++kicks; }
};

struct Present {
    template <class R> unsigned operator()(R) const { return std::is_same_v<R, Table> ? 3 : 1; }
};

struct RegisterFileTest : testing::Test {
    Probe probe;
    std::uint64_t get(unsigned at, unsigned size) {
        std::uint64_t v = 0;
        EXPECT_EQ(probe.read(at, size, {}, v), Outcome::ok);
        return v;
    }
    void set(unsigned at, unsigned size, std::uint64_t v) { EXPECT_EQ(probe.write(at, size, {}, v), Outcome::ok); }
};

TEST_F(RegisterFileTest, StoresAndMasksToTheWidth) {
    set(0, 4, 0xffff'ffff'1234'5678);
    EXPECT_EQ(get(0, 4), 0x12345678u);
    EXPECT_EQ(probe.registers.get<Control>(), 0x12345678u);
    probe.registers.reset();
    EXPECT_EQ(get(0, 4), Control::reset);
}

TEST_F(RegisterFileTest, OneOffsetTwoDirections) {
    set(4, 4, 99);
    EXPECT_EQ(probe.kicks, 1u);
    EXPECT_EQ(get(4, 4), State::reset);
}

TEST_F(RegisterFileTest, WritingAOneClears) {
    set(8, 1, 0x0f);
    EXPECT_EQ(get(8, 1), 0xf0u);
    set(8, 1, 0);
    EXPECT_EQ(get(8, 1), 0xf0u);
}

TEST_F(RegisterFileTest, PartsOfARegister) {
    set(0x10, 8, 0x1122334455667788);
    set(0x12, 2, 0xabcd);
    set(0x14, 4, 0xdeadbeef);
    EXPECT_EQ(get(0x10, 8), 0xdeadbeefabcd7788u);
    EXPECT_EQ(get(0x16, 2), 0xdeadu);
    std::uint64_t v = 0;
    EXPECT_EQ(probe.read(0x11, 2, {}, v), Outcome::burst_error);
    EXPECT_EQ(probe.read(0x10, 1, {}, v), Outcome::burst_error);
}

TEST_F(RegisterFileTest, ArraysEndWhereTheDeviceSays) {
    for (unsigned i = 0; i < 3; ++i) set(0x20 + 8 * i, 2, i + 1);
    EXPECT_EQ(probe.table, (std::array<std::uint16_t, 3>{1, 2, 3}));
    std::uint64_t v = 0;
    EXPECT_EQ(probe.read(0x38, 2, {}, v), Outcome::address_error);
    EXPECT_EQ(probe.read(0x22, 2, {}, v), Outcome::address_error); // between two of them
}

TEST(RegisterFile, FollowsTheMap) {
    test::check_register_map<Map>([] { return std::make_unique<Probe>(); }, Present{});
}

} // namespace
} // namespace tollgate
