// ELF files of any content: an error of one printable line, or segments that lie in the file and apart.
#include "config/error.hh"
#include "machine/elf_loader.hh"
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "elf_fuzz: %s\n", what);
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tollgate;
    const auto* const bytes = reinterpret_cast<const std::byte*>(data);
    const std::vector<std::byte> file{bytes, bytes + size};
    for (const machine::Symbol& s : machine::elf_symbols(file)) require(!s.name.empty(), "a symbol has no name");
    try {
        const machine::Image image = machine::elf_image("fuzz", file);
        std::uint64_t end = 0;
        bool entered = false;
        for (const machine::Segment& s : image.segments) {
            require(s.size > 0 && s.end() > s.at.value(), "a segment is empty or wraps");
            require(s.at.value() >= end, "segments overlap");
            require(s.file_size <= s.size && image.bytes(s).size() == s.file_size,
                    "a segment's bytes are not in the file");
            entered = entered || (image.entry >= s.at && image.entry.value() < s.end());
            end = s.end();
        }
        require(entered, "the entry is in no segment");
    } catch (const config::BadFile& e) {
        for (const char* c = e.what(); *c != 0; ++c)
            require(static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f, "a message has control characters");
    }
    return 0;
}
