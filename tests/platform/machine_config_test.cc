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
