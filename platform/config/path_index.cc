#include "config/path_index.hh"
#include "config/error.hh"
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

std::size_t PathIndex::add(std::string_view text) {
    auto path = Path::parse(text);
    if (!path) throw std::logic_error(fmt::format("{} is not a path", quoted(text)));
    if (!by_text_.emplace(path->text(), paths_.size()).second)
        throw std::logic_error(fmt::format("{} is there already", quoted(text)));
    const auto [at, fresh] = by_shape_.emplace(path->shape(), shapes_.size());
    if (fresh) shapes_.emplace_back();
    shapes_[at->second].push_back(paths_.size());
    paths_.push_back(std::move(*path));
    return paths_.size() - 1;
}

std::size_t PathIndex::find(std::string_view text) const {
    const auto at = by_text_.find(text);
    return at == by_text_.end() ? size() : at->second;
}

std::vector<std::size_t> PathIndex::best_shapes(const Path& pattern) const {
    Path::Fit best = Path::Fit::none;
    std::vector<std::size_t> r;
    for (std::size_t s = 0; s < shapes_.size(); ++s) {
        const Path::Fit fit = paths_[shapes_[s].front()].fit(pattern);
        if (fit == Path::Fit::none || fit < best) continue;
        if (fit > best) r.clear();
        best = fit;
        r.push_back(s);
    }
    return r;
}

std::vector<std::size_t> PathIndex::match(std::string_view pattern) const {
    const auto path = Path::parse(pattern);
    if (!path)
        throw UnknownName(fmt::format("{} is not a name; expected something like l2.size or node[0].hart[1].l2.size",
                                      quoted(pattern)));
    const auto fitting = best_shapes(*path);
    if (fitting.empty()) return {};
    if (fitting.size() > 1) {
        std::vector<std::string> names;
        names.reserve(fitting.size());
        for (const std::size_t s : fitting) names.push_back(short_name(s));
        throw AmbiguousName(fmt::format("{} is ambiguous; it could be {}", quoted(pattern), list_some(names)));
    }
    const auto& instances = shapes_[fitting.front()];
    std::vector<std::size_t> r;
    for (const std::size_t i : instances)
        if (paths_[i].admits(*path)) r.push_back(i);
    if (r.empty())
        throw UnknownName(fmt::format("no {} in this machine; it has {} to {}", quoted(pattern),
                                      paths_[instances.front()].text(), paths_[instances.back()].text()));
    return r;
}

std::string PathIndex::short_name(std::size_t shape) const {
    const Path& path = paths_[shapes_[shape].front()];
    for (std::size_t n = 2; n < path.levels().size(); ++n)
        if (best_shapes(*Path::parse(path.tail(n))).size() == 1) return path.tail(n);
    return path.shape();
}

std::string PathIndex::nearest_to(std::string_view pattern) const {
    const auto path = Path::parse(pattern);
    if (!path) return {};
    // Compared at the pattern's own number of levels: l2.siz with l2.size, not with node.hart.l2.size.
    std::set<std::string> tails;
    for (const auto& instances : shapes_) tails.insert(paths_[instances.front()].tail(path->levels().size()));
    return nearest(path->shape(), std::vector<std::string>(tails.begin(), tails.end()));
}

} // namespace tollgate::config
