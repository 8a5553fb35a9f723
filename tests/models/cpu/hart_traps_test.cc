// Exceptions, their registers, delegation, interrupts and their order, returns (Priv §3.1, §3.3, §4.1).
#include "models/support/trap_bench.hh"

namespace tollgate::cpu::test {
namespace {

using abi::Interrupt;

Trap exception(Exception e, std::uint64_t tval, std::uint64_t epc = code_at) { return {code_of(e), epc, tval, false}; }

TEST(HartTraps, EcallNamesTheModeItComesFrom) {
    TrapBench b;
    const std::uint32_t ecall = encode(Op::ecall, {});
    EXPECT_EQ(b.trap_of(ecall, Privilege::user), exception(Exception::ecall_user, 0));
    EXPECT_EQ(b.csr(csr_no::mstatus) & status::mpp, 0u);
    EXPECT_EQ(b.trap_of(ecall, Privilege::supervisor), exception(Exception::ecall_supervisor, 0));
    EXPECT_EQ(b.csr(csr_no::mstatus) & status::mpp, 1u << 11);
    EXPECT_EQ(b.trap_of(ecall, Privilege::machine), exception(Exception::ecall_machine, 0));
    EXPECT_EQ(b.csr(csr_no::mstatus) & status::mpp, 3u << 11);
    EXPECT_EQ(b.hart().counters().traps, 3u);
}

TEST(HartTraps, EbreakAndIllegalInstructionsReportWhatTheyAre) {
    TrapBench b;
    for (const Privilege p : modes) {
        EXPECT_EQ(b.trap_of(encode(Op::ebreak, {}), p), exception(Exception::breakpoint, 0));
        EXPECT_EQ(b.trap_of(0xffffffff, p), exception(Exception::illegal_instruction, 0xffffffff));
    }
    Program p{code_at};
    p.c_nop();
    p.half(0x8000); // a reserved compressed encoding; its bits alone are reported
    EXPECT_EQ(b.trap(p), exception(Exception::illegal_instruction, 0x8000, code_at + 2));
    Program q{code_at};
    q.half(0x9002); // c.ebreak
    EXPECT_EQ(b.trap(q), exception(Exception::breakpoint, 0));
}

TEST(HartTraps, AccessFaultsWhereTheBusRefuses) {
    TrapBench b;
    b.hart().set_x(a0, nothing);
    EXPECT_EQ(b.trap_of(encode(Op::ld, {a1, a0, 0, 8})), exception(Exception::load_access_fault, nothing + 8));
    EXPECT_EQ(b.trap_of(encode(Op::sd, {0, a0, a1, 8})), exception(Exception::store_access_fault, nothing + 8));
    EXPECT_EQ(b.trap_of(encode(Op::amoadd_d, {a1, a0, a2})), exception(Exception::store_access_fault, nothing));
    EXPECT_EQ(b.trap_of(encode(Op::lr_d, {a1, a0})), exception(Exception::load_access_fault, nothing));
    EXPECT_EQ(b.trap_of(encode(Op::cbo_zero, {0, a0})), exception(Exception::store_access_fault, nothing));
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {0, a0})), exception(Exception::fetch_access_fault, nothing, nothing));
    b.hart().set_x(a0, data_at + 1);
    EXPECT_EQ(b.trap_of(encode(Op::lr_w, {a1, a0})), exception(Exception::load_misaligned, data_at + 1));
    EXPECT_EQ(b.trap_of(encode(Op::sc_w, {a1, a0, a2})), exception(Exception::store_misaligned, data_at + 1));
    EXPECT_EQ(b.trap_of(encode(Op::amoswap_d, {a1, a0, a2})), exception(Exception::store_misaligned, data_at + 1));
}

TEST(HartTraps, PageFaultsOfEveryKind) {
    TrapBench b;
    PageTables tables{b.memory()};
    tables.map(code_at, code_at, page::rwx);
    tables.map(0x5000, data_at, page::valid | page::read | page::ad);
    b.poke(csr_no::satp, tables.satp());
    const auto s = Privilege::supervisor;
    b.hart().set_x(a0, 0x5000), b.hart().set_x(a1, 0x7000);
    EXPECT_EQ(b.trap_of(encode(Op::ld, {a2, a1, 0, 0}), s), exception(Exception::load_page_fault, 0x7000));
    EXPECT_EQ(b.trap_of(encode(Op::sd, {0, a0, a2, 16}), s), exception(Exception::store_page_fault, 0x5010));
    EXPECT_EQ(b.trap_of(encode(Op::amoadd_w, {a2, a0, a2}), s), exception(Exception::store_page_fault, 0x5000));
    EXPECT_EQ(b.trap_of(encode(Op::lr_w, {a2, a1}), s), exception(Exception::load_page_fault, 0x7000));
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {0, a1}), s), exception(Exception::fetch_page_fault, 0x7000, 0x7000));
    EXPECT_EQ(b.trap_of(encode(Op::jalr, {0, a0}), s), exception(Exception::fetch_page_fault, 0x5000, 0x5000));
    EXPECT_EQ(b.trap_of(encode(Op::ld, {a2, a0, 0, 0}), s).cause, code_of(Exception::breakpoint)); // the one behind it
    EXPECT_EQ(b.trap_of(encode(Op::addi, {}), Privilege::user), exception(Exception::fetch_page_fault, code_at));
}

