/// The set of extensions that a hart implements, and its ISA string.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::cpu::isa {

/// Extensions that the model knows, in the canonical order of an ISA string (Unpriv §27.11).
enum class Extension : std::uint8_t {
    I,
    M,
    A,
    F,
    D,
    C,
    Zicbom,
    Zicboz,
    Zicntr,
    Zicsr,
    Zifencei,
    Zihintpause,
    Zihpm,
    Zba,
    Zbb,
    Zbs,
    Sstc,
    Svadu,
    Svinval,
    Svpbmt,
};

/// What an ISA string calls an extension, and what it builds upon.
struct ExtensionInfo {
    Extension extension;
    std::string_view name; ///< lower case
    std::optional<Extension> needs;
};

/// All extensions, indexed by Extension.
inline constexpr auto extension_table = std::to_array<ExtensionInfo>({
    {Extension::I, "i", Extension::Zicsr}, // the privileged architecture has CSRs (Priv §2)
    {Extension::M, "m", {}},
    {Extension::A, "a", {}},
    {Extension::F, "f", Extension::Zicsr},
    {Extension::D, "d", Extension::F},
    {Extension::C, "c", {}},
    {Extension::Zicbom, "zicbom", {}},
    {Extension::Zicboz, "zicboz", {}},
    {Extension::Zicntr, "zicntr", Extension::Zicsr},
    {Extension::Zicsr, "zicsr", {}},
    {Extension::Zifencei, "zifencei", {}},
    {Extension::Zihintpause, "zihintpause", {}},
    {Extension::Zihpm, "zihpm", Extension::Zicsr},
    {Extension::Zba, "zba", {}},
    {Extension::Zbb, "zbb", {}},
    {Extension::Zbs, "zbs", {}},
    {Extension::Sstc, "sstc", {}},
    {Extension::Svadu, "svadu", {}},
    {Extension::Svinval, "svinval", {}},
    {Extension::Svpbmt, "svpbmt", {}},
});

constexpr std::string_view name(Extension e) { return extension_table[static_cast<std::size_t>(e)].name; }

class Extensions {
  public:
    constexpr Extensions() = default;
    constexpr Extensions(std::initializer_list<Extension> list) {
        for (const Extension e : list) insert(e);
    }

    /// Every extension that the model knows.
    static constexpr Extensions all() {
        Extensions set;
        for (const ExtensionInfo& info : extension_table) set.insert(info.extension);
        return set;
    }

    /// Reads an ISA string such as "rv64imac_zicsr_zba"; case does not matter, "g" stands for imafd_zicsr_zifencei.
    /// Throws std::invalid_argument, naming string, part and what was expected, if it does not begin with rv64i or
    /// rv64g, names an extension that is unknown or there already, or lacks one that another needs.
    static Extensions parse(std::string_view isa);

    constexpr bool contains(Extension e) const { return bits_ >> static_cast<unsigned>(e) & 1; }
    constexpr void insert(Extension e) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(e); }
    constexpr void remove(Extension e) { bits_ &= ~(std::uint32_t{1} << static_cast<unsigned>(e)); }
    constexpr bool operator==(const Extensions&) const = default;

    /// The canonical ISA string, as `riscv,isa` of the device tree has it: "rv64imafdc_zicbom_..."
    std::string string() const;
    /// `misa` without its MXL field: bit 0 for A, bit 8 for I; S and U always (Priv §3.1.1).
    std::uint64_t misa() const;

  private:
    std::uint32_t bits_ = 0; // bit: value of Extension
};

} // namespace tollgate::cpu::isa
