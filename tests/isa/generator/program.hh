/// A random program: a pure function of its seed and of the blocks left out.
#pragma once
#include "generator/layout.hh"
#include <cstdint>
#include <set>
#include <vector>

namespace tollgate::judge {

/// Where a block's code starts in the code window, and what it is.
struct BlockStart {
    std::uint64_t offset;
    const char* name;
};

struct Program {
    std::uint64_t seed = 0;
    std::vector<std::uint64_t> image; ///< the descriptor, page-table words, code: what stands in storage
    std::vector<std::uint8_t> code;
    std::vector<BlockStart> blocks; ///< those that may be left out
    bool sticky = false;            ///< must be the last one before a reset
    bool memory_types = false;      ///< runs on a judge with Svpbmt
};

/// Makes the program of `seed` without the blocks whose numbers are in `dropped`; the other blocks stay as they are.
/// About 0.1 ms.
Program make_program(std::uint64_t seed, const std::set<unsigned>& dropped = {});

/// An ELF64 RISC-V executable of the harness and these programs (ELF gABI, chapters 4 and 5).
std::vector<std::uint8_t> make_elf(const std::vector<Program>& programs, bool verbose);

} // namespace tollgate::judge
