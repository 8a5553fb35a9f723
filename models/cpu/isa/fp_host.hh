/// The host's floating-point unit: its mode and flag register in RISC-V's terms, and barriers that hold operations in
/// place.
///
/// On x86-64 this is MXCSR, which rounds, flags and detects tininess (after rounding) as RISC-V asks for; only NaN
/// results and multiply-add's invalid differ and are put right by the operations. Other hosts go through <cfenv>.
/// Compile with TOLLGATE_FP_CFENV to use that on x86-64 too.
#pragma once
#include "cpu/isa/fp_format.hh"

#include <cfenv>
#include <cfloat>
#include <initializer_list>
#include <type_traits>

namespace tollgate::cpu::fp::host {

#if defined(__x86_64__) && !defined(TOLLGATE_FP_CFENV)
#define TOLLGATE_FP_MXCSR 1
#else
#define TOLLGATE_FP_MXCSR 0
#endif

/// Whether the host's arithmetic raises underflow and evaluates as RISC-V does. Where it does not, everything is
/// computed by integer arithmetic and only the flags are kept in the host's register.
#if defined(__x86_64__) || defined(__riscv_d)
inline constexpr bool computes_as_riscv = FLT_EVAL_METHOD == 0;
#else
inline constexpr bool computes_as_riscv = false;
#endif

/// Makes a value unknown to the compiler at this point of the program, and needed at it. An operation whose operands
/// and result have passed here can be neither folded, dropped, merged with an equal one, nor moved over a change of the
/// mode or a reading of the flags: volatile asm statements keep their order. Costs no instruction.
template <class T> [[gnu::always_inline]] inline void opaque(T& value) {
#if defined(__x86_64__)
    if constexpr (std::is_floating_point_v<T>) {
        asm volatile("" : "+x"(value));
    } else {
        asm volatile("" : "+r"(value));
    }
#else
    asm volatile("" : "+m"(value));
#endif
}

#if TOLLGATE_FP_MXCSR

using Environment = std::uint32_t; ///< mode, flags and masks of this host thread
using Mode = std::uint32_t;        ///< rounding mode as the host encodes it

inline constexpr std::uint32_t all_masked = 0x1f80; // no traps, subnormals neither flushed nor taken as zero
inline constexpr std::uint32_t mode_mask = 0x6000;
inline constexpr std::uint32_t flag_mask = 0x003f;

[[gnu::always_inline]] inline std::uint32_t read_mxcsr() {
    std::uint32_t s;
    asm volatile("stmxcsr %0" : "=m"(s) : : "memory");
    return s;
}
[[gnu::always_inline]] inline void write_mxcsr(std::uint32_t s) { asm volatile("ldmxcsr %0" : : "m"(s) : "memory"); }

constexpr std::uint32_t mode_bits(Rounding r) {
    constexpr std::uint32_t of[] = {0x0000, 0x6000, 0x2000, 0x4000}; // rne rtz rdn rup
    return of[static_cast<int>(r) & 3];
}
constexpr std::uint32_t
flag_bits(Flags f) { // from bit 0 on: invalid, (denormal), division, overflow, underflow, inexact
    return (f >> 4 & 1u) | (f >> 1 & 4u) | (f << 1 & 8u) | (f << 3 & 16u) | (f << 5 & 32u);
}
constexpr Flags flags_of(std::uint32_t s) {
    return static_cast<Flags>((s << 4 & 16u) | (s << 1 & 8u) | (s >> 1 & 4u) | (s >> 3 & 2u) | (s >> 5 & 1u));
}

/// Takes the unit over with mode r (not rmm) and flags f; returns what leave() needs.
inline Environment enter(Rounding r, Flags f) {
    const Environment before = read_mxcsr();
    write_mxcsr(all_masked | mode_bits(r) | flag_bits(f));
    return before;
}
inline void leave(const Environment& before) { write_mxcsr(before); }
inline Flags flags() { return flags_of(read_mxcsr()); }
inline void replace_flags(Flags f) { write_mxcsr((read_mxcsr() & ~flag_mask) | flag_bits(f)); }
inline void raise(Flags f) { write_mxcsr(read_mxcsr() | flag_bits(f)); }
/// Sets mode r (not rmm), keeps the flags; returns the mode before.
inline Mode change_mode(Rounding r) {
    const std::uint32_t s = read_mxcsr();
    write_mxcsr((s & ~mode_mask) | mode_bits(r));
    return s & mode_mask;
}
inline Rounding mode() {
    constexpr Rounding of[] = {Rounding::rne, Rounding::rdn, Rounding::rup, Rounding::rtz};
    return of[read_mxcsr() >> 13 & 3];
}
inline void restore_mode(Mode before) { write_mxcsr((read_mxcsr() & ~mode_mask) | before); }

#else

using Environment = std::fenv_t;
using Mode = int;

/// Nothing moves over it: the library's functions may be known to the compiler.
inline void fence() { asm volatile("" : : : "memory"); }

constexpr int mode_of(Rounding r) {
    constexpr int of[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    return of[static_cast<int>(r) & 3];
}
inline constexpr int exception_of[] = {FE_INEXACT, FE_UNDERFLOW, FE_OVERFLOW, FE_DIVBYZERO,
                                       FE_INVALID}; // by bit of Flags

inline Flags flags() {
    fence();
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    Flags f = 0;
    for (int i = 0; i < 5; ++i) f = static_cast<Flags>(f | ((raised & exception_of[i]) != 0) << i);
    fence();
    return f;
}
inline void raise(Flags f) {
    fence();
    int exceptions = 0;
    for (int i = 0; i < 5; ++i) exceptions |= f >> i & 1 ? exception_of[i] : 0;
    std::feraiseexcept(exceptions);
    fence();
}
inline void replace_flags(Flags f) {
    fence();
    std::feclearexcept(FE_ALL_EXCEPT);
    raise(f);
}
inline Mode change_mode(Rounding r) {
    fence();
    const Mode before = std::fegetround();
    std::fesetround(mode_of(r));
    fence();
    return before;
}
inline Rounding mode() {
    const Mode now = std::fegetround();
    for (const Rounding r : {Rounding::rtz, Rounding::rdn, Rounding::rup})
        if (now == mode_of(r)) return r;
    return Rounding::rne;
}
inline void restore_mode(Mode before) {
    fence();
    std::fesetround(before);
    fence();
}
inline Environment enter(Rounding r, Flags f) {
    fence();
    Environment before;
    std::fegetenv(&before);
    std::fesetenv(FE_DFL_ENV);
    std::fesetround(mode_of(r));
    replace_flags(f);
    return before;
}
inline void leave(const Environment& before) {
    fence();
    std::fesetenv(&before);
    fence();
}

#endif

/// The host's fused multiply-add, if there is one: `fused` is false where it is not, and then fma must not be called.
#if TOLLGATE_FP_MXCSR
inline const bool fused = __builtin_cpu_supports("fma");
[[gnu::always_inline]] inline double fma(double a, double b, double c) {
    // Written out, as the compiler must not use the instruction elsewhere: the program runs on hosts without it too.
    asm volatile("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}
[[gnu::always_inline]] inline float fma(float a, float b, float c) {
    asm volatile("vfmadd213ss %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}
[[gnu::always_inline]] inline double sqrt(double a) {
    double root; // the builtin would call the library for errno when a is negative
    asm volatile("sqrtsd %1, %0" : "=x"(root) : "x"(a));
    return root;
}
[[gnu::always_inline]] inline float sqrt(float a) {
    float root;
    asm volatile("sqrtss %1, %0" : "=x"(root) : "x"(a));
    return root;
}
#else
#if defined(__FP_FAST_FMA) && defined(__FP_FAST_FMAF)
inline constexpr bool fused = true;
#else
inline constexpr bool fused = false; // a library's function is right but slower than our integers
#endif
template <class T> T fma(T a, T b, T c) {
    opaque(a);
    T r = sizeof(T) == 8
              ? static_cast<T>(__builtin_fma(a, b, c))
              : static_cast<T>(__builtin_fmaf(static_cast<float>(a), static_cast<float>(b), static_cast<float>(c)));
    opaque(r);
    return r;
}
template <class T> T sqrt(T a) {
    opaque(a);
    T r = static_cast<T>(sizeof(T) == 8 ? __builtin_sqrt(a) : __builtin_sqrtf(static_cast<float>(a)));
    opaque(r);
    return r;
}
#endif

} // namespace tollgate::cpu::fp::host
