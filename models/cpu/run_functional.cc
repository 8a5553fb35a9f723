// The functional loops: see execute.hh.
#include "cpu/execute.hh"

namespace tollgate::cpu {
void Hart::run_functional_fast() { loop<Untimed, Fast>(untimed_); }
void Hart::run_functional_observed() { loop<Untimed, Observed>(untimed_); }
void Hart::run_functional_resumed() { loop<Untimed, Resume>(untimed_); }
} // namespace tollgate::cpu
