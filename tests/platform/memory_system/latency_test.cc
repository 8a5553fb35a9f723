// The latency of every path is a formula of the parameters: it holds for any values of them. Sums of counters, waits
// for miss registers, ports and links, prefetchers at each level.
#include "platform/memory_system/small_machine.hh"
#include <gtest/gtest.h>

namespace tollgate::machine::test {
namespace {

/// A machine whose parameters are drawn, with caches large enough that nothing is evicted, and the terms of formulas.
struct Drawn {
    explicit Drawn(std::uint64_t seed, bool l2 = true, bool inclusive = true) {
        Random r{seed};
        s.l2 = l2;
        s.nodes = 4;
        s.harts = 2;
        s.memory = 1_MiB;
        s.clock = Hertz{1'000'000'000 + r.below(2'000'000'000)};
        s.l1d.latency = Cycles{1 + r.below(6)};
        s.l2_params.latency = s.l1d.latency + Cycles{1 + r.below(20)};
        s.llc.clock = Hertz{1'000'000'000 + r.below(2'000'000'000)};
        s.llc.latency = Cycles{60 + r.below(100)};
        s.llc.snoop = Cycles{r.below(60)};
        s.llc.inclusive = inclusive;
        s.directory.latency = Picoseconds{r.below(20'000)};
        s.crossbar.latency = Picoseconds{r.below(10'000)};
        s.link.latency = Picoseconds{r.below(60'000)};
        s.link.bandwidth = BitsPerSecond{(1 + r.below(400)) * 1'000'000'000};
        s.link.header = Bytes{r.below(33)};
        s.link.topology = static_cast<bus::Topology>(r.below(3));
        s.l2_params.prefetch = cache::Prefetch::none;
        m.emplace(s);
        for (FixedMemory& memory : m->memories) memory.latency = Picoseconds{10'000 + r.below(100'000)};
    }
    Picoseconds l1() const { return ClockDomain{s.clock}.time_of(s.l1d.latency); }
    Picoseconds l2() const { return ClockDomain{s.clock}.time_of(s.l2_params.latency); }
    Picoseconds llc() const { return ClockDomain{s.llc.clock}.time_of(s.llc.latency); }
    Picoseconds snoop() const { return ClockDomain{s.llc.clock}.time_of(s.llc.snoop); }
    Picoseconds directory() const { return s.directory.latency; }
    Picoseconds memory(std::uint32_t node) const { return m->memories[node].latency; }
    /// The bytes' own time, rounded up to a picosecond.
    Picoseconds bytes(std::uint64_t payload) const {
        const double exact = static_cast<double>((payload + s.link.header.count()) * 8) * 1e12
                             / static_cast<double>(s.link.bandwidth.count());
        auto whole = static_cast<std::uint64_t>(exact);
        while (static_cast<double>(whole) < exact) ++whole;
        return Picoseconds{whole};
    }
    Picoseconds hop(std::uint32_t a, std::uint32_t b, std::uint64_t payload) const {
        if (a == b) return s.crossbar.latency;
        const std::uint64_t hops = s.link.topology == bus::Topology::ring && (a + 2) % 4 == b ? 2 : 1;
        return s.crossbar.latency * 2 + s.link.latency * hops + bytes(payload);
    }
    /// A time so late that nothing is under way.
    Picoseconds later() { return now += 100_us; }
    Picoseconds took(std::uint32_t hart, std::uint64_t line, bool store, Source source) {
        const Picoseconds at = later();
        const MemorySystem::Access r = m->go(hart, m->line(line), store, at);
        EXPECT_EQ(r.source, source);
        return r.done - at;
    }
    std::uint64_t line_of(std::uint32_t node, std::uint64_t n) const {
        return node * s.memory.count() / line_bytes + n;
    }

    Shape s;
    std::optional<SmallMachine> m;
    Picoseconds now{};
};
Source from(std::uint32_t home, std::uint32_t node) { return home == node ? Source::local : Source::remote; }

TEST(Latency, ReadsByWhereTheLineIs) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const bool has_l2 = seed % 2 == 0;
        Drawn d{seed, has_l2, seed % 4 < 2};
        for (std::uint32_t home = 0; home < 4; ++home) {
            const std::uint64_t line = d.line_of(home, 5);
            const Picoseconds request = d.llc() + d.hop(0, home, 0) + d.directory();
            EXPECT_EQ(d.took(0, line, false, from(home, 0)), request + d.memory(home) + d.hop(home, 0, 64));
            EXPECT_EQ(d.took(0, line, false, Source::l1), d.l1());
            // The second hart of the node takes it from the first, who might have written it.
            EXPECT_EQ(d.took(1, line, false, Source::llc), d.llc() + d.snoop());
            // Two more read it in the second node: the first one's last level is asked, and a hart there does not
            // matter.
            const Picoseconds asked = d.llc() + d.hop(2 / 2, home, 0) + d.directory();
            EXPECT_EQ(d.took(2, line, false, Source::other_cache),
                      asked + d.hop(home, 0, 0) + d.llc() + d.hop(0, 1, 64));
            EXPECT_EQ(d.took(3, line, false, Source::llc), d.llc());
            // Now it is shared: memory has it for the third.
            EXPECT_EQ(d.took(4, line, false, from(home, 2)),
                      d.llc() + d.hop(2, home, 0) + d.directory() + d.memory(home) + d.hop(home, 2, 64));
        }
        if (!has_l2) continue;
        const std::uint64_t line = d.line_of(1, 9);
        d.took(0, line, false, Source::remote);
        const std::uint64_t lines_per_way = d.s.l1d.size.count() / line_bytes / d.s.l1d.ways;
        for (std::uint64_t k = 1; k <= d.s.l1d.ways; ++k) d.took(0, line + k * lines_per_way, false, Source::remote);
        EXPECT_EQ(d.took(0, line, false, Source::l2), d.l2());
    }
}

TEST(Latency, WritesByWhoHasTheLine) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Drawn d{seed, seed % 2 == 0, seed % 4 < 2};
        const std::uint32_t home = static_cast<std::uint32_t>(seed % 3);
        const std::uint64_t line = d.line_of(home, 5);
        d.took(0, line, true, from(home, 0));
        EXPECT_EQ(d.took(0, line, true, Source::l1), d.l1());
        const Picoseconds dirty_near = d.took(1, line, false, Source::other_cache);
        EXPECT_EQ(dirty_near, d.llc() + d.snoop()) << "a dirty line of the same node";
        EXPECT_EQ(d.took(1, line, true, Source::llc), d.llc() + d.snoop()) << "the other one drops it";
        // From another node, written by a hart.
        EXPECT_EQ(d.took(2, line, false, Source::other_cache), d.llc() + d.hop(1, home, 0) + d.directory()
                                                                   + d.hop(home, 0, 0) + d.llc() + d.snoop()
                                                                   + d.hop(0, 1, 64));
        d.took(6, line, false, from(home, 3));
        // The right to write, while nodes 0, 1 and 3 hold it: the answer and every acknowledgement.
        Picoseconds last = d.hop(home, 3, 0);
        for (const std::uint32_t n : {0u, 1u})
            last = std::max(last, d.hop(home, n, 0) + d.llc() + d.snoop() + d.hop(n, 3, 0));
        const auto links = d.s.link.topology;
        const Picoseconds got = d.took(6, line, true, from(home, 3));
        const Picoseconds expected = d.llc() + d.hop(3, home, 0) + d.directory() + last;
        if (links == bus::Topology::mesh) {
            EXPECT_EQ(got, expected);
        } else { // messages may wait for each other on the ring and on the bus
            EXPECT_GE(got, expected);
            EXPECT_LE(got, expected + d.bytes(0) * 4);
        }
    }
}

TEST(Latency, ALineThatChangesHandsIsHeld) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Drawn d{seed};
        const PhysAddr line = d.m->line(d.line_of(0, 1));
        const Picoseconds at = d.later();
        const Picoseconds first = d.m->go(2, line, true, at).done;
        const MemorySystem::Access second = d.m->go(4, line, true, at + 1_ns);
        EXPECT_EQ(second.done, first + d.directory() + d.hop(0, 1, 0) + d.llc() + d.snoop() + d.hop(1, 2, 64));
        EXPECT_EQ(d.m->system->directory(0).counters().held, 1u);
    }
}

