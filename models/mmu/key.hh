/// A TLB key: one word that is equal only for the same page of the same size in the same address space.
///
///      63  61 60          45 44                                    0
///     +------+--------------+---------------------------------------+
///     |level |     ASID     |       virtual page number at level    |   of one address space
///     +------+--------------+---------------------------------------+
///     |  5   |    level     |       virtual page number at level    |   global: all address spaces
///     +------+--------------+---------------------------------------+
///
/// An address's bits 56 to 12 are kept; what lies above follows from them in a canonical address.
#pragma once
#include "mmu/access.hh"

namespace tollgate::mmu {

inline constexpr unsigned max_levels = 5;
inline constexpr std::uint64_t no_key = ~0ull; ///< equal to no key of a page

namespace key {
inline constexpr unsigned vpn_bits = 45, asid_shift = 45, kind_shift = 61;
inline constexpr std::uint64_t vpn_mask = (1ull << vpn_bits) - 1;
inline constexpr std::uint64_t global_kind = 5;

constexpr std::uint64_t vpn(VirtAddr va, unsigned level) {
    return va.value() >> abi::level_shift(level) & vpn_mask >> abi::pte::index_bits * level;
}
constexpr std::uint64_t make(VirtAddr va, unsigned level, Asid asid) {
    return vpn(va, level) | static_cast<std::uint64_t>(asid) << asid_shift
           | static_cast<std::uint64_t>(level) << kind_shift;
}
constexpr std::uint64_t make_global(VirtAddr va, unsigned level) {
    return vpn(va, level) | static_cast<std::uint64_t>(level) << asid_shift | global_kind << kind_shift;
}
constexpr bool is_global(std::uint64_t k) { return k >> kind_shift == global_kind; }
constexpr Asid asid(std::uint64_t k) { return static_cast<Asid>(k >> asid_shift); } ///< not for global keys
constexpr unsigned level(std::uint64_t k) {
    return static_cast<unsigned>(is_global(k) ? k >> asid_shift & 7 : k >> kind_shift);
}
/// Whether the page contains `va`, whatever the address space.
constexpr bool covers(std::uint64_t k, VirtAddr va) { return (k & vpn_mask) == vpn(va, level(k)); }
} // namespace key

} // namespace tollgate::mmu
