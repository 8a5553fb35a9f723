// Several harts on one lock: each takes it `rounds` times, changes what it protects, and does a little work of its own
// in between.
#include "lib/guest.hh"

extern "C" [[noreturn]] void secondary_main(std::uint64_t hart);

namespace guest {

namespace {

constexpr std::uint64_t protected_words = 4;

struct alignas(64) Lock {
    std::uint32_t taken;
    /// Test, then test-and-set: waiting reads a shared line and writes nothing.
    void acquire() {
        while (true) {
            while (__atomic_load_n(&taken, __ATOMIC_RELAXED)) {}
            if (!__atomic_exchange_n(&taken, 1u, __ATOMIC_ACQUIRE)) return;
        }
    }
    void release() { __atomic_store_n(&taken, 0u, __ATOMIC_RELEASE); }
};

Lock lock;
struct alignas(64) {
    std::uint64_t word[protected_words];
} shared;
/// Sums over the harts; the order of additions does not matter.
struct alignas(64) {
    std::uint64_t finished, own, instructions;
} total;

std::uint64_t contend(std::uint64_t hart) {
    std::uint64_t own = hart + 1;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        lock.acquire();
        for (std::uint64_t w = 0; w < protected_words; ++w) shared.word[w] += w + 1;
        lock.release();
        for (int k = 0; k < 8; ++k) {
            own ^= own << 13;
            own ^= own >> 7;
            own ^= own << 17;
        }
    }
    return own;
}

/// The last hart to end reports; the others sleep, so that nobody spins for anything but the lock.
[[noreturn]] void take_part(std::uint64_t hart) {
    std::uint64_t before = instructions_retired();
    __atomic_fetch_add(&total.own, contend(hart), __ATOMIC_RELAXED);
    __atomic_fetch_add(&total.instructions, instructions_retired() - before, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&total.finished, 1u, __ATOMIC_ACQ_REL) == harts) {
        std::uint64_t sum = total.own;
        for (std::uint64_t w : shared.word) sum = sum * 31 + w;
        finish(sum, total.instructions);
    }
    while (true) asm volatile("wfi");
}

} // namespace

extern const Work work{"lock", 500'000, [] {},
                       [](std::uint64_t) -> std::uint64_t {
                           wake_others();
                           take_part(0);
                       }};

} // namespace guest

void secondary_main(std::uint64_t hart) { guest::take_part(hart); }
