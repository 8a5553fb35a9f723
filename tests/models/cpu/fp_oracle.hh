/// What floating-point operations must deliver, computed the slow and plain way: numbers are wide integers times a
/// power of two, results are exact (or a wide integer and a little more), and one routine rounds by comparing with half
/// a unit. Shares nothing with the models but the formats' names.
#pragma once
#include "cpu/isa/fp_format.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace tollgate::cpu::fp::oracle {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

/// An unsigned integer of 768 bits, least significant word first.
struct Big {
    static constexpr int words = 12;
    std::array<std::uint64_t, words> w{};

    Big() = default;
    explicit Big(Wide n) {
        w[0] = static_cast<std::uint64_t>(n);
        w[1] = static_cast<std::uint64_t>(n >> 64);
    }
    int bits() const {
        for (int i = words; i-- > 0;)
            if (w[i]) return 64 * i + 64 - std::countl_zero(w[i]);
        return 0;
    }
    Big operator<<(int n) const {
        assert(n >= 0 && bits() + n <= 64 * words);
        Big r;
        for (int i = words; i-- > n / 64;) {
            r.w[i] = w[i - n / 64] << n % 64;
            if (n % 64 && i > n / 64) r.w[i] |= w[i - n / 64 - 1] >> (64 - n % 64);
        }
        return r;
    }
    Big operator>>(int n) const {
        Big r;
        for (int i = 0; i + n / 64 < words; ++i) {
            r.w[i] = w[i + n / 64] >> n % 64;
            if (n % 64 && i + n / 64 + 1 < words) r.w[i] |= w[i + n / 64 + 1] << (64 - n % 64);
        }
        return r;
    }
    Big operator+(const Big& o) const {
        Big r;
        Wide carry = 0;
        for (int i = 0; i < words; ++i) {
            carry += static_cast<Wide>(w[i]) + o.w[i];
            r.w[i] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
        return r;
    }
    Big operator-(const Big& o) const {
        Big r;
        std::uint64_t borrow = 0;
        for (int i = 0; i < words; ++i) {
            const Wide d = static_cast<Wide>(w[i]) - o.w[i] - borrow;
            r.w[i] = static_cast<std::uint64_t>(d);
            borrow = static_cast<std::uint64_t>(d >> 64) & 1;
        }
        return r;
    }
    std::strong_ordering operator<=>(const Big& o) const {
        for (int i = words; i-- > 0;)
            if (w[i] != o.w[i]) return w[i] <=> o.w[i];
        return std::strong_ordering::equal;
    }
    bool operator==(const Big& o) const { return w == o.w; }
};

/// (-1)^negative x (n + something in (0,1) if more) x 2^exponent
struct Real {
    bool negative = false;
    Big n;
    int exponent = 0;
    bool more = false;
    bool is_zero() const { return n.bits() == 0 && !more; }
};

enum class Kind { finite, infinite, quiet, signalling };

template <class F> Kind kind_of(std::uint64_t bits) {
    const int width = sizeof(typename F::Bits) * 8;
    const std::uint64_t magnitude = bits & ((std::uint64_t{1} << (width - 1)) - 1);
    const std::uint64_t fraction_bits = F::precision - 1;
    const std::uint64_t exponent = magnitude >> fraction_bits;
    const std::uint64_t ones = (std::uint64_t{1} << (width - 1 - static_cast<int>(fraction_bits))) - 1;
    if (exponent != ones) return Kind::finite;
    if (magnitude == ones << fraction_bits) return Kind::infinite;
    return magnitude >> (fraction_bits - 1) & 1 ? Kind::quiet : Kind::signalling;
}

template <class F> bool negative(std::uint64_t bits) { return bits >> (sizeof(typename F::Bits) * 8 - 1) & 1; }

template <class F> Real real_of(std::uint64_t bits) {
    const int stored = F::precision - 1;
    const std::uint64_t magnitude = bits & ~(std::uint64_t{1} << (sizeof(typename F::Bits) * 8 - 1));
    const auto field = static_cast<int>(magnitude >> stored);
    std::uint64_t n = magnitude & ((std::uint64_t{1} << stored) - 1);
    if (field) n += std::uint64_t{1} << stored;
    return {negative<F>(bits), Big{n}, (field ? field : 1) - F::bias - stored, false};
}

/// |x| in units of 2^unit, rounded; second: whether that changed anything.
inline std::pair<Big, bool> rounded_to_unit(const Real& x, int unit, Rounding mode) {
    const int cut = unit - x.exponent;
    if (cut <= 0) {
        assert(!x.more);
        return {x.n << -cut, false};
    }
    const Big kept = cut < 64 * Big::words ? x.n >> cut : Big{};
    const Big rest = cut < 64 * Big::words ? x.n - (kept << cut) : x.n;
    if (rest == Big{} && !x.more) return {kept, false};
    // Against half of a unit: -1 below, 0 equal, +1 above.
    int against_half = -1;
    if (cut < 64 * Big::words) {
        const Big half = Big{1} << (cut - 1);
        against_half = rest < half ? -1 : (rest > half || x.more) ? 1 : 0;
    }
    bool away = false;
    if (mode == Rounding::rne) away = against_half > 0 || (against_half == 0 && (kept.w[0] & 1));
    if (mode == Rounding::rmm) away = against_half >= 0;
    if (mode == Rounding::rup) away = !x.negative;
    if (mode == Rounding::rdn) away = x.negative;
    return {away ? kept + Big{1} : kept, true};
}

template <class F> Result pack(bool sign, std::uint64_t magnitude, Flags flags) {
    const std::uint64_t bits = magnitude | (std::uint64_t{sign} << (sizeof(typename F::Bits) * 8 - 1));
    return {sizeof(typename F::Bits) == 4 ? bits | 0xffffffff00000000 : bits, flags};
}
template <class F> constexpr std::uint64_t infinite() {
    return ((std::uint64_t{1} << (sizeof(typename F::Bits) * 8 - F::precision)) - 1) << (F::precision - 1);
}
template <class F> Result nan(bool is_invalid) {
    return {sizeof(typename F::Bits) == 4 ? 0xffffffff7fc00000 : 0x7ff8000000000000, is_invalid ? Flags{16} : Flags{0}};
}

template <class F> Result round(const Real& x, Rounding mode) {
    const int p = F::precision;
    const int e_min = 2 - (1 << (sizeof(typename F::Bits) * 8 - p - 1)), e_max = 1 - e_min;
    const int leading = x.n.bits() - 1 + x.exponent;
    // Tiny: what rounding without a lower bound of the exponent delivers is below 2^e_min.
    const bool tiny = (rounded_to_unit(x, leading - (p - 1), mode).first.bits() + leading - (p - 1)) <= e_min;
    int unit = std::max(leading, e_min) - (p - 1);
    const auto [rounded, changed] = rounded_to_unit(x, unit, mode);
    std::uint64_t q = rounded.w[0];
    assert(rounded.bits() <= p + 1);
    if (q >> p) q >>= 1, ++unit;
    if (unit + p - 1 > e_max) {
        const bool away =
            mode == Rounding::rne || mode == Rounding::rmm || mode == (x.negative ? Rounding::rdn : Rounding::rup);
        return pack<F>(x.negative, away ? infinite<F>() : infinite<F>() - 1, 4 | 1);
    }
    std::uint64_t magnitude = q;
    if (q >> (p - 1)) {
        const auto field = static_cast<std::uint64_t>(unit + p - 1 - e_min + 1);
        magnitude = (q - (std::uint64_t{1} << (p - 1))) | field << (p - 1);
    }
    return pack<F>(x.negative, magnitude, static_cast<Flags>((changed ? 1 : 0) | (changed && tiny ? 2 : 0)));
}

inline Real exact_sum(Real x, Real y) {
    if (x.exponent < y.exponent) std::swap(x, y);
    constexpr int far = 400; // beyond this the lower one is only "a little": any small number stands for it
    const int distance = x.exponent - y.exponent;
    if (distance > far && !x.is_zero()) {
        x.n = x.n << far;
        x.exponent -= far;
        y = {y.negative, y.is_zero() ? Big{} : Big{1}, x.exponent, false};
    } else if (!x.is_zero()) {
        x.n = x.n << distance;
        x.exponent = y.exponent;
    }
    Real sum{x.negative, {}, y.exponent, false};
    if (x.negative == y.negative) {
        sum.n = x.n + y.n;
    } else if (x.n >= y.n) {
        sum.n = x.n - y.n;
    } else {
        sum.n = y.n - x.n;
        sum.negative = y.negative;
    }
    return sum;
}

template <class F, class... Bits> std::optional<Result> nan_operand(Bits... bits) {
    const bool any = ((kind_of<F>(bits) >= Kind::quiet) || ...);
    if (!any) return std::nullopt;
    return nan<F>(((kind_of<F>(bits) == Kind::signalling) || ...));
}

/// Sum of finite numbers with the sign rule of zeros (IEEE 754-2008 §6.3).
template <class F> Result add_reals(const Real& x, const Real& y, Rounding mode) {
    const Real sum = exact_sum(x, y);
    if (!sum.is_zero()) return round<F>(sum, mode);
    const bool both_zero = x.is_zero() && y.is_zero();
    return pack<F>(both_zero && x.negative == y.negative ? x.negative : mode == Rounding::rdn, 0, 0);
}

template <class F> Result add(std::uint64_t a, std::uint64_t b, Rounding mode) {
    if (auto r = nan_operand<F>(a, b)) return *r;
    const bool ia = kind_of<F>(a) == Kind::infinite, ib = kind_of<F>(b) == Kind::infinite;
    if (ia && ib && negative<F>(a) != negative<F>(b)) return nan<F>(true);
    if (ia || ib) return pack<F>(negative<F>(ia ? a : b), infinite<F>(), 0);
    return add_reals<F>(real_of<F>(a), real_of<F>(b), mode);
}

template <class F> std::uint64_t negated(std::uint64_t bits) {
    return bits ^ (std::uint64_t{1} << (sizeof(typename F::Bits) * 8 - 1));
}

template <class F> Result sub(std::uint64_t a, std::uint64_t b, Rounding mode) {
    return add<F>(a, negated<F>(b), mode);
}

inline Real exact_product(const Real& x, const Real& y) {
    return {x.negative != y.negative, Big{static_cast<Wide>(x.n.w[0]) * y.n.w[0]}, x.exponent + y.exponent, false};
}

template <class F> Result mul(std::uint64_t a, std::uint64_t b, Rounding mode) {
    if (auto r = nan_operand<F>(a, b)) return *r;
    const bool ia = kind_of<F>(a) == Kind::infinite, ib = kind_of<F>(b) == Kind::infinite;
    const bool za = !ia && real_of<F>(a).is_zero(), zb = !ib && real_of<F>(b).is_zero();
    const bool sign = negative<F>(a) != negative<F>(b);
    if ((ia && zb) || (za && ib)) return nan<F>(true);
    if (ia || ib) return pack<F>(sign, infinite<F>(), 0);
    if (za || zb) return pack<F>(sign, 0, 0);
    return round<F>(exact_product(real_of<F>(a), real_of<F>(b)), mode);
}

template <class F> Result div(std::uint64_t a, std::uint64_t b, Rounding mode) {
    if (auto r = nan_operand<F>(a, b)) return *r;
    const bool ia = kind_of<F>(a) == Kind::infinite, ib = kind_of<F>(b) == Kind::infinite;
    const bool za = !ia && real_of<F>(a).is_zero(), zb = !ib && real_of<F>(b).is_zero();
    const bool sign = negative<F>(a) != negative<F>(b);
    if ((ia && ib) || (za && zb)) return nan<F>(true);
    if (ia) return pack<F>(sign, infinite<F>(), 0);
    if (zb) return pack<F>(sign, infinite<F>(), 8);
    if (ib || za) return pack<F>(sign, 0, 0);
    // Long division, a bit at a time: the dividend's digits, then 120 zeros.
    const Real x = real_of<F>(a), y = real_of<F>(b);
    const std::uint64_t dividend = x.n.w[0], divisor = y.n.w[0];
    Big quotient;
    std::uint64_t rest = 0;
    for (int i = x.n.bits() + 120; i-- > 0;) {
        rest = rest << 1 | (i >= 120 ? dividend >> (i - 120) & 1 : 0);
        const bool digit = rest >= divisor;
        if (digit) rest -= divisor;
        if (digit) quotient.w[i / 64] |= std::uint64_t{1} << i % 64;
    }
    return round<F>({sign, quotient, x.exponent - y.exponent - 120, rest != 0}, mode);
}

template <class F> Result sqrt(std::uint64_t a, Rounding mode) {
    if (auto r = nan_operand<F>(a)) return *r;
    if (kind_of<F>(a) == Kind::infinite) return negative<F>(a) ? nan<F>(true) : pack<F>(false, infinite<F>(), 0);
    const Real x = real_of<F>(a);
    if (x.is_zero()) return pack<F>(x.negative, 0, 0);
    if (x.negative) return nan<F>(true);
    int shift = 122 - x.n.bits();
    if ((x.exponent - shift) % 2 != 0) ++shift;
    const Wide n = static_cast<Wide>(x.n.w[0]) << shift;
    std::uint64_t low = 0, high = std::uint64_t{1} << 62; // low^2 <= n < high^2
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        (static_cast<Wide>(middle) * middle <= n ? low : high) = middle;
    }
    return round<F>({false, Big{low}, (x.exponent - shift) / 2, static_cast<Wide>(low) * low != n}, mode);
}

