/// A hart's side of a timeline: finds the other half of what begins and ends.
#pragma once
#include "cpu/hart_events.hh"
#include "cpu/line_events.hh"
#include "cpu/port.hh"
#include <optional>
#include <string>
#include <vector>

namespace tollgate::cpu {

/// Made for a hart that is traced; others have none, and ask for it on slow paths only. It hears of markers as the
/// hart's observer, so that the run loop knows nothing of it, and passes everything on to the next one.
class HartTrace final : public HartObserver {
  public:
    /// Rows below `path`, such as node[0].hart[1]. The sink outlives it.
    HartTrace(TraceSink& sink, const std::string& path);
    /// Whether the timeline wants nothing of this hart.
    bool empty() const;

    void falls_asleep(Picoseconds at) { asleep_from_ = at; }
    void wakes(Picoseconds at, std::uint64_t pending);
    /// A trap's handler lasts until a return to the mode that it left, or to a lower one: that closes whatever was
    /// entered from above. Of traps that nest deeper than any sane handler, the innermost ends where the next begins.
    struct Entry {
        std::uint64_t cause; ///< as in mcause
        std::uint64_t epc, tval;
        abi::Privilege from, to;
    };
    void trap(const Entry& e, Picoseconds at);
    void trap(unsigned hart, std::uint64_t cause, std::uint64_t pc, std::uint64_t tval, Picoseconds at) override {
        if (next_ != nullptr) next_->trap(hart, cause, pc, tval, at);
    }
    void set_next(HartObserver* next) { next_ = next; }
    void returns(abi::Privilege to, Picoseconds at);
    void marker(const Marker& m) override;
    void refill(VirtAddr va, mmu::Access access, const mmu::Translation& r, Picoseconds from, Picoseconds to) const;
    void miss(const LineMiss& e, Picoseconds from, Picoseconds to) const;
    void device(const DeviceAccess& e, Picoseconds from, Picoseconds to) const;
    /// Nothing goes on behind `at`: a reset, or the end of the run.
    void end(Picoseconds at);

  private:
    static constexpr std::size_t most_traps = 8, most_phases = 64;
    struct OpenTrap {
        Entry entry;
        Picoseconds from;
    };
    void close_trap(Picoseconds at);
    void lone(const Marker& m) const;

    HartObserver* next_ = nullptr;
    TraceTrack hart_, phases_, itlb_, dtlb_, l1i_, l1d_, devices_;
    std::optional<Picoseconds> asleep_from_;
    std::vector<OpenTrap> traps_;
    std::vector<Marker> open_phases_;
};

} // namespace tollgate::cpu
