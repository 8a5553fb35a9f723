// A program that gives short cuts no rest: code that changes, pages that move, aliases, modes and protection that
// change, and harts that write to each other's lines and code.
#include "lib/pages.hh"
#include "machine.hh"

namespace guest {

namespace {

constexpr std::uint64_t bytes_of_page = 4096, large = window + (1ull << 30), shared = window + (8 << 20),
                        code_window = window + (12 << 20);
constexpr Flags user_page = plain | 1 << 4, execute_only = 0x49;

#ifdef READ_BEFORE_FENCE
constexpr bool read_before_fence = true;
#else
constexpr bool read_before_fence = false;
#endif

/// Pages that move and pages of code, as functions `addi a0, a0, n; ret`.
alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t pool[8][bytes_of_page];
alignas(4096) [[gnu::section(".bss.arena")]] std::uint32_t program[1024];

using Function = std::uint64_t (*)(std::uint64_t);
constexpr std::uint32_t add_immediate(std::uint32_t n) { return 0x0005'0513 | n << 20; }
constexpr std::uint32_t ret = 0x0000'8067;

std::uint64_t address(const void* p) { return reinterpret_cast<std::uint64_t>(p); }
Function function(std::uint64_t at_address) { return reinterpret_cast<Function>(at_address); }
void fence_i() { asm volatile("fence.i" : : : "memory"); }

void write_function(std::uint64_t at_address, std::uint32_t n) {
    at<std::uint32_t>(at_address) = add_immediate(n);
    at<std::uint32_t>(at_address + 4) = ret;
}

/// Code that was run is written again: by words, by halves, across two lines, and from within.
void change_code(std::uint64_t to_write, std::uint64_t to_run) {
    std::uint64_t sum = 0;
    for (std::uint32_t n = 1; n < 60; ++n) {
        const std::uint64_t offset = n % 4 * 60; // at 60: the second instruction is on the next line
        write_function(to_write + offset, n);
        if (n % 3 != 0) fence_i();
        sum = function(to_run + offset)(sum);
        at<std::uint16_t>(to_write + offset + 2) = static_cast<std::uint16_t>(n << 4);
        fence_i();
        sum = function(to_run + offset)(sum);
    }
    for (std::uint32_t n = 1; n < 8; ++n) {
        // sw a1, 8(a2); nop; addi a0, a0, 1, which the first one overwrites; ret
        const std::uint32_t words[] = {0x00b6'2423, 0x0000'0013, add_immediate(1), ret};
        for (unsigned i = 0; i < 4; ++i) at<std::uint32_t>(to_write + 512 + 4 * i) = words[i];
        fence_i();
        for (unsigned times = 0; times < 3; ++times) {
            register std::uint64_t a0 asm("a0") = sum;
            register std::uint64_t a1 asm("a1") = add_immediate(n * 5 + times);
            register std::uint64_t a2 asm("a2") = to_write + 512;
            asm volatile("jalr %3" : "+r"(a0) : "r"(a1), "r"(a2), "r"(to_run + 512) : "ra", "memory");
            sum = a0;
        }
    }
    mix(sum);
}

/// One page at several addresses and sizes.
void aliases() {
    for (std::uint64_t n = 0; n < 4; ++n) remap(window + n * bytes_of_page, address(pool[0]), plain);
    remap(window + 4 * bytes_of_page, address(pool[0]), read_only);
    map_large(large, 0x8000'0000, plain);
    fence_vma();
    const std::uint64_t in_large = large + (address(pool[0]) - 0x8000'0000);
    std::uint64_t sum = 0;
    Random random;
    for (unsigned i = 0; i < 600; ++i) {
        const std::uint64_t r = random.next(), offset = r % 512 * 8, from = r >> 20 & 7;
        at<std::uint64_t>(window + (r >> 12 & 3) * bytes_of_page + offset) = r;
        sum += at<std::uint64_t>(from < 5 ? window + from * bytes_of_page + offset : in_large + offset);
        if (i % 50 == 0) at<std::uint64_t>(window + 4 * bytes_of_page + offset) = 1; // refused
        if (i % 70 == 0) {
            register std::uint64_t a0 asm("a0") = window + (r >> 12 & 3) * bytes_of_page + (offset & ~63ull);
            asm volatile(".4byte 0x0045200f" : : "r"(a0) : "memory"); // cbo.zero (a0)
        }
    }
    mix(sum);
}

/// A page moves under one address, and every kind of fence says so. In between the old place may still be seen: what is
/// read there stays out of the checksum, it depends on the TLBs. Functional mode has none and answers as it likes, so
/// it gets a guest that waits for its fences.
void moves() {
    const std::uint64_t va = window + (4 << 20);
    std::uint64_t sum = 0;
    for (unsigned n = 0; n < 8; ++n) at<std::uint64_t>(address(pool[n])) = n * 1001;
    for (unsigned i = 0; i < 120; ++i) {
        remap(va, address(pool[i % 8]), plain);
        if (read_before_fence)
            for (std::uint64_t k = at<std::uint64_t>(va) & 7; k > 0; --k) asm volatile("nop");
        switch (i % 4) {
        case 0: fence_vma(); break;
        case 1: fence_vma(va); break;
        case 2: fence_vma(va, 3); break;
        case 3: fence_asid(3); break;
        }
        sum = sum * 3 + at<std::uint64_t>(va);
        at<std::uint64_t>(va + 8) = sum;
    }
    mix(sum);
    for (unsigned n = 0; n < 8; ++n) mix(at<std::uint64_t>(address(pool[n]) + 8));
}

/// Rights that come and go: of the page, of the mode, of PMP.
void rights() {
    const std::uint64_t va = window + (6 << 20);
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 24; ++i) {
        const Flags flags[] = {plain, read_only, user_page, execute_only, untouched};
        remap(va, address(pool[1]), flags[i % 5]);
        fence_vma(va);
        at<std::uint64_t>(va) = i;
        sum = sum * 5 + at<std::uint64_t>(va);
        constexpr unsigned sstatus = 0x100, sum_bit = 1 << 18, mxr_bit = 1 << 19;
        set_bits<sstatus>(sum_bit | mxr_bit);
        at<std::uint64_t>(va) = i + 100;
        sum = sum * 5 + at<std::uint64_t>(va);
        clear_bits<sstatus>(sum_bit | mxr_bit);
    }
    remap(va, address(pool[1]), plain);
    fence_vma(va);
    for (unsigned i = 0; i < 24; ++i) {
        go_to(Mode::machine);
        set_csr<pmpaddr0>(address(pool[1]) >> 2 | 0x1ff); // one page
        set_csr<pmpcfg0>(0x1f00 | 0x18 | (i % 4));        // nothing, R, and the reserved W alone
        go_to(Mode::supervisor);
        at<std::uint64_t>(va) = i;
        sum = sum * 7 + at<std::uint64_t>(va + 8 * (i % 3));
        sum = sum * 7 + at<std::uint64_t>(address(pool[2]));
    }
    go_to(Mode::machine);
    set_csr<pmpcfg0>(0x1f1f);
    set_csr<pmpaddr0>(~0ull);
    for (unsigned i = 0; i < 24; ++i) { // machine mode with the supervisor's eyes
        constexpr std::uint64_t mprv = 1 << 17, mpp = 3 << 11;
        clear_bits<mstatus>(mpp);
        set_bits<mstatus>(1 << 11);
        std::uint64_t v;
        asm volatile("csrs mstatus, %1\n ld %0, 0(%2)\n sd %0, 8(%2)\n csrc mstatus, %1"
                     : "=&r"(v)
                     : "r"(mprv), "r"(va)
                     : "memory");
        sum += v + at<std::uint64_t>(address(pool[1]) + 8);
        at<std::uint64_t>(address(pool[1])) = sum;
    }
    go_to(Mode::supervisor);
    mix(sum);
}

/// The same addresses in all modes, paged and not.
void modes() {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 40; ++i) {
        go_to(Mode::machine);
        at<std::uint64_t>(address(pool[3]) + 8 * (i % 16)) = sum + i;
        set_csr<satp>(0);
        go_to(Mode::user);
        sum += at<std::uint64_t>(address(pool[3]) + 8 * (i % 7));
        at<std::uint64_t>(address(pool[3]) + 8 * (i % 5)) = sum;
        go_to(Mode::supervisor);
        sum += at<std::uint64_t>(address(pool[3]) + 8 * (i % 3));
        set_csr<satp>(paged(i % 2 ? 3 : 4));
        sum += at<std::uint64_t>(address(pool[3]) + 8 * (i % 5));
        at<std::uint32_t>(uart + 7) = 0; // too wide for a register of one byte
    }
    set_csr<satp>(paged(3));
    fence_vma();
    mix(sum);
}

/// What a floating-point unit carries along.
void floating() {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 50; ++i) {
        const std::uint64_t mode = i % 5;
        std::uint64_t bits, flags;
        asm volatile("fsrm %2\n fcvt.d.l fa0, %3\n fcvt.d.l fa1, %4\n fdiv.d fa0, fa0, fa1\n fcvt.s.d fa1, fa0\n"
                     "fmv.x.d %0, fa0\n fmv.x.w %1, fa1\n add %0, %0, %1\n frflags %1"
                     : "=&r"(bits), "=&r"(flags)
                     : "r"(mode), "r"(i + 1), "r"(i % 9)
                     : "fa0", "fa1");
        sum = sum * 3 + bits + flags;
        if (i % 7 == 0) asm volatile("fsflags x0");
    }
    asm volatile("fsrm x0");
    mix(sum);
}

// ---- all harts

struct alignas(64) Word {
    std::uint64_t value;
};
Word version, seen, results, tally, contended[4];

std::uint64_t add_reserved(std::uint64_t va, std::uint64_t n) {
    std::uint64_t old, failed;
    asm volatile("1: lr.d.aq %0, (%2)\n add %1, %0, %3\n sc.d.rl %1, %1, (%2)\n bnez %1, 1b"
                 : "=&r"(old), "=&r"(failed)
                 : "r"(va), "r"(n)
                 : "memory");
    return old;
}

constexpr std::uint64_t versions = 25;
std::uint64_t by_hart(std::uint64_t hart) { return shared + hart * bytes_of_page; } ///< the same page for every hart

/// Every hart, in supervisor mode, under an address space of its own: an alias each.
void together(std::uint64_t hart) {
    set_csr<satp>(paged(static_cast<std::uint16_t>(10 + hart)));
    fence_vma();
    go_to(Mode::supervisor);
    for (std::uint64_t i = 0; i < 50; ++i) {
        add_reserved(by_hart(hart), i);
        __atomic_fetch_add(&contended[i % 4].value, i + 1, __ATOMIC_RELAXED);
        at<std::uint64_t>(by_hart(hart) + 256 + 8 * hart) = i; // neighbours on one line
        add_reserved(by_hart(hart) + 8, at<std::uint64_t>(by_hart(hart) + 256 + 8 * hart));
    }
}

/// Hart 0 changes code and moves a page; the others run and read what is new once it is said.
void publish() {
    for (std::uint64_t n = 1; n <= versions; ++n) {
        write_function(address(program) + 1024, static_cast<std::uint32_t>(n));
        remap(shared + (1 << 20), address(pool[4 + n % 4]), plain);
        at<std::uint64_t>(address(pool[4 + n % 4])) = n * n;
        __atomic_store_n(&version.value, n, __ATOMIC_RELEASE);
        while (__atomic_load_n(&seen.value, __ATOMIC_ACQUIRE) != n * (harts - 1)) {}
    }
}
void follow() {
    for (std::uint64_t n = 1; n <= versions; ++n) {
        while (__atomic_load_n(&version.value, __ATOMIC_ACQUIRE) != n) {}
        fence_i();
        fence_vma(shared + (1 << 20));
        const std::uint64_t v = function(code_window + 1024)(n) + at<std::uint64_t>(shared + (1 << 20));
        __atomic_fetch_add(&results.value, v, __ATOMIC_RELAXED);
        __atomic_fetch_add(&seen.value, 1u, __ATOMIC_ACQ_REL);
    }
}

} // namespace

void work() {
    set_csr<pmpaddr0 + 1>(~0ull);
    set_csr<pmpcfg0>(0x1f1f);
    for (std::uint64_t hart = 0; hart < 64; ++hart) remap(by_hart(hart), address(pool[7]), plain);
    remap(code_window, address(program), code);
    remap(code_window + bytes_of_page, address(program), writable_code);
    remap(shared + (1 << 20), address(pool[4]), plain);
    for (auto& page : pool)
        for (unsigned i = 0; i < bytes_of_page; i += 8) at<std::uint64_t>(address(page) + i) = i;

    change_code(address(program), address(program));
    set_csr<satp>(paged(3));
    fence_vma();
    go_to(Mode::supervisor);
    change_code(code_window + bytes_of_page, code_window);
    change_code(code_window + bytes_of_page, code_window + bytes_of_page);
    change_code(address(program), code_window);
    aliases();
    moves();
    rights();
    modes();
    floating();
    go_to(Mode::machine);

    for (unsigned i = 0; i < 2; ++i) at<std::uint64_t>(address(pool[7]) + 8 * i) = 0;
    for (std::uint64_t hart = 1; hart < harts; ++hart) ring(hart);
    together(0);
    publish();
    while (__atomic_load_n(&tally.value, __ATOMIC_ACQUIRE) != harts - 1) {}
    mix(results.value);
    for (const Word& w : contended) mix(w.value);
    for (unsigned i = 0; i < 2; ++i) mix(at<std::uint64_t>(address(pool[7]) + 8 * i));
    go_to(Mode::machine);
}

void other_work(std::uint64_t hart) {
    together(hart);
    follow();
    __atomic_fetch_add(&tally.value, 1u, __ATOMIC_ACQ_REL);
    go_to(Mode::machine);
}

} // namespace guest
