/// A channel of DRAM: its parts, its command and data bus, and the queues in front of them.
///
///     blocking reads ───────────────────────┐ at arrival, into the gaps
///     prefetches, reads of devices ─ queue ─┼─ scheduler ─ commands ─ banks
///     posted writes ──────────────── queue ─┘
#pragma once
#include "base/histogram.hh"
#include "mem/command_schedule.hh"
#include "mem/dram_counters.hh"
#include "mem/dram_queue.hh"
#include "mem/dram_scheduler.hh"
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::mem {

/// Hears when a request that waited in a queue gets its data: its sender's tag, and the clock of the last beat.
class DramListener {
  public:
    virtual ~DramListener() = default;
    virtual void done(const DramRequest& request, Clock last_beat) = 0;
};

/// Time is an argument and in clocks. What waits in the queues is decided up to the time to which the owner, or a
/// request, has advanced the channel, command by command as a controller would clock by clock; there are no events.
class DramChannel {
  public:
    /// Throws std::invalid_argument for parameters that contradict themselves, with the rule.
    DramChannel(const DramParams& params, const DramTimingParams& exceptions);

    struct Served {
        Clock done = 0; ///< last beat of the data
        RowState row = RowState::hit;
        bool forwarded = false; ///< from the write queue, at once
    };
    /// A read that somebody waits for. It gets its commands now: behind those of its bank, across banks in the gaps
    /// that are left. It may arrive before others that were served: then it goes behind its bank's last command. A
    /// prefetch and a device's read take a place of the read queue from then until their column command, and wait for
    /// one while all are taken. No allocation; some tens of nanoseconds of host time.
    Served read(const DramAddress& a, Clock arrival, AccessKind kind);

    /// When the queue has a place for one more, from `arrival` on; what must happen for it is decided.
    Clock place_from(bool write, Clock arrival);
    /// When a device's line has a place, for read() or post(), from `arrival` on.
    Clock device_place_from(bool write, Clock arrival) {
        return write ? place_from(true, arrival) : std::max(arrival, places_.front());
    }
    /// Puts a request in its queue at place_from() and returns that. A read that the write queue can answer is done
    /// at once.
    Clock post(DramRequest request);

    /// Decides what comes before `limit`.
    void advance_to(Clock limit);
    /// When the next command is due that advance_to() would give; nothing while the queues are empty.
    std::optional<Clock> next_action();
    /// Serves all that waits, writes too, and returns the last beat of all requests so far.
    Clock drain();

    bool idle() const { return reads_.empty() && writes_.empty(); }
    /// Posted writes that are not with the parts yet.
    std::size_t writes_waiting() const { return writes_.size(); }
    const DramCounters& counters() const { return counters_; }
    /// Latency of reads in clocks, from arrival to the last beat.
    const Histogram& read_latency() const { return read_latency_; }
    /// Whether blocking reads came out of order by more than this share of the mean latency on average: then the
    /// quantum of those who send them is too long.
    bool skewed(std::uint64_t percent) const { return counters_.skew_cycles * 100 > counters_.read_cycles * percent; }
    const DramTiming& timing() const { return timing_; }
    const CommandSchedule& schedule() const { return schedule_; }
    void set_listener(DramListener* listener) { listener_ = listener; }
    void set_listener(CommandListener* listener) { schedule_.set_listener(listener); }

  private:
    std::optional<DramChoice> find_next(Clock limit);
    void update_mode();
    void write_batch();
    void give(const DramChoice& choice);
    Command column_command(const DramAddress& a, bool write);
    void place(Command c, const DramAddress& a, Clock at);
    Clock place_read(Command column, const DramAddress& a, Clock from, RowState& found);
    /// The bank has changed.
    void forget(const DramAddress& a) {
        read_scheduler_.forget(a.bank_of_channel());
        write_scheduler_.forget(a.bank_of_channel());
    }
    void count(const DramRequest& r, Clock latency);
    void pass(Clock t);
    DramQueue& active() { return write_mode_ ? writes_ : reads_; }

    DramTiming timing_;
    PagePolicy policy_;
    std::size_t high_, low_; ///< watermarks in entries
    Clock write_idle_;
    std::uint32_t ranks_;
    CommandSchedule schedule_;
    DramQueue reads_, writes_;
    DramScheduler read_scheduler_, write_scheduler_;
    std::vector<Clock> places_; ///< of the read queue, when those of read() are free: a heap, the first at its front
    bool write_mode_ = false;
    bool draining_ = false;
    Clock now_ = 0;            ///< everything of the queues before this is decided
    Clock blocking_until_ = 0; ///< behind the last blocking read's command
    Clock idle_from_ = 0;      ///< when the channel counts as free of reads
    Clock last_beat_ = 0;
    Clock next_refresh_ = 0; ///< the next one to be counted
    DramCounters counters_;
    Histogram read_latency_;
    DramListener* listener_ = nullptr;
};

} // namespace tollgate::mem
