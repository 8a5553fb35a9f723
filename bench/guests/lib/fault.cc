// No trap is expected: the first one is printed and ends the machine.
#include "lib/uart.hh"

extern "C" [[noreturn]] void machine_fault(std::uint64_t cause, std::uint64_t at, std::uint64_t value);

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
