#include "machine/device_tree.hh"
#include "abi/finisher_regs.hh"
#include "base/random.hh"
#include "config/error.hh"
#include "cpu/isa/extensions.hh"
#include "machine/memory_map.hh"
#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <libfdt.h>
#include <stdexcept>

namespace tollgate::machine {
namespace {

using Strings = std::initializer_list<std::string_view>;

/// libfdt's sequential writer; a node is open as long as its Node lives.
class Writer {
  public:
    explicit Writer(std::size_t room) : blob_(room) {
        check(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
        check(fdt_finish_reservemap(blob_.data()));
    }

    class Node {
      public:
        Node(Writer& w, const std::string& name) : writer_{w} { check(fdt_begin_node(w.blob(), name.c_str())); }
        ~Node() { fdt_end_node(writer_.blob()); }
        Node(const Node&) = delete;
        Node& operator=(const Node&) = delete;

      private:
        Writer& writer_;
    };

    void flag(const char* name) { check(fdt_property(blob(), name, nullptr, 0)); }
    void cell(const char* name, std::uint32_t v) { check(fdt_property_u32(blob(), name, v)); }
    void text(const char* name, std::string_view s) { texts(name, {s}); }
    void texts(const char* name, Strings strings) {
        std::string all;
        for (const std::string_view s : strings) all.append(s) += '\0';
        check(fdt_property(blob(), name, all.data(), static_cast<int>(all.size())));
    }
    void cells(const char* name, const std::vector<std::uint32_t>& values) {
        std::vector<fdt32_t> big;
        for (const std::uint32_t v : values) big.push_back(cpu_to_fdt32(v));
        check(fdt_property(blob(), name, big.data(), static_cast<int>(big.size() * sizeof big[0])));
    }
    /// Address and size in two cells each.
    void reg(PhysAddr base, std::uint64_t size) {
        cells("reg", {high(base.value()), low(base.value()), high(size), low(size)});
    }
    void quad(const char* name, std::uint64_t v) { check(fdt_property_u64(blob(), name, v)); }

    std::vector<std::byte> finish() {
        check(fdt_finish(blob()));
        blob_.resize(fdt_totalsize(blob()));
        return std::move(blob_);
    }
    void* blob() { return blob_.data(); }

  private:
    static std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }
    static std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
    static void check(int error) {
        if (error != 0) throw std::logic_error(fmt::format("device tree: {}", fdt_strerror(error)));
    }
    std::vector<std::byte> blob_;
};

using Node = Writer::Node;

// Phandles: what each hart and each node has of its own is numbered by them.
constexpr std::uint32_t plic_handle = 1, finisher_handle = 2, first_llc_handle = 3, first_hart_handle = 16,
                        first_l2_handle = first_hart_handle + 2 * max_harts;
static_assert(first_llc_handle + max_harts <= first_hart_handle, "a node has a hart at least");
std::uint32_t hart_handle(unsigned hart) { return first_hart_handle + 2 * hart; }
std::uint32_t intc_handle(unsigned hart) { return first_hart_handle + 2 * hart + 1; }

class Tree {
  public:
    Tree(const MachineConfig& config, const Chosen& chosen)
        : config_{config}, w_{(64u << 10) + chosen.bootargs.size()} {
        {
            const Node root{w_, ""};
            w_.cell("#address-cells", 2);
            w_.cell("#size-cells", 2);
            w_.text("compatible", "riscv-virtio");
            w_.text("model", "tollgate");
            add_chosen(chosen);
            add_cpus();
            for (unsigned n = 0; n < config_.machine().nodes; ++n) add_last_level(n);
            add_memory();
            add_soc();
            add_power("poweroff", "syscon-poweroff", abi::finisher::pass);
            add_power("reboot", "syscon-reboot", abi::finisher::reset);
        }
    }
    std::vector<std::byte> finish() { return w_.finish(); }

