#include "base/counter.hh"
#include "config/error.hh"
#include "platform/config_fixture.hh"
#include "report/host_report.hh"
#include "report/json.hh"
#include "report/stats.hh"
#include <array>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tollgate::report {
namespace {

struct CacheCounters {
    TOLLGATE_DESCRIBED(CacheCounters);
    TOLLGATE_COUNTER(accesses, "accesses", "Accesses of every kind.")
    TOLLGATE_COUNTER(misses, "accesses", "Accesses that found no line.")
    TOLLGATE_END;
};

constexpr Row causes[] = {{"issue", "Slots in which an instruction issued."}, {"asleep", "Slots of \"wfi\"."}};

/// Two caches, a table and a computed value.
struct Counted {
    CacheCounters l2[2];
    std::array<std::uint64_t, 2> slots{};
    StatTree tree;
    Counted() {
        tree.add("node[0].l2", l2[0]);
        tree.add("node[1].l2", l2[1]);
        tree.add_table("node[0].hart[0].slots", "slots", causes, slots);
        tree.add_value("node[0]", "hits", "accesses", "Accesses that found their line.",
                       [this] { return l2[0].accesses - l2[0].misses; });
    }
};

TEST(Stats, ASnapshotReadsTheLiveCounters) {
    Counted c;
    c.l2[0] = {.accesses = 10, .misses = 2};
    c.l2[1] = {.accesses = 5, .misses = 5};
    c.slots = {7, 9};
    EXPECT_EQ(c.tree.snapshot(), (Snapshot{10, 2, 5, 5, 7, 9, 8}));
}

TEST(Stats, ARegionIsTheDifferenceOfTwoSnapshots) {
    Counted c;
    c.l2[0] = {.accesses = 10, .misses = 2};
    const Snapshot begin = c.tree.snapshot();
    c.l2[0] = {.accesses = 110, .misses = 3};
    const Snapshot region = delta(c.tree.snapshot(), begin);
    EXPECT_EQ(c.tree.value("node[0].l2.accesses", region), 100u);
    EXPECT_EQ(c.tree.value("node[0].l2.misses", region), 1u);
    EXPECT_EQ(c.tree.value("node[0].hits", region), 99u);
}

TEST(Stats, ATailSumsOverItsInstances) {
    Counted c;
    c.l2[0].misses = 2;
    c.l2[1].misses = 5;
    const Snapshot s = c.tree.snapshot();
    EXPECT_EQ(c.tree.value("l2.misses", s), 7u);
    EXPECT_EQ(c.tree.value("node[1].misses", s), 5u);
    EXPECT_EQ(config_test::message_of([&] { c.tree.value("l2.mises", s); }),
              "no statistic has the name \"l2.mises\"; did you mean l2.misses?");
}

TEST(Stats, JsonSaysValueUnitAndDescription) {
    Counted c;
    c.l2[1].misses = ~0ull;
    c.slots[1] = 3;
    const std::string text = stats_json(c.tree, c.tree.snapshot());
    const auto j = nlohmann::json::parse(text);
    EXPECT_EQ(j.size(), c.tree.size());
    const nlohmann::json expected = {
        {"value", ~0ull}, {"unit", "accesses"}, {"description", "Accesses that found no line."}};
    EXPECT_EQ(j["node[1].l2.misses"], expected);
    EXPECT_EQ(j["node[0].hart[0].slots.asleep"]["description"], "Slots of \"wfi\".");
    EXPECT_EQ(text, stats_json(c.tree, c.tree.snapshot()));
    EXPECT_EQ(nlohmann::json::parse(stats_json({}, {})), nlohmann::json::object());
}

TEST(Stats, TextHasTheLayoutOfGem5) {
    Counted c;
    c.l2[0].accesses = 1234;
    const std::string text = stats_text(c.tree, c.tree.snapshot());
    EXPECT_EQ(text.substr(0, 51), "\n---------- Begin Simulation Statistics ----------\n");
    EXPECT_NE(text.find("\nnode[0].l2.accesses                              1234                       # Accesses of "
                        "every kind. (accesses)\n"),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("\n---------- End Simulation Statistics   ----------\n"));
}

TEST(Stats, APathIsTakenOnce) {
    Counted c;
    EXPECT_THROW(c.tree.add("node[1].l2", c.l2[0]), std::logic_error);
}

TEST(HostReport, SaysWhereValuesCameFrom) {
    config_test::Machine m;
    m.tree.set("node[1].hart[0].l2.size", "1MiB", {config::Origin::Source::file, "my.toml", 3});
    Counted c;
    const auto j = nlohmann::json::parse(
        host_json({.wall_seconds = 2, .instructions = 600, .reproducible = false}, m.tree, c.tree));
    EXPECT_EQ(j["instructions_per_second"], 300.0);
    EXPECT_EQ(j["reproducible"], false);
    EXPECT_EQ(j["version"], version());
    EXPECT_EQ(j["parameters"].size(), 1u);
    EXPECT_EQ(j["parameters"]["node[1].hart[0].l2.size"], (nlohmann::json{{"value", "1MiB"}, {"from", "my.toml:3"}}));
    EXPECT_EQ(j["counters"], nlohmann::json::parse(stats_json(c.tree, c.tree.snapshot())));
    EXPECT_EQ(nlohmann::json::parse(host_json({}, m.tree, {}))["instructions_per_second"], 0.0);
}

TEST(Json, StringsAreEscapedWhateverTheyHold) {
    EXPECT_EQ(json_string("a\"\\\n\x01"), "\"a\\\"\\\\\\n\\u0001\"");
    EXPECT_EQ(json_string("\xff"), "\"\xef\xbf\xbd\"");
}

} // namespace
} // namespace tollgate::report
