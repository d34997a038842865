#!/usr/bin/env python3
"""Gates: each in each state, and the exit status that comes of it, over saved reports and over the wire.

    gates.py        exit: 0 all well, 1 not, 77: openssl is not there. TLSASSAY names the program.
"""
import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import xml.etree.ElementTree

import local
import report

WAIVERS = {"now": "2999-01-01", "ended": "2020-01-01"}

# Options, the reports they are held against, the exit status. {good}: offers nothing that fails high; {weak}: RC4.
TABLE = [
    # nothing asked: as the scan was
    ("", "good", 0), ("", "weak", 0), ("", "partial", 3), ("", "unreachable", 3), ("", "skipped", 0),
    # --fail-on
    ("--fail-on high", "good", 0), ("--fail-on high", "weak", 1), ("--fail-on high", "partial", 3),
    ("--fail-on high", "unreachable", 3), ("--fail-on high", "skipped", 0), ("--fail-on high", "not_asked", 3),
    ("--fail-on high --waive {rc4_now}", "weak", 0), ("--fail-on high --waive {rc4_ended}", "weak", 1),
    ("--fail-on high --waive {rc4_now}", "partial", 3), ("--fail-on high --waive {rc4_now}", "unreachable", 3),
    # --min-grade; a grade that is not known in full never passes, and one that is too low at best always fails
    ("--min-grade B", "good", 3), ("--min-grade A-", "weak", 1), ("--min-grade B", "unreachable", 3), ("--min-grade B", "skipped", 0),
    ("--min-grade A-", "partial", 3), ("--min-grade A- --waive {grade_now}", "weak", 0),
    ("--min-grade A- --waive {grade_ended}", "weak", 1), ("--min-grade A- --waive {grade_now}", "partial", 3),
    # --baseline
    ("--baseline {good}", "good", 0), ("--baseline {weak}", "weak", 0), ("--baseline {weak}", "good", 0),
    ("--baseline {good}", "weak", 1), ("--baseline {good}", "partial", 3), ("--baseline {good}", "unreachable", 3),
    ("--baseline {good} --fail-on high", "weak", 1), ("--baseline {weak} --fail-on high", "weak", 0),
    ("--baseline {good} --waive {baseline_now}", "weak", 0), ("--baseline {good} --waive {baseline_ended}", "weak", 1),
    ("--baseline {empty}", "weak", 1), ("--baseline {good}", "skipped", 0),
    # --policy; the server takes suites that the policy does not
    ("--policy mozilla-modern", "good", 1), ("--policy mozilla-modern", "unreachable", 3), ("--policy mozilla-modern", "skipped", 0),
    ("--policy mozilla-modern --baseline {good}", "good", 0), ("--policy mozilla-modern --waive {policy_now}", "good", 0),
    ("--policy mozilla-modern --waive {policy_ended}", "good", 1), ("--policy mozilla-modern --baseline {good}", "partial", 3),
    # --expires-within; the certificate is good for 30 days
    ("--expires-within 7", "good", 0), ("--expires-within 60", "good", 1), ("--expires-within 60,7", "good", 1),
    ("--expires-within 60 --waive {expires_now}", "good", 0), ("--expires-within 60 --waive {expires_ended}", "good", 1),
    ("--expires-within 7", "partial", 3), ("--expires-within 60", "partial", 1), ("--expires-within 7", "unreachable", 3),
    ("--expires-within 7", "skipped", 0),
    # --waive alone
    ("--waive {rc4_now}", "weak", 0), ("--waive {rc4_ended}", "weak", 1), ("--waive {rc4_ended}", "good", 0),
    ("--waive {rc4_now}", "partial", 3), ("--waive {rc4_now}", "unreachable", 3),
    # a waiver that ended, of what is not known: whether it still fails is not known either
    ("--fail-on high --waive {fail_on_ended}", "unreachable", 3), ("--fail-on high --waive {fail_on_ended}", "weak", 1),
    ("--waive {rc4_ended}", "unreachable", 3),
    # the versions are known, and no handshake went through and no certificate came; or nothing at all is known
    ("", "blind", 3), ("--fail-on critical", "blind", 3), ("--waive {rc4_now}", "blind", 3), ("", "silent", 3), ("", "good blind", 3),
    # several endpoints, several gates: what failed comes before what is not known
    ("--fail-on high", "weak unreachable", 1), ("--fail-on high", "good unreachable", 3), ("--fail-on high", "good skipped", 0),
    ("--fail-on high --expires-within 60", "good", 1), ("--fail-on high --min-grade B", "good", 3),
]

