/// A memory trace replayed on one channel of DRAM, and what comes of it as text.
#pragma once
#include "base/units.hh"
#include "mem/address_mapping.hh"
#include "mem/dram_channel.hh"
#include "trace/memory_trace.hh"
#include <string>

namespace tollgate::cli {

/// All requests go through the channel's queues. A request is taken when its time has come, all before it have been
/// taken and its queue has room; its latency counts from there.
class DramReplay {
  public:
    /// Throws std::invalid_argument for parameters that contradict themselves or each other.
    DramReplay(const mem::DramParams& params, const mem::DramTimingParams& exceptions);

    /// To its end. Addresses count from the channel's first byte. Throws config::BadFile, with file and line.
    void run(trace::MemoryTraceReader& reader);

    std::string table(std::string_view name) const;
    std::string json() const;

  private:
    std::string bandwidth() const;

    mem::DramParams params_;
    ClockDomain clock_;
    mem::AddressMapping mapping_;
    mem::DramChannel channel_;
    Count requests_ = 0;
    mem::Clock first_ = 0;  ///< when the first request was taken
    mem::Clock finish_ = 0; ///< the last beat of all
};

} // namespace tollgate::cli
