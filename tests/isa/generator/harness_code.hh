/// The parts of the harness; `harness.hh` is its public face.
#pragma once
#include "generator/assembler.hh"
#include "generator/harness.hh"
#include "generator/layout.hh"
#include <cstddef>

namespace tollgate::judge::harness {

enum : Reg {
    zero,
    ra,
    sp,
    gp,
    tp,
    t0,
    t1,
    t2,
    s0,
    s1,
    a0,
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
    s10,
    s11,
    t3,
    t4,
    t5,
    t6
};

constexpr std::uint64_t clint = 0x200'0000, mtimecmp = clint + 0x4000, uart = 0x1000'0000, finisher = 0x10'0000;
constexpr std::uint64_t mprv = 1u << 17, mpp = 3u << 11, fs = 3u << 13, tsr = 1u << 22, tvm_tw = 3u << 20;
constexpr std::uint64_t software_pending = 0x202; // SSIP and SEIP
constexpr unsigned mip_shown = 0x2aa;

/// Variables behind the 32 saved registers, offsets from `save_area`.
enum Variable : std::int32_t {
    context_at = 256,
    last_offset = 264,
    traps_at = 272,
    record_at = 280,
    program_at = 288,
    left_at = 296,
    verbose_at = 304,
    descriptor_at = 312
};

constexpr std::int32_t at(std::size_t offset) { return static_cast<std::int32_t>(offset); }
#define FIELD(member) at(offsetof(Descriptor, member))
#define CONTEXT(member) at(offsetof(Context, member))

/// Assembles the harness part by part. In the trap handler: s0 save area, s1 mstatus, s2 cause, s3 epc, s4 program,
/// s6 came by the supervisor's stub, s7 context, s8 epc is in the code window, s9 offset there.
class Harness {
  public:
    std::vector<std::uint8_t> make() {
        start();
        setup();
        enter();
        vectors();
        handler();
        dispatch();
        resume();
        recover();
        finish();
        print();
        a.resolve();
        return a.bytes();
    }

  private:
    Assembler a{harness_base};
    Assembler::Label next_program = a.label(), vector_table = a.label(), common = a.label(), dispatched = a.label(),
                     resume_program = a.label(), recover_fetch = a.label(), go_home = a.label(), finished = a.label(),
                     put_hex = a.label(), put_char = a.label(), hash_words = a.label(), dump_words = a.label(),
                     quiet_interrupts = a.label();

    void set_csr(unsigned csr, std::uint64_t value) {
        a.li(t0, value);
        a.csrw(csr, t0);
    }
    void csr_from(unsigned csr, std::int32_t field) {
        a.ld(t0, s4, field);
        a.csrw(csr, t0);
    }
    /// for (; t1 < t2; t1 += 8) body
    template <class Body> void each_word(Body body) {
        const auto done = a.label(), again = a.bound();
        a.branch(0x7063, t1, t2, done);
        body();
        a.addi(t1, t1, 8);
        a.j(again);
        a.bind(done);
    }
    void start();
    void setup();
    void setup_memory();
    void enter();
    void vectors();
    void handler();
    void record();
    void dispatch();
    void resume();
    void recover();
    void finish();
    void print();
};

} // namespace tollgate::judge::harness