TEST(HartTraps, AFailedInstructionChangesNothing) {
    TrapBench b;
    b.hart().set_x(a0, nothing), b.hart().set_x(a1, 77);
    b.trap_of(encode(Op::ld, {a1, a0, 0, 0}));
    EXPECT_EQ(b.x(a1), 77u);
    const std::uint64_t before = b.hart().counters().loads;
    b.trap_of(encode(Op::ld, {a0, a0, 0, 0}));
    EXPECT_EQ(b.x(a0), nothing);
    EXPECT_EQ(b.hart().counters().loads, before);
}

TEST(HartTraps, DelegationSendsExceptionsOfLowerModesToS) {
    TrapBench b;
    for (unsigned cause = 0; cause < 16; ++cause) {
        b.poke(csr_no::medeleg, 1u << cause);
        EXPECT_EQ(b.csr(csr_no::medeleg), 0xb3ffu & 1u << cause); // Priv §3.1.8: 10, 11 and 14 cannot be
    }
    b.poke(csr_no::medeleg, 1u << code_of(Exception::breakpoint) | 1u << code_of(Exception::ecall_user));
    const auto word = encode(Op::ebreak, {});
    b.change(csr_no::mstatus, status::sie);
    EXPECT_EQ(b.trap_of(word, Privilege::user), (Trap{code_of(Exception::breakpoint), code_at, 0, true}));
    // The supervisor's handler ended with an ecall of its own.
    EXPECT_EQ(b.csr(csr_no::mcause), code_of(Exception::ecall_supervisor));
    EXPECT_EQ(b.csr(csr_no::sstatus) & (status::spp | status::sie | status::spie), status::spie);
    EXPECT_TRUE(b.trap_of(word, Privilege::supervisor).supervisor);
    EXPECT_EQ(b.csr(csr_no::sstatus) & (status::spp | status::sie | status::spie), status::spp);
    EXPECT_FALSE(b.trap_of(word, Privilege::machine).supervisor);
    EXPECT_FALSE(b.trap_of(0, Privilege::user).supervisor);
}

TEST(HartTraps, InterruptsVectorAndExceptionsDoNot) {
    TrapBench b;
    b.poke(csr_no::mtvec, machine_handler | 1);
    EXPECT_EQ(b.trap_of(encode(Op::ebreak, {})).cause, code_of(Exception::breakpoint));
    const auto at_handler = [&] { // two instructions before the end of finish(): 16 nops, csrrwi, wfi
        return b.hart().pc() == machine_handler + 16 * 4 + 8;
    };
    EXPECT_TRUE(at_handler());
    const std::uint64_t all = b.hart().counters().instructions;
    b.trap_of(encode(Op::ebreak, {}));
    const std::uint64_t direct = b.hart().counters().instructions - all;
    b.poke(csr_no::mie, irq::mti);
    b.change(csr_no::mstatus, status::mie);
    b.hart().set_line(Interrupt::machine_timer, true, b.hart().now());
    const std::uint64_t then = b.hart().counters().instructions;
    EXPECT_EQ(b.trap_of(encode(Op::addi, {})), (Trap{code_of(Interrupt::machine_timer), code_at, 0, false}));
    EXPECT_EQ(b.hart().counters().instructions - then, direct - 7); // 4 x 7 bytes further in
}

