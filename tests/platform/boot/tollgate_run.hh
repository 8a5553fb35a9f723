/// Runs the built program on a guest and keeps all that it left.
#pragma once
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>

namespace tollgate::boot_test {
namespace fs = std::filesystem;

inline std::string content(const fs::path& p) {
    std::stringstream s;
    s << std::ifstream(p, std::ios::binary).rdbuf();
    return s.str();
}

inline void write(const fs::path& p, std::string_view text) { std::ofstream(p, std::ios::binary) << text; }

inline std::string guest(const std::string& name) { return std::string{TOLLGATE_GUESTS} + "/" + name + ".elf"; }

/// A folder that goes with it.
class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "tollgate_boot_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path operator/(std::string_view name) const { return path_ / name; }

  private:
    fs::path path_;
};

struct Result {
    int code = -1;
    std::string out, err;
    double seconds = 0;
};

/// `tollgate boot` with these words, its run directory in the folder.
inline Result boot(const Folder& folder, const std::string& words, const std::string& input = "/dev/null",
                   const std::string& run = "run") {
    const std::string command = std::string{TOLLGATE_BINARY} + " boot -o " + (folder / run).string() + " " + words
                                + " <" + input + " >" + (folder / "out").string() + " 2>" + (folder / "err").string();
    const auto began = std::chrono::steady_clock::now();
    const int status = std::system(command.c_str());
    Result r{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder / "out"), content(folder / "err"),
             std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()};
    return r;
}

inline Result boot_guest(const Folder& folder, const std::string& name, const std::string& words = "",
                         const std::string& input = "/dev/null", const std::string& run = "run") {
    return boot(folder, "-p tiny --bios none --kernel " + guest(name) + " " + words, input, run);
}

inline nlohmann::json stats(const Folder& folder, const std::string& run = "run") {
    return nlohmann::json::parse(content(folder / run / "stats.json"));
}

/// Two run directories hold the same files with the same bytes; host.json and those named may differ.
inline void expect_equal_runs(const Folder& folder, const std::string& a, const std::string& b,
                              const std::string& but = "") {
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder / a)) {
        const std::string name = entry.path().filename().string();
        ++files;
        if (name != "host.json" && name != but) {
            EXPECT_EQ(content(entry.path()), content(folder / b / name)) << name;
        }
    }
    EXPECT_GE(files, 5u);
    EXPECT_EQ(files,
              static_cast<std::size_t>(std::distance(fs::directory_iterator(folder / b), fs::directory_iterator{})));
}

} // namespace tollgate::boot_test