TEST(Latency, DevicesAskHome) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Drawn d{seed};
        for (FixedMemory& memory : d.m->memories) memory.accept = 7_ns;
        for (const std::uint32_t home : {0u, 2u}) {
            const PhysAddr line = d.m->line(d.line_of(home, 3));
            const auto time = [&](auto&& op) {
                const Picoseconds at = d.later();
                return op(at) - at;
            };
            const auto read = [&](Picoseconds at) { return d.m->system->dma_read(0, line, at); };
            const auto write = [&](Picoseconds at) { return d.m->system->dma_write(0, line, true, at); };
            EXPECT_EQ(time(read), d.hop(0, home, 0) + d.directory() + d.memory(home) + d.hop(home, 0, 64));
            EXPECT_EQ(time(write), d.hop(0, home, 64) + d.directory() + 7_ns);
            d.m->go(2, line, true, d.later());
            EXPECT_EQ(time(read),
                      d.hop(0, home, 0) + d.directory() + d.hop(home, 1, 0) + d.llc() + d.snoop() + d.hop(1, 0, 64));
        }
    }
}

TEST(Latency, InjectedLinesAreInTheLastLevel) {
    Shape s = Shape::tiny();
    s.llc.inject_ways = 2;
    s.llc.size = 64_KiB;
    SmallMachine m{s};
    for (std::uint64_t n = 0; n < 8; ++n) m.system->dma_write(1, m.line(n), true, 100_us);
    for (std::uint64_t n = 0; n < 8; ++n) {
        EXPECT_EQ(m.go(4, m.line(n), false, 200_us + 10_us * n).source, Source::llc);
        EXPECT_EQ(m.go(0, m.line(n), false, 205_us + 10_us * n).source, Source::other_cache);
    }
    EXPECT_EQ(m.memories[0].reads, 0u);
    // No more than its ways: 8 more lines of one set push each other out, not what harts use.
    Shape t = s;
    t.llc.size = 256_B; // one set of four ways
    SmallMachine k{t};
    k.go(4, k.line(0), false, 1_us);
    k.go(4, k.line(1), false, 2_us);
    const Count before = k.memories[0].writes;
    for (std::uint64_t n = 2; n < 10; ++n)
        k.system->dma_write(1, k.line(n), true, Picoseconds{n * 1'000'000 + 5'000'000});
    EXPECT_EQ(k.memories[0].writes - before, 6u);
}

