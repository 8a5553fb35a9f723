#include "trace/memory_trace.hh"
#include "config/error.hh"
#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace tollgate::trace {
namespace {

constexpr std::uint64_t latest = 1'000'000'000'000'000; // clocks or nanoseconds: eleven days

/// What is left of a line; each function takes its part off the front, or says that it is not there.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_{text} {}

    bool at_end() const { return text_.empty(); }
    /// Blanks; at least one.
    bool gap() {
        const std::size_t before = text_.size();
        skip(" \t");
        return text_.size() < before;
    }
    bool word(std::string_view w) {
        if (!text_.starts_with(w)) return false;
        text_.remove_prefix(w.size());
        return true;
    }
    void skip(std::string_view characters) {
        text_.remove_prefix(std::min(text_.find_first_not_of(characters), text_.size()));
    }
    bool number(std::uint64_t& v, int base = 10) {
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), v, base);
        if (error != std::errc{}) return false;
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return true;
    }
    bool hexadecimal(std::uint64_t& v) { return word("0x") && number(v, 16); }
    /// Up to three digits behind a point, as thousandths.
    bool thousandths(std::uint64_t& v) {
        std::size_t n = 0;
        v = 0;
        for (; n < text_.size() && text_[n] >= '0' && text_[n] <= '9'; ++n)
            v = n < 3 ? v * 10 + static_cast<unsigned>(text_[n] - '0') : v;
        if (n == 0 || n > 3) return false;
        for (std::size_t i = n; i < 3; ++i) v *= 10;
        text_.remove_prefix(n);
        return true;
    }

  private:
    std::string_view text_;
};

/// cycle: read|write 0xaddress [0xdata]
bool parse_cycles(Scanner s, MemoryAccess& a) {
    std::uint64_t address = 0;
    if (!s.number(a.time) || a.time > latest) return false;
    s.gap();
    if (!s.word(":")) return false;
    s.gap();
    a.write = s.word("write");
    if ((!a.write && !s.word("read")) || !s.gap() || !s.hexadecimal(address)) return false;
    if (a.write && s.gap() && s.word("0x")) s.skip("0123456789abcdefABCDEF");
    a.address = PhysAddr{address};
    return s.at_end();
}

/// time_ns R|W address
bool parse_nanoseconds(Scanner s, MemoryAccess& a) {
    std::uint64_t ns = 0, fraction = 0, address = 0;
    if (!s.number(ns) || ns > latest || (s.word(".") && !s.thousandths(fraction)) || !s.gap()) return false;
    a.time = ns * 1000 + fraction;
    a.write = s.word("W");
    if ((!a.write && !s.word("R")) || !s.gap()) return false;
    const bool found = s.hexadecimal(address) || s.number(address);
    a.address = PhysAddr{address};
    return found && s.at_end();
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

} // namespace

void MemoryTraceReader::refuse(std::string_view what) const {
    throw config::BadFile(fmt::format("{}:{}: {}", name_, line_, what));
}

bool MemoryTraceReader::read_line(std::string_view& text) {
    ++line_;
    in_.getline(buffer_.data(), buffer_.size());
    if (in_.gcount() == 0 && in_.eof()) return false;
    if (in_.bad()) throw config::BadFile(fmt::format("{}: cannot be read", name_));
    if (in_.fail()) refuse(fmt::format("longer than {} characters; expected a request", longest));
    const auto n = static_cast<std::size_t>(in_.gcount()) - (in_.eof() ? 0 : 1); // the line's end counts
    text = trimmed({buffer_.data(), n});
    return true;
}

MemoryAccess MemoryTraceReader::parse(std::string_view text) {
    MemoryAccess a;
    const bool colon = text.find(':') != std::string_view::npos;
    a.in_cycles = in_cycles_.value_or(colon);
    if (!(a.in_cycles ? parse_cycles(Scanner{text}, a) : parse_nanoseconds(Scanner{text}, a)))
        refuse(fmt::format("{} is no request; expected {}", config::quoted(text),
                           a.in_cycles ? "\"cycle: read 0xaddress\" or \"cycle: write 0xaddress\""
                                       : "\"nanoseconds R address\" or \"nanoseconds W address\""));
    if (a.time < last_time_) refuse("goes back in time; expected requests in order of time");
    in_cycles_ = a.in_cycles;
    last_time_ = a.time;
    return a;
}

std::optional<MemoryAccess> MemoryTraceReader::next() {
    std::string_view text;
    while (read_line(text))
        if (!text.empty() && text.front() != '#') return parse(text);
    return {};
}

} // namespace tollgate::trace
