/// Integer arithmetic of instruction rows that takes more than an expression.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace tollgate::cpu::isa {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

/// High half of the product, signed x signed (Unpriv §7.1).
constexpr std::uint64_t mulh(std::int64_t a, std::int64_t b) {
    return static_cast<std::uint64_t>((static_cast<Int128>(a) * b) >> 64);
}
/// High half of the product, signed x unsigned (Unpriv §7.1).
constexpr std::uint64_t mulhsu(std::int64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((static_cast<Int128>(a) * static_cast<Int128>(b)) >> 64);
}
/// High half of the product, unsigned x unsigned (Unpriv §7.1).
constexpr std::uint64_t mulhu(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

/// Quotient towards zero; all ones for division by zero, the dividend on signed overflow (Unpriv §7.2).
template <std::integral T> constexpr T quotient(T a, T b) {
    if (b == 0) return static_cast<T>(-1);
    if constexpr (std::signed_integral<T>)
        if (b == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
    return a / b;
}

/// Remainder with the dividend's sign; the dividend for division by zero, 0 on signed overflow (Unpriv §7.2).
template <std::integral T> constexpr T remainder(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::signed_integral<T>)
        if (b == -1) return 0;
    return a % b;
}

/// Rotation by the low 6 (5) bits of `by` (Bitmanip §2.2.6).
template <std::unsigned_integral T> constexpr T rotate_left(T a, std::uint64_t by) {
    return std::rotl(a, static_cast<int>(by % std::numeric_limits<T>::digits));
}
template <std::unsigned_integral T> constexpr T rotate_right(T a, std::uint64_t by) {
    return std::rotr(a, static_cast<int>(by % std::numeric_limits<T>::digits));
}

/// Every byte that is not zero becomes 0xff (Bitmanip §2.2.7).
constexpr std::uint64_t or_combine_bytes(std::uint64_t a) {
    constexpr std::uint64_t low7 = 0x7f7f7f7f7f7f7f7f;
    const std::uint64_t top = (((a & low7) + low7) | a) & ~low7; // bit 7 of every byte that is not zero
    return (top << 1) - (top >> 7);
}

/// The bytes in the opposite order (Bitmanip §2.2.8).
constexpr std::uint64_t reverse_bytes(std::uint64_t a) { return __builtin_bswap64(a); }

} // namespace tollgate::cpu::isa
