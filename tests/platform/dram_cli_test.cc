// tollgate dram from outside, and the replay behind it.
#include "cli/dram_replay.hh"
#include "config/error.hh"
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

namespace tollgate::cli {
namespace {
namespace fs = std::filesystem;
using nlohmann::json;

json replay(const std::string& trace, const mem::DramParams& params = {}, const mem::DramTimingParams& timing = {}) {
    std::istringstream in{trace};
    trace::MemoryTraceReader reader{in, "t"};
    DramReplay r{params, timing};
    r.run(reader);
    return json::parse(r.json());
}

/// n requests of the same time, each where `address` says.
std::string at_once(unsigned n, const std::function<std::uint64_t(unsigned)>& address, const char* what = "read") {
    std::string r;
    for (unsigned i = 0; i < n; ++i) r += fmt::format("0: {} 0x{:x}\n", what, address(i));
    return r;
}

TEST(DramReplay, LatenciesOfSingleReadsAreTheFormulas) {
    for (const mem::DramSpeed speed : {mem::DramSpeed::ddr4_2400, mem::DramSpeed::ddr4_3200}) {
        mem::DramParams p;
        p.speed = speed;
        const mem::DramTiming t = mem::dram_timing(p, {});
        const unsigned hit = t.cl + t.burst;
        EXPECT_EQ(replay("0: read 0x0\n", p)["finish_cycles"], hit + t.rcd);
        const json j = replay("0: read 0x0\n1000: read 0x400\n2000: read 0x20000\n", p);
        EXPECT_EQ(j["requests"], 3);
        EXPECT_EQ(j["row_hits"], 1);
        EXPECT_EQ(j["latency_percentiles"]["max"], hit + t.rcd + t.rp);
        EXPECT_EQ(j["latency_percentiles"]["p50"], hit + t.rcd);
        EXPECT_NEAR(j["mean_read_latency_cycles"].get<double>(), (3.0 * hit + 2 * t.rcd + t.rp) / 3, 0.001);
        EXPECT_EQ(j["finish_cycles"], 2000 + hit + t.rcd + t.rp);
        const double ns_per_clock = speed == mem::DramSpeed::ddr4_2400 ? 1 / 1.2 : 1 / 1.6;
        EXPECT_NEAR(j["finish_ns"].get<double>(), j["finish_cycles"].get<double>() * ns_per_clock, 0.001);
        EXPECT_EQ(j["commands"]["ACT"], 2);
        EXPECT_EQ(j["commands"]["PRE"], 1);
        EXPECT_EQ(j["commands"]["RD"], 3);
        EXPECT_EQ(j["commands"]["REF"], 0);
    }
}

TEST(DramReplay, NanosecondsWaitForTheNextEdge) {
    const mem::DramTiming t = mem::dram_timing({}, {});
    const unsigned closed = t.rcd + t.cl + t.burst;
    EXPECT_EQ(replay("10 R 0\n")["finish_cycles"], 12 + closed); // 12 clocks of 1.2 GHz
    EXPECT_EQ(replay("10.001 R 0\n")["finish_cycles"], 13 + closed);
}

TEST(DramReplay, BandwidthIsBoundAsTheTimesSay) {
    for (const mem::DramSpeed speed : {mem::DramSpeed::ddr4_2400, mem::DramSpeed::ddr4_3200}) {
        mem::DramParams p;
        p.speed = speed;
        p.refresh = false;
        const mem::DramTiming t = mem::dram_timing(p, {});
        const double gigahertz = speed == mem::DramSpeed::ddr4_2400 ? 1.2 : 1.6;
        const auto bandwidth = [&](unsigned n, const std::function<std::uint64_t(unsigned)>& address) {
            return replay(at_once(n, address), p)["bandwidth_gb_s"].get<double>();
        };
        const auto formula = [&](double clocks_per_line) { return 64 * gigahertz / clocks_per_line; };
        const auto near = [&](double found, double expected) { EXPECT_NEAR(found, expected, 0.035 * expected); };
        near(bandwidth(2000, [](unsigned i) { return 64 * (i % 2048); }), formula(t.ccd_s));
        near(bandwidth(2000, [](unsigned i) { return 256 * (i % 512); }), formula(t.ccd_l));
        near(bandwidth(4000, [](unsigned i) { return 64 * (i % 16) + (std::uint64_t{i} / 16 << 17); }),
             formula(t.faw / 4.0));
        near(bandwidth(500, [](unsigned i) { return std::uint64_t{i} << 17; }), formula(t.rc));
    }
}

TEST(DramReplay, RefreshIsThereUnlessItIsOff) {
    mem::DramParams p;
    const auto trace = at_once(40'000, [](unsigned i) { return 64 * i; });
    const json with = replay(trace, p);
    p.refresh = false;
    const json without = replay(trace, p);
    const mem::DramTiming t = mem::dram_timing(p, {});
    EXPECT_EQ(with["commands"]["REF"], with["finish_cycles"].get<std::uint64_t>() / t.refi);
    EXPECT_EQ(without["commands"]["REF"], 0);
    const double share = 1 - without["finish_cycles"].get<double>() / with["finish_cycles"].get<double>();
    EXPECT_NEAR(share, static_cast<double>(t.rfc) / t.refi, 0.006);
}

TEST(DramReplay, AFullQueueHoldsTheTraceBackAndEveryRequestIsServed) {
    mem::DramParams p;
    for (const std::uint32_t places : {1u, 4u, 256u}) {
        p.read_queue = p.write_queue = places;
        std::string trace;
        for (unsigned i = 0; i < 600; ++i)
            trace += fmt::format("{}: {} 0x{:x}\n", i / 7, i % 3 == 0 ? "write" : "read",
                                 (i * 0x9e3779b1ull) % (1ull << 33));
        const json j = replay(trace, p);
        EXPECT_EQ(j["requests"], 600);
        EXPECT_EQ(j["commands"]["RD"], 400);
        EXPECT_EQ(j["commands"]["WR"], 200);
        // One place: nobody waits behind another, so latency is the device's.
        const mem::DramTiming t = mem::dram_timing(p, {});
        if (places == 1) { EXPECT_LE(j["latency_percentiles"]["p50"], t.rp + t.rcd + t.cl + t.burst + t.rc); }
    }
}

TEST(DramReplay, AnAddressBehindTheRanksIsRefusedAndAnEmptyTraceIsNot) {
    mem::DramParams p;
    const std::string last = "0: read 0x1ffffffff\n", behind = "0: read 0x0\n0: read 0x200000000\n";
    EXPECT_EQ(replay(last, p)["requests"], 1);
    try {
        replay(behind, p);
        ADD_FAILURE();
    } catch (const config::BadFile& e) {
        EXPECT_STREQ(e.what(), "t:2: address 0x200000000 lies behind the channel's 8 GiB");
    }
    p.ranks = 2;
    EXPECT_EQ(replay(behind, p)["requests"], 2);
    p.channels = 4; // the replay is of one of them
    EXPECT_EQ(replay(behind, p)["requests"], 2);
    const json empty = replay("# nothing\n");
    EXPECT_EQ(empty["requests"], 0);
    EXPECT_EQ(empty["bandwidth_gb_s"], 0);
    EXPECT_EQ(empty["finish_cycles"], 0);
}

struct Result {
    int code = -1;
    std::string out, err;
};

class DramCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path()
                  / fmt::format("tollgate_dram_{}", ::testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) const {
        const fs::path p = folder_ / name;
        std::ofstream{p} << text;
        return p.string();
    }
    Result dram(const std::string& words) const {
        const std::string out = (folder_ / "out").string(), err = (folder_ / "err").string();
        const int status = std::system(fmt::format("{} dram {} >{} 2>{}", TOLLGATE_BINARY, words, out, err).c_str());
        const auto content = [](const std::string& name) {
            std::stringstream s;
            s << std::ifstream(name).rdbuf();
            return s.str();
        };
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(out), content(err)};
    }
    fs::path folder_;
};

TEST_F(DramCommand, JsonHasItsKeysAndTheTableTheSameFigures) {
    const std::string trace = file("t.stl", "0: read 0x0\n100: write 0x40\n");
    const Result r = dram(trace + " --json");
    ASSERT_EQ(r.code, 0) << r.err;
    const json j = json::parse(r.out);
    std::vector<std::string> keys;
    for (const auto& [key, value] : j.items()) keys.push_back(key);
    EXPECT_EQ(keys,
              (std::vector<std::string>{"bandwidth_gb_s", "commands", "finish_cycles", "finish_ns",
                                        "latency_percentiles", "mean_read_latency_cycles", "requests", "row_hits"}));
    const Result table = dram(trace);
    EXPECT_EQ(table.code, 0);
    EXPECT_NE(table.out.find(fmt::format("{} cycles", j["finish_cycles"].get<int>())), std::string::npos) << table.out;
    EXPECT_NE(table.out.find("DDR4-2400"), std::string::npos) << table.out;
}

TEST_F(DramCommand, ParametersComeFromPresetFileAndCommandLine) {
    const std::string trace = file("t.stl", "0: read 0x0\n");
    const auto finish = [&](const std::string& options) {
        const Result r = dram(trace + " --json " + options);
        EXPECT_EQ(r.code, 0) << r.err;
        return r.code == 0 ? json::parse(r.out)["finish_cycles"].get<unsigned>() : 0;
    };
    const mem::DramTiming slow = mem::dram_timing({}, {});
    mem::DramParams fast;
    fast.speed = mem::DramSpeed::ddr4_3200;
    const mem::DramTiming t = mem::dram_timing(fast, {});
    const auto closed = [](const mem::DramTiming& x) { return x.rcd + x.cl + x.burst; };
    EXPECT_EQ(finish("-p tiny"), closed(slow));
    EXPECT_EQ(finish("-s dram.speed=DDR4-3200"), closed(t));
    EXPECT_EQ(finish("-s 'node[0].dram.speed=DDR4-3200' -s hart.clock=1GHz"), closed(t));
    EXPECT_EQ(finish("-s 'node[1].dram.speed=DDR4-3200'"), closed(slow)) << "another node's";
    const std::string toml =
        file("m.toml", "[dram]\nspeed = \"DDR4-3200\"\n[dram.timing]\ncl = 30\n[hart]\nclock = \"1GHz\"\n");
    EXPECT_EQ(finish("-f " + toml), t.rcd + 30 + t.burst);
    EXPECT_EQ(finish("-f " + toml + " -s dram.timing.cl=25"), t.rcd + 25 + t.burst);
}

TEST_F(DramCommand, WrongInputIsOneLineAndExit2) {
    const std::string good = file("good.stl", "0: read 0x0\n"), bad = file("bad.stl", "0: read 0x0\nfour\n");
    const auto refused = [&](const std::string& words, const std::string& line) {
        const Result r = dram(words);
        EXPECT_EQ(r.code, 2) << words;
        EXPECT_EQ(r.out, "") << words;
        EXPECT_EQ(r.err, "tollgate: " + line + "\n") << words;
    };
    refused("", "dram: no FILE; expected a memory trace");
    refused(bad, bad + ":2: \"four\" is no request; expected \"cycle: read 0xaddress\" or \"cycle: write 0xaddress\"");
    refused(folder_.string(), folder_.string() + ": cannot be read");
    refused("/no/such/file", "/no/such/file: cannot be read");
    refused(good + " " + good, "dram: unexpected \"" + good + "\"");
    refused(good + " -s dram.sped=DDR4-3200",
            "command line: no parameter has the name \"dram.sped\"; did you mean dram.speed?");
    refused(good + " -s hart.clok=1GHz",
            "command line: no parameter has the name \"hart.clok\"; did you mean hart.clock?");
    refused(good + " -s dram.ranks=3", "command line: dram.ranks: 3 is out of range; expected 1 to 4, a power of two");
    refused(good + " -s dram.timing.rc=20",
            "node[0]: dram.timing: tRC >= tRAS + tRP does not hold: 20 is less than 56");
    refused(good + " -s dram.mapping=ro", "node[0]: dram.mapping: \"ro\" has not six fields of two letters; expected "
                                          "ro, ch, ra, ba, bg and co, each once, "
                                          "from the top bit down");
    refused(good + " -s dram.write_low=90%", "node[0]: dram: write_low < write_high does not hold: 90 % and 80 %");
    EXPECT_EQ(dram(good + " >/dev/full #").code, 5);
}

/// Every parameter that the command reads moves what it prints: no dead knob. The statistics that the descriptors name
/// are the machine's.
TEST(DramReplay, EveryParameterMovesTheResult) {
    // Dense enough to fill queues, with rows that are met again; now and then sparse, so that writes go in pauses.
    std::string trace;
    std::uint64_t x = 1, now = 0;
    for (unsigned i = 0; i < 6000; ++i) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        now += i % 1000 < 40 ? (i % 1000 == 0 ? 5000 : 45) : (x >> 40) % 8 == 0 ? 40 : 0;
        trace += fmt::format("{}: {} 0x{:x}\n", now, (x >> 50) % 3 == 0 ? "write" : "read",
                             ((x >> 33) % 6 << 17 | (x >> 20) % 2048 << 6) + ((x >> 60) % 2 << 32));
    }
    const mem::DramParams usual;
    const auto result = [&](const mem::DramParams& p, const mem::DramTimingParams& e) {
        return replay(trace, p, e).dump();
    };
    const std::string base = result(usual, {});
    for_each_field<mem::DramParams>([&](const auto& d) {
        if (d.name == "channels") return; // the replay is of one
        mem::DramParams p, reference;
        auto& value = p.*(d.member);
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) {
            value = "rabarobgcoch";
        } else if constexpr (std::is_same_v<T, bool>) {
            value = !value;
        } else if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>((static_cast<int>(value) + 1) % 2);
        } else {
            value = d.name == "ranks" ? 2 : d.name == "time_scale" ? 150 : d.name == "row_hit_cap" ? 1 : value / 2 + 2;
        }
        if (d.name == "rank_switch") p.ranks = reference.ranks = 2;
        EXPECT_NE(result(p, {}), result(reference, {})) << d.name;
    });
    const mem::DramTiming t = mem::dram_timing({}, {});
    const std::uint32_t changed[] = {t.cl + 1,    t.cwl + 1,   t.rcd + 1,   t.rp - 1,    t.ras - 1,   t.rc + 20,
                                     t.rrd_s + 1, t.rrd_l + 3, t.ccd_s + 1, t.ccd_l + 1, t.faw + 40,  t.wr + 20,
                                     t.wtr_s + 3, t.wtr_l + 5, t.rtp + 10,  t.rfc + 50,  t.refi - 900};
    unsigned i = 0;
    for_each_field<mem::DramTimingParams>([&](const auto& d) {
        mem::DramTimingParams e;
        e.*(d.member) = changed[i++];
        EXPECT_NE(result(usual, e), base) << d.name;
    });
    EXPECT_EQ(i, std::size(changed));
}

} // namespace
} // namespace tollgate::cli
