#include "gdb/packet.hh"
#include <utility>

namespace tollgate::gdb {
namespace {

constexpr char digits[] = "0123456789abcdef";
constexpr char escape_mark = '}', escape_bit = 0x20, interrupt_byte = 3;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_hex(std::string& to, std::uint8_t byte) {
    to += digits[byte >> 4];
    to += digits[byte & 15];
}

} // namespace

std::optional<PacketReader::Event> PacketReader::take(char byte) {
    switch (state_) {
    case State::between:
        if (byte == '$') state_ = State::payload;
        if (byte == '+') return Event{Kind::ack, {}};
        if (byte == '-') return Event{Kind::nak, {}};
        if (byte == interrupt_byte) return Event{Kind::interrupt, {}};
        return {};
    case State::payload:
        if (byte == '$') { // a packet that was given up: this is the next one
            payload_.clear();
            overlong_ = false;
            sum_ = 0;
        } else if (byte == '#') {
            state_ = State::first_digit;
        } else {
            sum_ = static_cast<std::uint8_t>(sum_ + static_cast<std::uint8_t>(byte));
            if (payload_.size() < max_payload)
                payload_ += byte;
            else
                overlong_ = true;
        }
        return {};
    case State::first_digit:
        first_digit_ = byte;
        state_ = State::second_digit;
        return {};
    case State::second_digit: break;
    }
    const int high = digit(first_digit_), low = digit(byte);
    const bool right = high >= 0 && low >= 0 && high * 16 + low == sum_;
    Event e{overlong_ ? Kind::overlong : right ? Kind::packet : Kind::damaged, {}};
    if (!overlong_) e.payload = std::exchange(payload_, {});
    payload_.clear();
    overlong_ = false;
    sum_ = 0;
    state_ = State::between;
    return e;
}

std::string packet(std::string_view payload) {
    std::uint8_t sum = 0;
    for (const char c : payload) sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
    std::string r;
    r.reserve(payload.size() + 4);
    r += '$';
    r += payload;
    r += '#';
    append_hex(r, sum);
    return r;
}

std::string escape(std::string_view bytes) {
    std::string r;
    for (const char c : bytes) {
        if (c == '#' || c == '$' || c == '*' || c == escape_mark) {
            r += escape_mark;
            r += static_cast<char>(c ^ escape_bit);
        } else {
            r += c;
        }
    }
    return r;
}

std::string unescape(std::string_view payload) {
    std::string r;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        if (payload[i] != escape_mark)
            r += payload[i];
        else if (++i < payload.size())
            r += static_cast<char>(payload[i] ^ escape_bit);
    }
    return r;
}

std::string to_hex(std::span<const std::byte> bytes) {
    std::string r;
    r.reserve(2 * bytes.size());
    for (const std::byte b : bytes) append_hex(r, std::to_integer<std::uint8_t>(b));
    return r;
}

std::string to_hex(std::string_view text) { return to_hex(std::as_bytes(std::span{text})); }

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return {};
    std::string r;
    r.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]), low = digit(text[i + 1]);
        if (high < 0 || low < 0) return {};
        r += static_cast<char>(high * 16 + low);
    }
    return r;
}

std::optional<std::uint64_t> take_hex(std::string_view& text) {
    std::uint64_t v = 0;
    std::size_t n = 0;
    for (; n < text.size() && digit(text[n]) >= 0; ++n) {
        if (n == 16) return {};
        v = v << 4 | static_cast<std::uint64_t>(digit(text[n]));
    }
    if (n == 0) return {};
    text.remove_prefix(n);
    return v;
}

} // namespace tollgate::gdb
