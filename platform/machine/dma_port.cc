#include "machine/dma_port.hh"
#include "machine/memory_events.hh"
#include <algorithm>
#include <cstring>

namespace tollgate::machine {

namespace {
PhysAddr line_of(PhysAddr a) { return PhysAddr{a.value() & ~(line_bytes - 1)}; }
} // namespace

DmaPort::DmaPort(const sc_core::sc_module_name& name, std::uint32_t node, DmaTarget target)
    : sc_module{name}, socket{"socket"}, node_{node}, target_{std::move(target)}, due_{"due"} {
    socket.register_nb_transport_fw(this, &DmaPort::request);
    SC_METHOD(move_due);
    sensitive << due_;
    dont_initialize();
}

::tlm::tlm_response_status DmaPort::check(const Payload& burst) const {
    if (!burst.is_read() && !burst.is_write()) return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (burst.get_byte_enable_ptr() != nullptr) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    const std::uint64_t length = burst.get_data_length(), first = burst.get_address();
    if (length == 0 || burst.get_streaming_width() < length) return ::tlm::TLM_BURST_ERROR_RESPONSE;
    if (length - 1 > ~0ull - first) return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
    const PhysAddr last = line_of(PhysAddr{first + (length - 1)});
    for (PhysAddr line = line_of(PhysAddr{first});; line = line + line_bytes) {
        if (target_.bytes(line) == nullptr) return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
        if (line == last) return ::tlm::TLM_OK_RESPONSE;
    }
}

::tlm::tlm_sync_enum DmaPort::request(Payload& burst, ::tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase != ::tlm::BEGIN_REQ) return ::tlm::TLM_ACCEPTED;
    const auto status = check(burst);
    if (status != ::tlm::TLM_OK_RESPONSE) {
        ++(status == ::tlm::TLM_ADDRESS_ERROR_RESPONSE ? counters_.address_errors : counters_.other_errors);
        burst.set_response_status(status);
        phase = ::tlm::BEGIN_RESP;
        return ::tlm::TLM_COMPLETED;
    }
    ++counters_.bursts;
    if (burst.has_mm()) burst.acquire();
    split(burst, local_time(delay));
    announce();
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

void DmaPort::split(Payload& burst, Picoseconds at) {
    const std::uint64_t first = burst.get_address();
    const std::uint32_t length = burst.get_data_length();
    Picoseconds end = at;
    for (std::uint32_t offset = 0; offset < length;) {
        const PhysAddr from{first + offset};
        const PhysAddr line = line_of(from);
        const auto bytes =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(length - offset, line_bytes - (from - line)));
        if (target_.system != nullptr)
            end = std::max(end, burst.is_read() ? target_.system->dma_read(node_, line, at)
                                                : target_.system->dma_write(node_, line, bytes == line_bytes, at));
        ++(burst.is_read() ? counters_.lines_read : counters_.lines_written);
        pieces_.push({end, numbered_++, &burst, offset, bytes, offset + bytes == length});
        offset += bytes;
    }
    if (track_) [[unlikely]]
        track_.slice(at, end, DmaBurst{PhysAddr{first}, Bytes{length}, burst.is_write()});
}

void DmaPort::announce() {
    if (pieces_.empty()) return;
    const Picoseconds now = to_picoseconds(sc_core::sc_time_stamp()), next = pieces_.top().end;
    if (next >= end_of_time) return;
    due_.notify(to_sc_time(next > now ? next - now : Picoseconds{}));
}

void DmaPort::move_due() {
    const Picoseconds now = to_picoseconds(sc_core::sc_time_stamp());
    while (!pieces_.empty() && pieces_.top().end <= now) {
        const Piece piece = pieces_.top();
        pieces_.pop(); // first: the response may bring the next request
        move(piece);
    }
    announce();
}

void DmaPort::move(const Piece& piece) {
    Payload& burst = *piece.burst;
    const PhysAddr at{burst.get_address() + piece.offset}, line = line_of(at);
    const std::span<std::byte> data{reinterpret_cast<std::byte*>(burst.get_data_ptr()) + piece.offset, piece.bytes};
    if (target_.side != nullptr) {
        if (burst.is_read())
            target_.side->device_read(at, data);
        else
            target_.side->device_write(at, data, target_.system->held(line));
    } else if (burst.is_read()) {
        std::memcpy(data.data(), target_.bytes(line) + (at - line), data.size());
    } else {
        std::memcpy(target_.bytes(line) + (at - line), data.data(), data.size());
        target_.changed(line);
    }
    if (!piece.last) return;
    burst.set_response_status(::tlm::TLM_OK_RESPONSE);
    ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(burst, phase, delay);
    if (burst.has_mm()) burst.release();
}

} // namespace tollgate::machine
