/// Which events a timeline takes: by class, by unit, by time.
#pragma once
#include "base/trace_sink.hh"
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::trace {

/// Classes and paths as a user names them: "miss,node[0].hart[1]" are the misses of one hart. No class named means all
/// of them, no path named means all units.
class TraceFilter {
  public:
    TraceFilter() = default;
    /// Words with commas between them: the name of a class, else the beginning of a path, whole components of it.
    /// Empty: all. Throws config::BadValue for an empty word.
    explicit TraceFilter(std::string_view text);

    bool takes(EventClass c) const { return classes_.contains(c); }
    EventClasses classes() const { return classes_; }
    bool takes_path(std::string_view path) const;
    /// Throws config::UnknownName for a word that is neither a class nor the beginning of one of the paths, with the
    /// nearest that is.
    void check(const std::vector<std::string>& paths) const;

  private:
    EventClasses classes_ = EventClasses::all();
    std::vector<std::string> paths_;
};

/// A span of simulated time; what reaches into it is in it.
struct TraceWindow {
    Picoseconds from{0}, to{std::numeric_limits<std::uint64_t>::max()};
    bool contains(Picoseconds begin, Picoseconds end) const { return begin < to && end >= from; }
};

} // namespace tollgate::trace
