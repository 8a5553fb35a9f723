// What a hart sees of a device's writes and a device of a hart's, with and without cache-block operations, and what
// those cost. One hart works, in machine mode; the others sleep.
#include "lib/uart.hh"

namespace {

using guest::power_off;
using guest::put;
using guest::put_decimal;

std::uint64_t cycle() {
    std::uint64_t n;
    asm volatile("rdcycle %0" : "=r"(n) : : "memory");
    return n;
}
void wait_until(std::uint64_t t) {
    while (cycle() < t) {}
}
/// CMO §2.7; the numbers say which operation.
template <int operation> void block(volatile void* line) {
    asm volatile(".insn i 0x0f, 2, x0, %0, %1\n\tfence" : : "r"(line), "i"(operation) : "memory");
}
constexpr int inval = 0, clean = 1, flush = 2, zero = 4;

volatile std::uint64_t& word(std::uint64_t offset) {
    return *reinterpret_cast<volatile std::uint64_t*>(0x8040'0000 + offset);
}

void say(const char* what, std::uint64_t n) {
    put(what);
    put(' ');
    put_decimal(n);
    put('\n');
}

[[maybe_unused]] void poll() {
    while (word(0) == 0) {}
    const std::uint64_t seen = cycle();
    say("data", word(64));
    say("seen", seen);
}

/// The device writes word(0) at 20 us and reads word(64) at 30 us and 60 us.
[[maybe_unused]] void exchange() {
    const std::uint64_t before = word(0);
    word(64) = 0x2222;
    wait_until(40'000);
    const std::uint64_t kept = word(0);
    block<inval>(&word(0));
    const std::uint64_t invalidated = word(0);
    block<clean>(&word(64));
    const std::uint64_t own = word(64);
    wait_until(80'000);
    say("before", before);
    say("kept", kept);
    say("invalidated", invalidated);
    say("own", own);
}

std::uint64_t time_of(void (*operation)(volatile void*), volatile void* line) {
    asm volatile("fence");
    const std::uint64_t from = cycle();
    operation(line);
    return cycle() - from;
}
[[maybe_unused]] void cost() {
    const auto times = [](const char* what, void (*operation)(volatile void*), std::uint64_t at) {
        operation(&word(at + 4096)); // its code is here, and the page's translation
        word(at) = 1;
        say(what, time_of(operation, &word(at)));
        say("again", time_of(operation, &word(at)));
    };
    times("clean", block<clean>, 0);
    times("flush", block<flush>, 64);
    times("inval", block<inval>, 128);
    times("zero", block<zero>, 192);
}

} // namespace

extern "C" [[noreturn]] void machine_main() {
    WORK();
    power_off(0);
}
extern "C" [[noreturn]] void machine_fault() { power_off(99); }
extern "C" [[noreturn]] void enter_supervisor() { power_off(98); } // nobody is rung
