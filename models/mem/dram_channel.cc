#include "mem/dram_channel.hh"
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <stdexcept>

namespace tollgate::mem {
namespace {

constexpr Clock for_ever = std::numeric_limits<Clock>::max() / 4;

std::size_t watermark(std::uint32_t entries, std::uint32_t percent) {
    return static_cast<std::size_t>(std::uint64_t{entries} * percent / 100);
}

const DramParams& checked(const DramParams& p) {
    if (p.write_low >= p.write_high)
        throw std::invalid_argument(
            fmt::format("dram: write_low < write_high does not hold: {} % and {} %", p.write_low, p.write_high));
    return p;
}

} // namespace

DramChannel::DramChannel(const DramParams& params, const DramTimingParams& exceptions)
    : timing_{dram_timing(checked(params), exceptions)}, policy_{params.page_policy},
      high_{std::max<std::size_t>(1, watermark(params.write_queue, params.write_high))}, low_{watermark(
                                                                                             params.write_queue,
                                                                                             params.write_low)},
      write_idle_{params.write_idle}, ranks_{params.ranks}, schedule_{constraints(timing_), params.ranks,
                                                                      params.refresh ? timing_.refi : 0},
      reads_{params.read_queue}, writes_{params.write_queue}, read_scheduler_{params.scheduler, params.row_hit_cap},
      write_scheduler_{params.scheduler, params.row_hit_cap}, places_(params.read_queue) {
    low_ = std::min(low_, high_ - 1);
    next_refresh_ = schedule_.next_refresh(0);
}

void DramChannel::pass(Clock t) {
    if (t < next_refresh_) return;
    Count n = 0;
    for (std::uint32_t r = 0; r < ranks_; ++r) n += schedule_.refreshes(r, t);
    counters_.refreshes = n;
    next_refresh_ = schedule_.next_refresh(t);
}

void DramChannel::count(const DramRequest& r, Clock latency) {
    if (r.write) {
        ++counters_.writes;
        (r.kind == AccessKind::dma ? counters_.bytes_dma_written : counters_.bytes_written) += line_bytes;
        return;
    }
    ++counters_.reads;
    counters_.read_cycles += latency;
    read_latency_.add(latency);
    switch (r.kind) {
    case AccessKind::walk: counters_.bytes_walk += line_bytes; break;
    case AccessKind::prefetch: counters_.bytes_prefetch += line_bytes; break;
    case AccessKind::dma: counters_.bytes_dma_read += line_bytes; break;
    default: counters_.bytes_demand += line_bytes;
    }
}

void DramChannel::place(Command c, const DramAddress& a, Clock at) {
    schedule_.place(c, a, at);
    forget(a);
    switch (c) {
    case Command::act: ++counters_.activates; break;
    case Command::pre: ++counters_.precharges; break;
    case Command::rd: ++counters_.column_reads; break;
    case Command::rda: ++counters_.closing_reads; break;
    case Command::wr: ++counters_.column_writes; break;
    case Command::wra: ++counters_.closing_writes; break;
    case Command::prea:
    case Command::ref: break; // follow from time, see pass()
    }
    counters_.turn_arounds = schedule_.turn_arounds();
    pass(at);
}

Command DramChannel::column_command(const DramAddress& a, bool write) {
    DramBank& b = schedule_.bank(a);
    if (b.last_row == a.row)
        b.locality = static_cast<std::uint8_t>(std::min(b.locality + 1, 3));
    else if (b.last_row != DramBank::no_row)
        b.locality = static_cast<std::uint8_t>(std::max(b.locality - 1, 0));
    const bool close = policy_ == PagePolicy::closed || (policy_ == PagePolicy::adaptive && b.locality < 2);
    if (write) return close ? Command::wra : Command::wr;
    return close ? Command::rda : Command::rd;
}

/// Among other commands: each goes where there is room for it. Returns the column command's clock.
Clock DramChannel::place_read(Command column, const DramAddress& a, Clock from, RowState& found) {
    Clock at;
    for (;;) {
        // A refresh closes the row: what does not all fit before it begins anew behind it.
        const auto same_epoch = [&](Clock first, Clock last) {
            return schedule_.refreshes(a.rank, first) == schedule_.refreshes(a.rank, last);
        };
        found = schedule_.row_state(a, from);
        if (found == RowState::hit) {
            at = schedule_.earliest(column, a, from);
            if (same_epoch(from, at)) break;
            from = schedule_.next_refresh(a.rank, from);
            continue;
        }
        Clock pre = from, act = from;
        if (found == RowState::conflict) {
            pre = schedule_.earliest(Command::pre, a, from);
            act = pre + schedule_.gap(Command::pre, Command::act);
        }
        act = schedule_.earliest(Command::act, a, act);
        at = schedule_.earliest(column, a, act + schedule_.gap(Command::act, column));
        const Clock first = found == RowState::conflict ? from : act;
        if (!same_epoch(first, at)) {
            from = schedule_.next_refresh(a.rank, first);
            continue;
        }
        if (found == RowState::conflict) place(Command::pre, a, pre);
        place(Command::act, a, act);
        break;
    }
    place(column, a, at);
    return at;
}

static Count& row_counter(DramCounters& c, RowState s) {
    return s == RowState::hit ? c.row_hits : s == RowState::closed ? c.row_closed : c.row_conflicts;
}

DramChannel::Served DramChannel::read(const DramAddress& a, Clock arrival, AccessKind kind) {
    const Clock asked = arrival;
    const bool queued = kind == AccessKind::prefetch || kind == AccessKind::dma;
    if (queued) arrival = std::max(arrival, places_.front());
    advance_to(arrival);
    const DramRequest request{.at = a, .arrival = arrival, .kind = kind};
    if (writes_.holds(a)) {
        ++counters_.forwarded;
        count(request, arrival - asked);
        return {arrival, RowState::hit, true};
    }
    DramBank& bank = schedule_.bank(a);
    if (asked < bank.last_arrival) { // as sent: waiting for a place is no disorder of the senders
        ++counters_.late;
        counters_.skew_cycles += bank.last_arrival - asked;
    } else {
        bank.last_arrival = asked;
    }
    const Command column = column_command(a, false);
    const Clock from = std::max(arrival, bank.free_from);
    Clock at;
    RowState found;
    if (const auto alone = schedule_.read_alone(column, a, from)) {
        at = alone->at;
        found = alone->found;
        forget(a);
        counters_.activates += found != RowState::hit;
        counters_.precharges += found == RowState::conflict;
        ++(column == Command::rda ? counters_.closing_reads : counters_.column_reads);
        counters_.turn_arounds = schedule_.turn_arounds();
        pass(at);
    } else {
        at = place_read(column, a, from, found);
    }
    ++row_counter(counters_, found);
    const Clock done = at + timing_.read_data();
    count(request, done - asked);
    if (queued) {
        std::pop_heap(places_.begin(), places_.end(), std::greater{});
        places_.back() = at + 1;
        std::push_heap(places_.begin(), places_.end(), std::greater{});
        counters_.read_queue_cycles += at - arrival;
    }
    blocking_until_ = std::max(blocking_until_, at + 1);
    idle_from_ = std::max(idle_from_, at + 1 + write_idle_);
    last_beat_ = std::max(last_beat_, done);
    return {done, found, false};
}

Clock DramChannel::place_from(bool write, Clock arrival) {
    advance_to(arrival);
    const DramQueue& queue = write ? writes_ : reads_;
    if (!queue.full()) return arrival;
    while (queue.full()) give(*find_next(for_ever));
    return std::max(arrival, now_);
}

Clock DramChannel::post(DramRequest request) {
    request.arrival = place_from(request.write, request.arrival);
    request.found = RowState::hit;
    if (!request.write && writes_.holds(request.at)) {
        ++counters_.forwarded;
        count(request, 0);
        last_beat_ = std::max(last_beat_, request.arrival);
        if (listener_ != nullptr) listener_->done(request, request.arrival);
        return request.arrival;
    }
    (request.write ? writes_ : reads_).push(request);
    (request.write ? write_scheduler_ : read_scheduler_).forget(request.at.bank_of_channel());
    if (request.write && writes_.size() >= high_ && now_ < blocking_until_) write_batch();
    return request.arrival;
}

/// The commands of blocking reads are decided some time ahead. Writes in the gaps between them, and reads between those
/// writes, would turn the bus around each time: the batch goes behind the reads, all of it at once.
void DramChannel::write_batch() {
    now_ = blocking_until_;
    write_mode_ = true;
    while (writes_.size() > low_) give(*find_next(for_ever));
}

void DramChannel::update_mode() {
    if (write_mode_) {
        const bool reads_wait = !reads_.empty() || now_ < blocking_until_;
        if (writes_.empty() || (writes_.size() <= low_ && reads_wait)) write_mode_ = false;
    }
    if (!write_mode_ && !writes_.empty())
        write_mode_ = writes_.size() >= high_ || (reads_.empty() && (draining_ || now_ >= idle_from_));
}

std::optional<DramChoice> DramChannel::find_next(Clock limit) {
    while (!idle() && now_ < limit) {
        update_mode();
        // What is decided now holds until a refresh closes the rows, or the channel counts as idle.
        const Clock bound = std::min(schedule_.next_refresh(now_), limit);
        if (active().empty()) {
            now_ = std::min(idle_from_, limit);
            continue;
        }
        const DramChoice c = (write_mode_ ? write_scheduler_ : read_scheduler_).choose(active(), schedule_, now_);
        if (c.at < bound) return c;
        now_ = bound;
    }
    if (idle() && now_ < limit) write_mode_ = false; // a clock passes without anything to write
    now_ = limit == for_ever ? now_ : std::max(now_, limit);
    return {};
}

void DramChannel::give(const DramChoice& choice) {
    DramQueue& queue = active();
    DramRequest& r = queue[choice.request];
    now_ = choice.at + 1;
    if (!choice.column) {
        const Command c = next_command(r, schedule_.row_state(r.at, choice.at));
        if (c == Command::pre) r.found = RowState::conflict;
        if (c == Command::act && r.found == RowState::hit) r.found = RowState::closed;
        place(c, r.at, choice.at);
        return;
    }
    if (choice.bypasses) ++schedule_.bank(r.at).bypassed;
    place(column_command(r.at, r.write), r.at, choice.at);
    const DramRequest done = queue.take(choice.request);
    const Clock waited = choice.at - std::min(choice.at, done.arrival);
    const Clock last_beat = choice.at + (done.write ? timing_.write_data() : timing_.read_data());
    (done.write ? counters_.write_queue_cycles : counters_.read_queue_cycles) += waited;
    ++row_counter(counters_, done.found);
    count(done, last_beat - done.arrival);
    if (!done.write) idle_from_ = std::max(idle_from_, choice.at + 1 + write_idle_);
    last_beat_ = std::max(last_beat_, last_beat);
    if (listener_ != nullptr) listener_->done(done, last_beat);
}

void DramChannel::advance_to(Clock limit) {
    if (idle() && limit != for_ever) { // as find_next() would
        if (now_ < limit) write_mode_ = false;
        now_ = std::max(now_, limit);
        return pass(limit);
    }
    while (const auto c = find_next(limit)) give(*c);
    pass(limit);
}

std::optional<Clock> DramChannel::next_action() {
    const Clock now = now_;
    const bool mode = write_mode_;
    const auto c = find_next(for_ever);
    now_ = now;
    write_mode_ = mode;
    if (!c) return {};
    return c->at;
}

Clock DramChannel::drain() {
    draining_ = true;
    while (const auto c = find_next(for_ever)) give(*c);
    draining_ = false;
    pass(last_beat_);
    return last_beat_;
}

} // namespace tollgate::mem
