// Harts as a target: where they stop, what is seen and changed there, and that time does not notice.
#include "gdb/hart_debugger.hh"
#include "gdb/registers.hh"
#include "platform/gdb/bare_machine.hh"
#include <gtest/gtest.h>

namespace {

using namespace tollgate;
using namespace tollgate::gdb_test;
using namespace tollgate::gdb;
using namespace tollgate::gdb_test::code;
using Kind = Action::Kind;

constexpr std::uint64_t base = BareMachine::base, data = base + 0x10000, handler = base + 0x1000;
constexpr unsigned mstatus = 0x300, mie = 0x304, mtvec = 0x305, menvcfg = 0x30a, mcause = 0x342, satp = 0x180,
                   stimecmp = 0x14d, pmpcfg0 = 0x3a0, pmpaddr0 = 0x3b0;
constexpr Picoseconds long_time{20'000'000};

/// A loop of arithmetic, loads, stores and jumps over several lines; the handler counts timer interrupts in x6.
void load_loop(BareMachine& m) {
    std::vector<std::uint32_t> loop;
    for (int i = 0; i < 3; ++i) {
        loop.insert(loop.end(), {ld(7, 10, 0), addi(7, 7, 1), sd(7, 10, 0), mul(8, 7, 7), add(9, 9, 8), ld(11, 10, 64),
                                 addi(12, 12, 3), div(13, 9, 12), addi(14, 14, 1), sd(14, 10, 128), add(15, 15, 13)});
        loop.push_back(jal(0, 4));
    }
    loop.push_back(jal(0, -static_cast<int>(4 * loop.size())));
    m.put(base, loop);
    m.put(handler, {addi(6, 6, 1), csrr(5, stimecmp), addi(5, 5, 17), csrw(stimecmp, 5), mret});
    for (cpu::Hart* h : m.harts()) {
        h->set_x(10, data);
        h->poke_csr(menvcfg, 1ull << 63); // STCE
        h->poke_csr(mtvec, handler);
        h->poke_csr(stimecmp, 11 + h->number());
        h->poke_csr(mie, 1u << 5);
        h->poke_csr(mstatus, 1u << 3);
    }
}

/// All that a run leaves behind.
std::vector<std::uint64_t> outcome(BareMachine& m) {
    std::vector<std::uint64_t> r;
    for (cpu::Hart* h : m.harts()) {
        r.push_back(h->pc());
        r.push_back(h->now().count());
        for (unsigned i = 0; i < 32; ++i) r.push_back(h->x(i));
        const cpu::HartCounters n = h->counters();
        for_each_field<cpu::HartCounters>([&](const auto& d) { r.push_back(n.*(d.member)); });
        for (const std::uint64_t slots : h->slots_by_cause()) r.push_back(slots);
    }
    for (int i = 0; i < 3; ++i) r.push_back(m.word(data + 64 * static_cast<std::uint64_t>(i)));
    return r;
}

class HartDebuggerTest : public testing::Test {
  protected:
    void start(unsigned harts, bool timed = true) {
        machine = std::make_unique<BareMachine>(harts, timed);
        debugger = std::make_unique<HartDebugger>(
            machine->harts(), HartDebugger::Surroundings{[] { return std::string{"a.x 1\nb.y 2\n"}; }, [] {}});
    }
    void go(Kind kind = Kind::go, std::uint64_t begin = 0, std::uint64_t end = 0) {
        debugger->resume(std::vector<Action>(machine->harts().size(), Action{kind, begin, end}));
    }
    /// Runs to the next stop.
    std::optional<gdb::Stop> next(Picoseconds end = long_time) {
        std::optional<gdb::Stop> r;
        machine->run(end, [&](unsigned) {
            r = debugger->take_stop();
            return false;
        });
        return r;
    }
    std::string say(std::string_view command) { return debugger->monitor(1, command); }
    void breakpoint(std::uint64_t at) { debugger->insert({Point::Kind::software, at, 0}); }

