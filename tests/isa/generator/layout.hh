/// Where everything of a test program stands in physical memory, and the descriptor that the harness reads.
///
///     8000_0000  a jump to the harness (where QEMU starts, whatever the ELF's entry says)
///     8010_0000  arena: code 16 KiB | stub 4 KiB | page tables 27 pages | data 8 pages | 24 pages of zeros
///     8020_0000  harness: code, save area, results, trap records
///     8040_0000  the programs of this batch, as descriptors
#pragma once
#include <array>
#include <cstdint>

namespace tollgate::judge {

constexpr std::uint64_t page_size = 4096;
constexpr std::uint64_t entry_base = 0x8000'0000;
constexpr std::uint64_t arena_base = 0x8010'0000;
constexpr std::uint64_t code_base = arena_base;
constexpr std::uint64_t code_size = 0x4000;
constexpr std::uint64_t stub_base = arena_base + 0x4000;
constexpr std::uint64_t table_base = arena_base + 0x5000;
constexpr unsigned table_pages = 27;
constexpr std::uint64_t data_base = arena_base + 0x2'0000;
constexpr unsigned data_pages = 8;
/// The last data page is the only one that a locked PMP entry may take from machine mode.
constexpr std::uint64_t lock_page = data_base + 7 * page_size;
constexpr std::uint64_t arena_end = data_base + data_pages * page_size;
/// Up to here the program may reach memory, by addresses that were meant to be translated; zero at first, not compared.
constexpr std::uint64_t arena_limit = arena_base + 0x4'0000;
constexpr std::uint64_t harness_base = 0x8020'0000;
constexpr std::uint64_t storage_base = 0x8040'0000;

/// Service calls: `ecall` with this in x17 and a context number, or `service_finish`, in x16.
constexpr std::uint64_t service_magic = 0x7011'6a7e;
constexpr std::uint64_t service_finish = 7;
constexpr unsigned contexts = 4;
constexpr unsigned fill_words = 64;
constexpr unsigned pmp_entries = 16;
/// Traps after which a program ends.
constexpr unsigned trap_budget = 96;

/// How a stretch of the program runs.
struct Context {
    std::uint64_t satp = 0;
    std::uint64_t mode = 3;         ///< 0 U, 1 S, 3 M
    std::uint64_t code = code_base; ///< virtual address of the code window
    std::uint64_t stub = stub_base; ///< virtual address of the supervisor's trap stub: its `stvec`
};

/// All state that a program starts with; the harness copies it, word by word, into the machine.
struct Descriptor {
    std::uint64_t seed = 0;
    std::uint64_t code_words = 0;
    std::uint64_t pte_count = 0;
    std::uint64_t hash_end = arena_end;
    std::uint64_t first_context = 0;
    std::uint64_t escape_illegal = 0; ///< the stub leaves by an illegal instruction instead of `ecall`
    std::uint64_t mtvec_mode = 0;     ///< 1: vectored (Priv §3.1.7)
    std::uint64_t stvec_mode = 0;
    std::uint64_t medeleg = 0;
    std::uint64_t mideleg = 0;
    std::uint64_t mie = 0;
    std::uint64_t mstatus = 0;
    std::uint64_t mcounteren = 0;
    std::uint64_t scounteren = 0;
    std::uint64_t menvcfg = 0;
    std::uint64_t fcsr = 0;
    std::uint64_t pmpcfg0 = 0;
    std::uint64_t pmpcfg2 = 0;
    std::array<std::uint64_t, pmp_entries> pmpaddr{};
    std::array<Context, contexts> context{};
    std::array<std::uint64_t, 32> x{};
    std::array<std::uint64_t, 32> f{};
    std::array<std::uint64_t, fill_words> fill{};
    std::array<std::uint64_t, code_size / 128> long_map{};   ///< bit n: a four-byte instruction at parcel n
    std::array<std::uint64_t, code_size / 128> resume_map{}; ///< bit n: a place to go on at parcel n
};
static_assert(sizeof(Descriptor) % 8 == 0);

/// One word of a page table before the program starts.
struct PteWord {
    std::uint64_t address, value;
};

/// Words of a trap record, in order.
inline constexpr std::array record_names{"mcause", "mepc",  "mtval", "mstatus", "mip",  "vector",
                                         "scause", "stval", "sepc",  "satp",    "fcsr", "hash of x1..x31"};
constexpr unsigned record_words = record_names.size();

/// Supervisor and machine CSRs that both sides define alike and that are written to the results at the end.
inline constexpr std::array<std::uint32_t, 17> result_csrs{0x300, 0x302, 0x303, 0x304, 0x344, 0x141,
                                                           0x142, 0x143, 0x140, 0x105, 0x180, 0x106,
                                                           0x306, 0x3a0, 0x3a2, 0x301, 0x003};

/// Results in harness memory: x0..x31, f0..f31, CSRs, PMP addresses, the count of traps, then the trap records.
constexpr unsigned result_words = 32 + 32 + result_csrs.size() + pmp_entries + 1;

} // namespace tollgate::judge
