#!/bin/sh
# sslscan and tlsassay side by side on one nginx, started here on loopback: a modern and a legacy configuration, each
# tool RUNS times (default 5). Prints CPU, memory, time and connections, the median of the runs.
#
#	sh tests/bench/compare.sh [RUNS]       needs nginx, sslscan, openssl, python3, and build/release (tools/demo.sh)
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-5}
program=$(pwd)/build/release/tlsassay
measure=$(pwd)/tests/bench/measure.py
PATH=$PATH:/usr/sbin
for tool in nginx sslscan openssl python3 "$program"; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is missing"; exit 77; }
done

dir=$(mktemp -d)
nginx=''
trap '[ -z "$nginx" ] || kill "$nginx" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

certificate() { # name, key options
	name=$1
	shift
	openssl req -x509 -newkey "$@" -nodes -keyout "$dir/$name.key" -out "$dir/$name.pem" -days 30 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2>/dev/null
}
certificate rsa rsa:2048
certificate ecdsa ec -pkeyopt ec_paramgen_curve:P-256
openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 2>/dev/null | openssl dhparam -out "$dir/dh.pem" 2>/dev/null

# Three ports at once, so that they differ.
# shellcheck disable=SC2046
set -- $(python3 -c 'import socket
s = [socket.socket() for _ in range(3)]
for x in s: x.bind(("127.0.0.1", 0))
print(*(x.getsockname()[1] for x in s))')
modern=$1 legacy=$2 status=$3

cat >"$dir/nginx.conf" <<X
daemon off; master_process off; pid $dir/pid; error_log $dir/log crit;
events { worker_connections 4000; }
http {
	access_log off; client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3;
	uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5; ssl_dhparam $dir/dh.pem;
	ssl_certificate $dir/rsa.pem; ssl_certificate_key $dir/rsa.key;
	ssl_certificate $dir/ecdsa.pem; ssl_certificate_key $dir/ecdsa.key;
	server { listen 127.0.0.1:$modern ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1;
		ssl_ciphers 'ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!DSS:!PSK'; return 200 ok; }
	server { listen 127.0.0.1:$legacy ssl; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;
		ssl_ciphers 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'; return 200 ok; }
	server { listen 127.0.0.1:$status; location / { stub_status; } }
}
X
nginx -p "$dir" -c "$dir/nginx.conf" 2>"$dir/err" &
nginx=$!

python3 -B "$measure" --head
for kind in modern legacy; do
	eval "port=\$$kind"
	python3 -B "$measure" --runs "$runs" --status "$status" --label "$kind, sslscan" -- sslscan --no-colour "127.0.0.1:$port"
	python3 -B "$measure" --runs "$runs" --status "$status" --label "$kind, tlsassay" -- \
		"$program" "localhost@127.0.0.1:$port"
	python3 -B "$measure" --runs "$runs" --status "$status" --label "$kind, tlsassay --probe versions,ciphers" -- \
		"$program" --probe versions,ciphers "localhost@127.0.0.1:$port"
done
