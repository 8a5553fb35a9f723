/// The project's sources as the habit tests see them: text by path, and who includes whom.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::habits {

/// Text by path relative to the project's root. Tests of the rules make their own.
using SourceTree = std::map<std::string, std::string>;

/// Every source, header, row (.inc) and assembly file under models, platform, firmware, scenarios, tests, bench and
/// tools.
SourceTree read_tree(const std::filesystem::path& root);

struct Include {
    std::string target; ///< the file's path for `"..."` when it is one of the tree's; else the text between the marks
    bool system;        ///< `<...>`
    bool known;         ///< target is in the tree
    int line;
};

/// The includes of one file. `"mmu/tlb.hh"` is looked for beside the file, then under the roots that have public
/// headers.
std::vector<Include> includes(const SourceTree& tree, const std::string& file);

/// The lines of a text, without their ends.
std::vector<std::string_view> lines(std::string_view text);

} // namespace tollgate::habits
