#!/usr/bin/env python3
"""What is wrong with a key, a signature or a life: for each thing a certificate made for it, and what a scan says.

    forged_keys.py [NAME...]   exit: 0 all well, 1 not. TLSASSAY names the program.

The certificates are signed by an authority that the scan takes for a public one (SSL_CERT_FILE); a server that can do no
more than show them stands before them, because no library would serve most.
"""
import concurrent.futures
import datetime
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

import report
from forge import BITS, SEQUENCE, Forge, Shower, alternative_names, bits, cn, extension, now, number, oid, rsa_key, tlv

R = random.Random(1)
DAY = datetime.timedelta(days=1)


# ---- keys ---------------------------------------------------------------------------------------------------------------------


def is_prime(n):
    if any(n % p == 0 for p in range(3, 2000, 2)):
        return False
    return all(pow(a, n - 1, n) == 1 for a in (2, 3, 5, 7))


def prime_from(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def prime(size):
    return prime_from(R.getrandbits(size) | 3 << size - 2)


P, Q = prime(1024), prime(1024)
SOUND = P * Q


def close_primes():
    return P * prime_from(P + 2)


def roca():
    """Of the form of CVE-2017-15361: a power of 65537 modulo the product of the first primes."""
    m = 1
    for p in (p for p in range(2, 702) if p == 2 or all(p % d for d in range(2, p))):
        m *= p
    power = pow(65537, R.getrandbits(64), m)
    k = R.getrandbits(2047 - m.bit_length()) | 1 << 2047 - m.bit_length()
    while any((k * m + power) % p == 0 for p in range(703, 753, 2)):
        k += 1
    return k * m + power


def ec_key(curve, point_bytes):
    return tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.840.10045.2.1"), oid(curve)), bits(b"\4" + R.randbytes(point_bytes)))


def explicit_key():
    """P-256 with its parameters written out, as CVE-2020-0601 was about."""
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                          "ec_param_enc:explicit"], capture_output=True, check=True, timeout=60).stdout
    return subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=key, capture_output=True, check=True, timeout=60).stdout


def raw_key(dotted, size):
    return tlv(SEQUENCE, tlv(SEQUENCE, oid(dotted)), bits(R.randbytes(size)))


ML_DSA = "2.16.840.1.101.3.4.3."


# ---- the table: name, certificate, what a scan must say ----------------------------------------------------------------------


def flaw(word, finding="cert.broken_key"):
    return [("obs", "cert.key_flaws", [word]), ("finding", finding, "fail")]


def policy(dotted):
    return extension("2.5.29.32", tlv(SEQUENCE, tlv(SEQUENCE, oid(dotted))))


def lasting(days, seconds=0, since=datetime.datetime(2026, 4, 1, tzinfo=datetime.timezone.utc)):
    """notBefore to notAfter inclusive is so many days, and seconds."""
    return {"since": since, "until": since + days * DAY + datetime.timedelta(seconds=seconds - 1)}


def dated(*date):
    return datetime.datetime(*date, tzinfo=datetime.timezone.utc)


def left(life, days):
    """A certificate that lasts so long, and has so much left."""
    return {"since": now() - (life - days) * DAY, "until": now() + days * DAY}


def limit(first, days):
    """The date of issue decides: on the day before the first one the older limit holds."""
    at = {"at": first + DAY}
    return [(f"{days} days from {first:%Y-%m-%d}", {**lasting(days, 0, first), **at}, [("finding", "cert.too_long", "pass")]),
            (f"{days} days and a second from {first:%Y-%m-%d}", {**lasting(days, 1, first), **at}, [("finding", "cert.too_long", "fail")]),
            (f"{days} days and a second, a second before {first:%Y-%m-%d}",
             {**lasting(days, 1, first - datetime.timedelta(seconds=1)), **at}, [("finding", "cert.too_long", "pass")])]


