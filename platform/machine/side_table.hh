/// Memory's value of lines whose caches may hold another one: what there is to know of data when DMA is not coherent.
///
///     the harts' value     always in the backing store, because harts work on its bytes directly, at full speed
///     memory's value       in an entry here, if the line has one; else it is the same
///
/// A line has an entry from the moment at which a hart may write it, or at which a device writes it while a cache holds
/// it, until no cache holds it any more. Harts are coherent among themselves always, so a line has at most these two
/// values.
///
///     write-back, cbo.clean            memory's value becomes the harts'
///     the last copy is gone            the harts' value becomes memory's; what was written has been written back
///                                      before, unless cbo.inval dropped it
///     a device reads, or writes        memory's value
///
/// Only a timed machine with `dma.coherent=false` has one. Plain class; it knows no time: each event takes place when
/// it is told.
#pragma once
#include "base/address.hh"
#include "base/counter.hh"
#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <unordered_map>

namespace tollgate::machine {

struct SideTableCounters {
    TOLLGATE_DESCRIBED(SideTableCounters);
    TOLLGATE_COUNTER(entries, "lines", "Lines whose values in memory and in caches began to be kept apart.")
    TOLLGATE_COUNTER(stale_reads, "lines", "Devices read a line of which harts had written another value.")
    TOLLGATE_COUNTER(hidden_writes, "lines", "Devices wrote a line of which a cache kept its own value.")
    TOLLGATE_COUNTER(revealed, "lines", "Harts saw memory's other value when the last copy was gone.")
    TOLLGATE_END;
};

class SideTable {
  public:
    /// `bytes`: the backing store's of a line. `changed`: the harts' value of a line is another one now, behind their
    /// backs.
    SideTable(std::function<std::byte*(PhysAddr)> bytes, std::function<void(PhysAddr)> changed)
        : bytes_{std::move(bytes)}, changed_{std::move(changed)} {}

    // ---- from the memory system; lines are aligned
    /// A hart may write the line from now on.
    void writable(PhysAddr line) { entry(line); }
    /// The harts' value has been written to memory; caches may hold the line still.
    void written_down(PhysAddr line);
    /// No cache holds the line any more.
    void gone(PhysAddr line);

    // ---- from devices; the range lies inside one line
    void device_read(PhysAddr at, std::span<std::byte> to);
    /// `held`: a cache holds the line.
    void device_write(PhysAddr at, std::span<const std::byte> from, bool held);

    /// Somebody outside the simulated world (a debugger, a loader) wrote the bytes in the backing store: both values.
    void poked(PhysAddr at, std::size_t length);

    const SideTableCounters& counters() const { return counters_; }
    std::size_t size() const { return lines_.size(); } ///< entries now; bounded by what caches hold

  private:
    using Line = std::array<std::byte, line_bytes>;
    Line& entry(PhysAddr line);

    std::function<std::byte*(PhysAddr)> bytes_;
    std::function<void(PhysAddr)> changed_;
    std::unordered_map<std::uint64_t, Line> lines_; // by address; never iterated
    SideTableCounters counters_;
};

} // namespace tollgate::machine
