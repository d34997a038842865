#!/usr/bin/env python3
"""End-to-end tests: real servers, the real program, and what it must find.

    run.py [-j N] [CASE...]     all of cases/*.case, or these; exit 0: all well, 1: not, 77: everything was skipped
    run.py --list               the cases and what each is for
    run.py --show CASE          start its server, scan it and print the report (to write a case by)

TLSASSAY names the program, TLSASSAY_LAB folders with what no distribution packages (old node binaries, node-forge),
TLSASSAY_KEEP=1 leaves the temporary folder. The language of a case file stands in README.md beside this file.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import traceback

import daemons
import peers
import report
import truth
from servers import RECIPES, Failed, Place, Server, Skip

RECIPES.update(daemons.DAEMONS)
CASES = pathlib.Path(__file__).resolve().parent / "cases"
DEFAULT_TARGET = "test.example@127.0.0.1:{port}"


class Wrong(Exception):
    """An expectation that does not hold."""


# ---- reading a case -----------------------------------------------------------------------------------------------------


class Case:
    """what: its first comment; blocks: (line number, words, indented lines)."""

    def __init__(self, path):
        self.name, self.what, self.blocks = path.stem, "", []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith("#") and not self.what:
                self.what = line.lstrip("# ")
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if line[0] in " \t":
                self.blocks[-1][2].append((number, line.strip()))
            else:
                self.blocks.append((number, shlex.split(line), []))


def joined(lines):
    """A line that ends in a backslash goes on."""
    out, number, text = [], None, ""
    for n, line in lines:
        number = number or n
        text += line.rstrip("\\")
        if not line.endswith("\\"):
            out.append((number, text))
            number, text = None, ""
    return out


# ---- expectations: one function for each word ----------------------------------------------------------------------------


def check_list(got, words, what, protocol):
    """are | in | first | has | lacks | count | openssl-order; got: codes or None."""
    op, rest = words[0], words[1:]
    if got is None:
        raise Wrong(f"no such list; expected {' '.join(words)}")
    if op == "count":
        wanted, ok = rest[0], len(got) == int(rest[0])
        if not ok:
            raise Wrong(f"{len(got)} found, {wanted} expected: {named(what, got)}")
        return
    wanted = truth.expected(rest, what, protocol)
    if not wanted:
        raise Wrong("the truth is empty")
    if op == "are":
        ok = sorted(got) == sorted(wanted)
    elif op == "in":
        ok = got == wanted
    elif op == "first":
        ok = got[:len(wanted)] == wanted
    elif op == "has":
        ok = set(wanted) <= set(got)
    elif op == "lacks":
        ok = not set(wanted) & set(got)
    else:
        raise ValueError(f"unknown word {op}")
    if not ok:
        extra, missing = [c for c in got if c not in wanted], [c for c in wanted if c not in got]
        raise Wrong(f"`{op}` does not hold; missing: {named(what, missing)}; too many: {named(what, extra)}; found: {named(what, got)}")


def named(what, codes):
    table = {}
    for name, code in report.Names.of(what).items():
        if not name.startswith("0x"):
            table.setdefault(code, name)
    return " ".join(table.get(c, c) for c in codes) or "none"


def same(got, wanted, about):
    if got != wanted:
        raise Wrong(f"{about}: {got!r}, expected {wanted!r}")


def want_suites(s, w):
    check_list(s.report.list_of("suites", w[0]), w[1:], "suites", w[0])


def want_groups(s, w):
    check_list(s.report.list_of("groups", w[0]), w[1:], "groups", w[0])


def want_schemes(s, w):
    check_list(s.report.list_of("signature_schemes", w[0], w[1]), w[2:], "schemes", w[0])


def want_order(s, w):
    same(s.report.order("suites", w[0]), w[1], f"order of the suites of {w[0]}")


def want_group_order(s, w):
    same(s.report.order("groups", w[0]), w[1], f"order of the groups of {w[0]}")


def want_protocols(s, w):
    same(sorted(s.report.offered()), sorted(w), "protocols offered")


def want_obs(s, w):
    """KEY [protocol=P] [certificate=C] [sni=yes|no] VALUE..."""
    keys = dict(x.split("=", 1) for x in w[1:] if "=" in x)
    values = [x for x in w[1:] if "=" not in x]
    found = s.report.observations(w[0], **keys)
    got = [v for o in found for v in (o["value"] if isinstance(o["value"], list) else [o["value"]])]
    same([str(v) for v in got], values, f"{w[0]} {keys or ''}")


def want_connections(s, w):
    n = s.report.record["scan"]["connections"]
    if n > int(w[1]):
        raise Wrong(f"{n} connections, at most {w[1]} expected")


def want_unknown(s, w):
    """What this scan may leave open; every other unknown fails the case by itself."""
    s.may_be_unknown += w


def want_stable(s, w):
    again = json.loads(report.run(*s.args).stdout)[0]
    for key in s.report.record:
        if key != "scan" and again[key] != s.report.record[key]:
            raise Wrong(f"a second scan differs in {key}")


def want_same_as(s, w):
    """TARGET: through another target the same server has the same observations, certificates and judgement."""
    other = json.loads(report.run("--json", *[s.server.fill(word) for word in w]).stdout)[0]
    same(other["status"], "ok", f"status of {w[-1]} ({other['error']})")
    apart = ("http.", "grade")

    def facts(record):
        return [{k: v for k, v in o.items() if k != "evidence"} for o in record["observations"] if not o["key"].startswith(apart)]
    ours, theirs = facts(s.report.record), facts(other)
    if ours != theirs:
        raise Wrong(f"only ours: {[o for o in ours if o not in theirs]}; only theirs: {[o for o in theirs if o not in ours]}")
    for key in ("certificates", "suites", "groups", "signature_schemes", "extensions", "chains"):
        same(s.report.record[key], other[key], key)


def want_chain(s, w):
    """issues WORD... | hostname WORD | trusted STORE yes|no | reason STORE WORD | paths STORE N | key TYPE BITS, of the first chain (sni: the first with a name)"""
    chain = next(c for c in s.report.record["chains"])
    if w[0] == "issues":
        same(sorted(chain["issues"]), sorted(w[1:]), "issues of the chain")
    elif w[0] == "length":
        same(str(len(chain["served"])), w[1], "certificates of the chain")
    elif w[0] == "hostname":
        same(chain["hostname"], w[1], "hostname")
    elif w[0] == "trusted":
        same([t["trusted"] for t in chain["trust"] if t["store"] == w[1]], [w[2] == "yes"], f"trusted by {w[1]}")
    elif w[0] == "reason":
        same([t["reason"] for t in chain["trust"] if t["store"] == w[1]], [" ".join(w[2:])], f"reason of {w[1]}")
    elif w[0] == "paths":
        same([str(len(t["paths"])) for t in chain["trust"] if t["store"] == w[1]], [w[2]], f"paths to {w[1]}")
    elif w[0] == "keys":
        leaves = {c["served"][0] for c in s.report.record["chains"]}
        same(sorted(f"{c['key']['type']}-{c['key']['bits']}" for c in s.report.record["certificates"] if c["sha256"] in leaves),
             sorted(w[1:]), "keys of the certificates")
    else:
        raise ValueError(f"unknown word {w[0]}")


def want_finding(s, w):
    found = {f["id"]: f["state"] for f in s.report.record["findings"]}
    same(found.get(w[0]), w[1], f"finding {w[0]}")


def want_grade(s, w):
    same(str(s.report.record["grade"][w[0]]), w[1], f"grade {w[0]}")


def want_policy(s, w):
    """NAME[@EDITION] STATE [RULE...]: just these musts are broken, or not known where the state is unknown"""
    found = [p for p in s.report.record["policies"] if w[0] in (p["name"], f"{p['name']}@{p['edition']}")]
    if not found:
        raise Wrong(f"no result of the policy {w[0]}")
    entries = found[0]["unknown" if w[1] == "unknown" else "violations"]
    musts = {e["rule"]: e["because"] for e in entries if e["level"] == "must"}
    same((found[0]["state"], sorted(musts)), (w[1], sorted(w[2:])), f"policy {w[0]} ({musts})")


def want_exit(s, w):
    s.exit = int(w[0])


def want_status(s, w):
    s.status = w[0]


EXPECT = {"suites": want_suites, "groups": want_groups, "schemes": want_schemes, "order": want_order, "group-order": want_group_order,
          "protocols": want_protocols, "obs": want_obs, "connections": want_connections, "unknown": want_unknown,
          "stable": want_stable, "chain": want_chain, "finding": want_finding, "grade": want_grade, "exit": want_exit,
          "status": want_status, "same-as": want_same_as, "policy": want_policy}


# What no configuration makes a sound server do.
BEHAVIOUR = {"vuln.drown", "vuln.cve_2016_0703", "vuln.cve_2015_3197", "vuln.heartbleed", "vuln.ccs_injection", "vuln.ticketbleed",
             "vuln.robot", "vuln.poodle_tls", "vuln.zombie_poodle", "vuln.goldendoodle", "vuln.sleeping_poodle",
             "vuln.zero_length_padding", "vuln.cve_2016_2107", "vuln.mac_unchecked", "vuln.invalid_curve", "kx.zero_secret",
             "session.ticket_tampered", "renegotiation.insecure"}


class Scan:
    """One run of the program against the server of the case."""

    def __init__(self, server, words):
        self.server = server
        self.args = ["--json"] + [server.fill(w) for w in words]
        if not any("{port}" in w for w in words):
            self.args.append(server.fill(DEFAULT_TARGET))
        self.exit, self.status, self.may_be_unknown = 0, "ok", []
        self.done = report.run(*self.args)
        if not self.done.stdout.startswith("["):
            raise Wrong(f"no JSON; exit {self.done.returncode}: {self.done.stderr[-1500:]}")
        self.report = report.Report(json.loads(self.done.stdout)[0])

    def holds_always(self):
        """What every scan must fulfil, whatever the case is about."""
        yield self.sound
        yield lambda: same(self.report.record["status"], self.status, f"status ({self.report.record['error']})")
        yield lambda: same(self.done.returncode, self.exit, "exit status")
        yield self.judged_alike
        yield self.knows_all
        yield self.blames_nobody

    def sound(self):
        if "Sanitizer" in self.done.stderr or "runtime error" in self.done.stderr:
            raise Wrong(self.done.stderr[-3000:])
        errors = report.schema_errors(self.done.stdout)
        if errors:
            raise Wrong(f"the schema refuses it: {errors[:3]}")

    def judged_alike(self):
        """The report judged again, from what it holds alone, is the same report."""
        gates = [w for i, a in enumerate(self.args) if a == "--policy" for w in self.args[i:i + 2]]
        again = report.run("judge", "--json", *gates, "-", input=self.done.stdout)
        if again.stdout != self.done.stdout or again.returncode not in (0, 3, self.exit):
            raise Wrong(f"judge makes another report of it; exit {again.returncode}: {again.stderr[-500:]}")

    def knows_all(self):
        left = [u for u in self.report.unknowns() if not any(u.startswith(word) for word in self.may_be_unknown)]
        if left:
            raise Wrong(f"unknown: {'; '.join(left)}")


    def blames_nobody(self):
        """An attack that is told by behaviour fails only where the case says so."""
        failed = [f["id"] for f in self.report.record["findings"] if f["id"] in BEHAVIOUR and f["state"] == "fail"]
        left = [i for i in failed if i not in self.explained]
        if left:
            raise Wrong(f"vulnerable, and the case does not say so: {' '.join(left)}")


# ---- running -------------------------------------------------------------------------------------------------------------


def run_scan(case, server, words, lines):
    scan, wrong = Scan(server, words), []
    scan.explained = {w[1] for w in (shlex.split(line) for _, line in joined(lines)) if w[0] == "finding" and w[2] == "fail"}
    checks = [(n, line, lambda w=shlex.split(line): EXPECT[w[0]](scan, w[1:])) for n, line in joined(lines)]
    checks += [("", "", check) for check in scan.holds_always()]
    for number, line, check in checks:
        try:
            check()
        except (Wrong, StopIteration) as e:
            wrong.append(f"{case.name}:{number}: {line[:60]}{'...' if len(line) > 60 else ''}\n    {e!s}")
    return scan, wrong


def run_peer(case, number, scan, words, server):
    """PEER [VERSION...] [except SUITE...]: both find the same suites, in all versions or in these."""
    cut = words.index("except") if "except" in words else len(words)
    excepted = {report.Names.code("suites", n) for n in words[cut + 1:]}
    try:
        found = peers.PEERS[words[0]](server.port)
    except Skip as e:
        print(f"# {case.name}: {e}, not compared")
        return []
    wrong = []
    for version in words[1:cut] or peers.VERSIONS[words[0]]:
        ours, theirs = set(scan.report.list_of("suites", version) or ()) - excepted, found.get(version, set()) - excepted
        if ours != theirs:
            wrong.append(f"{case.name}:{number}: {words[0]} disagrees about {version}: only ours: {named('suites', ours - theirs)}; "
                         f"only theirs: {named('suites', theirs - ours)}")
    return wrong


def run_python(case, number, words):
    """A program of this folder that says itself what is wrong; 77: it lacks something."""
    done = subprocess.run([sys.executable, "-B", CASES.parent / words[0], *words[1:]], capture_output=True, text=True, timeout=600)
    if done.returncode == 77:
        raise Skip(done.stderr.strip() or done.stdout.strip())
    if not done.returncode:
        print(done.stdout, end="")
    return [f"{case.name}:{number}: {words[0]}\n" + "\n".join(
        line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("ok "))] if done.returncode else []


def run_case(case, place, show=False):
    wrong, scan, server = [], None, None
    try:
        for number, words, lines in case.blocks:
            if words[0] == "server":
                if server:
                    server.stop()
                options = dict(w.split("=", 1) for w in words[2:])
                server = Server(place, words[1], options, [line for _, line in lines])
                server.__enter__()
            elif words[0] == "scan":
                scan, more = run_scan(case, server, words[1:], [] if show else lines)
                wrong += more
                if show:
                    print(report.run("-v", *[a for a in scan.args if a != "--json"]).stdout)
                    return []
            elif words[0] == "peer":
                wrong += run_peer(case, number, scan, words[1:], server)
            elif words[0] == "python":
                wrong += run_python(case, number, words[1:])
            else:
                raise ValueError(f"{case.name}:{number}: unknown word {words[0]}")
    finally:
        if server:
            server.stop()
    return wrong


def outcome(case, place, show=False):
    """(what became of it, the lines to print)"""
    try:
        wrong = run_case(case, place, show)
        return ("not ok", wrong) if wrong else ("ok", [])
    except Skip as e:
        return "skipped", [f"{case.name}: {e}"]
    except (Failed, Wrong) as e:
        return "not ok", [f"{case.name}: {e}"]
    except Exception:   # a broken case file must not hide the others
        return "not ok", [f"{case.name}: {traceback.format_exc()}"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("-j", "--jobs", type=int, default=min(4, os.cpu_count() or 1))
    p.add_argument("--list", action="store_true")
    p.add_argument("--show", action="store_true")
    p.add_argument("--program", help="tlsassay; else $TLSASSAY, else what is in build/")
    p.add_argument("--server", help="the tls_server of tests/servers; else $TLS_SERVER")
    p.add_argument("cases", nargs="*")
    a = p.parse_args()
    os.environ.update({k: str(pathlib.Path(v).resolve()) for k, v in (("TLSASSAY", a.program), ("TLS_SERVER", a.server)) if v})
    paths = [pathlib.Path(c) if c.endswith(".case") else CASES / f"{c}.case" for c in a.cases] or sorted(CASES.glob("*.case"))
    cases = [Case(path) for path in paths]
    if a.list:
        for case in cases:
            print(f"{case.name:32} {case.what}")
        return 0
    place, count = Place(), {"ok": 0, "not ok": 0, "skipped": 0}
    try:
        with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
            for case, (how, lines) in zip(cases, pool.map(lambda c: outcome(c, place, a.show), cases)):
                count[how] += 1
                print(f"{how:8} {case.name}", *lines, sep="\n  ", flush=True)
    finally:
        place.close()
    print(f"{count['ok']} ok, {count['not ok']} not ok, {count['skipped']} skipped")
    return 1 if count["not ok"] else 77 if not count["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
