/// How the levels below ask those above to give a line up.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include "cache/tag_array.hh"
#include <algorithm>
#include <cstdint>

namespace tollgate::cache {

/// What the asker wants: the line stays with those asked, who may no longer write it; or it leaves them, because
/// another one will write it; or because the asker itself loses it.
enum class Claim : std::uint8_t { share, own, evict };

/// What those asked had.
struct Given {
    bool had = false;
    bool dirty = false;       ///< they had written it: the data that they hand over is the only copy
    Picoseconds last_write{}; ///< the receiver's access cannot end before this
    void add(const Given& o) {
        had = had || o.had;
        dirty = dirty || o.dirty;
        last_write = std::max(last_write, o.last_write);
    }
};

/// Where data can be. `unit` is the machine-wide number of the hart, or the node.
struct Place {
    enum class Level : std::uint8_t { l1, hart, llc, memory, device };
    Level level;
    std::uint32_t unit;
};

/// Told of data that move between caches, with what they hold at that moment: for oracles and traces. `hart` is a
/// hart's last cache.
class MoveObserver {
  public:
    virtual void moved(PhysAddr line, Place from, Place to) = 0;

  protected:
    ~MoveObserver() = default;
};

/// Whoever may hold lines above a level: a hart's L1s (written by the hart's author), or its second level.
class Holder {
  public:
    /// Gives the line as claimed: a copy with the right to write is demoted or dropped, other copies are dropped unless
    /// the claim is `share`. Short cuts into the line go with the right that they used. Asked also for lines that have
    /// left silently. An L1I may ignore all but `evict`.
    virtual Given give(PhysAddr line, Claim claim) = 0;

  protected:
    ~Holder() = default;
};

/// A line that left a level, or data that must be handed down.
struct Departed {
    PhysAddr line;
    bool owned = false; ///< whoever let it go might have written it
    bool left = false;  ///< the level holds it no more; false: nothing happened, or data are written and the line stays
    bool dirty = false; ///< there are data to be written
    Picoseconds ready{}; ///< not to be handed on before: arrival or last write
};

} // namespace tollgate::cache
