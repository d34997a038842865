#!/usr/bin/env python3
"""Client certificates at real servers: what each asks for, whether it insists, and what it says to the one that is given.

    client_certs.py [SERVER...]     exit: 0 all well, 1 not, 77: none of the servers is installed. TLSASSAY names the program.

A row is a server in one configuration; each gets scans without a certificate and with those of GIVEN. What must come out
follows from the row: in words of client.certificate for TLS 1.3 and 1.2, by what means, and whom the server accepts.
"""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import report
from servers import Failed, Place, Server, Skip

NEW, OLD = "TLSv1.3", "TLSv1.2"
BOTH = (NEW, OLD)
SCHEMES = ["rsa_pkcs1_sha256", "ecdsa_secp256r1_sha256"]    # no server here leaves these out unless told to

# certificate: what does not fit where any key is taken and the test's root is named
GIVEN = {"me": [], "meec": [], "stranger": ["issuer"], "rsa": ["purpose"]}


@dataclasses.dataclass
class Row:
    name: str
    server: str
    lines: list
    wish: str                       # client.certificate, in each version
    means: tuple = (None, None)     # its `name`: 1.3, 1.2; None is not looked at
    protocols: tuple = BOTH
    given: tuple = ()               # certificates to try
    takes: tuple = ("me", "meec")   # those that are let in
    misfits: dict = None            # instead of GIVEN: {version: words}, of every certificate
    authorities: tuple = ("CN=Test Root",)
    words: dict = dataclasses.field(default_factory=dict)


ALL = ("me", "meec", "stranger", "rsa")
SOME = ("me", "stranger")
ALERTS = ("certificate_required", "handshake_failure")
CA = "{cert:root.crt}"
NGINX = "ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_depth 5; ssl_client_certificate " + CA + ";"
ONLY_ECDSA = {NEW: ["scheme", "signature"], OLD: ["type", "scheme", "signature"]}

ROWS = [
    Row("nginx, none", "nginx", ["ssl_protocols TLSv1.2 TLSv1.3;"], "no", given=("me",)),
    Row("nginx, asked", "nginx", [NGINX + "ssl_verify_client optional;"], "asked", given=SOME),
    Row("nginx, required", "nginx", [NGINX + "ssl_verify_client on;"], "required_http", ("HTTP 400", "HTTP 400"), given=ALL),
    Row("nginx, required, 1.2", "nginx", ["ssl_protocols TLSv1.2; ssl_verify_depth 5; ssl_verify_client on; ssl_client_certificate " + CA + ";"],
        "required_http", (None, "HTTP 400"), (OLD,), given=SOME),
    Row("nginx, ECDSA only", "nginx", [NGINX + "ssl_verify_client on; ssl_conf_command ClientSignatureAlgorithms ECDSA+SHA256;"],
        "required_http", given=("me",), takes=(), misfits=ONLY_ECDSA),
    Row("Apache, none", "apache", [], "no", given=("me",)),
    Row("Apache, asked", "apache", ["SSLVerifyClient optional", "SSLVerifyDepth 5", "SSLCACertificateFile " + CA], "asked", given=SOME),
    Row("Apache, required", "apache", ["SSLVerifyClient require", "SSLVerifyDepth 5", "SSLCACertificateFile " + CA], "required", ALERTS, given=ALL),
    Row("Apache, for a page", "apache", ["SSLVerifyDepth 5", "SSLCACertificateFile " + CA, "<Location />", "SSLVerifyClient require", "</Location>"],
        "later", ("post_handshake_auth", "renegotiation"), given=SOME),
    Row("HAProxy, asked", "haproxy", ["ssl-min-ver TLSv1.2 verify optional ca-file " + CA], "asked", given=SOME),
    Row("HAProxy, required", "haproxy", ["ssl-min-ver TLSv1.2 verify required ca-file " + CA], "required", ALERTS, given=ALL),
    Row("HAProxy, none", "haproxy", ["ssl-min-ver TLSv1.2"], "no"),
    Row("stunnel, none", "stunnel", ["sslVersionMin = TLSv1.2"], "no"),
    Row("stunnel, asked", "stunnel", ["sslVersionMin = TLSv1.2", "verify = 1", "CAfile = " + CA], "asked", given=SOME),
    Row("stunnel, required", "stunnel", ["sslVersionMin = TLSv1.2", "verify = 2", "CAfile = " + CA], "required", ALERTS, given=ALL),
    Row("gnutls-serv, none", "gnutls", ["--disable-client-cert"], "no"),
    Row("gnutls-serv, asked", "gnutls", ["--x509cafile " + CA], "asked", given=("me",)),
    Row("gnutls-serv, required", "gnutls", ["--require-client-cert --verify-client-cert --x509cafile " + CA], "required",
        ("certificate_required", "decode_error"), given=SOME),
    Row("gnutls-serv, required, 1.2", "gnutls",
        ["--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2 --require-client-cert --verify-client-cert --x509cafile " + CA], "required",
        (None, "decode_error"), (OLD,), given=("meec",)),
    Row("s_server, none", "s_server", [], "no", given=("me",)),
    Row("s_server, asked", "s_server", ["-verify 5 -verify_return_error -CAfile " + CA], "asked", given=SOME),
    Row("s_server, required", "s_server", ["-Verify 5 -verify_return_error -CAfile " + CA], "required", ALERTS, given=ALL),
    Row("s_server, required, 1.2", "s_server", ["-tls1_2 -Verify 5 -verify_return_error -CAfile " + CA], "required",
        (None, "handshake_failure"), (OLD,), given=SOME),
    Row("s_server, required, 1.3", "s_server", ["-tls1_3 -Verify 5 -verify_return_error -CAfile " + CA], "required",
        ("certificate_required", None), (NEW,), given=SOME),
    Row("s_server, any authority", "s_server", ["-Verify 5"], "required", ALERTS, given=("stranger",), takes=("stranger",), authorities=(),
        misfits={NEW: [], OLD: []}),
    Row("s_server, ECDSA only", "s_server", ["-Verify 5 -verify_return_error -client_sigalgs ECDSA+SHA256 -CAfile " + CA], "required",
        given=("me",), takes=(), misfits=ONLY_ECDSA),
]