ROWS = [
    ("sound", {"spki": rsa_key(SOUND, 65537)}, [
        ("obs", "cert.key_flaws", []), ("finding", "cert.broken_key", "pass"), ("finding", "cert.curve", "pass"),
        ("finding", "cert.known_key", "pass"), ("finding", "cert.weak_signature", "pass"), ("finding", "cert.weak_key", "pass"),
        ("key", "RSA", 2048), ("trusted", True)]),
    ("exponent 1", {"spki": rsa_key(SOUND, 1)}, flaw("exponent_1") + [("exponent", "1")]),
    ("exponent even", {"spki": rsa_key(SOUND, 65536)}, flaw("exponent_even")),
    ("exponent 0", {"spki": rsa_key(SOUND, 0)}, flaw("exponent_even")),
    ("exponent huge", {"spki": rsa_key(SOUND, P | 1)}, [("obs", "cert.key_flaws", []), ("exponent", "large")]),
    ("modulus even", {"spki": rsa_key(2 * prime(2047), 65537)}, flaw("modulus_even")),
    ("small factor", {"spki": rsa_key(743 * prime(2039), 65537)}, flaw("small_factor")),
    ("close primes", {"spki": rsa_key(close_primes(), 65537)}, flaw("close_primes")),
    ("ROCA", {"spki": rsa_key(roca(), 65537)}, flaw("roca")),
    ("RSA 1024", {"spki": rsa_key(prime(512) * prime(512), 65537)}, [("finding", "cert.weak_key", "fail"), ("key", "RSA", 1024)]),
    ("RSA 65536", {"spki": rsa_key(R.getrandbits(65536) | 1 << 65535 | 1, 65537)}, [("key", "RSA", 65536)]),
    ("secp192r1", {"spki": ec_key("1.2.840.10045.3.1.1", 48)}, flaw("curve_small", "cert.curve") + [("finding", "cert.weak_key", "fail")]),
    ("sect163r2", {"spki": ec_key("1.3.132.0.15", 42)}, flaw("curve_small", "cert.curve")),
    ("unknown curve", {"spki": ec_key("1.2.3.4.5", 64)}, flaw("curve_not_named", "cert.curve")),
    ("explicit parameters", {"spki": explicit_key()}, flaw("curve_not_named", "cert.curve")),
    ("published", {"known": "example-vendor"}, [("obs", "cert.known_key", "yes"), ("finding", "cert.known_key", "fail")]),
    ("Debian weak key", {"known": "debian-openssl"}, [("obs", "cert.debian_key", "yes"), ("finding", "cert.known_key", "fail")]),
    ("SHA-1", {"algorithm": "1.2.840.10045.4.1", "digest": "-sha1"}, [
        ("signature", "ecdsa-with-SHA1"), ("finding", "cert.weak_signature", "fail")]),
    ("MD5", {"algorithm": "1.2.840.113549.1.1.4"}, [("signature", "md5WithRSAEncryption"), ("finding", "cert.weak_signature", "fail")]),
    ("domain", {"extensions": [policy("2.23.140.1.2.1")]}, [("obs", "cert.validation", "domain")]),
    ("organization", {"extensions": [policy("2.23.140.1.2.2")]}, [("obs", "cert.validation", "organization")]),
    ("individual", {"extensions": [policy("2.23.140.1.2.3")]}, [("obs", "cert.validation", "individual")]),
    ("extended", {"extensions": [policy("2.23.140.1.1")]}, [("obs", "cert.validation", "extended")]),
    ("no policy", {}, [("obs", "cert.validation", "none")]),
    # how much of its life is left: 30 days, or a third of it
    ("90 days, 31 left", left(90, 31), [("finding", "cert.expires_soon", "pass"), ("text", "30 days left")]),
    ("90 days, 29 left", left(90, 29), [("finding", "cert.expires_soon", "fail")]),
    ("6 days, 3 left", left(6, 3.5), [("finding", "cert.expires_soon", "pass"), ("text", "3 of 6 days left"),
                                      ("obs", "cert.revocation", ["short_lived"])]),
    ("6 days, 1 left", left(6, 1.5), [("finding", "cert.expires_soon", "fail"), ("text", "1 of 6 days left")]),
    ("ended", left(90, -1), [("finding", "cert.expired", "fail")]),
    ("not begun", left(90, 91), [("finding", "cert.not_yet_valid", "fail")]),
    # signatures and keys that are named by their OID
    *((f"{n}, key and signature", {"spki": raw_key(ML_DSA + str(k), size), "algorithm": ML_DSA + str(k), "signature": bytes(64)},
       [("signature", n), ("key", "ML-DSA", size * 8)]) for n, k, size in (
           ("ML-DSA-44", 17, 1312), ("ML-DSA-65", 18, 1952), ("ML-DSA-87", 19, 2592))),
    *((n, {"algorithm": dotted, "signature": bytes(64)}, [("signature", n)]) for n, dotted in (
        ("SLH-DSA-SHA2-128s", ML_DSA + "20"), ("SLH-DSA-SHAKE-256f", ML_DSA + "31"), ("id-hash-ml-dsa-65-with-sha512", ML_DSA + "33"),
        ("id-alg-hss-lms-hashsig", "1.2.840.113549.1.9.16.3.17"), ("id-alg-xmss-hashsig", "1.3.6.1.5.5.7.6.34"),
        ("id-alg-xmssmt-hashsig", "1.3.6.1.5.5.7.6.35"), ("falcon512", "1.3.9999.3.11"),
        ("1.2.3.4", "1.2.3.4"))),
    *limit(dated(2020, 9, 1), 398), *limit(dated(2026, 3, 15), 200), *limit(dated(2027, 3, 15), 100), *limit(dated(2029, 3, 15), 47),
    ("825 days from 2018-03-01", {**lasting(825, 0, dated(2018, 3, 1)), "at": dated(2018, 3, 2)}, [("finding", "cert.too_long", "pass")]),
    ("826 days from 2018-03-01", {**lasting(826, 0, dated(2018, 3, 1)), "at": dated(2018, 3, 2)}, [("finding", "cert.too_long", "fail")]),
]


