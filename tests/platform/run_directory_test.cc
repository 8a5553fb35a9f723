#include "report/run_directory.hh"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tollgate::report {
namespace {
namespace fs = std::filesystem;

/// A folder of this test alone, entered while it lives, because default run directories are relative.
class RunDirectoryTest : public ::testing::Test {
  protected:
    void SetUp() override {
        before_ = fs::current_path();
        here_ = fs::temp_directory_path()
                / ("tollgate_runs_" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
        fs::remove_all(here_);
        fs::create_directory(here_);
        fs::current_path(here_);
    }
    void TearDown() override {
        fs::current_path(before_);
        fs::remove_all(here_);
    }
    static std::string content(const fs::path& p) {
        std::stringstream s;
        s << std::ifstream(p).rdbuf();
        return s.str();
    }

  private:
    fs::path before_, here_;
};

TEST_F(RunDirectoryTest, DefaultsCountUp) {
    EXPECT_EQ(RunDirectory::create("boot", {}, false).path(), "runs/boot");
    EXPECT_EQ(RunDirectory::create("boot", {}, false).path(), "runs/boot.2");
    EXPECT_EQ(RunDirectory::create("boot", {}, false).path(), "runs/boot.3");
    EXPECT_EQ(RunDirectory::create("copy", {}, false).path(), "runs/copy");
}

TEST_F(RunDirectoryTest, ANamedOneIsMadeWithItsParents) {
    const RunDirectory d = RunDirectory::create("boot", "a/b/c", false);
    d.write("stats.json", "{}\n");
    EXPECT_EQ(content("a/b/c/stats.json"), "{}\n");
}

TEST_F(RunDirectoryTest, ResultsAreNotOverwrittenWithoutForce) {
    RunDirectory::create("boot", "a", false).write("stats.json", "old");
    EXPECT_THROW(RunDirectory::create("boot", "a", false), ResultsExist);
    EXPECT_EQ(content("a/stats.json"), "old");
}

TEST_F(RunDirectoryTest, ForceRemovesOldResultsAndNothingElse) {
    RunDirectory::create("boot", "a", false).write("events.csv.gz", "old");
    std::ofstream("a/notes.txt") << "mine";
    RunDirectory::create("boot", "a", true).write("stats.json", "new");
    EXPECT_FALSE(fs::exists("a/events.csv.gz"));
    EXPECT_EQ(content("a/notes.txt"), "mine");
    EXPECT_EQ(content("a/stats.json"), "new");
}

TEST_F(RunDirectoryTest, AFolderWithoutResultsMayBeUsed) {
    fs::create_directory("a");
    std::ofstream("a/notes.txt") << "mine";
    EXPECT_NO_THROW(RunDirectory::create("boot", "a", false));
}

TEST_F(RunDirectoryTest, WhatCannotBeWrittenIsAnError) {
    std::ofstream("file") << "x";
    EXPECT_THROW(RunDirectory::create("boot", "file", false), WriteError);
    EXPECT_THROW(RunDirectory::create("boot", "file/inside", false), WriteError);
    EXPECT_THROW(RunDirectory::create("boot", "a", false).write("no/such/folder", ""), WriteError);
    std::ofstream("runs") << "x";
    EXPECT_THROW(RunDirectory::create("boot", {}, false), WriteError);
}

TEST_F(RunDirectoryTest, AFullDiskIsAnError) {
    const RunDirectory device = RunDirectory::create("boot", "/dev", false);
    EXPECT_THROW(device.write("full", "x"), WriteError);
    EXPECT_THROW(device.write("full", std::string(1 << 20, 'x')), WriteError);
    EXPECT_NO_THROW(device.write("null", "x"));
}

} // namespace
} // namespace tollgate::report
