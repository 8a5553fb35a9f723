/// A device's registers as the model sees them: storage, reset and access policy derive from the map in `models/abi`.
#pragma once
#include "abi/reg.hh"
#include "tlm/device.hh"
#include <array>
#include <cstdint>
#include <tuple>
#include <type_traits>

namespace tollgate {

/// Single registers are stored here. A device gives a register behaviour by hooks, found at compile time:
///
///     T    on_read(R, unsigned index, Picoseconds now)              instead of the stored value
///     void on_write(R, unsigned index, T value, Picoseconds now)    instead of storing; ro is never written
///     unsigned present(R) const                                     how many of an array's registers there are
///
/// Arrays have no storage here: their device has both hooks. Reading a write-only register gives 0 and writing a
/// read-only one does nothing. A write to a part of a register is completed with what it reads as (zeros for wo, w1c),
/// so `on_read` of a register that may be written in parts must have no side effect.
template <class Map> class RegisterFile {
  public:
    RegisterFile() { reset(); }

    template <class R> typename R::value_type get() const {
        static_assert(Map::template has<R> && R::count == 1);
        return std::get<Stored<R>>(stored_).value;
    }
    template <class R> void set(typename R::value_type v) {
        static_assert(Map::template has<R> && R::count == 1);
        std::get<Stored<R>>(stored_).value = v;
    }
    void reset() {
        Map::for_each([this]<class R>(R) {
            if constexpr (R::count == 1) this->template set<R>(R::reset);
        });
    }

    /// A read by software.
    template <class D>
    Outcome read(D& device, std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) {
        Outcome outcome = Outcome::address_error;
        value = 0;
        Map::any([&]<class R>(R) {
            const Place at = find<R>(device, offset);
            if (!at.inside || !fits<R>(at, size, outcome)) return false;
            outcome = Outcome::ok;
            if constexpr (!abi::readable(R::access)) return false; // a readable one may share the offset
            value = (std::uint64_t{current<R>(device, at.index, now)} >> (8 * at.within)) & ones(size);
            return true;
        });
        return outcome;
    }

    /// A write by software.
    template <class D>
    Outcome write(D& device, std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) {
        Outcome outcome = Outcome::address_error;
        Map::any([&]<class R>(R) {
            const Place at = find<R>(device, offset);
            if (!at.inside || !fits<R>(at, size, outcome)) return false;
            outcome = Outcome::ok;
            if constexpr (!abi::writable(R::access)) {
                return false;
            } else {
                using T = typename R::value_type;
                const std::uint64_t mask = ones(size) << (8 * at.within);
                std::uint64_t whole = (value & ones(size)) << (8 * at.within);
                if constexpr (R::access == abi::Access::rw && R::min_size < sizeof(T))
                    if (size < sizeof(T)) whole |= std::uint64_t{current<R>(device, at.index, now)} & ~mask;
                assign<R>(device, at.index, static_cast<T>(whole), now);
                return true;
            }
        });
        return outcome;
    }

  private:
    template <class R> struct Stored {
        std::conditional_t<R::count == 1, typename R::value_type, std::array<typename R::value_type, 0>> value{};
    };
    template <class M> struct Storage;
    template <class... R> struct Storage<abi::RegMap<R...>> { using type = std::tuple<Stored<R>...>; };
    struct Place {
        bool inside;
        unsigned index, within;
    };

    static constexpr std::uint64_t ones(unsigned size) { return size >= 8 ? ~0ull : (1ull << (8 * size)) - 1; }

    template <class R, class D> static Place find(const D& device, std::uint64_t offset) {
        if (offset < R::offset || offset >= R::end) return {false, 0, 0};
        const auto from = static_cast<unsigned>(offset - R::offset);
        const unsigned index = from / R::stride, within = from % R::stride;
        if constexpr (requires { device.present(R{}); })
            if (index >= device.present(R{})) return {false, 0, 0};
        return {within < sizeof(typename R::value_type), index, within};
    }
    template <class R> static bool fits(const Place& at, unsigned size, Outcome& outcome) {
        const bool fit =
            size >= R::min_size && at.within + size <= sizeof(typename R::value_type) && at.within % size == 0;
        if (!fit && outcome == Outcome::address_error) outcome = Outcome::burst_error;
        return fit;
    }
    template <class R, class D> typename R::value_type current(D& device, unsigned index, Picoseconds now) {
        if constexpr (requires { device.on_read(R{}, index, now); }) {
            return device.on_read(R{}, index, now);
        } else {
            static_assert(R::count == 1, "an array of registers needs on_read");
            return get<R>();
        }
    }
    template <class R, class D> void assign(D& device, unsigned index, typename R::value_type v, Picoseconds now) {
        if constexpr (requires { device.on_write(R{}, index, v, now); }) {
            device.on_write(R{}, index, v, now);
        } else {
            static_assert(R::count == 1, "an array of registers needs on_write");
            if constexpr (R::access == abi::Access::w1c)
                set<R>(static_cast<typename R::value_type>(get<R>() & ~v));
            else
                set<R>(v);
        }
    }

    typename Storage<Map>::type stored_;
};

} // namespace tollgate
