// The semantics of the integer rows of M, A, Zba, Zbb and Zbs, run as written, against definitions bit by bit.
#include "cpu/isa/arith.hh"

#include "base/random.hh"
#include "cpu/isa/insn.hh"

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

namespace tollgate::cpu {
namespace {

/// The words of the rows, for one instruction at a time: operands in, rd or memory out.
struct Words {
    std::uint64_t a, b, immediate;
    std::uint64_t memory = 0; ///< what lr and amo find
    std::uint64_t result = 0; ///< rd
    std::optional<std::uint64_t> stored{};

    std::uint64_t x1() const { return a; }
    std::uint64_t x2() const { return b; }
    std::int64_t s1() const { return static_cast<std::int64_t>(a); }
    std::int64_t s2() const { return static_cast<std::int64_t>(b); }
    std::uint32_t w1() const { return static_cast<std::uint32_t>(a); }
    std::uint32_t w2() const { return static_cast<std::uint32_t>(b); }
    std::uint64_t imm() const { return immediate; }
    template <class T> void rd(T v) { result = static_cast<std::uint64_t>(v); }
    template <class T> void rd_word(T v) {
        result = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(v)));
    }
    template <class T> bool lr(T) {
        result = static_cast<std::uint64_t>(std::int64_t{static_cast<T>(memory)});
        return true;
    }
    template <class T> bool sc(T v) {
        stored = v;
        return true;
    }
    template <class T, class F> bool amo(T, F f) {
        stored = static_cast<std::make_unsigned_t<T>>(f(static_cast<T>(memory), static_cast<T>(b)));
        return true;
    }
};

void execute(isa::Op op, Words& c) {
    switch (op) {
#define ROWS_OF(extension)
#define INSN(id, pattern, format, timing, ...)                                                                         \
    case isa::Op::id:                                                                                                  \
        __VA_ARGS__;                                                                                                   \
        break;
#define MAY_LEAVE(id, pattern, format, timing, ...)                                                                    \
    case isa::Op::id:                                                                                                  \
        EXPECT_TRUE(__VA_ARGS__);                                                                                      \
        break;
#include "cpu/isa/rv64a.inc"
#include "cpu/isa/rv64m.inc"
#include "cpu/isa/zba.inc"
#include "cpu/isa/zbb.inc"
#include "cpu/isa/zbs.inc"
#undef MAY_LEAVE
#undef INSN
#undef ROWS_OF
    default: FAIL() << "not a row of this test";
    }
}

using isa::Op;
constexpr std::uint64_t ones = ~std::uint64_t{0};
constexpr std::uint64_t least = std::uint64_t{1} << 63, least_word = 0xffffffff80000000;

std::uint64_t value(Op op, std::uint64_t a, std::uint64_t b = 0, std::uint64_t imm = 0) {
    Words c{a, b, imm};
    execute(op, c);
    return c.result;
}
std::uint64_t memory_after(Op op, std::uint64_t memory, std::uint64_t operand) {
    Words c{0, operand, 0, memory};
    execute(op, c);
    return c.stored.value();
}

constexpr std::uint64_t sext32(std::uint64_t v) {
    return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(v)});
}

/// Pairs of corner cases and random numbers of all sizes.
std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs() {
    std::vector<std::uint64_t> list = {0,
                                       1,
                                       2,
                                       7,
                                       31,
                                       32,
                                       33,
                                       63,
                                       64,
                                       ones,
                                       ones - 1,
                                       least,
                                       least - 1,
                                       least_word,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x100000000,
                                       0x0100ff0080017f00};
    Random random(21);
    for (int n = 0; n < 40; ++n) list.push_back(random.next() >> random.below(64));
    std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
    for (const auto a : list)
        for (const auto b : list) all.emplace_back(a, b);
    return all;
}

