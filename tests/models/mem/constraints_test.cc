// Every row of the constraint table by itself: blocked a clock before, ready at its clock, and only where it holds.
#include "dram_harness.hh"

namespace tollgate::mem::test {
namespace {

constexpr Clock start = 1000;
constexpr std::uint32_t two_ranks = 2;

DramAddress place(unsigned rank, unsigned group, unsigned bank, std::uint32_t row = 0) {
    DramAddress a;
    a.rank = static_cast<std::uint8_t>(rank);
    a.group = static_cast<std::uint8_t>(group);
    a.bank = static_cast<std::uint8_t>(bank);
    a.row = row;
    return a;
}

/// A place and whether a row of this level holds between it and rank 0, group 0, bank 0.
struct Place {
    DramAddress at;
    bool shares(Level level) const {
        const bool rank = at.rank == 0, group = rank && at.group == 0;
        switch (level) {
        case Level::bank: return group && at.bank == 0;
        case Level::bank_group: return group;
        case Level::rank: return rank;
        case Level::channel: return !rank;
        }
        return false;
    }
};
const Place places[] = {{place(0, 0, 0)}, {place(0, 0, 1)}, {place(0, 1, 0)}, {place(1, 0, 0)}};

std::vector<Constraint> all_rows(DramSpeed speed) {
    DramParams p;
    p.speed = speed;
    return constraints(dram_timing(p, {}));
}

template <class F> void for_each_pair(const Constraint& r, F&& f) {
    for (unsigned p = 0; p < commands; ++p)
        for (unsigned q = 0; q < commands; ++q)
            if (r.preceding.has(static_cast<Command>(p)) && r.following.has(static_cast<Command>(q)))
                f(static_cast<Command>(p), static_cast<Command>(q));
}

/// Blocked at every clock before `ready`, ready at it.
void expect_earliest(const CommandSchedule& s, Command c, const DramAddress& a, Clock from, Clock ready) {
    EXPECT_EQ(s.earliest(c, a, from), ready);
    EXPECT_EQ(s.earliest(c, a, ready - 1), ready) << "blocked at the clock before";
    EXPECT_EQ(s.earliest(c, a, ready), ready) << "ready at its clock";
}

TEST(Constraints, EveryRowIsTightAndHoldsOnlyWhereItSays) {
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200})
        for (const Constraint& r : all_rows(speed))
            for_each_pair(r, [&](Command p, Command f) {
                if (whole_rank(p) || whole_rank(f)) return; // below
                for (const Place& where : places) {
                    SCOPED_TRACE(std::string{r.rule} + " " + std::string{command_names[index(p)]});
                    CommandSchedule s{{r}, two_ranks, 0};
                    // nth - 1 more of them behind the one from which is counted.
                    for (std::uint32_t i = 0; i < r.nth; ++i) s.place(p, place(0, i % 4, 0), start + i);
                    const Clock next = start + r.nth; // the command bus alone
                    const bool shares = r.nth == 1 ? where.shares(r.level) : where.at.rank == 0;
                    const Clock ready = shares ? std::max<Clock>(start + r.clocks, next) : next;
                    expect_earliest(s, f, where.at, start, ready);
                }
            });
}

/// Refreshes stand at fixed times: what must precede one ends in time, or comes behind it.
TEST(Constraints, EveryRowOfRefreshIsTight) {
    constexpr Clock interval = 10'000;
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200})
        for (const Constraint& r : all_rows(speed))
            for_each_pair(r, [&](Command p, Command f) {
                if (!whole_rank(p) && !whole_rank(f)) return;
                SCOPED_TRACE(std::string{r.rule} + " " + std::string{command_names[index(p)]});
                const CommandSchedule s{{r}, two_ranks, interval};
                const DramAddress here = place(0, 2, 3), there = place(1, 2, 3);
                if (p == Command::ref) {
                    expect_earliest(s, f, here, interval, interval + r.clocks);
                    EXPECT_EQ(s.earliest(f, there, interval + 1), interval + 1) << "another rank";
                } else if (p == Command::prea || p == Command::pre) {
                    // The PREA stands so long before the REF, and everything else a clock before that.
                    expect_earliest(s, Command::pre, here, interval - r.clocks, interval + 1);
                    EXPECT_EQ(s.earliest(Command::pre, here, interval - r.clocks - 1), interval - r.clocks - 1);
                } else {
                    const Clock last = interval - r.clocks;
                    EXPECT_EQ(s.earliest(p, here, last), last) << "the last clock before the refresh";
                    EXPECT_GT(s.earliest(p, here, last + 1), interval) << "too late for it";
                    EXPECT_EQ(s.earliest(p, there, last + 1), last + 1) << "another rank";
                }
            });
}

