#include "tlm/register_target.hh"
#include <algorithm>
#include <cstring>

namespace tollgate {

RegisterTarget::RegisterTarget(const sc_core::sc_module_name& name, Device& device, Picoseconds latency)
    : sc_module(name), socket("socket"), device_(device), latency_(latency), ports_("output", device.outputs()),
      outputs_(device.outputs()), due_("due") {
    socket.register_b_transport(this, &RegisterTarget::transport);
    SC_HAS_PROCESS(RegisterTarget);
    SC_METHOD(wake);
    sensitive << due_;
    dont_initialize();
}

void RegisterTarget::connect(unsigned output, InterruptIf& sink, unsigned line) {
    ports_.at(output).bind(sink);
    outputs_.at(output).line = line;
}

void RegisterTarget::reset() {
    device_.reset(to_picoseconds(sc_core::sc_time_stamp()));
    stir();
}

void RegisterTarget::transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Picoseconds now = local_time(delay);
    catch_up(now);
    const auto status = access(payload, now);
    payload.set_response_status(status);
    switch (status) {
    case ::tlm::TLM_OK_RESPONSE: ++(payload.is_read() ? counters_.reads : counters_.writes); break;
    case ::tlm::TLM_ADDRESS_ERROR_RESPONSE: ++counters_.address_errors; break;
    case ::tlm::TLM_BURST_ERROR_RESPONSE: ++counters_.burst_errors; break;
    default: ++counters_.other_errors; break;
    }
    publish(now);
    announce();
    delay += to_sc_time(latency_);
}

::tlm::tlm_response_status RegisterTarget::access(::tlm::tlm_generic_payload& payload, Picoseconds now) {
    if (!payload.is_read() && !payload.is_write()) return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr()) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    const std::uint64_t offset = payload.get_address();
    const unsigned size = payload.get_data_length();
    const bool power = size != 0 && size <= 8 && (size & (size - 1)) == 0;
    if (!power || offset % size != 0 || payload.get_streaming_width() < size) return ::tlm::TLM_BURST_ERROR_RESPONSE;

    std::uint64_t value = 0; // the host is little-endian, as the guest is
    Outcome outcome;
    if (payload.is_read()) {
        outcome = device_.read(offset, size, now, value);
        if (outcome == Outcome::ok) std::memcpy(payload.get_data_ptr(), &value, size);
    } else {
        std::memcpy(&value, payload.get_data_ptr(), size);
        outcome = device_.write(offset, size, now, value);
    }
    switch (outcome) {
    case Outcome::address_error: return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case Outcome::burst_error: return ::tlm::TLM_BURST_ERROR_RESPONSE;
    case Outcome::ok: break;
    }
    return ::tlm::TLM_OK_RESPONSE;
}

void RegisterTarget::stir() {
    const Picoseconds stamp = to_picoseconds(sc_core::sc_time_stamp());
    catch_up(stamp);
    publish(stamp);
    announce();
}

void RegisterTarget::wake() {
    const Picoseconds stamp = to_picoseconds(sc_core::sc_time_stamp());
    drive_due(stamp);
    catch_up(stamp);
    announce();
}

void RegisterTarget::catch_up(Picoseconds now) {
    for (auto next = device_.next_action(); next && *next <= now; next = device_.next_action()) {
        device_.act(*next);
        publish(*next);
    }
}

void RegisterTarget::publish(Picoseconds at) {
    for (unsigned n = 0; n < outputs_.size(); ++n) {
        const bool high = device_.output(n);
        if (high == outputs_[n].high) continue;
        outputs_[n].high = high;
        // A change never overtakes one that is under way.
        changes_.push_back({changes_.empty() ? at : std::max(at, changes_.back().at), n, high});
    }
    drive_due(to_picoseconds(sc_core::sc_time_stamp()));
}

void RegisterTarget::drive_due(Picoseconds stamp) {
    while (!changes_.empty() && changes_.front().at <= stamp) {
        const Change change = changes_.front();
        changes_.pop_front(); // first: the sink may come back to this device
        if (ports_[change.output].size() != 0)
            ports_[change.output]->set_level(outputs_[change.output].line, change.high);
    }
}

void RegisterTarget::announce() {
    due_.cancel();
    auto next = device_.next_action();
    if (!changes_.empty() && (!next || changes_.front().at < *next)) next = changes_.front().at;
    if (!next || *next >= end_of_time) return;
    const Picoseconds stamp = to_picoseconds(sc_core::sc_time_stamp());
    due_.notify(to_sc_time(*next > stamp ? *next - stamp : Picoseconds{}));
}

} // namespace tollgate