USAGE = [
    ("--min-grade T", "A+"), ("--min-grade a", "A+"), ("--fail-on worst", "critical"), ("--expires-within soon", "days"),
    ("--expires-within 7,30", "days"), ("--expires-within 7,", "days"), ("--expires-within 0", "days"),
    ("--baseline /nowhere", "No such file"), ("--waive /nowhere", "No such file"), ("--baseline {broken}", "ends in the middle"),
    ("--waive {good}", "/0"), ("--waive {unknown_id}", "meant"),
]


def certificate(folder):
    """For 127.0.0.1 and 30 days from now; an anchor of its own, by --ca-file, and none of the system's."""
    path = str(folder / "server.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=gates", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path], check=True, capture_output=True)
    os.environ.pop("SOURCE_DATE_EPOCH", None)   # the certificate begins now
    return path


def scanned(port, anchor):
    return json.loads(report.run("--json", "--ca-file", anchor, f"127.0.0.1:{port}").stdout)


def changed(records, change):
    records = copy.deepcopy(records)
    change(records[0])
    return records


def about(r, key, protocol=None):
    return [o for o in r["observations"] if o["key"] == key and (protocol is None or o.get("protocol") == protocol)]


def weaken(r):
    about(r, "suites.list", "TLSv1.2")[0]["value"].append("0x0005")


def make_partial(r):
    r["status"], r["error"] = "partial", {"code": "DEADLINE", "stage": "scan", "message": "the time was up"}


def forget_renegotiation(r):
    r["observations"] = [o for o in r["observations"] if o["key"] != "renegotiation.insecure"]


def skip(r):
    r.update(status="skipped", observations=[], certificates=[], error={"code": "NO_ROUTE", "stage": "connect", "message": "no route"})


def make_blind(r):
    """As of a server whose only group this libcrypto has not."""
    r["certificates"] = []
    r["observations"] = [o for o in r["observations"] if o["key"].split(".")[0] in ("protocol", "suites", "groups", "handshake")]
    for o in about(r, "handshake.complete"):
        o.update(value="unknown", reason="NOT_IN_LIBCRYPTO")


def make_silent(r):
    r.update(observations=[], certificates=[])


def make_unreachable(r):
    skip(r)
    r["status"] = "unreachable"


def waiver(name, when):
    return [{"id": name, "target": "127.0.0.*", "until": WAIVERS[when], "why": "a test"}]


def files(folder, good):
    """The files of the table, by name."""
    made = {"good": good, "empty": [], "unknown_id": [{**waiver("suite.rc4", "now")[0], "id": "suite.rc5"}]}
    for name, change in [("weak", weaken), ("partial", make_partial), ("not_asked", forget_renegotiation), ("skipped", skip),
                         ("unreachable", make_unreachable), ("blind", make_blind), ("silent", make_silent)]:
        made[name] = changed(good, change)
    for short, name in [("rc4", "suite.rc4"), ("grade", "min-grade"), ("baseline", "baseline"), ("expires", "expires-within"), ("policy", "policy"),
                        ("fail_on", "fail-on")]:
        for when in WAIVERS:
            made[f"{short}_{when}"] = waiver(name, when)
    for name, document in made.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / "broken.json").write_text(json.dumps(good)[:-1000])
    return {name: str(folder / f"{name}.json") for name in [*made, "broken"]}


def sound(done):
    return [done.stderr] if "Sanitizer" in done.stderr or "runtime error" in done.stderr else []


def row(options, names, status, paths):
    done = report.run("judge", "--json", *options.format(**paths).split(), *[paths[n] for n in names.split()])
    about_row = f"{options or 'no gate'}, {names}"
    wrong = [f"{about_row}: {e}" for e in sound(done) + report.schema_errors(done.stdout)[:3]]
    if done.returncode != status:
        wrong.append(f"{about_row}: exit {done.returncode}, expected {status}: {done.stderr}")
    held = [g for r in json.loads(done.stdout) for g in r.get("gates", [])]
    said = [g for g in held if g["state"] in ("fail", "unknown")]
    if len(said) != len(done.stderr.splitlines()):
        wrong.append(f"{about_row}: {len(said)} gates did not pass, and stderr says {done.stderr}")
    if bool(held) != bool(options):
        wrong.append(f"{about_row}: gates {held}")
    return wrong


