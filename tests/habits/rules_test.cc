// Do the rules see what they forbid? Each rule on small trees that break it.
#include "habits/rules.hh"
#include <gtest/gtest.h>

namespace tollgate::habits {
namespace {

TEST(Floors, DownIsAllowed) {
    const SourceTree tree{
        {"models/base/units.hh", ""},
        {"models/abi/sv.hh", ""},
        {"models/mmu/tlb.hh", "#include \"base/units.hh\"\n#include <systemc>\n"},
        {"models/cpu/isa/row.hh", "#include \"abi/sv.hh\"\n"},
        {"models/cpu/hart.hh", "#include \"cpu/isa/row.hh\"\n#include \"mmu/tlb.hh\"\n#include \"nowhere.hh\"\n"},
        {"platform/machine/machine.hh", "#include \"cpu/hart.hh\"\n"},
        {"firmware/lib/list.hh", ""},
        {"firmware/vm/area.hh", "#include \"lib/list.hh\"\n#include \"abi/sv.hh\"\n"},
        {"tests/models/tlb_test.cc", "#include \"mmu/tlb.hh\"\n#include \"machine/machine.hh\"\n"}};
    EXPECT_EQ(floors(tree), Violations{});
    EXPECT_EQ(cycles(tree), Violations{});
}

TEST(Floors, UpwardsAndSidewaysAreSeen) {
    const SourceTree tree{{"models/base/units.hh", "\n#include \"mmu/tlb.hh\"\n"},
                          {"models/dev/uart.hh", "#include \"mmu/tlb.hh\"\n"},
                          {"models/mmu/tlb.hh", ""},
                          {"platform/config/tree.hh", "#include \"report/stats.hh\"\n#include <systemc>\n"},
                          {"platform/report/stats.hh", "#include \"machine/machine.hh\"\n"},
                          {"platform/machine/machine.hh", "#include \"report/stats.hh\"\n"},
                          {"firmware/lib/list.hh", "#include \"vm/area.hh\"\n"},
                          {"firmware/vm/area.hh", "#include \"base/units.hh\"\n"},
                          {"firmware/fs/file.hh", "#include \"net/socket.hh\"\n"},
                          {"firmware/net/socket.hh", ""}};
    EXPECT_EQ(floors(tree),
              (Violations{"firmware/fs/file.hh:1: firmware may not include firmware/net/socket.hh",
                          "firmware/lib/list.hh:1: firmware may not include firmware/vm/area.hh",
                          "firmware/vm/area.hh:1: firmware may not include models/base/units.hh",
                          "models/base/units.hh:2: models/base may not include models/mmu/tlb.hh",
                          "models/dev/uart.hh:1: models/dev may not include models/mmu/tlb.hh",
                          "platform/config/tree.hh:1: platform/config may not include platform/report/stats.hh",
                          "platform/config/tree.hh:2: platform/config must build without SystemC",
                          "platform/machine/machine.hh:1: platform/machine may not include platform/report/stats.hh",
                          "platform/report/stats.hh:1: platform/report may not include platform/machine/machine.hh"}));
}

TEST(Cycles, OfFilesAndOfFoldersAreSeen) {
    const SourceTree files{{"models/mmu/a.hh", "#include \"b.hh\"\n"}, {"models/mmu/b.hh", "#include \"mmu/a.hh\"\n"}};
    EXPECT_EQ(cycles(files), (Violations{"models/mmu/a.hh -> models/mmu/b.hh -> models/mmu/a.hh"}));
    const SourceTree folders{{"tests/x/a.hh", "#include \"y/b.hh\"\n"},
                             {"tests/y/b.hh", ""},
                             {"tests/y/c.hh", "#include \"x/d.hh\"\n"},
                             {"tests/x/d.hh", ""}};
    EXPECT_EQ(cycles(folders), (Violations{"tests/x -> tests/y -> tests/x"}));
}

TEST(LongFiles, TheBorderIs600Lines) {
    std::string text;
    for (int i = 0; i < 600; ++i) text += "x\n";
    EXPECT_EQ(long_files({{"a.cc", text}}, {}), Violations{});
    EXPECT_EQ(long_files({{"a.cc", text + "x"}}, {}), (Violations{"a.cc: 601 lines, more than 600"}));
    EXPECT_EQ(long_files({{"a.cc", text + "x"}}, {{"a.cc", "one table of instructions"}}), Violations{});
    EXPECT_EQ(long_files({{"a.cc", text}}, {{"a.cc", "one table of instructions"}}),
              (Violations{"a.cc: 600 lines need no exception"}));
    EXPECT_EQ(long_files({}, {{"b.cc", "long"}}),
              (Violations{"b.cc: an exception for a file that is not there", "b.cc: an exception needs a reason"}));
    EXPECT_EQ(read_exceptions("# x: y\na.cc: why\n"), (std::map<std::string, std::string>{{"a.cc", "why"}}));
}

TEST(Citations, TheHousesFormsPass) {
    for (const char* text : {
             "/// Priv §4.3.2",
             "(Unpriv §2.6).",
             "// virtio 1.2 §5.1.6, JESD79-4C §4.24",
             "/// PG034 p. 20",
             "Priv §4.3, §4.4 and §5",
             "IEEE 754-2019 §6.2",
             "the section on walks",
             "SBI §9.1",
             "Sstc §2.1",
             "Bitmanip 1.0.0 §2.1",
             "chapters",
             "/// (Unpriv\n/// §11.3).",
         })
        EXPECT_EQ(citations({{"a.hh", text}}), Violations{}) << text;
}

TEST(Citations, OtherFormsAreSeen) {
    for (const char* text :
         {"/// §4.3.2", "/// Priv § 4.3.2", "/// Privileged §4.3", "/// priv §4.3", "/// Priv §", "virtio §5.1",
          "JESD79 §4", "section 4.3", "Section 3", "chapter 5", "PG034 §x", "PG034 page 20", "Priv §4 and Hyp §5"})
        EXPECT_EQ(citations({{"a.hh", text}}).size(), 1u) << text;
}

TEST(Notes, AreSeen) {
    EXPECT_EQ(notes({{"a.cc", "int x;\n// TODO: more\n"}}), (Violations{"a.cc:2: // TODO: more"}));
    EXPECT_EQ(notes({{"a.cc", "/* FIXME */"}}).size(), 1u);
    EXPECT_EQ(notes({{"a.cc", "AUTODOC XXXL"}}), Violations{});
}

} // namespace
} // namespace tollgate::habits
