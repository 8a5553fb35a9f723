// isa_bare: runs an ELF file on a bare machine and prints its console; the machine under test of isa_judge.
#include "judge/bare_machine.hh"
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
    using namespace tollgate::judge;
    BareOptions options;
    std::string file;
    for (int n = 1; n < argc; ++n) {
        const std::string word = argv[n];
        if (word == "--timed")
            options.timed = true;
        else if (word == "--no-look-aside")
            options.look_aside = false;
        else if (word == "--no-decode-cache")
            options.decode_cache = false;
        else
            file = word;
    }
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        std::fprintf(stderr, "usage: isa_bare [--timed] [--no-look-aside] [--no-decode-cache] PROGRAM.elf\n");
        return 2;
    }
    try {
        BareMachine machine{options};
        machine.load({std::istreambuf_iterator<char>{in}, {}});
        const bool passed = machine.run(2'000'000'000);
        std::fwrite(machine.console().data(), 1, machine.console().size(), stdout);
        return passed ? 0 : 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "isa_bare: %s\n", e.what());
        return 2;
    }
}
