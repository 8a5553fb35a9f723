/// What an access to memory or to a device is for; counters keep the kinds apart.
#pragma once
#include <cstdint>

namespace tollgate {

enum class AccessKind : std::uint8_t { fetch, load, store, atomic, walk, prefetch, dma };

} // namespace tollgate
