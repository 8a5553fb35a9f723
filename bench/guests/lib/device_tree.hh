/// The little that guests read of a flattened device tree (Devicetree v0.4 §5). A null or foreign
/// pointer is an empty tree.
#pragma once
#include <cstdint>

namespace guest {

/// CPU nodes in the tree; 1 without a tree.
std::uint64_t harts_in(const void* tree);

/// The largest distance between two nodes (numa-distance-map-v1); 0 without such a map.
std::uint64_t farthest_in(const void* tree);

/// The number N of `NAME=N` in /chosen's bootargs, else `otherwise`.
std::uint64_t boot_argument(const void* tree, const char* name, std::uint64_t otherwise);

} // namespace guest
