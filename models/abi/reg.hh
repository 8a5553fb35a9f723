/// What software can see of a device: a register is one line with name, offset, width, access and reset value, and a
/// map is the list of them. The model's storage and access policy and the driver's typed access both derive from it.
///
/// Freestanding: shared by `models/dev` (the device) and `firmware` (its driver).
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace tollgate::abi {

/// rw: reads give what was written; ro: writes are ignored; wo: reads give 0; w1c: writing a one clears the bit.
enum class Access : unsigned char { rw, ro, wo, w1c };

constexpr bool readable(Access a) { return a != Access::wo; }
constexpr bool writable(Access a) { return a != Access::ro; }

/// A text as a template argument.
template <size_t N> struct FixedString {
    char text[N]{};
    constexpr FixedString(const char (&t)[N]) {
        for (size_t i = 0; i < N; ++i) text[i] = t[i];
    }
};

/// One register, or an array of `Count` of them every `Stride` bytes. `MinSize` below its width admits aligned accesses
/// to parts of it (the halves of a 64-bit register on a 32-bit bus).
template <FixedString Name, unsigned Offset, class T, Access A, T Reset = T{}, unsigned Count = 1,
          unsigned Stride = sizeof(T), unsigned MinSize = sizeof(T)>
struct Reg {
    using value_type = T;
    static constexpr const char* name = Name.text;
    static constexpr unsigned offset = Offset;
    static constexpr Access access = A;
    static constexpr T reset = Reset;
    static constexpr unsigned count = Count;
    static constexpr unsigned stride = Stride;
    static constexpr unsigned min_size = MinSize;
    /// The first byte after it.
    static constexpr unsigned end = Offset + (Count - 1) * Stride + sizeof(T);
    static_assert(Count > 0 && Stride >= sizeof(T) && Offset % sizeof(T) == 0 && Stride % sizeof(T) == 0);
    static_assert(MinSize > 0 && MinSize <= sizeof(T));

    /// Bits [Lsb, Lsb + Width) of it.
    template <unsigned Lsb, unsigned Width> struct Field {
        static_assert(Width > 0 && Lsb + Width <= 8 * sizeof(T));
        static constexpr T mask = T(uint64_t(Width == 64 ? ~0ull : (1ull << (Width % 64)) - 1) << Lsb);
        static constexpr T get(T v) { return T((v & mask) >> Lsb); }
        static constexpr T set(T v) { return T(T(uint64_t(v) << Lsb) & mask); }
    };
};

/// The registers of a device. Two may share an offset if one is read only and the other write only (RBR and THR).
template <class... R> struct RegMap {
    static constexpr size_t count = sizeof...(R);
    /// The first byte after all of them.
    static constexpr unsigned end = [] {
        unsigned last = 0;
        ((last = R::end > last ? R::end : last), ...);
        return last;
    }();

    template <class X> static constexpr bool has = (__is_same(X, R) || ...);
    template <class F> static constexpr void for_each(F&& f) { (f(R{}), ...); }
    /// Calls f(register) in order until one answers true; says whether one did.
    template <class F> static constexpr bool any(F&& f) { return (f(R{}) || ...); }

    /// No two registers answer the same byte in the same direction.
    static constexpr bool overlap_free() {
        const unsigned lo[] = {R::offset...}, hi[] = {R::end...}, n[] = {R::count...}, stride[] = {R::stride...};
        const unsigned size[] = {sizeof(typename R::value_type)...};
        const Access access[] = {R::access...};
        for (size_t i = 0; i < count; ++i)
            for (size_t j = 0; j < i; ++j) {
                const bool apart =
                    (!readable(access[i]) && !writable(access[j])) || (!writable(access[i]) && !readable(access[j]));
                if (apart || lo[i] >= hi[j] || lo[j] >= hi[i]) continue;
                const bool interleaved = n[i] > 1 && n[j] > 1 && stride[i] == stride[j];
                const unsigned a = lo[i] % stride[i], b = lo[j] % stride[j];
                if (!interleaved || (a < b + size[j] && b < a + size[i])) return false;
            }
        return true;
    }
};

/// The driver's side: typed volatile access; nothing but the map's registers compiles, in their directions only.
template <class Map> class Mmio {
  public:
    explicit constexpr Mmio(uintptr_t base) : base_{base} {}
    template <class R> typename R::value_type read(size_t index = 0) const {
        static_assert(Map::template has<R> && readable(R::access));
        return *at<R>(index);
    }
    template <class R> void write(typename R::value_type v, size_t index = 0) const {
        static_assert(Map::template has<R> && writable(R::access));
        *at<R>(index) = v;
    }

  private:
    template <class R> volatile typename R::value_type* at(size_t index) const {
        return reinterpret_cast<volatile typename R::value_type*>(base_ + R::offset + index * R::stride);
    }
    uintptr_t base_;
};

} // namespace tollgate::abi
