/// Choices of a cache: who leaves a full set, and what is fetched ahead.
#pragma once
#include "base/param.hh"
#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::cache {

enum class Replacement : std::uint8_t { lru, tree_plru, random, srrip };
enum class Prefetch : std::uint8_t { none, next_line, stride };

} // namespace tollgate::cache

template <> struct tollgate::Choice<tollgate::cache::Replacement> {
    static constexpr std::array<std::string_view, 4> names{"lru", "tree-plru", "random", "srrip"};
};
template <> struct tollgate::Choice<tollgate::cache::Prefetch> {
    static constexpr std::array<std::string_view, 3> names{"none", "next-line", "stride"};
};
