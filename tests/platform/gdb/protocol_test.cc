// What each packet makes of the target, and what it is answered.
#include "gdb/protocol.hh"
#include "platform/gdb/fake_target.hh"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace {

using namespace tollgate::gdb_test;
using Kind = Action::Kind;

class ProtocolTest : public testing::Test {
  protected:
    /// The payload of the answer to one packet, whose acknowledgement is checked as well.
    std::string ask(std::string_view command) {
        protocol.receive(packet(command));
        std::string out = protocol.take_output();
        if (acks) {
            EXPECT_EQ(out.substr(0, 1), "+");
            out.erase(0, 1);
        }
        return payload(out);
    }
    static std::string payload(const std::string& out) {
        if (out.empty()) return "(nothing)";
        EXPECT_EQ(out.front(), '$');
        const std::string inside = out.substr(1, out.size() - 4);
        EXPECT_EQ(packet(inside), out);
        return inside;
    }
    std::string stop(const Stop& why) {
        protocol.stopped(why);
        return payload(protocol.take_output());
    }

    FakeTarget target;
    Protocol protocol{target, Stop{Stop::Why::interrupt, 1, {}, 0}};
    bool acks = true;
};

TEST_F(ProtocolTest, AcknowledgesUntilToldNotTo) {
    protocol.receive("$?#00");
    EXPECT_EQ(protocol.take_output(), "-");
    protocol.receive("$?#3f");
    EXPECT_EQ(protocol.take_output(), fmt::format("+{}", packet("T02thread:1;")));
    protocol.receive("-");
    EXPECT_EQ(protocol.take_output(), packet("T02thread:1;")) << "asked for again";
    protocol.receive("+");
    EXPECT_EQ(protocol.take_output(), "");
    EXPECT_EQ(ask("QStartNoAckMode"), "OK");
    acks = false;
    EXPECT_EQ(ask("qC"), "QC1");
    protocol.receive("$?#00");
    EXPECT_EQ(protocol.take_output(), packet("T02thread:1;")) << "sums do not matter then";
}

TEST_F(ProtocolTest, UnknownPacketsAreAnsweredWithNothing) {
    for (const char* c :
         {"vMustReplyEmpty", "!", "R00", "qTStatus", "QNonStop:1", "qXfer:auxv:read::0,10", "", "b", "i"})
        EXPECT_EQ(ask(c), "") << c;
}

TEST_F(ProtocolTest, Registers) {
    EXPECT_EQ(ask("g"), "0001000000000000"
                        "0101000000000000"
                        "0201000000000000"
                        "0301000000000000");
    EXPECT_EQ(ask("p341"), "4104000000000000") << "mstatus is not among the general ones";
    EXPECT_EQ(ask("p7"), "E02");
    EXPECT_EQ(ask("pffffffffff"), "E02");
    EXPECT_EQ(ask("p"), "E16");
    EXPECT_EQ(ask("P1=efcdab8967452301"), "OK");
    EXPECT_EQ((target.values[{1, 1}]), 0x0123456789abcdefull);
    EXPECT_EQ(ask("P1=efcd"), "E16");
    EXPECT_EQ(ask("P7=efcdab8967452301"), "E02");
    EXPECT_EQ(ask(fmt::format("G{:064}", 0)), "OK");
    EXPECT_EQ((target.values[{1, 3}]), 0u);
    EXPECT_EQ(ask(fmt::format("G{:062}", 0)), "E16");
    EXPECT_EQ(ask(fmt::format("G{:x>16}{:1>48}", "", "")), "OK") << "x leaves a register alone";
    EXPECT_EQ((target.values[{1, 0}]), 0u);
    EXPECT_EQ((target.values[{1, 1}]), 0x1111111111111111ull);
}

TEST_F(ProtocolTest, ThreadsAreChosen) {
    EXPECT_EQ(ask("Hg2"), "OK");
    EXPECT_EQ(ask("p1"), "0102000000000000");
    EXPECT_EQ(ask("qC"), "QC2");
    EXPECT_EQ(ask("Hg3"), "E02");
    EXPECT_EQ(ask("Hg0"), "OK");
    EXPECT_EQ(ask("qC"), "QC1");
    EXPECT_EQ(ask("T2"), "OK");
    EXPECT_EQ(ask("T3"), "E02");
    EXPECT_EQ(ask("T0"), "E02");
    EXPECT_EQ(ask("qfThreadInfo"), "m1,2");
    EXPECT_EQ(ask("qsThreadInfo"), "l");
    EXPECT_EQ(ask("qThreadExtraInfo,2"), to_hex("state <2>"));
    EXPECT_EQ(ask("qThreadExtraInfo,9"), "E16");
    EXPECT_NE(ask("qXfer:threads:read::0,1000").find("<thread id=\"2\" core=\"1\" name=\"hart 1\">state &lt;2&gt;"),
              std::string::npos);
}

