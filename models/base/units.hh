/// Quantities with their unit in the type: conversions are explicit, so cycles never become picoseconds by accident.
#pragma once
#include "base/ratio.hh"
#include <compare>
#include <cstdint>

namespace tollgate {

/// A 64-bit whole number of one unit. Adds and compares with its own kind only; scales by plain integers.
template <class Unit> class Quantity {
  public:
    constexpr Quantity() = default;
    explicit constexpr Quantity(std::uint64_t n) : n_{n} {}
    constexpr std::uint64_t count() const { return n_; }
    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr Quantity operator+(Quantity o) const { return Quantity{n_ + o.n_}; }
    constexpr Quantity operator-(Quantity o) const { return Quantity{n_ - o.n_}; }
    constexpr Quantity operator*(std::uint64_t k) const { return Quantity{n_ * k}; }
    constexpr Quantity operator/(std::uint64_t k) const { return Quantity{n_ / k}; }
    constexpr std::uint64_t operator/(Quantity o) const { return n_ / o.n_; }
    constexpr Quantity& operator+=(Quantity o) { return n_ += o.n_, *this; }
    constexpr Quantity& operator-=(Quantity o) { return n_ -= o.n_, *this; }

  private:
    std::uint64_t n_ = 0;
};

using Cycles = Quantity<struct CyclesUnit>;           ///< periods of the owner's own clock
using Picoseconds = Quantity<struct PicosecondsUnit>; ///< simulated time or a span of it
using Bytes = Quantity<struct BytesUnit>;
using Hertz = Quantity<struct HertzUnit>;
using BitsPerSecond = Quantity<struct BitsPerSecondUnit>;

namespace literals {
constexpr Cycles operator""_cycles(unsigned long long n) { return Cycles{n}; }
constexpr Picoseconds operator""_ps(unsigned long long n) { return Picoseconds{n}; }
constexpr Picoseconds operator""_ns(unsigned long long n) { return Picoseconds{n * 1'000}; }
constexpr Picoseconds operator""_us(unsigned long long n) { return Picoseconds{n * 1'000'000}; }
constexpr Picoseconds operator""_ms(unsigned long long n) { return Picoseconds{n * 1'000'000'000}; }
constexpr Bytes operator""_B(unsigned long long n) { return Bytes{n}; }
constexpr Bytes operator""_KiB(unsigned long long n) { return Bytes{n << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return Bytes{n << 20}; }
constexpr Bytes operator""_GiB(unsigned long long n) { return Bytes{n << 30}; }
constexpr Hertz operator""_MHz(unsigned long long n) { return Hertz{n * 1'000'000}; }
constexpr Hertz operator""_GHz(unsigned long long n) { return Hertz{n * 1'000'000'000}; }
} // namespace literals

/// A clock domain: it counts whole cycles; time is derived from the count and rounded once, so periods that are no
/// whole number of picoseconds (1.5 GHz, DDR4-2400) never drift. A conversion takes a few multiplications of host time.
class ClockDomain {
  public:
    explicit constexpr ClockDomain(Hertz f) : f_{f}, time_{ps_per_s, f.count()}, cycles_{f.count(), ps_per_s} {}
    constexpr Hertz frequency() const { return f_; }
    /// The time of cycle n's edge, rounded down. Exact up to 2^64 ps (213 days).
    constexpr Picoseconds time_of(Cycles n) const { return Picoseconds{time_.floor_of(n.count())}; }
    /// The first cycle whose edge is not before t.
    constexpr Cycles cycle_at_or_after(Picoseconds t) const { return span(t); }
    /// Whole cycles that a span takes, rounded up: a wait of t ends on an edge.
    constexpr Cycles span(Picoseconds t) const { return Cycles{cycles_.ceiling_of(t.count())}; }

  private:
    static constexpr std::uint64_t ps_per_s = 1'000'000'000'000;
    Hertz f_;
    Ratio time_, cycles_; ///< picoseconds a cycle, cycles a picosecond
};

} // namespace tollgate
