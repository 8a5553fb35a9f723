// Whatever a guest writes to the CLINT: its outputs are what the specification says of mtime and mtimecmp.
#include "dev/clint.hh"
#include "fuzz/device_fuzz.hh"

using namespace tollgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr unsigned harts = 3;
    fuzz::Bytes bytes{data, size};
    dev::ClintParams params;
    params.timebase = Hertz{1'000 + bytes.take(4) % 999'999'001};
    dev::Clint clint{params, harts};
    fuzz::Driver driver{clint, fuzz::places<abi::clint::Map>()};
    while (!bytes.empty()) {
        driver.step(bytes);
        for (unsigned h = 0; h < harts; ++h) {
            std::uint64_t compare = 0;
            clint.read(abi::clint::Mtimecmp::offset + 8 * h, 8, driver.now(), compare);
            const bool due = clint.next_timer(h) && *clint.next_timer(h) <= driver.now();
            fuzz::require(due || clint.output(2 * h + 1) == (clint.mtime_at(driver.now()) >= compare), "MTIP is wrong");
        }
        if (const auto next = clint.next_action()) {
            fuzz::require(clint.mtime_at(*next) != clint.mtime_at(*next - Picoseconds{1}), "acts between two edges");
        }
    }
    return 0;
}
