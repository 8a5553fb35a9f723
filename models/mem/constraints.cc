#include "mem/constraints.hh"
#include <algorithm>
#include <stdexcept>
#include <string>

namespace tollgate::mem {

std::vector<Constraint> constraints(const DramTiming& t) {
    using enum Command;
    const CommandSet reads{rd, rda}, writes{wr, wra};
    constexpr std::string_view activate = "JESD79-4C §4.22", precharge = "JESD79-4C §4.23", read = "JESD79-4C §4.24",
                               write = "JESD79-4C §4.25", refresh = "JESD79-4C §4.26", board = "";
    // The bus turns round in two clocks, one of them the preamble of the written data.
    const std::uint32_t read_to_write = t.cl + t.burst + 2 > t.cwl ? t.cl + t.burst + 2 - t.cwl : 1;
    const std::uint32_t other_data = t.burst + t.rank_switch;
    const std::uint32_t other_read_to_write = t.cl + other_data > t.cwl ? t.cl + other_data - t.cwl : 1;
    const std::uint32_t other_write_to_read = t.cwl + other_data > t.cl ? t.cwl + other_data - t.cl : 1;
    return {
        {Level::bank, {act}, {act}, t.rc, 1, "tRC", activate},
        {Level::bank, {act}, {rd, rda, wr, wra}, t.rcd, 1, "tRCD", activate},
        {Level::bank, {act}, {pre}, t.ras, 1, "tRAS", activate},
        {Level::bank, {pre}, {act}, t.rp, 1, "tRP", precharge},
        {Level::bank, {rd}, {pre}, t.rtp, 1, "tRTP", read},
        {Level::bank, {rda}, {act}, t.rtp + t.rp, 1, "tRTP + tRP", read},
        {Level::bank, {wr}, {pre}, t.write_to_precharge(), 1, "CWL + 4 + tWR", write},
        {Level::bank, {wra}, {act}, t.write_to_precharge() + t.rp, 1, "CWL + 4 + tWR + tRP", write},

        {Level::bank_group, {act}, {act}, t.rrd_l, 1, "tRRD_L", activate},
        {Level::bank_group, reads, reads, t.ccd_l, 1, "tCCD_L", read},
        {Level::bank_group, writes, writes, t.ccd_l, 1, "tCCD_L", write},
        {Level::bank_group, writes, reads, t.write_data() + t.wtr_l, 1, "CWL + 4 + tWTR_L", write},

        {Level::rank, {act}, {act}, t.rrd_s, 1, "tRRD_S", activate},
        {Level::rank, {act}, {act}, t.faw, 4, "tFAW", activate},
        {Level::rank, reads, reads, t.ccd_s, 1, "tCCD_S", read},
        {Level::rank, writes, writes, t.ccd_s, 1, "tCCD_S", write},
        {Level::rank, writes, reads, t.write_data() + t.wtr_s, 1, "CWL + 4 + tWTR_S", write},
        {Level::rank, reads, writes, read_to_write, 1, "CL + 4 + 2 - CWL", read},

        {Level::rank, {act}, {ref}, t.rc, 1, "tRC", refresh},
        {Level::rank, {act}, {prea}, t.ras, 1, "tRAS", activate},
        {Level::rank, {rd}, {prea}, t.rtp, 1, "tRTP", read},
        {Level::rank, {wr}, {prea}, t.write_to_precharge(), 1, "CWL + 4 + tWR", write},
        {Level::rank, {rda}, {ref}, t.rtp + t.rp, 1, "tRTP + tRP", refresh},
        {Level::rank, {wra}, {ref}, t.write_to_precharge() + t.rp, 1, "CWL + 4 + tWR + tRP", refresh},
        {Level::rank, {pre, prea}, {ref}, t.rp, 1, "tRP", refresh},
        {Level::rank, {ref}, {act}, t.rfc, 1, "tRFC", refresh},

        {Level::channel, reads, reads, other_data, 1, "4 + tRTRS", board},
        {Level::channel, writes, writes, other_data, 1, "4 + tRTRS", board},
        {Level::channel, reads, writes, other_read_to_write, 1, "CL + 4 + tRTRS - CWL", board},
        {Level::channel, writes, reads, other_write_to_read, 1, "CWL + 4 + tRTRS - CL, at least 1", board},
    };
}

namespace {

/// Files one pair of a row; says whether there was a place for it.
bool file(Gaps& g, Gaps::ByPair& to_prea, Gaps::ByPair& to_ref, const Constraint& r, Command p, Command f) {
    const auto raise = [&](std::uint32_t& gap) {
        gap = std::max(gap, r.clocks);
        return true;
    };
    auto& pair_prea = to_prea[index(p)][index(f)];
    auto& pair_ref = to_ref[index(p)][index(f)];
    if (r.level == Level::rank && p == Command::act && f == Command::act && r.nth == 4) return raise(g.four_activates);
    if (r.nth != 1) return false;
    if (r.level == Level::rank && f == Command::prea) return raise(pair_prea);
    if (r.level == Level::rank && f == Command::ref) return raise(pair_ref);
    if (r.level == Level::rank && p == Command::ref && f == Command::act) return raise(g.after_refresh);
    if (r.level == Level::bank) return raise(g.same_bank[index(p)][index(f)]);
    if (p == Command::act && f == Command::act && r.level != Level::channel)
        return raise(g.activates[r.level == Level::bank_group ? 1 : 0]);
    if (is_column(p) && is_column(f)) {
        const Gaps::Place place = r.level == Level::bank_group ? Gaps::same_group
                                  : r.level == Level::rank     ? Gaps::same_rank
                                                               : Gaps::other_rank;
        return raise(g.columns[is_write(p)][is_write(f)][place]);
    }
    return false;
}

} // namespace

Gaps::Gaps(const std::vector<Constraint>& rows) {
    ByPair to_prea{}, to_ref{};
    for (const Constraint& r : rows)
        for (unsigned p = 0; p < commands; ++p)
            for (unsigned f = 0; f < commands; ++f) {
                const auto preceding = static_cast<Command>(p), following = static_cast<Command>(f);
                if (!r.preceding.has(preceding) || !r.following.has(following)) continue;
                if (!file(*this, to_prea, to_ref, r, preceding, following))
                    throw std::logic_error("no place for the constraint " + std::string{r.rule});
            }
    // What holds in the whole rank holds in the bank group as well.
    activates[1] = std::max(activates[1], activates[0]);
    for (auto& preceding : columns)
        for (auto& following : preceding) {
            following[same_group] = std::max(following[same_group], following[same_rank]);
            longest_column = std::max({longest_column, following[same_group], following[other_rank]});
        }
    longest_activate = std::max(activates[1], four_activates);
    const unsigned prea = index(Command::prea), ref = index(Command::ref);
    precharge_to_refresh = to_ref[prea][ref];
    for (unsigned c = 0; c < commands; ++c) {
        // A slot is PREA's own: what has no rule with it still comes a clock before.
        const std::uint32_t to_precharge = std::max<std::uint32_t>(to_prea[c][prea], 1);
        before_refresh[c] = std::max(to_ref[c][ref], to_precharge + precharge_to_refresh);
    }
}

} // namespace tollgate::mem
