#!/bin/sh
# Runs one fuzz target of build/fuzz for FUZZ_SECONDS (5): sh tools/fuzz.sh NAME. What it finds new stays in the build
# folder; an input that breaks it is named there. Exit status 77 (skipped) where the target was not built:
#	cmake --preset fuzz && cmake --build --preset fuzz --target fuzz
set -eu
cd "$(dirname "$0")/.."
name=${1:?which target?}
program=build/fuzz/tests/${name}_fuzz
[ -x "$program" ] || { echo "skipped: there is no $program"; exit 77; }
found=build/fuzz/found/$name
mkdir -p "$found"
exec "$program" -max_total_time="${FUZZ_SECONDS:-5}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$found.broken-" "$found" "tests/fuzz/corpus/$name"
