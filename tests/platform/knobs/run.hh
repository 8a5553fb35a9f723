/// Runs of a guest on the whole machine, by the program itself, and what they leave.
#pragma once
#include "config/path_index.hh"
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tollgate::knobs {

/// A folder of its own, gone with the object.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// `PATH=VALUE`, as after `-s`.
using Sets = std::vector<std::string>;

/// Two nodes of two harts so small that these guests overflow everything: a preset and what is changed in it.
inline constexpr const char* preset = "tiny";
const Sets& small();

struct Command {
    std::string guest;              ///< file
    Sets sets;                      ///< after small()
    std::string before{};           ///< shell words in front of the program: "cd / &&", "env -i"
    std::filesystem::path config{}; ///< a file of parameters
};

struct Ended {
    int code = -1;
    std::string errors;
};

/// Runs `tollgate boot` with some characters as its input and a device that reads and writes memory; results go to
/// `out`.
Ended run(const Command& command, const std::filesystem::path& out);

/// Calls job(i) for i in [0, n), two side by side; the first exception is thrown here at the end.
void side_by_side(std::size_t n, const std::function<void(std::size_t)>& job);

/// What two run directories have different: names of files that are in one only or differ, of all but `but`.
std::vector<std::string> differences(const std::filesystem::path& a, const std::filesystem::path& b,
                                     const std::set<std::string>& but);

/// A whole file; throws std::runtime_error if there is none.
std::string content(const std::filesystem::path& file);

/// The counters of stats.json, or those of host.json.
class Counters {
  public:
    explicit Counters(const std::filesystem::path& run_directory, bool host = false);
    /// The sum over what the name means; if some of it lies within a part ("node[0].hart[1]."), over that only. Nothing
    /// if there is no such name.
    std::optional<std::uint64_t> sum(std::string_view name, std::string_view within = {}) const;
    /// Of exactly this path; throws std::out_of_range.
    std::uint64_t at(const std::string& path) const { return values_.at(path); }
    const std::map<std::string, std::uint64_t>& all() const { return values_; }

  private:
    config::PathIndex paths_;
    std::map<std::string, std::uint64_t> values_;
};

} // namespace tollgate::knobs
