/// A virtio-mmio slot without a device.
#pragma once
#include "abi/virtio_mmio_regs.hh"
#include "base/param.hh"
#include "tlm/register_file.hh"

namespace tollgate::dev {

using namespace literals;

struct VirtioSlotParams {
    TOLLGATE_DESCRIBED(VirtioSlotParams);
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

/// Answers with the magic value, version 2 and device 0, which a driver must ignore (virtio 1.2 §4.2.2); all other
/// registers of the transport read as 0 and take no writes.
class EmptyVirtioSlot : public Device {
  public:
    void reset(Picoseconds) override { registers_.reset(); }
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override {
        return registers_.read(*this, offset, size, now, value);
    }
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override {
        return registers_.write(*this, offset, size, now, value);
    }

  private:
    friend RegisterFile<abi::virtio_mmio::Map>;
    template <class R> void on_write(R, unsigned, typename R::value_type, Picoseconds) {}
    RegisterFile<abi::virtio_mmio::Map> registers_;
};

} // namespace tollgate::dev
