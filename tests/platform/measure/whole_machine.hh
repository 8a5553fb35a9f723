/// A whole machine, told apart by what is set on a preset: what its parameters say, and what a guest on it finds.
#pragma once
#include "findings.hh"
#include "machine/machine_config.hh"
#include "simspeed/child.hh"
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace tollgate {

class WholeMachine {
  public:
    /// `settings`: as after `-s`.
    explicit WholeMachine(std::string preset, std::vector<std::string> settings = {})
        : preset_{std::move(preset)}, settings_{std::move(settings)} {
        config::Assignments asked;
        asked.add_preset(preset_);
        for (const std::string& s : settings_) asked.add_command_line(s);
        config_ = std::make_unique<machine::MachineConfig>(asked);
    }

    const machine::MachineConfig& config() const { return *config_; }

    /// What the bare guest prints. Memory and nodes are told to it in its boot arguments, besides `arguments`.
    Findings run(const std::string& elf, const std::string& arguments = {}) const {
        return observe(elf, arguments, {}).found;
    }

    struct Observed {
        Findings found;
        std::string stats;  ///< stats.json
        std::string errors; ///< on standard error
    };
    /// The same, and what the machine counted. `words`: further ones of the command line.
    Observed observe(const std::string& elf, const std::string& arguments,
                     const std::vector<std::string>& words) const {
        const simspeed::TemporaryFolder folder;
        const auto& m = config_->machine();
        std::vector<std::string> command{TOLLGATE_BINARY, "boot",     "-o",    folder.path().string(),
                                         "--force",       "-p",       preset_, "--bios",
                                         "none",          "--kernel", elf,     "--append"};
        command.push_back(fmt::format("memory={} nodes={} {}", m.memory_per_node.count() >> 20, m.nodes, arguments));
        for (const std::string& s : settings_) command.insert(command.end(), {"-s", s});
        command.insert(command.end(), words.begin(), words.end());
        const simspeed::Child child = simspeed::run_child(command, std::chrono::seconds{240});
        EXPECT_EQ(child.exit_code, 0) << child.errors << child.output;
        if (child.exit_code != 0) return {};
        std::ifstream stats{folder.path() / "stats.json"};
        return {findings(child.output), {std::istreambuf_iterator<char>{stats}, {}}, child.errors};
    }

    /// All settings in one line, to repeat a run with.
    std::string text() const {
        std::string all = "-p " + preset_;
        for (const std::string& s : settings_) all += " -s " + s;
        return all;
    }

  private:
    std::string preset_;
    std::vector<std::string> settings_;
    std::unique_ptr<machine::MachineConfig> config_;
};

/// The number that a guest printed under this name; a failure and 0 if it printed none.
inline double number(const Findings& found, const std::string& name) {
    const auto at = found.find(name);
    EXPECT_NE(at, found.end()) << name;
    return at == found.end() ? 0 : std::stod(at->second);
}

} // namespace tollgate
