// Random requests: every command against the whole table by a checker that knows nothing of gaps, the queues against a
// slow controller that asks each clock anew, and what goes in must come out.
#include "base/random.hh"
#include "dram_harness.hh"
#include "mem/dram_channel.hh"
#include <deque>
#include <set>

namespace tollgate::mem::test {
namespace {

DramParams random_params(Random& random) {
    DramParams p;
    p.speed = static_cast<DramSpeed>(random.below(2));
    p.ranks = 1u << random.below(3);
    p.page_policy = static_cast<PagePolicy>(random.below(3));
    p.scheduler = random.below(4) == 0 ? DramSchedulerKind::fcfs : DramSchedulerKind::fr_fcfs;
    p.row_hit_cap = static_cast<std::uint32_t>(1 + random.below(6));
    p.read_queue = static_cast<std::uint32_t>(1 + random.below(12));
    p.write_queue = static_cast<std::uint32_t>(1 + random.below(12));
    p.write_high = static_cast<std::uint32_t>(20 + random.below(81));
    p.write_low = static_cast<std::uint32_t>(random.below(p.write_high));
    p.write_idle = static_cast<std::uint32_t>(random.below(60));
    p.rank_switch = static_cast<std::uint32_t>(random.below(4));
    p.refresh = random.below(4) != 0;
    return p;
}

/// Refreshes often, so that short traces meet some.
DramTimingParams frequent_refresh() {
    DramTimingParams e;
    e.rfc = 60;
    e.refi = 700;
    return e;
}

/// Few rows and columns: hits and conflicts, and lines that are asked for twice.
DramAddress random_address(Random& random, std::uint32_t ranks) {
    DramAddress a;
    a.rank = static_cast<std::uint8_t>(random.below(ranks));
    a.group = static_cast<std::uint8_t>(random.below(4));
    a.bank = static_cast<std::uint8_t>(random.below(2));
    a.row = static_cast<std::uint32_t>(random.below(3));
    a.column = static_cast<std::uint8_t>(random.below(8));
    return a;
}

class Answers : public DramListener {
  public:
    void done(const DramRequest& request, Clock last_beat) override {
        EXPECT_TRUE(tags.insert(request.tag).second) << "answered twice";
        EXPECT_GE(last_beat, request.arrival);
        last = std::max(last, last_beat);
    }
    std::set<std::uint64_t> tags;
    Clock last = 0;
};

TEST(DramRandom, EveryCommandIsLegalAndEveryRequestIsAnswered) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed};
        const DramParams p = random_params(random);
        DramChannel c{p, frequent_refresh()};
        CommandLog log;
        Answers answers;
        c.set_listener(&log);
        c.set_listener(&answers);
        const std::uint64_t pause = 1 + random.below(60);
        Clock now = 0, last = 0;
        std::uint64_t posted = 0, blocking = 0, forwarded = 0, late = 0;
        for (int i = 0; i < 400; ++i) {
            now += random.below(pause);
            const DramAddress a = random_address(random, p.ranks);
            if (random.below(2) == 0) {
                // Now and then from the past, as a hart that lags behind would.
                const Clock arrival = now - std::min(now, random.below(8) == 0 ? random.below(400) : 0);
                const auto served = c.read(a, arrival, AccessKind::load);
                ++blocking;
                late += arrival < now;
                forwarded += served.forwarded;
                ASSERT_GE(served.done, arrival + (served.forwarded ? 0 : c.timing().read_data()));
                last = std::max(last, served.done);
            } else {
                c.post({.at = a,
                        .arrival = now,
                        .tag = posted++,
                        .kind = random.below(2) == 0 ? AccessKind::dma : AccessKind::prefetch,
                        .write = random.below(2) == 0});
            }
        }
        const Clock end = c.drain();
        EXPECT_EQ(end, std::max(last, answers.last));
        expect_legal(p.refresh ? with_refreshes(log.sorted(), c.timing(), p.ranks) : log.sorted(), c.timing());

