// tollgate params [PATTERN] [--json]: every parameter, once for all instances that share it.
#include "cli/exit_code.hh"
#include "cli/options.hh"
#include "machine/machine_config.hh"
#include "report/parameter_rows.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::cli {
namespace {

/// Whether `pattern` is in `text`; a `*` stands for anything.
bool contains(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t star = pattern.find('*');
        const std::string_view part = pattern.substr(0, star);
        const std::size_t found = text.find(part, at);
        if (found == std::string_view::npos) return false;
        at = found + part.size();
        if (star == std::string_view::npos) return true;
        pattern.remove_prefix(star + 1);
    }
}

void print_table(const std::vector<report::ParameterRow>& rows) {
    std::size_t name = 0, value = 0, unit = 0, range = 0;
    for (const auto& r : rows) {
        name = std::max(name, r.name.size());
        value =
            std::max(value, std::min<std::size_t>(r.initial.size(), 16)); // the ISA string would push all else aside
        unit = std::max(unit, r.unit.size());
        range = std::max(range, r.range.size());
    }
    for (const auto& r : rows)
        fmt::print("{:<{}}  {:<{}}  {:<{}}  {:<{}}  {}\n", r.name, name, r.initial, value, r.unit, unit, r.range, range,
                   r.description);
}

} // namespace

int params(const Arguments& args) {
    Grammar grammar{"params", "[PATTERN] [options]", {"Options"}, 1};
    add_machine_options(grammar.named);
    grammar.named.add_options()("json", "as JSON");
    const Parsed parsed = parse(std::move(grammar), args);
    if (parsed.help) return 0;

    const machine::MachineConfig machine{machine_assignments(parsed.values)};
    std::vector<report::ParameterRow> rows = report::parameter_rows(machine.tree());
    if (!parsed.words.empty()) {
        const std::string& pattern = parsed.words.front();
        std::erase_if(rows, [&](const report::ParameterRow& r) {
            return !contains(r.name, pattern) && !contains(r.path, pattern) && !contains(r.shape, pattern);
        });
        if (rows.empty()) {
            const std::string best = machine.tree().paths().nearest_to(pattern);
            throw UsageError(fmt::format("params: nothing matches {}{}", config::quoted(pattern),
                                         best.empty() ? "" : fmt::format("; did you mean {}?", best)));
        }
    }
    if (parsed.values.count("json") > 0)
        fmt::print("{}", report::parameters_json(rows));
    else
        print_table(rows);
    return 0;
}

} // namespace tollgate::cli
