#include "dev/scripted_initiator.hh"
#include <algorithm>

namespace tollgate::dev {

ScriptedInitiator::ScriptedInitiator(const sc_core::sc_module_name& name, DmaScript script, std::uint32_t number)
    : sc_module{name}, socket{"socket"}, player_{script}, due_{"due"} {
    for (std::uint32_t tag = 0; tag < script.outstanding; ++tag) {
        flights_.push_back(std::make_unique<Flight>(number, script.node));
        flights_.back()->payload.set_tag(tag);
        flights_.back()->payload.payload().set_mm(this);
    }
    for (auto f = flights_.rbegin(); f != flights_.rend(); ++f) free_.push_back(f->get());
    socket.register_nb_transport_bw(this, &ScriptedInitiator::response);
    SC_METHOD(step);
    sensitive << due_;
}

void ScriptedInitiator::step() {
    const Picoseconds now = to_picoseconds(sc_core::sc_time_stamp());
    for (auto next = player_.next(); next && !free_.empty(); next = player_.next()) {
        if (*next > now) {
            if (*next < end_of_time) due_.notify(to_sc_time(*next - now));
            return;
        }
        Flight& flight = *free_.back();
        free_.pop_back();
        flight.transfer = player_.take();
        counters_.waited += (now - flight.transfer.at).count();
        begin(flight);
    }
}

void ScriptedInitiator::begin(Flight& flight) {
    const ScriptedTransfer& t = flight.transfer;
    if (t.write)
        flight.buffer.assign(t.data.begin(), t.data.end());
    else
        flight.buffer.resize(t.bytes);
    auto& payload = flight.payload.prepare(t.write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND,
                                           AccessKind::dma, t.address.value(), flight.buffer.data(), t.bytes);
    payload.acquire();
    ::tlm::tlm_phase phase = ::tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (socket->nb_transport_fw(payload, phase, delay) == ::tlm::TLM_COMPLETED) end(flight, local_time(delay));
}

::tlm::tlm_sync_enum ScriptedInitiator::response(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay) {
    if (phase != ::tlm::BEGIN_RESP) return ::tlm::TLM_ACCEPTED;
    end(flight_of(payload), local_time(delay));
    due_.notify(sc_core::SC_ZERO_TIME); // there is room again
    return ::tlm::TLM_COMPLETED;
}

ScriptedInitiator::Flight& ScriptedInitiator::flight_of(const ::tlm::tlm_generic_payload& payload) {
    return *flights_[payload.get_extension<AccessExtension>()->tag];
}

void ScriptedInitiator::end(Flight& flight, Picoseconds at) {
    const ScriptedTransfer& t = flight.transfer;
    const std::uint64_t took = (at - t.at).count();
    if (!flight.payload.payload().is_response_ok()) {
        ++counters_.errors;
    } else if (t.write) {
        ++counters_.writes;
        counters_.bytes_written += t.bytes;
        counters_.write_time += took;
        write_times_.add(took / 1000);
    } else {
        ++counters_.reads;
        counters_.bytes_read += t.bytes;
        counters_.read_time += took;
        read_times_.add(took / 1000);
        if (!t.data.empty() && t.data != flight.buffer) ++counters_.mismatches;
    }
    flight.payload.payload().release();
}

} // namespace tollgate::dev
