#!/usr/bin/env python3
"""action.yml and tools/ci/gitlab.yml: their scripts, run as they stand, against a server and with hostile inputs.

    ci.py       exit: 0 all well, 1 not, 77: python3-yaml or openssl is not there. TLSASSAY names the program.

What the runners do around the scripts is done here: inputs and outputs are put into the environment, nothing into a script.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import gates
import local
import report

ACTION, GITLAB = report.ROOT / "action.yml", report.ROOT / "tools/ci/gitlab.yml"
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")     # what `shell: bash` means
OUTPUTS = ("grade", "status", "json", "sarif")
COMMAND = "##[set-output name=grade;]A+"

# Inputs, and the exit status of the whole; {good} is the server, {dir} the folder that the scripts run in.
ROWS = [
    ({"targets": "{good}"}, 0), ({"targets-file": "list.txt"}, 0), ({"targets": "{good}", "fail-on": "critical"}, 0),
    ({"targets": "{good}", "min-grade": "A+"}, 1), ({"targets": "{good}", "policy": "mozilla-modern"}, 1),
    ({"targets": "{good}", "expires-within": "60,7"}, 1), ({"targets": "{good}", "expires-within": "60", "waive": "waivers.json"}, 0),
    ({"targets": "{good}", "fail-on": "critical", "version": "0.0.0"}, 2), ({"targets": "127.0.0.1:1"}, 3), ({}, 2), ({"targets-file": "empty.txt"}, 2),
    ({"targets": "{good}\n127.0.0.1:1"}, 3), ({"targets": "{good}", "args": "--probe\nversions,ciphers\n--seed=2a"}, 0),
]
HOSTILE = [
    ({"targets": "$(touch${IFS}pwned)"}, 2), ({"targets": "`touch pwned`"}, 2), ({"targets": "x;touch pwned"}, 2),
    ({"targets": "--html=pwned"}, 2), ({"targets": "{good} * ?"}, 2), ({"targets": "{good}", "min-grade": "B; touch pwned"}, 2),
    ({"targets": "{good}", "fail-on": "high\" --html=pwned \""}, 2), ({"targets": "{good}", "policy": "x\n::set-output name=grade::A+"}, 2),
    ({"targets": "{good}", "json-file": "r.json\ngrade=A+"}, 2), ({"targets": "{good}", "baseline": COMMAND}, 2),
    ({"targets": "{good}", "fail-on": "::set-output name=grade::A+"}, 2), ({"targets": "{good}", "program": "tlsassay\npath=pwned"}, 2),
    ({"targets": "{good}", "ca-file": "$(touch pwned)"}, 2), ({"targets": "{good}", "args": "--fail-on=$(touch pwned)"}, 2),
]


def filled(text, inputs, steps):
    """Expressions of the environment, which are inputs and outputs of steps and nothing else."""
    def value(match):
        where, _, name = match[1].partition(".")
        return inputs[name] if where == "inputs" else steps[name.split(".")[0]].get(name.split(".")[2], "")
    return re.sub(r"\$\{\{ ([a-z.-]+) \}\}", value, text)


def outputs_of(path):
    return dict(line.partition("=")[::2] for line in path.read_text().splitlines())


class Action:
    """The composite action, its steps one after the other, as the runner does it."""

    def __init__(self, yaml, folder):
        self.spec, self.folder = yaml.safe_load(ACTION.read_text()), folder

    def environment(self, step, given, steps):
        inputs = {name: given.get(name, i["default"]) for name, i in self.spec["inputs"].items()}
        mine = {name: filled(value, inputs, steps) for name, value in step["env"].items()}
        return {**os.environ, **mine, "GITHUB_ACTION_PATH": str(report.ROOT), "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"), "GITHUB_WORKFLOW_REF": "us/site/.github/workflows/tls.yml@refs/heads/main"}

    def run(self, given):
        """(exit status, outputs, what was printed)"""
        steps, printed = {}, ""
        for step in self.spec["runs"]["steps"]:
            (self.folder / "output").write_text("")
            script = self.folder / "script.sh"
            script.write_text(step["run"])
            done = subprocess.run([*BASH, script], cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                                  env=self.environment(step, given, steps), timeout=300)
            steps[step["id"]] = outputs_of(self.folder / "output")
            printed += done.stdout + done.stderr
            if done.returncode:
                break
        return done.returncode, steps.get("scan", {}), printed


def form(spec):
    """What the runner wants of it, and no expression inside of a script."""
    steps = spec["runs"]["steps"]
    wrong = [f"step {s['id']}: an expression in its script" for s in steps if "${{" in s["run"]]
    wrong += [f"step {s['id']}: no shell" for s in steps if s.get("shell") != "bash"]
    used = " ".join(v for s in steps for v in s["env"].values())
    wrong += [f"input {i} is not used" for i in spec["inputs"] if f"inputs.{i} " not in used]
    wrong += [f"input {i}: no description or default" for i, about in spec["inputs"].items() if set(about) != {"description", "default"}]
    return wrong + ([] if spec["runs"]["using"] == "composite" and tuple(spec["outputs"]) == OUTPUTS else ["not a composite with these outputs"])


def reports(folder, status, outputs):
    """A scan that was made left its reports; the grade is that of the JSON report."""
    if status == 2:
        return ["a grade without a scan"] if outputs.get("grade") else []
    records = [r for r in json.loads((folder / outputs["json"]).read_text()) if r["kind"] == "endpoint"]
    letters = [(r.get("grade") or {}).get("letter") for r in records]
    wrong = [] if (outputs["grade"] or None) in letters or not any(letters) else [f"grade {outputs['grade']!r}, and the report says {letters}"]
    results = json.loads((folder / outputs["sarif"]).read_text())["runs"][0]["results"]
    places = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}
    wrong += [] if places <= {".github/workflows/tls.yml", "list.txt"} else [f"SARIF results at {places}"]
    return wrong + ([] if (folder / "summary").read_text().strip() else ["no step summary"])


def github_row(action, given, wanted, names):
    folder = action.folder
    for path in ("summary", "tlsassay.json", "tlsassay.sarif"):
        (folder / path).unlink(missing_ok=True)
    given = {"program": report.program(), "ca-file": names["anchor"], **{k: v.format(**names) if "{good}" in v else v for k, v in given.items()}}
    status, outputs, printed = action.run(given)
    wrong = [f"exit {status}, wanted {wanted}: {printed[-1500:]}"] if status != wanted else reports(folder, status, outputs)
    wrong += [f"outputs {outputs}"] if set(outputs) - set(OUTPUTS) or outputs.get("status", str(status)) != str(status) else []
    wrong += ["something of an input was run or written"] if (folder / "pwned").exists() else []
    wrong += [f"the runner would heed {line!r}" for line in printed.splitlines()
              if "##[" in line or re.match(r"\s*::(?!(error|warning|notice) )", line)]
    return [f"action {given}: {w}" for w in wrong]


def gitlab_run(job, folder, given):
    script = "\n".join(job["before_script"] + job["script"])
    environment = {**os.environ, **job["variables"], **given, "PATH": f"{pathlib.Path(report.program()).parent}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, timeout=300)


def gitlab_row(job, folder, given, wanted, names):
    """The same rows, as far as the job has such variables."""
    variables = {"TLSASSAY_CA_FILE": names["anchor"]}
    for name, value in given.items():
        key = "TLSASSAY_" + name.upper().replace("-", "_")
        if key not in job["variables"]:
            return []
        variables[key] = value.format(**names) if "{good}" in value else value
    made = [folder / p for p in [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]]
    for path in made:
        path.unlink(missing_ok=True)
    done = gitlab_run(job, folder, variables)
    wrong = [f"exit {done.returncode}, wanted {wanted}: {done.stdout[-500:]}{done.stderr}"] if done.returncode != wanted else []
    wrong += [f"no {p.name}" for p in made if wanted != 2 and not p.is_file()]
    if not wrong and wanted != 2:
        quality = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text())
        wrong += ["an issue without a place"] if any(set(q["location"]) != {"path", "lines"} for q in quality) else []
        xml.etree.ElementTree.parse(folder / job["artifacts"]["reports"]["junit"])
    wrong += ["something of a variable was run or written"] if (folder / "pwned").exists() else []
    return [f"gitlab {given}: {w}" for w in wrong]


def linters(folder, action, job):
    rules = "{extends: default, rules: {line-length: disable, document-start: disable}}"
    for name, step in [*((s["id"], s["run"]) for s in action.spec["runs"]["steps"])]:
        (folder / f"{name}.bash").write_text(step)
    (folder / "gitlab.sh").write_text("\n".join(job["before_script"] + job["script"]))
    return {"yamllint": [("-s", "-d", rules, str(ACTION), str(GITLAB))],
            "shellcheck": [("-S", "warning", "-s", "bash", *map(str, folder.glob("*.bash"))), ("-S", "warning", "-s", "sh", str(folder / "gitlab.sh"))]}


def lint(runs):
    wrong = []
    for program, calls in runs.items():
        for words in calls if shutil.which(program) else []:
            done = subprocess.run([program, *words], capture_output=True, text=True)
            wrong += [f"{program}: {done.stdout}{done.stderr}"] if done.returncode else []
    return wrong


def builds():
    """The step that builds, where tools/test.sh has built the release; from nothing it takes minutes."""
    if not (report.ROOT / "build/release/tlsassay").exists():
        print("build/release is not there: the build was not run")
        return []
    done = subprocess.run(["sh", report.ROOT / "tools/ci/build.sh"], capture_output=True, text=True, timeout=300)
    return [] if os.access(done.stdout.strip(), os.X_OK) else [f"build.sh: {done.stdout}{done.stderr}"]


def main():
    try:
        import yaml
    except ImportError:
        print("python3-yaml is not installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        anchor = gates.certificate(folder)
        with local.openssl(anchor) as port:
            names = {"good": f"127.0.0.1:{port}", "anchor": anchor}
            (folder / "list.txt").write_text(f"# ours\n127.0.0.1:{port}\n")
            (folder / "empty.txt").write_text("# none yet\n")
            (folder / "waivers.json").write_text(json.dumps(gates.waiver("expires-within", "now")))
            action, job = Action(yaml, folder), yaml.safe_load(GITLAB.read_text())["tlsassay"]
            wrong = form(action.spec) + lint(linters(folder, action, job)) + builds()
            for given, status in ROWS + HOSTILE:
                wrong += github_row(action, given, status, names) + gitlab_row(job, folder, given, status, names)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
