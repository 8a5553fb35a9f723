// The timed loops: see execute.hh.
#include "cpu/execute.hh"

namespace tollgate::cpu {
void Hart::run_timed_fast() { loop<InOrder, Fast>(pipeline_); }
void Hart::run_timed_observed() { loop<InOrder, Observed>(pipeline_); }
void Hart::run_timed_resumed() { loop<InOrder, Resume>(pipeline_); }
} // namespace tollgate::cpu
