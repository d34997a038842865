#!/bin/sh
# Makes certs.inc: the built-in certificates and keys of the test server, valid until 2049. Run once; the result is
# committed, so that every run of every test sees the same bytes.
set -eu
out=$(cd "$(dirname "$0")" && pwd)/certs.inc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

key() { # name algorithm [option]
	openssl genpkey -algorithm "$2" ${3:+-pkeyopt "$3"} -out "$1.key" 2>/dev/null
}

cert() { # name issuer subject extensions
	openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
	printf '%s\n' "$4" >"$1.ext"
	if [ "$1" = "$2" ]; then sign="-signkey $1.key"; else sign="-CA $2.pem -CAkey $2.key"; fi
	# shellcheck disable=SC2086
	openssl x509 -req -in "$1.csr" $sign -sha256 -set_serial "0x$(openssl rand -hex 12)" -extfile "$1.ext" \
		-days "$days" -out "$1.pem" 2>/dev/null
}

array() { # C name, file
	printf 'static const uint8_t %s[] = {\n' "$1"
	od -An -v -tx1 "$2" | sed 's/ \(..\)/ 0x\1,/g; s/^ /\t/'
	printf '};\n'
}

days=$((($(date -d 2049-01-01 +%s) - $(date +%s)) / 86400))
names='subjectAltName=DNS:localhost,DNS:server.test,DNS:*.server.test,IP:127.0.0.1
basicConstraints=CA:FALSE
keyUsage=digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth'
ca='basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash'

key root RSA rsa_keygen_bits:2048
key inter RSA rsa_keygen_bits:2048
key rsa RSA rsa_keygen_bits:2048
key other RSA rsa_keygen_bits:2048
key ecdsa EC ec_paramgen_curve:P-256
key ed25519 ED25519
key export RSA rsa_keygen_bits:512
cert root root '/CN=Test Root' "$ca"
cert inter root '/CN=Test Intermediate' "$ca"
for k in rsa ecdsa ed25519; do cert $k inter '/CN=server.test' "$names"; done
cert other inter '/CN=default.test' 'subjectAltName=DNS:default.test'
{
	printf '/* Made by gen_certs.sh: throw-away certificates and keys for tests on loopback. */\n'
	for k in root inter rsa ecdsa ed25519 other; do
		openssl x509 -in $k.pem -outform DER -out $k.der
		array ${k}_cert $k.der
	done
	for k in rsa ecdsa ed25519 other export; do
		openssl pkcs8 -topk8 -nocrypt -in $k.key -outform DER -out $k.p8
		array ${k}_key $k.p8
	done
} >"$out"
