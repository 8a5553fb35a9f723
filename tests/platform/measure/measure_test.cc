// The pipeline measured from outside. QEMU with -icount is a machine in which every instruction takes one cycle and
// nothing runs out: what the guests find there is what they are made of, so nothing that they find elsewhere comes from
// themselves.
#include "findings.hh"
#include "simspeed/child.hh"
#include <gtest/gtest.h>

namespace tollgate {
namespace {

using namespace std::chrono_literals;

class UnderQemu : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!simspeed::is_program("qemu-system-riscv64")) GTEST_SKIP() << "qemu-system-riscv64 not found";
    }
    Findings run(const std::string& guest) {
        auto child =
            simspeed::run_child({"qemu-system-riscv64", "-M", "virt", "-m", "128M", "-display", "none", "-monitor",
                                 "none", "-serial", "stdio", "-bios", "none", "-icount", "shift=0", "-kernel", guest},
                                60s);
        EXPECT_EQ(child.exit_code, 0) << child.errors;
        return findings(child.output);
    }
};

TEST_F(UnderQemu, EveryInstructionTakesACycleAndNothingRunsOut) {
    Findings found = run(MEASURE_PIPELINE);
    for (const char* name : {"load_to_use",
                             "alu",
                             "mul",
                             "div",
                             "rem",
                             "fp_add",
                             "fp_mul",
                             "fp_fma",
                             "fp_div_s",
                             "fp_div_d",
                             "fp_sqrt_s",
                             "fp_sqrt_d",
                             "fp_move",
                             "load_interval",
                             "mul_interval",
                             "div_interval",
                             "fp_add_interval",
                             "fp_div_d_interval",
                             "issue_width",
                             "taken_jump"})
        EXPECT_EQ(found[name], "1") << name;
    for (const char* name :
         {"misaligned", "mispredict_branch", "mispredict_return", "target_entries", "return_stack", "store_buffer"})
        EXPECT_EQ(found[name], "0") << name;
    std::size_t pairs = 0;
    for (const auto& [name, value] : found)
        if (name.rfind("pair_", 0) == 0) {
            ++pairs;
            EXPECT_EQ(value, "2") << name;
        }
    EXPECT_EQ(pairs, 6u * 7 / 2);
}

TEST_F(UnderQemu, NoTlbIsEverTooSmall) {
    EXPECT_EQ(run(MEASURE_TRANSLATION), (Findings{{"dtlb_entries", "0"}, {"itlb_entries", "0"}}));
}

TEST_F(UnderQemu, MemoryIsAsNearAsACache) {
    Findings found = run(MEASURE_CACHES);
    EXPECT_EQ(found["memory_0"], "1");
    EXPECT_EQ(found["memory_in_row"], "1");
    EXPECT_EQ(found["levels"], "0");
}

} // namespace
} // namespace tollgate
