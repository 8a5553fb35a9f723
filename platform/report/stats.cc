#include "report/stats.hh"
#include "config/error.hh"
#include "report/json.hh"
#include <cassert>
#include <fmt/format.h>

namespace tollgate::report {

Snapshot delta(const Snapshot& now, const Snapshot& then) {
    assert(now.size() == then.size());
    Snapshot r(now.size());
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = now[i] - then[i];
    return r;
}

void StatTree::insert(std::string_view path, std::string_view name, std::string_view unit, std::string_view text,
                      std::function<std::uint64_t()> read) {
    paths_.add(path.empty() ? std::string{name} : fmt::format("{}.{}", path, name));
    entries_.push_back({std::string{unit}, std::string{text}, std::move(read)});
}

void StatTree::add_table(std::string_view path, std::string_view unit, std::span<const Row> rows,
                         std::span<const std::uint64_t> values) {
    assert(rows.size() == values.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        insert(path, rows[i].name, unit, rows[i].text, [at = &values[i]] { return *at; });
}

Snapshot StatTree::snapshot() const {
    Snapshot s;
    s.reserve(entries_.size());
    for (const Entry& e : entries_) s.push_back(e.read());
    return s;
}

std::uint64_t StatTree::value(std::string_view pattern, const Snapshot& s) const {
    const auto meant = paths_.match(pattern);
    if (meant.empty()) {
        const std::string best = paths_.nearest_to(pattern);
        throw config::UnknownName(fmt::format("no statistic has the name {}{}", config::quoted(pattern),
                                              best.empty() ? "" : fmt::format("; did you mean {}?", best)));
    }
    std::uint64_t sum = 0;
    for (const std::size_t i : meant) sum += s[i];
    return sum;
}

std::string stats_json(const StatTree& tree, const Snapshot& s) {
    std::string r = "{";
    for (std::size_t i = 0; i < tree.size(); ++i)
        r += fmt::format("{}\n {}: {{\"value\": {}, \"unit\": {}, \"description\": {}}}", i > 0 ? "," : "",
                         json_string(tree.paths().path(i).text()), s[i], json_string(tree.unit(i)),
                         json_string(tree.description(i)));
    return r + "\n}\n";
}

std::string stats_text(const StatTree& tree, const Snapshot& s) {
    std::string r = "\n---------- Begin Simulation Statistics ----------\n";
    // gem5 leaves two columns of ten for a distribution's shares; scripts count on the `#` behind them.
    for (std::size_t i = 0; i < tree.size(); ++i)
        r += fmt::format("{:<40} {:>12} {:>10} {:>10} # {} ({})\n", tree.paths().path(i).text(), s[i], "", "",
                         tree.description(i), tree.unit(i).empty() ? "Count" : tree.unit(i));
    return r + "\n---------- End Simulation Statistics   ----------\n";
}

} // namespace tollgate::report
