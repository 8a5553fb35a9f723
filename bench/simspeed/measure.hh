/// Runs the guests on both machines and works out their speeds.
#pragma once
#include "simspeed/options.hh"
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tollgate::simspeed {

/// A guest or a machine failed: one line, exit 1.
struct RunError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One guest's speeds in million guest instructions a second of host time, each the median of its runs.
struct Row {
    std::string guest;
    std::uint64_t instructions = 0; ///< of the region of interest, on all harts; on the timed machine where they differ
    double functional_mips = 0;
    double timed_mips = 0;
    std::optional<double> qemu_mips; ///< nothing without QEMU
};

/// What one run of a guest took.
struct Timing {
    std::uint64_t instructions = 0; ///< all that the machine executed
    double seconds = 0;             ///< of the host
};

/// Million instructions a second, the median of the runs; 0 for a run too short to be measured.
double median_mips(const std::vector<Timing>& runs);
/// The same for a machine that does not say how long it simulated: what a guest that ends at once takes (median) is
/// taken off first, instructions and seconds.
double median_mips_beyond(const std::vector<Timing>& runs, const std::vector<Timing>& empty);

/// The middle value, or the mean of the two in the middle. Not for an empty list.
double median(std::vector<double> values);

/// Runs every guest `runs` times in each way, in turn, so that a busy minute of the host touches all alike. `progress`
/// is told before each run. Throws UsageError for what the machine refuses, RunError if a guest fails or its checksums
/// or counts differ between machines.
std::vector<Row> measure(const Options& options, const std::function<void(const std::string&)>& progress);

} // namespace tollgate::simspeed
