/// The platform-level interrupt controller (RISC-V PLIC 1.0.0).
#pragma once
#include "abi/plic_regs.hh"
#include "base/param.hh"
#include "tlm/register_file.hh"
#include "tlm/register_target.hh"
#include <array>
#include <vector>

namespace tollgate::dev {

using namespace literals;

struct PlicParams {
    TOLLGATE_DESCRIBED(PlicParams);
    TOLLGATE_PARAM(Picoseconds, latency, 30_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

struct PlicCounters {
    TOLLGATE_DESCRIBED(PlicCounters);
    TOLLGATE_COUNTER(requests, "interrupts", "Requests that passed a gateway and became pending.")
    TOLLGATE_COUNTER(claims, "claims", "Claims that got a source.")
    TOLLGATE_COUNTER(empty_claims, "claims", "Claims that read 0: another context was first, or nothing was there.")
    TOLLGATE_COUNTER(completions, "completions", "Completions that reopened a gateway.")
    TOLLGATE_END;
};

/// Level sources behind gateways. Output c is the interrupt of context c: 2h is machine mode of hart h, 2h + 1 its
/// supervisor mode.
///
///     level high ──gateway open──> pending ──claim──> in service (gateway shut) ──complete──> gateway open
///
/// A request stays pending when its level falls (PLIC §2.1: the handler finds nothing to do), and a level that is still
/// high at completion is pending again.
class Plic : public Device {
  public:
    explicit Plic(unsigned harts);

    /// A source's level; sources count from 1 to abi::plic::sources.
    void set_level(unsigned source, bool high);

    void reset(Picoseconds now) override;
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;
    unsigned outputs() const override { return static_cast<unsigned>(contexts_.size()); }
    /// A pending and enabled source has a priority above the context's threshold.
    bool output(unsigned context) const override;

    const PlicCounters& counters() const { return counters_; }

  private:
    static constexpr unsigned words = abi::plic::words;
    using Bits = std::array<std::uint32_t, words>;
    using Priority = abi::plic::Priority;
    using Pending = abi::plic::Pending;
    using Enable = abi::plic::Enable;
    using Threshold = abi::plic::Threshold;
    using Claim = abi::plic::Claim;
    friend RegisterFile<abi::plic::Map>;
    unsigned present(Priority) const { return Priority::count; }
    unsigned present(Pending) const { return Pending::count; }
    unsigned present(Enable) const { return outputs() * abi::plic::words_per_context; }
    unsigned present(Threshold) const { return outputs(); }
    unsigned present(Claim) const { return outputs(); }
    std::uint32_t on_read(Priority, unsigned source, Picoseconds) const { return priority_[source]; }
    std::uint32_t on_read(Pending, unsigned word, Picoseconds) const { return pending_[word]; }
    std::uint32_t on_read(Enable, unsigned index, Picoseconds) const;
    std::uint32_t on_read(Threshold, unsigned context, Picoseconds) const { return contexts_[context].threshold; }
    std::uint32_t on_read(Claim, unsigned context, Picoseconds);
    void on_write(Priority, unsigned source, std::uint32_t value, Picoseconds);
    void on_write(Pending, unsigned, std::uint32_t, Picoseconds) {}
    void on_write(Enable, unsigned index, std::uint32_t value, Picoseconds);
    void on_write(Threshold, unsigned context, std::uint32_t value, Picoseconds);
    void on_write(Claim, unsigned context, std::uint32_t source, Picoseconds);

    struct Context {
        Bits enable{};
        std::uint32_t threshold = 0;
    };
    static bool test(const Bits& bits, unsigned n) { return bits[n / 32] >> (n % 32) & 1; }
    static void assign(Bits& bits, unsigned n, bool on) {
        bits[n / 32] = (bits[n / 32] & ~(1u << (n % 32))) | std::uint32_t{on} << (n % 32);
    }
    void gate(unsigned source);
    unsigned best(const Context& context) const;

    std::array<std::uint32_t, abi::plic::sources + 1> priority_{};
    Bits level_{}, pending_{}, in_service_{};
    std::vector<Context> contexts_;
    RegisterFile<abi::plic::Map> registers_;
    PlicCounters counters_;
};

/// The PLIC's shell: line n of it is source n.
class PlicTarget : public RegisterTarget, public InterruptIf {
  public:
    PlicTarget(const sc_core::sc_module_name& name, Plic& plic, Picoseconds latency)
        : RegisterTarget(name, plic, latency), plic_(plic) {}
    void set_level(unsigned line, bool high) override {
        plic_.set_level(line, high);
        stir();
    }

  private:
    Plic& plic_;
};

} // namespace tollgate::dev
