#include "lib/pages.hh"
#include "lib/uart.hh"
#include <cstddef>

extern "C" {
extern std::uint8_t guest_text_end[], guest_end[]; // the linker's
alignas(4096) [[gnu::section(".bss.arena")]] std::uint64_t root_table[512];
}

namespace guest {

namespace {

constexpr std::uint64_t first_byte = 0x8000'0000;
constexpr std::uint64_t device_pages[] = {0x1000'0000, 0x0010'0000, 0x0200'0000}; // UART, finisher, CLINT
constexpr std::uint64_t valid = 1;

alignas(4096) [[gnu::section(".bss.arena")]] std::uint64_t tables[128][512];
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

} // namespace

void map(std::uint64_t virtual_address, std::uint64_t physical_address, Page flags) {
    std::uint64_t* middle = below(root_table[virtual_address >> 30 & 511]);
    std::uint64_t* leaves = below(middle[virtual_address >> 21 & 511]);
    leaves[virtual_address >> 12 & 511] = physical_address >> 12 << 10 | static_cast<std::uint64_t>(flags);
}

void map_identity(std::uint64_t from, std::uint64_t to, Page flags) {
    for (std::uint64_t a = from; a < to; a += page_bytes) map(a, a, flags);
}

void map_machine() {
    for (std::uint64_t& entry : root_table) entry = 0;
    auto text_end = reinterpret_cast<std::uint64_t>(guest_text_end), end = reinterpret_cast<std::uint64_t>(guest_end);
    map_identity(first_byte, text_end, Page::text);
    map_identity(text_end, end, Page::data);
    for (std::uint64_t device : device_pages) map(device, device, Page::data);
}

} // namespace guest
