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
    make_patterns();
    for (std::uint32_t r = 0; r < ranks_; ++r) find_window(r, 0);
}

const CommandSchedule::Window& CommandSchedule::find_window(std::uint32_t rank, Clock at) const {
    Window& w = windows_[rank];
    if (refresh_interval_ == 0) return w = {0, 0, never, 0};
    const Clock first = refresh_interval_ + rank * (refresh_interval_ / ranks_);
    if (at < first) return w = {0, 0, first, 0};
    const std::uint64_t n = (at - first) / refresh_interval_;
    const Clock begin = first + n * refresh_interval_;
    return w = {n + 1, begin, begin + refresh_interval_, begin + gaps_.after_refresh};
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
    const Class kind = class_of(c);
    const std::uint32_t of_class = number_of(kind, a.rank, a.group);
    const Clock before_refresh = gaps_.before_refresh[index(c)];
    const Clock behind_all = std::max(bus_free_, quiet_[static_cast<unsigned>(kind)]);
    Clock t = std::max({from, b.free_from, b.ready[index(c)], floors_[static_cast<unsigned>(kind)][a.rank]});
    for (;;) {
        const Window& w = window(a.rank, t);
        const Clock end = w.end;
        t = std::max(t, w.open);
        if (t + before_refresh > end) [[unlikely]] {
            t = end + gaps_.after_refresh;
            continue;
        }
        if (t < behind_all) {
            if (alone_first_ != alone_end_) enter_alone();
            const std::optional<Clock> free =
                t >= bits_from_ ? blocked_.first_free(t, of_class, bus_) : std::optional<Clock>{};
            if (!free) [[unlikely]]
                return search(c, a, t);
            t = *free;
            if (t + before_refresh > end) [[unlikely]]
                continue;
        }
        // The rank's own refreshes are far enough away; another rank's may take this slot of the bus.
        if (!may_meet_refresh_ || !bus_is_for_refresh(t)) return t;
        ++t;
    }
}

void CommandSchedule::make_patterns() {
    constexpr unsigned groups = DramGeometry::groups;
    for (std::uint32_t at = 0; at < ranks_ * groups; ++at) {
        const std::uint32_t rank = at / groups, group = at % groups;
        BlockedClocks::Pattern& activates =
            around_activate_.emplace_back(number_of(Class::activate, rank, 0), std::uint32_t{groups});
        for (unsigned g = 0; g < groups; ++g) {
            const std::uint32_t gap = gaps_.activates[g == group];
            activates.add(number_of(Class::activate, rank, g), gap, gap);
        }
        for (const bool placed : {false, true}) {
            BlockedClocks::Pattern& columns =
                around_column_.emplace_back(number_of(Class::read, 0, 0), 2 * ranks_ * groups);
            for (std::uint32_t other = 0; other < ranks_ * groups; ++other) {
                const Gaps::Place place = other / groups != rank ? Gaps::other_rank
                                          : other != at          ? Gaps::same_rank
                                                                 : Gaps::same_group;
                for (const bool w : {false, true})
                    columns.add(number_of(w ? Class::write : Class::read, 0, other), gaps_.columns[w][placed][place],
                                gaps_.columns[placed][w][place]);
            }
        }
    }
}

/// Four in a row leave no place for a fifth within the window, before, between or after them.
void CommandSchedule::block_four(std::uint32_t rank, const Activate* placed) {
    const auto& list = activates_[rank];
    const Clock window = gaps_.four_activates;
    for (const Activate* first = placed - list.begin() < 3 ? list.begin() : placed - 3;
         first <= placed && first + 3 < list.end(); ++first)
        if (const Clock last = first[3].at; last < first->at + window)
            blocked_.block_between(static_cast<std::int64_t>(last - window), first->at + window,
                                   number_of(Class::activate, rank, 0));
}

void CommandSchedule::keep_alone(Clock at, const BlockedClocks::Pattern& pattern) {
    if (alone_end_ - alone_first_ == alone_kept)
        bits_from_ = alone_[alone_first_++ % alone_kept].at + std::max(gaps_.longest_activate, gaps_.longest_column);
    alone_[alone_end_++ % alone_kept] = {at, &pattern};
}

void CommandSchedule::enter_alone() const {
    for (; alone_first_ != alone_end_; ++alone_first_) {
        const Alone& a = alone_[alone_first_ % alone_kept];
        blocked_.block(a.at, *a.around);
    }
}

