/// A hart whose traps into machine mode end the program, for tests of traps and CSRs.
#pragma once
#include "models/support/hart_bench.hh"

namespace tollgate::cpu::test {

using abi::Exception;
using abi::Privilege;

inline constexpr std::uint64_t machine_handler = ram + 0x1000, supervisor_handler = ram + 0x2000,
                               code_at = ram + 0x4000, data_at = ram + 0x1'0000;

/// Numbers of CSRs, Priv §2.2.
namespace csr_no {
inline constexpr unsigned fflags = 0x001, frm = 0x002, fcsr = 0x003, sstatus = 0x100, sie = 0x104, stvec = 0x105,
                          scounteren = 0x106, senvcfg = 0x10a, sscratch = 0x140, sepc = 0x141, scause = 0x142,
                          stval = 0x143, sip = 0x144, stimecmp = 0x14d, satp = 0x180, mstatus = 0x300, misa = 0x301,
                          medeleg = 0x302, mideleg = 0x303, mie = 0x304, mtvec = 0x305, mcounteren = 0x306,
                          menvcfg = 0x30a, mcountinhibit = 0x320, mhpmevent3 = 0x323, mscratch = 0x340, mepc = 0x341,
                          mcause = 0x342, mtval = 0x343, mip = 0x344, pmpcfg0 = 0x3a0, pmpaddr0 = 0x3b0, mcycle = 0xb00,
                          minstret = 0xb02, mhpmcounter3 = 0xb03, cycle = 0xc00, time = 0xc01, instret = 0xc02,
                          hpmcounter3 = 0xc03;
}

struct Trap {
    std::uint64_t cause = ~0ull, epc = 0, tval = 0;
    bool supervisor = false; ///< taken in supervisor mode
    bool operator==(const Trap&) const = default;
    friend std::ostream& operator<<(std::ostream& o, const Trap& t) {
        return o << std::hex << "cause " << t.cause << " epc " << t.epc << " tval " << t.tval
                 << (t.supervisor ? " in S" : " in M");
    }
};

constexpr std::uint64_t code_of(Exception e) { return static_cast<std::uint64_t>(e); }
constexpr std::uint64_t code_of(abi::Interrupt i) { return abi::cause_interrupt_bit | static_cast<std::uint64_t>(i); }

class TrapBench : public Bench {
  public:
    explicit TrapBench(const HartConfig& config = {}, unsigned count = 1) : Bench{config, count} {
        for (const std::uint64_t at : {machine_handler, machine_handler + 0x100}) {
            Program p{at};
            // Vectored interrupts land up to 4 x 11 behind the vector.
            for (unsigned n = 0; n < 16; ++n) p.nop();
            finish(p);
            load(p);
        }
        Program s{supervisor_handler};
        for (unsigned n = 0; n < 16; ++n) s.nop();
        s.put(Op::ecall); // into machine mode, if that is not delegated
        load(s);
        for (unsigned n = 0; n < count; ++n) {
            poke(csr_no::mtvec, machine_handler, n);
            poke(csr_no::stvec, supervisor_handler, n);
            poke(csr_no::pmpaddr0, ~0ull, n);
            poke(csr_no::pmpcfg0, 0x1f, n);
            hart(n).set_pc(code_at);
        }
    }
    void poke(unsigned number, std::uint64_t v, unsigned n = 0) {
        ASSERT_TRUE(hart(n).poke_csr(number, v)) << std::hex << number;
    }
    /// Sets and clears bits.
    void change(unsigned number, std::uint64_t set, std::uint64_t clear = 0) {
        poke(number, (csr(number) & ~clear) | set);
    }

    /// Runs the program from `from` in mode `p` until a trap has ended it; what the trap was.
    Trap trap(Program& program, Privilege p = Privilege::machine) {
        wake();
        load(program);
        hart().set_pc(program.origin());
        hart().set_privilege(p);
        return go();
    }
    Trap go() {
        poke(csr_no::mcause, none), poke(csr_no::scause, none);
        EXPECT_TRUE(run()) << "still running at " << std::hex << hart().pc();
        if (csr(csr_no::scause) != none) return {csr(csr_no::scause), csr(csr_no::sepc), csr(csr_no::stval), true};
        return {csr(csr_no::mcause), csr(csr_no::mepc), csr(csr_no::mtval), false};
    }
    /// The same for one instruction at code_at with these registers.
    Trap trap_of(std::uint32_t word, Privilege p = Privilege::machine) {
        Program program{code_at};
        program.word(word);
        program.put(Op::ebreak);
        return trap(program, p);
    }

  private:
    /// Out of the wfi that ended the last program: an interrupt pends that is enabled but not taken.
    void wake() {
        if (!hart().asleep()) return;
        const std::uint64_t mie = csr(csr_no::mie), mstatus = csr(csr_no::mstatus), mip = csr(csr_no::mip);
        hart().set_privilege(Privilege::machine);
        poke(csr_no::mstatus, mstatus & ~status::mie);
        poke(csr_no::mie, irq::ssi), poke(csr_no::mip, mip | irq::ssi);
        hart().run(Picoseconds{0});
        poke(csr_no::mie, mie), poke(csr_no::mip, mip), poke(csr_no::mstatus, mstatus);
    }
    static constexpr std::uint64_t none = 0x7fff;
};

inline constexpr auto modes = {Privilege::user, Privilege::supervisor, Privilege::machine};

} // namespace tollgate::cpu::test
