#include "dev/finisher.hh"
#include "models/support/register_checks.hh"
#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace tollgate::dev {
namespace {

struct Recorder : FinishListener {
    std::vector<Finish> seen;
    void finished(const Finish& f) override { seen.push_back(f); }
};

TEST(FinisherRegisters, FollowTheMap) {
    Recorder recorder;
    test::check_register_map<abi::finisher::Map>([&] { return std::make_unique<Finisher>(recorder); });
    EXPECT_TRUE(recorder.seen.empty());
}

TEST(Finisher, TellsHowAndWhen) {
    Recorder r;
    Finisher f{r};
    f.write(0, 4, 5_ns, 0x5555);
    f.write(0, 4, 6_ns, 0x3333 | 42 << 16);
    f.write(0, 2, 7_ns, 0x7777); // the lower half alone
    f.write(0, 4, 8_ns, 0x5554); // unknown
    f.write(2, 2, 9_ns, 0x5555); // the upper half alone is no command
    ASSERT_EQ(r.seen.size(), 3u);
    EXPECT_EQ(r.seen[0].how, Finish::How::pass);
    EXPECT_EQ(r.seen[0].at, 5_ns);
    EXPECT_EQ(r.seen[1].how, Finish::How::fail);
    EXPECT_EQ(r.seen[1].code, 42u);
    EXPECT_EQ(r.seen[2].how, Finish::How::reset);
}

} // namespace
} // namespace tollgate::dev