    std::unique_ptr<BareMachine> machine;
    std::unique_ptr<HartDebugger> debugger;
};

/// How a run is watched.
enum class Watch { nobody, looks, steps, now_and_then };

std::vector<std::uint64_t> run(unsigned harts, bool timed, Watch how, int& stops) {
    BareMachine m{harts, timed};
    HartDebugger d{m.harts(), {}};
    load_loop(m);
    stops = 0;
    const auto all = [&](Kind kind) { d.resume(std::vector<Action>(harts, Action{kind, 0, 0})); };
    if (how == Watch::looks) d.insert({Point::Kind::software, 4, 0});
    if (how == Watch::now_and_then)
        d.insert({Point::Kind::write, data + 64, 8}), d.insert({Point::Kind::write, data + 128, 8});
    all(how == Watch::steps ? Kind::step : Kind::go);
    m.run(long_time, [&](unsigned) {
        ++stops;
        d.take_stop();
        if (how == Watch::now_and_then) {
            // Every third time the harts run on alone, from the middle of a block.
            if (stops % 3 == 0)
                d.release();
            else
                d.insert({Point::Kind::write, data + 128, 8});
            if (stops < 100 || stops % 3 != 0) all(stops % 2 != 0 ? Kind::step : Kind::go);
        } else {
            all(Kind::step);
        }
        return true;
    });
    return outcome(m);
}

TEST(HartDebuggerTime, StopsAndStepsChangeNothing) {
    for (const unsigned harts : {1u, 2u})
        for (const bool timed : {true, false}) {
            int stops;
            const auto alone = run(harts, timed, Watch::nobody, stops);
            ASSERT_EQ(stops, 0);
            EXPECT_GT(alone[2 + 6], 10u) << "timer interrupts came";
            EXPECT_EQ(run(harts, timed, Watch::looks, stops), alone) << harts << " harts, timed " << timed;
            EXPECT_EQ(stops, 0);
            EXPECT_EQ(run(harts, timed, Watch::steps, stops), alone) << harts << " harts, timed " << timed;
            EXPECT_GT(stops, 1000);
            EXPECT_EQ(run(harts, timed, Watch::now_and_then, stops), alone) << harts << " harts, timed " << timed;
            EXPECT_GT(stops, 2);
        }
}

TEST_F(HartDebuggerTest, ABreakpointStopsInFrontOfItsInstruction) {
    start(1);
    machine->put(base, {addi(5, 5, 1), addi(6, 6, 1), jal(0, -8)});
    breakpoint(base + 4);
    for (unsigned round = 1; round <= 3; ++round) {
        go();
        const auto stop = next();
        ASSERT_TRUE(stop);
        EXPECT_EQ(stop->why, gdb::Stop::Why::point);
        EXPECT_EQ(stop->thread, 1u);
        EXPECT_EQ(machine->hart().pc(), base + 4);
        EXPECT_EQ(machine->hart().x(5), round);
        EXPECT_EQ(machine->hart().x(6), round - 1);
    }
    debugger->remove({Point::Kind::software, base + 4, 0});
    go();
    EXPECT_FALSE(next());
    EXPECT_GT(machine->hart().x(6), 100u);
}

TEST_F(HartDebuggerTest, AStepIsOneInstructionTrapsIncluded) {
    start(1);
    machine->put(base, {addi(5, 5, 1), jal(0, 8), 0, ecall, addi(6, 6, 1)});
    machine->put(handler, {jal(0, 0)});
    machine->hart().poke_csr(mtvec, handler);
    for (const std::uint64_t pc : {base + 4, base + 12, handler, handler, handler}) {
        go(Kind::step);
        const auto stop = next();
        ASSERT_TRUE(stop);
        EXPECT_EQ(stop->why, gdb::Stop::Why::step);
        EXPECT_EQ(machine->hart().pc(), pc);
    }
    EXPECT_EQ(machine->hart().peek_csr(mcause), 11u);
}

TEST_F(HartDebuggerTest, ARangeIsLeft) {
    start(1);
    machine->put(base, {addi(5, 0, 3), addi(5, 5, -1), bne(5, 0, -4), addi(6, 0, 1), jal(0, 0)});
    go(Kind::range, base, base + 12);
    ASSERT_TRUE(next());
    EXPECT_EQ(machine->hart().pc(), base + 12);
    EXPECT_EQ(machine->hart().x(5), 0u);
}

TEST_F(HartDebuggerTest, AWatchpointStopsBehindTheAccess) {
    start(1);
    machine->put(base, {addi(5, 0, 77), ld(6, 10, 0), sd(5, 10, 8), sd(5, 10, 4), addi(7, 0, 1), jal(0, 0)});
    machine->hart().set_x(10, data);
    struct Case {
        Point::Kind kind;
        std::uint64_t address, length, pc, told;
    };
    for (const Case& c :
         {Case{Point::Kind::write, data + 8, 8, base + 12, data + 8}, Case{Point::Kind::read, data, 1, base + 8, data},
          Case{Point::Kind::access, data + 7, 1, base + 8, data + 7},
          Case{Point::Kind::write, data + 4, 4, base + 16, data + 4}}) {
        machine->hart().set_pc(base);
        const Point p{c.kind, c.address, c.length};
        debugger->insert(p);
        go();
        const auto stop = next();
        ASSERT_TRUE(stop);
        EXPECT_EQ(stop->why, gdb::Stop::Why::point);
        EXPECT_EQ(stop->point, c.kind);
        EXPECT_EQ(stop->address, c.told);
        EXPECT_EQ(machine->hart().pc(), c.pc);
        debugger->remove(p);
    }
    EXPECT_EQ(machine->word(data + 8) & 0xffffffff, 0u) << "the last store lies over it";
}

TEST_F(HartDebuggerTest, AnAccessThatTrapsIsNone) {
    start(1);
    // In supervisor mode under a page table of zeros nothing is mapped.
    machine->put(base, {ld(6, 10, 0)});
    machine->put(handler, {addi(7, 7, 1), jal(0, 0)});
    cpu::Hart& h = machine->hart();
    h.poke_csr(mtvec, handler);
    h.poke_csr(satp, 8ull << 60 | (base + 0x20000) >> 12);
    h.poke_csr(pmpaddr0, ~0ull), h.poke_csr(pmpcfg0, 0x1f);
    h.poke_csr(mstatus, 1ull << 17 | 1ull << 11); // MPRV: data as in supervisor mode
    h.set_x(10, 0x1000);
    debugger->insert({Point::Kind::read, 0x1000, 8});
    go();
    EXPECT_FALSE(next());
    EXPECT_EQ(h.peek_csr(mcause), 13u);
}

TEST_F(HartDebuggerTest, OtherHartsStopAtALiftedBreakpoint) {
    start(2);
    machine->put(base, {addi(5, 5, 1), addi(6, 6, 1), jal(0, -8)});
    breakpoint(base + 4);
    go();
    const auto first = next();
    ASSERT_TRUE(first);
    // As GDB steps over a breakpoint: taken away, one thread steps, nobody else is spoken of.
    debugger->remove({Point::Kind::software, base + 4, 0});
    std::vector<Action> actions(2);
    actions[first->thread - 1].kind = Kind::step;
    debugger->resume(actions);
    const auto second = next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->thread, first->thread);
    EXPECT_EQ(second->why, gdb::Stop::Why::step);
    breakpoint(base + 4);
    go();
    const auto third = next();
    ASSERT_TRUE(third);
    EXPECT_EQ(machine->hart(third->thread - 1).pc(), base + 4);
    const unsigned other = 2 - first->thread; // number of the hart that is not first's
    EXPECT_LE(machine->hart(other).x(6), 1u) << "it did not slip past";
}

