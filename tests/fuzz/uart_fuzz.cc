// Whatever a guest writes to the UART: no character is lost but by its own doing, and none appears from nowhere.
#include "dev/uart.hh"
#include "fuzz/device_fuzz.hh"

using namespace tollgate;
using namespace tollgate::abi::uart;

namespace {

struct Line : dev::CharacterBackend {
    std::uint64_t put_count = 0, taken = 0, offered = 0;
    void put(std::uint8_t) override { ++put_count; }
    Input input() const override { return taken < offered ? Input::ready : Input::later; }
    std::optional<std::uint8_t> get() override {
        fuzz::require(taken < offered, "takes what nobody offered");
        return static_cast<std::uint8_t>(taken++);
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Bytes bytes{data, size};
    dev::UartParams params;
    params.char_time = Picoseconds{bytes.take(3)}; // 0 as well
    params.listen_polls = 1 + static_cast<std::uint32_t>(bytes.take(1)) % 8;
    Line line;
    dev::Uart uart{params, line};
    fuzz::Driver driver{uart, fuzz::places<Map>()};
    std::uint64_t writes = 0;
    while (!bytes.empty()) {
        const auto what = static_cast<unsigned>(bytes.take(1));
        switch (what & 3) {
        case 0: line.offered += what >> 2; break;
        case 1: uart.look(driver.now()); break;
        default: driver.step(bytes);
        }
        ++writes;
        const dev::UartCounters& c = uart.counters();
        fuzz::require(line.put_count <= c.sent && c.sent + c.lost_sending <= writes, "sends what was never written");
        fuzz::require(line.taken <= c.received, "took a character and lost it");
        fuzz::require(c.busy_time == c.sent * params.char_time.count(), "busy time is not the characters' time");
    }
    return 0;
}
