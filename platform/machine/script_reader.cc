#include "machine/script_reader.hh"
#include "config/error.hh"
#include "config/values.hh"
#include <charconv>
#include <fmt/format.h>
#include <fstream>

namespace tollgate::machine {
namespace {

using config::quoted;
using dev::DmaScript;
using dev::ScriptedLoad;
using dev::ScriptedTransfer;

constexpr std::size_t longest_line = 16'384;
constexpr std::uint64_t latest = 1'000'000'000'000'000'000; // ps: eleven days
constexpr std::uint64_t longest_transfer = 1 << 20;
constexpr std::uint64_t highest_address = 1ull << 56;

/// What is wrong with a line; its place is added by the reader.
struct Wrong {
    std::string what;
};

/// The words of a line, one by one.
class Words {
  public:
    explicit Words(std::string_view text) : text_{text} {}
    /// The next one; empty at the end.
    std::string_view next() {
        constexpr std::string_view blank = " \t\r";
        text_.remove_prefix(std::min(text_.find_first_not_of(blank), text_.size()));
        const std::string_view word = text_.substr(0, text_.find_first_of(blank));
        text_.remove_prefix(word.size());
        return word;
    }
    void end() {
        if (const auto word = next(); !word.empty()) throw Wrong{fmt::format("{} is too much", quoted(word))};
    }

