// Every hart with a `memcpy` of its own: nothing is shared but the memory system.
#include "lib/guest.hh"
#include "work/copy.hh"

extern "C" [[noreturn]] void secondary_main(std::uint64_t hart);

namespace guest {

namespace {

constexpr std::uint64_t most = 64; ///< harts
/// In the arena that nobody clears: each hart prepares what it reads.
[[gnu::section(".bss.arena")]] Memcpy copies[most];

/// Sums over the harts; the order of additions does not matter.
struct alignas(64) {
    std::uint64_t finished, sum, instructions;
} total;

/// The last hart to end reports; the others sleep.
[[noreturn]] void take_part(std::uint64_t hart) {
    copies[hart].prepare();
    std::uint64_t before = instructions_retired();
    __atomic_fetch_add(&total.sum, copies[hart].run(rounds), __ATOMIC_RELAXED);
    __atomic_fetch_add(&total.instructions, instructions_retired() - before, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&total.finished, 1u, __ATOMIC_ACQ_REL) == harts) finish(total.sum, total.instructions);
    while (true) asm volatile("wfi");
}

} // namespace

extern const Work work{"copies", 2'000, [] {},
                       [](std::uint64_t) -> std::uint64_t {
                           wake_others();
                           take_part(0);
                       }};

} // namespace guest

void secondary_main(std::uint64_t hart) { guest::take_part(hart); }
