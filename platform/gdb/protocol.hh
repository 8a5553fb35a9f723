/// GDB's remote serial protocol, all-stop: commands of one client to a target. A pure function of the bytes that come
/// and of the target; sockets and simulation are elsewhere.
///
///     session begins -> stopped  --c, s, vCont-->  running  --stopped(), in the client's turn 0x03-->  stopped
#pragma once
#include "gdb/packet.hh"
#include "gdb/target.hh"
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::gdb {

class Protocol {
  public:
    /// A session with a client, who finds the machine stopped.
    Protocol(Target& target, const Stop& found) : target_{target}, stop_{found}, selected_{found.thread} {}

    /// Bytes from the client, any bytes. What they make the target do has been done at the return. Bytes behind a
    /// command that lets the machine run are taken as sent while it runs: all but an interrupt are ignored then.
    void receive(std::string_view bytes);
    /// The machine stopped: the client is told.
    void stopped(const Stop& why);
    /// The machine is at its end, with this exit code.
    void exited(int code);

    bool running() const { return running_; }
    /// The client has gone, by its own word: the connection is to be closed.
    bool over() const { return over_; }
    /// Whether an interrupt was asked for since the last call.
    bool take_interrupt() { return std::exchange(interrupt_, false); }
    /// What is to be sent.
    std::string take_output() { return std::exchange(output_, {}); }

  private:
    void handle(std::string_view command);
    void send(std::string_view payload);
    void error(unsigned number); ///< Exx; numbers as errno has them
    std::string stop_reply() const;
    std::optional<Thread> take_thread(std::string_view& text, Thread any) const;
    Thread first_or(std::optional<Thread> thread) const { return thread.value_or(stop_.thread); }

    void query(std::string_view command);
    void query_supported(std::string_view features);
    void transfer(std::string_view object, std::string_view range);
    void monitor(std::string_view digits);
    void set(std::string_view command);
    void verbose(std::string_view command);
    void continue_with(std::string_view actions);
    void continue_old(Action::Kind kind, std::string_view rest, bool signal);
    void resume(const std::vector<Action>& actions);
    void select_thread(std::string_view command);
    void read_registers();
    void write_registers(std::string_view digits);
    void read_register(std::string_view command);
    void write_register(std::string_view command);
    void read_memory(std::string_view command);
    void write_memory(std::string_view command, bool binary);
    void point(std::string_view command, bool insert);
    void detach();

    Target& target_;
    PacketReader reader_;
    std::string output_;
    std::string last_; ///< the last packet, in case it is asked for again
    Stop stop_;
    Thread selected_;               ///< whose registers and memory are meant (Hg)
    std::optional<Thread> stepped_; ///< whom s and c mean (Hc); empty: all
    bool acks_ = true;
    bool says_point_ = false; ///< the client understands swbreak and hwbreak
    bool running_ = false, over_ = false, interrupt_ = false;
};

/// The target description: `target.xml`.
std::string target_description(const Target& target);

} // namespace tollgate::gdb
