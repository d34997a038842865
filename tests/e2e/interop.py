#!/usr/bin/env python3
"""A whole handshake with data through it, for every suite in every version, and for every group of TLS 1.3 with every
suite, of other people's servers.

    interop.py --client SHAKES [--program TLSASSAY] [NAME...]     openssl gnutls java go node nss lighttpd; exit status 77: none is here
    interop.py --client SHAKES --write FILE [NAME...]             and keep the tables, as tests/e2e/interop.txt

What a server has is asked of itself: a listing of its own, which names each suite, and where the listing says of which
version too, exactly those must complete. Where it does not (or there is none), what the server picks must complete, and each
suite listed must do so in some version. Only what this libcrypto lacks may stay behind, and is shown as that:

    ok          both Finished messages right, the signature right where there is one, an HTTP answer to a request
    -           the server refuses it in this version
    server fails    the server picks it, then says internal_error (Java 17 cannot sign with DSA before TLS 1.2)
    no libcrypto    the server picks it, this libcrypto has no such cipher or group: offered, not completed
"""
import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

import servers
import truth
from servers import Failed, Place, Server, Skip, find_program, node_binaries

HEAD = "# Made by running: interop.py --write tests/e2e/interop.txt; what the words mean stands at the head of interop.py.\n\n"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE = {"SSLv3": 0x0300, "TLSv1.0": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
CLEAR = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"]
IDENTITY, KEY = "Client_identity", "0102030405"
REFUSALS = {"ALERT", "CLOSED", "RESET", "PROTOCOL_VERSION", "TRUNCATED"}
LEGACY = {"RC4", "RC4-40", "RC4-56", "RC4-64", "RC4-128", "RC2-40-CBC", "RC2-56-CBC", "RC2-128-CBC", "DES-CBC", "DES40-CBC",
          "SEED-CBC"}


# ---- tables of the project ---------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Suite:
    code: int
    name: str
    openssl: str
    kx: str
    auth: str
    enc: str
    since: str


def rows_of(file):
    return re.findall(r"^(?:SUITE|GROUP)\((.*)\)$", (ROOT / "scanner/tls" / file).read_text(), re.M)


def field(row, name, other=""):
    found = re.search(rf'\.{name} = "?([^",]+)"?', row)
    return found.group(1) if found else other


def read_suite(row):
    kx, auth = re.search(r"KX(?:_AS)?\((\w+)", row), re.search(r"AUTH(?:_AS)?\((\w+)", row)
    since = {"VER_SSL3": "SSLv3", "VER_TLS10": "TLSv1.0", "VER_TLS11": "TLSv1.1", "VER_TLS12": "TLSv1.2", "VER_TLS13": "TLSv1.3"}
    return Suite(int(field(row, "code"), 16), field(row, "name"), field(row, "openssl"), kx.group(1) if kx else "OTHER",
                 auth.group(1) if auth else "OTHER", field(row, "enc"), since.get(field(row, "min_version"), "TLSv1.2"))


SUITES = {s.code: s for s in map(read_suite, rows_of("suites.def"))}
GROUPS = {int(field(r, "code"), 16): (field(r, "name"), r) for r in rows_of("groups.def")}
RFC8446 = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305]
TLS13 = [c for c, s in SUITES.items() if s.since == "TLSv1.3" and s.kx == "ANY"]


def group_code(name):
    return next(c for c, (n, _) in GROUPS.items() if n.lower() == name.lower())


def groups_of(use):
    """Those a share or a list of ours can name; of the hybrids those that went beyond a draft."""
    return [c for c, (name, row) in GROUPS.items() if use in row and not re.search("GREASE|SPECIAL|GOST", row)
            and ("MLKEM" in name or not re.search("GROUP_KEM|GROUP_HYBRID", row))]


def all_suites(version, kinds=None):
    """What a server without a listing is asked: all that this version may have."""
    if version == "TLSv1.3":
        return TLS13
    order = list(CODE)
    return [c for c, s in SUITES.items() if order.index(s.since) <= order.index(version) and s.kx not in ("NONE", "ANY", "SRP", "KRB5")
            and c not in (0x00FF, 0x5600) and (not kinds or s.kx in kinds)]


