/// The words of the F and D rows: register access, rounding mode, legality, around the arithmetic of cpu/isa/fp.hh.
#pragma once
#include "cpu/isa/fp.hh"

#include <cstdint>

namespace tollgate::cpu {

/// Base of the class C whose members the rows call as `c.fadd(fp::Single{})`. C provides
///
///     std::uint64_t f_raw(int n)      content of fs1, fs2, fs3 for n = 1, 2, 3
///     std::uint64_t x1()              rs1
///     void set_fd(std::uint64_t)      writes fd
///     void rd(std::uint64_t)          writes rd
///     std::uint8_t rm()               the instruction's rounding mode field
///     const fp::HostFpEnv& fp_env()   the hold on the host's unit, entered with the hart's frm and fflags
///     bool fp_ready(bool writes)      false, and an illegal instruction raised, while mstatus.FS is off; otherwise
///     makes
///                                     FS dirty if the instruction may write an f register or fflags (Priv §3.1.6.6)
///     bool raise_illegal()            raises an illegal instruction; false
///
/// Every word is false if the instruction did not complete. A reserved rounding mode, 5, 6 or a dynamic one while frm
/// is 5 to 7, is an illegal instruction, also where the operation never rounds (Unpriv §11.2).
template <class C> class FloatingPoint {
  public:
#define TOLLGATE_FP_WORD [[gnu::always_inline]] bool

    template <class F> TOLLGATE_FP_WORD fadd(F) { return f_rounded<fp::Add<F>>(f(1), f(2)); }
    template <class F> TOLLGATE_FP_WORD fsub(F) { return f_rounded<fp::Sub<F>>(f(1), f(2)); }
    template <class F> TOLLGATE_FP_WORD fmul(F) { return f_rounded<fp::Mul<F>>(f(1), f(2)); }
    template <class F> TOLLGATE_FP_WORD fdiv(F) { return f_rounded<fp::Div<F>>(f(1), f(2)); }
    template <class F> TOLLGATE_FP_WORD fsqrt(F) { return f_rounded<fp::Sqrt<F>>(f(1)); }
    template <class F> TOLLGATE_FP_WORD fmadd(F) { return f_rounded<fp::MulAdd<F>>(f(1), f(2), f(3)); }
    template <class F> TOLLGATE_FP_WORD fmsub(F) { return f_rounded<fp::MulSub<F>>(f(1), f(2), f(3)); }
    template <class F> TOLLGATE_FP_WORD fnmsub(F) { return f_rounded<fp::NegMulAdd<F>>(f(1), f(2), f(3)); }
    template <class F> TOLLGATE_FP_WORD fnmadd(F) { return f_rounded<fp::NegMulSub<F>>(f(1), f(2), f(3)); }

    template <class F> TOLLGATE_FP_WORD fmin(F) {
        return to_f([&] { return fp::minimum<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fmax(F) {
        return to_f([&] { return fp::maximum<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fsgnj(F) {
        return to_f([&] { return fp::sign_of_second<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fsgnjn(F) {
        return to_f([&] { return fp::opposite_sign_of_second<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fsgnjx(F) {
        return to_f([&] { return fp::product_of_signs<F>(f(1), f(2)); });
    }

    // Comparisons may raise flags, so they make FS dirty; classification and moves to x do not.
    template <class F> TOLLGATE_FP_WORD feq(F) {
        return to_x(true, [&] { return fp::equal<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD flt(F) {
        return to_x(true, [&] { return fp::less<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fle(F) {
        return to_x(true, [&] { return fp::less_or_equal<F>(f(1), f(2)); });
    }
    template <class F> TOLLGATE_FP_WORD fclass(F) {
        return to_x(false, [&] { return fp::classify<F>(f(1)); });
    }

    template <class F, class I> TOLLGATE_FP_WORD f_to_integer(F, I) {
        return rounded(
            [&](std::uint8_t rm) { self().rd(self().fp_env().template run<fp::ToInteger<F, I>>(rm, f(1))); });
    }
    template <class F, class I> TOLLGATE_FP_WORD f_from_integer(F, I) {
        return f_rounded<fp::FromInteger<F, I>>(self().x1());
    }
    template <class To, class From> TOLLGATE_FP_WORD f_convert(To, From) {
        return f_rounded<fp::Convert<To, From>>(f(1));
    }

    TOLLGATE_FP_WORD fmv_to_x(fp::Single) {
        return to_x(false, [&] { return fp::low_word(f(1)); });
    }
    TOLLGATE_FP_WORD fmv_to_x(fp::Double) {
        return to_x(false, [&] { return f(1); });
    }
    TOLLGATE_FP_WORD fmv_from_x(fp::Single) {
        return to_f([&] { return fp::boxed_word(self().x1()); });
    }
    TOLLGATE_FP_WORD fmv_from_x(fp::Double) {
        return to_f([&] { return self().x1(); });
    }

  private:
    [[gnu::always_inline]] C& self() { return static_cast<C&>(*this); }
    [[gnu::always_inline]] std::uint64_t f(int n) { return self().f_raw(n); }

    /// `operation(rm)` if rm is a rounding mode and floating point is on.
    template <class Operation> TOLLGATE_FP_WORD rounded(Operation operation) {
        const std::uint8_t rm = self().rm();
        if (!self().fp_env().legal(rm)) [[unlikely]]
            return self().raise_illegal();
        if (!self().fp_ready(true)) [[unlikely]]
            return false;
        operation(rm);
        return true;
    }
    template <class Op, class... Registers> TOLLGATE_FP_WORD f_rounded(Registers... regs) {
        return rounded([&](std::uint8_t rm) { self().set_fd(self().fp_env().template run<Op>(rm, regs...)); });
    }
    template <class Operation> TOLLGATE_FP_WORD to_f(Operation operation) {
        if (!self().fp_ready(true)) [[unlikely]]
            return false;
        self().set_fd(operation());
        return true;
    }
    template <class Operation> TOLLGATE_FP_WORD to_x(bool writes_state, Operation operation) {
        if (!self().fp_ready(writes_state)) [[unlikely]]
            return false;
        self().rd(operation());
        return true;
    }
#undef TOLLGATE_FP_WORD
};

} // namespace tollgate::cpu
