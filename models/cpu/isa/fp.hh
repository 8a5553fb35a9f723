/// Floating point of the hart: the F and D extensions (Unpriv §11, §12), computed by the host's own unit.
///
/// Every function takes register contents (64 bits; a single is boxed) and returns the new content of the destination.
/// F is Single for the .S row and Double for .D; I is the integer type of W, WU, L, LU: std::int32_t, std::uint32_t,
/// std::int64_t, std::uint64_t. Integer results are sign-extended. rm is the instruction's field, 7 for dynamic.
///
///   rows                            function                                                     section
///   FADD FSUB FMUL FDIV             env.run<Add<F>>(rm, a, b), Sub, Mul, Div                Unpriv §11.6, §12.4
///   FSQRT                           env.run<Sqrt<F>>(rm, a)                                 Unpriv §11.6, §12.4
///   FMADD FMSUB FNMSUB FNMADD       env.run<MulAdd<F>>(rm, a, b, c), MulSub, NegMulAdd (FNMSUB:
///                                   -(a x b) + c), NegMulSub (FNMADD: -(a x b) - c)         Unpriv §11.6, §12.4
///   FCVT.S.D  FCVT.D.S              env.run<Convert<Single, Double>>(rm, a), <Double, Single> Unpriv §12.5
///   FCVT.{W,WU,L,LU}.{S,D}          env.run<ToInteger<F, I>>(rm, a)                         Unpriv §11.7, §12.5
///   FCVT.{S,D}.{W,WU,L,LU}          env.run<FromInteger<F, I>>(rm, x)                       Unpriv §11.7, §12.5
///   FMIN FMAX                       minimum<F>(a, b)  maximum<F>(a, b)                      Unpriv §11.6, §12.4
///   FEQ FLT FLE                     equal<F>(a, b)  less<F>(a, b)  less_or_equal<F>(a, b)   Unpriv §11.8, §12.6
///   FSGNJ FSGNJN FSGNJX             sign_of_second<F>(a, b)  opposite_sign_of_second
///                                   product_of_signs                                        Unpriv §11.7, §12.5
///   FCLASS                          classify<F>(a)                                          Unpriv §11.9, §12.7
///   FMV.X.W FMV.W.X FLW FSW         low_word(f)  boxed_word(x);
///                                   FMV.X.D FMV.D.X FLD FSD copy                            Unpriv §11.7, §12.2, §12.5
///
/// A row whose rm may be reserved asks env.legal(rm) first and raises an illegal instruction if not (Unpriv §11.2).
#pragma once
#include "cpu/isa/fp_compare.hh"
#include "cpu/isa/fp_exact.hh"
#include "cpu/isa/fp_host.hh"

