// `tollgate boot --trace` from outside.
#include "platform/boot/tollgate_run.hh"
#include "platform/trace/perfetto_reader.hh"
#include <algorithm>
#include <set>

namespace tollgate::boot_test {
namespace {

using trace_test::PerfettoReader;
using trace_test::unzipped;

struct Line {
    std::uint64_t time = 0;
    std::string end, event_class, path, event, fields;
};

std::vector<Line> events(const Folder& f, const std::string& run = "run") {
    std::istringstream in{unzipped(f / run / "events.csv.gz")};
    std::string text;
    std::getline(in, text);
    EXPECT_EQ(text, "time_ps,end_ps,class,path,event,fields");
    std::vector<Line> r;
    while (std::getline(in, text)) {
        EXPECT_EQ(std::count(text.begin(), text.end(), ','), 5) << text;
        std::istringstream cells{text};
        Line l;
        std::string time;
        for (std::string* cell : {&time, &l.end, &l.event_class, &l.path, &l.event, &l.fields})
            std::getline(cells, *cell, ',');
        l.time = std::stoull(time);
        r.push_back(l);
    }
    return r;
}

std::set<std::string> classes(const std::vector<Line>& lines) {
    std::set<std::string> r;
    for (const Line& l : lines) r.insert(l.event_class);
    return r;
}

TEST(Trace, BothFilesTellTheSameInOrderOfTimeAndNest) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "boot_interrupts", "--quiet --trace").code, 0);
    const PerfettoReader viewer{f / "run" / "timeline.perfetto-trace.gz"};
    EXPECT_EQ(viewer.complaints, std::vector<std::string>{});
    const auto lines = events(f);
    ASSERT_EQ(lines.size(), viewer.slices.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        ASSERT_GE(lines[i].time, i == 0 ? 0 : lines[i - 1].time);
        ASSERT_EQ(lines[i].time / 1000, viewer.slices[i].begin_ns);
        ASSERT_EQ(lines[i].event_class, viewer.slices[i].category);
        ASSERT_EQ(lines[i].end.empty(), viewer.slices[i].instant);
    }
    for (const char* c : {"hart", "trap", "miss", "coherence", "dram", "link", "device"})
        EXPECT_TRUE(classes(lines).contains(c)) << c;
    EXPECT_TRUE(std::any_of(viewer.slices.begin(), viewer.slices.end(),
                            [](const auto& s) { return s.track == "node[1]/hart[1]" && s.name == "machine_timer"; }));
}

TEST(Trace, ThereAreAsManyTrapsAndDeviceAccessesAsWereCounted) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "boot_interrupts", "--quiet --trace=trap,device").code, 0);
    const auto lines = events(f);
    const nlohmann::json counted = stats(f);
    for (int hart = 0; hart < 4; ++hart) {
        const std::string path = "node[" + std::to_string(hart / 2) + "].hart[" + std::to_string(hart % 2) + "]";
        const auto of = [&](const std::string& event, const std::string& with = "") {
            return std::count_if(lines.begin(), lines.end(), [&](const Line& l) {
                return l.path == path && l.event == event && l.fields.find(with) != std::string::npos;
            });
        };
        EXPECT_EQ(of("exception"), counted[path + ".traps"]["value"].get<long>()) << path;
        EXPECT_EQ(of("interrupt"), counted[path + ".interrupts"]["value"].get<long>()) << path;
        EXPECT_GT(of("interrupt", "cause=machine_software"), 0) << path;
        EXPECT_EQ(of("device_access", "kind=load"), counted[path + ".device_loads"]["value"].get<long>()) << path;
        EXPECT_EQ(of("device_access", "kind=store"), counted[path + ".device_stores"]["value"].get<long>()) << path;
    }
}

