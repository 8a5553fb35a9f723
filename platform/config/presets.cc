#include "config/presets.hh"
#include "config/error.hh"
#include "config/nearest.hh"
#include <fmt/format.h>
#include <string>
#include <vector>

namespace tollgate::config {

std::string_view Preset::summary() const {
    const std::string_view first = toml.substr(0, toml.find('\n'));
    return first.starts_with("# ") ? first.substr(2) : first;
}

const Preset& find_preset(std::string_view name) {
    std::vector<std::string> names;
    for (const Preset& p : presets()) {
        if (p.name == name) return p;
        names.emplace_back(p.name);
    }
    throw BadFile(fmt::format("no preset is called {}; did you mean {}?", quoted(name), nearest(name, names)));
}

} // namespace tollgate::config
