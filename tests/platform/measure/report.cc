#include "report.hh"
#include "lib/uart.hh"

namespace measure {

void report(const char* name, std::uint64_t numerator, std::uint64_t denominator) {
    guest::put(name);
    guest::put(' ');
    guest::put_decimal(denominator ? numerator / denominator : 0);
    if (std::uint64_t rest = denominator ? numerator % denominator : 0) {
        guest::put('.');
        for (int digit = 0; digit < 3; ++digit) {
            rest *= 10;
            guest::put_decimal(rest / denominator);
            rest %= denominator;
        }
    }
    guest::put('\n');
}

} // namespace measure
