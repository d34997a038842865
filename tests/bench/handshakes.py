#!/usr/bin/env python3
"""CPU of one full handshake, tlsassay's client core beside `openssl s_time -new`, for six suites on one nginx of its own.

    handshakes.py [--rounds N] [--count N] [PROGRAM]      needs nginx, openssl, and build/release (tools/demo.sh)

Both check the signature of the key exchange and both Finished messages, and neither asks whether the certificate is to be trusted.
tlsassay says goodbye and reads the tickets, s_time drops the connection. CPU is user and system time of the whole process, its start
included, over the handshakes that it made; the rounds alternate between the two, and the least of each counts: what else
the machine did only adds. Exit status 1: some suite takes more than LIMIT times what s_time takes.
"""
import argparse
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIMIT = 1.5
SUITES = [("1.2", "ECDHE-RSA-AES128-GCM-SHA256"), ("1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"), ("1.2", "DHE-RSA-AES128-SHA"),
          ("1.2", "AES128-SHA"), ("1.2", "ECDHE-RSA-CHACHA20-POLY1305"), ("1.3", "TLS_AES_128_GCM_SHA256")]


def skip(what):
    print(f"skipped: {what} is missing")
    sys.exit(77)


def tool(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") or skip(name)


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True, timeout=120)


def certificates(folder):
    for name, kind in (("rsa", ["rsa:2048"]), ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem",
            "-days", "30", "-subj", "/CN=localhost")
    run("openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", f"{folder}/dh")
    run("openssl", "dhparam", "-in", f"{folder}/dh", "-out", f"{folder}/dh.pem")


def nginx(folder, port):
    keys = "".join(f"ssl_certificate {folder}/{c}.pem; ssl_certificate_key {folder}/{c}.key;\n" for c in ("rsa", "ecdsa"))
    temp = "".join(f"{k}_temp_path {folder}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error crit;\nevents {{ worker_connections 4000; }}\n"
        f"http {{ access_log off; {temp}\n server {{ listen 127.0.0.1:{port} ssl; {keys} ssl_dhparam {folder}/dh.pem;\n"
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ssl_ecdh_curve X25519; return 200 ok; } }\n")
    child = subprocess.Popen([tool("nginx"), "-p", folder, "-e", folder / "early", "-c", folder / "nginx.conf"])
    for _ in range(100):
        with socket.socket() as s:
            if not s.connect_ex(("127.0.0.1", port)):
                return child
        time.sleep(0.05)
    child.kill()
    sys.exit("nginx did not start")


def cpu(argv):
    """Seconds of user and system time, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def ours(program, port, version, suite, count):
    spent, said = cpu([program, "handshake", f"127.0.0.1:{port}", "--version", version, "--suite", suite, "--repeat", count])
    if f"{count} of {count} handshakes complete" not in said:
        sys.exit(f"{suite}: {said}")
    return spent / count


def theirs(port, version, suite):
    which = ["-ciphersuites", suite, "-tls1_3"] if version == "1.3" else ["-cipher", suite + ":@SECLEVEL=0", "-tls1_2"]
    spent, said = cpu(["openssl", "s_time", "-new", "-connect", f"127.0.0.1:{port}", "-time", "1", *which])
    made = re.search(r"(\d+) connections in \d+ real", said)
    return spent / int(made[1]) if made and int(made[1]) else sys.exit(f"{suite}: {said}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--count", type=int, default=200)
    p.add_argument("program", nargs="?", default=ROOT / "build/release/tlsassay")
    a = p.parse_args()
    for name in ("nginx", "openssl", a.program):
        tool(name)
    worst = 0
    with tempfile.TemporaryDirectory() as name, socket.socket() as s:
        folder = pathlib.Path(name)
        certificates(folder)
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        s.close()
        server = nginx(folder, port)
        try:
            print(f"{'CPU of one handshake, microseconds':36} {'tlsassay':>10} {'s_time':>10} {'ratio':>8}")
            for version, suite in SUITES:
                rounds = [(ours(a.program, port, version, suite, a.count), theirs(port, version, suite)) for _ in range(a.rounds)]
                mine, other = (min(column) for column in zip(*rounds))
                worst = max(worst, mine / other)
                print(f"{suite:36} {mine * 1e6:10.0f} {other * 1e6:10.0f} {mine / other:8.2f}", flush=True)
        finally:
            server.kill()
            server.wait()
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
