/// What lies below the harts' L1s: second levels, last levels, directories, crossbars and links, put together. Plain
/// class; time is an argument, and nothing here knows SystemC.
///
///     L1 ─> L2 ─> own last level ─> crossbar ─> link ─> home directory ─> memory, or the owning node
///      <───────────────────────── data straight to the requester ───────────────────────┘
///
/// An access is made at once: tags and states change now, its answer says when it is served, and lines under way carry
/// the time at which they are there. Calls come nearly in the order of time (a quantum apart); what is shared is
/// reserved in calendars, so that a late-arriving earlier request is served in its gap.
///
/// With nobody in the way, from issue to use (x: crossbar.latency; hop(n): x on both sides and a link's passage of n
/// bytes besides its header; within a node hop is one x):
///
///     L2                 l2.latency
///     last level         llc.latency, and llc.snoop when harts of the node must give it up
///     memory             llc.latency + hop(0) + directory.latency + memory + hop(64)
///     another node       llc.latency + hop(0) + directory.latency + hop(0) + its llc.latency (+ llc.snoop) + hop(64)
///     right to write     llc.latency + hop(0) + directory.latency + hop(0) to and from the farthest sharer, or hop(0)
#pragma once
#include "bus/crossbar.hh"
#include "bus/link.hh"
#include "cache/directory.hh"
#include "cache/private_cache.hh"
#include "cache/shared_cache.hh"
#include "machine/side_table.hh"
#include "mmu/access.hh"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::machine {

/// A node's memory behind its controllers.
class LineMemory {
  public:
    /// When the line's data are at the controller's port. Demand reads block; prefetches and DMA may be queued.
    virtual Picoseconds read(PhysAddr line, AccessKind kind, Picoseconds at) = 0;
    /// When the controller has taken the line.
    virtual Picoseconds write(PhysAddr line, AccessKind kind, Picoseconds at) = 0;
    /// When a device's line that arrives at `at` has a place in the controller's queue: then or later.
    virtual Picoseconds device_place_from(PhysAddr, bool /*write*/, Picoseconds at) { return at; }

  protected:
    ~LineMemory() = default;
};

/// What a node is made of.
struct NodeMemorySystem {
    struct HartPart {
        cache::L2Params l2;
        Hertz clock;
        cache::Holder* l1s; ///< asked to give lines up
    };
    std::vector<HartPart> harts;
    cache::LlcParams llc;
    cache::DirectoryParams directory;
    bus::CrossbarParams crossbar;
    LineMemory* memory;
    PhysAddr base; ///< of its memory; nodes follow each other
    Bytes size;
};

class MemorySystem {
  public:
    using Source = mmu::Source;

    /// `seed`: of random replacement. Throws std::invalid_argument for impossible geometry.
    MemorySystem(const std::vector<NodeMemorySystem>& nodes, const bus::LinkParams& link, std::uint64_t seed);
    ~MemorySystem();

    struct Access {
        Picoseconds done;         ///< the data, or the right, are there; an L1's own lookup is included
        cache::LineState granted; ///< shared, or exclusive; modified: what comes is newer than the levels below
        Source source;            ///< who served it
    };
    /// An L1 of a hart missed `line` (aligned, in memory) in an access issued at `at`. `exclusive`: it will write.
    /// `has_line`: its L1D holds the line shared. A fetch is for the L1I, all other kinds for the L1D. The answer
    /// enters the L1 at once, the L1's victim goes down with write_back(), then prefetch() is called. During the call
    /// the L1s may be asked for other lines.
    Access access(std::uint32_t hart, PhysAddr line, AccessKind kind, bool exclusive, bool has_line, Picoseconds at);

    /// A hart's L1D evicts a line that it wrote last at `last_write`; it holds it no more.
    void write_back(std::uint32_t hart, PhysAddr line, Picoseconds last_write);

    /// Whether prefetch() has something to do.
    bool wants_prefetch() const { return lesson_count_ != 0; }
    /// The prefetchers act on what the last access taught them: not earlier, lest they take away what it brought.
    void prefetch() {
        if (wants_prefetch()) [[unlikely]]
            take_lessons();
    }

    /// When the home's controller has a place for a device's line: `at` or later. Who does not wait for it has commands
    /// decided that come late, and whoever asks after it for the same bank is behind them.
    Picoseconds dma_from(PhysAddr line, bool write, Picoseconds at) {
        return nodes_[home_of(line)]->memory->device_place_from(line, write, at);
    }
    /// A device of a node reads a line: when the data are there.
    Picoseconds dma_read(std::uint32_t node, PhysAddr line, Picoseconds at);
    /// A device of a node writes a line, or a part of it: when it is in force.
    Picoseconds dma_write(std::uint32_t node, PhysAddr line, bool whole, Picoseconds at);

