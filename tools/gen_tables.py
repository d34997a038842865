#!/usr/bin/env python3
"""Write scanner/tls/*.def from CSV exports of the TLS registries.

    gen_tables.py DIRECTORY [OUT]

DIRECTORY holds, at any depth, versions.csv, cipher-suites.csv, sslv2-cipher-kinds.csv, supported-groups.csv,
signature-schemes.csv, extensions.csv, alerts.csv, alpn.csv and primes.csv, each with a header line. OUT is
scanner/tls of this checkout unless given. The result is committed, so a build needs neither this nor the CSVs;
it is run again when a registry has moved.
"""

import csv
import pathlib
import re
import sys

# ---- text -----------------------------------------------------------------------------------------------------


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def number(text):
    return int(text or "0", 0)


def truth(text):
    return "true" if text in ("1", "true") else None


def flags(prefix, names):
    return " | ".join(prefix + name for name in names) or None


def row(macro, *fields):
    """One row. A field is (name, C text), or C text alone; what is None, "0" or absent is left to C's zero."""
    shown = []
    for field in fields:
        name, text = field if isinstance(field, tuple) else (None, field)
        if text is None or (text == "0" and name != ".code"):
            continue
        shown.append("%s = %s" % (name, text) if name else text)
    return "%s(%s)" % (macro, ", ".join(shown))


def optional(text):
    return quoted(text) if text else None


# ---- versions -------------------------------------------------------------------------------------------------


def version_row(r):
    code = number(r["code"])
    draft = "draft" in r["name"] or "experiment" in r["name"]
    name = "TLCPv1.1" if code == 0x0101 else r["name"]
    return row("VERSION", (".code", "0x%04X" % code), (".name", quoted(name)),
               (".kind", "VERSION_DRAFT" if draft else "VERSION_STABLE"))


# ---- cipher suites --------------------------------------------------------------------------------------------

# The names that the sources leave out or give to two codes. The old FIPS pair is named as NSS names it.
SUITE_NAMES = {
    0xFF85: "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT_LEGACY",
    0xFFE0: "SSL_RSA_OLDFIPS_WITH_3DES_EDE_CBC_SHA",
    0xFFE1: "SSL_RSA_OLDFIPS_WITH_DES_CBC_SHA",
}
KX = ("RSA", "DH", "DHE", "ECDH", "ECDHE", "PSK", "DHE_PSK", "ECDHE_PSK", "RSA_PSK", "SRP", "KRB5", "ANY")
AUTH = ("NULL", "RSA", "DSS", "ECDSA", "PSK", "SRP", "KRB5", "ANY")
VERSIONS = {"": "VER_SSL3", "SSLv3": "VER_SSL3", "TLSv1": "VER_TLS10", "TLSv1.2": "VER_TLS12",
            "TLSv1.3": "VER_TLS13"}
SIZED = ("AES", "CAMELLIA", "ARIA", "RC2")  # ciphers whose name says the key size
WEAKENED = {("DES", 40): "DES40", ("RC4", 40): "RC4-40", ("RC4", 56): "RC4-56", ("RC4", 64): "RC4-64"}


def suite_name(r):
    known = SUITE_NAMES.get(number(r["code"]))
    text = known or r["name"] or r["alt_name"] or r["openssl"]
    return text.replace(" (pre-RFC 4492 draft code)", "_DRAFT")


def cipher_text(enc, mode, bits):
    """Cipher, key bits and mode as people write them: AES-128-GCM, 3DES-CBC, RC4-40."""
    if enc in ("", "NULL", "None"):
        return "NULL"
    base = WEAKENED.get((enc, bits)) or ("%s-%d" % (enc, bits) if enc in SIZED else enc.replace("_", "-"))
    return base if mode in ("", "STREAM", "AEGIS") else "%s-%s" % (base, mode.replace("_", "-"))


def kx_text(kx):
    if kx in ("", "NULL"):
        return 'KX_AS(NONE, "NULL")'
    return "KX(%s)" % kx if kx in KX else "KX_AS(OTHER, %s)" % quoted(kx)