template <class F> Result fma(std::uint64_t a, std::uint64_t b, std::uint64_t c, Rounding mode) {
    const bool ia = kind_of<F>(a) == Kind::infinite, ib = kind_of<F>(b) == Kind::infinite;
    const bool za = kind_of<F>(a) == Kind::finite && real_of<F>(a).is_zero();
    const bool zb = kind_of<F>(b) == Kind::finite && real_of<F>(b).is_zero();
    const bool sign = negative<F>(a) != negative<F>(b);
    if ((ia && zb) || (za && ib)) return nan<F>(true); // even if c is a quiet NaN
    if (auto r = nan_operand<F>(a, b, c)) return *r;
    const bool ic = kind_of<F>(c) == Kind::infinite;
    if ((ia || ib) && ic && sign != negative<F>(c)) return nan<F>(true);
    if (ia || ib) return pack<F>(sign, infinite<F>(), 0);
    if (ic) return pack<F>(negative<F>(c), infinite<F>(), 0);
    return add_reals<F>(exact_product(real_of<F>(a), real_of<F>(b)), real_of<F>(c), mode);
}

template <class To, class From> Result convert(std::uint64_t a, Rounding mode) {
    if (kind_of<From>(a) >= Kind::quiet) return nan<To>(kind_of<From>(a) == Kind::signalling);
    if (kind_of<From>(a) == Kind::infinite) return pack<To>(negative<From>(a), infinite<To>(), 0);
    const Real x = real_of<From>(a);
    return x.is_zero() ? pack<To>(x.negative, 0, 0) : round<To>(x, mode);
}

