/// What arrives on the serial line in the host's time.
#pragma once
#include "cpu/hart_scheduler.hh"
#include "dev/uart.hh"
#include "tlm/register_target.hh"

namespace tollgate::machine {

/// Looks at the UART's backend between the harts' turns. While every hart sleeps, only input that is still to come, or
/// a character that the guest will take, keeps the machine alive.
class SerialInput : public cpu::HostInput {
  public:
    SerialInput(dev::Uart& uart, RegisterTarget& target, dev::CharacterBackend& backend)
        : uart_{uart}, target_{target}, backend_{backend} {}

    void poll() override {
        uart_.look(to_picoseconds(sc_core::sc_time_stamp()));
        target_.stir();
    }
    bool may_come(std::chrono::milliseconds wait) override {
        // What is there and was not taken by a guest that sleeps for ever will never be.
        if (backend_.input() != dev::CharacterBackend::Input::later) return false;
        backend_.wait(wait);
        return backend_.input() != dev::CharacterBackend::Input::ended;
    }

  private:
    dev::Uart& uart_;
    RegisterTarget& target_;
    dev::CharacterBackend& backend_;
};

} // namespace tollgate::machine
