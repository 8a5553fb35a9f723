/// The in-order pipeline: one or two issues a cycle, stall on use, a scoreboard, functional units, a branch predictor
/// and a store buffer. And Untimed, which has the same interface and takes no time: functional mode.
///
/// Time is a stamp: slot << 4, where slot = cycle x issue width + position in the cycle. The low four bits of a
/// register's stamp say whose fault it is when somebody waits for it (Cause), so a stall is charged without asking.
///
/// The run loop is a template over the pipeline, so a second model (out of order) is a class with these members:
///   timed; issue<timing, format>(insn, s) -> t; complete<timing, format>(insn, t); load_ready(reg, stamp);
///   branch / jump / indirect; store; drain; serialise; advance; charge.
#pragma once
#include "cpu/branch_predictor.hh"
#include "cpu/cause.hh"
#include "cpu/hart_counters.hh"
#include "cpu/isa/insn.hh"
#include "cpu/store_buffer.hh"
#include <algorithm>

namespace tollgate::cpu {

using Stamp = std::uint64_t;
inline constexpr unsigned stamp_shift = 4;
inline constexpr Stamp one_slot = Stamp{1} << stamp_shift;

/// The scoreboard's index of an f register; x registers and the sink come first.
inline constexpr unsigned first_f = 33;

class InOrder {
  public:
    static constexpr bool timed = true;

    InOrder(const HartParams& h, const LatencyParams& lat, Cycles l1d_latency, const BranchParams& b,
            const StoreBufferParams& sb)
        : cycle_{one_slot * h.issue_width}, group_{cycle_ - 1}, mispredict_{span(b.mispredict)}, late_target_{span(
                                                                                                     b.late_target)},
          serialise_{span(h.serialise)}, own_{span(sb.latency)}, predictor_{b}, stores_{sb.entries} {
        using T = isa::Timing;
        auto set = [&](T t, Cycles c) { latency_[static_cast<std::size_t>(t)] = span(c); };
        for (std::size_t i = 0; i < isa::timing_classes; ++i) latency_[i] = span(lat.alu);
        set(T::mul, lat.mul), set(T::div, lat.div), set(T::load, l1d_latency), set(T::amo, lat.amo);
        set(T::fp_add, lat.fp_add), set(T::fp_mul, lat.fp_mul), set(T::fp_fma, lat.fp_fma);
        set(T::fp_div_s, lat.fp_div_s), set(T::fp_div_d, lat.fp_div_d);
        set(T::fp_sqrt_s, lat.fp_sqrt_s), set(T::fp_sqrt_d, lat.fp_sqrt_d), set(T::fp_move, lat.fp_move);
    }

    /// Stamps of `c` cycles.
    constexpr Stamp span(Cycles c) const { return c.count() * cycle_; }
    constexpr std::uint64_t cycles_of(Stamp t) const { return t / cycle_; }
    constexpr Stamp cycle_stamp() const { return cycle_; }
    /// The slots of cycle n begin here.
    constexpr Stamp stamp_of_cycle(std::uint64_t n) const { return n * cycle_; }
    Stamp latency(isa::Timing t) const { return latency_[static_cast<std::size_t>(t)]; }

    /// Finds the instruction's slot: not before s, its operands, its unit. Charges what it waited for; s moves behind
    /// it.
    template <isa::Timing timing, isa::Format format> [[gnu::always_inline]] Stamp issue(const isa::Insn& d, Stamp& s) {
        constexpr isa::Operands o = isa::operands(format);
        Stamp t = s, r = 0;
        if constexpr (o.rs1 != 0) r = ready_[d.rs1 + (o.rs1 == 2 ? first_f : 0)];
        if constexpr (o.rs2 != 0) r = std::max(r, ready_[d.rs2 + (o.rs2 == 2 ? first_f : 0)]);
        if constexpr (o.rs3 != 0) r = std::max(r, ready_[d.rs3 + first_f]);
        if constexpr (o.rs1 != 0)
            if (r > (t | 15)) {
                charged_[r & 15] += (r - t) >> stamp_shift;
                t = r & ~Stamp{15};
            }
        constexpr Unit u = unit(timing);
        if constexpr (u != Unit::none) {
            Stamp& free = unit_free_[static_cast<std::size_t>(u)];
            if (free > t) {
                charge(Cause::unit_busy, free - t);
                t = free;
            }
            free = (t | group_) + 1;
            if constexpr (occupies(timing)) free += latency(timing) - cycle_;
        }
        s = t + one_slot;
        return t;
    }
    /// The result of an instruction that issued at t can be used after its class's latency.
    template <isa::Timing timing, isa::Format format>
    [[gnu::always_inline]] void complete(const isa::Insn& d, Stamp t) {
        constexpr isa::Operands o = isa::operands(format);
        if constexpr (o.rd != 0) ready_[d.rd + (o.rd == 2 ? first_f : 0)] = t + latency(timing);
    }
    [[gnu::always_inline]] void ready(unsigned reg, Stamp when) { ready_[reg] = when; }

