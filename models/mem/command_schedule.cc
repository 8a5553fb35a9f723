#include "mem/command_schedule.hh"
#include <algorithm>

namespace tollgate::mem {
namespace {
constexpr Clock never = std::numeric_limits<Clock>::max() / 2;
}

CommandSchedule::CommandSchedule(const std::vector<Constraint>& rows, std::uint32_t ranks, Clock refresh_interval)
    : gaps_{rows}, ranks_{ranks}, refresh_interval_{refresh_interval} {
    for (std::uint32_t r = 0; r < ranks_; ++r) find_window(r, 0);
}

const CommandSchedule::Window& CommandSchedule::find_window(std::uint32_t rank, Clock at) const {
    Window& w = windows_[rank];
    if (refresh_interval_ == 0) return w = {0, 0, never};
    const Clock first = refresh_interval_ + rank * (refresh_interval_ / ranks_);
    if (at < first) return w = {0, 0, first};
    const std::uint64_t n = (at - first) / refresh_interval_;
    return w = {n + 1, first + n * refresh_interval_, first + (n + 1) * refresh_interval_};
}

Clock CommandSchedule::next_refresh(Clock at) const {
    Clock r = never;
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) r = std::min(r, window(rank, at).end);
    return r;
}

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
        t = free;
        for (std::uint32_t r = 0; r < ranks_; ++r) {
            const Window& w = window(r, t);
            if ((w.epoch > 0 && t == w.begin) || t + gaps_.precharge_to_refresh == w.end) {
                ++t;
                break;
            }
        }
        if (t == free) return t;
    }
}

Clock CommandSchedule::earliest(Command c, const DramAddress& a, Clock from) const {
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

void CommandSchedule::place(Command c, const DramAddress& a, Clock at) {
    DramBank& b = bank(a);
    bus_.take(at);
    for (unsigned f = 0; f < commands; ++f)
        if (const std::uint32_t gap = gaps_.same_bank[index(c)][f]; gap != 0)
            b.ready[f] = std::max(b.ready[f], at + gap);
    b.free_from = at + 1;
    b.epoch = window(a.rank, at).epoch;
    if (c == Command::act) {
        activates_[a.rank].insert({at, a.group});
        b.row = a.row;
        b.bypassed = 0;
    } else if (is_column(c)) {
        const Column* e = columns_.insert({at, a.rank, a.group, is_write(c)});
        const bool first = e == columns_.begin(), last = e + 1 == columns_.end();
        const unsigned before = first || last ? 0 : (e - 1)->write != (e + 1)->write;
        const unsigned now = (!first && (e - 1)->write != e->write) + (!last && (e + 1)->write != e->write);
        turn_arounds_ += now - before;
        b.last_row = a.row;
    }
    if (closes_row(c)) b.row = DramBank::no_row;
    if (listener_ != nullptr) listener_->placed(c, a, at);
}

CommandSchedule::Verdict CommandSchedule::probe(Command c, const DramAddress& a, Clock at) const {
    const RowState s = row_state(a, at);
    const bool right = c == Command::act ? s == RowState::closed
                       : is_column(c)    ? s == RowState::hit
                                         : c == Command::pre && s != RowState::closed;
    if (!right) return Verdict::wrong_state;
    return earliest(c, a, at) == at ? Verdict::ready : Verdict::too_early;
}

} // namespace tollgate::mem
