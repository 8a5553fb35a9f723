/// The time base that all harts share (`mtime`, the `time` CSR).
#pragma once
#include "base/units.hh"
#include <optional>
#include <systemc>

namespace tollgate {

/// Owned by the CLINT; harts read it at their own local time and arm their supervisor timers by it.
class TimebaseIf : public virtual sc_core::sc_interface {
  public:
    /// `mtime` at this time.
    virtual std::uint64_t mtime_at(Picoseconds now) const = 0;
    /// The first time, not before now, at which `mtime` is at least this value; nothing if that is beyond
    /// `end_of_time`.
    virtual std::optional<Picoseconds> when_mtime(std::uint64_t at_least, Picoseconds now) const = 0;
    /// Notified after `mtime` was written: what `when_mtime` answered is void.
    virtual const sc_core::sc_event& rebased() const = 0;
};

} // namespace tollgate
