"""What a server of a known configuration must take: asked of the library's own tool, not of tlsassay."""
import re
import subprocess

from report import Names
from servers import find_program

VERSIONS = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
OPENSSL_AUTH = {"RSA": "rsa", "ECDSA": "ecdsa", "None": "anon", "PSK": "psk", "RSAPSK": "rsa", "SRP": "srp", "DSS": "dsa", "any": "any"}


def openssl(protocol, have, string):
    """Codes in the order of the cipher string; have: what the server can sign with (rsa ecdsa anon psk srp)."""
    flag = "-" + protocol.replace("TLSv1.0", "tls1").replace("TLSv1.", "tls1_").lower()
    argv = [find_program("openssl"), "ciphers", "-V", "-s", flag]
    argv += ["-psk"] if "psk" in have else []
    argv += ["-srp"] if "srp" in have else []
    out = subprocess.run([*argv, string], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"0x(\w\w),0x(\w\w) - (\S+) +(\S+) +Kx=(\S+) +Au=(\S+)", out)
    return [f"0x{a}{b}" for a, b, _, version, kx, auth in rows
            if OPENSSL_AUTH.get(auth) in (*have, "any") and (version == "TLSv1.3") == (protocol == "TLSv1.3")]


def gnutls_auth(name):
    for mark, auth in (("_SRP_SHA_RSA", "srp-rsa"), ("_SRP_", "srp"), ("_RSA_PSK", "rsa-psk"), ("PSK", "psk"), ("ANON", "anon"),
                       ("ECDSA", "ecdsa"), ("DSS", "dsa"), ("RSA", "rsa")):
        if mark in name:
            return auth
    return "any"


def gnutls(protocol, have, priority):
    """Codes, in no order that a server of GnuTLS would heed."""
    out = subprocess.run([find_program("gnutls-cli"), "-l", "--priority", priority], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^TLS_(\S+)\s+0x(\w\w), 0x(\w\w)\s+(\S+)", out, re.M)
    codes = []
    for name, a, b, since in rows:
        since = since.replace("SSL3.0", "SSLv3").replace("TLS", "TLSv")
        if since == "DTLSv0.9" or since not in VERSIONS:
            continue
        fits = (since == "TLSv1.3") == (protocol == "TLSv1.3") and VERSIONS.index(since) <= VERSIONS.index(protocol)
        if fits and gnutls_auth(name) in (*have, "any"):
            codes.append(f"0x{a}{b}".upper().replace("X", "x"))
    return codes


SOURCES = {"openssl": openssl, "gnutls": gnutls}


def expected(words, what, protocol):
    """The codes that the words of a case mean: names, or `openssl have=rsa,ecdsa STRING`."""
    if words and words[0] in SOURCES:
        have = words[1].split("=", 1)[1].split(",")
        return SOURCES[words[0]](protocol, have, " ".join(words[2:]))
    return [Names.code(what, w) for w in words]
