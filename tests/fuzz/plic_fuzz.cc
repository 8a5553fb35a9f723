// Whatever a guest writes to the PLIC and however its lines move: a claim names a pending, enabled source.
#include "dev/plic.hh"
#include "fuzz/device_fuzz.hh"

using namespace tollgate;
using namespace tollgate::abi::plic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    constexpr unsigned harts = 2, contexts = 2 * harts;
    fuzz::Bytes bytes{data, length};
    dev::Plic plic{harts};
    fuzz::Driver driver{plic, fuzz::places<Map>()};
    const auto get = [&](std::uint64_t at) {
        std::uint64_t v = 0;
        fuzz::require(plic.read(at, 4, driver.now(), v) == Outcome::ok, "a register is missing");
        return v;
    };
    while (!bytes.empty()) {
        const auto what = static_cast<unsigned>(bytes.take(1));
        const auto source = 1 + static_cast<unsigned>(bytes.take(1)) % sources;
        const unsigned context = what >> 2 & (contexts - 1);
        const std::uint64_t enable = Enable::offset + (context * words_per_context + source / 32) * 4;
        const std::uint64_t claim = Claim::offset + context * Claim::stride;
        switch (what & 3) {
        case 0: driver.step(bytes); break;
        case 1: plic.set_level(source, what & 0x80); break;
        case 2: // as a driver would: priority and enable, to get deep
            plic.write(Priority::offset + 4 * source, 4, driver.now(), what >> 4);
            plic.write(enable, 4, driver.now(), get(enable) | 1ull << source % 32);
            break;
        default: {
            const bool announced = plic.output(context);
            const std::uint64_t id = get(claim);
            fuzz::require(id <= sources, "claimed a source that does not exist");
            fuzz::require(id != 0 || !announced, "announced and then nothing to claim");
            if (id == 0) break;
            fuzz::require(!(get(Pending::offset + id / 32 * 4) >> id % 32 & 1), "claimed and still pending");
            fuzz::require(get(Priority::offset + 4 * id) != 0, "priority 0 interrupted");
            fuzz::require(get(Enable::offset + (context * words_per_context + id / 32) * 4) >> id % 32 & 1,
                          "claimed a source that is not enabled");
            if (what & 0x40) plic.write(claim, 4, driver.now(), id);
        }
        }
        fuzz::require(!(get(Pending::offset) & 1), "source 0 is pending");
    }
    fuzz::require(plic.counters().claims >= plic.counters().completions, "more completed than claimed");
    return 0;
}
