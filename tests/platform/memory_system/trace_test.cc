// The timeline of the memory system: an event for each that is counted, and nothing else changes.
#include "machine/memory_events.hh"
#include "models/support/trace_recorder.hh"
#include "platform/memory_system/small_machine.hh"
#include <gtest/gtest.h>

namespace tollgate::machine {
namespace {

using namespace literals;
using tollgate::test::TraceRecorder;
using Want = cache::Directory::Want;

/// Accesses of all kinds that meet in a few lines; every answer.
std::vector<Picoseconds> mix(test::SmallMachine& m) {
    std::vector<Picoseconds> answers;
    Random dice{3};
    Picoseconds at = 1_us;
    for (unsigned i = 0; i < 20'000; ++i) {
        const PhysAddr line = m.line(dice.below(2 * 64));
        const auto hart = static_cast<std::uint32_t>(dice.below(m.harts.size()));
        const auto node = static_cast<std::uint32_t>(dice.below(m.s.nodes));
        switch (dice.below(20)) {
        case 0: answers.push_back(m.system->dma_read(node, line, at)); break;
        case 1: answers.push_back(m.system->dma_write(node, line, dice.below(2) == 0, at)); break;
        case 2: answers.push_back(m.system->clean(hart, line, at)); break;
        case 3: answers.push_back(m.system->flush(hart, line, at)); break;
        default:
            answers.push_back(
                m.go(hart, line, dice.below(3) == 0, at, dice.below(9) == 0 ? AccessKind::walk : AccessKind::load)
                    .done);
        }
        at += Picoseconds{dice.below(40'000)};
    }
    return answers;
}

std::string hart_path(std::uint32_t h) { return "hart[" + std::to_string(h) + "]"; }
std::string node_path(std::uint32_t n, const char* unit) { return "node[" + std::to_string(n) + "]." + unit; }

struct Traced {
    explicit Traced(const test::Shape& shape) : machine{shape} {
        std::vector<std::string> paths;
        for (std::uint32_t h = 0; h < machine.system->harts(); ++h) paths.push_back(hart_path(h));
        machine.system->trace_with(timeline, paths);
        answers = mix(machine);
    }
    std::size_t count(std::string_view event, const std::string& path, std::string_view label = "") const {
        std::size_t n = 0;
        for (const auto& e : timeline.events) n += e.name() == event && e.path == path && e.label == label;
        return n;
    }
    std::size_t wants(const std::string& path, Want want) const {
        std::size_t n = 0;
        for (const auto& e : timeline.of("home_request")) n += e.path == path && static_cast<Want>(e["want"]) == want;
        return n;
    }
    TraceRecorder timeline;
    test::SmallMachine machine;
    std::vector<Picoseconds> answers;
};

class MemorySystemTrace : public ::testing::TestWithParam<bool> {
  protected:
    static test::Shape shape() {
        test::Shape s = test::Shape::tiny();
        s.l2 = GetParam();
        return s;
    }
};

TEST_P(MemorySystemTrace, TheTimelineChangesNoTime) {
    test::SmallMachine untraced{shape()};
    const Traced t{shape()};
    EXPECT_EQ(mix(untraced), t.answers);
    EXPECT_EQ(t.timeline.wrong, 0u);
    EXPECT_GT(t.timeline.events.size(), 10'000u);
}

TEST_P(MemorySystemTrace, EveryRequestAndMessageIsAnEvent) {
    Traced t{shape()};
    MemorySystem& m = *t.machine.system;
    Count lines_to_memory = 0, write_backs = 0;
    for (std::uint32_t n = 0; n < m.nodes(); ++n) {
        const std::string home = node_path(n, "directory");
        const cache::DirectoryCounters& d = m.directory(n).counters();
        EXPECT_EQ(t.wants(home, Want::read), d.reads);
        EXPECT_EQ(t.wants(home, Want::own), d.exclusive_reads);
        EXPECT_EQ(t.wants(home, Want::upgrade), d.upgrades);
        EXPECT_EQ(t.wants(home, Want::dma_read), d.dma_reads);
        EXPECT_EQ(t.wants(home, Want::dma_write), d.dma_writes);
        EXPECT_EQ(t.wants(home, Want::clean), d.cleans);
        EXPECT_EQ(t.wants(home, Want::flush), d.flushes);
        EXPECT_GT(d.reads * d.exclusive_reads * d.upgrades * d.dma_writes, 0u);
        std::size_t interventions = 0, invalidations = 0, empty = 0;
        for (const auto& e : t.timeline.of("intervention"))
            if (e["from"] == n) ++interventions, empty += e["had"] == 0;
        for (const auto& e : t.timeline.of("invalidation")) invalidations += e["from"] == n;
        EXPECT_EQ(interventions, d.interventions);
        EXPECT_EQ(empty, d.empty_interventions);
        EXPECT_EQ(invalidations, d.invalidations);
        lines_to_memory += d.memory_writes - d.dma_writes;
        write_backs += t.count("write_back", node_path(n, "llc"), "write-backs");
    }
    EXPECT_EQ(write_backs, lines_to_memory);
    for (const bus::Network::Link& l : m.network().links()) {
        const std::string path = "node[" + std::to_string(l.from) + "].link[" + std::to_string(l.to) + "]";
        EXPECT_EQ(t.count("link_message", path), l.counters.messages) << path;
    }
}

TEST_P(MemorySystemTrace, EveryMissIsAnEvent) {
    Traced t{shape()};
    const MemorySystem& m = *t.machine.system;
    const auto misses = [](const cache::CacheCounters& c) {
        return c.fetch_misses + c.load_misses + c.store_misses + c.atomic_misses + c.walk_misses + c.prefetch_misses;
    };
    for (std::uint32_t h = 0; h < m.harts(); ++h) {
        const std::string path = hart_path(h) + ".l2";
        if (m.l2(h) == nullptr) {
            EXPECT_EQ(t.count("line_miss", path), 0u);
            continue;
        }
        const cache::CacheCounters c = m.l2(h)->level().counters();
        EXPECT_EQ(t.count("line_miss", path), misses(c) + c.upgrades) << path;
    }
    for (const auto& e : t.timeline.of("line_miss")) {
        ASSERT_GE(*e.end, e.begin);
        if (e.path.ends_with("llc") && e["upgrade"] == 0) {
            EXPECT_GE(static_cast<mmu::Source>(e["source"]), mmu::Source::local);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(With, MemorySystemTrace, ::testing::Bool(),
                         [](const auto& of) { return of.param ? "L2" : "LastLevelAlone"; });

} // namespace
} // namespace tollgate::machine