TEST(Trace, ThereAreAsManyMissesCommandsAndMessagesAsWereCounted) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "memcpy", "--quiet --trace --limit 300us").code, 4);
    const auto lines = events(f);
    const nlohmann::json counted = stats(f);
    const auto sum = [&](const std::string& path, std::initializer_list<const char*> names) {
        long n = 0;
        for (const char* name : names) n += counted.at(path + "." + name)["value"].get<long>();
        return n;
    };
    const auto of = [&](const std::string& event, const std::string& path) {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const Line& l) { return l.path == path && l.event == event; });
    };
    for (const char* hart : {"node[0].hart[0]", "node[1].hart[1]"}) {
        const std::string h = hart;
        EXPECT_EQ(of("line_miss", h + ".l1i"), sum(h + ".l1i", {"fetch_misses"})) << h;
        EXPECT_EQ(of("line_miss", h + ".l1d"), sum(h + ".l1d", {"load_misses", "store_misses", "atomic_misses",
                                                                "walk_misses", "upgrades", "prefetches_issued"}))
            << h;
        EXPECT_EQ(of("tlb_refill", h + ".dtlb"), sum(h + ".dtlb", {"misses"})) << h;
        EXPECT_EQ(of("tlb_refill", h + ".itlb"), sum(h + ".itlb", {"misses"})) << h;
    }
    EXPECT_GT(of("tlb_refill", "node[0].hart[0].dtlb"), 0);
    EXPECT_GT(of("line_miss", "node[0].hart[0].l1d"), 1000);
    EXPECT_EQ(of("dram_command", "node[0].dram[0]"),
              sum("node[0].dram[0]",
                  {"activates", "precharges", "column_reads", "closing_reads", "column_writes", "closing_writes"}));
    EXPECT_EQ(of("link_message", "node[0].link[1]"), sum("node[0].link[1]", {"messages"}));
}

TEST(Trace, BurstsOfBusMastersAreEvents) {
    const Folder f;
    write(f / "script", "1us R 0x80001000 256\n2us W 0x80002000 0x1234\n");
    ASSERT_EQ(boot_guest(f, "boot_spin", "--trace=dma --limit 10us --dma-script " + (f / "script").string()).code, 4);
    const auto lines = events(f);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].time, 1'000'000u);
    EXPECT_EQ(lines[0].path, "dma_script[0]");
    EXPECT_EQ(lines[0].fields, "address=0x80001000 bytes=256 write=0");
    EXPECT_EQ(lines[1].fields, "address=0x80002000 bytes=8 write=1");
}

TEST(Trace, ShortCutsOfTheSimulatorChangeNoEvent) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "lock", "--quiet --trace --limit 100us", "/dev/null", "base").code, 4);
    for (const std::string off : {"sim.look_aside", "sim.decode_cache"}) {
        ASSERT_EQ(boot_guest(f, "lock", "--quiet --trace --limit 100us -s " + off + "=false", "/dev/null", off).code,
                  4);
        EXPECT_EQ(content(f / "base" / "events.csv.gz"), content(f / off / "events.csv.gz")) << off;
    }
}

TEST(Trace, ATimelineChangesNothingAndEqualRunsLeaveEqualOnes) {
    const Folder f;
    for (const char* guest : {"boot_interrupts", "boot_pass"}) {
        ASSERT_EQ(boot_guest(f, guest, "--force --trace", "/dev/null", "a").code, 0);
        ASSERT_EQ(boot_guest(f, guest, "--force --trace", "/dev/null", "b").code, 0);
        expect_equal_runs(f, "a", "b");
        ASSERT_EQ(boot_guest(f, guest, "--force", "/dev/null", "off").code, 0);
        EXPECT_FALSE(fs::exists(f / "off" / "events.csv.gz"));
        for (const char* file : {"stats.json", "console.log", "config.toml"})
            EXPECT_EQ(content(f / "a" / file), content(f / "off" / file)) << file;
        const auto files = [&](const char* run) {
            return std::distance(fs::directory_iterator(f / run), fs::directory_iterator{});
        };
        EXPECT_EQ(files("a"), files("off") + 2) << "nothing is left over";
    }
}

