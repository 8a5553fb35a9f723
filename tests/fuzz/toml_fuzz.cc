// Parameter files and command lines of any content: an error of one printable line, or values that can be written and
// read back.
#include "config/assignments.hh"
#include "config/toml_file.hh"
#include "platform/config_fixture.hh"
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace tollgate;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "toml_fuzz: %s\n", what);
    std::abort();
}

/// Runs f; the only way out besides its end is a ConfigError whose message fits on a line.
template <class F> void try_out(F&& f) {
    try {
        f();
    } catch (const config::ConfigError& e) {
        for (const char* c = e.what(); *c != 0; ++c)
            require(static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f, "a message has control characters");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    config_test::Machine machine;
    const config::Origin file{config::Origin::Source::file, "fuzz.toml", 0};
    try_out([&] {
        for (const config::Assignment& a : config::read_toml(input, file))
            try_out([&] { machine.tree.set(a.pattern, a.text, a.origin); });
    });
    try_out([&] {
        config::Assignments line;
        line.add_command_line(input.substr(0, input.find('\n')));
        line.apply(machine.tree);
    });
    const std::string written = config::to_toml(machine.tree);
    config_test::Machine again;
    for (const config::Assignment& a : config::read_toml(written, file)) again.tree.set(a.pattern, a.text, a.origin);
    require(config::to_toml(again.tree) == written, "what was written does not read back");
    return 0;
}
