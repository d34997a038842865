#!/usr/bin/env python3
"""The man page and the completions: each has every command and option, mandoc and man find nothing wrong, and the shells complete.

    pages.py      exit: 0 all well, 1 not. TLSASSAY names the program, in the folder that it was built in.

Shells and readers that are not installed are named in the last line.
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

import report

INSTALLED = {"man": "share/man/man1/tlsassay.1", "bash": "share/bash-completion/completions/tlsassay",
             "zsh": "share/zsh/site-functions/_tlsassay", "fish": "share/fish/vendor_completions.d/tlsassay.fish"}
COMMANDS = ("scan", "handshake", "verify", "judge", "diff", "list", "explain")

# What is typed before the tab; what the line is then, or several that are all offered. {dir} has a folder and a file.
LINES = [
    ("tlsassay --fail-on cri", ["critical"]), ("tlsassay --min-g", ["--min-grade"]), ("tlsassay hand", ["handshake"]),
    ("tlsassay list poli", ["policies"]), ("tlsassay explain suite.rc", ["suite.rc4"]), ("tlsassay -o junit", ["junit"]),
    ("tlsassay --probe versions,heartb", ["versions,heartbleed"]), ("tlsassay --policy=mozilla-modern@6", ["mozilla-modern@6.0"]),
    ("tlsassay --color al", ["always"]), ("tlsassay --starttls xmpp-", ["xmpp-server"]), ("tlsassay --baseline {dir}/old", ["{dir}/older.json"]),
    ("tlsassay --ca-path {dir}/au", ["{dir}/authorities"]), ("tlsassay judge {dir}/old", ["{dir}/older.json"]),
    ("tlsassay --json={dir}/old", ["{dir}/older.json"]), ("tlsassay -o json:{dir}/old", ["{dir}/older.json"]),
    ("tlsassay --simulate ", ["computed", "measured"]), ("tlsassay --min-grade A", ["A", "A+", "A-"]),
]
# Beyond what the shell's own helpers can do.
NOT_IN = {"fish": {"tlsassay -o json:{dir}/old"}}


def page(name):
    done = report.run("list", name)
    if done.returncode or done.stderr:
        sys.exit(f"list {name}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def spelling(page, option):
    """An option as that page writes it: a pattern."""
    return {"man": r"\\-\\-" + option.replace("-", r"\\-") + r"\\fR", "bash": rf"[ ']--{option}[ ']", "zsh": rf"'[^']*--{option}[=\[]",
            "fish": rf" -l {option} "}[page]


def complete(pages):
    options = json.loads(report.run("list", "options", "--json").stdout)
    rows = re.findall(r'^OPTION\("([^"]+)"', (report.ROOT / "scanner/options.def").read_text(), re.M)
    wrong = [] if [o["id"] for o in options] == [f"--{r}" for r in rows] else ["list options is not options.def"]
    for name, text in pages.items():
        wrong += [f"{name} lacks {o['id']}" for o in options if not re.search(spelling(name, o["id"][2:]), text)]
        wrong += [f"{name} lacks {c}" for c in COMMANDS if not re.search(rf"\b{c}\b", text)]
    return wrong


def installs(pages):
    """From the folder that the program was built in."""
    build = pathlib.Path(report.program()).parent
    with tempfile.TemporaryDirectory() as prefix:
        done = subprocess.run(["cmake", "--install", build, "--prefix", prefix], capture_output=True, text=True)
        made = {name: pathlib.Path(prefix) / path for name, path in INSTALLED.items()}
        return [f"{made[name]}: not installed, or another text; {done.stderr}" for name, text in pages.items()
                if not made[name].is_file() or made[name].read_text() != text]


def said(program, *words, **more):
    done = subprocess.run([program, *words], capture_output=True, text=True, **more)
    return (done.stdout if program == "mandoc" else "") + done.stderr


def readers(folder):
    """Programs that say what is wrong with a page."""
    return {"mandoc": ("-Tlint", "-Wwarning", f"{folder}/man"), "man": ("--warnings", "-l", f"{folder}/man"), "bash": ("-n", f"{folder}/bash"),
            "shellcheck": ("-s", "bash", f"{folder}/bash"), "zsh": ("-n", f"{folder}/zsh"), "fish": ("-n", f"{folder}/fish")}


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, *words, **environment):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execvpe(words[0], words, {**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8", **environment})

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def until(self, pattern, seconds=20):
        """What the pattern matched in what was written since the last call; None: it did not come."""
        text, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    text += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    break
            found = re.search(pattern, text, re.S)
            if found:
                return found
        return None

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def prepare_zsh(folder):
    t = Terminal("zsh", "-f", "-i", ZDOTDIR=folder)
    t.type(f"PS1='%% '; unsetopt zle_bracketed_paste prompt_sp; setopt no_auto_menu; autoload -U compinit; compinit -D -u; source {folder}/zsh; echo rea''dy\n")
    return t


def prepare_bash(folder):
    t = Terminal("bash", "--norc", "--noprofile", "-i", INPUTRC="/dev/null")
    t.type(f"PS1='% '; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'; source {folder}/bash; echo rea''dy\n")
    return t


def typed(terminal, line, wanted):
    """Writes the line and a tab. One wanted word is put in its place, which the line run as another command's words shows."""
    if len(wanted) == 1:
        terminal.type(line + "\t")
        time.sleep(0.4)
        terminal.type("\x01printf 'GOT:%s\\n' \x05 E''OL\n")
        found = terminal.until(r"GOT:tlsassay\r\n(.*?)GOT:EOL")
        return found and found[1].replace("GOT:", "").split()[-1].replace("json:", "").rpartition("=")[2].rstrip("/")
    terminal.type(line + "\t\t")
    found = terminal.until(".*".join(rf"\s{re.escape(w)}\s" if w[-1] not in "+-" else re.escape(w) for w in sorted(wanted)), 5)
    terminal.type("\x15\n")
    time.sleep(0.2)
    return found and "all"


