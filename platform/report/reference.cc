#include "report/reference.hh"
#include "report/parameter_rows.hh"
#include <cassert>
#include <fmt/format.h>

namespace tollgate::report {
namespace {

/// A cell must not end its column or its line.
std::string cell(const std::string& text) {
    std::string r;
    for (const char c : text) {
        if (c == '|') r += '\\';
        r += c == '\n' ? ' ' : c;
    }
    return r;
}

std::string code(const std::string& text) { return text.empty() ? "" : '`' + text + '`'; }

void add_line(std::string& page, const std::vector<std::string>& cells) {
    page += '|';
    for (const std::string& c : cells) page += fmt::format(" {} |", cell(c));
    page += '\n';
}

} // namespace

ReferenceTable parameter_table(const config::ParamTree& tree) {
    ReferenceTable t{
        "Parameters",
        "Every parameter of the default machine. Any unambiguous tail of a path sets it, for all instances that "
        "the path does not tell apart. *Kind*: the guest can see a `visible` one, a `timing` one moves time only, "
        "a `host` one neither. *Witness*: the statistic that moves with it.",
        {"path", "default", "unit", "range", "kind", "witness", "meaning"},
        {}};
    for (const ParameterRow& r : parameter_rows(tree))
        t.rows.push_back({code(r.path), code(r.initial), std::string{r.unit}, r.range, std::string{r.kind},
                          code(std::string{r.witness}), std::string{r.description}});
    return t;
}

ReferenceTable counter_table(const StatTree& tree) {
    ReferenceTable t{
        "Counters", "Every counter of `stats.json`. All of them only rise.", {"path", "unit", "meaning"}, {}};
    const config::PathIndex& paths = tree.paths();
    for (const auto& instances : paths.shapes()) {
        const std::size_t i = instances.front();
        t.rows.push_back({code(paths.path(i).stars()), std::string{tree.unit(i)}, std::string{tree.description(i)}});
    }
    return t;
}

std::string markdown(const ReferenceTable& table) {
    std::string page =
        fmt::format("# {}\n\n<!-- Generated from the sources by tools/reference; do not edit. -->\n{}\n\n", table.title,
                    table.text);
    add_line(page, table.columns);
    add_line(page, std::vector<std::string>(table.columns.size(), "---"));
    for (const auto& row : table.rows) {
        assert(row.size() == table.columns.size());
        add_line(page, row);
    }
    return page;
}

} // namespace tollgate::report