TEST_F(ProtocolTest, Memory) {
    EXPECT_EQ(ask("M1000,4:01020304"), "OK");
    EXPECT_EQ(ask("m1001,2"), "0203");
    EXPECT_EQ(ask("m10fe,10"), "0000") << "as far as there is memory";
    EXPECT_EQ(ask("m1100,1"), "E0e");
    EXPECT_EQ(ask("mfff,2"), "E0e");
    EXPECT_EQ(ask("m1000,0"), "");
    EXPECT_EQ(ask("M10ff,2:0102"), "E0e");
    EXPECT_EQ(ask("M1000,4:0102"), "E16") << "fewer bytes than announced";
    EXPECT_EQ(ask("M1000,1:zz"), "E16");
    EXPECT_EQ(ask(fmt::format("X1010,4:{}", escape("#$}*"))), "OK");
    EXPECT_EQ(ask("m1010,4"), to_hex("#$}*"));
    EXPECT_EQ(ask("X1000,0:"), "OK") << "how clients ask whether X is there";
    EXPECT_EQ(ask("m1000,ffffffffffffffff").size(), 2 * target.memory.size());
    EXPECT_LE(target.most_read, max_payload);
}

TEST_F(ProtocolTest, Points) {
    EXPECT_EQ(ask("Z0,80,4"), "OK");
    EXPECT_EQ(ask("Z3,90,8"), "OK");
    ASSERT_EQ(target.points.size(), 2u);
    EXPECT_EQ(target.points[0], (Point{Point::Kind::software, 0x80, 0}));
    EXPECT_EQ(target.points[1], (Point{Point::Kind::read, 0x90, 8}));
    EXPECT_EQ(ask("z0,80,2"), "OK") << "the length of a breakpoint is its instruction's";
    EXPECT_EQ(target.points.size(), 1u);
    EXPECT_EQ(ask("Z5,80,4"), "") << "a kind that is not there";
    EXPECT_EQ(ask("Z2,80,0"), "E16");
    EXPECT_EQ(ask("Z0,80"), "E16");
    EXPECT_EQ(ask("Z0,80,4;X1,22"), "E16") << "conditions were not announced";
    for (int i = 0; i < 3; ++i) ask(fmt::format("Z1,{},4", i));
    EXPECT_EQ(ask("Z1,77,4"), "E1c");
}

TEST_F(ProtocolTest, EveryThreadHasAnAction) {
    EXPECT_EQ(ask("vCont?"), "vCont;c;C;s;S;r");
    EXPECT_EQ(ask("vCont;s:2;c"), "(nothing)") << "the answer is the stop";
    EXPECT_TRUE(protocol.running());
    EXPECT_EQ(stop({Stop::Why::step, 2, {}, 0}), "T05thread:2;");
    EXPECT_EQ(ask("vCont;r100,108:1"), "(nothing)");
    stop({Stop::Why::step, 1, {}, 0});
    EXPECT_EQ(ask("vCont;c:1;s:-1"), "(nothing)") << "the leftmost counts";
    stop({Stop::Why::step, 1, {}, 0});
    EXPECT_EQ(ask("vCont;C05:1"), "(nothing)");
    ASSERT_EQ(target.resumed.size(), 4u);
    EXPECT_EQ(target.resumed[0][0].kind, Kind::go);
    EXPECT_EQ(target.resumed[0][1].kind, Kind::step);
    EXPECT_EQ(target.resumed[1][0].kind, Kind::range);
    EXPECT_EQ(target.resumed[1][0].begin, 0x100u);
    EXPECT_EQ(target.resumed[1][0].end, 0x108u);
    EXPECT_EQ(target.resumed[1][1].kind, Kind::none);
    EXPECT_EQ(target.resumed[2][0].kind, Kind::go);
    EXPECT_EQ(target.resumed[2][1].kind, Kind::step);
    EXPECT_EQ(target.resumed[3][0].kind, Kind::go);
    EXPECT_EQ(target.resumed[3][1].kind, Kind::none);
}

TEST_F(ProtocolTest, ABadActionLeavesTheMachineStopped) {
    for (const char* c : {"vCont", "vCont;", "vCont;x", "vCont;c:3", "vCont;s:", "vCont;r1:1", "vCont;C", "vCont;c;",
                          "czz", "C", "vContc"})
        EXPECT_EQ(ask(c).substr(0, 1), "E") << c;
    EXPECT_TRUE(target.resumed.empty());
    EXPECT_FALSE(protocol.running());
}

