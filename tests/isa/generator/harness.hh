/// The machine-mode code around the test programs: sets a program up, takes its traps, prints its result.
#pragma once
#include "generator/assembler.hh"
#include <cstdint>
#include <vector>

namespace tollgate::judge {

/// The harness's own data, absolute addresses.
constexpr std::uint64_t save_area = 0x8020'4000;
constexpr std::uint64_t result_area = 0x8020'8000;
constexpr std::uint64_t trace_area = 0x8020'a000;

/// The harness as bytes for `harness_base`. Its shape is the same for all programs: it runs every descriptor that
/// stands at `storage_base` after two words (how many, and whether to dump words next to hashes), prints a line
/// `@ SEED HASH` for each and ends the machine by the test finisher.
///
/// After each trap the interrupted program goes on behind the trapping instruction, whose length is looked up by its
/// offset in the code window. A trap on fetch goes on at the return address in x1 if that is a resume point, else at
/// the next resume point, in the current context. See `layout.hh` for the service calls.
std::vector<std::uint8_t> make_harness();

} // namespace tollgate::judge