class Wrong(Exception):
    pass


def same(got, wanted, about):
    if got != wanted:
        raise Wrong(f"{about}: {got!r}, expected {wanted!r}")


def scan(server, certificate):
    args = ["--json", "--probe", "handshake", f"test.example@127.0.0.1:{server.port}"]
    if certificate:
        args += ["--cert", server.cert(f"{certificate}.pem"), "--key", server.cert(f"{certificate}.key")]
    done = report.run_twice(*args)
    if "Sanitizer" in done.stderr or "runtime error" in done.stderr or not done.stdout.startswith("["):
        raise Wrong(f"exit {done.returncode}: {done.stderr[-1500:]}")
    same(report.schema_errors(done.stdout), [], "what the schema refuses")
    return report.Report(json.loads(done.stdout)[0])


def one(r, key, protocol):
    found = r.observations(key, protocol=protocol)
    if len(found) > 1:
        raise Wrong(f"{key} of {protocol} is told {len(found)} times")
    return found[0] if found else {}


def check_wish(r, row, protocol, means):
    got = one(r, "client.certificate", protocol)
    same(got.get("value"), row.wish, f"client.certificate of {protocol} ({got.get('reason') or got.get('name')})")
    if means:
        same(got.get("name"), means, f"the means of {protocol}")


def check_request(r, row, protocol):
    """What the request lists; nothing is listed where there is none."""
    if row.wish == "no" or (row.wish == "later" and protocol == OLD):
        same(one(r, "client.authorities", protocol), {}, f"authorities of {protocol}")
        return
    same(one(r, "client.authorities", protocol).get("value"), list(row.authorities), f"authorities of {protocol}")
    schemes = one(r, "client.schemes", protocol).get("value") or []
    wanted = SCHEMES[1:] if "ECDSA only" in row.name else SCHEMES
    same([s for s in wanted if report.Names.code("schemes", s) not in schemes], [], f"schemes missing from {protocol}")
    if protocol == OLD:
        types = one(r, "client.types", protocol).get("value") or []
        same("ecdsa_sign" in types, True, f"ecdsa_sign among {types}")
        same("rsa_sign" in types, "ECDSA only" not in row.name, f"rsa_sign among {types}")


def check_given(r, row, protocol, certificate):
    if row.wish == "no" or (row.wish == "later" and protocol == OLD):    # a renegotiation is not gone along with
        same((one(r, "client.fits", protocol), one(r, "client.accepted", protocol)), ({}, {}), "judged though nobody asked")
        return
    misfits = row.misfits[protocol] if row.misfits else GIVEN[certificate]
    same(one(r, "client.misfits", protocol).get("value", []), misfits, f"misfits of {certificate} in {protocol}")
    same(one(r, "client.fits", protocol).get("value"), "no" if misfits else "yes", f"fits of {certificate} in {protocol}")
    sent = not {"type", "scheme"} & set(misfits)
    accepted = one(r, "client.accepted", protocol)
    wanted = ("yes" if certificate in row.takes else "no") if sent else None
    same(accepted.get("value"), wanted, f"accepted, {certificate} in {protocol} ({accepted.get('name')}, {accepted.get('reason')})")
    if wanted == "yes":
        same(one(r, "handshake.complete", protocol).get("value"), "yes", f"handshake with {certificate} in {protocol}")


def check_scan(row, server, certificate):
    r = scan(server, certificate)
    for protocol, means in zip(BOTH, row.means):
        if protocol not in row.protocols:
            continue
        check_wish(r, row, protocol, means)
        check_request(r, row, protocol)
        if certificate:
            check_given(r, row, protocol, certificate)


