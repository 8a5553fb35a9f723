// Who holds a line, who is told when another wants it, and when a line counts as contended.
#include "cache/line_table.hh"
#include <gtest/gtest.h>

namespace tollgate::cache {
namespace {

constexpr PhysAddr base{0x8000'0000};

struct Lines {
    LineTable table{base, Bytes{1 << 20}};
    LineTable::Line& line = table.line(base + 0x1234);
    std::uint16_t load(unsigned hart) { return LineTable::take(line, hart, false); }
    std::uint16_t store(unsigned hart) { return LineTable::take(line, hart, true); }
    bool reads(unsigned hart) const { return LineTable::holds(line, hart, false); }
    bool writes(unsigned hart) const { return LineTable::holds(line, hart, true); }
};

TEST(LineTable, EveryLineOfItsMemoryHasOneEntry) {
    LineTable t{base, Bytes{(1 << 20) + 1}};
    EXPECT_TRUE(t.covers(base));
    EXPECT_TRUE(t.covers(base + (1 << 20))) << "the last page counts whole";
    EXPECT_FALSE(t.covers(base + (1 << 20) + page_bytes));
    EXPECT_FALSE(t.covers(PhysAddr{base.value() - 1}));
    EXPECT_FALSE(t.covers(PhysAddr{0}));
    auto& l = t.line(base + 0x1000);
    l.last_write = 7;
    EXPECT_EQ(&t.line(base + 0x103f), &l);
    EXPECT_NE(&t.line(base + 0x1040), &l);
    EXPECT_NE(&t.line(base + 0x2000), &l);
    for (std::uint64_t at = 0; at < 1 << 20; at += page_bytes) t.line(base + at).sharers = 1;
    EXPECT_EQ(t.line(base + 0x1000).last_write, 7u) << "references stay valid";
}

TEST(LineTable, ReadersShareAWriterIsAlone) {
    Lines l;
    EXPECT_FALSE(l.reads(0));
    EXPECT_EQ(l.load(0), 0u);
    EXPECT_EQ(l.load(3), 0u);
    EXPECT_TRUE(l.reads(0) && l.reads(3));
    EXPECT_FALSE(l.writes(0) || l.writes(3));
    EXPECT_EQ(l.store(5), 1u << 0 | 1u << 3) << "both readers are told";
    EXPECT_TRUE(l.writes(5) && l.reads(5));
    EXPECT_FALSE(l.reads(0) || l.reads(3));
    EXPECT_EQ(l.load(15), 1u << 5) << "the writer is told";
    EXPECT_TRUE(l.reads(5) && l.reads(15));
    EXPECT_FALSE(l.writes(5)) << "and may only read on";
    EXPECT_EQ(l.store(5), 1u << 15);
    EXPECT_TRUE(l.writes(5));
}

TEST(LineTable, ALineThatADeviceTakesFromSeveralIsAwaitedUntilOneOfThemWrites) {
    Lines l;
    l.store(1);
    LineTable::lose(l.line, 1);
    EXPECT_FALSE(l.line.awaited) << "nobody else had it";
    EXPECT_TRUE(l.writes(1));
    l.load(2), l.load(3);
    for (unsigned hart = 0; hart < 4; ++hart) LineTable::lose(l.line, hart);
    EXPECT_TRUE(l.line.awaited);
    for (unsigned hart = 0; hart < 4; ++hart) EXPECT_FALSE(l.reads(hart)) << hart;
    EXPECT_EQ(l.load(2), 0u) << "the one that wrote it has lost it";
    EXPECT_TRUE(l.reads(2) && l.line.awaited);
    l.store(2);
    EXPECT_FALSE(l.line.awaited || l.line.contended);
}

TEST(LineTable, OneHartAloneIsNeverContendedNorAreReaders) {
    Lines l;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(l.load(2) | l.store(2), 0u);
    EXPECT_FALSE(l.line.contended);
    Lines r;
    for (unsigned hart = 0; hart < 16; ++hart) EXPECT_EQ(r.load(hart), 0u);
    EXPECT_FALSE(r.line.contended);
    r.store(4);
    EXPECT_TRUE(r.line.contended) << "it was written while others held it";
}

TEST(LineTable, ALineIsCalmAfterManyAccessesWithoutAChange) {
    Lines l;
    l.load(0), l.store(1);
    ASSERT_TRUE(l.line.contended);
    // The store was the first access of the calm.
    for (unsigned i = 1; i < LineTable::calm; ++i) {
        EXPECT_TRUE(l.line.contended) << i;
        l.store(1);
    }
    EXPECT_FALSE(l.line.contended);
    // Another hart's write begins it anew.
    l.store(0);
    ASSERT_TRUE(l.line.contended);
    for (unsigned i = 1; i < LineTable::calm - 1; ++i) l.store(0);
    l.store(1);
    for (unsigned i = 1; i < LineTable::calm - 1; ++i) l.store(1);
    EXPECT_TRUE(l.line.contended);
}

} // namespace
} // namespace tollgate::cache
