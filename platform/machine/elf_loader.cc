#include "machine/elf_loader.hh"
#include "config/error.hh"
#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>
#include <type_traits>

namespace tollgate::machine {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t most_zeros = 1ull << 30; // beyond a segment's bytes: what no sane program asks for

bool inside(Bytes file, std::uint64_t offset, std::uint64_t length) {
    return offset <= file.size() && length <= file.size() - offset;
}

/// A structure of the file; the caller has checked that it is inside. The host is little endian as the file is.
template <class T> T at(Bytes file, std::uint64_t offset) {
    static_assert(std::is_trivially_copyable_v<T>);
    T r;
    std::memcpy(&r, file.data() + offset, sizeof r);
    return r;
}

class Reader {
  public:
    Reader(const std::string& name, Bytes file) : name_{name}, file_{file} {}

    Elf64_Ehdr header() const {
        if (!inside(file_, 0, sizeof(Elf64_Ehdr)))
            fail("{} bytes; expected an ELF header of {} bytes", file_.size(), sizeof(Elf64_Ehdr));
        const auto h = at<Elf64_Ehdr>(file_, 0);
        if (h.e_ident[EI_CLASS] != ELFCLASS64)
            fail("ELF class {}; expected {} (64-bit)", h.e_ident[EI_CLASS], ELFCLASS64);
        if (h.e_ident[EI_DATA] != ELFDATA2LSB)
            fail("ELF data encoding {}; expected {} (little endian)", h.e_ident[EI_DATA], ELFDATA2LSB);
        if (h.e_machine != EM_RISCV) fail("ELF machine {}; expected {} (RISC-V)", h.e_machine, EM_RISCV);
        if (h.e_type != ET_EXEC && h.e_type != ET_DYN)
            fail("ELF type {}; expected {} (executable) or {} (position-independent)", h.e_type, ET_EXEC, ET_DYN);
        if (h.e_phnum == 0) fail("no program headers; expected a linked program");
        if (h.e_phentsize != sizeof(Elf64_Phdr))
            fail("program headers of {} bytes; expected {}", h.e_phentsize, sizeof(Elf64_Phdr));
        if (!inside(file_, h.e_phoff, std::uint64_t{h.e_phnum} * sizeof(Elf64_Phdr)))
            fail("{} program headers at {:#x}; expected them inside the file's {} bytes", h.e_phnum, h.e_phoff,
                 file_.size());
        return h;
    }

    Elf64_Phdr segment(const Elf64_Ehdr& h, unsigned i) const {
        const auto p = at<Elf64_Phdr>(file_, h.e_phoff + i * sizeof(Elf64_Phdr));
        if (p.p_type == PT_INTERP) fail("asks for a dynamic linker; expected a statically linked program");
        if (p.p_type != PT_LOAD) return p;
        if (!inside(file_, p.p_offset, p.p_filesz))
            fail("segment {}: {} bytes at {:#x}; expected them inside the file's {} bytes", i, p.p_filesz, p.p_offset,
                 file_.size());
        if (p.p_filesz > p.p_memsz)
            fail("segment {}: {} bytes in the file; expected at most its {} in memory", i, p.p_filesz, p.p_memsz);
        if (p.p_memsz - p.p_filesz > most_zeros)
            fail("segment {}: {} bytes of zeros; expected at most {}", i, p.p_memsz - p.p_filesz, most_zeros);
        return p;
    }

    template <class... Values> [[noreturn]] void fail(fmt::format_string<Values...> what, Values&&... values) const {
        throw config::BadFile(
            fmt::format("{}: {}", config::quoted(name_), fmt::format(what, std::forward<Values>(values)...)));
    }

  private:
    const std::string& name_;
    Bytes file_;
};

} // namespace

bool is_elf(Bytes file) { return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0; }