TEST(IsaMultiply, HighHalvesFromPartialProducts) {
    for (const auto& [a, b] : pairs()) {
        const std::uint64_t al = a & 0xffffffff, ah = a >> 32, bl = b & 0xffffffff, bh = b >> 32;
        const std::uint64_t middle = ah * bl + (al * bl >> 32), other = al * bh + (middle & 0xffffffff);
        const std::uint64_t high = ah * bh + (middle >> 32) + (other >> 32);
        const std::uint64_t minus_b = a >> 63 ? b : 0, minus_a = b >> 63 ? a : 0;
        EXPECT_EQ(value(Op::mul, a, b), a * b);
        EXPECT_EQ(value(Op::mulhu, a, b), high);
        EXPECT_EQ(value(Op::mulhsu, a, b), high - minus_b);
        EXPECT_EQ(value(Op::mulh, a, b), high - minus_b - minus_a);
        EXPECT_EQ(value(Op::mulw, a, b), sext32(al * bl));
    }
    EXPECT_EQ(value(Op::mulh, least, least), std::uint64_t{1} << 62);
    EXPECT_EQ(value(Op::mulhsu, ones, ones), ones);
}

TEST(IsaDivide, CornerCases) { // Unpriv §7.2, table 7.1
    EXPECT_EQ(value(Op::div, 5, 0), ones);
    EXPECT_EQ(value(Op::divu, 5, 0), ones);
    EXPECT_EQ(value(Op::rem, least, 0), least);
    EXPECT_EQ(value(Op::remu, 5, 0), 5u);
    EXPECT_EQ(value(Op::div, least, ones), least);
    EXPECT_EQ(value(Op::rem, least, ones), 0u);
    EXPECT_EQ(value(Op::divw, 5, 0), ones);
    EXPECT_EQ(value(Op::divuw, 5, 0x100000000), ones); // the divisor's low word is 0
    EXPECT_EQ(value(Op::remw, 0x80000000, 0), least_word);
    EXPECT_EQ(value(Op::remuw, 0x80000000, 0), least_word);
    EXPECT_EQ(value(Op::divw, 0x80000000, 0xffffffff), least_word);
    EXPECT_EQ(value(Op::remw, 0x80000000, 0xffffffff), 0u);
    EXPECT_EQ(value(Op::div, -7, 2), static_cast<std::uint64_t>(-3));
    EXPECT_EQ(value(Op::rem, -7, 2), ones);
    EXPECT_EQ(value(Op::rem, 7, -2), 1u);
}

TEST(IsaDivide, QuotientTimesDivisorPlusRemainder) {
    for (const auto& [a, b] : pairs()) {
        EXPECT_EQ(value(Op::divu, a, b) * b + value(Op::remu, a, b), a);
        EXPECT_EQ(value(Op::div, a, b) * b + value(Op::rem, a, b), a);
        EXPECT_EQ(sext32(value(Op::divw, a, b) * b + value(Op::remw, a, b)), sext32(a));
        EXPECT_EQ(sext32(value(Op::divuw, a, b) * b + value(Op::remuw, a, b)), sext32(a));
        if (b == 0) continue;
        EXPECT_LT(value(Op::remu, a, b), b);
        const auto r = static_cast<std::int64_t>(value(Op::rem, a, b));
        EXPECT_TRUE(r == 0 || (r < 0) == (static_cast<std::int64_t>(a) < 0)); // the dividend's sign
    }
}

bool bit(std::uint64_t v, unsigned n) { return v >> (n & 63) & 1; }
/// A number made of bits that `f` tells.
std::uint64_t of_bits(unsigned width, const std::function<bool(unsigned)>& f) {
    std::uint64_t v = 0;
    for (unsigned n = 0; n < width; ++n) v |= std::uint64_t{f(n)} << n;
    return v;
}

TEST(IsaBits, RotationsBitByBit) {
    for (const auto& [a, b] : pairs()) {
        const auto by = static_cast<unsigned>(b & 63), by32 = static_cast<unsigned>(b & 31);
        const std::uint64_t right = of_bits(64, [a = a, by](unsigned n) { return bit(a, n + by); });
        EXPECT_EQ(value(Op::ror, a, b), right);
        EXPECT_EQ(value(Op::rori, a, 0, by), right);
        EXPECT_EQ(value(Op::rol, a, b), of_bits(64, [a = a, by](unsigned n) { return bit(a, n - by); }));
        const std::uint64_t right32 =
            sext32(of_bits(32, [a = a, by32](unsigned n) { return bit(a, (n + by32) & 31); }));
        EXPECT_EQ(value(Op::rorw, a, b), right32);
        EXPECT_EQ(value(Op::roriw, a, 0, by32), right32);
        EXPECT_EQ(value(Op::rolw, a, b),
                  sext32(of_bits(32, [a = a, by32](unsigned n) { return bit(a, (n - by32) & 31); })));
    }
}