def auth_text(auth):
    auth = auth or "NULL"
    return "AUTH(%s)" % auth if auth in AUTH else "AUTH_AS(OTHER, %s)" % quoted(auth)


def suite_flags(r):
    have = (("AEAD", r["aead"] == "1"), ("FS", r["fs"] == "1"), ("EXPORT", r["export"] == "1"),
            ("SCSV", r["scsv"] == "1"), ("REGISTERED", r["registered"] == "1"), ("CBC", r["mode"] == "CBC"),
            ("DTLS", r["dtls_ok"] == "Y"))
    return flags("SUITE_", [name for name, yes in have if yes])


def suite_row(r):
    bits = number(r["bits"])
    return row("SUITE", (".code", "0x%04X" % number(r["code"])), (".name", quoted(suite_name(r))),
               (".openssl", optional(r["openssl"])), kx_text(r["kx"]), auth_text(r["auth"]),
               (".enc", quoted(cipher_text(r["enc"], r["mode"], bits))), (".mac", quoted(r["mac"] or "NULL")),
               (".bits", str(bits)), (".strength", str(number(r["strength"]))),
               (".block_bits", str(number(r["block_bits"]))), (".flags", suite_flags(r)),
               (".min_version", VERSIONS[r["min_version"]]),
               (".recommended", "'%s'" % r["recommended_2026"] if r["recommended_2026"] else None))


def sslv2_mode(name):
    return "CBC" if "_CBC_" in name else "CFB" if "_CFB64_" in name else ""


def sslv2_row(r):
    bits = number(r["secret_bits"])
    return row("SSLV2_KIND", (".code", "0x%06X" % number(r["code"])), (".name", quoted(r["name"])),
               (".openssl", optional(r["openssl"])),
               (".enc", quoted(cipher_text(r["enc"], sslv2_mode(r["name"]), bits))), (".bits", str(bits)),
               (".export", truth(r["export"])))


# ---- groups ---------------------------------------------------------------------------------------------------

GROUP_NAMES = {0xFE30: "X25519Kyber512Draft00", 0xFE31: "X25519Kyber768Draft00Old"}
GROUP_KINDS = {"ec-binary": "EC_BINARY", "ec-prime": "EC_PRIME", "ec-montgomery": "MONTGOMERY",
               "ec-gost": "GOST", "ffdhe": "FFDHE", "kem": "KEM", "hybrid": "HYBRID", "grease": "GREASE",
               "special": "SPECIAL"}
GROUP_USE = {"true": ("TLS12", "TLS13"), "false": ("TLS12",), "only": ("TLS13",)}


def group_row(r):
    code = number(r["code"])
    grease = r["kind"] == "grease"
    name = "GREASE_0x%04X" % code if grease else GROUP_NAMES.get(code, r["name"])
    use = () if r["kind"] in ("grease", "special") else GROUP_USE[r["tls13"]]
    return row("GROUP", (".code", "0x%04X" % code), (".name", quoted(name)),
               (".openssl", optional(r["openssl"])), (".kind", "GROUP_" + GROUP_KINDS[r["kind"]]),
               (".bits", str(number(r["bits"]))), (".security", str(number(r["security_bits"]))),
               (".use", flags("GROUP_", use)), (".pq", "true" if r["pq"] != "none" else None),
               (".obsolete", "true" if r["pq"].endswith("-obsolete") else None))


# ---- signature schemes ----------------------------------------------------------------------------------------

FAMILY_KEYS = {"rsa-pkcs1": "RSA", "rsa-pss-rsae": "RSA", "rsa-pss-pss": "RSA_PSS", "dsa": "DSA",
               "ecdsa": "ECDSA", "ml-dsa": "ML_DSA", "gost": "GOST", "sm2": "SM2", "identity-based": "OTHER"}


def scheme_key(r):
    return r["name"].upper() if r["family"] == "eddsa" else FAMILY_KEYS[r["family"]]


def scheme_hash(r):
    in_name = re.search(r"_(sha\d+)$", r["name"])
    return r["hash"] or (in_name.group(1) if in_name else "unknown")


