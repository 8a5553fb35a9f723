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
    Channel& channel = burst.is_write() ? writes_ : reads_;
    channel.waiting.push_back({&burst, local_time(delay), local_time(delay), 0});
    if (channel.waiting.size() == 1) ask(channel);
    announce();
    phase = ::tlm::END_REQ;
    return ::tlm::TLM_UPDATED;
}

void DmaPort::ask(Channel& channel) {
    channel.ask_again = never;
    while (!channel.waiting.empty()) {
        const Burst& burst = channel.waiting.front();
        while (burst.offset < burst.payload->get_data_length())
            if (!ask_line(channel)) return;
        if (track_) [[unlikely]]
            track_.slice(burst.at, burst.end,
                         DmaBurst{PhysAddr{burst.payload->get_address()}, Bytes{burst.payload->get_data_length()},
                                  burst.payload->is_write()});
        channel.waiting.pop_front();
    }
}

/// False: there is no place for its next line yet.
bool DmaPort::ask_line(Channel& channel) {
    Burst& burst = channel.waiting.front();
    const std::uint32_t length = burst.payload->get_data_length();
    const bool write = burst.payload->is_write();
    const PhysAddr from{burst.payload->get_address() + burst.offset}, line = line_of(from);
    const auto bytes =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(length - burst.offset, line_bytes - (from - line)));
    if (target_.system != nullptr) {
        const Picoseconds at = std::max(burst.at, to_picoseconds(sc_core::sc_time_stamp()));
        const Picoseconds place = target_.system->dma_from(line, write, at);
        if (place > at) {
            counters_.waited += (place - at).count();
            channel.ask_again = place;
            return false;
        }
        burst.end = std::max(burst.end, write ? target_.system->dma_write(node_, line, bytes == line_bytes, at)
                                              : target_.system->dma_read(node_, line, at));
    }
    ++(write ? counters_.lines_written : counters_.lines_read);
    pieces_.push({burst.end, numbered_++, burst.payload, burst.offset, bytes, burst.offset + bytes == length});
    burst.offset += bytes;
    return true;
}

void DmaPort::announce() {
    const Picoseconds now = to_picoseconds(sc_core::sc_time_stamp());
    const Picoseconds next =
        std::min({pieces_.empty() ? never : pieces_.top().end, reads_.ask_again, writes_.ask_again});
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
    for (Channel* c : {&reads_, &writes_})
        if (c->ask_again <= now) ask(*c);
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
