#!/bin/sh
# Every public header compiles alone. Usage: headers.sh COMPILER SOURCE_DIR
cd "$2" || exit 2
find models platform -name '*.hh' | sort | COMPILER=$1 xargs -P "$(nproc)" -n 1 sh -c '
    echo "#include \"$0\"" | "$COMPILER" -std=c++20 -fsyntax-only -Wall -Wextra -DSC_CPLUSPLUS=201703L -DSC_INCLUDE_DYNAMIC_PROCESSES \
        -Imodels -Iplatform -Itests -x c++ - || { echo "$0: does not compile alone"; exit 1; }'
