/// Where everything stands: the map of QEMU's `virt` machine, a row a device.
#pragma once
#include "abi/clint_regs.hh"
#include "abi/finisher_regs.hh"
#include "abi/plic_regs.hh"
#include "abi/rtc_regs.hh"
#include "abi/uart_regs.hh"
#include "abi/virtio_mmio_regs.hh"
#include "base/address.hh"
#include "base/units.hh"
#include <array>
#include <string_view>

namespace tollgate::machine {

/// One device's place. Slots of one kind follow each other at `base + n * size`, their interrupts count up.
struct Place {
    std::string_view name;
    PhysAddr base;
    Bytes size;
    unsigned interrupt = 0; ///< its source at the PLIC; 0: none
    unsigned count = 1;

    constexpr PhysAddr at(unsigned n = 0) const { return base + n * size.count(); }
};

namespace map {
inline constexpr Place rom{"rom", PhysAddr{0x1000}, Bytes{0xf000}};
inline constexpr Place finisher{"finisher", PhysAddr{0x10'0000}, Bytes{abi::finisher::size}};
inline constexpr Place rtc{"rtc", PhysAddr{0x10'1000}, Bytes{abi::rtc::size}, 11};
inline constexpr Place clint{"clint", PhysAddr{0x200'0000}, Bytes{abi::clint::size}};
inline constexpr Place sswi{"sswi", PhysAddr{0x2f0'0000}, Bytes{abi::clint::sswi_size}};
inline constexpr Place plic{"plic", PhysAddr{0xc00'0000}, Bytes{abi::plic::size}};
inline constexpr Place uart{"uart", PhysAddr{0x1000'0000}, Bytes{0x100}, 10};
inline constexpr Place virtio{"virtio", PhysAddr{0x1000'1000}, Bytes{abi::virtio_mmio::size}, 1, 8};
/// The nodes' banks, one after the other; how large they are is the machine's to say.
inline constexpr PhysAddr memory{0x8000'0000};

inline constexpr std::array devices{rom, finisher, rtc, clint, sswi, plic, uart, virtio};
} // namespace map

/// No two places overlap, none reaches into memory, no two share an interrupt.
constexpr bool map_is_sound() {
    for (const Place& a : map::devices) {
        if (a.at(a.count) > map::memory) return false;
        for (const Place& b : map::devices) {
            if (a.name == b.name) continue;
            if (a.base < b.at(b.count) && b.base < a.at(a.count)) return false;
            if (a.interrupt != 0 && b.interrupt != 0 && a.interrupt < b.interrupt + b.count
                && b.interrupt < a.interrupt + a.count)
                return false;
        }
    }
    return true;
}
static_assert(map_is_sound());

} // namespace tollgate::machine
