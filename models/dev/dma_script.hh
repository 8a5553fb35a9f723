/// What a bus master does of its own accord: single transfers at given times, and open loads. Plain data, and the class
/// that puts them in order of time.
#pragma once
#include "base/address.hh"
#include "base/param.hh"
#include "base/random.hh"
#include "base/units.hh"
#include <cstddef>
#include <optional>
#include <vector>

namespace tollgate::dev {

using namespace literals;

/// One transfer.
struct ScriptedTransfer {
    Picoseconds at{};
    PhysAddr address;
    bool write = false;
    std::uint32_t bytes = line_bytes;
    /// Of a write: what is written; empty: the number of the write in each 8 bytes. Of a read: what is expected; empty:
    /// anything. Else as long as `bytes`.
    std::vector<std::byte> data;
};

/// When the requests of an open load arrive.
enum class Arrivals : std::uint8_t {
    fixed,   ///< one an interval
    poisson, ///< at random, on average one an interval
};

/// Requests that arrive whether or not earlier ones are through.
struct ScriptedLoad {
    Picoseconds from{};
    Picoseconds to{~0ull}; ///< none from then on
    PhysAddr base;
    Bytes size; ///< of the memory that it touches: aligned pieces of it at random
    Picoseconds interval = 100_ns;
    Arrivals arrivals = Arrivals::fixed;
    std::uint32_t reads = 1, writes = 0; ///< of so many together, at random
    std::uint32_t bytes = line_bytes;
    std::uint64_t seed = 1;
};

struct DmaScript {
    std::uint32_t node = 0;                  ///< where the bus master stands
    std::uint32_t outstanding = 64;          ///< transfers under way at once; later ones wait
    std::vector<ScriptedTransfer> transfers; // in order of time
    std::vector<ScriptedLoad> loads;
};

/// The transfers of a script in order of time; at the same time those of the list first, then the loads in their order.
/// Needs the same memory for a load of any length.
class ScriptPlayer {
  public:
    explicit ScriptPlayer(DmaScript script);

    /// When the next transfer is due; nothing at the end.
    std::optional<Picoseconds> next() const;
    /// Takes the next one, which there must be. Of a write without data, the data are made.
    ScriptedTransfer take();

  private:
    struct Load {
        ScriptedLoad of;
        Random random;
        Picoseconds at;
    };
    static void advance(Load& load);
    static bool due(const Load& load) { return load.at < load.of.to; }

    std::vector<ScriptedTransfer> transfers_;
    std::size_t done_ = 0; ///< of these
    std::vector<Load> loads_;
    std::uint64_t writes_ = 0; ///< numbered, of all
};

} // namespace tollgate::dev

template <> struct tollgate::Choice<tollgate::dev::Arrivals> {
    static constexpr std::string_view names[] = {"fixed", "poisson"};
};
