/// What the protocol needs of a machine. Implemented by HartDebugger, and by tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::gdb {

/// A hart is a thread; threads are counted from 1 because the protocol's 0 means any.
using Thread = unsigned;

/// One register of 64 bits, as the target description has it.
struct Register {
    unsigned number = 0; ///< on the wire
    std::string name;
    std::string_view feature; ///< such as "org.gnu.gdb.riscv.cpu"
    std::string_view type;    ///< such as "int", "code_ptr", "ieee_double"
};

/// A breakpoint or watchpoint; the values are those of the packets Z and z.
struct Point {
    enum class Kind : std::uint8_t { software, hardware, write, read, access };
    Kind kind = Kind::software;
    std::uint64_t address = 0;
    std::uint64_t length = 0; ///< watchpoints: bytes
    bool is_watch() const { return kind >= Kind::write; }
    bool operator==(const Point&) const = default;
};

/// What a thread does when the machine runs on.
struct Action {
    enum class Kind : std::uint8_t {
        none, ///< not spoken of: it runs as time passes, and still stops at the breakpoints that were just taken away
        go,
        step,  ///< one instruction
        range, ///< steps while its pc is in [begin, end)
    };
    Kind kind = Kind::none;
    std::uint64_t begin = 0, end = 0;
};

/// Why a thread stopped.
struct Stop {
    enum class Why : std::uint8_t { interrupt, step, point };
    Why why = Why::interrupt;
    Thread thread = 1;
    Point::Kind point = Point::Kind::software;
    std::uint64_t address = 0; ///< of data, when a watchpoint was met
};

class Target {
  public:
    virtual ~Target() = default;
    virtual Thread threads() const = 0;
    /// A line about a thread: its privilege, whether it sleeps.
    virtual std::string thread_state(Thread thread) const = 0;

    /// All registers by rising number. The first `general_registers()` of them are numbered from 0 and make up the
    /// packets g and G.
    virtual std::span<const Register> registers() const = 0;
    virtual std::size_t general_registers() const = 0;
    virtual std::optional<std::uint64_t> read_register(Thread thread, unsigned number) = 0;
    virtual bool write_register(Thread thread, unsigned number, std::uint64_t value) = 0;

    /// Reads through the thread's translation; how many bytes from the first on could be read.
    virtual std::size_t read_memory(Thread thread, std::uint64_t address, std::span<std::byte> to) = 0;
    /// Writes all or nothing.
    virtual bool write_memory(Thread thread, std::uint64_t address, std::span<const std::byte> from) = 0;

    /// False if there are too many.
    virtual bool insert(const Point& point) = 0;
    virtual void remove(const Point& point) = 0;
    /// Forgets all points: nobody debugs any more, and every thread goes.
    virtual void release() = 0;
    /// What each thread does from now on, [thread - 1].
    virtual void resume(std::span<const Action> actions) = 0;
    /// Ends the machine.
    virtual void kill() = 0;
    /// The answer to `monitor ...`, lines of text.
    virtual std::string monitor(Thread thread, std::string_view command) = 0;
};

} // namespace tollgate::gdb
