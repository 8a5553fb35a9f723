/// The host's terminal as the guest's: every key goes to the guest, but for the escape.
#pragma once
#include "dev/fd_console.hh"
#include <deque>
#include <termios.h>

namespace tollgate::dev {

/// Ctrl-a x leaves; Ctrl-a c and Ctrl-a Ctrl-a send a Ctrl-a; Ctrl-a and anything else is dropped.
class EscapeFilter {
  public:
    enum class Action : std::uint8_t { none, pass, leave };
    static constexpr std::uint8_t ctrl_a = 0x01;
    /// What to do about a key; `pass` means to pass on `c`, which it may have changed.
    Action key(std::uint8_t& c);

  private:
    bool escape_ = false;
};

/// Raw mode of a terminal while it lives. The old mode comes back with the destructor, at `exit` and on every signal
/// that ends the process. One at a time.
class RawMode {
  public:
    /// Does nothing if the descriptor is no terminal.
    explicit RawMode(int fd);
    ~RawMode();
    RawMode(const RawMode&) = delete;
    RawMode& operator=(const RawMode&) = delete;
};

/// Unlike a pipe, a terminal is read ahead, up to `read_ahead` keys, because the escape must work in a guest that does
/// not listen.
class HostTerminal : public FdConsole {
  public:
    static constexpr std::size_t read_ahead = 4096;

    HostTerminal(int in, int out) : FdConsole(in, out), raw_(in) {}
    Input input() const override;
    std::optional<std::uint8_t> get() override;
    void look() override;
    void wait(std::chrono::milliseconds at_most) override;
    /// Somebody typed Ctrl-a x.
    bool leave_requested() const { return leave_; }

  private:
    RawMode raw_;
    EscapeFilter filter_;
    std::deque<std::uint8_t> keys_;
    bool ended_ = false, leave_ = false;
};

} // namespace tollgate::dev
