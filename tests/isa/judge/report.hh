/// Turns two answers to one program into text: what differs, and what the program was.
#pragma once
#include "generator/program.hh"
#include "judge/machine.hh"
#include <string>

namespace tollgate::judge {

/// The name of a word in the harness's results: a register, a CSR, a field of a trap record, a place in memory.
std::string word_name(std::uint64_t address);

/// The block of the program in which a code address lies, by its offset in the code window; empty if in none.
std::string block_name(const Program& program, std::uint64_t address);

/// Up to `most` lines of what differs, earliest trap first, with the differing record's neighbours.
std::string difference(const Program& program, const Answer& a, const std::string& name_a, const Answer& b,
                       const std::string& name_b, unsigned most = 24);

} // namespace tollgate::judge
