#include "config/error.hh"
#include "machine/elf_loader.hh"
#include "platform/elf_builder.hh"
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>

namespace tollgate::machine {
namespace {
using elf_test::Builder;
using elf_test::Piece;

std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What the loader says about the default program after a change.
std::string complaint(const std::function<void(Builder&)>& change, const std::vector<Piece>& pieces = {Piece{}}) {
    Builder b{pieces};
    change(b);
    try {
        elf_image("k.elf", b.file());
    } catch (const config::BadFile& e) { return e.what(); }
    return "loaded";
}

TEST(ElfLoader, SegmentsComeByAddressWithTheirZeros) {
    const Builder b{{{0x8000'2000, "data", 100}, {0x8000'0000, "code"}}};
    const Image i = elf_image("k.elf", b.file());
    ASSERT_EQ(i.segments.size(), 2u);
    EXPECT_EQ(i.segments[0].at, PhysAddr{0x8000'0000});
    EXPECT_EQ(text(i.bytes(i.segments[0])), "code");
    EXPECT_EQ(i.segments[1].size, 104u);
    EXPECT_EQ(text(i.bytes(i.segments[1])), "data");
    EXPECT_EQ(i.entry, PhysAddr{0x8000'2000});
    EXPECT_EQ(i.end(), 0x8000'2000u + 104);
}

TEST(ElfLoader, TheEntryIsTranslatedAsItsSegmentIs) {
    Builder b{{{0x8020'0000, "kernel", 0, 0xffff'ffc0'0000'0000 - 0x8020'0000}}};
    b.header.e_entry += 2;
    EXPECT_EQ(elf_image("k.elf", b.file()).entry, PhysAddr{0x8020'0002});
}

TEST(ElfLoader, PositionIndependentProgramsLieAtTheBase) {
    Builder b{{{0x1000, "code"}}};
    b.header.e_type = ET_DYN;
    const Image i = elf_image("k.elf", b.file(), PhysAddr{0x8000'0000});
    EXPECT_EQ(i.segments[0].at, PhysAddr{0x8000'1000});
    EXPECT_EQ(i.entry, PhysAddr{0x8000'1000});
}

TEST(ElfLoader, EverythingWrongIsNamedWithWhatWasExpected) {
    const auto no_change = [](Builder&) {};
    EXPECT_EQ(complaint(no_change), "loaded");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_ident[0] = 0; }), "\"k.elf\": is no ELF file");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_ident[EI_CLASS] = ELFCLASS32; }),
              "\"k.elf\": ELF class 1; expected 2 (64-bit)");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_ident[EI_DATA] = ELFDATA2MSB; }),
              "\"k.elf\": ELF data encoding 2; expected 1 (little endian)");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_machine = EM_X86_64; }),
              "\"k.elf\": ELF machine 62; expected 243 (RISC-V)");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_type = ET_REL; }),
              "\"k.elf\": ELF type 1; expected 2 (executable) or 3 (position-independent)");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_phnum = 0; }),
              "\"k.elf\": no program headers; expected a linked program");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_phentsize = 32; }),
              "\"k.elf\": program headers of 32 bytes; expected 56");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_phoff = ~0ull; }),
              "\"k.elf\": 1 program headers at 0xffffffffffffffff; expected them inside the file's 124 bytes");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_type = PT_INTERP; }),
              "\"k.elf\": asks for a dynamic linker; expected a statically linked program");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_type = PT_NOTE; }),
              "\"k.elf\": no segment to load; expected a linked program");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_filesz = 5; }),
              "\"k.elf\": segment 0: 5 bytes at 0x78; expected them inside the file's 124 bytes");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_offset = ~0ull - 3; }),
              "\"k.elf\": segment 0: 4 bytes at 0xfffffffffffffffc; expected them inside the file's 124 bytes");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_memsz = 3; }),
              "\"k.elf\": segment 0: 4 bytes in the file; expected at most its 3 in memory");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_memsz = (1ull << 30) + 5; }),
              "\"k.elf\": segment 0: 1073741825 bytes of zeros; expected at most 1073741824");
    EXPECT_EQ(complaint([](Builder& b) { b.segments[0].p_paddr = ~0ull - 2; }),
              "\"k.elf\": segment 0: 0x4 bytes at 0xfffffffffffffffd; expected no more than the address space");
    EXPECT_EQ(complaint([](Builder& b) { b.header.e_entry += 4; }),
              "\"k.elf\": entry point 0x80000004; expected it in a segment");
    EXPECT_EQ(complaint(no_change, {{0x8000'0000, "code"}, {0x8000'0003, "data"}}),
              "\"k.elf\": segments at 0x80000000 and 0x80000003 overlap; expected them apart");
    EXPECT_EQ(complaint(no_change, {{0x8000'0000, "code"}, {0x8000'0004, "data"}}), "loaded");
}

TEST(ElfLoader, EveryTruncationIsRefused) {
    const std::vector<std::byte> whole = Builder{{{0x8000'0000, "code"}, {0x8000'1000, "data"}}}.file();
    for (std::size_t n = 0; n < whole.size(); ++n)
        EXPECT_THROW(elf_image("k.elf", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}),
                     config::BadFile)
            << n;
}

Elf64_Sym symbol(std::uint32_t name, std::uint64_t at, unsigned char type = STT_FUNC) {
    Elf64_Sym s{};
    s.st_name = name;
    s.st_value = at;
    s.st_size = 8;
    s.st_info = type;
    s.st_shndx = 1;
    return s;
}

TEST(ElfLoader, SymbolsComeByAddress) {
    Builder b;
    // Offsets in the names: 1 main, 6 trap, 11 $x, 14 is at the end without a terminator.
    b.add_symbols({symbol(6, 0x8000'0010), symbol(1, 0x8000'0000), symbol(11, 0x8000'0000), symbol(14, 0x8000'0020),
                   symbol(1, 0, STT_FILE), symbol(~0u, 0x8000'0000), symbol(0, 0x8000'0000)},
                  std::string_view{"\0main\0trap\0$x\0end", 17});
    const std::vector<std::byte> file = b.file();
    const auto symbols = elf_symbols(file);
    ASSERT_EQ(symbols.size(), 2u);
    EXPECT_EQ(symbols[0].name, "main");
    EXPECT_EQ(symbols[0].address, 0x8000'0000u);
    EXPECT_EQ(symbols[0].size, 8u);
    EXPECT_EQ(symbols[1].name, "trap");
    for (std::size_t n = 0; n < file.size(); ++n) EXPECT_TRUE(elf_symbols(std::span{file}.first(n)).empty()) << n;
}

TEST(Image, FlatFilesLieWhereTheyAreTold) {
    std::vector<std::byte> file(100, std::byte{7});
    const Image i = flat_image("raw", file, PhysAddr{0x8020'0000});
    EXPECT_EQ(i.entry, PhysAddr{0x8020'0000});
    EXPECT_EQ(i.end(), 0x8020'0000u + 100);
    // A Linux Image claims more than its file: 0x1234 bytes.
    std::memcpy(file.data() + 0x38, "RSC\x05", 4);
    file[16] = std::byte{0x34};
    file[17] = std::byte{0x12};
    for (std::size_t n = 18; n < 24; ++n) file[n] = std::byte{0};
    EXPECT_EQ(flat_image("Image", file, PhysAddr{0x8020'0000}).end(), 0x8020'0000u + 0x1234);
}

} // namespace
} // namespace tollgate::machine
