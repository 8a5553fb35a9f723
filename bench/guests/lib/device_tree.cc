#include "lib/device_tree.hh"

namespace guest {

namespace {

enum Token : std::uint32_t { begin_node = 1, end_node = 2, property = 3, nop = 4 };

std::uint32_t big_endian(const std::uint8_t* p) {
    return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16
           | static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}

/// The text after `prefix` if `text` begins with it, else null.
const char* after(const char* text, const char* prefix) {
    while (*prefix)
        if (*text++ != *prefix++) return nullptr;
    return text;
}

/// Walks the structure block: node(name) at each node, prop(name, text) at each property.
template <class Node, class Property> void walk(const void* tree, Node node, Property prop) {
    auto base = static_cast<const std::uint8_t*>(tree);
    if (!base || big_endian(base) != 0xd00dfeed) return;
    const std::uint8_t* p = base + big_endian(base + 8);
    const char* strings = reinterpret_cast<const char*>(base + big_endian(base + 12));
    const std::uint8_t* end = p + big_endian(base + 36);
    while (p < end) {
        std::uint32_t token = big_endian(p);
        p += 4;
        if (token == begin_node) {
            node(reinterpret_cast<const char*>(p));
            while (*p) ++p;
            p = base + ((p - base + 4) & ~std::ptrdiff_t{3});
        } else if (token == property) {
            prop(strings + big_endian(p + 4), reinterpret_cast<const char*>(p + 8));
            p += 8 + ((big_endian(p) + 3) & ~3u);
        } else if (token != end_node && token != nop)
            return;
    }
}

} // namespace

std::uint64_t harts_in(const void* tree) {
    std::uint64_t n = 0;
    walk(
        tree, [&](const char* name) { n += after(name, "cpu@") != nullptr; }, [](const char*, const char*) {});
    return n ? n : 1;
}

std::uint64_t farthest_in(const void* tree) {
    std::uint64_t most = 0;
    walk(
        tree, [](const char*) {},
        [&](const char* key, const char* value) {
            const char* rest = after(key, "distance-matrix");
            if (!rest || *rest) return;
            const auto* p = reinterpret_cast<const std::uint8_t*>(value);
            for (const std::uint8_t* end = p + big_endian(p - 8); p != end; p += 12) // from, to, distance
                if (big_endian(p + 8) > most) most = big_endian(p + 8);
        });
    return most;
}

std::uint64_t boot_argument(const void* tree, const char* name, std::uint64_t otherwise) {
    std::uint64_t value = otherwise;
    auto find = [&](const char* key, const char* text) {
        const char* rest = after(key, "bootargs");
        if (!rest || *rest) return;
        for (; *text; ++text) {
            const char* number = after(text, name);
            if (!number || *number != '=') continue;
            for (value = 0, ++number; *number >= '0' && *number <= '9'; ++number) value = value * 10 + (*number - '0');
            return;
        }
    };
    walk(
        tree, [](const char*) {}, find);
    return value;
}

} // namespace guest
