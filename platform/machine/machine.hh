/// The whole machine: nodes, harts, memory, bus, devices, and who is wired to whom.
#pragma once
#include "bus/router.hh"
#include "cpu/hart_scheduler.hh"
#include "dev/character_backend.hh"
#include "dev/finisher.hh"
#include "dev/scripted_initiator.hh"
#include "dev/transfer_times.hh"
#include "machine/boot_plan.hh"
#include "machine/dma_port.hh"
#include "machine/dram_memory.hh"
#include "machine/line_target.hh"
#include "machine/machine_config.hh"
#include "machine/serial_input.hh"
#include "mem/memory.hh"
#include <memory>
#include <optional>
#include <vector>

namespace tollgate::machine {

/// How a run ended.
struct Outcome {
    cpu::Ending ending = cpu::Ending::running;
    std::optional<dev::Finish> finish; ///< when the guest ended it
    std::vector<std::string> waits;    ///< when it did not: where each hart stands
};

class Machine : public sc_core::sc_module, private dev::FinishListener {
  public:
    /// Builds it and switches it on: memory is loaded, every hart stands at its first instruction. The configuration
    /// and the console outlive it. Costs what the images cost, whatever the size of memory.
    Machine(const sc_core::sc_module_name& name, const MachineConfig& config, const BootPlan& boot,
            dev::CharacterBackend& console);

    /// Puts a bus master that plays a script on the crossbar of the script's node, which must be one of the machine's.
    /// Before it runs.
    void add_bus_master(dev::DmaScript script);

    /// Runs until it ends; once. What the guest has sent is then with the console.
    Outcome run(const cpu::HartScheduler::Limits& limits);

    /// Reasons to doubt the figures of a run that has ended, a line each: channels whose reads came out of order by
    /// more than 1 % of the mean latency on average.
    std::vector<std::string> doubts();

    /// Every part's events go to a timeline, which outlives the machine. Before run(), once.
    void trace_with(TraceSink& sink);

    const MachineConfig& config() const { return config_; }
    cpu::HartScheduler& scheduler() { return *scheduler_; }
    /// All harts, by number.
    const std::vector<cpu::HartModule*>& harts() const { return harts_; }
    mem::Memory& memory(unsigned node) { return *nodes_[node].memory; }
    const bus::Router& bus() const { return bus_; }
    /// The latest time that a hart or a device has reached.
    Picoseconds time() const { return scheduler_->machine_time(); }
    /// How often the guest has reset it.
    std::uint64_t resets() const { return resets_; }

    /// Calls f(path, hart) for every hart, by number.
    template <class F> void for_each_hart(F&& f) {
        for (std::size_t n = 0; n < nodes_.size(); ++n)
            for (std::size_t h = 0; h < nodes_[n].harts.size(); ++h)
                f("node[" + std::to_string(n) + "].hart[" + std::to_string(h) + "]", nodes_[n].harts[h]->hart());
    }

    /// Calls f(path, counters) for every struct of counters, or f(path, function) for one that is worked out when
    /// asked; paths carry their indices.
    template <class F> void for_each_counters(F&& f) {
        for_each_hart([&](const std::string& at, cpu::Hart& hart) {
            f(at, [&hart] { return hart.counters(); });
            f(at + ".itlb", hart.mmu_counters().itlb);
            f(at + ".dtlb", hart.mmu_counters().dtlb);
            f(at + ".l2tlb", hart.mmu_counters().l2tlb);
            f(at + ".walker", hart.mmu_counters().walker);
            f(at + ".faults", hart.mmu_counters().faults);
            f(at + ".fences", hart.mmu_counters().fences);
            if (!memory_system_) return;
            add_cache(f, at + ".l1i", [&hart] { return hart.l1i_counters(); });
            add_cache(f, at + ".l1d", [&hart] { return hart.l1d_counters(); });
            if (const cache::PrivateCache* l2 = memory_system_->l2(hart.number()))
                add_cache(f, at + ".l2", [l2] { return l2->level().counters(); });
        });
        for (std::size_t n = 0; n < nodes_.size(); ++n) {
            const std::string at = "node[" + std::to_string(n) + "].memory";
            f(at, nodes_[n].memory->counters());
            f(at, nodes_[n].memory->store().counters());
        }
        if (memory_system_) for_each_shared_counters(f);
        f("bus", bus_.counters());
        f("finisher", finisher_target_.counters());
        f("rtc", rtc_.counters());
        f("rtc", rtc_target_.counters());
        f("clint", clint_.counters());
        f("clint", clint_target_.counters());
        if (sswi_target_) {
            f("clint.sswi", sswi_.counters());
            f("clint.sswi", sswi_target_->counters());
        }
        f("plic", plic_.counters());
        f("plic", plic_target_.counters());
        f("uart", uart_.counters());
        f("uart", uart_target_.counters());
        for (std::size_t n = 0; n < slots_.size(); ++n)
            f("virtio[" + std::to_string(n) + "]", slots_[n]->target.counters());
        if (side_) f("dma.side_table", side_->counters());
        for (std::size_t n = 0; n < bus_masters_.size(); ++n) {
            const std::string at = "dma_script[" + std::to_string(n) + "]";
            const dev::ScriptedInitiator& master = bus_masters_[n]->initiator;
            f(at, master.counters());
            f(at + ".port", bus_masters_[n]->port.counters());
            f(at + ".read_times", [&master] { return dev::transfer_times(master.read_times()); });
            f(at + ".write_times", [&master] { return dev::transfer_times(master.write_times()); });
        }
    }

