/// A node's last level on the harts' side: lines of any home, a presence bit for each hart that may hold one, and the
/// node's right to it. Plain class; time and stamps are arguments.
///
///   inclusive       one array: tags and presence side by side; what leaves it leaves the harts
///   not inclusive   the array of data, and a snoop filter of the same sets and ways with the presence; what leaves
///                   the filter leaves the harts, what leaves the data does not
///
/// At most one hart is a line's *owner*: it may write, or has written, without telling. The node's right is MESI
/// among nodes; `modified` here says that the data array's copy is newer than memory's.
#pragma once
#include "cache/cache_level.hh"
#include "cache/snoop.hh"
#include <array>
#include <optional>
#include <vector>

namespace tollgate::cache {

/// What one operation makes leave: a few lines, by value.
class Departures {
  public:
    void add(const Departed& d) {
        if (d.left || d.dirty) slots_[count_++].departed = d;
    }
    const Departed* begin() const { return &slots_[0].departed; }
    const Departed* end() const { return begin() + count_; }

  private:
    /// Not made before it is needed: clearing them all would cost more than the rest.
    union Slot {
        Slot() {}
        Departed departed;
    };
    static_assert(sizeof(Slot) == sizeof(Departed));
    std::array<Slot, 4> slots_;
    std::uint32_t count_ = 0;
};

class SharedCache {
  public:
    /// `harts` are asked in their order; they may be completed after this returns. At most 64.
    SharedCache(const LlcParams& params, const CachedMemory& memory, std::uint64_t seed, std::uint32_t harts);
    void set_holder(std::uint32_t hart, Holder& holder) { holders_[hart] = &holder; }

    CacheLevel& level() { return level_; }
    const CacheLevel& level() const { return level_; }
    const TagArray* filter() const { return filter_ ? &*filter_ : nullptr; }
    Picoseconds latency() const { return latency_; } ///< load to use of a hit
    Picoseconds snoop_latency() const { return snoop_; }

    struct Request {
        std::uint32_t hart; ///< of the node
        PhysAddr line;
        AccessKind kind;
        bool exclusive;
        bool has_line; ///< the hart has the data and wants the right
        Picoseconds at;
        std::uint64_t stamp;
    };
    /// What the node can do by itself. `when` is the time at which that is done; what is missing is asked for at home.
    struct Found {
        Look look;                            ///< of the data array
        std::uint32_t track = TagArray::none; ///< index of the presence bits
        LineState right = LineState::invalid; ///< the node's
        Picoseconds when{};
        Given taken;        ///< from other harts of the node
        bool asked = false; ///< other harts were
        bool data = false;  ///< there is a copy in the node
        bool right_enough = false;
        std::uint32_t victim = TagArray::none; ///< of choose_victim()
        bool complete() const { return data && right_enough; }
    };
    /// Looks, and takes from the node's other harts what the request wants of them.
    Found request(const Request& r, Departures& out);

    /// Decides early which line the request's will push out of the data array, so that the host can fetch what is known
    /// of it; settle() must follow.
    PhysAddr choose_victim(Found& f, PhysAddr line) {
        f.victim = level_.tags().victim(line);
        return level_.tags().line_at(f.victim);
    }
    /// The end of a request at `done`, with the node's right to the line as it is now. Returns what the hart may do.
    LineState settle(const Request& r, const Found& f, LineState right, Picoseconds done, Departures& out);

    /// A hart evicted a line that it had written. `gone`: from its last cache, so that it holds no copy.
    void write_back(std::uint32_t hart, PhysAddr line, bool gone, Picoseconds ready, std::uint64_t stamp,
                    Departures& out);

    /// A line comes without a hart that asked for it: fetched ahead, or written by a device into its share of the ways.
    /// The node holds it nowhere.
    void bring(PhysAddr line, LineState right, Picoseconds ready, std::uint64_t stamp, bool prefetched,
               Departures& out);

    /// The home asks. `asked`: harts had to be, which takes snoop_latency().
    struct NodeGiven : Given {
        bool asked = false;
    };
    NodeGiven give(PhysAddr line, Claim claim);

    /// A device of the node writes a whole line. True: the node had the line and the right to write it, and has the new
    /// data at `done`; else the home must be asked, and bring() then takes the line.
    bool device_write(PhysAddr line, Picoseconds at, std::uint64_t stamp, Picoseconds& done, Departures& out);
    static constexpr std::uint32_t device = 64; ///< in a request's `hart`
    bool takes_dma() const { return inject_ways_ != 0; }

    /// `first_hart`: the machine-wide number of the node's first.
    void observe_with(MoveObserver& observer, std::uint32_t node, std::uint32_t first_hart) {
        observer_ = &observer;
        node_ = node;
        first_hart_ = first_hart;
    }

    /// The node's right to a line, and the harts that may hold it.
    LineState right(PhysAddr line) const;
    std::uint64_t presence(PhysAddr line) const;

  private:
    std::uint32_t track_of(PhysAddr line, std::uint32_t data) const { return filter_ ? filter_->find(line) : data; }
    TagArray& track_tags() { return filter_ ? *filter_ : level_.tags(); }
    std::uint32_t& owner(std::uint32_t track) { return track_tags().data(track).note; } ///< hart + 1; 0: nobody
    std::uint64_t& presence_bits(std::uint32_t track) { return track_tags().data(track).holders; }
    static std::uint64_t bit(std::uint32_t hart) { return hart == device ? 0 : 1ull << hart; }
    void observe(PhysAddr line, std::uint32_t hart, bool up) const;
    Given ask(std::uint64_t harts, PhysAddr line, Claim claim);
    std::uint32_t fill_data(PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp, bool prefetched,
                            std::uint32_t victim, Departures& out);
    std::uint32_t fill_filter(PhysAddr line, LineState s, Picoseconds ready, std::uint64_t stamp, Departures& out);

    CacheLevel level_;
    std::optional<TagArray> filter_;
    std::vector<Holder*> holders_; // [hart]
    Picoseconds latency_, snoop_;
    std::uint32_t inject_ways_;
    MoveObserver* observer_ = nullptr;
    std::uint32_t node_ = 0, first_hart_ = 0; ///< known only to the observer
};

} // namespace tollgate::cache
