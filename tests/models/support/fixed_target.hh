/// A target of fixed latency that remembers what it was asked and answers what it is told.
#pragma once
#include "tlm/access.hh"
#include "tlm/time.hh"
#include <cstring>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace tollgate::test {

class FixedTarget : public sc_core::sc_module {
  public:
    struct Request {
        ::tlm::tlm_command command;
        AccessKind kind;
        std::uint64_t address;
        unsigned length;
        Picoseconds at;
    };
    ::tlm_utils::simple_target_socket<FixedTarget> socket;
    std::vector<Request> requests;
    ::tlm::tlm_response_status status = ::tlm::TLM_OK_RESPONSE;
    Picoseconds latency;
    unsigned char fill = 0;            ///< what reads give
    std::vector<unsigned char> direct; ///< granted as direct memory, all of it; none if empty

    FixedTarget(const sc_core::sc_module_name& name, Picoseconds answer_after)
        : sc_module(name), socket("socket"), latency(answer_after) {
        socket.register_b_transport(this, &FixedTarget::transport);
        socket.register_get_direct_mem_ptr(this, &FixedTarget::direct_memory);
        socket.register_transport_dbg(this, &FixedTarget::debug);
    }

  private:
    void transport(::tlm::tlm_generic_payload& p, sc_core::sc_time& delay) {
        requests.push_back({p.get_command(), kind_of(p), p.get_address(), p.get_data_length(), local_time(delay)});
        if (p.is_read()) std::memset(p.get_data_ptr(), fill, p.get_data_length());
        p.set_response_status(status);
        delay += to_sc_time(latency);
    }
    bool direct_memory(::tlm::tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
        dmi.set_start_address(0);
        dmi.set_end_address(~0ull);
        if (direct.empty()) return false;
        dmi.set_dmi_ptr(direct.data());
        dmi.set_end_address(direct.size() - 1);
        dmi.set_read_latency(to_sc_time(latency));
        dmi.allow_read_write();
        return true;
    }
    unsigned debug(::tlm::tlm_generic_payload& p) {
        requests.push_back({p.get_command(), kind_of(p), p.get_address(), p.get_data_length(), {}});
        return p.get_data_length();
    }
};

} // namespace tollgate::test
