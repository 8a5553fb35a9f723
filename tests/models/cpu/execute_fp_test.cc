// The F and D rows with the words of execute_fp.hh, run as written on a machine of one register file: which operation a
// row is, which registers it reads, when it is illegal, when it makes FS dirty. The arithmetic itself is fp_test's.
#include "cpu/execute_fp.hh"

#include "cpu/isa/insn.hh"

#include <gtest/gtest.h>

#include <bit>

namespace tollgate::cpu {
namespace {

using isa::Op;

class Words : public FloatingPoint<Words> {
  public:
    std::uint64_t f1 = 0, f2 = 0, f3 = 0, x = 0;
    std::uint8_t rounding = fp::dynamic_rm;
    bool on = true; ///< mstatus.FS is not off
    fp::HostFpEnv env;

    std::uint64_t f_result = 0, x_result = 0;
    bool wrote_f = false, wrote_x = false, dirty = false;
    int illegal = 0, loads_or_stores = 0;

    std::uint64_t f_raw(int n) const { return n == 1 ? f1 : n == 2 ? f2 : f3; }
    std::uint64_t x1() const { return x; }
    void set_fd(std::uint64_t v) { f_result = v, wrote_f = true; }
    void rd(std::uint64_t v) { x_result = v, wrote_x = true; }
    std::uint8_t rm() const { return rounding; }
    const fp::HostFpEnv& fp_env() const { return env; }
    bool fp_ready(bool writes) {
        if (!on) return raise_illegal();
        dirty = dirty || writes;
        return true;
    }
    bool raise_illegal() {
        ++illegal;
        return false;
    }
    bool load_f32() { return ++loads_or_stores; }
    bool load_f64() { return ++loads_or_stores; }
    bool store_f32() { return ++loads_or_stores; }
    bool store_f64() { return ++loads_or_stores; }
};

bool execute(Op op, Words& c) {
    switch (op) {
#define ROWS_OF(extension)
#define MAY_LEAVE(id, pattern, format, timing, ...)                                                                    \
    case Op::id:                                                                                                       \
        return __VA_ARGS__;
#include "cpu/isa/rv64d.inc"
#include "cpu/isa/rv64f.inc"
#undef MAY_LEAVE
#undef ROWS_OF
    default: ADD_FAILURE() << "not a row of this test"; return false;
    }
}

struct FpRow {
    Op op;
    isa::Format format;
    const char* name;
};
constexpr FpRow fp_rows[] = {
#define ROWS_OF(extension)
#define MAY_LEAVE(id, pattern, format, timing, ...) {Op::id, isa::Format::format, #id},
#include "cpu/isa/rv64d.inc"
#include "cpu/isa/rv64f.inc"
#undef MAY_LEAVE
#undef ROWS_OF
};

constexpr bool has_rm(isa::Format f) {
    using isa::Format;
    return f == Format::FRrm || f == Format::FR4 || f == Format::FUnaryRm || f == Format::FToXrm || f == Format::XToFrm;
}

/// A row run with the unit in mode `frm`; leaves the unit as it was.
bool run(Op op, Words& c, std::uint8_t frm, fp::Flags& flags) {
    c.env.enter(frm, 0);
    const bool done = execute(op, c);
    flags = c.env.leave();
    return done;
}
bool run(Op op, Words& c, std::uint8_t frm = 0) {
    fp::Flags ignored;
    return run(op, c, frm, ignored);
}

std::uint64_t reg(float v) { return fp::Single::box(std::bit_cast<std::uint32_t>(v)); }
std::uint64_t reg(double v) { return std::bit_cast<std::uint64_t>(v); }

/// fd of a row whose operands are a, b, c.
template <class T> std::uint64_t fd(Op op, T a, T b = 0, T c = 0, std::uint8_t rm = fp::dynamic_rm) {
    Words w;
    w.f1 = reg(a), w.f2 = reg(b), w.f3 = reg(c), w.rounding = rm;
    EXPECT_TRUE(run(op, w));
    EXPECT_TRUE(w.wrote_f && !w.wrote_x && w.dirty);
    return w.f_result;
}
template <class T> std::uint64_t rd(Op op, T a, T b = 0, std::uint8_t rm = fp::dynamic_rm) {
    Words w;
    w.f1 = reg(a), w.f2 = reg(b), w.rounding = rm;
    EXPECT_TRUE(run(op, w));
    EXPECT_TRUE(w.wrote_x && !w.wrote_f);
    return w.x_result;
}
std::uint64_t fd_of_x(Op op, std::uint64_t x) {
    Words w;
    w.x = x;
    EXPECT_TRUE(run(op, w));
    return w.f_result;
}

TEST(FpRows, ArithmeticIsTheRowsOwn) {
    const auto both = [](Op s, Op d, double a, double b, double c, double expected) {
        const auto f = [](double v) { return static_cast<float>(v); };
        EXPECT_EQ(fd(s, f(a), f(b), f(c)), reg(f(expected)));
        EXPECT_EQ(fd(d, a, b, c), reg(expected));
    };
    both(Op::fadd_s, Op::fadd_d, 7, 2, 0, 9);
    both(Op::fsub_s, Op::fsub_d, 7, 2, 0, 5);
    both(Op::fmul_s, Op::fmul_d, 7, 2, 0, 14);
    both(Op::fdiv_s, Op::fdiv_d, 7, 2, 0, 3.5);
    both(Op::fsqrt_s, Op::fsqrt_d, 49, 2, 0, 7);
    both(Op::fmadd_s, Op::fmadd_d, 7, 2, 3, 17);
    both(Op::fmsub_s, Op::fmsub_d, 7, 2, 3, 11);
    both(Op::fnmsub_s, Op::fnmsub_d, 7, 2, 3, -11);
    both(Op::fnmadd_s, Op::fnmadd_d, 7, 2, 3, -17);
    both(Op::fmin_s, Op::fmin_d, 7, -2, 0, -2);
    both(Op::fmax_s, Op::fmax_d, 7, -2, 0, 7);
    both(Op::fsgnj_s, Op::fsgnj_d, 7, -2, 0, -7);
    both(Op::fsgnjn_s, Op::fsgnjn_d, 7, -2, 0, 7);
    both(Op::fsgnjx_s, Op::fsgnjx_d, -7, -2, 0, 7);
}

TEST(FpRows, ComparisonsConversionsMoves) {
    EXPECT_EQ(rd(Op::feq_s, 1.0f, 1.0f), 1u);
    EXPECT_EQ(rd(Op::flt_s, 1.0f, 1.0f), 0u);
    EXPECT_EQ(rd(Op::fle_s, 1.0f, 1.0f), 1u);
    EXPECT_EQ(rd(Op::feq_d, 1.0, 2.0), 0u);
    EXPECT_EQ(rd(Op::flt_d, 1.0, 2.0), 1u);
    EXPECT_EQ(rd(Op::fle_d, 2.0, 1.0), 0u);
    EXPECT_EQ(rd(Op::fclass_s, -1.0f), 2u);
    EXPECT_EQ(rd(Op::fclass_d, 1.0), 64u);
    constexpr std::uint8_t rtz = 1;
    constexpr double big = 4294967295.5, huge = 1.5 * 9223372036854775808.0;
    EXPECT_EQ(rd(Op::fcvt_w_d, -1.5, 0.0, rtz), ~std::uint64_t{0});
    EXPECT_EQ(rd(Op::fcvt_w_d, big, 0.0, rtz), 0x7fffffffu);
    EXPECT_EQ(rd(Op::fcvt_wu_d, big, 0.0, rtz), ~std::uint64_t{0}); // sign-extended
    EXPECT_EQ(rd(Op::fcvt_l_d, big, 0.0, rtz), 0xffffffffu);
    EXPECT_EQ(rd(Op::fcvt_l_d, huge, 0.0, rtz), 0x7fffffffffffffffu);
    EXPECT_EQ(rd(Op::fcvt_lu_d, huge, 0.0, rtz), 0xc000000000000000u);
    EXPECT_EQ(rd(Op::fcvt_w_s, 2.5f, 0.0f), 2u); // to even
    EXPECT_EQ(rd(Op::fcvt_wu_s, 3.5f, 0.0f), 4u);
    EXPECT_EQ(rd(Op::fcvt_l_s, -2.5f, 0.0f), static_cast<std::uint64_t>(-2));
    EXPECT_EQ(rd(Op::fcvt_lu_s, -2.5f, 0.0f), 0u);
    constexpr std::uint64_t minus_one = ~std::uint64_t{0};
    EXPECT_EQ(fd_of_x(Op::fcvt_s_w, minus_one), reg(-1.0f));
    EXPECT_EQ(fd_of_x(Op::fcvt_s_wu, minus_one), reg(4294967296.0f));
    EXPECT_EQ(fd_of_x(Op::fcvt_s_l, minus_one), reg(-1.0f));
    EXPECT_EQ(fd_of_x(Op::fcvt_s_lu, minus_one), reg(18446744073709551616.0f));
    EXPECT_EQ(fd_of_x(Op::fcvt_d_w, minus_one), reg(-1.0));
    EXPECT_EQ(fd_of_x(Op::fcvt_d_wu, minus_one), reg(4294967295.0));
    EXPECT_EQ(fd_of_x(Op::fcvt_d_l, minus_one), reg(-1.0));
    EXPECT_EQ(fd_of_x(Op::fcvt_d_lu, minus_one), reg(18446744073709551616.0));
    EXPECT_EQ(fd(Op::fcvt_s_d, 0.1), reg(0.1f));
    EXPECT_EQ(fd(Op::fcvt_d_s, 0.5f), reg(0.5));
    EXPECT_EQ(rd(Op::fmv_x_w, -1.0f), 0xffffffffbf800000u);
    EXPECT_EQ(rd(Op::fmv_x_d, -1.0), 0xbff0000000000000u);
    EXPECT_EQ(fd_of_x(Op::fmv_w_x, 0x1234567880000000), 0xffffffff80000000u);
    EXPECT_EQ(fd_of_x(Op::fmv_d_x, 0x1234567880000000), 0x1234567880000000u);
}

TEST(FpRows, AreIllegalWhileFloatingPointIsOff) {
    for (const FpRow& r : fp_rows) {
        if (r.format == isa::Format::FLoad || r.format == isa::Format::FStore) continue; // the hart's own words
        Words w;
        w.on = false;
        EXPECT_FALSE(run(r.op, w)) << r.name;
        EXPECT_EQ(w.illegal, 1) << r.name;
        EXPECT_FALSE(w.wrote_f || w.wrote_x || w.dirty) << r.name;
    }
}

TEST(FpRows, ReservedRoundingModesAreIllegalAndChangeNothing) {
    int rounding_rows = 0;
    for (const FpRow& r : fp_rows) {
        if (!has_rm(r.format)) continue;
        ++rounding_rows;
        for (std::uint8_t frm = 0; frm < 8; ++frm)
            for (std::uint8_t rm = 0; rm < 8; ++rm) {
                Words w;
                w.rounding = rm;
                const bool legal = rm <= 4 || (rm == fp::dynamic_rm && frm <= 4);
                EXPECT_EQ(run(r.op, w, frm), legal) << r.name << ' ' << int{rm} << ' ' << int{frm};
                EXPECT_EQ(w.illegal, legal ? 0 : 1);
                EXPECT_EQ(w.dirty, legal);
                EXPECT_EQ(w.wrote_f || w.wrote_x, legal);
            }
    }
    EXPECT_EQ(rounding_rows, 2 * (4 + 5 + 8) + 2);
}

TEST(FpRows, DirtyUnlessNothingIsWritten) {
    for (const FpRow& r : fp_rows) {
        if (r.format == isa::Format::FLoad || r.format == isa::Format::FStore) continue;
        const bool clean = r.op == Op::fclass_s || r.op == Op::fclass_d || r.op == Op::fmv_x_w || r.op == Op::fmv_x_d;
        Words w;
        EXPECT_TRUE(run(r.op, w)) << r.name;
        EXPECT_EQ(w.dirty, !clean) << r.name;
    }
}

TEST(FpRows, RoundAsTheFieldOrFrmSays) {
    // 1 + 2^-24 lies halfway between two singles.
    const float least = 0x1p-24f, above = 0x1.000002p0f;
    const auto sum = [&](std::uint8_t rm, std::uint8_t frm) {
        Words w;
        w.f1 = reg(1.0f), w.f2 = reg(least), w.rounding = rm;
        fp::Flags flags = 0;
        EXPECT_TRUE(run(Op::fadd_s, w, frm, flags));
        EXPECT_EQ(flags, fp::inexact);
        return w.f_result;
    };
    const float expected[] = {1.0f, 1.0f, 1.0f, above, above}; // rne rtz rdn rup rmm
    for (std::uint8_t mode = 0; mode <= 4; ++mode)
        for (std::uint8_t other = 0; other < 8; ++other) {
            EXPECT_EQ(sum(mode, other), reg(expected[mode])) << int{mode} << ' ' << int{other};
            EXPECT_EQ(sum(fp::dynamic_rm, mode), reg(expected[mode]));
        }
}

TEST(FpRows, SinglesThatAreNotBoxedReadAsNan) {
    Words w;
    w.f1 = 0x3f800000, w.f2 = reg(1.0f); // 1.0f without its box
    EXPECT_TRUE(run(Op::fadd_s, w));
    EXPECT_EQ(w.f_result, fp::Single::box(fp::Single::canonical_nan));
}

} // namespace
} // namespace tollgate::cpu
