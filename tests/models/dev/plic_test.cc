#include "dev/plic.hh"
#include "models/support/register_checks.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <memory>

namespace tollgate::dev {
namespace {

using namespace abi::plic;
constexpr unsigned harts = 2, contexts = 2 * harts;

struct Present {
    unsigned operator()(Priority) const { return Priority::count; }
    unsigned operator()(Pending) const { return Pending::count; }
    unsigned operator()(Enable) const { return contexts * words_per_context; }
    unsigned operator()(Threshold) const { return contexts; }
    unsigned operator()(Claim) const { return contexts; }
};

/// A PLIC and the accesses of its driver.
struct PlicTest : testing::Test {
    Plic plic{harts};
    void set(std::uint64_t at, std::uint32_t v) { ASSERT_EQ(plic.write(at, 4, {}, v), Outcome::ok); }
    std::uint32_t get(std::uint64_t at) {
        std::uint64_t v = 0;
        EXPECT_EQ(plic.read(at, 4, {}, v), Outcome::ok);
        return static_cast<std::uint32_t>(v);
    }
    void priority(unsigned source, std::uint32_t p) { set(Priority::offset + source * Priority::stride, p); }
    void threshold(unsigned context, std::uint32_t t) { set(Threshold::offset + context * Threshold::stride, t); }
    static std::uint64_t enable_word(unsigned context, unsigned source) {
        return Enable::offset + (context * words_per_context + source / 32) * Enable::stride;
    }
    void enable(unsigned context, unsigned source) {
        const auto at = enable_word(context, source);
        set(at, get(at) | 1u << source % 32);
    }
    std::uint32_t claim(unsigned context) { return get(Claim::offset + context * Claim::stride); }
    void complete(unsigned context, unsigned source) { set(Claim::offset + context * Claim::stride, source); }
    bool pending(unsigned source) { return get(Pending::offset + source / 32 * 4) >> source % 32 & 1; }
};

TEST(PlicRegisters, FollowTheMap) {
    test::check_register_map<Map>([] { return std::make_unique<Plic>(harts); }, Present{});
}

TEST_F(PlicTest, EverySourceGoesThroughClaimAndCompletion) {
    enable(1, 1);
    for (unsigned s = 1; s <= sources; ++s) {
        enable(1, s);
        priority(s, 1);
        EXPECT_FALSE(plic.output(1));
        plic.set_level(s, true);
        EXPECT_TRUE(pending(s));
        EXPECT_TRUE(plic.output(1));
        EXPECT_EQ(claim(1), s);
        EXPECT_FALSE(pending(s));
        EXPECT_FALSE(plic.output(1));
        plic.set_level(s, false);
        complete(1, s);
        EXPECT_FALSE(pending(s));
    }
    EXPECT_EQ(plic.counters().requests, sources);
    EXPECT_EQ(plic.counters().claims, sources);
    EXPECT_EQ(plic.counters().completions, sources);
}

TEST_F(PlicTest, StillHighAtCompletionIsPendingAgain) {
    enable(0, 10);
    priority(10, 3);
    plic.set_level(10, true);
    EXPECT_EQ(claim(0), 10u);
    plic.set_level(10, false);
    plic.set_level(10, true); // the gateway is shut
    EXPECT_FALSE(pending(10));
    complete(0, 10);
    EXPECT_TRUE(pending(10));
    EXPECT_TRUE(plic.output(0));
}

TEST_F(PlicTest, RequestOutlivesItsLevel) {
    enable(0, 4);
    priority(4, 1);
    plic.set_level(4, true);
    plic.set_level(4, false);
    EXPECT_TRUE(plic.output(0));
    EXPECT_EQ(claim(0), 4u);
    complete(0, 4);
    EXPECT_FALSE(plic.output(0));
}

TEST_F(PlicTest, AllEnabledContextsAreInterruptedAndTheFirstClaimGetsIt) {
    enable(1, 7);
    enable(3, 7);
    priority(7, 1);
    plic.set_level(7, true);
    EXPECT_TRUE(plic.output(1));
    EXPECT_TRUE(plic.output(3));
    EXPECT_FALSE(plic.output(0) || plic.output(2));
    EXPECT_EQ(claim(3), 7u);
    EXPECT_FALSE(plic.output(1) || plic.output(3));
    EXPECT_EQ(claim(1), 0u);
    EXPECT_EQ(plic.counters().empty_claims, 1u);
}

TEST_F(PlicTest, HigherPriorityFirstThenLowerNumber) {
    for (const auto& [source, p] : {std::pair{96u, 7u}, {33u, 2u}, {32u, 2u}, {5u, 1u}}) {
        enable(0, source);
        priority(source, p);
        plic.set_level(source, true);
    }
    EXPECT_EQ(claim(0), 96u);
    EXPECT_EQ(claim(0), 32u);
    EXPECT_EQ(claim(0), 33u);
    EXPECT_EQ(claim(0), 5u);
    EXPECT_EQ(claim(0), 0u);
}

TEST_F(PlicTest, ThresholdMasksNotificationNotClaims) {
    enable(0, 9);
    priority(9, 3);
    plic.set_level(9, true);
    threshold(0, 3);
    EXPECT_FALSE(plic.output(0));
    threshold(0, 2);
    EXPECT_TRUE(plic.output(0));
    threshold(0, 7);
    EXPECT_EQ(claim(0), 9u);
}

TEST_F(PlicTest, PriorityZeroNeverInterrupts) {
    enable(0, 9);
    plic.set_level(9, true);
    EXPECT_TRUE(pending(9));
    EXPECT_FALSE(plic.output(0));
    EXPECT_EQ(claim(0), 0u);
    priority(9, 1);
    EXPECT_TRUE(plic.output(0));
}

TEST_F(PlicTest, CompletionByAStrangerOrOfNonsenseIsIgnored) {
    enable(0, 9);
    priority(9, 1);
    plic.set_level(9, true);
    EXPECT_EQ(claim(0), 9u);
    complete(1, 9); // not enabled there
    for (const std::uint32_t nonsense : {0u, sources + 1, 1023u, 0x8000'0009u, ~0u}) complete(0, nonsense);
    EXPECT_FALSE(pending(9));
    EXPECT_EQ(plic.counters().completions, 0u);
    complete(0, 9);
    EXPECT_TRUE(pending(9));
}

TEST_F(PlicTest, FieldsKeepWhatTheyHaveBitsFor) {
    priority(1, ~0u);
    EXPECT_EQ(get(Priority::offset + 4), max_priority);
    priority(0, 5);
    EXPECT_EQ(get(Priority::offset), 0u);
    threshold(3, ~0u);
    EXPECT_EQ(get(Threshold::offset + 3 * Threshold::stride), max_priority);
    for (unsigned word = 0; word < words_per_context; ++word) {
        const std::uint64_t at = Enable::offset + (2 * words_per_context + word) * 4;
        set(at, ~0u);
        std::uint32_t expected = 0;
        for (unsigned bit = 0; bit < 32; ++bit)
            if (const unsigned s = 32 * word + bit; s >= 1 && s <= sources) expected |= 1u << bit;
        EXPECT_EQ(get(at), expected) << word;
    }
}

TEST(PlicTarget, DeliversAtTheTimeOfTheLevelAndOfTheAccess) {
    Plic plic{1};
    PlicTarget target{"plic", plic, 40_ns};
    test::ScriptedInitiator initiator{"initiator"};
    test::RecordingSink hart;
    initiator.socket.bind(target.socket);
    target.connect(0, hart, machine_external);
    target.connect(1, hart, supervisor_external);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    initiator.write(Priority::offset + 4 * 10, 4, 1);
    initiator.write(Enable::offset + words_per_context * 4, 4, 1u << 10);
    test::run_to(100_ns);
    target.set_level(10, true);
    EXPECT_EQ(initiator.read(Claim::offset + Claim::stride, 4, 50_ns).value, 10u);
    target.set_level(10, false);
    test::run_to(1_us);
    using Changes = std::vector<test::RecordingSink::Change>;
    EXPECT_EQ(hart.changes, (Changes{{supervisor_external, true, 100_ns}, {supervisor_external, false, 150_ns}}));
}

} // namespace
} // namespace tollgate::dev
