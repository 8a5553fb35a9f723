// What the cycle counter alone tells of the TLBs, in supervisor mode under Sv39: many virtual pages over one physical
// page, so that caches see a single line and only translations run out.
#include "lib/pages.hh"
#include "lib/uart.hh"
#include "report.hh"
#include <cstdint>

extern "C" {
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void enter_supervisor(std::uint64_t argument, void (*where)());
[[noreturn]] void supervisor_main();
std::uint64_t hops(std::uint64_t pages, std::uint64_t steps, std::uint64_t window);
extern const std::uint8_t hop_page[];
}

namespace measure {
namespace {

constexpr std::uint64_t pages = 8192, data_window = 0x10'0000'0000, text_window = 0x20'0000'0000;
alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t frame[4096];

/// Loads from n pages in turn, `steps` loads in all. No branch but the loop's: i + 1 wraps to 0 by arithmetic.
std::uint64_t loads(std::uint64_t n, std::uint64_t steps) {
    std::uint64_t cycles, end, i, wrap, address;
    asm volatile("fence\n"
                 "rdcycle %0\n"
                 "li %2, 0\n"
                 "1: slli %4, %2, 12\n"
                 "add %4, %4, %6\n"
                 "ld %3, 0(%4)\n"
                 "addi %2, %2, 1\n"
                 "sltu %3, %2, %7\n"
                 "neg %3, %3\n"
                 "and %2, %2, %3\n"
                 "addi %5, %5, -1\n"
                 "bnez %5, 1b\n"
                 "rdcycle %1\n"
                 : "=&r"(cycles), "=&r"(end), "=&r"(i), "=&r"(wrap), "=&r"(address), "+r"(steps)
                 : "r"(data_window), "r"(n)
                 : "memory");
    return end - cycles;
}

/// Cycles of a pass over n pages once the passes before have filled what they fill, and once the loop's branch has
/// filled the predictor's history.
template <class Walk> std::uint64_t pass(std::uint64_t n, Walk walk) {
    const std::uint64_t passes = n < 64 ? 256 / n : 4;
    auto settled = [&](std::uint64_t steps) {
        for (int i = 0; i < 2; ++i) walk(n, steps);
        return walk(n, steps);
    };
    return (settled(2 * passes * n) - settled(passes * n)) / passes;
}

void data_side() {
    const std::uint64_t step = pass(1, loads);
    auto extra = [&](std::uint64_t n) { return pass(n, loads) - n * step; };
    std::uint64_t first = first_over(2, pages / 2, [&](std::uint64_t n) { return extra(n) != 0; });
    if (first > pages / 2) return report("dtlb_entries", 0); // out of sight
    const std::uint64_t entries = first - 1;
    report("dtlb_entries", entries);
    // With twice the pages every load misses; one page too many costs its set a miss each.
    const std::uint64_t latency = extra(2 * entries) / (2 * entries);
    report("l2tlb_latency", latency);
    report("dtlb_ways", extra(first) / latency - 1);
    std::uint64_t second = first_over(first, pages / 2, [&](std::uint64_t n) { return extra(n) > n * latency; });
    if (second > pages / 2) return report("l2tlb_entries", 0);
    report("l2tlb_entries", second - 1);
    const std::uint64_t all = 2 * (second - 1), walk = extra(all) / all - latency;
    report("l2tlb_ways", (extra(second) - second * latency) / walk - 1);
    report("walk", walk);
}

void text_side() {
    auto walk = [](std::uint64_t n, std::uint64_t steps) { return hops(n, steps, text_window); };
    const std::uint64_t step = pass(1, walk);
    std::uint64_t first = first_over(2, pages / 2, [&](std::uint64_t n) { return pass(n, walk) != n * step; });
    report("itlb_entries", first > pages / 2 ? 0 : first - 1);
}

} // namespace
} // namespace measure

void machine_main(const void*, std::uint64_t) {
    using namespace measure;
    guest::map_machine();
    for (std::uint64_t i = 0; i < pages; ++i) {
        guest::map(data_window + i * guest::page_bytes, reinterpret_cast<std::uint64_t>(frame), guest::Page::data);
        guest::map(text_window + i * guest::page_bytes, reinterpret_cast<std::uint64_t>(hop_page), guest::Page::text);
    }
    enter_supervisor(0, supervisor_main);
}

void supervisor_main() {
    using namespace measure;
    data_side();
    text_side();
    guest::put("end 0\n");
    guest::power_off(0);
}
