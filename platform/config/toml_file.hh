/// Parameters in TOML: reading presets and the user's files, writing config.toml.
#pragma once
#include "config/tree.hh"
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::config {

/// One line of a file or one `-s`: a pattern, its value as text, and where it stands.
struct Assignment {
    std::string pattern;
    std::string text;
    Origin origin;
};

/// The assignments of a TOML document in the order in which they stand in it. Tables and dotted or quoted keys spell
/// paths: `[hart]` with `clock = "2GHz"`, or `["node[1].hart[0]".l2]`. Values are strings, whole numbers, true and
/// false. `origin` names the preset or file; lines are filled in. Throws BadFile with file and line.
std::vector<Assignment> read_toml(std::string_view document, const Origin& origin);

/// The same for a file of at most 1 MiB. Throws BadFile when it cannot be read.
std::vector<Assignment> read_toml_file(const std::string& file);

/// Every parameter with its unit, a table per part in the order of the tree. Parts whose instances all have the same
/// values are written once, without indices. Reading it back into a tree of the same machine gives the same values.
std::string to_toml(const ParamTree& tree);

} // namespace tollgate::config
