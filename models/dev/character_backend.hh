/// What stands at the other end of a serial line.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace tollgate::dev {

/// Takes the characters that a guest sends and offers those that it is to receive.
class CharacterBackend {
  public:
    /// What is to be expected: nothing ever again; nothing now; a character at once.
    enum class Input : std::uint8_t { ended, later, ready };

    virtual ~CharacterBackend() = default;

    /// Takes a character that the guest has sent. Never waits for anybody but the host's own output.
    virtual void put(std::uint8_t c) = 0;
    /// What `get` would do, without asking the host.
    virtual Input input() const = 0;
    /// Takes the next character; nothing if there is none after all. Called only when the receiver has room.
    virtual std::optional<std::uint8_t> get() = 0;

    /// Looks whether the host has something: once a quantum, never waiting.
    virtual void look() {}
    /// Waits for the host's input, at most this long: for a machine that sleeps until somebody types.
    virtual void wait(std::chrono::milliseconds) {}
    /// What was put is with the host afterwards.
    virtual void flush() {}
    /// Input does not depend on host time: equal runs are equal.
    virtual bool reproducible() const { return true; }
};

/// Nobody: swallows what is sent and never sends.
class NullBackend : public CharacterBackend {
  public:
    void put(std::uint8_t) override {}
    Input input() const override { return Input::ended; }
    std::optional<std::uint8_t> get() override { return std::nullopt; }
};

} // namespace tollgate::dev
