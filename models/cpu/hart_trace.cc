#include "cpu/hart_trace.hh"
#include <algorithm>

namespace tollgate::cpu {

HartTrace::HartTrace(TraceSink& sink, const std::string& path)
    : hart_{sink.track(path, EventClass::hart | EventClass::trap, RowShape::nested)}, phases_{sink.track(
                                                                                          path, EventClass::marker,
                                                                                          RowShape::nested, "phases")},
      itlb_{sink.track(path + ".itlb", EventClass::tlb, RowShape::concurrent)}, dtlb_{sink.track(path + ".dtlb",
                                                                                                 EventClass::tlb,
                                                                                                 RowShape::concurrent)},
      l1i_{sink.track(path + ".l1i", EventClass::miss, RowShape::concurrent)}, l1d_{sink.track(path + ".l1d",
                                                                                               EventClass::miss,
                                                                                               RowShape::concurrent)},
      devices_{sink.track(path, EventClass::device, RowShape::concurrent, "devices")} {}

bool HartTrace::empty() const { return !(hart_ || phases_ || itlb_ || dtlb_ || l1i_ || l1d_ || devices_); }

void HartTrace::wakes(Picoseconds at, std::uint64_t pending) {
    if (hart_ && asleep_from_) hart_.slice(*asleep_from_, at, Asleep{pending});
    asleep_from_.reset();
}

void HartTrace::trap(const Entry& e, Picoseconds at) {
    if (!hart_) return;
    if (traps_.size() == most_traps) close_trap(at);
    traps_.push_back({e, at});
}

void HartTrace::close_trap(Picoseconds at) {
    const auto& [e, from] = traps_.back();
    if ((e.cause & abi::cause_interrupt_bit) != 0)
        hart_.slice(from, at, InterruptTaken{static_cast<abi::Interrupt>(e.cause), e.epc, e.from, e.to});
    else
        hart_.slice(from, at, ExceptionTaken{static_cast<abi::Exception>(e.cause), e.epc, e.tval, e.from, e.to});
    traps_.pop_back();
}

void HartTrace::returns(abi::Privilege to, Picoseconds at) {
    while (!traps_.empty() && traps_.back().entry.from > to) close_trap(at);
    if (!traps_.empty() && traps_.back().entry.from == to) close_trap(at);
}

void HartTrace::lone(const Marker& m) const {
    phases_.instant(m.time, LoneMarker{m.phase, m.begin, m.value, m.privilege});
}

void HartTrace::marker(const Marker& m) {
    if (next_ != nullptr) next_->marker(m);
    if (!phases_) return;
    if (m.begin) {
        if (open_phases_.size() == most_phases) {
            lone(open_phases_.front());
            open_phases_.erase(open_phases_.begin());
        }
        return open_phases_.push_back(m);
    }
    const auto begun =
        std::find_if(open_phases_.rbegin(), open_phases_.rend(), [&](const Marker& b) { return b.phase == m.phase; });
    if (begun == open_phases_.rend()) return lone(m);
    phases_.slice(begun->time, m.time,
                  Phase{m.phase, begun->value, m.value, begun->privilege, m.cycle - begun->cycle,
                        m.instructions - begun->instructions});
    open_phases_.erase(std::next(begun).base());
}

void HartTrace::refill(VirtAddr va, mmu::Access access, const mmu::Translation& r, Picoseconds from,
                       Picoseconds to) const {
    const TraceTrack& track = access == mmu::Access::fetch ? itlb_ : dtlb_;
    if (!track) return;
    auto served = TlbRefill::Served::l2_tlb;
    for (std::size_t i = 0; i < mmu::source_count; ++i)
        if (r.cost.by_source[i] != 0)
            served = static_cast<TlbRefill::Served>(static_cast<std::size_t>(TlbRefill::Served::walk_l1) + i);
    track.slice(from, to, TlbRefill{va, access, served, r.level, r.cost.total() - r.cost.l2_tlb, r.fault});
}

void HartTrace::miss(const LineMiss& e, Picoseconds from, Picoseconds to) const {
    const TraceTrack& track = e.kind == AccessKind::fetch ? l1i_ : l1d_;
    if (track) track.slice(from, to, e);
}

void HartTrace::device(const DeviceAccess& e, Picoseconds from, Picoseconds to) const {
    if (devices_) devices_.slice(from, to, e);
}

void HartTrace::end(Picoseconds at) {
    wakes(at, 0);
    while (!traps_.empty()) close_trap(at);
    for (const Marker& m : open_phases_) lone(m);
    open_phases_.clear();
}

} // namespace tollgate::cpu
