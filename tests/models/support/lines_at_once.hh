/// Below the L1s of a test's hart: every line is there at once, with all rights. Ports of devices derive from it.
#pragma once
#include "cpu/port.hh"

namespace tollgate::cpu {

class LinesAtOnce : public HartPort {
  public:
    std::byte* memory_page(PhysAddr) override { return nullptr; }
    Answer transport(PhysAddr, std::byte*, unsigned, bool, AccessKind, Picoseconds) override { return {}; }
    LineAnswer request_line(const LineRequest& r) override {
        return {r.at, cache::LineState::exclusive, mmu::Source::l2};
    }
    void write_back_line(PhysAddr, Picoseconds) override {}
    Picoseconds care_for_line(PhysAddr, LineCare, Picoseconds at) override { return at; }
    void line_placed() override {}
    std::uint64_t mtime(Picoseconds) override { return 0; }
    Picoseconds time_of_mtime(std::uint64_t) override { return Picoseconds{~0ull}; }
};

} // namespace tollgate::cpu
