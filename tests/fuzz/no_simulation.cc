// The SystemC library wants this function of every program that the devices' shells bring it to; a fuzz target drives
// the plain devices and starts no simulation.
extern "C" int sc_main(int, char**) { return 1; }