        const DramCounters& n = c.counters();
        EXPECT_EQ(answers.tags.size(), posted);
        EXPECT_EQ(n.reads + n.writes, posted + blocking);
        EXPECT_EQ(n.row_hits + n.row_closed + n.row_conflicts + n.forwarded, n.reads + n.writes);
        EXPECT_EQ(n.column_reads + n.closing_reads, n.reads - n.forwarded);
        EXPECT_EQ(n.column_writes + n.closing_writes, n.writes);
        EXPECT_EQ(n.bytes_demand, blocking * line_bytes);
        EXPECT_EQ(n.bytes_demand + n.bytes_prefetch + n.bytes_dma_read, n.reads * line_bytes);
        EXPECT_EQ(n.bytes_dma_written + n.bytes_written, n.writes * line_bytes);
        EXPECT_EQ(c.read_latency().count(), n.reads);
        EXPECT_EQ(c.read_latency().sum(), n.read_cycles);
        EXPECT_GE(n.forwarded, forwarded);
        EXPECT_LE(n.late, late);
        std::uint64_t activates = 0, turns = 0;
        bool writing = false, any = false;
        for (const Logged& l : log.sorted()) {
            activates += l.command == Command::act;
            if (!is_column(l.command)) continue;
            turns += any && writing != is_write(l.command);
            writing = is_write(l.command);
            any = true;
        }
        EXPECT_EQ(n.activates, activates);
        EXPECT_EQ(n.turn_arounds, turns);
    }
}

/// So late that what lay around its time is forgotten: it must wait for a time that is known, and break no rule.
TEST(DramRandom, ReadsFromLongAgoBreakNoRule) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed * 17};
        DramParams p = random_params(random);
        p.refresh = seed % 2 == 0;
        DramChannel c{p, {}};
        CommandLog log;
        c.set_listener(&log);
        Clock now = 30'000;
        for (int i = 0; i < 4000; ++i) {
            now += random.below(12);
            DramAddress a = random_address(random, p.ranks);
            a.bank = static_cast<std::uint8_t>(random.below(4));
            c.read(a, random.below(50) == 0 ? now - random.below(30'000) : now, AccessKind::load);
        }
        EXPECT_GT(c.counters().late, 0u);
        expect_legal(p.refresh ? with_refreshes(log.sorted(), c.timing(), p.ranks) : log.sorted(), c.timing());
    }
}

struct Line {
    Clock at;
    DramAddress where;
    bool write;
};

/// A controller as one would write it down first: each clock it looks at all requests and at the whole past.
class SlowController {
  public:
    SlowController(const DramParams& p, const DramTimingParams& e)
        : p_{p}, t_{dram_timing(p, e)}, rows_{constraints(t_)}, high_{std::max<std::size_t>(
                                                                    1, p.write_queue * p.write_high / 100)},
          low_{std::min<std::size_t>(p.write_queue * p.write_low / 100, high_ - 1)} {}

    std::vector<Logged> run(std::deque<Line> trace) {
        for (Clock now = 0; !trace.empty() || !reads_.empty() || !writes_.empty(); ++now) {
            refresh(now);
            while (!trace.empty() && trace.front().at <= now && accept(trace.front())) trace.pop_front();
            draining_ = trace.empty();
            choose_mode(now);
            auto& queue = write_mode_ ? writes_ : reads_;
            if (!queue.empty()) give_one(queue, now);
        }
        return log_;
    }

  private:
    struct Waiting {
        DramAddress at;
        bool write;
    };
    struct Bank {
        bool open = false;
        std::uint32_t row = 0;
        std::uint32_t bypassed = 0;
        int last_row = -1, locality = 2;
    };
    Bank& bank(const DramAddress& a) { return banks_[a.bank_of_channel()]; }
    bool hits(const Waiting& w) { return bank(w.at).open && bank(w.at).row == w.at.row; }

    bool accept(const Line& l) {
        if (!l.write)
            for (const Waiting& w : writes_)
                if (w.at == l.where) return reads_.size() < p_.read_queue; // forwarded, but in its turn
        auto& queue = l.write ? writes_ : reads_;
        if (queue.size() >= (l.write ? p_.write_queue : p_.read_queue)) return false;
        queue.push_back({l.where, l.write});
        return true;
    }

    void refresh(Clock now) {
        if (!p_.refresh) return;
        for (std::uint32_t r = 0; r < p_.ranks; ++r)
            for (std::uint64_t n = 1; refresh_time(t_, p_.ranks, r, n) <= now; ++n)
                if (refresh_time(t_, p_.ranks, r, n) == now)
                    for (unsigned b = 0; b < DramGeometry::banks; ++b) banks_[r * DramGeometry::banks + b].open = false;
    }

