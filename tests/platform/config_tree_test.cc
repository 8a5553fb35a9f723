#include "config/assignments.hh"
#include "config/presets.hh"
#include "platform/config_fixture.hh"
#include <gtest/gtest.h>

namespace tollgate::config_test {
namespace {

using config::Origin;
const Origin typed{Origin::Source::command_line, "", 0};

TEST(Tree, ATailSetsEveryInstance) {
    Machine m;
    m.tree.set("l2.size", "1MiB", typed);
    for (const auto& node : m.harts)
        for (const Hart& h : node) {
            EXPECT_EQ(h.l2.size, Bytes{1u << 20});
            EXPECT_EQ(h.l1d.size, Bytes{32u << 10});
        }
}

TEST(Tree, AFullPathSetsOne) {
    Machine m;
    m.tree.set("node[1].hart[0].l2.ways", "16");
    EXPECT_EQ(m.harts[1][0].l2.ways, 16u);
    EXPECT_EQ(m.harts[1][1].l2.ways, 8u);
    EXPECT_EQ(m.harts[0][0].l2.ways, 8u);
}

TEST(Tree, LevelsIndicesAndStarsMayBeLeftOut) {
    const auto set = [](std::string_view pattern) {
        Machine m;
        m.tree.set(pattern, "16");
        std::string r;
        for (const auto& node : m.harts)
            for (const Hart& h : node) r += h.l2.ways == 16 ? '1' : '0';
        return r;
    };
    EXPECT_EQ(set("node[1].l2.ways"), "0011");
    EXPECT_EQ(set("hart[1].l2.ways"), "0101");
    EXPECT_EQ(set("node[*].hart[1].l2.ways"), "0101");
    EXPECT_EQ(set("node.hart.l2.ways"), "1111");
    EXPECT_EQ(set("node[0].hart.l2.ways"), "1100");
    EXPECT_EQ(set("node[0].hart[*].l2.ways"), "1100");
}

TEST(Tree, ATailBeatsLevelsLeftOut) {
    Machine m;
    m.tree.set("hart.clock", "1GHz");
    EXPECT_EQ(m.harts[1][1].hart.clock, Hertz{1'000'000'000});
    m.tree.set("link.latency", "7");
    EXPECT_EQ(m.link.latency, Cycles{7});
}

TEST(Tree, AWholePathBeatsATail) {
    LinkParams outer, inner;
    config::ParamTree tree;
    tree.add("node[0].link", inner);
    tree.add("link", outer);
    tree.set("link.share", "10%");
    EXPECT_EQ(outer.share, 10u);
    EXPECT_EQ(inner.share, 50u);
}

TEST(Tree, AmbiguousNamesListTheCandidates) {
    Machine m;
    EXPECT_EQ(message_of<config::AmbiguousName>([&] { m.tree.set("ways", "1", typed); }),
              "command line: \"ways\" is ambiguous; it could be l1d.ways, l2.ways");
    EXPECT_EQ(message_of<config::AmbiguousName>([&] { m.tree.set("node[0].latency", "1", typed); }),
              "command line: \"node[0].latency\" is ambiguous; it could be l1d.latency, l2.latency");
    EXPECT_EQ(m.harts[0][0].l1d.ways, 8u);
}

TEST(Tree, UnknownNamesProposeTheNearest) {
    Machine m;
    const auto message = [&](std::string_view pattern) {
        return message_of<config::UnknownName>([&] { m.tree.set(pattern, "1", typed); });
    };
    EXPECT_EQ(message("l2.siez"), "command line: no parameter has the name \"l2.siez\"; did you mean l2.size?");
    EXPECT_EQ(message("hrat.clock"),
              "command line: no parameter has the name \"hrat.clock\"; did you mean hart.clock?");
    EXPECT_EQ(message("bandwith"), "command line: no parameter has the name \"bandwith\"; did you mean bandwidth?");
    EXPECT_EQ(message("node[0].hart[0].l2.weys"),
              "command line: no parameter has the name \"node[0].hart[0].l2.weys\"; did you mean node.hart.l2.ways?");
    EXPECT_EQ(message("node[2].hart[0].l2.ways"),
              "command line: no \"node[2].hart[0].l2.ways\" in this machine; it has "
              "node[0].hart[0].l2.ways to node[1].hart[1].l2.ways");
    for (const char* text :
         {"", ".", "a..b", "l2.", ".l2", "l2[", "l2[x].ways", "l2[-1].ways", "l2[99999999999].ways", "l2 .ways"})
        EXPECT_NE(message(text).find("is not a name"), std::string::npos) << text;
}

TEST(Tree, AnIndexWhereThereIsNoneIsAnError) {
    Machine m;
    EXPECT_THROW(m.tree.set("link[0].latency", "3"), config::UnknownName);
}

TEST(Tree, WrongValuesNameOriginAndParameterAndChangeNothing) {
    Machine m;
    const Origin file{Origin::Source::file, "my.toml", 3};
    EXPECT_EQ(message_of<config::OutOfRange>([&] { m.tree.set("l1d.ways", "65", typed); }),
              "command line: l1d.ways: 65 is out of range; expected 1 to 64");
    EXPECT_EQ(message_of<config::BadValue>([&] { m.tree.set("hart.clock", "2", file); }),
              "my.toml:3: hart.clock: \"2\" is not a frequency with its unit; expected a number with Hz, kHz, MHz or "
              "GHz, such as 2GHz");
    EXPECT_EQ(m.harts[0][0].l1d.ways, 8u);
    EXPECT_EQ(m.harts[0][0].hart.clock, Hertz{2'000'000'000});
    EXPECT_EQ(m.tree.find("node[0].hart[0].l1d.ways")->origin().text(), "default");
}

struct Narrow {
    TOLLGATE_DESCRIBED(Narrow);
    TOLLGATE_PARAM(std::uint32_t, n, 1, Unit::none, {}, Kind::host, {"x"}, "N.")
    TOLLGATE_END;
};

TEST(Tree, A32BitMemberBoundsItsRange) {
    Narrow p;
    config::ParamTree tree;
    tree.add("p", p);
    tree.set("p.n", "4294967295");
    EXPECT_EQ(p.n, 4294967295u);
    EXPECT_THROW(tree.set("p.n", "4294967296"), config::OutOfRange);
}

TEST(Tree, EveryTypeIsSet) {
    Machine m;
    m.tree.set("wake_time", "2.5us");
    m.tree.set("hart[0].observed", "on");
    m.tree.set("isa", "rv64imac");
    m.tree.set("l2.replacement", "random");
    m.tree.set("bandwidth", "10Gb/s");
    m.tree.set("seed", "0xffffffffffffffff");
    m.tree.set("link.latency", "20");
    EXPECT_EQ(m.harts[0][1].hart.wake_time, Picoseconds{2'500'000});
    EXPECT_TRUE(m.harts[1][0].hart.observed);
    EXPECT_FALSE(m.harts[1][1].hart.observed);
    EXPECT_EQ(m.harts[0][0].hart.isa, "rv64imac");
    EXPECT_EQ(m.harts[0][0].l2.replacement, Policy::random);
    EXPECT_EQ(m.link.bandwidth, BitsPerSecond{10'000'000'000});
    EXPECT_EQ(m.link.seed, ~0ull);
    EXPECT_EQ(m.link.latency, Cycles{20});
}

TEST(Tree, ProvenanceIsTheLastWriters) {
    Machine m;
    m.tree.set("l2.ways", "4", {Origin::Source::preset, "server", 7});
    m.tree.set("node[0].l2.ways", "16", {Origin::Source::file, "my.toml", 3});
    m.tree.set("node[0].hart[0].l2.ways", "2", typed);
    EXPECT_EQ(m.tree.find("node[0].hart[0].l2.ways")->origin().text(), "command line");
    EXPECT_EQ(m.tree.find("node[0].hart[1].l2.ways")->origin().text(), "my.toml:3");
    EXPECT_EQ(m.tree.find("node[1].hart[1].l2.ways")->origin().text(), "preset server");
    EXPECT_EQ(m.tree.find("node[1].hart[1].l1d.ways")->origin().text(), "default");
    EXPECT_EQ(m.tree.find("l2.ways"), nullptr);
}

TEST(Tree, ShortNamesAreUnambiguousTails) {
    Machine m;
    std::string names;
    for (std::size_t s = 0; s < m.tree.paths().shapes().size(); ++s) {
        const std::string name = m.tree.paths().short_name(s);
        names += name + ' ';
        const config::Parameter& p = m.tree.parameters()[m.tree.paths().shapes()[s].front()];
        EXPECT_NO_THROW(m.tree.set(name, p.print())) << name;
    }
    EXPECT_EQ(names.substr(0, 63), "machine.nodes machine.memory_per_node hart.clock hart.wake_time");
}

TEST(Tree, TheSamePathTwiceIsTheAuthorsMistake) {
    LinkParams link;
    config::ParamTree tree;
    tree.add("link", link);
    EXPECT_THROW(tree.add("link", link), std::logic_error);
    EXPECT_THROW(tree.add("no path", link), std::logic_error);
}

TEST(Assignments, TheLastOneWins) {
    Machine m;
    config::Assignments a;
    a.add_command_line("l2.ways=4");
    a.add_command_line("l2.ways=2");
    a.add_command_line("isa=a=b");
    a.apply(m.tree);
    EXPECT_EQ(m.harts[1][0].l2.ways, 2u);
    EXPECT_EQ(m.harts[0][0].hart.isa, "a=b");
    EXPECT_THROW(a.add_command_line("l2.ways"), config::BadValue);
    EXPECT_THROW(a.add_command_line("=4"), config::BadValue);
}

TEST(Assignments, TheFirstTreeTakesWhatItKnows) {
    config::Assignments a;
    a.add_command_line("machine.nodes=4");
    a.add_command_line("node[3].l2.ways=2");
    MachineParams machine;
    config::ParamTree first;
    first.add("machine", machine);
    a.apply_known(first);
    EXPECT_EQ(machine.nodes, 4u);
    Machine two_nodes;
    EXPECT_THROW(a.apply(two_nodes.tree), config::UnknownName);
}

TEST(Presets, AreReadableAndSetTheMachine) {
    EXPECT_EQ(config::presets().front().name, config::default_preset);
    for (const config::Preset& p : config::presets()) {
        config::Assignments a;
        a.add_preset(p.name);
        MachineParams machine;
        config::ParamTree first;
        first.add("machine", machine);
        EXPECT_NO_THROW(a.apply_known(first)) << p.name;
        EXPECT_EQ(first.find("machine.nodes")->origin().text(), "preset " + std::string{p.name});
        EXPECT_GT(p.summary().size(), 20u);
    }
    EXPECT_EQ(message_of<config::BadFile>([] { config::find_preset("sever"); }),
              "no preset is called \"sever\"; did you mean server?");
}

/// The one part that is left.
struct PresetLink {
    TOLLGATE_DESCRIBED(PresetLink);
    TOLLGATE_PARAM(Picoseconds, latency, Picoseconds{1}, Unit::time, {}, Kind::timing, {"x"}, "Latency.")
    TOLLGATE_PARAM(BitsPerSecond, bandwidth, BitsPerSecond{1}, Unit::bits_per_second, {}, Kind::timing, {"x"}, "Rate.")
    TOLLGATE_END;
};

TEST(Presets, APartThatTheUserTookAwayIsNoError) {
    PresetLink link;
    config::ParamTree tree;
    tree.add("link", link);
    config::Assignments a;
    a.add_preset("server");
    EXPECT_NO_THROW(a.apply(tree));
}

} // namespace
} // namespace tollgate::config_test
