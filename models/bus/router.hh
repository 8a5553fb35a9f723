/// A bus without contention: it decodes the address, takes a fixed time and passes the transaction on.
#pragma once
#include "base/counter.hh"
#include "base/param.hh"
#include "bus/decoder.hh"
#include <string>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

namespace tollgate::bus {

using namespace literals;

struct RouterParams {
    TOLLGATE_DESCRIBED(RouterParams);
    TOLLGATE_PARAM(Picoseconds, latency, 5_ns, Unit::time, {0, 1'000'000'000}, Kind::timing, {"hart.cycles", Moves::up},
                   "From an initiator to the target's port, for every transaction.")
    TOLLGATE_END;
};

struct RouterCounters {
    TOLLGATE_DESCRIBED(RouterCounters);
    TOLLGATE_COUNTER(reads, "transactions", "Reads passed on.")
    TOLLGATE_COUNTER(writes, "transactions", "Writes passed on.")
    TOLLGATE_COUNTER(unmapped, "transactions", "Refused: no target at the address.")
    TOLLGATE_COUNTER(straddling, "transactions", "Refused: began inside a target and ended beyond it.")
    TOLLGATE_COUNTER(address_errors, "transactions", "The target has nothing at the address.")
    TOLLGATE_COUNTER(burst_errors, "transactions", "The target does not take this width or alignment.")
    TOLLGATE_COUNTER(other_errors, "transactions", "Every other error of a target: command, byte enables, generic.")
    TOLLGATE_COUNTER(dmi_grants, "requests", "Direct memory pointers handed out.")
    TOLLGATE_END;
};

/// Any number of initiators and targets. A target sees addresses that count from its window's base. An address without
/// a target is TLM_ADDRESS_ERROR_RESPONSE, which a hart makes an access fault (Priv §3.1.15) of.
class Router : public sc_core::sc_module {
  public:
    ::tlm_utils::multi_passthrough_target_socket<Router> upstream;

    Router(const sc_core::sc_module_name& name, const RouterParams& params);

    /// Binds a target socket to a window of the map. Throws std::invalid_argument if windows overlap. During
    /// elaboration.
    template <class Socket> void map(const std::string& target, PhysAddr base, Bytes size, Socket& socket) {
        decoder_.add({target, base, size, ports_});
        ++ports_;
        downstream_.bind(socket);
    }

    const Decoder& decoder() const { return decoder_; }
    const RouterCounters& counters() const { return counters_; }

  private:
    using Payload = ::tlm::tlm_generic_payload;
    void transport(int initiator, Payload& payload, sc_core::sc_time& delay);
    bool direct(int initiator, Payload& payload, ::tlm::tlm_dmi& dmi);
    unsigned debug(int initiator, Payload& payload);
    void invalidate(int port, sc_dt::uint64 start, sc_dt::uint64 end);

    ::tlm_utils::multi_passthrough_initiator_socket<Router> downstream_;
    Decoder decoder_;
    unsigned ports_ = 0;
    sc_core::sc_time latency_;
    RouterCounters counters_;
};

} // namespace tollgate::bus
