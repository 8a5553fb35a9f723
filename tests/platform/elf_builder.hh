/// ELF files made by hand, so that every field can be wrong.
#pragma once
#include <cstddef>
#include <cstring>
#include <elf.h>
#include <string_view>
#include <vector>

namespace tollgate::elf_test {

struct Piece {
    std::uint64_t address = 0x8000'0000;
    std::string_view text = "code";
    std::uint64_t zeros = 0;
    std::uint64_t virtual_shift = 0; ///< p_vaddr - p_paddr
};

/// A static RISC-V program with these segments, entered at the first one's first byte.
struct Builder {
    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> segments;
    std::vector<std::byte> tail; ///< behind the program headers

    explicit Builder(const std::vector<Piece>& pieces = {Piece{}}) {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_RISCV;
        header.e_version = EV_CURRENT;
        header.e_ehsize = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_shentsize = sizeof(Elf64_Shdr);
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_phnum = static_cast<Elf64_Half>(pieces.size());
        if (!pieces.empty()) header.e_entry = pieces.front().address + pieces.front().virtual_shift;
        const std::size_t start = sizeof(Elf64_Ehdr) + pieces.size() * sizeof(Elf64_Phdr);
        for (const Piece& p : pieces) {
            Elf64_Phdr h{};
            h.p_type = PT_LOAD;
            h.p_offset = start + tail.size();
            h.p_paddr = p.address;
            h.p_vaddr = p.address + p.virtual_shift;
            h.p_filesz = p.text.size();
            h.p_memsz = p.text.size() + p.zeros;
            segments.push_back(h);
            append(p.text.data(), p.text.size());
        }
    }

    void append(const void* from, std::size_t n) {
        const auto* const b = static_cast<const std::byte*>(from);
        tail.insert(tail.end(), b, b + n);
    }

    /// A string table, a symbol table and their section headers behind all else.
    void add_symbols(const std::vector<Elf64_Sym>& symbols, std::string_view names) {
        const std::size_t start = sizeof(Elf64_Ehdr) + segments.size() * sizeof(Elf64_Phdr);
        Elf64_Shdr table{}, text{};
        text.sh_type = SHT_STRTAB;
        text.sh_offset = start + tail.size();
        text.sh_size = names.size();
        append(names.data(), names.size());
        table.sh_type = SHT_SYMTAB;
        table.sh_link = 1;
        table.sh_offset = start + tail.size();
        table.sh_size = symbols.size() * sizeof(Elf64_Sym);
        append(symbols.data(), table.sh_size);
        header.e_shoff = start + tail.size();
        header.e_shnum = 2;
        append(&table, sizeof table);
        append(&text, sizeof text);
    }

    std::vector<std::byte> file() const {
        std::vector<std::byte> f(sizeof header + segments.size() * sizeof(Elf64_Phdr));
        std::memcpy(f.data(), &header, sizeof header);
        if (!segments.empty())
            std::memcpy(f.data() + sizeof header, segments.data(), segments.size() * sizeof(Elf64_Phdr));
        f.insert(f.end(), tail.begin(), tail.end());
        return f;
    }
};

} // namespace tollgate::elf_test
