/// The memory controller of a node: its channels, addresses and picoseconds.
#pragma once
#include "base/address.hh"
#include "base/trace_sink.hh"
#include "base/units.hh"
#include "mem/address_mapping.hh"
#include "mem/dram_channel.hh"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::mem {

/// When a request's data are there, and what it found.
struct Completion {
    Picoseconds at;
    RowState row = RowState::hit;
    bool forwarded = false;
};

/// Addresses count from the node's first byte. A request waits for the clock's next edge; the time of an edge is worked
/// out from its number and rounded down to the picosecond, so no rounding adds up.
class DramController {
  public:
    /// Throws std::invalid_argument for parameters that contradict themselves or each other, with the rule.
    DramController(const DramParams& params, const DramTimingParams& exceptions, const DramControllerParams& way);
    ~DramController();

    /// A line that somebody waits for.
    Completion read(PhysAddr a, Picoseconds arrival, AccessKind kind);
    /// A line that nobody waits for; returns when the queue took it, `arrival` or later.
    Picoseconds write(PhysAddr a, Picoseconds arrival, AccessKind kind);
    /// When a device's line has a place in its queue: `arrival` or later.
    Picoseconds device_place_from(PhysAddr a, bool write, Picoseconds arrival);
    /// A line that is read through the queue; the channel's listener hears of it.
    Picoseconds post_read(PhysAddr a, Picoseconds arrival, AccessKind kind, std::uint64_t tag);

    /// Decides all that the queues do before t.
    void advance_to(Picoseconds t);
    /// When the queues will do something next.
    std::optional<Picoseconds> next_action();
    /// The time at which data whose last beat is at `last_beat` are with the requester: for listeners.
    Picoseconds delivered(Clock last_beat) const { return time_of(last_beat) + latency_; }

    std::size_t channels() const { return channels_.size(); }
    DramChannel& channel(std::size_t i) { return *channels_[i]; }
    const AddressMapping& mapping() const { return mapping_; }
    const ClockDomain& clock() const { return clock_; }

    /// Commands, and the reads that somebody waits for, go to a timeline, on rows `path`[channel].
    void trace_with(TraceSink& sink, const std::string& path);

  private:
    class CommandTrace;

    Picoseconds post(const DramRequest& request, Picoseconds arrival);
    Clock clock_at(Picoseconds t) const { return clock_.cycle_at_or_after(t).count(); }
    Picoseconds time_of(Clock c) const { return clock_.time_of(Cycles{c}); }

    ClockDomain clock_;
    Picoseconds latency_;
    AddressMapping mapping_;
    std::vector<std::unique_ptr<DramChannel>> channels_;
    std::vector<std::unique_ptr<CommandTrace>> command_traces_; // none without a timeline
    std::vector<TraceTrack> reads_;                             // [channel], or empty
};

} // namespace tollgate::mem
