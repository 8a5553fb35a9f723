#include "models/support/scripted_initiator.hh"
#include "tlm/register_target.hh"
#include <gtest/gtest.h>
#include <set>

namespace tollgate {
namespace {

using namespace literals;

/// Writing n at offset 0 asks for an action n ns later, which turns output 0 over; offset 8 is output 1.
class Probe : public Device {
  public:
    std::vector<Picoseconds> acted, read_at;
    std::multiset<Picoseconds> due;
    bool levels[2]{};

    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override {
        read_at.push_back(now);
        value = 0x8877665544332211;
        if (offset >= 16) return Outcome::address_error;
        return size == 1 ? Outcome::burst_error : Outcome::ok;
    }
    Outcome write(std::uint64_t offset, unsigned, Picoseconds now, std::uint64_t value) override {
        if (offset == 8)
            levels[1] = value;
        else
            due.insert(now + Picoseconds{1'000 * value});
        return Outcome::ok;
    }
    std::optional<Picoseconds> next_action() const override {
        return due.empty() ? std::nullopt : std::optional{*due.begin()};
    }
    void act(Picoseconds now) override {
        due.erase(due.begin());
        acted.push_back(now);
        levels[0] = !levels[0];
    }
    unsigned outputs() const override { return 2; }
    bool output(unsigned n) const override { return levels[n]; }
};

struct RegisterTargetTest : testing::Test {
    using Changes = std::vector<test::RecordingSink::Change>;
    Probe probe;
    RegisterTarget target{"target", probe, 25_ns};
    test::ScriptedInitiator initiator{"initiator"};
    test::RecordingSink sink;
    RegisterTargetTest() {
        initiator.socket.bind(target.socket);
        target.connect(0, sink, 40);
        target.connect(1, sink, 41);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
};

TEST_F(RegisterTargetTest, SystemcHasNothingToComplainAbout) {
    EXPECT_EQ(sc_core::sc_report_handler::get_count(sc_core::SC_WARNING), 0);
}

TEST_F(RegisterTargetTest, AccessIsAtItsTimeAndAnswersAfterTheLatency) {
    test::run_to(7_ns);
    const auto answer = initiator.read(0, 4, 3_ns);
    EXPECT_EQ(answer.value, 0x44332211u);
    EXPECT_EQ(answer.took, 3_ns + 25_ns);
    EXPECT_EQ(probe.read_at.at(0), 10_ns);
}

TEST_F(RegisterTargetTest, RefusesFormsThatNoRegisterHas) {
    std::uint64_t data[4]{};
    unsigned char enables[8]{};
    const auto status = [&](std::uint64_t address, unsigned length) {
        return initiator.transfer(::tlm::TLM_READ_COMMAND, AccessKind::load, address, data, length).status;
    };
    for (const unsigned length : {0u, 3u, 5u, 6u, 7u, 16u, 32u})
        EXPECT_EQ(status(0, length), ::tlm::TLM_BURST_ERROR_RESPONSE) << length;
    EXPECT_EQ(status(2, 4), ::tlm::TLM_BURST_ERROR_RESPONSE);
    auto& p = initiator.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0, data, 8);
    p.set_streaming_width(4);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_TRUE(probe.read_at.empty()) << "none of them reached the device";
    p.set_streaming_width(8);
    p.set_byte_enable_ptr(enables);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    p.set_byte_enable_ptr(nullptr);
    p.set_command(::tlm::TLM_IGNORE_COMMAND);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status(0, 1), ::tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status(16, 4), ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(data[0], 0u) << "refused reads leave the data alone";
    const RegisterCounters& c = target.counters();
    EXPECT_EQ(c.burst_errors, 10u);
    EXPECT_EQ(c.address_errors, 1u);
    EXPECT_EQ(c.other_errors, 2u);
    EXPECT_EQ(c.reads, 0u);
}

TEST_F(RegisterTargetTest, ActsAtTheAnnouncedTimeAndAnnouncesNothingElse) {
    EXPECT_EQ(test::next_activity(), end_of_time);
    initiator.write(0, 8, 100, 5_ns);
    EXPECT_EQ(test::next_activity(), 105_ns);
    test::run_to(105_ns - 1_ps);
    EXPECT_TRUE(probe.acted.empty());
    test::run_to(1_us);
    EXPECT_EQ(probe.acted, std::vector{105_ns});
    EXPECT_EQ(sink.changes, (Changes{{40, true, 105_ns}}));
    EXPECT_EQ(test::next_activity(), end_of_time);
}

TEST_F(RegisterTargetTest, AnEarlierActionReplacesTheAnnouncement) {
    initiator.write(0, 8, 100);
    initiator.write(0, 8, 30);
    EXPECT_EQ(test::next_activity(), 30_ns);
    test::run_to(1_us);
    EXPECT_EQ(probe.acted, (std::vector{30_ns, 100_ns}));
    EXPECT_EQ(sink.changes, (Changes{{40, true, 30_ns}, {40, false, 100_ns}}));
}

TEST_F(RegisterTargetTest, ActionsDueBeforeAnAccessComeFirstAndOutputsKeepTheirTimes) {
    initiator.write(0, 8, 10);
    initiator.write(8, 8, 1, 50_ns);
    EXPECT_EQ(probe.acted, std::vector{10_ns});
    EXPECT_TRUE(sink.changes.empty());
    test::run_to(1_us);
    EXPECT_EQ(sink.changes, (Changes{{40, true, 10_ns}, {41, true, 50_ns}}));
}

TEST_F(RegisterTargetTest, AShortPulseInTheFutureIsNotLost) {
    initiator.write(8, 8, 1, 50_ns);
    initiator.write(8, 8, 0, 60_ns);
    test::run_to(1_us);
    EXPECT_EQ(sink.changes, (Changes{{41, true, 50_ns}, {41, false, 60_ns}}));
}

TEST_F(RegisterTargetTest, AccessWithoutDelayChangesOutputsAtOnce) {
    initiator.write(8, 8, 1);
    EXPECT_EQ(sink.changes, (Changes{{41, true, 0_ns}}));
    EXPECT_EQ(test::next_activity(), end_of_time);
}

TEST_F(RegisterTargetTest, StirPublishesWhatChangedFromOutside) {
    test::run_to(20_ns);
    probe.levels[1] = true;
    probe.due.insert(70_ns);
    target.stir();
    EXPECT_EQ(sink.changes, (Changes{{41, true, 20_ns}}));
    EXPECT_EQ(test::next_activity(), 70_ns);
}

TEST_F(RegisterTargetTest, WhatIsBeyondTheEndOfTimeIsNotAnnounced) {
    probe.due.insert(end_of_time);
    target.stir();
    EXPECT_EQ(test::next_activity(), end_of_time);
    EXPECT_FALSE(sc_core::sc_pending_activity());
}

TEST(AccessPayload, CarriesItsExtensionAndSurvivesReuse) {
    std::uint64_t data = 0;
    AccessPayload access{3, 1};
    for (const AccessKind kind : {AccessKind::fetch, AccessKind::dma}) {
        auto& p = access.prepare(::tlm::TLM_READ_COMMAND, kind, 0x40, &data, 8);
        EXPECT_EQ(kind_of(p), kind);
        EXPECT_EQ(p.get_extension<AccessExtension>()->initiator, 3u);
        EXPECT_EQ(p.get_extension<AccessExtension>()->node, 1u);
        EXPECT_EQ(p.get_streaming_width(), 8u);
        EXPECT_EQ(p.get_response_status(), ::tlm::TLM_INCOMPLETE_RESPONSE);
    }
    ::tlm::tlm_generic_payload foreign;
    foreign.set_write();
    EXPECT_EQ(kind_of(foreign), AccessKind::store);
}

} // namespace
} // namespace tollgate
