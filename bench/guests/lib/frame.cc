// The frame around a guest's work: page tables in machine mode, region of interest and report in supervisor mode.
#include "lib/device_tree.hh"
#include "lib/guest.hh"
#include "lib/uart.hh"

extern "C" {
extern std::uint8_t guest_text_end[], guest_end[];
[[gnu::weak]] void secondary_main(std::uint64_t hart); // a guest with work for the other harts defines it
void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void machine_fault(std::uint64_t cause, std::uint64_t at, std::uint64_t value);
[[noreturn]] void supervisor_main();
alignas(4096) [[gnu::section(".bss.arena")]] std::uint64_t root_table[512];
}

namespace guest {

std::uint64_t harts = 1;
std::uint64_t rounds = 0;

namespace {

std::uint64_t before_start; ///< what hart 0's counter said at the first instruction

constexpr std::uint64_t page = 4096, first_byte = 0x8000'0000, uart_page = 0x1000'0000, finisher_page = 0x0010'0000,
                        clint_page = 0x0200'0000;

/// Sv39 entries with A and D set, so that no walk writes or traps (Priv §4.3.1).
enum Pte : std::uint64_t { valid = 1, text = 0xcb, data = 0xc7 };

alignas(4096) [[gnu::section(".bss.arena")]] std::uint64_t tables[32][512];
std::size_t tables_used = 0;

/// The table below this entry, made when it is first needed.
std::uint64_t* below(std::uint64_t& entry) {
    if (!(entry & valid)) {
        if (tables_used == sizeof tables / sizeof tables[0]) power_off(2);
        std::uint64_t* fresh = tables[tables_used++];
        for (std::size_t i = 0; i < 512; ++i) fresh[i] = 0;
        entry = reinterpret_cast<std::uint64_t>(fresh) >> 12 << 10 | valid;
    }
    return reinterpret_cast<std::uint64_t*>(entry >> 10 << 12);
}

void map_identity(std::uint64_t from, std::uint64_t to, std::uint64_t flags) {
    for (std::uint64_t a = from; a < to; a += page) {
        std::uint64_t* middle = below(root_table[a >> 30 & 511]);
        below(middle[a >> 21 & 511])[a >> 12 & 511] = a >> 12 << 10 | flags;
    }
}

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
    for (std::uint64_t& entry : root_table) entry = 0;
    auto text_end = reinterpret_cast<std::uint64_t>(guest_text_end), end = reinterpret_cast<std::uint64_t>(guest_end);
    map_identity(first_byte, text_end, Pte::text);
    map_identity(text_end, end, Pte::data);
    map_identity(uart_page, uart_page + page, Pte::data);
    map_identity(finisher_page, finisher_page + page, Pte::data);
    map_identity(clint_page, clint_page + page, Pte::data);
    if (secondary_main) harts = harts_in(tree);
}

void machine_fault(std::uint64_t cause, std::uint64_t at, std::uint64_t value) {
    using namespace guest;
    put("trap: mcause ");
    put_hex(cause);
    put(" mepc ");
    put_hex(at);
    put(" mtval ");
    put_hex(value);
    put('\n');
    power_off(1);
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
