#!/usr/bin/env python3
"""What a user meets: for each mistake or silent peer one clear line, the documented exit status, and with --json one valid record.

    errors.py        exit: 0 all well, 1 not. TLSASSAY names the program.
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import report

BANNERS = {"ssh": b"SSH-2.0-OpenSSH_9.2\r\n", "smtp or ftp": b"220 mail.example ESMTP\r\n"}
HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Talker(contextlib.AbstractContextManager):
    """A listener on a free loopback port that says `first` at once, or `answer` when it was spoken to, or nothing at all."""

    def __init__(self, first=b"", answer=None, family=socket.AF_INET, host="127.0.0.1"):
        self.first, self.answer, self.open = first, answer, []
        self.socket = socket.socket(family)
        self.socket.bind((host, 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                self.open.append(client)
                threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        with contextlib.suppress(OSError):
            if self.first:
                client.sendall(self.first)
            if self.answer is not None:
                client.recv(4096)
                client.sendall(self.answer)
            if self.first or self.answer is not None:
                client.recv(4096)
                client.close()

    def __exit__(self, *_):
        for s in [self.socket, *self.open]:
            s.close()


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Wrong(Exception):
    pass


def demand(holds, what):
    if not holds:
        raise Wrong(what)


def sound(done):
    demand("Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr)


def record_of(args, exit_status):
    """The one record of a scan with --json, which the schema takes."""
    done = report.run("--json", *args)
    sound(done)
    demand(done.returncode == exit_status, f"exit {done.returncode}, expected {exit_status}: {done.stderr}")
    errors = report.schema_errors(done.stdout)
    demand(not errors, f"the schema refuses it: {errors[:3]}")
    records = json.loads(done.stdout)
    demand(len(records) == 1, f"{len(records)} records")
    return records[0]


def failed_scan(args, status, word):
    """Both forms of the report name the trouble; `word` stands in the message."""
    record = record_of(args, 3)
    demand(record["status"] == status, f"status {record['status']}, expected {status}")
    demand(record["error"] and word in record["error"]["message"], f"message {record['error']}")
    demand(record["grade"]["letter"] is None, "a letter for nothing")
    done = report.run(*args)
    sound(done)
    demand(done.returncode == 3, f"text: exit {done.returncode}")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if word in line]
    demand(len(lines) == 1, f"{len(lines)} lines say {word!r}: {done.stdout}{done.stderr}")


def usage(args, word, stdin=None):
    """Exit 2, nothing on stdout, one line on stderr."""
    done = report.run(*args)
    sound(done)
    demand(done.returncode == 2, f"exit {done.returncode}, expected 2: {done.stdout}{done.stderr}")
    demand(not done.stdout, f"stdout: {done.stdout}")
    lines = done.stderr.strip().splitlines()
    demand(len(lines) == 1 and word in lines[0], f"expected one line with {word!r}: {done.stderr}")


# ---- the cases ------------------------------------------------------------------------------------------------------------


def unknown_host():
    failed_scan(["no-such-host.invalid"], "dns_error", "name")


def refused():
    failed_scan([f"127.0.0.1:{closed_port()}"], "unreachable", "refuse")


def silent_server():
    with Talker() as t:
        failed_scan(["--timeout", "0.3", f"127.0.0.1:{t.port}"], "unreachable", "silent")


def full_backlog():
    """Nothing accepts, and the queue is full: the connection itself times out."""
    with socket.socket() as s, contextlib.ExitStack() as waiting:
        s.bind(("127.0.0.1", 0))
        s.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(s.getsockname())
        time.sleep(0.1)
        failed_scan(["--timeout", "0.3", f"127.0.0.1:{s.getsockname()[1]}"], "unreachable", "time")


def plain_http():
    with Talker(answer=HTTP) as t:
        failed_scan([f"127.0.0.1:{t.port}"], "not_tls", "http")


def ssh_banner():
    with Talker(first=BANNERS["ssh"]) as t:
        failed_scan([f"127.0.0.1:{t.port}"], "not_tls", "ssh")


def mail_banner():
    with Talker(first=BANNERS["smtp or ftp"]) as t:
        failed_scan([f"127.0.0.1:{t.port}"], "not_tls", "smtp")


def hostile_banner():
    """Escape sequences and bytes that are no UTF-8 reach neither the terminal nor the record."""
    with Talker(first=b"\x1b]0;owned\x07\xff\xfe<script>\r\n") as t:
        args = [f"127.0.0.1:{t.port}"]
        demand(record_of(args, 3)["status"] == "not_tls", "status")
        text = report.run(*args)
        demand("\x1b" not in text.stdout + text.stderr and "\x07" not in text.stdout + text.stderr, "escapes come through")


def closes_at_once():
    with Talker(answer=b"") as t:
        demand(record_of([f"127.0.0.1:{t.port}"], 3)["status"] in ("not_tls", "unreachable", "partial", "error"), "status")


def port_out_of_range():
    for target in ("127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:99999999999", "[::1]:70000", "https://host:0/"):
        usage([target], "port")


def odd_targets():
    for target in ("", ":443", "[::1", "host:", "a b", "[zz::1]:443"):
        usage([target], "")


def unreadable_file():
    usage(["-f", "/nonexistent/targets.txt"], "/nonexistent/targets.txt")
    usage(["--ca-file", "/nonexistent/ca.pem", "127.0.0.1"], "/nonexistent/ca.pem")
    usage(["-o", "json:/nonexistent/r.json", "127.0.0.1"], "/nonexistent/r.json")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as f:
        f.write("no certificate\n")
        f.flush()
        usage(["--ca-file", f.name, "127.0.0.1"], f.name)
        usage(["--trust", "mine=" + f.name, "127.0.0.1"], f.name)
        f.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        f.flush()
        usage(["--trust", "mine=" + f.name, "127.0.0.1"], f.name)
    with tempfile.TemporaryDirectory() as empty:
        usage(["--ca-path", empty, "127.0.0.1"], empty)
    usage(["--distrust", "/nonexistent/keys.txt", "127.0.0.1"], "/nonexistent/keys.txt")
    usage(["--ca-path", "/nonexistent/certs", "127.0.0.1"], "/nonexistent/certs")
    usage(["--trust", "mine=/nonexistent/ca.pem", "127.0.0.1"], "/nonexistent/ca.pem")


def no_target():
    """A list without a target must not look as if all of it were well; whoever sends jobs may have none, but for a gate."""
    for text in ("", "# comment\n\n"):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
            f.write(text)
            f.flush()
            usage(["--json", "-f", f.name], "no target")
            usage(["--fail-on", "high", "-f", f.name], "no target")
            demand(report.run("-o", "nagios", "-f", f.name).returncode == 3, "nagios")
        for args, status in ((["-f", "-"], 2), (["-f", "-", "-o", "nagios"], 3), (["--jobs", "-", "--fail-on", "high"], 2)):
            done = report.run(*args, input=text if "-f" in args else "")
            sound(done)
            demand(done.returncode == status and "no target" in done.stderr, f"{args}: exit {done.returncode}: {done.stderr}")
    demand(report.run("--jobs", "-", input="").returncode == 0, "no job")


def two_on_stdout():
    """Two documents one behind the other are none."""
    for args in (["--json", "--json"], ["--json", "-o", "sarif", "--sarif-anchor", "a:1"], ["--json", "-o", "text"]):
        usage([*args, "127.0.0.1:1"], "stdout")
    usage(["handshake", "--json", "--json", "127.0.0.1:1"], "stdout")


def wrong_options():
    usage(["--no-such-option", "127.0.0.1"], "no-such-option")
    usage(["--timeout", "soon", "127.0.0.1"], "timeout")
    usage(["--probe", "no.such.probe", "127.0.0.1"], "no.such.probe")
    for store in ("mine", "mine=", "=x.pem", "a b=x.pem", 33 * "n" + "=x.pem", "system=x.pem", "\x1b[31m=x.pem"):
        usage(["--trust", store, "127.0.0.1"], "store" if store.endswith(".pem") else "trust")
    usage(["-o", "no-such-format", "127.0.0.1"], "no-such-format")
    for key in ("me", "me:", "me:012", "me:0g", ":" + 257 * "ab", 257 * "n" + ":00"):
        usage(["--psk", key, "127.0.0.1"], "--psk")
        usage(["handshake", "--psk", key, "127.0.0.1"], "--psk")
    usage(["--alpn", 256 * "n", "127.0.0.1"], "--alpn")
    usage(["handshake", "--alpn", ",", "127.0.0.1"], "alpn")
    usage([], "")


def usage_with_json():
    """Wrong usage asked no server anything: there is no record, and stdout stays empty; the exit status says it."""
    usage(["--json", "127.0.0.1:0"], "port")
    usage(["--json", "--ca-file", "/nonexistent/ca.pem", "127.0.0.1"], "/nonexistent/ca.pem")


def other_family():
    """-4 and -6 are kept: an address of the other family is a slip, in a list it is skipped; a name is told what it lacks."""
    for args in (["-6", "127.0.0.1:9"], ["-4", "[::1]:9"], ["-6", "name.test@127.0.0.1:9"], ["-4", "--ip", "::1", "name.test"]):
        usage(args, "address")
        usage(["handshake", *args], "address")
    failed_scan(["-6", "no-such-host.invalid"], "dns_error", "no IPv6 address")
    failed_scan(["-4", "no-such-host.invalid"], "dns_error", "no IPv4 address")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write("127.0.0.1:9\n")
        f.flush()
        record = record_of(["-6", "-f", f.name], 0)
        demand((record["status"], record["error"]["code"]) == ("skipped", "OTHER_FAMILY"), f"{record['error']}")


def no_host_name():
    for name in ("a b", "a..b", "-\n", "a/b", "x" * 64 + ".test"):
        usage(["--sni", name, "127.0.0.1"], "host name")
        usage(["handshake", "--sni", name, "127.0.0.1"], "host name")


def nobody_reads():
    """As `tlsassay ... | head -0`: no word on stderr, and the end that other programs have then."""
    with Talker(first=BANNERS["ssh"]) as t:
        for args in (["--json", f"127.0.0.1:{t.port}"], ["list", "suites"], ["handshake", "--json", f"127.0.0.1:{t.port}"]):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([report.program(), *args], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
            os.close(write)
            demand(done.returncode == -signal.SIGPIPE and not done.stderr, f"{args}: exit {done.returncode}: {done.stderr}")


def explained_once():
    rules = {r["id"] for r in json.loads(report.run("list", "rules", "--json").stdout)}
    for rule in sorted(rules):
        done = report.run("explain", rule)
        demand(done.returncode == 0 and done.stdout.count("\nmend it ") == 1 and done.stdout.count("\nwhy ") == 1, f"{rule}: {done.stdout}")
    told = json.loads(report.run("explain", "--json", "suite.rc4").stdout)
    demand(told["id"] == "suite.rc4" and told["severity"] == "high" and told["mend"] and told["source"], f"{told}")
    usage(["explain", "suite.rc5"], "suite.rc4")


def folded():
    """COLUMNS narrows the text from 60 columns up, where there is no terminal."""
    with Talker(first=BANNERS["ssh"]) as t:
        for columns in (None, 60, 20):
            done = subprocess.run([report.program(), "handshake", f"127.0.0.1:{t.port}"], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "COLUMNS": str(columns or "")})
            widest = max(len(line) for line in done.stdout.splitlines())
            demand(widest <= 60 if columns == 60 else 60 < widest <= 80, f"{columns}: {widest} columns")


def ipv6_literal():
    with Talker(first=BANNERS["ssh"], family=socket.AF_INET6, host="::1") as t:
        record = record_of([f"[::1]:{t.port}"], 3)
        demand(record["endpoint"] == {"ip": "::1", "family": "ipv6"}, f"{record['endpoint']}")
        demand(record["target"]["host"] == "::1" and record["target"]["port"] == t.port, f"{record['target']}")
        demand(record["status"] == "not_tls", record["status"])


def many_targets():
    """One bad target among others: each has its record, in the order of the file, with its line."""
    with Talker(first=BANNERS["ssh"]) as t, tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write(f"# comment\n127.0.0.1:{t.port}\n\n127.0.0.1:{closed_port()}\nno-such-host.invalid:443\n")
        f.flush()
        done = report.run("--json", "-f", f.name)
        sound(done)
        records = [r for r in json.loads(done.stdout) if r["kind"] == "endpoint"]
        demand(done.returncode == 3, f"exit {done.returncode}")
        demand([r["status"] for r in records] == ["not_tls", "unreachable", "dns_error"], f"{[r['status'] for r in records]}")
        demand([r["target"]["source"]["line"] for r in records] == [2, 4, 5], "lines")
        demand(not report.schema_errors(done.stdout), f"schema: {report.schema_errors(done.stdout)[:2]}")


def bounded_in_time():
    """A deadline ends a scan of a peer that never says anything."""
    with Talker() as t:
        record = record_of(["--deadline", "1", "--timeout", "30", f"127.0.0.1:{t.port}"], 3)
        demand(record["scan"]["duration_ms"] < 3000, f"{record['scan']['duration_ms']} ms")


CASES = [unknown_host, refused, silent_server, full_backlog, plain_http, ssh_banner, mail_banner, hostile_banner, closes_at_once, port_out_of_range,
         odd_targets, unreadable_file, no_target, two_on_stdout, wrong_options, usage_with_json, other_family, no_host_name, nobody_reads, explained_once, folded, ipv6_literal, many_targets, bounded_in_time]


def main():
    bad = 0
    for case in CASES:
        try:
            case()
            print(f"ok       {case.__name__}", flush=True)
        except (Wrong, OSError, ValueError) as e:
            if isinstance(e, OSError) and case is ipv6_literal:
                print(f"skipped  {case.__name__}: {e}")
                continue
            bad += 1
            print(f"not ok   {case.__name__}: {e}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
