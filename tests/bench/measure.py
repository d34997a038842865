#!/usr/bin/env python3
"""Runs a command several times and prints one row: CPU (user and system), peak memory, wall time, connections.

    measure.py --head
    measure.py --runs N --status PORT --label TEXT -- COMMAND...

Connections are those that the nginx with its stub_status on PORT accepted meanwhile, one for our own question taken off.
Every figure is the median of the runs.
"""
import argparse
import os
import re
import statistics
import sys
import time
import urllib.request


def accepted(port):
    for _ in range(50):
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
            return int(re.search(r"\n\s*(\d+) \d+ \d+", text)[1])
        except OSError:
            time.sleep(0.1)
    sys.exit("nginx does not answer")


def run(command, port):
    before = accepted(port)
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall, accepted(port) - before - 1


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--head", action="store_true")
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--status", type=int)
    p.add_argument("--label")
    p.add_argument("command", nargs="*")
    a = p.parse_args()
    if a.head:
        print(f"{'':44} {'CPU s':>8} {'MiB':>6} {'wall s':>8} {'connections':>12}")
        return
    cpu, memory, wall, connections = (statistics.median(v) for v in zip(*(run(a.command, a.status) for _ in range(a.runs))))
    print(f"{a.label:44} {cpu:8.3f} {memory:6.1f} {wall:8.2f} {connections:12.0f}", flush=True)


if __name__ == "__main__":
    main()