TEST_F(HartDebuggerTest, NobodyIsObservedWithoutNeed) {
    start(1);
    machine->put(base, {addi(5, 5, 1), jal(0, -4)});
    const auto decoded_alone = [&] {
        const auto before = machine->hart().host_counters().block_misses;
        next(machine->hart().now() + Picoseconds{1'000'000});
        return machine->hart().host_counters().block_misses - before;
    };
    go();
    EXPECT_EQ(decoded_alone(), 1u) << "one block";
    breakpoint(base + 0x100);
    go();
    EXPECT_EQ(decoded_alone(), 1u) << "the second instruction by itself";
    debugger->release();
    EXPECT_EQ(decoded_alone(), 0u);
}

TEST_F(HartDebuggerTest, EveryRegisterOfTheDescriptionCanBeRead) {
    start(1);
    std::vector<std::string> names;
    for (const Register& r : debugger->registers()) {
        EXPECT_TRUE(debugger->read_register(1, r.number)) << r.name;
        EXPECT_FALSE(r.name.empty()) << r.number;
        EXPECT_TRUE(names.empty() || names.back() != r.name);
        names.push_back(r.name);
    }
    EXPECT_EQ(debugger->general_registers(), 65u);
    for (std::size_t i = 0; i < debugger->general_registers(); ++i) EXPECT_EQ(debugger->registers()[i].number, i);
    EXPECT_FALSE(debugger->read_register(1, first_csr + 0x3a1)) << "pmpcfg1 is RV32's";
    EXPECT_FALSE(debugger->read_register(1, number_of_privilege + 1));
}

