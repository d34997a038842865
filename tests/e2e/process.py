#!/usr/bin/env python3
"""The program as a process: no child of its own, no TLS library in it, and the same report twice.

    process.py       exit: 0 all well, 1 not, 77: strace is not there (the rest was checked). TLSASSAY names the program.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import report
from servers import Place, Server, Skip

SYSCALLS = "clone,clone3,fork,vfork,execve,execveat"


def no_children(port):
    """Threads are all there is: every clone shares the address space, and nothing but the program is executed."""
    out = subprocess.run(["strace", "-f", "-e", f"trace={SYSCALLS}", report.program(), "--json", f"localhost:{port}"],
                         capture_output=True, text=True, timeout=120, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}).stderr
    calls = [line for line in out.splitlines() if re.search(r"\b(clone3?|v?fork|execve(at)?)\(", line)]
    bad = [line for line in calls if "fork(" in line or ("clone" in line and "CLONE_THREAD" not in line)]
    executed = [line for line in calls if "execve" in line]
    if bad or len(executed) != 1:
        return [f"child processes: {bad + executed[1:]}"]
    return []


def no_tls_library():
    libraries = subprocess.run(["ldd", report.program()], capture_output=True, text=True).stdout
    return [f"linked with {name}" for name in ("libssl", "libcurl", "libgnutls", "libnss3") if name in libraries]


def the_same_twice(port):
    first, second = (json.loads(report.run("--json", f"127.0.0.1:{port}").stdout)[0] for _ in range(2))
    differ = [key for key in first if key != "scan" and first[key] != second.get(key)]
    return [f"two scans differ in {differ}"] if differ else []


def main():
    place, skipped = Place(), ""
    try:
        with Server(place, "s_server", {"www": "yes"}) as server:
            wrong = no_tls_library() + the_same_twice(server.port)
            if shutil.which("strace"):
                wrong += no_children(server.port)
            else:
                skipped = "strace is not installed"
    except Skip as e:
        wrong, skipped = no_tls_library(), str(e)
    print(*wrong, sep="\n")
    if skipped:
        print(skipped, file=sys.stderr)
    return 1 if wrong else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
