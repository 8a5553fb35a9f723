/// A copy of everything that a guest sends, on its way to a backend: console.log.
#pragma once
#include "dev/character_backend.hh"
#include <ostream>

namespace tollgate::dev {

/// Both outlive it. Whether the log could be written is the stream's to say.
class Capture : public CharacterBackend {
  public:
    Capture(CharacterBackend& backend, std::ostream& log) : backend_(backend), log_(log) {}
    void put(std::uint8_t c) override {
        log_.put(static_cast<char>(c));
        backend_.put(c);
    }
    Input input() const override { return backend_.input(); }
    std::optional<std::uint8_t> get() override { return backend_.get(); }
    void look() override { backend_.look(); }
    void wait(std::chrono::milliseconds at_most) override { backend_.wait(at_most); }
    void flush() override {
        log_.flush();
        backend_.flush();
    }
    bool reproducible() const override { return backend_.reproducible(); }

  private:
    CharacterBackend& backend_;
    std::ostream& log_;
};

} // namespace tollgate::dev
