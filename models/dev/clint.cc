#include "dev/clint.hh"
#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::dev {

Clint::Clint(const ClintParams& params, unsigned harts)
    : clock_(params.timebase), last_tick_(clock_.cycle_at_or_after(end_of_time).count() - 1), harts_(harts) {
    if (harts > abi::clint::max_harts)
        throw std::invalid_argument(fmt::format("CLINT: {} harts, at most {}", harts, abi::clint::max_harts));
}

std::uint64_t Clint::ticks(Picoseconds now) const {
    const Cycles edge = clock_.cycle_at_or_after(now);
    return clock_.time_of(edge) == now ? edge.count() : edge.count() - 1;
}

std::optional<Picoseconds> Clint::after(std::uint64_t more_ticks, Picoseconds now) const {
    const std::uint64_t base = ticks(now);
    if (base > last_tick_ || more_ticks > last_tick_ - base) return std::nullopt;
    return more_ticks == 0 ? now : clock_.time_of(Cycles{base + more_ticks});
}

std::optional<Picoseconds> Clint::when_mtime(std::uint64_t at_least, Picoseconds now) const {
    const Picoseconds from = std::max(now, written_at_);
    const std::uint64_t mtime = mtime_at(from);
    return after(mtime >= at_least ? 0 : at_least - mtime, from);
}

void Clint::compare(Hart& hart, Picoseconds now) {
    const std::uint64_t mtime = mtime_at(now);
    const bool pending = mtime >= hart.compare;
    if (pending && !hart.mtip) ++counters_.timer_interrupts;
    hart.mtip = pending;
    if (!pending)
        hart.due = after(hart.compare - mtime, now);
    else if (hart.compare != 0)
        hart.due = after(0 - mtime, now); // until mtime wraps around
    else
        hart.due.reset();
}

// mtime begins again (ACLINT §2.1: it is reset to zero).
void Clint::reset(Picoseconds now) {
    for (Hart& hart : harts_) hart = {};
    on_write(Mtime{}, 0, Mtime::reset, now);
}

Outcome Clint::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    return registers_.read(*this, offset, size, now, value);
}

Outcome Clint::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    return registers_.write(*this, offset, size, now, value);
}

void Clint::on_write(Msip, unsigned hart, std::uint32_t value, Picoseconds) {
    const bool set = Msip::Pending::get(value) != 0; // the upper 31 bits read as 0 (Priv §3.1.9)
    if (set && !harts_[hart].msip) ++counters_.machine_ipis;
    harts_[hart].msip = set;
}

void Clint::on_write(Mtimecmp, unsigned hart, std::uint64_t value, Picoseconds now) {
    harts_[hart].compare = value;
    compare(harts_[hart], now);
}

void Clint::on_write(Mtime, unsigned, std::uint64_t value, Picoseconds now) {
    offset_ = value - ticks(now);
    written_at_ = now;
    for (Hart& hart : harts_) compare(hart, now);
    if (rebased_) rebased_();
}

std::optional<Picoseconds> Clint::next_action() const {
    std::optional<Picoseconds> next;
    for (const Hart& hart : harts_)
        if (hart.due && (!next || *hart.due < *next)) next = hart.due;
    return next;
}

void Clint::act(Picoseconds now) {
    for (Hart& hart : harts_)
        if (hart.due && *hart.due <= now) compare(hart, now);
}

ClintTarget::ClintTarget(const sc_core::sc_module_name& name, Clint& clint, Picoseconds latency)
    : RegisterTarget(name, clint, latency), clint_(clint), rebased_("rebased") {
    clint.on_rebase([this] { rebased_.notify(sc_core::SC_ZERO_TIME); });
}

Outcome Sswi::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    return registers_.read(*this, offset, size, now, value);
}

Outcome Sswi::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    return registers_.write(*this, offset, size, now, value);
}

void Sswi::on_write(Setssip, unsigned hart, std::uint32_t value, Picoseconds now) {
    if (!Setssip::Set::get(value)) return;
    ++counters_.supervisor_ipis;
    high_[hart] = true;
    fall_ = now;
}

void Sswi::act(Picoseconds) {
    std::fill(high_.begin(), high_.end(), false);
    fall_.reset();
}

} // namespace tollgate::dev
