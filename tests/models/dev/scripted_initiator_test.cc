#include "dev/scripted_initiator.hh"
#include "dev/transfer_times.hh"
#include "models/support/scripted_initiator.hh"
#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

namespace tollgate::dev {
namespace {

ScriptedTransfer read_at(Picoseconds at, std::uint64_t address) {
    ScriptedTransfer t;
    t.at = at;
    t.address = PhysAddr{address};
    return t;
}
ScriptedLoad load_of(Picoseconds interval, Picoseconds to) {
    ScriptedLoad l;
    l.to = to;
    l.base = PhysAddr{0x8000'0000};
    l.size = 64_KiB;
    l.interval = interval;
    return l;
}
std::vector<ScriptedTransfer> all(ScriptPlayer player) {
    std::vector<ScriptedTransfer> r;
    while (player.next()) r.push_back(player.take());
    return r;
}

TEST(ScriptPlayer, TransfersAndLoadsComeInOrderOfTime) {
    DmaScript s;
    s.transfers = {read_at(100_ns, 1), read_at(100_ns, 2), read_at(250_ns, 3)};
    s.loads = {load_of(100_ns, 300_ns), load_of(50_ns, 120_ns)};
    s.loads[1].base = PhysAddr{0x9000'0000};
    const auto t = all(ScriptPlayer{s});
    std::vector<std::uint64_t> times, which;
    for (const auto& x : t) {
        times.push_back(x.at.count() / 1000);
        which.push_back(x.address.value() >> 28);
    }
    EXPECT_EQ(times, (std::vector<std::uint64_t>{0, 0, 50, 100, 100, 100, 100, 200, 250}));
    EXPECT_EQ(which, (std::vector<std::uint64_t>{8, 9, 9, 0, 0, 8, 9, 8, 0}));
}

TEST(ScriptPlayer, ALoadStaysInItsMemoryAndCoversIt) {
    DmaScript s;
    s.loads = {load_of(1_ns, 4_us)};
    s.loads[0].size = Bytes{64 * 10 + 63}; // ten lines and a rest that none fits into
    std::vector<unsigned> hits(10);
    for (const auto& t : all(ScriptPlayer{s})) {
        const std::uint64_t offset = t.address - PhysAddr{0x8000'0000};
        ASSERT_EQ(offset % 64, 0u);
        ASSERT_LT(offset / 64, hits.size());
        ++hits[offset / 64];
        ASSERT_EQ(t.bytes, 64u);
        ASSERT_FALSE(t.write);
    }
    for (const unsigned h : hits) EXPECT_GT(h, 300u);
}

TEST(ScriptPlayer, ReadsAndWritesAreMixedAsAsked) {
    DmaScript s;
    s.loads = {load_of(1_ns, 9_us)};
    s.loads[0].reads = 2;
    s.loads[0].writes = 1;
    std::uint64_t writes = 0;
    for (const auto& t : all(ScriptPlayer{s})) {
        if (!t.write) continue;
        ++writes;
        ASSERT_EQ(t.data.size(), 64u);
        for (unsigned i = 0; i < 8; ++i) {
            std::uint64_t v;
            std::memcpy(&v, &t.data[8 * i], 8);
            ASSERT_EQ(v, writes) << "each 8 bytes say which write it was";
        }
    }
    EXPECT_NEAR(static_cast<double>(writes), 3000, 200);
}

TEST(ScriptPlayer, RandomArrivalsAreAPoissonProcessOfTheirMean) {
    DmaScript s;
    s.loads = {load_of(100_ns, 10'000_us)};
    s.loads[0].arrivals = Arrivals::poisson;
    double last = 0, longer = 0, squares = 0;
    const auto t = all(ScriptPlayer{s});
    const auto n = static_cast<double>(t.size());
    for (const auto& x : t) {
        const double gap = static_cast<double>(x.at.count()) - last;
        last += gap;
        squares += gap * gap;
        longer += gap > 100'000;
    }
    EXPECT_NEAR(n, 100'000, 1'000);
    EXPECT_NEAR(longer / n, 0.3679, 0.005) << "1/e of the gaps are longer than the mean";
    EXPECT_NEAR(squares / n, 2e10, 4e8) << "the second moment is twice the mean's square";
    s.loads[0].seed = 2;
    EXPECT_NE(all(ScriptPlayer{s})[5].at, t[5].at);
    s.loads[0].seed = 1;
    EXPECT_EQ(all(ScriptPlayer{s})[5].at, t[5].at);
}

TEST(ScriptPlayer, NothingComesBehindTheEndOfTime) {
    DmaScript s;
    s.loads = {load_of(Picoseconds{1ull << 62}, Picoseconds{~0ull})};
    EXPECT_EQ(all(ScriptPlayer{s}).size(), 4u);
    s.loads[0].from = s.loads[0].to = 5_ns;
    EXPECT_TRUE(all(ScriptPlayer{s}).empty());
}

TEST(TransferTimes, CountWhatIsBelowEachLimit) {
    Histogram h;
    for (std::uint64_t ns = 0; ns < 70'000; ++ns) h.add(ns);
    const TransferTimes t = transfer_times(h);
    for_each_field<TransferTimes>([&](const auto& d) {
        // "below_96ns" of one sample a nanosecond
        const std::string name{d.name};
        EXPECT_EQ(t.*(d.member), name == "all" ? 70'000u : std::stoul(name.substr(6))) << name;
    });
    EXPECT_EQ(transfer_times(Histogram{}).all, 0u);
}

/// Answers each request after a time, or never, or with an error at once.
class HoldingTarget : public sc_core::sc_module {
  public:
    ::tlm_utils::simple_target_socket<HoldingTarget> socket;
    Picoseconds latency = 30_ns;
    std::uint64_t refused = ~0ull; ///< an address
    unsigned under_way = 0, most = 0;
    struct Request {
        Picoseconds at;
        std::uint64_t address;
        bool write;
        bool operator==(const Request&) const = default;
    };
    std::vector<Request> requests;

    SC_HAS_PROCESS(HoldingTarget);
    explicit HoldingTarget(const sc_core::sc_module_name& name) : sc_module{name}, socket{"socket"} {
        socket.register_nb_transport_fw(this, &HoldingTarget::request);
        SC_METHOD(answer);
        sensitive << due_;
        dont_initialize();
    }

  private:
    ::tlm::tlm_sync_enum request(::tlm::tlm_generic_payload& p, ::tlm::tlm_phase& phase, sc_core::sc_time&) {
        requests.push_back({to_picoseconds(sc_core::sc_time_stamp()), p.get_address(), p.is_write()});
        EXPECT_EQ(kind_of(p), AccessKind::dma);
        if (p.get_address() == refused) {
            p.set_response_status(::tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return ::tlm::TLM_COMPLETED;
        }
        most = std::max(most, ++under_way);
        held_.emplace_back(to_picoseconds(sc_core::sc_time_stamp()) + latency, &p);
        due_.notify(to_sc_time(held_.front().first) - sc_core::sc_time_stamp());
        phase = ::tlm::END_REQ;
        return ::tlm::TLM_UPDATED;
    }
    void answer() {
        auto* const p = held_.front().second;
        held_.erase(held_.begin());
        --under_way;
        if (!held_.empty()) due_.notify(to_sc_time(held_.front().first) - sc_core::sc_time_stamp());
        if (p->is_read()) std::memset(p->get_data_ptr(), 0x5a, p->get_data_length());
        p->set_response_status(::tlm::TLM_OK_RESPONSE);
        ::tlm::tlm_phase phase = ::tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        EXPECT_EQ(socket->nb_transport_bw(*p, phase, delay), ::tlm::TLM_COMPLETED);
    }
    std::vector<std::pair<Picoseconds, ::tlm::tlm_generic_payload*>> held_;
    sc_core::sc_event due_;
};

struct Pair {
    explicit Pair(const DmaScript& script) : initiator{"initiator", script, 7} { initiator.socket.bind(target.socket); }
    HoldingTarget target{"target"};
    ScriptedInitiator initiator;
};

TEST(ScriptedInitiator, BeginsEachTransferAtItsTimeAndAnnouncesIt) {
    DmaScript s;
    s.transfers = {read_at(10_ns, 0x100), read_at(20_ns, 0x200), read_at(100_ns, 0x300)};
    s.transfers[1].write = true;
    s.transfers[1].bytes = 2;
    s.transfers[1].data.resize(2);
    Pair p{s};
    test::run_to(1_ns);
    EXPECT_EQ(test::next_activity(), 10_ns);
    test::run_to(45_ns);
    EXPECT_EQ(test::next_activity(), 50_ns) << "the second answer";
    EXPECT_EQ(p.initiator.counters().reads, 1u);
    test::run_to(60_ns);
    EXPECT_EQ(test::next_activity(), 100_ns);
    EXPECT_FALSE(p.initiator.finished());
    test::run_to(200_ns);
    EXPECT_TRUE(p.initiator.finished());
    EXPECT_EQ(test::next_activity(), end_of_time);
    using R = HoldingTarget::Request;
    EXPECT_EQ(p.target.requests, (std::vector<R>{{10_ns, 0x100, false}, {20_ns, 0x200, true}, {100_ns, 0x300, false}}));
    const ScriptedInitiatorCounters& c = p.initiator.counters();
    EXPECT_EQ(c.bytes_read, 128u);
    EXPECT_EQ(c.bytes_written, 2u);
    EXPECT_EQ(c.read_time, 60'000u);
    EXPECT_EQ(c.write_time, 30'000u);
    EXPECT_EQ(c.waited, 0u);
    EXPECT_EQ(p.initiator.read_times().permille(500), 30u);
    EXPECT_EQ(p.initiator.write_times().count(), 1u);
}

TEST(ScriptedInitiator, AnOpenLoadsTimesCountFromTheArrival) {
    DmaScript s;
    s.outstanding = 2;
    s.loads = {load_of(10_ns, 1_us)};
    Pair p{s};
    p.target.latency = 40_ns; // two under way: one in 20 ns, while one in 10 ns arrives
    test::run_to(3_us);
    const ScriptedInitiatorCounters& c = p.initiator.counters();
    EXPECT_EQ(c.reads, 100u);
    EXPECT_EQ(p.target.most, 2u);
    // Request n begins at 40 ns * (n / 2) + 10 ns * (n % 2) and was due at 10 ns * n.
    std::uint64_t waited = 0;
    for (std::uint64_t n = 0; n < 100; ++n) waited += 40'000 * (n / 2) + 10'000 * (n % 2) - 10'000 * n;
    EXPECT_EQ(c.waited, waited);
    EXPECT_EQ(c.read_time, waited + 100 * 40'000u);
    EXPECT_TRUE(p.initiator.finished());
}

TEST(ScriptedInitiator, ErrorsAndUnexpectedBytesAreCounted) {
    DmaScript s;
    s.transfers = {read_at(10_ns, 0x100), read_at(10_ns, 0x200), read_at(10_ns, 0x300)};
    for (auto& t : s.transfers) {
        t.bytes = 2;
        t.data.assign(2, std::byte{0x5a});
    }
    s.transfers[2].data[1] = std::byte{0x5b};
    Pair p{s};
    p.target.refused = 0x200;
    test::run_to(1_us);
    const ScriptedInitiatorCounters& c = p.initiator.counters();
    EXPECT_EQ(c.errors, 1u);
    EXPECT_EQ(c.reads, 2u);
    EXPECT_EQ(c.mismatches, 1u);
    EXPECT_EQ(p.initiator.read_times().count(), 2u);
}

} // namespace
} // namespace tollgate::dev
