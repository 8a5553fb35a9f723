/// Which channel, rank, bank, row and column an address of a node's memory means.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::mem {

/// A line's place. `bank` counts within its bank group.
struct DramAddress {
    std::uint8_t channel = 0, rank = 0, group = 0, bank = 0;
    std::uint8_t column = 0; ///< in lines
    std::uint32_t row = 0;
    bool operator==(const DramAddress&) const = default;

    /// Number of the bank in its channel.
    constexpr unsigned bank_of_channel() const { return rank * 16u + group * 4u + bank; }
};

/// Fields of an address from the top bit down, each once: `ro` row, `ch` channel, `ra` rank, `ba` bank, `bg` bank
/// group, `co` column. A field of one value only (one channel, one rank) has no bits.
///
///     rochracobabg, 1 channel, 1 rank:   | row 16 | column 7 | bank 2 | bank group 2 | byte of the line 6 |
class AddressMapping {
  public:
    /// Throws std::invalid_argument unless the string names every field once and both numbers are powers of two.
    AddressMapping(std::string_view fields, std::uint32_t channels, std::uint32_t ranks);

    /// Of all channels.
    Bytes capacity() const { return Bytes{std::uint64_t{1} << top_}; }

    /// Addresses count from the node's first byte; bits above the capacity are ignored.
    DramAddress decode(PhysAddr a) const {
        const auto field = [&](Field f) {
            return static_cast<std::uint32_t>(a.value() >> fields_[f].shift) & fields_[f].mask;
        };
        return {.channel = static_cast<std::uint8_t>(field(channel)),
                .rank = static_cast<std::uint8_t>(field(rank)),
                .group = static_cast<std::uint8_t>(field(group)),
                .bank = static_cast<std::uint8_t>(field(bank)),
                .column = static_cast<std::uint8_t>(field(column)),
                .row = field(row)};
    }
    /// The line's first byte.
    PhysAddr encode(const DramAddress& a) const;

  private:
    enum Field : std::uint8_t { row, channel, rank, bank, group, column, field_count };
    struct Bits {
        std::uint32_t shift = 0, mask = 0;
    };
    std::array<Bits, field_count> fields_{};
    unsigned top_ = line_shift;
};

} // namespace tollgate::mem
