/// The registers of a hart as a debugger numbers them: x0 to x31, pc, f0 to f31, control and status registers, and the
/// privilege.
#pragma once
#include "cpu/hart.hh"
#include "gdb/target.hh"
#include <vector>

namespace tollgate::gdb {

inline constexpr unsigned number_of_pc = 32, first_f = 33, first_csr = 65, number_of_privilege = first_csr + 4096;
inline constexpr std::size_t general_without_fp = 33, general_with_fp = 65;
inline constexpr unsigned csr_misa = 0x301;
inline constexpr std::uint64_t misa_f = 1u << 5; ///< Priv §3.1.1

/// `fp`: with the registers of F and D.
std::vector<Register> make_registers(bool fp);

/// Any number; empty where there is no such register. Without effect on the machine.
std::optional<std::uint64_t> read_register(cpu::Hart& hart, unsigned number);
/// False where there is no such register or where it cannot be written.
bool write_register(cpu::Hart& hart, unsigned number, std::uint64_t value);

} // namespace tollgate::gdb
