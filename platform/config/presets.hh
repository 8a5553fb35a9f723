/// The machines that come with the program: platform/presets/*.toml, inside the binary.
#pragma once
#include <span>
#include <string_view>

namespace tollgate::config {

struct Preset {
    std::string_view name;
    std::string_view toml;
    /// The file's first line without its `# `: what the machine is, in one line.
    std::string_view summary() const;
};

/// The preset of a machine for which the user names none.
inline constexpr std::string_view default_preset = "server";

/// All of them, `default_preset` first.
std::span<const Preset> presets();

/// Throws BadFile with the nearest known name.
const Preset& find_preset(std::string_view name);

} // namespace tollgate::config
