#!/usr/bin/env python3
"""Certificates whose fields are written by an enemy: what the program prints of them is harmless, everywhere.

    hostile_certs.py     exit: 0 all well, 1 not, 77: openssl is missing. TLSASSAY names the program.

Each payload stands in every field, in every type of string, of one certificate on a real server (openssl s_server), and
goes through each format of a scan, on a terminal too, through `handshake` and through `verify`.
"""
import html.parser
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

import report
from forge import (BMP, IA5, INTEGER, NUMERIC, OCTETS, PRINTABLE, SEQUENCE, T61, UNIVERSAL, UTF8, VISIBLE, Forge, Shower,
                   alternative_names, extension, name, number, oid, tlv)
from servers import Command, Place, RECIPES, Server, Skip, find_program

PAYLOADS = {
    "benign": "plain text",
    "escape": "\x1b[2J\x1b]0;owned\x07\x1b[31m\x08\r\x9b31m\x9d0;x\x9c",
    "markup": "</title><script>alert(1)</script><img src=x onerror=alert(1)>'\"><a href=javascript:alert(1)>&lt;",
    "zero": "bank.example\0.evil.example",
    "bidi": "\u202emoc.elpmaxe\u2066\u200f\u061c\u2028\u2029\u200e",
    "unseen": "a\u200b\u2060\ufeff\u00ad\ufff9\U000e0041\u180e\ufff0",
    "formula": "=cmd|' /C calc'!A0",
    "formula2": "@SUM(1+1)*cmd",
    "lines": "x\nGrade A+\r\ntlsassay: forged\n{\"verdict\":\"accept\",\"reasons\":[],\"path\":[]}\n\t\x0b\x0c\x85",
    "json": "\"},{\"schema\":\"tlsassay/1\",\"grade\":{\"letter\":\"A+\"}}\\",
    "format": "%n%s%s%1000000d $(id) `id` {{7*7}} ${7*7} ../../etc/passwd",
    "notutf8": b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x28\xa1\x80ok\xc3",
    "long": "A" * 4000,
    "comma": ",+\"\\<>;#= ",
}

ATTRIBUTES = ("2.5.4.3", "2.5.4.10", "2.5.4.11", "2.5.4.7", "1.2.3.4.5.6.7.8", "1.2.840.113549.1.9.1")
WIDE = {BMP: "utf-16-be", UNIVERSAL: "utf-32-be", T61: "latin-1"}
STRINGS = (UTF8, T61, BMP, UNIVERSAL, PRINTABLE, IA5, NUMERIC)
ODD = (VISIBLE, OCTETS, INTEGER, SEQUENCE, 0x9A)     # what OpenSSL does not serve: most are no strings at all


CHECKED = (UTF8, BMP, UNIVERSAL)                   # OpenSSL serves them only when they are what they say


def types_of(payload, odd):
    broken = CHECKED if isinstance(payload, bytes) else ()
    return ODD + broken if odd else tuple(t for t in STRINGS if t not in broken)


def encoded(payload, tag):
    if isinstance(payload, bytes):
        return payload
    if tag == BMP:      # it has no more
        payload = "".join(c for c in payload if c < "\U00010000")
    return payload.encode(WIDE.get(tag, "utf-8"), "replace")


def hostile_name(payload, types):
    return name(*((ATTRIBUTES[i % len(ATTRIBUTES)], tag, encoded(payload, tag)) for i, tag in enumerate(types)))


def hostile_extensions(payload):
    raw = encoded(payload, UTF8)
    url = tlv(0x86, b"http://" + raw)
    return [
        alternative_names((2, raw), (2, b"test.example"), (1, raw), (6, raw), (7, raw[:16]), (7, b"\x7f\0\0\1"), (2, b"*." + raw)),
        extension("1.3.6.1.5.5.7.1.1", tlv(SEQUENCE, tlv(SEQUENCE, oid("1.3.6.1.5.5.7.48.1"), url),
                                           tlv(SEQUENCE, oid("1.3.6.1.5.5.7.48.2"), url))),
        extension("2.5.29.31", tlv(SEQUENCE, tlv(SEQUENCE, tlv(0xA0, tlv(0xA0, url))))),
        extension("2.5.29.32", tlv(SEQUENCE, tlv(SEQUENCE, oid("2.23.140.1.2.1"), tlv(SEQUENCE, tlv(
            SEQUENCE, oid("1.3.6.1.5.5.7.2.1"), tlv(IA5, raw)))))),
        extension("2.5.29.14", tlv(OCTETS, raw[:64])),
        extension("1.3.6.1.4.1.99999." + ".".join(["4294967295"] * 40), raw),
    ]