  private:
    struct Node {
        std::vector<std::unique_ptr<cpu::HartModule>> harts;
        std::unique_ptr<mem::Memory> memory;
        std::unique_ptr<DramMemory> dram; // null: nothing takes time
    };
    struct Slot {
        Slot(const sc_core::sc_module_name& name, Picoseconds latency) : target{name, device, latency} {}
        dev::EmptyVirtioSlot device;
        RegisterTarget target;
    };
    struct BusMaster {
        BusMaster(const std::string& name, dev::DmaScript script, std::uint32_t number, DmaTarget target);
        DmaPort port;
        dev::ScriptedInitiator initiator;
    };

    template <class F, class Read> static void add_cache(F& f, const std::string& at, const Read& read) {
        f(at, [read] { return cache::totals(read()); });
        f(at, read);
    }
    template <class F> void for_each_shared_counters(F& f) {
        for (unsigned n = 0; n < nodes_.size(); ++n) {
            const std::string at = "node[" + std::to_string(n) + "]";
            add_cache(f, at + ".llc", [&llc = memory_system_->llc(n)] { return llc.level().counters(); });
            f(at + ".directory", memory_system_->directory(n).counters());
            f(at + ".crossbar", memory_system_->crossbar(n).counters());
            mem::DramController& dram = nodes_[n].dram->controller();
            for (std::size_t c = 0; c < dram.channels(); ++c)
                f(at + ".dram[" + std::to_string(c) + "]", dram.channel(c).counters());
        }
        const bus::Network& network = memory_system_->network();
        const std::vector<bus::Network::Link> links = network.links();
        for (std::size_t i = 0; i < links.size(); ++i)
            f("node[" + std::to_string(links[i].from) + "].link[" + std::to_string(links[i].to) + "]",
              [&network, i] { return network.links()[i].counters; });
    }
    void build_nodes();
    void build_memory_system();
    void map_devices();
    void wire_interrupts();
    /// The bytes of a line of memory; null where none is.
    std::byte* bytes_of(PhysAddr line);
    /// A line's bytes are others now, and no hart wrote them.
    void bytes_changed(PhysAddr line);
    void load(const Image& image);
    void store(PhysAddr at, std::span<const std::byte> bytes);
    void clear(PhysAddr at, std::uint64_t length);
    void power_on();
    void restart();
    void finished(const dev::Finish& finish) override;
    Picoseconds latency(Picoseconds t) const { return config_.timed() ? t : Picoseconds{0}; }
    dev::UartParams uart_params() const;

    const MachineConfig& config_;
    const BootPlan& boot_;
    std::optional<dev::Finish> finish_;
    std::uint64_t resets_ = 0;

    // What the harts share.
    cpu::DecodeCache code_;
    cache::LineTable lines_;
    cpu::HartGroup group_;

    bus::Router bus_;
    dev::Rom rom_;
    dev::Finisher finisher_;
    RegisterTarget finisher_target_;
    dev::Rtc rtc_;
    RegisterTarget rtc_target_;
    dev::Clint clint_;
    dev::ClintTarget clint_target_;
    dev::Sswi sswi_;
    std::unique_ptr<RegisterTarget> sswi_target_; // null: not asked for
    dev::Plic plic_;
    dev::PlicTarget plic_target_;
    dev::Uart uart_;
    RegisterTarget uart_target_;
    std::vector<std::unique_ptr<Slot>> slots_;

    std::vector<Node> nodes_;
    std::vector<cpu::HartModule*> harts_;
    std::unique_ptr<MemorySystem> memory_system_; // null: nothing takes time
    std::unique_ptr<LineTarget> line_target_;
    std::optional<SideTable> side_; // none: DMA is coherent
    std::vector<std::unique_ptr<BusMaster>> bus_masters_;
    std::unique_ptr<cpu::HartScheduler> scheduler_;
    SerialInput serial_input_;
};

} // namespace tollgate::machine