def codes_of_names(names):
    table = {n: c for c, s in SUITES.items() for n in (s.name, s.openssl) if n}
    table.update({n.replace("TLS_", "SSL_", 1): c for n, c in list(table.items()) if n.startswith("TLS_")})
    return [table[n] for n in names if n in table]


# ---- what may stay behind ----------------------------------------------------------------------------------------------


def legacy_provider():
    try:
        out = subprocess.run(["openssl", "list", "-cipher-algorithms", "-provider", "legacy"], capture_output=True, text=True, timeout=20)
    except OSError:
        return False
    return "RC4" in out.stdout


def may_lack(code):
    enc = SUITES[code].enc
    return enc.startswith("IDEA") or (enc in LEGACY and not legacy_provider())


def is_kem(group):
    return "GROUP_KEM" in GROUPS[group][1] or "GROUP_HYBRID" in GROUPS[group][1]


# ---- the client ----------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Outcome:
    complete: bool
    reason: str
    version: int
    suite: int
    group: int
    scheme: int
    alert: int
    data: bool
    checked: bool

    def word(self, suite):
        if self.complete and self.data and self.suite == suite:
            return "ok"
        if self.reason == "NOT_IN_LIBCRYPTO":
            return "no libcrypto"
        if not self.suite and self.reason in REFUSALS:
            return "-"
        if self.reason == "ALERT" and self.alert == 80:
            return "server fails"
        return f"{self.reason}{'' if self.alert < 0 else f'({self.alert})'}{'' if self.data or not self.complete else ' no data'}"


