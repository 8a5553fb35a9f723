// Links and crossbars: the formulas of their times, for any values of their parameters, and what waits for what.
#include "base/random.hh"
#include "bus/crossbar.hh"
#include "bus/link.hh"
#include "models/support/trace_recorder.hh"
#include <algorithm>
#include <gtest/gtest.h>

namespace tollgate::bus {
namespace {

LinkParams with(Topology t) {
    LinkParams p;
    p.topology = t;
    p.bandwidth = BitsPerSecond{64'000'000'000}; // 8 bytes a nanosecond
    p.latency = 100_ns;
    p.header = 16_B;
    return p;
}

TEST(Network, LatencyAndTheBytesOwnTime) {
    for (const auto topology : {Topology::mesh, Topology::ring, Topology::bus})
        for (std::uint32_t nodes = 2; nodes <= 16; ++nodes)
            for (std::uint32_t from = 0; from < nodes; ++from)
                for (std::uint32_t to = 0; to < nodes; ++to) {
                    Network n{nodes, with(topology)};
                    const std::uint32_t around = (to + nodes - from) % nodes;
                    const std::uint32_t hops = from == to                   ? 0
                                               : topology == Topology::ring ? std::min(around, nodes - around)
                                                                            : 1;
                    ASSERT_EQ(n.hops(from, to), hops);
                    ASSERT_EQ(n.distance(from, to), 10 + 11 * hops);
                    if (from == to) continue;
                    ASSERT_EQ(n.send(from, to, 64_B, 1_us), 1_us + 100_ns * hops + 10_ns);
                    ASSERT_EQ(n.send(from, to, 0_B, 9_us), 9_us + 100_ns * hops + 2_ns);
                    ASSERT_EQ(n.bytes_sent(), 80u + 16);
                    ASSERT_EQ(n.broken_sum(), nullptr);
                }
}

TEST(Network, TimeIsBytesByBandwidthRoundedUpOnce) {
    Random random{1};
    for (int k = 0; k < 2000; ++k) {
        LinkParams p;
        p.bandwidth = BitsPerSecond{1'000'000 + random.below(1'000'000'000'000)};
        p.header = Bytes{random.below(257)};
        const std::uint64_t bytes = random.below(4096);
        const std::uint64_t bits = (bytes + p.header.count()) * 8;
        const Network n{2, p};
        const std::uint64_t t = n.time_of(Bytes{bytes}).count();
        __extension__ using Wide = unsigned __int128;
        EXPECT_GE(static_cast<Wide>(t) * p.bandwidth.count(), static_cast<Wide>(bits) * 1'000'000'000'000);
        if (t > 0) {
            EXPECT_LT(static_cast<Wide>(t - 1) * p.bandwidth.count(), static_cast<Wide>(bits) * 1'000'000'000'000);
        }
    }
}

TEST(Network, BandwidthIsWhatPassesInTheEnd) {
    for (const auto topology : {Topology::mesh, Topology::ring, Topology::bus}) {
        Network n{4, with(topology)};
        Picoseconds last{};
        for (int k = 0; k < 1000; ++k) last = n.send(0, 1, 64_B, 0_ns);
        EXPECT_EQ(last, 10_ns * 1000 + 100_ns);
    }
}

TEST(Network, WhoSharesWhat) {
    const auto second = [](Topology t, std::uint32_t from, std::uint32_t to) {
        Network n{4, with(t)};
        n.send(0, 1, 64_B, 0_ns);
        return n.send(from, to, 64_B, 0_ns) - (100_ns * n.hops(from, to) + 10_ns);
    };
    for (const auto t : {Topology::mesh, Topology::ring, Topology::bus}) EXPECT_EQ(second(t, 0, 1), 10_ns);
    for (const auto t : {Topology::mesh, Topology::ring}) EXPECT_EQ(second(t, 1, 0), 0_ns) << "the other direction";
    EXPECT_EQ(second(Topology::bus, 1, 0), 10_ns);
    EXPECT_EQ(second(Topology::mesh, 0, 2), 0_ns);
    EXPECT_EQ(second(Topology::ring, 0, 2), 10_ns) << "a tie goes the rising way, over 0 to 1";
    EXPECT_EQ(second(Topology::bus, 2, 3), 10_ns);
}

TEST(Network, CountersOfEveryLink) {
    Network mesh{4, with(Topology::mesh)}, ring{4, with(Topology::ring)}, bus{4, with(Topology::bus)};
    EXPECT_EQ(mesh.links().size(), 12u);
    EXPECT_EQ(ring.links().size(), 8u);
    EXPECT_EQ(bus.links().size(), 1u);
    for (Network* n : {&mesh, &ring, &bus}) {
        for (int k = 0; k < 3; ++k) n->send(1, 3, 64_B, 0_ns);
        Count bytes = 0, messages = 0, waited = 0, busy = 0;
        for (const Network::Link& l : n->links()) {
            bytes += l.counters.bytes;
            messages += l.counters.messages;
            waited += l.counters.waited;
            busy += l.counters.busy;
        }
        EXPECT_EQ(bytes, 80u * 3 * n->hops(1, 3));
        EXPECT_EQ(messages, 3u * n->hops(1, 3));
        EXPECT_EQ(waited, (10_ns + 20_ns).count()) << "behind the first link they come one by one";
        EXPECT_EQ(busy, (10_ns * 3 * n->hops(1, 3)).count());
        EXPECT_EQ(n->broken_sum(), nullptr);
    }
}

TEST(Network, DistanceHasACeiling) {
    LinkParams p = with(Topology::ring);
    p.distance = 200;
    EXPECT_EQ((Network{8, p}.distance(0, 4)), 254u);
}

TEST(Crossbar, PassagesTakeTheirTimeAndPortsTheirBandwidth) {
    CrossbarParams p;
    p.latency = 3_ns;
    p.bandwidth = BitsPerSecond{64 * 8 * 1'000'000'000ull}; // a line a nanosecond
    Crossbar x{p};
    EXPECT_EQ(x.pass(10_ns), 13_ns);
    for (const auto port :
         {Crossbar::Port::harts, Crossbar::Port::cache, Crossbar::Port::memory, Crossbar::Port::devices}) {
        EXPECT_EQ(x.hand(port, 100_ns), 100_ns);
        EXPECT_EQ(x.hand(port, 100_ns), 101_ns) << "behind the first";
        EXPECT_EQ(x.hand(port, 200_ns), 200_ns);
        EXPECT_EQ(x.hand(port, 50_ns), 50_ns) << "late, and earlier";
    }
    EXPECT_EQ(x.hand(Crossbar::Port::devices, 640_B, 300_ns), 300_ns);
    EXPECT_EQ(x.hand(Crossbar::Port::devices, 300_ns), 310_ns);
    EXPECT_EQ(x.counters().to_harts, 256u);
    EXPECT_EQ(x.counters().to_cache, 256u);
    EXPECT_EQ(x.counters().to_memory, 256u);
    EXPECT_EQ(x.counters().to_devices, 256u + 640 + 64);
    EXPECT_EQ(x.counters().waited, (4_ns + 10_ns).count());
}

TEST(Network, ATimelineSeesEveryMessageOnEveryLinkItTakes) {
    Network ring{4, with(Topology::ring)};
    test::TraceRecorder timeline;
    ring.trace_with(timeline);
    const Picoseconds there = ring.send(0, 2, 64_B, 1_us); // two hops
    ring.send(1, 2, 0_B, 1_us + 100_ns);                   // waits behind the first one
    ASSERT_EQ(timeline.wrong, 0u);
    ASSERT_EQ(timeline.events.size(), 3u);
    EXPECT_EQ(timeline.events[0].path, "node[0].link[1]");
    EXPECT_EQ(timeline.events[0].begin, 1_us);
    EXPECT_EQ(timeline.events[0].end, 1_us + 100_ns + 10_ns);
    EXPECT_EQ(timeline.events[1].path, "node[1].link[2]");
    EXPECT_EQ(timeline.events[1].begin, 1_us + 100_ns);
    EXPECT_EQ(timeline.events[1].end, there);
    EXPECT_EQ(timeline.events[1]["from"], 0u);
    EXPECT_EQ(timeline.events[1]["to"], 2u);
    EXPECT_EQ(timeline.events[1]["bytes"], 80u);
    EXPECT_EQ(timeline.events[2]["waited"], (10_ns).count());
    EXPECT_EQ(timeline.events[2].begin, 1_us + 110_ns);
}

} // namespace
} // namespace tollgate::bus
