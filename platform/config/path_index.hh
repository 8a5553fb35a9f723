/// The paths of a tree, and which of them a user's pattern means.
#pragma once
#include "config/path.hh"
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::config {

/// Paths numbered in the order in which they were added, grouped by shape.
///
/// A pattern that names a whole path wins over one that names a tail, and a tail wins over a pattern that leaves levels
/// out. Within the best kind of fit all paths must have one shape, or the pattern is ambiguous.
class PathIndex {
  public:
    /// The new path's number. A text that is no path, or one that is there already, is its author's mistake:
    /// std::logic_error.
    std::size_t add(std::string_view text);

    std::size_t size() const { return paths_.size(); }
    const Path& path(std::size_t i) const { return paths_[i]; }

    /// Each shape's paths, by number, in order.
    const std::vector<std::vector<std::size_t>>& shapes() const { return shapes_; }

    /// The path of exactly this text, or size().
    std::size_t find(std::string_view text) const;

    /// What a pattern means: paths of one shape, in order; nothing when no path has that name. Throws UnknownName for
    /// a text that is no pattern and for an index that no path has, AmbiguousName for several shapes.
    std::vector<std::size_t> match(std::string_view pattern) const;

    /// The shortest unambiguous tail of at least two levels: the name that users type. `shape` is an index into
    /// shapes().
    std::string short_name(std::size_t shape) const;

    /// The known name nearest to a pattern that matches nothing; empty when there are no paths.
    std::string nearest_to(std::string_view pattern) const;

  private:
    std::vector<std::size_t> best_shapes(const Path& pattern) const;

    std::vector<Path> paths_;
    std::vector<std::vector<std::size_t>> shapes_;
    std::map<std::string, std::size_t, std::less<>> by_text_;
    std::map<std::string, std::size_t, std::less<>> by_shape_;
};

} // namespace tollgate::config