Image elf_image(std::string name, std::vector<std::byte> file, PhysAddr base) {
    Image image{std::move(name), std::move(file), {}, {}};
    const Reader reader{image.name, image.file};
    if (!is_elf(image.file)) reader.fail("is no ELF file");
    const Elf64_Ehdr h = reader.header();
    const std::uint64_t shift = h.e_type == ET_DYN ? base.value() : 0;
    bool entered = false;
    for (unsigned i = 0; i < h.e_phnum; ++i) {
        const Elf64_Phdr p = reader.segment(h, i);
        if (p.p_type != PT_LOAD || p.p_memsz == 0) continue;
        const std::uint64_t from = p.p_paddr + shift;
        if (from < p.p_paddr || from + p.p_memsz < from)
            reader.fail("segment {}: {:#x} bytes at {:#x}; expected no more than the address space", i, p.p_memsz,
                        p.p_paddr);
        image.segments.push_back({PhysAddr{from}, p.p_memsz, p.p_offset, p.p_filesz});
        if (!entered && h.e_entry >= p.p_vaddr && h.e_entry - p.p_vaddr < p.p_memsz) {
            entered = true;
            image.entry = PhysAddr{from + (h.e_entry - p.p_vaddr)};
        }
    }
    if (image.segments.empty()) reader.fail("no segment to load; expected a linked program");
    if (!entered) reader.fail("entry point {:#x}; expected it in a segment", h.e_entry);
    std::sort(image.segments.begin(), image.segments.end(),
              [](const Segment& a, const Segment& b) { return a.at < b.at; });
    for (std::size_t i = 1; i < image.segments.size(); ++i)
        if (image.segments[i].at.value() < image.segments[i - 1].end())
            reader.fail("segments at {:#x} and {:#x} overlap; expected them apart", image.segments[i - 1].at.value(),
                        image.segments[i].at.value());
    return image;
}

std::vector<Symbol> elf_symbols(Bytes file) {
    std::vector<Symbol> symbols;
    if (!is_elf(file) || !inside(file, 0, sizeof(Elf64_Ehdr))) return symbols;
    const auto h = at<Elf64_Ehdr>(file, 0);
    if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_shentsize != sizeof(Elf64_Shdr)
        || !inside(file, h.e_shoff, std::uint64_t{h.e_shnum} * sizeof(Elf64_Shdr)))
        return symbols;
    const auto section = [&](unsigned i) { return at<Elf64_Shdr>(file, h.e_shoff + i * sizeof(Elf64_Shdr)); };
    for (unsigned i = 0; i < h.e_shnum; ++i) {
        const Elf64_Shdr table = section(i);
        if (table.sh_type != SHT_SYMTAB || table.sh_link >= h.e_shnum) continue;
        const Elf64_Shdr names = section(table.sh_link);
        if (!inside(file, table.sh_offset, table.sh_size) || !inside(file, names.sh_offset, names.sh_size)) continue;
        const Bytes text = file.subspan(names.sh_offset, names.sh_size);
        for (std::uint64_t n = 0; n < table.sh_size / sizeof(Elf64_Sym); ++n) {
            const auto s = at<Elf64_Sym>(file, table.sh_offset + n * sizeof(Elf64_Sym));
            const unsigned type = ELF64_ST_TYPE(s.st_info);
            if (s.st_shndx == SHN_UNDEF || s.st_name >= text.size() || type > STT_FUNC) continue;
            const char* const begin = reinterpret_cast<const char*>(text.data()) + s.st_name;
            const std::size_t length = ::strnlen(begin, text.size() - s.st_name);
            // "$x" and "$d" mark code and data (RISC-V psABI, Mapping Symbol).
            if (length == 0 || length == text.size() - s.st_name || *begin == '$') continue;
            symbols.push_back({std::string{begin, length}, s.st_value, s.st_size});
        }
    }
    std::stable_sort(symbols.begin(), symbols.end(),
                     [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
    return symbols;
}

} // namespace tollgate::machine
