/// A 16550A UART (National Semiconductor PC16550D) whose line is a `CharacterBackend`.
#pragma once
#include "abi/uart_regs.hh"
#include "base/counter.hh"
#include "base/param.hh"
#include "dev/character_backend.hh"
#include "tlm/register_file.hh"
#include <array>

namespace tollgate::dev {

using namespace literals;

struct UartParams {
    TOLLGATE_DESCRIBED(UartParams);
    TOLLGATE_PARAM(Picoseconds, char_time, 1_us, Unit::time, {0, 1'000'000'000'000}, Kind::timing,
                   {"uart.busy_time", Moves::up},
                   "A character's time on the line, start and stop bit included; 115200 baud take 86.8us. The divisor "
                   "that a guest sets does not matter.")
    TOLLGATE_PARAM(
        std::uint32_t, listen_polls, 16, Unit::none, {1, 1'000'000}, Kind::visible, {"uart.received", Moves::down},
        "A guest without receive interrupt gets input once it has read LSR this often in a row without sending.")
    TOLLGATE_PARAM(Picoseconds, latency, 50_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

struct UartCounters {
    TOLLGATE_DESCRIBED(UartCounters);
    TOLLGATE_COUNTER(sent, "characters", "Characters that left on the line.")
    TOLLGATE_COUNTER(received, "characters", "Characters that came in from the line.")
    TOLLGATE_COUNTER(busy_time, "ps", "Time in which the transmitter was sending.")
    TOLLGATE_COUNTER(lost_sending, "characters", "Written by the guest into a full transmitter.")
    TOLLGATE_COUNTER(lost_receiving, "characters", "Looped back into a full receiver.")
    TOLLGATE_END;
};

/// FIFO of 16 characters each way. Sending is paced by the line and never waits for the host: a character reaches the
/// backend when its stop bit is over.
///
/// The line has no flow control, but nothing is sent to a guest that does not listen, since it would be lost when a
/// later stage of the boot resets the FIFO: a guest listens if it has enabled the receive interrupt, or if it has
/// polled LSR with nothing to send or receive `listen_polls` times in a row, and then it gets one character at a time.
/// Output 0 is its interrupt. OUT2 does not gate it.
class Uart : public Device {
  public:
    Uart(const UartParams& params, CharacterBackend& backend)
        : char_time_(params.char_time), listen_polls_(params.listen_polls), backend_(backend) {}

    /// Asks the backend whether the host has something for us: once a quantum; the shell must be stirred after it.
    void look(Picoseconds now);

    /// The machine stands still from now on: what the guest has written goes to the backend, and that to the host.
    void drain();

    void reset(Picoseconds now) override;
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;
    std::optional<Picoseconds> next_action() const override;
    void act(Picoseconds now) override;
    unsigned outputs() const override { return 1; }
    bool output(unsigned) const override { return cause() != abi::uart::no_interrupt; }

    const UartCounters& counters() const { return counters_; }

  private:
    friend RegisterFile<abi::uart::Map>;
    std::uint8_t on_read(abi::uart::Rbr, unsigned, Picoseconds now);
    std::uint8_t on_read(abi::uart::Iir, unsigned, Picoseconds now);
    std::uint8_t on_read(abi::uart::Lsr, unsigned, Picoseconds now);
    std::uint8_t on_read(abi::uart::Msr, unsigned, Picoseconds now);
    void on_write(abi::uart::Thr, unsigned, std::uint8_t c, Picoseconds now);
    void on_write(abi::uart::Ier, unsigned, std::uint8_t value, Picoseconds now);
    void on_write(abi::uart::Fcr, unsigned, std::uint8_t value, Picoseconds now);
    void on_write(abi::uart::Mcr, unsigned, std::uint8_t value, Picoseconds now);

    /// A ring of characters.
    class Fifo {
      public:
        unsigned size() const { return size_; }
        void clear() { size_ = 0; }
        void push(std::uint8_t c) { chars_[(first_ + size_++) % chars_.size()] = c; }
        std::uint8_t pop() {
            const std::uint8_t c = chars_[first_];
            first_ = static_cast<unsigned>((first_ + 1) % chars_.size());
            --size_;
            return c;
        }

      private:
        std::array<std::uint8_t, abi::uart::fifo_depth> chars_{};
        unsigned first_ = 0, size_ = 0;
    };

    abi::uart::Cause cause() const;
    bool fifos() const { return abi::uart::Fcr::Enable::get(fcr_) != 0; }
    unsigned depth() const { return fifos() ? abi::uart::fifo_depth : 1; }
    unsigned trigger() const;
    bool loop() const { return abi::uart::Mcr::Loop::get(registers_.get<abi::uart::Mcr>()) != 0; }
    bool wants(std::uint8_t interrupt_enable) const { return registers_.get<abi::uart::Ier>() & interrupt_enable; }
    bool has_room() const;
    void start_sending(Picoseconds now);
    void sent(Picoseconds now);
    void expect(Picoseconds now); // the next character from the line, if the guest listens
    void arrive(std::uint8_t c, Picoseconds now);
    void restart_timeout(Picoseconds now);
    void clear_received();
    void clear_sending();

    Picoseconds char_time_;
    std::uint32_t listen_polls_;
    CharacterBackend& backend_;
    RegisterFile<abi::uart::Map> registers_;
    RegisterFile<abi::uart::DivisorMap> divisor_;
    Fifo received_, to_send_;
    std::uint8_t fcr_ = 0;
    std::uint32_t polls_ = 0; // of LSR, with nothing else in between
    bool overrun_ = false;
    bool transmit_empty_ = false; // its interrupt is due
    bool timed_out_ = false;      // receive timeout
    std::optional<std::uint8_t> sending_;
    std::optional<Picoseconds> sent_at_, arrives_at_, timeout_at_;
    Picoseconds line_free_{}; // the receiving line
    UartCounters counters_;
};

} // namespace tollgate::dev
