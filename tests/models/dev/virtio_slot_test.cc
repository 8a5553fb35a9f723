#include "dev/virtio_slot.hh"
#include "models/support/register_checks.hh"
#include <gtest/gtest.h>
#include <memory>

namespace tollgate::dev {
namespace {

using namespace abi::virtio_mmio;

TEST(EmptyVirtioSlot, RegistersFollowTheMap) {
    test::check_register_map<Map>([] { return std::make_unique<EmptyVirtioSlot>(); });
}

TEST(EmptyVirtioSlot, HasNoDeviceWhateverIsWritten) {
    EmptyVirtioSlot slot;
    Map::for_each([&]<class R>(R) { EXPECT_EQ(slot.write(R::offset, 4, {}, ~0ull), Outcome::ok); });
    std::uint64_t v = 0;
    Map::for_each([&]<class R>(R) {
        EXPECT_EQ(slot.read(R::offset, 4, {}, v), Outcome::ok);
        const bool identity = R::offset == MagicValue::offset || R::offset == Version::offset;
        EXPECT_EQ(v, identity ? R::reset : 0u) << R::name;
    });
    EXPECT_EQ(slot.read(config, 1, {}, v), Outcome::address_error);
}

} // namespace
} // namespace tollgate::dev
