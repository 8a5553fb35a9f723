// tollgate boot: any RISC-V system software on the machine.
#include "cli/exit_code.hh"
#include "cli/machine_results.hh"
#include "cli/run_options.hh"
#include "dev/capture.hh"
#include "dev/host_terminal.hh"
#include "gdb/server.hh"
#include "machine/machine.hh"
#include "machine/script_reader.hh"
#include "report/run_directory.hh"
#include "trace/timeline.hh"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace tollgate::cli {
namespace {

/// Lets somebody at a terminal leave.
class LeaveKey : public cpu::HostInput {
  public:
    LeaveKey(const dev::HostTerminal& terminal, cpu::HartScheduler& scheduler)
        : terminal_{terminal}, scheduler_{scheduler} {}
    void poll() override {
        if (terminal_.leave_requested()) scheduler_.finish(cpu::Ending::interrupted);
    }
    bool may_come(std::chrono::milliseconds) override { return terminal_.leave_requested(); }

  private:
    const dev::HostTerminal& terminal_;
    cpu::HartScheduler& scheduler_;
};

/// An interrupted run writes what it has: the first SIGINT or SIGTERM ends it, the second one kills. A terminal in raw
/// mode has its own way to leave and gives itself back on signals.
class StopSignals : public cpu::HostInput {
  public:
    explicit StopSignals(cpu::HartScheduler& scheduler) : scheduler_{scheduler} {
        struct sigaction once = {};
        once.sa_handler = [](int signal) { received_ = signal; };
        once.sa_flags = static_cast<int>(SA_RESETHAND);
        for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &once, nullptr);
    }
    void poll() override {
        if (received_ != 0) scheduler_.finish(cpu::Ending::interrupted);
    }
    bool may_come(std::chrono::milliseconds) override { return received_ != 0; }
    /// The signal that ended the run, 0 for none.
    static int received() { return received_; }

  private:
    static inline volatile std::sig_atomic_t received_ = 0;
    cpu::HartScheduler& scheduler_;
};

void say(const std::string& line) { std::fwrite(line.data(), 1, line.size(), stderr); }

void say_where(const machine::Outcome& outcome) {
    for (const std::string& line : outcome.waits) say(fmt::format("tollgate: {}\n", line));
}

/// Listens for a debugger, and says where.
std::unique_ptr<gdb::Server> debug_server(std::uint16_t port, bool wait, machine::Machine& machine) {
    std::vector<cpu::Hart*> harts;
    for (cpu::HartModule* m : machine.harts()) harts.push_back(&m->hart());
    gdb::HartDebugger::Surroundings surroundings{[&] {
                                                     const report::StatTree tree = statistics(machine);
                                                     return report::stats_text(tree, tree.snapshot());
                                                 },
                                                 [&] { machine.scheduler().finish(cpu::Ending::interrupted); }};
    try {
        auto server = std::make_unique<gdb::Server>(port, wait, std::move(harts), std::move(surroundings));
        say(fmt::format("tollgate: GDB: target remote 127.0.0.1:{}\n", server->port()));
        machine.scheduler().set_debug_server(server.get());
        machine.scheduler().add_input(*server);
        return server;
    } catch (const std::system_error& e) { throw UsageError(e.what()); }
}

/// The exit code, with the reason on standard error when it is not success.
ExitCode explain(const machine::Outcome& outcome, const machine::Machine& machine) {
    switch (outcome.ending) {
    case cpu::Ending::stopped:
        switch (outcome.finish->how) {
        case dev::Finish::How::pass: return ExitCode::done;
        case dev::Finish::How::reset: break; // the machine did so and went on
        case dev::Finish::How::fail:
            say(fmt::format("tollgate: the guest failed with code {}\n", outcome.finish->code));
            return ExitCode::guest_failed;
        }
        break;
    case cpu::Ending::nothing:
        say("tollgate: nothing can happen any more\n");
        say_where(outcome);
        return ExitCode::nothing_can_happen;
    case cpu::Ending::limit:
        say("tollgate: --limit: the limit of simulated time was reached\n");
        say_where(outcome);
        return ExitCode::limit;
    case cpu::Ending::host_limit:
        say("tollgate: --host-limit: the limit of wall time was reached\n");
        say_where(outcome);
        return ExitCode::limit;
    case cpu::Ending::interrupted: return ExitCode::done;
    case cpu::Ending::running: break;
    }
    throw std::logic_error(fmt::format("the machine stopped for no reason at {} ps", machine.time().count()));
}