def over_addresses(folder, good, paths):
    """Two addresses that differ in a suite: nothing is wrong with either, and the group's finding is held by itself."""
    def move(r):
        r["endpoint"]["ip"] = "127.0.0.2"
        about(r, "suites.list", "TLSv1.2")[0]["value"].pop()

    made = {"two": good + changed(good, move), "now": waiver("addresses.suites", "now"), "ended": waiver("addresses.suites", "ended"),
            "misspelt": waiver("addresses.suite", "now")}
    for name, document in made.items():
        (folder / f"group_{name}.json").write_text(json.dumps(document))
    two = str(folder / "group_two.json")
    wrong = []
    for options, status, word, gate in [("", 0, "", None), ("--fail-on high", 0, "", "pass"), ("--baseline {good}", 1, "addresses.suites (low)", "fail"),
                                        ("--baseline {two}", 0, "", "pass"), ("--baseline {good} --fail-on high", 0, "", "pass"),
                                        ("--baseline {good} --fail-on low", 1, "gate fail-on failed: addresses.suites", "fail"),
                                        ("--baseline {good} --min-grade A-", 3, "", None),
                                        ("--baseline {good} --waive {now}", 0, "", "waived"),
                                        ("--baseline {good} --waive {ended}", 1, "addresses.suites", "fail"),
                                        ("--waive {misspelt}", 2, "no finding of a group", None)]:
        words = options.format(good=paths["good"], **{n: str(folder / f"group_{n}.json") for n in made}).split()
        done = report.run("judge", "--json", *words, two)
        if done.returncode != status or word not in done.stderr or ("addresses" in done.stderr) != ("addresses" in word) or sound(done):
            wrong.append(f"two addresses, {options}: exit {done.returncode}, expected {status}: {done.stderr}")
        told = [g for r in json.loads(done.stdout or "[]") if r["kind"] == "group" and r["scope"] == "name" for g in r.get("gates", [])]
        if [g["state"] for g in told] != [gate] * (gate is not None) or report.schema_errors(done.stdout or "[]"):
            wrong.append(f"two addresses, {options}: {told} in the group, expected {gate}")
        if gate in ("fail", "waived") and told and "addresses.suites (low)" not in told[0]["because"]:
            wrong.append(f"two addresses, {options}: because {told[0]['because']}")
    return wrong


def told(paths):
    """People's formats and JUnit say what each gate came to; without a gate they say nothing of any."""
    wrong = []
    words = "--fail-on high --min-grade B --waive {rc4_now}".format(**paths).split()
    for name, gate, states in [("html", "<h3>Gates</h3>", [">unknown<", ">pass<"]), ("markdown", "| gate | asked |", ["| unknown |", "| pass |"]),
                               ("junit", 'name="gate fail-on: high"', ["<error message=", 'name="gate waive'])]:
        said, plain = (report.run("judge", "-o", name, *w, paths["good"]).stdout for w in (words, []))
        wrong += [f"{name}: no {s}" for s in [gate, *states] if s not in said] + [f"{name}: {gate} unasked"] * (gate in plain)
    suite = xml.etree.ElementTree.fromstring(report.run("judge", "-o", "junit", "--fail-on", "high", "--min-grade", "B", paths["weak"]).stdout)[0]
    for kind, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error"), ("skipped", "testcase/skipped")):
        if int(suite.get(kind)) != len(suite.findall(tag)):
            wrong.append(f"junit: {kind} is {suite.get(kind)}, and there are {len(suite.findall(tag))}")
    return wrong


def slip(options, word, paths):
    """Exit 2, one line with this word, nothing on stdout."""
    done = report.run("judge", "--json", *options.format(**paths).split(), paths["good"])
    if done.returncode == 2 and not done.stdout and len(done.stderr.splitlines()) == 1 and word in done.stderr:
        return []
    return [f"{options}: exit {done.returncode}: {done.stdout[:100]}{done.stderr}"]


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def live(port, anchor, paths):
    """The same gates over the wire, and the same report when it is judged again."""
    wrong, closed = [], f"127.0.0.1:{closed_port()}"
    target = f"127.0.0.1:{port}"
    for options, targets, status in [("--fail-on high", [target], 0), ("--fail-on medium", [target], 1), ("--fail-on high", [closed], 3),
                                     ("--fail-on medium", [target, closed], 1), ("--baseline {good}", [target], 0),
                                     ("--baseline {empty} --expires-within 7", [target], 1)]:
        words = options.format(**paths).split()
        done = report.run("--json", "--ca-file", anchor, *words, *targets)
        again = report.run("judge", "--json", *words, "-", input=done.stdout)
        if done.returncode != status:
            wrong.append(f"{options} {targets}: exit {done.returncode}, expected {status}: {done.stderr}")
        if (again.stdout, again.returncode, again.stderr) != (done.stdout, done.returncode, done.stderr):
            wrong.append(f"{options} {targets}: judge says otherwise: {again.returncode} {again.stderr}")
    text = report.run("--fail-on", "medium", target)
    if "\nGates\n" not in text.stdout or "fail-on" not in text.stdout:
        wrong.append("the text report does not tell of the gate")
    return wrong


