#include "config/presets.hh"
#include "config/toml_file.hh"
#include "cpu/isa/extensions.hh"
#include "machine/machine_config.hh"
#include "platform/config_fixture.hh"
#include "report/parameter_rows.hh"
#include <gtest/gtest.h>

namespace tollgate::machine {
namespace {

config::Assignments asked(std::string_view preset, std::initializer_list<std::string_view> sets = {}) {
    config::Assignments a;
    a.add_preset(preset);
    for (const std::string_view s : sets) a.add_command_line(s);
    return a;
}

TEST(MachineConfig, StructureComesFirst) {
    const MachineConfig m{asked("server", {"machine.nodes=3", "harts_per_node=1", "node[2].itlb.entries=4"})};
    ASSERT_EQ(m.nodes().size(), 3u);
    for (const NodeConfig& n : m.nodes()) ASSERT_EQ(n.harts.size(), 1u);
    EXPECT_EQ(m.nodes()[2].harts[0].mmu.itlb.entries, 4u);
    EXPECT_EQ(m.nodes()[1].harts[0].mmu.itlb.entries, 64u);
    EXPECT_THROW(MachineConfig(asked("server", {"node[2].itlb.entries=4"})), config::UnknownName);
}

TEST(MachineConfig, DevicesThatAreNotCoherentEnterNoCache) {
    EXPECT_NO_THROW(MachineConfig(asked("server", {"llc.inject_ways=2"})));
    EXPECT_NO_THROW(MachineConfig(asked("server", {"dma.coherent=false"})));
    EXPECT_THROW(MachineConfig(asked("server", {"dma.coherent=false", "node[1].llc.inject_ways=2"})),
                 config::OutOfRange);
}

/// What presets may set: apply() overlooks a preset's unknown names, a preset of ours should have none.
TEST(MachineConfig, EveryNameInAPresetIsAParametersOwn) {
    for (const config::Preset& p : config::presets()) {
        const config::Assignments a = asked(p.name);
        const MachineConfig m{a};
        for (const config::Assignment& one : a.all())
            EXPECT_FALSE(m.tree().paths().match(one.pattern).empty()) << p.name << ": " << one.pattern;
    }
}

TEST(MachineConfig, EveryDefaultIsAValueOfItsType) {
    const MachineConfig m{{}};
    for (const config::Parameter& p : m.tree().parameters())
        EXPECT_EQ(config::parse_value(p.type(), p.print()), p.value()) << p.path().text();
}

TEST(MachineConfig, EveryPresetsIsaIsOneThatHartsKnow) {
    for (const config::Preset& p : config::presets()) {
        const MachineConfig m{asked(p.name)};
        EXPECT_NO_THROW(cpu::isa::Extensions::parse(m.nodes()[0].harts[0].hart.isa)) << p.name;
    }
}

TEST(MachineConfig, EveryShortNameSetsItsParameter) {
    const MachineConfig m{{}};
    for (const report::ParameterRow& r : report::parameter_rows(m.tree())) {
        config::Assignments a;
        a.add_command_line(r.name + "=" + r.initial);
        const MachineConfig again{a};
        EXPECT_EQ(again.tree().find(r.parameter->path().text())->origin().text(), "command line") << r.name;
    }
}

TEST(MachineConfig, HartsKnowAllOfMemory) {
    const MachineConfig m{asked("server", {"machine.nodes=3", "memory_per_node=64MiB"})};
    for (unsigned h = 0; h < m.harts(); ++h) {
        EXPECT_EQ(m.hart(h).memory.base, map::memory);
        EXPECT_EQ(m.hart(h).memory.size, Bytes{192u << 20});
    }
}

TEST(MachineConfig, PartsThatDoNotGoTogetherAreRefusedWithTheRule) {
    const auto refused = [](std::initializer_list<std::string_view> sets, const std::string& rule) {
        try {
            const MachineConfig m{asked("server", sets)};
            ADD_FAILURE() << *sets.begin() << " was taken";
        } catch (const config::OutOfRange& e) { EXPECT_EQ(std::string{e.what()}, rule); }
    };
    refused({"node[1].hart[0].l1d.size=24KiB"},
            "node[1].hart[0]: l1d: size=24576, ways=8: 48 sets, which must be a power of two");
    refused({"l2.size=16KiB"},
            "node[0].hart[0]: l2.size=16384 is less than l1i.size=32768: a level must hold what it includes");
    refused({"node[1].llc.latency=7"}, "node[1].hart[0]: llc.latency is 3500 ps, l2.latency 7000 ps: a level must be "
                                       "slower than the one above it");
    refused({"llc.inject_ways=17"}, "node[0].hart[0]: llc.inject_ways=17 of llc.ways=16: more ways than there are");
    refused({"node[1].dram.timing.rc=20"}, "node[1]: dram.timing: tRC >= tRAS + tRP does not hold: 20 is less than 56");
    refused({"dram.write_low=90%"}, "node[0]: dram: write_low < write_high does not hold: 90 % and 80 %");
    refused({"memory_per_node=32GiB", "dram.channels=2"},
            "node[0]: machine.memory_per_node=32768MiB does not fit into dram.channels=2 x dram.ranks=1 of 8 GiB");
    const MachineConfig fits{asked("server", {"memory_per_node=32GiB", "dram.channels=2", "dram.ranks=2"})};
    EXPECT_EQ(fits.nodes()[1].memory.dram.ranks, 2u);
}

TEST(MachineConfig, ConfigTomlRepeatsEveryPreset) {
    for (const config::Preset& p : config::presets()) {
        const MachineConfig m{asked(p.name, {"node[0].hart[0].itlb.entries=2"})};
        const std::string text = config::to_toml(m.tree());
        config::Assignments a;
        a.add_preset("server");
        for (const config::Assignment& one : config::read_toml(text, {config::Origin::Source::file, "config.toml", 0}))
            a.add_command_line(one.pattern + "=" + one.text);
        EXPECT_EQ(config::to_toml(MachineConfig{a}.tree()), text) << p.name;
    }
}

} // namespace
} // namespace tollgate::machine