  private:
    bool numa() const { return config_.machine().nodes > 1; }

    void add_chosen(const Chosen& chosen) {
        const Node node{w_, "chosen"};
        w_.text("stdout-path", fmt::format("/soc/serial@{:x}", map::uart.base.value()));
        if (!chosen.bootargs.empty()) w_.text("bootargs", chosen.bootargs);
        if (chosen.initrd) {
            w_.quad("linux,initrd-start", chosen.initrd->first.value());
            w_.quad("linux,initrd-end", chosen.initrd->second.value());
        }
        Random random{config_.sim().seed};
        std::vector<std::uint32_t> seed;
        for (int i = 0; i < 8; ++i) seed.push_back(static_cast<std::uint32_t>(random.next()));
        w_.cells("rng-seed", seed);
    }

    void add_tlb(char kind, const mmu::TlbParams& tlb) {
        const std::uint32_t ways = tlb.ways == 0 ? tlb.entries : tlb.ways;
        w_.cell(fmt::format("{}-tlb-size", kind).c_str(), tlb.entries);
        w_.cell(fmt::format("{}-tlb-sets", kind).c_str(), tlb.entries / ways);
    }

    /// Devicetree v0.4 §3.8; `prefix` is "i-", "d-" or nothing.
    void add_cache(const char* prefix, Bytes size, std::uint32_t ways) {
        w_.cell(fmt::format("{}cache-size", prefix).c_str(), static_cast<std::uint32_t>(size.count()));
        w_.cell(fmt::format("{}cache-sets", prefix).c_str(), cache::sets_of(prefix, size, ways));
        w_.cell(fmt::format("{}cache-block-size", prefix).c_str(), line_bytes);
    }

    /// What shared caches have in common: Devicetree v0.4 §3.9.
    void add_unified(Bytes size, std::uint32_t ways, std::uint32_t level, std::uint32_t handle) {
        w_.text("compatible", "cache");
        w_.flag("cache-unified");
        w_.cell("cache-level", level);
        add_cache("", size, ways);
        w_.cell("phandle", handle);
    }

    void add_last_level(unsigned number) {
        const NodeConfig& n = config_.nodes()[number];
        const bool third = std::any_of(n.l2.begin(), n.l2.end(), [](const cache::L2Params& l2) { return l2.present; });
        const std::uint32_t level = third ? 3 : 2;
        const Node node{w_, fmt::format("l{}-cache{}", level, number)};
        add_unified(n.llc.size, n.llc.ways, level, first_llc_handle + number);
    }

    void add_cpu(unsigned number) {
        const unsigned on_node = number / config_.machine().harts_per_node;
        const cpu::HartConfig& hart = config_.hart(number);
        const cache::L2Params& l2 = config_.nodes()[on_node].l2[number % config_.machine().harts_per_node];
        const std::uint32_t llc_handle = first_llc_handle + on_node, l2_handle = first_l2_handle + number;
        const auto isa = cpu::isa::Extensions::parse(hart.hart.isa);
        const Node node{w_, fmt::format("cpu@{:x}", number)};
        w_.text("device_type", "cpu");
        w_.cell("reg", number);
        w_.text("status", "okay");
        w_.text("compatible", "riscv");
        w_.text("riscv,isa", isa.string());
        w_.text("mmu-type", "riscv,sv57");
        if (isa.contains(cpu::isa::Extension::Zicbom)) w_.cell("riscv,cbom-block-size", line_bytes);
        if (isa.contains(cpu::isa::Extension::Zicboz)) w_.cell("riscv,cboz-block-size", line_bytes);
        w_.quad("clock-frequency", hart.hart.clock.count());
        w_.flag("tlb-split");
        add_tlb('i', hart.mmu.itlb);
        add_tlb('d', hart.mmu.dtlb);
        add_cache("i-", hart.l1i.size, hart.l1i.ways);
        add_cache("d-", hart.l1d.size, hart.l1d.ways);
        w_.cell("next-level-cache", l2.present ? l2_handle : llc_handle);
        if (numa()) w_.cell("numa-node-id", on_node);
        w_.cell("phandle", hart_handle(number));
        if (l2.present) {
            const Node second{w_, "l2-cache"};
            add_unified(l2.size, l2.ways, 2, l2_handle);
            w_.cell("next-level-cache", llc_handle);
        }
        const Node intc{w_, "interrupt-controller"};
        w_.cell("#interrupt-cells", 1);
        w_.flag("interrupt-controller");
        w_.text("compatible", "riscv,cpu-intc");
        w_.cell("phandle", intc_handle(number));
    }

