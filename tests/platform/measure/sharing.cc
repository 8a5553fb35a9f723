// Harts that share lines: a lock, rings of producers and consumers, interrupts sent to and fro, words of one line, a
// flag that a device writes. The boot arguments say which (`scene`) and how often (`rounds`). Found are the cycles
// until the last hart is through, and the mean of what a hart waits for, in cycles.
#include "lib/device_tree.hh"
#include "lib/uart.hh"
#include "report.hh"

extern "C" {
[[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);
[[noreturn]] void secondary_main(std::uint64_t hart);
}

namespace measure {
namespace {

constexpr std::uint64_t most_harts = 8, ring_lines = 8, until_all_are_there = 20'000; // cycles
std::uint64_t scene, rounds, harts;

std::uint64_t cycles() {
    std::uint64_t n;
    asm volatile("rdcycle %0" : "=r"(n) : : "memory");
    return n;
}
/// Passes so many turns of a loop.
void work(std::uint64_t turns) { asm volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(turns)); }
volatile std::uint32_t& bell(std::uint64_t hart) {
    return *reinterpret_cast<volatile std::uint32_t*>(0x0200'0000 + 4 * hart);
}

struct alignas(64) Word {
    std::uint64_t value;
    std::uint64_t load() const { return __atomic_load_n(&value, __ATOMIC_ACQUIRE); }
    void store(std::uint64_t v) { __atomic_store_n(&value, v, __ATOMIC_RELEASE); }
};
Word start, taken, counter;
struct alignas(64) {
    std::uint64_t through, waited, samples, end;
} all;
struct Ring {
    Word written, read, item[ring_lines];
};
Ring rings[most_harts / 2];
struct alignas(64) {
    volatile std::uint64_t word[most_harts];
} shared;

/// What a hart waited for, summed up.
struct Waits {
    std::uint64_t sum = 0, samples = 0;
    void add(std::uint64_t n) { sum += n, ++samples; }
};

Waits lock(std::uint64_t hart) {
    Waits w;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        const std::uint64_t from = cycles();
        do {
            while (__atomic_load_n(&taken.value, __ATOMIC_RELAXED) != 0) {}
        } while (__atomic_exchange_n(&taken.value, 1, __ATOMIC_ACQUIRE) != 0);
        w.add(cycles() - from);
        ++counter.value;
        work(20);
        taken.store(0);
        work(60 + 26 * hart);
    }
    return w;
}

/// The first half of the harts produce, the second half consume, faster: how full a ring of equals is decides chance.
Waits ring(std::uint64_t hart) {
    Waits w;
    const bool producer = hart < harts / 2;
    Ring& r = rings[hart % (harts / 2)];
    for (std::uint64_t i = 0; i < rounds; ++i) {
        std::uint64_t& item = r.item[i % ring_lines].value;
        if (producer) {
            work(600 + i * 37 % 101);
            while (i - r.read.load() == ring_lines) {}
            item = cycles();
            r.written.store(i + 1);
        } else {
            while (r.written.load() == i) {}
            w.add(cycles() - item);
            r.read.store(i + 1);
            work(70);
        }
    }
    return w;
}

/// Who of two rings first waits for the answer.
Waits ping(std::uint64_t hart) {
    Waits w;
    const std::uint64_t other = (hart + harts / 2) % harts;
    asm volatile("csrw mie, %0" : : "r"(8));
    for (std::uint64_t i = 0; i < rounds; ++i) {
        const std::uint64_t from = cycles();
        if (hart < other) bell(other) = 1;
        for (std::uint64_t pending = 0; (pending & 8) == 0;) {
            asm volatile("csrr %0, mip" : "=r"(pending));
            if ((pending & 8) == 0) asm volatile("wfi");
        }
        bell(hart) = 0;
        work(40);
        if (hart < other)
            w.add(cycles() - from);
        else
            bell(other) = 1;
    }
    return w;
}

/// Each hart counts in a word of its own, all in one line.
Waits words(std::uint64_t hart) {
    Waits w;
    for (std::uint64_t i = 0; i < rounds; ++i) {
        const std::uint64_t from = cycles();
        shared.word[hart] = shared.word[hart] + 1;
        asm volatile("fence" : : : "memory");
        w.add(cycles() - from);
        work(20 + 7 * hart);
    }
    return w;
}

/// A device writes the cycle in which the write was due.
Waits flag(std::uint64_t) {
    Waits w;
    const Word& line = *reinterpret_cast<const Word*>(0x8040'0000);
    for (std::uint64_t before = 0, i = 0; i < rounds; ++i) {
        std::uint64_t seen;
        do seen = line.load();
        while (seen == before);
        w.add(cycles() - seen);
        before = seen;
    }
    return w;
}

/// The last one reports, the others sleep.
[[noreturn]] void take_part(std::uint64_t hart) {
    constexpr Waits (*scenes[])(std::uint64_t) = {lock, ring, ping, words, flag};
    while (cycles() < start.load()) {}
    const Waits w = scenes[scene](hart);
    const std::uint64_t end = cycles();
    __atomic_fetch_add(&all.waited, w.sum, __ATOMIC_RELAXED);
    __atomic_fetch_add(&all.samples, w.samples, __ATOMIC_RELAXED);
    for (std::uint64_t before = __atomic_load_n(&all.end, __ATOMIC_RELAXED); before < end;)
        if (__atomic_compare_exchange_n(&all.end, &before, end, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) break;
    if (__atomic_add_fetch(&all.through, 1, __ATOMIC_ACQ_REL) == harts) {
        report("took", all.end - start.value);
        report("waited", all.waited, all.samples);
        guest::put("end 0\n");
        guest::power_off(0);
    }
    asm volatile("csrw mie, zero");
    while (true) asm volatile("wfi");
}

} // namespace
} // namespace measure

void machine_main(const void* tree, std::uint64_t) {
    using namespace measure;
    scene = guest::boot_argument(tree, "scene", 0);
    rounds = guest::boot_argument(tree, "rounds", 1);
    harts = guest::harts_in(tree);
    *reinterpret_cast<volatile std::uint64_t*>(0x8040'0000) = 0;
    start.value = cycles() + until_all_are_there;
    asm volatile("fence" : : : "memory");
    for (std::uint64_t h = 1; h < harts; ++h) bell(h) = 1;
    take_part(0);
}

void secondary_main(std::uint64_t hart) { measure::take_part(hart); }
