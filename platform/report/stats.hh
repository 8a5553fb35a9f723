/// The statistics of a machine by path: what stats.json and stats.txt are made of.
#pragma once
#include "base/counter.hh"
#include "config/path_index.hh"
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tollgate::report {

/// The name and text of one value of a table, such as a cause of stall.
struct Row {
    std::string_view name;
    std::string_view text;
};

/// What all counters of a StatTree said at one moment, in its order.
using Snapshot = std::vector<std::uint64_t>;

/// now - then, counter by counter: a region of interest. Both from the same tree.
Snapshot delta(const Snapshot& now, const Snapshot& then);

/// Counters of a machine by path (`node[0].hart[1].l2.misses`). It holds pointers: what was added must outlive it. All
/// values only rise, so that the difference of two snapshots is what happened between them.
class StatTree {
  public:
    /// Every counter of a described struct, at `path`. Throws std::logic_error for a path that is taken.
    template <Described S> void add(std::string_view path, const S& counters) {
        for_each_field<S>([&](const auto& d) {
            insert(path, d.name, d.unit, d.text, [at = &(counters.*(d.member))] { return *at; });
        });
    }

    /// The same, of a struct that is worked out when asked.
    template <class Read>
    requires Described<std::remove_cvref_t<std::invoke_result_t<const Read&>>>
    void add(std::string_view path, const Read& read) {
        using S = std::remove_cvref_t<std::invoke_result_t<const Read&>>;
        for_each_field<S>([&](const auto& d) {
            insert(path, d.name, d.unit, d.text, [read, member = d.member] { return read().*member; });
        });
    }

    /// One value that is kept elsewhere or worked out when asked.
    void add_value(std::string_view path, std::string_view name, std::string_view unit, std::string_view text,
                   std::function<std::uint64_t()> read) {
        insert(path, name, unit, text, std::move(read));
    }

    /// A table such as a hart's cycles by cause: one value a row, at `path`.`row name`. `values` has one for each row.
    void add_table(std::string_view path, std::string_view unit, std::span<const Row> rows,
                   std::span<const std::uint64_t> values);

    std::size_t size() const { return entries_.size(); }
    const config::PathIndex& paths() const { return paths_; }
    std::string_view unit(std::size_t i) const { return entries_[i].unit; }
    std::string_view description(std::size_t i) const { return entries_[i].text; }

    Snapshot snapshot() const;

    /// The sum over all instances that a pattern means (`l2.misses`: of all harts; `node[0].hart[1].l2.misses`: of
    /// one). Throws config::UnknownName with the nearest name, or config::AmbiguousName.
    std::uint64_t value(std::string_view pattern, const Snapshot& s) const;

  private:
    struct Entry {
        std::string unit;
        std::string text;
        std::function<std::uint64_t()> read;
    };
    void insert(std::string_view path, std::string_view name, std::string_view unit, std::string_view text,
                std::function<std::uint64_t()> read);

    config::PathIndex paths_;
    std::vector<Entry> entries_;
};

/// `{"path": {"value":, "unit":, "description":}, ...}`, a line a counter, in the tree's order.
std::string stats_json(const StatTree& tree, const Snapshot& s);

/// The same in the layout of gem5's stats.txt.
std::string stats_text(const StatTree& tree, const Snapshot& s);

} // namespace tollgate::report
