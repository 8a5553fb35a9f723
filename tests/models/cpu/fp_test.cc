// Floating point against an oracle of wide integers: every operation, every mode, every way through HostFpEnv.
#include "cpu/isa/fp.hh"

#include "base/random.hh"
#include "fp_oracle.hh"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace tollgate;
using namespace tollgate::cpu::fp;

namespace {

constexpr Rounding modes[] = {Rounding::rne, Rounding::rtz, Rounding::rdn, Rounding::rup, Rounding::rmm};
constexpr std::uint8_t field(Rounding r) { return static_cast<std::uint8_t>(r); }

/// Patterns where something changes, both signs, boxed.
template <class F> std::vector<std::uint64_t> corners(bool few) {
    using Bits = typename F::Bits;
    const auto power = [](int e) { return static_cast<Bits>(e + F::bias) << (F::precision - 1); }; // 2^e, normal
    const Bits one = power(0), least_normal = F::fraction + 1;
    std::vector<Bits> list = {0,
                              1,
                              F::fraction,
                              least_normal,
                              least_normal + 1,
                              one - 1,
                              one,
                              one + 1,
                              one + 3,
                              power(-1),
                              power(1),
                              F::infinity - 1,
                              F::infinity,
                              F::canonical_nan,
                              F::infinity | 1,
                              power(-F::precision),
                              power(1 - F::precision),
                              power(F::min_exponent / 2),
                              power(F::precision - 1) | 1};
    if (!few) {
        for (const Bits b :
             {Bits{2}, Bits{3}, F::fraction / 2, static_cast<Bits>(F::fraction / 2 + 1),
              static_cast<Bits>(F::fraction - 1), static_cast<Bits>(2 * least_normal - 1),
              static_cast<Bits>(2 * least_normal), static_cast<Bits>(2 * least_normal + 1), static_cast<Bits>(one - 2),
              static_cast<Bits>(one + 2), static_cast<Bits>(one + 4), static_cast<Bits>(power(1) - 1),
              static_cast<Bits>(power(1) + 1), static_cast<Bits>(F::infinity - 2),
              static_cast<Bits>(power(F::max_exponent)), static_cast<Bits>(power(F::max_exponent) - 1),
              static_cast<Bits>(power(F::max_exponent - 1)), static_cast<Bits>(F::infinity | F::fraction),
              static_cast<Bits>(F::infinity | 5)})
            list.push_back(b);
        for (const double d : {1.5, 2.5, 3.5, 0.25, 0.75, 3.0, 7.0, 1.0 / 3, 255.5, 65535.5})
            list.push_back(std::bit_cast<Bits>(static_cast<typename F::Value>(d)));
        for (const int e : {7, 15, 23, 24, 30, 31, 32, 52, 53, 62, 63, 64, -2, F::max_exponent / 2, -1 - F::precision})
            for (const int d : {-1, 0, 1}) list.push_back(static_cast<Bits>(power(e) + d));
        for (const double d : {2147483647.5, 2147483648.5, 4294967295.5, 2147483646.5, 4294967294.5, 2147483647.0})
            list.push_back(std::bit_cast<Bits>(static_cast<typename F::Value>(d)));
        for (int bit = 26; bit < F::precision + 2; ++bit) // doubles around the borders of single
            list.push_back(
                std::bit_cast<Bits>(static_cast<typename F::Value>(std::ldexp(1 + std::ldexp(3.0, -bit), -126))));
    }
    std::vector<std::uint64_t> boxed;
    for (const Bits b : list) {
        boxed.push_back(F::box(b));
        boxed.push_back(F::box(b | F::sign));
    }
    return boxed;
}

/// A random pattern: anything, close to a corner, few bits set, or an exponent near one.
template <class F> std::uint64_t random_pattern(Random& random) {
    using Bits = typename F::Bits;
    static const std::vector<std::uint64_t> special = corners<F>(false);
    const std::uint64_t bits = random.next();
    switch (random.below(6)) {
    case 0: return F::box(static_cast<Bits>(bits));
    case 1: return special[random.below(special.size())];
    case 2: return F::box(static_cast<Bits>(special[random.below(special.size())] + bits % 9 - 4));
    case 3: return F::box(static_cast<Bits>(bits & random.next() & random.next()));
    case 4: // subnormal or close to it
        return F::box(static_cast<Bits>(bits & (F::sign | (4 * (F::fraction + 1) - 1))));
    default: { // magnitude 2^-64 to 2^64
        const auto e = static_cast<Bits>(F::bias - 64 + static_cast<int>(random.below(128)));
        return F::box(static_cast<Bits>((bits & (F::sign | F::fraction)) | e << (F::precision - 1)));
    }
    }
}

template <std::size_t N> using Operands = std::vector<std::array<std::uint64_t, N>>;

/// What one way of computing got wrong; told after the unit has been given back.
class Mismatches {
  public:
    Mismatches(const char* way, Rounding mode) : way_{way}, mode_{mode} {}
    template <std::size_t N> void compare(const std::array<std::uint64_t, N>& regs, Result got, Result want) {
        if (got.value == want.value && got.flags == want.flags) [[likely]]
            return;
        if (++count_ > 3) return;
        for (const std::uint64_t r : regs) (text_ += hex(r)) += ' ';
        text_ += "gives " + hex(got.value) + " flags " + hex(got.flags) + ", expected " + hex(want.value) + " flags "
                 + hex(want.flags) + "\n";
    }
    ~Mismatches() { EXPECT_EQ(count_, 0) << way_ << ", rounding mode " << int{field(mode_)} << ":\n" << text_; }

