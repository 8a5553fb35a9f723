/// For tests of DRAM: a log of commands, and the table of constraints read by somebody who knows nothing of gaps.
#pragma once
#include "mem/command_schedule.hh"
#include "mem/constraints.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

namespace tollgate::mem::test {

struct Logged {
    Clock at = 0;
    Command command = Command::act;
    DramAddress where;
    bool operator==(const Logged&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Logged& l) {
    return out << l.at << ": " << command_names[index(l.command)] << " rank " << +l.where.rank << " group "
               << +l.where.group << " bank " << +l.where.bank << " row " << l.where.row;
}

class CommandLog : public CommandListener {
  public:
    void placed(Command command, const DramAddress& at, Clock clock) override { log.push_back({clock, command, at}); }
    std::vector<Logged> sorted() const {
        auto r = log;
        std::stable_sort(r.begin(), r.end(), [](const Logged& a, const Logged& b) { return a.at < b.at; });
        return r;
    }
    std::vector<Logged> log;
};

inline bool whole_rank(Command c) { return c == Command::prea || c == Command::ref; }

/// Whether a row is about these two commands in these places.
inline bool applies(const Constraint& r, const Logged& before, const Logged& after) {
    if (!r.preceding.has(before.command) || !r.following.has(after.command)) return false;
    const DramAddress &a = before.where, &b = after.where;
    const bool rank = a.rank == b.rank;
    if (r.level == Level::channel) return !rank;
    if (!rank || r.level == Level::rank || whole_rank(before.command) || whole_rank(after.command)) return rank;
    return a.group == b.group && (r.level == Level::bank_group || a.bank == b.bank);
}

/// When a rank is refreshed for the nth time, from 1.
inline Clock refresh_time(const DramTiming& t, std::uint32_t ranks, std::uint32_t rank, std::uint64_t n) {
    return t.refi * n + rank * (t.refi / ranks);
}

/// The log with refreshes, and the PREA before each, up to its end.
inline std::vector<Logged> with_refreshes(std::vector<Logged> log, const DramTiming& t, std::uint32_t ranks) {
    const Clock end = log.empty() ? 0 : log.back().at + t.refi;
    for (std::uint32_t rank = 0; rank < ranks; ++rank)
        for (std::uint64_t n = 1; refresh_time(t, ranks, rank, n) <= end; ++n) {
            DramAddress a;
            a.rank = static_cast<std::uint8_t>(rank);
            log.push_back({refresh_time(t, ranks, rank, n) - t.rp, Command::prea, a});
            log.push_back({refresh_time(t, ranks, rank, n), Command::ref, a});
        }
    std::stable_sort(log.begin(), log.end(), [](const Logged& a, const Logged& b) { return a.at < b.at; });
    return log;
}

/// Every rule of the table, for every pair; one command a clock; rows in the right state; data that do not overlap.
inline void expect_legal(const std::vector<Logged>& log, const DramTiming& t) {
    const std::vector<Constraint> rows = constraints(t);
    constexpr Clock horizon = 2000; // longer than any row
    for (std::size_t i = 0; i < log.size(); ++i) {
        for (const Constraint& r : rows) {
            std::uint32_t seen = 0;
            for (std::size_t j = i; j-- > 0 && log[j].at + horizon > log[i].at;)
                if (applies(r, log[j], log[i]) && ++seen == r.nth) {
                    ASSERT_GE(log[i].at, log[j].at + r.clocks) << r.rule << ": " << log[j] << " then " << log[i];
                    break;
                }
        }
        // REF and PREA of two ranks never fall on one clock by themselves; other commands give way.
        if (i > 0) { ASSERT_GT(log[i].at, log[i - 1].at) << log[i - 1] << " and " << log[i]; }
    }
    std::map<unsigned, std::uint32_t> open;
    std::vector<Clock> data;
    for (const Logged& l : log) {
        const unsigned bank = l.where.bank_of_channel();
        if (l.command == Command::act) {
            ASSERT_FALSE(open.contains(bank)) << l;
            open[bank] = l.where.row;
        } else if (is_column(l.command)) {
            ASSERT_TRUE(open.contains(bank) && open[bank] == l.where.row) << l;
            data.push_back(l.at + (is_write(l.command) ? t.cwl : t.cl));
        }
        if (closes_row(l.command)) { ASSERT_EQ(open.erase(bank), 1u) << l; }
        if (whole_rank(l.command))
            std::erase_if(open, [&](const auto& e) { return e.first / DramGeometry::banks == l.where.rank; });
    }
    std::sort(data.begin(), data.end());
    for (std::size_t i = 1; i < data.size(); ++i) ASSERT_GE(data[i], data[i - 1] + t.burst) << "data overlap";
}

} // namespace tollgate::mem::test
