/// The test finisher of the `virt` machine: one word that ends the run.
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::finisher {

/// Written whole, or its lower half alone.
struct Finish : Reg<"FINISH", 0x0, uint32_t, Access::wo, 0, 1, 4, 2> {
    using Command = Field<0, 16>;
    using Code = Field<16, 16>; ///< of a failure
};
using Map = RegMap<Finish>;
static_assert(Map::overlap_free());

inline constexpr uint32_t pass = 0x5555, fail = 0x3333, reset = 0x7777;
inline constexpr unsigned size = 0x1000;

} // namespace tollgate::abi::finisher