TEST_F(HartDebuggerTest, RegistersAreWritten) {
    start(1);
    EXPECT_TRUE(debugger->write_register(1, 5, 42));
    EXPECT_EQ(machine->hart().x(5), 42u);
    EXPECT_TRUE(debugger->write_register(1, 0, 42));
    EXPECT_EQ(debugger->read_register(1, 0), 0u);
    EXPECT_TRUE(debugger->write_register(1, number_of_pc, base + 8));
    EXPECT_EQ(machine->hart().pc(), base + 8);
    EXPECT_TRUE(debugger->write_register(1, first_f + 3, 0x3ff0000000000000));
    EXPECT_EQ(machine->hart().f(3), 0x3ff0000000000000u);
    EXPECT_TRUE(debugger->write_register(1, first_csr + mtvec, handler));
    EXPECT_EQ(machine->hart().peek_csr(mtvec), handler);
    EXPECT_FALSE(debugger->write_register(1, first_csr + 0xf14, 1)) << "mhartid";
    EXPECT_TRUE(debugger->write_register(1, number_of_privilege, 1));
    EXPECT_EQ(machine->hart().privilege(), tollgate::abi::Privilege::supervisor);
    EXPECT_FALSE(debugger->write_register(1, number_of_privilege, 2));
    EXPECT_FALSE(debugger->write_register(1, number_of_privilege, 4));
    EXPECT_EQ(debugger->thread_state(1), "supervisor mode");
}

TEST_F(HartDebuggerTest, CodeThatWasWrittenIsRun) {
    start(2);
    machine->put(base, {addi(5, 5, 1), jal(0, -4)});
    go();
    next(Picoseconds{1'000'000});
    const std::uint32_t word = addi(6, 6, 1);
    for (cpu::Hart* h : machine->harts()) h->set_x(5, 0);
    EXPECT_TRUE(debugger->write_memory(2, base, std::as_bytes(std::span{&word, 1})));
    go();
    next(Picoseconds{2'000'000});
    for (cpu::Hart* h : machine->harts()) {
        EXPECT_LE(h->x(5), 1u);
        EXPECT_GT(h->x(6), 10u);
    }
}

