// Formulas out of named times, with the times varied: latency by row state, bandwidth by what bounds it, refresh,
// policies, queues. No figure is written down here that a parameter could move.
#include "dram_harness.hh"
#include "mem/dram_channel.hh"

namespace tollgate::mem::test {
namespace {

struct Machine {
    DramParams params;
    DramTimingParams exceptions;
};

/// Both speeds, and sets of times in which every one is another than the parts'.
std::vector<Machine> machines(bool refresh = false) {
    std::vector<Machine> r(4);
    r[1].params.speed = DramSpeed::ddr4_3200;
    r[2].exceptions.cl = 20;
    r[2].exceptions.rcd = 19;
    r[2].exceptions.rp = 15;
    r[2].exceptions.rc = 70;
    r[2].exceptions.faw = 40;
    r[3].exceptions.cl = 9;
    r[3].exceptions.rcd = 11;
    r[3].exceptions.rp = 23;
    r[3].exceptions.rc = 90;
    r[3].exceptions.ccd_l = 9;
    r[3].exceptions.cwl = 8;
    r[3].exceptions.faw = 33;
    for (Machine& s : r) s.params.refresh = refresh;
    return r;
}

DramAddress address(unsigned bank, std::uint32_t row, unsigned column = 0) {
    DramAddress a;
    a.rank = static_cast<std::uint8_t>(bank / 16);
    a.group = static_cast<std::uint8_t>(bank % 4);
    a.bank = static_cast<std::uint8_t>(bank / 4 % 4);
    a.row = row;
    a.column = static_cast<std::uint8_t>(column);
    return a;
}

constexpr AccessKind load = AccessKind::load;
constexpr Clock far = 5'000;

TEST(DramLatency, HitClosedAndConflictAreSumsOfTimings) {
    for (const Machine& s : machines()) {
        DramChannel c{s.params, s.exceptions};
        const DramTiming& t = c.timing();
        const auto latency = [&](const DramAddress& a, Clock at) { return c.read(a, at, load).done - at; };
        EXPECT_EQ(latency(address(3, 5), far), t.rcd + t.cl + t.burst);
        EXPECT_EQ(latency(address(3, 5), 2 * far), t.cl + t.burst);
        EXPECT_EQ(latency(address(3, 6), 3 * far), t.rp + t.rcd + t.cl + t.burst);
        EXPECT_EQ(c.counters().row_closed, 1u);
        EXPECT_EQ(c.counters().row_hits, 1u);
        EXPECT_EQ(c.counters().row_conflicts, 1u);
        EXPECT_EQ(c.counters().read_cycles, 3 * (t.cl + t.burst) + 2 * t.rcd + t.rp);
        EXPECT_EQ(c.read_latency().max(), t.rp + t.rcd + t.cl + t.burst);
    }
}

TEST(DramLatency, ThePublishedClocksOfTheSpeedBins) { // the table of timings is an input; these sums are published
    const auto sums = [](DramSpeed speed) {
        DramParams p;
        p.speed = speed;
        const DramTiming t = dram_timing(p, {});
        const std::uint32_t hit = t.cl + t.burst;
        return std::vector<std::uint32_t>{hit, hit + t.rcd, hit + t.rcd + t.rp};
    };
    EXPECT_EQ(sums(DramSpeed::ddr4_2400), (std::vector<std::uint32_t>{21, 38, 55}));
    EXPECT_EQ(sums(DramSpeed::ddr4_3200), (std::vector<std::uint32_t>{26, 48, 70}));
}

/// The clocks between the first and the last of n reads that all arrive at once, from the n/2th on: a steady state.
template <class F> double clocks_per_read(const Machine& s, unsigned n, F&& nth) {
    DramChannel c{s.params, s.exceptions};
    std::vector<Clock> done;
    for (unsigned i = 0; i < n; ++i) done.push_back(c.read(nth(i), far, load).done);
    const auto [first, last] =
        std::pair{*std::max_element(done.begin(), done.begin() + n / 2), *std::max_element(done.begin(), done.end())};
    return static_cast<double>(last - first) / (n - n / 2);
}

TEST(DramBandwidth, RowHitsInAllBankGroupsAreBoundByTheDataBus) {
    for (const Machine& s : machines()) {
        const DramTiming t = dram_timing(s.params, s.exceptions);
        EXPECT_NEAR(clocks_per_read(s, 256, [](unsigned i) { return address(i % 4, 1, i / 4); }),
                    std::max<double>(t.ccd_s, t.ccd_l / 4.0), 0.05);
    }
}

TEST(DramBandwidth, RowHitsInOneBankGroupAreBoundByTheLongColumnTime) {
    for (const Machine& s : machines()) {
        const DramTiming t = dram_timing(s.params, s.exceptions);
        EXPECT_NEAR(clocks_per_read(s, 256, [](unsigned i) { return address(4 * (i % 2), 1, i / 2); }), t.ccd_l, 0.05);
    }
}

TEST(DramBandwidth, OneLinePerRowIsBoundByTheWindowOfFourActivates) {
    for (Machine s : machines()) {
        s.params.page_policy = PagePolicy::closed;
        const DramTiming t = dram_timing(s.params, s.exceptions);
        const double banks = static_cast<double>(t.rc) / DramGeometry::banks; // the other bound
        // A read may take the slot of the command bus that an activate would need: a clock a window at most.
        const double bound = std::max(t.faw / 4.0, banks);
        const double found = clocks_per_read(s, 320, [](unsigned i) { return address(i % 16, i / 16); });
        EXPECT_GE(found, bound - 1e-9);
        EXPECT_LE(found, bound + 0.25);
    }
}

TEST(DramBandwidth, ConflictsInOneBankAreBoundByTheRowCycle) {
    for (const Machine& s : machines()) {
        const DramTiming t = dram_timing(s.params, s.exceptions);
        EXPECT_NEAR(clocks_per_read(s, 64, [](unsigned i) { return address(0, i); }),
                    std::max<double>(t.rc, std::max(t.ras, t.rcd + t.rtp) + t.rp), 1e-9);
    }
}

TEST(DramBandwidth, TwoRanksLoseTheSwitchBetweenThem) {
    for (Machine s : machines()) {
        s.params.ranks = 2;
        for (const std::uint32_t gap : {0u, 1u, 3u}) {
            s.params.rank_switch = gap;
            const DramTiming t = dram_timing(s.params, s.exceptions);
            EXPECT_NEAR(clocks_per_read(s, 256, [](unsigned i) { return address(16 * (i % 2) + i / 2 % 4, 1, i / 8); }),
                        std::max<double>(t.burst + gap, t.ccd_s / 2.0), 0.05);
        }
    }
}

TEST(DramRefresh, TakesItsShareOfTheTime) {
    for (const Machine& s : machines(true)) {
        DramChannel with{s.params, s.exceptions};
        const DramTiming& t = with.timing();
        // A stream of row hits, always four waiting: what a refresh costs is tRFC and closing and opening the rows.
        Clock now = 0;
        std::uint64_t n = 0;
        const Clock end = 100ull * t.refi;
        for (; now < end; ++n) now = with.read(address(n % 4, 0, n / 4 % 128), now < 100 ? 0 : now - 100, load).done;
        const double lost = 1 - static_cast<double>(n) * t.ccd_s / static_cast<double>(now);
        const double pure = static_cast<double>(t.rfc) / t.refi;
        EXPECT_GE(lost, pure);
        EXPECT_LE(lost, pure + static_cast<double>(t.rtp + t.rp + t.rcd + t.cl + t.burst + 100) / t.refi);
        EXPECT_EQ(with.counters().refreshes, with.schedule().refreshes(0, now - t.cl - t.burst));
        EXPECT_NEAR(static_cast<double>(with.counters().refreshes), 100, 1);
    }
}

TEST(DramRefresh, AReadThatMeetsARefreshWaitsForItsEnd) {
    DramParams p;
    DramChannel c{p, {}};
    const DramTiming& t = c.timing();
    for (const Clock into : {Clock{0}, Clock{1}, Clock{t.rfc - 1}, Clock{t.rfc}}) {
        DramChannel one{p, {}};
        EXPECT_EQ(one.read(address(0, 1), t.refi + into, load).done, t.refi + t.rfc + t.rcd + t.cl + t.burst);
    }
    DramChannel late{p, {}};
    EXPECT_EQ(late.read(address(0, 1), t.refi + t.rfc + 1, load).done, t.refi + t.rfc + 1 + t.rcd + t.cl + t.burst);
}

TEST(DramRefresh, CostsNothingWhenItIsOff) {
    DramParams p;
    p.refresh = false;
    DramChannel c{p, {}};
    const DramTiming& t = c.timing();
    EXPECT_EQ(c.read(address(0, 1), t.refi, load).done, t.refi + t.rcd + t.cl + t.burst);
    c.advance_to(1'000'000'000);
    EXPECT_EQ(c.counters().refreshes, 0u);
}

TEST(DramPolicy, ClosedClosesAndOpenLeavesOpen) {
    for (Machine s : machines()) {
        s.params.page_policy = PagePolicy::closed;
        DramChannel c{s.params, s.exceptions};
        const DramTiming& t = c.timing();
        for (Clock at = far; at < 10 * far; at += far)
            EXPECT_EQ(c.read(address(0, 1), at, load).done - at, t.rcd + t.cl + t.burst) << "never a hit";
        EXPECT_EQ(c.counters().closing_reads, c.counters().reads);
        EXPECT_EQ(c.counters().column_reads + c.counters().precharges + c.counters().row_hits, 0u);
    }
}

TEST(DramPolicy, AdaptiveFollowsTheBank) {
    DramParams p;
    p.page_policy = PagePolicy::adaptive;
    p.refresh = false;
    DramChannel c{p, {}};
    const DramTiming& t = c.timing();
    Clock at = 0;
    const auto latency = [&](std::uint32_t row) {
        at += far;
        return c.read(address(0, row), at, load).done - at;
    };
    for (int i = 0; i < 8; ++i) latency(1);
    EXPECT_EQ(latency(1), t.cl + t.burst) << "a bank that keeps to its row: open";
    for (std::uint32_t row = 2; row < 10; ++row) latency(row);
    EXPECT_EQ(latency(10), t.rcd + t.cl + t.burst) << "one that does not: closed";
    for (int i = 0; i < 8; ++i) latency(10);
    EXPECT_EQ(latency(10), t.cl + t.burst) << "and back";
}

TEST(DramReads, AnEarlierReadOfAnotherBankUsesTheGap) {
    DramParams p;
    p.refresh = false;
    DramChannel c{p, {}};
    const DramTiming& t = c.timing();
    const Clock alone = t.rcd + t.cl + t.burst;
    EXPECT_EQ(c.read(address(0, 1), far + 200, load).done, far + 200 + alone);
    EXPECT_EQ(c.read(address(1, 1), far, load).done, far + alone) << "as if the other had not been asked yet";
    EXPECT_EQ(c.counters().late, 0u);
}

TEST(DramReads, AnEarlierReadOfTheSameBankGoesBehindAndIsCounted) {
    DramParams p;
    p.refresh = false;
    DramChannel c{p, {}};
    const DramTiming& t = c.timing();
    const Clock first = c.read(address(0, 1), far + 200, load).done;
    EXPECT_EQ(c.read(address(0, 1), far, load).done, first + t.ccd_l);
    EXPECT_EQ(c.counters().late, 1u);
    EXPECT_EQ(c.counters().skew_cycles, 200u);
    EXPECT_TRUE(c.skewed(1));
    for (int i = 0; i < 10'000; ++i) c.read(address(1, 1), 2 * far + 10 * i, load);
    EXPECT_FALSE(c.skewed(1));
}

TEST(DramReads, ADevicesReadHasAPlaceWhenAnEarlierOnesColumnCommandIsThrough) {
    DramParams p;
    p.refresh = false;
    p.read_queue = 2;
    DramChannel c{p, {}};
    EXPECT_EQ(c.device_place_from(false, 10), 10u);
    const Clock first = c.read(address(0, 1), 10, AccessKind::dma).done;
    EXPECT_EQ(c.device_place_from(false, 10), 10u) << "there are two";
    c.read(address(1, 1), 10, AccessKind::dma);
    EXPECT_EQ(c.device_place_from(false, 10), first - c.timing().read_data() + 1);
    EXPECT_EQ(c.device_place_from(false, 1000), 1000u);
    EXPECT_EQ(c.device_place_from(true, 10), 10u) << "writes have a queue of their own";
}

TEST(DramWrites, ReadsAreAnsweredFromTheWriteQueue) {
    DramParams p;
    p.write_idle = 1000;
    DramChannel c{p, {}};
    c.read(address(5, 1), 100, load); // the channel does not count as idle
    EXPECT_EQ(c.post({.at = address(0, 1, 7), .arrival = 110, .write = true}), 110u);
    const auto hit = c.read(address(0, 1, 7), 120, load);
    EXPECT_TRUE(hit.forwarded);
    EXPECT_EQ(hit.done, 120u);
    EXPECT_FALSE(c.read(address(0, 1, 8), 130, load).forwarded) << "another line";
    c.post({.at = address(0, 1, 7), .arrival = 140, .kind = AccessKind::prefetch});
    EXPECT_EQ(c.counters().forwarded, 2u);
    EXPECT_EQ(c.counters().column_writes, 0u);
    c.drain();
    EXPECT_EQ(c.counters().column_writes, 1u);
    EXPECT_FALSE(c.read(address(0, 1, 7), far, load).forwarded) << "written";
}

TEST(DramWrites, GoFromTheHighWatermarkDownToTheLowOneOrWhenIdle) {
    DramParams p;
    p.refresh = false;
    p.write_queue = 20;
    p.write_high = 50;
    p.write_low = 20;
    p.write_idle = 1'000'000;
    DramChannel c{p, {}};
    Clock now = 10;
    c.read(address(0, 0), now, load);
    const auto write = [&](unsigned i) { c.post({.at = address(i % 16, 1), .arrival = ++now, .write = true}); };
    for (unsigned i = 0; i < 9; ++i) write(i);
    c.advance_to(now += 2000);
    EXPECT_EQ(c.counters().writes, 0u) << "below the high watermark";
    EXPECT_EQ(c.next_action(), 10 + c.timing().rcd + 1 + p.write_idle) << "when the channel counts as idle";
    write(9);
    c.post({.at = address(3, 3), .arrival = now, .kind = AccessKind::dma}); // somebody waits
    c.advance_to(now += 2000);
    EXPECT_EQ(c.counters().writes, 6u) << "down to the low one";
    c.advance_to(now += 2 * p.write_idle);
    EXPECT_EQ(c.counters().writes, 10u) << "nobody reads any more";
    EXPECT_EQ(c.next_action(), std::nullopt);
    EXPECT_EQ(c.counters().bytes_written, 10 * line_bytes);
}

TEST(DramWrites, ABatchGoesBehindTheReadsThatAreDecidedAndIsNotCutIntoPieces) {
    DramParams p;
    p.refresh = false;
    p.write_idle = 1'000'000;
    DramChannel c{p, {}};
    // One bank in conflict is decided far ahead, with room for much between its commands.
    Clock last = 0;
    for (unsigned row = 0; row < 8; ++row) last = c.read(address(0, row), 10, load).done;
    for (unsigned i = 0; i < 25; ++i) c.post({.at = address(1 + i % 15, 1), .arrival = 11 + i, .write = true});
    const Count batch = c.counters().writes;
    EXPECT_EQ(batch, 25u - 12u) << "from 80 % of 32 down to 40 %";
    EXPECT_EQ(c.counters().turn_arounds, 1u) << "behind the reads, all of it";
    c.read(address(0, 9), 40, load);
    EXPECT_GT(c.read(address(0, 9), 41, load).done, last);
    EXPECT_EQ(c.counters().writes, batch);
    EXPECT_EQ(c.counters().turn_arounds, 2u);
}

TEST(DramWrites, TurningTheBusRoundCostsItsTime) {
    for (const Machine& s : machines()) {
        DramChannel c{s.params, s.exceptions};
        const DramTiming& t = c.timing();
        CommandLog log;
        c.set_listener(&log);
        c.read(address(0, 1), far, load);
        c.read(address(1, 1), far, load);
        c.post({.at = address(0, 1, 9), .arrival = 2 * far, .write = true});
        c.advance_to(2 * far + 1);
        EXPECT_EQ(log.log.back(), (Logged{2 * far, Command::wr, address(0, 1, 9)}));
        EXPECT_EQ(c.read(address(0, 1), 2 * far, load).done, 2 * far + t.cwl + t.burst + t.wtr_l + t.cl + t.burst)
            << "same bank group";
        const Clock read = 3 * far;
        c.read(address(0, 1), read, load);
        c.post({.at = address(1, 1, 9), .arrival = read, .write = true});
        c.drain();
        EXPECT_EQ(log.log.back(), (Logged{read + t.cl + t.burst + 2 - t.cwl, Command::wr, address(1, 1, 9)}));
        EXPECT_EQ(c.counters().turn_arounds, 3u);
    }
}

TEST(DramQueues, AFullQueueHoldsItsSenderBackAndCountsEntries) {
    for (const bool write : {false, true}) {
        DramParams p;
        p.refresh = false;
        p.read_queue = p.write_queue = 4;
        p.write_idle = 1'000'000;
        DramChannel c{p, {}};
        const DramTiming& t = c.timing();
        if (write) c.read(address(8, 0), 0, load); // so writes wait
        const auto request = [&](std::uint32_t row) {
            return DramRequest{.at = address(0, row), .arrival = far, .kind = AccessKind::dma, .write = write};
        };
        std::vector<Clock> taken;
        for (std::uint32_t row = 0; row < 7; ++row) taken.push_back(c.post(request(row)));
        EXPECT_EQ(std::count(taken.begin(), taken.end(), far), 4);
        EXPECT_EQ(taken[4], far + t.rcd + 1) << "a place is free the clock behind the first's command";
        EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end()));
        c.drain();
        const DramCounters& n = c.counters();
        EXPECT_GT(write ? n.write_queue_cycles : n.read_queue_cycles, 0u);
        EXPECT_EQ(write ? n.bytes_dma_written : n.bytes_dma_read, 7 * line_bytes);
        EXPECT_TRUE(c.idle());
    }
}

TEST(DramQueues, RowHitsGoFirstUpToTheCap) {
    for (const std::uint32_t cap : {1u, 3u, 100u}) {
        DramParams p;
        p.refresh = false;
        p.row_hit_cap = cap;
        DramChannel c{p, {}};
        c.read(address(0, 1), 0, load);
        CommandLog log;
        c.set_listener(&log);
        c.post({.at = address(0, 2), .arrival = far, .kind = AccessKind::dma}); // waits for another row
        for (unsigned i = 0; i < 8; ++i) c.post({.at = address(0, 1, i), .arrival = far, .kind = AccessKind::dma});
        c.drain();
        std::uint32_t hits = 0;
        for (const Logged& l : log.log) {
            if (l.command == Command::pre) break;
            hits += l.command == Command::rd;
        }
        EXPECT_EQ(hits, std::min(cap, 8u));
    }
}

TEST(DramQueues, FirstComeFirstServedNeverReorders) {
    DramParams p;
    p.scheduler = DramSchedulerKind::fcfs;
    DramChannel c{p, {}};
    CommandLog log;
    c.set_listener(&log);
    for (unsigned i = 0; i < 20; ++i)
        c.post({.at = address(i % 3, i % 2, i), .arrival = far, .kind = AccessKind::prefetch});
    c.drain();
    unsigned next = 0;
    for (const Logged& l : log.log)
        if (is_column(l.command)) { EXPECT_EQ(l.where.column, next++); }
    EXPECT_EQ(next, 20u);
    EXPECT_EQ(c.counters().bytes_prefetch, 20 * line_bytes);
}

TEST(DramQueues, WhenIsTheNextActionIsWhenItHappens) {
    DramParams p;
    DramChannel c{p, {}};
    CommandLog log;
    c.set_listener(&log);
    EXPECT_EQ(c.next_action(), std::nullopt);
    for (unsigned i = 0; i < 6; ++i) c.post({.at = address(i % 2, i), .arrival = far, .kind = AccessKind::dma});
    while (const auto next = c.next_action()) {
        const std::size_t before = log.log.size();
        c.advance_to(*next);
        EXPECT_EQ(log.log.size(), before) << "nothing before it";
        c.advance_to(*next + 1);
        ASSERT_EQ(log.log.size(), before + 1);
        EXPECT_EQ(log.log.back().at, *next);
    }
    EXPECT_EQ(c.counters().reads, 6u);
}

TEST(DramChannel, WatermarksThatContradictEachOtherAreRefused) {
    DramParams p;
    p.write_low = p.write_high;
    EXPECT_THROW(DramChannel(p, {}), std::invalid_argument);
}

} // namespace
} // namespace tollgate::mem::test
