/// The harts of a machine as a debugger's target: registers, memory through the MMU, breakpoints, watchpoints, steps.
///
/// Harts run their observed loop only while there is a point or a step to look for; otherwise nothing is slower.
#pragma once
#include "cpu/hart.hh"
#include "gdb/target.hh"
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace tollgate::gdb {

class HartDebugger final : public Target, private cpu::Debugger {
  public:
    struct Surroundings {
        std::function<std::string()> statistics; ///< every counter, a line each, for `monitor stats`
        std::function<void()> kill;              ///< ends the simulation
    };
    /// `harts` by number, all of one instruction set; they outlive it.
    HartDebugger(std::vector<cpu::Hart*> harts, Surroundings surroundings);
    ~HartDebugger() override;
    HartDebugger(const HartDebugger&) = delete;
    HartDebugger& operator=(const HartDebugger&) = delete;

    /// Why a hart stopped, since the last call; empty when none of them did by itself.
    std::optional<Stop> take_stop() {
        lifted_.clear();
        return std::exchange(stop_, std::nullopt);
    }

    /// Whether a register or memory has been written.
    bool changed() const { return changed_; }

    Thread threads() const override { return static_cast<Thread>(harts_.size()); }
    std::string thread_state(Thread thread) const override;
    std::span<const Register> registers() const override { return registers_; }
    std::size_t general_registers() const override { return general_; }
    std::optional<std::uint64_t> read_register(Thread thread, unsigned number) override;
    bool write_register(Thread thread, unsigned number, std::uint64_t value) override;
    std::size_t read_memory(Thread thread, std::uint64_t address, std::span<std::byte> to) override;
    bool write_memory(Thread thread, std::uint64_t address, std::span<const std::byte> from) override;
    bool insert(const Point& point) override;
    void remove(const Point& point) override;
    void release() override;
    void resume(std::span<const Action> actions) override;
    void kill() override { surroundings_.kill(); }
    std::string monitor(Thread thread, std::string_view command) override;

  private:
    struct HartState {
        Action action;
        std::uint64_t resumed_at = 0; ///< progress then
        bool reported = false;        ///< it was stopped in front of reported_pc at reported_at
        std::uint64_t reported_pc = 0, reported_at = 0;
        std::optional<Point> met; ///< a watchpoint, by the instruction that retires next
        std::uint64_t met_address = 0;
        std::uint64_t met_at = 0; ///< instructions retired before it
    };
    bool before(unsigned hart, std::uint64_t pc) override;
    bool access(unsigned hart, std::uint64_t va, unsigned size, bool write) override;
    bool stop(unsigned hart, std::uint64_t pc, const Stop& why);
    /// Rises whenever a hart retires an instruction or takes a trap.
    static std::uint64_t progress(cpu::Hart& hart);
    const Point* breakpoint_at(const HartState& state, std::uint64_t pc) const;
    /// Gives the harts their observer, or takes it away.
    void attach();
    cpu::Hart& hart(Thread thread) const { return *harts_[thread - 1]; }

    std::vector<cpu::Hart*> harts_; // [number]
    Surroundings surroundings_;
    std::vector<Register> registers_;
    std::size_t general_ = 0;
    std::vector<HartState> states_; // [number]
    std::vector<Point> breakpoints_, watchpoints_;
    std::vector<Point> lifted_; ///< breakpoints taken away since the last stop, see Action::Kind::none
    std::optional<Stop> stop_;
    bool changed_ = false;
};

} // namespace tollgate::gdb
