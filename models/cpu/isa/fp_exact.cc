#include "cpu/isa/fp_exact.hh"

#include <limits>
#include <utility>

namespace tollgate::cpu::fp::exact {
namespace {

__extension__ using Wide = unsigned __int128;
using std::uint64_t;

/// A finite number that is not zero: m x 2^(exponent - 63), bit 63 of m set.
struct Number {
    bool negative;
    int exponent;
    uint64_t m;
};

/// The same with 128 bits: m x 2^(exponent - 127), bit 127 of m set.
struct WideNumber {
    bool negative;
    int exponent;
    Wide m;
};

template <class T> T shift_right_to_odd(T m, int n) {
    if (n == 0) return m;
    if (n >= std::numeric_limits<T>::digits) return m != 0;
    return (m >> n) | ((m << (std::numeric_limits<T>::digits - n)) != 0);
}

template <class F> Number unpack(typename F::Bits b) {
    const uint64_t fraction = b & F::fraction;
    const int field = static_cast<int>((b & F::infinity) >> (F::precision - 1));
    if (field != 0) {
        const uint64_t one = uint64_t{1} << (F::precision - 1);
        return {F::is_negative(b), field - F::bias, (one | fraction) << (64 - F::precision)};
    }
    const int zeros = std::countl_zero(fraction);
    return {F::is_negative(b), F::min_exponent - (F::precision - 1) + (63 - zeros), fraction << zeros};
}

WideNumber normalised(bool negative, int exponent, Wide m) {
    const auto high = static_cast<uint64_t>(m >> 64);
    const int zeros = high ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<uint64_t>(m));
    return {negative, exponent - zeros, m << zeros};
}

Number narrowed(const WideNumber& x) {
    return {x.negative, x.exponent, static_cast<uint64_t>(x.m >> 64) | (static_cast<uint64_t>(x.m) != 0)};
}

/// Whether a magnitude whose last kept bit is `odd` and whose remainder is `rest` of 2 x `half` goes up by one.
bool rounds_up(bool negative, bool odd, uint64_t rest, uint64_t half, Rounding r) {
    switch (r) {
    case Rounding::rne: return rest > half || (rest == half && odd);
    case Rounding::rtz: return false;
    case Rounding::rdn: return negative && rest != 0;
    case Rounding::rup: return !negative && rest != 0;
    case Rounding::rmm: return rest >= half;
    }
    return false;
}

template <class F> Result boxed(uint64_t bits, Flags flags) {
    return {F::box(static_cast<typename F::Bits>(bits)), flags};
}
template <class F> Result zero(bool negative) { return boxed<F>(negative ? F::sign : 0, 0); }
template <class F> Result infinity(bool negative, Flags flags = 0) {
    return boxed<F>(F::infinity | (negative ? F::sign : 0), flags);
}
template <class F> Result not_a_number(Flags flags) { return boxed<F>(F::canonical_nan, flags); }

/// The one rounding: x to format F.
template <class F> Result rounded(const Number& x, Rounding r) {
    constexpr int drop = 64 - F::precision;
    constexpr uint64_t half = uint64_t{1} << (drop - 1);
    constexpr uint64_t rest_mask = 2 * half - 1;
    const auto up = [&](uint64_t m) { return rounds_up(x.negative, m >> drop & 1, m & rest_mask, half, r); };

    uint64_t m = x.m;
    uint64_t below = static_cast<uint64_t>(x.exponent + F::bias - 1) << (F::precision - 1); // the leading bit adds one
    bool tiny = false;
    if (x.exponent < F::min_exponent) {
        // Tiny unless rounding as if the exponent had no bound reaches the smallest normal number.
        tiny = x.exponent < F::min_exponent - 1 || (m >> drop) + up(m) != uint64_t{1} << F::precision;
        m = shift_right_to_odd(m, F::min_exponent - x.exponent);
        below = 0;
    }
    const uint64_t bits = below + (m >> drop) + up(m);
    if (x.exponent > F::max_exponent || bits >= F::infinity) {
        const bool to_infinity =
            r == Rounding::rne || r == Rounding::rmm || r == (x.negative ? Rounding::rdn : Rounding::rup);
        const uint64_t magnitude = to_infinity ? F::infinity : F::infinity - 1;
        return boxed<F>(magnitude | (x.negative ? F::sign : 0), overflow | inexact);
    }
    const Flags flags = (m & rest_mask) == 0 ? Flags{0} : tiny ? Flags{inexact | underflow} : inexact;
    return boxed<F>(bits | (x.negative ? F::sign : 0), flags);
}

/// x + y. An exact sum of zero is positive, or negative when rounding down.
template <class F> Result sum(WideNumber x, WideNumber y, Rounding r) {
    if (x.exponent < y.exponent || (x.exponent == y.exponent && x.m < y.m)) std::swap(x, y);
    // One bit of room for the carry. Both have 20 zero bits at the bottom at least, so this loses nothing, and so does
    // the alignment whenever leading bits can cancel (exponents at most one apart).
    const Wide a = x.m >> 1;
    const Wide b = shift_right_to_odd(y.m >> 1, x.exponent - y.exponent);
    const Wide s = x.negative == y.negative ? a + b : a - b;
    if (s == 0) return zero<F>(r == Rounding::rdn);
    return rounded<F>(narrowed(normalised(x.negative, x.exponent + 1, s)), r);
}

WideNumber widened(const Number& x) { return {x.negative, x.exponent, static_cast<Wide>(x.m) << 64}; }

WideNumber product(const Number& x, const Number& y) {
    return normalised(x.negative != y.negative, x.exponent + y.exponent + 1, static_cast<Wide>(x.m) * y.m);
}

/// Flags of an operation one of whose operands is a NaN.
template <class F, class... Operands> Flags nan_flags(Operands... operands) {
    return (F::is_signalling(operands) || ...) ? invalid : Flags{0};
}

template <class F> Result add_bits(typename F::Bits a, typename F::Bits b, Rounding r) {
    if (F::is_nan(a) || F::is_nan(b)) return not_a_number<F>(nan_flags<F>(a, b));
    if (F::is_infinite(a)) return F::is_infinite(b) && a != b ? not_a_number<F>(invalid) : boxed<F>(a, 0);
    if (F::is_infinite(b)) return boxed<F>(b, 0);
    if (F::is_zero(a) && F::is_zero(b)) return a == b ? boxed<F>(a, 0) : zero<F>(r == Rounding::rdn);
    if (F::is_zero(a)) return boxed<F>(b, 0);
    if (F::is_zero(b)) return boxed<F>(a, 0);
    return sum<F>(widened(unpack<F>(a)), widened(unpack<F>(b)), r);
}

/// floor(sqrt(n)) digit by digit, and whether something remains.
std::pair<uint64_t, bool> integer_sqrt(Wide n) {
    Wide root = 0;
    for (Wide bit = Wide{1} << 126; bit != 0; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return {static_cast<uint64_t>(root), n != 0};
}

} // namespace

template <class F> Result add(uint64_t a, uint64_t b, Rounding r) { return add_bits<F>(F::unbox(a), F::unbox(b), r); }

template <class F> Result sub(uint64_t a, uint64_t b, Rounding r) {
    return add_bits<F>(F::unbox(a), F::unbox(b) ^ F::sign, r);
}

template <class F> Result mul(uint64_t ra, uint64_t rb, Rounding r) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    const bool negative = F::is_negative(a ^ b);
    if (F::is_nan(a) || F::is_nan(b)) return not_a_number<F>(nan_flags<F>(a, b));
    if (F::is_infinite(a) || F::is_infinite(b))
        return F::is_zero(a) || F::is_zero(b) ? not_a_number<F>(invalid) : infinity<F>(negative);
    if (F::is_zero(a) || F::is_zero(b)) return zero<F>(negative);
    return rounded<F>(narrowed(product(unpack<F>(a), unpack<F>(b))), r);
}