class Client:
    def __init__(self, program, port):
        self.child = subprocess.Popen([program, IDENTITY, KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port, self.count = port, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(20)

    def ask(self, version, suite, group=0):
        self.child.stdin.write(f"{self.port} {CODE[version]:x} {suite:x} {group:x}\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline().split()
        if len(line) != 9:
            raise Failed(f"the client broke off at {version} {suite:04x} {group:04x}")
        self.count += 1
        return Outcome(line[0] == "complete", line[1], *(int(w, 16) for w in line[2:6]), int(line[6]), line[7] == "data", line[8] == "checked")


# ---- one server and its table ------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Peer:
    """A server, what it says it has, and how much that says."""
    title: str
    recipe: str
    words: dict
    lines: list
    offered: dict                    # version -> codes; or a function of the running server that gives that
    exact: bool = True               # the listing says of which version
    groups: list = dataclasses.field(default_factory=list)      # of TLS 1.3, which it must have; [] : none is asked
    curves: list = dataclasses.field(default_factory=list)      # of TLS 1.2, which it must have


class Table:
    def __init__(self, peer):
        self.peer, self.cells, self.groups, self.curves, self.wrong, self.done = peer, {}, {}, {}, [], set()

    def judge(self, what, word, lacks, must):
        if word == "ok" or (word == "no libcrypto" and lacks) or (word in ("-", "server fails") and not must):
            return
        self.wrong.append(f"{self.peer.title}: {what}: {word}")

    def suite(self, version, code, outcome):
        word = outcome.word(code)
        self.cells.setdefault(code, {})[version] = word
        if word == "ok":
            self.done.add(code)
            if SUITES[code].kx in ("DHE", "ECDHE", "ANY") and SUITES[code].auth != "NULL" and not outcome.checked:
                self.wrong.append(f"{self.peer.title}: {version} {SUITES[code].name}: no signature was verified")
        self.judge(f"{version} {SUITES[code].name}", word, may_lack(code), self.peer.exact)

    def group(self, group, code, outcome, must):
        word = outcome.word(code)
        if word == "ok" and outcome.group != group:
            word = "other group"
        if word == "no libcrypto":
            must = False
        self.groups.setdefault(group, {})[code] = word
        self.judge(f"TLSv1.3 {GROUPS[group][0]} {SUITES[code].name}", word, is_kem(group), must)

    def curve(self, group, outcome, must):
        word = outcome.word(outcome.suite)
        self.curves[group] = word if word != "ok" or outcome.group == group else "other group"
        self.judge(f"TLSv1.2 {GROUPS[group][0]}", self.curves[group], False, must)

    def whole(self, listed):
        """Each listed suite in some version."""
        for code in listed:
            words = self.cells.get(code, {}).values()
            if "ok" not in words and "server fails" not in words and not (may_lack(code) and "no libcrypto" in words):
                self.wrong.append(f"{self.peer.title}: {SUITES[code].name} is listed, and completed in no version")

    def lines(self):
        versions = [v for v in CODE if any(v in row for row in self.cells.values())]
        shown = {c: row for c, row in self.cells.items() if set(row.values()) != {"-"}}
        yield f"== {self.peer.title}: {sum(w == 'ok' for row in self.cells.values() for w in row.values())} handshakes of suites"
        yield f"{'':<62}" + "".join(f"{v:<14}" for v in versions).rstrip()
        for code, row in sorted(shown.items()):
            yield f"0x{code:04X} {SUITES[code].name:<54} " + "".join(f"{row.get(v, ''):<14}" for v in versions).rstrip()
        yield from self.group_lines()
        yield ""

    def group_lines(self):
        suites = sorted({c for row in self.groups.values() for c in row})
        if suites:
            yield "TLSv1.3, groups by suites" + "".join(f"  {SUITES[c].name[4:]}" for c in suites)
        for group, row in self.groups.items():
            if set(row.values()) != {"-"}:
                yield f"0x{group:04X} {GROUPS[group][0]:<54} " + "".join(f"{row[c]:<14}" for c in suites).rstrip()
        if self.curves:
            took = [GROUPS[g][0] for g, w in self.curves.items() if w == "ok"]
            yield f"TLSv1.2, curves: {' '.join(took)}"


def run_suites(table, client, offered):
    for version, codes in offered.items():
        for code in codes:
            table.suite(version, code, client.ask(version, code))


def run_groups(table, client, offered):
    must = [group_code(n) for n in table.peer.groups]
    suites = [c for c in offered.get("TLSv1.3", []) if table.cells[c]["TLSv1.3"] == "ok"] or offered.get("TLSv1.3", [])
    for group in groups_of("GROUP_TLS13") if must else []:
        for code in suites:
            outcome = client.ask("TLSv1.3", code, group)
            if outcome.reason == "CRYPTO_RECORD" and table.peer.title.startswith("Java"):
                # Java 17 drops the leading zero of a finite field secret, which one in 256 has (RFC 8446 section 7.4.1 keeps it).
                outcome = client.ask("TLSv1.3", code, group)
            table.group(group, code, outcome, group in must)


def run_curves(table, client, suite):
    must = [group_code(n) for n in table.peer.curves]
    for group in groups_of("GROUP_TLS12") if must else []:
        if "FFDHE" not in GROUPS[group][1]:
            table.curve(group, client.ask("TLSv1.2", suite, group), group in must)


def run_peer(place, program, peer):
    table = Table(peer)
    with Server(place, peer.recipe, peer.words, peer.lines) as server, Client(program, server.port) as client:
        offered = peer.offered(server) if callable(peer.offered) else peer.offered
        run_suites(table, client, offered)
        run_groups(table, client, offered)
        run_curves(table, client, 0xC02B if peer.words.get("certs", "").startswith("ec") else 0xC02F)
    if not peer.exact:
        table.whole({c for codes in offered.values() for c in codes if peer.recipe == "java"})
    if not table.done and not any("ok" in row.values() for row in table.groups.values()):
        table.wrong.append(f"{peer.title}: not one handshake was completed")
    return table


# ---- the servers -------------------------------------------------------------------------------------------------------------


def numbers(codes):
    return [int(c, 16) for c in codes]


def openssl_version():
    return subprocess.run([find_program("openssl"), "version"], capture_output=True, text=True).stdout.split()[1]


def openssl_has(have, string, versions):
    return {v: numbers(truth.openssl(v, have, string)) for v in versions}


OPENSSL_ALL = "ALL:COMPLEMENTOFALL:eNULL:aNULL:@SECLEVEL=0"
OPENSSL_GROUPS = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]
OPENSSL_CURVES = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
                  "secp224r1", "secp256k1"]
ALL_TLS13 = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"


def openssl():
    name = f"OpenSSL {openssl_version()} s_server"
    base = f"-min_protocol TLSv1 -psk {KEY} -dhparam {{cert:dhffdhe2048.pem}} -cipher {OPENSSL_ALL} -ciphersuites {ALL_TLS13}"
    old = ["TLSv1.0", "TLSv1.1", "TLSv1.2"]
    both = openssl_has(["rsa", "ecdsa", "anon", "psk"], OPENSSL_ALL, old)
    yield Peer(f"{name}, RSA and ECDSA certificates", "s_server", {"certs": "rsa,ecdsa"}, [base],
               {**both, "TLSv1.3": RFC8446}, groups=OPENSSL_GROUPS)
    yield Peer(f"{name}, DSA certificate", "s_server", {"certs": "dsa"}, [base], openssl_has(["dsa"], OPENSSL_ALL, old))
    for cert, suites in (("ed25519", [0xC02B, 0xC02C, 0xCCA9]), ("ed448", [0xC02B, 0xC0AC]), ("ecdsa384", [0xC02B, 0xC024]),
                         ("rsapss", [0xC02F, 0x009E]), ("rsa1024", [0xC02F, 0xC013])):
        # PSS of 1.3 with SHA-256 and more does not fit every small key; the others sign in both versions.
        yield Peer(f"{name}, {cert} certificate", "s_server", {"certs": cert}, [base], {"TLSv1.2": suites, "TLSv1.3": [0x1301, 0x1302]})
    yield Peer(f"{name}, all curves", "s_server", {"certs": "rsa"}, [base, "-groups " + ":".join(openssl_curves())], {"TLSv1.2": [0xC02F]},
               curves=OPENSSL_CURVES)


def openssl_curves():
    """Every curve of this build, by the names that -groups takes."""
    out = subprocess.run([find_program("openssl"), "ecparam", "-list_curves"], capture_output=True, text=True).stdout
    names = re.findall(r"^\s+(\w+)\s*:", out, re.M)
    taken = {n.lower() for n, _ in GROUPS.values()} | {"prime256v1", "prime192v1"}
    return ["X25519", "X448", *[n for n in names if n.lower() in taken]]


GNUTLS_KX = "+RSA:+DHE-RSA:+ECDHE-RSA:+ECDHE-ECDSA:+DHE-DSS:+ANON-DH:+ANON-ECDH:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK"


GNUTLS_TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+AES-128-CCM:+AES-128-CCM-8:+GROUP-ALL"


def gnutls_priority():
    """All that its listing names and TLS can use, but SRP and GOST."""
    out = subprocess.run([find_program("gnutls-cli"), "-l"], capture_output=True, text=True).stdout
    ciphers = re.search(r"^Ciphers: (.*)$", out, re.M).group(1).split(", ")
    usable = [c for c in ciphers if re.match(r"AES-(128|256)-(CBC|GCM|CCM|CCM-8)$|CAMELLIA|CHACHA20-POLY|ARCFOUR|3DES|NULL", c)]
    return ("NONE:+VERS-SSL3.0:+VERS-TLS1.0:+VERS-TLS1.1:+VERS-TLS1.2:" + "".join(f"+{c}:" for c in usable)
            + "+SHA1:+SHA256:+SHA384:+AEAD:+MD5:" + GNUTLS_KX + ":+COMP-NULL:+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-DSA-SHA1:+SIGN-DSA-SHA256:+GROUP-ALL")


def gnutls():
    version = subprocess.run([find_program("gnutls-cli"), "--version"], capture_output=True, text=True).stdout.split()[1]
    priority, name = gnutls_priority(), f"GnuTLS {version} gnutls-serv"
    lines = [f"--priority {priority} --pskpasswd {{dir}}/psk --dhparams {{cert:dhffdhe2048.pem}}"]
    has = lambda have: {v: numbers(truth.gnutls(v, have, priority)) for v in ("TLSv1.0", "TLSv1.1", "TLSv1.2")}
    groups = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]
    yield Peer(f"{name}, RSA and ECDSA certificates", "gnutls", {"certs": "rsa,ecdsa", "psk": f"{IDENTITY}:{KEY}"}, lines,
               has(["rsa", "ecdsa", "anon", "psk", "rsa-psk"]),
               curves=["x25519", "x448", "secp256r1", "secp384r1", "secp521r1"])
    yield Peer(f"{name}, DSA certificate", "gnutls", {"certs": "dsa", "psk": f"{IDENTITY}:{KEY}"}, lines, has(["dsa"]))
    lines = [f"--priority {GNUTLS_TLS13}"]
    has13 = lambda: numbers(truth.gnutls("TLSv1.3", ["rsa", "ecdsa"], GNUTLS_TLS13))
    yield Peer(f"{name}, TLS 1.3", "gnutls", {"certs": "rsa,ecdsa"}, lines, {"TLSv1.3": has13()}, groups=groups)
    for cert, suites in (("ecdsa", [0xC02B]), ("ed25519", [0xC02B]), ("ed448", [0xC02B]), ("rsapss", [0xC02F])):
        yield Peer(f"{name}, {cert} certificate", "gnutls", {"certs": cert}, ["--priority NORMAL"], {"TLSv1.2": suites, "TLSv1.3": has13()[:1]})


