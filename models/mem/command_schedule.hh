/// The commands of a channel on the time line, and where the next one may stand.
#pragma once
#include "mem/address_mapping.hh"
#include "mem/blocked_clocks.hh"
#include "mem/command_bus.hh"
#include "mem/constraints.hh"
#include "mem/sorted_window.hh"
#include <array>
#include <limits>
#include <optional>
#include <vector>

namespace tollgate::mem {

/// What a request finds in its bank.
enum class RowState : std::uint8_t { hit, closed, conflict };

/// A bank: its open row, and from when on which command may come.
struct DramBank {
    static constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t row = no_row;
    std::uint32_t last_row = no_row;     ///< of the last access, open or not
    std::uint64_t epoch = 0;             ///< refreshes of the rank before the last command; a later one closes the row
    std::array<Clock, commands> ready{}; ///< by the rows of the bank alone
    Clock free_from = 0;                 ///< behind the last command: banks are served in order
    Clock last_arrival = 0;              ///< of the blocking reads served so far
    std::uint32_t bypassed = 0;          ///< hits that went before an older request since the row was opened
    std::uint8_t locality = 2;           ///< 0 to 3: whether accesses keep to their row; from 2 on a row stays open
};

/// Tells of every command as it is placed, which need not be in order of time. Refreshes are told by nobody: they
/// follow from time.
class CommandListener {
  public:
    virtual ~CommandListener() = default;
    virtual void placed(Command command, const DramAddress& at, Clock clock) = 0;
};

/// Commands are placed at any clock at which no constraint with those before *and after* it is broken, so a request may
/// use the gaps that others left; within a bank they are in order.
///
/// All banks of a rank are precharged and refreshed at fixed times, tREFI apart, one rank after the other; what would
/// hold up a refresh goes behind it. JESD79-4C §4.26 asks for no more than the average.
class CommandSchedule {
  public:
    /// `refresh_interval` 0: no refresh. Throws what Gaps does.
    CommandSchedule(const std::vector<Constraint>& rows, std::uint32_t ranks, Clock refresh_interval);
    CommandSchedule(const CommandSchedule&) = delete;
    CommandSchedule& operator=(const CommandSchedule&) = delete;

    /// The first clock from `from` on at which the command breaks no rule of time. Whether the row is in the right
    /// state is not asked. A few nanoseconds of host time when nothing lies ahead.
    Clock earliest(Command c, const DramAddress& a, Clock from) const;
    /// The same, worked out from the lists of what was placed: slower, and for requests that come so late that the bits
    /// in which earliest() looks are forgotten.
    Clock search(Command c, const DramAddress& a, Clock from) const;
    /// Puts it there: a clock that earliest() gave.
    void place(Command c, const DramAddress& a, Clock at);

    /// What a read finds in its bank, and the clock of its column command.
    struct AloneRead {
        RowState found;
        Clock at;
    };
    /// Places all that a read needs from `from` on, if nothing that is placed is near, nor a refresh: then every
    /// command comes at the first clock that its bank allows. Nothing, and nothing is placed, if something is, or if a
    /// listener wants to be told; earliest() and place() would give the same.
    std::optional<AloneRead> read_alone(Command column, const DramAddress& a, Clock from);

    /// What a request finds that begins at `at`.
    RowState row_state(const DramAddress& a, Clock at) const {
        const DramBank& b = bank(a);
        if (b.row == DramBank::no_row || b.epoch < window(a.rank, at).epoch) return RowState::closed;
        return b.row == a.row ? RowState::hit : RowState::conflict;
    }

    enum class Verdict : std::uint8_t { ready, too_early, wrong_state };
    /// Whether the command could be given at this very clock; changes nothing.
    Verdict probe(Command c, const DramAddress& a, Clock at) const;

    /// Refreshes of a rank up to and including `at`.
    std::uint64_t refreshes(std::uint32_t rank, Clock at) const { return window(rank, at).epoch; }
    /// The next one behind `at`.
    Clock next_refresh(std::uint32_t rank, Clock at) const { return window(rank, at).end; }
    Clock next_refresh(Clock at) const;

    DramBank& bank(const DramAddress& a) { return banks_[a.bank_of_channel()]; }
    const DramBank& bank(const DramAddress& a) const { return banks_[a.bank_of_channel()]; }
    const DramBank& bank(unsigned of_channel) const { return banks_[of_channel]; }
    const Gaps& gaps() const { return gaps_; }
    std::uint32_t gap(Command preceding, Command following) const {
        return gaps_.same_bank[index(preceding)][index(following)];
    }
    /// Changes of direction on the data bus so far; a command put between two others may add two.
    std::uint64_t turn_arounds() const { return turn_arounds_; }
    void set_listener(CommandListener* listener) { listener_ = listener; }

