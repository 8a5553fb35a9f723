// Events in any order become files in order of time that viewers can read.
#include "base/random.hh"
#include "platform/trace/perfetto_reader.hh"
#include "trace/timeline.hh"
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <system_error>

namespace tollgate::trace_test {
namespace {
namespace fs = std::filesystem;
using namespace literals;
using trace::Timeline;
using trace::TraceFilter;
using trace::TraceWindow;

struct Missed {
    TOLLGATE_DESCRIBED(Missed);
    static constexpr std::string_view event_name = "missed";
    static constexpr EventClass event_class = EventClass::miss;
    static constexpr std::string_view event_title = "kind";
    TOLLGATE_FIELD(PhysAddr, line, Radix::hex, "The line.")
    TOLLGATE_FIELD(AccessKind, kind, Radix::dec, "Who wanted it.")
    TOLLGATE_END;
};
struct Slept {
    TOLLGATE_DESCRIBED(Slept);
    static constexpr std::string_view event_name = "slept";
    static constexpr EventClass event_class = EventClass::hart;
    TOLLGATE_FIELD(std::uint32_t, times, Radix::dec, "How often.")
    TOLLGATE_END;
};
struct Level {
    TOLLGATE_DESCRIBED(Level);
    static constexpr std::string_view event_name = "level";
    static constexpr EventClass event_class = EventClass::marker;
    static constexpr std::string_view event_title = "number";
    TOLLGATE_FIELD(std::uint32_t, number, Radix::dec, "Which.")
    TOLLGATE_END;
};

class TimelineTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "tollgate_timeline_XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path folder(const std::string& name) const {
        fs::create_directory(folder_ / name);
        return folder_ / name;
    }
    static std::string csv(const fs::path& run) { return unzipped(run / "events.csv.gz"); }
    static fs::path viewer(const fs::path& run) { return run / "timeline.perfetto-trace.gz"; }
    static std::string bytes(const fs::path& p) {
        std::stringstream s;
        s << std::ifstream(p, std::ios::binary).rdbuf();
        return s.str();
    }
    static std::vector<std::string> lines(const std::string& text) {
        std::vector<std::string> r;
        std::istringstream in{text};
        for (std::string line; std::getline(in, line);) r.push_back(line);
        return r;
    }

    fs::path folder_;
};

