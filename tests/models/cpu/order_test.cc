// Order among harts: what one writes another never sees too early, atomics are exact, and results hardly depend on the
// quantum. Harts run by HartScheduler's rule.
#include "models/support/trap_bench.hh"
#include <cmath>

namespace tollgate::cpu::test {
namespace {

constexpr std::uint64_t shared = ram + 0x10'0000;  ///< lock, flags; one line each
constexpr std::uint64_t results = ram + 0x20'0000; ///< per hart a page

/// Harts that run one program each from a common start; s0 = shared, s1 = results of the hart, a0 = its number.
class Crowd {
  public:
    explicit Crowd(unsigned harts, HartConfig config = {}) : bench{config, harts}, harts_{harts} {
        bench.world.mtime_period = 1_ns;
    }
    Bench bench;

    template <class F> void each(F&& write) {
        for (unsigned n = 0; n < harts_; ++n) {
            Program p{ram + 0x1'0000 * (n + 1)};
            p.li(s0, shared), p.li(s1, results + n * page_bytes), p.li(a0, n);
            write(p, n);
            finish(p);
            bench.load(p);
            bench.hart(n).set_pc(p.origin());
        }
    }
    /// When the last hart went to sleep.
    Picoseconds run(Picoseconds quantum) {
        EXPECT_TRUE(bench.run(quantum)) << "not at its end after 100 ms";
        Picoseconds t{};
        for (unsigned n = 0; n < harts_; ++n) t = std::max(t, bench.hart(n).now());
        return t;
    }
    std::uint64_t result(unsigned hart, unsigned word = 0) {
        return bench.memory().read(results + hart * page_bytes + 8 * word);
    }
    std::uint64_t sum(unsigned word = 0) {
        std::uint64_t s = 0;
        for (unsigned n = 0; n < harts_; ++n) s += result(n, word);
        return s;
    }

  private:
    unsigned harts_;
};

/// Passes time: `cycles` turns of a loop of one cycle; t0 is lost.
void delay(Program& p, std::uint64_t turns) {
    p.li(t0, turns);
    const auto loop = p.bound();
    p.i(Op::addi, t0, t0, -1);
    p.branch(Op::bne, t0, 0, loop);
}
/// Spins until the lock at offset(s0) is taken; t1, t2 are lost.
void lock(Program& p, std::int64_t at = 0) {
    const auto again = p.bound(), spin = p.label(), taken = p.label();
    p.li(t1, 1);
    p.i(Op::addi, t2, s0, at);
    p.amo(Op::amoswap_w, t1, t1, t2);
    p.branch(Op::beq, t1, 0, taken);
    p.bind(spin);
    p.load(Op::lw, t1, at, s0);
    p.branch(Op::bne, t1, 0, spin);
    p.j(again);
    p.bind(taken);
}
void unlock(Program& p, std::int64_t at = 0) {
    p.put(Op::fence, {0, 0, 0, 0xff});
    p.store(Op::sw, 0, at, s0);
}

constexpr std::array quanta{1_ns, 10_ns, 100_ns, 1_us, 10_us};

TEST(Order, AFlagIsNeverSeenBeforeItWasWritten) {
    for (const Picoseconds quantum : quanta)
        for (const unsigned harts : {2u, 4u}) {
            Crowd c{harts};
            c.each([](Program& p, unsigned n) {
                for (unsigned round = 1; round <= 40; ++round) {
                    // Hart 0 writes its cycle into a new line and one that is used again; the others poll both.
                    if (n == 0) {
                        delay(p, 1 + round * 37 % 400);
                        p.csrr(a1, csr_no::mcycle);
                        p.store(Op::sd, a1, 64 * (round % 8), s0);
                        p.i(Op::addi, s0, s0, 512);
                    } else {
                        if (round % 3 == n % 3) delay(p, 1 + round * 53 % 700);
                        const auto poll = p.bound();
                        p.load(Op::ld, a1, 64 * (round % 8), s0);
                        p.branch(Op::beq, a1, 0, poll);
                        p.i(Op::addi, a2, a1, 0); // waits for the value
                        p.csrr(a3, csr_no::mcycle);
                        p.r(Op::sltu, a4, a3, a2);
                        p.r(Op::add, s2, s2, a4);
                        p.i(Op::addi, s0, s0, 512);
                    }
                }
                p.store(Op::sd, s2, 0, s1);
                p.li(a5, 1);
                p.store(Op::sd, a5, 8, s1);
            });
            c.run(quantum);
            EXPECT_EQ(c.sum(0), 0u) << "seen too early, quantum " << quantum.count();
            EXPECT_EQ(c.sum(1), harts);
        }
}

TEST(Order, AtomicsCountExactly) {
    for (const bool timed : {true, false})
        for (const Picoseconds quantum : quanta) {
            if (!timed && quantum < 100_ns) continue; // a pair must fit into a turn of functional mode
            HartConfig config;
            config.timed = timed;
            Crowd c{4, config};
            c.each([](Program& p, unsigned n) {
                p.li(s3, 300);
                p.i(Op::addi, s4, s0, 64);
                p.li(a1, 1);
                const auto loop = p.bound();
                p.amo(Op::amoadd_d, 0, a1, s0);
                const auto retry = p.bound();
                p.amo(Op::lr_d, a2, 0, s4);
                p.i(Op::addi, a2, a2, 1);
                p.amo(Op::sc_d, a3, a2, s4);
                p.branch(Op::bne, a3, 0, retry);
                p.amo(Op::amomaxu_d, 0, a2, s4); // changes nothing but takes the line
                if (n % 2 == 1) delay(p, 7);
                p.i(Op::addi, s3, s3, -1);
                p.branch(Op::bne, s3, 0, loop);
            });
            c.run(quantum);
            EXPECT_EQ(c.bench.memory().read(shared), 1200u) << "timed " << timed << " quantum " << quantum.count();
            EXPECT_EQ(c.bench.memory().read(shared + 64), 1200u) << "timed " << timed << " quantum " << quantum.count();
        }
}

TEST(Order, AStoreOfAnotherHartEndsTheReservation) {
    for (const bool other_writes : {false, true}) {
        Crowd c{2};
        c.each([&](Program& p, unsigned n) {
            if (n == 0) {
                p.amo(Op::lr_d, a1, 0, s0);
                delay(p, 500);
                p.amo(Op::sc_d, a2, a0, s0);
                p.store(Op::sd, a2, 0, s1);
            } else {
                delay(p, 100);
                p.load(Op::ld, a1, 0, s0); // reading is no reason
                if (other_writes)
                    p.store(Op::sb, a0, 63, s0); // the same line
                else
                    p.store(Op::sb, a0, 64, s0);
            }
        });
        c.run(100_ns);
        EXPECT_EQ(c.result(0), other_writes ? 1u : 0u);
    }
}

// ---- the same results whatever the quantum

/// Each hart takes the lock, adds one to a counter without atomics, leaves, works.
void lock_program(Crowd& c, unsigned rounds) {
    c.each([=](Program& p, unsigned n) {
        p.li(s3, rounds);
        const auto loop = p.bound();
        lock(p);
        p.load(Op::ld, a1, 64, s0);
        p.i(Op::addi, a1, a1, 1);
        delay(p, 20);
        p.store(Op::sd, a1, 64, s0);
        p.csrr(a2, csr_no::time); // no time before that of the holder before
        p.load(Op::ld, a3, 128, s0);
        p.r(Op::sltu, a4, a2, a3);
        p.r(Op::add, s4, s4, a4);
        p.store(Op::sd, a2, 128, s0);
        unlock(p);
        delay(p, 30 + 13 * n);
        p.i(Op::addi, s3, s3, -1);
        p.branch(Op::bne, s3, 0, loop);
        p.store(Op::sd, s4, 0, s1);
    });
}
/// Hart 0 fills a ring of 8 lines, hart 1 empties it; both work on each item.
void ring_program(Crowd& c, unsigned items) {
    c.each([=](Program& p, unsigned n) {
        p.li(s3, items);
        p.li(s4, 0); // items so far
        const auto loop = p.bound();
        const std::int64_t mine = n == 0 ? 0 : 64, theirs = n == 0 ? 64 : 0; // counts written, read
        const auto wait = p.bound();
        p.load(Op::ld, a1, theirs, s0);
        p.r(Op::sub, a2, n == 0 ? s4 : a1, n == 0 ? a1 : s4); // items in the ring
        p.i(Op::sltiu, a3, a2, n == 0 ? 8 : 1);
        p.branch(n == 0 ? Op::beq : Op::bne, a3, 0, wait);
        p.i(Op::andi, a4, s4, 7);
        p.i(Op::slli, a4, a4, 6);
        p.r(Op::add, a4, a4, s0);
        if (n == 0) {
            delay(p, 25);
            p.store(Op::sd, s4, 512, a4);
        } else {
            p.load(Op::ld, a5, 512, a4);
            p.r(Op::xor_, a5, a5, s4);
            p.r(Op::sltu, a5, 0, a5);
            p.r(Op::add, s5, s5, a5); // wrong items
            delay(p, 31);
        }
        p.i(Op::addi, s4, s4, 1);
        p.put(Op::fence, {0, 0, 0, 0xff});
        p.store(Op::sd, s4, mine, s0);
        p.branch(Op::bne, s4, s3, loop);
        p.store(Op::sd, s5, 0, s1);
    });
}
/// Two harts wake each other by interrupts, taken at the wfi.
void ping_program(Crowd& c, unsigned rounds) {
    c.each([=](Program& p, unsigned n) {
        p.li(s3, rounds);
        p.li(s4, ipi);
        p.li(a1, 1);
        p.csr_set_to(csr_no::mie, irq::msi);
        const auto loop = p.bound(), sleep = p.label(), end = p.label();
        if (n == 0) p.store(Op::sw, a1, 4, s4);
        p.bind(sleep);
        p.csrr(a2, csr_no::mip);
        p.i(Op::andi, a2, a2, irq::msi);
        const auto awake = p.label();
        p.branch(Op::bne, a2, 0, awake);
        p.put(Op::wfi);
        p.j(sleep);
        p.bind(awake);
        p.store(Op::sw, 0, 4 * n, s4);
        delay(p, 40);
        if (n == 1) p.store(Op::sw, a1, 0, s4);
        p.i(Op::addi, s3, s3, -1);
        p.branch(Op::bne, s3, 0, loop);
        p.bind(end);
        p.store(Op::sd, s3, 0, s1);
    });
}
/// All add to one word by LR and SC.
void reserve_program(Crowd& c, unsigned rounds) {
    c.each([=](Program& p, unsigned n) {
        p.li(s3, rounds);
        const auto retry = p.bound();
        p.amo(Op::lr_d, a2, 0, s0);
        p.i(Op::addi, a2, a2, 1);
        p.amo(Op::sc_d, a3, a2, s0);
        p.branch(Op::bne, a3, 0, retry);
        delay(p, 10 + 3 * n);
        p.i(Op::addi, s3, s3, -1);
        p.branch(Op::bne, s3, 0, retry);
    });
}

struct Scene {
    const char* name;
    unsigned harts, rounds;
    void (*write)(Crowd&, unsigned);
};
constexpr std::array scenes{Scene{"lock, 2 harts", 2, 400, lock_program}, Scene{"lock, 4 harts", 4, 400, lock_program},
                            Scene{"ring", 2, 1000, ring_program}, Scene{"ping", 2, 400, ping_program},
                            Scene{"lr/sc, 4 harts", 4, 600, reserve_program}};

TEST(Order, TheQuantumMovesResultsByLessThanTwoPercent) {
    for (const Scene& scene : scenes) {
        double reference = 0;
        for (const Picoseconds quantum : quanta) {
            Crowd c{scene.harts};
            scene.write(c, scene.rounds);
            const auto t = static_cast<double>(c.run(quantum).count());
            if (quantum == 1_ns) reference = t;
            const double off = std::abs(t / reference - 1);
            std::printf("%-16s quantum %6lu ns: %9.1f us, %+.2f %%\n", scene.name, quantum.count() / 1000, t / 1e6,
                        100 * (t / reference - 1));
            if (quantum <= 100_ns) { EXPECT_LT(off, 0.02) << scene.name << ", quantum " << quantum.count(); }
            EXPECT_EQ(c.sum(), 0u) << scene.name; // errors that the program found
        }
    }
}

TEST(Order, LocksCountExactlyAndTimeNeverRunsBackwards) {
    for (const Picoseconds quantum : quanta) {
        Crowd c{4};
        lock_program(c, 150);
        c.run(quantum);
        EXPECT_EQ(c.bench.memory().read(shared + 64), 600u);
        EXPECT_EQ(c.sum(), 0u) << "time ran backwards, quantum " << quantum.count();
    }
}

/// Until all together had the lock 800 times; what each hart had.
template <class Take, class Leave> std::array<std::uint64_t, 4> shares(Picoseconds quantum, Take take, Leave leave) {
    Crowd c{4};
    c.each([&](Program& p, unsigned) {
        const auto loop = p.bound();
        take(p);
        p.load(Op::ld, a1, 64, s0);
        p.i(Op::addi, a1, a1, 1);
        p.store(Op::sd, a1, 64, s0);
        p.i(Op::addi, s3, s3, 1);
        leave(p);
        delay(p, 60);
        p.i(Op::sltiu, a2, a1, 800);
        p.branch(Op::bne, a2, 0, loop);
        p.store(Op::sd, s3, 0, s1);
    });
    c.run(quantum);
    EXPECT_GE(c.bench.memory().read(shared + 64), 800u);
    return {c.result(0), c.result(1), c.result(2), c.result(3)};
}

TEST(Order, NobodyStarvesAtALock) {
    for (const Picoseconds quantum : {1_ns, 100_ns}) {
        // Who leaves works a little before it comes back; a lock taken by swapping promises no more than that.
        for (const std::uint64_t n : shares(
                 quantum, [](Program& p) { lock(p); }, [](Program& p) { unlock(p); }))
            EXPECT_GT(n, 100u) << "half of a fair share, quantum " << quantum.count();
        // Tickets are served in turn.
        const auto ticket = [](Program& p) {
            p.li(t1, 1);
            p.i(Op::addi, t2, s0, 192);
            p.amo(Op::amoadd_d, s2, t1, t2);
            const auto spin = p.bound();
            p.load(Op::ld, t1, 256, s0);
            p.branch(Op::bne, t1, s2, spin);
        };
        const auto next = [](Program& p) {
            p.i(Op::addi, s2, s2, 1);
            p.store(Op::sd, s2, 256, s0);
        };
        for (const std::uint64_t n : shares(quantum, ticket, next)) EXPECT_NEAR(static_cast<double>(n), 200, 8);
    }
}

} // namespace
} // namespace tollgate::cpu::test