TEST(IsaBits, CountsAndBytesBitByBit) {
    for (const auto& [a, b] : pairs()) {
        unsigned leading = 0, trailing = 0, set = 0, leading32 = 0, trailing32 = 0, set32 = 0;
        while (leading < 64 && !bit(a, 63 - leading)) ++leading;
        while (trailing < 64 && !bit(a, trailing)) ++trailing;
        while (leading32 < 32 && !bit(a, 31 - leading32)) ++leading32;
        while (trailing32 < 32 && !bit(a, trailing32)) ++trailing32;
        for (unsigned n = 0; n < 64; ++n) set += bit(a, n), set32 += n < 32 && bit(a, n);
        EXPECT_EQ(value(Op::clz, a), leading);
        EXPECT_EQ(value(Op::ctz, a), trailing);
        EXPECT_EQ(value(Op::cpop, a), set);
        EXPECT_EQ(value(Op::clzw, a), leading32);
        EXPECT_EQ(value(Op::ctzw, a), trailing32);
        EXPECT_EQ(value(Op::cpopw, a), set32);
        EXPECT_EQ(value(Op::orc_b, a), of_bits(64, [a = a](unsigned n) { return (a >> (n & ~7u) & 0xff) != 0; }));
        EXPECT_EQ(value(Op::rev8, a), of_bits(64, [a = a](unsigned n) { return bit(a, (56 - (n & ~7u)) + (n & 7)); }));
        EXPECT_EQ(value(Op::sext_b, a), of_bits(64, [a = a](unsigned n) { return bit(a, n < 7 ? n : 7); }));
        EXPECT_EQ(value(Op::sext_h, a), of_bits(64, [a = a](unsigned n) { return bit(a, n < 15 ? n : 15); }));
        EXPECT_EQ(value(Op::zext_h, a), a % 65536);
    }
}

TEST(IsaBits, LogicMinimumMaximum) {
    for (const auto& [a, b] : pairs()) {
        EXPECT_EQ(value(Op::andn, a, b), of_bits(64, [a = a, b = b](unsigned n) { return bit(a, n) && !bit(b, n); }));
        EXPECT_EQ(value(Op::orn, a, b), of_bits(64, [a = a, b = b](unsigned n) { return bit(a, n) || !bit(b, n); }));
        EXPECT_EQ(value(Op::xnor, a, b), of_bits(64, [a = a, b = b](unsigned n) { return bit(a, n) == bit(b, n); }));
        EXPECT_EQ(value(Op::minu, a, b), std::min(a, b));
        EXPECT_EQ(value(Op::maxu, a, b), std::max(a, b));
        // Flipping the sign bits makes signed order unsigned order.
        EXPECT_EQ(value(Op::min, a, b), std::min(a ^ least, b ^ least) ^ least);
        EXPECT_EQ(value(Op::max, a, b), std::max(a ^ least, b ^ least) ^ least);
    }
}

TEST(IsaBits, SingleBits) {
    for (const auto& [a, b] : pairs()) {
        const auto at = static_cast<unsigned>(b & 63);
        const std::uint64_t set = of_bits(64, [a = a, at](unsigned n) { return n == at || bit(a, n); });
        const std::uint64_t clear = of_bits(64, [a = a, at](unsigned n) { return n != at && bit(a, n); });
        const std::uint64_t inverted = bit(a, at) ? clear : set;
        EXPECT_EQ(value(Op::bset, a, b), set);
        EXPECT_EQ(value(Op::bseti, a, 0, at), set);
        EXPECT_EQ(value(Op::bclr, a, b), clear);
        EXPECT_EQ(value(Op::bclri, a, 0, at), clear);
        EXPECT_EQ(value(Op::binv, a, b), inverted);
        EXPECT_EQ(value(Op::binvi, a, 0, at), inverted);
        EXPECT_EQ(value(Op::bext, a, b), bit(a, at));
        EXPECT_EQ(value(Op::bexti, a, 0, at), bit(a, at));
    }
}

