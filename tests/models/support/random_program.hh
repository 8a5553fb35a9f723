/// Random supervisor programs for comparisons of two ways to run them: integers, memory through aliases, branches,
/// calls across pages, code that writes code, page tables that change, fences with and without need.
///
/// They end: branches go forward but for one counted loop. Every instruction that can trap has four bytes, so the
/// machine's handler goes on behind it.
#pragma once
#include "base/random.hh"
#include "models/support/trap_bench.hh"
#include <array>

namespace tollgate::cpu::test {

struct RandomProgram {
    static constexpr std::uint64_t code_va = 0x40'0000, code_alias_va = 0x50'0000, data_va = 0x1'0000,
                                   tables_va = 0x60'0000, device_va = 0x70'0000;
    static constexpr unsigned data_pages = 8, memory_pages = 4, code_pages = 4;
    static constexpr std::uint64_t code_pa = ram + 0x10'0000, data_pa = ram + 0x20'0000;

    /// What the program does to page tables. Without fences it may use old entries or new ones (Priv §4.2.1): which,
    /// a timed hart's TLBs decide, and a functional one's short cuts.
    enum class Tables { unfenced, fenced, fixed };
    explicit RandomProgram(std::uint64_t seed, unsigned hart = 0, Tables tables = Tables::unfenced)
        : dice_{seed}, hart_{hart}, changes_{tables} {}

    /// Puts handler, page tables and code into the bench and readies its hart. Harts share data pages and tables.
    void install(Bench& b) {
        PageTables tables{b.memory()};
        // The same mappings for every hart; each runs its own code.
        for (unsigned n = 0; n < 2 * code_pages; ++n) {
            tables.map(code_va + n * page_bytes, code_pa + n * page_bytes, page::rwx | (n == 1 ? page::global : 0));
            tables.map(code_alias_va + n * page_bytes, code_pa + n * page_bytes, page::rw);
        }
        for (unsigned n = 0; n < data_pages; ++n) tables.map(data_va + n * page_bytes, data_page(n), page_bits(n));
        tables.map(device_va, devices, page::rw);
        const std::uint64_t leaf_table = tables.entry(data_va) & ~(page_bytes - 1);
        tables.map(tables_va, leaf_table, page::rw);
        root_ = tables.satp() & abi::satp::ppn_mask;
        entries_ = tables_va + (data_va >> page_shift) * 8;

        Program code{code_va + hart_ * code_pages * page_bytes};
        write(code);
        const std::vector<std::uint8_t>& bytes = code.bytes();
        b.memory().write(code_pa + hart_ * code_pages * page_bytes, bytes);
        handler(b);
        Hart& h = b.hart(hart_);
        h.poke_csr(csr_no::mtvec, machine_handler + hart_ * 0x200);
        h.poke_csr(csr_no::pmpaddr0, (data_page(3) >> 2) | 0x1ff); // one page: NAPOT
        h.poke_csr(csr_no::pmpaddr0 + 1, ~0ull);
        h.poke_csr(csr_no::pmpcfg0, 0x1f1f);
        h.poke_csr(csr_no::mcounteren, ~0ull);
        h.poke_csr(csr_no::menvcfg, 0xf0);
        h.poke_csr(csr_no::mhpmevent3, static_cast<std::uint64_t>(HpmEvent::dtlb_misses));
        h.poke_csr(csr_no::satp, satp(1));
        for (unsigned r = 1; r < 32; ++r) h.set_x(r, scatter(r));
        h.set_x(s11, 4 + dice_.below(6));
        h.set_x(a7, 0);
        h.set_privilege(Privilege::supervisor);
        h.set_pc(code.origin());
    }

  private:
    std::uint64_t satp(std::uint16_t asid) const { return abi::satp::make(abi::satp::sv39, asid, root_); }
    static std::uint64_t data_page(unsigned n) { return data_pa + n % memory_pages * page_bytes; }
    static std::uint64_t page_bits(unsigned n) {
        return n == 5 ? page::user_rw : n == 6 ? page::rw | page::global : page::rw;
    }
    unsigned reg() {
        constexpr std::array<unsigned, 12> free{t0, t1, t2, a0, a1, a2, a3, a4, a5, a6, s2, s3};
        return free[dice_.below(free.size())];
    }
    bool one_in(unsigned n) { return dice_.below(n) == 0; }

    /// On ecall: a7 ends the program, else the protection of data page 3 changes. Everything else is stepped over.
    void handler(Bench& b) {
        Program p{machine_handler + hart_ * 0x200};
        const auto no_call = p.label(), end = p.label();
        p.csrw(csr_no::mscratch, t5);
        p.csrr(t5, csr_no::mcause);
        p.i(Op::addi, t5, t5, -9);
        p.branch(Op::bne, t5, 0, no_call);
        p.branch(Op::bne, a7, 0, end);
        p.csrr(t5, csr_no::pmpcfg0);
        p.i(Op::xori, t5, t5, 2);
        p.csrw(csr_no::pmpcfg0, t5);
        p.bind(no_call);
        p.csrr(t5, csr_no::mepc);
        p.i(Op::addi, t5, t5, 4);
        p.csrw(csr_no::mepc, t5);
        p.csrr(t5, csr_no::mscratch);
        p.put(Op::mret);
        p.bind(end);
        finish(p);
        b.load(p);
    }

