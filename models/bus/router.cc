#include "bus/router.hh"
#include "tlm/time.hh"
#include <algorithm>

namespace tollgate::bus {

Router::Router(const sc_core::sc_module_name& name, const RouterParams& params)
    : sc_module(name), upstream("upstream"), downstream_("downstream"), latency_(to_sc_time(params.latency)) {
    upstream.register_b_transport(this, &Router::transport);
    upstream.register_get_direct_mem_ptr(this, &Router::direct);
    upstream.register_transport_dbg(this, &Router::debug);
    downstream_.register_invalidate_direct_mem_ptr(this, &Router::invalidate);
}

void Router::transport(int, Payload& payload, sc_core::sc_time& delay) {
    const PhysAddr address{payload.get_address()};
    const Window* window = decoder_.find(address, payload.get_data_length());
    delay += latency_;
    if (!window) {
        ++(decoder_.find(address) ? counters_.straddling : counters_.unmapped);
        payload.set_response_status(::tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    ++(payload.is_write() ? counters_.writes : counters_.reads);
    payload.set_address(address - window->base);
    downstream_[static_cast<int>(window->port)]->b_transport(payload, delay);
    payload.set_address(address.value());
    if (payload.get_response_status() == ::tlm::TLM_OK_RESPONSE) return;
    switch (payload.get_response_status()) {
    case ::tlm::TLM_ADDRESS_ERROR_RESPONSE: ++counters_.address_errors; break;
    case ::tlm::TLM_BURST_ERROR_RESPONSE: ++counters_.burst_errors; break;
    default: ++counters_.other_errors; break;
    }
}

bool Router::direct(int, Payload& payload, ::tlm::tlm_dmi& dmi) {
    const PhysAddr address{payload.get_address()};
    const Window* window = decoder_.find(address);
    if (!window) {
        dmi.set_start_address(address.value());
        dmi.set_end_address(address.value());
        return false;
    }
    payload.set_address(address - window->base);
    const bool granted = downstream_[static_cast<int>(window->port)]->get_direct_mem_ptr(payload, dmi);
    payload.set_address(address.value());

    // A target may answer beyond its window, "all addresses" above all.
    const std::uint64_t last = window->size.count() - 1;
    const std::uint64_t start = std::min<std::uint64_t>(dmi.get_start_address(), last);
    dmi.set_start_address(window->base.value() + start);
    dmi.set_end_address(window->base.value() + std::min<std::uint64_t>(dmi.get_end_address(), last));
    dmi.set_read_latency(dmi.get_read_latency() + latency_);
    dmi.set_write_latency(dmi.get_write_latency() + latency_);
    if (granted) ++counters_.dmi_grants;
    return granted;
}

unsigned Router::debug(int, Payload& payload) {
    const PhysAddr address{payload.get_address()};
    const unsigned length = payload.get_data_length();
    const Window* window = decoder_.find(address);
    if (!window) return 0;
    const auto room =
        static_cast<unsigned>(std::min<std::uint64_t>(length - 1ull, window->last() - address.value()) + 1);
    payload.set_address(address - window->base);
    payload.set_data_length(length == 0 ? 0 : room);
    const unsigned done = downstream_[static_cast<int>(window->port)]->transport_dbg(payload);
    payload.set_address(address.value());
    payload.set_data_length(length);
    return done;
}

void Router::invalidate(int port, sc_dt::uint64 start, sc_dt::uint64 end) {
    for (const Window& window : decoder_.windows()) {
        if (window.port != static_cast<unsigned>(port)) continue;
        const std::uint64_t last = window.size.count() - 1;
        const std::uint64_t from = window.base.value() + std::min<std::uint64_t>(start, last);
        const std::uint64_t to = window.base.value() + std::min<std::uint64_t>(end, last);
        for (unsigned n = 0; n < upstream.size(); ++n)
            upstream[static_cast<int>(n)]->invalidate_direct_mem_ptr(from, to);
    }
}

} // namespace tollgate::bus
