/// What a channel of DRAM counts.
#pragma once
#include "base/counter.hh"

namespace tollgate::mem {

/// Requests are lines of 64 B. reads = forwarded + row hits, closed and conflicts of reads; and so on: every request is
/// of one kind of row, or forwarded.
struct DramCounters {
    TOLLGATE_DESCRIBED(DramCounters);
    TOLLGATE_COUNTER(reads, "requests", "Lines read, those forwarded included.")
    TOLLGATE_COUNTER(writes, "requests", "Lines written; counted when they are sent to the parts.")
    TOLLGATE_COUNTER(forwarded, "requests", "Reads answered from the write queue.")
    TOLLGATE_COUNTER(row_hits, "requests", "Requests that found their row open.")
    TOLLGATE_COUNTER(row_closed, "requests", "Requests that found no row open in their bank.")
    TOLLGATE_COUNTER(row_conflicts, "requests", "Requests that found another row open in their bank.")
    TOLLGATE_COUNTER(activates, "commands", "ACT.")
    TOLLGATE_COUNTER(precharges, "commands", "PRE.")
    TOLLGATE_COUNTER(column_reads, "commands", "RD.")
    TOLLGATE_COUNTER(closing_reads, "commands", "RDA: the row is closed behind the read.")
    TOLLGATE_COUNTER(column_writes, "commands", "WR.")
    TOLLGATE_COUNTER(closing_writes, "commands", "WRA: the row is closed behind the write.")
    TOLLGATE_COUNTER(refreshes, "commands", "REF; each comes behind a PREA.")
    TOLLGATE_COUNTER(turn_arounds, "changes", "Changes of the data bus between reading and writing.")
    TOLLGATE_COUNTER(bytes_demand, "B", "Read for fetches, loads, stores and atomics of harts.")
    TOLLGATE_COUNTER(bytes_walk, "B", "Read for page-table walks.")
    TOLLGATE_COUNTER(bytes_prefetch, "B", "Read for prefetchers.")
    TOLLGATE_COUNTER(bytes_dma_read, "B", "Read for devices.")
    TOLLGATE_COUNTER(bytes_dma_written, "B", "Written for devices.")
    TOLLGATE_COUNTER(bytes_written, "B", "Written for caches.")
    TOLLGATE_COUNTER(read_queue_cycles, "entry-cycles", "Reads in the queue, summed over clocks.")
    TOLLGATE_COUNTER(write_queue_cycles, "entry-cycles", "Writes in the queue, summed over clocks.")
    TOLLGATE_COUNTER(read_cycles, "cycles", "Latency of reads in clocks, summed; from arrival to the last beat.")
    TOLLGATE_COUNTER(late, "requests", "Blocking reads that arrived behind a later one of their bank.")
    TOLLGATE_COUNTER(skew_cycles, "cycles", "By how much, in clocks, summed.")
    TOLLGATE_END;
};

} // namespace tollgate::mem
