// What a guest computes does not depend on time, and what the machine counts adds up.
#include "machine/machine_config.hh"
#include "platform/knobs/alternatives.hh"
#include <gtest/gtest.h>
#include <random>

namespace tollgate::knobs {
namespace {
namespace fs = std::filesystem;

const std::string guests[] = {KNOBS_GUEST, RESTLESS_GUEST, UNFENCED_GUEST};

class Function : public ::testing::TestWithParam<std::string> {
  protected:
    /// Runs the guest with every one of these settings; what it prints must be what it prints without.
    void expect_same_console(const std::vector<Sets>& settings) {
        const Folder folder;
        ASSERT_EQ(run({GetParam(), {}}, folder.path() / "base").code, 0);
        const std::string expected = content(folder.path() / "base" / "console.log");
        ASSERT_TRUE(expected.starts_with("checksum ") && expected.ends_with(" harts 4\n")) << expected;
        std::vector<std::string> consoles(settings.size());
        side_by_side(settings.size(), [&](std::size_t i) {
            const fs::path out = folder.path() / std::to_string(i);
            const Ended ended = run({GetParam(), settings[i]}, out);
            consoles[i] = ended.code == 0 ? content(out / "console.log") : ended.errors;
            fs::remove_all(out);
        });
        for (std::size_t i = 0; i < settings.size(); ++i)
            EXPECT_EQ(consoles[i], expected) << ::testing::PrintToString(settings[i]);
    }

