#include "lib/guest.hh"
#include "work/copy.hh"

namespace guest {

namespace {
/// In the arena that nobody clears: `prepare` writes what `run` reads.
[[gnu::section(".bss.arena")]] Memset the_memset;
} // namespace

extern const Work work{Memset::name, Memset::rounds, [] { the_memset.prepare(); },
                       [](std::uint64_t n) { return the_memset.run(n); }};

} // namespace guest
