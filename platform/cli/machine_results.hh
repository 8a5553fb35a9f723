/// What a machine leaves behind: its parameters, its statistics, and how fast the host was.
#pragma once
#include "machine/machine.hh"
#include "report/run_directory.hh"
#include "report/stats.hh"

namespace tollgate::cli {

/// Every counter of the machine by path. The machine outlives the tree.
report::StatTree statistics(machine::Machine& machine);

struct HostSide {
    double seconds = 0;       ///< wall time of the simulation proper
    bool reproducible = true; ///< no input arrived in the host's time, and no debugger wrote
};

/// Writes config.toml, stats.json, stats.txt and host.json. Throws report::WriteError.
void write_results(const report::RunDirectory& directory, machine::Machine& machine, const HostSide& host);

} // namespace tollgate::cli
