/// Which target answers an address.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include <optional>
#include <string>
#include <vector>

namespace tollgate::bus {

/// One target's window in the address map.
struct Window {
    std::string name;
    PhysAddr base;
    Bytes size;
    unsigned port = 0;
    /// Its last byte; a window may end at the top of the address space.
    std::uint64_t last() const { return base.value() + (size.count() - 1); }
};

/// Windows that do not overlap, found by binary search.
class Decoder {
  public:
    /// Adds a window. Throws std::invalid_argument, with the names, if it is empty, wraps or overlaps another.
    void add(Window window);

    /// The window that holds all of [address, address + length), or nullptr. The pointer lives until the next `add`.
    const Window* find(PhysAddr address, std::uint64_t length) const;
    /// The window that holds this byte, or nullptr.
    const Window* find(PhysAddr address) const;

    const std::vector<Window>& windows() const { return windows_; } ///< by address

  private:
    std::vector<Window> windows_; // by address
};

} // namespace tollgate::bus
