#!/usr/bin/env python3
"""--client: what a client's own hello is computed to get, against what that client really gets.

Hellos that `openssl s_client` sends are caught, written as captures of every kind (the hello in pieces, out of order, behind
another stream), as hex and as JA4, and given to tlsassay; then the same s_client connects to the server.
Exit status 0: all well; 1: something is not; 77: nginx or openssl is not installed.
"""
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import textwrap
import threading

from servers import Failed, Place, Server, Skip, find_program

PROGRAM = os.environ.get("TLSASSAY", "build/dev/tlsassay")
NAME = "test.example"

# name: lines of nginx's configuration
SERVERS = {
    "client's order": ["ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off;"],
    "server's order": ["ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; ssl_ecdh_curve prime256v1:X25519;"
                       " ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA;"],
    "old": ["ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"],
}
# name: options of s_client
CLIENTS = {
    "plain": [],
    "tls12": ["-tls1_2"],
    "chacha": ["-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA"],
    "sha": ["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA"],
    "curve": ["-groups", "P-256:X25519", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"],
    "p521": ["-groups", "P-521"],
    "tls10": ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
    "alpn": ["-alpn", "h2,http/1.1", "-no_ticket"],
}


def s_client(port, options, wait=20):
    return subprocess.run([find_program("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME, *options],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=wait, text=True, errors="replace").stdout


def caught(options):
    """The first record that s_client sends."""
    got = []

    def listen(server):
        c, _ = server.accept()
        with c:
            c.settimeout(10)
            data = b""
            while len(data) < 5 or len(data) < 5 + struct.unpack(">H", data[3:5])[0]:
                data += c.recv(65536)
            got.append(data)

    with socket.create_server(("127.0.0.1", 0)) as server:
        t = threading.Thread(target=listen, args=(server,))
        t.start()
        s_client(server.getsockname()[1], options)
        t.join()
    return got[0]


# ---- captures ---------------------------------------------------------------------------------------------------------------

def tcp(seq, data, flags=0x18):
    return struct.pack(">HHIIBBHHH", 40000, 443, seq & 0xFFFFFFFF, 1, 5 << 4, flags, 65535, 0, 0) + data


def ip4(payload):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, 6, 0, bytes([192, 0, 2, 1]),
                       bytes([192, 0, 2, 2])) + payload


def ip6(payload):
    return struct.pack(">IHBB16s16s", 6 << 28, len(payload) + 8, 0, 64, b"\x20\x01" + bytes(14), b"\x20\x02" + bytes(14)) \
        + bytes([6, 0, 1, 4, 0, 0, 0, 0]) + payload


def ethernet(packet):
    return bytes(12) + (b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd") + packet


def vlan(packet):
    return bytes(12) + b"\x81\x00\x00\x07\x08\x00" + packet + b"padding behind the packet"


def cooked(packet):
    return bytes(14) + (b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd") + packet


def pcap(order, magic, link, frames):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for f in frames:
        out += struct.pack(order + "IIII", 1, 2, len(f), len(f)) + f
    return out


def pcapng(order, link, frames):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        n = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + n + body + n

    out = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack(order + "HHI", link, 0, 0))
    for f in frames:
        out += block(6, struct.pack(order + "IIIII", 0, 1, 2, len(f), len(f)) + f)
    return out


def pieces(hello, sizes, seq, wrap, shuffled=False):
    """Segments of a stream, behind a SYN and words of another protocol."""
    out, at = [wrap(tcp(seq - 12, b"", 2)), wrap(tcp(seq - 11, b"EHLO here\r\n"))], 0
    for n in [*sizes, len(hello)]:
        if hello[at:at + n]:
            out.append(wrap(tcp(seq + at, hello[at:at + n])))
        at += n
    return out[:2] + out[:1:-1] if shuffled else out


def two_records(hello):
    """The same message in two records."""
    body = hello[5:]
    return b"".join(hello[:3] + struct.pack(">H", len(part)) + part for part in (body[:50], body[50:]))


def ja4(hello, original):
    """JA4_r, or JA4_ro, of a record."""
    body = hello[9:]
    at = 34 + 1 + body[34]

    def codes(b):
        return [int.from_bytes(b[i:i + 2], "big") for i in range(0, len(b), 2)]

    n = int.from_bytes(body[at:at + 2], "big")
    suites = codes(body[at + 2:at + 2 + n])
    at += 2 + n
    at += 1 + body[at]
    at += 2
    extensions = {}
    while at < len(body):
        code, n = struct.unpack(">HH", body[at:at + 4])
        extensions[code] = body[at + 4:at + 4 + n]
        at += 4 + n
    newest = max(codes(extensions[43][1:])) if 43 in extensions else int.from_bytes(body[:2], "big")
    alpn = "00"
    if 16 in extensions:
        first = extensions[16][3:3 + extensions[16][2]].decode()
        alpn = first[0] + first[-1]
    head = f"t1{newest - 0x301}{'d' if 0 in extensions else 'i'}{len(suites):02}{len(extensions):02}{alpn}"
    kept = list(extensions) if original else sorted(c for c in extensions if c not in (0, 16))
    parts = [suites if original else sorted(suites), kept]
    if 13 in extensions:
        parts.append(codes(extensions[13][2:]))
    return "_".join([head] + [",".join(f"{c:04x}" for c in p) for p in parts])


def specs(hello):
    """(name, bytes of a file or the text itself, is it told whole)"""
    micro, nano = 0xA1B2C3D4, 0xA1B23C4D
    return [
        ("ethernet.pcap", pcap("<", micro, 1, pieces(hello, [], 5, lambda t: ethernet(ip4(t)))), True),
        ("pieces.pcap", pcap(">", nano, 1, pieces(hello, [1, 2, 60], 2 ** 32 - 30, lambda t: ethernet(ip6(t)))), True),
        ("shuffled.pcap", pcap("<", nano, 1, pieces(hello, [80, 40], 9, lambda t: vlan(ip4(t)), True)), True),
        ("records.pcap", pcap("<", micro, 113, pieces(two_records(hello), [30], 9, lambda t: cooked(ip6(t)))), True),
        ("raw.pcapng", pcapng("<", 101, pieces(hello, [], 9, ip4)), True),
        ("loopback.pcapng", pcapng(">", 0, pieces(hello, [70], 9, lambda t: b"\x02\0\0\0" + ip4(t), True)), True),
        ("hello.hex", "\n".join(textwrap.wrap(hello.hex(" "), 48)).encode(), True),
        ("bytes", hello, True),
        ("record", hello.hex(), True),
        ("message", hello[5:].hex(), True),
        ("body", hello[9:].hex(), True),
        ("ja4ro", ja4(hello, True), False),
        ("ja4r", ja4(hello, False), False),
    ]


# ---- what comes of it -------------------------------------------------------------------------------------------------------

def really_got(out):
    """(protocol, OpenSSL's name of the suite, group or None); None: no handshake."""
    m = re.search(r"^New, (\S+), Cipher is (\S+)", out, re.M)
    if not m or m[2] == "(NONE)":
        return None
    version = re.search(r"^\s*Protocol\s*:\s*(\S+)", out, re.M)
    key = re.search(r"^Server Temp Key: (?:ECDH, )?([^,\n]+)", out, re.M)
    names = {"X25519": "x25519", "prime256v1": "secp256r1", "P-256": "secp256r1", "secp521r1": "secp521r1", "DH": None}
    protocol = {"TLSv1": "TLSv1.0"}.get(version[1] if version else m[1], version[1] if version else m[1])
    return protocol, m[2], names.get(key[1], key[1]) if key else None


def scan(port, *options):
    run = subprocess.run([PROGRAM, "--json", *options, f"{NAME}@127.0.0.1:{port}"], capture_output=True, timeout=170)
    if run.returncode:
        raise Failed(f"exit status {run.returncode}: {run.stderr.decode()[-400:]}")
    return run.stdout


def is_same(report, row, real):
    """Is the row what the client really got? What is not told may be left open, but not be wrong."""
    told = row["own"]["untold"]
    hidden = row["reason"] == "unknown_client_groups" and "groups" in told
    if not real:
        return row["state"] == "fails" or hidden
    suites = {s["id"]: s for p in report["suites"] for s in p["list"]}
    groups = {g["id"]: g["name"] for p in report["groups"] for g in p["list"]}
    if row["state"] != "connects" and not hidden:
        return (row["reason"] == "unknown_client_versions" and "older_versions" in told) or \
            (row["reason"] == "unknown_client_order" and "suite_order" in told)
    suite = suites[row["suite"]]
    group = groups.get(row["group"])
    return row["protocol"] == real[0] and real[1] in (suite["openssl"], suite["name"]) and \
        (group == real[2] or real[2] is None or hidden or row["reason"] in ("unknown_share", "unknown_group_order"))


def look(name, port, folder, hellos):
    """What is wrong of each client at this server, and how many rows were right and decided."""
    wrong, decided, words = [], 0, []
    for client, hello in hellos.items():
        for kind, what, whole in specs(hello):
            if isinstance(what, bytes):
                path = folder / f"{client}-{kind}"
                path.write_bytes(what)
                what = str(path)
            words.append((f"{client}-{kind}", f"--client={client}-{kind}={what}", whole))
    rows, report = {}, None
    for at in range(0, len(words), 60):
        options = [w[1] for w in words[at:at + 60]]
        saved = scan(port, *options, *(["--simulate=measured"] if at == 0 else []))
        report = json.loads(saved)[0]
        rows.update({r["own"]["name"]: r for r in report["simulation"] if "own" in r})
        if [r.get("own", {}).get("name") for r in report["simulation"]][:len(options)] != [w[0] for w in words[at:at + 60]]:
            wrong.append(f"{name}: the user's own do not stand first, in their order")
        (folder / "saved.json").write_bytes(saved)
        again = subprocess.run([PROGRAM, "judge", "--json", *options, str(folder / "saved.json")], capture_output=True, timeout=60)
        if again.stdout != saved:
            wrong.append(f"{name}: judged again is another report")
    for client in hellos:
        real = really_got(s_client(port, CLIENTS[client]))
        for full, _, whole in words:
            if not full.startswith(client + "-"):
                continue
            row = rows[full]
            decided += row["suite"] is not None or row["state"] == "fails"
            if not is_same(report, row, real) or (whole and row["state"] == "unknown" and real and client != "tls12" and
                                                  row["reason"] != "unknown_client_versions"):
                wrong.append(f"{name}: {full}: {row['state']} {row['reason']} {row['protocol']} {row['suite']} {row['group']},"
                             f" really {real}")
            if "measured" in row and (not whole or row["measured"]["agrees"] == "no"):
                wrong.append(f"{name}: {full}: measured is {row['measured']}")
    if not any("measured" in r for r in rows.values()):
        wrong.append(f"{name}: none was measured")
    return wrong, decided


# (SPEC, part of the one line that says why): all are wrong usage.
REFUSED = [
    ("no/such/file", "No such file"), ("t13d1516h2_8daaf6152771_b186095e22b6", "hashes"),
    ("q13d0302h3_1301,1302,1303_000a,002b", "QUIC"), ("t13d0302h2_1301,1302_000a,002b", "another number of cipher suites"),
    ("16030100" + "00" * 60, "no ClientHello"), ("x=/dev/null", "no capture"),
]


def refusals(saved):
    wrong = []
    for spec, why in REFUSED:
        for command in (["scan", "127.0.0.1:9"], ["judge", saved]):
            run = subprocess.run([PROGRAM, *command, "--client", spec], capture_output=True, timeout=60, text=True)
            if run.returncode != 2 or run.stdout or run.stderr.count("\n") != 1 or why not in run.stderr:
                wrong.append(f"{command[0]} {spec}: {run.returncode} {run.stdout} {run.stderr}")
    return wrong


def main():
    find_program("openssl"), find_program("nginx")
    place, wrong, decided = Place(), [], 0
    hellos = {name: caught(options) for name, options in CLIENTS.items()}
    for name, lines in SERVERS.items():
        with Server(place, "nginx", {"certs": "rsa"}, lines) as server:
            folder = pathlib.Path(place.folder("hellos"))
            more, n = look(name, server.port, folder, hellos)
        wrong += more + refusals(folder / "saved.json")
        decided += n
    if decided < 200:
        wrong.append(f"only {decided} rows were decided")
    print(f"{len(SERVERS)} servers, {len(hellos)} hellos: {decided} rows decided, {len(wrong)} wrong")
    for line in wrong[:40]:
        print("   ", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Skip as e:
        print(e)
        sys.exit(77)
