// The hold on the host's unit: modes, flags, barriers, boxing; and the operations that only move bits.
#include "cpu/isa/fp.hh"

#include <gtest/gtest.h>

#include <cfenv>
#include <utility>

using namespace tollgate::cpu::fp;

namespace {

constexpr std::uint8_t field(Rounding r) { return static_cast<std::uint8_t>(r); }

template <class F> class FpBits : public testing::Test {};
using Formats = testing::Types<Single, Double>;
TYPED_TEST_SUITE(FpBits, Formats);

TYPED_TEST(FpBits, Classify) {
    using F = TypeParam;
    const auto least_normal = static_cast<typename F::Bits>(F::fraction + 1);
    const std::pair<typename F::Bits, int> rows[] = {{F::infinity, 7},
                                                     {F::infinity - 1, 6},
                                                     {least_normal, 6},
                                                     {F::fraction, 5},
                                                     {1, 5},
                                                     {0, 4},
                                                     {F::canonical_nan, 9},
                                                     {F::infinity | 1, 8},
                                                     {F::canonical_nan | 1, 9},
                                                     {F::infinity | F::fraction, 9}};
    for (const auto& [bits, positive] : rows) {
        EXPECT_EQ(classify<F>(F::box(bits)), 1u << positive);
        EXPECT_EQ(classify<F>(F::box(bits | F::sign)), 1u << (positive >= 8 ? positive : 7 - positive));
    }
}

TYPED_TEST(FpBits, SignInjectionKeepsPayloads) {
    using F = TypeParam;
    const typename F::Bits nan = F::infinity | 5;
    const std::uint64_t plus = F::box(nan), minus = F::box(nan | F::sign), negative = F::box(F::sign), zero = F::box(0);
    EXPECT_EQ(sign_of_second<F>(plus, negative), minus);
    EXPECT_EQ(sign_of_second<F>(minus, zero), plus);
    EXPECT_EQ(opposite_sign_of_second<F>(plus, zero), minus);
    EXPECT_EQ(opposite_sign_of_second<F>(minus, negative), plus);
    EXPECT_EQ(product_of_signs<F>(minus, negative), plus);
    EXPECT_EQ(product_of_signs<F>(minus, zero), minus);
    EXPECT_EQ(product_of_signs<F>(plus, negative), minus);
}

TEST(FpBoxing, UnboxedSingleReadsAsCanonicalNan) {
    const std::uint64_t one = 0x3f800000, boxed_one = 0xffffffff3f800000, nan = 0xffffffff7fc00000;
    HostFpEnv env;
    env.enter(0, 0);
    const std::uint64_t sum = env.run<Add<Single>>(dynamic_rm, one, boxed_one);
    const std::uint64_t root = env.run<Sqrt<Single>>(dynamic_rm, 0xfffffffe3f800000);
    const std::uint64_t fused = env.run<MulAdd<Single>>(dynamic_rm, boxed_one, boxed_one, one);
    const std::uint64_t wide = env.run<Convert<Double, Single>>(dynamic_rm, one);
    const std::uint64_t least = minimum<Single>(one, boxed_one);
    EXPECT_EQ(env.leave(), 0);
    EXPECT_EQ(sum, nan);
    EXPECT_EQ(root, nan);
    EXPECT_EQ(fused, nan);
    EXPECT_EQ(wide, 0x7ff8000000000000);
    EXPECT_EQ(least, boxed_one);
    EXPECT_EQ(classify<Single>(one), 1u << 9);
    EXPECT_EQ(sign_of_second<Single>(boxed_one, one | 0x80000000), boxed_one); // the sign of canonical NaN
    EXPECT_EQ(sign_of_second<Single>(one, 0xffffffff80000000), 0xffffffffffc00000);
    EXPECT_EQ(low_word(0x12345678'9abcdef0), 0xffffffff'9abcdef0);
    EXPECT_EQ(low_word(0xffffffff'3f800000), 0x3f800000);
    EXPECT_EQ(boxed_word(0x12345678'9abcdef0), 0xffffffff'9abcdef0);
}

TEST(FpEnv, InfinityTimesZeroPlusQuietNanIsInvalid) {
    HostFpEnv env;
    env.enter(0, 0);
    const std::uint64_t value = env.run<MulAdd<Double>>(dynamic_rm, Double::infinity, 0ul, Double::canonical_nan);
    EXPECT_EQ(env.leave(), invalid);
    EXPECT_EQ(value, Double::canonical_nan);
}

TEST(FpEnv, FlagsAreTakenOverKeptAndGivenBack) {
    std::feclearexcept(FE_ALL_EXCEPT);
    std::feraiseexcept(FE_DIVBYZERO);
    ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
    for (int f = 0; f < 32; ++f) {
        HostFpEnv env;
        env.enter(field(Rounding::rdn), static_cast<Flags>(f));
        EXPECT_EQ(env.flags(), f);
        env.set_rounding(field(Rounding::rtz));
        env.set_rounding(field(Rounding::rmm));
        EXPECT_EQ(env.flags(), f);
        static_cast<void>(env.run<Div<Double>>(field(Rounding::rup), 1ul, 0x4008000000000000ul));
        EXPECT_EQ(env.flags(), f | inexact | underflow);
        env.set_flags(static_cast<Flags>(31 - f));
        EXPECT_EQ(env.leave(), 31 - f);
        EXPECT_EQ(std::fegetround(), FE_UPWARD);
        EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), FE_DIVBYZERO);
    }
    std::fesetround(FE_TONEAREST);
}

TEST(FpEnv, ReservedModes) {
    HostFpEnv env;
    for (std::uint8_t frm = 0; frm < 8; ++frm) {
        env.enter(frm, 0);
        for (std::uint8_t rm = 0; rm < 7; ++rm) EXPECT_EQ(env.legal(rm), rm < 5);
        EXPECT_EQ(env.legal(dynamic_rm), frm < 5);
        // A static mode does not care for what frm holds.
        EXPECT_EQ(env.run<Add<Double>>(field(Rounding::rne), Double::infinity - 1, 1ul), Double::infinity - 1);
        EXPECT_EQ(env.run<Add<Double>>(field(Rounding::rup), Double::infinity - 1, 1ul), Double::infinity);
        static_cast<void>(env.leave());
    }
}

// Operands are known to the compiler here, the operation is the same again and again, results are not looked at: all
// that a compiler would like to fold, merge, hoist or drop.
TEST(FpBarrier, OperationsStayBetweenChangesOfModeAndReadingsOfFlags) {
    constexpr std::uint64_t one = 0x3ff0000000000000, three = 0x4008000000000000, third = 0x3fd5555555555555;
    HostFpEnv env;
    env.enter(field(Rounding::rdn), 0);
    const Flags none = env.flags();
    const std::uint64_t down = env.run<Div<Double>>(dynamic_rm, one, three);
    const Flags some = env.flags();
    env.set_rounding(field(Rounding::rup));
    const std::uint64_t up = env.run<Div<Double>>(dynamic_rm, one, three);
    env.set_rounding(field(Rounding::rdn));
    const std::uint64_t down_again = env.run<Div<Double>>(dynamic_rm, one, three);
    std::uint64_t each[4];
    for (std::uint8_t mode = 0; mode < 4; ++mode) {
        env.set_rounding(mode);
        each[mode] = env.run<Div<Double>>(dynamic_rm, one, three);
    }
    env.set_flags(0);
    const Flags cleared = env.flags();
    static_cast<void>(env.run<Mul<Double>>(dynamic_rm, third, third));
    const Flags unused = env.flags();
    env.set_flags(0);
    static_cast<void>(env.run<Add<Double>>(dynamic_rm, one, one));
    const Flags exact_sum = env.flags();
    static_cast<void>(env.run<Sqrt<Double>>(dynamic_rm, three));
    const Flags root = env.flags();
    env.set_flags(0);
    static_cast<void>(env.run<Convert<Single, Double>>(dynamic_rm, third));
    const Flags narrowed = env.flags();
    env.set_flags(0);
    static_cast<void>(env.run<ToInteger<Double, std::int32_t>>(field(Rounding::rtz), third));
    const Flags truncated = env.flags();
    env.set_flags(0);
    static_cast<void>(env.run<FromInteger<Single, std::int64_t>>(dynamic_rm, 0x7fffffffffffffff));
    EXPECT_EQ(env.leave(), inexact);
    EXPECT_EQ(none, 0);
    EXPECT_EQ(some, inexact);
    EXPECT_EQ(down, third);
    EXPECT_EQ(up, third + 1);
    EXPECT_EQ(down_again, third);
    EXPECT_EQ(each[0], third);
    EXPECT_EQ(each[1], third);
    EXPECT_EQ(each[2], third);
    EXPECT_EQ(each[3], third + 1);
    EXPECT_EQ(cleared, 0);
    EXPECT_EQ(unused, inexact);
    EXPECT_EQ(exact_sum, 0);
    EXPECT_EQ(root, inexact);
    EXPECT_EQ(narrowed, inexact);
    EXPECT_EQ(truncated, inexact);
}

} // namespace
