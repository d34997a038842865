#!/bin/sh
# Installs what is missing, builds the program, and scans: sh tools/demo.sh [TARGET...]
# Without a target it starts a TLS server of its own on loopback and scans that. The report is printed, and left in
# report.html and report.json in the current folder.
set -eu
here=$(pwd)
cd "$(dirname "$0")/.."
. tools/packages.sh
. tools/build.sh

need build
say 'building ...'
build release
program=$(pwd)/build/release/tlsassay

# A server to look at: openssl's own, with an authority and a certificate made up for the occasion, on a port that the
# system picks.
start_server() {
	server_dir=$(mktemp -d)
	server=''
	trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$server_dir"' EXIT
	trap 'exit 130' INT TERM
	(
		cd "$server_dir"
		openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 365 -subj '/CN=Demo Authority' \
			-addext keyUsage=critical,keyCertSign
		openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj '/CN=localhost'
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >names
		openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 90 -extfile names -out cert.pem
	) 2>"$server_dir/log" || { cat "$server_dir/log" >&2; exit 1; }
	openssl s_server -www -accept 127.0.0.1:0 -cert "$server_dir/cert.pem" -key "$server_dir/key.pem" -serverpref \
		>"$server_dir/log" 2>&1 </dev/null &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		port=$(sed -n 's/^ACCEPT .*:\([0-9][0-9]*\)$/\1/p' "$server_dir/log")
		[ -z "$port" ] || return 0
		sleep 0.1
	done
	cat "$server_dir/log" >&2
	say 'the server did not start'
	exit 1
}

cd "$here"
if [ $# = 0 ]; then
	start_server
	set -- --ca-file "$server_dir/ca.pem" "localhost@127.0.0.1:$port"
fi
status=0
"$program" -o text -o html:report.html -o json:report.json "$@" || status=$?
[ $status = 2 ] || say "The same report is in $here/report.html and $here/report.json"
exit $status
