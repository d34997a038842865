#!/bin/sh
# Does the README show the probes as the program lists them? sh tools/check_readme.sh TLSASSAY
set -eu
cd "$(dirname "$0")/.."
"${1:?which program?}" list probes | {
	missing=0
	while IFS= read -r line; do
		grep -Fxq -- "$line" README.md || { printf 'not in README.md: %s\n' "$line"; missing=1; }
	done
	exit $missing
}
