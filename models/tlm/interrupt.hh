/// How interrupts travel: a level per numbered line.
#pragma once
#include <systemc>

namespace tollgate {

/// What receives interrupts: the PLIC (line = source) and harts (line = `HartLine`).
class InterruptIf : public virtual sc_core::sc_interface {
  public:
    /// The line's level from now on. Called at the simulated time (`sc_time_stamp()`) at which it changes, also in the
    /// middle of the receiver's own access, and only for changes.
    virtual void set_level(unsigned line, bool high) = 0;
};

/// The lines of a hart are the bits of `mip` (Priv §3.1.9).
enum HartLine : unsigned {
    supervisor_software = 1, ///< a pulse (high, then low at once) sets SSIP, which only software clears
    machine_software = 3,
    machine_timer = 7,
    supervisor_external = 9,
    machine_external = 11
};

} // namespace tollgate
