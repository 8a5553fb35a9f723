#include "config/values.hh"
#include <fmt/format.h>
#include <optional>
#include <vector>

namespace tollgate::config {
namespace {

__extension__ using Wide = unsigned __int128;

/// One spelling of a unit and how many base units it is.
struct Scale {
    std::string_view symbol;
    std::uint64_t factor;
};

/// A unit's spellings: the canonical ones from small to large, then those that are only read.
struct Dimension {
    std::string_view noun;    ///< for errors
    std::string_view example; ///< for errors
    std::span<const Scale> scales;
    std::span<const Scale> also_read;
    bool decimal; ///< fractions such as 1.5 are printed
};

constexpr Scale byte_scales[] = {
    {"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}};
constexpr Scale time_scales[] = {
    {"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}};
constexpr Scale hertz_scales[] = {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}};
constexpr Scale rate_scales[] = {
    {"b/s", 1}, {"kb/s", 1'000}, {"Mb/s", 1'000'000}, {"Gb/s", 1'000'000'000}, {"Tb/s", 1'000'000'000'000}};
constexpr Scale rate_also[] = {{"B/s", 8}, {"kB/s", 8'000}, {"MB/s", 8'000'000}, {"GB/s", 8'000'000'000}};
constexpr Scale percent_scales[] = {{"%", 1}};
constexpr Scale cycle_words[] = {{"", 1}, {"cycles", 1}, {"cycle", 1}};
constexpr Scale entry_words[] = {{"", 1}, {"entries", 1}, {"entry", 1}};
constexpr Scale no_words[] = {{"", 1}};

const Dimension& dimension(Unit unit) {
    static constexpr Dimension none{"a whole number", "16", no_words, {}, false};
    static constexpr Dimension bytes{"a size with its unit", "32KiB", byte_scales, {}, false};
    static constexpr Dimension cycles{"a whole number of cycles", "9", cycle_words, {}, false};
    static constexpr Dimension time{"a time with its unit", "80ns", time_scales, {}, true};
    static constexpr Dimension hertz{"a frequency with its unit", "2GHz", hertz_scales, {}, true};
    static constexpr Dimension rate{"a rate with its unit", "25Gb/s", rate_scales, rate_also, true};
    static constexpr Dimension entries{"a whole number of entries", "64", entry_words, {}, false};
    static constexpr Dimension percent{"a whole percentage", "50%", percent_scales, {}, false};
    switch (unit) {
    case Unit::none: return none;
    case Unit::bytes: return bytes;
    case Unit::cycles: return cycles;
    case Unit::time: return time;
    case Unit::hertz: return hertz;
    case Unit::bits_per_second: return rate;
    case Unit::entries: return entries;
    case Unit::percent: return percent;
    }
    return none;
}

std::string_view trim(std::string_view s) {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return s;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// digits.digits read as an integer over a power of ten; nothing on overflow or other characters.
struct Decimal {
    Wide mantissa = 0;
    Wide divisor = 1;
};

std::optional<Decimal> read_decimal(std::string_view s) {
    constexpr Wide most = ~Wide{0} / 100;
    Decimal d;
    bool point = false, digits = false;
    for (const char c : s) {
        if (c == '.' && !point && digits) {
            point = true;
            digits = false;
            continue;
        }
        if (!is_digit(c) || d.mantissa > most || d.divisor > most) return {};
        digits = true;
        d.mantissa = d.mantissa * 10 + static_cast<unsigned>(c - '0');
        if (point) d.divisor *= 10;
    }
    return digits ? std::optional{d} : std::nullopt;
}

std::optional<std::uint64_t> read_hex(std::string_view s) {
    if (s.size() < 3 || s.size() > 18 || s[0] != '0' || (s[1] != 'x' && s[1] != 'X')) return {};
    std::uint64_t v = 0;
    for (const char c : s.substr(2)) {
        const int digit = is_digit(c)            ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return {};
        v = v << 4 | static_cast<unsigned>(digit);
    }
    return v;
}

std::string list(std::span<const std::string> words) {
    std::string r;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) r += i + 1 == words.size() ? " or " : ", ";
        r += words[i];
    }
    return r;
}

[[noreturn]] void refuse(const Dimension& d, std::string_view text) {
    std::vector<std::string> units;
    for (const Scale& s : d.scales)
        if (!s.symbol.empty()) units.emplace_back(s.symbol);
    const bool bare = d.scales.front().symbol.empty();
    throw BadValue(fmt::format("{} is not {}; expected {} such as {}", quoted(text), d.noun,
                               bare ? "digits" : "a number with " + list(units) + ",", d.example));
}

std::uint64_t parse_number(const ValueType& type, std::string_view text) {
    const Dimension& d = dimension(type.unit);
    const std::string_view t = trim(text);
    if (is_bare(type.unit))
        if (const auto v = read_hex(t)) return *v;
    std::size_t end = 0;
    while (end < t.size() && (is_digit(t[end]) || t[end] == '.')) ++end;
    const auto number = read_decimal(t.substr(0, end));
    const std::string_view symbol = trim(t.substr(end));
    const Scale* scale = nullptr;
    for (const auto scales : {d.scales, d.also_read})
        for (const Scale& s : scales)
            if (s.symbol == symbol) scale = &s;
    if (!number || scale == nullptr) refuse(d, text);
    // At most 2^121 x 2^40 would overflow; beyond 2^64 base units nothing is in range anyway.
    const Wide limit = ~Wide{0} / scale->factor;
    const Wide scaled = number->mantissa <= limit ? number->mantissa * scale->factor : 0;
    const bool too_large = number->mantissa > limit || scaled / number->divisor > ~std::uint64_t{0};
    if (too_large) throw OutOfRange(fmt::format("{} is out of range; expected {}", quoted(text), print_range(type)));
    if (scaled % number->divisor != 0)
        throw BadValue(fmt::format("{} is not a whole number of {}", quoted(text),
                                   unit_name(type.unit).empty() ? "units" : unit_name(type.unit)));
    return static_cast<std::uint64_t>(scaled / number->divisor);
}

std::string print_number(Unit unit, std::uint64_t v) {
    const Dimension& d = dimension(unit);
    if (is_bare(unit)) return std::to_string(v);
    for (auto s = d.scales.rbegin(); s != d.scales.rend(); ++s) {
        if (v < s->factor) continue;
        if (v % s->factor == 0) return fmt::format("{}{}", v / s->factor, s->symbol);
        // Up to three digits behind the point: 1.333GHz stays readable, 1333333333Hz stays exact.
        if (d.decimal && v / s->factor < 1000 && v % (s->factor / 1000) == 0) {
            std::string digits = fmt::format("{:03}", v % s->factor / (s->factor / 1000));
            while (digits.back() == '0') digits.pop_back();
            return fmt::format("{}.{}{}", v / s->factor, digits, s->symbol);
        }
    }
    return fmt::format("{}{}", v, d.scales.front().symbol);
}

/// Well-formed UTF-8 without control characters: what a TOML file and a table can hold.
bool is_text(std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
        const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(s[k]); };
        const unsigned c = byte(i);
        const std::size_t n = c < 0x80                ? 1
                              : c >= 0xc2 && c < 0xe0 ? 2
                              : c >= 0xe0 && c < 0xf0 ? 3
                              : c >= 0xf0 && c < 0xf5 ? 4
                                                      : 0;
        if (n == 0 || i + n > s.size() || c < 0x20 || c == 0x7f) return false;
        for (std::size_t k = 1; k < n; ++k)
            if ((byte(i + k) & 0xc0) != 0x80) return false;
        const unsigned second = n > 2 ? byte(i + 1) : 0x80;
        const bool overlong = (c == 0xe0 && second < 0xa0) || (c == 0xf0 && second < 0x90);
        const bool surrogate_or_beyond = (c == 0xed && second >= 0xa0) || (c == 0xf4 && second >= 0x90);
        if (overlong || surrogate_or_beyond) return false;
        i += n;
    }
    return true;
}

} // namespace

Value parse_value(const ValueType& type, std::string_view text) {
    switch (type.form) {
    case Form::boolean: {
        const std::string_view t = trim(text);
        if (t == "true" || t == "on") return std::uint64_t{1};
        if (t == "false" || t == "off") return std::uint64_t{0};
        throw BadValue(fmt::format("{} is not a switch; expected true, false, on or off", quoted(text)));
    }
    case Form::choice: {
        const std::string_view t = trim(text);
        for (std::size_t i = 0; i < type.names.size(); ++i)
            if (type.names[i] == t) return std::uint64_t{i};
        throw BadValue(fmt::format("{} is no choice; expected {}", quoted(text), print_range(type)));
    }
    case Form::text:
        if (!is_text(text))
            throw BadValue(fmt::format("{} is not UTF-8 text without control characters", quoted(text)));
        return std::string{text};
    case Form::number: break;
    }
    const std::uint64_t v = parse_number(type, text);
    if (!type.range.contains(v))
        throw OutOfRange(fmt::format("{} is out of range; expected {}", print_number(type.unit, v), print_range(type)));
    return v;
}

std::string print_value(const ValueType& type, const Value& value) {
    if (type.form == Form::text) return std::get<std::string>(value);
    const std::uint64_t v = std::get<std::uint64_t>(value);
    switch (type.form) {
    case Form::boolean: return v != 0 ? "true" : "false";
    case Form::choice: return std::string{type.names[v]};
    default: return print_number(type.unit, v);
    }
}

std::string print_range(const ValueType& type) {
    switch (type.form) {
    case Form::boolean: return "true or false";
    case Form::text: return "";
    case Form::choice: return list(std::vector<std::string>(type.names.begin(), type.names.end()));
    case Form::number: break;
    }
    const auto print = [&](std::uint64_t v) { return print_number(type.unit, v); };
    const bool open = type.range.hi == std::numeric_limits<std::uint64_t>::max();
    return fmt::format("{}{}",
                       open ? print(type.range.lo) + " or more" : print(type.range.lo) + " to " + print(type.range.hi),
                       type.range.pow2 ? ", a power of two" : "");
}

std::string_view unit_name(Unit unit) {
    switch (unit) {
    case Unit::none: return "";
    case Unit::bytes: return "B";
    case Unit::cycles: return "cycles";
    case Unit::time: return "ps";
    case Unit::hertz: return "Hz";
    case Unit::bits_per_second: return "b/s";
    case Unit::entries: return "entries";
    case Unit::percent: return "%";
    }
    return "";
}

std::string_view type_name(const ValueType& type) {
    switch (type.form) {
    case Form::boolean: return "bool";
    case Form::choice: return "choice";
    case Form::text: return "text";
    case Form::number: break;
    }
    switch (type.unit) {
    case Unit::bytes: return "size";
    case Unit::time: return "time";
    case Unit::hertz: return "frequency";
    case Unit::bits_per_second: return "rate";
    default: return "number";
    }
}

std::string quoted(std::string_view text) {
    constexpr std::size_t most = 80;
    std::string r = "\"";
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f)
            r += fmt::format("\\x{:02x}", byte);
        else
            r += c;
    }
    return r + (text.size() > most ? "...\"" : "\"");
}

} // namespace tollgate::config
