// The program around the measurements: usage, arithmetic and output, with machines of known speed in the place of
// Tollgate and QEMU.
#include "simspeed/child.hh"
#include "simspeed/guests.hh"
#include "simspeed/measure.hh"
#include "simspeed/options.hh"
#include "simspeed/table.hh"
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tollgate::simspeed {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

Child simspeed(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SIMSPEED);
    return run_child(arguments, 120s);
}

/// A machine that prints a guest's report and says in host.json how fast it was.
class StandIn : public ::testing::Test {
  protected:
    std::string script(const std::string& name, const std::string& text) {
        std::filesystem::path path = folder.path() / name;
        std::ofstream(path) << "#!/bin/sh\n" << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path.string();
    }
    /// The functional mode takes a second for 600 million instructions, the timed mode two for 300 million. Keeps its
    /// command line.
    std::string
    tollgate(const std::string& report = "alu: checksum 0x0000000000000abc instructions 1000 total 2000 harts 1") {
        return script("tollgate", fmt::format(R"(echo "$*" >> {0}/commands
mode=functional
while [ $# -gt 0 ]; do
    case "$1" in --out) out=$2;; sim.mode=*) mode=${{1#*=}};; esac
    shift
done
[ -e "$out" ] && exit 5
mkdir "$out"
echo "{1}" > "$out/console.log"
if [ $mode = timed ]; then echo '{{"instructions": 300000000, "wall_seconds": 2.0}}' > "$out/host.json"
else echo '{{"instructions": 600000000, "wall_seconds": 1.0}}' > "$out/host.json"; fi
)",
                                              folder.path().string(), report));
    }
    /// A guest other than `empty` retires 100 million instructions more.
    std::string qemu(const std::string& checksum = "0x0000000000000abc") {
        return script("qemu", fmt::format(R"(case "$*" in
*empty.elf*) echo "empty: checksum 0x0000000000000001 instructions 5 total 200 harts 1";;
*) echo "alu: checksum {} instructions 1000 total 100000200 harts 1";;
esac
)",
                                          checksum));
    }
    std::string commands() {
        std::ifstream in(folder.path() / "commands");
        return {std::istreambuf_iterator<char>(in), {}};
    }
    TemporaryFolder folder;
};

TEST(SimspeedUsage, MistakesEndWithOneLineAndExit2) {
    const std::vector<std::vector<std::string>> wrong{{"--no-such-option"},
                                                      {"fibonacci"},
                                                      {"empty"},
                                                      {"-s", "l2.size"},
                                                      {"-s", "=1"},
                                                      {"--runs", "0"},
                                                      {"--runs", "-1"},
                                                      {"--runs", "100"},
                                                      {"--harts", "65"},
                                                      {"--harts", "two"},
                                                      {"--rounds", "0"},
                                                      {"--rounds", "1k"},
                                                      {"-p"},
                                                      {"--json", "--jsons"}};
    for (const auto& arguments : wrong) {
        Child child = simspeed(arguments);
        EXPECT_EQ(child.exit_code, 2) << arguments[0];
        EXPECT_EQ(child.output, "");
        EXPECT_EQ(child.errors.rfind("simspeed: ", 0), 0u) << child.errors;
        EXPECT_EQ(std::count(child.errors.begin(), child.errors.end(), '\n'), 1) << child.errors;
    }
}

TEST(SimspeedUsage, UnknownGuestIsAnsweredWithTheKnownOnes) {
    EXPECT_EQ(simspeed({"fibonacci"}).errors,
              "simspeed: no guest 'fibonacci'; there are alu, memcpy, chase, matmul, memset, lock, copies\n");
}

TEST(SimspeedUsage, HelpNamesEveryOption) {
    Child child = simspeed({"--help"});
    EXPECT_EQ(child.exit_code, 0);
    for (const char* option : {"--json", "--preset", "--set", "--harts", "--runs", "--rounds", "--tollgate", "--qemu"})
        EXPECT_NE(child.output.find(option), child.output.npos) << option;
}

