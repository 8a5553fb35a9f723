/// Runs a machine under test on an ELF file and collects what its harness printed.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tollgate::judge {

/// What one run printed: a hash per program, and the words of a verbose run.
struct Answer {
    std::map<std::uint64_t, std::uint64_t> hashes; ///< by seed
    std::map<std::uint64_t, std::uint64_t> words;  ///< by physical address; words that are zero are left out
    std::string trouble;                           ///< why it is incomplete: exit code, time-out; empty if all is well
    std::string console;
};

/// A command line with placeholders: `{elf}` for the program, `{dir}` for a fresh run directory, `{svpbmt}` for on or
/// off.
class Machine {
  public:
    Machine(std::string name, std::string command, unsigned timeout_seconds)
        : name_{std::move(name)}, command_{std::move(command)}, timeout_{timeout_seconds} {}
    const std::string& name() const { return name_; }
    /// Starts the command without a shell; its standard output is the console. Blocks until it ends or time is over.
    Answer run(const std::string& elf, const std::string& dir, bool memory_types) const;

  private:
    std::string name_, command_;
    unsigned timeout_;
};

} // namespace tollgate::judge
