// Something of everything that a parameter of the machine can change; a section for each, sized so that it shows.
#include "lib/pages.hh"
#include "machine.hh"
#include <initializer_list>

extern "C" {
std::uint64_t chain_alu(std::uint64_t), chain_mul(std::uint64_t), chain_div(std::uint64_t), chain_load(std::uint64_t),
    chain_amo(std::uint64_t), chain_fp_add(std::uint64_t), chain_fp_mul(std::uint64_t), chain_fp_fma(std::uint64_t),
    chain_fp_move(std::uint64_t), chain_fp_div_s(std::uint64_t), chain_fp_div_d(std::uint64_t),
    chain_fp_sqrt_s(std::uint64_t), chain_fp_sqrt_d(std::uint64_t);
std::uint64_t descend(std::uint64_t depth), pmp_entries();
void jumps(std::uint64_t rounds);
extern std::uint8_t code_pages[], code_lines[];
}

namespace guest {

namespace {

constexpr std::uint64_t bytes_of_page = 4096, large_page = 2 << 20;

alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t pages[48 * bytes_of_page];

// ---- alone, machine mode

void chains() {
    for (auto chain : {chain_alu, chain_mul, chain_div, chain_load, chain_amo, chain_fp_add, chain_fp_mul, chain_fp_fma,
                       chain_fp_move, chain_fp_div_s, chain_fp_div_d, chain_fp_sqrt_s, chain_fp_sqrt_d})
        mix(chain(200));
}

void branches() {
    Random random;
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 1500; ++i) {
        const std::uint64_t r = random.next();
        if (r & 1) asm volatile("addi %0, %0, 3" : "+r"(sum));
        if (i % 5 == 0) asm volatile("addi %0, %0, 7" : "+r"(sum));
        if ((r & 6) == 0) asm volatile("xori %0, %0, 1" : "+r"(sum));
    }
    mix(sum);
    jumps(20);
    for (unsigned i = 0; i < 1000; ++i)
        sum = reinterpret_cast<std::uint64_t (*)(std::uint64_t)>(code_lines + 64 * (random.next() % 96))(sum);
    mix(sum);
    for (unsigned i = 0; i < 20; ++i) mix(descend(13));
}

void accesses() {
    const auto first = reinterpret_cast<std::uint64_t>(pages);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 100;
         ++i) { // across the border of a line, now and then; the compiler would take bytes
        std::uint64_t v;
        asm volatile("sd %1, 3(%2)\n lw %0, 1(%2)" : "=&r"(v) : "r"(i), "r"(first + 8 * i) : "memory");
        sum += v;
    }
    Random random;
    for (unsigned i = 0; i < 1000; ++i) sum += at<std::uint8_t>(first + random.next() % 96 * 64); // of 6 KiB
    for (unsigned round = 0; round < 100; ++round) // more lines than the store buffer holds
        asm volatile(".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19\n"
                     "sd %0, (64 * \\n)(%1)\n .endr\n fence"
                     :
                     : "r"(sum), "r"(first)
                     : "memory");
    mix(sum);
}

void system() {
    for (unsigned i = 0; i < 60; ++i) {
        mix(csr<0x340>()); // mscratch
        asm volatile("fence\n fence.i" : : : "memory");
    }
    for (unsigned i = 0; i < 30; ++i) go_to(Mode::machine);
    for (unsigned i = 0; i < 3; ++i) asm volatile(".4byte 0x00100073"); // ebreak
    asm volatile(".option push\n .option arch, +zbb\n cpop a0, a0\n .option pop" : : : "a0");
    mix(pmp_entries());
    set_csr<pmpaddr0>(~0ull);
}

/// Reads so that only the latency of the register shows.
template <class T> void read_often(std::uint64_t address) {
    for (unsigned i = 0; i < 25; ++i) load<T>(address);
}