template <class F, class I> Result from_integer(std::uint64_t reg, Rounding mode) {
    const SignedWide n = static_cast<I>(reg);
    return n == 0 ? pack<F>(false, 0, 0) : round<F>({n < 0, Big{static_cast<Wide>(n < 0 ? -n : n)}, 0, false}, mode);
}

template <class F, class I> Result to_integer(std::uint64_t a, Rounding mode) {
    const SignedWide least = std::numeric_limits<I>::min(), most = std::numeric_limits<I>::max();
    const auto extend = [](SignedWide n) {
        return sizeof(I) == 4 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(n)))
                              : static_cast<std::uint64_t>(n);
    };
    const Result high{extend(most), 16}, low{extend(least), 16};
    if (kind_of<F>(a) >= Kind::quiet) return high;
    if (kind_of<F>(a) == Kind::infinite) return negative<F>(a) ? low : high;
    const Real x = real_of<F>(a);
    if (x.n.bits() + x.exponent > 70) return x.negative ? low : high;
    const auto [n, changed] = rounded_to_unit(x, 0, mode);
    SignedWide value = static_cast<SignedWide>(static_cast<Wide>(n.w[1]) << 64 | n.w[0]);
    if (x.negative) value = -value;
    if (value < least) return low;
    if (value > most) return high;
    return {extend(value), changed ? Flags{1} : Flags{0}};
}

} // namespace tollgate::cpu::fp::oracle
