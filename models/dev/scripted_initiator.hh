/// A bus master that does what a script says: stands for a device where none is, and loads memory for experiments.
#pragma once
#include "base/counter.hh"
#include "base/histogram.hh"
#include "dev/dma_script.hh"
#include "tlm/access.hh"
#include "tlm/time.hh"
#include <memory>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace tollgate::dev {

struct ScriptedInitiatorCounters {
    TOLLGATE_DESCRIBED(ScriptedInitiatorCounters);
    TOLLGATE_COUNTER(reads, "transfers", "Reads that ended well.")
    TOLLGATE_COUNTER(writes, "transfers", "Writes that ended well.")
    TOLLGATE_COUNTER(bytes_read, "B", "By these reads.")
    TOLLGATE_COUNTER(bytes_written, "B", "By these writes.")
    TOLLGATE_COUNTER(errors, "transfers", "Transfers that the bus refused.")
    TOLLGATE_COUNTER(mismatches, "transfers", "Reads that found other bytes than the script expects.")
    TOLLGATE_COUNTER(waited, "ps", "Sum of the times for which transfers waited for an earlier one's end.")
    TOLLGATE_COUNTER(read_time, "ps", "Sum of the reads' times, from when they were due to their end.")
    TOLLGATE_COUNTER(write_time, "ps", "Sum of the writes' times, from when they were due to their end.")
    TOLLGATE_END;
};

/// Begins each transfer at its time (base protocol: BEGIN_REQ, then BEGIN_RESP from the other side, which ends it) and
/// announces the next one by an event, so that nothing that polls for it runs past it.
class ScriptedInitiator : public sc_core::sc_module, private ::tlm::tlm_mm_interface {
  public:
    ::tlm_utils::simple_initiator_socket<ScriptedInitiator> socket;

    /// `number`: of the bus master in its transactions; the script says its node.
    ScriptedInitiator(const sc_core::sc_module_name& name, DmaScript script, std::uint32_t number);
    SC_HAS_PROCESS(ScriptedInitiator);

    const ScriptedInitiatorCounters& counters() const { return counters_; }
    /// In whole nanoseconds, of transfers that ended well.
    const Histogram& read_times() const { return read_times_; }
    const Histogram& write_times() const { return write_times_; }
    /// Neither is anything due nor under way.
    bool finished() const { return free_.size() == flights_.size() && !player_.next(); }

  private:
    struct Flight { // a transfer under way
        Flight(std::uint32_t number, std::uint32_t node) : payload{number, node} {}
        AccessPayload payload;
        ScriptedTransfer transfer;
        std::vector<std::byte> buffer;
    };
    void step(); // the one process
    void begin(Flight& flight);
    void end(Flight& flight, Picoseconds at);
    Flight& flight_of(const ::tlm::tlm_generic_payload& payload);
    void free(::tlm::tlm_generic_payload* payload) override { free_.push_back(&flight_of(*payload)); }
    ::tlm::tlm_sync_enum response(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay);

    ScriptPlayer player_;
    std::vector<std::unique_ptr<Flight>> flights_; // [tag]
    std::vector<Flight*> free_;
    sc_core::sc_event due_;
    ScriptedInitiatorCounters counters_;
    Histogram read_times_, write_times_;
};

} // namespace tollgate::dev
