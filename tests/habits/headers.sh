#!/bin/sh
# Every public header compiles alone. Usage: headers.sh COMPILER SOURCE_DIR
compiler=$1
cd "$2" || exit 2
check() {
    echo "#include \"$2\"" | "$1" -std=c++20 -fsyntax-only -Wall -Wextra -DSC_CPLUSPLUS=201703L -DSC_INCLUDE_DYNAMIC_PROCESSES \
        -Imodels -Iplatform -Itests -x c++ - || { echo "$2: does not compile alone"; return 1; }
}
failed=0
for header in $(find models platform -name '*.hh' | sort); do
    check "$compiler" "$header" || failed=1
done
exit $failed
