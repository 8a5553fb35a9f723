/// The Goldfish real-time clock: nanoseconds since 1970, with an alarm.
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::rtc {

/// Reading it latches TIME_HIGH.
struct TimeLow : Reg<"TIME_LOW", 0x00, uint32_t, Access::rw> {};
struct TimeHigh : Reg<"TIME_HIGH", 0x04, uint32_t, Access::rw> {};
/// Writing it arms the alarm at ALARM_HIGH:ALARM_LOW.
struct AlarmLow : Reg<"ALARM_LOW", 0x08, uint32_t, Access::rw> {};
struct AlarmHigh : Reg<"ALARM_HIGH", 0x0c, uint32_t, Access::rw> {};
struct IrqEnabled : Reg<"IRQ_ENABLED", 0x10, uint32_t, Access::rw> {
    using Enable = Field<0, 1>;
};
/// Any write disarms the alarm.
struct ClearAlarm : Reg<"CLEAR_ALARM", 0x14, uint32_t, Access::wo> {};
/// 1 while the alarm is armed.
struct AlarmStatus : Reg<"ALARM_STATUS", 0x18, uint32_t, Access::ro> {};
/// Any write withdraws the interrupt.
struct ClearInterrupt : Reg<"CLEAR_INTERRUPT", 0x1c, uint32_t, Access::wo> {};
using Map = RegMap<TimeLow, TimeHigh, AlarmLow, AlarmHigh, IrqEnabled, ClearAlarm, AlarmStatus, ClearInterrupt>;
static_assert(Map::overlap_free());

inline constexpr unsigned size = 0x1000;

} // namespace tollgate::abi::rtc
