#include "machine.hh"
#include "lib/device_tree.hh"
#include "lib/pages.hh"
#include "lib/uart.hh"

extern "C" {
extern std::uint64_t root_table[512];
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void secondary_main(std::uint64_t hart);
void enter_supervisor(std::uint64_t argument, void (*where)());
std::uint64_t handle_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t address, std::uint64_t a7);
}

namespace guest {

namespace pte = tollgate::abi::pte;

Traps traps[64];
std::uint64_t harts, farthest;

namespace {

std::uint64_t checksum;

std::uint64_t* leaf(std::uint64_t va) {
    std::uint64_t* table = root_table;
    for (unsigned level = 2;; --level) {
        std::uint64_t& entry = table[va >> tollgate::abi::level_shift(level) & 511];
        if (!(entry & pte::valid) || pte::is_leaf(entry)) return &entry;
        if (level == 0) return &entry;
        table = reinterpret_cast<std::uint64_t*>(pte::ppn(entry) << 12);
    }
}

[[noreturn]] void start() {
    work();
    put("checksum ");
    put_hex(checksum);
    put(" exceptions ");
    put_decimal(traps[0].exceptions);
    put(" harts ");
    put_decimal(harts);
    put('\n');
    power_off(0);
}

[[noreturn]] void start_other(std::uint64_t hart) {
    other_work(hart);
    while (true) asm volatile("wfi");
}

} // namespace

void mix(std::uint64_t value) {
    checksum = (checksum ^ value) * 0x9e37'79b9'7f4a'7c15u;
    checksum ^= checksum >> 29;
}

std::uint64_t paged(std::uint16_t asid) {
    return tollgate::abi::satp::make(tollgate::abi::satp::sv39, asid,
                                     reinterpret_cast<std::uint64_t>(root_table) >> 12);
}

void remap(std::uint64_t va, std::uint64_t pa, Flags flags) { map(va, pa, static_cast<Page>(flags)); }

void map_large(std::uint64_t va, std::uint64_t pa, Flags flags) {
    map(va ^ (2 << 20), pa, Page::data); // makes the table in which the neighbour's entry stands
    const std::uint64_t upper = root_table[va >> tollgate::abi::level_shift(2) & 511];
    reinterpret_cast<std::uint64_t*>(pte::ppn(upper) << 12)[va >> tollgate::abi::level_shift(1) & 511] =
        pte::make(pa >> 12, flags);
}

void ring(std::uint64_t hart) {
    asm volatile("fence" : : : "memory");
    at<std::uint32_t>(clint + 4 * hart) = 1;
}

} // namespace guest

void machine_main(const void* tree, std::uint64_t) {
    using namespace guest;
    harts = harts_in(tree);
    farthest = farthest_in(tree);
    map_machine();
    enter_supervisor(0, start);
    __builtin_unreachable();
}

void secondary_main(std::uint64_t hart) { guest::start_other(hart); }

/// Exceptions: A and D are set where they are missing, `ecall` chooses a mode, everything else is skipped.
std::uint64_t handle_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t address, std::uint64_t a7) {
    using namespace guest;
    const std::uint64_t hart = csr<mhartid>();
    if (cause >> 63) {
        at<std::uint32_t>(clint + 4 * hart) = 0;
        load<std::uint32_t>(clint + 4 * hart); // it is taken back before the way out,
        ++traps[hart].interrupts;              // and before whoever waits for this rings again
        return pc;
    }
    ++traps[hart].exceptions;
    const bool call = cause >= 8 && cause <= 11, page_fault = cause == 12 || cause == 13 || cause == 15;
    if (call) {
        clear_bits<mstatus>(3u << 11);
        set_bits<mstatus>(a7 << 11);
        return pc + 4;
    }
    if (page_fault) {
        std::uint64_t& entry = *leaf(address);
        const std::uint64_t needed = pte::accessed | (cause == 15 ? pte::dirty : 0);
        const std::uint64_t right = cause == 12 ? pte::execute : cause == 13 ? pte::read : pte::write;
        if ((entry & pte::valid) && (entry & right) && (entry & needed) != needed) {
            entry |= needed;
            fence_vma(address);
            return pc;
        }
    }
    if (cause == 12 || cause <= 1) power_off(4); // no way on from where nothing can be fetched
    return pc + ((*reinterpret_cast<const volatile std::uint16_t*>(pc) & 3) == 3 ? 4 : 2);
}
