/// Which request of a queue gets the next command.
#pragma once
#include "mem/command_schedule.hh"
#include "mem/dram_queue.hh"
#include <optional>

namespace tollgate::mem {

/// The command that is next, at its earliest clock, and for which request of the queue.
struct DramChoice {
    Clock at = 0;
    std::size_t request = 0;
    bool column = false;   ///< a read or write; else what its bank needs first
    bool bypasses = false; ///< an older request waits for another row of the bank
};

/// Takes no time of its own and changes nothing.
class DramScheduler {
  public:
    DramScheduler(DramSchedulerKind kind, std::uint32_t row_hit_cap) : kind_{kind}, cap_{row_hit_cap} {}

    /// The next command for a queue that holds something, not before `now`.
    ///
    /// fcfs: the oldest request's. fr_fcfs (Rixner et al., ISCA 2000): the command that may come first; of several the
    /// read or write before the others, then the oldest request's. A bank's candidate is its oldest row hit, else its
    /// oldest request; when `row_hit_cap` hits went before an older request, that one.
    DramChoice choose(const DramQueue& queue, const CommandSchedule& schedule, Clock now) const;

  private:
    DramSchedulerKind kind_;
    std::uint32_t cap_;
};

/// The command that a request needs now: its read or write, or what must come before.
Command next_command(const DramRequest& request, RowState state);

} // namespace tollgate::mem