void CommandSchedule::place_activate(const DramAddress& a, Clock at) {
    const Activate* e = activates_[a.rank].insert({at, a.group});
    Clock& quiet = quiet_[static_cast<unsigned>(Class::activate)];
    const BlockedClocks::Pattern& around = around_activate_[a.rank * DramGeometry::groups + a.group];
    if (at >= quiet) {
        keep_alone(at, around);
    } else {
        enter_alone();
        blocked_.block(at, around);
        block_four(a.rank, e);
    }
    quiet = std::max(quiet, at + gaps_.longest_activate);
    if (const Clock known = activates_[a.rank].known_from(); known > 0)
        floors_[static_cast<unsigned>(Class::activate)][a.rank] = known + gaps_.longest_activate;
}

void CommandSchedule::place_column(bool write, const DramAddress& a, Clock at) {
    const Column* e = columns_.insert({at, a.rank, a.group, write});
    const bool first = e == columns_.begin(), last = e + 1 == columns_.end();
    const unsigned before = first || last ? 0 : (e - 1)->write != (e + 1)->write;
    const unsigned now = (!first && (e - 1)->write != e->write) + (!last && (e + 1)->write != e->write);
    turn_arounds_ += now - before;
    Clock& quiet = quiet_[static_cast<unsigned>(Class::read)];
    const BlockedClocks::Pattern& around = around_column_[(a.rank * DramGeometry::groups + a.group) * 2 + write];
    if (at >= quiet) {
        keep_alone(at, around);
    } else {
        enter_alone();
        blocked_.block(at, around);
    }
    quiet = std::max(quiet, at + gaps_.longest_column);
    quiet_[static_cast<unsigned>(Class::write)] = quiet;
    if (const Clock known = columns_.known_from(); known > 0) {
        floors_[static_cast<unsigned>(Class::read)].fill(known + gaps_.longest_column);
        floors_[static_cast<unsigned>(Class::write)].fill(known + gaps_.longest_column);
    }
}

void CommandSchedule::place(Command c, const DramAddress& a, Clock at) {
    DramBank& b = bank(a);
    take_bus(at);
    hold_up(b, c, at);
    b.free_from = at + 1;
    b.epoch = window(a.rank, at).epoch;
    if (c == Command::act) {
        place_activate(a, at);
        b.row = a.row;
        b.bypassed = 0;
    } else if (is_column(c)) {
        place_column(is_write(c), a, at);
        b.last_row = a.row;
    }
    if (closes_row(c)) b.row = DramBank::no_row;
    if (listener_ != nullptr) listener_->placed(c, a, at);
}

std::optional<CommandSchedule::AloneRead> CommandSchedule::read_alone(Command column, const DramAddress& a,
                                                                      Clock from) {
    DramBank& b = bank(a);
    const Window& w = window(a.rank, from);
    const Clock behind_all = std::max({bus_free_, quiet_[static_cast<unsigned>(Class::activate)],
                                       quiet_[static_cast<unsigned>(Class::read)], b.free_from, w.open});
    if (from < behind_all || may_meet_refresh_ || listener_ != nullptr) return {};
    const auto ready = [&b](Command c, Clock t) { return std::max(t, b.ready[index(c)]); };
    const RowState found = row_state(a, from);
    Clock pre = from, act = from, at = from;
    if (found != RowState::hit) {
        if (found == RowState::conflict) {
            pre = ready(Command::pre, from);
            act = pre + gap(Command::pre, Command::act);
        }
        act = ready(Command::act, act);
        at = act + gap(Command::act, column);
    }
    at = ready(column, at);
    const auto fits = [&](Command c, Clock t) { return t + gaps_.before_refresh[index(c)] <= w.end; };
    if (!fits(Command::pre, pre) || !fits(Command::act, act) || !fits(column, at)) return {};
    if (found == RowState::conflict) {
        take_bus(pre);
        hold_up(b, Command::pre, pre);
    }
    if (found != RowState::hit) {
        take_bus(act);
        hold_up(b, Command::act, act);
        place_activate(a, act);
        b.bypassed = 0;
    }
    take_bus(at);
    hold_up(b, column, at);
    place_column(false, a, at);
    b.free_from = at + 1;
    b.epoch = w.epoch;
    b.row = closes_row(column) ? DramBank::no_row : a.row;
    b.last_row = a.row;
    return AloneRead{found, at};
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
