/// A device's port at its node's crossbar: where its reads and writes of memory arrive, and when their bytes move.
#pragma once
#include "machine/memory_system.hh"
#include "tlm/time.hh"
#include <deque>
#include <functional>
#include <queue>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace tollgate::machine {

struct DmaPortCounters {
    TOLLGATE_DESCRIBED(DmaPortCounters);
    TOLLGATE_COUNTER(bursts, "transactions", "Reads and writes of memory that were taken.")
    TOLLGATE_COUNTER(lines_read, "lines", "Lines, or parts of one, that they read.")
    TOLLGATE_COUNTER(lines_written, "lines", "Lines, or parts of one, that they wrote.")
    TOLLGATE_COUNTER(waited, "ps", "Time for which lines at the head waited for a place at their memory controller.")
    TOLLGATE_COUNTER(address_errors, "transactions", "Refused: not all in memory.")
    TOLLGATE_COUNTER(other_errors, "transactions", "Refused: byte enables, streaming, no bytes or an unknown command.")
    TOLLGATE_END;
};

/// What lies behind the ports of a machine.
struct DmaTarget {
    /// The bytes of a line in the backing store, in force; null where no memory is.
    std::function<std::byte*(PhysAddr line)> bytes;
    /// A device changed a line's bytes: decoded code and reservations must follow. Copies in caches did when the
    /// memory system was asked.
    std::function<void(PhysAddr line)> changed;
    MemorySystem* system = nullptr; ///< null: nothing takes time
    SideTable* side = nullptr;      ///< null: DMA is coherent; never with a null system
};

/// Target of one bus master. A burst of any length is split into lines, which are asked for in
/// their order (reads among themselves, writes among themselves) as soon as the memory controller has a place; each
/// line's bytes move at the simulated time at which its access ends, in rising order, and the response is sent with the
/// last one's. Every such moment is announced by an event, so no hart runs past it: none sees a write before its time.
/// A hart that has taken the line again meanwhile waits for the directory, which holds it until the same time.
///
/// By the base protocol (BEGIN_REQ is answered END_REQ, the end is BEGIN_RESP); the socket makes b_transport of it.
/// The delay is part of the time. Devices reach memory only: no other device, no direct pointers.
class DmaPort : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<DmaPort> socket;

    /// `node`: whose crossbar it is.
    DmaPort(const sc_core::sc_module_name& name, std::uint32_t node, DmaTarget target);
    SC_HAS_PROCESS(DmaPort);

    const DmaPortCounters& counters() const { return counters_; }
    /// Bursts go to a timeline, on a row of the device's.
    void trace_with(TraceSink& sink, std::string_view path) {
        track_ = sink.track(path, EventClass::dma, RowShape::concurrent);
    }

  private:
    static constexpr Picoseconds never{~0ull};
    using Payload = ::tlm::tlm_generic_payload;
    struct Piece { // of a burst, inside one line
        Picoseconds end{};
        std::uint64_t number = 0; ///< of all pieces; the earlier one first
        Payload* burst = nullptr;
        std::uint32_t offset = 0, bytes = 0;
        bool last = false;
    };
    struct Later {
        bool operator()(const Piece& a, const Piece& b) const {
            return a.end != b.end ? a.end > b.end : a.number > b.number;
        }
    };
    ::tlm::tlm_sync_enum request(Payload& burst, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);
    ::tlm::tlm_response_status check(const Payload& burst) const;
    struct Burst { // of which some lines have not been asked for
        Payload* payload = nullptr;
        Picoseconds at{}, end{};  ///< arrival; end of those asked for
        std::uint32_t offset = 0; ///< of the next one
    };
    /// Reads and writes have channels of their own: neither waits for the other.
    struct Channel {
        std::deque<Burst> waiting;     ///< in order of arrival
        Picoseconds ask_again = never; ///< when the first of them has a place
    };
    void ask(Channel& channel);
    bool ask_line(Channel& channel);
    void move_due(); // the one process
    void move(const Piece& piece);
    void announce();

    std::uint32_t node_;
    DmaTarget target_;
    std::priority_queue<Piece, std::vector<Piece>, Later> pieces_;
    Channel reads_, writes_;
    std::uint64_t numbered_ = 0;
    sc_core::sc_event due_;
    DmaPortCounters counters_;
    TraceTrack track_;
};

} // namespace tollgate::machine
