#include "mem/dram_scheduler.hh"
#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace tollgate::mem {
namespace {

constexpr unsigned banks = DramGeometry::max_ranks * DramGeometry::banks;
static_assert(banks == 64, "a bit a bank");

Clock begin_of(const CommandSchedule& schedule, const DramAddress& a, Clock now) {
    return std::max(now, schedule.bank(a).free_from);
}

/// Candidates of one moment. Banks that are ready differ in what they share with others only, so banks of one bank
/// group get the same answer, which is worked out once.
class Candidates {
  public:
    Candidates(const DramQueue& queue, const CommandSchedule& schedule, Clock now)
        : queue_{queue}, schedule_{schedule}, now_{now} {}

    /// Nothing if the bank alone says that it comes later than `best`: most banks of a full queue do.
    std::optional<DramChoice> get(std::size_t i, Clock best) {
        const DramRequest& r = queue_[i];
        const Clock from = begin_of(schedule_, r.at, now_);
        const RowState state = schedule_.row_state(r.at, from);
        const Command c = next_command(r, state);
        const Clock ready = std::max(from, schedule_.bank(r.at).ready[index(c)]);
        if (ready > best) return {};
        Clock at;
        if (ready > now_) {
            at = schedule_.earliest(c, r.at, ready);
        } else {
            Clock& known = known_[static_cast<unsigned>(state) * groups + r.at.bank_of_channel() / per_group];
            if (known == 0) known = schedule_.earliest(c, r.at, now_) + 1;
            at = known - 1;
        }
        return DramChoice{at, i, state == RowState::hit, false};
    }

  private:
    static constexpr unsigned per_group = DramGeometry::banks_per_group, groups = banks / per_group;
    const DramQueue& queue_;
    const CommandSchedule& schedule_;
    Clock now_;
    std::array<Clock, 3 * groups> known_{}; // [state][bank group]: the answer + 1
};

bool before(const DramChoice& a, const DramChoice& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.column != b.column) return a.column;
    return a.request < b.request;
}

} // namespace

Command next_command(const DramRequest& request, RowState state) {
    switch (state) {
    case RowState::hit: return request.write ? Command::wr : Command::rd;
    case RowState::closed: return Command::act;
    case RowState::conflict: return Command::pre;
    }
    return Command::pre;
}

DramChoice DramScheduler::choose(const DramQueue& queue, const CommandSchedule& schedule, Clock now) const {
    constexpr Clock whenever = std::numeric_limits<Clock>::max();
    if (kind_ == DramSchedulerKind::fcfs) return *Candidates{queue, schedule, now}.get(0, whenever);
    std::array<std::uint16_t, banks> hit, other; // the oldest of each bank; filled where the masks say so
    std::uint64_t hits = 0, others = 0, older_others = 0;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const DramRequest& r = queue[i];
        const unsigned b = r.at.bank_of_channel();
        const std::uint64_t bit = std::uint64_t{1} << b;
        if (schedule.row_state(r.at, begin_of(schedule, r.at, now)) == RowState::hit) {
            if ((hits & bit) != 0) continue;
            hits |= bit;
            older_others |= others & bit;
            hit[b] = static_cast<std::uint16_t>(i);
        } else if ((others & bit) == 0) {
            others |= bit;
            other[b] = static_cast<std::uint16_t>(i);
        }
    }
    Candidates candidates{queue, schedule, now};
    std::optional<DramChoice> best;
    for (std::uint64_t left = hits | others; left != 0; left &= left - 1) {
        const auto b = static_cast<unsigned>(std::countr_zero(left));
        const std::uint64_t bit = left & -left;
        bool take_hit = (hits & bit) != 0;
        const bool bypasses = take_hit && (older_others & bit) != 0;
        if (bypasses && schedule.bank(queue[hit[b]].at).bypassed >= cap_) take_hit = false;
        auto c = candidates.get(take_hit ? hit[b] : other[b], best ? best->at : whenever);
        if (!c) continue;
        c->bypasses = take_hit && bypasses;
        if (!best || before(*c, *best)) best = c;
    }
    return *best;
}

} // namespace tollgate::mem
