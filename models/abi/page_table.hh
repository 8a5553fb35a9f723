/// Page-table entries and `satp`: what the kernel writes and the walker reads. Freestanding.
///
///      63 62  61 60      54 53                     10 9   8 7 6 5 4 3 2 1 0
///     +--+------+----------+-------------------------+-----+-+-+-+-+-+-+-+-+
///     |N | PBMT | reserved |           PPN           | RSW |D|A|G|U|X|W|R|V|
///     +--+------+----------+-------------------------+-----+-+-+-+-+-+-+-+-+
///
///      63   60 59          44 43                                          0
///     +-------+--------------+---------------------------------------------+
///     | MODE  |     ASID     |                    PPN                      |   satp
///     +-------+--------------+---------------------------------------------+
#pragma once
#include <stdint.h>

namespace tollgate::abi {

/// Bits and fields of a page-table entry of Sv39, Sv48 and Sv57 (Priv §4.4.1, §4.5.1, §4.6.1).
namespace pte {
inline constexpr uint64_t valid = 1u << 0;
inline constexpr uint64_t read = 1u << 1;
inline constexpr uint64_t write = 1u << 2;
inline constexpr uint64_t execute = 1u << 3;
inline constexpr uint64_t user = 1u << 4;
inline constexpr uint64_t global = 1u << 5;
inline constexpr uint64_t accessed = 1u << 6;
inline constexpr uint64_t dirty = 1u << 7;
inline constexpr uint64_t flags = 0xff; ///< V R W X U G A D

inline constexpr unsigned software_shift = 8; ///< two bits for the supervisor's own use
inline constexpr unsigned ppn_shift = 10;
inline constexpr unsigned ppn_bits = 44;
inline constexpr uint64_t ppn_mask = (1ull << ppn_bits) - 1; ///< after the shift
inline constexpr uint64_t reserved = 0x7full << 54;          ///< Priv §4.4.1: zero, else a page fault
inline constexpr unsigned pbmt_shift = 61;
inline constexpr uint64_t pbmt_mask = 3ull << pbmt_shift; ///< Priv §6 (Svpbmt)
inline constexpr uint64_t napot = 1ull << 63;             ///< Priv §5 (Svnapot); the model lacks it, so reserved

inline constexpr unsigned index_bits = 9; ///< 512 entries of 8 bytes a table

constexpr uint64_t ppn(uint64_t entry) { return entry >> ppn_shift & ppn_mask; }
constexpr unsigned pbmt(uint64_t entry) { return static_cast<unsigned>(entry >> pbmt_shift & 3); }
constexpr uint64_t make(uint64_t page_number, uint64_t bits) { return (page_number & ppn_mask) << ppn_shift | bits; }
/// Any of R, W, X: the entry maps a page instead of pointing to the next table.
constexpr bool is_leaf(uint64_t entry) { return (entry & (read | write | execute)) != 0; }
} // namespace pte

/// Priv §6, table 6.1: the memory type of a page.
enum class MemoryType : uint8_t { pma = 0, non_cacheable = 1, io = 2, reserved = 3 };

/// `satp` (Priv §4.1.11).
namespace satp {
inline constexpr uint64_t bare = 0, sv39 = 8, sv48 = 9, sv57 = 10; ///< values of MODE
inline constexpr unsigned mode_shift = 60;
inline constexpr unsigned asid_shift = 44;
inline constexpr uint64_t asid_mask = 0xffff; ///< after the shift
inline constexpr uint64_t ppn_mask = (1ull << 44) - 1;

constexpr uint64_t mode(uint64_t value) { return value >> mode_shift; }
constexpr uint16_t asid(uint64_t value) { return static_cast<uint16_t>(value >> asid_shift & asid_mask); }
constexpr uint64_t ppn(uint64_t value) { return value & ppn_mask; }
constexpr uint64_t make(uint64_t mode_value, uint16_t asid_value, uint64_t root_ppn) {
    return mode_value << mode_shift | static_cast<uint64_t>(asid_value) << asid_shift | (root_ppn & ppn_mask);
}
/// Levels of tables in force: 3, 4, 5, and 0 for bare and for modes that do not exist.
constexpr unsigned levels(uint64_t value) {
    const uint64_t m = mode(value);
    return m >= sv39 && m <= sv57 ? static_cast<unsigned>(m - sv39) + 3 : 0;
}
} // namespace satp

/// log2 of the bytes that a leaf at `level` maps: 12 (4 KiB), 21 (2 MiB), 30 (1 GiB), 39 (512 GiB), 48 (256 TiB).
constexpr unsigned level_shift(unsigned level) { return 12 + pte::index_bits * level; }

} // namespace tollgate::abi
