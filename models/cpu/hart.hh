/// A hart: architectural state, traps, memory accesses, and its run loop. A plain class; hart_module.hh is its shell.
///
/// State of the instruction set and state of time are apart: x_, f_, csr_, pc_ give the same result under every timing
/// parameter; pipeline_, mmu_ and stamp_ say when.
#pragma once
#include "cache/cache_level.hh"
#include "cache/line_table.hh"
#include "cache/snoop.hh"
#include "cpu/csr.hh"
#include "cpu/decode_cache.hh"
#include "cpu/hart_counters.hh"
#include "cpu/hart_trace.hh"
#include "cpu/isa/fp.hh"
#include "cpu/look_aside.hh"
#include "cpu/pipeline.hh"
#include "cpu/port.hh"
#include "mmu/mmu.hh"
#include <bitset>
#include <memory>
#include <optional>
#include <span>

namespace tollgate::cpu {

struct HartConfig {
    HartParams hart;
    LatencyParams latency;
    cache::L1iParams l1i;
    cache::L1dParams l1d;
    BranchParams branch;
    StoreBufferParams store_buffer;
    mmu::MmuParams mmu;
    cache::CachedMemory memory; ///< all of the machine's
    mmu::PmpParams pmp;
    bool timed = true;
    bool look_aside = true;   ///< host-side short cut: see look_aside.hh
    bool decode_cache = true; ///< host-side short cut: see decode_cache.hh
};

/// Why run() came back.
enum class Stop : std::uint8_t {
    horizon,  ///< the horizon was reached
    sync,     ///< the next access must be made in the order of time: run again when this hart is the furthest behind
    asleep,   ///< in wfi, nothing pending
    debugger, ///< the debugger stopped it in front of an instruction
};

class Hart;

/// What the harts of one machine share.
struct HartGroup {
    std::vector<Hart*> harts;          // [number]
    DecodeCache* code = nullptr;       ///< not null
    cache::LineTable* lines = nullptr; ///< null with one hart
    const Hart* last = nullptr;        ///< the one that ran last
};

class Hart final : public cache::Holder, private mmu::PteMemory, private mmu::EntryListener {
  public:
    /// `number` is mhartid and the index in the group. Port and group outlive the hart.
    Hart(unsigned number, const HartConfig& config, HartPort& port, HartGroup& group);
    Hart(const Hart&) = delete;

    // ---- running
    /// Starts at pc in machine mode with a0 and a1 set, everything else as after reset (Priv §3.4).
    void reset(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2 = 0);
    /// Runs until the horizon, at most one block beyond it, or until another reason to stop.
    Stop run(Picoseconds horizon);
    /// The hart's own time: when its next instruction can issue.
    Picoseconds now() const { return time_at(stamp_); }
    /// Sleeping harts: the time passes, charged as asleep; awake ones are not moved.
    void sleep_until(Picoseconds t);
    bool asleep() const { return asleep_; }
    bool wants_sync() const { return sync_; }
    /// What waits for its turn is an access to a device, so SystemC must stand at the hart's time.
    bool wants_device() const { return sync_ && sync_device_; }
    /// Whether a sleeping hart has reason to wake (Priv §3.3.3): pending and enabled, whatever the global enables say.
    bool can_wake() { return (pending() & csr_.mie) != 0; }
    /// When the supervisor timer compares next (Sstc), max if it does not.
    Picoseconds timer_deadline() const;
    /// The time base was written: the supervisor timer compares at another time.
    void timer_changed();
    /// Leaves run() at the end of the running block.
    void stop_soon() { leave_soon_ = true, request_attention(); }
    /// An interrupt line of `mip` changes at time `at`.
    void set_line(abi::Interrupt line, bool high, Picoseconds at);

    // ---- the group
    /// Another hart (or a device) wants the line: the look-asides forget it, or only the right to write it.
    void give_up(PhysAddr line, bool keep_reading);
    /// The levels below take a line of the L1s.
    cache::Given give(PhysAddr line, cache::Claim claim) override;
    bool reserves(PhysAddr line) const {
        return reserved_ && (reservation_ >> line_shift) == line.value() >> line_shift;
    }
    void break_reservation() { reserved_ = false; }
    bool holds_reservation(PhysAddr pa) const { return reserved_ && reservation_ == pa.value(); }

