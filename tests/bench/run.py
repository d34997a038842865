#!/usr/bin/env python3
"""The benchmark: tlsassay beside sslscan, nmap and testssl.sh, whichever are installed, on the same servers in one run.

    sudo python3 tests/bench/run.py [--quick] [--out BENCHMARKS.md] [--notes FILE] [PROGRAM]

Two configurations of one nginx, modern (Mozilla intermediate) and legacy (everything that this OpenSSL has); on loopback, at
50 ms (25 ms each way), and at 50 ms with 1 % of the packets lost in each direction; then 200 addresses. Everything runs in
network namespaces of its own and nothing leaves the machine; so it needs root, iproute2, nginx, openssl and a C compiler. Where the kernel has
no netem, lag.py is the line. Columns: CPU of the command with its children, its peak memory, wall time, connections that the
server accepted, CPU of the server. Medians; ratios are to the best peer of the same block.
"""
import argparse
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODERN, LEGACY = 8443, 8444
NAME = f"bench{os.getpid()}"
HERE, THERE = NAME + "c", NAME + "s"
COLUMNS = ("cpu", "peak", "wall", "connections", "server")


def sh(*words, check=True):
    return subprocess.run([str(w) for w in words], check=check, capture_output=True, text=True, timeout=300)


def inside(namespace, *words):
    return ["ip", "netns", "exec", namespace, *map(str, words)]


# ---- the servers -----------------------------------------------------------------------------------------------------------

