/// Privilege levels as they are encoded in `mstatus.MPP`, `dcsr.prv` and CSR numbers. Freestanding.
#pragma once
#include <stdint.h>

namespace tollgate::abi {

/// Priv §1.2, table 1.1. Encoding 2 is reserved.
enum class Privilege : uint8_t { user = 0, supervisor = 1, machine = 3 };

} // namespace tollgate::abi
