// The rules of geometry, each broken alone and named in its refusal.
#include "cache/cache_params.hh"
#include <functional>
#include <gtest/gtest.h>
#include <stdexcept>

namespace tollgate::cache {
namespace {

struct Levels {
    L1iParams l1i;
    L1dParams l1d;
    L2Params l2;
    LlcParams llc;
    Hertz clock = 2_GHz;
};

std::string refusal(const std::function<void(Levels&)>& change) {
    Levels p;
    change(p);
    try {
        check(p.l1i, p.l1d, p.l2, p.llc, p.clock);
    } catch (const std::invalid_argument& e) { return e.what(); }
    return {};
}

TEST(CacheParams, DefaultsFit) {
    EXPECT_EQ(refusal([](Levels&) {}), "");
    EXPECT_EQ(refusal([](Levels& p) { p.l2.present = false; }), "");
}

TEST(CacheParams, EachRuleIsNamed) {
    const auto says = [](const std::string& text, const std::function<void(Levels&)>& change) {
        EXPECT_NE(refusal(change).find(text), std::string::npos) << text << ", not: " << refusal(change);
    };
    says("l1d: size=32768, ways=3: its 512 lines do not fill sets of 3 ways", [](Levels& p) { p.l1d.ways = 3; });
    says("l1i: size=98304, ways=8: 192 sets, which must be a power of two", [](Levels& p) { p.l1i.size = 96_KiB; });
    says("l2: size=1000, ways=8: the size must be a number of 64-byte lines", [](Levels& p) { p.l2.size = 1000_B; });
    says("l1d: size=64, ways=2: more ways than its 1 lines", [](Levels& p) {
        p.l1d.size = 64_B;
        p.l1d.ways = 2;
    });
    says("llc: size=4194304, ways=65: ways must be 1 to 64", [](Levels& p) { p.llc.ways = 65; });
    says("llc: size=4194304, ways=0: ways must be 1 to 64", [](Levels& p) { p.llc.ways = 0; });
    says("l2.latency is 2000 ps, l1d.latency 2000 ps: a level must be slower than the one above it",
         [](Levels& p) { p.l2.latency = Cycles{4}; });
    says("llc.latency is 7000 ps, l2.latency 7000 ps", [](Levels& p) { p.llc.latency = Cycles{14}; });
    says("llc.latency is 5000 ps, l2.latency 7000 ps", [](Levels& p) { p.llc.clock = 8_GHz; });
    says("llc.latency is 500 ps, l1d.latency 2000 ps", [](Levels& p) {
        p.l2.present = false;
        p.llc.latency = Cycles{1};
    });
    says("l2.size=16384 is less than l1i.size=32768: a level must hold what it includes",
         [](Levels& p) { p.l2.size = 16_KiB; });
    says("llc.size=262144 is less than l2.size=524288", [](Levels& p) { p.llc.size = 256_KiB; });
    says("llc.inject_ways=17 of llc.ways=16: more ways than there are", [](Levels& p) { p.llc.inject_ways = 17; });
    EXPECT_EQ(refusal([](Levels& p) {
                  p.llc.size = 256_KiB;
                  p.llc.inclusive = false;
              }),
              "")
        << "what includes nothing may be small";
}

TEST(CacheParams, SetsOfEveryGoodShape) {
    for (std::uint32_t ways = 1; ways <= max_ways; ++ways)
        for (std::uint32_t sets = 1; sets <= 1024; sets *= 2)
            EXPECT_EQ(sets_of("l1d", Bytes{64ull * ways * sets}, ways), sets);
}

template <class P> void defaults_in_range() {
    for_each_field<P>([](const auto& d) {
        using T = std::remove_cvref_t<decltype(d.def)>;
        if constexpr (std::is_same_v<T, std::uint32_t>) {
            EXPECT_TRUE(d.range.contains(d.def)) << d.name;
        } else if constexpr (requires { d.def.count(); }) {
            EXPECT_TRUE(d.range.contains(d.def.count())) << d.name;
        }
        EXPECT_FALSE(d.text.empty());
        EXPECT_FALSE(d.witness.statistic.empty());
    });
}
TEST(CacheParams, DefaultsAreInRange) {
    defaults_in_range<L1iParams>();
    defaults_in_range<L1dParams>();
    defaults_in_range<L2Params>();
    defaults_in_range<LlcParams>();
    defaults_in_range<DirectoryParams>();
}

} // namespace
} // namespace tollgate::cache
