/// What the user of `simspeed` may say.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tollgate::simspeed {

/// Wrong usage or unreadable input: one line, exit 2.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Options {
    std::string preset = "server";
    std::vector<std::string> settings;   ///< PATH=VALUE, in the order given
    std::optional<unsigned> harts;       ///< one node of so many harts instead of the preset's machine
    std::vector<std::string> guests;     ///< at least one, all known
    unsigned runs = 5;                   ///< 1 to 99; the median counts
    std::optional<std::uint64_t> rounds; ///< the guests' own number unless given
    std::string tollgate;                ///< the machine's program
    std::string qemu = "qemu-system-riscv64";
    bool json = false;
    bool help = false;
};

/// Parses main's arguments. `tollgate` is where the machine's program lies unless the user names another. Throws
/// UsageError.
Options parse(const std::vector<std::string>& arguments, const std::string& tollgate);

/// Prints usage and options.
void print_help(std::ostream& out);

} // namespace tollgate::simspeed
