#include "trace/trace_filter.hh"
#include "config/error.hh"
#include "config/nearest.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::trace {
namespace {

constexpr auto& class_names = Choice<EventClass>::names;

/// node[0].hart is one of node[0].hart[1].l1d's beginnings, node[0].ha is none.
bool begins(std::string_view path, std::string_view beginning) {
    return path.starts_with(beginning)
           && (path.size() == beginning.size() || path[beginning.size()] == '.' || path[beginning.size()] == '[');
}

} // namespace

TraceFilter::TraceFilter(std::string_view text) {
    if (text.empty()) return;
    EventClasses named;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::string_view word = text.substr(from, comma - from);
        from = comma + 1;
        if (word.empty())
            throw config::BadValue(fmt::format(
                "{} has an empty word; expected classes and paths such as miss,node[0].hart[1]", config::quoted(text)));
        const auto known = std::find(class_names.begin(), class_names.end(), word);
        if (known != class_names.end())
            named = named | static_cast<EventClass>(known - class_names.begin());
        else
            paths_.emplace_back(word);
    }
    if (!named.empty()) classes_ = named;
}

bool TraceFilter::takes_path(std::string_view path) const {
    return paths_.empty()
           || std::any_of(paths_.begin(), paths_.end(), [&](const std::string& p) { return begins(path, p); });
}

void TraceFilter::check(const std::vector<std::string>& paths) const {
    for (const std::string& word : paths_) {
        if (std::any_of(paths.begin(), paths.end(), [&](const std::string& p) { return begins(p, word); })) continue;
        std::vector<std::string> known(class_names.begin(), class_names.end());
        for (const std::string& p : paths) {
            for (std::size_t end = p.find_first_of(".["); end != std::string::npos;
                 end = p.find_first_of(".[", end + 1))
                known.push_back(p.substr(0, end));
            known.push_back(p);
        }
        throw config::UnknownName(
            fmt::format("--trace: {} is neither a class of events nor a unit that has any; did you mean {}?",
                        config::quoted(word), config::nearest(word, known)));
    }
}

} // namespace tollgate::trace
