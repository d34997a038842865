#!/usr/bin/env python3
"""Servers of random configuration: every list exact, every verdict about the order right.

    random_servers.py [--seed N] [--nginx 50] [--own 20]

`--nginx` so many virtual servers of one nginx, with random versions, suites, orders and curves; `--own` so many runs of
the tls_server of tests/servers ($TLS_SERVER), which can do suites that no library has, and has the oddities that the
scanner must meet. The seed is printed; TLSASSAY names the program. Exit: 0 all well, 1 not, 77 nothing could be run.
"""
import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import report
import truth
from servers import Place, Server, Skip

CURVES = ["X25519", "X448", "prime256v1", "secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1", "secp224r1"]
CURVE_NAMES = {"X25519": "x25519", "X448": "x448", "prime256v1": "secp256r1"}
CURVES13 = CURVES[:5]
SUITES13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"]
VERSIONS = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


class Expectation:
    """offered: {version: codes in the server's order}; server_order: or the client's; groups: {version: codes}"""

    def __init__(self, about):
        self.about, self.offered, self.groups, self.server_order = about, {}, {}, True
        self.halves, self.names = False, {}

    def wrong(self, record, stderr):
        r, out = report.Report(record), []
        if sorted(r.offered()) != sorted(self.offered):
            out.append(f"offers {r.offered()}, configured {list(self.offered)}")
        for version, codes in self.offered.items():
            out += self.wrong_list(r, version, codes)
        for version, codes in self.groups.items():
            got = [g for g in r.list_of("groups", version) or [] if not g.startswith("0x01")]   # the finite fields aside
            if sorted(got) != sorted(codes):
                out.append(f"groups of {version}: {got}, configured {codes}")
        out += [f"unknown: {u}" for u in r.unknowns() if not (u.startswith("suites.order") and self.shows_no_order())
                and not u.endswith("NOT_IN_LIBCRYPTO")]   # a suite that nobody here can carry through
        if "Sanitizer" in stderr or "runtime error" in stderr:
            out.append(stderr[-2000:])
        return out

    def wrong_list(self, r, version, codes):
        got, order = r.list_of("suites", version) or [], r.order("suites", version)
        wanted = "none" if len(codes) < 2 else "server" if self.server_order else "client"
        if sorted(got) != sorted(codes):
            return [f"suites of {version}: missing {sorted(set(codes) - set(got))}, too many {sorted(set(got) - set(codes))}"]
        if order != wanted and not (order == "unknown" and self.shows_no_order()):
            return [f"order of {version}: {order}, configured {wanted}"]
        if order == "server" and not self.same_order(got, codes):
            return [f"order of {version}: {got}, configured {codes}"]
        return []

    def same_order(self, got, codes):
        """A server that refuses a mixed list shows no order between the suites with elliptic curves and the others."""
        halves = [[0, 1]] if not self.halves else [[0], [1]]
        return all([c for c in got if self.half(c) in h] == [c for c in codes if self.half(c) in h] for h in halves)

    def shows_no_order(self):
        """One suite of each half, which are never granted in one hello: nothing tells whose order decides."""
        return self.halves and all(len({self.half(c) for c in codes}) == len(codes) for codes in self.offered.values())

    def half(self, code):
        return 1 if "_EC" in self.names.get(code, "") else 0


def scan(port):
    done = report.run("--json", f"127.0.0.1:{port}")
    if not done.stdout.startswith("["):
        return None, f"exit {done.returncode}: {done.stderr[-1500:]}"
    errors = report.schema_errors(done.stdout)
    return json.loads(done.stdout)[0], done.stderr + (f"Sanitizer: schema: {errors[:2]}" if errors else "")


# ---- nginx -------------------------------------------------------------------------------------------------------------


def some(rng, items, least=1):
    return rng.sample(items, rng.randint(least, len(items)))


def curves_in_use(curves, names, prefer):
    """An ECDSA suite needs the certificate's P-256 on offer: by the server's order nothing behind it is ever picked."""
    if prefer and "prime256v1" in curves and not any(n.startswith(("ECDHE-RSA", "ECDHE-ARIA", "AECDH")) for n in names):
        return curves[:curves.index("prime256v1") + 1]
    return curves


