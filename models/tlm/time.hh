/// Between the models' picoseconds and SystemC's time. The kernel's resolution must be its default of 1 ps.
///
/// What stands in this folder is in namespace `tollgate` itself: a `tollgate::tlm` would hide the standard's `::tlm`.
#pragma once
#include "base/units.hh"
#include <systemc>

namespace tollgate {

inline sc_core::sc_time to_sc_time(Picoseconds t) { return sc_core::sc_time::from_value(t.count()); }
inline Picoseconds to_picoseconds(const sc_core::sc_time& t) { return Picoseconds{t.value()}; }

/// The time of an access that arrives with this delay.
inline Picoseconds local_time(const sc_core::sc_time& delay) {
    return to_picoseconds(sc_core::sc_time_stamp()) + to_picoseconds(delay);
}

/// The last time that can be waited for: half of SystemC's range (106 days), so that sums do not wrap.
inline constexpr Picoseconds end_of_time{1ull << 63};

} // namespace tollgate
