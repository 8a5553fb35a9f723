#include "cpu/isa/table.hh"

#include <array>
#include <bit>
#include <utility>

namespace tollgate::cpu::isa {
namespace {

// ---- the rows as data

struct Entry { // a row, or the ROWS_OF before it
    Row row;
    bool is_row;
};
constexpr Entry row_entry(Op op, std::string_view id, Encoding e, Format f, Timing t, Completion c) {
    return {{op, Mnemonic(id), e, f, t, Extension::I, c}, true};
}
constexpr Entry section(Extension e) { return {{Op::illegal, {}, {}, Format::none, Timing::alu, e, {}}, false}; }

constexpr auto entries = std::to_array<Entry>({
#define ROWS_OF(extension) section(Extension::extension),
#define INSN(id, pattern, format, timing, ...)                                                                         \
    row_entry(Op::id, #id, encoding<32>(pattern), Format::format, Timing::timing, Completion::always),
#define MAY_LEAVE(id, pattern, format, timing, ...)                                                                    \
    row_entry(Op::id, #id, encoding<32>(pattern), Format::format, Timing::timing, Completion::may_leave),
#define HINT INSN
#include "cpu/isa/rows.inc"
#undef HINT
#undef MAY_LEAVE
#undef INSN
});

constexpr std::size_t row_count = static_cast<std::size_t>(Op::illegal);

consteval std::array<Row, row_count> make_rows() {
    std::array<Row, row_count> table;
    Extension extension = Extension::I;
    std::size_t n = 0;
    for (const Entry& entry : entries) {
        if (!entry.is_row) {
            extension = entry.row.extension;
            continue;
        }
        table[n] = entry.row;
        table[n].extension = extension;
        ++n;
    }
    return table;
}
constexpr auto row_table = make_rows();

constexpr auto compressed_table = std::to_array<CompressedRow>({
#define COMPRESSED(id, pattern, expands_to, format, reserved)                                                          \
    {Mnemonic(#id), encoding<16>(pattern), Op::expands_to, CFormat::format, Reserved::reserved},
#include "cpu/isa/rv64c.inc"
#undef COMPRESSED
});

// ---- overlaps, which do not compile unless they are listed here

struct Overlap {
    std::string_view narrow, wide;
};
constexpr Overlap permitted[] = {
    {"marker.begin", "slti"}, {"marker.end", "sltiu"}, {"pause", "fence"},    {"c.addi16sp", "c.lui"},
    {"c.jr", "c.mv"},         {"c.ebreak", "c.jalr"},  {"c.ebreak", "c.add"}, {"c.jalr", "c.add"},
};

constexpr bool overlap(Encoding a, Encoding b) { return ((a.match ^ b.match) & a.mask & b.mask) == 0; }
constexpr bool narrower(Encoding a, Encoding b) { return (a.mask & b.mask) == b.mask && a.mask != b.mask; }

template <class Table> consteval bool overlaps_are_permitted(const Table& table) {
    for (std::size_t i = 0; i < table.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const auto &a = table[i], &b = table[j];
            if (!overlap(a.encoding, b.encoding)) continue;
            bool listed = false;
            for (const Overlap& p : permitted) {
                listed = listed || (p.narrow == a.mnemonic && p.wide == b.mnemonic && narrower(a.encoding, b.encoding));
                listed = listed || (p.narrow == b.mnemonic && p.wide == a.mnemonic && narrower(b.encoding, a.encoding));
            }
            if (!listed) return false;
        }
    return true;
}
template <class Table> consteval Encoding encoding_of(const Table& table, std::string_view mnemonic) {
    for (const auto& r : table)
        if (r.mnemonic == mnemonic) return r.encoding;
    throw "an overlap is permitted of a row that does not exist";
}
consteval bool permissions_are_used() {
    for (const Overlap& p : permitted) {
        const bool c = p.narrow.starts_with("c.");
        const Encoding narrow = c ? encoding_of(compressed_table, p.narrow) : encoding_of(row_table, p.narrow);
        const Encoding wide = c ? encoding_of(compressed_table, p.wide) : encoding_of(row_table, p.wide);
        if (!overlap(narrow, wide)) return false;
    }
    return true;
}
static_assert(overlaps_are_permitted(row_table), "two rows match the same word");
static_assert(overlaps_are_permitted(compressed_table), "two compressed rows match the same word");
static_assert(permissions_are_used(), "an overlap is permitted that does not exist");

// ---- buckets: the rows that an opcode and funct3 (funct7 for floating point) leave to choose from, narrow ones first

/// Buckets of 32-bit instructions.
struct Buckets {
    static constexpr std::uint32_t op_fp = 0b10100;
    static constexpr std::size_t count = 256 + 128;
    static constexpr std::size_t of(std::uint32_t word) {
        const std::uint32_t opcode = word >> 2 & 31;
        return opcode == op_fp ? 256 + (word >> 25) : opcode << 3 | (word >> 12 & 7);
    }
    /// Calls fn with every bucket that holds a word that `e` matches; opcodes are fixed in all rows.
    static constexpr void each(Encoding e, auto fn) {
        const std::size_t first = of(e.match & 0x7f);
        const bool fp = first >= 256;
        const std::uint32_t shift = fp ? 25 : 12;
        for (std::uint32_t funct = 0; funct < (fp ? 128 : 8); ++funct)
            if (((e.match ^ funct << shift) & e.mask & (fp ? 127 : 7) << shift) == 0) fn(first + funct);
    }
};
/// Buckets of 16-bit instructions: quadrant and funct3.
struct CompressedBuckets {
    static constexpr std::size_t count = 32;
    static constexpr std::size_t of(std::uint32_t word) { return (word >> 13 & 7) << 2 | (word & 3); }
    static constexpr void each(Encoding e, auto fn) { fn(of(e.match)); } // both are fixed in all rows
};

template <class Table> consteval bool fixed(const Table& table, std::uint32_t mask) {
    for (const auto& r : table)
        if ((r.encoding.mask & mask) != mask) return false;
    return true;
}
static_assert(fixed(row_table, 0x7f) && fixed(compressed_table, 0xe003),
              "a row leaves bits open that choose its bucket");

template <class BucketKind, std::size_t Places> struct Index {
    std::array<std::uint16_t, BucketKind::count + 1> first{}; // bucket's first place; the next one's is its end
    std::array<std::uint16_t, Places> row{};                  // index into the table

    template <class Table, class Accept>
    auto find(const Table& table, std::uint32_t word, Accept accept) const -> decltype(&table[0]) {
        const std::size_t bucket = BucketKind::of(word);
        for (std::size_t i = first[bucket]; i < first[bucket + 1]; ++i)
            if (const auto& candidate = table[row[i]]; candidate.encoding.matches(word) && accept(candidate))
                return &candidate;
        return nullptr;
    }
};

template <class BucketKind, class Table> consteval std::size_t places(const Table& table) {
    std::size_t n = 0;
    for (const auto& r : table) BucketKind::each(r.encoding, [&](std::size_t) { ++n; });
    return n;
}
template <class BucketKind, std::size_t Places, class Table> consteval auto make_index(const Table& table) {
    Index<BucketKind, Places> index;
    for (const auto& r : table) BucketKind::each(r.encoding, [&](std::size_t bucket) { ++index.first[bucket + 1]; });
    for (std::size_t b = 0; b < BucketKind::count; ++b)
        index.first[b + 1] = static_cast<std::uint16_t>(index.first[b + 1] + index.first[b]);
    std::array<std::uint16_t, BucketKind::count> filled{};
    for (std::size_t r = 0; r < table.size(); ++r)
        BucketKind::each(table[r].encoding, [&](std::size_t bucket) {
            const std::size_t begin = index.first[bucket];
            std::size_t at = begin + filled[bucket]++;
            for (; at > begin && narrower(table[r].encoding, table[index.row[at - 1]].encoding); --at)
                index.row[at] = index.row[at - 1];
            index.row[at] = static_cast<std::uint16_t>(r);
        });
    return index;
}
constexpr auto row_index = make_index<Buckets, places<Buckets>(row_table)>(row_table);
constexpr auto compressed_index =
    make_index<CompressedBuckets, places<CompressedBuckets>(compressed_table)>(compressed_table);

// ---- operands

constexpr std::int32_t immediate(Format format, std::uint32_t w) {
    switch (format) {
    case Format::I:
    case Format::Load:
    case Format::Jalr:
    case Format::FLoad: return sign_extended(bits(w, 31, 20), 12);
    case Format::Store:
    case Format::FStore: return sign_extended(bits(w, 31, 25, 5) | bits(w, 11, 7), 12);
    case Format::B:
        return sign_extended(bits(w, 31, 31, 12) | bits(w, 7, 7, 11) | bits(w, 30, 25, 5) | bits(w, 11, 8, 1), 13);
    case Format::U: return static_cast<std::int32_t>(w & 0xfffff000);
    case Format::J:
        return sign_extended(bits(w, 31, 31, 20) | bits(w, 19, 12, 12) | bits(w, 20, 20, 11) | bits(w, 30, 21, 1), 21);
    case Format::Shift: return static_cast<std::int32_t>(bits(w, 25, 20));
    case Format::ShiftW: return static_cast<std::int32_t>(bits(w, 24, 20));
    case Format::Csr:
    case Format::CsrImm: return static_cast<std::int32_t>(bits(w, 31, 20));
    case Format::Fence: return static_cast<std::int32_t>(bits(w, 27, 20));
    case Format::none:
    case Format::R:
    case Format::Unary:
    case Format::Amo:
    case Format::Lr:
    case Format::Sfence:
    case Format::Cbo:
    case Format::FR:
    case Format::FRrm:
    case Format::FR4:
    case Format::FUnaryRm:
    case Format::FCmp:
    case Format::FToX:
    case Format::FToXrm:
    case Format::XToF:
    case Format::XToFrm: return 0;
    }
    return 0;
}

/// What makes decoding the same for all words of a row: which fields it takes.
struct Fields {
    std::uint8_t rd = 0, rs1 = 0, rs2 = 0, rs3 = 0; // masks: 31 or 0
    std::uint8_t rm_shift = 0, rm_mask = 0;
    bool writes_x = false; // rd is an x register or absent: 0 becomes `sink`
};
constexpr Fields fields(Format format) {
    const Operands o = operands(format);
    const auto mask = [](bool there) { return static_cast<std::uint8_t>(there ? 31 : 0); };
    Fields f{mask(o.rd), mask(o.rs1 || format == Format::CsrImm), mask(o.rs2), mask(o.rs3), 0, 0, o.rd != 2};
    switch (format) {
    case Format::Amo:
    case Format::Lr: f.rm_shift = 25, f.rm_mask = 3; break;
    case Format::FRrm:
    case Format::FR4:
    case Format::FUnaryRm:
    case Format::FToXrm:
    case Format::XToFrm: f.rm_shift = 12, f.rm_mask = 7; break;
    default: break;
    }
    return f;
}
constexpr auto field_table = [] {
    std::array<Fields, static_cast<std::size_t>(Format::XToFrm) + 1> table;
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = fields(static_cast<Format>(i));
    return table;
}();

Insn illegal(std::uint32_t raw, std::uint8_t length) {
    Insn i;
    i.rd = sink;
    i.length = length;
    i.raw = raw;
    return i;
}

Insn decode_compressed(std::uint32_t word, Extensions enabled) {
    word &= 0xffff;
    const CompressedRow* c = compressed_row(word);
    if (c == nullptr || !enabled.contains(Extension::C) || !enabled.contains(row(c->op).extension))
        return illegal(word, 2);
    Insn i = expanded(c->format, word);
    if (is_reserved(i, c->reserved)) return illegal(word, 2);
    i.op = c->op;
    if (i.rd == 0 && operands(row(c->op).format).rd != 2) i.rd = sink;
    return i;
}

} // namespace

std::span<const Row> rows() { return row_table; }
const Row& row(Op op) { return row_table[static_cast<std::size_t>(op)]; }
std::span<const CompressedRow> compressed_rows() { return compressed_table; }

const CompressedRow* compressed_row(std::uint32_t word) {
    return compressed_index.find(compressed_table, word, [](const CompressedRow&) { return true; });
}

Insn decode(std::uint32_t word, Extensions enabled) {
    if ((word & 3) != 3) return decode_compressed(word, enabled);
    const auto is_enabled = [enabled](const Row& candidate) { return enabled.contains(candidate.extension); };
    const Row* r = row_index.find(row_table, word, is_enabled);
    if (r == nullptr) return illegal(word, 4);
    const Fields& f = field_table[static_cast<std::size_t>(r->format)];
    Insn i;
    i.op = r->op;
    const auto field = [word](int shift, std::uint8_t mask) { return static_cast<std::uint8_t>(word >> shift & mask); };
    i.rd = field(7, f.rd);
    if (i.rd == 0 && f.writes_x) i.rd = sink;
    i.rs1 = field(15, f.rs1);
    i.rs2 = field(20, f.rs2);
    i.rs3 = field(27, f.rs3);
    i.rm = field(f.rm_shift, f.rm_mask);
    i.imm = immediate(r->format, word);
    i.raw = word;
    return i;
}

} // namespace tollgate::cpu::isa
