/// A node's memory as the memory system sees it: lines of the machine's addresses, behind the node's DRAM controller.
#pragma once
#include "machine/memory_system.hh"
#include "mem/dram_controller.hh"

namespace tollgate::machine {

class DramMemory final : public LineMemory {
  public:
    /// `base`: of the node's memory. Throws as DramController does.
    DramMemory(const mem::DramParams& params, const mem::DramTimingParams& exceptions,
               const mem::DramControllerParams& way, PhysAddr base)
        : controller_{params, exceptions, way}, base_{base} {}

    Picoseconds read(PhysAddr line, AccessKind kind, Picoseconds at) override {
        return controller_.read(PhysAddr{line - base_}, at, kind).at;
    }
    Picoseconds write(PhysAddr line, AccessKind kind, Picoseconds at) override {
        return controller_.write(PhysAddr{line - base_}, at, kind);
    }
    Picoseconds device_place_from(PhysAddr line, bool write, Picoseconds at) override {
        return controller_.device_place_from(PhysAddr{line - base_}, write, at);
    }

    mem::DramController& controller() { return controller_; }
    const mem::DramController& controller() const { return controller_; }

  private:
    mem::DramController controller_;
    PhysAddr base_;
};

} // namespace tollgate::machine