    void add_cpus() {
        const Node cpus{w_, "cpus"};
        w_.cell("#address-cells", 1);
        w_.cell("#size-cells", 0);
        w_.cell("timebase-frequency", static_cast<std::uint32_t>(config_.shared().clint.timebase.count()));
        for (unsigned h = 0; h < config_.harts(); ++h) add_cpu(h);
        const Node map{w_, "cpu-map"};
        const unsigned per_node = config_.machine().harts_per_node;
        for (unsigned n = 0; n < config_.machine().nodes; ++n) {
            const Node cluster{w_, fmt::format("cluster{}", n)};
            for (unsigned h = 0; h < per_node; ++h) {
                const Node core{w_, fmt::format("core{}", h)};
                w_.cell("cpu", hart_handle(n * per_node + h));
            }
        }
    }

    void add_memory() {
        const std::uint64_t size = config_.machine().memory_per_node.count();
        const unsigned nodes = config_.machine().nodes;
        for (unsigned n = 0; n < nodes; ++n) {
            const PhysAddr base = map::memory + n * size;
            const Node memory{w_, fmt::format("memory@{:x}", base.value())};
            w_.text("device_type", "memory");
            w_.reg(base, size);
            if (numa()) w_.cell("numa-node-id", n);
        }
        if (!numa()) return;
        const Node distances{w_, "distance-map"};
        w_.text("compatible", "numa-distance-map-v1");
        const bus::Network network{nodes, config_.shared().link};
        std::vector<std::uint32_t> matrix;
        for (unsigned from = 0; from < nodes; ++from)
            for (unsigned to = 0; to < nodes; ++to) matrix.insert(matrix.end(), {from, to, network.distance(from, to)});
        w_.cells("distance-matrix", matrix);
    }

    /// The interrupts of every hart's own controller that a device drives.
    void add_extended(std::initializer_list<std::uint32_t> lines) {
        std::vector<std::uint32_t> cells;
        for (unsigned h = 0; h < config_.harts(); ++h)
            for (const std::uint32_t line : lines) cells.insert(cells.end(), {intc_handle(h), line});
        w_.cells("interrupts-extended", cells);
    }

    void add_interrupt(std::uint32_t source) {
        w_.cell("interrupts", source);
        w_.cell("interrupt-parent", plic_handle);
    }

    static std::string at(const char* name, PhysAddr base) { return fmt::format("{}@{:x}", name, base.value()); }

    void add_soc() {
        const Node soc{w_, "soc"};
        w_.cell("#address-cells", 2);
        w_.cell("#size-cells", 2);
        w_.text("compatible", "simple-bus");
        w_.flag("ranges");
        w_.flag(config_.shared().dma.coherent ? "dma-coherent" : "dma-noncoherent");
        add_platform();
        {
            const Node serial{w_, at("serial", map::uart.base)};
            w_.text("compatible", "ns16550a");
            w_.reg(map::uart.base, map::uart.size.count());
            w_.cell("clock-frequency", 3'686'400); // of QEMU's; the divisor made of it does not matter
            add_interrupt(map::uart.interrupt);
        }
        {
            const Node rtc{w_, at("rtc", map::rtc.base)};
            w_.text("compatible", "google,goldfish-rtc");
            w_.reg(map::rtc.base, map::rtc.size.count());
            add_interrupt(map::rtc.interrupt);
        }
        for (unsigned n = 0; n < map::virtio.count; ++n) {
            const Node slot{w_, at("virtio_mmio", map::virtio.at(n))};
            w_.text("compatible", "virtio,mmio");
            w_.reg(map::virtio.at(n), map::virtio.size.count());
            add_interrupt(map::virtio.interrupt + n);
        }
    }

