/// Keeps what models tell a timeline.
#pragma once
#include "base/trace_sink.hh"
#include <optional>
#include <string>
#include <vector>

namespace tollgate::test {

class TraceRecorder : public TraceSink {
  public:
    struct Event {
        std::string path, label;
        const EventType* type;
        Picoseconds begin;
        std::optional<Picoseconds> end; ///< nothing: an instant
        EventValues values;
        std::string_view name() const { return type->name; }
        /// The value of a field; all ones when there is none of that name.
        std::uint64_t operator[](std::string_view field) const {
            for (std::size_t i = 0; i < type->field_count; ++i)
                if (type->all_fields[i].name == field) return values[i];
            return ~0ull;
        }
    };

    TraceTrack track(std::string_view path, EventClasses classes, RowShape shape, std::string_view label) override {
        rows_.push_back({std::string{path}, std::string{label}, classes, shape});
        return {*this, static_cast<std::uint32_t>(rows_.size() - 1)};
    }
    void instant(std::uint32_t row, const EventType& type, Picoseconds at, const EventValues& values) override {
        keep(row, type, at, {}, values);
    }
    void slice(std::uint32_t row, const EventType& type, Picoseconds begin, Picoseconds end,
               const EventValues& values) override {
        if (end < begin) ++wrong;
        keep(row, type, begin, end, values);
    }

    std::vector<Event> of(std::string_view name) const {
        std::vector<Event> r;
        for (const Event& e : events)
            if (e.name() == name) r.push_back(e);
        return r;
    }

    std::vector<Event> events;
    unsigned wrong = 0; ///< slices that end before they begin, and events of a class that their row did not ask for

  private:
    struct Row {
        std::string path, label;
        EventClasses classes;
        RowShape shape;
    };
    void keep(std::uint32_t row, const EventType& type, Picoseconds begin, std::optional<Picoseconds> end,
              const EventValues& values) {
        const Row& r = rows_.at(row);
        if (!r.classes.contains(type.event_class)) ++wrong;
        events.push_back({r.path, r.label, &type, begin, end, values});
    }
    std::vector<Row> rows_;
};

} // namespace tollgate::test
