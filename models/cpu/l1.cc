// The hart's L1 caches: what loads, stores, fetches and walks ask of them, and what the levels below take from them.
//
// A hit that the look-asides serve only writes the way's stamp of use; everything else comes here. Times that leave the
// hart are picoseconds, inside they are stamps; a line under way carries its stamp with the cause of waiting for it.
#include "cpu/hart.hh"
#include <algorithm>

namespace tollgate::cpu {

using cache::LineState;
using cache::TagArray;

namespace {
// Source and Cause have the levels in the same order; an L1's own time is not to blame on a level.
constexpr auto first_level = static_cast<std::size_t>(Cause::load_l2) - static_cast<std::size_t>(mmu::Source::l2);
Cause cause_of(mmu::Source s) {
    return s == mmu::Source::l1 ? Cause::dependency : static_cast<Cause>(first_level + static_cast<std::size_t>(s));
}
} // namespace

mmu::Source Hart::source_of(Stamp ready) {
    return (ready & 15) == 0 ? mmu::Source::l1 : static_cast<mmu::Source>((ready & 15) - first_level);
}

Stamp Hart::stamp_with(Picoseconds when, mmu::Source source) const {
    return stamp_at(when) | static_cast<Stamp>(cause_of(source));
}

Hart::LineUse Hart::use_line(PhysAddr pa, AccessKind kind, bool exclusive, Stamp at) {
    const PhysAddr line{pa.value() & ~(line_bytes - 1)};
    const Stamp hit = at + pipeline_.latency(isa::Timing::load);
    const Picoseconds now = time_at(at);
    // A walk's time is that of a cycle; what was used in this cycle was not used after it.
    const Stamp used = kind == AccessKind::walk ? at + pipeline_.cycle_stamp() - 1 : std::max<Stamp>(at, 1);
    cache::Look r = l1d_.look(line, kind, now + hit_time_, used);
    LineUse use{r.index};
    bool asked = false; // the levels below
    if (r.hit()) {
        if (exclusive && !cache::may_write(r.state)) {
            ++l1d_.count().upgrades;
            const HartPort::LineAnswer a = port_.request_line({line, kind, true, true, now});
            asked = true;
            if (trace_) [[unlikely]]
                trace_->miss({line, kind, true, true, a.source}, now, a.done);
            // The request may have made the line leave; it comes back with the answer.
            use.index = l1d_.tags().find(line);
            if (use.index == TagArray::none) {
                use.index = fill_line(line, a.granted, a.done, used, now, false);
                source_of_[use.index] = a.source;
            }
            owned_[use.index] = stamp_with(a.done, a.source);
        }
        if (const std::uint64_t ready = l1d_.tags().data(use.index).ready; ready > now.count())
            use.ready = stamp_with(Picoseconds{ready}, source_of_[use.index]);
        if (exclusive)
            use.ready = std::max(use.ready, owned_[use.index]); // data can be read before they may be written
        if (use.ready <= (hit | 15))
            use.ready = 0;
        else
            ++merges_;
    } else {
        const Picoseconds start = l1d_.begin_miss(now);
        const HartPort::LineAnswer a = port_.request_line({line, kind, exclusive, false, start});
        asked = true;
        if (trace_) [[unlikely]]
            trace_->miss({line, kind, exclusive, false, a.source}, now, a.done);
        use.index = fill_line(line, a.granted, a.done, used, now, false);
        l1d_.registers().end(line, a.done);
        source_of_[use.index] = a.source;
        use.ready = stamp_with(a.done, a.source);
        use.start = start == now ? 0 : stamp_at(start);
    }
    if (exclusive) l1d_.tags().set_state(use.index, LineState::modified);
    // What is fetched ahead may push out what has just come.
    if (asked) port_.line_placed();
    if (r.learn && l1d_.prefetches()) prefetch(line, now, used);
    if ((asked || r.learn) && l1d_.tags().line_at(use.index) != line) use.index = TagArray::none;
    return use;
}

void Hart::prefetch(PhysAddr line, Picoseconds now, Stamp used) {
    l1d_.prefetch_after(line, now, used, [&](PhysAddr wanted) {
        const HartPort::LineAnswer a = port_.request_line({wanted, AccessKind::prefetch, false, false, now});
        if (trace_) [[unlikely]]
            trace_->miss({wanted, AccessKind::prefetch, false, false, a.source}, now, a.done);
        source_of_[fill_line(wanted, a.granted, a.done, used, now, true)] = a.source;
        port_.line_placed();
        return a.done;
    });
}

Stamp Hart::load_early(std::uint64_t host, unsigned size, Stamp t, Stamp ready) {
    if (!pipeline_.forwards(host, size, t)) {
        pipeline_.load_under_way(ready);
        return ready;
    }
    ++counters_.forwarded_loads;
    return t + pipeline_.latency(isa::Timing::load);
}

std::uint32_t Hart::fill_line(PhysAddr line, LineState state, Picoseconds ready, Stamp used, Picoseconds now,
                              bool prefetched) {
    const auto [index, out] = l1d_.fill(line, state, ready, used, prefetched);
    owned_[index] = 0;
    if (out.state != LineState::invalid) {
        const Picoseconds wrote = forget_line(out.line, false);
        if (out.state == LineState::modified) {
            ++l1d_.count().write_backs;
            port_.write_back_line(out.line, std::max({now, wrote, Picoseconds{out.data.ready}}));
        }
    }
    return index;
}

Picoseconds Hart::forget_line(PhysAddr line, bool keep_reading) {
    HeldLine& held = held_[(line.value() >> line_shift) % held_.size()];
    if (held.table == nullptr || held.line != line.value() >> line_shift) return Picoseconds{0};
    const std::uint64_t tag = held.va_line << line_shift;
    DataEntry& store = held.table->store[held.index];
    Picoseconds wrote{0};
    if (store.tag == tag) {
        wrote = time_at(store.wrote);
        drop_data_entry(*held.table, held.index, false, true);
    }
    if (!keep_reading) {
        if (held.table->load[held.index].tag == tag) drop_data_entry(*held.table, held.index, true, false);
        held.table = nullptr;
    }
    return wrote;
}

cache::Given Hart::give(PhysAddr line, cache::Claim claim) {
    cache::Given g;
    if (!config_.timed) return g;
    g.last_write = forget_line(line, claim == cache::Claim::share);
    if (group_.lines != nullptr && group_.lines->covers(line)) {
        cache::LineTable::Line& l = group_.lines->line(line);
        g.last_write = std::max(g.last_write, Picoseconds{l.last_write});
        if (claim == cache::Claim::own) cache::LineTable::lose(l, number_);
    }
    const std::uint32_t i = l1d_.tags().find(line);
    if (i != TagArray::none) {
        g.had = true;
        g.dirty = l1d_.tags().state(i) == LineState::modified;
        if (g.dirty) ++l1d_.count().write_backs;
        switch (claim) {
        case cache::Claim::share: l1d_.demote(i); break;
        case cache::Claim::own:
            l1d_.drop(i, cache::CacheLevel::Loss::snoop);
            if (reserves(line)) break_reservation();
            break;
        case cache::Claim::evict: l1d_.drop(i, cache::CacheLevel::Loss::back_invalidation); break;
        }
    }
    if (claim == cache::Claim::evict) {
        const std::uint32_t c = l1i_.tags().find(line);
        if (c != TagArray::none) {
            forget_code(c);
            l1i_.drop(c, cache::CacheLevel::Loss::back_invalidation);
        }
    }
    return g;
}

std::uint64_t* Hart::fetch_line(PhysAddr pa, std::uint64_t va, Stamp& t, Stamp& s) {
    const PhysAddr line{pa.value() & ~(line_bytes - 1)};
    const Picoseconds now = time_at(t);
    const Stamp used = std::max<Stamp>(t, 1);
    const cache::Look r = l1i_.look(line, AccessKind::fetch, now, used);
    std::uint32_t index = r.index;
    if (r.hit()) {
        if (r.done > now) pipeline_.wait(Cause::fetch_miss, stamp_at(r.done), t, s);
    } else {
        const Picoseconds start = l1i_.begin_miss(now);
        const HartPort::LineAnswer a = port_.request_line({line, AccessKind::fetch, false, false, start});
        if (trace_) [[unlikely]]
            trace_->miss({line, AccessKind::fetch, false, false, a.source}, now, a.done);
        const auto filled = l1i_.fill(line, LineState::shared, a.done, used);
        index = filled.index;
        if (filled.out.state != LineState::invalid) forget_code(index);
        l1i_.registers().end(line, a.done);
        pipeline_.wait(Cause::fetch_miss, stamp_at(a.done), t, s);
        port_.line_placed();
        if (l1i_.tags().line_at(index) != line) return nullptr;
    }
    // A way knows one virtual address whose blocks are in the look-aside.
    CodeLine& code = code_lines_[index];
    const std::uint64_t va_line = va & ~(line_bytes - 1);
    if (code.table != blocks_ || code.va_line != va_line) {
        forget_code(index);
        code = {blocks_, va_line};
    }
    return l1i_.tags().stamp(index);
}

void Hart::forget_code(std::uint32_t index) {
    CodeLine& code = code_lines_[index];
    if (code.table == nullptr) return;
    // The instruction two bytes before may reach into the line.
    for (std::uint64_t pc = code.va_line - 2; pc != code.va_line + line_bytes; pc += 2) {
        BlockEntry& e = code.table->entry[(pc >> 1) & (BlockTable::size - 1)];
        if (e.pc == pc) e.pc = no_tag;
    }
    code.table = nullptr;
}

void Hart::empty_l1i() {
    for (std::uint32_t i = 0; i < l1i_.tags().entries(); ++i) {
        if (l1i_.tags().state(i) == LineState::invalid) continue;
        forget_code(i);
        l1i_.drop(i, cache::CacheLevel::Loss::flush);
    }
}

cache::CacheCounters Hart::l1d_counters() const {
    cache::CacheCounters n = l1d_.counters();
    // What the look-asides served is known from the instructions.
    n.loads = loads_ - counters_.device_loads + split_loads_;
    n.stores = stores_ - counters_.device_stores + split_stores_;
    n.merges = merges_;
    return n;
}

cache::CacheCounters Hart::l1i_counters() const {
    cache::CacheCounters n = l1i_.counters();
    n.fetches = fetches_ - uncached_fetches_;
    return n;
}

} // namespace tollgate::cpu
