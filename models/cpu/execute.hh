/// The run loop: the words in which instruction rows are written (Exec), and the switch generated from the rows.
///
/// Exec lives in registers: no slow path gets its address; they take and give back what they need. The loop leaves a
/// block only for a reason (a trap, an access that waits for its turn, a debugger), and looks at interrupts and
/// horizon only between blocks.
#pragma once
#include "cpu/execute_fp.hh"
#include "cpu/hart.hh"
#include "cpu/isa/arith.hh"
#include <cstring>
#include <type_traits>

namespace tollgate::cpu {

/// Modes of the loop. `fast`: blocks. `observed`: a debugger is asked before every instruction and access. `resume`:
/// one instruction whose access has waited for its turn; it has issued already.
struct Fast {
    static constexpr bool observed = false, resume = false;
};
struct Observed {
    static constexpr bool observed = true, resume = false;
};
struct Resume {
    static constexpr bool observed = false, resume = true;
};

template <class Pipeline, class Mode> struct Exec : FloatingPoint<Exec<Pipeline, Mode>> {
    Hart& h;
    Pipeline& p;
    const isa::Insn* i = nullptr; ///< the instruction
    std::uint64_t base = 0;       ///< address of its block
    const std::uint8_t* offsets = nullptr;
    const isa::Insn* first = nullptr;
    Stamp s = 0; ///< next free slot
    Stamp t = 0; ///< the slot in which *i issued

    Exec(Hart& hart, Pipeline& pipe) : h{hart}, p{pipe} {}

#define HOT [[gnu::always_inline]] inline
    // ---- operands
    HOT std::uint64_t x1() const { return h.x_[i->rs1]; }
    HOT std::uint64_t x2() const { return h.x_[i->rs2]; }
    HOT std::int64_t s1() const { return static_cast<std::int64_t>(x1()); }
    HOT std::int64_t s2() const { return static_cast<std::int64_t>(x2()); }
    HOT std::uint32_t w1() const { return static_cast<std::uint32_t>(x1()); }
    HOT std::uint32_t w2() const { return static_cast<std::uint32_t>(x2()); }
    HOT std::int64_t simm() const { return i->imm; }
    HOT std::uint64_t imm() const { return static_cast<std::uint64_t>(simm()); }
    HOT std::uint64_t uimm() const { return i->rs1; }
    HOT bool rs1_is_not_x0() const { return i->rs1 != 0; }
    HOT std::uint64_t pc() const { return base + offsets[i - first]; }
    HOT std::uint64_t next_pc() const { return pc() + i->length; }
    template <class T> HOT void rd(T v) {
        if constexpr (std::is_signed_v<T>)
            h.x_[i->rd] = static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
        else
            h.x_[i->rd] = static_cast<std::uint64_t>(v);
    }
    template <class T> HOT void rd_word(T v) { rd(static_cast<std::int32_t>(v)); }

    // ---- floating point (execute_fp.hh)
    HOT std::uint64_t f_raw(int n) const { return h.f_[n == 1 ? i->rs1 : n == 2 ? i->rs2 : i->rs3]; }
    HOT void set_fd(std::uint64_t raw) { h.f_[i->rd] = raw; }
    HOT std::uint8_t rm() const { return i->rm; }
    HOT fp::HostFpEnv& fp_env() { return h.fp_; }
    HOT bool fp_ready(bool writes) {
        if (h.fs_ == 3) [[likely]]
            return true;
        if (h.fp_touch(writes)) return true;
        return raise_illegal();
    }
    bool raise_illegal() { return raise(abi::Exception::illegal_instruction, i->raw); }

    // ---- control transfer: the last instruction of its block, so pc_ is the address after it unless changed here
    HOT void branch(bool taken) {
        const std::uint64_t at = pc(), to = at + imm();
        if (taken) h.pc_ = to;
        p.branch(at, taken, to, t, s, h.counters_);
    }
    HOT void jal() {
        const std::uint64_t at = pc(), after = at + i->length;
        h.pc_ = at + imm();
        p.jump(at, h.pc_, after, is_link(i->rd), t, s, h.counters_);
        rd(after);
    }
    HOT void jalr() {
        const std::uint64_t at = pc(), after = at + i->length;
        const std::uint64_t to = (x1() + imm()) & ~1ull;
        // Unpriv §2.5, table 2.1: return-address stack hints.
        const bool push = is_link(i->rd), pop = is_link(i->rs1) && !(push && i->rd == i->rs1);
        h.pc_ = to;
        p.indirect(at, to, after, pop, push, t, s, h.counters_);
        rd(after);
    }
    static constexpr bool is_link(std::uint8_t r) { return r == 1 || r == 5; }
    // Without C: Unpriv §2.5, the exception is the jump's and its rd is not written.
    bool misaligned_jal() { return raise(abi::Exception::fetch_misaligned, pc() + imm()); }
    bool misaligned_branch() {
        constexpr std::uint32_t funct3_shift = 12;
        bool taken = false;
        switch (i->raw >> funct3_shift & 7) {
        case 0: taken = x1() == x2(); break;
        case 1: taken = x1() != x2(); break;
        case 4: taken = s1() < s2(); break;
        case 5: taken = s1() >= s2(); break;
        case 6: taken = x1() < x2(); break;
        default: taken = x1() >= x2(); break;
        }
        if (taken) return raise(abi::Exception::fetch_misaligned, pc() + imm());
        branch(false);
        return true;
    }
    bool checked_jalr() {
        const std::uint64_t to = (x1() + imm()) & ~1ull;
        if ((to & 2) != 0) return raise(abi::Exception::fetch_misaligned, to);
        jalr();
        return true;
    }

    // ---- memory
    template <class T> HOT bool load(T) {
        std::uint64_t raw;
        if (!fetch_data<T>(x1() + imm(), raw, i->rd)) return false;
        rd(static_cast<T>(raw));
        return true;
    }
    template <class T> HOT bool store(T value) { return put_data<T>(x1() + imm(), value); }
    HOT bool load_f32() { return load_f<std::uint32_t>(); }
    HOT bool load_f64() { return load_f<std::uint64_t>(); }
    HOT bool store_f32() {
        return fp_ready(false) && put_data<std::uint32_t>(x1() + imm(), static_cast<std::uint32_t>(f_raw(2)));
    }
    HOT bool store_f64() { return fp_ready(false) && put_data<std::uint64_t>(x1() + imm(), f_raw(2)); }
    template <class T> HOT bool load_f() {
        std::uint64_t raw;
        if (!fp_ready(true) || !fetch_data<T>(x1() + imm(), raw, i->rd + first_f)) return false;
        set_fd(sizeof(T) == 4 ? raw | 0xffffffff00000000ull : raw); // NaN boxing, Unpriv §12.2
        return true;
    }
    template <class T> HOT bool fetch_data(std::uint64_t va, std::uint64_t& raw, unsigned reg) {
        constexpr std::uint64_t low = sizeof(T) - 1;
        if constexpr (!Mode::observed && !Mode::resume) {
            const DataEntry& e = h.data_->load[data_index(va)];
            if (e.tag == (va & (granule_mask | low)) + (Pipeline::timed ? 0 : h.data_epoch_)) [[likely]] {
                if constexpr (Pipeline::timed) *e.used = *e.way_used = t;
                std::make_unsigned_t<T> v;
                std::memcpy(&v, reinterpret_cast<const void*>(e.bias + va), sizeof v);
                raw = v;
                if constexpr (Pipeline::timed) {
                    Stamp ready = t + p.latency(isa::Timing::load);
                    if (e.ready > (ready | 15)) [[unlikely]] { // the line is still under way
                        ++h.merges_;
                        ready = h.load_early(e.bias + va, sizeof v, t, e.ready);
                    }
                    p.ready(reg, ready);
                }
                return true;
            }
        }
        h.at_ = pc();
        if constexpr (Mode::observed)
            if (!h.debugger_->access(h.number_, va, sizeof(T), false)) return debugger_stop();
        Stamp at = t, next = s;
        const bool done = h.load_slow(va, sizeof(T), at, next);
        t = at, s = next;
        if (!done) return false;
        raw = h.value_;
        p.ready(reg, h.load_ready_);
        return true;
    }
    template <class T> HOT bool put_data(std::uint64_t va, T value) {
        constexpr std::uint64_t low = sizeof(T) - 1;
        if constexpr (!Mode::observed && !Mode::resume) {
            DataEntry& e = h.data_->store[data_index(va)];
            if (e.tag == (va & (granule_mask | low)) + (Pipeline::timed ? 0 : h.data_epoch_)) [[likely]] {
                if constexpr (Pipeline::timed) {
                    t = p.store(e.bias + va, sizeof value, e.ready, t, s);
                    h.merges_ += e.ready > ((t + p.latency(isa::Timing::load)) | 15);
                    *e.used = *e.way_used = e.wrote = t;
                }
                std::memcpy(reinterpret_cast<void*>(e.bias + va), &value, sizeof value);
                return true;
            }
        }
        h.at_ = pc();
        if constexpr (Mode::observed)
            if (!h.debugger_->access(h.number_, va, sizeof(T), true)) return debugger_stop();
        Stamp at = t, next = s;
        const bool done = h.store_slow(va, sizeof(T), value, at, next);
        t = at, s = next;
        return done;
    }
    static constexpr unsigned granule_shift = Pipeline::timed ? line_shift : page_shift;
    static constexpr std::uint64_t granule_mask = ~((1ull << granule_shift) - 1);
    HOT static std::size_t data_index(std::uint64_t va) {
        return (va >> granule_shift) & ((Pipeline::timed ? DataTable::timed_size : DataTable::size) - 1);
    }

    // ---- atomics, Unpriv §8. All go the slow way.
    bool misaligned(std::uint64_t va, unsigned size, bool load_kind) {
        if ((va & (size - 1)) == 0) return false;
        raise(load_kind ? abi::Exception::load_misaligned : abi::Exception::store_misaligned, va);
        return true;
    }
    template <class T> std::byte* atomic_begin(mmu::Access a, bool exclusive, PhysAddr& pa, bool conditional = false) {
        const std::uint64_t va = x1();
        h.at_ = pc();
        if constexpr (Mode::observed)
            if (!h.debugger_->access(h.number_, va, sizeof(T), exclusive)) return debugger_stop(), nullptr;
        if (misaligned(va, sizeof(T), a == mmu::Access::load)) return nullptr;
        if constexpr (Pipeline::timed && !Mode::resume) p.drain(t, s);
        Stamp at = t, next = s;
        std::byte* const host = h.atomic_place(va, sizeof(T), a, exclusive, conditional, at, next, pa);
        t = at, s = next;
        return host;
    }
    template <class T> bool lr(T) {
        PhysAddr pa;
        const std::byte* const host = atomic_begin<T>(mmu::Access::load, false, pa);
        if (host == nullptr) return false;
        T v;
        std::memcpy(&v, host, sizeof v);
        h.reserved_ = true;
        h.reservation_ = pa.value();
        h.reserved_at_ = t;
        rd(v);
        return true;
    }
    template <class T> bool sc(T value) {
        PhysAddr pa;
        std::byte* const host = atomic_begin<T>(mmu::Access::store, true, pa, true);
        if (host == nullptr) return false;
        const bool kept = h.holds_reservation(pa);
        h.reserved_ = false;
        if (kept) {
            std::memcpy(host, &value, sizeof value);
            h.code_written(pa, sizeof value);
        } else {
            ++h.counters_.failed_sc;
        }
        rd(static_cast<std::uint64_t>(!kept));
        return true;
    }
    template <class T, class F> bool amo(T, F&& f) {
        PhysAddr pa;
        std::byte* const host = atomic_begin<T>(mmu::Access::store, true, pa);
        if (host == nullptr) return false;
        T old;
        std::memcpy(&old, host, sizeof old);
        const T now = f(old, static_cast<T>(x2()));
        std::memcpy(host, &now, sizeof now);
        h.code_written(pa, sizeof now);
        rd(static_cast<std::make_signed_t<T>>(old));
        return true;
    }
    bool cbo_zero() { return cbo(envcfg::cbze, LineCare::zero); }
    bool cbo_clean() { return cbo(envcfg::cbcfe, LineCare::clean); }
    bool cbo_flush() { return cbo(envcfg::cbcfe, LineCare::flush); }
    bool cbo_inval() {
        // CMO §2.5.2: a field that says "flush" at any level makes it a flush.
        const bool flushes =
            (h.privilege_ != abi::Privilege::machine && (h.csr_.menvcfg & envcfg::cbie) != envcfg::cbie)
            || (h.privilege_ == abi::Privilege::user && (h.csr_.senvcfg & envcfg::cbie) != envcfg::cbie);
        return cbo(envcfg::cbie, flushes ? LineCare::flush : LineCare::inval);
    }
    bool cbo(std::uint64_t enable, LineCare care) {
        h.at_ = pc();
        // CMO §2.5.2: enabled by menvcfg below machine mode and by senvcfg in user mode.
        if (h.privilege_ != abi::Privilege::machine && (h.csr_.menvcfg & enable) == 0) return raise_illegal();
        if (h.privilege_ == abi::Privilege::user && (h.csr_.senvcfg & enable) == 0) return raise_illegal();
        Stamp at = t, next = s;
        const bool done = h.cbo(x1(), care, at, next);
        t = at, s = next;
        return done;
    }

    // ---- fences, system
    /// Unpriv §2.7: waits for what its predecessor set names, loads that are under way and the store buffer.
    void fence() {
        constexpr std::int32_t before_write = 0x50, before_read = 0xa0; // O and W, I and R
        if ((i->imm & before_read) != 0) p.await_loads(t, s);
        if ((i->imm & before_write) != 0) p.drain(t, s);
        p.serialise(t, s);
    }
    HOT void pause() {}
    /// Runs a slow path of the hart that may trap or change the context; `drains`: after the store buffer is empty.
    template <class F> bool system(bool drains, F&& f) {
        h.at_ = pc();
        if (drains) p.drain(t, s);
        h.stamp_ = s;
        const bool done = f();
        s = h.stamp_;
        if (done) p.serialise(t, s);
        return done;
    }
    /// Returns leave pc_ where they sent it.
    template <class F> bool returning(F&& f) {
        h.at_ = pc();
        h.stamp_ = s;
        if (!f()) return s = h.stamp_, false;
        if constexpr (Pipeline::timed) p.redirect_from(Cause::trap, t, p.span(h.config_.hart.trap_return), s);
        return true;
    }
    bool ecall() {
        const auto base_cause = static_cast<unsigned>(abi::Exception::ecall_user);
        return raise(static_cast<abi::Exception>(base_cause + static_cast<unsigned>(h.privilege_)), 0);
    }
    bool ebreak() { return raise(abi::Exception::breakpoint, 0); } // Priv §3.1.16: mtval may be zero
    bool mret() {
        return returning([&] { return h.mret(); });
    }
    bool sret() {
        return returning([&] { return h.sret(); });
    }
    bool wfi() {
        return system(false, [&] { return h.wfi(); });
    }
    bool fence_i() {
        return system(true, [&] { return h.fence_i(); });
    }
    bool sfence_vma() {
        return system(true, [&] { return h.fence_vma(x1(), x2(), i->rs1 != 0, i->rs2 != 0, i->raw); });
    }
    bool sinval_vma() { return sfence_vma(); }
    bool sfence_w_inval() {
        return system(true, [&] { return h.privilege_ != abi::Privilege::user || raise_in_system(); });
    }
    bool sfence_inval_ir() { return sfence_w_inval(); }
    bool raise_in_system() { return h.raise(abi::Exception::illegal_instruction, i->raw); }
    bool csr_write(std::uint64_t v, bool w) {
        return csr([](std::uint64_t, std::uint64_t x) { return x; }, v, w);
    }
    bool csr_set(std::uint64_t v, bool w) {
        return csr([](std::uint64_t old, std::uint64_t x) { return old | x; }, v, w);
    }
    bool csr_clear(std::uint64_t v, bool w) {
        return csr([](std::uint64_t old, std::uint64_t x) { return old & ~x; }, v, w);
    }
    bool csr(std::uint64_t (*combine)(std::uint64_t, std::uint64_t), std::uint64_t v, bool w) {
        constexpr std::int32_t satp = 0x180; // its writes order the page tables' stores, as a fence does (Priv §4.2.1)
        return system(i->imm == satp && w, [&] {
            h.csr_stamp_ = t; // what `cycle` reads
            return h.csr_access(static_cast<unsigned>(i->imm) & 0xfff, w, combine, v, i->rd) || raise_in_system();
        });
    }
    void marker(bool) {
        if (h.observer_ != nullptr) h.on_marker(*i, x1(), s);
    }

    bool raise(abi::Exception cause, std::uint64_t tval) {
        h.at_ = pc();
        h.stamp_ = s;
        h.raise(cause, tval);
        s = h.stamp_;
        return false;
    }
    bool debugger_stop() { return !(h.stopping_ = true); }
#undef HOT
};

/// Issues the row's instruction, performs it, notes when its result is ready. Loads note that themselves.
#define TOLLGATE_ISSUE(format_, timing_)                                                                               \
    if constexpr (Mode::resume)                                                                                        \
        c.t = sync_issue_;                                                                                             \
    else                                                                                                               \
        c.t = pipe.template issue<isa::Timing::timing_, isa::Format::format_>(d, c.s)
#define TOLLGATE_COMPLETE(format_, timing_)                                                                            \
    if constexpr (isa::Timing::timing_ != isa::Timing::load)                                                           \
    pipe.template complete<isa::Timing::timing_, isa::Format::format_>(d, c.t)

template <class Pipeline, class Mode> void Hart::loop(Pipeline& pipe) {
    Exec<Pipeline, Mode> c{*this, pipe};
    fp_.enter(csr_.frm, csr_.fflags);
    csr_counts_itself_ = !Mode::observed && !Mode::resume;
    c.s = stamp_;
    for (;;) {
        if (!Mode::resume && c.s >= horizon_) [[unlikely]] {
            stamp_ = c.s;
            const bool go_on = mid_block_ || boundary();
            c.s = stamp_;
            if (!go_on) break;
            if constexpr (!Mode::observed) mid_block_ = false;
        }
        BlockEntry& e = blocks_->entry[(pc_ >> 1) & (BlockTable::size - 1)];
        const Block* block;
        if (e.pc == pc_ && e.generation == e.page->generation) [[likely]] {
            if constexpr (Pipeline::timed) e.page->stamp = *e.way_used = *e.second_used = c.s;
            block = e.block;
        } else {
            stamp_ = c.s;
            block = fetch_slow(e);
            c.s = stamp_;
            if (block == nullptr) {
                mid_block_ = false;
                continue;
            }
        }
        const isa::Insn* const end = block->insns.get() + (Mode::observed || Mode::resume ? 1 : block->count);
        // Observed, the rest of a block is not fetched again.
        [[maybe_unused]] const bool was_mid_block = mid_block_;
        const auto lines = [&] { return Mode::observed && was_mid_block ? 0u : block->lines; };
        c.base = pc_;
        c.i = c.first = block->insns.get();
        c.offsets = block->offset.get();
        if constexpr (Mode::observed) {
            if (!debugger_->before(number_, pc_)) {
                stop_ = Stop::debugger;
                break;
            }
        }
        fetches_ += lines();
        if constexpr (Mode::observed || Mode::resume) {
            pc_ += c.i->length;
        } else {
            pc_ += block->bytes;
            instructions_ += block->count;
            loads_ += block->loads;
            stores_ += block->stores;
            atomics_ += block->atomics;
            branches_ += block->branches;
            markers_ += block->markers;
        }
        // Kept, because the instruction may write its own line, which makes it `refetch`.
        [[maybe_unused]] const isa::Insn single = Mode::observed || Mode::resume ? *c.i : isa::Insn{};
        for (; c.i != end; ++c.i) {
            const isa::Insn& d = *c.i;
            switch (d.op) {
#define INSN(id, pattern, format, timing, ...)                                                                         \
    case isa::Op::id: {                                                                                                \
        TOLLGATE_ISSUE(format, timing);                                                                                \
        __VA_ARGS__;                                                                                                   \
        TOLLGATE_COMPLETE(format, timing);                                                                             \
        break;                                                                                                         \
    }
#define MAY_LEAVE(id, pattern, format, timing, ...)                                                                    \
    case isa::Op::id: {                                                                                                \
        TOLLGATE_ISSUE(format, timing);                                                                                \
        if (!(__VA_ARGS__)) [[unlikely]]                                                                               \
            goto leave;                                                                                                \
        TOLLGATE_COMPLETE(format, timing);                                                                             \
        break;                                                                                                         \
    }
#define HINT(id, pattern, format, timing, ...)                                                                         \
    case isa::Op::id: {                                                                                                \
        __VA_ARGS__;                                                                                                   \
        break;                                                                                                         \
    }
#include "cpu/isa/rows.inc"
#undef INSN
#undef MAY_LEAVE
#undef HINT
            case isa::Op::illegal:
                TOLLGATE_ISSUE(none, system);
                c.raise_illegal();
                goto leave;
            case isa::Op::misaligned_jal:
                TOLLGATE_ISSUE(J, jump);
                c.misaligned_jal();
                goto leave;
            case isa::Op::misaligned_branch:
                TOLLGATE_ISSUE(B, branch);
                if (!c.misaligned_branch()) goto leave;
                break;
            case isa::Op::checked_jalr:
                TOLLGATE_ISSUE(Jalr, indirect);
                if (!c.checked_jalr()) goto leave;
                TOLLGATE_COMPLETE(Jalr, indirect);
                break;
            case isa::Op::refetch:
                e.pc = no_tag;
                pc_ = c.base;
                fetches_ -= lines();
                if constexpr (!Mode::observed && !Mode::resume) retire_partly(*block, 0);
                mid_block_ = false;
                goto again;
            }
        }
        if constexpr (Mode::observed || Mode::resume) {
            retire_one(single);
            if constexpr (Mode::resume) break;
            mid_block_ = block->count != 1;
        }
    again:
        continue;
    leave:
        if constexpr (!Mode::observed && !Mode::resume) retire_partly(*block, static_cast<unsigned>(c.i - c.first));
        if constexpr (Mode::resume) break;
        if constexpr (Mode::observed) mid_block_ = false;
        if (sync_ || stopping_) { // in front of the instruction at at_
            pc_ = at_;
            sync_issue_ = c.t;
            stop_ = sync_ ? Stop::sync : Stop::debugger;
            if constexpr (Mode::observed) {
                if (stopping_) { // it is met again as if there had been no stop
                    mid_block_ = was_mid_block;
                    fetches_ -= lines();
                }
            }
            stopping_ = false;
            break;
        }
    }
    stamp_ = c.s;
    csr_counts_itself_ = false;
    csr_.fflags = fp_.leave();
}

} // namespace tollgate::cpu
