#include "machine/line_target.hh"
#include "tlm/access.hh"

namespace tollgate::machine {

LineTarget::LineTarget(const sc_core::sc_module_name& name, MemorySystem& system)
    : sc_module{name}, socket{"socket"}, system_{system} {
    socket.bind(static_cast<::tlm::tlm_fw_transport_if<>&>(*this));
}

void LineTarget::b_transport(Payload& payload, sc_core::sc_time&) {
    const auto* from = payload.get_extension<AccessExtension>();
    auto* wish = payload.get_extension<cpu::LineExtension>();
    if (from == nullptr || wish == nullptr) return payload.set_response_status(::tlm::TLM_GENERIC_ERROR_RESPONSE);
    const PhysAddr line{payload.get_address()};
    switch (payload.get_command()) {
    case ::tlm::TLM_READ_COMMAND: {
        const MemorySystem::Access a =
            system_.access(from->initiator, line, from->kind, wish->exclusive, wish->has_line, wish->at);
        wish->granted = a.granted;
        wish->source = a.source;
        wish->more = system_.wants_prefetch();
        wish->done = a.done;
        break;
    }
    case ::tlm::TLM_WRITE_COMMAND: system_.write_back(from->initiator, line, wish->at); break;
    case ::tlm::TLM_IGNORE_COMMAND:
        if (wish->care) [[unlikely]]
            wish->done = care(from->initiator, line, *wish->care, wish->at);
        else
            system_.prefetch();
        break;
    }
    payload.set_response_status(::tlm::TLM_OK_RESPONSE);
}

Picoseconds LineTarget::care(std::uint32_t hart, PhysAddr line, cpu::LineCare what, Picoseconds at) {
    switch (what) {
    case cpu::LineCare::clean: return system_.clean(hart, line, at);
    case cpu::LineCare::flush: return system_.flush(hart, line, at);
    case cpu::LineCare::inval: return system_.inval(hart, line, at);
    case cpu::LineCare::zero: break;
    }
    return at;
}

::tlm::tlm_sync_enum LineTarget::nb_transport_fw(Payload& payload, ::tlm::tlm_phase&, sc_core::sc_time& delay) {
    b_transport(payload, delay);
    return ::tlm::TLM_COMPLETED;
}

bool LineTarget::get_direct_mem_ptr(Payload&, ::tlm::tlm_dmi&) { return false; }
unsigned LineTarget::transport_dbg(Payload&) { return 0; }

} // namespace tollgate::machine
