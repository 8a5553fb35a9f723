// The machine as a whole: how runs end, that equal runs are equal, who is wired to whom.
#include "platform/boot/tollgate_run.hh"

namespace tollgate::boot_test {
namespace {

TEST(Boot, APassIsExit0) {
    const Folder f;
    const Result r = boot_guest(f, "boot_pass");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "hello from the guest\n");
    EXPECT_EQ(content(f / "run" / "console.log"), r.out);
    EXPECT_EQ(r.err, "run directory: " + (f / "run").string() + "\n");
    for (const char* file : {"config.toml", "stats.json", "stats.txt", "host.json"})
        EXPECT_FALSE(content(f / "run" / file).empty()) << file;
}

TEST(Boot, QuietSaysNothing) {
    const Folder f;
    EXPECT_EQ(boot_guest(f, "boot_pass", "--quiet").err, "");
}

TEST(Boot, AFailureIsExit1AndNamesItsCode) {
    const Folder f;
    const Result r = boot_guest(f, "boot_fail", "--quiet");
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.err, "tollgate: the guest failed with code 7\n");
    EXPECT_EQ(r.out, "hello from the guest\n");
}

TEST(Boot, NothingCanHappenIsExit3AndSaysWhatEachHartWaitsFor) {
    const Folder f;
    const Result r = boot_guest(f, "boot_sleep", "--quiet");
    EXPECT_EQ(r.code, 3);
    EXPECT_EQ(r.out, "hello from the guest\n");
    EXPECT_EQ(r.err.find("tollgate: nothing can happen any more\ntollgate: hart 0 sleeps in wfi at 0x"), 0u) << r.err;
    EXPECT_NE(r.err.find("\ntollgate: hart 3 sleeps"), std::string::npos) << r.err;
    // Input that nobody will ever read does not keep it alive.
    write(f / "typed", "abc");
    EXPECT_EQ(boot_guest(f, "boot_sleep", "--quiet --force", (f / "typed").string()).code, 3);
}

TEST(Boot, LimitsAreExit4) {
    const Folder f;
    const Result simulated = boot_guest(f, "boot_spin", "--quiet --limit 100us");
    EXPECT_EQ(simulated.code, 4);
    EXPECT_EQ(simulated.err.find("tollgate: --limit: "), 0u) << simulated.err;
    const std::uint64_t time = stats(f)["machine.time"]["value"];
    EXPECT_GE(time, 100'000'000u);
    EXPECT_LT(time, 101'000'000u);
    const Result host = boot_guest(f, "boot_spin", "--quiet --host-limit 200ms --force");
    EXPECT_EQ(host.code, 4);
    EXPECT_EQ(host.err.find("tollgate: --host-limit: "), 0u) << host.err;
}

TEST(Boot, ASignalEndsTheRunAndItsResultsAreWritten) {
    Folder folder;
    const std::string command = std::string{"timeout --preserve-status -s INT 1 "} + TOLLGATE_BINARY
                                + " boot -p tiny -o " + (folder / "run").string() + " --bios none --kernel "
                                + guest("boot_spin") + " </dev/null >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 130) << status;
    EXPECT_GT(stats(folder)["node[0].hart[0].instructions"]["value"], 0);
}

TEST(Boot, AResetStartsTheMachineAgain) {
    const Folder f;
    const Result r = boot_guest(f, "boot_reset", "-s memory.initial=zero");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "hello from the guest\nfirst boot\nhello from the guest\nsecond boot\n");
}

