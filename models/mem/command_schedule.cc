#include "mem/command_schedule.hh"
#include <algorithm>

namespace tollgate::mem {
namespace {
constexpr Clock never = std::numeric_limits<Clock>::max() / 2;
}

CommandSchedule::CommandSchedule(const std::vector<Constraint>& rows, std::uint32_t ranks, Clock refresh_interval)
    : gaps_{rows}, ranks_{ranks}, refresh_interval_{refresh_interval},
      may_meet_refresh_{refresh_interval != 0 && (ranks > 1 || gaps_.after_refresh == 0)}, blocked_{
                                                                                               ranks * class_count
                                                                                               * DramGeometry::groups} {
    for (unsigned c = 0; c < commands; ++c)
        for (unsigned f = 0; f < commands; ++f)
            if (const std::uint32_t gap = gaps_.same_bank[c][f]; gap != 0)
                followers_[c].list[followers_[c].count++] = {static_cast<std::uint8_t>(f), gap};
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

/// Whether a rank's PREA or REF stands there.
bool CommandSchedule::bus_is_for_refresh(Clock t) const {
    for (std::uint32_t r = 0; r < ranks_; ++r) {
        const Window& w = window(r, t);
        if ((w.epoch > 0 && t == w.begin) || t + gaps_.precharge_to_refresh == w.end) return true;
    }
    return false;
}

Clock CommandSchedule::earliest(Command c, const DramAddress& a, Clock from) const {
    const DramBank& b = bank(a);
    Clock t = std::max({from, b.free_from, b.ready[index(c)]});
    std::uint32_t of_class = 0;
    if (c == Command::act) {
        const Clock known_from = activates_[a.rank].known_from();
        if (known_from > 0) t = std::max(t, known_from + gaps_.longest_activate);
        of_class = class_of(Class::activate, a.rank, a.group);
    } else if (is_column(c)) {
        const Clock known_from = columns_.known_from();
        if (known_from > 0) t = std::max(t, known_from + gaps_.longest_column);
        of_class = class_of(is_write(c) ? Class::write : Class::read, a.rank, a.group);
    }
    const Clock before_refresh = gaps_.before_refresh[index(c)];
    for (;;) {
        const Window& w = window(a.rank, t);
        if (w.epoch > 0) t = std::max(t, w.begin + gaps_.after_refresh);
        if (t + before_refresh > w.end) {
            t = w.end + gaps_.after_refresh;
            continue;
        }
        if (c == Command::pre) {
            t = bus_.first_free(t);
        } else {
            const std::optional<Clock> free = blocked_.first_free(t, of_class, bus_);
            if (!free) [[unlikely]]
                return search(c, a, t);
            t = *free;
        }
        if (t + before_refresh > w.end) continue;
        // The rank's own refreshes are far enough away; another rank's may take this slot of the bus.
        if (!may_meet_refresh_ || !bus_is_for_refresh(t)) return t;
        ++t;
    }
}

/// Clocks less than `gap` before `at` begin here.
static Clock first_near(Clock at, std::uint32_t gap) { return at + 1 > gap ? at + 1 - gap : 0; }

void CommandSchedule::block_around_activate(const DramAddress& a, const Activate* placed) {
    constexpr unsigned groups = DramGeometry::groups;
    const std::uint32_t rank = class_of(Class::activate, a.rank, 0);
    const auto [other_group, same_group] = gaps_.activates;
    blocked_.change(first_near(placed->at, same_group), placed->at + same_group, placed->at,
                    [&, other = other_group, same = same_group](std::uint64_t* w, std::int64_t at) {
                        const std::uint64_t mask = BlockedClocks::clocks(at + 1 - other, at + other);
                        for (unsigned g = 0; g < groups; ++g) w[rank + g] |= mask;
                        w[rank + a.group] |= BlockedClocks::clocks(at + 1 - same, at + same);
                    });
    // Four in a row leave no place for a fifth within the window, before, between or after them.
    const auto& list = activates_[a.rank];
    const Clock window = gaps_.four_activates;
    for (const Activate* first = placed - list.begin() < 3 ? list.begin() : placed - 3;
         first <= placed && first + 3 < list.end(); ++first)
        if (const Clock span = first[3].at - first->at; span < window)
            blocked_.change(first_near(first[3].at, gaps_.four_activates), first->at + window, first->at,
                            [&](std::uint64_t* w, std::int64_t at) {
                                const auto length = static_cast<std::int64_t>(window);
                                const auto last = at + static_cast<std::int64_t>(span);
                                const std::uint64_t mask = BlockedClocks::clocks(last + 1 - length, at + length);
                                for (unsigned g = 0; g < groups; ++g) w[rank + g] |= mask;
                            });
}

void CommandSchedule::block_around_column(const DramAddress& a, Clock at, bool is_write) {
    constexpr unsigned groups = DramGeometry::groups;
    blocked_.change(first_near(at, gaps_.longest_column), at + gaps_.longest_column, at,
                    [&](std::uint64_t* w, std::int64_t placed) {
                        for (const bool other : {false, true}) {
                            const Class what = other ? Class::write : Class::read;
                            const auto &before = gaps_.columns[other][is_write],
                                       &after = gaps_.columns[is_write][other];
                            const auto near = [&](Gaps::Place p) {
                                return BlockedClocks::clocks(placed + 1 - before[p], placed + after[p]);
                            };
                            for (std::uint32_t r = 0; r < ranks_; ++r) {
                                const std::uint64_t mask = near(r == a.rank ? Gaps::same_rank : Gaps::other_rank);
                                const std::uint32_t first = class_of(what, r, 0);
                                for (unsigned g = 0; g < groups; ++g) w[first + g] |= mask;
                            }
                            w[class_of(what, a.rank, a.group)] |= near(Gaps::same_group);
                        }
                    });
}

void CommandSchedule::place(Command c, const DramAddress& a, Clock at) {
    DramBank& b = bank(a);
    bus_.take(at);
    const Followers& after = followers_[index(c)];
    for (std::uint32_t i = 0; i < after.count; ++i) {
        Clock& ready = b.ready[after.list[i].command];
        ready = std::max(ready, at + after.list[i].gap);
    }
    b.free_from = at + 1;
    b.epoch = window(a.rank, at).epoch;
    if (c == Command::act) {
        block_around_activate(a, activates_[a.rank].insert({at, a.group}));
        b.row = a.row;
        b.bypassed = 0;
    } else if (is_column(c)) {
        const Column* e = columns_.insert({at, a.rank, a.group, is_write(c)});
        const bool first = e == columns_.begin(), last = e + 1 == columns_.end();
        const unsigned before = first || last ? 0 : (e - 1)->write != (e + 1)->write;
        const unsigned now = (!first && (e - 1)->write != e->write) + (!last && (e + 1)->write != e->write);
        turn_arounds_ += now - before;
        block_around_column(a, at, is_write(c));
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
