/// The home node's directory: for each line of its memory, which nodes may hold it (MESI, full map). It never evicts.
/// Plain class; time is an argument.
///
///     uncached: nobody      shared: some nodes read      owned: one node may write (E or M: it need not tell)
///
/// A line that changes hands is held until that transaction's end; a later request for it starts then. Nodes drop
/// clean shared lines silently, so a sharer may hold nothing; an owner tells when it lets a line go.
#pragma once
#include "base/address.hh"
#include "base/counter.hh"
#include "base/units.hh"
#include "cache/cache_params.hh"
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace tollgate::cache {

struct DirectoryCounters {
    TOLLGATE_DESCRIBED(DirectoryCounters);
    TOLLGATE_COUNTER(reads, "requests", "Nodes asked for a line to read it.")
    TOLLGATE_COUNTER(exclusive_reads, "requests", "Nodes asked for a line to write it.")
    TOLLGATE_COUNTER(upgrades, "requests", "Nodes that hold a line asked for the right to write it.")
    TOLLGATE_COUNTER(dma_reads, "requests", "Devices read a line.")
    TOLLGATE_COUNTER(dma_writes, "requests", "Devices wrote a line or a part of it.")
    TOLLGATE_COUNTER(injections, "requests", "Devices wrote a line that stays in their node's last level.")
    TOLLGATE_COUNTER(cleans, "requests", "Cache-block operations that hand written data to memory.")
    TOLLGATE_COUNTER(flushes, "requests", "Cache-block operations that take a line out of all caches.")
    TOLLGATE_COUNTER(invals, "requests", "Cache-block operations that also drop what was written, where they may.")
    TOLLGATE_COUNTER(remote_requests, "requests", "Requests of other nodes, among all of these.")
    TOLLGATE_COUNTER(held, "requests", "Requests that waited for a line that was changing hands.")
    TOLLGATE_COUNTER(interventions, "messages", "Asked an owner to hand its line over.")
    TOLLGATE_COUNTER(empty_interventions, "messages", "Owners that had nothing.")
    TOLLGATE_COUNTER(invalidations, "messages", "Told a sharer that another node or a device writes.")
    TOLLGATE_COUNTER(memory_reads, "lines", "Lines read from this node's memory.")
    TOLLGATE_COUNTER(memory_writes, "lines", "Lines written to this node's memory.")
    TOLLGATE_COUNTER(write_backs, "messages", "Lines that nodes handed back written.")
    TOLLGATE_COUNTER(releases, "messages", "Owned lines that nodes let go unwritten.")
    TOLLGATE_END;
};

class Directory {
  public:
    static constexpr std::uint8_t nobody = 0xff;

    struct Line {
        std::uint64_t held_until = 0;   ///< ps
        std::int32_t written_after = 0; ///< ps; last write of a giver, from held_until
        std::uint16_t sharers = 0;      ///< bit per node; the owner's bit alone when owned
        std::uint8_t owner = nobody;
        Picoseconds last_write() const {
            return Picoseconds{held_until + static_cast<std::uint64_t>(static_cast<std::int64_t>(written_after))};
        }
    };
    static_assert(sizeof(Line) == 16);

    /// Covers [base, base + size), the node's memory.
    Directory(const DirectoryParams& params, PhysAddr base, Bytes size)
        : latency_{params.latency}, base_{base}, chunks_((size.count() + (1u << chunk_shift) - 1) >> chunk_shift) {}

    Picoseconds latency() const { return latency_; }
    DirectoryCounters& counters() { return counters_; }
    const DirectoryCounters& counters() const { return counters_; }
    /// Brings the host's copy of the entry nearer, if there is one.
    void prefetch_host(PhysAddr line) const {
        if (const Chunk* c = chunks_[(line - base_) >> chunk_shift].get()) __builtin_prefetch(&(*c)[slot(line)]);
    }

    enum class Want : std::uint8_t { read, own, upgrade, dma_read, dma_write, inject, clean, flush, inval };
    /// What must be done for a request. The entry stands already as it will be afterwards; finish() gives its time.
    struct Answer {
        Line* line;
        Picoseconds start;        ///< the line is free and the directory has looked
        std::uint8_t owner;       ///< to be asked for the line; nobody: memory has it
        std::uint16_t invalidate; ///< nodes that must drop it
        bool sole = false;        ///< the requester may write from now on
        bool changes_hands = false;
        Picoseconds last_write{}; ///< the requester's access cannot end before
    };
    /// A request of `node` that arrives at `at`. A device's request, a clean, a flush and an inval give `node`
    /// nothing; an injection leaves it the owner.
    Answer request(PhysAddr line, unsigned node, Want want, Picoseconds at);

    /// The transaction ends at `done`; the giver last wrote at `last_write` (0: nobody gave).
    void finish(const Answer& a, Picoseconds done, Picoseconds last_write);

    /// An owner lets a line go (`left`), or writes it to memory and keeps it, at `at`; it last changed at `last_write`.
    void release(PhysAddr line, unsigned node, bool left, bool written, Picoseconds last_write);

    const Line& peek(PhysAddr line) { return entry(line); }

  private:
    static constexpr unsigned chunk_shift = 17; ///< bytes of memory that are entered together: 128 KiB
    using Chunk = std::array<Line, (1u << chunk_shift) / line_bytes>;
    std::size_t slot(PhysAddr line) const { return (line - base_) % (1u << chunk_shift) >> line_shift; }
    Line& entry(PhysAddr line) {
        auto& chunk = chunks_[(line - base_) >> chunk_shift];
        if (!chunk) chunk = std::make_unique<Chunk>();
        return (*chunk)[slot(line)];
    }
    static void stamp(Line& l, Picoseconds held_until, Picoseconds last_write);

    Picoseconds latency_;
    PhysAddr base_;
    std::vector<std::unique_ptr<Chunk>> chunks_; // [chunk of the node's memory]; made when first touched
    DirectoryCounters counters_;
};

} // namespace tollgate::cache
