#!/usr/bin/env python3
"""Many targets in one process: neither memory nor descriptors grow with their number.

    soak.py PROGRAM TLS_SERVER

Every second target is a server, the others are addresses of the loopback where nobody listens. The program must be
built without sanitizers.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import local

FEW, MANY = 200, 800        # the few fill every connection that may be open at once
GROWTH_KIB = 2 * 1024       # a target itself is kept: some hundred bytes
GROWTH_DESCRIPTORS = 16


def targets(port, n):
    for i in range(n // 2):
        yield f"127.0.0.1:{port} sni=h{i}.example"
        yield f"127.{1 + i // 250}.{i % 250}.7:{port}"


class Watched:
    """Counts the descriptors of a process while it runs."""

    def __init__(self, pid):
        self.counts, self.pid, self.on = [0], pid, True
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while self.on:
            try:
                self.counts.append(len(os.listdir(f"/proc/{self.pid}/fd")))
            except OSError:
                return
            time.sleep(0.02)

    def stop(self):
        self.on = False
        self.thread.join()


def scan(program, dir, port, n):
    """(endpoints by status, KiB at most, descriptors in the first and in the second half at most)"""
    (dir / "targets").write_text("\n".join(targets(port, n)) + "\n")
    argv = [program, "-o", "ndjson", "--seed", "1", "--rate", "100000", "-f", "-"]
    with tempfile.TemporaryFile("w+") as out, open(dir / "targets") as lines:
        child = subprocess.Popen(argv, stdin=lines, stdout=out)
        watched = Watched(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        watched.stop()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        found = {}
        for line in out:
            record = json.loads(line)
            if record["kind"] != "endpoint":
                continue
            name = record["status"]
            found[name] = found.get(name, 0) + 1
    half = len(watched.counts) // 2
    return child.returncode, found, usage.ru_maxrss, max(watched.counts[:half] or [0]), max(watched.counts[half:])


def main():
    program, server = sys.argv[1:3]
    wrong = []
    with local.folder() as dir, local.tls_server(server, "--set", "versions=TLSv1.2,TLSv1.3") as port:
        kib = {}
        for n in (FEW, MANY):
            status, found, kib[n], early, late = scan(program, dir, port, n)
            print(f"{n} targets: status {status}, {found}, {kib[n]} KiB, {early} and {late} descriptors at most")
            if status != 3 or found != {"ok": n // 2, "unreachable": n // 2}:
                wrong.append(f"{n} targets: not all were scanned")
        if kib[MANY] > kib[FEW] + GROWTH_KIB:
            wrong.append("memory grows with the number of targets")
        if late > early + GROWTH_DESCRIPTORS:
            wrong.append("descriptors grow with the number of targets")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
