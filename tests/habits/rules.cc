#include "habits/rules.hh"
#include <algorithm>
#include <fmt/format.h>
#include <regex>
#include <set>

namespace tollgate::habits {
namespace {

using Graph = std::map<std::string, std::set<std::string>>;

/// The first cycle that a depth-first search meets below `node`, as "a -> b -> a"; empty when there is none.
std::string find_cycle(const Graph& graph, const std::string& node, std::vector<std::string>& path,
                       std::set<std::string>& done) {
    if (const auto at = std::find(path.begin(), path.end(), node); at != path.end()) {
        std::string r;
        for (auto i = at; i != path.end(); ++i) r += *i + " -> ";
        return r + node;
    }
    if (!done.insert(node).second) return "";
    path.push_back(node);
    if (const auto edges = graph.find(node); edges != graph.end())
        for (const std::string& next : edges->second)
            if (std::string cycle = find_cycle(graph, next, path, done); !cycle.empty()) return cycle;
    path.pop_back();
    return "";
}

void add_cycle(const Graph& graph, Violations& out) {
    std::set<std::string> done;
    for (const auto& [node, edges] : graph) {
        std::vector<std::string> path;
        if (const std::string cycle = find_cycle(graph, node, path, done); !cycle.empty()) {
            out.push_back(cycle);
            return;
        }
    }
}

/// models/cpu/isa/row.hh -> models/cpu: the folder that has a floor.
std::string folder_of(const std::string& file) { return file.substr(0, file.find('/', file.find('/') + 1)); }

/// The habit tests speak of what they forbid.
bool about_the_rules(const std::string& file) { return file.starts_with("tests/habits/"); }

} // namespace

Violations cycles(const SourceTree& tree) {
    Graph files, folders;
    for (const auto& [file, text] : tree)
        for (const Include& i : includes(tree, file)) {
            if (!i.known) continue;
            files[file].insert(i.target);
            if (folder_of(file) != folder_of(i.target)) folders[folder_of(file)].insert(folder_of(i.target));
        }
    Violations r;
    add_cycle(files, r);
    add_cycle(folders, r);
    return r;
}

Violations long_files(const SourceTree& tree, const std::map<std::string, std::string>& exceptions) {
    constexpr std::size_t most = 600;
    Violations r;
    for (const auto& [file, text] : tree) {
        const std::size_t n = lines(text).size();
        if (n > most && !exceptions.contains(file))
            r.push_back(fmt::format("{}: {} lines, more than {}", file, n, most));
        if (n <= most && exceptions.contains(file)) r.push_back(fmt::format("{}: {} lines need no exception", file, n));
    }
    for (const auto& [file, reason] : exceptions) {
        if (!tree.contains(file)) r.push_back(fmt::format("{}: an exception for a file that is not there", file));
        if (reason.size() < 10) r.push_back(fmt::format("{}: an exception needs a reason", file));
    }
    return r;
}

Violations citations(const SourceTree& tree) {
    // A § stands behind its document's name or behind another § of the same citation.
    static const std::regex good(
        "(Priv|Unpriv|(SBI|PLIC|ACLINT|Devicetree|psABI|ELF|Bitmanip|CMO|S[sv][a-z]+|Z[a-z]+)( "
        "v?[0-9]+(\\.[0-9]+)*)?|virtio "
        "1\\.[0-9]|JESD79-[0-9][A-Z]?|PG[0-9]{3}|"
        "PC16550D|RFC [0-9]+|IEEE 754-20[0-9]{2}) §[0-9A-Z]+(\\.[0-9]+)*((,| and| to|,? or) §[0-9A-Z]+(\\.[0-9]+)*)*");
    static const std::regex page("PG[0-9]{3} p\\. [0-9]+");
    static const std::regex bad("§|\\bPG[0-9]{3} p|\\b([Ss]ection|[Cc]hapter|Sec\\.) [0-9]+");
    static const std::regex wrap("\n[ \t]*///?<? ?");
    constexpr std::ptrdiff_t context = 40;
    Violations r;
    for (const auto& [file, text] : tree) {
        if (about_the_rules(file)) continue;
        // A comment's line may end between the document and its section.
        std::string rest = std::regex_replace(text, wrap, " ");
        rest = std::regex_replace(std::regex_replace(rest, page, ""), good, "");
        for (std::sregex_iterator i(rest.begin(), rest.end(), bad), end; i != end; ++i) {
            const std::string before = i->prefix(), after = i->suffix();
            const auto from = before.end() - std::min(context, std::ssize(before));
            const auto to = after.begin() + std::min(context, std::ssize(after));
            r.push_back(fmt::format("{}: ...{}{}{}...", file, std::string(from, before.end()), i->str(),
                                    std::string(after.begin(), to)));
        }
    }
    return r;
}

Violations notes(const SourceTree& tree) {
    static const std::regex note("\\b(TODO|FIXME|XXX|HACK)\\b");
    Violations r;
    for (const auto& [file, text] : tree) {
        if (about_the_rules(file)) continue;
        int number = 0;
        for (const std::string_view line : lines(text)) {
            ++number;
            if (std::regex_search(line.begin(), line.end(), note))
                r.push_back(fmt::format("{}:{}: {}", file, number, line));
        }
    }
    return r;
}

std::map<std::string, std::string> read_exceptions(std::string_view text) {
    std::map<std::string, std::string> r;
    for (const std::string_view line : lines(text)) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with('#') || colon == std::string_view::npos) continue;
        r[std::string{line.substr(0, colon)}] = line.substr(colon + 2);
    }
    return r;
}

} // namespace tollgate::habits
