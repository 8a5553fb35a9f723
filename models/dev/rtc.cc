#include "dev/rtc.hh"
#include "tlm/time.hh"

namespace tollgate::dev {

using namespace abi::rtc;

// The time of day goes on, as from a battery.
void Rtc::reset(Picoseconds) {
    armed_ = pending_ = false;
    due_.reset();
    registers_.reset();
}

Outcome Rtc::read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
    return registers_.read(*this, offset, size, now, value);
}

Outcome Rtc::write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
    return registers_.write(*this, offset, size, now, value);
}

std::uint32_t Rtc::on_read(TimeLow, unsigned, Picoseconds now) {
    const std::uint64_t time = time_at(now);
    registers_.set<TimeHigh>(static_cast<std::uint32_t>(time >> 32));
    ++counters_.times_told;
    counters_.seconds_told += time / 1'000'000'000;
    return static_cast<std::uint32_t>(time);
}

// Linux writes the high word first, as for the alarm.
void Rtc::on_write(TimeLow, unsigned, std::uint32_t value, Picoseconds now) {
    const std::uint64_t time = std::uint64_t{registers_.get<TimeHigh>()} << 32 | value;
    base_ns_ = time - now.count() / 1'000;
    if (armed_) arm(now);
}

void Rtc::on_write(AlarmLow, unsigned, std::uint32_t value, Picoseconds now) {
    registers_.set<AlarmLow>(value);
    armed_ = true;
    arm(now);
}

void Rtc::on_write(ClearAlarm, unsigned, std::uint32_t, Picoseconds) {
    armed_ = false;
    due_.reset();
}

void Rtc::arm(Picoseconds now) {
    const std::uint64_t alarm = std::uint64_t{registers_.get<AlarmHigh>()} << 32 | registers_.get<AlarmLow>();
    const std::uint64_t time = time_at(now);
    due_.reset();
    if (alarm <= time) return act(now);
    const std::uint64_t wait_ns = alarm - time;
    if (wait_ns < (end_of_time - now) / 1_ns) // on the nanosecond at which the clock shows it
        due_ = Picoseconds{(now.count() / 1'000 + wait_ns) * 1'000};
}

void Rtc::act(Picoseconds) {
    armed_ = false;
    pending_ = true;
    due_.reset();
    ++counters_.alarms;
}

bool Rtc::output(unsigned) const { return pending_ && IrqEnabled::Enable::get(registers_.get<IrqEnabled>()); }

} // namespace tollgate::dev