def scheme_row(r):
    name = re.sub(r" \((old )?private\)$", "", r["name"])
    return row("SCHEME", (".code", "0x%04X" % number(r["code"])), (".name", quoted(name)),
               (".openssl", optional(r["openssl"])), (".hash", quoted(scheme_hash(r))),
               (".key", "KEY_" + scheme_key(r)), (".tls12", truth(r["tls12"])),
               (".tls13", truth(r["tls13_handshake"])))


# ---- extensions, alerts, ALPN ---------------------------------------------------------------------------------

EXTENSION_NAMES = {40: "key_share_old", 46: "ticket_early_data_info", 53: "connection_id_deprecated",
                   17513: "application_settings_old", 30031: "channel_id_old",
                   65445: "quic_transport_parameters_drafts", 65486: "encrypted_server_name"}
MESSAGES = {"CT": "CERT"}


def extension_row(r):
    code = number(r["code"])
    grease = r["name"] == "GREASE"
    name = "GREASE_0x%04X" % code if grease else EXTENSION_NAMES.get(code, r["name"])
    where = ["CH", "CR", "NST"] if grease else r["tls13_messages"].replace("-", "").split()
    return row("EXTENSION", (".code", "0x%04X" % code), (".name", quoted(name)),
               (".tls13_messages", flags("IN_", [MESSAGES.get(m, m) for m in where])))


def alert_row(r):
    return row("ALERT", (".code", r["code"]), (".name", quoted(r["name"].replace("_RESERVED", ""))))


def alpn_row(r):
    return row("ALPN", (".id", quoted(r["id"])), (".meaning", quoted(r["meaning"])))


# ---- Diffie-Hellman primes ------------------------------------------------------------------------------------

FFDHE = {"ffdhe2048": 0x0100, "ffdhe3072": 0x0101, "ffdhe4096": 0x0102, "ffdhe6144": 0x0103, "ffdhe8192": 0x0104}
# The first pattern that fits names the prime; \1 and \2 are its groups.
PRIME_NAMES = (
    (r"(ffdhe\d+)", r"RFC 7919 \1"),
    (r"Oakley Group ([12]) RFC 2409", r"RFC 2409 Oakley group \1"),
    (r"Oakley Group (\d+) RFC 3526", r"RFC 3526 MODP group \1"),
    (r"RFC5114/(\d+-bit) DSA group with (\d+-bit)", r"RFC 5114 \1 group, \2 subgroup"),
    (r"sun.security.provider/(\d+-bit)", r"Java sun.security.provider \1 DSA group"),
    (r"(mod_ssl >= [\d.]+) built-in", r"Apache httpd \1 built-in"),
    (r"^weakdh.org/.*non-safe", "common in the Logjam survey (weakdh.org), not a safe prime"),
    (r"^weakdh.org/", "common in the Logjam survey (weakdh.org)"),
    (r"^openssl/(\d+-bit)", r"OpenSSL built-in \1"),
    (r"^SKIP$", "SKIP (Sun)"),
    (r"^Socat$", "socat 1.7.3.0 built-in, not prime"),
    (r"^IronPort", "IronPort SMTPD built-in"),
    (r"^(LibTomCrypt|ProFTPD|Postfix)$", r"\1 built-in"),
)


def joined_names(text):
    """"HAProxy; HAProxy >= 1.6 built-in": what another name says more fully is dropped."""
    names = [re.sub(r"/\d+-bit$", "", name) for name in text.split("; ")]
    fullest = [n for n in names if not any(o != n and o.lower().startswith(n.lower()) for o in names)]
    return ", ".join(dict.fromkeys(fullest))


def prime_name(text):
    for pattern, name in PRIME_NAMES:
        found = re.search(pattern, text)
        if found:
            return found.expand(name)
    return joined_names(text)


def prime_row(r):
    words = ", ".join("0x" + r["sha256"][i:i + 16] for i in range(0, 64, 16))
    name = prime_name(r["names"])
    group = FFDHE.get(name.split()[-1], 0)
    return row("PRIME", "SHA256(%s)" % words, (".bits", r["bits"]), (".prime", truth(r["is_prime"])),
               (".safe", truth(r["safe_prime"])), (".group", "0x%04X" % group if group else None),
               (".name", quoted(name)))


