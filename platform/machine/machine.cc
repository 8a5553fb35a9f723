#include "machine/machine.hh"
#include "machine/identities.hh"
#include "machine/memory_map.hh"
#include <algorithm>
#include <fmt/format.h>

namespace tollgate::machine {

namespace {
bus::RouterParams bus_params(const MachineConfig& config) {
    bus::RouterParams p = config.shared().bus;
    if (!config.timed()) p.latency = Picoseconds{0};
    return p;
}
dev::RomParams rom_params(const MachineConfig& config) {
    dev::RomParams p = config.shared().rom;
    if (!config.timed()) p.latency = Picoseconds{0};
    return p;
}
} // namespace

Machine::Machine(const sc_core::sc_module_name& name, const MachineConfig& config, const BootPlan& boot,
                 dev::CharacterBackend& console)
    : sc_module{name}, config_{config}, boot_{boot}, code_{cpu::isa::Extensions::parse(config.hart(0).hart.isa)},
      lines_{map::memory, config.memory().size}, group_{{}, &code_, config.harts() > 1 ? &lines_ : nullptr},
      bus_{"bus", bus_params(config)}, rom_{"rom", map::rom.size, boot.rom, rom_params(config)}, finisher_{*this},
      finisher_target_{"finisher", finisher_, latency(config.shared().finisher.latency)}, rtc_{config.shared().rtc},
      rtc_target_{"rtc", rtc_, latency(config.shared().rtc.latency)}, clint_{config.shared().clint, config.harts()},
      clint_target_{"clint", clint_, latency(config.shared().clint.latency)}, sswi_{config.harts()},
      plic_{config.harts()}, plic_target_{"plic", plic_, latency(config.shared().plic.latency)}, uart_{uart_params(),
                                                                                                       console},
      uart_target_{"uart", uart_, latency(config.shared().uart.latency)}, serial_input_{uart_, uart_target_, console} {
    build_nodes();
    if (config.timed()) build_memory_system();
    map_devices();
    wire_interrupts();
    scheduler_ = std::make_unique<cpu::HartScheduler>("scheduler", config.sim().quantum, harts_);
    scheduler_->add_input(serial_input_);
    power_on();
}

dev::UartParams Machine::uart_params() const {
    dev::UartParams p = config_.shared().uart;
    p.char_time = latency(p.char_time);
    return p;
}

void Machine::build_nodes() {
    const Bytes size = config_.machine().memory_per_node;
    for (unsigned n = 0; n < config_.machine().nodes; ++n) {
        Node& node = nodes_.emplace_back();
        // Each bank has noise of its own.
        const std::uint64_t seed = config_.sim().seed + n;
        node.memory =
            std::make_unique<mem::Memory>(fmt::format("node{}_memory", n).c_str(), size, config_.shared().memory, seed);
        bus_.map(fmt::format("node[{}].memory", n), map::memory + n * size.count(), size, node.memory->socket);
        for (unsigned h = 0; h < config_.machine().harts_per_node; ++h) {
            const auto number = static_cast<unsigned>(harts_.size());
            node.harts.push_back(std::make_unique<cpu::HartModule>(fmt::format("node{}_hart{}", n, h).c_str(), number,
                                                                   n, config_.hart(number), group_));
            cpu::HartModule& hart = *node.harts.back();
            hart.socket.bind(bus_.upstream);
            hart.timebase.bind(clint_target_);
            harts_.push_back(&hart);
        }
    }
}

void Machine::build_memory_system() {
    std::vector<NodeMemorySystem> parts;
    const Bytes size = config_.machine().memory_per_node;
    for (unsigned n = 0; n < nodes_.size(); ++n) {
        const NodeConfig& node = config_.nodes()[n];
        const PhysAddr base = map::memory + n * size.count();
        nodes_[n].dram =
            std::make_unique<DramMemory>(node.memory.dram, node.memory.timing, node.memory.controller, base);
        NodeMemorySystem& part = parts.emplace_back(
            NodeMemorySystem{{}, node.llc, node.directory, node.crossbar, nodes_[n].dram.get(), base, size});
        for (std::size_t h = 0; h < node.harts.size(); ++h)
            part.harts.push_back({node.l2[h], node.harts[h].hart.clock, &nodes_[n].harts[h]->hart()});
    }
    memory_system_ = std::make_unique<MemorySystem>(parts, config_.shared().link, config_.sim().seed);
    line_target_ = std::make_unique<LineTarget>("lines", *memory_system_);
    for (cpu::HartModule* h : harts_) h->lines.bind(line_target_->socket);
    if (config_.shared().dma.coherent) return;
    side_.emplace([this](PhysAddr line) { return bytes_of(line); }, [this](PhysAddr line) { bytes_changed(line); });
    memory_system_->make_dma_incoherent(*side_);
    for (unsigned n = 0; n < nodes_.size(); ++n)
        nodes_[n].memory->watch_debugger([this, base = parts[n].base](std::uint64_t offset, std::uint64_t length) {
            side_->poked(base + offset, length);
        });
}

std::byte* Machine::bytes_of(PhysAddr line) {
    if (!config_.memory().covers(line)) return nullptr;
    const std::uint64_t bank = config_.machine().memory_per_node.count(), offset = line - map::memory;
    return nodes_[offset / bank].memory->store().at(offset % bank);
}

void Machine::bytes_changed(PhysAddr line) {
    if (code_.line_has_code(line.value())) code_.written(line.value());
    for (cpu::HartModule* h : harts_)
        if (h->hart().reserves(line)) h->hart().break_reservation();
}

Machine::BusMaster::BusMaster(const std::string& name, dev::DmaScript script, std::uint32_t number, DmaTarget target)
    : port{(name + "_port").c_str(), script.node, std::move(target)}, initiator{name.c_str(), std::move(script),
                                                                                number} {
    initiator.socket.bind(port.socket);
}

void Machine::add_bus_master(dev::DmaScript script) {
    const auto number = static_cast<std::uint32_t>(bus_masters_.size());
    bus_masters_.push_back(std::make_unique<BusMaster>(fmt::format("dma_script{}", number), std::move(script), number,
                                                       DmaTarget{[this](PhysAddr line) { return bytes_of(line); },
                                                                 [this](PhysAddr line) { bytes_changed(line); },
                                                                 memory_system_.get(), side_ ? &*side_ : nullptr}));
}

void Machine::map_devices() {
    const auto place = [this](const Place& p, auto& target, unsigned n = 0) {
        bus_.map(p.count > 1 ? fmt::format("{}[{}]", p.name, n) : std::string{p.name}, p.at(n), p.size, target.socket);
    };
    place(map::rom, rom_);
    place(map::finisher, finisher_target_);
    place(map::rtc, rtc_target_);
    place(map::clint, clint_target_);
    if (config_.shared().clint.sswi) {
        sswi_target_ = std::make_unique<RegisterTarget>("sswi", sswi_, latency(config_.shared().clint.latency));
        place(map::sswi, *sswi_target_);
    }
    place(map::plic, plic_target_);
    place(map::uart, uart_target_);
    for (unsigned n = 0; n < map::virtio.count; ++n) {
        slots_.push_back(
            std::make_unique<Slot>(fmt::format("virtio{}", n).c_str(), latency(config_.shared().virtio.latency)));
        place(map::virtio, slots_.back()->target, n);
    }
}

void Machine::wire_interrupts() {
    for (unsigned h = 0; h < config_.harts(); ++h) {
        cpu::HartModule& hart = *harts_[h];
        clint_target_.connect(2 * h, hart, machine_software);
        clint_target_.connect(2 * h + 1, hart, machine_timer);
        plic_target_.connect(2 * h, hart, machine_external);
        plic_target_.connect(2 * h + 1, hart, supervisor_external);
        if (sswi_target_) sswi_target_->connect(h, hart, supervisor_software);
    }
    uart_target_.connect(0, plic_target_, map::uart.interrupt);
    rtc_target_.connect(0, plic_target_, map::rtc.interrupt);
}

void Machine::power_on() {
    for (const Image& image : boot_.images) load(image);
    // From the ROM a hart finds out by itself who it is.
    for (cpu::HartModule* h : harts_) {
        if (boot_.rom.empty())
            h->hart().reset(boot_.pc.value(), h->hart().number(), boot_.tree.value());
        else
            h->hart().reset(boot_.pc.value(), 0, 0);
    }
}

void Machine::load(const Image& image) {
    for (const Segment& s : image.segments) {
        for (std::uint64_t line = s.at.value() / line_bytes * line_bytes; line < s.end(); line += line_bytes) {
            if (!code_.page_has_code(line))
                line |= page_bytes - line_bytes;
            else if (code_.line_has_code(line))
                code_.written(line);
        }
        store(s.at, image.bytes(s));
        clear(s.at + s.file_size, s.size - s.file_size);
    }
}

void Machine::store(PhysAddr at, std::span<const std::byte> bytes) {
    const std::uint64_t bank = config_.machine().memory_per_node.count();
    while (!bytes.empty()) {
        const std::uint64_t offset = at - map::memory;
        const std::size_t n = std::min<std::uint64_t>(bytes.size(), bank - offset % bank);
        nodes_[offset / bank].memory->store().write(offset % bank, bytes.first(n));
        if (side_) side_->poked(at, n);
        bytes = bytes.subspan(n);
        at = at + n;
    }
}

void Machine::clear(PhysAddr at, std::uint64_t length) {
    static constexpr std::array<std::byte, page_bytes> zeros{};
    while (length > 0) {
        const std::uint64_t n = std::min<std::uint64_t>(length, zeros.size());
        store(at, std::span{zeros}.first(n));
        at = at + n;
        length -= n;
    }
}

// Memory keeps what no image overwrites, as it does on a board.
void Machine::restart() {
    for (RegisterTarget* t : {&finisher_target_, &rtc_target_, &uart_target_}) t->reset();
    clint_target_.reset();
    plic_target_.reset();
    if (sswi_target_) sswi_target_->reset();
    for (const auto& slot : slots_) slot->target.reset();
    for (cpu::HartModule* h : harts_) h->hart().sleep_until(to_picoseconds(sc_core::sc_time_stamp()));
    ++resets_;
    power_on();
}

void Machine::finished(const dev::Finish& finish) {
    if (finish_) return;
    if (finish.how == dev::Finish::How::reset) return scheduler_->before_next_turn([this] { restart(); });
    finish_ = finish;
    scheduler_->finish(cpu::Ending::stopped);
}

void Machine::trace_with(TraceSink& sink) {
    std::vector<std::string> paths;
    for_each_hart([&](const std::string& path, cpu::Hart& hart) {
        hart.trace_with(sink, path);
        paths.push_back(path);
    });
    for (std::size_t n = 0; n < bus_masters_.size(); ++n)
        bus_masters_[n]->port.trace_with(sink, fmt::format("dma_script[{}]", n));
    if (!memory_system_) return;
    memory_system_->trace_with(sink, paths);
    for (std::size_t n = 0; n < nodes_.size(); ++n)
        nodes_[n].dram->controller().trace_with(sink, fmt::format("node[{}].dram", n));
}

Outcome Machine::run(const cpu::HartScheduler::Limits& limits) {
    scheduler_->set_limits(limits);
    sc_core::sc_start();
    uart_.drain();
    for (cpu::HartModule* h : harts_) h->hart().end_trace();
    Outcome outcome{scheduler_->ending(), finish_, {}};
    if (outcome.ending != cpu::Ending::stopped) outcome.waits = scheduler_->waits();
    std::vector<cpu::Hart*> harts;
    for (cpu::HartModule* h : harts_) check_identities(*harts.emplace_back(&h->hart()));
    if (memory_system_) {
        std::vector<DramMemory*> memories;
        for (const Node& n : nodes_) memories.push_back(n.dram.get());
        check_identities(*memory_system_, harts, memories);
    }
    return outcome;
}

std::vector<std::string> Machine::doubts() {
    constexpr std::uint64_t tolerated_percent = 1;
    std::vector<std::string> lines;
    for (std::size_t n = 0; n < nodes_.size() && memory_system_; ++n) {
        mem::DramController& dram = nodes_[n].dram->controller();
        for (std::size_t c = 0; c < dram.channels(); ++c) {
            const mem::DramCounters& counted = dram.channel(c).counters();
            if (!dram.channel(c).skewed(tolerated_percent)) continue;
            const auto mean = [&](Count sum) { return static_cast<double>(sum) / static_cast<double>(counted.reads); };
            lines.push_back(fmt::format(
                "node[{}].dram[{}]: {} of {} reads came behind a later one of their bank, on average of all by {:.1f} "
                "clocks, more than {} % of the mean latency of {:.1f}: sim.quantum may be too long for what harts "
                "share",
                n, c, counted.late, counted.reads, mean(counted.skew_cycles), tolerated_percent,
                mean(counted.read_cycles)));
        }
    }
    return lines;
}

} // namespace tollgate::machine
