#!/usr/bin/env python3
"""Endpoints compared: real servers on several addresses of the loopback, and what the groups say of them.

    groups.py       exit: 0 all well, 1 not, 77: nginx is not there. TLSASSAY names the program.
"""
import base64
import json
import subprocess
import sys
import tempfile

import report
import servers
from servers import Command, Place, Server, Skip

CIPHERS = "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:@SECLEVEL=0; ssl_prefer_server_ciphers on;"
MODERN, OLD = "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1 TLSv1.2 TLSv1.3;"
FACTOR_BITS = 1024


def addresses(s, words, lines):
    """nginx on one port of several addresses; a line: ADDRESS CERTIFICATE DIRECTIVES."""
    program, text = servers.find_program("nginx"), ""
    for line in lines:
        address, cert, directives = line.split(" ", 2)
        text += (f"server {{ listen {address}:{s.port} ssl; ssl_certificate {cert}.pem; ssl_certificate_key {cert}.key;\n"
                 f"{CIPHERS} {directives}\n return 200 ok; }}\n")
    temp = "".join(f"{k}_temp_path {s.dir}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    s.write("nginx.conf", f"daemon off; master_process off; pid {s.dir}/pid; error_log {s.dir}/error crit;\n"
            f"events {{ worker_connections 4000; }}\nhttp {{ access_log off; {temp}\n{text} }}\n")
    return Command([program, "-p", s.dir, "-e", s.dir / "early", "-c", s.dir / "nginx.conf"])


servers.RECIPES["nginx-addresses"] = addresses


def demand(holds, what):
    if not holds:
        raise AssertionError(what)


def scan(*args, status=0):
    """The records of a scan; they are valid, and judge makes the same bytes of them."""
    done = report.run("--json", *args)
    demand("Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr[-3000:])
    demand(done.returncode == status, f"exit {done.returncode}, expected {status}: {done.stderr}")
    demand(not report.schema_errors(done.stdout), f"schema: {report.schema_errors(done.stdout)[:2]}")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as saved:
        saved.write(done.stdout)
        saved.flush()
        demand(report.run("judge", "--json", saved.name).stdout == done.stdout, "judge writes another report")
        for form, whole in (("ndjson", False), ("html", True)):
            out = report.run("judge", "-o", form, saved.name).stdout
            demand(whole or not any(report.schema_errors(line) for line in out.splitlines()), "schema of ndjson")
            demand(not whole or out.endswith("</html>\n"), "html is not whole")
    return json.loads(done.stdout)


def groups(records, scope):
    return [r for r in records if r["kind"] == "group" and r["scope"] == scope]


def failed(group):
    return [f["id"] for f in group["findings"] if f["state"] == "fail"]


def because(group, id):
    return next(f["because"] for f in group["findings"] if f["id"] == id)


# ---- the addresses of a name ----------------------------------------------------------------------------------------------


def four_addresses(place):
    """One with another certificate, one with TLS 1.0, one silent: each said, in whichever order they are given."""
    good, other = place.certs.path("rsa.pem")[:-4], place.certs.path("othername.pem")[:-4]
    lines = [f"127.0.0.1 {good} {MODERN}", f"127.0.0.2 {other} {MODERN}", f"127.0.0.3 {good} {OLD}"]
    with Server(place, "nginx-addresses", lines=lines) as s:
        names = [f"test.example@127.0.0.{i}:{s.port}" for i in (1, 2, 3, 4)]
        root = ("--ca-file", place.certs.path("root.crt"))
        records = scan(*root, *names, status=3)
        demand([r["kind"] for r in records] == ["endpoint"] * 4 + ["group"] * 2, "four endpoints and two groups")
        [group] = groups(records, "name")
        demand(failed(group) == ["addresses.silent", "addresses.certificate", "addresses.names", "addresses.chain",
                                 "addresses.versions", "addresses.grade"], f"{failed(group)}")
        fits = "match (127.0.0.1, 127.0.0.3), mismatch (127.0.0.2)"
        demand(because(group, "addresses.chain") == f"chain.hostname: {fits}; chain.hostname without a server name: {fits}",
               because(group, "addresses.chain"))
        demand(because(group, "addresses.silent") == "127.0.0.4: unreachable", because(group, "addresses.silent"))
        demand(because(group, "addresses.versions") == "protocol.offered TLSv1.0: no (127.0.0.1, 127.0.0.2), yes (127.0.0.3)",
               because(group, "addresses.versions"))
        demand("127.0.0.2: other.example;" in because(group, "addresses.names"), because(group, "addresses.names"))
        shown = [m["certificates"] for m in group["endpoints"]]
        demand(shown[0] == shown[2] != shown[1] and shown[3] == [], f"{shown}")
        again = scan(*root, *reversed(names), status=3)
        demand(groups(again, "name") == [group], "another order of the targets gives another group")
        demand(groups(again, "run") == groups(records, "run"), "another order of the targets gives another run")
        quiet = report.run("-q", *root, *names).stdout.splitlines()
        demand(len(quiet) == 5 and quiet[4].startswith("!   test.example:") and "addresses.versions" in quiet[4], f"{quiet}")
        text = report.run(*root, *names).stdout
        demand("The addresses offer different versions of TLS [addresses.versions]" in text, text[-2000:])


def two_alike(place):
    good = place.certs.path("rsa.pem")[:-4]
    with Server(place, "nginx-addresses", lines=[f"127.0.0.{i} {good} {MODERN}" for i in (1, 2)]) as s:
        names = [f"test.example@127.0.0.{i}:{s.port}" for i in (1, 2)]
        records = scan(*names)
        [group] = groups(records, "name")
        demand({f["state"] for f in group["findings"]} == {"pass"}, f"{group['findings']}")
        demand(group["differences"] == [], f"{group['differences']}")
        demand([len(groups(scan(names[0]), scope)) for scope in ("name", "run")] == [0, 0], "one endpoint makes a group")
        quiet = report.run("-q", *names).stdout.splitlines()
        demand(quiet[2:] == [f"=   test.example:{s.port}  2 addresses: no difference"], f"{quiet}")


# ---- a run ----------------------------------------------------------------------------------------------------------------


def der(tag, content):
    n = len(content)
    size = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + content


def integer(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def rsa_key(p, q):
    """PKCS #1 (RFC 8017 appendix A.1.2), as PEM."""
    e, d = 65537, pow(65537, -1, (p - 1) * (q - 1))
    body = b"".join(map(integer, (0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))))
    text = base64.encodebytes(der(0x30, body)).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n"


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, text=True, timeout=120).stdout


