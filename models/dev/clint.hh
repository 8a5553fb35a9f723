/// The core-local interruptor: `mtime`, a machine timer and a machine software interrupt per hart.
#pragma once
#include "abi/clint_regs.hh"
#include "base/param.hh"
#include "tlm/register_file.hh"
#include "tlm/register_target.hh"
#include "tlm/timebase.hh"
#include <functional>
#include <vector>

namespace tollgate::dev {

using namespace literals;

struct ClintParams {
    TOLLGATE_DESCRIBED(ClintParams);
    TOLLGATE_PARAM(Hertz, timebase, 10_MHz, Unit::hertz, {1'000, 1'000'000'000}, Kind::visible,
                   {"hart.cycles", Moves::down}, "Rate at which mtime and the time CSR count.")
    TOLLGATE_PARAM(bool, sswi, false, Unit::none, {}, Kind::visible, {"clint.supervisor_ipis", Moves::up},
                   "ACLINT's supervisor software interrupts are there: an IPI without machine mode.")
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

struct ClintCounters {
    TOLLGATE_DESCRIBED(ClintCounters);
    TOLLGATE_COUNTER(machine_ipis, "interrupts", "MSIP bits that rose.")
    TOLLGATE_COUNTER(timer_interrupts, "interrupts", "MTIP bits that rose.")
    TOLLGATE_END;
};

/// MTIP is `mtime >= mtimecmp`, unsigned, and rises at the very edge of the time base at which that becomes true
/// (Priv §3.2.1). `mtime` is computed from simulated time; writing it moves an offset.
class Clint : public Device {
  public:
    /// Outputs: 2h is MSIP of hart h, 2h + 1 its MTIP. Throws std::invalid_argument beyond abi::clint::max_harts.
    Clint(const ClintParams& params, unsigned harts);

    std::uint64_t mtime_at(Picoseconds now) const { return offset_ + ticks(now); }
    /// The first time, not before now and not before `mtime` was last written, at which it is at least this value;
    /// nothing if beyond `end_of_time`.
    std::optional<Picoseconds> when_mtime(std::uint64_t at_least, Picoseconds now) const;
    /// When MTIP of this hart changes next by the passing of time.
    std::optional<Picoseconds> next_timer(unsigned hart) const { return harts_[hart].due; }
    /// Called after each write of `mtime`.
    void on_rebase(std::function<void()> f) { rebased_ = std::move(f); }

    void reset(Picoseconds now) override;
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;
    std::optional<Picoseconds> next_action() const override;
    void act(Picoseconds now) override;
    unsigned outputs() const override { return 2 * static_cast<unsigned>(harts_.size()); }
    bool output(unsigned n) const override { return n % 2 ? harts_[n / 2].mtip : harts_[n / 2].msip; }

    const ClintCounters& counters() const { return counters_; }

  private:
    using Msip = abi::clint::Msip;
    using Mtimecmp = abi::clint::Mtimecmp;
    using Mtime = abi::clint::Mtime;
    friend RegisterFile<abi::clint::Map>;
    unsigned present(Msip) const { return static_cast<unsigned>(harts_.size()); }
    unsigned present(Mtimecmp) const { return static_cast<unsigned>(harts_.size()); }
    unsigned present(Mtime) const { return 1; }
    std::uint32_t on_read(Msip, unsigned hart, Picoseconds) const { return harts_[hart].msip; }
    std::uint64_t on_read(Mtimecmp, unsigned hart, Picoseconds) const { return harts_[hart].compare; }
    std::uint64_t on_read(Mtime, unsigned, Picoseconds now) const { return mtime_at(now); }
    void on_write(Msip, unsigned hart, std::uint32_t value, Picoseconds now);
    void on_write(Mtimecmp, unsigned hart, std::uint64_t value, Picoseconds now);
    void on_write(Mtime, unsigned, std::uint64_t value, Picoseconds now);

    struct Hart {
        bool msip = false, mtip = false;
        std::uint64_t compare = Mtimecmp::reset;
        std::optional<Picoseconds> due; // next change of mtip
    };
    std::uint64_t ticks(Picoseconds now) const;
    std::optional<Picoseconds> after(std::uint64_t more_ticks, Picoseconds now) const;
    void compare(Hart& hart, Picoseconds now);

    ClockDomain clock_;
    std::uint64_t last_tick_; // the last one that can be waited for
    std::uint64_t offset_ = 0;
    Picoseconds written_at_{}; // since when offset_ holds
    std::vector<Hart> harts_;
    std::function<void()> rebased_;
    RegisterFile<abi::clint::Map> registers_;
    ClintCounters counters_;
};

/// The CLINT's shell, and the time base of the harts.
class ClintTarget : public RegisterTarget, public TimebaseIf {
  public:
    ClintTarget(const sc_core::sc_module_name& name, Clint& clint, Picoseconds latency);
    std::uint64_t mtime_at(Picoseconds now) const override { return clint_.mtime_at(now); }
    std::optional<Picoseconds> when_mtime(std::uint64_t at_least, Picoseconds now) const override {
        return clint_.when_mtime(at_least, now);
    }
    const sc_core::sc_event& rebased() const override { return rebased_; }

  private:
    Clint& clint_;
    sc_core::sc_event rebased_;
};

struct SswiCounters {
    TOLLGATE_DESCRIBED(SswiCounters);
    TOLLGATE_COUNTER(supervisor_ipis, "interrupts", "SSIP bits set.")
    TOLLGATE_END;
};

/// ACLINT's supervisor software interrupts (ACLINT §4): writing a one sets SSIP of the hart. Output h is a pulse.
class Sswi : public Device {
  public:
    explicit Sswi(unsigned harts) : high_(harts) {}

    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;
    std::optional<Picoseconds> next_action() const override { return fall_; }
    void act(Picoseconds now) override;
    unsigned outputs() const override { return static_cast<unsigned>(high_.size()); }
    bool output(unsigned n) const override { return high_[n]; }

    const SswiCounters& counters() const { return counters_; }

  private:
    using Setssip = abi::clint::Setssip;
    friend RegisterFile<abi::clint::SswiMap>;
    unsigned present(Setssip) const { return outputs(); }
    std::uint32_t on_read(Setssip, unsigned, Picoseconds) const { return 0; }
    void on_write(Setssip, unsigned hart, std::uint32_t value, Picoseconds now);

    std::vector<bool> high_;
    std::optional<Picoseconds> fall_; // end of the pulse: at once, but after it was seen
    RegisterFile<abi::clint::SswiMap> registers_;
    SswiCounters counters_;
};

} // namespace tollgate::dev