TEST_F(TimelineTest, EventsAreTextInOrderOfTimeThenRowThenLength) {
    Timeline t{TraceFilter{}, TraceWindow{}};
    const TraceTrack hart = t.track("node[0].hart[1]", EventClass::hart, RowShape::nested, "");
    const TraceTrack l1d = t.track("node[0].hart[1].l1d", EventClass::miss, RowShape::concurrent, "");
    t.open(folder("run"));
    l1d.slice(12'500_ps, 90'250_ps, Missed{PhysAddr{0x80001040}, AccessKind::store});
    l1d.instant(7_ps, Missed{PhysAddr{0}, AccessKind::fetch});
    hart.slice(12'500_ps, 20_ns, Slept{1});
    hart.slice(12'500_ps, 30_ns, Slept{2});
    hart.slice(3_ps, 5_ps, Slept{3});
    t.finish();
    EXPECT_EQ(t.events(), 5u);
    EXPECT_EQ(csv(folder("run")), "time_ps,end_ps,class,path,event,fields\n"
                                  "3,5,hart,node[0].hart[1],slept,times=3\n"
                                  "7,,miss,node[0].hart[1].l1d,missed,line=0x0 kind=fetch\n"
                                  "12500,30000,hart,node[0].hart[1],slept,times=2\n"
                                  "12500,20000,hart,node[0].hart[1],slept,times=1\n"
                                  "12500,90250,miss,node[0].hart[1].l1d,missed,line=0x80001040 kind=store\n");
}

TEST_F(TimelineTest, ViewersSeeNodesUnitsAndTheirRows) {
    Timeline t{TraceFilter{}, TraceWindow{}};
    const TraceTrack hart = t.track("node[0].hart[1]", EventClass::hart, RowShape::nested, "");
    const TraceTrack phases = t.track("node[0].hart[1]", EventClass::marker, RowShape::nested, "phases");
    const TraceTrack l1d = t.track("node[0].hart[1].l1d", EventClass::miss, RowShape::concurrent, "");
    const TraceTrack other = t.track("node[1].dram[0].bank", EventClass::miss, RowShape::concurrent, "");
    const TraceTrack link = t.track("wire[0]", EventClass::link | EventClass::hart, RowShape::concurrent, "");
    t.open(folder("run"));
    hart.slice(1_ns, 2_ns, Slept{1});
    phases.slice(2_ns, 3_ns, Level{17});
    l1d.slice(3'999_ps, 4'001_ps, Missed{PhysAddr{0x40}, AccessKind::walk});
    other.instant(5_ns, Missed{PhysAddr{0x80}, AccessKind::dma});
    link.slice(6_ns, 7_ns, Slept{2});
    t.finish();
    const PerfettoReader r{viewer(folder("run"))};
    EXPECT_EQ(r.complaints, std::vector<std::string>{});
    ASSERT_EQ(r.slices.size(), 5u);
    EXPECT_EQ(r.slices[0].track, "node[0]/hart[1]");
    EXPECT_EQ(r.slices[0].name, "slept");
    EXPECT_EQ(r.slices[0].category, "hart");
    EXPECT_EQ(r.slices[1].track, "node[0]/hart[1]/phases");
    EXPECT_EQ(r.slices[1].name, "level 17");
    EXPECT_EQ(r.slices[2].track, "node[0]/hart[1]/l1d");
    EXPECT_EQ(r.slices[2].name, "walk");
    EXPECT_EQ(r.slices[2].numbers.at("line"), 0x40u);
    EXPECT_EQ(r.slices[2].words.at("kind"), "walk");
    EXPECT_EQ(r.slices[2].begin_ns, 3u); // rounded down; exact beside it
    EXPECT_EQ(r.slices[2].end_ns, 4u);
    EXPECT_EQ(r.slices[2].numbers.at("begin_ps"), 3'999u);
    EXPECT_EQ(r.slices[2].numbers.at("end_ps"), 4'001u);
    EXPECT_EQ(r.slices[3].track, "node[1]/dram[0]/bank");
    EXPECT_TRUE(r.slices[3].instant);
    EXPECT_EQ(r.slices[4].track, "machine/wire[0]");
}

TEST_F(TimelineTest, NestedRowsKeepCallsInsideEachOtherAndConcurrentOnesApart) {
    Timeline t{TraceFilter{}, TraceWindow{}};
    const TraceTrack calls = t.track("node[0].hart[0]", EventClass::hart, RowShape::nested, "calls");
    const TraceTrack misses = t.track("node[0].hart[0]", EventClass::hart, RowShape::concurrent, "misses");
    t.open(folder("run"));
    for (const TraceTrack& row : {calls, misses}) {
        row.slice(30_ns, 50_ns, Slept{3}); // crosses the first one's end
        row.slice(20_ns, 30_ns, Slept{2});
        row.slice(10_ns, 40_ns, Slept{1});
        row.slice(50_ns, 50_ns, Slept{4});
    }
    t.finish();
    const PerfettoReader r{viewer(folder("run"))};
    EXPECT_EQ(r.complaints, std::vector<std::string>{});
    std::map<std::string, std::size_t> tracks;
    for (const auto& [uuid, name] : r.tracks) ++tracks[name];
    EXPECT_EQ(tracks["node[0]/hart[0]/calls"], 2u);
    EXPECT_EQ(tracks["node[0]/hart[0]/misses"], 2u);
    const auto depth = [&](const std::string& track, unsigned times) {
        for (const Slice& s : r.slices)
            if (s.track.ends_with(track) && s.numbers.at("times") == times) return s.depth;
        return std::size_t{99};
    };
    EXPECT_EQ(depth("calls", 1), 0u);
    EXPECT_EQ(depth("calls", 2), 1u);
    for (const unsigned n : {3u, 4u}) EXPECT_EQ(depth("calls", n), 0u);
    for (const unsigned n : {1u, 2u, 3u, 4u}) EXPECT_EQ(depth("misses", n), 0u);
}

/// Any events: slices of any length, some as long as the run, in the order in which they end.
void emit_anything(std::vector<TraceTrack>& rows, std::uint64_t seed, unsigned events) {
    Random dice{seed};
    for (unsigned i = 0; i < events; ++i) {
        const Picoseconds end{1'000'000 + 700 * i + dice.below(20'000)};
        const Picoseconds begin{end.count() - dice.below(dice.below(50) == 0 ? end.count() : 5'000)};
        const TraceTrack& row = rows[dice.below(rows.size())];
        switch (dice.below(4)) {
        case 0: row.instant(end, Level{i}); break;
        case 1: row.slice(begin, begin, Slept{i}); break;
        default: row.slice(begin, end, Missed{PhysAddr{i}, static_cast<AccessKind>(dice.below(7))});
        }
    }
}

void run_anything(const fs::path& run, std::size_t capacity) {
    Timeline t{TraceFilter{}, TraceWindow{}, capacity};
    std::vector<TraceTrack> rows;
    for (const char* path : {"node[0].hart[0]", "node[0].hart[1].l1d", "node[1].hart[0]", "wire[0]"})
        for (const RowShape shape : {RowShape::nested, RowShape::concurrent})
            rows.push_back(t.track(path, EventClasses::all(), shape, shape == RowShape::nested ? "calls" : "together"));
    t.open(run);
    emit_anything(rows, 7, 20'000);
    t.finish();
}

TEST_F(TimelineTest, WhateverComesNestsAndIsInOrder) {
    run_anything(folder("run"), 1u << 20);
    const PerfettoReader r{viewer(folder("run"))};
    EXPECT_EQ(r.complaints, std::vector<std::string>{});
    EXPECT_EQ(r.slices.size(), 20'000u);
    for (const Slice& s : r.slices)
        if (s.track.ends_with("together") && !s.instant) { ASSERT_EQ(s.depth, 0u); }
    const auto text = lines(csv(folder("run")));
    ASSERT_EQ(text.size(), 20'001u);
    for (std::size_t i = 0; i < r.slices.size(); ++i) {
        const Slice& s = r.slices[i];
        const std::uint64_t time = std::stoull(text[i + 1]);
        ASSERT_EQ(time, s.numbers.at(s.instant ? "time_ps" : "begin_ps")) << text[i + 1];
        if (i > 0) { ASSERT_GE(time, std::stoull(text[i])) << text[i + 1]; }
    }
}

TEST_F(TimelineTest, EqualEventsGiveEqualBytesHoweverLittleMemoryThereIs) {
    run_anything(folder("first"), 1u << 20);
    run_anything(folder("again"), 1u << 20);
    run_anything(folder("small"), 333); // 61 runs on the disk
    run_anything(folder("exact"), 10'000);
    for (const char* file : {"events.csv.gz", "timeline.perfetto-trace.gz"})
        for (const char* other : {"again", "small", "exact"})
            EXPECT_EQ(bytes(folder("first") / file), bytes(folder(other) / file)) << file << " " << other;
    // What did not fit into memory has gone.
    EXPECT_EQ(std::distance(fs::directory_iterator(folder("small")), fs::directory_iterator{}), 2);
}

TEST_F(TimelineTest, GzipHasNoTime) {
    run_anything(folder("run"), 1u << 20);
    for (const char* file : {"events.csv.gz", "timeline.perfetto-trace.gz"})
        EXPECT_EQ(bytes(folder("run") / file).substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8)) << file;
}

TEST_F(TimelineTest, TheWindowTakesWhatReachesIntoIt) {
    Timeline t{TraceFilter{}, TraceWindow{10_ns, 20_ns}};
    const TraceTrack hart = t.track("node[0].hart[0]", EventClass::hart, RowShape::nested, "");
    t.open(folder("run"));
    hart.slice(1_ns, 9'999_ps, Slept{1});
    hart.slice(1_ns, 10_ns, Slept{2});
    hart.instant(10_ns, Slept{3});
    hart.slice(19'999_ps, 30_ns, Slept{4});
    hart.slice(1_ns, 30_ns, Slept{5});
    hart.instant(20_ns, Slept{6});
    hart.slice(20_ns, 30_ns, Slept{7});
    t.finish();
    const auto text = lines(csv(folder("run")));
    ASSERT_EQ(text.size(), 5u);
    EXPECT_TRUE(text[1].ends_with("times=5"));
    EXPECT_TRUE(text[2].ends_with("times=2"));
    EXPECT_TRUE(text[3].ends_with("times=3"));
    EXPECT_TRUE(text[4].ends_with("times=4"));
}

TEST_F(TimelineTest, TheFilterTakesClassesAndUnits) {
    Timeline t{TraceFilter{"hart,node[0].hart[1]"}, TraceWindow{}};
    const TraceTrack wanted = t.track("node[0].hart[1]", EventClass::hart | EventClass::miss, RowShape::nested, "");
    EXPECT_TRUE(wanted);
    EXPECT_TRUE(t.track("node[0].hart[1].l1d", EventClass::hart, RowShape::nested, ""));
    EXPECT_FALSE(t.track("node[0].hart[1].l1d", EventClass::miss, RowShape::nested, ""));
    EXPECT_FALSE(t.track("node[0].hart[10]", EventClass::hart, RowShape::nested, ""));
    EXPECT_NO_THROW(t.check());
    t.open(folder("run"));
    wanted.slice(1_ns, 2_ns, Slept{1});
    wanted.instant(1_ns, Missed{PhysAddr{0}, AccessKind::load}); // a row of two classes, one of them wanted
    t.finish();
    EXPECT_EQ(lines(csv(folder("run"))).size(), 2u);
}

TEST_F(TimelineTest, AnEmptyTimelineIsWhole) {
    Timeline t{TraceFilter{}, TraceWindow{}};
    t.open(folder("run"));
    t.finish();
    EXPECT_EQ(lines(csv(folder("run"))).size(), 1u);
    EXPECT_TRUE(PerfettoReader{viewer(folder("run"))}.slices.empty());
}

TEST_F(TimelineTest, WhatCannotBeWrittenIsSaidWithItsName) {
    Timeline nowhere{TraceFilter{}, TraceWindow{}};
    EXPECT_THROW(nowhere.open(folder_ / "missing"), std::system_error);

    fs::create_symlink("/dev/full", folder("full") / "events.csv.gz");
    Timeline t{TraceFilter{}, TraceWindow{}};
    std::vector<TraceTrack> rows{t.track("node[0].hart[0]", EventClasses::all(), RowShape::nested, "")};
    t.open(folder("full"));
    emit_anything(rows, 1, 20'000);
    try {
        t.finish();
        FAIL() << "a full disk is an error";
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::no_space_on_device);
        EXPECT_NE(std::string{e.what()}.find("events.csv.gz: cannot be written: "), std::string::npos) << e.what();
    }
}

} // namespace
} // namespace tollgate::trace_test
