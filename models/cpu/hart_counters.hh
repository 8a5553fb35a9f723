/// What a hart counts.
#pragma once
#include "base/counter.hh"
#include "cpu/cause.hh"

namespace tollgate::cpu {

/// node[i].hart[j]
struct HartCounters {
    TOLLGATE_DESCRIBED(HartCounters);
    TOLLGATE_COUNTER(instructions, "instructions", "Instructions retired, markers included.")
    TOLLGATE_COUNTER(cycles, "cycles", "Cycles of the hart's own clock, asleep or not.")
    TOLLGATE_COUNTER(markers, "instructions", "Phase markers met; they take no issue slot.")
    TOLLGATE_COUNTER(loads, "instructions", "Loads retired, floating point included.")
    TOLLGATE_COUNTER(stores, "instructions", "Stores retired, floating point included.")
    TOLLGATE_COUNTER(atomics, "instructions", "LR, SC and AMO retired.")
    TOLLGATE_COUNTER(branches, "instructions", "Conditional branches retired.")
    TOLLGATE_COUNTER(mispredicts, "branches", "Conditional branches whose direction was mispredicted.")
    TOLLGATE_COUNTER(late_targets, "branches", "Taken direct branches and jumps that the target buffer did not know.")
    TOLLGATE_COUNTER(indirect_mispredicts, "branches",
                     "Indirect jumps, returns apart, to another target than predicted.")
    TOLLGATE_COUNTER(return_mispredicts, "branches", "Returns that the return-address stack did not predict.")
    TOLLGATE_COUNTER(misaligned, "accesses", "Loads and stores that cross their natural border.")
    TOLLGATE_COUNTER(device_loads, "accesses", "Loads from devices.")
    TOLLGATE_COUNTER(device_stores, "accesses", "Stores to devices.")
    TOLLGATE_COUNTER(forwarded_loads, "accesses", "Loads of lines under way that the store buffer served.")
    TOLLGATE_COUNTER(traps, "traps", "Exceptions taken.")
    TOLLGATE_COUNTER(not_retired, "instructions",
                     "Instructions that issued and did not retire, because they trapped or the hart was reset.")
    TOLLGATE_COUNTER(interrupts, "traps", "Interrupts taken.")
    TOLLGATE_COUNTER(failed_sc, "instructions", "SC instructions that did not store.")
    TOLLGATE_COUNTER(handed_over, "lines", "Lines taken from another hart that had written or held them.")
    TOLLGATE_COUNTER(late_interrupts, "interrupts",
                     "Interrupts that the hart had already passed when they were raised.")
    TOLLGATE_COUNTER(lateness, "ps", "By how much late interrupts were late, in sum.")
    TOLLGATE_END;
};

/// How often the simulator's short cuts served; goes to host.json, never to results.
struct HostCounters {
    TOLLGATE_DESCRIBED(HostCounters);
    TOLLGATE_COUNTER(decoded, "blocks", "Blocks decoded.")
    TOLLGATE_COUNTER(blocks_found, "blocks", "Blocks taken from the decode cache.")
    TOLLGATE_COUNTER(block_misses, "blocks", "Blocks that the block look-aside did not know.")
    TOLLGATE_COUNTER(slow_loads, "accesses", "Loads that the look-aside did not know.")
    TOLLGATE_COUNTER(slow_stores, "accesses", "Stores that the look-aside did not know.")
    TOLLGATE_COUNTER(quanta, "quanta", "Times that the hart was given a quantum.")
    TOLLGATE_END;
};

} // namespace tollgate::cpu
