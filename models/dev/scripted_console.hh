/// Somebody who waits for a text and then types one: for tests.
#pragma once
#include "dev/character_backend.hh"
#include <deque>
#include <string>
#include <vector>

namespace tollgate::dev {

/// When the guest has printed `expect` (after the previous step's), `send` is typed. An empty `expect` waits for
/// nothing.
struct ScriptStep {
    std::string expect, send;
};

class ScriptedConsole : public CharacterBackend {
  public:
    explicit ScriptedConsole(std::vector<ScriptStep> script);

    void put(std::uint8_t c) override;
    Input input() const override;
    std::optional<std::uint8_t> get() override;

    const std::string& output() const { return output_; } ///< all that the guest printed
    std::size_t steps_done() const { return step_; }      ///< whose text was seen
    bool finished() const { return step_ == script_.size() && typed_.empty(); }

  private:
    void advance();
    std::vector<ScriptStep> script_;
    std::size_t step_ = 0;
    std::size_t seen_ = 0; // output up to here belongs to earlier steps
    std::string output_;
    std::deque<std::uint8_t> typed_;
};

} // namespace tollgate::dev
