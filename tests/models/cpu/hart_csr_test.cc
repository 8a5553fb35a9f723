// Each CSR: who may access it, what it holds after reset, what a write leaves of all ones (Priv §2, §3.1, §4.1).
#include "models/support/trap_bench.hh"

namespace tollgate::cpu::test {
namespace {

struct Expected {
    unsigned number, count;
    std::uint64_t reset, ones; ///< after reset; after all ones were written
};

constexpr std::uint64_t all = ~0ull;

/// Every register but the counters that run, as a hart with everything has them.
const std::vector<Expected> registers{
    {csr_no::fflags, 1, 0, 0x1f},
    {csr_no::frm, 1, 0, 7},
    {csr_no::fcsr, 1, 0, 0xff},
    {csr_no::sstatus, 1, 0x8000'0002'0000'6000, 0x8000'0002'000c'6122},
    {csr_no::sie, 1, 0, 0},   // nothing is delegated
    {csr_no::stvec, 1, 0, 0}, // mode 3 is reserved
    {csr_no::scounteren, 1, 0, 0xffff'ffff},
    {csr_no::senvcfg, 1, 0, 0xf1},
    {csr_no::sscratch, 1, 0, all},
    {csr_no::sepc, 1, 0, all - 1},
    {csr_no::scause, 1, 0, all},
    {csr_no::stval, 1, 0, all},
    {csr_no::sip, 1, 0, 0},
    {csr_no::stimecmp, 1, all, all},
    {csr_no::satp, 1, 0, 0}, // mode 15 is reserved
    {0xf11, 4, 0, 0},        // mvendorid, marchid, mimpid, mhartid
    {0xf15, 1, 0, 0},        // mconfigptr
    {csr_no::mstatus, 1, 0x8000'000a'0000'6000, 0x8000'000a'007e'79aa},
    {csr_no::misa, 1, 0x8000'0000'0014'112d, 0x8000'0000'0014'112d}, // RV64 SU IMAFDC
    {csr_no::medeleg, 1, 0, 0xb3ff},
    {csr_no::mideleg, 1, 0, 0x222},
    {csr_no::mie, 1, 0, 0xaaa},
    {csr_no::mtvec, 1, 0, 0},
    {csr_no::mcounteren, 1, 0, 0xffff'ffff},
    {csr_no::menvcfg, 1, 0, 0xe000'0000'0000'00f1},
    {csr_no::mcountinhibit, 1, 0, 0xffff'fffd},
    {csr_no::mhpmevent3, 29, 0, all},
    {csr_no::mscratch, 1, 0, all},
    {csr_no::mepc, 1, 0, all - 1},
    {csr_no::mcause, 1, 0, all},
    {csr_no::mtval, 1, 0, all},
    {csr_no::mip, 1, 0, 0x222},
    {csr_no::pmpaddr0, 16, 0, (1ull << 54) - 1},
    {csr_no::pmpaddr0 + 16, 48, 0, 0}, // 16 entries; the others are zero
    {csr_no::mhpmcounter3, 29, 0, all},
    {csr_no::hpmcounter3, 29, 0, 0},
};

bool implemented(unsigned n) {
    for (const Expected& e : registers)
        if (n >= e.number && n < e.number + e.count) return true;
    const bool pmpcfg = n >= 0x3a0 && n < 0x3b0 && n % 2 == 0;
    return pmpcfg || n == csr_no::mcycle || n == csr_no::minstret || (n >= csr_no::cycle && n <= csr_no::instret);
}

/// A hart as reset leaves it, with floating point on; a1 holds all ones. Reads number into a0.
struct CsrBench : Bench {
    CsrBench() {
        Program handler{machine_handler};
        finish(handler);
        load(handler);
        hart().poke_csr(csr_no::mtvec, machine_handler);
        hart().poke_csr(csr_no::mstatus, status::fs);
    }
    std::uint64_t read(unsigned number) {
        EXPECT_TRUE(hart().peek_csr(number)) << std::hex << number;
        return hart().peek_csr(number).value_or(0xdead);
    }
};

TEST(HartCsr, HoldsItsResetValueAndWhatItCanOfAllOnes) {
    CsrBench fresh;
    for (const Expected& e : registers)
        for (unsigned n = e.number; n < e.number + e.count; ++n) {
            if (n == csr_no::mtvec) continue;
            EXPECT_EQ(fresh.read(n), e.reset) << std::hex << n;
        }
    for (const Expected& e : registers) {
        if (e.number >= 0xc00) continue; // read-only numbers
        for (unsigned n = e.number; n < e.number + e.count; ++n) {
            CsrBench b;
            b.hart().poke_csr(csr_no::mcountinhibit, all);
            b.hart().poke_csr(csr_no::mtvec, 0);
            EXPECT_TRUE(b.hart().poke_csr(n, all)) << std::hex << n;
            EXPECT_EQ(b.read(n), e.ones) << std::hex << n;
            b.hart().poke_csr(n, 0);
            const std::uint64_t kept = n == csr_no::misa ? e.reset
                                       : n == csr_no::mstatus || n == csr_no::sstatus
                                           ? e.reset & ~(status::fs | status::sd)
                                           : 0;
            EXPECT_EQ(b.read(n), kept) << std::hex << n;
        }
    }
}

TEST(HartCsr, ExistsWhereTheManualSaysAndNowhereElse) {
    CsrBench b;
    for (unsigned n = 0; n < 4096; ++n) {
        // From machine mode, everything that exists can be read.
        TrapBench t;
        if (n % 64 != 0 && csr_row(n) == nullptr) { // what has no row is sampled
            EXPECT_FALSE(implemented(n)) << std::hex << n;
            continue;
        }
        t.change(csr_no::mstatus, status::fs);
        const bool works = t.trap_of(encode(Op::csrrs, {a0, 0, 0, n})).cause == code_of(Exception::breakpoint);
        EXPECT_EQ(works, implemented(n)) << std::hex << n;
    }
}

TEST(HartCsr, TheNumberSaysPrivilegeAndReadOnly) {
    TrapBench t;
    t.change(csr_no::mstatus, status::fs);
    t.poke(csr_no::mcounteren, all), t.poke(csr_no::scounteren, all), t.poke(csr_no::menvcfg, envcfg::stce);
    const std::uint64_t illegal = code_of(Exception::illegal_instruction);
    for (unsigned n = 0; n < 4096; ++n) {
        if (!implemented(n)) continue;
        const auto lowest = static_cast<Privilege>(n >> 8 & 3);
        for (const Privilege p : modes) {
            const std::uint32_t word = encode(Op::csrrs, {a0, 0, 0, n});
            const Trap r = t.trap_of(word, p);
            EXPECT_EQ(r.cause, p < lowest ? illegal : code_of(Exception::breakpoint)) << std::hex << n;
            if (p < lowest) { EXPECT_EQ(r.tval, word); }
        }
        if (n < 0xc00) continue;
        for (const Op op : {Op::csrrw, Op::csrrwi}) EXPECT_EQ(t.trap_of(encode(op, {0, 0, 0, n})).cause, illegal);
        for (const Op op : {Op::csrrs, Op::csrrc, Op::csrrsi, Op::csrrci}) {
            EXPECT_EQ(t.trap_of(encode(op, {a0, a1, 0, n})).cause, illegal) << "it writes, if only what was there";
            EXPECT_NE(t.trap_of(encode(op, {a0, 0, 0, n})).cause, illegal);
        }
    }
}

TEST(HartCsr, SixInstructionsReadAndWrite) {
    TrapBench t;
    t.hart().set_x(a1, 0b1100);
    const auto after = [&](Op op, unsigned rs1) {
        t.poke(csr_no::mscratch, 0b1010);
        t.trap_of(encode(op, {a0, rs1, 0, csr_no::mscratch}));
        EXPECT_EQ(t.x(a0), 0b1010u);
        return t.csr(csr_no::mscratch);
    };
    EXPECT_EQ(after(Op::csrrw, a1), 0b1100u);
    EXPECT_EQ(after(Op::csrrs, a1), 0b1110u);
    EXPECT_EQ(after(Op::csrrc, a1), 0b0010u);
    EXPECT_EQ(after(Op::csrrwi, 0b101), 0b101u);
    EXPECT_EQ(after(Op::csrrsi, 0b101), 0b1111u);
    EXPECT_EQ(after(Op::csrrci, 0b11000), 0b10u);
    EXPECT_EQ(after(Op::csrrw, 0), 0u);
    t.hart().set_x(a0, 5); // the same register twice
    t.poke(csr_no::mscratch, 9);
    t.trap_of(encode(Op::csrrw, {a0, a0, 0, csr_no::mscratch}));
    EXPECT_EQ(t.x(a0), 9u);
    EXPECT_EQ(t.csr(csr_no::mscratch), 5u);
}

TEST(HartCsr, LegalValuesOfFieldsWithFew) {
    TrapBench t;
    for (const std::uint64_t mode : {abi::satp::sv39, abi::satp::sv48, abi::satp::sv57, abi::satp::bare}) {
        t.poke(csr_no::satp, abi::satp::make(mode, 0xffff, 0x123));
        EXPECT_EQ(t.csr(csr_no::satp), abi::satp::make(mode, 0xffff, 0x123));
    }
    t.poke(csr_no::satp, abi::satp::make(11, 1, 1)); // Priv §4.1.11: no effect at all
    EXPECT_EQ(t.csr(csr_no::satp), abi::satp::make(abi::satp::bare, 0xffff, 0x123));
    t.poke(csr_no::mstatus, 1ull << 11);
    t.poke(csr_no::mstatus, 2ull << 11); // no mode 2: stays as it was
    EXPECT_EQ(t.csr(csr_no::mstatus) & status::mpp, 1ull << 11);
    t.poke(csr_no::mtvec, 0x1001), t.poke(csr_no::mtvec, 0x2002);
    EXPECT_EQ(t.csr(csr_no::mtvec), 0x1001u);
    for (const unsigned n : {csr_no::menvcfg, csr_no::senvcfg}) { // CMO §2.5.3: CBIE 2 is reserved
        t.poke(n, 3u << 4 | 0x40), t.poke(n, 2u << 4);
        EXPECT_EQ(t.csr(n), 3u << 4);
    }
    t.poke(csr_no::mideleg, 0x222);
    t.poke(csr_no::sie, all);
    EXPECT_EQ(t.csr(csr_no::sie), 0x222u);
    EXPECT_EQ(t.csr(csr_no::mie), 0x222u);
    t.poke(csr_no::sip, all);
    EXPECT_EQ(t.csr(csr_no::mip), 0x2u) << "only SSIP can be written through sip";
    t.poke(csr_no::mie, all), t.poke(csr_no::sie, 0);
    EXPECT_EQ(t.csr(csr_no::mie), 0xaaau & ~0x222u);
}

TEST(HartCsr, MipKeepsWhatSoftwareWroteApartFromTheLines) {
    TrapBench t;
    t.hart().set_line(abi::Interrupt::supervisor_external, true, Picoseconds{0});
    t.hart().set_x(a1, irq::ssi);
    t.trap_of(encode(Op::csrrs, {a0, a1, 0, csr_no::mip})); // reads SEIP from the line, must not write it
    EXPECT_EQ(t.x(a0), irq::sei);
    t.hart().set_line(abi::Interrupt::supervisor_external, false, Picoseconds{0});
    EXPECT_EQ(t.csr(csr_no::mip), irq::ssi);
    t.poke(csr_no::mip, irq::sei | irq::sti);
    EXPECT_EQ(t.csr(csr_no::mip), irq::sei | irq::sti);
    t.poke(csr_no::menvcfg, envcfg::stce); // Sstc §2.1: STIP is now the comparator's
    EXPECT_EQ(t.csr(csr_no::mip), irq::sei);
    t.poke(csr_no::stimecmp, 0);
    EXPECT_EQ(t.csr(csr_no::mip), irq::sei | irq::sti);
}

TEST(HartCsr, GatesOfCountersTimersAndFloatingPoint) {
    TrapBench t;
    const std::uint64_t illegal = code_of(Exception::illegal_instruction);
    const auto allowed = [&](unsigned n, Privilege p) {
        return t.trap_of(encode(Op::csrrs, {a0, 0, 0, n}), p).cause != illegal;
    };
    for (const unsigned i : {0u, 1u, 2u, 3u, 17u, 31u}) {
        for (const bool m : {false, true})
            for (const bool s : {false, true}) { // Priv §3.1.11, §4.1.5
                t.poke(csr_no::mcounteren, m ? 1ull << i : ~(1ull << i));
                t.poke(csr_no::scounteren, s ? 1ull << i : ~(1ull << i));
                EXPECT_TRUE(allowed(csr_no::cycle + i, Privilege::machine));
                EXPECT_EQ(allowed(csr_no::cycle + i, Privilege::supervisor), m);
                EXPECT_EQ(allowed(csr_no::cycle + i, Privilege::user), m && s);
            }
    }
    for (const bool stce : {false, true})
        for (const bool tm : {false, true}) { // Sstc §2.1
            t.poke(csr_no::menvcfg, stce ? envcfg::stce : 0);
            t.poke(csr_no::mcounteren, tm ? 2 : ~2ull);
            EXPECT_TRUE(allowed(csr_no::stimecmp, Privilege::machine));
            EXPECT_EQ(allowed(csr_no::stimecmp, Privilege::supervisor), stce && tm);
        }
    for (const unsigned n : {csr_no::fflags, csr_no::frm, csr_no::fcsr}) {
        t.change(csr_no::mstatus, 0, status::fs);
        EXPECT_FALSE(allowed(n, Privilege::machine));
        t.change(csr_no::mstatus, 1ull << status::fs_shift);
        EXPECT_TRUE(allowed(n, Privilege::machine));
        EXPECT_EQ(t.csr(csr_no::mstatus) & status::fs, 1ull << status::fs_shift) << "a read keeps it clean";
        t.trap_of(encode(Op::csrrwi, {0, 1, 0, n}));
        EXPECT_EQ(t.csr(csr_no::mstatus) & (status::fs | status::sd), status::fs | status::sd);
    }
}

TEST(HartCsr, WithoutAnExtensionItsRegistersAndBitsAreGone) {
    HartConfig c;
    c.hart.isa = "rv64ima_zicsr_zifencei";
    TrapBench t{c};
    EXPECT_EQ(t.csr(csr_no::misa), 0x8000'0000'0014'1101u);
    t.poke(csr_no::mstatus, status::fs);
    EXPECT_EQ(t.csr(csr_no::mstatus) & status::fs, 0u);
    t.poke(csr_no::menvcfg, all), t.poke(csr_no::senvcfg, all);
    EXPECT_EQ(t.csr(csr_no::menvcfg), 1u);
    EXPECT_EQ(t.csr(csr_no::senvcfg), 1u);
    t.poke(csr_no::mepc, all);
    EXPECT_EQ(t.csr(csr_no::mepc), all - 3);
    for (const unsigned n : {csr_no::stimecmp, csr_no::fcsr, csr_no::cycle, csr_no::time, csr_no::hpmcounter3}) {
        EXPECT_EQ(t.trap_of(encode(Op::csrrs, {a0, 0, 0, n})).cause, code_of(Exception::illegal_instruction)) << n;
    }
    EXPECT_EQ(t.trap_of(encode(Op::csrrs, {a0, 0, 0, csr_no::mcycle})).cause, code_of(Exception::breakpoint));
}

} // namespace
} // namespace tollgate::cpu::test
