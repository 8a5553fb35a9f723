// A device's port: when bytes move, and what follows them.
#include "dev/scripted_initiator.hh"
#include "machine/dma_port.hh"
#include "models/support/scripted_initiator.hh"
#include "models/support/trace_recorder.hh"
#include "platform/memory_system/small_machine.hh"
#include <cstring>
#include <gtest/gtest.h>

namespace tollgate::machine::test {
namespace {

using tollgate::test::run_to;

/// Memory of two nodes of 4 KiB, with or without caches and time, and a port of node 0.
struct Bench {
    explicit Bench(bool timed = true, bool coherent = true) {
        Shape s = Shape::tiny();
        s.llc.size = 64_KiB;
        m.emplace(s, false);
        if (!coherent) m->system->make_dma_incoherent(side.emplace(bytes, changed_by));
        port.emplace("port", 0, DmaTarget{bytes, changed_by, timed ? &*m->system : nullptr, side ? &*side : nullptr});
    }
    std::byte* at(std::uint64_t address) {
        return address >= base.value() && address - base.value() < store.size() ? &store[address - base.value()]
                                                                                : nullptr;
    }
    void play(const dev::DmaScript& script) {
        initiator.emplace("initiator", script, 3);
        initiator->socket.bind(port->socket);
    }

    std::vector<std::byte> store = std::vector<std::byte>(8192);
    std::vector<PhysAddr> changed;
    std::function<std::byte*(PhysAddr)> bytes = [this](PhysAddr line) { return at(line.value()); };
    std::function<void(PhysAddr)> changed_by = [this](PhysAddr line) { changed.push_back(line); };
    std::optional<SideTable> side;
    std::optional<SmallMachine> m;
    std::optional<DmaPort> port;
    std::optional<dev::ScriptedInitiator> initiator;
};

dev::ScriptedTransfer transfer(Picoseconds at, std::uint64_t address, bool write, std::size_t bytes,
                               std::uint8_t fill = 0) {
    dev::ScriptedTransfer t;
    t.at = at;
    t.address = PhysAddr{address};
    t.write = write;
    t.bytes = static_cast<std::uint32_t>(bytes);
    t.data.assign(bytes, std::byte{fill});
    return t;
}

TEST(DmaPort, BytesMoveAtTheEndOfTheirBurstAndNotBefore) {
    Bench b;
    SmallMachine same{b.m->s, false}; // knows how long it takes
    const Picoseconds end = same.system->dma_write(0, base, true, 1_us);
    b.play({0, 8, {transfer(1_us, base.value(), true, 64, 0xaa)}, {}});
    run_to(end - 1_ps);
    EXPECT_EQ(b.store[0], std::byte{0});
    EXPECT_TRUE(b.changed.empty());
    EXPECT_EQ(tollgate::test::next_activity(), end);
    run_to(end);
    run_to(end + 1_ps);
    EXPECT_EQ(b.store[0], std::byte{0xaa});
    EXPECT_EQ(b.changed, std::vector<PhysAddr>{base});
    EXPECT_EQ(b.initiator->counters().write_time, (end - 1_us).count());
}

TEST(DmaPort, ReadsWaitForAPlaceAtTheControllerAndWritesDoNotWaitForThem) {
    Bench b;
    b.m->memories[0].reads_have_place = 5_us;
    SmallMachine same{b.m->s, false};
    const Picoseconds wrote = same.system->dma_write(0, base + 128, true, 2_us);
    Picoseconds read;
    for (int line = 0; line < 2; ++line) read = same.system->dma_read(0, base + 64 * line, 5_us);
    b.play({0, 8, {transfer(1_us, base.value(), false, 128), transfer(2_us, base.value() + 128, true, 64)}, {}});
    run_to(wrote + 1_ps);
    EXPECT_EQ(b.initiator->counters().writes, 1u);
    EXPECT_EQ(b.port->counters().lines_read, 0u) << "nobody has been asked";
    EXPECT_EQ(tollgate::test::next_activity(), 5_us);
    run_to(read + 1_ps);
    EXPECT_EQ(b.initiator->counters().reads, 1u);
    EXPECT_EQ(b.initiator->counters().read_time, (read - 1_us).count());
    EXPECT_EQ(b.port->counters().waited, (4_us).count());
}

TEST(DmaPort, ATimelineSeesEachBurst) {
    Bench b;
    tollgate::test::TraceRecorder timeline;
    b.port->trace_with(timeline, "node[0].dma[0]");
    b.play({0, 8, {transfer(1_us, base.value(), true, 100, 0xaa), transfer(3_us, base.value() + 8, false, 8)}, {}});
    run_to(5_us);
    ASSERT_EQ(timeline.events.size(), 2u);
    EXPECT_EQ(timeline.wrong, 0u);
    const auto& write = timeline.events[0];
    EXPECT_EQ(write.path, "node[0].dma[0]");
    EXPECT_EQ(write.begin, 1_us);
    EXPECT_EQ((*write.end - write.begin).count(), b.initiator->counters().write_time);
    EXPECT_EQ(write["address"], base.value());
    EXPECT_EQ(write["bytes"], 100u);
    EXPECT_EQ(write["write"], 1u);
    EXPECT_EQ(timeline.events[1]["write"], 0u);
    EXPECT_EQ((*timeline.events[1].end - 3_us).count(), b.initiator->counters().read_time);
}

TEST(DmaPort, AReadSeesWhatIsThereAtItsEnd) {
    Bench b;
    SmallMachine same{b.m->s, false};
    const Picoseconds end = same.system->dma_read(0, base, 1_us);
    b.play({0, 8, {transfer(1_us, base.value(), false, 8, 0x11)}, {}});
    run_to(end - 1_ps);
    std::memset(b.at(base.value()), 0x11, 8);
    run_to(2_us);
    EXPECT_EQ(b.initiator->counters().reads, 1u);
    EXPECT_EQ(b.initiator->counters().mismatches, 0u);
    EXPECT_EQ(b.initiator->counters().read_time, (end - 1_us).count());
}

TEST(DmaPort, ABurstIsSplitIntoLinesThatMoveInOrder) {
    Bench b;
    b.m->memories[0].accept = 20_ns;
    const std::uint64_t first = base.value() + 4096 - 70; // 6 bytes, a line of node 0, and 30 of node 1's first
    b.play({0, 8, {transfer(1_us, first, true, 100, 0xbb)}, {}});
    Picoseconds seen[3]{};
    for (Picoseconds t = 1_us; t < 2_us; t += 1_ns) {
        run_to(t);
        for (unsigned i = 0; i < 3; ++i)
            if (seen[i] == Picoseconds{} && *b.at(first + (i == 0 ? 0 : i == 1 ? 6 : 70)) == std::byte{0xbb})
                seen[i] = t;
    }
    EXPECT_GT(seen[0], 1_us);
    EXPECT_GE(seen[1], seen[0]);
    EXPECT_GT(seen[2], seen[1]) << "over the link";
    EXPECT_EQ(*b.at(first - 1), std::byte{0});
    EXPECT_EQ(*b.at(first + 99), std::byte{0xbb});
    EXPECT_EQ(*b.at(first + 100), std::byte{0});
    EXPECT_EQ(b.port->counters().bursts, 1u);
    EXPECT_EQ(b.port->counters().lines_written, 3u);
    EXPECT_EQ(b.changed.size(), 3u);
    EXPECT_EQ(b.m->memories[0].writes, 2u);
    EXPECT_EQ(b.m->memories[1].writes, 1u);
}

TEST(DmaPort, CachesGiveUpWhatADeviceWritesAndHandOverWhatItReads) {
    Bench b;
    b.m->go(0, base, true, 100_ns);
    b.play({0, 8, {transfer(1_us, base.value(), false, 64), transfer(2_us, base.value(), true, 64, 1)}, {}});
    run_to(3_us);
    EXPECT_EQ(b.m->system->directory(0).counters().dma_reads, 1u);
    EXPECT_EQ(b.m->system->directory(0).counters().dma_writes, 1u);
    EXPECT_FALSE(b.m->system->held(base));
    EXPECT_EQ(b.m->harts[0]->level.tags().find(base), TagArray::none);
}

TEST(DmaPort, NotCoherentItMeetsMemory) {
    Bench b{true, false};
    b.m->go(0, base, true, 100_ns);
    std::memset(b.at(base.value()), 0x77, 8); // the hart writes
    b.play({0,
            8,
            {transfer(1_us, base.value(), false, 8, 0x00), transfer(2_us, base.value(), true, 8, 0x55),
             transfer(3_us, base.value(), false, 8, 0x55)},
            {}});
    run_to(4_us);
    EXPECT_EQ(b.initiator->counters().reads, 2u);
    EXPECT_EQ(b.initiator->counters().mismatches, 0u);
    EXPECT_EQ(*b.at(base.value()), std::byte{0x77});
    EXPECT_TRUE(b.changed.empty());
    b.m->system->inval(1, base, 4_us);
    EXPECT_EQ(*b.at(base.value()), std::byte{0x55});
    EXPECT_EQ(b.changed, std::vector<PhysAddr>{base});
}

TEST(DmaPort, WithoutTimeEverythingIsOverAtOnce) {
    Bench b{false};
    b.play({0,
            8,
            {transfer(1_us, base.value() + 60, true, 200, 0xcc), transfer(1_us, base.value() + 60, false, 200, 0xcc)},
            {}});
    run_to(1_us + 1_ps);
    EXPECT_EQ(b.initiator->counters().reads, 1u);
    EXPECT_EQ(b.initiator->counters().mismatches, 0u);
    EXPECT_EQ(b.initiator->counters().write_time, 0u);
    EXPECT_EQ(b.changed.size(), 5u);
}

TEST(DmaPort, WhatIsNotAllMemoryIsRefusedWhole) {
    Bench b;
    b.play({0,
            8,
            {transfer(1_us, base.value() - 1, true, 2, 1), transfer(1_us, base.value() + 8190, true, 3, 1),
             transfer(1_us, 0, false, 64), transfer(1_us, ~0ull - 10, false, 64)},
            {}});
    run_to(2_us);
    EXPECT_EQ(b.initiator->counters().errors, 4u);
    EXPECT_EQ(b.port->counters().address_errors, 4u);
    EXPECT_EQ(b.store, std::vector<std::byte>(8192));
    EXPECT_EQ(b.m->memories[0].writes, 0u);
}

/// A bus master of the loosely timed style: waits for each of its transactions.
struct Blocking : sc_core::sc_module {
    tollgate::test::ScriptedInitiator bus{"bus"};
    std::function<void(tollgate::test::ScriptedInitiator&)> act;
    SC_HAS_PROCESS(Blocking);
    explicit Blocking(const sc_core::sc_module_name& name) : sc_module{name} { SC_THREAD(run); }
    void run() { act(bus); }
};

TEST(DmaPort, TakesBlockingTransactionsToo) {
    Bench b{true};
    SmallMachine same{b.m->s, false};
    const Picoseconds written = same.system->dma_write(0, base, false, 1_us);
    Blocking d{"blocking"};
    d.bus.socket.bind(b.port->socket);
    bool done = false;
    d.act = [&](tollgate::test::ScriptedInitiator& bus) {
        EXPECT_TRUE(bus.write(base.value() + 4, 4, 0x1234, 1_us).ok());
        EXPECT_EQ(to_picoseconds(sc_core::sc_time_stamp()), written);
        EXPECT_EQ(bus.read(base.value() + 4, 4).value, 0x1234u);
        std::uint32_t v = 0;
        std::uint8_t enables = 0xff;
        auto& p = bus.payload().prepare(::tlm::TLM_WRITE_COMMAND, AccessKind::dma, base.value(), &v, 4);
        p.set_byte_enable_ptr(&enables);
        EXPECT_EQ(bus.send(p).status, ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        EXPECT_EQ(bus.transfer(::tlm::TLM_IGNORE_COMMAND, AccessKind::dma, base.value(), &v, 4).status,
                  ::tlm::TLM_COMMAND_ERROR_RESPONSE);
        EXPECT_EQ(bus.transfer(::tlm::TLM_READ_COMMAND, AccessKind::dma, base.value(), &v, 0).status,
                  ::tlm::TLM_BURST_ERROR_RESPONSE);
        done = true;
    };
    run_to(10_us);
    EXPECT_TRUE(done);
    EXPECT_EQ(b.port->counters().other_errors, 3u);
}

} // namespace
} // namespace tollgate::machine::test