def java_listing(auths):
    def listing(server):
        names = server.log().split("\n")
        codes = [c for c in codes_of_names(names) if SUITES[c].auth in auths and SUITES[c].kx in ("ANY", *KX_OF[server.words["certs"]])]
        out = {v: [c for c in codes if SUITES[c].since != "TLSv1.3" and c in all_suites(v)] for v in CLEAR}
        return {**out, "TLSv1.3": [c for c in codes if c in TLS13]}
    return listing


KX_OF = {"rsa": ["RSA", "DHE", "ECDHE"], "ecdsa": ["ECDHE"], "dsa": ["DHE"], "ecdh": ["ECDH"], "ecdhself": ["ECDH"], "ed25519": ["ECDHE"]}


def java():
    groups = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]
    said = subprocess.run([find_program("java"), "-version"], capture_output=True, text=True).stderr
    name = f"Java {said.split(chr(34))[1]}"
    for cert, auths, has in (("rsa", ("RSA", "NULL", "ANY"), groups), ("ecdsa", ("ECDSA", "ANY"), []), ("dsa", ("DSS",), []),
                             ("ecdh", ("RSA",), []), ("ecdhself", ("ECDSA",), []), ("ed25519", ("ANY",), [])):
        yield Peer(f"{name}, {cert} certificate", "java", {"certs": cert, "everything": "yes"}, [], java_listing(auths), exact=False, groups=has)


