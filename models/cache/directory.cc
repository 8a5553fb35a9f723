#include "cache/directory.hh"
#include <algorithm>
#include <limits>

namespace tollgate::cache {

/// A write long before the hold's end binds nobody any more, and one long after it holds the line as well; so the
/// difference fits.
void Directory::stamp(Line& l, Picoseconds held_until, Picoseconds last_write) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const auto after = static_cast<std::int64_t>(last_write.count() - held_until.count());
    l.held_until = after > most ? last_write.count() : held_until.count();
    l.written_after = after > most ? 0 : static_cast<std::int32_t>(std::max(after, -most));
}

Directory::Answer Directory::request(PhysAddr at_line, unsigned node, Want want, Picoseconds at) {
    Line& l = entry(at_line);
    const auto me = static_cast<std::uint16_t>(1u << node);
    const Picoseconds held{l.held_until};
    if (held > at) ++counters_.held;
    Answer a{&l, std::max(at, held) + latency_, nobody, 0, false, false, l.last_write()};
    const bool for_itself = want == Want::read || want == Want::own || want == Want::upgrade;
    if (l.owner != nobody && (l.owner != node || !for_itself)) a.owner = l.owner;

    switch (want) {
    case Want::read: ++counters_.reads; break;
    case Want::own: ++counters_.exclusive_reads; break;
    case Want::upgrade: ++counters_.upgrades; break;
    case Want::dma_read: ++counters_.dma_reads; break;
    case Want::dma_write: ++counters_.dma_writes; break;
    case Want::inject: ++counters_.injections; break;
    case Want::clean: ++counters_.cleans; break;
    case Want::flush: ++counters_.flushes; break;
    case Want::inval: ++counters_.invals; break;
    }
    if (a.owner != nobody) ++counters_.interventions;

    switch (want) {
    case Want::read:
        if (l.owner == node) { // it dropped its copy and not its right
            a.sole = true;
        } else if (l.owner == nobody && l.sharers == 0) {
            a.sole = a.changes_hands = true;
            l.owner = static_cast<std::uint8_t>(node);
            l.sharers = me;
        } else {
            a.changes_hands = l.owner != nobody;
            l.sharers = static_cast<std::uint16_t>(l.sharers | me);
            l.owner = nobody;
        }
        break;
    case Want::own:
    case Want::upgrade:
        if (l.owner == nobody) a.invalidate = static_cast<std::uint16_t>(l.sharers & ~me);
        a.sole = a.changes_hands = true;
        l.owner = static_cast<std::uint8_t>(node);
        l.sharers = me;
        break;
    case Want::dma_read:
    case Want::clean:
        a.changes_hands = l.owner != nobody;
        l.owner = nobody;
        break;
    case Want::dma_write:
    case Want::inject:
    case Want::flush:
    case Want::inval:
        if (l.owner == nobody) a.invalidate = l.sharers;
        a.changes_hands = true;
        l.owner = want == Want::inject ? static_cast<std::uint8_t>(node) : nobody;
        l.sharers = want == Want::inject ? me : 0;
        break;
    }
    counters_.invalidations += static_cast<Count>(__builtin_popcount(a.invalidate));
    return a;
}

void Directory::finish(const Answer& a, Picoseconds done, Picoseconds last_write) {
    const Picoseconds written = std::max(last_write, a.last_write);
    if (a.changes_hands) stamp(*a.line, std::max(done, Picoseconds{a.line->held_until}), written);
}

void Directory::release(PhysAddr at_line, unsigned node, bool left, bool written, Picoseconds last_write) {
    Line& l = entry(at_line);
    if (written)
        ++counters_.write_backs;
    else
        ++counters_.releases;
    if (left && l.owner == node) {
        l.owner = nobody;
        l.sharers = 0;
    }
    stamp(l, Picoseconds{l.held_until}, std::max(last_write, l.last_write()));
}

} // namespace tollgate::cache
