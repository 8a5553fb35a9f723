#include "cli/exit_code.hh"
#include "config/error.hh"
#include "report/run_directory.hh"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <system_error>

namespace tollgate::cli {
namespace {

int complain(ExitCode code, std::string_view what) {
    // Not fmt::print: it throws when standard error is closed, and then the code must still come out.
    const std::string line = fmt::format("tollgate: {}\n", what);
    std::fwrite(line.data(), 1, line.size(), stderr);
    return static_cast<int>(code);
}

} // namespace

int guarded(const std::function<int()>& command) {
    try {
        const int code = command();
        if (std::fflush(stdout) != 0)
            return complain(ExitCode::not_written, fmt::format("standard output: {}", std::strerror(errno)));
        return code;
    } catch (const UsageError& e) { return complain(ExitCode::usage, e.what()); } catch (const config::ConfigError& e) {
        return complain(ExitCode::usage, e.what());
    } catch (const report::ResultsExist& e) {
        return complain(ExitCode::usage, e.what());
    } catch (const std::invalid_argument& e) { // a model: parameters that do not fit together
        return complain(ExitCode::usage, e.what());
    } catch (const report::WriteError& e) {
        return complain(ExitCode::not_written, e.what());
    } catch (const std::system_error& e) { // a stream or a file could not be written
        return complain(ExitCode::not_written, e.what());
    }
}

} // namespace tollgate::cli
