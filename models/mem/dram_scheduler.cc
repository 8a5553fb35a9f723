#include "mem/dram_scheduler.hh"
#include <algorithm>
#include <array>
#include <bit>

namespace tollgate::mem {
namespace {

constexpr unsigned banks = DramGeometry::max_ranks * DramGeometry::banks;
static_assert(banks == 64, "a bit a bank");

Clock begin_of(const CommandSchedule& schedule, const DramAddress& a, Clock now) {
    return std::max(now, schedule.bank(a).free_from);
}

DramChoice choice_for(const DramQueue& queue, const CommandSchedule& schedule, std::size_t i, Clock now) {
    const DramRequest& r = queue[i];
    const Clock from = begin_of(schedule, r.at, now);
    const RowState state = schedule.row_state(r.at, from);
    return {schedule.earliest(next_command(r, state), r.at, from), i, state == RowState::hit, false};
}

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
    if (kind_ == DramSchedulerKind::fcfs) return choice_for(queue, schedule, 0, now);
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
    std::optional<DramChoice> best;
    for (std::uint64_t left = hits | others; left != 0; left &= left - 1) {
        const auto b = static_cast<unsigned>(std::countr_zero(left));
        const std::uint64_t bit = left & -left;
        bool take_hit = (hits & bit) != 0;
        const bool bypasses = take_hit && (older_others & bit) != 0;
        if (bypasses && schedule.bank(queue[hit[b]].at).bypassed >= cap_) take_hit = false;
        DramChoice c = choice_for(queue, schedule, take_hit ? hit[b] : other[b], now);
        c.bypasses = take_hit && bypasses;
        if (!best || before(c, *best)) best = c;
    }
    return *best;
}

} // namespace tollgate::mem