int run(const BootOptions& options) {
    const machine::MachineConfig config{options.run.machine};
    const machine::BootPlan plan =
        machine::plan_boot(config, {options.bios, options.kernel, options.initrd, options.dtb, options.append});
    std::vector<dev::DmaScript> scripts;
    for (const std::string& file : options.dma_scripts) {
        scripts.push_back(machine::read_dma_script(file));
        if (scripts.back().node >= config.machine().nodes)
            throw UsageError(fmt::format("--dma-script {}: node {}; the machine has nodes 0 to {}", file,
                                         scripts.back().node, config.machine().nodes - 1));
    }
    std::ofstream log; // opened when nothing can be wrong with the command line any more
    const std::unique_ptr<dev::CharacterBackend> console = dev::host_console(STDIN_FILENO, STDOUT_FILENO);
    dev::Capture capture{*console, log};
    std::optional<trace::Timeline> timeline; // before the machine, which knows it
    machine::Machine machine{"machine", config, plan, capture};
    for (dev::DmaScript& script : scripts) machine.add_bus_master(std::move(script));
    if (options.run.trace) {
        machine.trace_with(timeline.emplace(*options.run.trace, options.run.trace_window));
        timeline->check();
    }
    const auto directory = report::RunDirectory::create("boot", options.run.out, options.run.force);
    const std::string log_name = (directory.path() / "console.log").string();
    log.open(log_name, std::ios::binary);
    if (timeline) timeline->open(directory.path());

    std::optional<LeaveKey> leave;
    if (const auto* terminal = dynamic_cast<dev::HostTerminal*>(console.get())) {
        leave.emplace(*terminal, machine.scheduler());
        machine.scheduler().add_input(*leave);
    }
    std::optional<StopSignals> signals;
    if (!leave) machine.scheduler().add_input(signals.emplace(machine.scheduler()));

    std::unique_ptr<gdb::Server> debugger;
    if (options.run.gdb_port) debugger = debug_server(*options.run.gdb_port, options.run.gdb_wait, machine);

    cpu::HartScheduler::Limits limits;
    if (options.run.limit) limits.simulated = *options.run.limit;
    if (options.run.host_limit) limits.host = std::chrono::nanoseconds{options.run.host_limit->count() / 1000};
    const auto began = std::chrono::steady_clock::now();
    const machine::Outcome outcome = machine.run(limits);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

    log.flush();
    if (!log) throw report::WriteError(fmt::format("{}: cannot be written", log_name));
    if (timeline) timeline->finish();
    write_results(directory, machine, {seconds, capture.reproducible() && !(debugger && debugger->changed())});
    if (const auto* fd = dynamic_cast<dev::FdConsole*>(console.get()); fd != nullptr && fd->output_error() != 0)
        throw report::WriteError(fmt::format("standard output: {}", std::strerror(fd->output_error())));
    const ExitCode code = explain(outcome, machine);
    if (debugger) debugger->exited(static_cast<int>(code));
    if (!options.run.quiet)
        for (const std::string& line : machine.doubts()) say(fmt::format("tollgate: {}\n", line));
    if (!options.run.quiet) say(fmt::format("run directory: {}\n", directory.path().string()));
    return StopSignals::received() != 0 ? 128 + StopSignals::received() : static_cast<int>(code);
}

} // namespace

int boot(const Arguments& args) {
    const auto options = boot_options(args);
    return options ? run(*options) : 0;
}

} // namespace tollgate::cli
