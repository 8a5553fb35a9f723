/// The platform-level interrupt controller (PLIC 1.0.0 §3: its memory map).
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::plic {

inline constexpr unsigned sources = 96;     ///< numbered from 1; 0 means none (`riscv,ndev`)
inline constexpr unsigned max_priority = 7; ///< 0 never interrupts
inline constexpr unsigned words = (sources + 32) / 32;
inline constexpr unsigned words_per_context = 32; ///< of the enable bits, as laid out; those above `words` are 0
inline constexpr unsigned max_contexts = 15872;

struct Priority : Reg<"PRIORITY", 0x00'0000, uint32_t, Access::rw, 0, sources + 1> {};
struct Pending : Reg<"PENDING", 0x00'1000, uint32_t, Access::ro, 0, words> {};
/// Index: context * words_per_context + word.
struct Enable : Reg<"ENABLE", 0x00'2000, uint32_t, Access::rw, 0, max_contexts * words_per_context> {};
struct Threshold : Reg<"THRESHOLD", 0x20'0000, uint32_t, Access::rw, 0, max_contexts, 0x1000> {};
/// Reading claims, writing completes.
struct Claim : Reg<"CLAIM", 0x20'0004, uint32_t, Access::rw, 0, max_contexts, 0x1000> {};
using Map = RegMap<Priority, Pending, Enable, Threshold, Claim>;
static_assert(Map::overlap_free());

inline constexpr unsigned size = 0x400'0000;

} // namespace tollgate::abi::plic
