/// Floating-point instructions that never round: comparisons, minimum and maximum, classification, sign injection and
/// moves. Integer arithmetic throughout; only a NaN touches the host's flags. Cost: 1 to 3 ns.
#pragma once
#include "cpu/isa/fp_host.hh"

#include <type_traits>

namespace tollgate::cpu::fp {

/// Raises the flags of an operation that met a NaN: invalid for a signalling one, or for any if `signals`.
template <class F>
[[gnu::noinline, gnu::cold]] void raise_for_nan(typename F::Bits a, typename F::Bits b, bool signals) {
    if (signals || F::is_signalling(a) || F::is_signalling(b)) host::raise(invalid);
}

/// Maps patterns that are no NaN to integers of the same order; -0 comes right before +0.
template <class F> constexpr std::int64_t ordered(typename F::Bits b) {
    const auto s = static_cast<std::make_signed_t<typename F::Bits>>(b);
    return s < 0 ? static_cast<std::int64_t>(s ^ static_cast<decltype(s)>(~F::sign)) : s;
}

/// FEQ: 1 if equal; quiet, only a signalling NaN is invalid (Unpriv §11.8, §12.6).
template <class F> std::uint64_t equal(std::uint64_t ra, std::uint64_t rb) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    if (F::is_nan(a) || F::is_nan(b)) [[unlikely]]
        return raise_for_nan<F>(a, b, false), 0;
    return a == b || F::is_zero(a | b);
}

/// FLT: 1 if less; any NaN is invalid (Unpriv §11.8, §12.6).
template <class F> std::uint64_t less(std::uint64_t ra, std::uint64_t rb) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    if (F::is_nan(a) || F::is_nan(b)) [[unlikely]]
        return raise_for_nan<F>(a, b, true), 0;
    return ordered<F>(a) < ordered<F>(b) && !F::is_zero(a | b);
}

/// FLE: 1 if less or equal; any NaN is invalid (Unpriv §11.8, §12.6).
template <class F> std::uint64_t less_or_equal(std::uint64_t ra, std::uint64_t rb) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    if (F::is_nan(a) || F::is_nan(b)) [[unlikely]]
        return raise_for_nan<F>(a, b, true), 0;
    return ordered<F>(a) <= ordered<F>(b) || F::is_zero(a | b);
}

/// The operand that is a number, else canonical NaN; a signalling NaN is invalid either way (Unpriv §11.6).
template <class F> std::uint64_t number_of(typename F::Bits a, typename F::Bits b) {
    raise_for_nan<F>(a, b, false);
    return F::box(!F::is_nan(a) ? a : !F::is_nan(b) ? b : F::canonical_nan);
}

/// FMIN: -0 is below +0 (Unpriv §11.6, §12.4).
template <class F> std::uint64_t minimum(std::uint64_t ra, std::uint64_t rb) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    if (F::is_nan(a) || F::is_nan(b)) [[unlikely]]
        return number_of<F>(a, b);
    return F::box(ordered<F>(a) < ordered<F>(b) ? a : b);
}

/// FMAX: +0 is above -0 (Unpriv §11.6, §12.4).
template <class F> std::uint64_t maximum(std::uint64_t ra, std::uint64_t rb) {
    const auto a = F::unbox(ra), b = F::unbox(rb);
    if (F::is_nan(a) || F::is_nan(b)) [[unlikely]]
        return number_of<F>(a, b);
    return F::box(ordered<F>(a) < ordered<F>(b) ? b : a);
}

/// FCLASS: one bit of ten set; raises nothing (Unpriv §11.9, §12.7).
/// bit: 0 -inf  1 -normal  2 -subnormal  3 -0  4 +0  5 +subnormal  6 +normal  7 +inf  8 signalling NaN  9 quiet NaN
template <class F> constexpr std::uint64_t classify(std::uint64_t ra) {
    const auto a = F::unbox(ra);
    if (F::is_nan(a)) return F::is_signalling(a) ? 1u << 8 : 1u << 9;
    const int size = F::is_infinite(a) ? 3 : (a & F::infinity) != 0 ? 2 : F::is_zero(a) ? 0 : 1;
    return 1u << (F::is_negative(a) ? 3 - size : 4 + size);
}

/// FSGNJ: magnitude of a, sign of b; raises nothing, NaN is not made canonical (Unpriv §11.7, §12.5).
template <class F> constexpr std::uint64_t sign_of_second(std::uint64_t ra, std::uint64_t rb) {
    return F::box((F::unbox(ra) & ~F::sign) | (F::unbox(rb) & F::sign));
}
/// FSGNJN: magnitude of a, the opposite of b's sign.
template <class F> constexpr std::uint64_t opposite_sign_of_second(std::uint64_t ra, std::uint64_t rb) {
    return F::box((F::unbox(ra) & ~F::sign) | (~F::unbox(rb) & F::sign));
}
/// FSGNJX: a, its sign flipped if b is negative.
template <class F> constexpr std::uint64_t product_of_signs(std::uint64_t ra, std::uint64_t rb) {
    return F::box(F::unbox(ra) ^ (F::unbox(rb) & F::sign));
}

/// FMV.X.W and FSW's data: the low half as it stands, boxed or not, sign-extended (Unpriv §11.7, §12.2).
constexpr std::uint64_t low_word(std::uint64_t reg) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(reg)));
}
/// FMV.W.X and FLW's result: the low word, boxed (Unpriv §11.7, §12.2).
constexpr std::uint64_t boxed_word(std::uint64_t word) { return Single::box(static_cast<std::uint32_t>(word)); }

} // namespace tollgate::cpu::fp
