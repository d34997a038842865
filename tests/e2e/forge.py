"""Certificates that no library would make, byte by byte, and a server that shows them to whoever asks.

A certificate is signed by `openssl dgst` with a throw-away key, so that its signature holds; its own public key may be
another, or none that exists.
"""
import base64
import contextlib
import datetime
import pathlib
import socket
import subprocess
import threading

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID, UTF8, SEQUENCE, SET = 1, 2, 3, 4, 5, 6, 12, 0x30, 0x31
NUMERIC, PRINTABLE, T61, IA5, UTC, GENERAL, VISIBLE, UNIVERSAL, BMP = 18, 19, 20, 22, 23, 24, 26, 28, 30


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def number(n):
    return tlv(INTEGER, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = (int(x) for x in dotted.split("."))
    out = b""
    for arc in [40 * first + second, *rest]:
        part = bytes([arc & 127])
        while arc > 127:
            arc >>= 7
            part = bytes([arc & 127 | 128]) + part
        out += part
    return tlv(OID, out)


def bits(body):
    return tlv(BITS, b"\0", body)


def name(*attributes):
    """(OID, string type, bytes) each."""
    return tlv(SEQUENCE, *(tlv(SET, tlv(SEQUENCE, oid(o), tlv(tag, value))) for o, tag, value in attributes))


def cn(text):
    return name(("2.5.4.3", UTF8, text.encode()))


def extension(dotted, body, critical=False):
    return tlv(SEQUENCE, oid(dotted), tlv(BOOLEAN, b"\xff") if critical else b"", tlv(OCTETS, body))


def alternative_names(*names):
    """(context tag, bytes) each: 1 e-mail, 2 DNS, 6 URL, 7 address."""
    return extension("2.5.29.17", tlv(SEQUENCE, *(tlv(0x80 | kind, body) for kind, body in names)))


def date(t):
    if t.year < 2050:
        return tlv(UTC, t.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERAL, t.strftime("%Y%m%d%H%M%SZ").encode())


def rsa_key(n, e):
    return tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.840.113549.1.1.1"), tlv(NULL)), bits(tlv(SEQUENCE, number(n), number(e))))


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


class Forge:
    """Keys and certificates in one folder. algorithm: (OID, digest) of what signs; the default is ECDSA with SHA-256."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self._run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        self.spki = self._run("pkey", "-in", self.key, "-pubout", "-outform", "DER")

    @property
    def key(self):
        return self.dir / "forge.key"

    @staticmethod
    def _run(*args, given=None):
        return subprocess.run(["openssl", *map(str, args)], input=given, capture_output=True, check=True, timeout=60).stdout

    def certificate(self, subject=None, issuer=None, extensions=(), serial=None, spki=None, since=None, until=None,
                    algorithm="1.2.840.10045.4.3.2", digest="-sha256", signature=None):
        alg = tlv(SEQUENCE, oid(algorithm))
        since, until = since or now() - datetime.timedelta(days=30), until or now() + datetime.timedelta(days=60)
        tbs = tlv(SEQUENCE, tlv(0xA0, number(2)), serial or number(0x1234567890), alg, issuer or cn("Forge"),
                  tlv(SEQUENCE, date(since), date(until)), subject or cn("test.example"), spki or self.spki,
                  tlv(0xA3, tlv(SEQUENCE, *extensions)) if extensions else b"")
        return tlv(SEQUENCE, tbs, alg, bits(signature or self._run("dgst", digest, "-sign", self.key, given=tbs)))

    def pem(self, der, file):
        path = self.dir / file
        path.write_bytes(b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n")
        return path


class Shower(contextlib.AbstractContextManager):
    """TLS 1.2 up to ServerHelloDone, with whatever chain: one cipher suite with RSA key exchange, and no more."""

    SUITE = 0x002F

    def __init__(self, *chain):
        body = b"".join(len(c).to_bytes(3, "big") + c for c in chain)
        self.certificate = self.message(11, len(body).to_bytes(3, "big") + body)
        self.open = []
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def message(kind, body):
        return bytes([kind]) + len(body).to_bytes(3, "big") + body

    @staticmethod
    def records(data, kind=22):
        return b"".join(bytes([kind, 3, 3]) + len(data[i:i + 16384]).to_bytes(2, "big") + data[i:i + 16384]
                        for i in range(0, len(data), 16384))

    def answer(self, hello):
        """hello: the ClientHello's body, behind version and random."""
        at = 1 + hello[0]
        suites = hello[at + 2:at + 2 + int.from_bytes(hello[at:at + 2], "big")]
        if self.SUITE not in {int.from_bytes(suites[i:i + 2], "big") for i in range(0, len(suites), 2)}:
            return self.records(b"\2\x28", 21)
        ours = b"\3\3" + bytes(range(32)) + b"\0" + self.SUITE.to_bytes(2, "big") + b"\0"
        return self.records(self.message(2, ours) + self.certificate + self.message(14, b""))

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                self.open.append(client)
                threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        with contextlib.suppress(OSError, IndexError):
            data = b""
            while len(data) < 9 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
                more = client.recv(65536)
                if not more:
                    break
                data += more
            if data[:1] == b"\x16":
                client.sendall(self.answer(data[5 + 4 + 34:]))
                client.recv(65536)
        client.close()

    def __exit__(self, *_):
        for s in [self.socket, *self.open]:
            s.close()