    void write(Program& p) {
        const auto begin = p.label(), over = p.label();
        p.j(begin);
        // Functions, some on other pages than their callers.
        for (auto& f : functions_) {
            f = p.bound();
            for (std::uint64_t n = dice_.below(12); n > 0; --n) plain(p);
            p.ret();
        }
        p.bind(begin);
        const std::uint64_t steps = 60 + dice_.below(300);
        for (std::uint64_t n = 0; n < steps; ++n) step(p);
        p.i(Op::addi, s11, s11, -1);
        p.branch(Op::beq, s11, 0, over);
        p.j(begin);
        p.bind(over);
        p.li(a7, 1);
        p.put(Op::ecall);
        p.nop();
    }

    void step(Program& p) {
        switch (dice_.below(40)) {
        case 0:
        case 1:
        case 2: return skip(p);
        case 3:
        case 4: return p.jal(ra, functions_[dice_.below(functions_.size())]);
        case 5: return change_page(p);
        case 6: return fence(p);
        case 7: return patch(p);
        case 8:
        case 9: return atomic(p);
        case 10:
        case 11: return counter(p);
        case 12: return mode(p);
        case 13:
        case 14: return p.c_nop();
        case 15:
        case 16:
        case 17:
        case 18: return plain(p);
        default: return one_in(3) ? burst(p) : access(p);
        }
    }
    /// Accesses to one or two pages again and again, with sometimes another step among them.
    void burst(Program& p) {
        p.li(s10, 2 + dice_.below(5));
        const auto again = p.bound();
        const auto page_of = [&] { return static_cast<std::int64_t>(data_va + dice_.below(data_pages) * page_bytes); };
        p.put(Op::lui, {s4, 0, 0, page_of()});
        p.put(Op::lui, {s5, 0, 0, one_in(4) ? static_cast<std::int64_t>(code_alias_va) : page_of()});
        for (std::uint64_t n = 3 + dice_.below(8); n > 0; --n) {
            const auto log = static_cast<unsigned>(dice_.below(4));
            if (one_in(2))
                p.load(loads[log], reg(), offset(1u << log), one_in(2) ? s4 : s5);
            else
                p.store(stores[log], reg(), offset(1u << log), s4);
        }
        if (one_in(4)) fence(p);
        if (one_in(6)) atomic(p);
        if (one_in(6)) patch(p);
        if (one_in(6)) mode(p);
        p.i(Op::addi, s10, s10, -1);
        p.branch(Op::bne, s10, 0, again);
    }
    void plain(Program& p) {
        constexpr std::array ops{Op::add, Op::sub, Op::xor_, Op::sll, Op::sltu, Op::mul, Op::divu, Op::rem, Op::addw};
        if (one_in(3)) return p.i(Op::addi, reg(), reg(), static_cast<std::int64_t>(dice_.below(4096)) - 2048);
        if (one_in(12)) return p.i(one_in(2) ? Op::marker_begin : Op::marker_end, 0, reg(), 5);
        p.r(ops[dice_.below(ops.size())], reg(), reg(), reg());
    }
    void skip(Program& p) {
        constexpr std::array ops{Op::beq, Op::bne, Op::blt, Op::bgeu};
        const auto to = p.label();
        p.branch(ops[dice_.below(ops.size())], reg(), reg(), to);
        for (std::uint64_t n = 1 + dice_.below(4); n > 0; --n) one_in(2) ? access(p) : plain(p);
        p.bind(to);
    }
    /// t6 = an address on a data page, or now and then the device or the code's other address.
    std::int64_t place(Program& p, unsigned size) {
        const auto page = static_cast<std::int64_t>(dice_.below(data_pages));
        const std::uint64_t base = one_in(20)   ? device_va
                                   : one_in(16) ? code_alias_va
                                                : data_va + static_cast<std::uint64_t>(page) * page_bytes;
        p.put(Op::lui, {t6, 0, 0, static_cast<std::int64_t>(base)});
        return offset(size);
    }
    /// Few lines, so that they meet again; sometimes anywhere, sometimes across the page's start.
    std::int64_t offset(unsigned size) {
        auto at = static_cast<std::int64_t>(dice_.below(6) * 64 + dice_.below(8) * 8);
        if (one_in(12)) at = static_cast<std::int64_t>(dice_.below(2040));
        if (one_in(16)) at = -static_cast<std::int64_t>(dice_.below(8));
        return one_in(12) ? at : at & -static_cast<std::int64_t>(size);
    }
    static constexpr std::array loads{Op::lb, Op::lhu, Op::lw, Op::ld}, stores{Op::sb, Op::sh, Op::sw, Op::sd};
    void access(Program& p) {
        const auto log = static_cast<unsigned>(dice_.below(4));
        if (one_in(2)) {
            const std::int64_t at = place(p, 1u << log);
            return p.load(loads[log], reg(), at, t6);
        }
        const std::int64_t at = place(p, 1u << log);
        // Random stores into code would leave the safe set of instructions.
        p.put(Op::lui, {t4, 0, 0, static_cast<std::int64_t>(data_va + dice_.below(data_pages) * page_bytes)});
        p.store(stores[log], reg(), at, t4);
    }
    void atomic(Program& p) {
        p.put(Op::lui, {t6, 0, 0, static_cast<std::int64_t>(data_va + dice_.below(data_pages) * page_bytes)});
        p.i(Op::addi, t6, t6, static_cast<std::int64_t>(dice_.below(12) * 16));
        switch (dice_.below(4)) {
        case 0: return p.amo(Op::amoadd_d, reg(), reg(), t6);
        case 1: return p.amo(Op::amomaxu_w, reg(), reg(), t6);
        case 2: return p.put(Op::cbo_zero, {0, t6});
        default: break;
        }
        p.amo(Op::lr_d, reg(), 0, t6);
        if (one_in(3)) access(p);
        p.amo(Op::sc_d, reg(), reg(), t6);
    }
    void fence(Program& p) {
        p.put(Op::lui, {t6, 0, 0, static_cast<std::int64_t>(data_va + dice_.below(data_pages) * page_bytes)});
        p.i(Op::addi, t4, 0, static_cast<std::int64_t>(dice_.below(4)));
        switch (dice_.below(7)) {
        case 0: return p.put(Op::sfence_vma);
        case 1: return p.put(Op::sfence_vma, {0, t6, 0});
        case 2: return p.put(Op::sfence_vma, {0, 0, t4});
        case 3: return p.put(Op::sfence_vma, {0, t6, t4});
        case 4: return p.put(Op::fence_i);
        case 5: return p.put(Op::fence, {0, 0, 0, 0xff});
        default: return p.put(Op::ecall); // t5 is lost to nobody; protection changes
        }
    }
    /// The entry of a data page becomes another, often without a fence.
    void change_page(Program& p) {
        if (changes_ == Tables::fixed) return;
        const auto page = static_cast<unsigned>(dice_.below(data_pages));
        constexpr std::array<std::uint64_t, 6> bits{
            page::rw, page::rw, page::valid | page::read | page::ad, page::rw & ~page::dirty, page::user_rw, 0};
        p.li(t6, entries_ + page * 8);
        p.li(t4, abi::pte::make(data_page(static_cast<unsigned>(dice_.below(memory_pages))) >> page_shift,
                                bits[dice_.below(bits.size())]));
        p.store(Op::sd, t4, 0, t6);
        if (one_in(2) || changes_ == Tables::fenced) p.put(Op::sfence_vma);
        // Soon whole again, else every access faults.
        p.li(t4, abi::pte::make(data_page(page) >> page_shift, page_bits(page)));
        if (!one_in(4))
            access(p), access(p), p.li(t6, entries_ + page * 8),
                p.li(t4, abi::pte::make(data_page(page) >> page_shift, page_bits(page)));
        p.store(Op::sd, t4, 0, t6);
        if (one_in(3) || changes_ == Tables::fenced) p.put(Op::sfence_vma);
    }
    /// Writes an instruction over one that comes soon or came just now.
    void patch(Program& p) {
        const unsigned rd = reg();
        const auto slot = p.label();
        const bool ahead = one_in(2);
        if (!ahead) {
            if (one_in(2)) p.c_nop();
            p.bind(slot), p.i(Op::addi, rd, rd, 1);
        }
        p.la(t6, slot);
        if (one_in(2)) { // by the other address
            p.li(t4, code_alias_va - code_va);
            p.r(Op::add, t6, t6, t4);
        }
        p.li(t4, encode(Op::addi, {rd, rd, 0, static_cast<std::int64_t>(dice_.below(2000))}));
        p.store(Op::sw, t4, 0, t6);
        if (one_in(2)) p.put(Op::fence_i);
        if (one_in(2)) plain(p);
        if (one_in(3)) p.c_nop();
        if (ahead) p.bind(slot), p.i(Op::addi, rd, rd, 2);
    }
    void counter(Program& p) {
        constexpr std::array numbers{csr_no::cycle, csr_no::instret, csr_no::time, csr_no::hpmcounter3};
        p.csrr(reg(), numbers[dice_.below(numbers.size())]);
    }
    void mode(Program& p) {
        p.li(t6, one_in(2) ? status::sum : status::mxr);
        if (one_in(2)) return p.csr(one_in(2) ? Op::csrrs : Op::csrrc, 0, csr_no::sstatus, t6);
        p.li(t6, satp(static_cast<std::uint16_t>(1 + dice_.below(3))));
        p.csrw(csr_no::satp, t6);
    }

    Random dice_;
    unsigned hart_;
    Tables changes_;
    std::array<Program::Label, 3> functions_{};
    std::uint64_t root_ = 0, entries_ = 0;
};

} // namespace tollgate::cpu::test
