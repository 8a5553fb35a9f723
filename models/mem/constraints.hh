/// The rules of a DDR4 channel as rows of a table: how many clocks must lie between which commands where.
#pragma once
#include "mem/dram_timing.hh"
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate::mem {

/// Commands on the command bus (JESD79-4C §4.1). The A forms close their row by themselves.
enum class Command : std::uint8_t { act, pre, prea, rd, rda, wr, wra, ref };
inline constexpr unsigned commands = 8;
inline constexpr std::array<std::string_view, commands> command_names{"ACT", "PRE", "PREA", "RD",
                                                                      "RDA", "WR",  "WRA",  "REF"};
constexpr unsigned index(Command c) { return static_cast<unsigned>(c); }
constexpr bool is_read(Command c) { return c == Command::rd || c == Command::rda; }
constexpr bool is_write(Command c) { return c == Command::wr || c == Command::wra; }
constexpr bool is_column(Command c) { return is_read(c) || is_write(c); }
constexpr bool closes_row(Command c) { return c == Command::rda || c == Command::wra || c == Command::pre; }

/// A set of commands, a bit each.
class CommandSet {
  public:
    constexpr CommandSet(std::initializer_list<Command> list) {
        for (const Command c : list) bits_ = static_cast<std::uint8_t>(bits_ | 1u << index(c));
    }
    constexpr bool has(Command c) const { return (bits_ >> index(c) & 1) != 0; }

  private:
    std::uint8_t bits_ = 0;
};

/// What the two commands have in common. A row of `channel` is about two different ranks of it.
enum class Level : std::uint8_t { bank, bank_group, rank, channel };

/// `following` may come `clocks` after the `nth` last of `preceding` at the earliest.
struct Constraint {
    Level level;
    CommandSet preceding;
    CommandSet following;
    std::uint32_t clocks;
    std::uint32_t nth;        ///< 1, but 4 for the window of four activates
    std::string_view rule;    ///< how the clocks come about
    std::string_view section; ///< of the standard; empty for what the board asks for
};

/// All rows for these times. A command for a whole rank (PREA, REF) has all its banks in common with others.
std::vector<Constraint> constraints(const DramTiming& timing);

/// The rows in the form in which a schedule asks for them: clocks by pair of commands and what they share.
struct Gaps {
    using ByPair = std::array<std::array<std::uint32_t, commands>, commands>; // [preceding][following]
    ByPair same_bank{};
    std::array<std::uint32_t, 2> activates{};                             ///< [same bank group]
    std::uint32_t four_activates = 0;                                     ///< window of a rank
    std::array<std::array<std::array<std::uint32_t, 3>, 2>, 2> columns{}; // [preceding, following is write][place]
    std::array<std::uint32_t, commands> before_refresh{}; ///< command to REF, the PREA in between included
    std::uint32_t precharge_to_refresh = 0;               ///< PREA to REF
    std::uint32_t after_refresh = 0;                      ///< REF to ACT
    std::uint32_t longest_activate = 0, longest_column = 0;

    /// The third index of `columns`.
    enum Place : std::uint8_t { same_group, same_rank, other_rank };

    /// Throws std::logic_error for a row that fits in nowhere: no row is ever overlooked.
    explicit Gaps(const std::vector<Constraint>& rows);
};

} // namespace tollgate::mem
