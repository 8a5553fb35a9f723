/// The folder in which a run leaves its results.
#pragma once
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tollgate::report {

/// A result could not be written: exit code 5. The message names the file and the reason.
class WriteError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The named folder holds results already: exit code 2.
class ResultsExist : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A run directory, made when constructed. It stays when the object goes.
class RunDirectory {
  public:
    /// `out` as the user named it: made with its parents; refused with ResultsExist when it holds results, unless
    /// `force`, which removes them. Without a name `runs/NAME`, or the first of `runs/NAME.2`, `.3`, ... that does not
    /// exist; two processes that ask at once get different ones. Throws WriteError when no folder can be made.
    static RunDirectory create(std::string_view name, const std::optional<std::filesystem::path>& out, bool force);

    const std::filesystem::path& path() const { return path_; }

    /// Writes a whole file. Throws WriteError, a full disk included.
    void write(std::string_view file, std::string_view content) const;

  private:
    explicit RunDirectory(std::filesystem::path p) : path_{std::move(p)} {}
    std::filesystem::path path_;
};

} // namespace tollgate::report
