// The guests under QEMU: their checksums are those of the same work compiled for the host, their sizes are what the
// speed tables say.
#include "simspeed/child.hh"
#include "simspeed/guests.hh"
#include "work/alu.hh"
#include "work/chase.hh"
#include "work/copy.hh"
#include "work/matmul.hh"
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>

namespace tollgate::simspeed {
namespace {

using namespace std::chrono_literals;

template <class Work> std::string expected(std::uint64_t rounds) {
    auto work = std::make_unique<Work>();
    work->prepare();
    return fmt::format("0x{:016x}", work->run(rounds));
}

class Guests : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!is_program("qemu-system-riscv64")) GTEST_SKIP() << "qemu-system-riscv64 not found";
    }
    /// Exact counts: under -icount one instruction is one tick.
    GuestReport run(const std::string& guest, std::optional<std::uint64_t> rounds = {}, unsigned harts = 1) {
        std::string image = (folder.path() / guest).string();
        auto bytes = *guest_image(guest);
        std::ofstream(image, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        std::vector<std::string> command{"qemu-system-riscv64",
                                         "-M",
                                         "virt",
                                         "-m",
                                         "128M",
                                         "-smp",
                                         fmt::format("{}", harts),
                                         "-display",
                                         "none",
                                         "-monitor",
                                         "none",
                                         "-serial",
                                         "stdio",
                                         "-bios",
                                         "none",
                                         "-icount",
                                         "shift=0",
                                         "-kernel",
                                         image};
        if (rounds) command.insert(command.end(), {"-append", fmt::format("rounds={}", *rounds)});
        Child child = run_child(command, 120s);
        EXPECT_EQ(child.exit_code, 0) << child.output << child.errors;
        auto report = find_report(child.output, guest);
        EXPECT_TRUE(report) << child.output;
        return report.value_or(GuestReport{});
    }
    template <class Work> void check_work() {
        for (std::uint64_t rounds : {1, 2, 77})
            EXPECT_EQ(run(Work::name, rounds).checksum, expected<Work>(rounds)) << rounds;
        GuestReport whole = run(Work::name);
        EXPECT_EQ(whole.checksum, expected<Work>(Work::rounds));
        EXPECT_GE(whole.instructions, 100'000'000u);
        EXPECT_LE(whole.instructions, 300'000'000u);
        // What is prepared and printed is a small part of the whole, which is what the speeds are taken from.
        EXPECT_LE(whole.total - whole.instructions, whole.instructions / 20);
    }
    /// Instructions of a round: the difference of two runs, so that what surrounds the rounds drops out.
    std::uint64_t per_round(const std::string& guest, std::uint64_t rounds) {
        return (run(guest, 2 * rounds).instructions - run(guest, rounds).instructions) / rounds;
    }
    TemporaryFolder folder;
};

TEST_F(Guests, Alu) { check_work<guest::Alu>(); }
TEST_F(Guests, Memcpy) { check_work<guest::Memcpy>(); }
TEST_F(Guests, Memset) { check_work<guest::Memset>(); }
TEST_F(Guests, Chase) { check_work<guest::Chase>(); }
TEST_F(Guests, Matmul) { check_work<guest::Matmul>(); }

TEST_F(Guests, ChaseTakesFiveInstructionsAStep) { EXPECT_EQ(per_round("chase", 100'000), 5u); }

TEST_F(Guests, CopyAndFillMoveABlockOfEightWordsATurn) {
    constexpr std::uint64_t blocks = guest::copied / guest::block;
    // Eight loads, eight stores, two pointers, a branch; around it less than a hundred instructions a call.
    EXPECT_EQ(per_round("memcpy", 10) / blocks, 8u + 8 + 2 + 1);
    EXPECT_EQ(per_round("memset", 10) / blocks, 8u + 1 + 1);
}

TEST_F(Guests, LockIsTakenByEveryHart) {
    constexpr std::uint64_t rounds = 1000;
    for (unsigned harts : {1u, 2u, 4u}) {
        GuestReport report = run("lock", rounds, harts);
        EXPECT_EQ(report.harts, harts);
        std::uint64_t sum = 0;
        for (std::uint64_t hart = 0; hart < harts; ++hart) {
            std::uint64_t own = hart + 1;
            for (std::uint64_t i = 0; i < 8 * rounds; ++i) own ^= own << 13, own ^= own >> 7, own ^= own << 17;
            sum += own;
        }
        for (std::uint64_t word = 1; word <= 4; ++word) sum = sum * 31 + word * rounds * harts;
        EXPECT_EQ(report.checksum, fmt::format("0x{:016x}", sum)) << harts;
    }
}

TEST_F(Guests, EveryHartCopiesForItself) {
    constexpr std::uint64_t rounds = 5;
    const auto one = std::make_unique<guest::Memcpy>();
    one->prepare();
    const std::uint64_t sum = one->run(rounds);
    for (unsigned harts : {1u, 4u}) {
        GuestReport report = run("copies", rounds, harts);
        EXPECT_EQ(report.harts, harts);
        EXPECT_EQ(report.checksum, fmt::format("0x{:016x}", sum * harts)) << harts;
    }
}

TEST_F(Guests, EmptyEndsAtOnce) { EXPECT_LT(run("empty").total, 100'000u); }

TEST_F(Guests, TheOtherHartsSleep) { EXPECT_EQ(run("alu", 1000, 4).checksum, expected<guest::Alu>(1000)); }

} // namespace
} // namespace tollgate::simspeed
