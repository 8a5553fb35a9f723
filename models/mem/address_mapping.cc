#include "mem/address_mapping.hh"
#include "mem/dram_timing.hh"
#include <bit>
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::mem {
namespace {

constexpr std::array<std::string_view, 6> names{"ro", "ch", "ra", "ba", "bg", "co"};

[[noreturn]] void refuse(std::string_view fields, std::string_view what) {
    // The text is the user's: only its beginning, without control characters.
    std::string shown;
    for (const char c : fields.substr(0, 32)) shown += c >= 0x20 && c < 0x7f ? c : '?';
    throw std::invalid_argument(fmt::format(
        "dram.mapping: \"{}\" {}; expected ro, ch, ra, ba, bg and co, each once, from the top bit down", shown, what));
}

} // namespace

AddressMapping::AddressMapping(std::string_view fields, std::uint32_t channels, std::uint32_t ranks) {
    if (!std::has_single_bit(channels) || !std::has_single_bit(ranks) || ranks > DramGeometry::max_ranks
        || channels > 64)
        throw std::invalid_argument(
            fmt::format("dram.channels={}, dram.ranks={}: expected powers of two, at most {} ranks", channels, ranks,
                        DramGeometry::max_ranks));
    const std::array<std::uint32_t, field_count> values{
        DramGeometry::rows,         channels, ranks, DramGeometry::banks_per_group, DramGeometry::groups,
        DramGeometry::lines_per_row};
    if (fields.size() != 2 * names.size()) refuse(fields, "has not six fields of two letters");
    std::array<bool, field_count> seen{};
    for (std::size_t at = fields.size(); at > 0; at -= 2) {
        const std::string_view name = fields.substr(at - 2, 2);
        std::size_t f = 0;
        while (f < names.size() && names[f] != name) ++f;
        if (f == names.size()) refuse(fields, "has a field that is unknown");
        if (seen[f]) refuse(fields, fmt::format("names {} twice", name));
        seen[f] = true;
        fields_[f] = {top_, values[f] - 1};
        top_ += static_cast<unsigned>(std::countr_zero(values[f]));
    }
}

PhysAddr AddressMapping::encode(const DramAddress& a) const {
    std::uint64_t r = 0;
    const auto put = [&](Field f, std::uint64_t v) { r |= (v & fields_[f].mask) << fields_[f].shift; };
    put(row, a.row);
    put(channel, a.channel);
    put(rank, a.rank);
    put(bank, a.bank);
    put(group, a.group);
    put(column, a.column);
    return PhysAddr{r};
}

} // namespace tollgate::mem
