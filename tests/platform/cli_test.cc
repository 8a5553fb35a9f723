// The program from outside: what it prints where, and its exit codes.
#include "cli/exit_code.hh"
#include "cli/run_options.hh"
#include "config/presets.hh"
#include "config/toml_file.hh"
#include "platform/config_fixture.hh"
#include "report/run_directory.hh"
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

namespace tollgate::cli {
namespace {
namespace fs = std::filesystem;
using config_test::message_of;

struct Result {
    int code = -1;
    std::string out, err;
};

std::string content(const fs::path& p) {
    std::stringstream s;
    s << std::ifstream(p).rdbuf();
    return s.str();
}

/// Runs the built program with these words, quoted by the caller where the shell needs it.
Result tollgate(const std::string& words) {
    const std::string base =
        (fs::temp_directory_path()
         / ("tollgate_cli_" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()}))
            .string();
    const int status =
        std::system((std::string{TOLLGATE_BINARY} + " " + words + " >" + base + ".out 2>" + base + ".err").c_str());
    Result r{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(base + ".out"), content(base + ".err")};
    fs::remove(base + ".out");
    fs::remove(base + ".err");
    return r;
}

/// Wrong usage: exit 2, nothing on standard output, this one line on standard error.
void expect_usage_error(const std::string& words, const std::string& line) {
    const Result r = tollgate(words);
    EXPECT_EQ(r.code, 2) << words;
    EXPECT_EQ(r.out, "") << words;
    EXPECT_EQ(r.err, "tollgate: " + line + "\n") << words;
}

TEST(Cli, HelpAndVersionGoToStandardOutput) {
    for (const char* words : {"--help", "-h", "params --help", "presets -h"}) {
        const Result r = tollgate(words);
        EXPECT_EQ(r.code, 0) << words;
        EXPECT_EQ(r.out.substr(0, 15), "usage: tollgate") << words;
        EXPECT_EQ(r.err, "") << words;
    }
    const Result version = tollgate("--version");
    EXPECT_EQ(version.code, 0);
    EXPECT_EQ(version.out.substr(0, 9), "tollgate ");
}

TEST(Cli, ListHasNoScenarioYet) {
    const Result r = tollgate("list");
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(r.err, "tollgate: no scenario comes with this version\n");
}

TEST(Cli, WrongUsageIsOneLineAndExit2) {
    expect_usage_error("", "no command; tollgate --help lists them");
    expect_usage_error("parms", "unknown command \"parms\"; did you mean params?");
    expect_usage_error("--vesion", "unknown option \"--vesion\"; did you mean --version?");
    expect_usage_error("params --jsn", "params: unknown option \"--jsn\"; did you mean --json?");
    expect_usage_error("params --js", "params: unknown option \"--js\"; did you mean --json?");
    expect_usage_error("params -x", "params: unknown option \"-x\"; --help lists the options");
    expect_usage_error("params a b", "params: unexpected \"b\"");
    expect_usage_error("presets server", "presets: unexpected \"server\"");
    expect_usage_error("params -p sever", "no preset is called \"sever\"; did you mean server?");
    expect_usage_error("params -s itlb.entreis=4",
                       "command line: no parameter has the name \"itlb.entreis\"; did you mean itlb.entries?");
    expect_usage_error("params -s itlb.entries=0", "command line: itlb.entries: 0 is out of range; expected 1 to 4096");
    expect_usage_error("params -s itlb.entries",
                       "command line: \"itlb.entries\" sets nothing; expected PATH=VALUE such as l2.size=1MiB");
    expect_usage_error("params -f /no/such.toml", "/no/such.toml: cannot be read");
    expect_usage_error("params machine.noddes",
                       "params: nothing matches \"machine.noddes\"; did you mean machine.nodes?");
}

TEST(Cli, OptionsThatNeedAValueSayItsName) {
    const Result r = tollgate("params --preset");
    EXPECT_EQ(r.code, 2);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1);
    EXPECT_NE(r.err.find("--preset"), std::string::npos) << r.err;
}

TEST(Cli, ParamsListsEveryParameterOnce) {
    const Result r = tollgate("params");
    EXPECT_EQ(r.code, 0);
    EXPECT_NE(r.out.find("machine.nodes "), std::string::npos);
    EXPECT_NE(r.out.find("itlb.entries "), std::string::npos);
    EXPECT_EQ(r.out.find("node[0]"), std::string::npos);
    const Result some = tollgate("params itlb");
    EXPECT_EQ(some.code, 0);
    EXPECT_LT(some.out.size(), r.out.size());
    EXPECT_EQ(some.out.find("machine."), std::string::npos);
    EXPECT_EQ(tollgate("params 'node*itlb.entries'").code, 0);
}

TEST(Cli, ParamsAsJsonIsForPrograms) {
    const Result r = tollgate("params --json -s itlb.entries=5");
    ASSERT_EQ(r.code, 0) << r.err;
    const auto j = nlohmann::json::parse(r.out);
    const auto at = std::find_if(j.begin(), j.end(), [](const auto& p) { return p["name"] == "itlb.entries"; });
    ASSERT_NE(at, j.end());
    EXPECT_EQ((*at)["path"], "node[*].hart[*].itlb.entries");
    EXPECT_EQ((*at)["default"], "5");
    EXPECT_EQ((*at)["unit"], "entries");
    EXPECT_EQ((*at)["range"]["max"], 4096);
    for (const auto& p : j)
        for (const char* key : {"name", "path", "type", "default", "kind", "description"})
            EXPECT_FALSE(p[key].get<std::string>().empty()) << p.dump();
}

