/// What a hart needs of the machine around it, and who may watch it. Implemented by the SystemC shell and by tests.
#pragma once
#include "abi/exceptions.hh"
#include "abi/privilege.hh"
#include "base/access_kind.hh"
#include "base/address.hh"
#include "base/units.hh"
#include "mmu/access.hh"
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tollgate::cpu {

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