TEST(Latency, WhatADeviceTookFromAHartIsThereForNobodyBeforeItWasWritten) {
    for (const bool inclusive : {true, false}) {
        Shape s = Shape::tiny();
        s.llc.inject_ways = 2;
        s.llc.inclusive = inclusive;
        SmallMachine m{s};
        m.go(0, m.line(0), true, 1_us);
        const Picoseconds written = m.go(0, m.line(0), true, 50_us).done; // a hit, which nobody below sees
        EXPECT_GE(m.system->dma_read(0, m.line(0), 2_us), written);
        EXPECT_GE(m.go(1, m.line(0), false, 3_us).done, written);
    }
}

TEST(Waits, MissRegistersOfTheL2LetSoManyPass) {
    for (const std::uint32_t registers : {1u, 2u, 5u}) {
        Shape s = Shape::tiny();
        s.l1d.misses = 16;
        s.l2_params.misses = registers;
        s.l2_params.prefetch = cache::Prefetch::none;
        s.l1d.size = s.l2_params.size = s.llc.size = 64_KiB;
        SmallMachine m{s};
        std::vector<Picoseconds> done;
        for (std::uint64_t n = 0; n < 15; ++n) done.push_back(m.go(0, m.line(n), false, 1_us).done);
        const Picoseconds one = done[0] - 1_us;
        for (std::uint64_t n = 0; n < 15; ++n)
            EXPECT_NEAR(static_cast<double>((done[n] - 1_us).count()),
                        static_cast<double>((one * (1 + n / registers)).count()), 10'000);
        EXPECT_EQ(m.system->l2(0)->level().counters().register_waits, 15u - registers);
    }
}

TEST(Waits, AFullMemoryHoldsTheRegistersOfTheLastLevel) {
    const auto run = [](Picoseconds accept) {
        Shape s = Shape::tiny();
        s.nodes = 1;
        s.llc.misses = 1;
        s.memory = 1_MiB;
        SmallMachine m{s};
        m.memories[0].accept = accept;
        Picoseconds now = 1_us;
        for (std::uint64_t n = 0; n < 2000; ++n) now = std::max(now, m.go(0, m.line(n), true, now).done);
        return now;
    };
    EXPECT_GT(run(1_us).count(), run(0_ns).count() + 1500 * (1_us).count());
}

TEST(Waits, LinesOfTheLastLevelShareItsPort) {
    Shape s = Shape::tiny();
    s.nodes = 1;
    s.l2 = false;
    s.l1d.misses = 16;
    s.l1d.size = 4_KiB;
    s.llc.size = 64_KiB;
    s.crossbar.bandwidth = BitsPerSecond{64 * 8 * 100'000'000ull}; // a line each 10 ns
    SmallMachine m{s};
    for (std::uint64_t n = 0; n < 12; ++n) m.go(0, m.line(n), false, 1_us * n);
    for (std::uint64_t n = 0; n < 12; ++n) m.go(1, m.line(n), false, 20_us + 1_us * n); // shared by both
    for (std::uint64_t n = 0; n < 12; ++n) {
        const Picoseconds done = m.go(2, m.line(n), false, 100_us).done;
        EXPECT_EQ(done, 100_us + ClockDomain{s.llc.clock}.time_of(s.llc.latency) + 10_ns * n);
    }
}

TEST(Prefetchers, AStreamIsFetchedAheadIntoEachLevel) {
    for (const bool into_l2 : {true, false}) {
        Shape s = Shape::tiny();
        s.nodes = 1;
        s.memory = 64_KiB;
        s.l1d.size = 1_KiB;
        s.l2_params.size = 4_KiB;
        s.llc.size = 16_KiB;
        s.l2_params.prefetch = into_l2 ? cache::Prefetch::next_line : cache::Prefetch::none;
        s.llc.prefetch = into_l2 ? cache::Prefetch::none : cache::Prefetch::stride;
        SmallMachine m{s};
        Picoseconds now = 1_us;
        std::uint64_t served[6]{};
        for (std::uint64_t n = 0; n < 512; ++n) {
            const MemorySystem::Access r = m.go(0, m.line(n), false, now);
            ++served[static_cast<int>(r.source)];
            now = r.done + 1_us;
        }
        const cache::CacheCounters c =
            into_l2 ? m.system->l2(0)->level().counters() : m.system->llc(0).level().counters();
        // The first line of each of 8 pages is missed; stride needs three to know, and the end of a page stops both.
        EXPECT_EQ(served[static_cast<int>(into_l2 ? Source::l2 : Source::llc)], into_l2 ? 512u - 8 : 512u - 8 * 3);
        EXPECT_EQ(c.prefetches_used, c.prefetches_issued);
        EXPECT_EQ(c.prefetches_used, into_l2 ? 512u - 8 : 512u - 8 * 3);
        EXPECT_EQ(m.system->broken_sum(), "");
    }
}

TEST(Machine, ImpossibleGeometryIsRefused) {
    Shape s = Shape::tiny();
    s.llc.size = 3_KiB;
    EXPECT_THROW(SmallMachine{s}, std::invalid_argument);
}

TEST(Machine, TheSameCallsGiveTheSameTimes) {
    const auto run = [](bool observed) {
        Shape s = Shape::tiny();
        s.llc.replacement = s.l2_params.replacement = cache::Replacement::random;
        SmallMachine m{s, observed};
        Random r{1};
        std::uint64_t hash = 0;
        Picoseconds now{};
        for (int k = 0; k < 20'000; ++k) {
            const auto a = m.go(static_cast<std::uint32_t>(r.below(8)), m.line(r.below(128)), r.below(3) == 0, now);
            hash = scatter(hash ^ a.done.count());
            now += Picoseconds{r.below(100'000)};
        }
        return hash;
    };
    EXPECT_EQ(run(true), run(false)) << "an observer changes nothing";
    EXPECT_EQ(run(false), run(false));
}

} // namespace
} // namespace tollgate::machine::test