TEST_F(HartDebuggerTest, MemoryIsSeenThroughTheMmuAndDevicesAreNot) {
    start(1);
    cpu::Hart& h = machine->hart();
    const std::uint64_t root = base + 0x20000, middle = base + 0x21000, leaf = base + 0x22000;
    const auto pointer = [](std::uint64_t to) { return to >> 12 << 10 | 1; };
    machine->set_word(root, pointer(middle));
    machine->set_word(middle, pointer(leaf));
    machine->set_word(leaf + 8, data >> 12 << 10 | 0xcf);             // 0x1000 -> data, D A X W R V
    machine->set_word(leaf + 16, (data + 0x5000) >> 12 << 10 | 0xc3); // 0x2000, read only
    machine->set_word(leaf + 32, 0x10000000ull >> 12 << 10 | 0xc7);   // 0x4000 is no memory
    machine->set_word(data + 0xff8, 0x1122334455667788);
    machine->set_word(data + 0x5000, 0x99aabbccddeeff00);
    h.poke_csr(satp, 8ull << 60 | 7ull << 44 | root >> 12);
    h.set_privilege(tollgate::abi::Privilege::supervisor);

    std::vector<std::byte> bytes(16);
    const auto before = machine->transports;
    EXPECT_EQ(debugger->read_memory(1, 0x1ff8, bytes), 16u) << "over the border of a page";
    std::uint64_t words[2];
    std::memcpy(words, bytes.data(), sizeof words);
    EXPECT_EQ(words[0], 0x1122334455667788u);
    EXPECT_EQ(words[1], 0x99aabbccddeeff00u);
    EXPECT_EQ(debugger->read_memory(1, 0x2ff8, bytes), 8u) << "nothing is mapped behind it";
    EXPECT_EQ(debugger->read_memory(1, 0x4000, bytes), 0u);
    EXPECT_EQ(debugger->read_memory(1, data, bytes), 0u) << "physical";
    std::memcpy(bytes.data(), words, sizeof words);
    EXPECT_FALSE(debugger->write_memory(1, 0x2ff8, bytes)) << "all or nothing";
    EXPECT_EQ(machine->word(data + 0x5ff8), 0u);
    EXPECT_TRUE(debugger->write_memory(1, 0x2000, bytes)) << "a debugger may";
    EXPECT_EQ(machine->word(data + 0x5000), 0x1122334455667788u);
    EXPECT_EQ(machine->transports, before) << "nothing went over the bus";

    const std::string walk = say("walk 0x1ff8");
    EXPECT_NE(walk.find("Sv39, asid 7, root 0x80020000"), walk.npos) << walk;
    EXPECT_NE(walk.find("level 0: entry   0x1 at 0x000080022008: "), walk.npos) << walk;
    EXPECT_NE(walk.find("VRWX--AD 0x80010000\n0x1ff8 -> 0x80010ff8, page of 4 KiB\n"), walk.npos) << walk;
    EXPECT_NE(say("walk 3000").find("not valid: page fault"), std::string::npos);
    EXPECT_NE(say("walk 8000000000000000").find("not canonical"), std::string::npos);
}

TEST_F(HartDebuggerTest, MonitorShowsTheTlb) {
    start(1);
    cpu::Hart& h = machine->hart();
    machine->put(base, {ld(6, 10, 0), jal(0, 0)});
    machine->set_word(base + 0x20000 + 16, base >> 12 << 10 | 0xef); // 1 GiB page at 2 GiB: D A G X W R V
    h.set_x(10, data);
    h.poke_csr(satp, 8ull << 60 | (base + 0x20000) >> 12);
    h.poke_csr(pmpaddr0, ~0ull), h.poke_csr(pmpcfg0, 0x1f); // PMP: everything, for all
    h.set_privilege(tollgate::abi::Privilege::supervisor);
    EXPECT_NE(say("tlb").find("dtlb: 0 of "), std::string::npos);
    go(Kind::step);
    ASSERT_TRUE(next());
    const std::string tlb = say("tlb");
    EXPECT_NE(tlb.find("itlb: 1 of "), tlb.npos) << tlb;
    EXPECT_NE(tlb.find("0x0000000080000000 -> 0x000080000000  1 GiB    VRWX-GAD  global"), tlb.npos) << tlb;
    EXPECT_EQ(std::count(tlb.begin(), tlb.end(), '\n'), 4) << tlb;
}

TEST_F(HartDebuggerTest, MonitorKnowsItsCommands) {
    start(1);
    EXPECT_EQ(say("stats"), "a.x 1\nb.y 2\n");
    EXPECT_EQ(say("stats y"), "b.y 2\n");
    EXPECT_EQ(say("stats z"), "no counter has \"z\" in its line\n");
    for (const char* name : {"stats", "tlb", "walk"}) EXPECT_NE(say("help").find(name), std::string::npos);
    EXPECT_EQ(say("nonsense").find("no such command"), 0u);
    EXPECT_EQ(say("walk"), "walk: expected an address in hexadecimal\n");
    EXPECT_EQ(say("walk 0xzz"), "walk: expected an address in hexadecimal\n");
}

TEST_F(HartDebuggerTest, PointsAreBounded) {
    start(1);
    for (std::uint64_t i = 0; i < 1024; ++i) ASSERT_TRUE(debugger->insert({Point::Kind::software, 4 * i, 0}));
    EXPECT_FALSE(debugger->insert({Point::Kind::software, 2, 0}));
    EXPECT_TRUE(debugger->insert({Point::Kind::software, 0, 0})) << "it is there already";
}

} // namespace
