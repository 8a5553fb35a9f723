// What a driver in the firmware does with the register maps: compiled by the cross compiler, never run.
#include "abi/clint_regs.hh"
#include "abi/finisher_regs.hh"
#include "abi/plic_regs.hh"
#include "abi/rtc_regs.hh"
#include "abi/uart_regs.hh"
#include "abi/virtio_mmio_regs.hh"

using namespace tollgate::abi;

void print(Mmio<uart::Map> line, uint8_t c) {
    while (!uart::Lsr::TransmitHoldingEmpty::get(line.read<uart::Lsr>())) {}
    line.write<uart::Thr>(c);
}
uint32_t claim(Mmio<plic::Map> controller, unsigned context) { return controller.read<plic::Claim>(context); }
void arm(Mmio<clint::Map> timer, unsigned hart, uint64_t ticks) {
    timer.write<clint::Mtimecmp>(timer.read<clint::Mtime>() + ticks, hart);
}
[[noreturn]] void fail(Mmio<finisher::Map> test, uint32_t code) {
    test.write<finisher::Finish>(finisher::Finish::Command::set(finisher::fail) | finisher::Finish::Code::set(code));
    for (;;) {}
}
uint64_t now(Mmio<rtc::Map> clock) {
    const uint64_t low = clock.read<rtc::TimeLow>();
    return low | uint64_t{clock.read<rtc::TimeHigh>()} << 32;
}
bool empty(Mmio<virtio_mmio::Map> slot) { return slot.read<virtio_mmio::DeviceId>() == virtio_mmio::no_device; }
