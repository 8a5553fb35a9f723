#include "bus/router.hh"
#include "models/support/fixed_target.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <stdexcept>

namespace tollgate::bus {
namespace {

using namespace literals;

/// Two initiators, two targets.
struct RouterTest : testing::Test {
    RouterParams params{.latency = 7_ns};
    Router router{"router", params};
    test::ScriptedInitiator first{"first"}, second{"second"};
    test::FixedTarget low{"low", 20_ns}, high{"high", 30_ns};

    RouterTest() {
        router.map("low", PhysAddr{0x1000}, 4_KiB, low.socket);
        router.map("high", PhysAddr{0x8000}, 8_KiB, high.socket);
        first.socket.bind(router.upstream);
        second.socket.bind(router.upstream);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
};

TEST_F(RouterTest, PassesOffsetsOnAndRestoresTheAddress) {
    high.fill = 0x5a;
    std::uint64_t data = 0;
    auto& p = first.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::walk, 0x8ff8, &data, 8);
    EXPECT_TRUE(first.send(p).ok());
    EXPECT_EQ(data, 0x5a5a'5a5a'5a5a'5a5aull);
    ASSERT_EQ(high.requests.size(), 1u);
    EXPECT_EQ(high.requests[0].address, 0xff8u);
    EXPECT_EQ(high.requests[0].kind, AccessKind::walk);
    EXPECT_EQ(p.get_address(), 0x8ff8u);
    EXPECT_TRUE(low.requests.empty());
}

TEST_F(RouterTest, TakesItsLatencyAndTheTargetsOnTopOfTheDelay) {
    const auto answer = second.read(0x1000, 4, 100_ns);
    EXPECT_EQ(answer.took, 100_ns + params.latency + low.latency);
    EXPECT_EQ(low.requests.at(0).at, 100_ns + params.latency);
}

TEST_F(RouterTest, UnmappedAndStraddlingAreAddressErrors) {
    EXPECT_EQ(first.read(0x0ff8, 8).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(first.read(0x2000, 8).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(first.write(0x1ffc, 8, 0).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_TRUE(low.requests.empty());
    EXPECT_EQ(router.counters().unmapped, 2u);
    EXPECT_EQ(router.counters().straddling, 1u);
    EXPECT_EQ(router.counters().reads + router.counters().writes, 0u);
}

TEST_F(RouterTest, CountsTransactionsAndTargetsErrorsByKind) {
    first.read(0x1000, 4);
    first.write(0x1000, 4, 1);
    low.status = ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
    EXPECT_EQ(first.read(0x1000, 4).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    low.status = ::tlm::TLM_BURST_ERROR_RESPONSE;
    first.read(0x1000, 4);
    low.status = ::tlm::TLM_COMMAND_ERROR_RESPONSE;
    first.write(0x1000, 4, 1);
    const RouterCounters& c = router.counters();
    EXPECT_EQ(c.reads, 3u);
    EXPECT_EQ(c.writes, 2u);
    EXPECT_EQ(c.address_errors, 1u);
    EXPECT_EQ(c.burst_errors, 1u);
    EXPECT_EQ(c.other_errors, 1u);
}

TEST_F(RouterTest, DirectPointersAreTranslatedAndClipped) {
    high.direct.resize(0x3000); // more than its window of 8 KiB
    auto& p = first.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0x9000, nullptr, 8);
    ::tlm::tlm_dmi dmi;
    ASSERT_TRUE(first.socket->get_direct_mem_ptr(p, dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x8000u);
    EXPECT_EQ(dmi.get_end_address(), 0x9fffu);
    EXPECT_EQ(dmi.get_dmi_ptr(), high.direct.data());
    EXPECT_EQ(to_picoseconds(dmi.get_read_latency()), high.latency + params.latency);
    EXPECT_EQ(p.get_address(), 0x9000u);
    EXPECT_EQ(router.counters().dmi_grants, 1u);
}

TEST_F(RouterTest, RefusedDirectPointersStayInsideTheWindow) {
    auto& p = first.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0x1800, nullptr, 8);
    ::tlm::tlm_dmi dmi;
    EXPECT_FALSE(first.socket->get_direct_mem_ptr(p, dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x1000u);
    EXPECT_EQ(dmi.get_end_address(), 0x1fffu);
    p.set_address(0x7000);
    EXPECT_FALSE(first.socket->get_direct_mem_ptr(p, dmi));
    EXPECT_EQ(router.counters().dmi_grants, 0u);
}

TEST_F(RouterTest, TargetsTakePointersBackFromEveryInitiator) {
    high.socket->invalidate_direct_mem_ptr(0x1000, ~0ull);
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{0x9000, 0x9fff}};
    EXPECT_EQ(first.invalidated, expected);
    EXPECT_EQ(second.invalidated, expected);
}

TEST_F(RouterTest, DebugAccessIsClippedToTheWindow) {
    unsigned char bytes[64]{};
    auto& p = first.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0x1ff0, bytes, sizeof bytes);
    EXPECT_EQ(first.socket->transport_dbg(p), 16u);
    EXPECT_EQ(p.get_data_length(), sizeof bytes);
    EXPECT_EQ(low.requests.at(0).address, 0xff0u);
    p.set_address(0x3000);
    EXPECT_EQ(first.socket->transport_dbg(p), 0u);
}

TEST(RouterMap, OverlapIsFoundAtElaboration) {
    Router router{"router", {}};
    test::FixedTarget a{"a", 1_ns}, b{"b", 1_ns};
    router.map("a", PhysAddr{0x1000}, 4_KiB, a.socket);
    EXPECT_THROW(router.map("b", PhysAddr{0x1800}, 4_KiB, b.socket), std::invalid_argument);
}

} // namespace
} // namespace tollgate::bus
