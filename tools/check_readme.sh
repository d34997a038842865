#!/bin/sh
# Does the README show the probes as the program lists them, and no others? sh tools/check_readme.sh TLSASSAY
# With --write behind it the list in README.md is written anew.
set -eu
cd "$(dirname "$0")/.."
program=${1:?which program?}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$program" list probes >"$dir/list"
# The list is the block of code whose first line is the first probe's.
first=$(head -n 1 "$dir/list" | cut -d ' ' -f 1)
awk -v list="$dir/list" -v first="$first" '
	inside && /^```$/ { inside = 0 }
	held != "" && $1 == first { print held; while ((getline line <list) > 0) print line; held = ""; inside = 1 }
	inside { next }
	held != "" { print held; held = "" }
	/^```$/ { held = $0; next }
	{ print }
	END { if (held != "") print held }
' README.md >"$dir/README.md"
[ "${2:-}" != --write ] || cp "$dir/README.md" README.md
diff -u README.md "$dir/README.md"
