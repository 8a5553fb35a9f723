// A guest and a bus master that plays a script, on the whole machine.
#include "machine/device_tree.hh"
#include "platform/boot/tollgate_run.hh"
#include <map>

namespace tollgate::boot_test {
namespace {

/// "name number" lines; of equal names the first.
std::map<std::string, std::uint64_t> said(const std::string& console) {
    std::map<std::string, std::uint64_t> r;
    std::istringstream in{console};
    std::string name;
    for (std::uint64_t n; in >> name >> n;) r.emplace(name, n);
    return r;
}

Result run_script(const Folder& f, const std::string& name, const std::string& script, const std::string& words = "",
                  const std::string& run = "run") {
    write(f / "script", script);
    return boot_guest(f, name, "--quiet -s memory.initial=zero --dma-script " + (f / "script").string() + " " + words,
                      "/dev/null", run);
}

constexpr const char* flag_script = "10us W 0x80400040 119 8\n"
                                    "12us W 0x80400000 1\n";

TEST(DmaGuest, APolledFlagIsSeenWhenItIsWrittenAndNotBefore) {
    const Folder f;
    const Result r = run_script(f, "dma_poll", flag_script);
    ASSERT_EQ(r.code, 0) << r.err;
    auto s = said(r.out);
    EXPECT_EQ(s["data"], 119u);
    const auto j = stats(f);
    EXPECT_EQ(j["dma_script[0].writes"]["value"], 2);
    const std::uint64_t both = j["dma_script[0].write_time"]["value"];
    EXPECT_GT(both, 20'000u);
    // The flag is polled: its write has a cache to ask, the data's has not.
    EXPECT_GE(s["seen"], 12'000 + both / 2000);
    EXPECT_LE(s["seen"], 12'000 + both / 1000 + 200) << "the line comes back from memory, and the loop ends";
}

TEST(DmaGuest, APolledFlagIsSeenAtOneTimeWhateverTheQuantumAndTheShortCuts) {
    const Folder f;
    run_script(f, "dma_poll", flag_script);
    const std::string expected = content(f / "out");
    EXPECT_FALSE(expected.empty());
    for (const char* how : {"-s sim.quantum=10us", "-s sim.look_aside=false", "-s sim.decode_cache=false"}) {
        run_script(f, "dma_poll", flag_script, std::string{"--force "} + how);
        EXPECT_EQ(content(f / "out"), expected) << how;
    }
    run_script(f, "dma_poll", flag_script, "--force -s sim.mode=functional");
    auto s = said(content(f / "out"));
    EXPECT_EQ(s["data"], 119u);
    EXPECT_GE(s["seen"], 12'000u);
    EXPECT_LE(s["seen"], 12'010u) << "an instruction is 1 ns";
    EXPECT_EQ(stats(f)["dma_script[0].write_time"]["value"], 0);
}

constexpr const char* exchange_script = "node 1\n"
                                        "20us W 0x80400000 0x1111\n"
                                        "30us R 0x80400040 = 22 22 00 00 00 00 00 00\n"
                                        "60us R 0x80400040 = 22 22 00 00 00 00 00 00\n";

TEST(DmaGuest, WithoutCoherenceItTakesCacheBlockOperations) {
    struct Case {
        const char* how;
        bool coherent;
    };
    for (const Case& c : {Case{"", true}, Case{"-s dma.coherent=false", false},
                          Case{"-s dma.coherent=false -s sim.mode=functional", true},
                          Case{"-s dma.coherent=false -s sim.look_aside=false", false},
                          Case{"-s dma.coherent=false -s llc.inclusive=false", false},
                          Case{"-s dma.coherent=false -s l2.present=false", false}}) {
        const Folder f;
        const Result r = run_script(f, "dma_exchange", exchange_script, c.how);
        ASSERT_EQ(r.code, 0) << c.how << r.err;
        auto s = said(r.out);
        EXPECT_EQ(s["before"], 0u) << c.how;
        EXPECT_EQ(s["kept"], c.coherent ? 0x1111u : 0u) << c.how;
        EXPECT_EQ(s["invalidated"], 0x1111u) << c.how;
        EXPECT_EQ(s["own"], 0x2222u) << c.how;
        const auto j = stats(f);
        EXPECT_EQ(j["dma_script[0].reads"]["value"], 2) << c.how;
        EXPECT_EQ(j["dma_script[0].mismatches"]["value"], c.coherent ? 0 : 1) << c.how;
        EXPECT_EQ(j.contains("dma.side_table.entries"), !c.coherent) << c.how;
        if (!c.coherent) {
            EXPECT_EQ(j["dma.side_table.stale_reads"]["value"], 1) << c.how;
            EXPECT_EQ(j["dma.side_table.hidden_writes"]["value"], 1) << c.how;
            EXPECT_EQ(j["dma.side_table.revealed"]["value"], 1) << c.how;
            EXPECT_EQ(j["node[0].directory.dma_reads"]["value"], 0) << c.how;
        }
    }
}

TEST(DmaGuest, AsLongAsNoDeviceWritesNothingIsDifferent) {
    config::Assignments tiny;
    tiny.add_preset("tiny");
    const auto tree = machine::device_tree(machine::MachineConfig{tiny}, {});
    for (const char* name : {"knobs", "restless"}) {
        const Folder f;
        // The guests read the tree, which says whether DMA is coherent: one for both, so that they do the same work.
        write(f / "tree", {reinterpret_cast<const char*>(tree.data()), tree.size()});
        const std::string small = "--limit 1s -s llc.size=4KiB -s l2.size=2KiB -s l1d.size=1KiB -s l1i.size=1KiB --dtb "
                                  + (f / "tree").string() + " ";
        ASSERT_EQ(boot_guest(f, name, small, "/dev/null", "together").code, 0);
        const std::string expected = content(f / "out");
        ASSERT_EQ(boot_guest(f, name, small + "-s dma.coherent=false", "/dev/null", "apart").code, 0);
        EXPECT_EQ(content(f / "out"), expected);
        auto apart = stats(f, "apart");
        EXPECT_GT(apart["dma.side_table.entries"]["value"], 1000) << "lines that harts may write";
        EXPECT_EQ(apart["dma.side_table.revealed"]["value"], 0) << "memory has what harts wrote, whenever they let go";
        for (const char* own : {"entries", "stale_reads", "hidden_writes", "revealed"})
            apart.erase(std::string{"dma.side_table."} + own);
        EXPECT_EQ(apart, stats(f, "together")) << "to the picosecond";
    }
}

TEST(DmaGuest, CacheBlockOperationsTakeTheirTime) {
    const auto costs = [](const std::string& words) {
        const Folder f;
        const Result r = run_script(f, "dma_cost", "", words);
        EXPECT_EQ(r.code, 0) << r.err;
        std::map<std::string, std::uint64_t> first;
        std::string name, before;
        std::istringstream in{r.out};
        for (std::uint64_t n; in >> name >> n; before = name) first[name == "again" ? before + " again" : name] = n;
        return first;
    };
    auto apart = costs("-s dma.coherent=false"), slow = costs("-s dma.coherent=false -s directory.latency=200ns"),
         together = costs("");
    for (const char* what : {"clean", "flush", "inval"}) {
        EXPECT_GE(slow[what], apart[what] + 150) << what << ": home is asked";
        EXPECT_GE(slow[std::string{what} + " again"], apart[std::string{what} + " again"] + 150) << what;
        EXPECT_GE(apart[what], apart[std::string{what} + " again"]) << what << ": nothing is left to be done";
    }
    EXPECT_LE(apart["inval"], apart["flush"]) << "what is dropped need not reach memory";
    EXPECT_EQ(together["inval"], together["flush"]) << "the only copy is kept";
    EXPECT_LT(apart["zero again"], 50u) << "the line is here and may be written";
}

TEST(DmaGuest, AnOpenLoadIsSeenInTheStatistics) {
    const Folder f;
    const Result r =
        run_script(f, "dma_exchange", "load from=1us to=51us base=0x80800000 size=4MiB interval=50ns reads=3 writes=1");
    ASSERT_EQ(r.code, 0) << r.err;
    const auto j = stats(f);
    const auto n = [&](const std::string& name) { return j["dma_script[0]." + name]["value"].get<std::uint64_t>(); };
    EXPECT_EQ(n("reads") + n("writes"), 1000u);
    EXPECT_GT(n("reads"), 650u);
    EXPECT_GT(n("writes"), 150u);
    EXPECT_EQ(n("bytes_read"), n("reads") * 64);
    EXPECT_EQ(n("read_times.all"), n("reads"));
    EXPECT_EQ(n("read_times.below_16ns"), 0u);
    EXPECT_EQ(n("read_times.below_65536ns"), n("reads"));
    EXPECT_GE(n("read_times.below_512ns"), n("read_times.below_64ns"));
    EXPECT_GT(n("read_time"), n("reads") * 30'000);
    EXPECT_EQ(n("port.lines_read"), n("reads"));
    EXPECT_EQ(j["node[0].directory.dma_reads"]["value"], n("reads"));
}

const std::string overflowing = "--limit 3ms -s llc.size=4KiB -s l2.size=2KiB -s l1d.size=1KiB -s l1i.size=1KiB ";
constexpr const char* ways[] = {"", "-s dma.coherent=false", "-s llc.inject_ways=1", "-s llc.inclusive=false",
                                "-s sim.mode=functional"};

TEST(DmaGuest, ReadsOfADeviceChangeNothingThatIsComputed) {
    for (const char* name : {"knobs", "restless"})
        for (const char* how : ways) {
            const Folder f;
            ASSERT_EQ(boot_guest(f, name, overflowing + "-s memory.initial=zero " + how).code, 0);
            const std::string expected = content(f / "out");
            const Result r = run_script(f, name,
                                        "node 1\n"
                                        "load base=0x80000000 size=256MiB interval=200ns arrivals=poisson\n"
                                        "load base=0x80000000 size=256KiB interval=150ns arrivals=poisson seed=3\n",
                                        overflowing + how + " --force");
            EXPECT_EQ(r.code, 0) << name << how << r.err;
            EXPECT_EQ(r.out, expected) << name << how;
        }
}

/// Harts whose memory is written under their feet do anything; the machine stands, and is the same each time.
TEST(DmaGuest, NoWriteBringsTheMachineDown) {
    for (const char* how : ways) {
        const Folder f;
        for (const char* run : {"a", "b"}) {
            const Result r = run_script(f, "restless",
                                        "load from=10us base=0x7ffff000 size=512MiB interval=1us bytes=4096 writes=1\n"
                                        "load from=20us base=0x80000000 size=256KiB interval=150ns writes=1 seed=3\n",
                                        overflowing + how, run);
            EXPECT_TRUE(r.code == 1 || r.code == 3 || r.code == 4) << how << r.code << r.err;
        }
        EXPECT_GT(stats(f, "a")["dma_script[0].errors"]["value"], 0) << how;
        expect_equal_runs(f, "a", "b");
    }
}

TEST(DmaGuest, WhatIsWrongWithAScriptIsSaidBeforeTheRun) {
    const Folder f;
    const Result bad = run_script(f, "dma_poll", "1us R 0\nhallo\n");
    EXPECT_EQ(bad.code, 2);
    EXPECT_NE(bad.err.find("script:2: \"hallo\" begins no line"), std::string::npos) << bad.err;
    const Result node = run_script(f, "dma_poll", "node 7\n");
    EXPECT_EQ(node.code, 2);
    EXPECT_NE(node.err.find("node 7; the machine has nodes 0 to 1"), std::string::npos) << node.err;
    EXPECT_FALSE(fs::exists(f / "run"));
}

} // namespace
} // namespace tollgate::boot_test
