/// Field numbers of Perfetto's messages, as far as they are written (protos/perfetto/trace in its sources). They are
/// stable: a number once given keeps its meaning.
#pragma once
#include <cstdint>

namespace tollgate::trace::perfetto {

namespace trace {
inline constexpr std::uint32_t packet = 1;
}
namespace packet { // TracePacket
inline constexpr std::uint32_t timestamp = 8, sequence = 10, track_event = 11, interned_data = 12, sequence_flags = 13,
                               track_descriptor = 60;
inline constexpr std::uint32_t flag_cleared = 1, flag_needs_state = 2;
} // namespace packet
namespace descriptor { // TrackDescriptor
inline constexpr std::uint32_t uuid = 1, name = 2, process = 3, thread = 4, parent = 5, child_ordering = 11, rank = 12;
inline constexpr std::uint32_t explicit_order = 3;
} // namespace descriptor
namespace process {
inline constexpr std::uint32_t pid = 1, name = 6;
}
namespace thread {
inline constexpr std::uint32_t pid = 1, tid = 2, name = 5;
}
namespace event { // TrackEvent
inline constexpr std::uint32_t categories = 3, annotations = 4, type = 9, name = 10, track = 11;
}
namespace annotation { // DebugAnnotation
inline constexpr std::uint32_t name = 1, unsigned_value = 3, string_value = 6, pointer_value = 7;
}
namespace interned { // InternedData; each of its messages has the number and the word
inline constexpr std::uint32_t categories = 1, event_names = 2, annotation_names = 3;
inline constexpr std::uint32_t number = 1, word = 2;
} // namespace interned

} // namespace tollgate::trace::perfetto