TEST(Trace, FilterAndWindowTakeLinesOutOfTheWhole) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "boot_interrupts", "--trace", "/dev/null", "all").code, 0);
    ASSERT_EQ(boot_guest(f, "boot_interrupts", "--trace=miss,trap,node[1].hart[0] --trace-window 850ns:1750ns",
                         "/dev/null", "some")
                  .code,
              0);
    std::vector<std::string> expected, got;
    const auto text = [](const Line& l) {
        return std::to_string(l.time) + "," + l.end + "," + l.path + "," + l.fields;
    };
    for (const Line& l : events(f, "all")) {
        const std::uint64_t end = l.end.empty() ? l.time : std::stoull(l.end);
        if ((l.event_class == "miss" || l.event_class == "trap") && l.path.starts_with("node[1].hart[0]")
            && l.time < 1'750'000 && end >= 850'000)
            expected.push_back(text(l));
    }
    for (const Line& l : events(f, "some")) got.push_back(text(l));
    EXPECT_GT(got.size(), 3u);
    EXPECT_EQ(got, expected);
}

TEST(Trace, FunctionalRunsHaveTrapsAndSleep) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "boot_interrupts", "-s sim.mode=functional --trace").code, 0);
    EXPECT_EQ(classes(events(f)), (std::set<std::string>{"device", "hart", "trap"}));
    EXPECT_EQ(PerfettoReader{f / "run" / "timeline.perfetto-trace.gz"}.complaints, std::vector<std::string>{});
}

TEST(Trace, WhatNeverEndedEndsWithTheRun) {
    const Folder f;
    ASSERT_EQ(boot_guest(f, "boot_sleep", "--trace=hart").code, 3);
    const auto lines = events(f);
    ASSERT_EQ(lines.size(), 4u);
    for (const Line& l : lines) EXPECT_EQ(l.event + " " + l.fields, "asleep pending=0x0");
}

TEST(Trace, WrongOptionsAreExit2AndLeaveNoDirectory) {
    const Folder f;
    const auto refused = [&](const std::string& options, const std::string& why) {
        const Result r = boot_guest(f, "boot_pass", options);
        EXPECT_EQ(r.code, 2) << options;
        EXPECT_EQ(r.err, "tollgate: " + why + "\n") << options;
        EXPECT_FALSE(fs::exists(f / "run")) << options;
    };
    refused("--trace=mis", "--trace: \"mis\" is neither a class of events nor a unit that has any; did you mean miss?");
    refused("--trace=node[0].hart[2]", "--trace: \"node[0].hart[2]\" is neither a class of events nor a unit that has "
                                       "any; did you mean node[0].hart[0]?");
    refused("--trace=miss,,trap",
            "--trace: \"miss,,trap\" has an empty word; expected classes and paths such as miss,node[0].hart[1]");
    refused("--trace-window 1us:2us", "--trace-window: needs --trace");
    refused("--trace --trace-window 1us",
            "--trace-window: \"1us\" is no window; expected FROM:TO such as 10us:20us, 10us: or :20us");
    refused("--trace --trace-window :",
            "--trace-window: \":\" is no window; expected FROM:TO such as 10us:20us, 10us: or :20us");
    refused("--trace --trace-window 2us:1us", "--trace-window: \"2us:1us\" ends before it begins");
    EXPECT_EQ(boot_guest(f, "boot_pass", "--trace --trace-window 5:6us").code, 2); // no unit
}

TEST(Trace, WhatCannotBeWrittenIsExit5) {
    const Folder f;
    // A file may grow to 4 KiB only.
    const std::string command = "trap '' XFSZ; ulimit -f 8; exec " + std::string{TOLLGATE_BINARY} + " boot -o "
                                + (f / "run").string() + " -p tiny --quiet --trace --bios none --kernel "
                                + guest("boot_interrupts") + " </dev/null >/dev/null 2>" + (f / "err").string();
    const int status = std::system(command.c_str());
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 5);
    // A sanitizer has its own word to say before it.
    EXPECT_TRUE(content(f / "err").ends_with("tollgate: " + (f / "run" / "timeline.perfetto-trace.gz").string()
                                             + ": cannot be written: File too large\n"))
        << content(f / "err");
}

} // namespace
} // namespace tollgate::boot_test
