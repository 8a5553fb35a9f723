#include "dev/rom.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <stdexcept>

namespace tollgate::dev {
namespace {

constexpr std::byte contents[] = {std::byte{0x97}, std::byte{0x02}, std::byte{0x13}, std::byte{0x37}, std::byte{0x42}};

struct RomTest : testing::Test {
    RomParams params{.latency = 12_ns};
    Rom rom{"rom", 4_KiB, contents, params};
    test::ScriptedInitiator initiator{"initiator"};
    RomTest() {
        initiator.socket.bind(rom.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
};

TEST_F(RomTest, ReadsItsContentsThenZeros) {
    const auto answer = initiator.read(0, 4, 3_ns);
    EXPECT_EQ(answer.value, 0x37130297u);
    EXPECT_EQ(answer.took, 3_ns + params.latency);
    EXPECT_EQ(initiator.read(3, 8).value, 0x4237u);
    unsigned char line[64] = {1};
    EXPECT_TRUE(initiator.transfer(::tlm::TLM_READ_COMMAND, AccessKind::fetch, 0, line, sizeof line).ok());
    EXPECT_EQ(line[4], 0x42u);
    EXPECT_EQ(line[63], 0u);
}

TEST_F(RomTest, EndsAtItsSize) {
    EXPECT_TRUE(initiator.read(4088, 8).ok());
    EXPECT_EQ(initiator.read(4089, 8).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(~0ull, 8).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(RomTest, IsNeverWritten) {
    EXPECT_EQ(initiator.write(0, 4, 0).status, ::tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0, 4).value, 0x37130297u);
    std::uint64_t zero = 0;
    auto& p = initiator.payload().prepare(::tlm::TLM_WRITE_COMMAND, AccessKind::store, 0, &zero, 8);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 0u);
    ::tlm::tlm_dmi dmi;
    EXPECT_FALSE(initiator.socket->get_direct_mem_ptr(p, dmi));
    p.set_read();
    ASSERT_TRUE(initiator.socket->get_direct_mem_ptr(p, dmi));
    EXPECT_FALSE(dmi.is_write_allowed());
    EXPECT_EQ(dmi.get_dmi_ptr()[3], 0x37u);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 8u);
    EXPECT_EQ(zero, 0x42'37130297u);
}

TEST(Rom, ContentsMustFit) { EXPECT_THROW(Rom("rom", 4_B, contents, {}), std::invalid_argument); }

} // namespace
} // namespace tollgate::dev
