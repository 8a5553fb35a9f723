/// What a device with registers is, free of SystemC: its accesses and actions take the time as an argument.
#pragma once
#include "base/units.hh"
#include <cstdint>
#include <optional>

namespace tollgate {

/// How a register access ended: no register there; or one, but not of this width.
enum class Outcome : std::uint8_t { ok, address_error, burst_error };

/// A device's behaviour. Its shell is `RegisterTarget`, which calls it in time order: before an access, every action
/// that is due by then.
class Device {
  public:
    virtual ~Device() = default;

    /// A read of 1, 2, 4 or 8 bytes at a multiple of that, from the device's first byte on. The upper bits of value are
    /// 0.
    virtual Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) = 0;
    virtual Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) = 0;

    /// When it acts next by itself; nothing if never. It must move on (to later, or nothing) after finitely many calls
    /// of `act`.
    virtual std::optional<Picoseconds> next_action() const { return std::nullopt; }
    /// Does what is due at `now`.
    virtual void act(Picoseconds now) { static_cast<void>(now); }

    /// Back to the state of power-on, as far as software can see it; counters go on.
    virtual void reset(Picoseconds now) { static_cast<void>(now); }

    /// Its interrupt outputs and their levels.
    virtual unsigned outputs() const { return 0; }
    virtual bool output(unsigned n) const { return static_cast<void>(n), false; }
};

} // namespace tollgate
