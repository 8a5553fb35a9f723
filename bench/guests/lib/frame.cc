// The frame around a guest's work: page tables in machine mode, region of interest and report in supervisor mode.
#include "lib/device_tree.hh"
#include "lib/guest.hh"
#include "lib/pages.hh"
#include "lib/uart.hh"

extern "C" {
[[gnu::weak]] void secondary_main(std::uint64_t hart); // a guest with work for the other harts defines it
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void enter_supervisor(std::uint64_t argument, void (*where)());
[[noreturn]] void supervisor_main();
}

namespace guest {

std::uint64_t harts = 1;
std::uint64_t rounds = 0;

namespace {
std::uint64_t before_start; ///< what hart 0's counter said at the first instruction
constexpr std::uint64_t clint_page = 0x0200'0000;
} // namespace

void wake_others() {
    asm volatile("fence" : : : "memory");
    for (std::uint64_t hart = 1; hart < harts; ++hart)
        *reinterpret_cast<volatile std::uint32_t*>(clint_page + 4 * hart) = 1;
}

void finish(std::uint64_t checksum, std::uint64_t instructions) {
    region_end(rounds);
    std::uint64_t total = instructions_retired() - before_start;
    put(work.name);
    put(": checksum ");
    put_hex(checksum);
    put(" instructions ");
    put_decimal(instructions);
    put(" total ");
    put_decimal(total);
    put(" harts ");
    put_decimal(harts);
    put('\n');
    power_off(0);
}

} // namespace guest

/// Hart 0 in machine mode: everything that is set up once for all harts.
void machine_main(const void* tree, std::uint64_t instructions_before) {
    using namespace guest;
    before_start = instructions_before;
    rounds = boot_argument(tree, "rounds", work.rounds);
    if (secondary_main) harts = harts_in(tree);
    map_machine();
    enter_supervisor(0, supervisor_main);
}

/// Hart 0 in supervisor mode.
void supervisor_main() {
    using namespace guest;
    work.prepare();
    region_begin(rounds);
    std::uint64_t before = instructions_retired();
    std::uint64_t checksum = work.run(rounds);
    finish(checksum, instructions_retired() - before);
}
