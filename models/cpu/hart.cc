#include "cpu/hart.hh"
#include <algorithm>

namespace tollgate::cpu {

Hart::Hart(unsigned number, const HartConfig& config, HartPort& port, HartGroup& group)
    : pipeline_{config.hart, config.latency, config.l1d.latency, config.branch, config.store_buffer}, number_{number},
      config_{config}, port_{port}, group_{group}, clock_{config.hart.clock}, pmp_{config.pmp},
      mmu_{config.mmu, *this, pmp_}, granule_shift_{config.timed ? line_shift : page_shift},
      granule_mask_{(config.timed ? DataTable::timed_size : DataTable::size) - 1}, host_pages_(4096), host_hints_(4096),
      held_(8192), l1i_{cache::shape_of(config.l1i), config.memory}, l1d_{cache::shape_of(config.l1d), config.memory},
      hit_time_{clock_.time_of(config.l1d.latency)}, source_of_(l1d_.tags().entries()), owned_(l1d_.tags().entries()),
      code_lines_(l1i_.tags().entries()) {
    mmu_.set_listener(this);
    reset(0, 0, 0);
}

void Hart::reset(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2) {
    x_.fill(0);
    f_.fill(0);
    x_[10] = a0, x_[11] = a1, x_[12] = a2;
    pc_ = pc;
    privilege_ = abi::Privilege::machine;
    const std::uint64_t lines = csr_.mip_lines;
    csr_ = {};
    csr_.mip_lines = lines;
    if (config_.mmu.walker.hardware_ad) csr_.menvcfg |= envcfg::adue;
    fs_ = 0;
    pmp_.reset();
    mmu_.reset();
    flush_tables();
    if (sync_) ++counters_.not_retired;
    end_trace();
    asleep_ = sync_ = synced_ = reserved_ = mid_block_ = false;
    timer_stamp_ = ~Stamp{0};
    context_changed();
}

Picoseconds Hart::time_at(Stamp s) const {
    if (!config_.timed) return Picoseconds{(s >> stamp_shift) * 1000}; // machine.md: one instruction is 1 ns
    return clock_.time_of(Cycles{pipeline_.cycles_of(s)});
}

Stamp Hart::stamp_at(Picoseconds t) const {
    // Saturates: nothing is awaited so far ahead.
    constexpr std::uint64_t far = 1ull << 62;
    if (!config_.timed) return t.count() / 1000 >= far >> stamp_shift ? far : (t.count() + 999) / 1000 << stamp_shift;
    const std::uint64_t cycle = clock_.cycle_at_or_after(t).count();
    return cycle >= far / pipeline_.cycle_stamp() ? far : pipeline_.stamp_of_cycle(cycle);
}

Stop Hart::run(Picoseconds horizon) {
    run_until_ = stamp_at(horizon);
    stop_ = Stop::horizon;
    leave_soon_ = false;
    if (asleep_) {
        if (!can_wake()) return Stop::asleep;
        asleep_ = false;
        if (trace_) trace_->wakes(now(), pending() & csr_.mie);
    }
    ++host_.quanta;
    // Functional mode keeps no lines, so a reservation does not survive another hart's turn; that is a legal failure of
    // SC (Unpriv §8.2), and a pair fits into a turn.
    if (!config_.timed && group_.last != this) break_reservation();
    group_.last = this;
    if (sync_) {
        sync_ = false;
        synced_ = true;
        run_resumed();
        synced_ = false;
        // What a device announced while it was accessed may bound the quantum.
        if (leave_soon_) return Stop::horizon;
    }
    request_attention();
    if (debugger_ != nullptr)
        run_observed();
    else
        run_fast();
    return stop_;
}

void Hart::sleep_until(Picoseconds t) {
    if (!asleep_) return;
    const Stamp to = stamp_at(t);
    if (to <= stamp_) return;
    if (config_.timed)
        pipeline_.charge(Cause::asleep, to - stamp_);
    else
        functional_sleep_ += (to - stamp_) >> stamp_shift;
    stamp_ = to;
}

void Hart::trace_with(TraceSink& sink, const std::string& path) {
    auto trace = std::make_unique<HartTrace>(sink, path);
    if (trace->empty()) return;
    trace_ = std::move(trace);
    set_observer(observer_);
}

const HartCounters& Hart::counters() {
    counters_.instructions = instructions_;
    counters_.cycles = config_.timed ? pipeline_.cycles_of(stamp_) : stamp_ >> stamp_shift;
    counters_.markers = markers_;
    counters_.loads = loads_;
    counters_.stores = stores_;
    counters_.atomics = atomics_;
    counters_.branches = branches_;
    return counters_;
}

std::array<std::uint64_t, causes> Hart::slots_by_cause() const {
    std::array<std::uint64_t, causes> by = pipeline_.charged();
    std::uint64_t sum = 0;
    if (!config_.timed) by[static_cast<std::size_t>(Cause::asleep)] = functional_sleep_;
    for (const std::uint64_t n : by) sum += n;
    by[static_cast<std::size_t>(Cause::issue)] = slots() - sum;
    return by;
}

bool Hart::fp_touch(bool writes) {
    if (fs_ == 0) return false;
    if (writes) fs_ = 3;
    return true;
}

std::optional<PhysAddr> Hart::peek_address(std::uint64_t va) {
    if (data_context_.privilege == abi::Privilege::machine || abi::satp::mode(data_context_.satp) == abi::satp::bare)
        return PhysAddr{va};
    peeking_ = true;
    const mmu::Translation r = mmu_.translate_debug(VirtAddr{va}, data_context_);
    peeking_ = false;
    return r.fault ? std::nullopt : std::optional{r.pa};
}

void Hart::on_marker(const isa::Insn& d, std::uint64_t value, Stamp s) {
    Marker m;
    m.hart = number_;
    m.begin = d.op == isa::Op::marker_begin;
    m.phase = static_cast<std::uint32_t>(d.imm) & 0xfff;
    m.value = value;
    m.privilege = privilege_;
    m.time = time_at(s);
    m.cycle = config_.timed ? pipeline_.cycles_of(s) : s >> stamp_shift;
    m.instructions = instructions_ - (csr_counts_itself_ ? 1 : 0);
    stamp_ = s;
    csr_.fflags = fp_.leave();
    observer_->marker(m);
    fp_.enter(csr_.frm, csr_.fflags);
}

} // namespace tollgate::cpu