TEST(Constraints, BanksOfARankAreRefreshedTogetherAndRanksInTurn) {
    const DramTiming t = dram_timing({}, {});
    const CommandSchedule s{constraints(t), 4, t.refi};
    for (std::uint32_t rank = 0; rank < 4; ++rank)
        for (std::uint64_t n = 1; n < 5; ++n) {
            const Clock due = refresh_time(t, 4, rank, n);
            EXPECT_EQ(s.refreshes(rank, due - 1), n - 1);
            EXPECT_EQ(s.refreshes(rank, due), n);
            EXPECT_EQ(s.next_refresh(rank, due - 1), due);
        }
}

/// The whole table: for every pair and place the longest row that holds there, at random distances of a third command.
TEST(Constraints, TheTableAsAWholeIsTheLongestOfItsRows) {
    const auto rows = all_rows(DramSpeed::ddr4_2400);
    for (unsigned p = 0; p < commands; ++p)
        for (unsigned f = 0; f < commands; ++f) {
            const auto preceding = static_cast<Command>(p), following = static_cast<Command>(f);
            if (whole_rank(preceding) || whole_rank(following)) continue;
            for (const Place& where : places) {
                CommandSchedule s{rows, two_ranks, 0};
                s.place(preceding, place(0, 0, 0), start);
                Clock ready = start + 1;
                for (const Constraint& r : rows)
                    if (r.nth == 1 && applies(r, {start, preceding, place(0, 0, 0)}, {0, following, where.at}))
                        ready = std::max<Clock>(ready, start + r.clocks);
                expect_earliest(s, following, where.at, start, ready);
            }
        }
}

TEST(Constraints, ACommandFitsIntoAGapAndNotIntoOneThatIsAClockTooNarrow) {
    const DramTiming t = dram_timing({}, {});
    const auto read = [&](unsigned group) { return place(0, group, 0); };
    for (std::uint32_t gap = 1; gap < 40; ++gap) {
        CommandSchedule s{constraints(t), 1, 0};
        s.place(Command::rd, read(0), start);
        s.place(Command::rd, read(0), start + gap + t.ccd_l); // some time later
        const bool other = gap + t.ccd_l >= 2 * t.ccd_s, same = gap + t.ccd_l >= 2 * t.ccd_l;
        EXPECT_EQ(s.earliest(Command::rd, read(1), start), start + t.ccd_s + (other ? 0 : gap + t.ccd_l)) << gap;
        CommandSchedule u{constraints(t), 1, 0};
        u.place(Command::rd, place(0, 0, 1), start);
        u.place(Command::rd, place(0, 0, 1), start + gap + t.ccd_l);
        EXPECT_EQ(u.earliest(Command::rd, place(0, 0, 2), start), start + t.ccd_l + (same ? 0 : gap + t.ccd_l)) << gap;
    }
}

TEST(Constraints, FourActivatesInAWindowHoldAlsoForOnePutBetweenOthers) {
    DramTiming t = dram_timing({}, {});
    const Constraint faw{Level::rank, {Command::act}, {Command::act}, t.faw, 4, "tFAW", ""};
    for (Clock gap = 1; gap < 3 * t.faw / 2; ++gap) {
        CommandSchedule s{{faw}, 1, 0};
        // Two, a gap, two: a fifth between them must keep all windows of five.
        const Clock times[] = {start, start + 1, start + 1 + gap, start + 2 + gap};
        for (unsigned i = 0; i < 4; ++i) s.place(Command::act, place(0, i, 0), times[i]);
        const Clock got = s.earliest(Command::act, place(0, 0, 1), start + 2);
        for (Clock c = start + 2; c <= got; ++c) {
            std::vector<Clock> five(times, times + 4);
            const bool taken = std::find(five.begin(), five.end(), c) != five.end();
            five.push_back(c);
            std::sort(five.begin(), five.end());
            const bool fits = !taken && five[4] - five[0] >= t.faw;
            ASSERT_EQ(fits, c == got) << gap << " at " << c;
        }
    }
}

TEST(Constraints, StateIsToldFromTime) {
    using Verdict = CommandSchedule::Verdict;
    const DramTiming t = dram_timing({}, {});
    CommandSchedule s{constraints(t), 1, 0};
    const DramAddress a = place(0, 0, 0, 7), other_row = place(0, 0, 0, 8);
    EXPECT_EQ(s.probe(Command::rd, a, start), Verdict::wrong_state);
    EXPECT_EQ(s.probe(Command::pre, a, start), Verdict::wrong_state);
    EXPECT_EQ(s.probe(Command::act, a, start), Verdict::ready);
    s.place(Command::act, a, start);
    EXPECT_EQ(s.probe(Command::act, a, start + t.rc), Verdict::wrong_state);
    EXPECT_EQ(s.probe(Command::rd, a, start + t.rcd - 1), Verdict::too_early);
    EXPECT_EQ(s.probe(Command::rd, a, start + t.rcd), Verdict::ready);
    EXPECT_EQ(s.probe(Command::rd, other_row, start + t.rcd), Verdict::wrong_state);
    EXPECT_EQ(s.row_state(other_row, start + t.rcd), RowState::conflict);
    s.place(Command::rda, a, start + t.rcd);
    EXPECT_EQ(s.probe(Command::rd, a, start + t.rc), Verdict::wrong_state) << "closed by itself";
    EXPECT_EQ(s.probe(Command::act, a, start + t.rc - 1), Verdict::too_early);
    EXPECT_EQ(s.probe(Command::act, a, start + t.rc), Verdict::ready);
}