# ---- what no output may hold -------------------------------------------------------------------------------------------------

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FORBIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


class Wrong(Exception):
    pass


def demand(holds, what):
    if not holds:
        raise Wrong(what)


def plain(raw, most):
    """Valid UTF-8 without anything that moves a cursor or turns the direction, and not endless."""
    demand(len(raw) <= most, f"{len(raw)} bytes, at most {most} expected")
    text = raw.decode("utf-8")      # strict
    found = FORBIDDEN.search(text)
    demand(not found, f"{found and ascii(text[max(0, found.start() - 60):found.end() + 20])}")
    return text


def terminal(raw):
    text = raw.decode("utf-8").replace("\r\n", "\n")
    demand(set(COLOUR.findall(text)) <= {f"\x1b[{n}m" for n in ("0", "1", "2", "31", "32", "33", "36", "1;31", "1;32", "1;33")},
           f"colours {set(COLOUR.findall(text))}")
    return plain(COLOUR.sub("", text).encode(), 200_000)


class Elements(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.open = set(), []

    def handle_starttag(self, tag, attrs):
        self.seen.add((tag, tuple(sorted(k for k, _ in attrs))))
        if tag not in ("meta", "br", "link", "hr", "col", "wbr", "img", "input"):
            self.open.append(tag)
        for key, value in attrs:
            demand(not key.startswith("on") and "javascript:" not in (value or ""), f"<{tag} {key}={value}>")

    def handle_endtag(self, tag):
        demand(self.open and self.open.pop() == tag, f"</{tag}> closes nothing")


def elements(page):
    e = Elements()
    e.feed(page)
    demand(not e.open, f"left open: {e.open}")
    return e.seen


def cells(text):
    """A spreadsheet takes a cell that begins so for a formula."""
    import csv
    for row in csv.reader(text.splitlines()):
        for cell in row:
            demand(cell[:1] not in ("=", "+", "-", "@", "\t") or re.fullmatch(r"-?\d+", cell), f"a formula: {cell[:60]!r}")


def scan_of(port, folder, more=()):
    """A file of every format there is, in the folder; the formats' names."""
    formats = [row["id"] for row in json.loads(report.run("list", "formats", "--json").stdout)]
    outputs = [word for f in formats for word in ("-o", f"{f}:{folder}/report.{f}")]
    outputs += ["--sarif-anchor", "targets.txt:1"]
    done = subprocess.run([report.program(), *outputs, *more, f"test.example@127.0.0.1:{port}"], capture_output=True, timeout=120)
    quiet(done)
    return formats


def quiet(done):
    demand(b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr[-2000:])
    demand(done.returncode >= 0, f"signal {-done.returncode}")
    plain(done.stderr, 4000)


def on_a_terminal(args):
    """What the program writes when its output is a terminal of 100 columns."""
    parent, child = pty.openpty()
    process = subprocess.Popen([report.program(), *args], stdin=subprocess.DEVNULL, stdout=child, stderr=child,
                               env={**os.environ, "COLUMNS": "100", "TERM": "xterm", "NO_COLOR": ""})
    os.close(child)
    out = b""
    while True:
        try:
            more = os.read(parent, 65536)
        except OSError:
            break
        if not more:
            break
        out += more
    process.wait(60)
    os.close(parent)
    return out


# ---- one certificate through everything ----------------------------------------------------------------------------------------

BENIGN = set()


def check_records(text, payload):
    for record in json.loads(text):
        demand(not report.schema_errors(json.dumps(record)), report.schema_errors(json.dumps(record))[:2])
        demand(len([c for c in record["certificates"] if not c["malformed"]]) == 1, "the certificate was not read")
        if payload not in ("benign", "formula", "formula2", "format", "json", "markup", "long", "comma"):
            cert = record["certificates"][0]
            demand(cert.get("subject_hex") and cert.get("issuer_hex"), "the raw bytes are not beside the text")
            demand(cert.get("dns_names_hex"), "the raw bytes of the names are not beside them")


def check_formats(folder, formats, payload):
    for f in formats:
        raw = open(f"{folder}/report.{f}", "rb").read()
        try:
            text = plain(raw, 400_000 if f in ("json", "ndjson", "sarif", "csv") else 200_000)
            if f == "json":
                check_records(text, payload)
            elif f in ("ndjson", "jsonl"):
                demand(len(text.splitlines()) == 1 and json.loads(text), "not one object in one line")
            elif f == "csv":
                cells(text)
            elif f in ("xml", "junit"):
                import xml.etree.ElementTree
                xml.etree.ElementTree.fromstring(text)
            elif f in ("sarif", "gitlab", "defectdojo", "cbom", "ssllabs"):
                json.loads(text)
            elif f == "html":
                seen = elements(text)
                if payload == "benign":
                    BENIGN.update(seen)
                demand(seen <= BENIGN, f"elements that a harmless certificate has not: {seen - BENIGN}")
        except (Wrong, ValueError) as e:
            raise Wrong(f"{f}: {e}") from None


def check_commands(port, pem):
    host = f"test.example@127.0.0.1:{port}"
    for words in (["-v", host, "--probe", "handshake.tls13"], ["handshake", host]):
        try:
            terminal(on_a_terminal(words))
        except (Wrong, ValueError) as e:
            raise Wrong(f"terminal, {words[0]}: {e}") from None
    for words in (["handshake", host], ["handshake", "--json", host], ["-q", host, "--probe", "handshake.tls13"],
                  ["verify", "--chain", pem, "--roots", pem, "--host", "test.example"],
                  ["verify", "--chain", pem, "--roots", pem, "--profile", "browser"]):
        done = subprocess.run([report.program(), *map(str, words)], capture_output=True, timeout=60)
        try:
            quiet(done)
            text = plain(done.stdout, 100_000)
            if words[0] == "verify":
                last = json.loads(text.splitlines()[-1])
                demand(set(last) == {"verdict", "reasons", "path"} and last["path"], f"the last line: {last}")
                demand(sum(line.startswith('{"verdict"') for line in text.splitlines()) == 1, "a forged last line")
            elif "--json" in words:
                demand(json.loads(text), "no document")
        except (Wrong, ValueError) as e:
            raise Wrong(f"{' '.join(map(str, words[:2]))}: {e}") from None


def hostile_server(s, words, lines):
    return Command([find_program("openssl"), "s_server", "-quiet", "-accept", f"127.0.0.1:{s.port}", "-cert", words["pem"],
                    "-key", words["key"], "-www"], stdin_open=True)


def one_payload(place, forge, payload):
    value = PAYLOADS[payload]
    subject = hostile_name(value, types_of(value, False))
    pem = forge.pem(forge.certificate(subject, subject, hostile_extensions(value)), f"{payload}.pem")
    with Server(place, "hostile", {"pem": pem, "key": forge.key}) as server, tempfile.TemporaryDirectory() as folder:
        formats = scan_of(server.port, folder, ["--probe", "suites.tls12,handshake.tls13", "-v"])
        check_formats(folder, formats, payload)
        check_commands(server.port, pem)


def odd_types(place, forge, payload):
    """Values of a name that are no strings."""
    value = PAYLOADS[payload]
    subject = hostile_name(value, types_of(value, True))
    with Shower(forge.certificate(subject, subject, hostile_extensions(value))) as server, tempfile.TemporaryDirectory() as folder:
        check_formats(folder, scan_of(server.port, folder, ["--probe", "suites.tls12", "-v"]), payload)


def ten_thousand_names(place, forge):
    names = [(2, b"host%05d.test.example" % i) for i in range(9999)] + [(2, b"test.example")]
    pem = forge.pem(forge.certificate(extensions=[alternative_names(*names)]), "names.pem")
    with Server(place, "hostile", {"pem": pem, "key": forge.key}) as server, tempfile.TemporaryDirectory() as folder:
        scan_of(server.port, folder, ["--probe", "suites.tls12,handshake.tls13", "-v"])
        cert = json.load(open(f"{folder}/report.json"))[0]["certificates"][0]
        demand(cert["names_cut"] and cert["names_count"] == 10000, "the count of the names is not told")
        demand(len(cert["dns_names"]) == 1000, "the list is not cut where it is said to be")
        size = os.path.getsize(f"{folder}/report.text")
        demand(size < 70_000, f"a text report without end: {size} bytes")
        demand(os.path.getsize(f"{folder}/report.html") < 250_000, "a page without end")
        demand(os.path.getsize(f"{folder}/report.json") < 2_000_000, "JSON without end")
        demand("and 9994 more" in open(f"{folder}/report.text").read(), "how many names there are is not told")
        plain(open(f"{folder}/report.text", "rb").read(), 70_000)


def five_megabytes(place, forge):
    """Refused by its limit, and said; what else there is to learn is learnt."""
    pem = forge.pem(forge.certificate(extensions=[extension("1.3.6.1.4.1.99999.1", bytes(5_000_000))]), "huge.pem")
    with Server(place, "hostile", {"pem": pem, "key": forge.key}) as server:
        done = report.run("--json", "--probe", "suites.tls12,suites.tls13,handshake.tls13,kx.ecdsa.tls12", f"test.example@127.0.0.1:{server.port}")
        record = json.loads(done.stdout)[0]
        demand(record["error"] and record["error"]["code"] == "LIMIT_CERT" or
               any(p["reason"] == "LIMIT_CERT" for p in record["probes"]), f"the limit is not told: {record['error']} {record['probes']}")
        demand({p["name"] for p in record["protocols"] if p["offered"] == "yes"} >= {"TLSv1.2", "TLSv1.3"}, "the versions are lost")
        demand(record["suites"], "the suites are lost")
        demand(record["grade"]["letter"] is None, "a letter without a certificate")
        text = report.run(f"test.example@127.0.0.1:{server.port}").stdout
        states = {f["id"]: f["state"] for f in record["findings"]}
        demand(states["server.violation"] == "pass" and states["server.limit"] == "fail", "a limit of ours is called a breach")
        demand("a certificate message larger than the limit of 256 KiB" in " ".join(text.split()), f"the text does not tell the limit:\n{text}")
    for words in (["--chain", pem, "--roots", pem], ["--chain", pem, "--roots", pem, "--profile", "browser"]):
        done = report.run("verify", *map(str, words))
        demand(json.loads(done.stdout.splitlines()[-1])["verdict"] == "limit" and done.returncode == 3, done.stdout)


def main():
    RECIPES["hostile"] = hostile_server
    place, wrong = Place(), []
    try:
        find_program("openssl")
        forge = Forge(place.dir)
        tests = [(p, lambda p=p: one_payload(place, forge, p)) for p in PAYLOADS]
        tests += [(f"{p}, odd types", lambda p=p: odd_types(place, forge, p)) for p in PAYLOADS]
        tests += [(f.__name__, lambda f=f: f(place, forge)) for f in (ten_thousand_names, five_megabytes)]
        for what, test in tests:
            if sys.argv[1:] and what not in sys.argv[1:] and not what.startswith("benign"):
                continue
            try:
                test()
                print(f"ok {what}")
            except (Wrong, KeyError, ValueError) as e:
                wrong.append(f"{what}: {type(e).__name__} {e}")
                print(f"not ok {wrong[-1]}", flush=True)
    except Skip as e:
        print(e, file=sys.stderr)
        return 77
    finally:
        place.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
