/// What the user asked for, collected before the machine is known, applied once it is.
#pragma once
#include "config/toml_file.hh"
#include "config/tree.hh"
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::config {

/// Presets, files and `-s` in the order in which they count; the last one wins.
///
/// How many instances a machine has is itself a parameter, so assignments are applied twice: first to a tree of
/// `machine.*` and `sim.*` alone, by apply_known(), and after the machine's tree has been built from those, by apply()
/// to all of it.
class Assignments {
  public:
    /// A built-in preset. Throws BadFile for an unknown name, with the nearest.
    void add_preset(std::string_view name);
    /// A TOML file. Throws BadFile.
    void add_file(const std::string& file);
    /// `PATH=VALUE` of the command line. Throws BadValue when there is no `=`.
    void add_command_line(std::string_view assignment);

    /// One more, from wherever its origin says.
    void add(Assignment a) { assignments_.push_back(std::move(a)); }

    const std::vector<Assignment>& all() const { return assignments_; }

    /// Sets what the tree has and leaves the rest alone. Throws ConfigError for wrong values.
    void apply_known(ParamTree& tree) const;

    /// Sets everything; a name of the user's that the tree does not have is an error. A preset's is not, because the
    /// user may have taken away the part that it belongs to. Throws ConfigError.
    void apply(ParamTree& tree) const;

  private:
    std::vector<Assignment> assignments_;
};

} // namespace tollgate::config
