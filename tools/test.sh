#!/bin/sh
# Installs what the tests need, builds with sanitizers, and runs every test: unit, simulated network, fuzz targets for
# some seconds each, line coverage, and the program against real servers. Arguments go to ctest: sh tools/test.sh -R tables
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh
. tools/build.sh

need test
want
say 'building with sanitizers ...'
build dev
say 'building the fuzz targets ...'
build fuzz fuzz
say 'building with coverage counters ...'
build coverage
say 'building the release ...'
build release
exec ctest --test-dir build/dev --parallel "$(nproc)" --output-on-failure "$@"