    void choose_mode(Clock now) {
        if (write_mode_ && (writes_.empty() || (writes_.size() <= low_ && !reads_.empty()))) write_mode_ = false;
        if (!write_mode_ && !writes_.empty())
            write_mode_ = writes_.size() >= high_ || (reads_.empty() && (draining_ || now >= idle_from_));
    }

    bool legal(const Logged& l) const {
        if (!log_.empty() && log_.back().at == l.at) return false;
        for (const Constraint& r : rows_) {
            std::uint32_t seen = 0;
            for (std::size_t i = log_.size(); i-- > 0 && log_[i].at + 600 > l.at;)
                if (applies(r, log_[i], l) && ++seen == r.nth) {
                    if (log_[i].at + r.clocks > l.at) return false;
                    break;
                }
        }
        if (!p_.refresh) return true;
        for (std::uint32_t rank = 0; rank < p_.ranks; ++rank)
            for (std::uint64_t n = 1; refresh_time(t_, p_.ranks, rank, n) < l.at + t_.refi + 1; ++n) {
                const Clock due = refresh_time(t_, p_.ranks, rank, n);
                if (l.at == due || l.at == due - t_.rp) return false; // the command bus is taken
                if (rank != l.where.rank) continue;
                if (l.at > due && l.at < due + t_.rfc) return false;
                if (l.at > due) continue;
                if (l.at >= due - t_.rp) return false;
                DramAddress a;
                a.rank = static_cast<std::uint8_t>(rank);
                for (const Constraint& r : rows_) {
                    if (applies(r, l, {0, Command::prea, a}) && l.at + r.clocks > due - t_.rp) return false;
                    if (applies(r, l, {0, Command::ref, a}) && l.at + r.clocks > due) return false;
                }
            }
        return true;
    }

    Command next(const Waiting& w) {
        const Bank& b = bank(w.at);
        if (!b.open) return Command::act;
        if (b.row != w.at.row) return Command::pre;
        const int locality =
            b.last_row < 0 ? b.locality : std::clamp(b.locality + (b.last_row == int(w.at.row) ? 1 : -1), 0, 3);
        const bool close =
            p_.page_policy == PagePolicy::closed || (p_.page_policy == PagePolicy::adaptive && locality < 2);
        return w.write ? (close ? Command::wra : Command::wr) : close ? Command::rda : Command::rd;
    }

    void give_one(std::deque<Waiting>& queue, Clock now) {
        int best = -1;
        bool best_column = false;
        for (std::size_t i = 0; i < queue.size(); ++i) {
            const Waiting& w = queue[i];
            bool older_other = false, older_hit = false, younger_hit = false;
            for (std::size_t j = 0; j < queue.size(); ++j) {
                if (j == i || queue[j].at.bank_of_channel() != w.at.bank_of_channel()) continue;
                if (j < i && !hits(queue[j])) older_other = true;
                if (j < i && hits(queue[j])) older_hit = true;
                if (j > i && hits(queue[j])) younger_hit = true;
            }
            const bool capped = bank(w.at).bypassed >= p_.row_hit_cap;
            if (p_.scheduler == DramSchedulerKind::fcfs && i > 0) break;
            if (p_.scheduler == DramSchedulerKind::fr_fcfs) {
                if (hits(w) && older_other && capped) continue;
                if (!hits(w) && older_hit) continue;
                if (!hits(w) && younger_hit && !capped) continue;
                if (!hits(w) && older_other) continue;
            }
            const Command c = next(w);
            if (!legal({now, c, w.at})) continue;
            if (best < 0 || (is_column(c) && !best_column)) {
                best = static_cast<int>(i);
                best_column = is_column(c);
            }
        }
        if (best < 0) return;
        const auto chosen = queue.begin() + best;
        const Waiting w = *chosen;
        const Command c = next(w);
        log_.push_back({now, c, w.at});
        Bank& b = bank(w.at);
        if (c == Command::act) b = {true, w.at.row, 0, b.last_row, b.locality};
        if (c == Command::pre) b.open = false;
        if (!is_column(c)) return;
        if (p_.scheduler == DramSchedulerKind::fr_fcfs)
            for (auto j = queue.begin(); j != chosen; ++j)
                if (j->at.bank_of_channel() == w.at.bank_of_channel() && !hits(*j)) {
                    ++b.bypassed;
                    break;
                }
        if (b.last_row >= 0) b.locality = std::clamp(b.locality + (b.last_row == int(w.at.row) ? 1 : -1), 0, 3);
        b.last_row = static_cast<int>(w.at.row);
        if (closes_row(c)) b.open = false;
        if (!w.write) idle_from_ = std::max(idle_from_, now + 1 + p_.write_idle);
        queue.erase(chosen);
    }

