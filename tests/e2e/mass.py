#!/usr/bin/env python3
"""Many targets: addresses of 127.0.0.0/8 on one server of our own, a tenth of them silent, resetting, refusing or slow.

    mass.py [--targets N] [--kills N] [--rounds N] [PROGRAM]

1. every line of the list ends in one record, whatever stands there; jobs keep their ref; a producer that writes now and
   then gets each record at once, and SIGTERM ends the run in time;
2. the program is killed (SIGKILL) at random moments and goes on with --resume: nothing is missing, nothing is there twice;
3. with --rounds N: N scans in one process, and neither memory nor descriptors grow.

Needs nginx and openssl (exit status 77 without). The seed of what is random is printed.
"""
import argparse
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
QUICK = ["--probe", "suites.tls13", "--timeout", "5", "--deadline", "60", "--max-targets", "200", "--max-rate", "50000", "--max-per-net", "500"]


def demand(held, what):
    if not held:
        sys.exit(f"not ok: {what}")


def tool(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        print(f"skipped: {name} is missing")
        sys.exit(77)
    return found


class Sound:
    """nginx on every address of 127.0.0.0/8, at one port."""

    def __init__(self, folder):
        subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        f"{folder}/key", "-out", f"{folder}/cert", "-days", "30", "-subj", "/CN=localhost"], check=True, capture_output=True)
        with socket.socket() as s:
            s.bind(("0.0.0.0", 0))
            self.port = s.getsockname()[1]
        temp = "".join(f"{k}_temp_path {folder}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        pathlib.Path(folder, "conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log crit; worker_rlimit_nofile 60000;\n"
            f"events {{ worker_connections 30000; }}\nhttp {{ access_log off; {temp}\n"
            f"server {{ listen 127.0.0.1:{self.port} ssl backlog=8192; listen 0.0.0.0:{self.port} ssl backlog=8192;\n"
            f"ssl_certificate {folder}/cert; ssl_certificate_key {folder}/key; ssl_protocols TLSv1.2 TLSv1.3; return 200 ok; }} }}\n"
            .replace(f"listen 127.0.0.1:{self.port} ssl backlog=8192; ", ""))
        self.child = subprocess.Popen([tool("nginx"), "-p", folder, "-e", f"{folder}/early", "-c", f"{folder}/conf"])
        for _ in range(200):
            with socket.socket() as s:
                if not s.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)
        self.close()
        sys.exit("not ok: nginx did not start")

    def close(self):
        self.child.kill()
        self.child.wait()


