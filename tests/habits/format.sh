#!/bin/sh
# Every source has the format of .clang-format. Usage: format.sh CLANG_FORMAT SOURCE_DIR
cd "$2" || exit 2
find models platform firmware scenarios tests bench tools \( -name '*.hh' -o -name '*.cc' \) 2>/dev/null | sort | xargs "$1" --dry-run -Werror
