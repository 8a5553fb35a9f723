// Traps, returns, interrupts, fences, and the contexts that they change (Priv §3.1, §3.3, §4.1, §4.2.1).
#include "cpu/hart.hh"
#include <algorithm>

namespace tollgate::cpu {

using abi::Exception;
using abi::Privilege;

bool Hart::raise(Exception cause, std::uint64_t tval) {
    ++counters_.not_retired;
    except(cause, tval);
    return false;
}

void Hart::except(Exception cause, std::uint64_t tval) {
    ++counters_.traps;
    pc_ = at_;
    enter_trap(static_cast<std::uint64_t>(cause), tval, false);
}

void Hart::enter_trap(std::uint64_t cause, std::uint64_t tval, bool interrupt) {
    const std::uint64_t delegated = interrupt ? csr_.mideleg : csr_.medeleg;
    const bool to_supervisor = privilege_ != Privilege::machine && (delegated >> cause & 1) != 0;
    const std::uint64_t code = cause | (interrupt ? abi::cause_interrupt_bit : 0);
    break_reservation(); // Unpriv §8.2: an LR/SC pair does not span a trap
    if (observer_ != nullptr) observer_->trap(number_, code, pc_, tval, now());
    if (trace_)
        trace_->trap({code, pc_, tval, privilege_, to_supervisor ? Privilege::supervisor : Privilege::machine}, now());
    std::uint64_t& m = csr_.mstatus;
    std::uint64_t vector;
    if (to_supervisor) {
        csr_.scause = code, csr_.sepc = pc_, csr_.stval = tval;
        const bool enabled = (m & status::sie) != 0;
        m &= ~(status::sie | status::spie | status::spp);
        if (enabled) m |= status::spie;
        if (privilege_ == Privilege::supervisor) m |= status::spp;
        privilege_ = Privilege::supervisor;
        vector = csr_.stvec;
    } else {
        csr_.mcause = code, csr_.mepc = pc_, csr_.mtval = tval;
        const bool enabled = (m & status::mie) != 0;
        m &= ~(status::mie | status::mpie | status::mpp);
        if (enabled) m |= status::mpie;
        m |= static_cast<std::uint64_t>(privilege_) << status::mpp_shift;
        privilege_ = Privilege::machine;
        vector = csr_.mtvec;
    }
    pc_ = (vector & ~3ull) + (interrupt && (vector & 3) == 1 ? 4 * cause : 0); // Priv §3.1.7
    if (config_.timed)
        pipeline_.redirect_from(Cause::trap, stamp_ - one_slot, pipeline_.span(config_.hart.trap_entry), stamp_);
    context_changed();
}

std::uint64_t Hart::pending() const {
    std::uint64_t p = csr_.mip_lines | csr_.mip_soft;
    if ((csr_.menvcfg & envcfg::stce) != 0) {
        p &= ~irq::sti;
        if (stamp_ >= timer_stamp_) p |= irq::sti;
    }
    return p;
}

bool Hart::take_interrupt() {
    const std::uint64_t ready = pending() & csr_.mie;
    if (ready == 0) return false;
    const bool machine_on = privilege_ != Privilege::machine || (csr_.mstatus & status::mie) != 0;
    const bool supervisor_on =
        privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (csr_.mstatus & status::sie) != 0);
    std::uint64_t take = machine_on ? ready & ~csr_.mideleg : 0;
    if (take == 0) take = supervisor_on ? ready & csr_.mideleg : 0;
    if (take == 0) return false;
    // Priv §3.1.9: the order of priority.
    for (const std::uint64_t bit : {irq::mei, irq::msi, irq::mti, irq::sei, irq::ssi, irq::sti}) {
        if ((take & bit) == 0) continue;
        ++counters_.interrupts;
        enter_trap(static_cast<std::uint64_t>(std::countr_zero(bit)), 0, true);
        return true;
    }
    return false;
}

bool Hart::boundary() {
    if (!asleep_) take_interrupt();
    if (asleep_) {
        stop_ = Stop::asleep;
        return false;
    }
    // In functional mode another hart's turn ends a reservation: a turn may be a pair of LR and SC longer (16
    // instructions, Unpriv §8.3), lest a short quantum let no pair succeed.
    constexpr Stamp pair = 16 * one_slot;
    if (!config_.timed && reserved_ && stamp_ >= run_until_ && stamp_ < reserved_at_ + pair)
        run_until_ = reserved_at_ + pair;
    if (stamp_ >= run_until_ || leave_soon_) {
        stop_ = Stop::horizon;
        return false;
    }
    horizon_ = timer_stamp_ > stamp_ ? std::min(run_until_, timer_stamp_) : run_until_;
    return true;
}

Picoseconds Hart::timer_deadline() const {
    return (csr_.menvcfg & envcfg::stce) != 0 && (csr_.mie & irq::sti) != 0 ? port_.time_of_mtime(csr_.stimecmp)
                                                                            : Picoseconds{~0ull};
}

void Hart::timer_changed() {
    const Picoseconds when =
        (csr_.menvcfg & envcfg::stce) != 0 ? port_.time_of_mtime(csr_.stimecmp) : Picoseconds{~0ull};
    timer_stamp_ = when == Picoseconds{~0ull} ? ~Stamp{0} : stamp_at(when);
    request_attention();
}