def certificates(folder):
    for name, kind in (("rsa", ["rsa:2048"]), ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        sh("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem",
           "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    sh("openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", f"{folder}/raw")
    sh("openssl", "dhparam", "-in", f"{folder}/raw", "-out", f"{folder}/dh.pem")


def configure(folder):
    temp = "".join(f"{k}_temp_path {folder}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    keys = "".join(f"ssl_certificate {folder}/{c}.pem; ssl_certificate_key {folder}/{c}.key; " for c in ("rsa", "ecdsa"))
    (folder / "conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log crit; worker_rlimit_nofile 60000;\n"
        f"events {{ worker_connections 20000; }}\nhttp {{ access_log off; {temp} ssl_dhparam {folder}/dh.pem; {keys}\n"
        f"server {{ listen 0.0.0.0:{MODERN} ssl backlog=4096; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off;\n"
        "ssl_ciphers 'ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!DSS:!PSK'; ssl_ecdh_curve X25519:prime256v1:secp384r1;\n"
        "add_header Strict-Transport-Security max-age=63072000; return 200 ok; }\n"
        f"server {{ listen 0.0.0.0:{LEGACY} ssl backlog=4096; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;\n"
        "ssl_ciphers 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'; return 200 ok; } }\n")


class Lab:
    """Two namespaces, the server in one, the line between them; on loopback the client is with the server."""

    def __init__(self, folder):
        self.folder, self.line = folder, None
        self.measure = folder / "measure"
        sh(os.environ.get("CC", "cc"), "-O1", "-o", self.measure, ROOT / "tests/bench/measure.c")
        certificates(folder)
        configure(folder)
        for n in (HERE, THERE):
            sh("ip", "netns", "add", n)
            sh("ip", "-n", n, "link", "set", "lo", "up")
            sh("ip", "-n", n, "tuntap", "add", "dev", "lag0", "mode", "tun")
            sh("ip", "-n", n, "link", "set", "lag0", "up")
        sh("ip", "-n", HERE, "addr", "add", "10.77.0.1/24", "dev", "lag0")
        sh("ip", "-n", THERE, "addr", "add", "10.77.0.2/24", "dev", "lag0")
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        self.server = subprocess.Popen(inside(THERE, nginx, "-p", folder, "-e", folder / "early", "-c", folder / "conf"))
        time.sleep(1)

    def lay(self, loss):
        if self.line:
            self.line.kill()
            self.line.wait()
        self.line = subprocess.Popen([sys.executable, "-B", ROOT / "tests/bench/lag.py", HERE, THERE, "lag0", "25", str(loss), "1"],
                                     stdout=subprocess.PIPE, text=True)
        self.line.stdout.readline()

    def accepted(self):
        """Connections that this namespace's TCP took in, of RFC 4022's passive opens."""
        names, values = [r for r in sh(*inside(THERE, "cat", "/proc/net/snmp")).stdout.splitlines() if r.startswith("Tcp:")]
        return int(dict(zip(names.split(), values.split()))["PassiveOpens"])

    def server_cpu(self):
        fields = pathlib.Path(f"/proc/{self.server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        for child in (self.line, self.server):
            if child:
                child.kill()
                child.wait()
        for n in (HERE, THERE):
            sh("ip", "netns", "del", n, check=False)


# ---- one command -----------------------------------------------------------------------------------------------------------

def once(lab, namespace, words, limit):
    accepted, spent = lab.accepted(), lab.server_cpu()
    said = subprocess.run(inside(namespace, lab.measure, limit, *words), check=True, capture_output=True, text=True).stdout.split()
    cpu, peak, wall = map(float, said)
    return None if wall < 0 else {"cpu": cpu, "peak": peak, "wall": wall, "connections": lab.accepted() - accepted,
                                  "server": lab.server_cpu() - spent}


def several(lab, namespace, words, runs, limit):
    got = [r for r in (once(lab, namespace, words, limit) for _ in range(runs)) if r]
    if not got:
        return None
    row = {c: statistics.median(r[c] for r in got) for c in COLUMNS}
    row["server"] = statistics.mean(r["server"] for r in got)  # the system counts in hundredths
    row["worst"] = max(r["wall"] for r in got)
    return row


# ---- the table -------------------------------------------------------------------------------------------------------------

def peers(host, port):
    rows = [("sslscan", ["sslscan", "--no-colour", f"{host}:{port}"]),
            ("nmap ssl-enum-ciphers", ["nmap", "-Pn", "-n", "--script", "+ssl-enum-ciphers", "-p", port, host]),
            ("testssl.sh", ["testssl.sh", "--quiet", "--color", "0", f"{host}:{port}"]),
            ("testssl.sh", ["testssl", "--quiet", "--color", "0", f"{host}:{port}"])]
    return [r for r in rows if shutil.which(r[1][0])]


def ours(program, host, port):
    fast = "--fast" in sh(program, "--help").stdout
    least = "--least" in sh(program, "--help").stdout
    for what, extra in (("suites", ["--probe", "versions,ciphers"]), ("audit", [])):
        yield f"tlsassay {what}", [program, *extra, "--http-port", "no", f"localhost@{host}:{port}"]
        if fast:
            yield f"tlsassay {what} --fast", [program, *extra, "--fast", "--http-port", "no", f"localhost@{host}:{port}"]
        if least and what == "suites":
            yield f"tlsassay {what} --least", [program, *extra, "--least", "--http-port", "no", f"localhost@{host}:{port}"]


def ratio(row, best, column):
    return f"{row[column] / best[column]:.2f}" if best and best[column] else "-"


def line_of(name, row, best, is_peer, hosts=1):
    if not row:
        return f"| {name} | over the limit | | | | | | |"
    shown = [f"{row['cpu'] / hosts * 1000:.1f}", f"{row['peak']:.1f}", f"{row['wall']:.2f}", f"{row['connections'] / hosts:.0f}",
             f"{row['server'] / hosts * 1000:.1f}"]
    ratios = ["", ""] if is_peer else [ratio(row, best, "cpu"), ratio(row, best, "wall")]
    return f"| {name} | " + " | ".join(shown + ratios) + " |"


def best_of(rows):
    """The least of each column, over the peers."""
    rows = [r for _, r in rows if r]
    return {c: min(r[c] for r in rows) for c in COLUMNS} if rows else None


def block(title, theirs, mine, hosts=1):
    best = best_of(theirs)
    yield f"\n### {title}\n"
    yield "| | CPU ms | peak MiB | wall s | connections | server CPU ms | CPU : best peer | wall : best peer |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, row in theirs:
        yield line_of(name, row, best, True, hosts)
    for name, row in mine:
        yield line_of(name, row, best, False, hosts)


def single(lab, a, where, namespace, host):
    for kind, port in (("modern", MODERN), ("legacy", LEGACY)):
        far = namespace == HERE
        runs = 1 if a.quick else (1 if far else 5)
        theirs = [(n, several(lab, namespace, w, 1 if n == "testssl.sh" else runs, 600)) for n, w in peers(host, port)]
        mine = [(n, several(lab, namespace, w, max(runs, 3 if a.quick else 10), 60)) for n, w in ours(a.program, host, port)]
        yield from block(f"{kind}, {where}", theirs, mine)


def mass(lab, a):
    hosts = 200
    listing = lab.folder / "list"
    addresses = [f"127.0.0.{i + 1}" for i in range(hosts)]
    listing.write_text("".join(f"{h}:{MODERN}\n" for h in addresses))
    (lab.folder / "hosts").write_text("\n".join(addresses))
    theirs = []
    if shutil.which("nmap"):
        words = ["nmap", "-Pn", "-n", "-T5", "--min-hostgroup", 200, "--max-parallelism", 200, "--script", "+ssl-enum-ciphers",
                 "-p", MODERN, "-iL", lab.folder / "hosts"]
        theirs = [("nmap -T5, 200 at once", several(lab, THERE, words, 1 if a.quick else 3, 300))]
    options = ["-f", listing, "--unordered", "-o", "ndjson", "--max-rate", 100000, "--max-per-net", 2000, "--http-port", "no"]
    rows = [("suites, 8 at once", ["--probe", "versions,ciphers", "--max-targets", 8]),
            ("suites, 200 at once", ["--probe", "versions,ciphers"]), ("audit, 8 at once", ["--max-targets", 8])]
    mine = [("tlsassay " + n, several(lab, THERE, [a.program, *options, *w], 1 if a.quick else 3, 300)) for n, w in rows]
    yield from block("200 addresses of the modern one, loopback; CPU, connections and server CPU for each host", theirs, mine, hosts)
    for name, row in mine + theirs:
        if row:
            yield f"\n{name}: {hosts / row['cpu']:.0f} hosts for each second of scanner CPU."


# ---- the whole -------------------------------------------------------------------------------------------------------------

def version_of(words):
    found = re.search(r"\d+\.\d+[\w.~-]*", sh(*words, check=False).stdout + sh(*words, check=False).stderr)
    return found[0] if found else "?"


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    tools = [("tlsassay", None), ("sslscan", ["sslscan", "--version"]), ("nmap", ["nmap", "--version"]), ("openssl", ["openssl", "version"])]
    known = ", ".join(f"{n} {version_of(w)}" for n, w in tools if w and shutil.which(n))
    return (f"{os.cpu_count()} x {cpu[1] if cpu else platform.machine()}, Linux {platform.release()}; {known}; "
            f"load when it began: {os.getloadavg()[0]:.1f}; {time.strftime('%Y-%m-%d', time.gmtime())}")


HEAD = """# Benchmarks

Made by `sudo python3 tests/bench/run.py`, in one run on one machine; what the columns are stands at its top. The servers are one nginx
process each; the scanner has the same machine. A ratio below 1 is better than the best peer of the block, column by column; the
peers do less than the audit: sslscan has suites, groups, schemes, Heartbleed and the certificate, nmap suites, order and a grade of
each. CPU and connections are steady; wall time on a shared machine is not.
"""


def report(lab, a):
    yield HEAD
    yield "Machine: " + machine() + "."
    yield from single(lab, a, "loopback", THERE, "127.0.0.1")
    yield from mass(lab, a)
    for where, loss in (("50 ms", 0), ("50 ms, 1 % lost in each direction", 1)):
        lab.lay(loss)
        yield from single(lab, a, where, HERE, "10.77.0.2")
    if a.notes:
        yield "\n" + pathlib.Path(a.notes).read_text().rstrip("\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--quick", action="store_true", help="each peer once")
    p.add_argument("--out")
    p.add_argument("--notes", help="text to put behind the tables")
    p.add_argument("program", nargs="?", default=str(ROOT / "build/release/tlsassay"))
    a = p.parse_args()
    for name in ("ip", "nginx", "openssl", a.program):
        if os.geteuid() or not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin"):
            print(f"skipped: root, and {name}, are needed")
            return 77
    out = open(a.out, "w") if a.out else sys.stdout
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(pathlib.Path(folder))
        try:
            for line in report(lab, a):
                print(line, file=out, flush=True)
        finally:
            lab.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
