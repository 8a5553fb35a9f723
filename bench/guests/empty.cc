// Ends at once: what is left of a run's time is starting and stopping.
#include "lib/guest.hh"

namespace guest {

extern const Work work{"empty", 1, [] {}, [](std::uint64_t n) { return n; }};

} // namespace guest
