// A platform of one's own: a hart, a bus, a memory and a CLINT of Tollgate, a mailbox that Tollgate does not know, and
// what answers the hart's caches.
// The hart waits for its machine timer, adds the numbers from 1 to 10 and posts the sum.
#include "bus/router.hh"
#include "cpu/hart_module.hh"
#include "cpu/hart_scheduler.hh"
#include "cpu/line_extension.hh"
#include "dev/clint.hh"
#include "mem/memory.hh"
#include <algorithm>
#include <array>
#include <cstring>
#include <iostream>
#include <span>

namespace {

using namespace tollgate;

constexpr PhysAddr clint_base{0x200'0000}, mailbox_base{0x1000'0000}, memory_base{0x8000'0000};
constexpr Bytes memory_size{1 << 20};

/// A target in the style of any TLM-2.0 platform.
class Mailbox : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<Mailbox> socket;
    cpu::HartScheduler* scheduler = nullptr;
    std::uint64_t letter = 0;
    sc_core::sc_time at;

    explicit Mailbox(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
        socket.register_b_transport(this, &Mailbox::transport);
    }

  private:
    void transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        std::memcpy(&letter, payload.get_data_ptr(), std::min<std::size_t>(payload.get_data_length(), sizeof letter));
        at = sc_core::sc_time_stamp() + delay;
        delay += sc_core::sc_time(10, sc_core::SC_NS);
        payload.set_response_status(::tlm::TLM_OK_RESPONSE);
        scheduler->finish(cpu::Ending::stopped);
    }
};

/// Below the L1s of a single hart: each line comes after 60 ns, with the right to write it.
class Lines : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<Lines> socket;
    unsigned brought = 0;

    explicit Lines(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
        socket.register_b_transport(this, &Lines::transport);
    }

  private:
    void transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
        auto* wish = payload.get_extension<cpu::LineExtension>();
        payload.set_response_status(::tlm::TLM_OK_RESPONSE);
        if (!payload.is_read()) return;
        ++brought;
        wish->done = wish->at + Picoseconds{60'000};
        wish->granted = cache::LineState::exclusive;
        wish->source = mmu::Source::local;
        wish->more = false;
    }
};

/// 100 ticks of the time base until the timer compares; then 1 + 2 + ... + 10.
constexpr std::array<std::uint32_t, 19> program{
    0x020042b7, // lui   t0, 0x2004       mtimecmp of hart 0
    0x06400313, // li    t1, 100
    0x0062b023, // sd    t1, 0(t0)
    0x08000393, // li    t2, 0x80         MTIE
    0x3043a073, // csrs  mie, t2
    0x10500073, // wfi                    wakes though mstatus.MIE is off
    0x00a00513, // li    a0, 10
    0x00000593, // li    a1, 0
    0x00a585b3, // 1: add a1, a1, a0
    0xfff50513, // addi  a0, a0, -1
    0xfe051ce3, // bnez  a0, 1b
    0x80001637, // lui   a2, 0x80001      sign-extended ...
    0x02061613, // slli  a2, a2, 32
    0x02065613, // srli  a2, a2, 32       ... and cut to 0x8000_1000: through memory
    0x00b63023, // sd    a1, 0(a2)
    0x00063583, // ld    a1, 0(a2)
    0x100006b7, // lui   a3, 0x10000      the mailbox
    0x00b6b023, // sd    a1, 0(a3)
    0x0000006f, // j     .
};

} // namespace

int sc_main(int, char**) {
    bus::Router bus{"bus", bus::RouterParams{}};
    mem::Memory memory{"memory", memory_size, mem::MemoryParams{}, 1};
    const dev::ClintParams clint_params;
    dev::Clint clint{clint_params, 1};
    dev::ClintTarget clint_target{"clint", clint, clint_params.latency};
    Mailbox mailbox{"mailbox"};
    bus.map("clint", clint_base, Bytes{0x1'0000}, clint_target.socket);
    bus.map("mailbox", mailbox_base, Bytes{0x1000}, mailbox.socket);
    bus.map("memory", memory_base, memory_size, memory.socket);

    cpu::HartConfig config;
    config.memory = {memory_base, memory_size};
    cpu::DecodeCache code{cpu::isa::Extensions::parse(config.hart.isa)};
    cpu::HartGroup group;
    group.code = &code;
    cpu::HartModule hart{"hart", 0, 0, config, group};
    Lines lines{"lines"};
    hart.socket.bind(bus.upstream);
    hart.lines.bind(lines.socket);
    hart.timebase.bind(clint_target);
    clint_target.connect(1, hart, machine_timer);
    cpu::HartScheduler scheduler{"scheduler", Picoseconds{1'000'000}, {&hart}};
    mailbox.scheduler = &scheduler;

    memory.store().write(0, std::as_bytes(std::span{program}));
    hart.hart().reset(memory_base.value(), 0, 0);
    sc_core::sc_start();

    std::cout << "the mailbox got " << mailbox.letter << " at " << mailbox.at << " after "
              << hart.hart().counters().instructions << " instructions\n";
    const bool in_time =
        mailbox.at >= sc_core::sc_time(10, sc_core::SC_US) && mailbox.at < sc_core::sc_time(11, sc_core::SC_US);
    return mailbox.letter == 55 && lines.brought == 3 && in_time && scheduler.ending() == cpu::Ending::stopped ? 0 : 1;
}
