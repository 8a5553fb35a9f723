/// The registers of virtio over MMIO (virtio 1.2 §4.2.2, table 4.1).
#pragma once
#include "abi/reg.hh"

namespace tollgate::abi::virtio_mmio {

inline constexpr uint32_t magic = 0x7472'6976; ///< "virt"
inline constexpr uint32_t version = 2;         ///< the modern interface
inline constexpr uint32_t no_device = 0;       ///< what DeviceID says of an empty slot

struct MagicValue : Reg<"MagicValue", 0x000, uint32_t, Access::ro, magic> {};
struct Version : Reg<"Version", 0x004, uint32_t, Access::ro, version> {};
struct DeviceId : Reg<"DeviceID", 0x008, uint32_t, Access::ro, no_device> {};
struct VendorId : Reg<"VendorID", 0x00c, uint32_t, Access::ro> {};
struct DeviceFeatures : Reg<"DeviceFeatures", 0x010, uint32_t, Access::ro> {};
struct DeviceFeaturesSel : Reg<"DeviceFeaturesSel", 0x014, uint32_t, Access::wo> {};
struct DriverFeatures : Reg<"DriverFeatures", 0x020, uint32_t, Access::wo> {};
struct DriverFeaturesSel : Reg<"DriverFeaturesSel", 0x024, uint32_t, Access::wo> {};
struct QueueSel : Reg<"QueueSel", 0x030, uint32_t, Access::wo> {};
struct QueueNumMax : Reg<"QueueNumMax", 0x034, uint32_t, Access::ro> {};
struct QueueNum : Reg<"QueueNum", 0x038, uint32_t, Access::wo> {};
struct QueueReady : Reg<"QueueReady", 0x044, uint32_t, Access::rw> {};
struct QueueNotify : Reg<"QueueNotify", 0x050, uint32_t, Access::wo> {};
struct InterruptStatus : Reg<"InterruptStatus", 0x060, uint32_t, Access::ro> {
    using UsedBuffer = Field<0, 1>;
    using ConfigurationChange = Field<1, 1>;
};
struct InterruptAck : Reg<"InterruptACK", 0x064, uint32_t, Access::wo> {};
struct Status : Reg<"Status", 0x070, uint32_t, Access::rw> {
    using Acknowledge = Field<0, 1>;
    using Driver = Field<1, 1>;
    using DriverOk = Field<2, 1>;
    using FeaturesOk = Field<3, 1>;
    using NeedsReset = Field<6, 1>;
    using Failed = Field<7, 1>;
};
struct QueueDescLow : Reg<"QueueDescLow", 0x080, uint32_t, Access::wo> {};
struct QueueDescHigh : Reg<"QueueDescHigh", 0x084, uint32_t, Access::wo> {};
struct QueueDriverLow : Reg<"QueueDriverLow", 0x090, uint32_t, Access::wo> {};
struct QueueDriverHigh : Reg<"QueueDriverHigh", 0x094, uint32_t, Access::wo> {};
struct QueueDeviceLow : Reg<"QueueDeviceLow", 0x0a0, uint32_t, Access::wo> {};
struct QueueDeviceHigh : Reg<"QueueDeviceHigh", 0x0a4, uint32_t, Access::wo> {};
struct ConfigGeneration : Reg<"ConfigGeneration", 0x0fc, uint32_t, Access::ro> {};
using Map = RegMap<MagicValue, Version, DeviceId, VendorId, DeviceFeatures, DeviceFeaturesSel, DriverFeatures,
                   DriverFeaturesSel, QueueSel, QueueNumMax, QueueNum, QueueReady, QueueNotify, InterruptStatus,
                   InterruptAck, Status, QueueDescLow, QueueDescHigh, QueueDriverLow, QueueDriverHigh, QueueDeviceLow,
                   QueueDeviceHigh, ConfigGeneration>;
static_assert(Map::overlap_free());

inline constexpr unsigned config = 0x100; ///< where the device's own configuration begins
inline constexpr unsigned size = 0x1000;

} // namespace tollgate::abi::virtio_mmio
