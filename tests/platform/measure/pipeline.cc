// What the cycle counter alone tells of the pipeline, in machine mode: latencies, intervals, issue width, pairing,
// branches, stores. Every figure is the difference of two lengths of the same code, so that what surrounds it drops
// out.
#include "code.hh"
#include "lib/uart.hh"
#include "report.hh"

extern "C" [[noreturn]] void machine_main(const void* tree, std::uint64_t instructions_before);

namespace measure {
namespace {

constexpr std::size_t chain = 48; // instructions; 4 bytes each, twice as many fit the smallest L1I

alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t buffer[4096];
/// Lines that nobody has touched before, for stores that miss.
alignas(4096) [[gnu::section(".bss.arena")]] std::uint8_t untouched[1 << 20];

/// Cycles of `chain` more of a sequence of instructions.
template <std::size_t N>
std::uint64_t cycles_of_more(const std::uint32_t (&sequence)[N], std::uint64_t a, std::uint64_t b) {
    std::uint64_t cycles[2];
    for (std::size_t length = 0; length < 2; ++length) {
        Code code;
        code.begin();
        for (std::size_t i = 0; i < chain * (length + 1); ++i) code.put(sequence[i % N]);
        code.linger();
        code.end();
        code.finish();
        cycles[length] = code.settled(a, b, 3);
    }
    return cycles[1] - cycles[0];
}

/// A chain in which each instruction waits for the one before.
void latency(const char* name, std::uint32_t instruction, std::uint64_t a = 1, std::uint64_t b = 1) {
    report(name, cycles_of_more({instruction}, a, b), chain);
}

// Opcodes with their function fields.
enum Match : std::uint32_t {
    mul = 0x0200'0033,
    div = 0x0200'4033,
    rem = 0x0200'6033,
    add = 0x33,
    fadd_d = 0x0200'0053,
    fmul_d = 0x1200'0053,
    fdiv_s = 0x1800'0053,
    fdiv_d = 0x1a00'0053,
    fsqrt_s = 0x5800'0053,
    fsqrt_d = 0x5a00'0053,
    fsgnj_d = 0x2200'0053,
    fmadd_d = 0x0200'0043,
};
constexpr std::uint32_t fmadd(std::uint32_t rd, std::uint32_t rs1, std::uint32_t rs2, std::uint32_t rs3) {
    return r_type(fmadd_d, rd, rs1, rs2) | rs3 << 27;
}

void latencies() {
    // Memory that points to itself, once where a load is aligned and once across two of its borders.
    auto self = reinterpret_cast<std::uint64_t>(buffer), crooked = self + 68;
    for (std::size_t i = 0; i < 8; ++i) {
        buffer[i] = static_cast<std::uint8_t>(self >> 8 * i);
        buffer[68 + i] = static_cast<std::uint8_t>(crooked >> 8 * i);
    }
    latency("load_to_use", ld(a0, a0, 0), self);
    std::uint64_t aligned = cycles_of_more({ld(a0, a0, 0)}, self, 0);
    report("misaligned", cycles_of_more({ld(a0, a0, 0)}, crooked, 0) - aligned, chain);
    latency("alu", r_type(add, a0, a0, a1));
    latency("mul", r_type(mul, a0, a0, a1));
    latency("div", r_type(div, a0, a0, a1));
    latency("rem", r_type(rem, a0, a0, a1));
    latency("fp_add", r_type(fadd_d, 10, 10, 11));
    latency("fp_mul", r_type(fmul_d, 10, 10, 11));
    latency("fp_fma", fmadd(10, 10, 11, 11));
    latency("fp_div_s", r_type(fdiv_s, 10, 10, 11));
    latency("fp_div_d", r_type(fdiv_d, 10, 10, 11));
    latency("fp_sqrt_s", r_type(fsqrt_s, 10, 10, 0));
    latency("fp_sqrt_d", r_type(fsqrt_d, 10, 10, 0));
    latency("fp_move", r_type(fsgnj_d, 10, 10, 11));
    // Independent ones: how soon the unit takes the next.
    report("load_interval", cycles_of_more({ld(t0, a0, 0), ld(t1, a0, 0), ld(t2, a0, 0)}, self, 0), chain);
    report("mul_interval",
           cycles_of_more({r_type(mul, t0, a0, a1), r_type(mul, t1, a0, a1), r_type(mul, t2, a0, a1)}, 1, 1), chain);
    report("div_interval",
           cycles_of_more({r_type(div, t0, a0, a1), r_type(div, t1, a0, a1), r_type(div, t2, a0, a1)}, 1, 1), chain);
    report("fp_add_interval",
           cycles_of_more({r_type(fadd_d, 0, 10, 11), r_type(fadd_d, 1, 10, 11), r_type(fadd_d, 2, 10, 11)}, 1, 1),
           chain);
    report("fp_div_d_interval",
           cycles_of_more({r_type(fdiv_d, 0, 10, 11), r_type(fdiv_d, 1, 10, 11), r_type(fdiv_d, 2, 10, 11)}, 1, 1),
           chain);
}

/// Classes of instructions that may share a cycle; two forms of each, with different results and none that waits for
/// another.
struct Class {
    const char* name;
    std::uint32_t form[2];
};
constexpr Class classes[] = {
    {"alu", {addi(t0, x0, 1), addi(t1, x0, 1)}},
    {"mul", {r_type(mul, t2, a1, a2), r_type(mul, t3, a1, a2)}},
    {"load", {ld(a3, a0, 0), ld(a4, a0, 8)}},
    {"store", {sd(x0, a0, 128), sd(x0, a0, 136)}},
    {"fp", {r_type(fadd_d, 0, 10, 11), r_type(fadd_d, 1, 10, 11)}},
    {"branch", {bne(x0, x0, 8), bne(x0, x0, 8)}},
};

void pairing() {
    auto line = reinterpret_cast<std::uint64_t>(buffer);
    // Instructions a cycle at best.
    std::uint64_t width = cycles_of_more({addi(t0, x0, 1), addi(t1, x0, 1), addi(t2, x0, 1), addi(t3, x0, 1)}, 0, 0);
    report("issue_width", chain, width);
    for (std::size_t i = 0; i < sizeof classes / sizeof classes[0]; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            std::uint64_t cycles = cycles_of_more({classes[i].form[0], classes[j].form[1]}, line, 1);
            guest::put("pair_");
            guest::put(classes[j].name);
            guest::put('_');
            report(classes[i].name, cycles, chain / 2);
        }
}

void mispredict() {
    // A branch whose two ways are the same: taught to be taken, then taken once more, or once not.
    Code branch;
    branch.begin();
    branch.put(beq(a0, a1, 4));
    branch.end();
    branch.finish();
    // The one that counts comes on the same path as those that teach, so that the history before it is theirs.
    constexpr std::size_t lessons = 100;
    static std::uint64_t other[lessons + 1];
    std::uint64_t cycles[2] = {};
    for (std::uint64_t last = 0; last < 2; ++last) {
        for (std::uint64_t& value : other) value = 1;
        other[lessons] = last;
        for (std::uint64_t value : other) cycles[last] = branch.run(1, value);
    }
    report("mispredict_branch", cycles[0] - cycles[1]);

    // A function that returns where its caller said, or to the same code a little further on.
    Code call;
    call.put(addi(t4, ra, 0));
    call.begin();
    call.put(jal(ra, 4 + 2 * 12));
    for (int copies = 0; copies < 2; ++copies)
        call.put(rdcycle(t6)), call.put(sub(a0, t6, t5)), call.put(jalr(x0, t4, 0));
    call.put(r_type(add, ra, ra, a0));
    call.put(ret);
    call.finish();
    report("mispredict_return", call.settled(12) - call.settled(0));
}

/// Cycles of a turn through n taken jumps on neighbouring halfwords.
std::uint64_t turn_of_jumps(std::uint64_t n) {
    Code code;
    code.begin();
    code.put(jal(x0, 16));
    std::int32_t leave = code.here();
    code.end();
    std::int32_t head = code.here();
    code.put(addi(a0, a0, -1));
    code.put(beq(a0, x0, leave - code.here()));
    for (std::uint64_t i = 1; i < n; ++i) code.put16(c_jump_to_next);
    code.put(jal(x0, head - code.here()));
    code.finish();
    // More turns than the longest history has bits: the branch that leaves is mispredicted alike in both.
    std::uint64_t few = code.settled(24), many = code.settled(40);
    return (many - few) / 16;
}

void branch_targets() {
    constexpr std::uint64_t most = 4096;
    std::uint64_t jump = (turn_of_jumps(12) - turn_of_jumps(4)) / 8, base = turn_of_jumps(4) - 4 * jump;
    auto extra = [&](std::uint64_t n) { return turn_of_jumps(n) - base - n * jump; };
    report("taken_jump", jump);
    std::uint64_t knee = first_over(4, most, [&](std::uint64_t n) { return extra(n) != 0; });
    if (knee > most) return report("target_entries", 0); // out of sight
    std::uint64_t entries = knee - 1, late = extra(2 * entries) / (2 * entries);
    report("target_entries", entries);
    report("late_target", late);
    // One jump too many: all of its set miss, in turn.
    report("target_ways", extra(knee) / late - 1);
}

/// Cycles of calls nested n deep and back, each from a place of its own, with no memory used.
std::uint64_t nest(std::uint64_t n) {
    constexpr std::int32_t level =
        18; // bytes: an odd number of halfwords, to spread the calls over a target buffer's sets
    Code code;
    code.put(addi(t4, ra, 0));
    code.begin();
    code.put(jal(ra, level));
    code.put(rdcycle(t6)), code.put(sub(a0, t6, t5)), code.put(jalr(x0, t4, 0));
    code.put16(c_nop);
    for (std::uint64_t i = 1; i < n; ++i) {
        code.put(jal(ra, level));
        code.put(auipc(ra, 0));
        code.put(addi(ra, ra, -level));
        code.put(ret);
        code.put16(c_nop);
    }
    code.put(ret);
    code.finish();
    return code.settled();
}

void return_stack() {
    constexpr std::uint64_t most = 65;
    std::uint64_t step = nest(2) - nest(1), base = nest(1) - step;
    std::uint64_t knee = first_over(2, most, [&](std::uint64_t n) { return nest(n) != base + n * step; });
    report("return_stack", knee > most ? 0 : knee - 1);
}

/// Cycles of n stores to n lines that miss. The code is known from stores to lines that hit.
std::uint64_t burst(std::uint64_t n, std::uint64_t fresh) {
    Code code;
    code.begin();
    for (std::uint64_t i = 0; i < n; ++i) {
        // No stride that a prefetcher could follow: bits reversed.
        std::uint64_t line = 0;
        for (int bit = 0; bit < 5; ++bit) line |= (i >> bit & 1) << (4 - bit);
        code.put(sd(x0, i < 32 ? a0 : i < 64 ? a1 : a2, static_cast<std::int32_t>(line) * 64));
    }
    code.end();
    code.finish();
    auto warm = reinterpret_cast<std::uint64_t>(buffer);
    for (int i = 0; i < 4; ++i) code.run(warm, warm, warm);
    return code.run(fresh, fresh + 2048, fresh + 4096);
}

void store_buffer() {
    constexpr std::uint64_t most = 65, bytes = 3 * 2048;
    auto fresh = reinterpret_cast<std::uint64_t>(untouched);
    auto fresh_burst = [&](std::uint64_t n) { return fresh += bytes, burst(n, fresh - bytes); };
    std::uint64_t one = fresh_burst(1);
    std::uint64_t knee = 2;
    // Stores issue one a cycle until one waits for room. (Linear: each burst is looked at once.)
    while (knee <= most && fresh_burst(knee) == one + knee - 1) ++knee;
    report("store_buffer", knee > most ? 0 : knee - 1);
}

} // namespace
} // namespace measure

void machine_main(const void*, std::uint64_t) {
    using namespace measure;
    latencies();
    pairing();
    mispredict();
    branch_targets();
    return_stack();
    store_buffer();
    guest::put("end 0\n");
    guest::power_off(0);
}
