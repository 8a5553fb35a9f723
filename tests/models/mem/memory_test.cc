#include "mem/memory.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <numeric>

namespace tollgate::mem {
namespace {

using namespace literals;

struct MemoryTest : testing::Test {
    Memory memory{"memory", 64_KiB, MemoryParams{}, 3};
    test::ScriptedInitiator initiator{"initiator"};
    MemoryTest() {
        initiator.socket.bind(memory.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
};

TEST_F(MemoryTest, ReadsWhatWasWrittenAtAnyLength) {
    for (const unsigned length : {1u, 2u, 7u, 64u, 4096u, 9001u}) {
        std::vector<unsigned char> out(length), in(length);
        std::iota(out.begin(), out.end(), static_cast<unsigned char>(length));
        EXPECT_TRUE(initiator.transfer(::tlm::TLM_WRITE_COMMAND, AccessKind::dma, 0xffd, out.data(), length).ok());
        EXPECT_TRUE(initiator.transfer(::tlm::TLM_READ_COMMAND, AccessKind::dma, 0xffd, in.data(), length).ok());
        EXPECT_EQ(in, out);
    }
    EXPECT_EQ(memory.counters().reads, 6u);
    EXPECT_EQ(memory.counters().bytes_written, 1u + 2 + 7 + 64 + 4096 + 9001);
}

TEST_F(MemoryTest, TakesNoTime) {
    EXPECT_EQ(initiator.read(0, 8, 5_ns).took, 5_ns);
    EXPECT_EQ(initiator.write(0, 1, 0).took, 0_ns);
}

TEST_F(MemoryTest, RefusesWhatIsNotInside) {
    EXPECT_TRUE(initiator.read(0xfff8, 8).ok());
    EXPECT_EQ(initiator.read(0xfff9, 8).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.write(0x10000, 1, 0).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.write(~0ull, 8, 0).status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(MemoryTest, RefusesFormsThatItDoesNotKnow) {
    std::uint64_t data = 0;
    unsigned char enables[8]{};
    auto& p = initiator.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0, &data, 8);
    p.set_byte_enable_ptr(enables);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    p.set_byte_enable_ptr(nullptr);
    p.set_streaming_width(4);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_BURST_ERROR_RESPONSE);
    p.set_streaming_width(8);
    p.set_command(::tlm::TLM_IGNORE_COMMAND);
    EXPECT_EQ(initiator.send(p).status, ::tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST_F(MemoryTest, SaysWhatADebuggerWrote) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
    memory.watch_debugger([&](std::uint64_t offset, std::uint64_t length) { told.emplace_back(offset, length); });
    std::uint64_t data = 5;
    auto& p = initiator.payload().prepare(::tlm::TLM_WRITE_COMMAND, AccessKind::store, 0xfffc, &data, 8);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 4u);
    p.set_command(::tlm::TLM_READ_COMMAND);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 4u);
    initiator.write(0, 8, 1);
    EXPECT_EQ(told, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0xfffc, 4}}));
}

TEST_F(MemoryTest, GrantsOneTouchedPage) {
    std::vector<std::byte> noise(page_bytes);
    memory.store().peek(0x3000, noise);
    auto& p = initiator.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0x3abc, nullptr, 8);
    ::tlm::tlm_dmi dmi;
    ASSERT_TRUE(initiator.socket->get_direct_mem_ptr(p, dmi));
    EXPECT_EQ(dmi.get_start_address(), 0x3000u);
    EXPECT_EQ(dmi.get_end_address(), 0x3fffu);
    EXPECT_TRUE(dmi.is_read_write_allowed());
    EXPECT_EQ(std::memcmp(dmi.get_dmi_ptr(), noise.data(), page_bytes), 0);
    EXPECT_EQ(memory.store().counters().pages_touched, 1u);
    dmi.get_dmi_ptr()[8] = 0xab;
    EXPECT_EQ(initiator.read(0x3008, 1).value, 0xabu);

    p.set_address(0x10000);
    EXPECT_FALSE(initiator.socket->get_direct_mem_ptr(p, dmi));
}

TEST_F(MemoryTest, DebugReadsTouchNothing) {
    std::uint64_t seen = 0;
    auto& p = initiator.payload().prepare(::tlm::TLM_READ_COMMAND, AccessKind::load, 0x5000, &seen, 8);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 8u);
    EXPECT_EQ(memory.store().counters().pages_touched, 0u);
    p.set_address(0xfffc);
    std::uint64_t last = 0;
    p.set_data_ptr(reinterpret_cast<unsigned char*>(&last));
    EXPECT_EQ(initiator.socket->transport_dbg(p), 4u);
    p.set_address(0x10000);
    EXPECT_EQ(initiator.socket->transport_dbg(p), 0u);
    EXPECT_EQ(initiator.read(0x5000, 8).value, seen);
    EXPECT_EQ(initiator.read(0xfffc, 4).value, last);
}

} // namespace
} // namespace tollgate::mem
