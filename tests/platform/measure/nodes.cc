// What harts of a machine of several nodes find together: lines that another hart has written, near and far, and the
// bandwidth of each other's memory. The boot arguments say how many MiB of memory a node has and how many nodes there
// are.
#include "lib/device_tree.hh"
#include "lib/uart.hh"
#include "report.hh"
#include "single_loads.hh"

extern "C" {
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void secondary_main(std::uint64_t hart);
void read_lines(std::uint64_t address, std::uint64_t lines);
}

namespace measure {
namespace {

constexpr std::uint64_t memory = 0x8000'0000, fresh_from = 16 * mib, end_room = 4 * mib, streams_room = 48 * mib;
constexpr std::uint64_t stream_bytes = mib / 2, dirty_lines = 64;

std::uint64_t node_bytes, nodes, harts;
std::uint64_t taken[16]; ///< [node] bytes of untouched memory that are used up, from the end
SingleLoads loads;

/// So many bytes of a node's memory that nobody has touched.
std::uint64_t fresh(std::uint64_t node, std::uint64_t bytes) {
    taken[node] += bytes;
    return (memory + (node + 1) * node_bytes - end_room - taken[node]) & ~63ull;
}

enum class Order : std::uint64_t { none, write, read };
/// What a hart is told to do; on a line of its own, as all that other harts poll.
struct alignas(64) Post {
    volatile std::uint64_t serial, done;
    volatile Order order;
    volatile std::uint64_t address, lines, start, end;
};
Post posts[16];

std::uint64_t time() {
    std::uint64_t t;
    asm volatile("fence\n rdtime %0" : "=r"(t) : : "memory");
    return t;
}

void carry_out(Post& p) {
    while (time() < p.start) {}
    if (p.order == Order::write)
        for (std::uint64_t i = 0; i < p.lines; ++i)
            *reinterpret_cast<volatile std::uint64_t*>(p.address + i * SingleLoads::page_step) = i;
    else
        read_lines(p.address, p.lines);
    p.end = time();
}

void tell(std::uint64_t hart, Order order, std::uint64_t address, std::uint64_t lines_, std::uint64_t start) {
    Post& p = posts[hart];
    p.order = order;
    p.address = address;
    p.lines = lines_;
    p.start = start;
    asm volatile("fence" : : : "memory");
    p.serial = p.serial + 1;
    if (hart == 0) return;
    *reinterpret_cast<volatile std::uint32_t*>(0x0200'0000 + 4 * hart) = 1;
}
void wait_for(std::uint64_t hart) {
    while (posts[hart].done != posts[hart].serial) {}
    asm volatile("fence" : : : "memory");
}

/// Lines of node `home` that `hart` has written, read by hart 0.
std::uint64_t dirty(std::uint64_t hart, std::uint64_t home) {
    const std::uint64_t base = fresh(home, dirty_lines * SingleLoads::page_step);
    tell(hart, Order::write, base, dirty_lines, 0);
    wait_for(hart);
    return loads.page_by_page(base, dirty_lines);
}

/// Bytes a microsecond of `count` harts from the first one on, each reading memory of its own node, or all that of
/// `home`.
std::uint64_t bandwidth(std::uint64_t count, std::uint64_t home) {
    const std::uint64_t start = time() + 300; // 30 us: all have been told
    for (std::uint64_t h = count; h-- > 0;)
        tell(h, Order::read, fresh(home == nodes ? h * nodes / harts : home, stream_bytes), stream_bytes / 64, start);
    carry_out(posts[0]);
    posts[0].done = posts[0].serial;
    std::uint64_t last = 0;
    for (std::uint64_t h = 0; h < count; ++h) {
        wait_for(h);
        if (posts[h].end > last) last = posts[h].end;
    }
    return count * stream_bytes * 10 / (last - start);
}

void put_numbered(const char* name, std::uint64_t number, std::uint64_t value) {
    guest::put(name);
    guest::put('_');
    guest::put_decimal(number);
    report("", value);
}

} // namespace
} // namespace measure

void machine_main(const void* tree, std::uint64_t) {
    using namespace measure;
    node_bytes = guest::boot_argument(tree, "memory", 128) * mib;
    nodes = guest::boot_argument(tree, "nodes", 1);
    harts = guest::harts_in(tree);
    const std::uint64_t near = make_chain(fresh(0, 1024), 16, 16);
    chase(near, 1);
    loads.calibrate(chase(near, 16).cycles / (16 * 64));
    // Three quarters of a mebibyte: more than a second level, less than a last one.
    const std::uint64_t ring = make_chain(fresh(0, mib), mib * 3 / 4 / 64, mib / 64);
    chase(ring, mib * 3 / 4 / 64 / 64);
    report("last_level", chase(ring, mib * 3 / 4 / 64 / 64).cycles, mib * 3 / 4 / 64);
    read_lines(fresh(0, 8 * mib), 8 * mib / 64); // so that nothing waits to be written back
    for (std::uint64_t n = 0; n < nodes; ++n)
        put_numbered("memory", n,
                     loads.row_after_row(memory + n * node_bytes + fresh_from, node_bytes - fresh_from - streams_room,
                                         row_step));
    if (harts > 1) report("dirty_near", dirty(1, 0));
    if (nodes > 1) {
        const std::uint64_t far = harts / nodes;
        report("dirty_far_home_near", dirty(far, 0));
        report("dirty_far_home_far", dirty(far, 1));
        report("bandwidth_near", bandwidth(harts / nodes, 0));
        report("bandwidth_far", bandwidth(harts / nodes, 1));
    }
    for (std::uint64_t count = 1; count <= harts; ++count) put_numbered("of_one", count, bandwidth(count, 0));
    for (std::uint64_t count = 1; count <= harts; ++count) put_numbered("of_own", count, bandwidth(count, nodes));
    guest::put("end 0\n");
    guest::power_off(0);
}

/// Sleeps until there is something to do.
void secondary_main(std::uint64_t hart) {
    using namespace measure;
    auto& bell = *reinterpret_cast<volatile std::uint32_t*>(0x0200'0000 + 4 * hart);
    asm volatile("csrw mie, %0" : : "r"(8));
    Post& mine = posts[hart];
    for (;;) {
        while (mine.done == mine.serial) asm volatile("wfi");
        bell = 0;
        asm volatile("fence" : : : "memory");
        carry_out(mine);
        asm volatile("fence" : : : "memory");
        mine.done = mine.serial;
    }
}
