/// The core-local interruptor: machine software interrupts, the machine timer (ACLINT §2, §3; Priv §3.2.1) and, on
/// request, the supervisor software interrupts (ACLINT §4).
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::clint {

inline constexpr unsigned max_harts = 4095;

struct Msip : Reg<"MSIP", 0x0000, uint32_t, Access::rw, 0, max_harts> {
    using Pending = Field<0, 1>;
};
/// All ones at reset: no interrupt before software asks for one.
struct Mtimecmp : Reg<"MTIMECMP", 0x4000, uint64_t, Access::rw, ~0ull, max_harts, 8, 4> {};
struct Mtime : Reg<"MTIME", 0xbff8, uint64_t, Access::rw, 0, 1, 8, 4> {};
using Map = RegMap<Msip, Mtimecmp, Mtime>;
static_assert(Map::overlap_free());

/// Writing a one to bit 0 sets the hart's SSIP; it reads as 0.
struct Setssip : Reg<"SETSSIP", 0x0000, uint32_t, Access::wo, 0, max_harts> {
    using Set = Field<0, 1>;
};
using SswiMap = RegMap<Setssip>;
static_assert(SswiMap::overlap_free());

inline constexpr unsigned size = 0x10000;
inline constexpr unsigned sswi_size = 0x4000;

} // namespace tollgate::abi::clint
