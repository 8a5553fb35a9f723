/// A serial line to file descriptors of the host: files and pipes.
#pragma once
#include "dev/character_backend.hh"
#include <memory>
#include <string>

namespace tollgate::dev {

/// Input from a regular file or /dev/null is there as fast as the guest takes it, and such runs are equal. Input from
/// anything else comes in host time: it is looked at in `look` and never waited for. Nothing is taken from the host
/// before the receiver has room for it, one character at a time, so what a guest leaves is the next program's. Output
/// is gathered by line.
class FdConsole : public CharacterBackend {
  public:
    /// Either may be -1: no input, output swallowed. The descriptors stay the caller's.
    FdConsole(int in, int out);
    /// Flushes, and cannot say whether that failed; call `flush` and ask `output_error` before.
    ~FdConsole() override;
    FdConsole(const FdConsole&) = delete;
    FdConsole& operator=(const FdConsole&) = delete;

    void put(std::uint8_t c) override;
    Input input() const override { return input_; }
    std::optional<std::uint8_t> get() override;
    void look() override;
    void wait(std::chrono::milliseconds at_most) override;
    void flush() override;
    bool reproducible() const override { return !live_; }
    /// The errno of the first write that failed; 0 if none did. What came after it was dropped.
    int output_error() const { return output_error_; }

  protected:
    int in() const { return in_; }
    /// How many bytes could be read now without waiting; nothing at the input's end.
    std::optional<std::size_t> available() const;

  private:
    int in_, out_;
    bool live_ = false;
    Input input_ = Input::ended;
    std::string output_;
    int output_error_ = 0;
};

/// The console for these descriptors: a HostTerminal if input is a terminal, else an FdConsole.
std::unique_ptr<CharacterBackend> host_console(int in, int out);

} // namespace tollgate::dev
