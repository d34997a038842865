#!/usr/bin/env python3
"""The policies of the program against their published schema, with a validator that is not ours.

    policy_schema_test.py TLSASSAY    each is valid; what the schema refuses the program refuses too, at the same place

Exit status 0: all well; 1: something is not; 77 (skipped): python3-jsonschema is not there.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
POLICIES = sorted((ROOT / "report/policies").glob("*.json"))

# What is done to a policy: a path in it, and what stands there then; None: it is taken out.
MUTANTS = [
    ("/schema", "tlsassay-policy/2"), ("/schema", None), ("/name", "A name"), ("/name", None), ("/name", 3), ("/edition", ""),
    ("/edition", None), ("/date", "soon"), ("/date", "2026-1"), ("/date", None), ("/title", []), ("/title", None), ("/source", None),
    ("/note", {}), ("/extra", 1), ("/not_checked", "x"), ("/not_checked", [""]), ("/rules", []), ("/rules", None), ("/rules/0", 3),
    ("/rules/0/id", "Two words"), ("/rules/0/id", None), ("/rules/0/level", "shall"), ("/rules/0/level", None), ("/rules/0/clause", ""),
    ("/rules/0/clause", None), ("/rules/0/fix", None), ("/rules/0/fix", 1), ("/rules/0/fact", None), ("/rules/0/fact", 1),
    ("/rules/0/extra", 1), ("/rules/0/versions", []), ("/rules/0/versions", [1]), ("/rules/0/when", "never"), ("/rules/0/only", None),
    ("/rules/0/only", "TLSv1.2"), ("/rules/0/only", [1]), ("/rules/0/min", 1), ("/rules/0/none", ["SSLv2"]),
]


def changed(policy, path, value):
    p = copy.deepcopy(policy)
    *steps, last = path.strip("/").split("/")
    at = p
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if isinstance(at, list):
        at[int(last)] = value
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return p


def refusal(program, folder, text):
    """What the program says of this file: (exit status, stderr). The port is nobody's: judging comes before scanning."""
    file = folder / "policy.json"
    file.write_text(text)
    done = subprocess.run([program, "scan", "--policy", str(file), "--json", "127.0.0.1:1"], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def main(program):
    schema = json.loads((ROOT / "report/schema/policy-1.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    failed = 0
    for path in POLICIES:
        for e in check.iter_errors(json.loads(path.read_text())):
            print(f"{path.name}: {e.json_path}: {e.message[:200]}")
            failed += 1
    printed = subprocess.run([program, "list", "policies", "--schema"], capture_output=True, text=True, timeout=60)
    if json.loads(printed.stdout) != schema:
        print("list policies --schema prints another schema")
        failed += 1
    policy = json.loads((ROOT / "report/policies/mozilla-modern@5.7.json").read_text())
    with tempfile.TemporaryDirectory(prefix="tlsassay-policy.") as folder:
        folder = pathlib.Path(folder)
        code, said = refusal(program, folder, json.dumps(policy))
        failed += code == 2
        for path, value in MUTANTS:
            text = json.dumps(changed(policy, path, value))
            code, said = refusal(program, folder, text)
            if check.is_valid(json.loads(text)) or code != 2 or "policy.json#" not in said:
                print(f"{path} is {value!r}: exit {code}, {said.strip()}")
                failed += 1
        code, said = refusal(program, folder, '{\n  "schema": 1,,\n}')
        if code != 2 or "policy.json:2:" not in said:
            print(f"a syntax error: exit {code}, {said.strip()}")
            failed += 1
    for name in ("mozilla", "mozilla-old@6.0", "/nowhere/p.json", "./", "./report"):
        done = subprocess.run([program, "scan", "--policy", "bcp195," + name, "--json", "127.0.0.1:1"], capture_output=True, text=True,
                              timeout=60, cwd=ROOT)
        if done.returncode != 2 or done.stdout or name not in done.stderr:
            print(f"{name} is no policy: exit {done.returncode}, {done.stdout[:100]}{done.stderr.strip()}")
            failed += 1
    print(f"{len(POLICIES)} policies, {len(MUTANTS)} mutants, {failed} faults")
    return 1 if failed or len(POLICIES) < 15 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
