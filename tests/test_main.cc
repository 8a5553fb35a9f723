// GoogleTest's main for tests with and without SystemC: the library's own main() calls sc_main().
#include <cstdlib>
#include <gtest/gtest.h>
#include <systemc>

int sc_main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
int main(int argc, char** argv) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0); // the banner would stand in every test's output
    return sc_core::sc_elab_and_sim(argc, argv);
}
