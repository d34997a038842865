#!/usr/bin/env python3
"""What is computed of the clients' picks against what the servers really pick (--simulate=measured).

    simulate.py [NAME...]     the servers of SERVERS by name; without names: those of the quick selection
    simulate.py --part I/N    every N-th of all, from the I-th on
    simulate.py --all         all of them, and the table of agreement

At least 99 % of all rows must be computed as they were measured, those not known counted as not. Of every row that is computed, version, suite and group must be what was measured, but for what KNOWN names with its cause;
rows that are not known are counted, and have a bound. What else is observed must not change by measuring.
Exit status 0: all well; 1: something is not; 77: none of the servers is installed.
"""
import collections
import json
import os
import subprocess
import sys

from servers import Failed, Place, Server, Skip

PROGRAM = os.environ.get("TLSASSAY", "build/dev/tlsassay")
ALL_OLD = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;"
OWN = "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:" \
      "ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA; ssl_ecdh_curve X25519:secp384r1:prime256v1;"

# name: recipe, words, lines, how many rows may be unknown
SERVERS = {
    "nginx-everything": ("nginx", {"certs": "rsa,ecdsa"}, [ALL_OLD], 0),
    "nginx": ("nginx", {}, [], 0),
    "nginx-own-order": ("nginx", {"certs": "rsa"}, [OWN], 2),
    "nginx-ecdsa": ("nginx", {"certs": "ecdsa"}, ["ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on;"], 0),
    "apache": ("apache", {}, [], 0),
    "apache-old": ("apache", {"certs": "rsa,ecdsa"}, ["SSLProtocol all +TLSv1 +TLSv1.1",
                                                      "SSLCipherSuite ALL:aNULL:eNULL:@SECLEVEL=0",
                                                      "SSLHonorCipherOrder on"], 0),
    "haproxy": ("haproxy", {}, [], 0),
    "haproxy-curves": ("haproxy", {"certs": "rsa,ecdsa"}, ["alpn h2,http/1.1 ssl-min-ver TLSv1.2 curves X25519:P-256"], 1),
    "haproxy-strict": ("haproxy", {}, ["strict-sni"], 0),
    "openssl": ("s_server", {}, [], 0),
    "openssl-chacha": ("s_server", {"certs": "rsa,ecdsa"}, ["-serverpref -prioritize_chacha"], 0),
    "openssl-old": ("s_server", {"certs": "rsa"}, ["-serverpref -cipher ALL:@SECLEVEL=0"], 12),
    "openssl-dhe": ("s_server", {"certs": "rsa"}, ["-serverpref -tls1_2 -cipher DHE:AES128-SHA:@SECLEVEL=0"], 0),
    "openssl-tls13": ("s_server", {}, ["-tls1_3"], 0),
    "openssl-ed25519": ("s_server", {"certs": "ed25519"}, [], 0),
    "openssl-p384": ("s_server", {"certs": "ecdsa384"}, [], 0),
    "gnutls": ("gnutls", {}, [], 0),
    "java": ("java", {}, [], 7),
    "java-everything": ("java", {"everything": "yes"}, [], 7),
    "go": ("go", {}, [], 0),
    "nss": ("nss", {}, [], 0),
    "stunnel": ("stunnel", {}, [], 0),
    "node": ("node", {}, [], 0),
    "lighttpd-gnutls": ("lighttpd", {"module": "gnutls"}, [], 0),
    "lighttpd-mbedtls": ("lighttpd", {"module": "mbedtls"}, [], 0),
    "lighttpd-nss": ("lighttpd", {"module": "nss"}, [], 0),
    # Not here: lighttpd with wolfSSL, which closes on every hello with status_request; that is not computed yet (149 rows).
    "lighttpd-openssl": ("lighttpd", {"module": "openssl"}, [], 0),
    "caddy": ("caddy", {}, [], 0),
    "botan": ("botan", {}, [], 3),
    "erlang": ("erlang", {}, [], 0),
    "hitch": ("hitch", {}, [], 0),
    "python": ("python", {}, [], 0),
}
QUICK = ["nginx-everything", "nginx-own-order", "openssl-chacha", "gnutls", "go"]

# (server, client): why the pick is another one.
KNOWN = {}


def scan(port, *more):
    run = subprocess.run([PROGRAM, "--json", *more, f"test.example@127.0.0.1:{port}"], capture_output=True, timeout=170)
    if run.returncode:
        raise SystemExit(f"exit status {run.returncode}: {run.stderr.decode()[-400:]}")
    return json.loads(run.stdout)[0]


# The more connections, the more is seen of what should be fresh each time.
FRESH = ("kx.share_reused", "random.repeated", "random.carries_clock", "session.id_repeated")


def others(report):
    return [o for o in report["observations"] if o["key"] != "simulation.measured" and o["key"] not in FRESH]


def told(row):
    measured = row["measured"]
    pick = [row["protocol"], row["suite"], row["group"]]
    return f"{row['client']}: {row['state']} {row['reason']} {pick}, measured {[measured[k] for k in ('protocol', 'suite', 'group')]}"


def compare(name, place):
    """(rows by agreement, what is wrong)"""
    recipe, words, lines, unknown = SERVERS[name]
    with Server(place, recipe, words, lines) as server:
        plain = scan(server.port)
        report = scan(server.port, "--simulate=measured")
    rows = [r for r in report["simulation"] if "measured" in r]
    counts = collections.Counter(r["measured"]["agrees"] for r in rows)
    wrong = [told(r) for r in rows if r["measured"]["agrees"] == "no" and (name, r["client"]) not in KNOWN]
    if counts["unknown"] > unknown:
        wrong += [f"{counts['unknown']} rows are not known, {unknown} expected:"]
        wrong += [told(r) for r in rows if r["measured"]["agrees"] == "unknown"][:10]
    if len(rows) < 200:
        wrong.append(f"only {len(rows)} rows were measured")
    for key in [o["key"] for o in others(plain) if o not in others(report)]:
        wrong.append(f"{key} is another one when clients are measured")
    return counts, wrong


def main(names):
    place, total, failed, done = Place(), collections.Counter(), False, 0
    for name in names:
        try:
            counts, wrong = compare(name, place)
        except (Skip, Failed) as e:
            print(f"{name}: skipped, {e}")
            continue
        done += 1
        total += counts
        failed = failed or bool(wrong)
        print(f"{name}: {counts['yes']} as computed, {counts['no']} otherwise, {counts['unknown']} not known")
        for line in wrong[:20]:
            print("   ", line)
    print(f"{done} servers: {total['yes']} rows as computed, {total['no']} otherwise, {total['unknown']} not known")
    if total["yes"] < 0.99 * sum(total.values()):
        print("less than 99 % of the rows are as computed")
        failed = True
    return 1 if failed else 0 if done else 77


def part(text):
    """I/N: every N-th server, from the I-th on."""
    at, of = map(int, text.split("/"))
    return list(SERVERS)[at - 1::of]


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--part"]:
        words = part(words[1])
    sys.exit(main(list(SERVERS) if words == ["--all"] else words or QUICK))
