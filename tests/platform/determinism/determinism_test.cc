// Equal runs leave equal bytes: again, elsewhere, with other addresses on the host, and without each of the simulator's
// short cuts.
#include "machine/machine_config.hh"
#include "platform/knobs/alternatives.hh"
#include <cstdlib>
#include <gtest/gtest.h>

namespace tollgate::knobs {
namespace {
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

const fs::path guests = TOLLGATE_GUESTS;

struct Program {
    std::string guest; ///< file in `guests`
    std::string mode;
    friend void PrintTo(const Program& p, std::ostream* out) { *out << p.guest << ", " << p.mode; }
};

class Determinism : public ::testing::TestWithParam<Program> {
  protected:
    /// Runs it into the named folder.
    fs::path after(const std::string& name, Sets sets = {}, const std::string& before = "",
                   const std::string& guest = (guests / GetParam().guest).string()) {
        const fs::path out = folder_.path() / name;
        sets.push_back("sim.mode=" + GetParam().mode);
        const Ended ended = run({guest, sets, before}, out);
        EXPECT_EQ(ended.code, 0) << name << ": " << ended.errors;
        return out;
    }

  private:
    Folder folder_;
};

TEST_P(Determinism, RunsAgainAndElsewhereAreTheSame) {
    const fs::path first = after("first");
    EXPECT_EQ(differences(first, after("again"), {"host.json"}), Names{});
    EXPECT_EQ(
        differences(first, after("elsewhere", {}, "cd '" + guests.string() + "' &&", GetParam().guest), {"host.json"}),
        Names{});
    // Another place of the stack, memory that is not zero when it is new and given away, every block mapped by itself,
    // another language and time zone.
    EXPECT_EQ(differences(first,
                          after("environment", {},
                                "env -i FILL=" + std::string(30'000, 'x')
                                    + " MALLOC_PERTURB_=165 MALLOC_MMAP_THRESHOLD_=1024 LC_ALL=C.UTF-8 TZ=Asia/Tokyo"),
                          {"host.json"}),
              Names{});
}

TEST_P(Determinism, AddressesOfTheHostDoNotMatter) {
    if (std::system("setarch -R true 2>/dev/null") != 0)
        GTEST_SKIP() << "setarch cannot switch address randomisation off";
    const fs::path fixed = after("fixed", {}, "setarch -R");
    EXPECT_EQ(differences(fixed, after("random"), {"host.json"}), Names{});
    EXPECT_EQ(differences(fixed, after("legacy", {}, "env LSAN_OPTIONS=detect_leaks=0 setarch -R -L"), {"host.json"}),
              Names{});
}

TEST_P(Determinism, ConfigRepeatsTheRun) {
    const fs::path first = after("first", {"node[0].hart[0].itlb.entries=4"});
    const fs::path again = first.parent_path() / "again";
    const Ended ended = run({(guests / GetParam().guest).string(), {}, "", first / "config.toml"}, again);
    EXPECT_EQ(ended.code, 0) << ended.errors;
    EXPECT_EQ(differences(first, again, {"host.json"}), Names{});
}

TEST_P(Determinism, ShortCutsOfTheSimulatorChangeNothing) {
    const fs::path base = after("base");
    config::Assignments a;
    a.add_preset(preset);
    const machine::MachineConfig config{a};
    Sets all;
    for (const config::Parameter* p : one_of_each(config.tree())) {
        if (p->kind() != Kind::host) continue;
        ASSERT_FALSE(alternatives(*p).empty());
        const Alternative other = alternatives(*p).front();
        all.push_back(other.path + "=" + other.text);
        const fs::path out = after(p->path().text(), {all.back()});
        EXPECT_EQ(differences(base, out, {"config.toml", "host.json"}), Names{}) << all.back();
        const std::uint64_t from = Counters{base, true}.sum(p->witness().statistic).value(),
                            to = Counters{out, true}.sum(p->witness().statistic).value();
        if (p->witness().how == Moves::changes)
            EXPECT_NE(from, to) << all.back();
        else
            EXPECT_EQ((p->witness().how == Moves::up) == other.grows, to > from) << all.back() << from << " " << to;
    }
    ASSERT_GE(all.size(), 2u);
    EXPECT_EQ(differences(base, after("all", all), {"config.toml", "host.json"}), Names{});
}

std::vector<Program> programs() {
    std::vector<Program> r;
    for (const char* mode : {"timed", "functional"})
        for (const char* guest : {"knobs.elf", "restless.elf"}) r.push_back({guest, mode});
    r.push_back({"restless_unfenced.elf", "timed"});
    return r;
}

INSTANTIATE_TEST_SUITE_P(Guests, Determinism, ::testing::ValuesIn(programs()), [](const auto& of) {
    return of.param.guest.substr(0, of.param.guest.find('.')) + "_" + of.param.mode;
});

} // namespace
} // namespace tollgate::knobs
