/// Programs run as children: what they wrote, how they ended, how long they took.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::simspeed {

struct Child {
    int exit_code = 0;  ///< 128 + signal if one ended it, as a shell says it
    double seconds = 0; ///< from start to end by the host's clock
    std::string output; ///< standard output
    std::string errors; ///< standard error
};

/// Runs `command` to its end with nothing on standard input; `command[0]` is looked for in PATH unless it holds a
/// slash. Throws std::system_error if it cannot be started, std::runtime_error if it takes longer than `limit` (it is
/// killed then).
Child run_child(const std::vector<std::string>& command, std::chrono::seconds limit);

/// Whether `name` can be run: a file if it holds a slash, else a program in PATH.
bool is_program(const std::string& name);

/// A folder of its own under the host's folder for temporary files, gone with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace tollgate::simspeed
