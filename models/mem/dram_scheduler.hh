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

/// Serves one queue. Takes no time of its own. What it says follows from queue, schedule and time alone; that it
/// remembers its banks' candidates is for the host's sake.
class DramScheduler {
  public:
    DramScheduler(DramSchedulerKind kind, std::uint32_t row_hit_cap) : kind_{kind}, cap_{row_hit_cap} {}

    /// The next command for a queue that holds something, not before `now`.
    ///
    /// fcfs: the oldest request's. fr_fcfs (Rixner et al., ISCA 2000): the command that may come first; of several the
    /// read or write before the others, then the oldest request's. A bank's candidate is its oldest row hit, else its
    /// oldest request; when `row_hit_cap` hits went before an older request, that one.
    DramChoice choose(const DramQueue& queue, const CommandSchedule& schedule, Clock now);
    /// The bank has been given a command, or its requests have changed.
    void forget(unsigned bank) { known_ &= ~(std::uint64_t{1} << bank); }

  private:
    /// The request whose command a bank would be given next.
    struct Candidate {
        Clock ready = 0; ///< by the bank alone
        std::uint64_t age = 0;
        DramQueue::Slot request = DramQueue::none;
        Command command = Command::pre;
        bool bypasses = false;
    };
    void find_candidate(const DramQueue& queue, const CommandSchedule& schedule, unsigned bank, Clock now);
    DramChoice oldest(const DramQueue& queue, const CommandSchedule& schedule, Clock now) const;

    DramSchedulerKind kind_;
    std::uint32_t cap_;
    std::array<Candidate, DramQueue::banks> candidates_{};
    std::uint64_t known_ = 0;                ///< banks whose candidates hold
    std::uint64_t ready_ = 0;                ///< those among them that need not wait for their bank
    Clock known_from_ = 0, known_until_ = 0; ///< the times for which they do
    /// Banks whose candidate is a read or write, an ACT, a PRE.
    std::array<std::uint64_t, 3> by_kind_{};
};

/// The command that a request needs now: its read or write, or what must come before.
Command next_command(const DramRequest& request, RowState state);

} // namespace tollgate::mem
