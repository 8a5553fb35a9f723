/// The least machine on which the harness runs: one hart, memory, and three devices without any time of their own.
#pragma once
#include "cpu/hart.hh"
#include "mem/backing_store.hh"
#include "models/support/lines_at_once.hh"
#include <string>
#include <vector>

namespace tollgate::judge {

/// How the hart of a bare machine runs; results must not depend on it.
struct BareOptions {
    bool timed = false;
    bool look_aside = true;
    bool decode_cache = true;
};

/// A hart with memory at `0x8000'0000`, the software interrupt and timer compare of a CLINT, the data and line status
/// registers of a UART, and the test finisher. It needs no SystemC, so a run costs milliseconds.
class BareMachine final : public cpu::LinesAtOnce {
  public:
    explicit BareMachine(const BareOptions& options);
    /// Copies an ELF64 executable's segments into memory. Throws std::runtime_error when it is none or does not fit.
    void load(const std::vector<std::uint8_t>& elf);
    /// Runs from the entry until the finisher is written or `instructions` have retired; true if it finished with
    /// 0x5555.
    bool run(std::uint64_t instructions);
    /// What was written to the UART.
    const std::string& console() const { return console_; }

    std::byte* memory_page(PhysAddr page) override;
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind kind, Picoseconds at) override;
    std::uint64_t mtime(Picoseconds at) override;
    Picoseconds time_of_mtime(std::uint64_t value) override;

  private:
    bool device_write(std::uint64_t address, std::uint64_t value, Picoseconds at);

    mem::BackingStore memory_;
    cpu::HartGroup group_;
    cpu::DecodeCache code_;
    cpu::Hart hart_;
    std::uint64_t entry_ = 0, software_interrupt_ = 0;
    std::string console_;
    bool finished_ = false, passed_ = false;
};

} // namespace tollgate::judge
