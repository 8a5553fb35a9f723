#include "dev/finisher.hh"
#include "models/support/register_checks.hh"
#include "models/support/scripted_initiator.hh"
#include "tlm/register_target.hh"
#include <gtest/gtest.h>
#include <memory>

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

TEST(StopAtFinish, StopsTheSimulationAtTheFirst) {
    StopAtFinish stop;
    Finisher finisher{stop};
    RegisterTarget target{"finisher", finisher, 1_ns};
    test::ScriptedInitiator initiator{"initiator"};
    initiator.socket.bind(target.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_FALSE(stop.finish());
    initiator.write(0, 4, 0x3333 | 7 << 16);
    initiator.write(0, 4, 0x5555);
    ASSERT_TRUE(stop.finish());
    EXPECT_EQ(stop.finish()->code, 7u);
    EXPECT_EQ(sc_core::sc_get_status(), sc_core::SC_STOPPED);
}

} // namespace
} // namespace tollgate::dev