TEST(SimspeedUsage, WithoutTheMachineExit2) {
    EXPECT_EQ(simspeed({"--tollgate", "/nonexistent/tollgate"}).exit_code, 2);
}

TEST(SimspeedUsage, FiveGuestsAndFiveRunsUnlessToldOtherwise) {
    Options options = parse({}, "tollgate");
    EXPECT_EQ(options.guests, (std::vector<std::string>{"alu", "memcpy", "chase", "matmul", "memset"}));
    EXPECT_EQ(options.runs, 5u);
    EXPECT_EQ(options.preset, "server");
    EXPECT_EQ(parse({"lock", "--harts", "4"}, "tollgate").guests, std::vector<std::string>{"lock"});
}

TEST_F(StandIn, JsonHasTheShapeAndTheSpeedsOfTheMachines) {
    Child child = simspeed({"--json", "--runs", "3", "--tollgate", tollgate(), "--qemu", qemu(), "alu"});
    ASSERT_EQ(child.exit_code, 0) << child.errors;
    Json all = Json::parse(child.output);
    ASSERT_EQ(all.size(), 1u);
    ASSERT_EQ(all.at("rows").size(), 1u);
    const Json& row = all["rows"][0];
    EXPECT_EQ(row.size(), 5u);
    EXPECT_EQ(row.at("guest"), "alu");
    EXPECT_EQ(row.at("instructions"), 1000);
    EXPECT_DOUBLE_EQ(row.at("functional_mips").get<double>(), 600);
    EXPECT_DOUBLE_EQ(row.at("timed_mips").get<double>(), 150);
    EXPECT_TRUE(row.at("qemu_mips").is_number());
}

TEST_F(StandIn, WithoutQemuItsColumnIsNullWithANote) {
    Child child = simspeed({"--json", "--runs", "1", "--tollgate", tollgate(), "--qemu", "/nonexistent/qemu", "alu"});
    ASSERT_EQ(child.exit_code, 0) << child.errors;
    EXPECT_TRUE(Json::parse(child.output)["rows"][0].at("qemu_mips").is_null());
    EXPECT_EQ(child.errors, "simspeed: /nonexistent/qemu not found: no column for QEMU\n");
}

TEST_F(StandIn, TheMachineIsCalledAsItsUserWouldCallIt) {
    Child child = simspeed({"--runs", "1", "--tollgate", tollgate(), "--qemu", "/nonexistent/qemu", "-p", "u74",
                            "--harts", "3", "--rounds", "7", "-s", "l2.size=1MiB", "-s", "machine.nodes=2", "alu"});
    ASSERT_EQ(child.exit_code, 0) << child.errors;
    std::istringstream lines(commands());
    std::string functional, timed, more;
    std::getline(lines, functional);
    std::getline(lines, timed);
    EXPECT_FALSE(std::getline(lines, more));
    EXPECT_EQ(functional.rfind("boot --bios none --kernel ", 0), 0u) << functional;
    EXPECT_NE(functional.find("/alu.elf -p u74 --out "), functional.npos) << functional;
    std::string settings =
        " --quiet -s machine.nodes=1 -s machine.harts_per_node=3 -s l2.size=1MiB -s machine.nodes=2 -s sim.mode=";
    EXPECT_NE(functional.find(settings + "functional --append rounds=7"), functional.npos) << functional;
    EXPECT_NE(timed.find(settings + "timed --append rounds=7"), timed.npos) << timed;
}

TEST_F(StandIn, WhatTheMachineRefusesIsTheUsersMistake) {
    std::string refusing = script("tollgate", "echo 'tollgate: no parameter l9.size' >&2; exit 2\n");
    Child child = simspeed({"--tollgate", refusing, "-s", "l9.size=1", "alu"});
    EXPECT_EQ(child.exit_code, 2);
    EXPECT_EQ(child.errors, "simspeed: tollgate: no parameter l9.size\n");
}

TEST_F(StandIn, AFailedGuestIsExit1) {
    std::string failing = script("tollgate", "echo 'tollgate: the guest failed' >&2; exit 1\n");
    Child child = simspeed({"--tollgate", failing, "alu"});
    EXPECT_EQ(child.exit_code, 1);
    EXPECT_EQ(child.errors, "simspeed: alu (functional): exit code 1: tollgate: the guest failed\n");
}