    /// The alternatives of all parameters that are time's alone.
    static std::vector<std::vector<Alternative>> timing() {
        config::Assignments a;
        a.add_preset(preset);
        for (const std::string& set : small()) a.add_command_line(set);
        const machine::MachineConfig config{a};
        std::vector<std::vector<Alternative>> r;
        for (const config::Parameter* p : one_of_each(config.tree()))
            if (p->kind() == Kind::timing) r.push_back(alternatives(*p));
        return r;
    }
};

TEST_P(Function, NoTimingParameterChangesWhatIsComputed) {
    std::vector<Sets> settings;
    for (const auto& others : timing()) {
        ASSERT_FALSE(others.empty());
        for (std::size_t i = 0; i < std::min<std::size_t>(others.size(), 2); ++i)
            settings.push_back({others[i].path + "=" + others[i].text});
    }
    ASSERT_GT(settings.size(), 50u);
    expect_same_console(settings);
}

TEST_P(Function, NoCombinationOfTimingParametersDoes) {
    std::mt19937_64 random{20260101};
    std::vector<Sets> settings;
    const auto all = timing();
    while (settings.size() < 20) {
        Sets sets;
        // One parameter goes to the end of its range: several slow ends together take minutes.
        const auto& extreme = all[random() % all.size()];
        for (const auto& others : all) {
            if (random() % 3 == 0) continue;
            const std::size_t choices = &others == &extreme ? 3 : 2;
            const Alternative& other = others[random() % std::min(others.size(), choices)];
            sets.push_back(other.path + "=" + other.text);
            if (!can_be_built(sets)) sets.pop_back();
        }
        settings.push_back(std::move(sets));
    }
    expect_same_console(settings);
}

TEST_P(Function, FunctionalModeComputesTheSame) {
    expect_same_console({{"sim.mode=functional"}, {"sim.mode=functional", "sim.quantum=1us"}});
}

// ---- identities

class Identities : public ::testing::TestWithParam<std::string> {};

/// Those of one hart.
void expect_identities(const Counters& n, const std::string& hart, std::uint64_t width, bool timed) {
    const auto at = [&](const char* name) { return n.at(hart + name); };
    std::uint64_t slots = 0;
    for (const auto& [path, value] : n.all())
        if (path.starts_with(hart + "slots.")) slots += value;
    EXPECT_LE(at("cycles") * width, slots) << hart;
    EXPECT_GT((at("cycles") + 1) * width, slots) << hart << "within the last cycle";
    EXPECT_EQ(at("instructions") + at("not_retired"), at("slots.issue") + at("markers")) << hart;
    EXPECT_LE(at("device_loads"), at("loads")) << hart;
    EXPECT_LE(at("device_stores"), at("stores")) << hart;
    EXPECT_LE(at("mispredicts"), at("branches")) << hart;
    EXPECT_LE(at("failed_sc"), at("atomics")) << hart;
    EXPECT_LE(at("not_retired"), at("traps")) << hart;
    EXPECT_LE(at("faults.fetch_page_faults") + at("faults.load_page_faults") + at("faults.store_page_faults"),
              at("traps"))
        << hart;

    EXPECT_EQ(at("l2tlb.hits") + at("l2tlb.misses"), at("itlb.misses") + at("dtlb.misses")) << hart;
    EXPECT_EQ(at("walker.walks"), at("l2tlb.misses")) << hart;
    EXPECT_LE(at("walker.cache_hits"), at("walker.walks")) << hart;
    EXPECT_LE(at("itlb.evictions") + at("itlb.flushed"), at("itlb.misses")) << hart;
    EXPECT_LE(at("dtlb.evictions") + at("dtlb.flushed"), at("dtlb.misses")) << hart;
    EXPECT_LE(at("l2tlb.evictions") + at("l2tlb.flushed"), at("walker.walks")) << hart;
    std::uint64_t reads = 0;
    for (const char* level : {"0", "1", "2", "3", "4"}) reads += n.at(hart + "walker.reads_level" + level);
    EXPECT_EQ(reads, at("walker.reads")) << hart;
    EXPECT_LE(at("walker.walks"), at("walker.reads")) << hart;
    std::uint64_t walking = 0;
    for (const char* from : {"l1", "l2", "llc", "local", "remote", "other"})
        walking += n.at(hart + "slots.walk_" + from);
    EXPECT_EQ(walking, at("walker.cycles") * width) << hart;
    EXPECT_TRUE(timed || at("walker.walks") == 0) << hart;
}

TEST_P(Identities, CountersAddUp) {
    for (const bool timed : {true, false})
        for (const unsigned width : {1u, 2u}) {
            SCOPED_TRACE((timed ? "timed, width " : "functional, width ") + std::to_string(width));
            const Folder folder;
            const fs::path out = folder.path() / "run";
            const Ended ended = run({GetParam(),
                                     {std::string{"sim.mode="} + (timed ? "timed" : "functional"),
                                      "hart.issue_width=" + std::to_string(width)}},
                                    out);
            ASSERT_EQ(ended.code, 0) << ended.errors;
            const Counters n{out};
            for (const char* hart : {"node[0].hart[0].", "node[0].hart[1].", "node[1].hart[0].", "node[1].hart[1]."}) {
                expect_identities(n, hart, timed ? width : 1, timed);
                EXPECT_LE(n.at(std::string{hart} + "cycles") * 1000, n.at("machine.time")) << hart << "1 GHz";
            }
            EXPECT_EQ(n.sum("memory.reads"), 0u) << "the bytes of lines have a direct pointer";
            EXPECT_EQ(n.sum("llc.walks").has_value(), timed) << "caches are where time is";
            EXPECT_EQ(n.at("uart.sent"), content(out / "console.log").size());
            EXPECT_LE(n.at("uart.received"), n.at("uart.reads"));
            EXPECT_EQ(n.at("machine.harts"), 4u);
        }
}

std::string name_of(const ::testing::TestParamInfo<std::string>& of) { return fs::path{of.param}.stem().string(); }
INSTANTIATE_TEST_SUITE_P(Guests, Function, ::testing::ValuesIn(guests), name_of);
INSTANTIATE_TEST_SUITE_P(Guests, Identities, ::testing::ValuesIn(guests), name_of);

} // namespace
} // namespace tollgate::knobs