  private:
    static std::string hex(std::uint64_t n) {
        char text[20];
        std::snprintf(text, sizeof text, "%#llx", static_cast<unsigned long long>(n));
        return text;
    }
    const char* way_;
    Rounding mode_;
    int count_ = 0;
    std::string text_;
};

/// Op on all operands in one mode, by all three ways: mode of the unit, mode of the instruction, integers.
template <class Op, std::size_t N> void check(auto oracle, Rounding mode, const Operands<N>& operands) {
    std::vector<Result> want;
    want.reserve(operands.size());
    for (const auto& regs : operands) want.push_back(std::apply([&](auto... r) { return oracle(r..., mode); }, regs));

    const auto through_env = [&](const char* way, Rounding frm, std::uint8_t rm) {
        Mismatches mismatches{way, mode};
        HostFpEnv env;
        env.enter(field(frm), 0);
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const std::uint64_t value = std::apply([&](auto... r) { return env.run<Op>(rm, r...); }, operands[i]);
            const Flags flags = env.flags();
            mismatches.compare(operands[i], {value, flags}, want[i]);
            if (flags != 0) env.set_flags(0);
        }
        static_cast<void>(env.leave());
    };
    through_env("dynamic", mode, dynamic_rm);
    through_env("static, another one in frm", mode == Rounding::rup ? Rounding::rdn : Rounding::rup, field(mode));
    Mismatches mismatches{"integers", mode};
    for (std::size_t i = 0; i < operands.size(); ++i)
        mismatches.compare(operands[i], std::apply([&](auto... r) { return Op::in_integers(mode, r...); }, operands[i]),
                           want[i]);
}

template <class Op, std::size_t N> void check_all_modes(auto oracle, const Operands<N>& operands) {
    for (const Rounding mode : modes) check<Op>(oracle, mode, operands);
}

#ifdef TOLLGATE_FP_CFENV
constexpr std::size_t random_operands = 100'000;
#else
constexpr std::size_t random_operands = 1'000'000;
#endif

/// Random operands, a fifth of them in each mode.
template <class Op, std::size_t N> void check_random(auto oracle, std::uint64_t seed, auto draw) {
    Random random{seed};
    for (const Rounding mode : modes) {
        Operands<N> operands(random_operands / std::size(modes));
        for (auto& regs : operands) regs = draw(random);
        check<Op>(oracle, mode, operands);
    }
}

Operands<1> singles(const std::vector<std::uint64_t>& list) {
    Operands<1> all;
    for (const std::uint64_t a : list) all.push_back({a});
    return all;
}
Operands<2> pairs(const std::vector<std::uint64_t>& list) {
    Operands<2> all;
    for (const std::uint64_t a : list)
        for (const std::uint64_t b : list) all.push_back({a, b});
    return all;
}
Operands<3> triples(const std::vector<std::uint64_t>& list) {
    Operands<3> all;
    for (const std::uint64_t a : list)
        for (const std::uint64_t b : list)
            for (const std::uint64_t c : list) all.push_back({a, b, c});
    return all;
}
template <class F> std::array<std::uint64_t, 2> random_pair(Random& random) {
    const std::uint64_t a = random_pattern<F>(random);
    if (random.below(4) != 0) return {a, random_pattern<F>(random)};
    // Nearly the same number: sums cancel, quotients are close to one.
    return {a, F::box(static_cast<typename F::Bits>((a + random.below(9) - 4) ^ (random.next() & F::sign)))};
}
/// A third operand that nearly cancels the product, half of the time.
template <class F> std::array<std::uint64_t, 3> random_triple(Random& random) {
    const auto [a, b] = random_pair<F>(random);
    if (random.below(2) != 0) return {a, b, random_pattern<F>(random)};
    const auto product = static_cast<typename F::Bits>(oracle::mul<F>(F::unbox(a), F::unbox(b), Rounding::rne).value);
    const std::uint64_t c = product + random.below(5) - 2 - (random.below(3) << (F::precision - 2));
    return {a, b, F::box(static_cast<typename F::Bits>(c ^ F::sign))};
}

