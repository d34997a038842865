#!/usr/bin/env python3
"""Whole scans recorded against nginx, then played with nginx gone: the same report byte for byte, in every format.

    replay.py        exit: 0 all well, 1 not, 77: nginx is not there. TLSASSAY names the program.
"""
import json
import os
import pathlib
import sys

import report
from servers import Place, Server, Skip

MODERN = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:RSA+AESGCM;"
LEGACY = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;"
FORMATS = ["json", "text", "html", "markdown", "csv"]


def demand(true, what):
    if not true:
        raise AssertionError(what)


def scan(status, *words):
    done = report.run(*words)
    demand("Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr)
    demand(done.returncode == status, f"{words}: exit {done.returncode}: {done.stderr}")
    return done


def record(tape, *words):
    """Records, and what was reported; the exit status of a server whose grade is not known in full is that of any scan."""
    return scan(0, "--record", str(tape), "--json", *words).stdout


def play(tape, *words, status=0):
    return scan(status, "--replay", str(tape), *words)


def demand_same(live, tape):
    demand(play(tape, "--json").stdout == live, "the replay says something else")


def one_server(place, folder):
    root = place.certs.path("root.crt")
    for name, lines in (("modern", MODERN), ("legacy", LEGACY)):
        tape = folder / name
        with Server(place, "nginx", {"certs": "rsa"}, [lines]) as s:
            live = record(tape, "--ca-file", root, f"localhost@127.0.0.1:{s.port}")
        demand(json.loads(live)[0]["status"] == "ok", live[:500])
        demand_same(live, tape)


def several_targets(place, folder):
    """A list with comments and settings, an address beside it that nobody answers at, and a name looked up."""
    with Server(place, "nginx", lines=[MODERN]) as s:
        (folder / "list").write_text(f"# mine\n\nlocalhost:{s.port} sni=other.example  # here\n127.0.0.1:{s.port}\n127.0.0.1:1\n")
        done = scan(3, "--record", str(folder / "several"), "--json", "--probe", "versions,ciphers", "-f", str(folder / "list"))
    demand(play(folder / "several", "--json", status=3).stdout == done.stdout, "the replay says something else")
    sources = [r["target"]["source"]["line"] for r in json.loads(done.stdout) if r["kind"] == "endpoint"]
    demand(sources == sorted(sources) and set(sources) == {3, 4, 5}, f"{sources}")
    # the lines of the list are in the recording: no anchor is wanted
    demand(play(folder / "several", "-o", "sarif", status=3).stdout.count('"startLine"') > 2, "no lines")


def judged_otherwise(place, folder):
    """What is made of the answers is chosen anew; formats and gates come to what judging the saved report comes to."""
    tape, saved = folder / "judged", folder / "saved.json"
    with Server(place, "nginx", lines=[MODERN]) as s:
        saved.write_text(record(tape, "--probe", "versions,ciphers", f"127.0.0.1:{s.port}"))
    for name in FORMATS:
        demand(play(tape, "-o", name).stdout == scan(0, "judge", "-o", name, str(saved)).stdout, name)
    play(tape, "--fail-on", "medium", status=1)
    demand(str(tape) + ":" in play(tape, "--probe", "ext.alpn", status=2).stderr, "what differs is not said")
    demand("something else" in play(tape, "--seed", "1", status=2).stderr, "another seed is not said")


def broken(place, folder):
    """Exit 2, one line with the place, and nothing on stdout."""
    whole = (folder / "judged").read_text()
    lines = whole.splitlines(keepends=True)
    cases = {
        "cut": (whole[:len(whole) // 2], "ends in the middle"), "no end": ("".join(lines[:-1]), "ends in the middle"),
        "more": (whole + "end\n", "behind its end"), "empty": ("", "no recording"), "json": ("[]\n", "no recording"),
        "format": (whole.replace("recording 1", "recording 2", 1), "another format"), "seed": (whole.replace("seed ", "seed x", 1), "no seed"),
        "twice": (lines[0] + whole, "no recording"), "no head": (lines[0] + "".join(lines[2:]), "head"),
        "option": (whole.replace("option --", "option -", 1), "no option"), "words": (whole.replace("\nlast\n", "\nlast words\n"), "no line"),
    }
    for name, (text, word) in cases.items():
        (folder / "broken").write_text(text)
        done = play(folder / "broken", "--json", status=2)
        demand(word in done.stderr and len(done.stderr.splitlines()) == 1 and not done.stdout, f"{name}: {done.stderr}{done.stdout[:99]}")


def slips(place, folder):
    tape = str(folder / "judged")
    for words, word in [(("--replay", tape, "127.0.0.1"), "in the recording"), (("--replay", "/nowhere"), "No such file"),
                        (("--replay", tape, "--record", "/nowhere"), "already"), (("--record", "/nowhere/x", "127.0.0.1:1"), "No such file")]:
        done = scan(2, "--json", *words)
        demand(word in done.stderr and not done.stdout, f"{words}: {done.stderr}")


def nothing_is_dialled(place, folder):
    """By strace where it is there: a replay makes no socket."""
    import shutil
    import subprocess
    if not shutil.which("strace"):
        return
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(["strace", "-f", "-e", "trace=%network", report.program(), "--replay", str(folder / "judged"), "-q"],
                          capture_output=True, text=True, env=env, check=False)
    demand("socket(" not in done.stderr, done.stderr)


def main():
    wrong, place = [], Place()
    folder = pathlib.Path(place.folder("recordings"))
    for case in (one_server, several_targets, judged_otherwise, broken, slips, nothing_is_dialled):
        try:
            case(place, folder)
            print(f"ok       {case.__name__}")
        except Skip as e:
            print(f"skipped: {e}")
            return 77
        except AssertionError as e:
            wrong.append(f"{case.__name__}: {e}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
