/// Codes of `mcause` and `scause`. Freestanding.
#pragma once
#include <stdint.h>

namespace tollgate::abi {

/// Priv §3.1.15, table 3.6: synchronous exceptions (the top bit of `mcause` is clear).
enum class Exception : uint8_t {
    fetch_misaligned = 0,
    fetch_access_fault = 1,
    illegal_instruction = 2,
    breakpoint = 3,
    load_misaligned = 4,
    load_access_fault = 5,
    store_misaligned = 6, ///< also AMO, as all with `store`
    store_access_fault = 7,
    ecall_user = 8,
    ecall_supervisor = 9,
    ecall_machine = 11,
    fetch_page_fault = 12,
    load_page_fault = 13,
    store_page_fault = 15,
};

/// Priv §3.1.15, table 3.6: interrupts (the top bit of `mcause` is set); also the bit numbers in `mip` and `mie`.
enum class Interrupt : uint8_t {
    supervisor_software = 1,
    machine_software = 3,
    supervisor_timer = 5,
    machine_timer = 7,
    supervisor_external = 9,
    machine_external = 11,
};

inline constexpr uint64_t cause_interrupt_bit = 1ull << 63; ///< Priv §3.1.15: set in `mcause` for interrupts

} // namespace tollgate::abi