def schema_agrees(paths):
    """What the program takes as waivers the published schema takes, and what it refuses for its form that refuses."""
    try:
        import jsonschema
    except ImportError:
        return []
    schema = json.loads((report.ROOT / "report/schema/tlsassay-waivers-1.schema.json").read_text())
    whole = waiver("suite.rc4", "now")
    forms = [(whole, True), ([], True), ([{**whole[0], "until": "2999-01-01T00:00:00Z"}], True), ({}, False), ([7], False)]
    forms += [([{k: v for k, v in whole[0].items() if k != key}], False) for key in whole[0]]
    forms += [([{**whole[0], "more": "x"}], False), ([{**whole[0], "why": ""}], False), ([{**whole[0], "until": "soon"}], False)]
    wrong = []
    for form, good in forms:
        with open(paths["unknown_id"], "w", encoding="utf-8") as f:
            json.dump(form, f)
        taken = report.run("judge", "-q", "--waive", paths["unknown_id"], paths["good"]).returncode == 0
        if taken != good or jsonschema.Draft202012Validator(schema).is_valid(form) != good:
            wrong.append(f"waivers {form}: taken {taken}, expected {good}")
    return wrong


def as_plugin(paths):
    """A gate decides the status of a plugin too: the first limit of two warns, the second is critical."""
    wrong = []
    for options, status in [("--expires-within 7", 1), ("--expires-within 60,7", 1), ("--expires-within 60,40", 2),
                            ("--policy mozilla-modern", 2)]:
        done = report.run("judge", "-o", "nagios", *options.format(**paths).split(), paths["good"])
        if done.returncode != status:
            wrong.append(f"nagios, {options}: exit {done.returncode}, expected {status}: {done.stdout}")
    for names, status in [("silent", 3), ("good broken", 3)]:
        done = report.run("judge", "-o", "nagios", *[paths[n] for n in names.split()])
        if done.returncode != status or not done.stdout.startswith("TLS UNKNOWN: "):
            wrong.append(f"nagios, {names}: exit {done.returncode}, expected {status}: {done.stdout}")
    return wrong


def differences(paths):
    """Two reports compared: the status, the words, and the schema."""
    wrong = []
    for old, new, status, text in [("good", "good", 0, ""), ("good", "weak", 1, "added: TLS_RSA_WITH_RC4_128_SHA"),
                                   ("good", "not_asked", 0, "not compared, known only before: renegotiation.insecure"),
                                   ("good", "unreachable", 1, "ok -> unreachable"), ("empty", "good", 1, "is new"),
                                   ("good", "empty", 1, "is not there any more"), ("good", "broken", 2, ""), ("good", "rc4_now", 2, "")]:
        done, data = report.run("diff", paths[old], paths[new]), report.run("diff", "--json", paths[old], paths[new])
        if done.returncode != status or data.returncode != status or text not in done.stdout or bool(done.stdout) != bool(text):
            wrong.append(f"diff {old} {new}: exit {done.returncode}, expected {status}: {done.stdout}{done.stderr}")
        if status < 2:
            wrong += [f"diff {old} {new}: {e}" for e in diff_errors(json.loads(data.stdout))]
    return wrong


def diff_errors(document):
    try:
        import jsonschema
    except ImportError:
        return []
    schema = json.loads((report.ROOT / "report/schema/tlsassay-diff-1.schema.json").read_text())
    return [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(document)]


def own_input(paths):
    """A report is not written over the one that is read."""
    done = report.run("judge", paths["good"], "-o", f"json:{paths['good']}")
    return [] if done.returncode == 2 and scanned_well(paths["good"]) else ["judge wrote over what it read"]


def scanned_well(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)[0]["status"] == "ok"


def main():
    if not shutil.which("openssl"):
        print("openssl is not installed", file=sys.stderr)
        return 77
    with local.folder() as folder, local.openssl(certificate(folder)) as port:
        anchor = str(folder / "server.pem")
        good = scanned(port, anchor)
        paths = files(folder, good)
        wrong = [w for options, names, status in TABLE for w in row(options, names, status, paths)]
        wrong += [w for options, word in USAGE for w in slip(options, word, paths)]
        wrong += live(port, anchor, paths) + differences(paths) + told(paths) + over_addresses(folder, good, paths) + as_plugin(paths) + own_input(paths) + schema_agrees(paths)
    print(*wrong, sep="\n")
    print(f"{len(TABLE)} rows, {len(USAGE)} slips, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