    // ---- looking at it
    unsigned number() const { return number_; }
    const HartConfig& config() const { return config_; }
    /// Counters as of now; cycles included.
    const HartCounters& counters();
    const HostCounters& host_counters() const { return host_; }
    cache::CacheCounters l1d_counters() const;
    cache::CacheCounters l1i_counters() const;
    const cache::CacheLevel& l1d() const { return l1d_; }
    const cache::CacheLevel& l1i() const { return l1i_; }
    const mmu::MmuCounters& mmu_counters() const { return mmu_.counters(); }
    /// Slots by cause; they add up to slots().
    std::array<std::uint64_t, causes> slots_by_cause() const;
    std::uint64_t slots() const { return stamp_ >> stamp_shift; }
    void set_observer(HartObserver* o) {
        if (trace_) trace_->set_next(o);
        observer_ = trace_ ? trace_.get() : o;
    }
    /// What the hart does goes to a timeline, on rows below `path`; once. The sink outlives the hart.
    void trace_with(TraceSink& sink, const std::string& path);
    /// The run is over: what goes on ends here.
    void end_trace() {
        if (trace_) trace_->end(now());
    }
    /// With a debugger the hart runs in observed mode.
    void set_debugger(Debugger* d) { debugger_ = d; }

    std::uint64_t pc() const { return pc_; }
    void set_pc(std::uint64_t pc) {
        pc_ = pc;
        counters_.not_retired += sync_;
        sync_ = mid_block_ = false; // what waited for its turn is not the next instruction any more
    }
    std::uint64_t x(unsigned i) const { return i == 0 ? 0 : x_[i]; }
    void set_x(unsigned i, std::uint64_t v) {
        if (i != 0) x_[i] = v;
    }
    std::uint64_t f(unsigned i) const { return f_[i]; }
    void set_f(unsigned i, std::uint64_t v) { f_[i] = v; }
    abi::Privilege privilege() const { return privilege_; }
    void set_privilege(abi::Privilege p);
    /// Debugger's access to a CSR: no privilege is checked. Empty when there is none.
    std::optional<std::uint64_t> peek_csr(unsigned number);
    bool poke_csr(unsigned number, std::uint64_t value);
    /// The translation of an address as the hart would see it now, without effect. Empty where nothing is mapped.
    std::optional<PhysAddr> peek_address(std::uint64_t va);
    /// Debugger's accesses to memory, inside one page, without time and counters; decoded code and reservations follow
    /// the writes. False where no memory is.
    bool peek_memory(PhysAddr pa, std::span<std::byte> bytes) { return port_.debug(pa, bytes, false); }
    bool poke_memory(PhysAddr pa, std::span<std::byte> bytes);
    const mmu::Mmu& mmu() const { return mmu_; }
    HartPort& port() { return port_; }
    Picoseconds time_at(Stamp s) const;
    /// The first stamp at or after a time.
    Stamp stamp_at(Picoseconds t) const;

  private:
    friend struct CsrAccess; // csr.cc: the rows' semantics
    template <class Pipeline, class Mode> friend struct Exec;

    // ---- run loop (execute.hh; one instantiation per pipeline and mode)
    template <class Pipeline, class Mode> void loop(Pipeline& pipe);
    void run_timed_fast();
    void run_timed_observed();
    void run_timed_resumed();
    void run_functional_fast();
    void run_functional_observed();
    void run_functional_resumed();
    void run_fast() { config_.timed ? run_timed_fast() : run_functional_fast(); }
    void run_observed() { config_.timed ? run_timed_observed() : run_functional_observed(); }
    void run_resumed() { config_.timed ? run_timed_resumed() : run_functional_resumed(); }
    /// At a block's border with a reason to look: interrupts, horizon, stop. False: leave the loop.
    bool boundary();
    void request_attention() { horizon_ = 0; }

    // ---- fetch (fetch.cc)
    /// The block at pc_: fills the entry of the block look-aside. Null: a trap was taken.
    const Block* fetch_slow(BlockEntry& entry);
    /// Before bytes become decoded code: stores to them must be noticed from now on.
    void code_begins(PhysAddr pa, unsigned bytes);
    void retire_partly(const Block& block, unsigned done);
    void retire_one(const isa::Insn& d);

    // ---- L1 caches (l1.cc), timed mode only
    struct LineUse {                                 // what an access found or fetched
        std::uint32_t index = cache::TagArray::none; // of the L1D's way; none: it has left already
        Stamp ready = 0;                             // while it is under way: until when, and the cause of waiting
        Stamp start = 0;                             // when a miss register was free; 0: at once
    };
    LineUse use_line(PhysAddr pa, AccessKind kind, bool exclusive, Stamp at);
    void prefetch(PhysAddr line, Picoseconds now, Stamp used);
    /// Puts a line into the L1D and hands down what leaves it.
    std::uint32_t fill_line(PhysAddr line, cache::LineState state, Picoseconds ready, Stamp used, Picoseconds now,
                            bool prefetched);
    /// The look-aside forgets a line, or only the right to write it. Returns when the hart last wrote it, if known.
    Picoseconds forget_line(PhysAddr line, bool keep_reading);
    /// A store's line: room in the store buffer, then the line with the right to write it.
    LineUse store_line(PhysAddr pa, const std::byte* host, unsigned size, Stamp& t, Stamp& s);
    /// When a load at t of a line that is under way until `ready` has its value: the store buffer may have it.
    Stamp load_early(std::uint64_t host, unsigned size, Stamp t, Stamp ready);
    mmu::PteRead walk_line(PhysAddr pte, const std::byte* page, std::uint64_t at_cycle, bool exclusive);
    /// Has the line of an instruction in the L1I; returns its way's stamp of use, null if it has left already.
    std::uint64_t* fetch_line(PhysAddr pa, std::uint64_t va, Stamp& t, Stamp& s);
    void forget_code(std::uint32_t index);
    void empty_l1i();
    Stamp stamp_with(Picoseconds when, mmu::Source source) const;
    static mmu::Source source_of(Stamp ready);

