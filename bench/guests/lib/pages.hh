/// Sv39 page tables with 4 KiB pages (Priv §4.4), for a guest that maps once and never unmaps.
#pragma once
#include <cstdint>

namespace guest {

inline constexpr std::uint64_t page_bytes = 4096;

/// Flags of a leaf, with A and D set so that no walk writes or traps (Priv §4.3.1).
enum class Page : std::uint64_t { text = 0xcb, data = 0xc7 };

/// Maps one page; the caller orders it before its use (`sfence.vma`). Ends the machine with code 2 when there is no
/// room for tables.
void map(std::uint64_t virtual_address, std::uint64_t physical_address, Page flags);
/// Maps [from, to) to itself.
void map_identity(std::uint64_t from, std::uint64_t to, Page flags);
/// Empties the root and maps the image and the devices to themselves.
void map_machine();

} // namespace guest