namespace tollgate::cpu::fp {

/// What a row's operation is made of: `on_unit` computes on the host's unit in the mode that it is in and raises flags
/// there; `in_integers` computes in any mode. unit_answers(current, rm) tells whether on_unit is right for rm,
/// `current` being whether the unit is in the mode that rm asks for; needs_mode, whether on_unit is right once that
/// mode is set.
struct ByMode {
    static constexpr bool needs_mode = true;
    static constexpr bool unit_answers(bool current, std::uint8_t) { return current; }
};

/// The pattern of r in a register; the host's NaN, whatever its sign and payload, becomes the canonical one (Unpriv
/// §11.3).
template <class F> [[gnu::always_inline]] inline std::uint64_t delivered(typename F::Value r) {
    if (r != r) [[unlikely]]
        return F::box(F::canonical_nan);
    return F::box(std::bit_cast<typename F::Bits>(r));
}

template <class F> [[gnu::always_inline]] inline typename F::Value operand(std::uint64_t reg) {
    auto x = std::bit_cast<typename F::Value>(F::unbox(reg));
    host::opaque(x);
    return x;
}

#define TOLLGATE_FP_ARITHMETIC(Name, function, op)                                                                     \
    template <class F> struct Name : ByMode {                                                                          \
        [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t a, std::uint64_t b) {                        \
            const auto x = operand<F>(a), y = operand<F>(b);                                                           \
            auto r = x op y;                                                                                           \
            host::opaque(r);                                                                                           \
            return delivered<F>(r);                                                                                    \
        }                                                                                                              \
        static Result in_integers(Rounding r, std::uint64_t a, std::uint64_t b) {                                      \
            return exact::function<F>(a, b, r);                                                                        \
        }                                                                                                              \
    };
TOLLGATE_FP_ARITHMETIC(Add, add, +)
TOLLGATE_FP_ARITHMETIC(Sub, sub, -)
TOLLGATE_FP_ARITHMETIC(Mul, mul, *)
TOLLGATE_FP_ARITHMETIC(Div, div, /)
#undef TOLLGATE_FP_ARITHMETIC

template <class F> struct Sqrt : ByMode {
    [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t a) {
        return delivered<F>(host::sqrt(operand<F>(a)));
    }
    static Result in_integers(Rounding r, std::uint64_t a) { return exact::sqrt<F>(a, r); }
};

/// a x b + c by integers in the mode of the unit: on hosts without such an instruction, and for NaN, where hosts
/// disagree on whether infinity x 0 + quiet NaN is invalid.
template <class F>
[[gnu::noinline]] std::uint64_t fused_in_integers(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const Result r = exact::fma<F>(a, b, c, host::mode());
    host::raise(r.flags);
    return r.value;
}

/// (+-a) x b +- c, rounded once. Signs are changed beforehand; that of a NaN does not matter.
template <class F, bool NegateProduct, bool NegateAddend> struct Fused : ByMode {
    static constexpr std::uint64_t negated(std::uint64_t reg, bool negate) {
        return negate ? F::box(F::unbox(reg) ^ F::sign) : reg;
    }
    [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
        a = negated(a, NegateProduct);
        c = negated(c, NegateAddend);
        if (host::fused) [[likely]] {
            const auto r = host::fma(operand<F>(a), operand<F>(b), operand<F>(c));
            if (r == r) [[likely]]
                return F::box(std::bit_cast<typename F::Bits>(r));
        }
        return fused_in_integers<F>(a, b, c);
    }
    static Result in_integers(Rounding r, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
        return exact::fma<F>(negated(a, NegateProduct), b, negated(c, NegateAddend), r);
    }
};
template <class F> using MulAdd = Fused<F, false, false>;   ///< FMADD
template <class F> using MulSub = Fused<F, false, true>;    ///< FMSUB
template <class F> using NegMulAdd = Fused<F, true, false>; ///< FNMSUB
template <class F> using NegMulSub = Fused<F, true, true>;  ///< FNMADD

/// Between formats. To double is exact in every mode.
template <class To, class From> struct Convert {
    static constexpr bool needs_mode = To::precision < From::precision;
    static constexpr bool unit_answers(bool current, std::uint8_t) { return current || !needs_mode; }
    [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t a) {
        auto r = static_cast<typename To::Value>(operand<From>(a));
        host::opaque(r);
        return delivered<To>(r);
    }
    static Result in_integers(Rounding r, std::uint64_t a) { return exact::convert<To, From>(a, r); }
};

/// Integer to floating point. 32 bits fit a double in every mode.
template <class F, class I> struct FromInteger {
    static constexpr bool needs_mode = sizeof(I) * 8 >= F::precision;
    static constexpr bool unit_answers(bool current, std::uint8_t) { return current || !needs_mode; }
    [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t x) {
        auto n = static_cast<std::int64_t>(static_cast<I>(x));
        host::opaque(n);
        const bool large = std::is_same_v<I, std::uint64_t> && n < 0;
        // Compilers differ in converting large unsigned numbers, not always rightly when rounding down: halve, keeping
        // what falls off the bottom as an odd bit, and double afterwards, which is exact. The barriers keep that a
        // branch: made into "add r or -0" it would turn 0 into -0.
        if (large) n = static_cast<std::int64_t>((x >> 1) | (x & 1));
        auto r = static_cast<typename F::Value>(n);
        host::opaque(r);
        if (large) [[unlikely]] {
            r += r;
            host::opaque(r);
        }
        return F::box(std::bit_cast<typename F::Bits>(r));
    }
    static Result in_integers(Rounding r, std::uint64_t x) { return exact::from_integer<F, I>(x, r); }
};

/// Floating point to integer. The unit truncates whatever its mode, which is what compiled code asks for; the other
/// modes, and numbers near or beyond the range of I, go by integers.
template <class F, class I> struct ToInteger {
    static constexpr bool needs_mode = false;
    static constexpr bool unit_answers(bool, std::uint8_t rm) { return rm == static_cast<std::uint8_t>(Rounding::rtz); }
    [[gnu::always_inline]] static std::uint64_t on_unit(std::uint64_t a) {
        using Value = typename F::Value;
        constexpr int bits = sizeof(I) * 8;
        constexpr Value top =
            static_cast<Value>(std::uint64_t{1} << (std::is_signed_v<I> || bits == 64 ? bits - 1 : bits));
        const Value x = operand<F>(a);
        if (std::is_signed_v<I> ? x >= -top && x < top : x > -1 && x < top) [[likely]] {
            auto n = static_cast<std::int64_t>(x);
            host::opaque(n);
            return static_cast<std::uint64_t>(bits == 32 ? static_cast<std::int32_t>(n) : n);
        }
        return outside(a);
    }
    static Result in_integers(Rounding r, std::uint64_t a) { return exact::to_integer<F, I>(a, r); }

  private:
    [[gnu::noinline]] static std::uint64_t outside(std::uint64_t a) {
        const Result r = in_integers(Rounding::rtz, a);
        host::raise(r.flags);
        return r.value;
    }
};

/// Op in a mode that the unit is not in: the unit is switched over and back, or the integers compute.
template <class Op, class... Registers> [[gnu::noinline]] std::uint64_t run_in_mode(Rounding mode, Registers... regs) {
    if (Op::needs_mode && host::computes_as_riscv && mode != Rounding::rmm) {
        const host::Mode before = host::change_mode(mode);
        const std::uint64_t value = Op::on_unit(regs...);
        host::restore_mode(before);
        return value;
    }
    const Result r = Op::in_integers(mode, regs...);
    if (r.flags != 0) host::raise(r.flags);
    return r.value;
}

/// A hart's hold on the floating-point unit of the host's thread. From enter() to leave() the unit is in the hart's
/// mode and its flags are the hart's `fflags`; nothing else on this thread may compute in floating point, and no other
/// hart or simulation process may run: leave() first. Small and without escaping addresses, so that it may live in
/// registers.
class HostFpEnv {
  public:
    /// Takes the unit over with the hart's `frm` (0 to 7) and accrued flags. Cost: some 5 ns, as for leave().
    void enter(std::uint8_t frm, Flags fflags) { before_ = host::enter(adopt(frm), fflags); }
    /// Gives the unit back as it was found; returns `fflags`.
    [[nodiscard]] Flags leave() {
        const Flags f = host::flags();
        host::leave(before_);
        return f;
    }
    /// A write of `frm` (Unpriv §11.2); accrued flags stay.
    void set_rounding(std::uint8_t frm) { host::change_mode(adopt(frm)); }
    /// `fflags` as it stands: reads the host's register.
    Flags flags() const { return host::flags(); }
    /// A write of `fflags`.
    void set_flags(Flags f) { host::replace_flags(f); }

