#include "mem/dram_controller.hh"
#include "mem/dram_events.hh"
#include <algorithm>

namespace tollgate::mem {

class DramController::CommandTrace : public CommandListener {
  public:
    CommandTrace(TraceTrack track, const ClockDomain& clock) : track_{track}, clock_{clock} {}
    void placed(Command command, const DramAddress& at, Clock clock) override {
        track_.instant(clock_.time_of(Cycles{clock}),
                       DramCommand{command, at.rank, at.group, at.bank, at.row, at.column});
    }

  private:
    TraceTrack track_;
    const ClockDomain& clock_;
};

DramController::DramController(const DramParams& params, const DramTimingParams& exceptions,
                               const DramControllerParams& way)
    : clock_{dram_clock(params)}, latency_{way.latency * params.time_scale / 100}, mapping_{params.mapping,
                                                                                            params.channels,
                                                                                            params.ranks} {
    for (std::uint32_t c = 0; c < params.channels; ++c)
        channels_.push_back(std::make_unique<DramChannel>(params, exceptions));
}
DramController::~DramController() = default;

void DramController::trace_with(TraceSink& sink, const std::string& path) {
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        const std::string channel = path + "[" + std::to_string(c) + "]";
        reads_.push_back(sink.track(channel, EventClass::dram, RowShape::concurrent, "reads"));
        const TraceTrack track = sink.track(channel, EventClass::dram, RowShape::nested, "commands");
        if (!track) continue;
        command_traces_.push_back(std::make_unique<CommandTrace>(track, clock_));
        channels_[c]->set_listener(command_traces_.back().get());
    }
}

Completion DramController::read(PhysAddr a, Picoseconds arrival, AccessKind kind) {
    const DramAddress at = mapping_.decode(a);
    const DramChannel::Served s = channels_[at.channel]->read(at, clock_at(arrival), kind);
    const Picoseconds done = std::max(delivered(s.done), arrival);
    if (!reads_.empty() && reads_[at.channel]) [[unlikely]]
        reads_[at.channel].slice(arrival, done, DramRead{a, kind, s.row, s.forwarded});
    return {done, s.row, s.forwarded};
}

Picoseconds DramController::post(const DramRequest& request, Picoseconds arrival) {
    DramRequest r = request;
    r.arrival = clock_at(arrival);
    const Clock taken = channels_[r.at.channel]->post(r);
    // Taken at once is taken at its own time, not at the clock's next edge.
    return taken == r.arrival ? arrival : std::max(arrival, time_of(taken));
}

Picoseconds DramController::write(PhysAddr a, Picoseconds arrival, AccessKind kind) {
    return post({.at = mapping_.decode(a), .kind = kind, .write = true}, arrival);
}

Picoseconds DramController::post_read(PhysAddr a, Picoseconds arrival, AccessKind kind, std::uint64_t tag) {
    return post({.at = mapping_.decode(a), .tag = tag, .kind = kind}, arrival);
}

Picoseconds DramController::device_place_from(PhysAddr a, bool write, Picoseconds arrival) {
    const Clock asked = clock_at(arrival);
    const Clock from = channels_[mapping_.decode(a).channel]->device_place_from(write, asked);
    return from == asked ? arrival : std::max(arrival, time_of(from));
}

void DramController::advance_to(Picoseconds t) {
    const Clock limit = clock_at(t);
    for (const auto& c : channels_) c->advance_to(limit);
}

std::optional<Picoseconds> DramController::next_action() {
    std::optional<Picoseconds> first;
    for (const auto& c : channels_)
        if (const auto next = c->next_action()) first = std::min(first.value_or(time_of(*next)), time_of(*next));
    return first;
}

} // namespace tollgate::mem