void Hart::set_line(abi::Interrupt line, bool high, Picoseconds at) {
    const std::uint64_t bit = irq::bit(line);
    const bool rises = high && (csr_.mip_lines & bit) == 0;
    csr_.mip_lines = high ? csr_.mip_lines | bit : csr_.mip_lines & ~bit;
    request_attention();
    if (rises && !asleep_ && (csr_.mie & bit) != 0 && now() > at) {
        ++counters_.late_interrupts;
        counters_.lateness += (now() - at).count();
    }
}

bool Hart::wfi() {
    // Priv §3.1.6.5, §3.3.3
    const bool tw = (csr_.mstatus & status::tw) != 0;
    if (privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && tw))
        return raise(Exception::illegal_instruction, 0x10500073);
    if (!can_wake()) {
        asleep_ = true;
        if (trace_) trace_->falls_asleep(now());
    }
    request_attention();
    return true;
}

bool Hart::mret() {
    if (privilege_ != Privilege::machine) return raise(Exception::illegal_instruction, 0x30200073);
    std::uint64_t& m = csr_.mstatus;
    const auto to = static_cast<Privilege>((m & status::mpp) >> status::mpp_shift);
    const bool enable = (m & status::mpie) != 0;
    m = (m & ~(status::mie | status::mpp)) | status::mpie | (enable ? status::mie : 0);
    if (to != Privilege::machine) m &= ~status::mprv;
    pc_ = csr_.mepc;
    break_reservation();
    privilege_ = to;
    if (trace_) trace_->returns(to, now());
    context_changed();
    request_attention();
    return true;
}

bool Hart::sret() {
    std::uint64_t& m = csr_.mstatus;
    if (privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (m & status::tsr) != 0))
        return raise(Exception::illegal_instruction, 0x10200073);
    const Privilege to = (m & status::spp) != 0 ? Privilege::supervisor : Privilege::user;
    const bool enable = (m & status::spie) != 0;
    m = (m & ~(status::sie | status::spp | status::mprv)) | status::spie | (enable ? status::sie : 0);
    pc_ = csr_.sepc;
    break_reservation();
    privilege_ = to;
    if (trace_) trace_->returns(to, now());
    context_changed();
    request_attention();
    return true;
}

bool Hart::fence_vma(std::uint64_t va, std::uint64_t asid, bool has_va, bool has_asid, std::uint32_t raw) {
    if (privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (csr_.mstatus & status::tvm) != 0))
        return raise(Exception::illegal_instruction, raw);
    mmu_.sfence(has_va ? std::optional{VirtAddr{va}} : std::nullopt,
                has_asid ? std::optional{static_cast<mmu::Asid>(asid)} : std::nullopt);
    if (!config_.timed) flush_tables(); // nothing stands behind them there
    return true;
}

bool Hart::fence_i() {
    if (config_.timed) empty_l1i();
    // Decoded code follows the stores by itself; here its stale blocks are freed, once there are many.
    constexpr std::size_t many = 4096;
    if (group_.code->stale() >= many) {
        for (Hart* h : group_.harts) h->block_tables_.for_each([](BlockTable& table) { table.clear(); });
        group_.code->collect();
    }
    return true;
}

void Hart::set_privilege(Privilege p) {
    privilege_ = p;
    context_changed();
}

void Hart::flush_tables() {
    if (!config_.timed) { // often: every sfence.vma
        ++no_entry_.generation;
        data_epoch_ += DataTable::epoch_step;
        if (data_epoch_ < page_bytes) return;
        data_epoch_ = 0;
    }
    data_tables_.for_each([&](DataTable& table) { empty(table); });
    block_tables_.for_each([](BlockTable& table) { table.clear(); });
}

void Hart::empty(DataTable& table) {
    for (std::size_t i = 0; i <= granule_mask_; ++i) drop_data_entry(table, i, true, true);
    table.pages = {};
}

void Hart::context_changed() {
    if (pmp_.epoch() != pmp_epoch_) {
        pmp_epoch_ = pmp_.epoch();
        flush_tables();
    }
    mmu::Context c;
    c.hardware_ad = (csr_.menvcfg & envcfg::adue) != 0;
    c.pbmte = (csr_.menvcfg & envcfg::pbmte) != 0;
    c.privilege = privilege_;
    c.satp = privilege_ == Privilege::machine ? 0 : csr_.satp;
    fetch_context_ = c;
    if ((csr_.mstatus & status::mprv) != 0) { // Priv §3.1.6.3
        c.privilege = static_cast<Privilege>((csr_.mstatus & status::mpp) >> status::mpp_shift);
        c.satp = c.privilege == Privilege::machine ? 0 : csr_.satp;
    }
    c.sum = c.privilege == Privilege::supervisor && (csr_.mstatus & status::sum) != 0;
    c.mxr = (csr_.mstatus & status::mxr) != 0;
    data_context_ = c;
    blocks_ = block_tables_.find(fetch_context_, [](BlockTable& table) { table.clear(); });
    data_ = data_tables_.find(data_context_, [&](DataTable& table) { empty(table); });
}

} // namespace tollgate::cpu
