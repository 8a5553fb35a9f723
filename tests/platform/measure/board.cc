// What sbc-bench runs on a board, in supervisor mode under Sv39 with 4 KiB pages: chases through buffers of many sizes,
// two chases at once, and the bandwidth of scan, copy and fill. Cycles; bandwidth in thousandths of a byte a cycle.
#include "chain.hh"
#include "lib/memory.hh"
#include "lib/pages.hh"
#include "lib/uart.hh"
#include "report.hh"
#include <initializer_list>

extern "C" {
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void enter_supervisor(std::uint64_t argument, void (*where)());
[[noreturn]] void supervisor_main();
}

namespace measure {
namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t arena = 0x8000'0000 + 64 * mib, arena_bytes = 128 * mib;
/// More would not fit a last level any less.
constexpr std::uint64_t most_links = 128 << 10;

std::uint64_t now() {
    std::uint64_t t;
    asm volatile("fence\n rdcycle %0" : "=r"(t) : : "memory");
    return t;
}

void put_chase(std::uint64_t bytes) {
    const std::uint64_t room = bytes / 64, links = room < most_links ? room : most_links;
    const std::uint64_t first = make_chain(arena, links, room);
    // What the chain's making left behind is gone after a lap, or after half of a long one.
    const std::uint64_t lap = links / 64;
    const Chased warm = chase(first, links < most_links ? lap : lap / 2);
    const std::uint64_t blocks = links < most_links ? (lap < 64 ? 64 : lap) : lap / 2;
    guest::put("chase_");
    guest::put_decimal(bytes / 1024);
    report("", chase(warm.next, blocks).cycles, blocks * 64);
}

void put_two_chases() {
    constexpr std::uint64_t links = most_links / 2, blocks = links / 32;
    const std::uint64_t a = make_chain(arena, links, arena_bytes / 128);
    const std::uint64_t b = make_chain(arena + arena_bytes / 2, links, arena_bytes / 128);
    chase(a, links / 128);
    chase(b, links / 128);
    report("two_chases", chase_two(a, b, blocks), blocks * 32);
}

/// A scan that does nothing but read.
std::uint64_t read(std::uint64_t from, std::uint64_t bytes) {
    auto p = reinterpret_cast<const volatile std::uint64_t*>(from);
    std::uint64_t sum = 0;
    for (auto end = p + bytes / 8; p != end; p += 8) {
        const std::uint64_t a = p[0], b = p[1], c = p[2], d = p[3], e = p[4], f = p[5], g = p[6], h = p[7];
        sum += a + b + c + d + e + f + g + h;
    }
    return sum;
}

/// memchr() by words, as a C library without vectors has it, for a byte that is not there.
std::uint64_t scan(std::uint64_t from, std::uint64_t bytes) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101, highs = ones << 7;
    std::uint64_t wanted = ones * 0xa5;
    asm volatile("" : "+r"(wanted));
    auto p = reinterpret_cast<const std::uint64_t*>(from);
    for (; bytes >= 8; bytes -= 8, ++p) {
        const std::uint64_t w = *p ^ wanted;
        if (((w - ones) & ~w & highs) != 0) break;
    }
    return bytes;
}

/// Of `work` on part i of several; the first parts bring the caches to rest.
template <class Work> void put_bandwidth(const char* name, Work work) {
    constexpr std::uint64_t part = mib, warm = 4, parts = 8;
    for (std::uint64_t i = 0; i < warm; ++i) work(i * part, part);
    const std::uint64_t begin = now();
    for (std::uint64_t i = warm; i < parts; ++i) work(i * part, part);
    report(name, (parts - warm) * part * 1000, now() - begin);
}

} // namespace
} // namespace measure

void machine_main(const void*, std::uint64_t) {
    using namespace measure;
    guest::map_machine();
    guest::map_identity(arena, arena + arena_bytes, guest::Page::data);
    enter_supervisor(0, supervisor_main);
}

void supervisor_main() {
    using namespace measure;
    for (std::uint64_t kib : {16u, 64u, 128u, 256u, 512u, 1024u, 2048u, 4096u, 8192u, 16384u, 131072u})
        put_chase(kib * 1024);
    put_two_chases();
    guest::fill(reinterpret_cast<void*>(arena), 1, 8 * mib);
    guest::fill(reinterpret_cast<void*>(arena + 16 * mib), 1, 8 * mib); // out with what was written
    std::uint64_t left = 0, sum = 0;
    put_bandwidth("read", [&](std::uint64_t at, std::uint64_t bytes) { sum += read(arena + at, bytes); });
    if (sum != mib * 0x0101'0101'0101'0101) guest::power_off(6);
    put_bandwidth("scan", [&](std::uint64_t at, std::uint64_t bytes) { left += scan(arena + at, bytes); });
    if (left != 0) guest::power_off(5);
    put_bandwidth("copy", [](std::uint64_t at, std::uint64_t bytes) {
        guest::copy(reinterpret_cast<void*>(arena + 32 * mib + at), reinterpret_cast<void*>(arena + at), bytes);
    });
    put_bandwidth("fill", [](std::uint64_t at, std::uint64_t bytes) {
        guest::fill(reinterpret_cast<void*>(arena + 64 * mib + at), 3, bytes);
    });
    guest::put("end 0\n");
    guest::power_off(0);
}
