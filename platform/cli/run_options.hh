/// The options that every command shares which runs a machine.
#pragma once
#include "cli/options.hh"
#include "trace/trace_filter.hh"
#include <cstdint>
#include <filesystem>
#include <optional>

namespace tollgate::cli {

struct RunOptions {
    config::Assignments machine;
    std::optional<std::filesystem::path> out; ///< -o
    bool force = false;
    std::optional<Picoseconds> limit;      ///< of simulated time
    std::optional<Picoseconds> host_limit; ///< of wall time
    std::optional<std::uint16_t> gdb_port; ///< 0: any that is free
    bool gdb_wait = false;
    std::optional<trace::TraceFilter> trace; ///< --trace
    trace::TraceWindow trace_window;
    bool quiet = false, verbose = false;
};

void add_run_options(boost::program_options::options_description& named);

/// Throws UsageError or config::ConfigError.
RunOptions run_options(const boost::program_options::variables_map& values);

/// `tollgate boot`: any RISC-V system software.
struct BootOptions {
    RunOptions run;
    std::vector<std::string> dma_scripts; ///< files: a bus master each
    std::optional<std::string> bios;      ///< a file, or "none": all harts begin at the kernel's entry
    std::optional<std::filesystem::path> kernel, initrd, dtb;
    std::string append; ///< the kernel's command line
};

/// Nothing after --help. Throws UsageError or config::ConfigError.
std::optional<BootOptions> boot_options(const Arguments& args);

} // namespace tollgate::cli
