/// The test finisher: a guest ends the run by writing a word.
#pragma once
#include "abi/finisher_regs.hh"
#include "base/param.hh"
#include "tlm/register_file.hh"

namespace tollgate::dev {

using namespace literals;

struct FinisherParams {
    TOLLGATE_DESCRIBED(FinisherParams);
    TOLLGATE_PARAM(Picoseconds, latency, 20_ns, Unit::time, {0, 1'000'000'000}, Kind::timing,
                   {"hart.cycles", Moves::up}, "From a register access's arrival to its answer.")
    TOLLGATE_END;
};

/// How a guest ended its run.
struct Finish {
    enum class How : std::uint8_t { pass, fail, reset };
    How how;
    std::uint16_t code; ///< of a failure
    Picoseconds at;
};

/// Who wants to know, to stop the simulation: called inside the guest's access, once for each command.
class FinishListener {
  public:
    virtual ~FinishListener() = default;
    virtual void finished(const Finish& finish) = 0;
};

/// Commands that it does not know do nothing.
class Finisher : public Device {
  public:
    explicit Finisher(FinishListener& listener) : listener_(listener) {}
    Outcome read(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t& value) override;
    Outcome write(std::uint64_t offset, unsigned size, Picoseconds now, std::uint64_t value) override;

  private:
    friend RegisterFile<abi::finisher::Map>;
    void on_write(abi::finisher::Finish, unsigned, std::uint32_t value, Picoseconds now);
    FinishListener& listener_;
    RegisterFile<abi::finisher::Map> registers_;
};

} // namespace tollgate::dev
