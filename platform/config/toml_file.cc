#include "config/toml_file.hh"
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <map>
#include <toml++/toml.h>

namespace tollgate::config {
namespace {

std::string at_line(const Origin& origin, std::uint32_t line) {
    return origin.source == Origin::Source::preset ? fmt::format("preset {}:{}", origin.name, line)
                                                   : fmt::format("{}:{}", origin.name, line);
}

/// The parser nests as deep as a key has dots, without end, and so do destructors: a long enough key ends the program.
/// Arrays and inline tables are bounded by the parser itself.
void refuse_endless_keys(std::string_view document, const Origin& origin) {
    constexpr std::ptrdiff_t most = 64;
    for (std::uint32_t line = 1; !document.empty(); ++line) {
        const std::string_view text = document.substr(0, document.find('\n'));
        document.remove_prefix(std::min(text.size() + 1, document.size()));
        const std::size_t begin = text.find_first_not_of(" \t");
        const bool comment = begin != std::string_view::npos && text[begin] == '#';
        if (!comment && std::count(text.begin(), text.end(), '.') > most)
            throw BadFile(fmt::format("{}: more than {} dots in a line; expected a path such as node.hart.l2",
                                      at_line(origin, line), most));
    }
}

/// An assignment and its place, by which a document's own order is restored: toml++ sorts tables by key.
struct Placed {
    toml::source_position at;
    Assignment assignment;
};

std::string scalar_text(const toml::node& node, const std::string& where) {
    if (const auto* s = node.as_string()) return s->get();
    if (const auto* i = node.as_integer()) return std::to_string(i->get());
    if (const auto* b = node.as_boolean()) return b->get() ? "true" : "false";
    std::string_view what = "a date or time is no value here";
    if (node.is_array()) what = "arrays are not allowed";
    if (node.is_floating_point()) what = "fractions need quotes and a unit";
    throw BadFile(
        fmt::format("{}: {}; expected a string such as \"1.5GHz\", a whole number, true or false", where, what));
}

void collect(const toml::table& table, const std::string& prefix, const Origin& origin, std::vector<Placed>& out) {
    for (const auto& [key, node] : table) {
        const std::string path = prefix.empty() ? std::string{key.str()} : fmt::format("{}.{}", prefix, key.str());
        if (const auto* inner = node.as_table()) {
            collect(*inner, path, origin, out);
            continue;
        }
        const toml::source_position at = node.source().begin;
        Origin here = origin;
        here.line = at.line;
        const std::string where = fmt::format("{}: {}", at_line(origin, at.line), quoted(path));
        out.push_back({at, {path, scalar_text(node, where), std::move(here)}});
    }
}

std::string toml_string(std::string_view s) {
    std::string r = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') r += '\\';
        r += c;
    }
    return r + '"';
}

/// Strings where a unit or a name is needed, bare numbers and switches otherwise.
std::string toml_value(const ValueType& type, const Value& value) {
    const std::string text = print_value(type, value);
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool bare = type.form == Form::boolean
                      || (type.form == Form::number && is_bare(type.unit) && std::get<std::uint64_t>(value) <= largest);
    return bare ? text : toml_string(text);
}

/// The parameters of one instance of a part: those whose paths differ in the last level only.
struct Table {
    std::string header; ///< with indices
    std::string shape;
    std::vector<const Parameter*> rows;
};

bool same_rows(const Table& a, const Table& b) {
    return std::equal(
        a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(), [](const Parameter* x, const Parameter* y) {
            return x->path().levels().back().name == y->path().levels().back().name && x->value() == y->value();
        });
}

void write_table(std::string& out, const std::string& header, const std::vector<const Parameter*>& rows) {
    if (!header.empty()) out += fmt::format("\n[{}]\n", header);
    for (const Parameter* p : rows) {
        out += fmt::format("{} = {}", p->path().levels().back().name, toml_value(p->type(), p->value()));
        const bool counts = p->type().form == Form::number && is_bare(p->type().unit) && p->type().unit != Unit::none;
        out += counts ? fmt::format(" # {}\n", unit_name(p->type().unit)) : "\n";
    }
}

} // namespace

std::vector<Assignment> read_toml(std::string_view document, const Origin& origin) {
    refuse_endless_keys(document, origin);
    std::vector<Placed> placed;
    try {
        collect(toml::parse(document, origin.name), "", origin, placed);
    } catch (const toml::parse_error& e) {
        // The description may quote the document; only its first line, made printable, belongs in a message.
        std::string what{e.description()};
        std::erase_if(what, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        throw BadFile(fmt::format("{}: {}", at_line(origin, e.source().begin.line), what));
    }
    std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
        return std::pair{a.at.line, a.at.column} < std::pair{b.at.line, b.at.column};
    });
    std::vector<Assignment> r;
    r.reserve(placed.size());
    for (Placed& p : placed) r.push_back(std::move(p.assignment));
    return r;
}

std::vector<Assignment> read_toml_file(const std::string& file) {
    constexpr std::streamsize most = 1 << 20;
    std::ifstream in(file, std::ios::binary);
    std::string text(most + 1, '\0');
    // Opening a folder succeeds; reading it does not, and neither says end of file.
    if (!in || (!in.read(text.data(), most + 1) && !in.eof())) throw BadFile(fmt::format("{}: cannot be read", file));
    if (in.gcount() > most)
        throw BadFile(fmt::format("{}: larger than 1 MiB; expected a TOML file of parameters", file));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return read_toml(text, {Origin::Source::file, file, 0});
}

std::string to_toml(const ParamTree& tree) {
    std::vector<Table> tables;
    std::map<std::string, std::size_t> by_header;
    std::map<std::string, std::vector<std::size_t>> by_shape;
    std::vector<std::string> shapes; // in order of appearance
    for (const Parameter& p : tree.parameters()) {
        const std::string path = p.path().text(), shape = p.path().shape();
        const std::size_t leaf = p.path().levels().back().name.size() + 1;
        const std::string header = path.size() < leaf ? "" : path.substr(0, path.size() - leaf);
        const auto [at, fresh] = by_header.emplace(header, tables.size());
        if (fresh) {
            Table t{header, shape.size() < leaf ? "" : shape.substr(0, shape.size() - leaf), {}};
            auto& instances = by_shape[t.shape];
            if (instances.empty()) shapes.push_back(t.shape);
            instances.push_back(tables.size());
            tables.push_back(std::move(t));
        }
        tables[at->second].rows.push_back(&p);
    }
    // Keys outside any table must come first.
    std::stable_partition(shapes.begin(), shapes.end(), [](const std::string& s) { return s.empty(); });
    std::string out = "# Every parameter of this machine; -f with this file repeats it.\n";
    for (const std::string& shape : shapes) {
        const auto& instances = by_shape[shape];
        const Table& first = tables[instances.front()];
        const bool same =
            std::all_of(instances.begin(), instances.end(), [&](std::size_t i) { return same_rows(first, tables[i]); });
        if (same) {
            write_table(out, shape, first.rows);
            continue;
        }
        for (const std::size_t i : instances) write_table(out, toml_string(tables[i].header), tables[i].rows);
    }
    return out;
}

} // namespace tollgate::config
