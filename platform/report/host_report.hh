/// host.json: the one file of a run that may differ between two equal runs.
#pragma once
#include "config/tree.hh"
#include "report/stats.hh"
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::report {

struct HostReport {
    double wall_seconds = 0;        ///< host time from power-on to the end
    std::uint64_t instructions = 0; ///< simulated, by all harts
    bool reproducible = true;       ///< false when input arrived in host time
};

/// Wall time, simulated instructions per host second, versions of program and libraries, where each parameter's value
/// came from (those that are not the default), and under `counters` how often the simulator's short cuts served, in the
/// form of stats.json.
std::string host_json(const HostReport& host, const config::ParamTree& parameters, const StatTree& counters);

/// "0.1.0": the program's version.
std::string_view version();

} // namespace tollgate::report