void devices() {
    const std::uint64_t ticks = at<std::uint64_t>(clint + 0xbff8);
    while (at<std::uint64_t>(clint + 0xbff8) - ticks < 100) {}
    read_often<std::uint32_t>(clint);
    read_often<std::uint32_t>(rom);
    read_often<std::uint32_t>(rtc);
    read_often<std::uint32_t>(plic);
    read_often<std::uint32_t>(virtio);
    read_often<std::uint8_t>(uart + 7);
    for (unsigned i = 0; i < 40; ++i) at<std::uint8_t>(uart + 7) = static_cast<std::uint8_t>(i);
    mix(at<std::uint8_t>(uart + 7));
    for (unsigned i = 0; i < 400; ++i) at<std::uint32_t>(finisher) = 0; // no command
    for (unsigned i = 0; i < 400; ++i)                                  // listens
        if (at<std::uint8_t>(uart + 5) & 1) load<std::uint8_t>(uart);
    at<std::uint32_t>(sswi) = 1;
    clear_bits<mip>(2);
}

/// What nobody has written yet decides where this goes.
void noise() {
    constexpr std::uint64_t first = 0x8000'0000 + (12 << 20);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 4 * bytes_of_page; i += 64)
        for (std::uint64_t bits = at<std::uint64_t>(first + i), n = 0; n < 8; ++n, bits >>= 1)
            if (bits & 1) asm volatile("addi %0, %0, 1" : "+r"(sum));
    mix(sum);
}

/// What the tree says about distances, in instructions.
void distances() {
    for (std::uint64_t n = farthest; n != 0; --n) asm volatile("nop");
}

// ---- alone, supervisor mode under Sv39

/// 48 pages in 12 tables.
std::uint64_t page_of(std::uint64_t n) { return window + n % 12 * large_page + n * bytes_of_page; }

void translation() {
    for (std::uint64_t n = 0; n < 48; ++n)
        remap(page_of(n), reinterpret_cast<std::uint64_t>(pages) + n * bytes_of_page, plain);
    for (std::uint64_t n = 0; n < 8; ++n)
        remap(window + 16 * large_page + n * bytes_of_page, reinterpret_cast<std::uint64_t>(pages) + n * bytes_of_page,
              n < 4 ? untouched : nothing);
    const Page flags = Page::text;
    for (std::uint64_t n = 0; n < 14; ++n)
        map(window + 20 * large_page + n * bytes_of_page,
            reinterpret_cast<std::uint64_t>(code_pages) + n * bytes_of_page, flags);
    set_csr<satp>(paged(1));
    fence_vma();
    go_to(Mode::supervisor);

    Random random;
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 600; ++i) sum += at<std::uint64_t>(page_of(random.next() % 12) + 8 * (i % 500));
    for (unsigned i = 0; i < 900; ++i) sum += at<std::uint64_t>(page_of(random.next() % 48) + 8 * (i % 500));
    for (std::uint16_t asid = 1; asid < 6; ++asid) {
        set_csr<satp>(paged(asid));
        for (std::uint64_t n = 0; n < 48; n += 2) sum += at<std::uint64_t>(page_of(n));
        fence_asid(asid - 1);
    }
    for (unsigned i = 0; i < 600; ++i) {
        const std::uint64_t page = window + 20 * large_page + random.next() % 14 * bytes_of_page;
        sum = reinterpret_cast<std::uint64_t (*)(std::uint64_t)>(page)(sum);
    }
    for (std::uint64_t n = 0; n < 8; ++n) { // A and D are set where a page is; nothing happens where none is
        at<std::uint64_t>(window + 16 * large_page + n * bytes_of_page) = n;
        at<std::uint64_t>(window + 16 * large_page + n * bytes_of_page) = n;
    }
    mix(sum);
    go_to(Mode::machine);
    set_csr<satp>(0);
}

// ---- all harts