template <class F> Result div(uint64_t ra, uint64_t rb, Rounding r) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    const bool negative = F::is_negative(a ^ b);
    if (F::is_nan(a) || F::is_nan(b)) return not_a_number<F>(nan_flags<F>(a, b));
    if (F::is_infinite(a)) return F::is_infinite(b) ? not_a_number<F>(invalid) : infinity<F>(negative);
    if (F::is_infinite(b)) return zero<F>(negative);
    if (F::is_zero(b)) return F::is_zero(a) ? not_a_number<F>(invalid) : infinity<F>(negative, divide_by_zero);
    if (F::is_zero(a)) return zero<F>(negative);
    const Number x = unpack<F>(a), y = unpack<F>(b);
    const Wide dividend = static_cast<Wide>(x.m) << 63; // the quotient lies between 2^62 and 2^64
    const auto quotient = static_cast<uint64_t>(dividend / y.m);
    const uint64_t sticky = dividend != static_cast<Wide>(quotient) * y.m;
    const int zeros = std::countl_zero(quotient);
    return rounded<F>({negative, x.exponent - y.exponent - zeros, (quotient | sticky) << zeros}, r);
}

template <class F> Result sqrt(uint64_t ra, Rounding r) {
    const auto a = F::unbox(ra);
    if (F::is_nan(a)) return not_a_number<F>(nan_flags<F>(a));
    if (F::is_zero(a)) return boxed<F>(a, 0);
    if (F::is_negative(a)) return not_a_number<F>(invalid);
    if (F::is_infinite(a)) return infinity<F>(false);
    const Number x = unpack<F>(a);
    const auto [root, rest] = integer_sqrt(static_cast<Wide>(x.m) << (63 + (x.exponent & 1)));
    return rounded<F>({false, x.exponent >> 1, root | rest}, r);
}

