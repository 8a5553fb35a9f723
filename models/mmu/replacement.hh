/// The replacement policies of TLBs.
#pragma once
#include "base/param.hh"
#include "base/replacement.hh"
#include <array>
#include <string_view>

namespace tollgate::mmu {

enum class Replacement : std::uint8_t { lru, tree_plru };

/// Who leaves a full set, from stamps of last use (base/replacement.hh).
template <class StampAt>
constexpr std::uint32_t victim_of(Replacement policy, std::uint32_t ways, const StampAt& stamp_at) {
    return policy == Replacement::lru ? least_recent(ways, stamp_at) : tree_plru_victim(ways, stamp_at);
}

} // namespace tollgate::mmu

template <> struct tollgate::Choice<tollgate::mmu::Replacement> {
    static constexpr std::array<std::string_view, 2> names{"lru", "tree-plru"};
};