    DramParams p_;
    DramTiming t_;
    std::vector<Constraint> rows_;
    std::size_t high_, low_;
    std::array<Bank, 64> banks_{};
    std::deque<Waiting> reads_, writes_;
    bool write_mode_ = false, draining_ = false;
    Clock idle_from_ = 0;
    std::vector<Logged> log_;
};

TEST(DramRandom, TheQueuesDoWhatASlowControllerDoes) {
    for (std::uint64_t seed = 1; seed <= 80; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed * 77};
        const DramParams p = random_params(random);
        const DramTimingParams e = frequent_refresh();
        const std::uint64_t pause = 1 + random.below(40), writes = random.below(4);
        std::deque<Line> trace;
        Clock now = 0;
        for (int i = 0; i < 120; ++i)
            trace.push_back({now += random.below(pause), random_address(random, p.ranks), random.below(4) < writes});
        DramChannel fast{p, e};
        CommandLog log;
        fast.set_listener(&log);
        Clock taken = 0;
        for (const Line& l : trace)
            taken = fast.post({.at = l.where, .arrival = std::max(l.at, taken), .write = l.write});
        fast.drain();
        const std::vector<Logged> slow = SlowController{p, e}.run(trace);
        for (std::size_t i = 0; i < std::min(slow.size(), log.log.size()); ++i)
            ASSERT_EQ(log.log[i], slow[i]) << "command " << i << " after " << (i > 0 ? slow[i - 1] : slow[i]);
        ASSERT_EQ(log.log.size(), slow.size());
    }
}

/// A read that uses gaps never comes later than in a schedule in which it must stand behind all others, and never
/// before it could in an empty channel.
TEST(DramRandom, ReadsInOrderOfTimeAreNeverLateAndNeverTooEarly) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Random random{seed * 131};
        DramParams p = random_params(random);
        p.refresh = false;
        DramChannel c{p, {}};
        const DramTiming& t = c.timing();
        Clock now = 0, last_column = 0;
        for (int i = 0; i < 500; ++i) {
            now += random.below(50);
            const auto s = c.read(random_address(random, p.ranks), now, AccessKind::load);
            const Clock column = s.done - t.read_data();
            const Clock behind_all = std::max(now, last_column) + t.rc + t.rp + t.rcd + t.faw + t.ccd_l + t.rtp;
            EXPECT_LE(column, behind_all);
            EXPECT_GE(s.done, now + t.read_data() + (s.row == RowState::hit ? 0 : t.rcd));
            last_column = std::max(last_column, column);
        }
        EXPECT_EQ(c.counters().late, 0u);
    }
}

/// A read with nothing near is served by a short cut, unless somebody listens to commands: both ways give the same.
TEST(DramRandom, AListenerChangesNothing) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed * 977};
        const DramParams p = random_params(random);
        const DramTimingParams e = seed % 2 == 0 ? frequent_refresh() : DramTimingParams{};
        DramChannel quick{p, e}, told{p, e};
        CommandLog log;
        told.set_listener(&log);
        const std::uint64_t pause = 20 + random.below(300);
        Clock now = 0, taken = 0;
        for (int i = 0; i < 1000; ++i) {
            now += random.below(pause);
            const DramAddress a = random_address(random, p.ranks);
            if (random.below(20) == 0) {
                const Clock at = std::max(now, taken);
                taken = quick.post({.at = a, .arrival = at, .write = true});
                ASSERT_EQ(taken, told.post({.at = a, .arrival = at, .write = true}));
                continue;
            }
            const Clock at = now - std::min(now, random.below(30) == 0 ? random.below(3000) : 0);
            const AccessKind kind = random.below(4) == 0 ? AccessKind::prefetch : AccessKind::load;
            const DramChannel::Served q = quick.read(a, at, kind), t = told.read(a, at, kind);
            ASSERT_EQ(q.done, t.done) << "request " << i;
            ASSERT_EQ(q.row, t.row) << "request " << i;
        }
        ASSERT_EQ(quick.drain(), told.drain());
        for_each_field<DramCounters>(
            [&](const auto& d) { EXPECT_EQ(quick.counters().*(d.member), told.counters().*(d.member)) << d.name; });
    }
}

} // namespace
} // namespace tollgate::mem::test