# ---- a scan -------------------------------------------------------------------------------------------------------------------


class Wrong(Exception):
    pass


def same(got, wanted, about):
    if got != wanted:
        raise Wrong(f"{about}: {got!r}, expected {wanted!r}")


class Scan:
    def __init__(self, done, leaf):
        self.record, self.leaf = json.loads(done.stdout)[0], leaf

    def cert(self):
        return next(c for c in self.record["certificates"] if c["sha256"] == self.leaf)

    def check(self, word, *rest):
        getattr(self, "is_" + word)(*rest)

    def is_obs(self, key, value):
        found = [o["value"] for o in self.record["observations"] if o["key"] == key and o.get("sha256") == self.leaf]
        same(found, [value], key)

    def is_finding(self, which, state):
        same(next(f["state"] for f in self.record["findings"] if f["id"] == which), state, which)

    def is_key(self, kind, size):
        same((self.cert()["key"]["type"], self.cert()["key"]["bits"]), (kind, size), "key")

    def is_exponent(self, text):
        same(self.cert()["key"]["exponent"], text, "exponent")

    def is_signature(self, text):
        same(self.cert()["signature"], text, "signature")

    def is_trusted(self, wanted):
        same([t["trusted"] for t in self.record["chains"][0]["trust"] if t["store"] == "system"], [wanted], "trusted")

    def is_text(self, words):
        if words not in self.text:
            raise Wrong(f"the text does not say {words!r}:\n{self.text}")


USES = extension("2.5.29.15", tlv(BITS, b"\5\xa0"), True), extension("2.5.29.37", tlv(SEQUENCE, oid("1.3.6.1.5.5.7.3.1")))


def scan(forge, ca, row, made):
    made = dict(made)
    at, known, more = made.pop("at", None), made.pop("known", None), made.pop("extensions", [])
    leaf = forge.certificate(extensions=[alternative_names((2, b"test.example")), *USES, *more], serial=number(0x5eed0000000000001234), **made)
    args = ["--probe", "suites.tls12"]
    env = {**os.environ, "SSL_CERT_FILE": str(ca)}
    if at:
        env["SOURCE_DATE_EPOCH"] = str(int(at.timestamp()))
    if known:
        keys = forge.dir / f"known.{row}"
        keys.write_text(f"{hashlib.sha256(made.get('spki', forge.spki)).hexdigest()} {known}\n")
        args += ["--known-keys", str(keys)]
    with Shower(leaf) as server:
        target = f"test.example@127.0.0.1:{server.port}"
        runs = [subprocess.run([report.program(), *words, *args, target], capture_output=True, text=True, env=env, timeout=120)
                for words in (["--json"], [])]
    for done in runs:
        if "Sanitizer" in done.stderr or "runtime error" in done.stderr or done.returncode not in (0, 3):
            raise Wrong(done.stderr)
    result = Scan(runs[0], hashlib.sha256(leaf).hexdigest())
    result.text = " ".join(runs[1].stdout.split())
    errors = report.schema_errors(runs[0].stdout)
    if errors:
        raise Wrong(errors[:2])
    return result


CA = [extension("2.5.29.19", tlv(SEQUENCE, b"\1\1\xff"), True), extension("2.5.29.15", tlv(BITS, b"\1\6"), True)]


def outcome(forge, ca, row, what, made, expected):
    try:
        result = scan(forge, ca, row, made)
        for e in expected:
            result.check(*e)
        return f"ok {what}"
    except (Wrong, StopIteration, KeyError, json.JSONDecodeError) as e:
        return f"not ok {what}: {type(e).__name__} {e}"


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        forge = Forge(folder)
        ca = forge.pem(forge.certificate(subject=cn("Forge"), extensions=CA, since=dated(2015, 1, 1), until=dated(2049, 1, 1)), "root.pem")
        rows = [(number, *row) for number, row in enumerate(ROWS) if not sys.argv[1:] or row[0] in sys.argv[1:]]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for line in pool.map(lambda row: outcome(forge, ca, *row), rows):
                wrong += line.startswith("not")
                print(line, flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