TEST_F(StandIn, AWrongChecksumIsExit1) {
    Child child = simspeed({"--runs", "1", "--tollgate", tollgate(), "--qemu", qemu("0x0000000000000abd"), "alu"});
    EXPECT_EQ(child.exit_code, 1);
    EXPECT_EQ(child.errors, "simspeed: alu: checksum 0x0000000000000abc here, 0x0000000000000abd under QEMU\n");
}

TEST(SimspeedTable, RatiosToQemuAndDashesWithoutIt) {
    std::string text = as_table({{"alu", 1000, 600, 150, 1200.0}, {"lock", 2000, 300, 75, std::nullopt}});
    EXPECT_EQ(text, "guest     instructions  functional       timed        QEMU  functional/QEMU  timed/QEMU\n"
                    "                              MIPS        MIPS        MIPS                             \n"
                    "alu               1000       600.0       150.0      1200.0            0.500       0.125\n"
                    "lock              2000       300.0        75.0           -                -           -\n");
}

TEST(SimspeedMedian, StartUpIsTakenOff) {
    EXPECT_DOUBLE_EQ(median_mips({{600'000'000, 2}, {600'000'000, 1}, {600'000'000, 3}}), 300);
    // Half a second and a million instructions to start and stop; then 200 million in 1, 2 and 4 s.
    std::vector<Timing> empty{{1'000'000, 0.5}, {1'000'000, 9}, {1'000'000, 0.25}};
    EXPECT_DOUBLE_EQ(median_mips_beyond({{201'000'000, 1.5}, {201'000'000, 4.5}, {201'000'000, 2.5}}, empty), 100);
    EXPECT_EQ(median_mips_beyond({{1'000'000, 0.25}}, empty), 0);
}

TEST(SimspeedMedian, MiddleOfOddMeanOfEven) {
    EXPECT_EQ(median({3, 1, 2}), 2);
    EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
    EXPECT_EQ(median({7}), 7);
}

TEST(SimspeedReport, OnlyACompleteLineCounts) {
    std::string line = "alu: checksum 0x0123456789abcdef instructions 10 total 20 harts 2";
    auto report = find_report("noise\n" + line + "\n", "alu");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->checksum, "0x0123456789abcdef");
    EXPECT_EQ(report->instructions, 10u);
    EXPECT_EQ(report->total, 20u);
    EXPECT_EQ(report->harts, 2u);
    EXPECT_FALSE(find_report(line, "alu"));
    EXPECT_FALSE(find_report(line + "\n", "memcpy"));
    EXPECT_FALSE(find_report("alu: checksum 0x0123 instructions 10 total 20 harts 2\n", "alu"));
    EXPECT_FALSE(find_report("alu: checksum 0x0123456789abcdef instructions 10\n", "alu"));
}

TEST(SimspeedChild, EndsAreToldApart) {
    EXPECT_EQ(run_child({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, 60s).exit_code, 3);
    EXPECT_EQ(run_child({"/bin/sh", "-c", "echo out; echo err >&2"}, 60s).output, "out\n");
    EXPECT_EQ(run_child({"/bin/sh", "-c", "echo out; echo err >&2"}, 60s).errors, "err\n");
    EXPECT_EQ(run_child({"/bin/sh", "-c", "kill -9 $$"}, 60s).exit_code, 128 + 9);
    EXPECT_THROW(run_child({"/nonexistent/program"}, 60s), std::system_error);
    EXPECT_THROW(run_child({"/bin/sleep", "60"}, 1s), std::runtime_error);
}

TEST(SimspeedGuests, EachIsInsideAsAnElfImage) {
    for (const std::string& name : guest_names()) {
        auto image = guest_image(name);
        ASSERT_TRUE(image) << name;
        ASSERT_GT(image->size(), 4096u) << name;
        EXPECT_EQ(std::memcmp(image->data(), "\177ELF\2\1\1", 7), 0) << name;
    }
}

} // namespace
} // namespace tollgate::simspeed
