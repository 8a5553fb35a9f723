/// Packets of GDB's remote serial protocol: from a stream of bytes to payloads, and back.
///
///      $ payload # checksum        checksum: two hexadecimal digits, the payload's sum modulo 256
///      } c                         in binary payloads: the byte c ^ 0x20
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::gdb {

/// The longest payload that is taken, and the longest that is sent but for monitor's lines; `PacketSize` says so.
inline constexpr std::size_t max_payload = 0x4000;

/// Takes the stream apart, byte by byte. Any stream is welcome; it never holds more than max_payload bytes.
class PacketReader {
  public:
    enum class Kind : std::uint8_t {
        packet,    ///< a whole payload, still escaped
        damaged,   ///< the same, but its checksum is another
        overlong,  ///< more than max_payload bytes; they are gone
        interrupt, ///< the byte 3 outside a packet
        ack,       ///< '+'
        nak,       ///< '-'
    };
    struct Event {
        Kind kind = Kind::packet;
        std::string payload; ///< of packet and damaged
    };
    /// What this byte completes.
    std::optional<Event> take(char byte);

  private:
    enum class State : std::uint8_t { between, payload, first_digit, second_digit };
    State state_ = State::between;
    std::string payload_;
    bool overlong_ = false;
    std::uint8_t sum_ = 0;
    char first_digit_ = 0;
};

/// The packet around a payload, which is escaped where it has to be.
std::string packet(std::string_view payload);
/// Bytes as part of a binary payload, and back; a lone escape at the end is dropped.
std::string escape(std::string_view bytes);
std::string unescape(std::string_view payload);

/// Two lower-case digits a byte.
std::string to_hex(std::span<const std::byte> bytes);
std::string to_hex(std::string_view text);
/// Empty if a character is no hexadecimal digit or their number is odd.
std::optional<std::string> from_hex(std::string_view digits);
/// Takes hexadecimal digits from the front of `text`, at most 16. Empty if there are none or too many.
std::optional<std::uint64_t> take_hex(std::string_view& text);

} // namespace tollgate::gdb
