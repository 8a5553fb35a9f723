#include "work/alu.hh"
#include "lib/guest.hh"

namespace guest {

namespace {
/// In the arena that nobody clears: `prepare` writes what `run` reads.
[[gnu::section(".bss.arena")]] Alu the_alu;
} // namespace

extern const Work work{Alu::name, Alu::rounds, [] { the_alu.prepare(); },
                       [](std::uint64_t n) { return the_alu.run(n); }};

} // namespace guest
