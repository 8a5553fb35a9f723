// The pipeline measured from outside: guests that have nothing but the cycle counter find the parameters of the hart
// that they run on, exactly.
#include "bare_hart.hh"
#include "base/random.hh"
#include "findings.hh"
#include "machine/machine_config.hh"
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tollgate {
namespace {

constexpr Picoseconds limit{10'000'000'000'000};

/// What the pipeline guest must find.
Findings pipeline_of(const cpu::HartConfig& c) {
    Findings f;
    auto set = [&](const char* name, std::uint64_t value) { f[name] = fmt::format("{}", value); };
    set("load_to_use", c.l1d.latency.count());
    set("misaligned", c.hart.misaligned.count());
    set("alu", c.latency.alu.count());
    set("mul", c.latency.mul.count());
    set("div", c.latency.div.count());
    set("rem", c.latency.div.count());
    set("fp_add", c.latency.fp_add.count());
    set("fp_mul", c.latency.fp_mul.count());
    set("fp_fma", c.latency.fp_fma.count());
    set("fp_div_s", c.latency.fp_div_s.count());
    set("fp_div_d", c.latency.fp_div_d.count());
    set("fp_sqrt_s", c.latency.fp_sqrt_s.count());
    set("fp_sqrt_d", c.latency.fp_sqrt_d.count());
    set("fp_move", c.latency.fp_move.count());
    for (const char* pipelined : {"load_interval", "mul_interval", "fp_add_interval"}) set(pipelined, 1);
    set("div_interval", c.latency.div.count());
    set("fp_div_d_interval", c.latency.fp_div_d.count());
    set("issue_width", c.hart.issue_width);
    // A cycle has room for two instructions that need different units; simple integer ones need none.
    const char* unit[] = {nullptr, "multiplier", "memory", "memory", "float", "branch"};
    const char* name[] = {"alu", "mul", "load", "store", "fp", "branch"};
    for (int i = 0; i < 6; ++i)
        for (int j = 0; j <= i; ++j) {
            bool apart = unit[i] == nullptr || unit[i] != unit[j];
            set(fmt::format("pair_{}_{}", name[j], name[i]).c_str(), c.hart.issue_width == 2 && apart ? 1 : 2);
        }
    set("mispredict_branch", c.branch.mispredict.count());
    set("mispredict_return", c.branch.mispredict.count());
    set("taken_jump", 1);
    set("target_entries", c.branch.target_entries);
    set("target_ways", c.branch.target_ways);
    set("late_target", c.branch.late_target.count());
    set("return_stack", c.branch.return_stack);
    // Lines that are there at once leave before the buffer is full: its depth is out of sight.
    set("store_buffer", c.store_buffer.latency.count() > c.store_buffer.entries ? c.store_buffer.entries : 0);
    return f;
}

/// What the translation guest must find.
Findings translation_of(const cpu::HartConfig& c) {
    auto ways = [](std::uint32_t ways_given, std::uint32_t entries) { return ways_given ? ways_given : entries; };
    Findings f;
    auto set = [&](const char* name, std::uint64_t value) { f[name] = fmt::format("{}", value); };
    set("dtlb_entries", c.mmu.dtlb.entries);
    set("dtlb_ways", ways(c.mmu.dtlb.ways, c.mmu.dtlb.entries));
    set("l2tlb_latency", c.mmu.l2tlb.latency);
    set("l2tlb_entries", c.mmu.l2tlb.entries);
    set("l2tlb_ways", ways(c.mmu.l2tlb.ways, c.mmu.l2tlb.entries));
    // The walk cache knows the tables of the last level: one step, one read.
    set("walk", c.mmu.walker.step_cycles + c.l1d.latency.count());
    set("itlb_entries", c.mmu.itlb.entries);
    return f;
}

void expect(const Findings& found, const Findings& expected) {
    for (const auto& [name, value] : expected)
        EXPECT_EQ(found.contains(name) ? found.at(name) : "nothing", value) << name;
    for (const auto& [name, value] : found) EXPECT_TRUE(expected.contains(name)) << name;
}

void check(const cpu::HartConfig& c) {
    expect(findings(BareHart{c}.run(MEASURE_PIPELINE, limit)), pipeline_of(c));
    expect(findings(BareHart{c}.run(MEASURE_TRANSLATION, limit)), translation_of(c));
}

/// The cores of the presets, alone.
class MeasuredPreset : public ::testing::TestWithParam<const char*> {};
TEST_P(MeasuredPreset, IsWhatItsFileSays) {
    config::Assignments asked;
    asked.add_preset(GetParam());
    check(machine::MachineConfig{asked}.hart(0));
}
INSTANTIATE_TEST_SUITE_P(Cores, MeasuredPreset, ::testing::Values("server", "u74", "rocket", "tiny"),
                         [](const auto& preset) { return std::string{preset.param}; });

TEST(MeasuredFromOutside, SingleIssueWithSmallDirectMappedTables) {
    cpu::HartConfig c;
    c.hart.issue_width = 1;
    c.hart.clock = Hertz{1'000'000'000};
    c.branch.mispredict = Cycles{3};
    c.branch.target_entries = 64;
    c.branch.target_ways = 1;
    c.branch.return_stack = 2;
    c.l1d.latency = Cycles{2};
    c.store_buffer.entries = 2;
    c.store_buffer.latency = Cycles{30};
    c.mmu.dtlb.entries = c.mmu.itlb.entries = 8;
    c.mmu.l2tlb.entries = 32;
    c.mmu.l2tlb.ways = 1;
    check(c);
}

/// Twenty harts at random. Bounds are those of what can be seen: a penalty of zero shows nothing, and each table must
/// be large enough for the code that measures another.
TEST(MeasuredFromOutside, TwentyHartsAtRandom) {
    Random random{20};
    auto any = [&](std::uint64_t low, std::uint64_t high) { return low + random.below(high - low + 1); };
    auto power = [&](unsigned low, unsigned high) { return std::uint32_t{1} << any(low, high); };
    for (int run = 0; run < 20; ++run) {

        cpu::HartConfig c;
        c.hart.issue_width = power(0, 1);
        c.hart.clock = Hertz{any(500, 4000) * 1'000'000};
        c.hart.misaligned = Cycles{any(0, 20)};
        c.hart.serialise = Cycles{any(0, 10)};
        for (Cycles* latency : {&c.latency.alu, &c.latency.mul, &c.latency.fp_add, &c.latency.fp_mul, &c.latency.fp_fma,
                                &c.latency.fp_move, &c.l1d.latency})
            *latency = Cycles{any(1, 9)};
        for (Cycles* latency :
             {&c.latency.div, &c.latency.fp_div_s, &c.latency.fp_div_d, &c.latency.fp_sqrt_s, &c.latency.fp_sqrt_d})
            *latency = Cycles{any(1, 60)};
        c.branch.mispredict = Cycles{any(1, 25)};
        c.branch.late_target = Cycles{any(1, 8)};
        c.branch.gshare_entries = power(6, 14);
        c.branch.history_bits = static_cast<std::uint32_t>(any(0, 14));
        c.branch.target_entries = power(8, 11);
        c.branch.target_ways = power(0, 3);
        c.branch.return_stack = static_cast<std::uint32_t>(any(2, 32));
        c.store_buffer.entries = static_cast<std::uint32_t>(any(1, 32));
        c.store_buffer.latency = Cycles{any(0, 100)};
        c.mmu.dtlb.ways = power(0, 2);
        c.mmu.dtlb.entries = c.mmu.dtlb.ways * power(2, 4);
        c.mmu.itlb.entries = static_cast<std::uint32_t>(any(4, 100));
        c.mmu.l2tlb.ways = power(0, 3);
        c.mmu.l2tlb.entries = std::max(c.mmu.l2tlb.ways, 2 * c.mmu.dtlb.entries) * power(0, 3);
        c.mmu.l2tlb.latency = static_cast<std::uint32_t>(any(1, 20));
        c.mmu.walker.step_cycles = static_cast<std::uint32_t>(any(0, 9));
        SCOPED_TRACE(fmt::format("hart {}: gshare {} of {} bits, targets {} x {}, store buffer {} of {} cycles", run,
                                 c.branch.gshare_entries, c.branch.history_bits, c.branch.target_entries,
                                 c.branch.target_ways, c.store_buffer.entries, c.store_buffer.latency.count()));
        check(c);
    }
}

} // namespace
} // namespace tollgate