    // ---- memory (memory.cc); false: the instruction did not complete (trap_ or sync_ tells why)
    struct Place {                 // where the bytes of an access are
        std::byte* host = nullptr; // null: a device
        PhysAddr pa;
        bool ok = false;
    };
    struct HeldLine { // which look-aside entry serves a line of memory; one each, so that it can be taken away
        std::uint64_t line = ~0ull;
        DataTable* table = nullptr;
        std::size_t index = 0;
        std::uint64_t va_line = 0;
    };
    void drop_held(HeldLine& held);
    bool load_slow(std::uint64_t va, unsigned size, Stamp& t, Stamp& s);
    bool store_slow(std::uint64_t va, unsigned size, std::uint64_t value, Stamp& t, Stamp& s);
    /// Translates, checks and orders an access inside one page for an atomic: null when it did not complete.
    std::byte* atomic_place(std::uint64_t va, unsigned size, mmu::Access access, bool exclusive, bool conditional,
                            Stamp& t, Stamp& s, PhysAddr& pa);
    bool cbo(std::uint64_t va, LineCare care, Stamp& t, Stamp& s);
    Place place(std::uint64_t va, unsigned size, mmu::Access access, Stamp& t, Stamp& s, mmu::TlbEntry** entry);
    mmu::Translation translate(std::uint64_t va, mmu::Access access, const mmu::Context& c, Stamp& t, Stamp& s);
    void charge_walk(const mmu::WalkCost& cost, Stamp& t, Stamp& s);
    bool order(PhysAddr pa, bool store, Stamp& t, Stamp& s, bool& keep_entry);
    void install(std::uint64_t va, PhysAddr pa, std::byte* host, mmu::TlbEntry* entry, bool store, Stamp t,
                 const LineUse& use);
    bool device_access(PhysAddr pa, std::byte* data, unsigned size, bool write, Stamp& t, Stamp& s);
    std::byte* host_page(PhysAddr pa);
    void code_written(PhysAddr pa, unsigned size);
    void wrote_line(PhysAddr pa, Stamp t);
    void drop_data_entry(DataTable& table, std::size_t index, bool load, bool store);
    std::size_t data_index(std::uint64_t va) const { return (va >> granule_shift_) & granule_mask_; }
    mmu::PteRead read(PhysAddr pte, std::uint64_t at_cycle, bool timed) override;
    bool update(PhysAddr pte, std::uint64_t expected, std::uint64_t desired, std::uint64_t at_cycle, bool timed,
                mmu::PteRead& cost) override;
    void dropped(mmu::TlbEntry& entry, mmu::Access tlb) override;

    // ---- traps and contexts (trap.cc)
    /// Takes the exception of the instruction at at_. Always false.
    bool raise(abi::Exception cause, std::uint64_t tval);
    /// Takes an exception of the instruction at at_, issued or not.
    void except(abi::Exception cause, std::uint64_t tval);
    void enter_trap(std::uint64_t cause, std::uint64_t tval, bool interrupt);
    std::uint64_t pending() const;
    bool take_interrupt();
    bool mret();
    bool sret();
    bool wfi();
    bool fence_vma(std::uint64_t va, std::uint64_t asid, bool has_va, bool has_asid, std::uint32_t raw);
    bool fence_i();
    /// Privilege, mstatus, satp, envcfg or PMP changed: chooses the tables that now hold.
    void context_changed();
    void flush_tables();
    void empty(DataTable& table);
    bool csr_access(unsigned number, bool write, std::uint64_t (*combine)(std::uint64_t, std::uint64_t),
                    std::uint64_t operand, unsigned rd);
    std::uint64_t event_count(std::uint64_t event);
    std::uint64_t read_counter(unsigned index);
    void write_counter(unsigned index, std::uint64_t value);
    std::uint64_t raw_counter(unsigned index);
    void on_marker(const isa::Insn& d, std::uint64_t value, Stamp s);
    bool fp_touch(bool writes);

