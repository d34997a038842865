#!/bin/sh
# Line coverage of the unit tests and the fuzz corpus, as built in build/coverage; fails where a parser of bytes from
# outside is covered by less than 90 %. Exit status 77 (skipped) where that was not built:
#	cmake --preset coverage && cmake --build --preset coverage
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
[ -x $build/tests/tables_test ] || { echo "skipped: $build was not built"; exit 77; }
find $build -name '*.gcda' -delete
(cd $build && ctest -L '^unit$' -j "$(nproc)" --output-on-failure >unit.log 2>&1) || { cat $build/unit.log; exit 1; }
exec python3 tools/coverage.py $build
