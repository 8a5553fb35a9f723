/// The Goldfish real-time clock: a fixed epoch plus simulated time, so that runs repeat.
#pragma once
#include "abi/rtc_regs.hh"
#include "base/counter.hh"
#include "base/param.hh"
#include "tlm/register_file.hh"

namespace tollgate::dev {

using namespace literals;

struct RtcParams {
    TOLLGATE_DESCRIBED(RtcParams);
    TOLLGATE_PARAM(std::uint64_t, epoch, 1'767'225'600, Unit::none, {0, 9'000'000'000}, Kind::visible,
                   {"rtc.seconds_told", Moves::up},
                   "The clock at power-on, in seconds since 1970; the default is the first of January 2026.")
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

struct RtcCounters {
    TOLLGATE_DESCRIBED(RtcCounters);
    TOLLGATE_COUNTER(times_told, "reads", "Reads of the time.")
    TOLLGATE_COUNTER(seconds_told, "s", "The times told, in seconds since 1970, added up.")
    TOLLGATE_COUNTER(alarms, "alarms", "Alarms that went off.")
    TOLLGATE_END;
};

/// Output 0 is its interrupt: an alarm went off, is not cleared, and interrupts are enabled.
class Rtc : public Device {
  public:
    explicit Rtc(const RtcParams& params) : base_ns_(params.epoch * 1'000'000'000) {}

    /// Nanoseconds since 1970; writes by the guest have moved it.
    std::uint64_t time_at(Picoseconds now) const { return base_ns_ + now.count() / 1'000; }

    void reset(Picoseconds now) override;
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;
    std::optional<Picoseconds> next_action() const override { return due_; }
    void act(Picoseconds now) override;
    unsigned outputs() const override { return 1; }
    bool output(unsigned) const override;

    const RtcCounters& counters() const { return counters_; }

  private:
    friend RegisterFile<abi::rtc::Map>;
    std::uint32_t on_read(abi::rtc::TimeLow, unsigned, Picoseconds now);
    std::uint32_t on_read(abi::rtc::AlarmStatus, unsigned, Picoseconds) const { return armed_; }
    void on_write(abi::rtc::TimeLow, unsigned, std::uint32_t value, Picoseconds now);
    void on_write(abi::rtc::AlarmLow, unsigned, std::uint32_t value, Picoseconds now);
    void on_write(abi::rtc::ClearAlarm, unsigned, std::uint32_t, Picoseconds);
    void on_write(abi::rtc::ClearInterrupt, unsigned, std::uint32_t, Picoseconds) { pending_ = false; }
    void arm(Picoseconds now);

    std::uint64_t base_ns_;
    bool armed_ = false, pending_ = false;
    std::optional<Picoseconds> due_; // of the alarm
    RegisterFile<abi::rtc::Map> registers_;
    RtcCounters counters_;
};

} // namespace tollgate::dev
