#include "config/assignments.hh"
#include "config/presets.hh"
#include <fmt/format.h>

namespace tollgate::config {

void Assignments::add_preset(std::string_view name) {
    const Preset& preset = find_preset(name);
    for (Assignment& a : read_toml(preset.toml, {Origin::Source::preset, std::string{preset.name}, 0}))
        assignments_.push_back(std::move(a));
}

void Assignments::add_file(const std::string& file) {
    for (Assignment& a : read_toml_file(file)) assignments_.push_back(std::move(a));
}

void Assignments::add_command_line(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0)
        throw BadValue(
            fmt::format("command line: {} sets nothing; expected PATH=VALUE such as l2.size=1MiB", quoted(assignment)));
    assignments_.push_back({std::string{assignment.substr(0, equals)},
                            std::string{assignment.substr(equals + 1)},
                            {Origin::Source::command_line, "", 0}});
}

void Assignments::apply_known(ParamTree& tree) const {
    for (const Assignment& a : assignments_) tree.set_if_known(a.pattern, a.text, a.origin);
}

void Assignments::apply(ParamTree& tree) const {
    for (const Assignment& a : assignments_) {
        if (a.origin.source == Origin::Source::preset)
            tree.set_if_known(a.pattern, a.text, a.origin);
        else
            tree.set(a.pattern, a.text, a.origin);
    }
}

} // namespace tollgate::config
