/// A target of plain storage that writes down what it is asked to do.
#pragma once
#include "gdb/target.hh"
#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace tollgate::gdb_test {

using namespace gdb;

class FakeTarget final : public Target {
  public:
    static constexpr std::uint64_t memory_at = 0x1000;
    static constexpr unsigned csr = 65 + 0x300;

    explicit FakeTarget(Thread threads = 2) : threads_{threads} {
        for (unsigned i = 0; i < 3; ++i)
            registers_.push_back({i, std::string{"r"}.append(std::to_string(i)), "cpu", "int"});
        registers_.push_back({3, "pc", "cpu", "code_ptr"});
        registers_.push_back({csr, "mstatus", "csr", "int"});
        for (Thread t = 1; t <= threads; ++t)
            for (const Register& r : registers_) values[{t, r.number}] = t * 0x100 + r.number;
    }
    Thread threads() const override { return threads_; }
    std::string thread_state(Thread t) const override {
        return std::string{"state <"}.append(std::to_string(t)).append(">");
    }
    std::span<const Register> registers() const override { return registers_; }
    std::size_t general_registers() const override { return 4; }
    std::optional<std::uint64_t> read_register(Thread t, unsigned n) override {
        const auto at = values.find({t, n});
        return at == values.end() ? std::nullopt : std::optional{at->second};
    }
    bool write_register(Thread t, unsigned n, std::uint64_t v) override {
        const auto at = values.find({t, n});
        if (at == values.end()) return false;
        at->second = v;
        return true;
    }
    std::size_t read_memory(Thread, std::uint64_t address, std::span<std::byte> to) override {
        most_read = std::max(most_read, to.size());
        std::size_t n = 0;
        for (; n < to.size() && address + n - memory_at < memory.size(); ++n) to[n] = memory[address + n - memory_at];
        return n;
    }
    bool write_memory(Thread, std::uint64_t address, std::span<const std::byte> from) override {
        for (std::size_t n = 0; n < from.size(); ++n)
            if (address + n - memory_at >= memory.size()) return false;
        for (std::size_t n = 0; n < from.size(); ++n) memory[address + n - memory_at] = from[n];
        return true;
    }
    bool insert(const Point& p) override {
        if (points.size() >= 4) return false;
        points.push_back(p);
        return true;
    }
    void remove(const Point& p) override { std::erase(points, p); }
    void release() override {
        points.clear();
        ++released;
    }
    void resume(std::span<const Action> a) override { resumed.emplace_back(a.begin(), a.end()); }
    void kill() override { ++killed; }
    std::string monitor(Thread, std::string_view command) override {
        return command == "long" ? std::string(3000, 'x') : std::string{"said "}.append(command).append("\n");
    }

    std::map<std::pair<Thread, unsigned>, std::uint64_t> values;
    std::array<std::byte, 256> memory{};
    std::vector<Point> points;
    std::vector<std::vector<Action>> resumed;
    int released = 0, killed = 0;
    std::size_t most_read = 0;

  private:
    Thread threads_;
    std::vector<Register> registers_;
};

} // namespace tollgate::gdb_test