struct alignas(64) {
    std::uint32_t taken;
} lock;
struct alignas(64) {
    std::uint64_t words[4];
} guarded;
struct alignas(64) Word {
    std::uint64_t value;
};
Word reserved, finished, rings[64], ball;

std::uint64_t add_reserved(std::uint64_t* at_word, std::uint64_t n) {
    std::uint64_t old, failed;
    asm volatile("1: lr.d %0, (%2)\n add %1, %0, %3\n sc.d %1, %1, (%2)\n bnez %1, 1b"
                 : "=&r"(old), "=&r"(failed)
                 : "r"(at_word), "r"(n)
                 : "memory");
    return old;
}

/// Streams of a hart's own, and lines here and there: all of its misses are under way at a time, all of its caches
/// overflow with what it wrote, and every bank has rows in turn.
void streams(std::uint64_t hart) {
    constexpr std::uint64_t mib = 1 << 20;
    const std::uint64_t first = 0x8000'0000 + (16 + 8 * hart) * mib;
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 1024; ++i) {
        at<std::uint64_t>(first + i * 64) = i;
        at<std::uint64_t>(first + 2 * mib + i * 64) = i;
        sum += at<std::uint64_t>(first + 4 * mib + i * 64 % (128 << 10)) & 1;
    }
    Random random;
    for (std::uint64_t i = 0; i < 1024; ++i) at<std::uint64_t>(first + random.next() % (6 * mib) / 64 * 64 + 8) = sum;
}

/// A line that all harts write in turn, so that nothing but its way decides how long that takes.
void pass_on(std::uint64_t hart) {
    for (std::uint64_t turn = hart; turn < 300 * harts; turn += harts) {
        while (__atomic_load_n(&ball.value, __ATOMIC_ACQUIRE) != turn) {}
        __atomic_store_n(&ball.value, turn + 1, __ATOMIC_RELEASE);
    }
}

void together(std::uint64_t hart) {
    for (std::uint64_t i = 0; i < 40; ++i) {
        while (__atomic_exchange_n(&lock.taken, 1u, __ATOMIC_ACQUIRE)) {}
        for (std::uint64_t w = 0; w < 4; ++w) guarded.words[w] += w + i;
        __atomic_store_n(&lock.taken, 0u, __ATOMIC_RELEASE);
        add_reserved(&reserved.value, i);
    }
    pass_on(hart);
    streams(hart);
    __atomic_fetch_add(&finished.value, 1u, __ATOMIC_ACQ_REL);
}

/// Interrupts for a hart that is busy with itself.
void interrupts() {
    for (std::uint64_t n = 0; n < 100; ++n) {
        const std::uint64_t before = __atomic_load_n(&traps[1].interrupts, __ATOMIC_RELAXED);
        chain_alu(60); // the other one goes ahead
        ring(1);
        while (__atomic_load_n(&traps[1].interrupts, __ATOMIC_RELAXED) == before) chain_alu(3);
    }
    __atomic_store_n(&rings[1].value, 1u, __ATOMIC_RELEASE);
}

} // namespace

void work() {
    devices(); // waits for a tick, so it comes first: no later cycle is swallowed by a wait
    chains();
    branches();
    accesses();
    system();
    noise();
    distances();
    translation();
    for (std::uint64_t hart = 1; hart < harts; ++hart) ring(hart);
    together(0);
    while (__atomic_load_n(&finished.value, __ATOMIC_ACQUIRE) != harts) {}
    for (const std::uint64_t word : guarded.words) mix(word);
    mix(reserved.value);
    if (harts > 1) interrupts();
}

void other_work(std::uint64_t hart) {
    together(hart);
    if (hart != 1) return;
    set_csr<mie>(8);
    set_bits<mstatus>(8);
    while (__atomic_load_n(&rings[1].value, __ATOMIC_ACQUIRE) == 0) chain_alu(3);
    clear_bits<mstatus>(8);
    set_csr<mie>(0);
}

} // namespace guest