TEST(Constraints, ARefreshClosesRows) {
    const DramTiming t = dram_timing({}, {});
    CommandSchedule s{constraints(t), 1, t.refi};
    const DramAddress a = place(0, 0, 0, 7);
    s.place(Command::act, a, start);
    EXPECT_EQ(s.row_state(a, t.refi - 1), RowState::hit);
    EXPECT_EQ(s.row_state(a, t.refi), RowState::closed);
}

TEST(Constraints, ARowThatFitsNowhereIsNotOverlooked) {
    EXPECT_THROW(Gaps({{Level::channel, {Command::act}, {Command::act}, 1, 1, "no such rule", ""}}), std::logic_error);
    EXPECT_THROW(Gaps({{Level::rank, {Command::rd}, {Command::rd}, 1, 2, "no such rule", ""}}), std::logic_error);
    EXPECT_THROW(Gaps({{Level::rank, {Command::ref}, {Command::rd}, 1, 1, "no such rule", ""}}), std::logic_error);
}

/// A row that is lost would be missed here: every pair of commands to data has its clocks in every place.
TEST(Constraints, NoPairOfCommandsIsForgotten) {
    for (const DramSpeed speed : {DramSpeed::ddr4_2400, DramSpeed::ddr4_3200}) {
        DramParams p;
        p.speed = speed;
        const DramTiming t = dram_timing(p, {});
        const Gaps g{constraints(t)};
        using Three = std::array<std::uint32_t, 3>; // same bank group, same rank, other rank
        const std::uint32_t other = t.burst + t.rank_switch;
        EXPECT_EQ(g.columns[0][0], (Three{t.ccd_l, t.ccd_s, other}));
        EXPECT_EQ(g.columns[1][1], (Three{t.ccd_l, t.ccd_s, other}));
        const std::uint32_t turn = t.cl + t.burst + 2 - t.cwl;
        EXPECT_EQ(g.columns[0][1], (Three{turn, turn, t.cl + other - t.cwl}));
        const std::uint32_t data = t.cwl + t.burst;
        EXPECT_EQ(g.columns[1][0], (Three{data + t.wtr_l, data + t.wtr_s, std::max(t.cwl + other, t.cl + 1) - t.cl}));
        EXPECT_EQ(g.activates, (std::array<std::uint32_t, 2>{t.rrd_s, t.rrd_l}));
        EXPECT_EQ(g.four_activates, t.faw);
        const auto bank = [&](Command a, Command b) { return g.same_bank[index(a)][index(b)]; };
        const auto refresh = [&](Command c) { return g.before_refresh[index(c)]; };
        EXPECT_EQ(bank(Command::act, Command::act), t.rc);
        EXPECT_EQ(bank(Command::act, Command::pre), t.ras);
        EXPECT_EQ(bank(Command::pre, Command::act), t.rp);
        EXPECT_EQ(bank(Command::rd, Command::pre), t.rtp);
        EXPECT_EQ(bank(Command::wr, Command::pre), data + t.wr);
        EXPECT_EQ(bank(Command::rda, Command::act), t.rtp + t.rp);
        EXPECT_EQ(bank(Command::wra, Command::act), data + t.wr + t.rp);
        for (const Command c : {Command::rd, Command::rda, Command::wr, Command::wra})
            EXPECT_EQ(bank(Command::act, c), t.rcd);
        EXPECT_EQ(refresh(Command::act), std::max(t.rc, t.ras + t.rp));
        EXPECT_EQ(refresh(Command::rd), t.rtp + t.rp);
        EXPECT_EQ(refresh(Command::rda), t.rtp + t.rp);
        EXPECT_EQ(refresh(Command::wr), data + t.wr + t.rp);
        EXPECT_EQ(refresh(Command::wra), data + t.wr + t.rp);
        EXPECT_EQ(g.after_refresh, t.rfc);
    }
}

TEST(Constraints, WhatTheStandardAsksForNamesItsSection) {
    for (const Constraint& r : all_rows(DramSpeed::ddr4_2400))
        EXPECT_EQ(r.section.empty(), r.level == Level::channel) << r.rule;
}

} // namespace
} // namespace tollgate::mem::test