def try_row(place, row):
    """(lines about what is wrong, scans made), or None where the server is not there."""
    wrong = []
    try:
        with Server(place, row.server, row.words, row.lines) as server:
            for certificate in (None, *row.given):
                try:
                    check_scan(row, server, certificate)
                except Wrong as e:
                    wrong.append(f"{row.name}, {certificate or 'without one'}: {e}")
    except Skip as e:
        print(f"# {row.name}: {e}")
        return None
    except Failed as e:
        return [f"{row.name}: {e}"], 0
    return wrong, 1 + len(row.given)


# ---- told by handshake; and mistakes, before anything is dialled ---------------------------------------------------------


def told(place):
    row = next(r for r in ROWS if r.name == "s_server, required")
    with Server(place, row.server, row.words, row.lines) as server:
        target = f"test.example@127.0.0.1:{server.port}"
        key = ["--cert", server.cert("me.pem"), "--key", server.cert("me.key")]
        for args, words in (([], ["CN=Test Root", "ecdsa_secp256r1_sha256", "certificate_required"]),
                            (["--version", "1.2"], ["rsa_sign", "CN=Test Root", "handshake_failure"]),
                            (["--version", "1.2", *key], ["CN=me", "Both Finished messages were right"])):
            out = report.run("handshake", target, *args).stdout
            for word in words:
                if word not in out:
                    yield f"handshake {' '.join(args[:2])}: no {word!r} in\n{out}"


def recorded(place):
    """The key is neither in a recording nor named there, and is not needed again; another certificate is."""
    row = next(r for r in ROWS if r.name == "s_server, required")
    tape, key = place.dir / "me.tape", place.dir / "moved.key"
    with Server(place, row.server, row.words, row.lines) as server:
        me, other = server.cert("me.pem"), server.cert("meec.pem")
        key.write_bytes(pathlib.Path(server.cert("me.key")).read_bytes())
        live = report.run("--json", "--record", str(tape), "--probe", "handshake", "--cert", me, "--key", str(key),
                          f"test.example@127.0.0.1:{server.port}")
    key.unlink()
    words = [line.split()[0] for line in tape.read_text().splitlines()]
    if words.count("signed") < 2 or "moved.key" in tape.read_text():
        yield f"recorded: {words.count('signed')} signatures, or the key's place"
    if report.run("--json", "--replay", str(tape)).stdout != live.stdout:
        yield "recorded: the replay says something else"
    done = report.run("--json", "--replay", str(tape), "--cert", other)
    if done.returncode != 2 or "something else" not in done.stderr:
        yield f"recorded: with another certificate exit {done.returncode}, {done.stderr!r}"


def mistakes(place):
    me, other = place.certs.path("me.pem"), place.certs.path("meec.key")
    locked = place.dir / "locked.key"
    subprocess.run(["openssl", "pkey", "-in", place.certs.path("me.key"), "-aes128", "-passout", "pass:right", "-out", locked],
                   check=True, capture_output=True, timeout=60)
    (place.dir / "wrong.pass").write_text("wrong\n")
    (place.dir / "right.pass").write_text("right\n")
    for args, words in ((["--key", other], "goes with --cert"),
                        (["--cert", me.replace("me.pem", "me.crt")], "no private key"),
                        (["--cert", me, "--key", other], "does not belong to"),
                        (["--cert", str(place.dir / "nowhere.pem")], "No such file"),
                        (["--cert", me, "--key", locked], "needs a passphrase"),
                        (["--cert", me, "--key", locked, "--pass-file", place.dir / "wrong.pass"], "does not open")):
        for command in ([], ["--json"], ["handshake"]):
            done = report.run(*command, *map(str, args), "127.0.0.1:9")
            if done.returncode != 2 or done.stdout or words not in done.stderr or done.stderr.count("\n") != 1:
                yield f"{command} {args}: exit {done.returncode}, {done.stderr!r}, {done.stdout[:99]!r}; expected {words!r}"
    done = report.run("--json", "--cert", me, "--key", str(locked), "--pass-file", str(place.dir / "right.pass"), "127.0.0.1:9")
    if done.returncode != 3:
        yield f"the right passphrase: exit {done.returncode}, {done.stderr!r}"


def main():
    rows = [r for r in ROWS if not sys.argv[1:] or r.server in sys.argv[1:]]
    place = Place()
    try:
        with concurrent.futures.ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            done = [d for d in pool.map(lambda row: try_row(place, row), rows) if d]
        wrong = [line for lines, _ in done for line in lines]
        if not sys.argv[1:]:
            wrong += [*told(place), *recorded(place), *mistakes(place)]
    finally:
        place.close()
    print(*wrong, sep="\n")
    print(f"{sum(n for _, n in done)} scans of {len(done)} servers, {len(wrong)} wrong")
    return 1 if wrong else 0 if done else 77


if __name__ == "__main__":
    sys.exit(main())
