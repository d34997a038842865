#!/bin/sh
# What the program is made of: no TLS library, no HTTP library, and no other program at run time.
#
#	alone.sh TLSASSAY TLS_SERVER
set -eu
program=$1 server=$2
if ldd "$program" | grep -E 'libssl|libcurl|libgnutls|libnss'; then
	echo 'a library that it must not need'
	exit 1
fi
command -v strace >/dev/null || { echo 'skipped: strace is not installed'; exit 77; }

dir=$(mktemp -d)
pid=''
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
strace -o "$dir/can" true 2>/dev/null || { echo 'skipped: strace may not be used here'; exit 77; }
"$server" >"$dir/port" &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$dir/port" ] || sleep 0.2
done
# The leak sanitizer stops its own process as strace does, and cannot while strace is there.
ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=execve,execveat,fork,vfork,clone,clone3 -o "$dir/trace" \
	"$program" -o "json:$dir/report.json" "localhost:$(cat "$dir/port")" || [ $? = 3 ]
# One execve is strace's own start of the program; threads (for looking up names) are no processes.
others=$(grep -E '(exec|fork|clone)[a-z0-9]*\(' "$dir/trace" | grep -v CLONE_THREAD | tail -n +2)
[ -z "$others" ] || { echo "$others"; exit 1; }
[ -s "$dir/report.json" ]