    void add_platform() {
        {
            const Node test{w_, at("test", map::finisher.base)};
            w_.texts("compatible", {"sifive,test1", "sifive,test0", "syscon"});
            w_.reg(map::finisher.base, map::finisher.size.count());
            w_.cell("phandle", finisher_handle);
        }
        {
            const Node clint{w_, at("clint", map::clint.base)};
            w_.texts("compatible", {"sifive,clint0", "riscv,clint0"});
            w_.reg(map::clint.base, map::clint.size.count());
            add_extended({3, 7}); // machine software and timer
        }
        if (config_.shared().clint.sswi) {
            const Node sswi{w_, at("sswi", map::sswi.base)};
            w_.text("compatible", "riscv,aclint-sswi");
            w_.reg(map::sswi.base, map::sswi.size.count());
            w_.cell("#interrupt-cells", 0);
            w_.flag("interrupt-controller");
            add_extended({1}); // supervisor software
        }
        const Node plic{w_, at("plic", map::plic.base)};
        w_.texts("compatible", {"sifive,plic-1.0.0", "riscv,plic0"});
        w_.reg(map::plic.base, map::plic.size.count());
        w_.cell("#interrupt-cells", 1);
        w_.cell("#address-cells", 0);
        w_.flag("interrupt-controller");
        add_extended({11, 9}); // machine and supervisor external: the order of the contexts
        w_.cell("riscv,ndev", abi::plic::sources);
        w_.cell("phandle", plic_handle);
    }

    void add_power(const char* name, const char* compatible, std::uint32_t value) {
        const Node node{w_, name};
        w_.text("compatible", compatible);
        w_.cell("regmap", finisher_handle);
        w_.cell("offset", 0);
        w_.cell("value", value);
    }

    const MachineConfig& config_;
    Writer w_;
};

} // namespace

std::vector<std::byte> device_tree(const MachineConfig& config, const Chosen& chosen) {
    return Tree{config, chosen}.finish();
}

std::vector<std::byte> patched_tree(const std::string& name, std::vector<std::byte> tree, const Chosen& chosen) {
    const auto check = [&](int error) {
        if (error < 0)
            throw config::BadFile(
                fmt::format("{}: {}; expected a flattened device tree", config::quoted(name), fdt_strerror(error)));
        return error;
    };
    check(fdt_check_full(tree.data(), tree.size()));
    constexpr std::size_t room = 1024; // for new properties and their names
    std::vector<std::byte> out(fdt_totalsize(tree.data()) + chosen.bootargs.size() + room);
    check(fdt_open_into(tree.data(), out.data(), static_cast<int>(out.size())));
    int node = fdt_path_offset(out.data(), "/chosen");
    if (node == -FDT_ERR_NOTFOUND) node = fdt_add_subnode(out.data(), 0, "chosen");
    check(node);
    if (!chosen.bootargs.empty())
        check(fdt_setprop(out.data(), node, "bootargs", chosen.bootargs.c_str(),
                          static_cast<int>(chosen.bootargs.size() + 1)));
    if (chosen.initrd) {
        check(fdt_setprop_u64(out.data(), node, "linux,initrd-start", chosen.initrd->first.value()));
        check(fdt_setprop_u64(out.data(), node, "linux,initrd-end", chosen.initrd->second.value()));
    }
    check(fdt_pack(out.data()));
    out.resize(fdt_totalsize(out.data()));
    return out;
}

} // namespace tollgate::machine
