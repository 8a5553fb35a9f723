#include "mem/memory.hh"
#include <algorithm>

namespace tollgate::mem {

Memory::Memory(const sc_core::sc_module_name& name, Bytes size, const MemoryParams& params, std::uint64_t seed)
    : sc_module(name), socket("socket"), store_(size, params.initial, seed) {
    socket.register_b_transport(this, &Memory::transport);
    socket.register_get_direct_mem_ptr(this, &Memory::direct);
    socket.register_transport_dbg(this, &Memory::debug);
}

static std::span<std::byte> bytes_of(::tlm::tlm_generic_payload& payload) {
    return {reinterpret_cast<std::byte*>(payload.get_data_ptr()), payload.get_data_length()};
}

void Memory::transport(Payload& payload, sc_core::sc_time&) {
    const std::uint64_t offset = payload.get_address();
    const std::span<std::byte> data = bytes_of(payload);
    if (!store_.contains(offset, data.size())) {
        payload.set_response_status(::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (payload.get_byte_enable_ptr()) {
        payload.set_response_status(::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else if (payload.get_streaming_width() < data.size()) {
        payload.set_response_status(::tlm::TLM_BURST_ERROR_RESPONSE);
    } else if (payload.is_read()) {
        store_.read(offset, data);
        ++counters_.reads;
        counters_.bytes_read += data.size();
        payload.set_response_status(::tlm::TLM_OK_RESPONSE);
    } else if (payload.is_write()) {
        store_.write(offset, data);
        ++counters_.writes;
        counters_.bytes_written += data.size();
        payload.set_response_status(::tlm::TLM_OK_RESPONSE);
    } else {
        payload.set_response_status(::tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    payload.set_dmi_allowed(true);
}

bool Memory::direct(Payload& payload, ::tlm::tlm_dmi& dmi) {
    const std::uint64_t offset = payload.get_address();
    if (!store_.contains(offset, 1)) {
        dmi.set_start_address(store_.size().count());
        dmi.set_end_address(~0ull);
        return false;
    }
    const std::uint64_t first = offset & ~(page_bytes - 1);
    dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(store_.page(offset)));
    dmi.set_start_address(first);
    dmi.set_end_address(first + page_bytes - 1);
    dmi.allow_read_write();
    return true;
}

unsigned Memory::debug(Payload& payload) {
    const std::uint64_t offset = payload.get_address();
    const std::uint64_t size = store_.size().count();
    if (offset >= size) return 0;
    const std::span<std::byte> data = bytes_of(payload).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(payload.get_data_length(), size - offset)));
    if (payload.is_read())
        store_.peek(offset, data);
    else if (payload.is_write())
        store_.write(offset, data);
    else
        return 0;
    if (payload.is_write() && debugger_wrote_) debugger_wrote_(offset, data.size());
    return static_cast<unsigned>(data.size());
}

} // namespace tollgate::mem
