/// The memory system's TLM-2.0 face: one target for the line sockets of all harts.
#pragma once
#include "cpu/line_extension.hh"
#include "machine/memory_system.hh"
#include <tlm>

namespace tollgate::machine {

/// A transaction says who it is from (AccessExtension) and what it wants (cpu::LineExtension): a read brings a line or
/// the right to write it, a write hands a written one down, an ignore lets the prefetchers act or is a cache-block
/// operation. Times are in the extension. It implements the
/// interface itself, so a miss costs one virtual call. Its address is a line of memory; without the extensions the
/// answer is a generic error.
class LineTarget : public sc_core::sc_module, private ::tlm::tlm_fw_transport_if<> {
  public:
    ::tlm::tlm_target_socket<32, ::tlm::tlm_base_protocol_types, 0> socket;

    /// The memory system outlives it.
    LineTarget(const sc_core::sc_module_name& name, MemorySystem& system);

  private:
    using Payload = ::tlm::tlm_generic_payload;
    Picoseconds care(std::uint32_t hart, PhysAddr line, cpu::LineCare what, Picoseconds at);
    void b_transport(Payload& payload, sc_core::sc_time& delay) override;
    ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(Payload& payload) override;

    MemorySystem& system_;
};

} // namespace tollgate::machine