  private:
    /// The time between two refreshes of a rank.
    struct Window {
        std::uint64_t epoch = 0;
        Clock begin = 0, end = 0;
        Clock open = 0; ///< the refresh that begins it is over
    };
    struct Activate {
        Clock at = 0;
        std::uint8_t group = 0;
    };
    struct Column {
        Clock at = 0;
        std::uint8_t rank = 0, group = 0;
        bool write = false;
    };

    const Window& window(std::uint32_t rank, Clock at) const {
        const Window& w = windows_[rank];
        return at >= w.begin && at < w.end ? w : find_window(rank, at);
    }
    const Window& find_window(std::uint32_t rank, Clock at) const;
    Clock outside_refresh(Command c, std::uint32_t rank, Clock t) const;
    bool bus_is_for_refresh(Clock t) const;
    void make_patterns();
    /// A command stands at `at` behind all that the others block, and blocks by that pattern itself.
    void keep_alone(Clock at, const BlockedClocks::Pattern& pattern);
    void take_bus(Clock at) {
        bus_.take(at);
        bus_free_ = std::max(bus_free_, at + 1);
    }
    /// Those in the bank that must wait for the command.
    void hold_up(DramBank& b, Command c, Clock at) const {
        const Followers& after = followers_[index(c)];
        for (std::uint32_t i = 0; i < after.count; ++i) {
            Clock& ready = b.ready[after.list[i].command];
            ready = std::max(ready, at + after.list[i].gap);
        }
    }
    void place_activate(const DramAddress& a, Clock at);
    void place_column(bool write, const DramAddress& a, Clock at);
    void block_four(std::uint32_t rank, const Activate* placed);
    void enter_alone() const;
    Clock fit_activate(const DramAddress& a, Clock t) const;
    bool fits_four(std::uint32_t rank, std::ptrdiff_t behind, Clock t) const;
    Clock fit_column(bool write, const DramAddress& a, Clock t) const;
    Clock fit_bus(Clock t) const;

    /// Classes of commands that the same clocks are blocked for; none ever are for the first.
    enum class Class : std::uint8_t { precharge, activate, read, write };
    static constexpr std::uint32_t class_count = 4;
    static constexpr Class class_of(Command c) {
        return c == Command::act ? Class::activate
               : is_read(c)      ? Class::read
               : is_write(c)     ? Class::write
                                 : Class::precharge;
    }
    std::uint32_t number_of(Class c, std::uint32_t rank, std::uint32_t group) const {
        return (static_cast<std::uint32_t>(c) * ranks_ + rank) * DramGeometry::groups + group;
    }
    struct Follower {
        std::uint8_t command = 0;
        std::uint32_t gap = 0;
    };
    struct Followers {
        std::array<Follower, commands> list{};
        std::uint32_t count = 0;
    };

    Gaps gaps_;
    std::array<Followers, commands> followers_; ///< of each command in its bank, those that must wait for it
    std::uint32_t ranks_;
    Clock refresh_interval_; ///< 0: none
    bool may_meet_refresh_;  ///< a slot of the bus that a command may want can be a refresh's
    std::array<DramBank, DramGeometry::max_ranks * DramGeometry::banks> banks_{};
    std::array<SortedWindow<Activate, 256>, DramGeometry::max_ranks> activates_{};
    SortedWindow<Column, 512> columns_;
    CommandBus bus_;
    mutable BlockedClocks blocked_;
    std::vector<BlockedClocks::Pattern> around_activate_; // [bank group of the channel]
    std::vector<BlockedClocks::Pattern> around_column_;   // [bank group of the channel][is a write]
    // A channel with little to do: commands behind all that the others block are seen by a comparison. The bits that
    // they block are entered when somebody looks there, in their order; those that nobody did are left to search().
    struct Alone {
        Clock at = 0;
        const BlockedClocks::Pattern* around = nullptr;
    };
    static constexpr std::uint32_t alone_kept = 64;
    mutable std::array<Alone, alone_kept> alone_{}; ///< a ring
    mutable std::uint32_t alone_first_ = 0, alone_end_ = 0;
    Clock bits_from_ = 0;                    ///< what was blocked before is not in blocked_
    Clock bus_free_ = 0;                     ///< no command stands here or later
    std::array<Clock, class_count> quiet_{}; ///< by class: nothing is blocked here or later
    /// By class and rank: what stood before that is forgotten.
    std::array<std::array<Clock, DramGeometry::max_ranks>, class_count> floors_{};
    mutable std::array<Window, DramGeometry::max_ranks> windows_{}; ///< the last one asked for of each rank
    std::uint64_t turn_arounds_ = 0;
    CommandListener* listener_ = nullptr;
};

} // namespace tollgate::mem
