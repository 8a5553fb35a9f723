// Scripts of bus masters of any content: an error of one printable line, or transfers in order of time, each of them
// inside what its line says.
#include "config/error.hh"
#include "machine/script_reader.hh"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace {

using namespace tollgate;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "dma_script_fuzz: %s\n", what);
    std::abort();
}

void play(dev::DmaScript script) {
    require(script.node < 16 && script.outstanding >= 1 && script.outstanding <= 1024, "node or outstanding");
    dev::ScriptPlayer player{std::move(script)};
    Picoseconds now{};
    for (int n = 0; n < 1000 && player.next(); ++n) {
        const Picoseconds at = *player.next();
        const dev::ScriptedTransfer t = player.take();
        require(t.at == at && at >= now, "transfers in order of time");
        require(t.bytes >= 1 && t.bytes <= 1 << 20, "length");
        require(t.data.size() == t.bytes || (t.data.empty() && !t.write), "data");
        now = at;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream in{std::string{reinterpret_cast<const char*>(data), size}};
    try {
        play(machine::read_dma_script(in, "fuzz.txt"));
    } catch (const config::ConfigError& e) {
        for (const char* c = e.what(); *c != 0; ++c)
            require(static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f, "a message has control characters");
    }
    return 0;
}
