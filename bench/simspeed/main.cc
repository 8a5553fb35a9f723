// simspeed: how fast this host simulates.
#include "simspeed/child.hh"
#include "simspeed/measure.hh"
#include "simspeed/options.hh"
#include "simspeed/table.hh"
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace {

using namespace tollgate::simspeed;

/// The machine's program lies beside this one.
std::string tollgate_beside(const char* self) {
    std::error_code error;
    std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
    return (error ? std::filesystem::path(self) : own).replace_filename("tollgate").string();
}

int run(int argc, char** argv) {
    Options options = parse({argv + 1, argv + argc}, tollgate_beside(argv[0]));
    if (options.help) {
        print_help(std::cout);
        return 0;
    }
    bool terminal = ::isatty(STDERR_FILENO);
    auto rows = measure(options, [&](const std::string& what) {
        if (terminal) std::cerr << "\r\x1b[K" << what << std::flush;
    });
    if (terminal) std::cerr << "\r\x1b[K";
    if (options.json)
        std::cout << as_json(rows);
    else
        std::cout << as_table(rows)
                  << fmt::format("preset {}; median of {} {}; QEMU with -icount shift=0, its start-up taken off\n",
                                 options.preset, options.runs, options.runs == 1 ? "run" : "runs");
    if (!is_program(options.qemu))
        std::cerr << fmt::format("simspeed: {} not found: no column for QEMU\n", options.qemu);
    if (!std::cout.flush()) {
        std::cerr << "simspeed: cannot write the result\n";
        return 5;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const UsageError& e) {
        std::cerr << "simspeed: " << e.what() << '\n';
        return 2;
    } catch (const std::exception& e) {
        std::cerr << "simspeed: " << e.what() << '\n';
        return 1;
    }
}
