/// Values and their units as text: the same on the command line, in TOML files and in what is printed.
///
/// Arithmetic is exact: `1.5GHz` is 1'500'000'000 Hz, and `0.3ps` is refused instead of rounded. Cycles, entries and
/// plain numbers are written bare (their unit's word may follow); everything else needs its unit.
#pragma once
#include "base/param.hh"
#include "config/error.hh"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace tollgate::config {

/// A value of any parameter: its count in the base unit (B, Hz, ps, b/s; bool 0 or 1; a choice's index), or text.
using Value = std::variant<std::uint64_t, std::string>;

enum class Form : std::uint8_t { boolean, number, choice, text };

/// Everything needed to read and print one parameter's values.
struct ValueType {
    Form form = Form::number;
    Unit unit = Unit::none;
    Range range{};                             ///< of a number's count
    std::span<const std::string_view> names{}; ///< of a choice, in order from 0
};

/// Reads a value. Throws BadValue or OutOfRange, with a message that says what was expected but not where.
Value parse_value(const ValueType& type, std::string_view text);

/// The canonical text: the largest unit in which the value is short and exact; parse_value() gives the same value back.
std::string print_value(const ValueType& type, const Value& value);

/// "1KiB to 64MiB, a power of two", "true or false", "open, closed or adaptive"; empty for any text.
std::string print_range(const ValueType& type);

/// The unit's word for tables: "B", "Hz", "cycles", ...; empty for what has none.
std::string_view unit_name(Unit unit);

/// The type's word for tables: "bool", "number", "size", "frequency", "time", "rate", "choice", "text".
std::string_view type_name(const ValueType& type);

/// Whether a number of this unit is written bare.
constexpr bool is_bare(Unit unit) { return unit == Unit::none || unit == Unit::cycles || unit == Unit::entries; }

namespace detail {
template <class T> struct QuantityOf;
template <class U> struct QuantityOf<Quantity<U>> {};
template <class T>
concept QuantityType = requires {
    sizeof(QuantityOf<T>);
};
} // namespace detail

/// A descriptor's value type, without C++ types.
template <class S, class T> ValueType value_type(const ParamDesc<S, T>& d) {
    ValueType r{Form::number, d.unit, d.range, {}};
    if constexpr (std::is_same_v<T, bool>) {
        r.form = Form::boolean;
        r.range = {0, 1};
    } else if constexpr (std::is_same_v<T, std::string>) {
        r.form = Form::text;
    } else if constexpr (ChoiceType<T>) {
        r.form = Form::choice;
        r.names = std::span<const std::string_view>{Choice<T>::names};
        r.range = {0, r.names.size() - 1};
    } else {
        static_assert(detail::QuantityType<T> || std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::uint64_t>,
                      "a parameter is a bool, std::uint32_t, std::uint64_t, Quantity, Choice or std::string");
        if constexpr (std::is_same_v<T, std::uint32_t>) {
            constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
            if (r.range.hi > most) r.range.hi = most;
        }
    }
    return r;
}

/// The border between typed members and Value.
template <class T> Value to_value(const T& v) {
    if constexpr (detail::QuantityType<T>)
        return Value{v.count()};
    else if constexpr (std::is_same_v<T, std::string>)
        return Value{v};
    else
        return Value{static_cast<std::uint64_t>(v)};
}
template <class T> T from_value(const Value& v) {
    if constexpr (std::is_same_v<T, std::string>)
        return std::get<std::string>(v);
    else if constexpr (std::is_same_v<T, bool>)
        return std::get<std::uint64_t>(v) != 0;
    else
        return static_cast<T>(std::get<std::uint64_t>(v));
}

} // namespace tollgate::config
