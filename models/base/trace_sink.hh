/// How a model tells a timeline what happened and when.
///
/// A model holds a TraceTrack for each row of the timeline that it fills. Without a timeline the track is empty: a null
/// pointer, tested on slow paths only.
///
///     if (track_) [[unlikely]]
///         track_.slice(from, to, LineMissed{.line = line, .kind = kind});
#pragma once
#include "base/access_kind.hh"
#include "base/address.hh"
#include "base/event.hh"
#include "base/param.hh"
#include "base/units.hh"
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace tollgate {

/// What an event is about; `--trace` filters by these words.
enum class EventClass : std::uint8_t { hart, marker, trap, tlb, miss, coherence, dram, link, device, dma };

template <> struct Choice<EventClass> {
    static constexpr std::array<std::string_view, 10> names{"hart",      "marker", "trap", "tlb",    "miss",
                                                            "coherence", "dram",   "link", "device", "dma"};
};
template <> struct Choice<AccessKind> {
    static constexpr std::array<std::string_view, 7> names{"fetch", "load",     "store", "atomic",
                                                           "walk",  "prefetch", "dma"};
};

/// A set of classes, a bit each.
class EventClasses {
  public:
    constexpr EventClasses() = default;
    constexpr EventClasses(EventClass c) : bits_{1u << static_cast<unsigned>(c)} {}
    static constexpr EventClasses all() { return EventClasses{(1u << Choice<EventClass>::names.size()) - 1}; }
    constexpr bool contains(EventClass c) const { return (bits_ >> static_cast<unsigned>(c) & 1) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr EventClasses operator|(EventClasses o) const { return EventClasses{bits_ | o.bits_}; }
    constexpr EventClasses operator&(EventClasses o) const { return EventClasses{bits_ & o.bits_}; }
    constexpr bool operator==(const EventClasses&) const = default;

  private:
    explicit constexpr EventClasses(std::uint32_t bits) : bits_{bits} {}
    std::uint32_t bits_ = 0;
};

constexpr EventClasses operator|(EventClass a, EventClass b) { return EventClasses{a} | EventClasses{b}; }

/// A described struct with `event_name` and `event_class`. `event_title`, if there, names the field whose value is an
/// event's name on the timeline; it takes few values.
template <class E>
concept TraceEvent = Described<E> && requires {
    { E::event_name } -> std::convertible_to<std::string_view>;
    { E::event_class } -> std::convertible_to<EventClass>;
};

/// A field without its C++ type.
struct EventField {
    std::string_view name;
    Radix radix = Radix::dec;
    std::span<const std::string_view> names{}; ///< of an enumeration's values, in order from 0
    std::string_view text;
};

inline constexpr std::size_t max_event_fields = 6;
using EventValues = std::array<std::uint64_t, max_event_fields>;

/// A struct of events without its C++ type.
struct EventType {
    static constexpr std::size_t untitled = max_event_fields;

    std::string_view name;
    EventClass event_class = EventClass::hart;
    std::string_view text;
    std::size_t title = untitled; ///< index of the field that names an event
    std::size_t field_count = 0;
    std::array<EventField, max_event_fields> all_fields{};
    constexpr std::span<const EventField> fields() const { return std::span{all_fields}.first(field_count); }
};

namespace detail {
template <TraceEvent E> constexpr EventType describe_event() {
    static_assert(field_count<E>() <= static_cast<int>(max_event_fields));
    EventType r;
    r.name = E::event_name;
    r.event_class = E::event_class;
    if constexpr (requires { E::event_text; }) r.text = E::event_text;
    for_each_field<E>([&]<class T>(const FieldDesc<E, T>& d) {
        if constexpr (requires { E::event_title; })
            if (d.name == E::event_title) r.title = r.field_count;
        EventField& f = r.all_fields[r.field_count++];
        f = {d.name, d.radix, {}, d.text};
        if constexpr (ChoiceType<T>) f.names = Choice<T>::names;
    });
    return r;
}
template <class T> constexpr std::uint64_t event_value(const T& v) {
    if constexpr (requires { v.count(); })
        return v.count();
    else if constexpr (requires { v.value(); })
        return v.value();
    else
        return static_cast<std::uint64_t>(v);
}
} // namespace detail

/// One for each struct of events in the program; its address tells it from the others.
template <TraceEvent E> inline constexpr EventType event_type = detail::describe_event<E>();

template <TraceEvent E> constexpr EventValues event_values(const E& e) {
    EventValues r{};
    std::size_t i = 0;
    for_each_field<E>([&](const auto& d) { r[i++] = detail::event_value(e.*(d.member)); });
    return r;
}

/// How slices of one row lie: inside each other, as calls do, or side by side, as misses under way do.
enum class RowShape : std::uint8_t { nested, concurrent };

class TraceTrack;

/// What takes the events. Times are simulated, and come in no order.
class TraceSink {
  public:
    virtual ~TraceSink() = default;
    /// A row of the timeline for a unit's events of some classes. The path is the unit's, as in the statistics; `label`
    /// tells rows of one unit apart. Empty when none of it is wanted.
    virtual TraceTrack track(std::string_view path, EventClasses classes, RowShape shape,
                             std::string_view label = {}) = 0;
    /// Something that happened on a row at one time.
    virtual void instant(std::uint32_t row, const EventType& type, Picoseconds at, const EventValues& values) = 0;
    /// Something that took from `begin` to `end`.
    virtual void slice(std::uint32_t row, const EventType& type, Picoseconds begin, Picoseconds end,
                       const EventValues& values) = 0;
};

/// A row as a model holds it. Copying is free; the sink outlives it.
class TraceTrack {
  public:
    constexpr TraceTrack() = default;
    TraceTrack(TraceSink& sink, std::uint32_t row) : sink_{&sink}, row_{row} {}
    explicit operator bool() const { return sink_ != nullptr; }
    /// Only on a track that is not empty. Out of line: nothing of it stands in the way of those who have none.
    template <TraceEvent E> [[gnu::noinline, gnu::cold]] void instant(Picoseconds at, const E& e) const {
        sink_->instant(row_, event_type<E>, at, event_values(e));
    }
    template <TraceEvent E>
    [[gnu::noinline, gnu::cold]] void slice(Picoseconds begin, Picoseconds end, const E& e) const {
        sink_->slice(row_, event_type<E>, begin, end, event_values(e));
    }

  private:
    TraceSink* sink_ = nullptr;
    std::uint32_t row_ = 0;
};

} // namespace tollgate