template <class F> Result fma(uint64_t ra, uint64_t rb, uint64_t rc, Rounding r) {
    const auto a = F::unbox(ra), b = F::unbox(rb), c = F::unbox(rc);
    const bool negative = F::is_negative(a ^ b);
    const bool no_product = (F::is_infinite(a) && F::is_zero(b)) || (F::is_zero(a) && F::is_infinite(b));
    if (no_product) return not_a_number<F>(invalid);
    if (F::is_nan(a) || F::is_nan(b) || F::is_nan(c)) return not_a_number<F>(nan_flags<F>(a, b, c));
    if (F::is_infinite(a) || F::is_infinite(b))
        return F::is_infinite(c) && F::is_negative(c) != negative ? not_a_number<F>(invalid) : infinity<F>(negative);
    if (F::is_infinite(c)) return boxed<F>(c, 0);
    if (F::is_zero(a) || F::is_zero(b)) return add_bits<F>(negative ? F::sign : 0, c, r);
    const WideNumber p = product(unpack<F>(a), unpack<F>(b));
    if (F::is_zero(c)) return rounded<F>(narrowed(p), r);
    return sum<F>(p, widened(unpack<F>(c)), r);
}

template <class To, class From> Result convert(uint64_t ra, Rounding r) {
    const auto a = From::unbox(ra);
    if (From::is_nan(a)) return not_a_number<To>(nan_flags<From>(a));
    if (From::is_infinite(a)) return infinity<To>(From::is_negative(a));
    if (From::is_zero(a)) return zero<To>(From::is_negative(a));
    return rounded<To>(unpack<From>(a), r);
}

template <class F, class I> Result from_integer(uint64_t x, Rounding r) {
    const I value = static_cast<I>(x);
    if (value == 0) return zero<F>(false);
    const bool negative = value < 0;
    const uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    const int zeros = std::countl_zero(magnitude);
    return rounded<F>({negative, 63 - zeros, magnitude << zeros}, r);
}

template <class F, class I> Result to_integer(uint64_t ra, Rounding r) {
    using Limits = std::numeric_limits<I>;
    const auto extended = [](I v) { return static_cast<uint64_t>(static_cast<std::make_signed_t<I>>(v)); };
    const auto a = F::unbox(ra);
    const bool negative = F::is_negative(a) && !F::is_nan(a);
    const Result saturated{extended(negative ? Limits::min() : Limits::max()), invalid};
    if (F::is_zero(a)) return {0, 0};
    if ((a & F::infinity) == F::infinity) return saturated;

    const Number x = unpack<F>(a);
    if (x.exponent > 63) return saturated;
    uint64_t whole = 0, rest = 0; // rest in units of 2^-64
    if (x.exponent < 0) {
        rest = shift_right_to_odd(x.m, -1 - x.exponent);
    } else {
        whole = x.m >> (63 - x.exponent);
        rest = x.exponent == 63 ? 0 : x.m << (x.exponent + 1);
    }
    whole += rounds_up(negative, whole & 1, rest, uint64_t{1} << 63, r); // no carry out: rest is 0 from 2^53 on
    const uint64_t limit = negative ? 0 - static_cast<uint64_t>(Limits::min()) : static_cast<uint64_t>(Limits::max());
    if (whole > limit) return saturated;
    return {extended(static_cast<I>(negative ? 0 - whole : whole)), rest == 0 ? Flags{0} : inexact};
}

template Result convert<Single, Double>(uint64_t, Rounding);
template Result convert<Double, Single>(uint64_t, Rounding);
#define TOLLGATE_FP_INTEGER(F, I)                                                                                      \
    template Result from_integer<F, I>(uint64_t, Rounding);                                                            \
    template Result to_integer<F, I>(uint64_t, Rounding);
#define TOLLGATE_FP_FORMAT(F)                                                                                          \
    template Result add<F>(uint64_t, uint64_t, Rounding);                                                              \
    template Result sub<F>(uint64_t, uint64_t, Rounding);                                                              \
    template Result mul<F>(uint64_t, uint64_t, Rounding);                                                              \
    template Result div<F>(uint64_t, uint64_t, Rounding);                                                              \
    template Result sqrt<F>(uint64_t, Rounding);                                                                       \
    template Result fma<F>(uint64_t, uint64_t, uint64_t, Rounding);                                                    \
    TOLLGATE_FP_INTEGER(F, std::int32_t)                                                                               \
    TOLLGATE_FP_INTEGER(F, std::uint32_t)                                                                              \
    TOLLGATE_FP_INTEGER(F, std::int64_t)                                                                               \
    TOLLGATE_FP_INTEGER(F, std::uint64_t)
TOLLGATE_FP_FORMAT(Single)
TOLLGATE_FP_FORMAT(Double)
#undef TOLLGATE_FP_FORMAT
#undef TOLLGATE_FP_INTEGER

} // namespace tollgate::cpu::fp::exact
