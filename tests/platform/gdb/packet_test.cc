// Framing: any stream of bytes, in bounded memory.
#include "gdb/packet.hh"
#include <gtest/gtest.h>
#include <vector>

namespace {

using namespace tollgate::gdb;
using Kind = PacketReader::Kind;

std::vector<PacketReader::Event> read(std::string_view bytes) {
    PacketReader reader;
    std::vector<PacketReader::Event> r;
    for (const char c : bytes)
        if (auto e = reader.take(c)) r.push_back(std::move(*e));
    return r;
}

TEST(Packet, IsFramedWithItsSum) {
    EXPECT_EQ(packet("OK"), "$OK#9a");
    EXPECT_EQ(packet(""), "$#00");
    const auto events = read(packet("m1000,4"));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, Kind::packet);
    EXPECT_EQ(events[0].payload, "m1000,4");
}

TEST(Packet, EveryOtherSumIsDamage) {
    unsigned right = 0;
    for (unsigned sum = 0; sum < 256; ++sum) {
        const char digits[] = "0123456789abcdef";
        const auto events = read(std::string{"$?#"} + digits[sum >> 4] + digits[sum & 15]);
        ASSERT_EQ(events.size(), 1u);
        right += events[0].kind == Kind::packet;
        EXPECT_EQ(events[0].kind == Kind::packet, sum == '?');
    }
    EXPECT_EQ(right, 1u);
    EXPECT_EQ(read("$?#3F")[0].kind, Kind::packet) << "capital digits count too";
    EXPECT_TRUE(read("$?#3").empty());
}

TEST(Packet, ADollarBeginsAnew) {
    const auto events = read("$lost$?#3f");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].payload, "?");
    EXPECT_EQ(events[0].kind, Kind::packet);
}

TEST(Packet, BytesBetweenPackets) {
    const auto events = read("junk+\x03-$?#3f\x03");
    ASSERT_EQ(events.size(), 5u);
    EXPECT_EQ(events[0].kind, Kind::ack);
    EXPECT_EQ(events[1].kind, Kind::interrupt);
    EXPECT_EQ(events[2].kind, Kind::nak);
    EXPECT_EQ(events[3].kind, Kind::packet);
    EXPECT_EQ(events[4].kind, Kind::interrupt);
    const auto inside = read("$X\x03+-#ab"); // binary payloads hold anything
    ASSERT_EQ(inside.size(), 1u);
    EXPECT_EQ(inside[0].payload, "X\x03+-");
}

TEST(Packet, TheLongestFitsAndOneByteMoreDoesNot) {
    const std::string longest(max_payload, 'a');
    auto events = read(packet(longest));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, Kind::packet);
    EXPECT_EQ(events[0].payload.size(), max_payload);
    events = read(packet(longest + "a") + packet("?"));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].kind, Kind::overlong);
    EXPECT_TRUE(events[0].payload.empty());
    EXPECT_EQ(events[1].payload, "?") << "what follows is whole";
}

TEST(Packet, EscapesComeBack) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const std::string escaped = escape(all);
    EXPECT_EQ(escaped.find_first_of("#$*"), escaped.npos);
    EXPECT_EQ(escaped.size(), all.size() + 4);
    EXPECT_EQ(unescape(escaped), all);
    EXPECT_EQ(unescape("ab}"), "ab");
    const auto events = read(packet(escaped));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].payload, escaped);
}

TEST(Packet, Hexadecimal) {
    EXPECT_EQ(to_hex("\x01\xfe"), "01fe");
    EXPECT_EQ(from_hex("01FE"), "\x01\xfe");
    EXPECT_FALSE(from_hex("012"));
    EXPECT_FALSE(from_hex("0g"));
    std::string_view text = "ffffffffffffffff,4";
    EXPECT_EQ(take_hex(text), ~0ull);
    EXPECT_EQ(text, ",4");
    EXPECT_FALSE(take_hex(text));
    text = "10000000000000000";
    EXPECT_FALSE(take_hex(text)) << "more than 64 bits";
}

} // namespace
