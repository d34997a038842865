#!/bin/sh
# For CI: installs what building needs, builds the release, and says where the program is: program=$(sh tools/ci/build.sh)
set -eu
cd "$(dirname "$0")/../.."
. tools/packages.sh
. tools/build.sh
{
	need build
	build release
} >&2
printf '%s/build/release/tlsassay\n' "$PWD"
