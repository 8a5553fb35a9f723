#include "bus/decoder.hh"
#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace tollgate::bus {

static std::string text(const Window& w) { return fmt::format("{} [{:#x}, {:#x}]", w.name, w.base.value(), w.last()); }

void Decoder::add(Window window) {
    if (window.size.count() == 0) throw std::invalid_argument(fmt::format("address map: {} is empty", window.name));
    if (window.last() < window.base.value())
        throw std::invalid_argument(fmt::format("address map: {} wraps around", text(window)));
    const auto after = std::upper_bound(windows_.begin(), windows_.end(), window.base,
                                        [](PhysAddr base, const Window& w) { return base < w.base; });
    const auto collide = [&](const Window& other) {
        throw std::invalid_argument(fmt::format("address map: {} overlaps {}", text(window), text(other)));
    };
    if (after != windows_.end() && after->base.value() <= window.last()) collide(*after);
    if (after != windows_.begin() && std::prev(after)->last() >= window.base.value()) collide(*std::prev(after));
    windows_.insert(after, std::move(window));
}

const Window* Decoder::find(PhysAddr address) const {
    const auto after = std::upper_bound(windows_.begin(), windows_.end(), address,
                                        [](PhysAddr a, const Window& w) { return a < w.base; });
    if (after == windows_.begin()) return nullptr;
    const Window& w = *std::prev(after);
    return address.value() <= w.last() ? &w : nullptr;
}

const Window* Decoder::find(PhysAddr address, std::uint64_t length) const {
    const Window* w = find(address);
    return w && (length == 0 || length - 1 <= w->last() - address.value()) ? w : nullptr;
}

} // namespace tollgate::bus
