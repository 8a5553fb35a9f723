/// The rows of a timeline, and where on a row a slice finds its place.
#pragma once
#include "base/trace_sink.hh"
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace tollgate::trace {

/// A row as it was asked for.
struct Row {
    std::string path;
    std::string label;
    RowShape shape;
};

/// Slices of one row that overlap without lying in each other need lanes of their own: a viewer's track is a stack.
/// Each slice gets the first lane where it fits. Slices come by begin, of equal ones the longer first.
class Lanes {
  public:
    explicit Lanes(RowShape shape) : shape_{shape} {}
    std::uint32_t place(Picoseconds begin, Picoseconds end) {
        for (std::uint32_t i = 0; i < open_.size(); ++i) {
            std::vector<Picoseconds>& stack = open_[i];
            while (!stack.empty() && stack.back() <= begin) stack.pop_back();
            if (!stack.empty() && (shape_ == RowShape::concurrent || stack.back() < end)) continue;
            stack.push_back(end);
            return i;
        }
        open_.push_back({end});
        return static_cast<std::uint32_t>(open_.size() - 1);
    }

  private:
    RowShape shape_;
    std::vector<std::vector<Picoseconds>> open_; // [lane][depth]: ends
};

/// Slices whose end is still to be written, by time.
class OpenSlices {
  public:
    struct End {
        Picoseconds at;
        std::uint32_t row, lane;
        auto operator<=>(const End&) const = default;
    };
    void push(const End& e) { ends_.push(e); }
    /// Takes the first one if it is not after t.
    std::optional<End> pop_until(Picoseconds t) {
        if (ends_.empty() || ends_.top().at > t) return {};
        const End e = ends_.top();
        ends_.pop();
        return e;
    }

  private:
    std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

} // namespace tollgate::trace
