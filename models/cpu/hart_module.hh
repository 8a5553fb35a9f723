/// The SystemC shell of a hart: its socket to the bus, its interrupt lines, the time base that it reads.
#pragma once
#include "cpu/hart.hh"
#include "tlm/access.hh"
#include "tlm/interrupt.hh"
#include "tlm/time.hh"
#include "tlm/timebase.hh"
#include <tlm_utils/simple_initiator_socket.h>

namespace tollgate::cpu {

/// Time passes for a hart only in Hart::run, which HartScheduler calls; accesses to devices come with no delay left.
class HartModule : public sc_core::sc_module, public InterruptIf, private HartPort {
  public:
    ::tlm_utils::simple_initiator_socket<HartModule> socket;
    sc_core::sc_export<InterruptIf> interrupts; ///< lines: HartLine
    sc_core::sc_port<TimebaseIf> timebase;

    /// `number` is mhartid. The group outlives the module; the module adds its hart to it.
    SC_HAS_PROCESS(HartModule);
    HartModule(const sc_core::sc_module_name& name, unsigned number, unsigned node, const HartConfig& config,
               HartGroup& group);

    Hart& hart() { return hart_; }
    void set_level(unsigned line, bool high) override;

  private:
    std::byte* memory_page(PhysAddr page) override;
    bool debug(PhysAddr pa, std::span<std::byte> data, bool write) override;
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind, Picoseconds at) override;
    std::uint64_t mtime(Picoseconds at) override { return timebase->mtime_at(at); }
    Picoseconds time_of_mtime(std::uint64_t value) override;
    void follow_timebase();

    AccessPayload access_, walk_; ///< a walk can be needed in the middle of an access
    Hart hart_;
};

} // namespace tollgate::cpu
