// How long a load takes beside what a bus master asks of the same memory: a chase through local memory, window by
// window of simulated time, of which the boot arguments say the first one's begin (`from`) and length (`window`), in
// microseconds from power-on, and the number (`windows`).
#include "chain.hh"
#include "lib/device_tree.hh"
#include "lib/uart.hh"
#include "report.hh"

extern "C" {
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
void read_lines(std::uint64_t address, std::uint64_t lines);
}

namespace measure {
namespace {

constexpr std::uint64_t mib = 1 << 20, chain_at = 0x8400'0000, chain_room = 64 * mib;
constexpr std::uint64_t chain_lines = 8 * mib / 64; ///< twice the last level

/// Microseconds from power-on.
std::uint64_t now() {
    std::uint64_t ticks;
    asm volatile("rdtime %0" : "=r"(ticks) : : "memory");
    return ticks / 10;
}

} // namespace
} // namespace measure

void machine_main(const void* tree, std::uint64_t) {
    using namespace measure;
    const std::uint64_t from = guest::boot_argument(tree, "from", 0), window = guest::boot_argument(tree, "window", 1);
    const std::uint64_t windows = guest::boot_argument(tree, "windows", 1);
    std::uint64_t next = make_chain(chain_at, chain_lines, chain_room / 64);
    read_lines(chain_at + chain_room, 8 * mib / 64); // so that nothing waits to be written back
    report("ready", now());
    for (std::uint64_t w = 0; w < windows; ++w) {
        const std::uint64_t begin = from + w * window, end = begin + window;
        while (now() < begin + window / 10) next = chase(next, 1).next; // until the load has settled
        std::uint64_t cycles = 0, links = 0;
        while (now() < end) {
            const Chased c = chase(next, 1);
            next = c.next;
            cycles += c.cycles;
            links += 64;
        }
        guest::put("window_");
        guest::put_decimal(w);
        report("", cycles, links);
    }
    guest::put("end 0\n");
    guest::power_off(0);
}