def prime():
    """With e = 65537 it must not be 1 above a multiple of it."""
    while True:
        p = int(openssl("prime", "-generate", "-bits", str(FACTOR_BITS)))
        if p % 65537 != 1:
            return p


def self_signed(folder, name, key, days):
    (folder / f"{name}.key").write_text(key)
    openssl("req", "-x509", "-new", "-key", folder / f"{name}.key", "-out", folder / f"{name}.pem", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName=DNS:{name}.example", "-days", str(days))
    return folder / name


def keys_of_a_run(place):
    """Two keys with one prime, one key in two certificates, one certificate on two hosts; and the first to end."""
    p, q, r, t, u = (prime() for _ in range(5))
    folder = place.folder("keys")
    one = self_signed(folder, "one", rsa_key(p, q), 30)
    two = self_signed(folder, "two", rsa_key(p, r), 20)
    three = self_signed(folder, "three", rsa_key(t, u), 40)
    four = self_signed(folder, "four", rsa_key(t, u), 50)
    lines = [f"127.0.0.{i} {name} {MODERN}" for i, name in enumerate((one, two, three, four), 1)]
    with Server(place, "nginx-addresses", lines=lines) as s, tempfile.NamedTemporaryFile("w") as f:
        where = {n: f"{n}.example@127.0.0.{i}:{s.port}" for n, i in
                 (("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 4))}
        f.write("\n".join(where.values()) + "\n")
        f.flush()
        records = scan("--probe", "handshake.tls13", "-f", f.name)
        demand(not groups(records, "name"), "hosts with one address make no group of their own")
        [run] = groups(records, "run")
        demand(failed(run) == ["run.shared_factor", "run.shared_key", "run.shared_certificate"], f"{failed(run)}")
        [factor] = run["shared_factors"]
        demand(factor["bits"] == FACTOR_BITS and factor["endpoints"] == sorted([where["one"], where["two"]]), f"{factor}")
        demand(len(factor["keys"]) == 2 and run["moduli_compared"] == 3, f"{run}")
        [key] = run["shared_keys"]
        demand(key["endpoints"] == sorted(where[n] for n in ("three", "four", "five")), f"{key}")
        demand(len(key["certificates"]) == 2 and key["sha256"] not in factor["keys"], f"{key}")
        [certificate] = run["shared_certificates"]
        demand(certificate["endpoints"] == sorted([where["four"], where["five"]]), f"{certificate}")
        demand(run["first_expiry"]["subject"] == "CN=two" and run["first_expiry"]["endpoints"] == [where["two"]],
               f"{run['first_expiry']}")
        last = report.run("-q", "--probe", "handshake.tls13", "-f", f.name).stdout.splitlines()[-1]
        demand(last.startswith("!   all endpoints  5 endpoints: run.shared_factor"), last)


def two_keys_of_one_endpoint(place):
    """One certificate for the name and another for who gives none, whose keys have a common prime; or not."""
    p, q, r, t, u = (prime() for _ in range(5))
    folder = place.folder("pair")
    named = self_signed(folder, "named", rsa_key(p, q), 30)
    for name, key, wanted in (("other", rsa_key(p, r), ["run.shared_factor"]), ("apart", rsa_key(t, u), None)):
        lines = [f"127.0.0.1 {self_signed(folder, name, key, 30)} {MODERN}", f"127.0.0.1 {named} {MODERN} server_name named.example;"]
        with Server(place, "nginx-addresses", lines=lines) as s:
            target = f"named.example@127.0.0.1:{s.port}"
            run = groups(scan("--probe", "handshake.tls13,chain.nosni", target), "run")
            demand([failed(g) for g in run] == ([wanted] if wanted else []), f"{run}")
            demand(not wanted or run[0]["shared_factors"][0]["endpoints"] == [target], f"{run}")


def main():
    wrong, place = [], Place()
    for case in (four_addresses, two_alike, keys_of_a_run, two_keys_of_one_endpoint):
        try:
            case(place)
            print(f"ok       {case.__name__}")
        except Skip as e:
            print(f"skipped: {e}")
            return 77
        except AssertionError as e:
            wrong.append(f"{case.__name__}: {e}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
