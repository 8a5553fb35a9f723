#include "machine/image.hh"
#include "config/error.hh"
#include "machine/elf_loader.hh"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>

namespace tollgate::machine {
namespace {

constexpr std::string_view image_magic = "RSC\x05"; // at 0x38 of a Linux Image
constexpr std::size_t image_header = 64, image_size_at = 16, image_magic_at = 0x38;
constexpr std::uint64_t largest_image = 1ull << 32;

/// The memory that a Linux Image claims, 0 for other files.
std::uint64_t claimed_size(std::span<const std::byte> file) {
    if (file.size() < image_header || std::memcmp(file.data() + image_magic_at, image_magic.data(), 4) != 0) return 0;
    std::uint64_t size = 0;
    for (std::size_t i = 8; i-- > 0;) size = size << 8 | std::to_integer<std::uint64_t>(file[image_size_at + i]);
    return std::min(size, largest_image);
}

} // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
    const std::string name = config::quoted(path.string());
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw config::BadFile(fmt::format("{}: is a directory; expected a file", name));
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in{std::fopen(path.c_str(), "rb"), std::fclose};
    if (!in) throw config::BadFile(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
    std::vector<std::byte> bytes;
    const std::uintmax_t size = std::filesystem::file_size(path, error); // what is no regular file has none
    std::size_t room = !error && size < largest_file ? static_cast<std::size_t>(size) + 1 : 1u << 20;
    for (;;) {
        const std::size_t had = bytes.size();
        bytes.resize(had + room);
        const std::size_t n = std::fread(bytes.data() + had, 1, room, in.get());
        bytes.resize(had + n);
        if (std::ferror(in.get()))
            throw config::BadFile(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
        if (n < room) break;
        if (bytes.size() > largest_file)
            throw config::BadFile(fmt::format("{}: too large; expected at most {} bytes", name, largest_file));
        room = bytes.size();
    }
    if (bytes.empty()) throw config::BadFile(fmt::format("{}: is empty", name));
    return bytes;
}

Image flat_image(std::string name, std::vector<std::byte> file, PhysAddr at) {
    Image image{std::move(name), std::move(file), {}, at};
    const std::uint64_t size = std::max<std::uint64_t>(image.file.size(), claimed_size(image.file));
    image.segments.push_back({at, size, 0, image.file.size()});
    return image;
}

Image read_image(const std::filesystem::path& path, PhysAddr otherwise) {
    std::vector<std::byte> file = read_file(path);
    if (is_elf(file)) return elf_image(path.string(), std::move(file));
    return flat_image(path.string(), std::move(file), otherwise);
}

} // namespace tollgate::machine
