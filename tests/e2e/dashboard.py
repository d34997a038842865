#!/usr/bin/env python3
"""The Grafana dashboard: a dashboard by its form, and every metric, label and value that its expressions name is one that
`-o prometheus` writes; with prometheus, which runs each expression over those very samples and must find some.

    dashboard.py      exit: 0 all well, 1 not. TLSASSAY names the program; what is not installed is said in the last line.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile

import report

DASHBOARD = report.ROOT / "tools/grafana/tlsassay.json"
FULL = report.ROOT / "tests/fuzz/corpus/record_json/full.json"
PANELS = {"stat", "table", "timeseries", "bargauge"}
KEYS = {"uid": str, "title": str, "schemaVersion": int, "version": int, "panels": list, "templating": dict, "time": dict, "tags": list}
SELECTOR = re.compile(r"(tlsassay_\w+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|!=|=)"([^"]*)"')
WORDS = re.compile(r"\b(?:by|on|group_left) \(([^)]*)\)")


def written():
    """Metric: {label: the values that it has}, of a report rich in everything; and the text."""
    text = report.run("judge", str(FULL), "-o", "prometheus").stdout
    metrics = {}
    for name, labels in re.findall(r"^(tlsassay_\w+)\{(.*)\} ", text, re.M):
        for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels):
            metrics.setdefault(name, {}).setdefault(label, set()).add(value)
    return metrics, text


def form(board):
    wrong = [f"{key} is no {kind.__name__}" for key, kind in KEYS.items() if not isinstance(board.get(key), kind)]
    ids = [p["id"] for p in board["panels"]]
    wrong += ["an id twice"] if len(set(ids)) != len(ids) else []
    variables = {v["name"] for v in board["templating"]["list"]}
    wrong += [f"no variable {v}" for v in re.findall(r"\$\{?(\w+)", json.dumps(board["panels"])) if v not in variables]
    taken = set()
    for p in board["panels"]:
        grid = p["gridPos"]
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        wrong += [f"{p['title']}: outside, or over another panel"] if grid["x"] + grid["w"] > 24 or cells & taken else []
        wrong += [f"{p['title']}: of type {p['type']}"] if p["type"] not in PANELS or not p["targets"] else []
        taken |= cells
    return wrong


def values_of(operator, value):
    return [] if value in ("$target", "") else value.split("|") if operator == "=~" else [value]


def names(title, expression, metrics):
    """What an expression names and nobody writes."""
    wrong, labels = [], set()
    for metric, matchers in SELECTOR.findall(expression):
        labels |= set(metrics.get(metric, ()))
        wrong += [f"{metric} is not written"] if metric not in metrics else []
        for label, operator, value in MATCHER.findall(matchers):
            known = metrics.get(metric, {}).get(label)
            wrong += [f"{metric} has no {label}"] if known is None else [f"{label} {v!r}" for v in values_of(operator, value) if v not in known]
    for word in ", ".join(WORDS.findall(expression)).split(", "):
        wrong += [f"no label {word}"] if word and word not in labels else []
    bare = re.findall(r"tlsassay_\w+(?!\w|\{)", expression)
    return [f"{title}: {w} ({expression})" for w in wrong + bare]


def rules(expressions, samples):
    """Unit tests of promtool: each expression is a rule that must have samples, at the time that they were taken."""
    series = [{"series": line.rpartition(" ")[0], "values": line.rpartition(" ")[2] + "x9"}
              for line in samples.splitlines() if not line.startswith("#")]
    asked = [{"record": f"asked:{i}", "expr": e.replace("$target", ".*")} for i, e in enumerate(expressions)]
    tests = [{"expr": f"count(asked:{i}) > bool 0", "eval_time": "5m", "exp_samples": [{"labels": "{}", "value": 1}]} for i in range(len(asked))]
    return ({"groups": [{"name": "dashboard", "rules": asked}]},
            {"rule_files": ["rules.json"], "evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": tests}]})


def by_prometheus(expressions, samples):
    with tempfile.TemporaryDirectory() as folder:
        for name, document in zip(("rules.json", "tests.json"), rules(expressions, samples)):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as f:
                json.dump(document, f)       # which is YAML, too
        done = subprocess.run(["promtool", "test", "rules", "tests.json"], cwd=folder, capture_output=True, text=True)
    return [f"promtool: {done.stdout}{done.stderr}"] if done.returncode else []


def main():
    board = json.loads(DASHBOARD.read_text())
    metrics, samples = written()
    asked = [(p["title"], t["expr"]) for p in board["panels"] for t in p["targets"]]
    wrong = form(board)
    for title, expression in asked:
        wrong += names(title, expression, metrics)
        legend = [t["legendFormat"] for p in board["panels"] for t in p["targets"] if t["expr"] == expression][0]
        wrong += [f"{title}: legend {x}" for x in re.findall(r"\{\{(\w+)\}\}", legend) if x not in " ".join(WORDS.findall(expression))]
    wrong += [f"{m} is on no panel" for m in metrics if m not in " ".join(e for _, e in asked)]
    if shutil.which("promtool"):
        wrong += by_prometheus([e for _, e in asked], samples)
    print(*wrong, "" if shutil.which("promtool") else "not installed: promtool", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
