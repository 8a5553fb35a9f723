// Which events a user asked for.
#include "config/error.hh"
#include "trace/trace_filter.hh"
#include <gtest/gtest.h>

namespace tollgate::trace {
namespace {

const std::vector<std::string> paths{"node[0].hart[0]", "node[0].hart[0].l1d", "node[1].dram[0].bank", "wire[0]"};

std::string complaint(const TraceFilter& filter) {
    try {
        filter.check(paths);
    } catch (const config::UnknownName& e) { return e.what(); }
    return "";
}

TEST(TraceFilter, NothingNamedIsEverything) {
    const TraceFilter all;
    EXPECT_EQ(all.classes(), EventClasses::all());
    EXPECT_TRUE(all.takes_path("anything"));
    EXPECT_EQ(complaint(all), "");
}

TEST(TraceFilter, ClassesAndPathsNarrowEachTheirOwn) {
    const TraceFilter classes{"miss,trap"};
    EXPECT_TRUE(classes.takes(EventClass::miss) && classes.takes(EventClass::trap));
    EXPECT_FALSE(classes.takes(EventClass::hart));
    EXPECT_TRUE(classes.takes_path("wire[0]"));
    const TraceFilter path{"node[0].hart[0]"};
    EXPECT_EQ(path.classes(), EventClasses::all());
    EXPECT_TRUE(path.takes_path("node[0].hart[0].l1d"));
    EXPECT_FALSE(path.takes_path("node[0].hart[1]"));
}

TEST(TraceFilter, PathsEndWithWholeComponents) {
    const TraceFilter f{"node[0].hart"};
    EXPECT_TRUE(f.takes_path("node[0].hart[3].l1d"));
    EXPECT_TRUE(f.takes_path("node[0].hart"));
    EXPECT_FALSE(f.takes_path("node[0].hartley"));
    EXPECT_FALSE(TraceFilter{"node[0].hart[1]"}.takes_path("node[0].hart[10]"));
    EXPECT_FALSE(TraceFilter{"node[0].hart[1]"}.takes_path("node[0]"));
}

TEST(TraceFilter, UnknownWordsAreNamedWithTheNearest) {
    EXPECT_EQ(complaint(TraceFilter{"mis"}),
              "--trace: \"mis\" is neither a class of events nor a unit that has any; did you mean miss?");
    EXPECT_EQ(complaint(TraceFilter{"dram,node[1].drum"}),
              "--trace: \"node[1].drum\" is neither a class of events nor a unit that has any; did you mean "
              "node[1].dram?");
    EXPECT_EQ(complaint(TraceFilter{"node[0],wire,node[1].dram[0].bank"}), "");
}

TEST(TraceFilter, EmptyWordsAreRefused) {
    for (const char* text : {",", "miss,", ",miss", "miss,,trap"}) EXPECT_THROW(TraceFilter{text}, config::BadValue);
}

} // namespace
} // namespace tollgate::trace
