/// The two floating-point formats of the hart as bit patterns: fields, NaN, boxing in 64-bit registers, modes and
/// flags.
#pragma once
#include <bit>
#include <cstdint>

namespace tollgate::cpu::fp {

/// Rounding modes as `frm` and the `rm` field of an instruction encode them (Unpriv §11.2).
enum class Rounding : std::uint8_t { rne = 0, rtz = 1, rdn = 2, rup = 3, rmm = 4 };

inline constexpr std::uint8_t dynamic_rm = 7; ///< `rm` field: take the mode from `frm`

/// A set of accrued exceptions as `fflags` holds them (Unpriv §11.2).
using Flags = std::uint8_t;
inline constexpr Flags inexact = 1;
inline constexpr Flags underflow = 2;
inline constexpr Flags overflow = 4;
inline constexpr Flags divide_by_zero = 8;
inline constexpr Flags invalid = 16;

/// What an operation leaves behind: the value of the destination register and the flags it raised.
struct Result {
    std::uint64_t value;
    Flags flags;
};

/// IEEE 754 interchange format: sign, E bits of exponent, P-1 bits of fraction, held in an unsigned integer.
/// Exponents are those of the leading bit: the value of a normal number is 1.f x 2^exponent.
template <class BitsType, class ValueType, int P, int E> struct Format {
    using Bits = BitsType;   ///< the pattern
    using Value = ValueType; ///< the host's type of the same format
    static constexpr int precision = P;
    static constexpr int bias = (1 << (E - 1)) - 1;
    static constexpr int min_exponent = 1 - bias;
    static constexpr int max_exponent = bias;
    static constexpr Bits sign = Bits{1} << (P + E - 1);
    static constexpr Bits infinity = ((Bits{1} << E) - 1) << (P - 1);
    static constexpr Bits fraction = (Bits{1} << (P - 1)) - 1;
    static constexpr Bits quiet = Bits{1} << (P - 2);
    static constexpr Bits canonical_nan = infinity | quiet; ///< the only NaN that arithmetic delivers (Unpriv §11.3)

    static constexpr bool is_nan(Bits b) { return (b & ~sign) > infinity; }
    static constexpr bool is_signalling(Bits b) { return is_nan(b) && !(b & quiet); }
    static constexpr bool is_infinite(Bits b) { return (b & ~sign) == infinity; }
    static constexpr bool is_zero(Bits b) { return (b & ~sign) == 0; }
    static constexpr bool is_negative(Bits b) { return (b & sign) != 0; }
};

/// Binary32, in a 64-bit register boxed: all ones above it, else the register reads as canonical NaN (Unpriv §12.2).
struct Single : Format<std::uint32_t, float, 24, 8> {
    static constexpr Bits unbox(std::uint64_t reg) {
        return (reg >> 32) == 0xffffffff ? static_cast<Bits>(reg) : canonical_nan;
    }
    static constexpr std::uint64_t box(Bits b) { return 0xffffffff00000000 | b; }
};

/// Binary64: fills the register.
struct Double : Format<std::uint64_t, double, 53, 11> {
    static constexpr Bits unbox(std::uint64_t reg) { return reg; }
    static constexpr std::uint64_t box(Bits b) { return b; }
};

} // namespace tollgate::cpu::fp