# ---- files ----------------------------------------------------------------------------------------------------

BY_CODE = lambda r: number(r["code"])
IANA = "IANA, TLS parameters"

# file, source CSV, row, sort key, what it says of itself
TABLES = (
    ("versions", "versions.csv", version_row, BY_CODE,
     "Protocol versions: RFC 6101, 2246, 4346, 5246, 8446, 6347, 9147, GB/T 38636 (TLCP), the TLS 1.3 drafts\n"
     "and Google's experiments with them as BoringSSL and OpenSSL named them."),
    ("suites", "cipher-suites.csv", suite_row, BY_CODE,
     IANA + " (snapshot of about January 2023, the Recommended column brought to 2026 by the lists\n"
     "of RFC 9847 and RFC 10015), and private codes seen in the wild. OpenSSL's names and private codes were\n"
     "compared with testssl.sh (GPL-2.0), CryptoDataHub (MPL-2.0) and TLS-Attacker (Apache-2.0); facts, no text\n"
     "of theirs. _DRAFT: the meaning a code had before RFC 4492; _LEGACY: a private code of a registered suite."),
    ("sslv2_kinds", "sslv2-cipher-kinds.csv", sslv2_row, BY_CODE,
     "SSL 2.0 specification (Hickman, 1995), and the kinds SSLeay and its heirs added."),
    ("groups", "supported-groups.csv", group_row, BY_CODE,
     IANA + " (RFC 8422, 7919, 8446, 8734, 8998, 9189, 8701, 10024, draft-ietf-tls-mlkem), and codes of\n"
     "Cloudflare, Open Quantum Safe and s2n-tls from before the standard. Security of the ffdhe groups: the\n"
     "estimate of RFC 7919 appendix A; of KEMs: the NIST category; of hybrids: that of the KEM."),
    ("schemes", "signature-schemes.csv", scheme_row, BY_CODE,
     IANA + " (RFC 5246, 8446, 8734, 8998, 9189, 9367, 9963, draft-ietf-tls-mldsa) and private GOST codes.\n"
     "tls12, tls13: a server may sign its handshake with it; the PKCS #1 and SHA-1 ones sign only certificates\n"
     "in TLS 1.3, and the *_legacy ones only a client's CertificateVerify (RFC 9963)."),
    ("extensions", "extensions.csv", extension_row, BY_CODE,
     IANA + " (RFC 8446 section 4.2, RFC 9847), and private codes of browsers and of drafts. GREASE may\n"
     "stand in what RFC 8701 sections 3 and 4 allow."),
    ("alerts", "alerts.csv", alert_row, BY_CODE,
     IANA + " (RFC 8446 section 6, RFC 6066, 4279, 7301, 7507, 9849). Alerts of older versions go by the\n"
     "name they had there, without the registry's _RESERVED."),
    ("alpn", "alpn.csv", alpn_row, None, IANA + ", ALPN protocol IDs (RFC 7301), and unregistered ones."),
    ("primes", "primes.csv", prime_row, lambda r: r["sha256"],
     "RFC 2409, 3526, 5114, 7919, and the built-in groups of servers, by SHA-256 of the modulus. Which server\n"
     "has which was compared between testssl.sh's list (GPL-2.0; from nmap and Cryptosense) and CryptoDataHub\n"
     "(MPL-2.0); facts, no text of theirs. Primality up to 4096 bits was tested, above it is as stated there."),
)


def comment(about):
    lines = "\n".join(" * " + line for line in about.split("\n"))
    return "/*\n%s\n *\n * Generated by tools/gen_tables.py; see \"Sources\" in README.md.\n */\n" % lines


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1])
    out = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else
                       pathlib.Path(__file__).resolve().parent.parent / "scanner" / "tls")
    for name, source, make_row, key, about in TABLES:
        found = sorted(root.rglob(source))
        if not found:
            sys.exit("gen_tables.py: no %s under %s" % (source, root))
        with open(found[0], newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        rows = sorted(rows, key=key) if key else rows
        (out / (name + ".def")).write_text(comment(about) + "".join(make_row(r) + "\n" for r in rows))


if __name__ == "__main__":
    main()