    /// Whether rm (0 to 7) is a rounding mode: 5 and 6 are reserved, 7 stands for frm (Unpriv §11.2).
    bool legal(std::uint8_t rm) const { return legal_ >> rm & 1; }

    /// Performs Op on the registers' contents, rounding as rm says; rm must be legal. Cost: a few host instructions
    /// when rm is the unit's mode, some 15 ns when the unit has to be switched, 5 to 100 ns by integers.
    template <class Op, class... Registers>
    [[gnu::always_inline]] std::uint64_t run(std::uint8_t rm, Registers... regs) const {
        if (host::computes_as_riscv && Op::unit_answers(current_ >> rm & 1, rm)) [[likely]]
            return Op::on_unit(regs...);
        return run_in_mode<Op>(static_cast<Rounding>(rm == dynamic_rm ? frm_ : rm), regs...);
    }

  private:
    /// Notes frm; returns the mode for the unit. Under rmm and the reserved values that is any: no dynamic rm is
    /// current.
    Rounding adopt(std::uint8_t frm) {
        constexpr auto rmm = static_cast<std::uint8_t>(Rounding::rmm);
        frm_ = frm;
        legal_ = 0x1f | (frm <= rmm ? 1u << dynamic_rm : 0);
        current_ = frm < rmm ? 1u << frm | 1u << dynamic_rm : 1u;
        return frm < rmm ? static_cast<Rounding>(frm) : Rounding::rne;
    }

    host::Environment before_{};
    std::uint32_t current_ = 0; // bit rm: the unit is in that mode
    std::uint32_t legal_ = 0;   // bit rm
    std::uint8_t frm_ = 0;
};

} // namespace tollgate::cpu::fp
