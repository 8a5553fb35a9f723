#include "dev/scripted_console.hh"
#include <string_view>

namespace tollgate::dev {

ScriptedConsole::ScriptedConsole(std::vector<ScriptStep> script) : script_(std::move(script)) { advance(); }

void ScriptedConsole::put(std::uint8_t c) {
    output_.push_back(static_cast<char>(c));
    advance();
}

// Texts are looked for at the end of the output, where each of them must appear first.
void ScriptedConsole::advance() {
    while (step_ < script_.size()) {
        const ScriptStep& step = script_[step_];
        if (!std::string_view(output_).substr(seen_).ends_with(step.expect)) return;
        seen_ = output_.size();
        typed_.insert(typed_.end(), step.send.begin(), step.send.end());
        ++step_;
    }
}

CharacterBackend::Input ScriptedConsole::input() const {
    if (!typed_.empty()) return Input::ready;
    return step_ < script_.size() ? Input::later : Input::ended;
}

std::optional<std::uint8_t> ScriptedConsole::get() {
    if (typed_.empty()) return std::nullopt;
    const std::uint8_t c = typed_.front();
    typed_.pop_front();
    return c;
}

} // namespace tollgate::dev
