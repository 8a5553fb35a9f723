// The command line: finds the subcommand and maps what it throws to an exit code.
#include "cli/command.hh"
#include "cli/exit_code.hh"
#include "config/error.hh"
#include "config/nearest.hh"
#include "report/host_report.hh"
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <systemc>

namespace tollgate::cli {
namespace {

constexpr Command all[] = {
    {"list", "", "the scenarios that come with it", list},
    {"boot", "[options]", "start any RISC-V system software", boot},
    {"params", "[PATTERN] [--json]", "every parameter: name, default, unit, range, meaning", params},
    {"presets", "[--show NAME]", "the machines that come with it", presets},
    {"dram", "FILE [options]", "replay a memory trace on one channel of the DRAM controller alone", dram},
};

std::string help() {
    std::string r = "usage: tollgate COMMAND [options]\n\ncommands:\n";
    for (const Command& c : all) r += fmt::format("  {:<28}{}\n", fmt::format("{} {}", c.name, c.arguments), c.summary);
    return r
           + "\n  --help                      this text; with a command, its options\n"
             "  --version                   the program's version\n";
}

int run(const Arguments& args) {
    if (args.empty()) throw UsageError("no command; tollgate --help lists them");
    const std::string& name = args.front();
    if (name == "--help" || name == "-h") {
        fmt::print("{}", help());
        return 0;
    }
    if (name == "--version") {
        fmt::print("tollgate {}\n", report::version());
        return 0;
    }
    std::vector<std::string> known;
    for (const Command& c : all) {
        if (c.name == name) return c.run({args.begin() + 1, args.end()});
        known.emplace_back(c.name);
    }
    if (name.starts_with("-")) known = {"--help", "--version"};
    throw UsageError(fmt::format("unknown {} {}; did you mean {}?", name.starts_with("-") ? "option" : "command",
                                 config::quoted(name), config::nearest(name, known)));
}

} // namespace
} // namespace tollgate::cli

// SystemC wants to be entered through its own function; what it says itself would be noise.
int main(int argc, char** argv) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return sc_core::sc_elab_and_sim(argc, argv);
}

int sc_main(int argc, char** argv) {
    try {
        return tollgate::cli::guarded([&] { return tollgate::cli::run({argv + 1, argv + argc}); });
    } catch (const std::exception& e) { // not the user's doing
        std::fprintf(stderr, "tollgate: internal error: %s\n", e.what());
        std::abort();
    }
}
