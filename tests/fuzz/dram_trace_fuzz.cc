// Memory traces of any content: an error of one printable line, or requests that the channel serves, each of them once.
// The first byte chooses among a few channels, so that schedulers, policies and full queues are met.
#include "cli/dram_replay.hh"
#include "config/error.hh"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

namespace {

using namespace tollgate;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "dram_trace_fuzz: %s\n", what);
    std::abort();
}

mem::DramParams params(std::uint8_t byte) {
    mem::DramParams p;
    p.speed = static_cast<mem::DramSpeed>(byte & 1);
    p.scheduler = static_cast<mem::DramSchedulerKind>(byte >> 1 & 1);
    p.page_policy = static_cast<mem::PagePolicy>((byte >> 2 & 3) % 3);
    p.ranks = 1u << (byte >> 4 & 1);
    p.refresh = (byte >> 5 & 1) != 0;
    p.read_queue = p.write_queue = (byte >> 6 & 1) != 0 ? 1 : 8;
    p.row_hit_cap = (byte >> 7 & 1) != 0 ? 1 : 16;
    return p;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::istringstream in{std::string{reinterpret_cast<const char*>(data) + 1, size - 1}};
    trace::MemoryTraceReader reader{in, "fuzz.stl"};
    cli::DramReplay replay{params(data[0]), {}};
    try {
        replay.run(reader);
    } catch (const config::ConfigError& e) {
        for (const char* c = e.what(); *c != 0; ++c)
            require(static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f, "a message has control characters");
        return 0;
    }
    const auto j = nlohmann::json::parse(replay.json());
    const auto n = [&](const char* command) { return j["commands"][command].get<std::uint64_t>(); };
    require(n("RD") + n("RDA") + n("WR") + n("WRA") <= j["requests"].get<std::uint64_t>(), "more data than requests");
    require(n("ACT") >= n("PRE"), "a row was closed that was not opened");
    require(!replay.table("fuzz.stl").empty(), "no table");
    return 0;
}
