/// A counter in one line of a described struct: name, unit, text; a number that only rises.
#pragma once
#include "base/describe.hh"
#include <cstdint>
#include <string_view>

namespace tollgate {

using Count = std::uint64_t;

template <class S, class T> struct CounterDesc {
    std::string_view name;
    T S::*member;
    T def;
    std::string_view unit;
    std::string_view text;
};

/// now - then, member by member: what was counted in a region of interest.
template <Described S> constexpr S delta(const S& now, const S& then) {
    S r;
    for_each_field<S>([&](const auto& d) { r.*(d.member) = now.*(d.member) - then.*(d.member); });
    return r;
}

} // namespace tollgate

/// TOLLGATE_COUNTER(name, "unit", "Text.")
#define TOLLGATE_COUNTER(name, unit, text)                                                                             \
    TOLLGATE_MEMBER(::tollgate::CounterDesc, ::tollgate::Count, name, 0, unit, text)