class Odd(threading.Thread):
    """What is no sound server: silent, resetting, or one byte now and then, each at a port of its own."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sockets = {}
        self.ports = {}
        for kind in ("silent", "resetting", "slow"):
            s = socket.socket()
            s.bind(("0.0.0.0", 0))
            s.listen(4096)
            self.sockets[s] = kind
            self.ports[kind] = s.getsockname()[1]
        with socket.socket() as s:
            s.bind(("0.0.0.0", 0))
            self.ports["refusing"] = s.getsockname()[1]

    def run(self):
        held, slow = [], []
        while True:
            for s in select.select(list(self.sockets), [], [], 0.2)[0]:
                try:
                    c, _ = s.accept()
                except OSError:
                    continue
                kind = self.sockets[s]
                if kind == "resetting":
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    c.close()
                else:
                    (slow if kind == "slow" else held).append((time.monotonic(), c))
            held = self.kept(held)
            slow = self.kept(slow)
            for _, c in slow:
                try:
                    c.send(b"\x16")
                except OSError:
                    pass

    @staticmethod
    def kept(pairs):
        now = time.monotonic()
        for born, c in pairs:
            if now - born > 6:
                c.close()
        return [p for p in pairs if now - p[0] <= 6]


def targets(n, sound, odd):
    """The list, and what each is."""
    kinds = ["silent", "resetting", "refusing", "slow"]
    rows = []
    for i in range(n):
        kind = kinds[i // 10 % 4] if i % 10 == 3 else "sound"
        port = sound.port if kind == "sound" else odd.ports[kind]
        rows.append((f"127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}:{port}", kind))
    return rows


def records(path):
    """(line, target, ref, status, error) of each: a report of 20,000 is far too long to be kept."""
    got = []
    with open(path) as f:
        for text in f:
            demand(text.endswith("\n"), "the last line has no end")
            r = json.loads(text)
            if r["kind"] == "endpoint":
                t = r["target"]
                got.append((t["source"]["line"], t["input"], t.get("ref"), r["status"], r.get("error")))
    return got


def check(rows, got):
    seen = {}
    for r in got:
        demand(r[0] not in seen, f"line {r[0]} is there twice")
        seen[r[0]] = r
    missing = [i for i in range(1, len(rows) + 1) if i not in seen]
    demand(not missing, f"{len(missing)} lines have no record, the first: {missing[:3]}")
    for i, (address, kind) in enumerate(rows, 1):
        _, target, _, status, error = seen[i]
        demand(target == address, f"line {i} has another target")
        demand((status == "ok") == (kind == "sound"), f"{address}, {kind}: {status} {error}")


def every_one_ends(program, folder, rows):
    path = f"{folder}/jobs"
    began = time.monotonic()
    with open(path, "w") as out:
        done = subprocess.run([program, *QUICK, "--jobs", "-"], text=True, stdout=out, stderr=subprocess.PIPE, timeout=600 + len(rows) // 10,
                              input="".join(json.dumps({"target": a, "ref": i}) + "\n" for i, (a, _) in enumerate(rows, 1)))
    took = time.monotonic() - began
    got = records(path)
    check(rows, got)
    demand(all(ref == line for line, _, ref, _, _ in got), "a record has another job's ref")
    demand(done.returncode == 3, f"exit status {done.returncode}: {done.stderr}")
    print(f"ok: {len(rows)} targets, {len(rows) / took:.0f} a second", flush=True)
    os.unlink(path)


def killed_and_resumed(program, folder, rows, kills, rng):
    listing, out = f"{folder}/list", f"{folder}/out.ndjson"
    pathlib.Path(listing).write_text("".join(a + "\n" for a, _ in rows))
    argv = [program, *QUICK, "-f", listing, "--resume", out]
    killed = 0
    for _ in range(kills):
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wanted = rng.randrange(len(rows) // kills // 2, len(rows) // kills + 2) * 2000
        size = os.path.getsize(out) if os.path.exists(out) else 0
        while child.poll() is None and (os.path.getsize(out) if os.path.exists(out) else 0) < size + wanted:
            time.sleep(rng.random() * 0.02)
        killed += child.poll() is None
        child.kill()
        child.wait()
        if rng.random() < 0.5 and os.path.exists(out) and os.path.getsize(out) > 9000:
            os.truncate(out, os.path.getsize(out) - rng.randrange(1, 3000))
    demand(killed, "it was never killed in the middle")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=600 + len(rows) // 10)
    demand(done.returncode == 3, f"exit status {done.returncode}: {done.stderr}")
    check(rows, records(out))
    before = os.path.getsize(out)
    subprocess.run(argv, capture_output=True, text=True, timeout=600)
    check(rows, records(out))
    print(f"ok: {len(rows)} targets, killed {killed} times, nothing missing, nothing twice ({before} bytes)")


def slow_producer(program, sound):
    child = subprocess.Popen([program, *QUICK, "--jobs", "-"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for i in range(3):
        child.stdin.write(json.dumps({"target": f"127.0.9.{i + 1}:{sound.port}", "ref": f"r{i}"}) + "\n")
        child.stdin.flush()
        demand(select.select([child.stdout], [], [], 20)[0], "no record before the next job")
        r = json.loads(child.stdout.readline())
        demand(r["target"]["ref"] == f"r{i}" and r["status"] == "ok", f"{r['target']} {r['status']}")
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    child.wait(30)
    demand(time.monotonic() - began < 5, "nothing was to be done, and still it took its time to end")
    print("ok: a record for each job at once; SIGTERM ends it")


def ended_in_time(program, folder, odd):
    jobs = "".join(json.dumps({"target": f"127.0.8.{i % 250 + 1}:{odd.ports['slow']}"}) + "\n" for i in range(500))
    child = subprocess.Popen([program, "--jobs", "-", "--max-targets", "100"], stdin=subprocess.PIPE, text=True,
                             stdout=open(f"{folder}/ended", "w"), stderr=subprocess.DEVNULL)
    child.stdin.write(jobs)
    child.stdin.flush()
    time.sleep(2)
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    demand(child.wait(40) == 3, "a run that was ended has exit status 3")
    took = time.monotonic() - began
    demand(took < 30, f"{took:.1f} s to end")
    demand(records(f"{folder}/ended"), "what was on its way has no record")
    print(f"ok: SIGTERM with 100 slow ones on their way: {took:.1f} s")


def usage_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]), len(os.listdir(f"/proc/{pid}/fd"))


def soak(program, sound, rounds):
    """Memory and descriptors at a tenth of the way and at its end; the list comes through a pipe, as it is wanted."""
    child = subprocess.Popen([program, *QUICK, "--jobs", "-", "-o", "ndjson:/dev/null", "-q", "--max-targets", "50"],
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    marks = []
    for i in range(rounds):
        child.stdin.write(json.dumps({"target": f"127.{i >> 16 & 63}.{i >> 8 & 255}.{i & 255 or 1}:{sound.port}", "ref": i}) + "\n")
        if i in (rounds // 10, rounds - 1):
            child.stdin.flush()
            marks.append(usage_of(child.pid))
    child.stdin.close()
    demand(child.wait(600) in (0, 3), "the soak ended badly")
    (memory, files), (memory_end, files_end) = marks
    demand(memory_end < memory * 1.1 + 1024, f"memory grew from {memory} to {memory_end} kB")
    demand(files_end <= files + 60, f"descriptors grew from {files} to {files_end}")
    print(f"ok: {rounds} scans in one process, {memory} kB then {memory_end} kB, {files} descriptors then {files_end}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--targets", type=int, default=500)
    p.add_argument("--kills", type=int, default=5)
    p.add_argument("--rounds", type=int, default=0)
    p.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    p.add_argument("program", nargs="?", default=os.environ.get("TLSASSAY", ROOT / "build/dev/tlsassay"))
    a = p.parse_args()
    print(f"seed {a.seed}")
    with tempfile.TemporaryDirectory() as folder:
        sound = Sound(folder)
        odd = Odd()
        odd.start()
        try:
            rows = targets(a.targets, sound, odd)
            slow_producer(a.program, sound)
            ended_in_time(a.program, folder, odd)
            every_one_ends(a.program, folder, rows)
            if a.kills:
                killed_and_resumed(a.program, folder, rows, a.kills, random.Random(a.seed))
            if a.rounds:
                soak(a.program, sound, a.rounds)
        finally:
            sound.close()


if __name__ == "__main__":
    main()