    /// A conditional branch at pc, issued at t.
    [[gnu::always_inline]] void branch(std::uint64_t pc, bool taken, std::uint64_t to, Stamp t, Stamp& s,
                                       HartCounters& n) {
        const bool guess = predictor_.direction(pc, taken);
        if (guess != taken) {
            ++n.mispredicts;
            redirect(t, mispredict_, s);
            if (taken) predictor_.target(pc, to);
        } else if (taken) {
            taken_direct(pc, to, t, s, n);
        }
    }
    /// A direct jump; `link` is a call (rd is x1 or x5), Unpriv §2.5 table 2.1.
    [[gnu::always_inline]] void jump(std::uint64_t pc, std::uint64_t to, std::uint64_t after, bool link, Stamp t,
                                     Stamp& s, HartCounters& n) {
        if (link) predictor_.push_return(after);
        taken_direct(pc, to, t, s, n);
    }
    /// An indirect jump: pops and pushes the return stack as the registers hint.
    [[gnu::always_inline]] void indirect(std::uint64_t pc, std::uint64_t to, std::uint64_t after, bool pop, bool push,
                                         Stamp t, Stamp& s, HartCounters& n) {
        bool hit;
        if (pop) {
            hit = predictor_.pop_return(to);
            n.return_mispredicts += !hit;
        } else {
            hit = predictor_.target(pc, to);
            n.indirect_mispredicts += !hit;
        }
        if (push) predictor_.push_return(after);
        redirect(t, hit ? 0 : mispredict_, s);
    }

    /// A store of `size` bytes to a host address that issued at t; returns its slot, later than t when the buffer was
    /// full. `owned`: when the hart has the line with the right to write it.
    [[gnu::always_inline]] Stamp store(std::uint64_t host, unsigned size, Stamp owned, Stamp t, Stamp& s) {
        const std::uint64_t mask = byte_mask(host, size);
        if (stores_.merges(host >> 6, mask, t)) return t;
        store_room(t, s);
        store_begins(host >> 6, mask, owned, t);
        return t;
    }
    bool store_merges(std::uint64_t line, std::uint64_t mask, Stamp t) { return stores_.merges(line, mask, t); }
    /// Whether a load at t finds all its bytes in the store buffer.
    bool forwards(std::uint64_t host, unsigned size, Stamp t) const {
        return stores_.forwards(host >> 6, byte_mask(host, size), t);
    }
    /// The bytes of a line that an access touches, up to the line's end.
    static constexpr std::uint64_t byte_mask(std::uint64_t host, unsigned size) {
        return (size >= 64 ? ~0ull : (1ull << size) - 1) << (host & 63);
    }
    /// Waits until the store buffer has room for one more line.
    [[gnu::noinline]] void store_room(Stamp& t, Stamp& s) { wait(Cause::store_buffer, stores_.free_at(t), t, s); }
    [[gnu::noinline]] void store_begins(std::uint64_t line, std::uint64_t mask, Stamp owned, Stamp t) {
        stores_.push(line, mask, std::max(owned & ~Stamp{15}, t + own_));
    }
    /// Holds issue until the store buffer is empty.
    void drain(Stamp& t, Stamp& s) { wait(Cause::serialise, stores_.drained_at(), t, s); }
    Stamp drained_at() const { return stores_.drained_at(); }
    /// A load's value comes at `ready`, which holds the cause of waiting for it.
    void load_under_way(Stamp ready) { loads_until_ = std::max(loads_until_, ready); }
    /// Holds issue until every load has its value.
    void await_loads(Stamp& t, Stamp& s) {
        wait(static_cast<Cause>(loads_until_ & 15), loads_until_ & ~Stamp{15}, t, s);
    }
    /// An instruction at t that holds issue for its own time.
    void serialise(Stamp t, Stamp& s) { hold(Cause::serialise, t, serialise_, s); }
    /// Nothing issues for `span` from the end of t's cycle.
    void hold(Cause why, Stamp t, Stamp length, Stamp& s) {
        const Stamp until = (t | group_) + 1 + length;
        charge(why, until - s);
        s = until;
    }
    /// Nothing issues before `length` has passed since the cycle of t.
    void redirect_from(Cause why, Stamp t, Stamp length, Stamp& s) {
        const Stamp until = (t & ~group_) + length;
        if (static_cast<std::int64_t>(until - s) <= 0) return;
        charge(why, until - s);
        s = until;
    }
    /// The access at t waits until `when`; issue waits with it.
    void wait(Cause why, Stamp when, Stamp& t, Stamp& s) {
        if (when <= t) return;
        when = (when + 15) & ~Stamp{15};
        charge(why, when - t);
        s += when - t;
        t = when;
    }
    /// The access at t takes `length` longer; issue waits with it.
    void delay(Cause why, Stamp length, Stamp& t, Stamp& s) {
        charge(why, length);
        t += length;
        s += length;
    }
    /// The only way in which time passes but for issuing; slots = stamps >> stamp_shift.
    [[gnu::always_inline]] void charge(Cause why, Stamp stamps) {
        charged_[static_cast<std::size_t>(why)] += stamps >> stamp_shift;
    }
    const std::array<std::uint64_t, causes>& charged() const { return charged_; }

