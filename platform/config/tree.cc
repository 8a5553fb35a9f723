#include "config/tree.hh"
#include <fmt/format.h>

namespace tollgate::config {

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
    const std::size_t i = paths_.add(path.empty() ? std::string{name} : fmt::format("{}.{}", path, name));
    p.path_ = paths_.path(i);
    parameters_.push_back(std::move(p));
}

const Parameter* ParamTree::find(std::string_view path) const {
    const std::size_t i = paths_.find(path);
    return i == paths_.size() ? nullptr : &parameters_[i];
}

bool ParamTree::set_if_known(std::string_view pattern, std::string_view text, const Origin& origin) {
    const std::string from = origin.text() + ": ";
    std::vector<std::size_t> meant;
    try {
        meant = paths_.match(pattern);
    } catch (const UnknownName& e) { throw UnknownName(from + e.what()); } catch (const AmbiguousName& e) {
        throw AmbiguousName(from + e.what());
    }
    if (meant.empty()) return false;
    // All instances of a shape come from one descriptor, so one value is right for all or for none.
    Value value;
    try {
        value = parse_value(parameters_[meant.front()].type(), text);
    } catch (const OutOfRange& e) {
        throw OutOfRange(fmt::format("{}{}: {}", from, pattern, e.what()));
    } catch (const BadValue& e) { throw BadValue(fmt::format("{}{}: {}", from, pattern, e.what())); }
    for (const std::size_t i : meant) {
        parameters_[i].store_(parameters_[i].member_, value);
        parameters_[i].origin_ = origin;
    }
    return true;
}

void ParamTree::set(std::string_view pattern, std::string_view text, const Origin& origin) {
    if (set_if_known(pattern, text, origin)) return;
    const std::string best = paths_.nearest_to(pattern);
    throw UnknownName(fmt::format("{}: no parameter has the name {}{}", origin.text(), quoted(pattern),
                                  best.empty() ? "" : fmt::format("; did you mean {}?", best)));
}

} // namespace tollgate::config
