/// Stands in for a hart or a bus: makes single blocking transactions and says when they ended.
#pragma once
#include "tlm/access.hh"
#include "tlm/interrupt.hh"
#include "tlm/time.hh"
#include <cstring>
#include <map>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace tollgate::test {

/// The answer to a transaction; `took` counts from `sc_time_stamp()`, the given delay included.
struct Answer {
    ::tlm::tlm_response_status status;
    std::uint64_t value;
    Picoseconds took;
    bool ok() const { return status == ::tlm::TLM_OK_RESPONSE; }
};

class ScriptedInitiator : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_initiator_socket<ScriptedInitiator> socket;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated; ///< ranges of direct pointers taken back

    explicit ScriptedInitiator(const sc_core::sc_module_name& name, std::uint32_t number = 0, std::uint32_t node = 0)
        : sc_module(name), socket("socket"), payload_(number, node) {
        socket.register_invalidate_direct_mem_ptr(this, &ScriptedInitiator::invalidate);
    }

    Answer transfer(::tlm::tlm_command command, AccessKind kind, std::uint64_t address, void* data, unsigned length,
                    Picoseconds delay = {}) {
        return send(payload_.prepare(command, kind, address, data, length), delay);
    }
    /// A payload of any form.
    Answer send(::tlm::tlm_generic_payload& payload, Picoseconds delay = {}) {
        sc_core::sc_time t = to_sc_time(delay);
        socket->b_transport(payload, t);
        return {payload.get_response_status(), 0, to_picoseconds(t)};
    }
    Answer read(std::uint64_t address, unsigned size, Picoseconds delay = {}) {
        std::uint64_t value = 0;
        Answer a = transfer(::tlm::TLM_READ_COMMAND, AccessKind::load, address, &value, size, delay);
        a.value = value;
        return a;
    }
    Answer write(std::uint64_t address, unsigned size, std::uint64_t value, Picoseconds delay = {}) {
        return transfer(::tlm::TLM_WRITE_COMMAND, AccessKind::store, address, &value, size, delay);
    }
    AccessPayload& payload() { return payload_; }

  private:
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end) { invalidated.emplace_back(start, end); }
    AccessPayload payload_;
};

/// Remembers every change of an interrupt line with its time.
class RecordingSink : public InterruptIf {
  public:
    struct Change {
        unsigned line;
        bool high;
        Picoseconds at;
        bool operator==(const Change&) const = default;
    };
    std::vector<Change> changes;
    std::map<unsigned, bool> level;

    void set_level(unsigned line, bool high) override {
        changes.push_back({line, high, to_picoseconds(sc_core::sc_time_stamp())});
        level[line] = high;
    }
};

/// Lets the simulation run until this time.
inline void run_to(Picoseconds t) { sc_core::sc_start(to_sc_time(t) - sc_core::sc_time_stamp()); }

/// When something happens next in the simulation; `end_of_time` if nothing ever will.
inline Picoseconds next_activity() {
    const sc_core::sc_time wait = sc_core::sc_time_to_pending_activity();
    if (!sc_core::sc_pending_activity()) return end_of_time;
    return to_picoseconds(sc_core::sc_time_stamp()) + to_picoseconds(wait);
}

} // namespace tollgate::test
