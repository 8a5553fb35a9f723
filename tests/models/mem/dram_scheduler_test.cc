// The scheduler remembers and leaves out much; here its choice is compared with that of looking at everything.
#include "base/random.hh"
#include "mem/dram_scheduler.hh"
#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace tollgate::mem {
namespace {

constexpr std::uint32_t cap = 3;

/// By the rule alone: `slots` by age.
DramChoice look_at_everything(const DramQueue& queue, const std::vector<std::size_t>& slots, const CommandSchedule& s,
                              Clock now) {
    std::optional<DramChoice> best;
    for (unsigned bank = 0; bank < DramQueue::banks; ++bank) {
        std::optional<std::size_t> hit, other;
        bool older = false;
        for (const std::size_t i : slots) {
            const DramAddress& a = queue[i].at;
            if (a.bank_of_channel() != bank) continue;
            if (s.row_state(a, std::max(now, s.bank(a).free_from)) != RowState::hit) {
                if (!other) other = i;
            } else if (!hit) {
                hit = i;
                older = other.has_value();
            }
        }
        if (!hit && !other) continue;
        const bool take_hit = hit && !(older && s.bank(bank).bypassed >= cap);
        const std::size_t slot = take_hit ? *hit : *other;
        const DramAddress& a = queue[slot].at;
        const Clock from = std::max(now, s.bank(a).free_from);
        const RowState state = s.row_state(a, from);
        const DramChoice c{s.search(next_command(queue[slot], state), a, from), slot, state == RowState::hit,
                           take_hit && older};
        const auto key = [&](const DramChoice& x) {
            const auto age = std::find(slots.begin(), slots.end(), x.request) - slots.begin();
            return std::tuple{x.at, !x.column, age};
        };
        if (!best || key(c) < key(*best)) best = c;
    }
    return *best;
}

void compare(std::uint32_t ranks, std::uint32_t rows, std::uint64_t seed) {
    DramParams p;
    p.ranks = ranks;
    const DramTiming t = dram_timing(p, {});
    CommandSchedule s{constraints(t), ranks, t.refi};
    DramScheduler scheduler{DramSchedulerKind::fr_fcfs, cap};
    DramQueue queue{24};
    std::vector<std::size_t> slots;
    Random random{seed};
    const auto anywhere = [&] {
        return DramAddress{.rank = static_cast<std::uint8_t>(random.below(ranks)),
                           .group = static_cast<std::uint8_t>(random.below(4)),
                           .bank = static_cast<std::uint8_t>(random.below(4)),
                           .column = static_cast<std::uint8_t>(random.below(128)),
                           .row = static_cast<std::uint32_t>(random.below(rows))};
    };
    Clock now = 0;
    for (int i = 0; i < 20'000; ++i) {
        while (!queue.full() && (queue.empty() || random.below(2) == 0)) {
            const DramRequest r{.at = anywhere(), .arrival = now, .write = true};
            queue.push(r);
            scheduler.forget(r.at.bank_of_channel());
            DramQueue::Slot newest = queue.oldest(r.at.bank_of_channel());
            while (queue.next(newest) != DramQueue::none) newest = queue.next(newest);
            slots.push_back(newest);
            ASSERT_EQ(slots.size(), queue.size());
        }
        if (random.below(4) == 0) { // a blocking read's commands come between
            const DramAddress a = anywhere();
            const RowState state = s.row_state(a, now);
            const Command c = next_command({.at = a}, state);
            s.place(c, a, s.earliest(c, a, now));
            scheduler.forget(a.bank_of_channel());
        }
        const DramChoice c = scheduler.choose(queue, s, now), right = look_at_everything(queue, slots, s, now);
        ASSERT_EQ(c.at, right.at) << i;
        ASSERT_EQ(c.request, right.request) << i;
        ASSERT_EQ(c.column, right.column) << i;
        ASSERT_EQ(c.bypasses, right.bypasses) << i;
        if (c.at >= s.next_refresh(now)) {
            now = s.next_refresh(now);
            continue;
        }
        if (random.below(8) == 0) { // nothing is given: time passes, or was looked into and comes back
            now = random.below(2) == 0 ? c.at : now - std::min<Clock>(now, random.below(20));
            continue;
        }
        const DramRequest r = queue[c.request];
        const Command given = next_command(r, s.row_state(r.at, c.at));
        if (c.bypasses) ++s.bank(r.at).bypassed;
        s.place(given, r.at, c.at);
        scheduler.forget(r.at.bank_of_channel());
        now = c.at + 1;
        if (!c.column) continue;
        queue.take(c.request);
        slots.erase(std::find(slots.begin(), slots.end(), c.request));
    }
}

TEST(DramScheduler, ChoosesAsIfItLookedAtEverything) {
    std::uint64_t seed = 0;
    for (const std::uint32_t ranks : {1u, 2u, 4u})
        for (const std::uint32_t rows : {2u, 40u}) {
            SCOPED_TRACE(std::to_string(ranks) + " ranks, " + std::to_string(rows) + " rows");
            compare(ranks, rows, ++seed);
        }
}

TEST(DramQueue, KeepsEachBanksRequestsByAge) {
    DramQueue q{4};
    const DramAddress a{.bank = 1, .row = 5}, b{.bank = 2, .row = 5}, c{.bank = 1, .row = 6};
    for (const DramAddress& at : {a, b, c}) q.push({.at = at});
    EXPECT_EQ(q.size(), 3u);
    EXPECT_EQ(q.waiting(), 1u << 1 | 1u << 2);
    EXPECT_EQ(q[q.oldest(1)].at, a);
    EXPECT_EQ(q[q.next(q.oldest(1))].at, c);
    EXPECT_TRUE(q.holds(c));
    EXPECT_EQ(q.take(q.next(q.oldest(1))).at, c);
    EXPECT_FALSE(q.holds(c));
    EXPECT_EQ(q.next(q.oldest(1)), DramQueue::none);
    q.push({.at = c});
    EXPECT_EQ(q.take(q.oldest(1)).at, a);
    EXPECT_EQ(q[q.oldest(1)].at, c);
    q.push({.at = a});
    q.push({.at = b});
    EXPECT_TRUE(q.full());
    EXPECT_EQ(q.take(q.oldest(2)).at, b);
    EXPECT_EQ(q.take(q.oldest(2)).at, b);
    EXPECT_EQ(q.waiting(), 1u << 1);
}

} // namespace
} // namespace tollgate::mem
