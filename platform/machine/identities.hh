/// What must hold between counters at the end of every run: within a hart, and across the borders of parts, where what
/// one part has sent the other has got.
#pragma once
#include "cpu/hart.hh"
#include "machine/dram_memory.hh"
#include "machine/memory_system.hh"
#include <vector>

namespace tollgate::machine {

/// Throws std::logic_error with the numbers when one does not hold: then the simulator is wrong.
void check_identities(cpu::Hart& hart);

/// The same for what lies below the harts, given by number, with the nodes' memories: accesses of each level are what
/// the level above has missed, lines of the crossbar are those of the directory and of the controllers.
void check_identities(MemorySystem& system, const std::vector<cpu::Hart*>& harts,
                      const std::vector<DramMemory*>& memories);

} // namespace tollgate::machine
