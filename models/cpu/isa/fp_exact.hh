/// Floating-point arithmetic in integers: every rounding mode and flag of RISC-V on any host, without touching the
/// host's floating-point unit. The hart goes through here only where the host's unit has no answer: round to nearest
/// with ties to maximum magnitude (rmm), fused multiply-add without such hardware, conversions to integers other than
/// by truncation.
///
/// Operands are held with the leading bit at the top of 64 or 128 bits; bits that fall off the bottom are or-ed into
/// the lowest one (round to odd), which keeps "exact", "below half", "half" and "above half" apart for the one final
/// rounding.
///
/// All functions are exact: the result is the real result rounded once. Tininess is detected after rounding
/// (Unpriv §11.4). Registers in, register out; F is Single or Double. Cost: 5 to 100 ns of host time.
#pragma once
#include "cpu/isa/fp_format.hh"

namespace tollgate::cpu::fp::exact {

template <class F> Result add(std::uint64_t a, std::uint64_t b, Rounding r);
template <class F> Result sub(std::uint64_t a, std::uint64_t b, Rounding r);
template <class F> Result mul(std::uint64_t a, std::uint64_t b, Rounding r);
template <class F> Result div(std::uint64_t a, std::uint64_t b, Rounding r);
template <class F> Result sqrt(std::uint64_t a, Rounding r);

/// a x b + c, rounded once. Infinity x 0 is invalid even if c is a quiet NaN (Unpriv §11.6).
template <class F> Result fma(std::uint64_t a, std::uint64_t b, std::uint64_t c, Rounding r);

/// From format From to format To.
template <class To, class From> Result convert(std::uint64_t a, Rounding r);

/// The integer x, of type I (std::int32_t, std::uint32_t, std::int64_t, std::uint64_t), as a number of format F.
template <class F, class I> Result from_integer(std::uint64_t x, Rounding r);

/// a rounded to an integer of type I; 32-bit results are sign-extended. What does not fit is invalid and saturates, NaN
/// like plus infinity; inexact is not raised then (Unpriv §11.7).
template <class F, class I> Result to_integer(std::uint64_t a, Rounding r);

} // namespace tollgate::cpu::fp::exact
