/// The SystemC shell of a hart: its socket to the bus, its interrupt lines, the time base that it reads.
#pragma once
#include "cpu/hart.hh"
#include "cpu/line_extension.hh"
#include "tlm/access.hh"
#include "tlm/interrupt.hh"
#include "tlm/time.hh"
#include "tlm/timebase.hh"
#include <tlm_utils/simple_initiator_socket.h>

namespace tollgate::cpu {

/// Time passes for a hart only in Hart::run, which HartScheduler calls; accesses to devices come with no delay left.
class HartModule : public sc_core::sc_module, public InterruptIf, private HartPort {
  public:
    ::tlm_utils::simple_initiator_socket<HartModule> socket;         ///< devices, and memory's direct pointers
    ::tlm_utils::simple_initiator_socket_optional<HartModule> lines; ///< what the L1s miss: LineExtension; timed mode
    sc_core::sc_export<InterruptIf> interrupts;                      ///< lines: HartLine
    sc_core::sc_port<TimebaseIf> timebase;

    /// `number` is mhartid. The group outlives the module; the module adds its hart to it.
    SC_HAS_PROCESS(HartModule);
    HartModule(const sc_core::sc_module_name& name, unsigned number, unsigned node, const HartConfig& config,
               HartGroup& group);
    ~HartModule() override { line_.payload().clear_extension<LineExtension>(&line_extension_); }

    Hart& hart() { return hart_; }
    void set_level(unsigned line, bool high) override;

  private:
    std::byte* memory_page(PhysAddr page) override;
    bool debug(PhysAddr pa, std::span<std::byte> data, bool write) override;
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind, Picoseconds at) override;
    std::uint64_t mtime(Picoseconds at) override { return timebase->mtime_at(at); }
    LineAnswer request_line(const LineRequest& request) override;
    void write_back_line(PhysAddr line, Picoseconds last_write) override;
    void line_placed() override;
    Picoseconds care_for_line(PhysAddr line, LineCare care, Picoseconds at) override;
    Picoseconds time_of_mtime(std::uint64_t value) override;
    /// Sends one on the line socket at a time; returns when it is done.
    Picoseconds send_line(::tlm::tlm_command command, AccessKind kind, PhysAddr line, Picoseconds at);
    void follow_timebase();

    AccessPayload line_;
    LineExtension line_extension_;
    bool more_ = false; ///< prefetchers wait for line_placed()
    AccessPayload access_;
    Hart hart_;
};

} // namespace tollgate::cpu