TEST(Boot, HartsAndTimersAreWiredByNumber) {
    for (const char* mode : {"timed", "functional"}) {
        const Folder f;
        const Result r = boot_guest(f, "boot_interrupts", std::string{"-s sim.mode="} + mode);
        EXPECT_EQ(r.code, 0) << mode << r.err;
        EXPECT_EQ(r.out, "0123!") << mode;
        EXPECT_GE(stats(f)["machine.time"]["value"].get<std::uint64_t>(), 1'000'000'000u) << mode;
        EXPECT_EQ(stats(f)["clint.timer_interrupts"]["value"], 1) << mode;
    }
}

TEST(Boot, InputFromAFileIsTakenAsTheGuestAcceptsIt) {
    const Folder f;
    std::string text;
    for (int i = 0; i < 100; ++i) text += "line " + std::to_string(i) + "\n";
    write(f / "typed", text + "q...");
    const Result a = boot_guest(f, "boot_echo", "", (f / "typed").string(), "a");
    const Result b = boot_guest(f, "boot_echo", "", (f / "typed").string(), "b");
    EXPECT_EQ(a.code, 0) << a.err;
    EXPECT_EQ(a.out, text + "q");
    expect_equal_runs(f, "a", "b");
    EXPECT_EQ(nlohmann::json::parse(content(f / "a" / "host.json"))["reproducible"], true);
    // Without its q it sleeps for ever once the file is at its end.
    write(f / "typed", text);
    EXPECT_EQ(boot_guest(f, "boot_echo", "--force", (f / "typed").string(), "a").code, 3);
}

TEST(Boot, APipeArrivesInHostTime) {
    const Folder f;
    const std::string words = "-p tiny --bios none --kernel " + guest("boot_echo");
    const int status =
        std::system(("(sleep 0.2; printf 'late q') | " + std::string{TOLLGATE_BINARY} + " boot --quiet -o "
                     + (f / "run").string() + " " + words + " >" + (f / "out").string())
                        .c_str());
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(content(f / "out"), "late q");
    EXPECT_EQ(nlohmann::json::parse(content(f / "run" / "host.json"))["reproducible"], false);
}

TEST(Boot, EqualRunsAreEqual) {
    const Folder f;
    for (const char* name : {"boot_pass", "boot_interrupts"}) {
        EXPECT_EQ(boot_guest(f, name, "--force", "/dev/null", "a").code, 0);
        EXPECT_EQ(boot_guest(f, name, "--force", "/dev/null", "b").code, 0);
        expect_equal_runs(f, "a", "b");
    }
}

TEST(Boot, HostShortCutsChangeNothing) {
    const Folder f;
    for (const char* name : {"boot_pass", "boot_interrupts", "boot_reset"}) {
        const std::string zero = "--force -s memory.initial=zero ";
        EXPECT_EQ(boot_guest(f, name, zero, "/dev/null", "a").code, 0);
        for (const char* off : {"sim.look_aside=false", "sim.decode_cache=false"}) {
            EXPECT_EQ(boot_guest(f, name, zero + "-s " + off, "/dev/null", "b").code, 0);
            expect_equal_runs(f, "a", "b", "config.toml");
        }
    }
}

TEST(Boot, ConfigTomlRepeatsTheRun) {
    const Folder f;
    EXPECT_EQ(boot_guest(f, "boot_pass", "-s hart.clock=1.5GHz -s uart.char_time=2us", "/dev/null", "a").code, 0);
    EXPECT_EQ(boot_guest(f, "boot_pass", "-f " + (f / "a" / "config.toml").string(), "/dev/null", "b").code, 0);
    expect_equal_runs(f, "a", "b");
}

TEST(Boot, FunctionalModePrintsTheSame) {
    const Folder f;
    const Result r =
        boot_guest(f, "boot_pass", "-s sim.mode=functional -s bus.latency=1us -s hart.clock=1MHz -s llc.clock=1MHz");
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.out, "hello from the guest\n");
    // One instruction is 1 ns whatever the clock, and devices answer at once.
    EXPECT_LT(stats(f)["machine.time"]["value"].get<std::uint64_t>(), 10'000'000u);
}

TEST(Boot, WrongUsageAndFilesAreExit2) {
    const Folder f;
    write(f / "empty", "");
    const auto expect = [&](const std::string& words, const std::string& part) {
        const Result r = boot(f, "-p tiny " + words);
        EXPECT_EQ(r.code, 2) << words;
        EXPECT_EQ(r.out, "");
        EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
        EXPECT_NE(r.err.find(part), std::string::npos) << r.err;
        EXPECT_FALSE(fs::exists(f / "run")) << words;
    };
    expect("--bios none", "--kernel");
    expect("--bios none --kernel /no/such/file", "\"/no/such/file\": cannot be read");
    expect("--bios none --kernel /", "is a directory; expected a file");
    expect("--bios none --kernel " + (f / "empty").string(), "is empty");
    expect("--bios none --kernel " + std::string{TOLLGATE_BINARY}, "ELF machine 62; expected 243 (RISC-V)");
    expect("--bios none --kernel " + guest("boot_pass") + " --dtb " + guest("boot_pass"),
           "expected a flattened device tree");
    expect("--bios none --kernel " + guest("boot_pass") + " -s machine.nodes=9", "expected 1 to 8 in all");
    expect("--bios none --kernel " + guest("boot_pass") + " -s hart.isa=rv32i", "rv64");
    expect("--bios none --kernel " + guest("boot_pass") + " -s dtlb.entries=12 -s dtlb.ways=4", "power of two");
}

TEST(Boot, ALargeMachineCostsWhatItTouches) {
    const Folder f;
    const Result r = boot_guest(f, "boot_pass",
                                "-s memory_per_node=64GiB -s dram.channels=8 -s machine.nodes=1 -s harts_per_node=2");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_LT(r.seconds, 2.0); // on a busy host, too; an idle one needs some hundredths
    rusage usage{};
    ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &usage), 0);
#ifdef __has_feature
    constexpr long shadow = __has_feature(address_sanitizer) ? 2 : 1; // the sanitizer's own memory is not the machine's
#else
    constexpr long shadow = 1;
#endif
    EXPECT_LT(usage.ru_maxrss, shadow * (64 << 10)); // KiB
}

TEST(Boot, AResultThatCannotBeWrittenIsExit5) {
    const Folder f;
    write(f / "file", "x");
    EXPECT_EQ(boot_guest(f, "boot_pass", "", "/dev/null", "file").code, 5);
    const std::string command = std::string{TOLLGATE_BINARY} + " boot -p tiny --bios none --kernel "
                                + guest("boot_pass") + " -o " + (f / "run").string() + " >/dev/full 2>/dev/null";
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 5);
}

} // namespace
} // namespace tollgate::boot_test
