/// Which hart runs next, and how far: the rules of time among harts and devices.
///
/// The hart with the smallest local time runs next, ties by number, for at most a quantum, never past the earliest
/// announced action of a device (SystemC's pending activity). SystemC is entered only when it has something to do at
/// or before that hart's time, and before an access to a device, which therefore happens in the order of time.
#pragma once
#include "cpu/hart_module.hh"
#include <chrono>
#include <functional>

namespace tollgate::cpu {

/// Why the simulation ended.
enum class Ending : std::uint8_t {
    running,
    stopped,     ///< somebody called finish(): the finisher
    nothing,     ///< nothing can happen any more
    limit,       ///< the limit of simulated time was reached
    host_limit,  ///< the limit of the host's time was reached
    interrupted, ///< the user asked to leave
};

/// Input that arrives in the host's time: a terminal, a pipe, a debugger.
class HostInput {
  public:
    virtual ~HostInput() = default;
    /// Looks for input and hands it over; never waits.
    virtual void poll() = 0;
    /// Whether something may still come. While all harts sleep for ever the scheduler waits here, at most `wait`.
    virtual bool may_come(std::chrono::milliseconds wait) = 0;
};

/// Serves a debugger while simulated time stands still.
class DebugServer {
  public:
    virtual ~DebugServer() = default;
    /// A hart stopped in front of an instruction, or a stop was asked for. Returns when the machine may run on.
    virtual void serve(unsigned hart) = 0;
    /// Looked at now and then while harts run: true asks for a stop.
    virtual bool wants_stop() = 0;
};

class HartScheduler : public sc_core::sc_module {
  public:
    struct Limits {
        Picoseconds simulated{~0ull};
        std::chrono::nanoseconds host{std::chrono::nanoseconds::max()};
    };
    HartScheduler(const sc_core::sc_module_name& name, Picoseconds quantum, std::vector<HartModule*> harts);
    SC_HAS_PROCESS(HartScheduler);

    void set_limits(const Limits& limits) { limits_ = limits; }
    void add_input(HostInput& input) { inputs_.push_back(&input); }
    void set_debug_server(DebugServer* server) { debug_ = server; }
    /// Ends the simulation as soon as the running hart's block ends; the first reason stays.
    void finish(Ending why);
    Ending ending() const { return ending_; }
    /// Calls f once the running hart's block has ended, before anything else happens.
    void before_next_turn(std::function<void()> f);
    /// The time of the machine: the latest of its harts and devices.
    Picoseconds machine_time() const;
    /// What each hart waits for, a line each, for the exit that says that nothing can happen any more.
    std::vector<std::string> waits() const;

  private:
    void run();
    void step();
    void attend_host();
    /// When the hart could run next, max if never by itself.
    static Picoseconds ready_at(Hart& hart);

    Picoseconds quantum_;
    std::vector<HartModule*> modules_;
    std::vector<Hart*> harts_; // [number]
    std::vector<HostInput*> inputs_;
    DebugServer* debug_ = nullptr;
    Limits limits_;
    Ending ending_ = Ending::running;
    std::function<void()> between_turns_; // empty: nothing asked for
    std::chrono::steady_clock::time_point began_;
    unsigned until_host_ = 0;
};

} // namespace tollgate::cpu
