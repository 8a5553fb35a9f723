/// The registers of a 16550A UART (National Semiconductor, PC16550D §8), one byte each.
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::uart {

struct Rbr : Reg<"RBR", 0, uint8_t, Access::ro> {};
struct Thr : Reg<"THR", 0, uint8_t, Access::wo> {};
struct Ier : Reg<"IER", 1, uint8_t, Access::rw> {
    using Received = Field<0, 1>;
    using TransmitEmpty = Field<1, 1>;
    using LineStatus = Field<2, 1>;
    using ModemStatus = Field<3, 1>;
};
struct Iir : Reg<"IIR", 2, uint8_t, Access::ro, 0x01> {
    using Identity = Field<0, 4>; ///< one of Cause
    using Fifos = Field<6, 2>;    ///< 3 with the FIFOs on
};
struct Fcr : Reg<"FCR", 2, uint8_t, Access::wo> {
    using Enable = Field<0, 1>;
    using ClearReceive = Field<1, 1>;
    using ClearTransmit = Field<2, 1>;
    using Trigger = Field<6, 2>; ///< 1, 4, 8 or 14 characters
};
struct Lcr : Reg<"LCR", 3, uint8_t, Access::rw> {
    using Dlab = Field<7, 1>; ///< offsets 0 and 1 are the divisor
};
struct Mcr : Reg<"MCR", 4, uint8_t, Access::rw> {
    using Dtr = Field<0, 1>;
    using Rts = Field<1, 1>;
    using Out1 = Field<2, 1>;
    using Out2 = Field<3, 1>;
    using Loop = Field<4, 1>;
    using Implemented = Field<0, 5>;
};
struct Lsr : Reg<"LSR", 5, uint8_t, Access::ro, 0x60> {
    using DataReady = Field<0, 1>;
    using Overrun = Field<1, 1>;
    using TransmitHoldingEmpty = Field<5, 1>;
    using TransmitterEmpty = Field<6, 1>;
};
struct Msr : Reg<"MSR", 6, uint8_t, Access::ro, 0xb0> {
    using Deltas = Field<0, 4>;
    using DeltaCts = Field<0, 1>;
    using DeltaDsr = Field<1, 1>;
    using TrailingRi = Field<2, 1>;
    using DeltaDcd = Field<3, 1>;
    using Cts = Field<4, 1>;
    using Dsr = Field<5, 1>;
    using Ri = Field<6, 1>;
    using Dcd = Field<7, 1>;
};
struct Scr : Reg<"SCR", 7, uint8_t, Access::rw> {};
using Map = RegMap<Rbr, Thr, Ier, Iir, Fcr, Lcr, Mcr, Lsr, Msr, Scr>;
static_assert(Map::overlap_free());

/// Seen in place of offsets 0 and 1 while LCR.DLAB is set.
struct Dll : Reg<"DLL", 0, uint8_t, Access::rw, 0x0c> {};
struct Dlm : Reg<"DLM", 1, uint8_t, Access::rw> {};
using DivisorMap = RegMap<Dll, Dlm>;
static_assert(DivisorMap::overlap_free());

/// IIR.Identity, the highest first: PC16550D table IV.
enum Cause : uint8_t {
    line_status = 0x6,
    received = 0x4,
    receive_timeout = 0xc,
    transmit_empty = 0x2,
    modem_status = 0x0,
    no_interrupt = 0x1
};

inline constexpr unsigned fifo_depth = 16;

} // namespace tollgate::abi::uart
