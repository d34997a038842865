#!/usr/bin/env python3
"""Allocations of a scan fail, one in each run.

    alloc.py PROGRAM TLS_SERVER FAIL_ALLOC_SO [--only NAME] [--at N] [--all]

A run must end in time, with status 4 and one line on stderr, or with the report of a run in which nothing failed (an
allocation that is not needed). What is on stdout at status 4 is whole records, as that run has them, or nothing. The
program must be built without sanitizers.

Every allocation that a library makes fails in its turn, or every second or third where the row of the scan says so. Those of the program itself, libcrypto's among them because it
asks the program, are many and all made by a handful of functions: every SAMPLE-th, or --all (an hour). --at shows one run.

Threads are libc's, looking up names. There libc itself may crash when memory fails, or say that there is no such name
(glibc 2.36: __nss_database_get, nss_database_reload, __nss_files_fopen): that is told, and not held against us.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys
import threading

import local

SECONDS = 20
WORKERS = min(4, os.cpu_count() or 1)
SHOWN = 10
SAMPLE = 401
SMALL = ["versions=TLSv1.2,TLSv1.3", "suites=TLS_AES_128_GCM_SHA256,ECDHE-ECDSA-AES256-GCM-SHA384,ECDHE-RSA-AES128-SHA",
         "groups=x25519,secp256r1", "schemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256", "chains=rsa,ecdsa"]
ONE_SUITE = ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-ciphersuites", "TLS_AES_128_GCM_SHA256", "-groups", "X25519:P-256"]


# ---- what a report says, without when and how fast; each gives a list of endpoints -----------------------------------


def of_json(out):
    records = json.loads(out) if out else []
    for r in records:
        r.pop("scan", None)  # groups have none
    return records


def of_text(out):
    return [line for line in out.splitlines() if " connections, " not in line]


def of_story(out):
    return [line.split(" ms ")[-1] for line in out.splitlines() if "Finished" in line]


@dataclasses.dataclass
class Scan:
    name: str
    args: list
    read: object
    stdin: str = ""
    every: int = 1          # of the allocations of libraries
    openssl: bool = False   # scans a server that completes handshakes


SCANS = [
    Scan("whole", ["--json", "--ca-file", "{dir}/root.pem", "127.0.0.1:{port}"], of_json, every=3),
    Scan("names", ["-q", "-4", "--probe", "alpn", "localhost:{port}"], of_text, every=2),
    Scan("files", ["-q", "--probe", "alpn", "-f", "{dir}/list"], of_text, every=2),
    Scan("stdin", ["-o", "json", "--probe", "alpn", "-f", "-"], of_json, "127.0.0.1:{port}\n127.0.0.1:{port}\n", every=64),
    Scan("handshakes", ["--json", "127.0.0.1:{port}"], of_json, every=256, openssl=True),
    Scan("handshake", ["handshake", "127.0.0.1:{port}"], of_story, every=3, openssl=True),
    Scan("text", ["-v", "--probe", "alpn", "127.0.0.1:{port}"], of_text, every=2),
    Scan("html", ["-o", "html", "--probe", "alpn", "127.0.0.1:{port}"], of_text, every=2),
]


# ---- one run ------------------------------------------------------------------------------------------------------------


class Runner:
    def __init__(self, program, library, dir, port, scan):
        self.dir, self.scan, self.library = dir, scan, library
        fill = lambda s: s.replace("{port}", str(port)).replace("{dir}", str(dir))
        self.argv = [program, *map(fill, scan.args), "--seed", "1", "--rate", "100000"]
        self.stdin = fill(scan.stdin)
        self.good = self.run(0)
        if self.good.returncode not in (0, 3):
            raise SystemExit(f"{scan.name}: status {self.good.returncode} without a failure: {self.good.stderr}")
        self.wanted, self.who = scan.read(self.good.stdout), self.good.told

    def run(self, n):
        tell = self.dir / f"tell-{threading.get_ident()}"
        tell.write_text("")
        env = {**os.environ, "LD_PRELOAD": self.library, "FAIL_ALLOC": str(n), "FAIL_ALLOC_TELL": str(tell)}
        done = subprocess.run(self.argv, env=env, input=self.stdin, capture_output=True, text=True, timeout=SECONDS, close_fds=False)
        done.told = tell.read_text()
        return done

    def outcome(self, n):
        """(how it ended, what is wrong with that or None)"""
        try:
            done = self.run(n)
        except subprocess.TimeoutExpired:
            return "hung", f"no end within {SECONDS} s"
        if len(done.told) != 1:
            return "not reached", self.whole(done)
        if done.told == "t" and done.returncode in (-11, 3):
            return "libc's own fault", None
        if done.returncode < 0:
            return "signal", f"signal {-done.returncode}: {done.stderr.strip()}"
        if done.returncode == 4:
            return "said so", self.said_so(done)
        return "not needed", self.whole(done)

    def whole(self, done):
        if done.returncode != self.good.returncode:
            return f"status {done.returncode}: {done.stderr.strip()}"
        try:
            same = self.scan.read(done.stdout) == self.wanted
        except ValueError as e:
            return f"the report does not parse: {e}"
        return None if same else "another report"

    def said_so(self, done):
        lines = [line for line in done.stderr.splitlines() if done.told != "t" or "Assertion" not in line]
        if len(lines) != 1 or not lines[0].startswith("tlsassay: "):
            return f"stderr is not one line: {done.stderr!r}"
        if self.scan.read is not of_json:   # for people: it may end early
            return None
        try:
            got = self.scan.read(done.stdout)
        except ValueError as e:
            return f"what is on stdout does not parse: {e}"
        return None if got == self.wanted[:len(got)] else "another report, and status 4"


# ---- all of them ----------------------------------------------------------------------------------------------------------


def chosen(runner, all):
    every = {"p": SAMPLE, "l": runner.scan.every, "t": 1}
    return [n for n, kind in enumerate(runner.who, 1) if all or n % every[kind] == 0]


def sweep(runner, all):
    """Prints how the runs ended; False when one ended wrongly."""
    how, wrong = collections.Counter(), []
    numbers = chosen(runner, all)
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for n, (end, why) in zip(numbers, pool.map(runner.outcome, numbers)):
            how[end] += 1
            if why:
                wrong.append(f"  {end} when allocation {n} failed: {why}")
    print(f"{runner.scan.name}: {len(runner.who)} allocations, {len(numbers)} runs:", ", ".join(f"{v} {k}" for k, v in how.items()))
    print(*wrong[:SHOWN], sep="\n", end="\n" if wrong else "", flush=True)
    if len(wrong) > SHOWN:
        print(f"  and {len(wrong) - SHOWN} more")
    return not wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("server")
    p.add_argument("library")
    p.add_argument("--only")
    p.add_argument("--at", type=int)
    p.add_argument("--all", action="store_true")
    a = p.parse_args()
    good = True
    with local.folder() as dir, local.tls_server(a.server, *[w for s in SMALL for w in ("--set", s)]) as port, \
            local.openssl(dir / "root.pem", *ONE_SUITE) as finishing:
        (dir / "list").write_text(f"# two\n127.0.0.1:{port}\n127.0.0.1:{port} sni=a.example\n")
        for scan in SCANS:
            if a.only not in (None, scan.name):
                continue
            runner = Runner(a.program, a.library, dir, finishing if scan.openssl else port, scan)
            if a.at:
                print(runner.run(a.at), runner.outcome(a.at))
            else:
                good &= sweep(runner, a.all)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