constexpr std::uint64_t integer_borders[] = {0,
                                             1,
                                             2,
                                             3,
                                             0x7f,
                                             0xff,
                                             0x7fff'ffff,
                                             0x8000'0000,
                                             0xffff'ffff,
                                             0x1'0000'0000,
                                             0x7fff'ffff'ffff'ffff,
                                             0x8000'0000'0000'0000,
                                             0xffff'ffff'ffff'ffff};

std::vector<std::uint64_t> integers() {
    std::vector<std::uint64_t> all;
    for (const std::uint64_t n : integer_borders) all.push_back(n);
    for (int length = 20; length <= 64; ++length) // halfway cases of both formats and their neighbours
        for (const int p : {24, 25, 26, 53, 54, 55})
            for (const int d : {-1, 0, 1}) {
                const std::uint64_t top = std::uint64_t{1} << (length - 1);
                all.push_back(top + (p <= length ? std::uint64_t{1} << (length - p) : 0) + d);
                all.push_back(0 - all.back());
                if (p < length) all.push_back(top + (std::uint64_t{3} << (length - p - 1)) + d);
            }
    return all;
}

/// An oracle of patterns as one of registers.
template <class F> auto of_registers(auto oracle) {
    return [oracle](auto... args) {
        const auto tuple = std::tuple{args...};
        constexpr std::size_t n = sizeof...(args) - 1;
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return oracle(std::uint64_t{F::unbox(std::get<I>(tuple))}..., std::get<n>(tuple));
        }
        (std::make_index_sequence<n>{});
    };
}

template <class F> class Fp : public testing::Test {};
using Formats = testing::Types<Single, Double>;
TYPED_TEST_SUITE(Fp, Formats);

#define BINARY_TEST(Op, function)                                                                                      \
    TYPED_TEST(Fp, Op) {                                                                                               \
        const auto oracle = of_registers<TypeParam>(oracle::function<TypeParam>);                                      \
        check_all_modes<Op<TypeParam>>(oracle, pairs(corners<TypeParam>(false)));                                      \
        check_random<Op<TypeParam>, 2>(oracle, __LINE__, random_pair<TypeParam>);                                      \
    }
BINARY_TEST(Add, add)
BINARY_TEST(Sub, sub)
BINARY_TEST(Mul, mul)
BINARY_TEST(Div, div)

TYPED_TEST(Fp, Sqrt) {
    const auto oracle = of_registers<TypeParam>(oracle::sqrt<TypeParam>);
    check_all_modes<Sqrt<TypeParam>>(oracle, singles(corners<TypeParam>(false)));
    check_random<Sqrt<TypeParam>, 1>(oracle, 2, [](Random& r) { return std::array{random_pattern<TypeParam>(r)}; });
    check_random<Sqrt<TypeParam>, 1>(oracle, 3, [](Random& r) { // close to squares
        const auto root = TypeParam::unbox(random_pattern<TypeParam>(r)) & ~(TypeParam::fraction >> 12);
        const auto square = oracle::mul<TypeParam>(root, root, Rounding::rne).value;
        return std::array{TypeParam::box(static_cast<typename TypeParam::Bits>(square + r.below(3) - 1))};
    });
}

#define FUSED_TEST(Op, negate_product, negate_addend)                                                                  \
    TYPED_TEST(Fp, Op) {                                                                                               \
        using F = TypeParam;                                                                                           \
        const auto oracle = of_registers<F>([](std::uint64_t a, std::uint64_t b, std::uint64_t c, Rounding r) {        \
            return oracle::fma<F>(negate_product ? oracle::negated<F>(a) : a, b,                                       \
                                  negate_addend ? oracle::negated<F>(c) : c, r);                                       \
        });                                                                                                            \
        check_all_modes<Op<F>>(oracle, triples(corners<F>(true)));                                                     \
        check_random<Op<F>, 3>(oracle, __LINE__, random_triple<F>);                                                    \
    }
FUSED_TEST(MulAdd, false, false)
FUSED_TEST(MulSub, false, true)
FUSED_TEST(NegMulAdd, true, false)
FUSED_TEST(NegMulSub, true, true)

