/// The reset ROM: bytes that are read and never written.
#pragma once
#include "base/param.hh"
#include <cstddef>
#include <span>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace tollgate::dev {

using namespace literals;

struct RomParams {
    TOLLGATE_DESCRIBED(RomParams);
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "Of an access of any length.")
    TOLLGATE_END;
};

/// Reads of any length; a write is TLM_COMMAND_ERROR_RESPONSE. Direct pointers for reading cover all of it.
class Rom : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<Rom> socket;

    /// Contents shorter than the size are followed by zeros. Throws std::invalid_argument if they are longer.
    Rom(const sc_core::sc_module_name& name, Bytes size, std::span<const std::byte> contents, const RomParams& params);

  private:
    using Payload = ::tlm::tlm_generic_payload;
    void transport(Payload& payload, sc_core::sc_time& delay);
    ::tlm::tlm_response_status read(Payload& payload) const;
    bool direct(Payload& payload, ::tlm::tlm_dmi& dmi);
    unsigned debug(Payload& payload);

    std::vector<std::byte> bytes_;
    sc_core::sc_time latency_;
};

} // namespace tollgate::dev
