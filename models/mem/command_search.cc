// The earliest clock of a command, from the lists of what was placed.
#include "mem/command_schedule.hh"
#include <algorithm>

namespace tollgate::mem {

Clock CommandSchedule::outside_refresh(Command c, std::uint32_t rank, Clock t) const {
    const Window& w = window(rank, t);
    if (w.epoch > 0) t = std::max(t, w.begin + gaps_.after_refresh);
    return t + gaps_.before_refresh[index(c)] <= w.end ? t : w.end + gaps_.after_refresh;
}

bool CommandSchedule::fits_four(std::uint32_t rank, std::ptrdiff_t behind, Clock t) const {
    // `behind` activates of the list come at or before t. Any five in a row must not fit into the window.
    const auto& list = activates_[rank];
    const auto n = static_cast<std::ptrdiff_t>(list.size());
    const Clock window = gaps_.four_activates;
    for (std::ptrdiff_t first = behind - 4; first <= behind; ++first) {
        // With the new one put in, the five are list[first, behind), t, list[behind, last].
        const std::ptrdiff_t last = first + 3;
        if (first < 0 || last >= n) continue;
        const Clock from = first == behind ? t : list.begin()[first].at;
        const Clock to = first == behind - 4 ? t : list.begin()[last].at;
        if (from + window > to) return false;
    }
    return true;
}

Clock CommandSchedule::fit_activate(const DramAddress& a, Clock t) const {
    const auto& list = activates_[a.rank];
    t = std::max(t, list.known_from() > 0 ? list.known_from() + gaps_.longest_activate : 0);
    for (;;) {
        const Activate* next = list.before(t + 1); // the first that comes after t
        Clock moved = t;
        for (const Activate* e = next; e != list.begin() && (--e)->at + gaps_.activates[1] > t;)
            moved = std::max(moved, e->at + gaps_.activates[e->group == a.group]);
        for (const Activate* e = next; e != list.end() && e->at < t + gaps_.activates[1]; ++e) {
            const Clock gap = gaps_.activates[e->group == a.group];
            if (t + gap > e->at) moved = std::max(moved, e->at + gap);
        }
        if (moved == t && !fits_four(a.rank, next - list.begin(), t)) {
            // Not before the window of the last four is over, if that is what is broken; else behind the next one.
            const std::ptrdiff_t behind = next - list.begin();
            if (behind >= 4 && (next - 4)->at + gaps_.four_activates > t)
                moved = (next - 4)->at + gaps_.four_activates;
            else
                moved = next->at + 1;
        }
        if (moved == t) return t;
        t = moved;
    }
}

Clock CommandSchedule::fit_column(bool write, const DramAddress& a, Clock t) const {
    const auto& list = columns_;
    t = std::max(t, list.known_from() > 0 ? list.known_from() + gaps_.longest_column : 0);
    for (;;) {
        Clock moved = t;
        for (const Column* e = list.before(t + gaps_.longest_column); e != list.begin();) {
            --e;
            if (e->at + gaps_.longest_column <= t) break;
            const Gaps::Place place = e->rank != a.rank     ? Gaps::other_rank
                                      : e->group != a.group ? Gaps::same_rank
                                                            : Gaps::same_group;
            const Clock after = e->at + gaps_.columns[e->write][write][place];
            const bool broken = e->at <= t ? after > t : t + gaps_.columns[write][e->write][place] > e->at;
            if (broken) moved = std::max(moved, after);
        }
        if (moved == t) return t;
        t = moved;
    }
}

Clock CommandSchedule::fit_bus(Clock t) const {
    for (;;) {
        const Clock free = bus_.first_free(t);
        if (!bus_is_for_refresh(free)) return free;
        t = free + 1;
    }
}

Clock CommandSchedule::search(Command c, const DramAddress& a, Clock from) const {
    const DramBank& b = bank(a);
    Clock t = std::max({from, b.free_from, b.ready[index(c)]});
    for (;;) {
        const Clock start = t;
        t = outside_refresh(c, a.rank, t);
        if (c == Command::act) t = fit_activate(a, t);
        if (is_column(c)) t = fit_column(is_write(c), a, t);
        t = fit_bus(t);
        if (t == start) return t;
    }
}

} // namespace tollgate::mem
