#!/usr/bin/env python3
"""Memory for one target stays below 64 MiB whatever the server sends.

    memory.py PROGRAM TLS_SERVER [ROW...]

Rows are those of `tls_server --list`. The program must be built without sanitizers.
"""
import os
import subprocess
import sys
import time

import local

LIMIT_KIB = 64 * 1024
ROWS = ["certificate_huge", "certificates_many", "certificates_empty", "staple_huge", "random", "echo", "alerts", "empty_records",
        "hello_requests", "retries", "smtp_endless", "tiny_records", "certificate_announced", "chaos"]


def peak(program, port):
    """(status, KiB, seconds)"""
    began = time.monotonic()
    argv = [program, "--json", "--timeout", "1", "--deadline", "20", "--rate", "100000", f"127.0.0.1:{port}"]
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss, time.monotonic() - began


def main():
    program, server, rows = sys.argv[1], sys.argv[2], sys.argv[3:] or ROWS
    good = True
    with local.folder():
        for row in rows:
            with local.tls_server(server, "--row", row) as port:
                status, kib, seconds = peak(program, port)
            well = status in (0, 3) and kib < LIMIT_KIB
            good &= well
            print(f"{'ok' if well else 'not ok'}  {row}: status {status}, {kib} KiB, {seconds:.1f} s", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
