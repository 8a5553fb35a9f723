#include "config/path.hh"
#include <algorithm>
#include <charconv>

namespace tollgate::config {
namespace {

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

} // namespace

std::optional<Path> Path::parse(std::string_view text) {
    Path p;
    for (;;) {
        Level level;
        while (!text.empty() && is_name_char(text.front())) {
            level.name += text.front();
            text.remove_prefix(1);
        }
        if (level.name.empty()) return {};
        if (text.starts_with("[*]")) {
            text.remove_prefix(3);
        } else if (text.starts_with('[')) {
            const std::size_t close = text.find(']');
            if (close == std::string_view::npos) return {};
            std::uint32_t index = 0;
            const char* const end = text.data() + close;
            const auto [stop, error] = std::from_chars(text.data() + 1, end, index);
            if (error != std::errc{} || stop != end) return {};
            level.index = index;
            text.remove_prefix(close + 1);
        }
        p.levels_.push_back(std::move(level));
        if (text.empty()) return p;
        if (text.front() != '.') return {};
        text.remove_prefix(1);
    }
}

std::string Path::text() const {
    std::string r;
    for (const Level& l : levels_) {
        if (!r.empty()) r += '.';
        r += l.name;
        if (l.index) r += '[' + std::to_string(*l.index) + ']';
    }
    return r;
}

std::string Path::shape() const { return tail(levels_.size()); }

std::string Path::stars() const {
    std::string r;
    for (const Level& l : levels_) {
        if (!r.empty()) r += '.';
        r += l.name;
        if (l.index) r += "[*]";
    }
    return r;
}

std::string Path::tail(std::size_t n) const {
    std::string r;
    for (std::size_t i = levels_.size() - std::min(n, levels_.size()); i < levels_.size(); ++i) {
        if (!r.empty()) r += '.';
        r += levels_[i].name;
    }
    return r;
}

Path::Fit Path::fit(const Path& pattern) const {
    const auto& own = levels_;
    const auto& asked = pattern.levels_;
    if (asked.size() > own.size() || asked.empty()) return Fit::none;
    const auto same = [](const Level& a, const Level& b) { return a.name == b.name; };
    if (std::equal(asked.rbegin(), asked.rend(), own.rbegin(), same))
        return asked.size() == own.size() ? Fit::whole : Fit::tail;
    if (asked.back().name != own.back().name) return Fit::none;
    // The pattern's levels in order, with others between: matched greedily from the end.
    std::size_t left = asked.size();
    for (std::size_t i = own.size(); i-- > 0 && left > 0;)
        if (own[i].name == asked[left - 1].name) --left;
    return left == 0 ? Fit::levels_left_out : Fit::none;
}

bool Path::admits(const Path& pattern) const {
    std::size_t left = pattern.levels_.size();
    for (std::size_t i = levels_.size(); i-- > 0 && left > 0;) {
        const Level& asked = pattern.levels_[left - 1];
        if (levels_[i].name != asked.name) continue;
        if (asked.index && levels_[i].index != asked.index) return false;
        --left;
    }
    return left == 0;
}

} // namespace tollgate::config
