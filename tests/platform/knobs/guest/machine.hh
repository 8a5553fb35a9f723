/// What the guests of these tests stand on: privilege, traps, page tables, devices, all harts, and a checksum.
///
/// Nothing here depends on time: a console is the same under every timing parameter.
#pragma once
#include "abi/page_table.hh"
#include <cstddef>
#include <cstdint>

namespace guest {

inline constexpr std::uint64_t rom = 0x1000, finisher = 0x10'0000, rtc = 0x10'1000, clint = 0x200'0000,
                               sswi = 0x2f0'0000, plic = 0xc00'0000, uart = 0x1000'0000, virtio = 0x1000'1000;

template <class T> volatile T& at(std::uint64_t address) { return *reinterpret_cast<volatile T*>(address); }
template <class T> T load(std::uint64_t address) { return at<T>(address); }

enum class Mode : std::uint64_t { user = 0, supervisor = 1, machine = 3 };
/// Goes on in this mode (`ecall`; a7 says which).
inline void go_to(Mode mode) {
    register std::uint64_t a7 asm("a7") = static_cast<std::uint64_t>(mode);
    asm volatile("ecall" : : "r"(a7) : "memory");
}

template <unsigned number> std::uint64_t csr() {
    std::uint64_t v;
    asm volatile("csrr %0, %1" : "=r"(v) : "i"(number) : "memory");
    return v;
}
template <unsigned number> void set_csr(std::uint64_t v) {
    asm volatile("csrw %0, %1" : : "i"(number), "r"(v) : "memory");
}
template <unsigned number> void set_bits(std::uint64_t v) {
    asm volatile("csrs %0, %1" : : "i"(number), "r"(v) : "memory");
}
template <unsigned number> void clear_bits(std::uint64_t v) {
    asm volatile("csrc %0, %1" : : "i"(number), "r"(v) : "memory");
}
inline constexpr unsigned mstatus = 0x300, mie = 0x304, menvcfg = 0x30a, mip = 0x344, pmpcfg0 = 0x3a0, pmpaddr0 = 0x3b0,
                          satp = 0x180, mhartid = 0xf14;

inline void fence_vma() { asm volatile("sfence.vma" : : : "memory"); }
inline void fence_vma(std::uint64_t va) { asm volatile("sfence.vma %0" : : "r"(va) : "memory"); }
inline void fence_vma(std::uint64_t va, std::uint64_t asid) {
    asm volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}
inline void fence_asid(std::uint64_t asid) { asm volatile("sfence.vma x0, %0" : : "r"(asid) : "memory"); }

/// A satp for root_table.
std::uint64_t paged(std::uint16_t asid);

/// Virtual addresses for the tests' own pages; in every other place addresses are physical.
inline constexpr std::uint64_t window = 0x10'0000'0000;
using Flags = std::uint64_t;
inline constexpr Flags plain = 0xc7, code = 0xcb, writable_code = 0xcf, untouched = 0x07, read_only = 0x43, nothing = 0;
/// Maps one page of `window`, its tables are there already; the caller fences.
void remap(std::uint64_t va, std::uint64_t pa, Flags flags);
/// Maps one page of 2 MiB. No smaller page is mapped there.
void map_large(std::uint64_t va, std::uint64_t pa, Flags flags);

/// Exceptions so far, of a hart; and interrupts.
struct alignas(64) Traps {
    std::uint64_t exceptions, interrupts;
};
extern Traps traps[64];

struct Random {
    std::uint64_t state = 88'172'645'463'325'252u;
    std::uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    }
};

/// The checksum of hart 0; harts add up what is the same in every order.
void mix(std::uint64_t value);

/// Harts of the machine; the distance of the node that is farthest from another one.
extern std::uint64_t harts, farthest;
/// Each guest's own: by hart 0 in machine mode, and by every other hart once hart 0 has rung it.
void work();
void other_work(std::uint64_t hart);
void ring(std::uint64_t hart);

} // namespace guest
