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

const DramScheduler::Candidate& DramScheduler::candidate(const DramQueue& queue, const CommandSchedule& schedule,
                                                         unsigned number, Clock now) {
    Candidate& c = candidates_[number];
    const DramBank& bank = schedule.bank(number);
    const Clock from = std::max(now, bank.free_from);
    if (c.free_from == bank.free_from && c.changes == queue.changes(number) && from >= c.holds_from
        && from < c.holds_before) [[likely]]
        return c;
    const DramQueue::Slot first = queue.oldest(number);
    const std::uint8_t rank = queue[first].at.rank;
    c.request = first;
    c.bypasses = false;
    const bool open = schedule.row_state(queue[first].at, from) != RowState::closed;
    if (open && bank.row != queue[first].at.row && bank.bypassed < cap_)
        for (DramQueue::Slot s = queue.next(first); s != DramQueue::none; s = queue.next(s))
            if (queue[s].at.row == bank.row) {
                c.request = s;
                c.bypasses = true;
                break;
            }
    c.command = next_command(queue[c.request], schedule.row_state(queue[c.request].at, from));
    c.age = queue.age(c.request);
    c.ready = std::max(bank.free_from, bank.ready[index(c.command)]);
    c.free_from = bank.free_from;
    c.changes = queue.changes(number);
    c.holds_from = schedule.last_refresh(rank, from);
    c.holds_before = schedule.next_refresh(rank, from);
    return c;
}

DramChoice DramScheduler::choose(const DramQueue& queue, const CommandSchedule& schedule, Clock now) {
    if (kind_ == DramSchedulerKind::fcfs) return oldest(queue, schedule, now);
    DramChoice best{std::numeric_limits<Clock>::max()};
    std::uint64_t best_age = 0;
    // Banks that are ready differ in what they share with others only, so one answer is good for a bank group.
    constexpr unsigned per_group = DramGeometry::banks_per_group, groups = DramQueue::banks / per_group;
    std::array<Clock, groups> known;
    std::uint32_t is_known = 0;
    const auto consider = [&](unsigned bank, const Candidate& c, bool column) {
        const Clock ready = std::max(now, c.ready);
        const auto loses = [&](Clock at) {
            if (at != best.at) return at > best.at;
            return best.column != column ? best.column : best_age < c.age;
        };
        if (loses(ready)) return;
        const unsigned group = bank / per_group;
        Clock at;
        if ((is_known >> group & 1) != 0 && known[group] >= ready) {
            at = known[group];
        } else {
            at = schedule.earliest(c.command, queue[c.request].at, ready);
            if (ready == now) {
                known[group] = at;
                is_known |= 1u << group;
            }
        }
        if (loses(at)) return;
        best = {at, c.request, column, c.bypasses};
        best_age = c.age;
    };
    // Reads and writes first: nothing else is preferred to them.
    std::array<std::uint64_t, commands> by_command{};
    for (std::uint64_t left = queue.waiting(); left != 0; left &= left - 1) {
        const auto bank = static_cast<unsigned>(std::countr_zero(left));
        const Candidate& c = candidate(queue, schedule, bank, now);
        if (is_column(c.command))
            consider(bank, c, true);
        else
            by_command[index(c.command)] |= left & -left;
    }
    for (const Command command : {Command::act, Command::pre}) {
        is_known = 0;
        for (std::uint64_t left = by_command[index(command)]; left != 0; left &= left - 1) {
            const auto bank = static_cast<unsigned>(std::countr_zero(left));
            consider(bank, candidates_[bank], false);
        }
    }
    return best;
}

} // namespace tollgate::mem
