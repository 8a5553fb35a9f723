/// A hart with memory, a console and a finisher and nothing else: no caches, no bus. Runs a bare guest to its end.
#pragma once
#include "cpu/hart.hh"
#include "models/support/lines_at_once.hh"
#include <cstring>
#include <elf.h>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace tollgate {

class BareHart final : private cpu::LinesAtOnce {
  public:
    /// How long every transaction takes.
    static constexpr Picoseconds answer{1000};

    explicit BareHart(const cpu::HartConfig& config)
        : memory_(memory_bytes + page_bytes), code_{cpu::isa::Extensions::parse(config.hart.isa)},
          group_{{}, &code_, nullptr}, hart_{0, with_memory(config), *this, group_} {
        group_.harts.push_back(&hart_);
    }

    /// Runs the program to its end; returns what it printed. Throws if it has not ended after `limit` of simulated
    /// time.
    std::string run(const std::string& elf, Picoseconds limit) {
        const std::uint64_t entry = load(elf);
        hart_.reset(entry, 0, 0);
        while (!finished_) {
            if (hart_.now() > limit) throw std::runtime_error("the guest did not end: " + console_);
            hart_.run(hart_.now() + Picoseconds{1'000'000'000});
        }
        return console_;
    }

  private:
    static constexpr std::uint64_t base = 0x8000'0000, memory_bytes = 16 << 20, page_bytes = 4096;
    static constexpr std::uint64_t uart = 0x1000'0000, finisher = 0x0010'0000;

    static cpu::HartConfig with_memory(cpu::HartConfig config) {
        config.memory = {PhysAddr{base}, Bytes{memory_bytes}};
        return config;
    }
    std::byte* host(std::uint64_t pa) {
        auto first = reinterpret_cast<std::uintptr_t>(memory_.data());
        return memory_.data() + ((page_bytes - first % page_bytes) % page_bytes) + (pa - base);
    }
    std::uint64_t load(const std::string& name) {
        std::ifstream in(name, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        Elf64_Ehdr head{};
        if (bytes.size() < sizeof head) throw std::runtime_error(name + ": no ELF file");
        std::memcpy(&head, bytes.data(), sizeof head);
        for (unsigned i = 0; i < head.e_phnum; ++i) {
            Elf64_Phdr segment;
            std::memcpy(&segment, bytes.data() + head.e_phoff + i * sizeof segment, sizeof segment);
            if (segment.p_type != PT_LOAD) continue;
            if (segment.p_paddr < base || segment.p_paddr + segment.p_memsz > base + memory_bytes)
                throw std::runtime_error(name + ": outside of memory");
            std::memcpy(host(segment.p_paddr), bytes.data() + segment.p_offset, segment.p_filesz);
        }
        return head.e_entry;
    }

    std::byte* memory_page(PhysAddr page) override {
        return page.value() >= base && page.value() < base + memory_bytes ? host(page.value()) : nullptr;
    }
    Answer transport(PhysAddr pa, std::byte* data, unsigned size, bool write, AccessKind, Picoseconds) override {
        if (pa.value() >= base && pa.value() + size <= base + memory_bytes) {
            std::memcpy(write ? host(pa.value()) : data, write ? data : host(pa.value()), size);
        } else if (write && pa.value() == uart) {
            console_ += static_cast<char>(data[0]);
        } else if (!write && pa.value() == uart + 5) {
            data[0] = std::byte{0x60};
        } else if (write && pa.value() == finisher) {
            finished_ = true;
            hart_.stop_soon();
        } else {
            return {};
        }
        return {true, answer, mmu::Source::local};
    }
    std::uint64_t mtime(Picoseconds at) override { return at.count() / 100'000; }
    Picoseconds time_of_mtime(std::uint64_t) override { return Picoseconds{~0ull}; }

    std::vector<std::byte> memory_;
    std::string console_;
    bool finished_ = false;
    cpu::DecodeCache code_;
    cpu::HartGroup group_;
    cpu::Hart hart_;
};

} // namespace tollgate
