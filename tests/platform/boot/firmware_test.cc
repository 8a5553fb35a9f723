// Firmware and boot loader that nobody of us wrote: Debian's OpenSBI and U-Boot.
#include "machine/boot_plan.hh"
#include "platform/boot/tollgate_run.hh"

namespace tollgate::boot_test {
namespace {

constexpr const char* u_boot = "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin";

class Firmware : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!machine::default_firmware() || !fs::exists(u_boot)) GTEST_SKIP() << "OpenSBI or U-Boot is not installed";
        // The first key stops the count-down and is swallowed by it.
        write(folder / "typed", "\nversion\nbdinfo\nmd 80200000 4\npoweroff\n");
    }
    Result u_boot_with(unsigned harts, const std::string& more, const std::string& run) {
        return boot(folder,
                    "-p tiny -s machine.nodes=1 -s sim.mode=functional -s harts_per_node=" + std::to_string(harts) + " "
                        + more + " --kernel " + u_boot,
                    (folder / "typed").string(), run);
    }
    Folder folder;
};

class FirmwareOn : public Firmware, public ::testing::WithParamInterface<unsigned> {};

TEST_P(FirmwareOn, UBootAnswersAtItsPrompt) {
    const Result r = u_boot_with(GetParam(), "", "run");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("Platform HART Count       : " + std::to_string(GetParam())), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("=> version\r\nU-Boot 20"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("-> size     = 0x0000000008000000"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("80200000: "), std::string::npos) << r.out;
    EXPECT_EQ(r.out.substr(r.out.size() - 14), "poweroff ...\r\n") << r.out;
}

INSTANTIATE_TEST_SUITE_P(Harts, FirmwareOn, ::testing::Values(1u, 2u, 4u));

TEST_F(Firmware, FwJumpGoesToTheKernelsAddress) {
    const fs::path jump = machine::default_firmware()->parent_path() / "fw_jump.elf";
    if (!fs::exists(jump)) GTEST_SKIP() << "no fw_jump";
    const Result r = u_boot_with(1, "--bios " + jump.string(), "run");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("=> poweroff"), std::string::npos) << r.out;
}

TEST_F(Firmware, ResetBootsAgain) {
    write(folder / "typed", "\nreset\n\npoweroff\n");
    const Result r = u_boot_with(1, "", "run");
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(stats(folder)["machine.resets"]["value"], 1);
    const std::size_t first = r.out.find("U-Boot 20");
    EXPECT_NE(r.out.find("U-Boot 20", first + 1), std::string::npos) << r.out;
}

TEST_F(Firmware, TimedRunsAreEqualAndPrintWhatFunctionalOnesPrint) {
    const std::string timed = "-s sim.mode=timed -s sim.quantum=1us";
    const Result a = u_boot_with(1, timed, "a"), b = u_boot_with(1, timed, "b"), functional = u_boot_with(1, "", "c");
    EXPECT_EQ(a.code, 0) << a.err;
    expect_equal_runs(folder, "a", "b");
    EXPECT_EQ(a.out, functional.out);
}

} // namespace
} // namespace tollgate::boot_test
