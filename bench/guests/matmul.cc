#include "work/matmul.hh"
#include "lib/guest.hh"

namespace guest {

namespace {
/// In the arena that nobody clears: `prepare` writes what `run` reads.
[[gnu::section(".bss.arena")]] Matmul the_matmul;
} // namespace

extern const Work work{Matmul::name, Matmul::rounds, [] { the_matmul.prepare(); },
                       [](std::uint64_t n) { return the_matmul.run(n); }};

} // namespace guest
