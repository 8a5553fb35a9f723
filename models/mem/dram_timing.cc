#include "mem/dram_timing.hh"
#include <fmt/format.h>
#include <initializer_list>
#include <stdexcept>
#include <string_view>

namespace tollgate::mem {
namespace {

struct SpeedBin {
    std::uint64_t hertz;
    DramTiming timing;
};

/// JESD79-4C, speed bins and timing tables 169 and 170, for x8 (page size 1 KiB) and 8 Gb. Times given in nanoseconds
/// are rounded up to clocks; tRFC is 350 ns, tREFI 7.8 us.
const SpeedBin& speed_bin(DramSpeed speed) {
    static constexpr SpeedBin ddr4_2400{// DDR4-2400R, 17-17-17
                                        1'200'000'000,
                                        {.cl = 17,
                                         .cwl = 12,
                                         .rcd = 17,
                                         .rp = 17,
                                         .ras = 39,
                                         .rc = 56,
                                         .rrd_s = 4,
                                         .rrd_l = 6,
                                         .ccd_s = 4,
                                         .ccd_l = 6,
                                         .faw = 26,
                                         .wr = 18,
                                         .wtr_s = 3,
                                         .wtr_l = 9,
                                         .rtp = 9,
                                         .rfc = 420,
                                         .refi = 9360,
                                         .burst = 4,
                                         .rank_switch = 1}};
    static constexpr SpeedBin ddr4_3200{// DDR4-3200AA, 22-22-22
                                        1'600'000'000,
                                        {.cl = 22,
                                         .cwl = 16,
                                         .rcd = 22,
                                         .rp = 22,
                                         .ras = 52,
                                         .rc = 74,
                                         .rrd_s = 4,
                                         .rrd_l = 8,
                                         .ccd_s = 4,
                                         .ccd_l = 8,
                                         .faw = 34,
                                         .wr = 24,
                                         .wtr_s = 4,
                                         .wtr_l = 12,
                                         .rtp = 12,
                                         .rfc = 560,
                                         .refi = 12'480,
                                         .burst = 4,
                                         .rank_switch = 1}};
    return speed == DramSpeed::ddr4_2400 ? ddr4_2400 : ddr4_3200;
}

/// One thing that any set of times must hold.
struct Rule {
    std::string_view text;
    std::uint64_t left, right;
};

void check(const DramTiming& t) {
    const std::uint64_t row_cycle = std::uint64_t{t.rfc} + t.rc + t.rcd + t.write_to_precharge() + t.rp;
    for (const Rule& r : {
             Rule{"tCCD_S >= 4, the clocks of a burst", t.ccd_s, t.burst},
             Rule{"tCCD_L >= tCCD_S", t.ccd_l, t.ccd_s},
             Rule{"tRRD_L >= tRRD_S", t.rrd_l, t.rrd_s},
             Rule{"tWTR_L >= tWTR_S", t.wtr_l, t.wtr_s},
             Rule{"tFAW >= 4 x tRRD_S", t.faw, 4ull * t.rrd_s},
             Rule{"tRAS >= tRCD + tRTP", t.ras, std::uint64_t{t.rcd} + t.rtp},
             Rule{"tRC >= tRAS + tRP", t.rc, std::uint64_t{t.ras} + t.rp},
             // Between two refreshes a row can be closed, opened, written and closed; twice leaves room for other
             // banks.
             Rule{"tREFI >= 2 x (tRFC + tRC + tRCD + CWL + 4 + tWR + tRP)", t.refi, 2 * row_cycle},
         })
        if (r.left < r.right)
            throw std::invalid_argument(
                fmt::format("dram.timing: {} does not hold: {} is less than {}", r.text, r.left, r.right));
}

} // namespace

DramTiming dram_timing(const DramParams& params, const DramTimingParams& exceptions) {
    DramTiming t = speed_bin(params.speed).timing;
    t.rank_switch = params.rank_switch;
    const auto replace = [](std::uint32_t& time, std::uint32_t by) {
        if (by != 0) time = by;
    };
    replace(t.cl, exceptions.cl);
    replace(t.cwl, exceptions.cwl);
    replace(t.rcd, exceptions.rcd);
    replace(t.rp, exceptions.rp);
    replace(t.ras, exceptions.ras);
    replace(t.rc, exceptions.rc);
    replace(t.rrd_s, exceptions.rrd_s);
    replace(t.rrd_l, exceptions.rrd_l);
    replace(t.ccd_s, exceptions.ccd_s);
    replace(t.ccd_l, exceptions.ccd_l);
    replace(t.faw, exceptions.faw);
    replace(t.wr, exceptions.wr);
    replace(t.wtr_s, exceptions.wtr_s);
    replace(t.wtr_l, exceptions.wtr_l);
    replace(t.rtp, exceptions.rtp);
    replace(t.rfc, exceptions.rfc);
    replace(t.refi, exceptions.refi);
    check(t);
    return t;
}

ClockDomain dram_clock(const DramParams& params) {
    return ClockDomain{Hertz{speed_bin(params.speed).hertz * 100 / params.time_scale}};
}

} // namespace tollgate::mem