TEST(Cli, PresetsCanBeShownAndReadBack) {
    const Result r = tollgate("presets");
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), static_cast<std::ptrdiff_t>(config::presets().size()));
    for (const config::Preset& p : config::presets()) {
        const Result shown = tollgate("presets --show " + std::string{p.name});
        EXPECT_EQ(shown.code, 0);
        EXPECT_EQ(shown.out, p.toml);
        EXPECT_EQ(tollgate("params -p " + std::string{p.name}).code, 0);
    }
    expect_usage_error("presets --show tny", "no preset is called \"tny\"; did you mean tiny?");
}

TEST(Cli, AFullDiskIsExit5) {
    EXPECT_EQ(tollgate("params >/dev/full #").code, 5);
    EXPECT_EQ(tollgate("--version >/dev/full #").code, 5);
}

TEST(Cli, EveryExceptionHasItsExitCode) {
    EXPECT_EQ(guarded([] { return 3; }), 3);
    EXPECT_EQ(guarded([]() -> int { throw UsageError("x"); }), 2);
    EXPECT_EQ(guarded([]() -> int { throw config::BadFile("x"); }), 2);
    EXPECT_EQ(guarded([]() -> int { throw report::ResultsExist("x"); }), 2);
    EXPECT_EQ(guarded([]() -> int { throw std::invalid_argument("entries=5, ways=2"); }), 2);
    EXPECT_EQ(guarded([]() -> int { throw report::WriteError("x"); }), 5);
    EXPECT_THROW(guarded([]() -> int { throw std::out_of_range("a mistake of ours"); }), std::out_of_range);
}

TEST(BootOptions, EveryOptionArrives) {
    const auto o = boot_options({"-p",         "tiny",
                                 "-s",         "itlb.entries=4",
                                 "-s",         "itlb.entries=8",
                                 "-o",         "out",
                                 "--force",    "--limit",
                                 "10us",       "--host-limit=2s",
                                 "--gdb",      "1234",
                                 "--gdb-wait", "--verbose",
                                 "--bios",     "none",
                                 "--kernel",   "k",
                                 "--initrd",   "i",
                                 "--append",   "a=b c",
                                 "--dtb",      "d"});
    ASSERT_TRUE(o);
    EXPECT_EQ(o->run.machine.all().back().text, "8");
    EXPECT_EQ(o->run.machine.all().front().origin.name, "tiny");
    EXPECT_EQ(o->run.out, "out");
    EXPECT_TRUE(o->run.force);
    EXPECT_EQ(o->run.limit, Picoseconds{10'000'000});
    EXPECT_EQ(o->run.host_limit, Picoseconds{2'000'000'000'000});
    EXPECT_EQ(o->run.gdb_port, 1234);
    EXPECT_TRUE(o->run.gdb_wait);
    EXPECT_FALSE(o->run.quiet);
    EXPECT_TRUE(o->run.verbose);
    EXPECT_EQ(o->bios, "none");
    EXPECT_EQ(o->kernel, "k");
    EXPECT_EQ(o->initrd, "i");
    EXPECT_EQ(o->append, "a=b c");
    EXPECT_EQ(o->dtb, "d");
}

TEST(BootOptions, DefaultsAreThePresetServerAndNothingElse) {
    const auto o = boot_options({});
    ASSERT_TRUE(o);
    EXPECT_EQ(o->run.machine.all().front().origin.name, "server");
    EXPECT_FALSE(o->run.out || o->run.limit || o->run.host_limit || o->run.gdb_port || o->bios || o->kernel || o->initrd
                 || o->dtb);
    EXPECT_EQ(o->append, "");
}

TEST(BootOptions, NonsenseIsAUsageError) {
    const auto error = [](const Arguments& args) { return message_of<UsageError>([&] { boot_options(args); }); };
    EXPECT_EQ(error({"--limit", "10"}),
              "--limit: \"10\" is not a time with its unit; expected a number with ps, ns, us, ms or s, such as 80ns");
    EXPECT_EQ(error({"--limit", "0ns"}), "--limit: 0ps is out of range; expected 1ps or more");
    EXPECT_EQ(boot_options({"--gdb", "0"})->run.gdb_port, 0);
    EXPECT_EQ(error({"--gdb", "65536"}),
              "--gdb: \"65536\" is not a port; expected 1 to 65535, or 0 for any that is free");
    EXPECT_EQ(error({"--gdb", "12x"}), "--gdb: \"12x\" is not a port; expected 1 to 65535, or 0 for any that is free");
    EXPECT_EQ(error({"--gdb-wait"}), "--gdb-wait: needs --gdb PORT");
    EXPECT_EQ(error({"--quiet", "--verbose"}), "--quiet and --verbose exclude each other");
    EXPECT_EQ(error({"--bios", "none"}), "boot: --bios none needs --kernel FILE");
    EXPECT_EQ(error({"--kernal", "x"}), "boot: unknown option \"--kernal\"; did you mean --kernel?");
    EXPECT_EQ(error({"vmlinux"}), "boot: unexpected \"vmlinux\"");
    EXPECT_EQ(error({"--limit", "1ns", "--limit", "2ns"}).substr(0, 6), "boot: ");
    EXPECT_EQ(error({"--out", ""}).find('\n'), std::string::npos);
}

} // namespace
} // namespace tollgate::cli
