// Any bytes of a debugger's client: the protocol answers with whole packets, asks the target only for what it has, and
// keeps its memory bounded. The byte 0xff is not the client's: the target stops there if it runs.
#include "gdb/protocol.hh"
#include "platform/gdb/fake_target.hh"
#include <cstdio>
#include <cstdlib>

namespace {

using namespace tollgate::gdb_test;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "gdb_fuzz: %s\n", what);
    std::abort();
}

/// What a client makes of our bytes.
void check_output(std::string_view bytes) {
    PacketReader reader;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto event = reader.take(bytes[i]);
        if (!event) continue;
        require(event->kind == PacketReader::Kind::packet || event->kind == PacketReader::Kind::ack
                    || event->kind == PacketReader::Kind::nak,
                "a packet that is sent is damaged, too long, or none");
        require(unescape(event->payload).size() <= max_payload, "an answer is too long");
    }
    require(bytes.empty() || bytes.back() == '+' || bytes.back() == '-'
                || (bytes.size() >= 4 && bytes[bytes.size() - 3] == '#'),
            "the output ends within a packet");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FakeTarget target{3};
    Protocol protocol{target, Stop{}};
    for (std::size_t i = 0; i < size && !protocol.over(); ++i) {
        const auto resumed = target.resumed.size();
        if (data[i] == 0xff && protocol.running()) {
            const auto kind = static_cast<Point::Kind>(i % 5);
            protocol.stopped({static_cast<Stop::Why>(i % 3), static_cast<Thread>(i % 3 + 1), kind, i});
            require(!protocol.running(), "it still runs behind a stop");
        } else {
            const char byte = static_cast<char>(data[i]);
            protocol.receive({&byte, 1});
        }
        check_output(protocol.take_output());
        if (target.resumed.size() == resumed) continue;
        require(protocol.running(), "the machine was let go and does not run");
        require(target.resumed.back().size() == target.threads(), "not every thread has an action");
    }
    require(target.most_read <= max_payload, "more memory was read than an answer holds");
    return 0;
}