template <class To, class From> void check_convert() {
    const auto oracle = [](std::uint64_t a, Rounding r) { return oracle::convert<To, From>(From::unbox(a), r); };
    check_all_modes<Convert<To, From>>(oracle, singles(corners<From>(false)));
    check_random<Convert<To, From>, 1>(oracle, 4, [](Random& r) { return std::array{random_pattern<From>(r)}; });
}
TEST(FpConvert, SingleToDouble) { check_convert<Double, Single>(); }
TEST(FpConvert, DoubleToSingle) {
    check_convert<Single, Double>();
    // All around single's subnormals and its overflow: 30 bits of fraction, exponents 2^-152 to 2^-124 and about 2^127.
    check_random<Convert<Single, Double>, 1>(
        [](std::uint64_t a, Rounding r) { return oracle::convert<Single, Double>(a, r); }, 5,
        [](Random& r) {
            const std::uint64_t e = r.below(8) ? 1023 - 152 + r.below(29) : 1023 + 126 + r.below(3);
            const std::uint64_t run = (~std::uint64_t{0} >> r.below(64)) << r.below(64); // runs of ones carry far
            return std::array{(r.next() & Double::sign) | e << 52
                              | ((r.below(2) ? r.next() << 22 : run) & Double::fraction)};
        });
}

template <class F, class I> void check_integer() {
    check_all_modes<FromInteger<F, I>>(oracle::from_integer<F, I>, singles(integers()));
    check_random<FromInteger<F, I>, 1>(oracle::from_integer<F, I>, 6, [](Random& r) {
        const std::uint64_t n = r.next() >> r.below(64);
        return std::array{r.below(2) ? n : 0 - n};
    });
    const auto oracle = [](std::uint64_t a, Rounding r) { return oracle::to_integer<F, I>(F::unbox(a), r); };
    check_all_modes<ToInteger<F, I>>(oracle, singles(corners<F>(false)));
    check_random<ToInteger<F, I>, 1>(oracle, 7, [](Random& r) { return std::array{random_pattern<F>(r)}; });
}
TYPED_TEST(Fp, Int32) { check_integer<TypeParam, std::int32_t>(); }
TYPED_TEST(Fp, Uint32) { check_integer<TypeParam, std::uint32_t>(); }
TYPED_TEST(Fp, Int64) { check_integer<TypeParam, std::int64_t>(); }
TYPED_TEST(Fp, Uint64) { check_integer<TypeParam, std::uint64_t>(); }

/// The operations without rounding, against the host's comparisons of numbers and the manual's words about the rest.
TYPED_TEST(Fp, CompareMinimumMaximum) {
    using F = TypeParam;
    Operands<2> operands = pairs(corners<F>(false));
    Random random{8};
    for (std::size_t i = 0; i < random_operands; ++i) operands.push_back(random_pair<F>(random));
    Mismatches mismatches[] = {{"feq", {}}, {"flt", {}}, {"fle", {}}, {"fmin", {}}, {"fmax", {}}};
    HostFpEnv env;
    env.enter(0, 0);
    const auto expect = [&](int which, const auto& regs, auto function, std::uint64_t value, bool is_invalid) {
        env.set_flags(0);
        const std::uint64_t got = function(regs[0], regs[1]);
        mismatches[which].compare(regs, {got, env.flags()}, {value, is_invalid ? invalid : Flags{0}});
    };
    for (const auto& regs : operands) {
        const auto a = F::unbox(regs[0]), b = F::unbox(regs[1]);
        const auto kind_a = oracle::kind_of<F>(a), kind_b = oracle::kind_of<F>(b);
        const bool nan_a = kind_a >= oracle::Kind::quiet, nan_b = kind_b >= oracle::Kind::quiet;
        const bool signalling = kind_a == oracle::Kind::signalling || kind_b == oracle::Kind::signalling;
        const bool unordered = nan_a || nan_b;
        const auto x = std::bit_cast<typename F::Value>(a), y = std::bit_cast<typename F::Value>(b);
        expect(0, regs, equal<F>, !unordered && x == y, signalling);
        expect(1, regs, less<F>, !unordered && x < y, unordered);
        expect(2, regs, less_or_equal<F>, !unordered && x <= y, unordered);
        const bool a_below = !unordered && (x < y || (x == y && std::signbit(x) && !std::signbit(y)));
        const std::uint64_t canonical = F::box(F::canonical_nan);
        const std::uint64_t number = nan_a ? (nan_b ? canonical : F::box(b)) : F::box(a);
        expect(3, regs, minimum<F>, unordered ? number : a_below ? F::box(a) : F::box(b), signalling);
        expect(4, regs, maximum<F>, unordered ? number : a_below ? F::box(b) : F::box(a), signalling);
    }
    static_cast<void>(env.leave());
}

} // namespace
