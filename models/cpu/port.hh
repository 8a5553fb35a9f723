/// What a hart needs of the machine around it, and who may watch it. Implemented by the SystemC shell and by tests.
#pragma once
#include "abi/exceptions.hh"
#include "abi/privilege.hh"
#include "base/access_kind.hh"
#include "base/address.hh"
#include "base/units.hh"
#include "cache/tag_array.hh"
#include "mmu/access.hh"
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tollgate::cpu {

/// What a cache-block operation wants of a line; `zero` is a store.
enum class LineCare : std::uint8_t { clean, flush, inval, zero };

class HartPort {
  public:
    /// The host address of the 4 KiB page of memory at `page` (aligned), its contents in force; null where no memory
    /// is. Aligned to a line of the host's, and valid for the machine's life.
    virtual std::byte* memory_page(PhysAddr page) = 0;

    /// A debugger's access inside one page: the bytes and nothing else, no time, no counter. False where no memory is.
    virtual bool debug(PhysAddr pa, std::span<std::byte> data, bool write) {
        std::byte* const page = memory_page(PhysAddr{pa.value() & ~(page_bytes - 1)});
        if (page == nullptr) return false;
        std::byte* const at = page + (pa.value() & (page_bytes - 1));
        write ? std::memcpy(at, data.data(), data.size()) : std::memcpy(data.data(), at, data.size());
        return true;
    }

    struct Answer {
        bool ok = false;       ///< false: the bus answered with an error
        Picoseconds latency{}; ///< from the request to the answer
        mmu::Source source = mmu::Source::local;
    };
    /// One transaction on the bus at time `at`. Device accesses come in the order of simulated time.
    virtual Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind,
                             Picoseconds at) = 0;

    /// A line that an L1 needs, or needs the right to write, asked for at time `at`. It comes with what the hart may do
    /// with it; other holders have given it up when this returns. The hart's own L1s may be asked for lines meanwhile.
    struct LineRequest {
        PhysAddr line;
        AccessKind kind;
        bool exclusive; ///< to be written
        bool has_line;  ///< the data are here, only the right is missing
        Picoseconds at;
    };
    struct LineAnswer {
        Picoseconds done; ///< when the data can be used
        cache::LineState granted = cache::LineState::shared;
        mmu::Source source = mmu::Source::local;
    };
    virtual LineAnswer request_line(const LineRequest& request) = 0;
    /// The L1D evicted a line that it had written, last at this time.
    virtual void write_back_line(PhysAddr line, Picoseconds last_write) = 0;
    /// Cache-block management (CMO §2.2): makes caches and memory agree about a line, everywhere. Returns when that is
    /// done. The hart's own L1s are asked as all others.
    virtual Picoseconds care_for_line(PhysAddr line, LineCare care, Picoseconds at) = 0;
    /// What the last request brought is in the L1 and what left it has been handed down: prefetchers below may act.
    virtual void line_placed() = 0;

    /// The platform's real-time counter (CSR time) at a time, and the first time at which it reaches a value
    /// (Picoseconds max if never). Priv §3.2.1.
    virtual std::uint64_t mtime(Picoseconds at) = 0;
    virtual Picoseconds time_of_mtime(std::uint64_t value) = 0;

  protected:
    ~HartPort() = default;
};

/// A phase marker that retired (see models/cpu/isa/marker.inc).
struct Marker {
    unsigned hart = 0;
    bool begin = false;
    std::uint32_t phase = 0; ///< the immediate's twelve bits
    std::uint64_t value = 0; ///< the register's
    abi::Privilege privilege = abi::Privilege::machine;
    Picoseconds time{};
    std::uint64_t cycle = 0;        ///< of the hart
    std::uint64_t instructions = 0; ///< retired before it
};

/// Watches a hart. Each call must leave the machine alone.
class HartObserver {
  public:
    virtual ~HartObserver() = default;
    virtual void marker(const Marker&) {}
    virtual void trap(unsigned /*hart*/, std::uint64_t /*cause*/, std::uint64_t /*pc*/, std::uint64_t /*tval*/,
                      Picoseconds /*at*/) {}
};

/// Decides about single instructions in observed mode: breakpoints, watchpoints, instruction logs.
class Debugger {
  public:
    virtual ~Debugger() = default;
    /// Before the instruction at pc issues; false stops the hart in front of it.
    virtual bool before(unsigned hart, std::uint64_t pc) = 0;
    /// Before a load or store of `size` bytes; false stops the hart in front of its instruction.
    virtual bool access(unsigned hart, std::uint64_t va, unsigned size, bool write) = 0;
};

} // namespace tollgate::cpu
