/// The thin SystemC shell of every device with registers: socket, checks, latency, interrupt outputs, one event.
#pragma once
#include "base/counter.hh"
#include "tlm/device.hh"
#include "tlm/interrupt.hh"
#include "tlm/time.hh"
#include <deque>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace tollgate {

struct RegisterCounters {
    TOLLGATE_DESCRIBED(RegisterCounters);
    TOLLGATE_COUNTER(reads, "accesses", "Register reads that were answered.")
    TOLLGATE_COUNTER(writes, "accesses", "Register writes that were taken.")
    TOLLGATE_COUNTER(address_errors, "accesses", "Accesses to where the device has no register.")
    TOLLGATE_COUNTER(burst_errors, "accesses", "Accesses of a width or alignment that the register does not have.")
    TOLLGATE_COUNTER(other_errors, "accesses", "Accesses with byte enables or an unknown command.")
    TOLLGATE_END;
};

/// Gives a `Device` its place in a SystemC model. An access takes place at `sc_time_stamp() + delay` and its answer is
/// there `latency` later. The device's next action is announced by one event, and so is a change of an output that an
/// access brought about after `sc_time_stamp()`; a device with nothing to do announces nothing.
class RegisterTarget : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<RegisterTarget> socket;

    RegisterTarget(const sc_core::sc_module_name& name, Device& device, Picoseconds latency);

    /// Leads the device's output to a line of the sink. Before the simulation starts; an output may have one sink or
    /// none.
    void connect(unsigned output, InterruptIf& sink, unsigned line);

    /// Something outside the simulated world, or another model, changed the device just now: outputs and the next
    /// action are looked at again.
    void stir();

    /// Resets the device just now.
    void reset();

    const RegisterCounters& counters() const { return counters_; }

  protected:
    void start_of_simulation() override { stir(); }

  private:
    struct Change {
        Picoseconds at;
        unsigned output;
        bool high;
    };
    struct Output {
        bool high = false; ///< as last published, possibly still under way
        unsigned line = 0;
    };

    void transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    ::tlm::tlm_response_status access(::tlm::tlm_generic_payload& payload, Picoseconds now);
    void wake();                       // the one process
    void catch_up(Picoseconds now);    // every action due by now, each at its own time
    void publish(Picoseconds at);      // outputs that differ from what was published
    void drive_due(Picoseconds stamp); // changes whose time has come
    void announce();

    Device& device_;
    Picoseconds latency_;
    sc_core::sc_vector<sc_core::sc_port<InterruptIf, 1, sc_core::SC_ZERO_OR_MORE_BOUND>> ports_;
    std::vector<Output> outputs_;
    std::deque<Change> changes_; // in time order
    sc_core::sc_event due_;      // of the next action or change
    RegisterCounters counters_;
};

} // namespace tollgate