def go_listing(auths):
    def listing(server):
        out = {}
        for version, code in re.findall(r"^(\w{4}) (\w{4}) TLS_", server.log(), re.M):
            name = next(n for n, c in CODE.items() if c == int(version, 16))
            if SUITES[int(code, 16)].auth in (*auths, "ANY"):
                out.setdefault(name, []).append(int(code, 16))
        return out
    return listing


def go():
    version = subprocess.run([find_program("go"), "version"], capture_output=True, text=True).stdout.split()[2]
    newer = [int(n) for n in re.findall(r"\d+", version)[:2]] >= [1, 24]
    groups = ["x25519", "secp256r1", "secp384r1", "secp521r1", *(["X25519MLKEM768"] if newer else [])]
    for cert, auth in (("rsa", "RSA"), ("ecdsa", "ECDSA"), ("ed25519", "ECDSA")):
        yield Peer(f"{version}, {cert} certificate", "go", {"certs": cert, "everything": "yes", "debug": "tlsmlkem=1"}, [],
                   go_listing([auth]) if cert != "ed25519" else {"TLSv1.2": [0xC02B], "TLSv1.3": RFC8446[:3]}, groups=groups if cert == "rsa" else [])


def node():
    for version in sorted(node_binaries(), key=lambda v: [int(n) for n in re.findall(r"\d+", v)]):
        yield from node_of(version)


def node_of(version):
    major = [int(n) for n in version.split(".")[:2]]
    flags = "--enable-ssl2 --enable-ssl3" if major == [0, 12] and version < "0.12.18" else "--enable-ssl3" if major < [4] and version >= "0.10.38" else ""
    if major < [10]:
        options = ["ciphers: 'ALL:COMPLEMENTOFALL:eNULL:aNULL', dhparam: fs.readFileSync('{cert:dh1024.pem}')"]
        versions, groups = CLEAR, []
    else:
        options = ["ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ALL:@SECLEVEL=0'",
                   "minVersion: 'TLSv1', dhparam: fs.readFileSync('{cert:dhffdhe2048.pem}')"]
        versions, groups = CLEAR[1:] + (["TLSv1.3"] if major >= [12] else []), []
    if major >= [24]:
        options.append("ecdhCurve: 'X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024:X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072'")
        groups = ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519", "secp256r1", "x448", "ffdhe2048"]
    elif major >= [12]:
        options.append("ecdhCurve: 'X25519:P-256:P-384:P-521:X448'")
        groups = ["x25519", "secp256r1", "x448"]
    kinds_of = {"rsa": None, "rsa512": ("RSA",), "dsa": ("DHE",), "ecdsa": ("ECDHE",), "ecdh": ("ECDH",), "ecdhself": ("ECDH",)}
    certs = ["rsa"] if major >= [10] else ["rsa", "rsa512", "ecdh", "ecdhself"] + (["dsa", "ecdsa"] if major >= [0, 12] else [])
    for cert in certs:
        kinds = kinds_of[cert]
        yield Peer(f"node {version}, {cert} certificate", "node", {"certs": cert, "version": version, "flags": flags}, options,
                   {v: all_suites(v, kinds) for v in versions}, exact=False, groups=groups if cert == "rsa" else [])