TEST(IsaAddresses, ShiftAndAdd) {
    for (const auto& [a, b] : pairs()) {
        const std::uint64_t low = a % 0x100000000;
        EXPECT_EQ(value(Op::sh1add, a, b), a * 2 + b);
        EXPECT_EQ(value(Op::sh2add, a, b), a * 4 + b);
        EXPECT_EQ(value(Op::sh3add, a, b), a * 8 + b);
        EXPECT_EQ(value(Op::add_uw, a, b), low + b);
        EXPECT_EQ(value(Op::sh1add_uw, a, b), low * 2 + b);
        EXPECT_EQ(value(Op::sh2add_uw, a, b), low * 4 + b);
        EXPECT_EQ(value(Op::sh3add_uw, a, b), low * 8 + b);
        EXPECT_EQ(value(Op::slli_uw, a, 0, b & 63), low << (b & 63));
    }
}

TEST(IsaAtomics, NewValues) {
    for (const auto& [m, x] : pairs()) {
        const std::uint64_t m32 = m % 0x100000000, x32 = x % 0x100000000;
        EXPECT_EQ(memory_after(Op::amoswap_d, m, x), x);
        EXPECT_EQ(memory_after(Op::amoadd_d, m, x), m + x);
        EXPECT_EQ(memory_after(Op::amoxor_d, m, x), m ^ x);
        EXPECT_EQ(memory_after(Op::amoand_d, m, x), m & x);
        EXPECT_EQ(memory_after(Op::amoor_d, m, x), m | x);
        EXPECT_EQ(memory_after(Op::amominu_d, m, x), std::min(m, x));
        EXPECT_EQ(memory_after(Op::amomaxu_d, m, x), std::max(m, x));
        EXPECT_EQ(memory_after(Op::amomin_d, m, x), std::min(m ^ least, x ^ least) ^ least);
        EXPECT_EQ(memory_after(Op::amomax_d, m, x), std::max(m ^ least, x ^ least) ^ least);
        EXPECT_EQ(memory_after(Op::amoswap_w, m, x), x32);
        EXPECT_EQ(memory_after(Op::amoadd_w, m, x), (m32 + x32) % 0x100000000);
        EXPECT_EQ(memory_after(Op::amoxor_w, m, x), m32 ^ x32);
        EXPECT_EQ(memory_after(Op::amoand_w, m, x), m32 & x32);
        EXPECT_EQ(memory_after(Op::amoor_w, m, x), m32 | x32);
        EXPECT_EQ(memory_after(Op::amominu_w, m, x), std::min(m32, x32));
        EXPECT_EQ(memory_after(Op::amomaxu_w, m, x), std::max(m32, x32));
        constexpr std::uint64_t sign = 0x80000000;
        EXPECT_EQ(memory_after(Op::amomin_w, m, x), std::min(m32 ^ sign, x32 ^ sign) ^ sign);
        EXPECT_EQ(memory_after(Op::amomax_w, m, x), std::max(m32 ^ sign, x32 ^ sign) ^ sign);
        EXPECT_EQ(memory_after(Op::sc_w, 0, x), x32);
        EXPECT_EQ(memory_after(Op::sc_d, 0, x), x);
    }
    Words c{0, 0, 0, 0x80000000};
    execute(Op::lr_w, c);
    EXPECT_EQ(c.result, least_word);
    execute(Op::lr_d, c);
    EXPECT_EQ(c.result, 0x80000000u);
}

// The functions are usable at compile time, where undefined behaviour does not compile.
static_assert(isa::quotient(std::numeric_limits<std::int64_t>::min(), std::int64_t{-1})
              == std::numeric_limits<std::int64_t>::min());
static_assert(isa::remainder(std::numeric_limits<std::int32_t>::min(), -1) == 0);
static_assert(isa::mulhsu(-1, ~std::uint64_t{0}) == ~std::uint64_t{0});
static_assert(isa::rotate_left(std::uint32_t{1}, 32) == 1);
static_assert(isa::or_combine_bytes(0x0100'8000'007f'0001) == 0xff00'ff00'00ff'00ff);

} // namespace
} // namespace tollgate::cpu
