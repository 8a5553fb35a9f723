// Addresses and picoseconds around the channels.
#include "mem/dram_controller.hh"
#include "models/support/trace_recorder.hh"
#include <gtest/gtest.h>

namespace tollgate::mem {
namespace {

using namespace literals;

TEST(DramController, TimesAreEdgesOfItsClock) {
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200})
        for (const std::uint32_t scale : {100u, 250u}) {
            DramParams p;
            p.speed = speed;
            p.time_scale = scale;
            p.refresh = false;
            DramController c{p, {}, {}};
            const DramTiming t = dram_timing(p, {});
            const std::uint32_t closed = t.rcd + t.cl + t.burst;
            EXPECT_EQ(c.read(PhysAddr{0}, 0_ps, AccessKind::load).at, c.clock().time_of(Cycles{closed}));
            // Just behind an edge: the next one counts. A thousand million cycles later nothing has drifted.
            const Cycles later{1'000'000'000};
            const Picoseconds edge = c.clock().time_of(later);
            const auto done = c.read(PhysAddr{64}, edge + 1_ps, AccessKind::load).at;
            EXPECT_EQ(done, c.clock().time_of(later + Cycles{1} + Cycles{closed}));
        }
}

TEST(DramController, ItsOwnWayIsAddedAndStretched) {
    DramParams p;
    DramControllerParams way;
    for (const std::uint32_t scale : {100u, 200u, 300u}) {
        p.time_scale = scale;
        way.latency = 0_ns;
        const auto closed = [&] { return DramController{p, {}, way}.read(PhysAddr{0}, 0_ps, AccessKind::load).at; };
        const Picoseconds bare = closed();
        way.latency = 30_ns;
        EXPECT_EQ(closed(), bare + 30_ns * scale / 100);
    }
}

TEST(DramController, ChannelsShareTheLoad) {
    DramParams p;
    p.channels = 4;
    p.mapping = "rorabacobgch"; // lines go round the channels
    DramController c{p, {}, {}};
    for (std::uint64_t i = 0; i < 64; ++i) c.read(PhysAddr{i * line_bytes}, 0_ps, AccessKind::load);
    ASSERT_EQ(c.channels(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(c.channel(i).counters().reads, 16u);
}

class Heard : public DramListener {
  public:
    void done(const DramRequest& request, Clock last_beat) override { all.emplace_back(request.tag, last_beat); }
    std::vector<std::pair<std::uint64_t, Clock>> all;
};

TEST(DramController, PostedRequestsAreTakenAtOnceAndHeardOfLater) {
    DramParams p;
    p.read_queue = 2;
    p.refresh = false;
    DramController c{p, {}, {}};
    Heard heard;
    c.channel(0).set_listener(&heard);
    const Picoseconds between_edges = 1001_ps;
    EXPECT_EQ(c.post_read(PhysAddr{0}, between_edges, AccessKind::dma, 7), between_edges);
    const auto next = c.next_action();
    ASSERT_TRUE(next);
    EXPECT_GE(*next, between_edges);
    c.advance_to(*next);
    EXPECT_TRUE(heard.all.empty());
    c.advance_to(1_us);
    ASSERT_EQ(heard.all.size(), 1u);
    EXPECT_EQ(heard.all[0].first, 7u);
    const DramTiming t = dram_timing(p, {});
    EXPECT_EQ(c.delivered(heard.all[0].second), c.clock().time_of(Cycles{2u + t.rcd + t.cl + t.burst}));
    // Three conflicts for two places: the third is held back.
    for (std::uint64_t row = 1; row < 3; ++row)
        EXPECT_EQ(c.post_read(PhysAddr{row << 17}, 2_us, AccessKind::dma, row), 2_us);
    EXPECT_GT(c.post_read(PhysAddr{3u << 17}, 2_us, AccessKind::dma, 3), 2_us);
    EXPECT_EQ(c.write(PhysAddr{0}, 2_us, AccessKind::store), 2_us);
}

TEST(DramController, NoMappingAndNoTimingThatContradictItself) {
    DramParams p;
    p.mapping = "rochracobaba";
    EXPECT_THROW(DramController(p, {}, {}), std::invalid_argument);
    DramTimingParams e;
    e.rc = 10;
    EXPECT_THROW(DramController({}, e, {}), std::invalid_argument);
}

TEST(DramController, ATimelineSeesReadsAndTheirCommands) {
    DramParams p;
    p.channels = 2;
    p.refresh = false;
    DramController c{p, {}, {}};
    test::TraceRecorder timeline;
    c.trace_with(timeline, "node[3].dram");
    const PhysAddr a{0x12345 * line_bytes};
    const DramAddress at = c.mapping().decode(a);
    const Completion first = c.read(a, 1_us, AccessKind::walk);
    const Completion second = c.read(a, 2_us, AccessKind::load);
    c.write(a, 3_us, AccessKind::store);
    c.advance_to(10_us);
    EXPECT_EQ(timeline.wrong, 0u);

    const std::string channel = "node[3].dram[" + std::to_string(at.channel) + "]";
    const auto reads = timeline.of("dram_read");
    ASSERT_EQ(reads.size(), 2u);
    EXPECT_EQ(reads[0].path, channel);
    EXPECT_EQ(reads[0].begin, 1_us);
    EXPECT_EQ(reads[0].end, first.at);
    EXPECT_EQ(reads[0]["address"], a.value());
    EXPECT_EQ(static_cast<AccessKind>(reads[0]["kind"]), AccessKind::walk);
    EXPECT_EQ(static_cast<RowState>(reads[0]["row"]), RowState::closed);
    EXPECT_EQ(reads[1].end, second.at);
    EXPECT_EQ(static_cast<RowState>(reads[1]["row"]), RowState::hit);

    const auto commands = timeline.of("dram_command");
    std::vector<Command> names;
    for (const auto& e : commands) {
        names.push_back(static_cast<Command>(e["command"]));
        EXPECT_EQ(e.path, channel);
        EXPECT_FALSE(e.end);
        EXPECT_EQ(e["row"], at.row);
        EXPECT_EQ(e["bank"], at.bank);
        EXPECT_EQ(e["bank_group"], at.group);
        const ClockDomain& clock = c.clock();
        EXPECT_EQ(clock.time_of(clock.cycle_at_or_after(e.begin)), e.begin) << "no edge";
    }
    EXPECT_EQ(names, (std::vector{Command::act, Command::rd, Command::rd, Command::wr}));
}

} // namespace
} // namespace tollgate::mem
