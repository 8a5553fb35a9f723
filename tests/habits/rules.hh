/// The rules of the house (docs/architecture.md) as functions: each gives a line for every place that breaks it.
#pragma once
#include "habits/source_tree.hh"
#include <map>
#include <string>
#include <vector>

namespace tollgate::habits {

using Violations = std::vector<std::string>;

/// An include only goes down the floors; SystemC stays out of the floors that must build without it.
Violations floors(const SourceTree& tree);

/// No folder reaches itself through includes, and no file does.
Violations cycles(const SourceTree& tree);

/// No file above 600 lines, but for those in `exceptions` (path to reason); an exception that is none is a violation
/// too.
Violations long_files(const SourceTree& tree, const std::map<std::string, std::string>& exceptions);

/// Citations have the form `Priv §4.3.2`, `virtio 1.2 §5.1.6`, `JESD79-4C §4.24`, `PG034 p. 20`; no "section 4" in
/// words.
Violations citations(const SourceTree& tree);

/// No notes to oneself: they belong in an issue.
Violations notes(const SourceTree& tree);

/// Reads `path: reason` lines; `#` begins a comment.
std::map<std::string, std::string> read_exceptions(std::string_view text);

} // namespace tollgate::habits
