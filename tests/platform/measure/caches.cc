// What the cycle counter alone tells of caches and memory, in machine mode without paging: sizes and load-to-use
// latencies of all levels, memory near and far, the length of a line, how many misses are under way at a time. The boot
// arguments say how many MiB of memory a node has and how many nodes there are; prefetchers must be off.
#include "chain.hh"
#include "code.hh"
#include "lib/device_tree.hh"
#include "lib/uart.hh"
#include "report.hh"
#include "single_loads.hh"

extern "C" [[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);

namespace measure {
namespace {

constexpr std::uint64_t memory = 0x8000'0000;
/// The program and what boots it lie below and at the end; swept memory and memory that is never touched before it is
/// measured are apart.
constexpr std::uint64_t sweep_from = 16 * mib, fresh_from = 48 * mib, end_room = 4 * mib;
std::uint64_t node_bytes;
SingleLoads loads;

/// The loop lies at the end of its MiB: in the upper half of any cache that is filled by halves.
Chased (*const loop)(std::uint64_t,
                     std::uint64_t) = reinterpret_cast<Chased (*)(std::uint64_t, std::uint64_t)>(memory + sweep_from
                                                                                                 - 4096);

void place_loop() {
    auto from = reinterpret_cast<const std::uint8_t*>(reinterpret_cast<std::uintptr_t>(&chase));
    auto to = reinterpret_cast<volatile std::uint8_t*>(memory + sweep_from - 4096);
    for (std::size_t i = 0; from + i != chase_end; ++i) to[i] = from[i];
    asm volatile("fence rw, rw\n fence.i" : : : "memory");
}

/// Thousandths of a cycle a load of a chase through so many bytes that has come to rest.
std::uint64_t swept(std::uint64_t bytes) {
    const std::uint64_t lines = bytes / 64, lap = (lines + 63) / 64;
    const std::uint64_t first = make_chain(memory + sweep_from, lines, lines);
    loop(first, lap);
    const std::uint64_t blocks = lap < 64 ? 64 : lap;
    return loop(first, blocks).cycles * 1000 / (blocks * 64);
}

/// The fastest of loads that are one bit of the address away from the one before: some are in its row.
std::uint64_t in_one_row() {
    const std::uint64_t base = memory + fresh_from + row_step / 2;
    std::uint64_t least = ~0ull;
    for (std::uint64_t block = 0; block < 3; ++block)
        for (std::uint64_t bit = 32; bit < mib / 4; bit *= 2) {
            const std::uint64_t took = loads.at(base + block * mib / 2 + (bit == 32 ? 0 : bit));
            if (took < least) least = took;
        }
    return least;
}

/// Bytes from a line's first to the first one of the next.
std::uint64_t line_bytes(std::uint64_t miss) {
    std::uint64_t bytes = 8;
    for (std::uint64_t page = 0; bytes < 4096; bytes *= 2, ++page) {
        const std::uint64_t first = memory + fresh_from - mib + page * 8192;
        if (loads.after(first, first + bytes) > miss / 2) break;
    }
    return bytes;
}

/// Loads of so many lines that do not wait for each other; the chain at `evict` drives them out of the levels above.
std::uint64_t at_once(std::uint64_t lines, std::uint64_t warm, std::uint64_t far, std::uint64_t evict,
                      std::uint64_t blocks) {
    Code code;
    code.begin();
    for (std::uint64_t i = 0; i < lines; ++i)
        code.put(ld(t0, i < 32 ? a0 : i < 64 ? a1 : a2, static_cast<std::int32_t>(i % 32) * 64));
    code.put(addi(t0, t0, 0));
    code.end();
    code.finish();
    std::uint64_t took[3];
    code.run(far, far + 2048, far + 4096);
    for (std::uint64_t& t : took) {
        loop(evict, blocks);
        // The code comes back with lines that are at hand.
        for (int i = 0; i < 4; ++i) code.run(warm, warm + 2048, warm + 4096);
        t = code.run(far, far + 2048, far + 4096);
    }
    return median(took, 3);
}

/// Loads that the last level serves, until one more waits for the first to come back.
std::uint64_t misses_in_flight(std::uint64_t above, std::uint64_t latency) {
    constexpr std::uint64_t most = 65;
    alignas(4096) [[gnu::section(".bss.arena")]] static std::uint8_t warm[8192];
    const std::uint64_t lines = above / 64, blocks = (lines + 63) / 64;
    // In other sets than the lines at hand and the code.
    const std::uint64_t far = memory + sweep_from + 2 * above + 2048,
                        near = reinterpret_cast<std::uint64_t>(warm) + 1024;
    const std::uint64_t chain = make_chain(memory + sweep_from, lines, lines);
    loop(chain, blocks);
    std::uint64_t before = 0;
    for (std::uint64_t n = 1; n <= most; ++n) {
        const std::uint64_t took = at_once(n, near, far, chain, blocks);
        if (n > 1 && took > before + latency / 4) return n - 1;
        before = took;
    }
    return 0; // out of sight
}

void put_level(std::uint64_t level, const char* what, std::uint64_t numerator, std::uint64_t denominator) {
    guest::put("level_");
    guest::put_decimal(level);
    report(what, numerator, denominator);
}

void levels(std::uint64_t nearest_memory) {
    constexpr std::size_t most = 40;
    std::uint64_t bytes[most], took[most];
    std::size_t known = 0;
    const auto at = [&](std::size_t i) {
        for (; known <= i; ++known) {
            // Powers of two, and those and a half.
            bytes[known] = (known % 2 == 0 ? 1024ull : 1536ull) << known / 2;
            if (bytes[known] > fresh_from - sweep_from - mib) guest::power_off(5);
            took[known] = swept(bytes[known]);
            guest::put("curve_");
            guest::put_decimal(bytes[known]);
            report("", took[known], 1000);
        }
        return took[i];
    };
    std::uint64_t count = 0, above = 0, last = 0, latency = 0;
    for (std::size_t i = 0; at(i) < nearest_memory * 950;) {
        const std::uint64_t flat = at(i);
        std::size_t over = i;
        while (at(over) <= flat + flat * 15 / 100) ++over;
        // A full cache has no room for the loop itself: what is nearer to this level than to the next one fits.
        const std::uint64_t next = at(over + 2);
        while (at(over) <= (flat + next) / 2) ++over;
        above = last;
        last = bytes[over - 1];
        latency = flat / 1000;
        put_level(++count, "_bytes", last, 1);
        put_level(count, "_latency", flat, 1000);
        i = over + 1; // twice the size
    }
    report("levels", count);
    if (count > 1) report("misses_in_flight", misses_in_flight(above, latency));
}

} // namespace
} // namespace measure

void machine_main(const void* tree, std::uint64_t) {
    using namespace measure;
    node_bytes = guest::boot_argument(tree, "memory", 128) * mib;
    place_loop();
    loads.calibrate(swept(1024) / 1000);
    const std::uint64_t nodes = guest::boot_argument(tree, "nodes", 1);
    for (std::uint64_t node = 0; node < nodes; ++node) {
        guest::put("memory_");
        guest::put_decimal(node);
        const std::uint64_t base = memory + node * node_bytes + fresh_from;
        // The first half of each step; the other half is for in_one_row().
        report("", loads.row_after_row(base, node_bytes - fresh_from - end_room, row_step / 2));
    }
    const std::uint64_t least = in_one_row();
    report("memory_in_row", least);
    report("line_bytes", line_bytes(least));
    levels(least);
    guest::put("end 0\n");
    guest::power_off(0);
}