    /// cbo.clean and cbo.flush of a hart, its own L1D included: when memory has the line.
    Picoseconds clean(std::uint32_t hart, PhysAddr line, Picoseconds at);
    Picoseconds flush(std::uint32_t hart, PhysAddr line, Picoseconds at);
    /// cbo.inval: as flush, but what was written and not yet handed down is dropped, if DMA is not coherent. If it is,
    /// the line is flushed, as an eviction just before might have done.
    Picoseconds inval(std::uint32_t hart, PhysAddr line, Picoseconds at);

    /// From now on devices ask no directory and enter no cache: they meet memory, whose values the table keeps apart
    /// from the harts'. Before the first access.
    void make_dma_incoherent(SideTable& side) { side_ = &side; }
    /// A last level, or its snoop filter, has the line: a hart may see another value than memory's.
    bool held(PhysAddr line) const;

    std::uint32_t node_of_hart(std::uint32_t hart) const { return harts_[hart].node; }
    std::uint32_t home_of(PhysAddr line) const;
    std::uint32_t nodes() const { return static_cast<std::uint32_t>(nodes_.size()); }
    std::uint32_t harts() const { return static_cast<std::uint32_t>(harts_.size()); }
    const cache::PrivateCache* l2(std::uint32_t hart) const { return harts_[hart].l2.get(); } ///< null: it has none
    const cache::SharedCache& llc(std::uint32_t node) const { return nodes_[node]->llc; }
    cache::Directory& directory(std::uint32_t node) { return nodes_[node]->directory; }
    const bus::Crossbar& crossbar(std::uint32_t node) const { return nodes_[node]->crossbar; }
    const bus::Network& network() const { return network_; }

    /// The first sum over counters that does not come out, with its place; empty if all do.
    std::string broken_sum() const;
    void observe_with(cache::MoveObserver& observer);
    /// Misses from the L2s on, coherence and links go to a timeline. `hart_paths` are those of the harts.
    void trace_with(TraceSink& sink, const std::vector<std::string>& hart_paths);

  private:
    struct Hart {
        std::unique_ptr<cache::PrivateCache> l2;
        std::uint32_t node = 0, index = 0; ///< index: in its node
    };
    struct Node {
        Node(const NodeMemorySystem& parts, const cache::CachedMemory& all, std::uint64_t seed);
        cache::SharedCache llc;
        cache::Directory directory;
        bus::Crossbar crossbar;
        LineMemory* memory;
        PhysAddr base;
        std::uint64_t end;
    };
    const Node* node_with(PhysAddr line) const; ///< null: no node's memory
    /// Prefetchers learn after the access is through, when what it brought has found its place above.
    struct Lesson {
        PhysAddr line;
        Picoseconds at;
        std::uint32_t hart; ///< its L2's; or the last level's of its node
        bool llc;
    };
    struct HomeAnswer {
        Picoseconds done;
        cache::LineState right;
        Source source;
    };
    Access from_node(const Hart& hart, PhysAddr line, AccessKind kind, bool exclusive, bool has_line, Picoseconds at,
                     std::uint64_t stamp);
    HomeAnswer ask_home(std::uint32_t node, PhysAddr line, cache::Directory::Want want, AccessKind kind,
                        Picoseconds at);
    Picoseconds read_memory(std::uint32_t home, PhysAddr line, AccessKind kind, Picoseconds at);
    Picoseconds write_memory(std::uint32_t from, PhysAddr line, AccessKind kind, Picoseconds at);
    Picoseconds hand_down(std::uint32_t node, const cache::Departures& out, Picoseconds at);
    void hart_writes_back(const Hart& hart, PhysAddr line, bool gone, Picoseconds ready);
    Picoseconds carry(std::uint32_t from, std::uint32_t to, Bytes payload, Picoseconds at);
    void learn(PhysAddr line, Picoseconds at, std::uint32_t hart, bool llc);
    void take_lessons();
    void prefetch_into_l2(const Lesson& lesson);
    void prefetch_into_llc(const Lesson& lesson);
    void moved(PhysAddr line, cache::Place::Level from, std::uint32_t a, cache::Place::Level to, std::uint32_t b) {
        if (observer_ != nullptr) [[unlikely]]
            observer_->moved(line, {from, a}, {to, b});
    }

    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<Hart> harts_;
    bus::Network network_;
    std::uint64_t uses_ = 0; ///< stamps of last use
    std::array<Lesson, 2 + cache::max_prefetch> lessons_;
    std::uint32_t lesson_count_ = 0;
    cache::MoveObserver* observer_ = nullptr;
    struct Trace;
    std::unique_ptr<Trace> trace_; ///< null: nobody wants to know
    SideTable* side_ = nullptr;    ///< null: DMA is coherent
};

} // namespace tollgate::machine
