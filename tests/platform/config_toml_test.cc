#include "config/assignments.hh"
#include "config/toml_file.hh"
#include "platform/config_fixture.hh"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace tollgate::config_test {
namespace {

using config::Origin;
const Origin my_file{Origin::Source::file, "my.toml", 0};

/// A file of this process alone, gone with it.
class TempFile {
  public:
    explicit TempFile(std::string_view content) {
        name_ = (std::filesystem::temp_directory_path()
                 / ("tollgate_config_" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()}
                    + ".toml"))
                    .string();
        std::ofstream(name_, std::ios::binary) << content;
    }
    ~TempFile() { std::filesystem::remove(name_); }
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

void apply(Machine& m, std::string_view toml) {
    for (const auto& a : config::read_toml(toml, my_file)) m.tree.set(a.pattern, a.text, a.origin);
}

TEST(Toml, TablesDottedAndQuotedKeysSpellPaths) {
    Machine m;
    apply(m, R"(link.share = "10%"
[hart]
clock = "1.5GHz"
l2.ways = 4
[node.hart.l1d]
ways = 2
["node[1].hart[0]".l2]
replacement = "random"
["node[0]"]
l2 = { size = "1MiB" }
)");
    EXPECT_EQ(m.link.share, 10u);
    EXPECT_EQ(m.harts[0][1].hart.clock, Hertz{1'500'000'000});
    EXPECT_EQ(m.harts[0][1].l2.ways, 4u);
    EXPECT_EQ(m.harts[1][1].l1d.ways, 2u);
    EXPECT_EQ(m.harts[1][0].l2.replacement, Policy::random);
    EXPECT_EQ(m.harts[1][1].l2.replacement, Policy::lru);
    EXPECT_EQ(m.harts[0][0].l2.size, Bytes{1u << 20});
    EXPECT_EQ(m.harts[1][0].l2.size, Bytes{512u << 10});
    EXPECT_EQ(m.tree.find("node[1].hart[0].l2.replacement")->origin().text(), "my.toml:8");
}

TEST(Toml, TheOrderOfTheDocumentCounts) {
    Machine m;
    // Sorted by key, `l2` would come before `node`, and before `hart`.
    apply(m, "\"node[0]\".l2.ways = 4\nhart.l2.ways = 16\n");
    EXPECT_EQ(m.harts[0][0].l2.ways, 16u);
    apply(m, "\"node[0]\".l2.ways = 4\n");
    EXPECT_EQ(m.harts[0][0].l2.ways, 4u);
}

TEST(Toml, ErrorsNameFileAndLine) {
    const auto message = [](std::string_view toml) {
        return message_of<config::BadFile>([&] { config::read_toml(toml, my_file); });
    };
    EXPECT_EQ(message("\n[l2]\nways = [1, 2]\n"),
              "my.toml:3: \"l2.ways\": arrays are not allowed; expected a string such as "
              "\"1.5GHz\", a whole number, true or false");
    EXPECT_NE(message("clock = 1.5\n").find("my.toml:1: \"clock\": fractions need quotes and a unit"),
              std::string::npos);
    EXPECT_NE(message("clock = 2020-01-01\n").find("a date or time"), std::string::npos);
    EXPECT_EQ(message("a = 1\nb = = 2\n").substr(0, 10), "my.toml:2:");
    EXPECT_EQ(message("a = 1\na = 2\n").substr(0, 10), "my.toml:2:");
    EXPECT_EQ(message("a = \"\n\"").find('\n'), std::string::npos);
    Machine m;
    EXPECT_EQ(message_of([&] { apply(m, "[l2]\nsize = 32\n"); }).substr(0, 18), "my.toml:2: l2.size");
    EXPECT_EQ(message_of([&] { apply(m, "[l2]\nsizes = 32\n"); }),
              "my.toml:2: no parameter has the name \"l2.sizes\"; did you mean l2.size?");
    EXPECT_EQ(message_of([&] { apply(m, "[l1d]\nways = -1\n"); }),
              "my.toml:2: l1d.ways: \"-1\" is not a whole number of entries; expected digits such as 64");
}

TEST(Toml, NestingIsBounded) {
    std::string dots = "a";
    for (int i = 0; i < 500'000; ++i) dots += ".a";
    const auto message = [](const std::string& toml) {
        return message_of<config::BadFile>([&] { config::read_toml(toml, my_file); });
    };
    const std::string expected = "my.toml:2: more than 64 dots in a line; expected a path such as node.hart.l2";
    EXPECT_EQ(message("\n" + dots + " = 1\n"), expected);
    EXPECT_EQ(message("\n[" + dots + "]\n"), expected);
    EXPECT_EQ(message("\n\"#\"." + dots + " = 1"), expected);
    EXPECT_EQ(message("\n  # " + dots), "no error");
    EXPECT_EQ(message("a = " + std::string(100'000, '[')).substr(0, 10), "my.toml:1:");
    std::string deepest;
    for (int i = 0; i < 250; ++i) deepest += dots.substr(0, 127) + (i == 0 ? "=[\n{" : "=[{\n");
    EXPECT_NE(message(deepest), "no error");
}

TEST(Toml, FilesThatCannotBeReadAreNamed) {
    EXPECT_EQ(message_of<config::BadFile>([] { config::read_toml_file("/no/such.toml"); }),
              "/no/such.toml: cannot be read");
    EXPECT_THROW(config::read_toml_file(std::filesystem::temp_directory_path().string()), config::BadFile);
    EXPECT_NE(message_of<config::BadFile>([] { config::read_toml_file("/dev/zero"); }).find("larger than 1 MiB"),
              std::string::npos);
    EXPECT_TRUE(config::read_toml_file("/dev/null").empty());
}

TEST(Toml, WritingIsTheShortestTruth) {
    Machine m;
    m.tree.set("node[1].hart[1].l2.ways", "16");
    const std::string text = config::to_toml(m.tree);
    EXPECT_NE(
        text.find(
            "\n[node.hart.l1d]\nsize = \"32KiB\"\nways = 8 # entries\nlatency = 4 # cycles\nreplacement = \"lru\"\n"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find("\n[\"node[1].hart[1].l2\"]\nsize = \"512KiB\"\nways = 16 # entries\n"), std::string::npos)
        << text;
    EXPECT_EQ(text.find("[node.hart.l2]"), std::string::npos) << text;
    EXPECT_EQ(text.find("\n[machine]\nnodes = 2\nmemory_per_node = \"512MiB\"\n"), text.find("\n[machine]"));
}

TEST(Toml, WhatWasWrittenRepeatsTheMachine) {
    Machine first;
    first.tree.set("seed", "18446744073709551615");
    first.tree.set("isa", "rv64 \"quoted\" \\ \xc3\xa4");
    first.tree.set("node[1].hart[0].isa", "");
    first.tree.set("hart.observed", "on");
    first.tree.set("hart[1].l2.replacement", "tree_plru");
    first.tree.set("wake_time", "833ps");
    first.tree.set("clock", "1333333333Hz");
    const std::string text = config::to_toml(first.tree);
    const TempFile file(text);
    config::Assignments a;
    a.add_file(file.name());
    Machine second;
    a.apply(second.tree);
    EXPECT_EQ(config::to_toml(second.tree), text);
    for (std::size_t i = 0; i < first.tree.parameters().size(); ++i) {
        const config::Parameter &x = first.tree.parameters()[i], &y = second.tree.parameters()[i];
        EXPECT_EQ(x.value(), y.value()) << x.path().text();
        EXPECT_EQ(y.origin().source, Origin::Source::file) << x.path().text();
    }
}

TEST(Toml, ParametersOutsideAnyTableComeFirst) {
    LinkParams link, loose;
    config::ParamTree tree;
    tree.add("link", link);
    tree.add("", loose);
    const std::string text = config::to_toml(tree);
    EXPECT_LT(text.find("bandwidth"), text.find("[link]"));
    for (const auto& a : config::read_toml(text, my_file))
        EXPECT_NO_THROW(tree.set(a.pattern, a.text, a.origin)) << a.pattern;
}

} // namespace
} // namespace tollgate::config_test
