#!/usr/bin/env python3
"""Every format, read by those that it is for.

    formats.py PROGRAM SERVER       exit: 0 all well, 1 not

A scan of our own server and of a port where nobody listens, and a saved report that is rich in everything, in each format.
What reads them here is Python's own csv, xml and json, and what is found of the official validators; the last line says
which ran. promtool (Debian: prometheus) and xmllint (libxml2-utils, with junit.xsd of this folder) are looked for on the
path and must be there where CI is set; CycloneDX's is the Python package cyclonedx-python-lib[json-validation], which
tools/test.sh puts into build/validators. Further schemas in the folder TLSASSAY_SCHEMAS: sarif-schema-2.1.0.json, other
JUnit schemas (junit*.xsd), CycloneDX's as bom-1.6*.json beside spdx*.json and jsf*.json.
"""
import csv
import importlib.util
import io
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import local

PROGRAM, SERVER = sys.argv[1:3]
FULL = "tests/fuzz/corpus/record_json/full.json"
HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = pathlib.Path(os.environ.get("TLSASSAY_SCHEMAS", "/nonexistent"))
VALIDATORS = str(HERE.parent.parent / "build/validators")
sys.path.append(VALIDATORS)
CYCLONEDX = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(wrong) if wrong else 0)
"""
ANCHOR = ("--sarif-anchor", "infra/tls.txt:7")
ran, absent = [], []


def run(*args, **more):
    environment = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"} | more.pop("env", {})
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=120, env=environment, **more)


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def validator(name, found):
    (ran if found else absent).append(name)
    return found


def findings(report, *states):
    """Of endpoints, and of what compares them."""
    return [f for r in report for f in r["findings"] if f["state"] in states]


def endpoints(report):
    return [r for r in report if r["kind"] == "endpoint"]


def incomplete(report):
    return [r for r in endpoints(report) if r["status"] not in ("ok", "skipped")]


# ---- one reader for each format: the text, and the same report as our own JSON

def csv_rows(text, report):
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    check(list(rows[0])[:7] == ["id", "fqdn/ip", "port", "severity", "finding", "cve", "cwe"], "the columns of testssl.sh")
    check({r["severity"] for r in rows} <= {"OK", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL"}, "its severities")
    check(all(re.fullmatch(r"(CVE-\d+-\d+( CVE-\d+-\d+)*)?", r["cve"]) for r in rows), "ids of CVE, by spaces")
    told = [r["id"] for r in rows if r["state"] == "fail"]
    check(told == [f["id"] for f in findings(report, "fail")], f"what failed: {told}")
    check(all(None not in r and None not in r.values() for r in rows), "as many cells in each row")


def sarif(text, report):
    log = json.loads(text)["runs"][0]
    rules = log["tool"]["driver"]["rules"]
    check(all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in log["results"]), "rules by index")
    check([r["ruleId"] for r in log["results"]] == [f["id"] for f in findings(report, "fail", "waived")], "results")
    for r in log["results"]:
        place = r["locations"][0]["physicalLocation"]
        check(place["artifactLocation"]["uri"] and place["region"]["startLine"] >= 1, "each with a place")
    keys = [r["partialFingerprints"]["tlsassay/v1"] for r in log["results"]]
    check(len(set(keys)) == len(keys), "fingerprints of their own")
    check(log["invocations"][0]["executionSuccessful"] == (not incomplete(report)), "successful only when whole")
    schema = SCHEMAS / "sarif-schema-2.1.0.json"
    if validator("SARIF 2.1.0 schema", schema.exists() and importlib.util.find_spec("jsonschema")):
        import jsonschema
        jsonschema.Draft4Validator(json.loads(schema.read_text())).validate(json.loads(text))


def junit(text, report):
    suites = xml.fromstring(text)
    check([int(s.get("tests")) for s in suites] == [len(s.findall("testcase")) for s in suites], "tests are counted")
    check([int(s.get("failures")) for s in suites] == [len(s.findall("testcase/failure")) for s in suites], "failures too")
    check([int(s.get("skipped")) for s in suites] == [len(s.findall("testcase/skipped")) for s in suites], "and what is skipped")
    check(len(suites.findall(".//failure")) == len([f for f in findings(report, "fail") if f["severity"] != "info"]), "failures")
    check(len(suites) == len(report), "a suite for each endpoint and group")
    if validator("xmllint", shutil.which("xmllint")):
        for schema in (HERE / "junit.xsd", *sorted(SCHEMAS.glob("[jJ][uU]nit*.xsd"))):
            validator(schema.name, True)
            done = subprocess.run(["xmllint", "--noout", "--schema", schema, "-"], input=text, capture_output=True, text=True)
            check(done.returncode == 0, done.stderr[-500:])


def github(text, report):
    lines = text.splitlines()
    check(all(re.match(r"::(error|warning|notice) (file=[^,:]+,line=\d+,)?title=[^:,]*::.", line) for line in lines), "commands")
    check(len(lines) == len(findings(report, "fail")) + len(incomplete(report)), "one for each")


def gitlab(text, report):
    issues = json.loads(text)
    for i in issues:
        check(set(i) == {"description", "check_name", "fingerprint", "severity", "location"}, "the keys GitLab reads")
        check(i["severity"] in ("info", "minor", "major", "critical", "blocker"), "its severities")
        check(i["location"]["path"] and i["location"]["lines"]["begin"] >= 1, "each with a place")
    check(len({i["fingerprint"] for i in issues}) == len(issues), "fingerprints of their own")
    check(len(issues) == len(findings(report, "fail")) + len(incomplete(report)), "one for each")


def markdown(text, report):
    check(len(endpoints(report)) <= text.count("\n## ") <= len(report), "a heading for each endpoint")
    tables = re.findall(r"^\| severity \|.*\n\|-.*\n((?:\|.*\n)*)", text, re.MULTILINE)
    rows = "".join(tables).splitlines()
    check(len(rows) == len(findings(report, "fail")), "a row for each that failed")
    check(all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows), "with four cells")


SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z_0-9]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (-?\d+(?:\.\d+)?)')


def prometheus(text, report):
    seen, series, metric = [], set(), None
    for line in text.splitlines():
        if line.startswith("# HELP"):
            metric = line.split()[2]
            check(metric not in seen, f"{metric} in two places")
            seen.append(metric)
        elif not line.startswith("# TYPE"):
            parts = SAMPLE.fullmatch(line)
            check(parts and parts[1] == metric, line)
            check(line.rsplit(" ", 1)[0] not in series, f"twice: {line}")
            series.add(line.rsplit(" ", 1)[0])
    check(len([s for s in series if s.startswith("tlsassay_up{")]) == len(endpoints(report)), "up, for each endpoint")
    check(len([s for s in series if s.startswith("tlsassay_finding{")]) == len(findings(report, "fail")), "each finding")
    if validator("promtool", shutil.which("promtool")):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        check(done.returncode == 0, done.stdout + done.stderr)


def nagios(text, report):
    first = text.splitlines()[0]
    check(re.fullmatch(r"TLS (OK|WARNING|CRITICAL|UNKNOWN): [^|]* \|( [a-z_]+=-?\d+(\.\d+)?[a-z]*(;\d*)*)+", first), first)
    check(f"endpoints={len(endpoints(report))} " in first, "endpoints are counted")
    check("|" not in text[len(first):], "performance data once")


def ssllabs(text, report):
    hosts = json.loads(text)
    check(sum(len(h["endpoints"]) for h in hosts) == sum(r["endpoint"]["ip"] is not None for r in endpoints(report)), "each endpoint")
    keys = {"host": str, "port": int, "protocol": str, "isPublic": bool, "status": str, "startTime": int, "testTime": int,
            "engineVersion": str, "criteriaVersion": str, "endpoints": list, "certs": list}
    details = {"hostStartTime": int, "certChains": list, "protocols": list, "suites": list, "namedGroups": dict,
               "hstsPolicy": dict}
    optional = {"renegSupport": int, "sessionResumption": int, "compressionMethods": int, "supportsNpn": bool,
                "supportsAlpn": bool, "alpnProtocols": str, "sessionTickets": int, "ocspStapling": bool, "sniRequired": bool,
                "httpStatusCode": int, "supportsRc4": bool, "rc4Only": bool, "heartbeat": bool, "freak": bool, "hasSct": int,
                "logjam": bool, "fallbackScsv": bool, "drownVulnerable": bool, "dhYsReuse": bool, "ecdhParameterReuse": bool,
                "serverSignature": str, "npnProtocols": str}

    def typed(o, names):
        for key, kind in names.items():
            check(type(o[key]) is kind, f"{key}: {o[key]!r}")

    for h in hosts:
        typed(h, keys)
        certs = {c["id"] for c in h["certs"]}
        for e in h["endpoints"]:
            d = e.get("details")
            if d is None:
                continue
            typed(d, details)
            typed(d, {k: optional[k] for k in d if k not in details})
            check(all(set(c["certIds"]) <= certs for c in d["certChains"]), "certificates by id")
            check({s["protocol"] for s in d["suites"]} <= {p["id"] for p in d["protocols"]}, "suites of offered versions")


def cbom(text, report):
    bill = json.loads(text)
    refs = [c["bom-ref"] for c in bill["components"]]
    check(len(set(refs)) == len(refs), "references of their own")

    def used(value):
        for key, v in value.items() if isinstance(value, dict) else ():
            yield from [v] if key == "signatureAlgorithmRef" else v if key in ("algorithms", "cryptoRefArray") else used(v)
        for v in value if isinstance(value, list) else ():
            yield from used(v)

    check(set(used(bill)) <= set(refs), f"what is used is there: {set(used(bill)) - set(refs)}")
    offered = sum(p["offered"] == "yes" for r in endpoints(report) for p in r["protocols"])
    check(sum(c["cryptoProperties"]["assetType"] == "protocol" for c in bill["components"]) == offered, "each version")
    if validator("CycloneDX 1.6 schema", importlib.util.find_spec("cyclonedx") or list(SCHEMAS.glob("bom-1.6*.json"))):
        validate_cyclonedx(text)


def validate_cyclonedx(text):
    if importlib.util.find_spec("cyclonedx"):
        # A process of its own: the package brings a newer jsonschema than the distribution's, which is in use here.
        run = subprocess.run([sys.executable, "-c", CYCLONEDX], input=text, capture_output=True, text=True, timeout=120,
                             env=dict(os.environ, PYTHONPATH=VALIDATORS))
        check(run.returncode == 0, f"CycloneDX 1.6: {run.stdout[-500:]}{run.stderr[-500:]}")
        return
    import jsonschema
    schemas = {s["$id"]: s for s in (json.loads(f.read_text()) for f in SCHEMAS.glob("*.json")) if "$id" in s}
    bom = next(s for i, s in schemas.items() if "bom-1.6" in i)
    resolver = jsonschema.RefResolver.from_schema(bom, store=schemas)
    jsonschema.Draft7Validator(bom, resolver=resolver).validate(json.loads(text))


def defectdojo(text, report):
    told = json.loads(text)["findings"]
    allowed = {"title", "severity", "description", "date", "mitigation", "references", "vulnerability_ids", "vuln_id_from_tool",
               "unique_id_from_tool", "active", "risk_accepted", "static_finding", "dynamic_finding", "endpoints"}
    for f in told:
        check(set(f) <= allowed and {"title", "severity", "description"} <= set(f), f"keys: {set(f) - allowed}")
        check(f["severity"] in ("Info", "Low", "Medium", "High", "Critical"), f["severity"])
        check(all(re.fullmatch(r"CVE-\d+-\d+", i) for i in f["vulnerability_ids"]), "ids of CVE")
        check(all(type(e["host"]) is str and type(e["port"]) is int for e in f["endpoints"]), "endpoints")
    check(len([f for f in told if f["vuln_id_from_tool"] != "scan.incomplete"]) == len(findings(report, "fail", "waived")), "each")


READERS = {"csv": csv_rows, "sarif": sarif, "junit": junit, "github": github, "gitlab": gitlab, "markdown": markdown,
           "prometheus": prometheus, "nagios": nagios, "ssllabs": ssllabs, "cbom": cbom, "defectdojo": defectdojo}
OTHERS = {"text", "json", "ndjson", "html"}     # read by tests of their own


def every_format(path):
    report = json.loads(run("judge", str(path), "--json").stdout)
    for name, reader in READERS.items():
        done = run("judge", str(path), "-o", name, *ANCHOR)
        check(done.stdout and not done.stderr, f"{name}: {done.stderr}")
        try:
            reader(done.stdout, report)
        except AssertionError as e:
            raise AssertionError(f"{name} of {path}: {e}") from e


# ---- the command line around them

def every_format_is_read_here():
    listed = {line.split()[0] for line in run("list", "formats").stdout.splitlines()}
    check(listed == set(READERS) | OTHERS, f"formats without a reader: {listed ^ (set(READERS) | OTHERS)}")


def no_place_is_refused(closed, report, folder):
    kept, saved = folder / "kept", folder / "given.json"
    run(f"127.0.0.1:{closed}", "-o", f"json:{saved}")
    for name in ("sarif", "gitlab"):
        kept.write_text("as it was")
        for words in ([f"127.0.0.1:{closed}"], ["-f", "-"]):
            done = run(*words, "-o", f"{name}:{kept}", input="")
            check(done.returncode == 2 and "--sarif-anchor" in done.stderr and name in done.stderr, f"{words}: {done.stderr}")
        check(kept.read_text() == "as it was", "no file is emptied")
        for words, given in (([str(saved)], ""), (["-"], saved.read_text()), ([str(report), str(saved)], ""),
                             (["-"], json.dumps(endpoints(json.loads(report.read_text())) + json.loads(saved.read_text())))):
            done = run("judge", *words, "-o", name, "-o", f"{name}:{kept}", input=given)
            check(done.returncode == 2 and not done.stdout and kept.read_text() == "as it was", f"{words}: a saved report of a target that no list named")
        check(run("judge", "-", "-o", name, input=report.read_text()).stdout == run("judge", str(report), "-o", name).stdout, "a pipe is read as a file is")
        check(run("judge", str(saved), "-o", name, *ANCHOR).returncode == 3, "the same with a place")
    for wrong in ("x", "x:", ":1", "x:0", "x:1y", "x:-1", "x:99999999999999999999"):
        done = run("127.0.0.1:1", "-o", "sarif", "--sarif-anchor", wrong)
        check(done.returncode == 2 and not done.stdout, f"an anchor of {wrong}")


def what_a_policy_demands_is_told():
    words = (FULL, "--policy", "mozilla-modern@6.0,mozilla-old@5.7,mozilla-old@5.8", *ANCHOR)
    policies = json.loads(run("judge", *words, "--json").stdout)[0]["policies"]
    broken = [f'policy/{p["name"]}@{p["edition"]}/{v["rule"]}' for p in policies for v in p["violations"]]
    check(len(broken) > 3 and "mozilla-modern" in broken[0], f"what is broken: {broken}")
    for name in ("csv", "sarif", "junit", "github", "gitlab", "markdown", "prometheus", "defectdojo"):
        text = run("judge", *words, "-o", name).stdout.replace("\\", "").replace("<!-- -->", "")
        for rule in broken:
            check(rule in text, f"{name} is silent on {rule}")
    check(run("judge", *words, "-o", "nagios").returncode == 2, "a policy that fails is critical")
    series = [line.rsplit(" ", 1)[0] for line in run("judge", *words, "-o", "prometheus").stdout.splitlines()]
    check(len(set(series)) == len(series), "no series twice")
    log = json.loads(run("judge", *words, "-o", "sarif").stdout)["runs"][0]
    rules = log["tool"]["driver"]["rules"]
    check(all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in log["results"]), "rules by index")


def the_plugin_has_its_own_status(port, closed):
    words = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
    for target in (f"127.0.0.1:{port}", f"127.0.0.1:{closed}"):
        done = run(target, "-o", "nagios")
        check(done.returncode == words.index(re.match(r"TLS (\w+):", done.stdout)[1]), done.stdout)
    check(run(f"127.0.0.1:{closed}", "-o", "nagios").returncode == 2, "nobody listens: CRITICAL")
    check(run("-o", "nagios").returncode == 3, "wrong usage: UNKNOWN")
    check(run("-o", "nagios", "--nonsense").returncode == 3, "an option that is none: UNKNOWN")
    check(run(f"127.0.0.1:{closed}", "-o", "nagios:/dev/null", "-o", "json").returncode == 3, "in a file: the usual status")


def a_step_summary(report, folder):
    summary = folder / "summary.md"
    summary.write_text("before\n")
    done = run("judge", str(report), "-o", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    check(done.stdout.startswith("::"), "annotations on stdout")
    check(summary.read_text() == "before\n" + run("judge", str(report), "-o", "markdown").stdout, "markdown in the summary")


def a_long_summary_is_cut(report, folder):
    """GitHub takes 1 MiB: whole endpoints up to there, and how many are not."""
    summary, many = folder / "long.md", folder / "many.ndjson"
    record = json.dumps(endpoints(json.loads(report.read_text()))[0])
    many.write_text((record + "\n") * 400)
    run("judge", str(many), "-o", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    text, whole = summary.read_text(), run("judge", str(many), "-o", "markdown").stdout
    told = re.search(r"(\d+) more endpoints are left out: .*\n\Z", text)
    check(len(whole) > 1 << 20 and 900_000 < summary.stat().st_size < 1_001_000, f"{len(whole)} bytes became {summary.stat().st_size}")
    check(told and whole.startswith(text[:told.start()]), f"what stands at the end: {text[-200:]}")
    check(text.count("\n## ") + int(told[1]) == 400, f"{told[0]}, and {text.count(chr(10) + '## ')} are there")
    check(whole[told.start():].startswith("## "), "cut between endpoints")


def every_format_of_a_list(report, targets, folder):
    """Of a list each result names its own line; an endpoint that is there twice is one series."""
    records = endpoints(json.loads(report.read_text()))
    log = json.loads(run("judge", str(report), "-o", "sarif").stdout)["runs"][0]
    lines = {r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in log["results"]}
    check(lines <= {1, 2, 3, 6} and log["invocations"][0]["executionSuccessful"] is False, f"lines {lines}")
    check(records[-1]["target"]["source"]["line"] == 6, "the last line")
    once = folder / "once.json"
    once.write_text(json.dumps(records[:-1]))
    every_format(once)
    check(run("judge", str(report), "-o", "prometheus").stdout.count("tlsassay_up{") == len(records) - 1, "no series twice")


def judging_says_what_scanning_said(targets, folder):
    """Byte for byte, in every format: plain, and with gates, policies and a waiver. The same of the scan played from its recording."""
    tape, waivers = folder / "tape", folder / "waivers.json"
    waivers.write_text(json.dumps([{"id": "suite.dhe", "target": "*", "until": "2099-01-01", "why": "<b>old</b> | boxes"},
                                   {"id": "min-grade", "target": "localhost", "until": "2020-01-01", "why": "ended"}]))
    formats = [line.split()[0] for line in run("list", "formats").stdout.splitlines()]
    gates = ("--min-grade", "A", "--fail-on", "low", "--expires-within", "30,7", "--policy", "mozilla-intermediate,nist-sp800-52r2",
             "--waive", str(waivers))
    for more in ((), ("-v",), gates):
        live = run("-f", str(targets), "-4", "--record", str(tape), *more, *(word for f in formats for word in ("-o", f"{f}:{folder}/live.{f}")))
        again = run("--replay", str(tape), *more, *(word for f in formats for word in ("-o", f"{f}:{folder}/again.{f}")))
        check(live.returncode == again.returncode, f"{more}: exit {live.returncode}, and replayed {again.returncode}: {again.stderr}")
        for f in formats:
            judged = run("judge", str(folder / "live.json"), *more, "-o", f"{f}:{folder}/judged.{f}")
            was = (folder / f"live.{f}").read_bytes()
            check(judged.returncode == live.returncode, f"{f} {more}: exit {live.returncode}, and judged {judged.returncode}")
            check((folder / f"judged.{f}").read_bytes() == was, f"{f} {more}: judged otherwise")
            check((folder / f"again.{f}").read_bytes() == was, f"{f} {more}: replayed otherwise")


def main():
    with tempfile.TemporaryDirectory(prefix="tlsassay-formats.") as name, local.tls_server(SERVER) as port, socket.socket() as s:
        folder = pathlib.Path(name)
        s.bind(("127.0.0.1", 0))    # bound and not listening: refuses
        closed = s.getsockname()[1]
        targets, report = folder / "targets.txt", folder / "report.json"
        targets.write_text(f"# ours\n127.0.0.1:{port}\nlocalhost:{port} sni=other.example\n\n127.0.0.1:{closed}\n127.0.0.1:{port}\n")
        check(run("-f", str(targets), "-4", "-q", "-o", f"json:{report}").returncode == 3, "one target refuses")
        wrong = 0
        for test, args in ((every_format_is_read_here, ()), (every_format, (FULL,)), (what_a_policy_demands_is_told, ()), (no_place_is_refused, (closed, report, folder)),
                           (the_plugin_has_its_own_status, (port, closed)), (a_step_summary, (report, folder)), (a_long_summary_is_cut, (report, folder)),
                           (every_format_of_a_list, (report, targets, folder)), (judging_says_what_scanning_said, (targets, folder))):
            try:
                test(*args)
            except AssertionError as e:
                print(f"{test.__name__}: {e}")
                wrong += 1
    missing = {"promtool", "xmllint"} & set(absent) if os.environ.get("CI") else set()
    if missing:
        print(f"CI must have {missing}")
        wrong += 1
    print("ran:", ", ".join(sorted(set(ran))) or "none", "| not found:", ", ".join(sorted(set(absent))) or "none")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