def nss():
    groups = ["x25519", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072"]
    every = ["RSA", "DHE", "ECDHE"]
    yield Peer("NSS selfserv, SSL 3.0 to TLS 1.2", "nss", {}, ["-V ssl3:tls1.2 -c cdeinruvxyz"], {v: all_suites(v, every) for v in CLEAR}, exact=False)
    yield Peer("NSS selfserv, as it comes", "nss", {}, ["-V tls1.0:tls1.3"], {v: all_suites(v, every) for v in [*CLEAR[1:], "TLSv1.3"]},
               exact=False, groups=groups)
    yield Peer("NSS selfserv, ECDSA certificate", "nss", {"certs": "ecdsa"}, ["-V ssl3:tls1.2"],
               {v: all_suites(v, ["ECDHE"]) for v in CLEAR}, exact=False)


def lighttpd():
    """Two more libraries: mbedTLS has suites that nobody else has, wolfSSL its own reading of TLS."""
    for module in ("mbedtls", "wolfssl"):
        for cert, kinds in (("rsa", ["RSA", "DHE", "ECDHE"]), ("ecdsa", ["ECDHE"])):
            yield Peer(f"lighttpd with {module}, {cert} certificate", "lighttpd", {"module": module, "certs": cert}, [],
                       {v: all_suites(v, kinds) for v in [*CLEAR[1:], "TLSv1.3"]}, exact=False)


FAMILIES = {"openssl": openssl, "gnutls": gnutls, "java": java, "go": go, "node": node, "nss": nss, "lighttpd": lighttpd}


# ---- running -------------------------------------------------------------------------------------------------------------------


def left_over(done):
    """Suites that no server here could show, and why not, by code."""
    why = {"SRP": "SRP", "KRB5": "Kerberos", "OTHER": "a key exchange of its own"}
    rows = [s for c, s in SUITES.items() if c not in done and s.kx != "NONE" and c not in (0x00FF, 0x5600)]
    yield f"== not completed with any of these servers: {len(rows)} of {len(SUITES)} codes"
    for s in rows:
        reason = why.get(s.kx) or ("IDEA" if s.enc.startswith("IDEA") else "GOST" if "GOST" in s.enc or "MAGMA" in s.enc else "no server")
        yield f"0x{s.code:04X} {s.name:<54} {reason}"


def run_family(place, program, name):
    """(tables, what is missing)"""
    tables = []
    try:
        for peer in FAMILIES[name]():
            tables.append(run_peer(place, program, peer))
    except Skip as e:
        return tables, str(e)
    return tables, None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--client", required=True)
    p.add_argument("--program")
    p.add_argument("--write")
    p.add_argument("names", nargs="*", default=list(FAMILIES))
    args = p.parse_args()
    if args.program:
        os.environ["TLSASSAY"] = args.program
    place, tables, lines = Place(), [], []
    for name in args.names:
        more, missing = run_family(place, args.client, name)
        tables += more
        if missing:
            print(f"# {name}: {missing}")
    for table in tables:
        lines += table.lines()
    if set(args.names) == set(FAMILIES):
        lines += left_over(set().union(*(t.done for t in tables)) if tables else set())
    print("\n".join(lines))
    if args.write:
        pathlib.Path(args.write).write_text(HEAD + "\n".join(lines) + "\n")
    wrong = [w for t in tables for w in t.wrong]
    for w in wrong:
        print(f"not ok  {w}")
    return 1 if wrong else 0 if tables else 77


if __name__ == "__main__":
    sys.exit(main())
