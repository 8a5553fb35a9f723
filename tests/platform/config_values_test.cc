#include "config/nearest.hh"
#include "config/values.hh"
#include "platform/config_fixture.hh"
#include <gtest/gtest.h>

namespace tollgate::config_test {
namespace {

using config::Form;
using config::Value;
using config::ValueType;

std::uint64_t number(Unit unit, std::string_view text) {
    return std::get<std::uint64_t>(config::parse_value(ValueType{Form::number, unit, {}, {}}, text));
}
std::string print(Unit unit, std::uint64_t v) {
    return config::print_value(ValueType{Form::number, unit, {}, {}}, Value{v});
}

TEST(Values, UnitsScaleExactly) {
    EXPECT_EQ(number(Unit::bytes, "32KiB"), 32u << 10);
    EXPECT_EQ(number(Unit::bytes, "1.5MiB"), 3u << 19);
    EXPECT_EQ(number(Unit::bytes, "64B"), 64u);
    EXPECT_EQ(number(Unit::hertz, "1.5GHz"), 1'500'000'000u);
    EXPECT_EQ(number(Unit::hertz, "1.333333333GHz"), 1'333'333'333u);
    EXPECT_EQ(number(Unit::time, "80ns"), 80'000u);
    EXPECT_EQ(number(Unit::time, "2.5us"), 2'500'000u);
    EXPECT_EQ(number(Unit::time, "1s"), 1'000'000'000'000u);
    EXPECT_EQ(number(Unit::bits_per_second, "25Gb/s"), 25'000'000'000u);
    EXPECT_EQ(number(Unit::bits_per_second, "12GB/s"), 96'000'000'000u);
    EXPECT_EQ(number(Unit::percent, "50%"), 50u);
    EXPECT_EQ(number(Unit::bytes, " 32 KiB "), 32u << 10);
}

TEST(Values, CountsAreBareAndMayNameTheirUnit) {
    EXPECT_EQ(number(Unit::cycles, "9"), 9u);
    EXPECT_EQ(number(Unit::cycles, "9 cycles"), 9u);
    EXPECT_EQ(number(Unit::cycles, "9cycles"), 9u);
    EXPECT_EQ(number(Unit::entries, "64 entries"), 64u);
    EXPECT_EQ(number(Unit::none, "0x10"), 16u);
    EXPECT_EQ(number(Unit::none, "18446744073709551615"), ~0ull);
    EXPECT_EQ(number(Unit::none, "0xffffffffffffffff"), ~0ull);
}

TEST(Values, ABareNumberIsRefusedWhereAUnitIsNeeded) {
    for (const Unit u : {Unit::bytes, Unit::time, Unit::hertz, Unit::bits_per_second, Unit::percent})
        for (const char* text : {"32", "0", "1.5"}) EXPECT_THROW(number(u, text), config::BadValue) << text;
    EXPECT_EQ(message_of([] { number(Unit::hertz, "2"); }),
              "\"2\" is not a frequency with its unit; expected a number with Hz, kHz, MHz or GHz, such as 2GHz");
}

TEST(Values, NothingIsRoundedAndNothingWraps) {
    EXPECT_THROW(number(Unit::time, "0.5ps"), config::BadValue);
    EXPECT_THROW(number(Unit::bytes, "0.3KiB"), config::BadValue);
    EXPECT_THROW(number(Unit::none, "1.5"), config::BadValue);
    EXPECT_EQ(number(Unit::time, "0.001ns"), 1u);
    EXPECT_EQ(number(Unit::bytes, "16777215TiB"), 16777215ull << 40);
    EXPECT_THROW(number(Unit::bytes, "16777216TiB"), config::OutOfRange);
    EXPECT_THROW(number(Unit::none, "18446744073709551616"), config::OutOfRange);
    EXPECT_THROW(number(Unit::none, "0x10000000000000000"), config::BadValue);
    EXPECT_THROW(number(Unit::time, std::string(200, '9') + "s"), config::BadValue);
}

TEST(Values, GarbageIsNoNumber) {
    for (const char* text : {"", " ", "GHz", ".", "1.", ".5GHz", "1..5GHz", "1.5.5GHz", "-1GHz", "+1GHz", "1e9Hz",
                             "1 GHz x", "2ghz", "2gHz", "2GiB", "0x10Hz", "1,5GHz"})
        EXPECT_THROW(number(Unit::hertz, text), config::BadValue) << text;
    for (const char* text : {"", "-1", "0x", "0xg", "1 entries", "1e3", "9 cycle s"})
        EXPECT_THROW(number(Unit::cycles, text), config::BadValue) << text;
}

TEST(Values, PrintIsShortAndExact) {
    EXPECT_EQ(print(Unit::bytes, 32u << 10), "32KiB");
    EXPECT_EQ(print(Unit::bytes, 3u << 19), "1536KiB");
    EXPECT_EQ(print(Unit::bytes, 0), "0B");
    EXPECT_EQ(print(Unit::hertz, 1'500'000'000), "1.5GHz");
    EXPECT_EQ(print(Unit::hertz, 1'333'333'333), "1333333333Hz");
    EXPECT_EQ(print(Unit::time, 2'500'000), "2.5us");
    EXPECT_EQ(print(Unit::time, 833), "833ps");
    EXPECT_EQ(print(Unit::time, 1'000'000'000'000), "1s");
    EXPECT_EQ(print(Unit::bits_per_second, 25'000'000'000), "25Gb/s");
    EXPECT_EQ(print(Unit::percent, 50), "50%");
    EXPECT_EQ(print(Unit::cycles, 9), "9");
}

TEST(Values, PrintedValuesReadBackTheSame) {
    for (const Unit u : {Unit::none, Unit::bytes, Unit::cycles, Unit::time, Unit::hertz, Unit::bits_per_second,
                         Unit::entries, Unit::percent})
        for (unsigned shift = 0; shift < 64; ++shift)
            for (const std::uint64_t factor : {1ull, 3ull, 999ull, 1'001ull, 1'000'000ull, 0x123456789abcdefull}) {
                const std::uint64_t v = factor << shift;
                EXPECT_EQ(number(u, print(u, v)), v) << print(u, v);
            }
}

TEST(Values, RangesAreInclusiveAndStated) {
    const ValueType size{Form::number, Unit::bytes, {1024, 64u << 20, true}, {}};
    EXPECT_EQ(std::get<std::uint64_t>(config::parse_value(size, "1KiB")), 1024u);
    EXPECT_EQ(std::get<std::uint64_t>(config::parse_value(size, "64MiB")), 64u << 20);
    for (const char* text : {"512B", "128MiB", "3KiB", "0B"})
        EXPECT_THROW(config::parse_value(size, text), config::OutOfRange) << text;
    EXPECT_EQ(message_of([&] { config::parse_value(size, "128MiB"); }),
              "128MiB is out of range; expected 1KiB to 64MiB, a power of two");
    EXPECT_EQ(config::print_range({Form::number, Unit::time, {}, {}}), "0ps or more");
}

TEST(Values, SwitchesAndChoices) {
    const ValueType flag{Form::boolean, Unit::none, {}, {}};
    for (const char* text : {"on", "true"}) EXPECT_EQ(std::get<std::uint64_t>(config::parse_value(flag, text)), 1u);
    for (const char* text : {"off", "false"}) EXPECT_EQ(std::get<std::uint64_t>(config::parse_value(flag, text)), 0u);
    for (const char* text : {"", "1", "yes", "TRUE"})
        EXPECT_THROW(config::parse_value(flag, text), config::BadValue) << text;
    const ValueType choice{Form::choice, Unit::none, {}, Choice<Policy>::names};
    EXPECT_EQ(std::get<std::uint64_t>(config::parse_value(choice, "random")), 2u);
    EXPECT_EQ(config::print_value(choice, Value{std::uint64_t{1}}), "tree_plru");
    EXPECT_EQ(message_of([&] { config::parse_value(choice, "fifo"); }),
              "\"fifo\" is no choice; expected lru, tree_plru or random");
}

TEST(Values, TextIsUtf8WithoutControlCharacters) {
    const ValueType text{Form::text, Unit::none, {}, {}};
    for (const std::string s : {"", "rv64gc", "a \"b\" \\ c", "\xc3\xa4", "\xf0\x9f\x98\x80"})
        EXPECT_EQ(std::get<std::string>(config::parse_value(text, s)), s);
    for (const std::string s :
         {"a\nb", "\x7f", "\x80", "\xc0\x80", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\xff"})
        EXPECT_THROW(config::parse_value(text, s), config::BadValue) << config::quoted(s);
}

TEST(Values, QuotedFitsOnALine) {
    EXPECT_EQ(config::quoted("a\nb\x1b"), "\"a\\x0ab\\x1b\"");
    EXPECT_EQ(config::quoted(std::string(100, 'x')), '"' + std::string(80, 'x') + "...\"");
}

TEST(Nearest, CountsEdits) {
    EXPECT_EQ(config::edit_distance("", "abc"), 3u);
    EXPECT_EQ(config::edit_distance("l2.size", "l2.size"), 0u);
    EXPECT_EQ(config::edit_distance("l2.siz", "l2.size"), 1u);
    EXPECT_EQ(config::edit_distance("clokc", "clock"), 1u);
    const std::vector<std::string> known{"l1d.size", "l2.size", "l2.ways"};
    EXPECT_EQ(config::nearest("l2.siez", known), "l2.size");
    EXPECT_EQ(config::nearest("l2.siez", {}), "");
}

} // namespace
} // namespace tollgate::config_test
