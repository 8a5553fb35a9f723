/// What must hold between a hart's counters at the end of every run.
#pragma once
#include "cpu/hart.hh"

namespace tollgate::machine {

/// Throws std::logic_error with the numbers when one does not hold: then the simulator is wrong.
void check_identities(cpu::Hart& hart);

} // namespace tollgate::machine
