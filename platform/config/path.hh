/// Paths of parameters and counters, and how a user may shorten them.
///
/// A full path carries the index of every level that has one: `node[0].hart[1].l2.ways`. Its *shape* is the same
/// without indices: `node.hart.l2.ways`. A user's *pattern* may leave out indices (`node.hart`), say `[*]`, leave out
/// whole levels
/// (`node[1].l2.ways`) or begin anywhere (`l2.ways`).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::config {

/// One level of a path or pattern; without an index it has none, or stands for all.
struct Level {
    std::string name;
    std::optional<std::uint32_t> index;
    bool operator==(const Level&) const = default;
};

class Path {
  public:
    Path() = default;
    /// Reads `name[index].name...`; `[*]` counts as no index. Nothing when the text is no path.
    static std::optional<Path> parse(std::string_view text);

    const std::vector<Level>& levels() const { return levels_; }
    std::string text() const;  ///< with indices
    std::string shape() const; ///< without indices
    std::string stars() const; ///< with `[*]` where there is an index: what `params` prints
    /// The last n levels, without indices.
    std::string tail(std::size_t n) const;

    /// How closely a pattern fits the names of this path, whatever the indices say.
    enum class Fit : std::uint8_t { none, levels_left_out, tail, whole };
    Fit fit(const Path& pattern) const;

    /// Whether every index that the pattern names is this path's, for a pattern that fits.
    bool admits(const Path& pattern) const;

  private:
    std::vector<Level> levels_;
};

} // namespace tollgate::config
