#include "config/error.hh"
#include "machine/script_reader.hh"
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tollgate::machine {
namespace {

using namespace literals;

dev::DmaScript read(const std::string& text) {
    std::istringstream in{text};
    return read_dma_script(in, "s.txt");
}
std::string refusal(const std::string& text) {
    try {
        read(text);
    } catch (const config::BadFile& e) { return e.what(); }
    return "accepted";
}

TEST(ScriptReader, ReadsEveryForm) {
    const dev::DmaScript s = read("# a device\n"
                                  "node 1\n"
                                  "outstanding 16   # as an engine has\n"
                                  "\n"
                                  "25.8 R 0x400140\n"
                                  "1us\tR 4194304 4KiB\r\n"
                                  "1us R 0x40 = 01 fF\n"
                                  "2us W 0x80 0x1234\n"
                                  "2us W 0x80 300 4\n"
                                  "2.5us W 0x80 = 00 a0 0b\n"
                                  "3us W 0xc0\n"
                                  "load from=1ms to=2ms base=0x80000000 size=1MiB interval=80ns arrivals=poisson "
                                  "reads=2 writes=1 bytes=128 seed=0x7\n"
                                  "load size=64 base=0");
    EXPECT_EQ(s.node, 1u);
    EXPECT_EQ(s.outstanding, 16u);
    ASSERT_EQ(s.transfers.size(), 7u);
    EXPECT_EQ(s.transfers[0].at, 25'800_ps);
    EXPECT_EQ(s.transfers[0].address, PhysAddr{0x400140});
    EXPECT_EQ(s.transfers[0].bytes, 64u);
    EXPECT_FALSE(s.transfers[0].write);
    EXPECT_EQ(s.transfers[1].address, PhysAddr{0x400000});
    EXPECT_EQ(s.transfers[1].bytes, 4096u);
    EXPECT_EQ(s.transfers[2].data, (std::vector{std::byte{1}, std::byte{0xff}}));
    EXPECT_EQ(s.transfers[2].bytes, 2u);
    EXPECT_TRUE(s.transfers[3].write);
    EXPECT_EQ(s.transfers[3].data.size(), 8u);
    EXPECT_EQ(s.transfers[3].data[1], std::byte{0x12});
    EXPECT_EQ(s.transfers[4].data, (std::vector{std::byte{44}, std::byte{1}, std::byte{0}, std::byte{0}}));
    EXPECT_EQ(s.transfers[5].at, 2'500_ns);
    EXPECT_EQ(s.transfers[5].bytes, 3u);
    EXPECT_TRUE(s.transfers[6].data.empty());
    ASSERT_EQ(s.loads.size(), 2u);
    const dev::ScriptedLoad& l = s.loads[0];
    EXPECT_EQ(l.from, 1_ms);
    EXPECT_EQ(l.to, 2_ms);
    EXPECT_EQ(l.base, PhysAddr{0x8000'0000});
    EXPECT_EQ(l.size, 1_MiB);
    EXPECT_EQ(l.interval, 80_ns);
    EXPECT_EQ(l.arrivals, dev::Arrivals::poisson);
    EXPECT_EQ(l.reads, 2u);
    EXPECT_EQ(l.writes, 1u);
    EXPECT_EQ(l.bytes, 128u);
    EXPECT_EQ(l.seed, 7u);
    EXPECT_EQ(s.loads[1].interval, 100_ns);
    EXPECT_EQ(s.loads[1].to, Picoseconds{~0ull});
}

TEST(ScriptReader, TheManualsExampleIsAScript) {
    std::stringstream page;
    page << std::ifstream{TOLLGATE_MANUAL}.rdbuf();
    const std::string text = page.str();
    const std::size_t first = text.find("```\n") + 4;
    const dev::DmaScript s = read(text.substr(first, text.find("```", first) - first));
    EXPECT_EQ(s.node, 1u);
    EXPECT_EQ(s.transfers.size(), 7u);
    EXPECT_EQ(s.loads.size(), 1u);
}

TEST(ScriptReader, AMalformedLineIsNamed) {
    EXPECT_EQ(refusal("1us R 0x40\n# fine\nhallo\n"),
              "s.txt:3: \"hallo\" begins no line; expected a time, load, node or outstanding");
    EXPECT_EQ(refusal("1us X 0x40"), "s.txt:1: \"X\" is no direction; expected R or W");
    EXPECT_EQ(refusal("2us R 0\n1us R 0"), "s.txt:2: goes back in time; expected transfers in order of time");
    EXPECT_EQ(refusal("1us R 0\nnode 1"), "s.txt:2: \"node\" stands before all transfers and loads");
    EXPECT_EQ(refusal("1us R 0 64 9"), "s.txt:1: \"9\" is too much");
    EXPECT_EQ(refusal("1us W 0 = 1"), "s.txt:1: \"1\" is no byte; expected two hexadecimal digits");
    for (const char* line : {"1hour R 0",
                             "1 R",
                             "1 R 0xg",
                             "1 R -1",
                             "1 R 0x100000000000001",
                             "1 R 0 0",
                             "1 R 0 2MiB",
                             "1 W 0 1 3",
                             "1 W 0 0x10000000000000000",
                             "1 W 0 =",
                             "1 W 0 = 001",
                             "99999999999999999999 R 0",
                             "1e3 R 0",
                             "node",
                             "node 16",
                             "node 1 1",
                             "outstanding 0",
                             "outstanding 2000",
                             "load",
                             "load base=0",
                             "load base=0 size=63",
                             "load base=0 size=64 reads=0",
                             "load base=0 size=64 interval=0ns",
                             "load base=0 size=64 bytes=3",
                             "load base=0 size=64 arrivals=normal",
                             "load base=0 size=64 what=1",
                             "load base=0 size=64 from"}) {
        const std::string why = refusal(line);
        EXPECT_EQ(why.rfind("s.txt:1: ", 0), 0u) << line << ": " << why;
        EXPECT_GT(why.size(), 20u) << why;
    }
    EXPECT_EQ(refusal(std::string(20'000, ' ')), "s.txt:1: longer than 16384 characters");
    EXPECT_EQ(refusal(""), "accepted") << "nothing to do is no error";
    EXPECT_THROW(read_dma_script("/nonexistent/script"), config::BadFile);
    EXPECT_THROW(read_dma_script("/"), config::BadFile) << "a folder";
}

} // namespace
} // namespace tollgate::machine
