#include "lib/uart.hh"

namespace guest {

namespace {
constexpr std::uintptr_t uart = 0x1000'0000, line_status = uart + 5;
constexpr std::uint8_t transmitter_empty = 0x20;
constexpr std::uintptr_t finisher = 0x0010'0000;

template <class T> volatile T& device(std::uintptr_t address) { return *reinterpret_cast<volatile T*>(address); }
} // namespace

void put(char c) {
    while (!(device<std::uint8_t>(line_status) & transmitter_empty)) {}
    device<std::uint8_t>(uart) = static_cast<std::uint8_t>(c);
}

void put(const char* text) {
    while (*text) put(*text++);
}

void put_decimal(std::uint64_t n) {
    if (n >= 10) put_decimal(n / 10);
    put(static_cast<char>('0' + n % 10));
}

void put_hex(std::uint64_t n) {
    put("0x");
    for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[(n >> shift) & 15]);
}

void power_off(std::uint32_t code) {
    device<std::uint32_t>(finisher) = code ? 0x3333u | code << 16 : 0x5555u;
    while (true) asm volatile("wfi");
}

} // namespace guest
