#include "config/tree.hh"
#include "config/nearest.hh"
#include <fmt/format.h>
#include <set>

namespace tollgate::config {
namespace {

/// "a, b, c and 4 more"
std::string list_some(const std::vector<std::string>& names) {
    constexpr std::size_t most = 8;
    std::string r;
    for (std::size_t i = 0; i < names.size() && i < most; ++i) r += (i > 0 ? ", " : "") + names[i];
    if (names.size() > most) r += fmt::format(" and {} more", names.size() - most);
    return r;
}

} // namespace

std::string Origin::text() const {
    switch (source) {
    case Source::initial: return "default";
    case Source::preset: return "preset " + name;
    case Source::file: return fmt::format("{}:{}", name, line);
    case Source::command_line: return "command line";
    }
    return "";
}

void ParamTree::insert(std::string_view path, std::string_view name, Parameter p) {
    const std::string text = path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
    auto parsed = Path::parse(text);
    if (!parsed) throw std::logic_error(fmt::format("not a path: {}", quoted(text)));
    p.path_ = std::move(*parsed);
    if (!by_path_.emplace(p.path_.text(), parameters_.size()).second)
        throw std::logic_error(fmt::format("two parameters at {}", text));
    const auto [at, fresh] = by_shape_.emplace(p.path_.shape(), shapes_.size());
    if (fresh) shapes_.emplace_back();
    shapes_[at->second].push_back(parameters_.size());
    parameters_.push_back(std::move(p));
}

const Parameter* ParamTree::find(std::string_view path) const {
    const auto at = by_path_.find(path);
    return at == by_path_.end() ? nullptr : &parameters_[at->second];
}

std::vector<std::size_t> ParamTree::best_shapes(const Path& pattern) const {
    Path::Fit best = Path::Fit::none;
    std::vector<std::size_t> r;
    for (std::size_t s = 0; s < shapes_.size(); ++s) {
        const Path::Fit fit = parameters_[shapes_[s].front()].path().fit(pattern);
        if (fit == Path::Fit::none || fit < best) continue;
        if (fit > best) r.clear();
        best = fit;
        r.push_back(s);
    }
    return r;
}

std::string ParamTree::short_name(std::size_t shape) const {
    const Path& path = parameters_[shapes_[shape].front()].path();
    for (std::size_t n = 2; n < path.levels().size(); ++n) {
        const auto tail = Path::parse(path.tail(n));
        if (best_shapes(*tail).size() == 1) return path.tail(n);
    }
    return path.shape();
}

std::string ParamTree::proposal(const Path& pattern) const {
    // Compared level count by level count: l2.siz with l2.size, not with node.hart.l2.size.
    std::set<std::string> tails;
    for (const auto& instances : shapes_)
        tails.insert(parameters_[instances.front()].path().tail(pattern.levels().size()));
    const std::vector<std::string> known(tails.begin(), tails.end());
    return nearest(pattern.shape(), known);
}

void ParamTree::assign(std::size_t shape, const Path& pattern, std::string_view text, const Origin& origin) {
    const auto& instances = shapes_[shape];
    std::vector<std::size_t> meant;
    for (const std::size_t i : instances)
        if (parameters_[i].path().admits(pattern)) meant.push_back(i);
    if (meant.empty())
        throw UnknownName(fmt::format("{}: no {} in this machine; it has {} to {}", origin.text(),
                                      quoted(pattern.text()), parameters_[instances.front()].path().text(),
                                      parameters_[instances.back()].path().text()));
    // All instances of a shape come from one descriptor, so one value is right for all or for none.
    Value value;
    const std::string where = fmt::format("{}: {}: ", origin.text(), pattern.text());
    try {
        value = parse_value(parameters_[meant.front()].type(), text);
    } catch (const OutOfRange& e) { throw OutOfRange(where + e.what()); } catch (const BadValue& e) {
        throw BadValue(where + e.what());
    }
    for (const std::size_t i : meant) {
        parameters_[i].store_(parameters_[i].member_, value);
        parameters_[i].origin_ = origin;
    }
}

bool ParamTree::set_if_known(std::string_view pattern, std::string_view text, const Origin& origin) {
    const auto path = Path::parse(pattern);
    if (!path)
        throw UnknownName(
            fmt::format("{}: {} is not a parameter's name; expected something like l2.size or node[0].hart[1].l2.size",
                        origin.text(), quoted(pattern)));
    const auto fitting = best_shapes(*path);
    if (fitting.empty()) return false;
    if (fitting.size() > 1) {
        std::vector<std::string> names;
        for (const std::size_t s : fitting) names.push_back(short_name(s));
        throw AmbiguousName(
            fmt::format("{}: {} is ambiguous; it could be {}", origin.text(), quoted(pattern), list_some(names)));
    }
    assign(fitting.front(), *path, text, origin);
    return true;
}

void ParamTree::set(std::string_view pattern, std::string_view text, const Origin& origin) {
    if (set_if_known(pattern, text, origin)) return;
    const std::string best = proposal(*Path::parse(pattern));
    throw UnknownName(fmt::format("{}: no parameter is called {}{}", origin.text(), quoted(pattern),
                                  best.empty() ? "" : fmt::format("; did you mean {}?", best)));
}

} // namespace tollgate::config
