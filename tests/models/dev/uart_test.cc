#include "dev/uart.hh"
#include "models/support/register_checks.hh"
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace tollgate::dev {
namespace {

using namespace abi::uart;

/// Input that stands ready; output with the times at which it arrived.
struct Line : CharacterBackend {
    std::string sent;
    std::deque<std::uint8_t> input_;
    bool ready = true;
    void put(std::uint8_t c) override { sent.push_back(static_cast<char>(c)); }
    Input input() const override { return input_.empty() ? Input::ended : ready ? Input::ready : Input::later; }
    std::optional<std::uint8_t> get() override {
        const std::uint8_t c = input_.front();
        input_.pop_front();
        return c;
    }
    void look() override { ready = true; }
    void type(const std::string& text) { input_.insert(input_.end(), text.begin(), text.end()); }
};

struct UartTest : testing::Test {
    UartParams params{.char_time = 10_us, .listen_polls = 4};
    Line line;
    Uart uart{params, line};
    Picoseconds now{};

    std::uint8_t get(unsigned at) {
        std::uint64_t v = 0;
        EXPECT_EQ(uart.read(at, 1, now, v), Outcome::ok);
        return static_cast<std::uint8_t>(v);
    }
    void set(unsigned at, unsigned v) { ASSERT_EQ(uart.write(at, 1, now, v), Outcome::ok); }
    template <class R> std::uint8_t get() { return get(R::offset); }
    template <class R> void set(unsigned v) { set(R::offset, v); }
    /// Every action up to t; then it is t.
    void run_to(Picoseconds t) {
        for (auto next = uart.next_action(); next && *next <= t; next = uart.next_action()) uart.act(*next);
        now = t;
    }
    unsigned identity() { return Iir::Identity::get(get<Iir>()); }
    void fifos(unsigned trigger_code = 0) {
        set<Fcr>(Fcr::Enable::set(1) | Fcr::Trigger::set(std::uint8_t(trigger_code)));
    }
};

TEST_F(UartTest, RegistersFollowTheMap) {
    test::check_register_map<Map>([this] { return std::make_unique<Uart>(params, line); });
}

TEST_F(UartTest, DlabShowsTheDivisorAndNothingElseChanges) {
    set<Ier>(5);
    set<Lcr>(0x83);
    EXPECT_EQ(get<Dll>(), Dll::reset);
    set<Dll>(0x34);
    set<Dlm>(0x12);
    EXPECT_EQ(get<Dll>(), 0x34);
    EXPECT_EQ(get<Dlm>(), 0x12);
    set<Lcr>(0x03);
    EXPECT_EQ(get<Ier>(), 5);
    EXPECT_TRUE(line.sent.empty());
    EXPECT_EQ(uart.next_action(), std::nullopt); // 0x34 was no character
}

TEST_F(UartTest, CharacterLeavesAfterItsTimeAndNotBefore) {
    now = 3_us;
    set<Thr>('A');
    EXPECT_EQ(get<Lsr>(), 0x20); // the holding register is free, the shift register is not
    ASSERT_EQ(uart.next_action(), now + params.char_time);
    run_to(3_us + params.char_time - 1_ps);
    EXPECT_EQ(line.sent, "");
    run_to(3_us + params.char_time);
    EXPECT_EQ(line.sent, "A");
    EXPECT_EQ(get<Lsr>(), 0x60);
    EXPECT_EQ(uart.counters().busy_time, params.char_time.count());
}

TEST_F(UartTest, CharactersFollowWithoutGapAndTheFifoHoldsSixteen) {
    fifos();
    for (unsigned i = 0; i < fifo_depth + 2; ++i) set<Thr>('a' + i); // one on the line, sixteen wait, one is lost
    EXPECT_EQ(get<Lsr>(), 0x00);
    EXPECT_EQ(uart.counters().lost_sending, 1u);
    run_to(params.char_time * (fifo_depth + 1) - 1_ps);
    EXPECT_EQ(line.sent.size(), fifo_depth);
    run_to(params.char_time * (fifo_depth + 1));
    EXPECT_EQ(line.sent, "abcdefghijklmnopq");
    EXPECT_EQ(uart.next_action(), std::nullopt);
}

TEST_F(UartTest, WithoutFifosOneCharacterWaits) {
    for (const char c : {'x', 'y', 'z'}) set<Thr>(static_cast<unsigned>(c));
    run_to(1_ms);
    EXPECT_EQ(line.sent, "xy");
}

TEST_F(UartTest, TransmitEmptyInterruptIsAcknowledgedByIirOrThr) {
    EXPECT_EQ(identity(), no_interrupt);
    set<Ier>(Ier::TransmitEmpty::mask);
    EXPECT_TRUE(uart.output(0));
    EXPECT_EQ(identity(), transmit_empty);
    EXPECT_EQ(identity(), no_interrupt);
    set<Ier>(Ier::TransmitEmpty::mask); // no edge, no interrupt
    EXPECT_FALSE(uart.output(0));
    fifos();
    for (int i = 0; i < 3; ++i) set<Thr>('.');
    EXPECT_FALSE(uart.output(0)); // two wait
    run_to(params.char_time * 2 - 1_ps);
    EXPECT_FALSE(uart.output(0));
    run_to(params.char_time * 2); // the last one is on the line
    EXPECT_TRUE(uart.output(0));
    set<Thr>('.');
    EXPECT_FALSE(uart.output(0));
}

TEST_F(UartTest, NothingIsSentToAGuestThatDoesNotListen) {
    line.type("login");
    fifos();
    EXPECT_EQ(uart.next_action(), std::nullopt);
    for (int i = 0; i < 20; ++i) { // a guest that prints by polling does not listen
        get<Lsr>();
        set<Thr>('.');
        run_to(now + params.char_time);
    }
    EXPECT_EQ(line.input_.size(), 5u);
    EXPECT_EQ(uart.counters().received, 0u);
}

TEST_F(UartTest, InterruptDrivenGuestGetsInputAtLineSpeedWhileItHasRoom) {
    line.type("0123456789abcdefghij");
    fifos(3); // fourteen
    set<Ier>(Ier::Received::mask);
    run_to(params.char_time * 14 - 1_ps);
    EXPECT_EQ(uart.counters().received, 13u);
    EXPECT_FALSE(uart.output(0));
    run_to(params.char_time * 14);
    EXPECT_EQ(identity(), received);
    run_to(1_ms);
    EXPECT_EQ(uart.counters().received, fifo_depth); // no room for more
    EXPECT_EQ(line.input_.size(), 4u);
    std::string text;
    while (get<Lsr>() & 1) {
        text.push_back(static_cast<char>(get<Rbr>()));
        run_to(now + params.char_time);
    }
    EXPECT_EQ(text, "0123456789abcdefghij");
    EXPECT_EQ(uart.counters().lost_receiving, 0u);
}

TEST_F(UartTest, PollingGuestGetsOneCharacterAtATime) {
    line.type("ab");
    for (unsigned i = 1; i < params.listen_polls; ++i) EXPECT_EQ(get<Lsr>(), 0x60);
    EXPECT_EQ(uart.next_action(), std::nullopt);
    get<Lsr>();
    ASSERT_EQ(uart.next_action(), params.char_time);
    run_to(params.char_time);
    EXPECT_EQ(get<Lsr>(), 0x61);
    EXPECT_EQ(line.input_.size(), 1u);
    EXPECT_EQ(get<Rbr>(), 'a');
    EXPECT_EQ(get<Lsr>(), 0x60);
}

TEST_F(UartTest, ReceiveTimeoutAfterFourCharacterTimes) {
    fifos(1); // four
    set<Ier>(Ier::Received::mask);
    line.type("x");
    uart.look(now);
    run_to(params.char_time * 5 - 1_ps);
    EXPECT_EQ(identity(), no_interrupt);
    run_to(params.char_time * 5);
    EXPECT_EQ(identity(), receive_timeout);
    get<Rbr>();
    EXPECT_EQ(identity(), no_interrupt);
    EXPECT_EQ(uart.next_action(), std::nullopt);
}

TEST_F(UartTest, HostInputComesWhenLookedAt) {
    line.ready = false;
    line.type("x");
    set<Ier>(Ier::Received::mask);
    EXPECT_EQ(uart.next_action(), std::nullopt);
    now = 1_ms;
    uart.look(now);
    EXPECT_EQ(uart.next_action(), 1_ms + params.char_time);
}

TEST_F(UartTest, LoopbackReceivesWhatIsSentAndOverruns) {
    set<Mcr>(Mcr::Loop::mask);
    set<Ier>(Ier::LineStatus::mask);
    set<Thr>('1');
    set<Thr>('2');
    run_to(1_ms);
    EXPECT_EQ(line.sent, "");
    EXPECT_EQ(identity(), line_status);
    EXPECT_EQ(get<Lsr>() & 0x3, 0x3);
    EXPECT_EQ(get<Lsr>() & 0x3, 0x1); // reading cleared the error
    EXPECT_EQ(get<Rbr>(), '1');
    EXPECT_EQ(uart.counters().lost_receiving, 1u);
}

TEST_F(UartTest, LoopbackTurnsModemLinesRound) {
    set<Mcr>(Mcr::Loop::mask | Mcr::Rts::mask | Mcr::Out2::mask);
    EXPECT_EQ(get<Msr>() & 0xf0, Msr::Cts::mask | Msr::Dcd::mask); // Linux's probe
    EXPECT_EQ(get<Msr>() & 0x0f, 0);                               // deltas were read
    set<Ier>(Ier::ModemStatus::mask);
    set<Mcr>(Mcr::Loop::mask | Mcr::Out1::mask);
    EXPECT_EQ(identity(), modem_status);
    set<Mcr>(Mcr::Loop::mask);
    EXPECT_EQ(get<Msr>(), Msr::DeltaCts::mask | Msr::DeltaDcd::mask | Msr::TrailingRi::mask);
    EXPECT_FALSE(uart.output(0));
}

TEST_F(UartTest, FifoControlClears) {
    fifos();
    set<Ier>(Ier::Received::mask);
    line.type("abc");
    uart.look(now);
    run_to(params.char_time * 3);
    set<Thr>('1');
    set<Thr>('2');
    set<Fcr>(Fcr::Enable::mask | Fcr::ClearReceive::mask | Fcr::ClearTransmit::mask);
    EXPECT_EQ(get<Lsr>(), 0x20); // the one on the line goes out
    run_to(1_ms);
    EXPECT_EQ(line.sent, "1");
    EXPECT_EQ(get<Iir>() & Iir::Fifos::mask, Iir::Fifos::mask);
    set<Fcr>(0);
    EXPECT_EQ(get<Iir>() & Iir::Fifos::mask, 0);
}

} // namespace
} // namespace tollgate::dev
