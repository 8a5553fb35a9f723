/// Programs as ELF files (System V ABI, RISC-V psABI): 64-bit, little endian, RISC-V.
#pragma once
#include "machine/image.hh"

namespace tollgate::machine {

/// The file begins as every ELF file does.
bool is_elf(std::span<const std::byte> file);

/// Where an ELF file's PT_LOAD segments belong, by physical address; the entry point is translated as its segment is.
/// A static position-independent program (ET_DYN) lies at `base`. Throws config::BadFile, naming file, value and what
/// was expected, for every file that cannot be loaded as it says; whether its addresses are memory is not asked here.
Image elf_image(std::string name, std::vector<std::byte> file, PhysAddr base = PhysAddr{0x8000'0000});

/// The functions and objects of an ELF file, by address; empty when it has no usable symbol table.
std::vector<Symbol> elf_symbols(std::span<const std::byte> file);

} // namespace tollgate::machine
