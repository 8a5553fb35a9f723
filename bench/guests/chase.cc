#include "work/chase.hh"
#include "lib/guest.hh"

namespace guest {

namespace {
/// In the arena that nobody clears: `prepare` writes what `run` reads.
[[gnu::section(".bss.arena")]] Chase the_chase;
} // namespace

extern const Work work{Chase::name, Chase::rounds, [] { the_chase.prepare(); },
                       [](std::uint64_t n) { return the_chase.run(n); }};

} // namespace guest
