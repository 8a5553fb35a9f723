/// What the guests share: one frame for all (start in machine mode, Sv39 with 4 KiB pages, region of interest, one line
/// of report, power off) around a work of their own.
#pragma once
#include <cstddef>
#include <cstdint>

namespace guest {

/// The work of a guest: prepared before the region of interest, run within it. Names and sizes as the guest declares
/// them.
struct Work {
    const char* name;
    std::uint64_t rounds;                ///< unless the boot arguments say `rounds=N`
    void (*prepare)();                   ///< in supervisor mode, before the region of interest
    std::uint64_t (*run)(std::uint64_t); ///< rounds in, checksum out
};
extern const Work work; ///< each guest defines it

/// Harts that take part: 1, or all of the device tree's in a guest that has a `secondary_main`.
extern std::uint64_t harts;
/// Rounds of this run. Written before any other hart wakes.
extern std::uint64_t rounds;

/// Starts `secondary_main` on all other harts.
void wake_others();

/// Ends the region of interest, prints the one line of report that every guest ends with, then stops the machine with
/// exit code 0: checksum, instructions of the region of interest, all since the first one (by this hart's counter),
/// harts. Never returns.
[[noreturn]] void finish(std::uint64_t checksum, std::uint64_t instructions);

/// Region of interest: HINTs that the machine reads and any other ignores.
inline void region_begin(std::uint64_t value) { asm volatile("slti x0, %0, 0" : : "r"(value) : "memory"); }
inline void region_end(std::uint64_t value) { asm volatile("sltiu x0, %0, 0" : : "r"(value) : "memory"); }

/// Instructions that this hart retired (`Unpriv §10.1`).
inline std::uint64_t instructions_retired() {
    std::uint64_t n;
    asm volatile("rdinstret %0" : "=r"(n) : : "memory");
    return n;
}

} // namespace guest
