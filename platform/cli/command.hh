/// The subcommands: a row each, a file each.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::cli {

/// The words behind the subcommand's name.
using Arguments = std::vector<std::string>;

struct Command {
    std::string_view name;
    std::string_view arguments; ///< for the usage line
    std::string_view summary;
    int (*run)(const Arguments&); ///< the exit code; may throw UsageError and what guarded() knows
};

int boot(const Arguments& args);
int dram(const Arguments& args);
int list(const Arguments& args);
int params(const Arguments& args);
int presets(const Arguments& args);

} // namespace tollgate::cli