  private:
    enum class Unit : std::uint8_t { memory, mul_div, fp, fp_div, branch, none };
    static constexpr Unit unit(isa::Timing t) {
        using T = isa::Timing;
        switch (t) {
        case T::load:
        case T::store:
        case T::amo: return Unit::memory;
        case T::mul:
        case T::div: return Unit::mul_div;
        case T::fp_add:
        case T::fp_mul:
        case T::fp_fma:
        case T::fp_move: return Unit::fp;
        case T::fp_div_s:
        case T::fp_div_d:
        case T::fp_sqrt_s:
        case T::fp_sqrt_d: return Unit::fp_div;
        case T::branch:
        case T::jump:
        case T::indirect: return Unit::branch;
        case T::alu:
        case T::system: return Unit::none;
        }
        return Unit::none;
    }
    static constexpr bool occupies(isa::Timing t) {
        using T = isa::Timing;
        return t == T::div || t == T::fp_div_s || t == T::fp_div_d || t == T::fp_sqrt_s || t == T::fp_sqrt_d;
    }
    [[gnu::always_inline]] void taken_direct(std::uint64_t pc, std::uint64_t to, Stamp t, Stamp& s, HartCounters& n) {
        if (predictor_.target(pc, to)) [[likely]] {
            redirect(t, 0, s);
        } else {
            ++n.late_targets;
            redirect(t, late_target_, s);
        }
    }
    /// The next instruction issues in the cycle after t's at the earliest, `penalty` later.
    [[gnu::always_inline]] void redirect(Stamp t, Stamp penalty, Stamp& s) {
        const Stamp next = (t | group_) + 1 + penalty;
        charge(Cause::branch, next - s);
        s = next;
    }

    std::array<Stamp, first_f + 32> ready_{}; // [x0..x31, sink, f0..f31]
    std::array<Stamp, isa::timing_classes> latency_{};
    std::array<Stamp, static_cast<std::size_t>(Unit::none)> unit_free_{};
    Stamp cycle_, group_; // stamps of a cycle; mask of a stamp's place in its cycle
    Stamp mispredict_, late_target_, serialise_, own_;
    std::array<std::uint64_t, causes> charged_{}; // [cause], slots
    BranchPredictor predictor_;
    StoreBuffer stores_;
    Stamp loads_until_ = 0; ///< the last value to come of all loads so far
};

/// Functional mode: an instruction is one slot, whatever it does.
class Untimed {
  public:
    static constexpr bool timed = false;
    template <isa::Timing, isa::Format> [[gnu::always_inline]] Stamp issue(const isa::Insn&, Stamp& s) {
        return s += one_slot;
    }
    template <isa::Timing, isa::Format> [[gnu::always_inline]] void complete(const isa::Insn&, Stamp) {}
    [[gnu::always_inline]] void ready(unsigned, Stamp) {}
    [[gnu::always_inline]] void branch(std::uint64_t, bool, std::uint64_t, Stamp, Stamp&, HartCounters&) {}
    [[gnu::always_inline]] void jump(std::uint64_t, std::uint64_t, std::uint64_t, bool, Stamp, Stamp&, HartCounters&) {}
    [[gnu::always_inline]] void indirect(std::uint64_t, std::uint64_t, std::uint64_t, bool, bool, Stamp, Stamp&,
                                         HartCounters&) {}
    [[gnu::always_inline]] Stamp store(std::uint64_t, unsigned, Stamp, Stamp t, Stamp&) { return t; }
    void drain(Stamp&, Stamp&) {}
    void await_loads(Stamp&, Stamp&) {}
    void serialise(Stamp, Stamp&) {}
    [[gnu::always_inline]] Stamp latency(isa::Timing) const { return 0; }
};

} // namespace tollgate::cpu
