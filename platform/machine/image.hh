/// What is loaded into a machine: pieces of memory with their contents, read from files that nobody trusts.
#pragma once
#include "base/address.hh"
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate::machine {

/// Bytes for memory, and zeros after them.
struct Segment {
    PhysAddr at;
    std::uint64_t size = 0;                ///< not 0; at + size does not wrap
    std::size_t offset = 0, file_size = 0; ///< its bytes in the image's file; file_size <= size

    std::uint64_t end() const { return at.value() + size; }
};

/// A named address of a program, for debuggers and profiles.
struct Symbol {
    std::string name;
    std::uint64_t address = 0, size = 0;
};

/// A file and where its parts belong.
struct Image {
    std::string name; ///< as the user wrote it
    std::vector<std::byte> file;
    std::vector<Segment> segments; // by address, without overlap
    PhysAddr entry;

    std::span<const std::byte> bytes(const Segment& s) const { return std::span{file}.subspan(s.offset, s.file_size); }
    PhysAddr first() const { return segments.front().at; }
    std::uint64_t end() const { return segments.back().end(); }
};

/// No file of more bytes is read.
inline constexpr std::uint64_t largest_file = 4ull << 30;

/// A whole file. Throws config::BadFile, naming it, if it cannot be read, is a directory, is empty or too large.
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// The file as it stands, at this address. A Linux `Image` says in its header how much memory it takes (Linux,
/// Documentation/riscv/boot-image-header); that counts as its size.
Image flat_image(std::string name, std::vector<std::byte> file, PhysAddr at);

/// An ELF file by its program headers, or a flat image at `otherwise`. Throws config::BadFile.
Image read_image(const std::filesystem::path& path, PhysAddr otherwise);

} // namespace tollgate::machine
