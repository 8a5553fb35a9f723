#include "bus/decoder.hh"
#include <gtest/gtest.h>
#include <stdexcept>

namespace tollgate::bus {
namespace {

using namespace literals;

Decoder three() {
    Decoder d;
    d.add({"ram", PhysAddr{0x8000'0000}, 1_GiB, 2});
    d.add({"rom", PhysAddr{0x1000}, 4_KiB, 0});
    d.add({"uart", PhysAddr{0x1000'0000}, 256_B, 1});
    return d;
}

std::string refusal(Decoder& d, Window w) {
    try {
        d.add(std::move(w));
    } catch (const std::invalid_argument& e) { return e.what(); }
    return "";
}

TEST(Decoder, FindsFirstAndLastByteOfEachWindowAndNothingBeside) {
    const Decoder d = three();
    for (const Window& w : d.windows()) {
        EXPECT_EQ(d.find(w.base), &w);
        EXPECT_EQ(d.find(PhysAddr{w.last()}), &w);
        EXPECT_EQ(d.find(PhysAddr{w.base.value() - 1}), nullptr);
        EXPECT_EQ(d.find(PhysAddr{w.last() + 1}), nullptr);
    }
    EXPECT_EQ(d.find(PhysAddr{0}), nullptr);
    EXPECT_EQ(d.find(PhysAddr{~0ull}), nullptr);
}

TEST(Decoder, WindowMustHoldTheWholeAccess) {
    const Decoder d = three();
    EXPECT_NE(d.find(PhysAddr{0x1ff8}, 8), nullptr);
    EXPECT_EQ(d.find(PhysAddr{0x1ff9}, 8), nullptr);
    EXPECT_NE(d.find(PhysAddr{0x1000}, 0x1000), nullptr);
    EXPECT_EQ(d.find(PhysAddr{0x1000}, 0x1001), nullptr);
    EXPECT_EQ(d.find(PhysAddr{0x1000}, ~0ull), nullptr);
}

TEST(Decoder, KeepsWindowsByAddress) {
    const Decoder d = three();
    ASSERT_EQ(d.windows().size(), 3u);
    EXPECT_EQ(d.windows()[0].name, "rom");
    EXPECT_EQ(d.windows()[2].port, 2u);
}

TEST(Decoder, OverlapNamesBoth) {
    Decoder d = three();
    for (const auto& [base, size] : {std::pair{0x1fffull, 1ull},
                                     {0x0ull, 0x1001ull},
                                     {0x1000ull, 0x1000ull},
                                     {0x0ull, 0x10'0000ull},
                                     {0x1800ull, 0x10ull}}) {
        const std::string why = refusal(d, {"probe", PhysAddr{base}, Bytes{size}, 9});
        EXPECT_NE(why.find("probe"), std::string::npos) << why;
        EXPECT_NE(why.find("rom"), std::string::npos) << why;
    }
    EXPECT_EQ(refusal(d, {"below", PhysAddr{0x0}, Bytes{0x1000}, 9}), "");
    EXPECT_EQ(refusal(d, {"above", PhysAddr{0x2000}, Bytes{0x1000}, 9}), "");
}

TEST(Decoder, RefusesEmptyAndWrappingWindows) {
    Decoder d;
    EXPECT_NE(refusal(d, {"none", PhysAddr{0x1000}, Bytes{0}, 0}), "");
    EXPECT_NE(refusal(d, {"wraps", PhysAddr{~0ull}, Bytes{2}, 0}), "");
    EXPECT_EQ(refusal(d, {"top", PhysAddr{~0ull}, Bytes{1}, 0}), "");
    EXPECT_NE(d.find(PhysAddr{~0ull}), nullptr);
    EXPECT_EQ(d.find(PhysAddr{~0ull}, 2), nullptr);
}

} // namespace
} // namespace tollgate::bus
