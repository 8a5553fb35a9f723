/// Which known name did the user mean?
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::config {

/// Damerau-Levenshtein distance (neighbours swapped count once). Time: product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name with the smallest distance, the first of equals; empty when nothing is known.
std::string nearest(std::string_view name, std::span<const std::string> known);

} // namespace tollgate::config
