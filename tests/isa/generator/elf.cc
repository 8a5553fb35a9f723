#include "generator/harness.hh"
#include "generator/program.hh"
#include <cstring>

namespace tollgate::judge {
namespace {

struct Segment {
    std::uint64_t address;
    std::vector<std::uint8_t> bytes;
};

class Writer {
  public:
    void put(std::uint64_t value, unsigned size) {
        for (unsigned n = 0; n < size; ++n) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * n)));
    }
    std::vector<std::uint8_t> bytes;
};

} // namespace

std::vector<std::uint8_t> make_elf(const std::vector<Program>& programs, bool verbose) {
    static const std::vector<std::uint8_t> harness = make_harness();
    Assembler entry{entry_base};
    entry.li(5, harness_base >> 12);
    entry.slli(5, 5, 12);
    entry.i(0x67, 0, 5, 0);
    std::vector<Segment> segments{{entry_base, entry.bytes()}, {harness_base, harness}, {storage_base, {}}};
    Writer storage;
    storage.put(programs.size(), 8);
    storage.put(verbose ? 1 : 0, 8);
    for (const Program& p : programs)
        for (std::uint64_t w : p.image) storage.put(w, 8);
    segments[2].bytes = std::move(storage.bytes);

    Writer elf;
    elf.put(0x0001'0102'464c'457f, 8); // magic, 64 bits, little endian, version 1
    elf.put(0, 8);
    elf.put(2, 2);          // ET_EXEC
    elf.put(243, 2);        // EM_RISCV
    elf.put(1, 4);          // EV_CURRENT
    elf.put(entry_base, 8); // e_entry
    elf.put(64, 8);         // e_phoff
    elf.put(0, 8);          // e_shoff
    elf.put(5, 4);          // e_flags: RVC, double-float ABI
    elf.put(64, 2);
    elf.put(56, 2);
    elf.put(segments.size(), 2);
    elf.put(64, 2);
    elf.put(0, 2);
    elf.put(0, 2);
    std::uint64_t offset = page_size;
    for (const Segment& s : segments) {
        elf.put(1, 4); // PT_LOAD
        elf.put(7, 4); // readable, writable, executable
        elf.put(offset, 8);
        elf.put(s.address, 8);
        elf.put(s.address, 8);
        elf.put(s.bytes.size(), 8);
        elf.put(s.bytes.size(), 8);
        elf.put(page_size, 8);
        offset += (s.bytes.size() + page_size - 1) & ~(page_size - 1);
    }
    for (const Segment& s : segments) {
        elf.bytes.resize((elf.bytes.size() + page_size - 1) & ~(page_size - 1));
        elf.bytes.insert(elf.bytes.end(), s.bytes.begin(), s.bytes.end());
    }
    return std::move(elf.bytes);
}

} // namespace tollgate::judge
