#include "mem/dram_scheduler.hh"
#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace tollgate::mem {

Command next_command(const DramRequest& request, RowState state) {
    switch (state) {
    case RowState::hit: return request.write ? Command::wr : Command::rd;
    case RowState::closed: return Command::act;
    case RowState::conflict: return Command::pre;
    }
    return Command::pre;
}

DramChoice DramScheduler::oldest(const DramQueue& queue, const CommandSchedule& schedule, Clock now) const {
    DramQueue::Slot oldest = DramQueue::none;
    for (std::uint64_t left = queue.waiting(); left != 0; left &= left - 1) {
        const DramQueue::Slot slot = queue.oldest(static_cast<unsigned>(std::countr_zero(left)));
        if (oldest == DramQueue::none || queue.age(slot) < queue.age(oldest)) oldest = slot;
    }
    const DramRequest& r = queue[oldest];
    const Clock from = std::max(now, schedule.bank(r.at).free_from);
    const RowState state = schedule.row_state(r.at, from);
    return {schedule.earliest(next_command(r, state), r.at, from), oldest, state == RowState::hit, false};
}

void DramScheduler::find_candidate(const DramQueue& queue, const CommandSchedule& schedule, unsigned number,
                                   Clock now) {
    Candidate& c = candidates_[number];
    const DramBank& bank = schedule.bank(number);
    const Clock from = std::max(now, bank.free_from);
    const DramQueue::Slot first = queue.oldest(number);
    const DramAddress& a = queue[first].at;
    c.request = first;
    c.bypasses = false;
    RowState state = schedule.row_state(a, from);
    if (state == RowState::conflict && bank.bypassed < cap_)
        for (DramQueue::Slot s = queue.next(first); s != DramQueue::none; s = queue.next(s))
            if (queue[s].at.row == bank.row) {
                c.request = s;
                c.bypasses = true;
                state = RowState::hit;
                break;
            }
    c.command = next_command(queue[c.request], state);
    c.age = queue.age(c.request);
    c.ready = std::max(bank.free_from, bank.ready[index(c.command)]);
    const std::uint64_t bit = std::uint64_t{1} << number;
    for (std::uint64_t& banks : by_kind_) banks &= ~bit;
    by_kind_[static_cast<unsigned>(state)] |= bit;
    known_ |= bit;
    ready_ &= ~bit;
    // A refresh closes the row.
    known_until_ = std::min(known_until_, schedule.next_refresh(a.rank, from));
}

DramChoice DramScheduler::choose(const DramQueue& queue, const CommandSchedule& schedule, Clock now) {
    if (kind_ == DramSchedulerKind::fcfs) return oldest(queue, schedule, now);
    if (now < known_from_ || now >= known_until_) {
        known_ = ready_ = 0;
        known_until_ = std::numeric_limits<Clock>::max();
    }
    known_from_ = now;
    const std::uint64_t waiting = queue.waiting();
    for (std::uint64_t left = waiting & ~known_; left != 0; left &= left - 1)
        find_candidate(queue, schedule, static_cast<unsigned>(std::countr_zero(left)), now);

    DramChoice best{std::numeric_limits<Clock>::max()};
    std::uint64_t best_age = 0;
    const auto consider = [&](const Candidate& c, Clock at, bool column) {
        const bool wins = at != best.at ? at < best.at : best.column != column ? column : c.age < best_age;
        if (!wins) return;
        best = {at, c.request, column, c.bypasses};
        best_age = c.age;
    };
    // Reads and writes first: nothing else is preferred to them.
    for (const RowState state : {RowState::hit, RowState::closed, RowState::conflict}) {
        const bool column = state == RowState::hit;
        const std::uint64_t banks = waiting & by_kind_[static_cast<unsigned>(state)];
        for (std::uint64_t left = banks & ~ready_; left != 0; left &= left - 1)
            if (candidates_[static_cast<unsigned>(std::countr_zero(left))].ready <= now) ready_ |= left & -left;
        // Banks that are ready differ in what they share with others only: of a bank group the oldest is the best, and
        // for PRE of a rank.
        const unsigned together = state == RowState::conflict ? DramGeometry::banks : DramGeometry::banks_per_group;
        for (std::uint64_t left = banks & ready_; left != 0 && (column || !best.column || now < best.at);) {
            const unsigned first = static_cast<unsigned>(std::countr_zero(left)) / together * together;
            std::uint64_t group = left & ((std::uint64_t{1} << together) - 1) << first;
            left ^= group;
            const Candidate* oldest = &candidates_[static_cast<unsigned>(std::countr_zero(group))];
            for (group &= group - 1; group != 0; group &= group - 1) {
                const Candidate* c = &candidates_[static_cast<unsigned>(std::countr_zero(group))];
                oldest = c->age < oldest->age ? c : oldest;
            }
            consider(*oldest, schedule.earliest(oldest->command, queue[oldest->request].at, now), column);
        }
        for (std::uint64_t left = banks & ~ready_; left != 0; left &= left - 1) {
            const Candidate& c = candidates_[static_cast<unsigned>(std::countr_zero(left))];
            if (c.ready <= best.at) consider(c, schedule.earliest(c.command, queue[c.request].at, c.ready), column);
        }
    }
    return best;
}

} // namespace tollgate::mem