  private:
    std::string_view text_;
};

std::uint64_t value(const config::ValueType& type, std::string_view text) {
    try {
        return std::get<std::uint64_t>(config::parse_value(type, text));
    } catch (const config::ConfigError& e) { throw Wrong{e.what()}; }
}

bool is_bare(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// A time; without a unit nanoseconds, as in memory traces.
Picoseconds time(std::string_view text, std::uint64_t least = 0) {
    const std::string with_unit = is_bare(text) ? fmt::format("{}ns", text) : std::string{text};
    return Picoseconds{value({config::Form::number, Unit::time, {least, latest}}, with_unit)};
}

std::uint64_t bytes(std::string_view text, Range range) {
    const std::string with_unit = is_bare(text) ? fmt::format("{}B", text) : std::string{text};
    return value({config::Form::number, Unit::bytes, range}, with_unit);
}

std::uint32_t number(std::string_view text, std::uint64_t least, std::uint64_t most) {
    return static_cast<std::uint32_t>(value({config::Form::number, Unit::none, {least, most}}, text));
}

std::uint64_t word(std::string_view text, std::string_view what, std::uint64_t most = ~0ull) {
    const bool hexadecimal = text.starts_with("0x");
    const std::string_view digits = text.substr(hexadecimal ? 2 : 0);
    std::uint64_t v = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), v, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size() || v > most)
        throw Wrong{
            fmt::format("{} is no {}; expected a number such as 0x80001000, at most {:#x}", quoted(text), what, most)};
    return v;
}

PhysAddr address(std::string_view text) { return PhysAddr{word(text, "address", highest_address)}; }

/// "= 01 02 0a": bytes in hexadecimal.
std::vector<std::byte> byte_list(Words& words) {
    std::vector<std::byte> list;
    for (std::string_view w = words.next(); !w.empty(); w = words.next()) {
        unsigned v = 0;
        const auto [end, error] = std::from_chars(w.data(), w.data() + w.size(), v, 16);
        if (w.size() != 2 || error != std::errc{} || end != w.data() + w.size())
            throw Wrong{fmt::format("{} is no byte; expected two hexadecimal digits", quoted(w))};
        list.push_back(static_cast<std::byte>(v));
    }
    if (list.empty()) throw Wrong{"no bytes behind \"=\"; expected such as 01 ff"};
    return list;
}

ScriptedTransfer transfer(std::string_view first, Words& words) {
    ScriptedTransfer t;
    t.at = time(first);
    const std::string_view direction = words.next();
    if (direction != "R" && direction != "W")
        throw Wrong{fmt::format("{} is no direction; expected R or W", quoted(direction))};
    t.write = direction == "W";
    t.address = address(words.next());
    const std::string_view what = words.next();
    if (what == "=") {
        t.data = byte_list(words);
        t.bytes = static_cast<std::uint32_t>(t.data.size());
        return t;
    }
    if (what.empty()) return t;
    if (t.write) {
        const std::uint64_t v = word(what, "value");
        const std::string_view width = words.next();
        t.bytes = width.empty() ? 8 : static_cast<std::uint32_t>(bytes(width, {1, 8, true}));
        for (std::uint32_t i = 0; i < t.bytes; ++i) t.data.push_back(static_cast<std::byte>(v >> (8 * i)));
    } else {
        t.bytes = static_cast<std::uint32_t>(bytes(what, {1, longest_transfer}));
    }
    words.end();
    return t;
}

ScriptedLoad load(Words& words) {
    ScriptedLoad l;
    bool has_base = false, has_size = false;
    for (std::string_view w = words.next(); !w.empty(); w = words.next()) {
        const std::size_t equals = std::min(w.find('='), w.size());
        const std::string_view key = w.substr(0, equals), v = w.substr(std::min(equals + 1, w.size()));
        if (key == "from")
            l.from = time(v);
        else if (key == "to")
            l.to = time(v);
        else if (key == "base")
            l.base = address(v), has_base = true;
        else if (key == "size")
            l.size = Bytes{bytes(v, {1, highest_address})}, has_size = true;
        else if (key == "interval")
            l.interval = time(v, 1);
        else if (key == "arrivals")
            l.arrivals =
                static_cast<dev::Arrivals>(value({config::Form::choice,
                                                  Unit::none,
                                                  {0, 1},
                                                  std::span<const std::string_view>{Choice<dev::Arrivals>::names}},
                                                 v));
        else if (key == "reads")
            l.reads = number(v, 0, 1000);
        else if (key == "writes")
            l.writes = number(v, 0, 1000);
        else if (key == "bytes")
            l.bytes = static_cast<std::uint32_t>(bytes(v, {1, 4096, true}));
        else if (key == "seed")
            l.seed = word(v, "seed");
        else
            throw Wrong{fmt::format("{} is no part of a load; expected from, to, base, size, interval, arrivals, "
                                    "reads, writes, bytes or seed, each with = and its value",
                                    quoted(w))};
    }
    if (!has_base || !has_size) throw Wrong{"a load needs base=ADDRESS and size=BYTES"};
    if (l.size.count() < l.bytes) throw Wrong{"the load's size is smaller than one of its transfers"};
    if (l.reads + l.writes == 0) throw Wrong{"the load neither reads nor writes"};
    return l;
}

void read_line(std::string_view text, DmaScript& script) {
    Words words{text.substr(0, text.find('#'))};
    const std::string_view first = words.next();
    if (first.empty()) return;
    if (first == "node" || first == "outstanding") {
        if (!script.transfers.empty() || !script.loads.empty())
            throw Wrong{fmt::format("\"{}\" stands before all transfers and loads", first)};
        if (first == "node")
            script.node = number(words.next(), 0, 15);
        else
            script.outstanding = number(words.next(), 1, 1024);
        words.end();
    } else if (first == "load") {
        script.loads.push_back(load(words));
    } else if (first.front() >= '0' && first.front() <= '9') {
        ScriptedTransfer t = transfer(first, words);
        if (!script.transfers.empty() && t.at < script.transfers.back().at)
            throw Wrong{"goes back in time; expected transfers in order of time"};
        script.transfers.push_back(std::move(t));
    } else {
        throw Wrong{fmt::format("{} begins no line; expected a time, load, node or outstanding", quoted(first))};
    }
}

} // namespace

dev::DmaScript read_dma_script(std::istream& in, const std::string& name) {
    DmaScript script;
    std::string buffer(longest_line + 1, '\0');
    for (std::uint64_t line = 1;; ++line) {
        in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        if (in.bad()) throw config::BadFile(fmt::format("{}: cannot be read", name));
        if (in.gcount() == 0 && in.eof()) return script;
        try {
            if (in.fail()) throw Wrong{fmt::format("longer than {} characters", longest_line)};
            const auto length = static_cast<std::size_t>(in.gcount()) - (in.eof() ? 0 : 1); // the line's end counts
            read_line({buffer.data(), length}, script);
        } catch (const Wrong& e) { throw config::BadFile(fmt::format("{}:{}: {}", name, line, e.what)); }
    }
}

dev::DmaScript read_dma_script(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw config::BadFile(fmt::format("{}: cannot be opened", file));
    return read_dma_script(in, file);
}

} // namespace tollgate::machine
