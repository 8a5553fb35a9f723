#include "code.hh"
#include "lib/uart.hh"

namespace measure {

namespace {
constexpr std::size_t capacity = 64 << 10;
alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t generated[capacity];
} // namespace

void Code::put16(std::uint16_t instruction) {
    if (here_ + 2 > capacity) guest::power_off(3);
    auto at = reinterpret_cast<volatile std::uint16_t*>(generated + here_);
    *at = instruction;
    here_ += 2;
}

void Code::put(std::uint32_t instruction) {
    put16(static_cast<std::uint16_t>(instruction));
    put16(static_cast<std::uint16_t>(instruction >> 16));
}

void Code::begin() {
    constexpr std::uint32_t add = 0x33;
    put(r_type(add, t6, a0, a1));
    put(r_type(add, t6, a2, a2));
    put(fence);
    put(rdcycle(t5));
}

void Code::linger() {
    for (int i = 0; i < 128; ++i) put(addi(t0, t0, 1));
}

void Code::finish() { asm volatile("fence rw, rw\n fence.i" : : : "memory"); }

std::uint64_t Code::run(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
    auto function = reinterpret_cast<std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t)>(
        reinterpret_cast<std::uintptr_t>(generated));
    return function(a, b, c);
}

std::uint64_t Code::settled(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
    // Twelve calls and no loop: a loop's branch would leave its mark in the predictor that the code is measured with.
    run(a, b, c), run(a, b, c), run(a, b, c), run(a, b, c);
    run(a, b, c), run(a, b, c), run(a, b, c), run(a, b, c);
    run(a, b, c), run(a, b, c), run(a, b, c);
    return run(a, b, c);
}

} // namespace measure
