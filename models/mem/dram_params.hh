/// Parameters of a node's DDR4 memory: `dram`, `dram.timing` and `dram.controller`.
#pragma once
#include "base/param.hh"
#include <cstdint>
#include <string>

namespace tollgate::mem {

/// A speed bin of 8 Gb x8 parts, eight of them on a 64-bit channel.
enum class DramSpeed : std::uint8_t { ddr4_2400, ddr4_3200 };
/// What becomes of a row after an access. `adaptive` leaves it open while the bank's last accesses kept to their row.
enum class PagePolicy : std::uint8_t { open, closed, adaptive };
enum class DramSchedulerKind : std::uint8_t { fcfs, fr_fcfs };

struct DramParams {
    TOLLGATE_DESCRIBED(DramParams);
    TOLLGATE_PARAM(DramSpeed, speed, DramSpeed::ddr4_2400, Unit::none, {}, Kind::timing, {"hart.cycles"},
                   "Speed bin of the parts, 8 Gb x8: CL-tRCD-tRP are 17-17-17 and 22-22-22.")
    TOLLGATE_PARAM(std::uint32_t, channels, 1, Unit::none, {1, 8, true}, Kind::timing, {"hart.cycles", Moves::down},
                   "Channels of a node, each with a controller of its own.")
    TOLLGATE_PARAM(std::uint32_t, ranks, 1, Unit::none, {1, 4, true}, Kind::timing, {"dram.refreshes", Moves::up},
                   "Ranks of a channel, 8 GiB each.")
    TOLLGATE_PARAM(PagePolicy, page_policy, PagePolicy::open, Unit::none, {}, Kind::timing, {"dram.row_hits"},
                   "Whether rows stay open, are closed by the access itself, or what the bank's last accesses suggest.")
    TOLLGATE_PARAM(std::string, mapping, "rochracobabg", Unit::none, {}, Kind::timing, {"dram.row_hits"},
                   "Fields of an address from the top bit down: ro row, ch channel, ra rank, ba bank, bg bank group, "
                   "co column.")
    TOLLGATE_PARAM(DramSchedulerKind, scheduler, DramSchedulerKind::fr_fcfs, Unit::none, {}, Kind::timing,
                   {"dram.row_hits"}, "Who of the queue is next: the oldest, or the oldest that hits an open row.")
    TOLLGATE_PARAM(std::uint32_t, row_hit_cap, 16, Unit::entries, {1, 65536}, Kind::timing, {"dram.row_hits"},
                   "Row hits that may go before an older request that waits for another row of the bank; for fr_fcfs.")
    TOLLGATE_PARAM(std::uint32_t, read_queue, 32, Unit::entries, {1, 256}, Kind::timing, {"hart.cycles"},
                   "Places for prefetches and reads of devices.")
    TOLLGATE_PARAM(std::uint32_t, write_queue, 32, Unit::entries, {1, 256}, Kind::timing, {"hart.cycles"},
                   "Places for posted writes.")
    TOLLGATE_PARAM(std::uint32_t, write_high, 80, Unit::percent, {1, 100}, Kind::timing, {"dram.turn_arounds"},
                   "Filling of the write queue from which writes go before reads.")
    TOLLGATE_PARAM(std::uint32_t, write_low, 40, Unit::percent, {0, 99}, Kind::timing, {"dram.turn_arounds"},
                   "Filling down to which they do so; must be less than write_high.")
    TOLLGATE_PARAM(std::uint32_t, write_idle, 32, Unit::cycles, {0, 65536}, Kind::timing, {"dram.turn_arounds"},
                   "Clocks without a read after which writes go anyway.")
    TOLLGATE_PARAM(bool, refresh, true, Unit::none, {}, Kind::timing, {"dram.refreshes", Moves::up},
                   "All banks of a rank are refreshed every tREFI.")
    TOLLGATE_PARAM(std::uint32_t, rank_switch, 1, Unit::cycles, {0, 16}, Kind::timing, {"hart.cycles", Moves::up},
                   "Clocks between the data of two ranks (tRTRS).")
    TOLLGATE_PARAM(std::uint32_t, time_scale, 100, Unit::percent, {10, 10'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "Stretches the clock and with it all times of channel and controller.")
    TOLLGATE_END;
};

/// `dram.timing`: single times in clocks instead of the speed bin's. Contradictions are refused with their rule.
struct DramTimingParams {
    TOLLGATE_DESCRIBED(DramTimingParams);
    TOLLGATE_PARAM(std::uint32_t, cl, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "CL: read command to its data; 0 for this and all below: of the speed bin.")
    TOLLGATE_PARAM(std::uint32_t, cwl, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "CWL: write command to its data.")
    TOLLGATE_PARAM(std::uint32_t, rcd, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRCD: activate to read or write.")
    TOLLGATE_PARAM(std::uint32_t, rp, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRP: precharge to activate.")
    TOLLGATE_PARAM(std::uint32_t, ras, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRAS: activate to precharge.")
    TOLLGATE_PARAM(std::uint32_t, rc, 0, Unit::cycles, {0, 511}, Kind::timing, {"hart.cycles"},
                   "tRC: activate to activate of the same bank.")
    TOLLGATE_PARAM(std::uint32_t, rrd_s, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRRD_S: activate to activate of another bank group.")
    TOLLGATE_PARAM(std::uint32_t, rrd_l, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRRD_L: activate to activate of the same bank group.")
    TOLLGATE_PARAM(std::uint32_t, ccd_s, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tCCD_S: read to read or write to write of another bank group.")
    TOLLGATE_PARAM(std::uint32_t, ccd_l, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tCCD_L: read to read or write to write of the same bank group.")
    TOLLGATE_PARAM(std::uint32_t, faw, 0, Unit::cycles, {0, 511}, Kind::timing, {"hart.cycles"},
                   "tFAW: window that holds at most four activates of a rank.")
    TOLLGATE_PARAM(std::uint32_t, wr, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tWR: end of written data to precharge.")
    TOLLGATE_PARAM(std::uint32_t, wtr_s, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tWTR_S: end of written data to read of another bank group.")
    TOLLGATE_PARAM(std::uint32_t, wtr_l, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tWTR_L: end of written data to read of the same bank group.")
    TOLLGATE_PARAM(std::uint32_t, rtp, 0, Unit::cycles, {0, 255}, Kind::timing, {"hart.cycles"},
                   "tRTP: read to precharge.")
    TOLLGATE_PARAM(std::uint32_t, rfc, 0, Unit::cycles, {0, 65'535}, Kind::timing, {"hart.cycles"},
                   "tRFC: refresh to activate.")
    TOLLGATE_PARAM(std::uint32_t, refi, 0, Unit::cycles, {0, 1'000'000}, Kind::timing, {"dram.refreshes"},
                   "tREFI: refresh to refresh.")
    TOLLGATE_END;
};

/// `dram.controller`: what lies between the node's fabric and the channel's queues.
struct DramControllerParams {
    TOLLGATE_DESCRIBED(DramControllerParams);
    TOLLGATE_PARAM(Picoseconds, latency, Picoseconds{0}, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up},
                   "Way through controller and PHY, there and back; stretched by time_scale.")
    TOLLGATE_END;
};

} // namespace tollgate::mem

namespace tollgate {
template <> struct Choice<mem::DramSpeed> { static constexpr std::string_view names[] = {"DDR4-2400", "DDR4-3200"}; };
template <> struct Choice<mem::PagePolicy> {
    static constexpr std::string_view names[] = {"open", "closed", "adaptive"};
};
template <> struct Choice<mem::DramSchedulerKind> { static constexpr std::string_view names[] = {"fcfs", "fr_fcfs"}; };
} // namespace tollgate
