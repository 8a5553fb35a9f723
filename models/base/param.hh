/// A parameter in one line of a described struct: type, name, default, unit, range, kind, witness, text.
/// Command line, TOML, error texts, `params`, `config.toml`, sweep columns and the reference page derive from it.
#pragma once
#include "base/describe.hh"
#include "base/units.hh"
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace tollgate {

/// What a value counts. Types with a unit of their own (Bytes, Picoseconds, Hertz...) must name that one.
enum class Unit : std::uint8_t { none, bytes, cycles, time, hertz, bits_per_second, entries, percent };

/// Who can see a parameter: `visible` to the guest; `timing` moves time only; `host` neither (speed of the simulator).
enum class Kind : std::uint8_t { visible, timing, host };

/// How the witness moves when the parameter grows (for a choice: when it differs from the default).
enum class Moves : std::uint8_t { up, down, changes };

/// The statistic that proves that the parameter is alive: a path in stats.json (for `host`: in host.json), any
/// unambiguous tail will do; `hart.cycles` of the test's own workload is the usual one.
struct Witness {
    std::string_view statistic;
    Moves how = Moves::changes;
};

/// Accepted values, both ends included; `pow2` admits powers of two only.
struct Range {
    std::uint64_t lo = 0, hi = std::numeric_limits<std::uint64_t>::max();
    bool pow2 = false;
    constexpr bool contains(std::uint64_t v) const {
        return v >= lo && v <= hi && (!pow2 || (v != 0 && (v & (v - 1)) == 0));
    }
};

/// The names of an enumeration's values, in order from 0: specialise `names` to make it a parameter type.
template <class E> struct Choice;
template <class E>
concept ChoiceType = std::is_enum_v<E> && requires {
    Choice<E>::names;
};

/// What a parameter may be: bool, std::uint32_t, std::uint64_t, a Quantity, an enumeration with Choice, std::string.
template <class S, class T> struct ParamDesc {
    std::string_view name;
    T S::*member;
    T def;
    Unit unit;
    Range range; ///< of the value's count; ignored for bool, choices and text
    Kind kind;
    Witness witness;
    std::string_view text;
};

} // namespace tollgate

/// TOLLGATE_PARAM(type, name, default, unit, {lo, hi, pow2}, kind, {witness, how}, "Text.")
#define TOLLGATE_PARAM(type, name, init, ...) TOLLGATE_MEMBER(::tollgate::ParamDesc, type, name, init, __VA_ARGS__)
