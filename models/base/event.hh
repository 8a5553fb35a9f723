/// A trace event is one described struct with a static `event_name`; text, timeline and compare derive from its fields.
#pragma once
#include "base/describe.hh"
#include <cstdint>
#include <string_view>

namespace tollgate {

enum class Radix : std::uint8_t { dec, hex };

template <class S, class T> struct FieldDesc {
    std::string_view name;
    T S::*member;
    T def;
    Radix radix;
    std::string_view text;
};

} // namespace tollgate

/// TOLLGATE_FIELD(type, name, Radix::hex, "Text.")
#define TOLLGATE_FIELD(type, name, radix, text) TOLLGATE_MEMBER(::tollgate::FieldDesc, type, name, type{}, radix, text)
