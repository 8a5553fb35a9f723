/// The console: a 16550 at 0x1000'0000, polled.
#pragma once
#include <cstdint>

namespace guest {

void put(char c);
void put(const char* text);
void put_decimal(std::uint64_t n);
void put_hex(std::uint64_t n); ///< 0x and 16 digits

/// Stops the machine through the finisher at 0x0010'0000: exit code 0, or a failure with this code. Never returns.
[[noreturn]] void power_off(std::uint32_t code);

} // namespace guest