def interactive(name, prepare, folder, lines):
    terminal = prepare(folder)
    wrong = [] if terminal.until(r"ready\r\n") else [f"{name} did not start"]
    try:
        for line, wanted in [] if wrong else lines:
            got = typed(terminal, line, wanted)
            if got not in ("all", wanted[0]):
                wrong.append(f"{name}: {line!r} became {got!r}, wanted {wanted}")
    finally:
        terminal.close()
    return wrong


def by_fish(name, folder, lines):
    wrong = []
    for line, wanted in lines:
        out = subprocess.run(["fish", "--no-config", "-c", f"source {folder}/fish; complete -C '{line}'"], capture_output=True,
                             text=True, env={**os.environ, "HOME": folder}).stdout
        got = [row.split("\t")[0].rpartition("=")[2].rstrip("/") for row in out.splitlines()]
        if not set(wanted) <= set(got):
            wrong.append(f"fish: {line!r} offers {got}, wanted {wanted}")
    return wrong


def shells(folder):
    (pathlib.Path(folder) / "authorities").mkdir()
    (pathlib.Path(folder) / "older.json").touch()
    lines = {s: [(line.format(dir=folder), [w.format(dir=folder) for w in wanted]) for line, wanted in LINES
                 if line not in NOT_IN.get(s, ())] for s in ("bash", "zsh", "fish")}
    return {"bash": lambda: interactive("bash", prepare_bash, folder, lines["bash"]),
            "zsh": lambda: interactive("zsh", prepare_zsh, folder, lines["zsh"]),
            "fish": lambda: by_fish("fish", folder, lines["fish"])}


def main():
    pages = {name: page(name) for name in INSTALLED}
    wrong, absent = complete(pages) + installs(pages), set()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages.items():
            (pathlib.Path(folder) / name).write_text(text)
        for program, words in readers(folder).items():
            if not shutil.which(program):
                absent.add(program)
            elif complaint := said(program, *words):
                wrong.append(f"{program}: {complaint}")
        for program, test in shells(folder).items():
            if shutil.which(program):
                wrong += test()
    print(*wrong, f"not installed: {', '.join(sorted(absent)) or 'nothing'}", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
