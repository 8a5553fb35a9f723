#include "gdb/registers.hh"
#include "cpu/csr.hh"
#include "cpu/isa/table.hh"

namespace tollgate::gdb {
namespace {

constexpr unsigned csrs = 4096, first_pmpcfg = 0x3a0, last_pmpcfg = 0x3af, last_fp_csr = 3;

/// Whether RV64 has it: pmpcfg of odd number does not exist there (Priv §3.7.1).
bool exists(unsigned csr) {
    if (csr >= first_pmpcfg && csr <= last_pmpcfg && (csr & 1) != 0) return false;
    return cpu::csr_row(csr) != nullptr;
}

} // namespace

std::vector<Register> make_registers(bool fp) {
    constexpr std::string_view cpu_feature = "org.gnu.gdb.riscv.cpu", fpu_feature = "org.gnu.gdb.riscv.fpu",
                               csr_feature = "org.gnu.gdb.riscv.csr", virtual_feature = "org.gnu.gdb.riscv.virtual";
    constexpr unsigned ra = 1, sp = 2, gp = 3, tp = 4;
    std::vector<Register> r;
    for (unsigned i = 0; i < number_of_pc; ++i) {
        const std::string_view type = i == ra ? "code_ptr" : i >= sp && i <= tp ? "data_ptr" : "int";
        static_assert(gp > sp && gp < tp);
        r.push_back({i, std::string{cpu::isa::x_name(static_cast<std::uint8_t>(i))}, cpu_feature, type});
    }
    r.push_back({number_of_pc, "pc", cpu_feature, "code_ptr"});
    for (unsigned i = 0; fp && i < first_csr - first_f; ++i)
        r.push_back(
            {first_f + i, std::string{cpu::isa::f_name(static_cast<std::uint8_t>(i))}, fpu_feature, "ieee_double"});
    for (unsigned n = 0; n < csrs; ++n)
        if (exists(n) && (fp || n > last_fp_csr))
            r.push_back({first_csr + n, std::string{cpu::isa::csr_name(n)}, csr_feature, "int"});
    r.push_back({number_of_privilege, "priv", virtual_feature, "int"});
    return r;
}

std::optional<std::uint64_t> read_register(cpu::Hart& hart, unsigned number) {
    if (number < number_of_pc) return hart.x(number);
    if (number == number_of_pc) return hart.pc();
    if (number < first_csr) return hart.f(number - first_f);
    if (number == number_of_privilege) return static_cast<std::uint64_t>(hart.privilege());
    if (number > number_of_privilege || !exists(number - first_csr)) return {};
    return hart.peek_csr(number - first_csr);
}

bool write_register(cpu::Hart& hart, unsigned number, std::uint64_t value) {
    if (number < number_of_pc) return hart.set_x(number, value), true;
    if (number == number_of_pc) {
        // A debugger that writes all registers writes this one too: only a change is a jump.
        if (value != hart.pc()) hart.set_pc(value & ~1ull);
        return true;
    }
    if (number < first_csr) return hart.set_f(number - first_f, value), true;
    if (number == number_of_privilege) {
        constexpr std::uint64_t reserved = 2;
        if (value > static_cast<std::uint64_t>(abi::Privilege::machine) || value == reserved) return false;
        hart.set_privilege(static_cast<abi::Privilege>(value));
        return true;
    }
    if (number > number_of_privilege || !exists(number - first_csr)) return false;
    return hart.poke_csr(number - first_csr, value);
}

} // namespace tollgate::gdb
