#include "dev/rom.hh"
#include "tlm/time.hh"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::dev {

Rom::Rom(const sc_core::sc_module_name& name, Bytes size, std::span<const std::byte> contents, const RomParams& params)
    : sc_module(name), socket("socket"), bytes_(contents.begin(), contents.end()),
      latency_(to_sc_time(params.latency)) {
    if (contents.size() > size.count())
        throw std::invalid_argument(
            fmt::format("reset ROM: {} bytes of contents, room for {}", contents.size(), size.count()));
    bytes_.resize(size.count());
    socket.register_b_transport(this, &Rom::transport);
    socket.register_get_direct_mem_ptr(this, &Rom::direct);
    socket.register_transport_dbg(this, &Rom::debug);
}

void Rom::transport(Payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    payload.set_response_status(read(payload));
    payload.set_dmi_allowed(payload.is_response_ok());
}

::tlm::tlm_response_status Rom::read(Payload& payload) const {
    const std::uint64_t offset = payload.get_address(), length = payload.get_data_length();
    if (!payload.is_read()) return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr()) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (payload.get_streaming_width() < length) return ::tlm::TLM_BURST_ERROR_RESPONSE;
    if (offset > bytes_.size() || length > bytes_.size() - offset) return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
    std::memcpy(payload.get_data_ptr(), bytes_.data() + offset, length);
    return ::tlm::TLM_OK_RESPONSE;
}

bool Rom::direct(Payload& payload, ::tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(bytes_.data()));
    dmi.set_start_address(0);
    dmi.set_end_address(bytes_.size() - 1);
    dmi.set_read_latency(latency_);
    dmi.allow_read();
    return payload.is_read() && payload.get_address() < bytes_.size();
}

unsigned Rom::debug(Payload& payload) {
    const std::uint64_t offset = payload.get_address();
    if (!payload.is_read() || offset >= bytes_.size()) return 0;
    const auto n = std::min<std::uint64_t>(payload.get_data_length(), bytes_.size() - offset);
    std::memcpy(payload.get_data_ptr(), bytes_.data() + offset, n);
    return static_cast<unsigned>(n);
}

} // namespace tollgate::dev