    // ---- hot state, in the order of use
    std::array<std::uint64_t, 33> x_{}; // [x0..x31, sink]
    Stamp stamp_ = 0;                   ///< next free issue slot
    Stamp horizon_ = 0;                 ///< run on while stamp_ is below
    std::uint64_t pc_ = 0;
    DataTable* data_ = nullptr;
    std::uint64_t data_epoch_ = 0; ///< functional mode: part of the data tags, so that one step forgets all
    BlockTable* blocks_ = nullptr;
    std::uint64_t instructions_ = 0, loads_ = 0, stores_ = 0, atomics_ = 0, branches_ = 0, markers_ = 0, fetches_ = 0,
                  merges_ = 0;
    std::array<std::uint64_t, 32> f_{};
    fp::HostFpEnv fp_;
    std::uint8_t fs_ = 0; ///< mstatus.FS
    InOrder pipeline_;
    Untimed untimed_;

    // ---- what slow paths hand back
    std::uint64_t value_ = 0;          ///< the loaded bytes, zero-extended
    bool page_is_new_ = false;         ///< the last translation was not in the L1 TLB
    bool page_is_uniform_ = false;     ///< PMP allows the last access to all of its page
    Stamp load_ready_ = 0;             ///< when the loaded value can be used
    std::unique_ptr<HartTrace> trace_; ///< null: nobody wants to know; slow paths ask
    std::uint64_t at_ = 0;             ///< address of the instruction that went the slow way
    Stamp csr_stamp_ = 0;              ///< when the CSR instruction issued
    bool csr_counts_itself_ = false;   ///< instructions_ holds the running instruction already
    bool leave_soon_ = false;          ///< since the last run(): devices may have announced something
    bool sync_ = false;                ///< the access waits for its turn
    bool sync_device_ = false;         ///< ... and is one to a device
    bool synced_ = false;              ///< it is its turn: set while the waiting instruction is run again
    Stamp sync_issue_ = 0;             ///< the slot in which it issued

    // ---- the rest
    unsigned number_;
    HartConfig config_;
    HartPort& port_;
    HartGroup& group_;
    ClockDomain clock_;
    abi::Privilege privilege_ = abi::Privilege::machine;
    CsrState csr_;
    mmu::Pmp pmp_;
    std::uint64_t pmp_epoch_ = 0;
    mmu::Mmu mmu_;
    mmu::Context fetch_context_, data_context_;
    Contexts<DataTable, 6> data_tables_;
    Contexts<BlockTable, 6> block_tables_;
    mmu::TlbEntry no_entry_; ///< stands for the TLB entry where there is no translation
    unsigned granule_shift_;
    std::uint64_t granule_mask_;
    struct HostPage {
        std::uint64_t page = ~0ull;
        std::byte* host = nullptr;
    };
    std::vector<HostPage> host_pages_;
    /// Where the bytes of a virtual page last were in the host. Only a hint: it starts the host's own miss while the
    /// model translates, and decides nothing.
    std::vector<std::uint64_t> host_hints_; // [virtual page % size]
    std::vector<HeldLine> held_;            // [line % size]
    cache::CacheLevel l1i_, l1d_;
    Picoseconds hit_time_;               ///< of the L1D
    std::vector<mmu::Source> source_of_; // [way of the L1D]: who served the line
    std::vector<Stamp> owned_; // [way of the L1D]: when an upgrade ends, with its cause; 0: it came with the line
    struct CodeLine {          // whose blocks the look-aside may hold
        BlockTable* table = nullptr;
        std::uint64_t va_line = 0;
    };
    std::vector<CodeLine> code_lines_;                 // [way of the L1I]
    std::uint64_t split_loads_ = 0, split_stores_ = 0; ///< accesses that touched a second line
    std::uint64_t uncached_fetches_ = 0;               ///< among fetches_: not from memory
    std::unique_ptr<Block> scratch_; ///< a block that is not kept: it crosses a page, or the decode cache is off
    bool reserved_ = false;
    std::uint64_t reservation_ = 0; ///< physical address of the last LR
    Stamp reserved_at_ = 0;         ///< when it issued
    bool asleep_ = false;
    Stop stop_ = Stop::horizon;
    bool stopping_ = false;
    bool peeking_ = false; ///< page tables are read for a debugger
    bool mid_block_ =
        false; ///< observed mode is inside what is one block for the others: no horizon, no interrupt here
    Stamp run_until_ = 0;
    Stamp timer_stamp_ = ~Stamp{0};  ///< when stimecmp compares
    std::array<Stamp, 64> posted_{}; ///< ends of device stores under way
    unsigned posted_head_ = 0, posted_count_ = 0;
    Stamp last_posted_ = 0;
    std::uint64_t functional_sleep_ = 0; ///< slots asleep in functional mode
    HartCounters counters_;
    HostCounters host_;
    HartObserver* observer_ = nullptr;
    Debugger* debugger_ = nullptr;
};

} // namespace tollgate::cpu
