#include "report/run_directory.hh"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <string_view>

namespace tollgate::report {
namespace fs = std::filesystem;
namespace {

/// The files that a run leaves; a folder with one of them holds results.
constexpr std::string_view result_files[]{
    "config.toml",    "stats.json",   "stats.txt",      "result.json",
    "phases.json",    "console.log",  "events.csv.gz",  "timeline.perfetto-trace.gz",
    "packets.pcapng", "syscalls.log", "profile.folded", "report.html",
    "memory.json",    "host.json",    "sweep.csv",      "sweep.json",
    "sweep.db"};

bool holds_results(const fs::path& p) {
    std::error_code ignored;
    for (const std::string_view f : result_files)
        if (fs::exists(p / f, ignored)) return true;
    return false;
}

[[noreturn]] void fail(const fs::path& p, const std::string& reason) {
    throw WriteError(fmt::format("{}: cannot be written: {}", p.string(), reason));
}

} // namespace

RunDirectory RunDirectory::create(std::string_view name, const std::optional<fs::path>& out, bool force) {
    std::error_code error;
    if (out) {
        fs::create_directories(*out, error);
        if (error) fail(*out, error.message());
        if (!fs::is_directory(*out)) fail(*out, "it is not a directory");
        if (holds_results(*out)) {
            if (!force)
                throw ResultsExist(fmt::format("{}: holds results already; --force overwrites them", out->string()));
            for (const std::string_view f : result_files) {
                fs::remove(*out / f, error);
                if (error) fail(*out / f, error.message());
            }
        }
        return RunDirectory{*out};
    }
    const fs::path runs = "runs";
    fs::create_directories(runs, error);
    if (error) fail(runs, error.message());
    for (unsigned n = 1;; ++n) {
        const fs::path p = runs / (n == 1 ? std::string{name} : fmt::format("{}.{}", name, n));
        if (fs::create_directory(p, error)) return RunDirectory{p};
        if (error && !fs::exists(p)) fail(p, error.message());
    }
}

void RunDirectory::write(std::string_view file, std::string_view content) const {
    const fs::path p = path_ / file;
    std::FILE* const f = std::fopen(p.c_str(), "wb");
    if (f == nullptr) fail(p, std::strerror(errno));
    const bool written = std::fwrite(content.data(), 1, content.size(), f) == content.size();
    const int write_error = errno;
    // Buffered bytes reach the disk at the close at the latest, and so does its error.
    if (std::fclose(f) != 0) fail(p, std::strerror(errno));
    if (!written) fail(p, std::strerror(write_error));
}

} // namespace tollgate::report
