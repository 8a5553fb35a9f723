/// Reading a subcommand's options: Boost.Program_options with errors of one line and the nearest name.
#pragma once
#include "cli/command.hh"
#include "config/assignments.hh"
#include <boost/program_options.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::cli {

/// What a subcommand accepts. `named` are its options; `words` is how many words without a dash it takes at most.
struct Grammar {
    std::string_view command;
    std::string_view arguments; ///< for the usage line
    boost::program_options::options_description named;
    std::size_t most_words = 0;
};

struct Parsed {
    boost::program_options::variables_map values;
    std::vector<std::string> words;
    bool help = false; ///< --help was given; the help text has been printed
};

/// Reads `args`. Adds --help. Throws UsageError. Options may not be abbreviated: scripts outlive the names that are
/// unique today.
Parsed parse(Grammar grammar, const Arguments& args);

/// The options that say which machine: -p, -f and -s.
void add_machine_options(boost::program_options::options_description& named);

/// The machine that they ask for: the preset, then the files, then -s, each in order.
config::Assignments machine_assignments(const boost::program_options::variables_map& values);

/// A time such as 10us for an option. Throws UsageError.
std::uint64_t option_picoseconds(std::string_view option, const std::string& text);

} // namespace tollgate::cli
