/// The one mechanism behind parameters, counters and events: a plain aggregate in which every member carries a
/// compile-time descriptor, written on the member's own line.
///
/// No registry, no heap, no base class, no static objects: values stay copyable aggregates. Members are found by source
/// line, which is the same in every translation unit, so the construction keeps the one-definition rule; at most one
/// member stands on a line, and a member's descriptor may span several.
#pragma once
#include <utility>

namespace tollgate {

template <int Line> struct AtLine {};

namespace detail {
template <class T, int Line, class F> constexpr void visit_line(F& f) {
    if constexpr (requires { T::described_field(AtLine<Line>{}); }) f(T::described_field(AtLine<Line>{}));
}
template <class T, class F, int... I> constexpr void visit_lines(F& f, std::integer_sequence<int, I...>) {
    (visit_line<T, T::described_first + I>(f), ...);
}
} // namespace detail

/// A struct whose members are described by TOLLGATE_MEMBER between TOLLGATE_DESCRIBED and TOLLGATE_END.
template <class T>
concept Described = requires {
    T::described_first;
    T::described_last();
};

/// Calls f(descriptor) for every described member of T, in the order of declaration.
template <Described T, class F> constexpr void for_each_field(F&& f) {
    detail::visit_lines<T>(f, std::make_integer_sequence<int, T::described_last() - T::described_first + 1>{});
}

/// The number of described members of T.
template <Described T> constexpr int field_count() {
    int n = 0;
    for_each_field<T>([&](const auto&) { ++n; });
    return n;
}

} // namespace tollgate

#define TOLLGATE_DESCRIBED(Self)                                                                                       \
    using DescribedSelf = Self;                                                                                        \
    static constexpr int described_first = __LINE__
#define TOLLGATE_MEMBER(Desc, type, name, init, ...)                                                                   \
    type name = init;                                                                                                  \
    static constexpr auto described_field(::tollgate::AtLine<__LINE__>) {                                              \
        return Desc<DescribedSelf, type>{#name, &DescribedSelf::name, init, __VA_ARGS__};                              \
    }
#define TOLLGATE_END                                                                                                   \
    static constexpr int described_last() { return __LINE__; }                                                         \
    static_assert(true)
