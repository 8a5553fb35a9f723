/// The times of DDR4 parts in clocks, by speed bin, with the user's exceptions.
#pragma once
#include "base/units.hh"
#include "mem/dram_params.hh"
#include <cstdint>

namespace tollgate::mem {

/// An edge of the DRAM's clock, counted from power-on.
using Clock = std::uint64_t;

/// Names are JEDEC's without the t (JESD79-4C §4.22 to §4.26); all in clocks.
struct DramTiming {
    std::uint32_t cl, cwl, rcd, rp, ras, rc, rrd_s, rrd_l, ccd_s, ccd_l, faw, wr, wtr_s, wtr_l, rtp, rfc, refi;
    std::uint32_t burst; ///< clocks of data of one access: eight beats, two a clock
    std::uint32_t rank_switch;

    /// Command to its last beat.
    std::uint32_t read_data() const { return cl + burst; }
    std::uint32_t write_data() const { return cwl + burst; }
    /// Write command to the precharge of its bank.
    std::uint32_t write_to_precharge() const { return write_data() + wr; }
};

/// The speed bin's times with the exceptions put in. Throws std::invalid_argument that names the rule which they break.
DramTiming dram_timing(const DramParams& params, const DramTimingParams& exceptions);

/// The command clock, stretched by time_scale: half the data rate.
ClockDomain dram_clock(const DramParams& params);

/// What a channel of these parts looks like (8 Gb x8 on 64 data lines).
struct DramGeometry {
    static constexpr unsigned groups = 4;          ///< bank groups of a rank
    static constexpr unsigned banks_per_group = 4; ///<
    static constexpr unsigned banks = groups * banks_per_group;
    static constexpr unsigned rows = 65'536;       ///< of a bank
    static constexpr unsigned lines_per_row = 128; ///< 1024 columns of 8 B, eight of them a burst
    static constexpr unsigned max_ranks = 4;
};

} // namespace tollgate::mem