TEST(HartTraps, InterruptsComeInTheOrderOfPriority) {
    // Priv §3.1.9: MEI, MSI, MTI, SEI, SSI, STI.
    const std::array order{Interrupt::machine_external,    Interrupt::machine_software,    Interrupt::machine_timer,
                           Interrupt::supervisor_external, Interrupt::supervisor_software, Interrupt::supervisor_timer};
    for (std::size_t first = 0; first < order.size(); ++first) {
        TrapBench b;
        for (std::size_t i = first; i < order.size(); ++i) b.hart().set_line(order[i], true, Picoseconds{0});
        b.poke(csr_no::mie, irq::all);
        EXPECT_EQ(b.trap_of(encode(Op::addi, {})).cause, code_of(Exception::breakpoint)) << "MIE is clear";
        b.poke(csr_no::mie, irq::all);
        b.change(csr_no::mstatus, status::mie);
        EXPECT_EQ(b.trap_of(encode(Op::addi, {})).cause, code_of(order[first]));
        EXPECT_EQ(b.csr(csr_no::mstatus) & (status::mie | status::mpie), status::mpie);
        // Below machine mode MIE does not matter.
        b.poke(csr_no::mie, irq::all);
        b.change(csr_no::mstatus, 0, status::mie);
        EXPECT_EQ(b.trap_of(encode(Op::addi, {}), Privilege::user).cause, code_of(order[first]));
        EXPECT_EQ(b.hart().counters().interrupts, 2u);
    }
}

TEST(HartTraps, DelegatedInterruptsObeySie) {
    TrapBench b;
    b.hart().set_line(Interrupt::supervisor_external, true, Picoseconds{0});
    b.poke(csr_no::mideleg, irq::supervisor);
    const auto nop = encode(Op::addi, {});
    const auto arm = [&](bool sie) {
        b.poke(csr_no::mie, irq::all);
        b.change(csr_no::mstatus, status::mie | (sie ? status::sie : 0), status::sie);
    };
    arm(true);
    EXPECT_EQ(b.trap_of(nop).cause, code_of(Exception::breakpoint)) << "never in machine mode";
    arm(false);
    EXPECT_EQ(b.trap_of(nop, Privilege::supervisor).cause, code_of(Exception::breakpoint));
    arm(true);
    EXPECT_EQ(b.trap_of(nop, Privilege::supervisor), (Trap{code_of(Interrupt::supervisor_external), code_at, 0, true}));
    arm(false);
    EXPECT_EQ(b.trap_of(nop, Privilege::user), (Trap{code_of(Interrupt::supervisor_external), code_at, 0, true}));
    // A machine interrupt goes first, whatever is delegated.
    b.hart().set_line(Interrupt::machine_timer, true, Picoseconds{0});
    arm(true);
    EXPECT_EQ(b.trap_of(nop, Privilege::supervisor).cause, code_of(Interrupt::machine_timer));
}

TEST(HartTraps, ReturnsRestoreTheStack) {
    for (const Privilege to : modes)
        for (const bool enabled : {false, true}) {
            TrapBench b;
            b.poke(csr_no::mepc, code_at + 0x100);
            b.poke(csr_no::mstatus, static_cast<std::uint64_t>(to) << 11 | (enabled ? status::mpie : 0) | status::mprv);
            Program target{code_at + 0x100};
            target.put(Op::ecall);
            b.load(target);
            const Trap t = b.trap_of(encode(Op::mret, {}));
            EXPECT_EQ(t.epc, code_at + 0x100);
            EXPECT_EQ(t.cause, to == Privilege::machine ? 11 : 8 + static_cast<std::uint64_t>(to));
            const std::uint64_t m = b.csr(csr_no::mstatus);
            EXPECT_EQ(m & status::mpie, enabled ? status::mpie : 0) << "the trap kept what mret had enabled";
            EXPECT_EQ(m & status::mprv, to == Privilege::machine ? status::mprv : 0); // Priv §3.1.6.3
        }
    for (const Privilege from : {Privilege::supervisor, Privilege::machine})
        for (const bool to_s : {false, true}) {
            TrapBench b;
            b.poke(csr_no::sepc, code_at + 0x100);
            b.poke(csr_no::mstatus, (to_s ? status::spp : 0) | status::spie | status::mprv | status::mpp);
            Program target{code_at + 0x100};
            target.put(Op::ecall);
            b.load(target);
            EXPECT_EQ(b.trap_of(encode(Op::sret, {}), from).cause, to_s ? 9u : 8u);
            EXPECT_EQ(b.csr(csr_no::mstatus) & (status::sie | status::spie | status::spp | status::mprv),
                      status::sie | status::spie);
        }
}