TEST_F(ProtocolTest, TheOldCommandsGoAndStep) {
    ask("c");
    stop({Stop::Why::interrupt, 1, {}, 0});
    ask("s40");
    EXPECT_EQ((target.values[{1, 3}]), 0x40u);
    stop({Stop::Why::step, 1, {}, 0});
    ask("Hc2");
    ask("S05;80");
    EXPECT_EQ((target.values[{2, 3}]), 0x80u);
    ASSERT_EQ(target.resumed.size(), 3u);
    EXPECT_EQ(target.resumed[0][1].kind, Kind::go);
    EXPECT_EQ(target.resumed[1][0].kind, Kind::step);
    EXPECT_EQ(target.resumed[1][1].kind, Kind::none);
    EXPECT_EQ(target.resumed[2][1].kind, Kind::step);
}

TEST_F(ProtocolTest, WhileRunningOnlyAnInterruptCounts) {
    protocol.receive("\x03");
    EXPECT_FALSE(protocol.take_interrupt()) << "it stands already";
    ask("c");
    EXPECT_EQ(ask("g"), "(nothing)");
    EXPECT_FALSE(protocol.take_interrupt());
    protocol.receive("\x03");
    EXPECT_TRUE(protocol.take_interrupt());
    EXPECT_FALSE(protocol.take_interrupt());
    EXPECT_EQ(stop({Stop::Why::interrupt, 2, {}, 0}), "T02thread:2;");
    EXPECT_EQ(ask("qC"), "QC2") << "who stopped is chosen";
}

TEST_F(ProtocolTest, StopsSayWhy) {
    const auto at = [&](Point::Kind kind) {
        ask("c");
        return stop({Stop::Why::point, 1, kind, 0xabc});
    };
    EXPECT_EQ(at(Point::Kind::software), "T05thread:1;");
    EXPECT_NE(ask("qSupported:swbreak+;hwbreak+").find("PacketSize=4000"), std::string::npos);
    EXPECT_EQ(at(Point::Kind::software), "T05swbreak:;thread:1;");
    EXPECT_EQ(at(Point::Kind::hardware), "T05hwbreak:;thread:1;");
    EXPECT_EQ(at(Point::Kind::write), "T05watch:abc;thread:1;");
    EXPECT_EQ(at(Point::Kind::read), "T05rwatch:abc;thread:1;");
    EXPECT_EQ(at(Point::Kind::access), "T05awatch:abc;thread:1;");
    EXPECT_EQ(ask("?"), "T05awatch:abc;thread:1;");
}

TEST_F(ProtocolTest, ObjectsComeInPieces) {
    std::string xml;
    for (;;) {
        char command[64];
        std::snprintf(command, sizeof command, "qXfer:features:read:target.xml:%zx,20", xml.size());
        const std::string part = ask(command);
        xml += unescape(part.substr(1));
        if (part.front() == 'l') break;
        ASSERT_EQ(part.front(), 'm');
        ASSERT_EQ(part.size(), 0x21u);
    }
    EXPECT_EQ(xml, target_description(target));
    EXPECT_NE(xml.find("<reg name=\"mstatus\" bitsize=\"64\" regnum=\"833\" type=\"int\"/>"), std::string::npos);
    EXPECT_EQ(ask("qXfer:features:read:target.xml:ffffff,20"), "l");
    EXPECT_EQ(ask("qXfer:features:read:other.xml:0,20"), "E00");
    EXPECT_EQ(ask("qXfer:features:read:target.xml:0"), "E16");
}

TEST_F(ProtocolTest, MonitorSpeaksInLines) {
    protocol.receive(packet(fmt::format("qRcmd,{}", to_hex("hi"))));
    EXPECT_EQ(protocol.take_output(),
              fmt::format("+{}{}", packet(fmt::format("O{}", to_hex("said hi\n"))), packet("OK")));
    protocol.receive(packet(fmt::format("qRcmd,{}", to_hex("long"))));
    const std::string out = protocol.take_output();
    EXPECT_EQ(std::count(out.begin(), out.end(), '$'), 4);
    EXPECT_EQ(ask("qRcmd,1"), "E16");
}

TEST_F(ProtocolTest, DetachKillAndExit) {
    EXPECT_EQ(ask("qAttached"), "1");
    EXPECT_EQ(ask("D"), "OK");
    EXPECT_TRUE(protocol.over());
    EXPECT_EQ(target.released, 1);
    protocol.receive(packet("g"));
    EXPECT_EQ(protocol.take_output(), "") << "nothing is heard any more";

    Protocol other{target, {}};
    other.receive(packet("k"));
    EXPECT_TRUE(other.over());
    EXPECT_EQ(target.killed, 1);

    Protocol third{target, {}};
    third.receive(packet("vCont;c"));
    third.take_output();
    third.exited(3);
    EXPECT_EQ(third.take_output(), packet("W03"));
}

TEST_F(ProtocolTest, WhatIsTooLongIsRefused) {
    protocol.receive(packet(std::string(max_payload + 1, 'g')));
    EXPECT_EQ(protocol.take_output(), fmt::format("+{}", packet("E16")));
    EXPECT_EQ(ask("qC"), "QC1");
}

} // namespace
