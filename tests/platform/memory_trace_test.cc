// Memory traces: what a request looks like, and what is said about a line that is none.
#include "config/error.hh"
#include "trace/memory_trace.hh"
#include <gtest/gtest.h>
#include <sstream>
#include <vector>

namespace tollgate::trace {
namespace {

std::vector<MemoryAccess> read_all(const std::string& text) {
    std::istringstream in{text};
    MemoryTraceReader reader{in, "t.stl"};
    std::vector<MemoryAccess> r;
    while (const auto a = reader.next()) r.push_back(*a);
    return r;
}

/// What is said about the text; empty when nothing is.
std::string refusal(const std::string& text) {
    try {
        read_all(text);
    } catch (const config::BadFile& e) { return e.what(); }
    return "";
}

TEST(MemoryTrace, LinesThatCountCycles) {
    const auto all =
        read_all("# made by hand\n\n31: read 0x400140\r\n  31:\twrite 0xFf40\n40 : write 0x0 0xdeadbeefdeadbeef12\n"
                 "50: read 0x1c0");
    ASSERT_EQ(all.size(), 4u);
    for (const MemoryAccess& a : all) EXPECT_TRUE(a.in_cycles);
    EXPECT_EQ(all[0].time, 31u);
    EXPECT_FALSE(all[0].write);
    EXPECT_EQ(all[0].address, PhysAddr{0x400140});
    EXPECT_TRUE(all[1].write);
    EXPECT_EQ(all[1].address, PhysAddr{0xff40});
    EXPECT_TRUE(all[2].write);
    EXPECT_EQ(all[2].address, PhysAddr{0}) << "data behind it are skipped";
    EXPECT_EQ(all[3].time, 50u) << "the last line needs no end";
}

TEST(MemoryTrace, LinesThatCountNanoseconds) {
    const auto all = read_all("0 R 0x40\n0.5 W 4096\n12.125\tR  0x0\n13 W 64\n");
    ASSERT_EQ(all.size(), 4u);
    for (const MemoryAccess& a : all) EXPECT_FALSE(a.in_cycles);
    EXPECT_EQ(all[1].time, 500u);
    EXPECT_EQ(all[1].address, PhysAddr{4096});
    EXPECT_EQ(all[2].time, 12'125u);
    EXPECT_TRUE(all[3].write);
}

TEST(MemoryTrace, AMalformedLineIsNamed) {
    EXPECT_EQ(
        refusal("1: read 0x40\n\n# c\n2: raed 0x40\n"),
        "t.stl:4: \"2: raed 0x40\" is no request; expected \"cycle: read 0xaddress\" or \"cycle: write 0xaddress\"");
    EXPECT_EQ(refusal("1 R 0x40\n1 X 0x40"),
              "t.stl:2: \"1 X 0x40\" is no request; expected \"nanoseconds R address\" or \"nanoseconds W address\"");
    EXPECT_EQ(refusal("5: read 0x0\n4: read 0x0\n"), "t.stl:2: goes back in time; expected requests in order of time");
    for (const char* line : {":",
                             "1:",
                             "1: read",
                             "1: read 40",
                             "1: read 0x",
                             "1: read 0xg",
                             "1: read0x40",
                             "1: read 0x40 0x1",
                             "1: read 0x40 x",
                             "1: write 0x40 12",
                             "-1: read 0x40",
                             "1.5: read 0x40",
                             "99999999999999999999: read 0x40",
                             "1000000000000001: read 0x0",
                             "1: read 0x10000000000000000",
                             "1",
                             "1 R",
                             "1 R x",
                             "1 R 0x40 1",
                             "1. R 0x40",
                             "1.2345 R 0x40",
                             "1R 0x40",
                             "1 r 0x40",
                             "R 0x40",
                             "1 R 99999999999999999999",
                             "0x1 R 0x40",
                             "1: READ 0x40"})
        EXPECT_NE(refusal(line).find("t.stl:1: "), std::string::npos) << line;
    EXPECT_NE(refusal("1: read 0x40\n2 R 0x40\n"), "") << "one kind a file";
    EXPECT_NE(refusal("1 R 0x40\n2: read 0x40\n"), "") << "one kind a file";
}

TEST(MemoryTrace, MessagesAreOneLineHoweverTheTextLooks) {
    EXPECT_EQ(refusal(std::string(5000, 'x')), "t.stl:1: longer than 1024 characters; expected a request");
    for (const std::string& text : {std::string{"\0\1\2", 3}, std::string{"\x1b[31m"}, std::string(1000, ':')}) {
        const std::string said = refusal(text);
        EXPECT_NE(said, "");
        for (const char c : said) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    }
}

TEST(MemoryTrace, ALineMayBeAsLongAsTheLongest) {
    const std::string start = "1: read 0x40";
    EXPECT_EQ(refusal(start + std::string(1024 - start.size(), ' ') + "\n2: read 0x0\n"), "");
    EXPECT_EQ(refusal(start + std::string(1024 - start.size(), ' ')), "");
    EXPECT_NE(refusal(start + std::string(1025 - start.size(), ' ') + "\n"), "");
}

TEST(MemoryTrace, AnEmptyTraceHasNoRequests) {
    EXPECT_TRUE(read_all("").empty());
    EXPECT_TRUE(read_all("\n\n# nothing\n").empty());
}

} // namespace
} // namespace tollgate::trace
