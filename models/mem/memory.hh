/// The bytes of a memory behind a TLM-2.0 socket. What an access costs is a controller's to say (dram_controller.hh).
#pragma once
#include "mem/backing_store.hh"
#include <functional>
#include <tlm_utils/simple_target_socket.h>

namespace tollgate::mem {

struct MemoryParams {
    TOLLGATE_DESCRIBED(MemoryParams);
    TOLLGATE_PARAM(Initial, initial, Initial::noise, Unit::none, {}, Kind::visible,
                   {"memory.pages_of_noise", Moves::changes},
                   "What untouched memory reads as: noise from the seed, or zero.")
    TOLLGATE_END;
};

struct MemoryCounters {
    TOLLGATE_DESCRIBED(MemoryCounters);
    TOLLGATE_COUNTER(reads, "transactions", "Reads; accesses by direct pointer are not seen here.")
    TOLLGATE_COUNTER(writes, "transactions", "Writes; accesses by direct pointer are not seen here.")
    TOLLGATE_COUNTER(bytes_read, "B", "By these reads.")
    TOLLGATE_COUNTER(bytes_written, "B", "By these writes.")
    TOLLGATE_END;
};

/// The shell of a BackingStore. Addresses count from its first byte; an access takes no time. Direct pointers are
/// granted a page of 4 KiB at a time, touched first, so noise is right and pages are counted.
class Memory : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<Memory> socket;

    /// Throws as BackingStore does.
    Memory(const sc_core::sc_module_name& name, Bytes size, const MemoryParams& params, std::uint64_t seed);

    BackingStore& store() { return store_; }
    const BackingStore& store() const { return store_; }
    const MemoryCounters& counters() const { return counters_; }
    /// Calls f(offset, length) after each write of a debugger.
    void watch_debugger(std::function<void(std::uint64_t, std::uint64_t)> f) { debugger_wrote_ = std::move(f); }

  private:
    using Payload = ::tlm::tlm_generic_payload;
    void transport(Payload& payload, sc_core::sc_time& delay);
    bool direct(Payload& payload, ::tlm::tlm_dmi& dmi);
    unsigned debug(Payload& payload);

    BackingStore store_;
    MemoryCounters counters_;
    std::function<void(std::uint64_t, std::uint64_t)> debugger_wrote_; // empty: nobody asks
};

} // namespace tollgate::mem
