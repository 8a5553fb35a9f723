/// Physical and virtual addresses as types of their own: mixing them up does not compile.
#pragma once
#include <compare>
#include <cstdint>

namespace tollgate {

template <class Space> class Address {
  public:
    constexpr Address() = default;
    explicit constexpr Address(std::uint64_t a) : a_{a} {}
    constexpr std::uint64_t value() const { return a_; }
    constexpr auto operator<=>(const Address&) const = default;
    constexpr Address operator+(std::uint64_t offset) const { return Address{a_ + offset}; }
    constexpr std::uint64_t operator-(Address o) const { return a_ - o.a_; }

  private:
    std::uint64_t a_ = 0;
};

using PhysAddr = Address<struct PhysSpace>;
using VirtAddr = Address<struct VirtSpace>;

inline constexpr unsigned line_shift = 6;                       ///< log2 of the cache line's bytes
inline constexpr std::uint64_t line_bytes = 1ull << line_shift; ///< the coherence unit everywhere
inline constexpr unsigned page_shift = 12;                      ///< Priv §4.3: the base page
inline constexpr std::uint64_t page_bytes = 1ull << page_shift;

} // namespace tollgate