TEST(HartTraps, ReturnsFencesAndWfiWherePrivilegeForbidsThem) {
    struct Case {
        Op op;
        std::uint64_t control; ///< the bit of mstatus that takes it from the supervisor
        bool user;
    };
    for (const Case& c :
         {Case{Op::mret, 0, false}, Case{Op::sret, status::tsr, false}, Case{Op::wfi, status::tw, false},
          Case{Op::sfence_vma, status::tvm, false}, Case{Op::sinval_vma, status::tvm, false},
          Case{Op::sfence_w_inval, 0, false}, Case{Op::sfence_inval_ir, 0, false}}) {
        const std::uint32_t word = encode(c.op, {0, a0, a1, 0});
        TrapBench b;
        EXPECT_EQ(b.trap_of(word, Privilege::user), exception(Exception::illegal_instruction, word));
        if (c.op == Op::mret) {
            EXPECT_EQ(b.trap_of(word, Privilege::supervisor), exception(Exception::illegal_instruction, word));
        }
        if (c.control == 0) continue;
        b.change(csr_no::mstatus, c.control);
        EXPECT_EQ(b.trap_of(word, Privilege::supervisor), exception(Exception::illegal_instruction, word));
        b.change(csr_no::mstatus, 0, c.control);
        b.change(csr_no::mstatus, status::spp);
        b.poke(csr_no::sepc, code_at + 4), b.poke(csr_no::mip, irq::ssi), b.poke(csr_no::mie, irq::ssi);
        b.poke(csr_no::mideleg, irq::ssi); // wakes wfi, but SIE is clear
        EXPECT_EQ(b.trap_of(word, Privilege::supervisor), exception(Exception::breakpoint, 0, code_at + 4));
    }
    TrapBench b;
    b.change(csr_no::mstatus, status::tvm);
    for (const auto op : {Op::csrrs, Op::csrrw})
        EXPECT_EQ(b.trap_of(encode(op, {a0, 0, 0, csr_no::satp}), Privilege::supervisor).cause,
                  code_of(Exception::illegal_instruction));
    EXPECT_EQ(b.trap_of(encode(Op::csrrs, {a0, 0, 0, csr_no::satp})).cause, code_of(Exception::breakpoint));
}

TEST(HartTraps, WfiSleepsUntilAnEnabledInterruptIsPending) {
    TrapBench b;
    Program p{code_at};
    p.put(Op::wfi);
    p.li(a0, 1);
    p.put(Op::ebreak);
    b.load(p);
    b.poke(csr_no::mie, irq::mti);
    EXPECT_TRUE(b.run());
    EXPECT_TRUE(b.hart().asleep());
    EXPECT_EQ(b.hart().pc(), code_at + 4);
    b.hart().set_line(Interrupt::machine_software, true, 1_us); // not enabled
    EXPECT_FALSE(b.hart().can_wake());
    b.hart().set_line(Interrupt::machine_timer, true, 2_us);
    EXPECT_TRUE(b.hart().can_wake());
    b.hart().sleep_until(2_us);
    EXPECT_EQ(b.hart().now(), 2_us);
    // MIE is clear: it wakes and goes on behind the wfi (Priv §3.3.3).
    EXPECT_EQ(b.go(), exception(Exception::breakpoint, 0, code_at + 8));
    EXPECT_EQ(b.x(a0), 1u);
    EXPECT_GT(b.hart().slots_by_cause()[static_cast<std::size_t>(Cause::asleep)], 7900u); // 2 us x 2 GHz x 2
}

TEST(HartTraps, SupervisorTimerInterruptsAtItsTime) {
    TrapBench b;
    b.poke(csr_no::menvcfg, envcfg::stce);
    b.poke(csr_no::stimecmp, 50); // of 100 ns each
    b.poke(csr_no::mideleg, irq::sti);
    b.poke(csr_no::mie, irq::sti);
    b.change(csr_no::mstatus, status::sie);
    Program p{code_at};
    const auto loop = p.bound();
    p.i(Op::addi, a0, a0, 1);
    p.j(loop);
    b.load(p);
    b.hart().set_privilege(Privilege::supervisor);
    EXPECT_FALSE(b.run(100_ns, 4999_ns));
    EXPECT_EQ(b.hart().counters().interrupts, 0u);
    EXPECT_EQ(b.csr(csr_no::mip), 0u);
    b.poke(csr_no::scause, 0);
    EXPECT_FALSE(b.run(100_ns, 5010_ns));
    EXPECT_EQ(b.csr(csr_no::scause), code_of(Interrupt::supervisor_timer));
    EXPECT_EQ(b.csr(csr_no::mip), irq::sti);
    EXPECT_EQ(b.hart().counters().interrupts, 1u);
    b.poke(csr_no::stimecmp, ~0ull);
    EXPECT_EQ(b.csr(csr_no::mip), 0u);
}

} // namespace
} // namespace tollgate::cpu::test