def nginx_block(rng, suites):
    """(directives, expectation) of one virtual server; suites: {version: {name: code}} of this OpenSSL."""
    # Without gaps: OpenSSL refuses every hello where the newest version below a gap has no suite.
    first, last = sorted(rng.choices(range(len(VERSIONS)), k=2))
    versions = VERSIONS[first:last + 1]
    names = rng.sample(list(suites["TLSv1.2"]), rng.choice([1, 2, 3, 5, 10, 20, 40]))
    names13, curves = some(rng, SUITES13), some(rng, CURVES)
    prefer = rng.random() < 0.5
    e = Expectation(f"versions {' '.join(versions)}; suites {':'.join(names)}; TLS 1.3 {':'.join(names13)}; curves "
                    f"{':'.join(curves)}; prefer {prefer}")
    e.server_order = prefer
    for v in versions[:]:
        if v == "TLSv1.3":
            e.offered[v] = [report.Names.code("suites", n) for n in names13] if set(curves) & set(CURVES13) else []
            e.groups[v] = [report.Names.code("groups", CURVE_NAMES.get(c, c)) for c in curves if c in CURVES13]
        else:
            e.offered[v] = [suites[v][n] for n in names if n in suites[v]]
            if any(n.startswith(("ECDHE", "AECDH")) for n in names if n in suites[v]):
                usable = curves_in_use(curves, [n for n in names if n in suites[v]], prefer)
                e.groups[v] = [report.Names.code("groups", CURVE_NAMES.get(c, c)) for c in usable]
        if not e.offered[v]:
            del e.offered[v]
            e.groups.pop(v, None)
    protocols = " ".join(v.replace("TLSv1.0", "TLSv1") for v in versions)
    text = (f"ssl_protocols {protocols}; ssl_ciphers {':'.join(names)}:@SECLEVEL=0; ssl_prefer_server_ciphers "
            f"{'on' if prefer else 'off'}; ssl_ecdh_curve {':'.join(curves)}; ssl_dhparam {{cert:dhffdhe2048.pem}};\n"
            f"ssl_conf_command Ciphersuites {':'.join(names13)};")
    return text, e


def openssl_suites():
    """{version: {name: code}} that the OpenSSL of this machine has for RSA, ECDSA and anonymous suites."""
    out = {}
    for version in VERSIONS[:3]:
        flag = "-" + version.replace("TLSv1.0", "tls1").replace("TLSv1.", "tls1_")
        text = subprocess.run(["openssl", "ciphers", "-V", "-s", flag, EVERYTHING], capture_output=True, text=True, check=True).stdout
        rows = re.findall(r"0x(\w\w),0x(\w\w) - (\S+) +(\S+) +Kx=(\S+) +Au=(\S+)", text)
        out[version] = {name: f"0x{a}{b}" for a, b, name, since, _, auth in rows
                        if since != "TLSv1.3" and truth.OPENSSL_AUTH.get(auth) in ("rsa", "ecdsa", "anon")}
    return out


def run_nginx(rng, place, count):
    suites = openssl_suites()
    blocks = []
    while len(blocks) < count:
        text, expected = nginx_block(rng, suites)
        if expected.offered:
            blocks.append((text, expected))
    lines = "\n---\n".join(text for text, _ in blocks).split("\n")
    with Server(place, "nginx", {"certs": "rsa,ecdsa"}, lines) as server:
        return check_all((port, expected) for port, (_, expected) in zip(server.ports, blocks))


# ---- tests/servers ------------------------------------------------------------------------------------------------------


OWN = re.compile(r"TLS_(RSA|DHE_RSA|ECDHE_RSA|ECDHE_ECDSA|DH_anon|ECDH_anon)_WITH_")
ORDINARY = {"0xC02B", "0xC02F", "0xC02C", "0xC030", "0x009C", "0x009E", "0x002F", "0x0035"}
ODDITIES = [[], [], [], ["max_suites=100"], ["refuse_extensions=yes"], ["refuse_ecc_mix=yes"], ["refuse=fin"], ["refuse=reset"],
            ["drop_256_511=yes"], ["fragment=7"]]


def own_config(rng):
    """(options of tls_server, expectation)"""
    table = {row["id"]: row["what"] for row in json.loads(report.run("list", "suites", "--json").stdout)}
    codes = rng.sample([c for c, n in table.items() if OWN.match(n)], rng.choice([1, 2, 5, 12, 30, 60]))
    odd, prefer = rng.choice(ODDITIES), rng.random() < 0.6
    if "refuse=reset" in odd and not ORDINARY & set(codes):
        codes.append("0xC02F")  # a reset is a word only where an ordinary hello is answered
    settings = ["versions=TLSv1.2", "suites=" + ",".join(codes), "chains=rsa,ecdsa", "order=" + ("server" if prefer else "client"), *odd]
    e = Expectation(" ".join(settings))
    e.offered, e.server_order = {"TLSv1.2": codes}, prefer
    e.halves, e.names = "refuse_ecc_mix=yes" in odd, table
    return [x for s in settings for x in ("--set", s)], e


def run_own(rng, program, count):
    wrong = 0
    for _ in range(count):
        options, expected = own_config(rng)
        child = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            wrong += check_all([(int(child.stdout.readline()), expected)])
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return wrong


def check_all(pairs):
    wrong = 0
    for port, expected in pairs:
        record, stderr = scan(port)
        faults = expected.wrong(record, stderr) if record else [stderr]
        if faults:
            wrong += 1
            print(f"not ok: {expected.about}", *faults, sep="\n    ", flush=True)
    return wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--nginx", type=int, default=50)
    p.add_argument("--own", type=int, default=20)
    a = p.parse_args()
    rng, place, wrong, ran = random.Random(a.seed), Place(), 0, 0
    print(f"seed {a.seed}", flush=True)
    try:
        if a.nginx:
            wrong += run_nginx(rng, place, a.nginx)
            ran += a.nginx
    except Skip as e:
        print(f"# {e}")
    if a.own and os.environ.get("TLS_SERVER"):
        wrong += run_own(rng, os.environ["TLS_SERVER"], a.own)
        ran += a.own
    print(f"{ran} servers, {wrong} not as configured")
    return 1 if wrong else 0 if ran else 77


if __name__ == "__main__":
    sys.exit(main())
