/// What the program says to the shell that called it.
#pragma once
#include <functional>
#include <stdexcept>

namespace tollgate::cli {

enum class ExitCode : int {
    done = 0,
    guest_failed = 1,       ///< or a scenario's own check does not hold
    usage = 2,              ///< wrong usage or unreadable input
    nothing_can_happen = 3, ///< deadlock
    limit = 4,              ///< --limit or --host-limit was reached
    not_written = 5,        ///< a result could not be written
    outside = 6,            ///< --check found measures outside
};

/// A command line that says nothing sensible; what() is one line.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Runs the command and turns every exception into its exit code, with one line on standard error. Standard output is
/// flushed; when that fails (a full disk) the code is 5.
int guarded(const std::function<int()>& command);

} // namespace tollgate::cli
