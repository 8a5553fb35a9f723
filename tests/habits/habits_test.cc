// Is the house in order? Each rule on the whole tree.
#include "habits/rules.hh"
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tollgate::habits {
namespace {

const SourceTree& tree() {
    static const SourceTree t = read_tree(TOLLGATE_SOURCE_DIR);
    return t;
}

std::string joined(const Violations& v) {
    std::string r;
    for (const std::string& line : v) r += line + '\n';
    return r;
}

TEST(House, WasFound) { EXPECT_TRUE(tree().contains("models/base/units.hh")); }
TEST(House, IncludesGoDown) { EXPECT_EQ(joined(floors(tree())), ""); }
TEST(House, HasNoCycles) { EXPECT_EQ(joined(cycles(tree())), ""); }
TEST(House, CitesInOneForm) { EXPECT_EQ(joined(citations(tree())), ""); }
TEST(House, HasNoNotesToItself) { EXPECT_EQ(joined(notes(tree())), ""); }
TEST(House, HasNoFileThatIsTooLong) {
    std::stringstream exceptions;
    exceptions << std::ifstream(TOLLGATE_SOURCE_DIR "/tests/habits/long_files.txt").rdbuf();
    EXPECT_EQ(joined(long_files(tree(), read_exceptions(exceptions.str()))), "");
}

} // namespace
} // namespace tollgate::habits
