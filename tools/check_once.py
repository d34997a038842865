#!/usr/bin/env python3
"""Ids of findings and rules, their titles and advice, and the keys of observations stand in their tables and nowhere else.

    check_once.py       exit: 0 so it is, 1: the places, one a line

Looked at are the string literals of the program's .c and .h files. Who needs one of a table names its row: the enum of an
observation, a condition of when.h. A place that must name a row by its text is in NAMED, with the reason.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = {"report/rules/findings.def": "RULE", "scanner/compare/rules.def": None, "scanner/facts/obs.def": None,
          "report/rules/ssllabs_2009r.def": None}
LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
PROSE = 30      # shorter texts may well be the same by chance
NAMED = {
    ("scanner/command_scan.c", "suites.unregistered"): "the probe of --suites all, which has the name of what it finds",
    ("scanner/facts/record.h", "staple.unusable"): "the finding that times of staples stand under",
    ("scanner/run/fresh.c", "server.clock"): "the finding that the clock's evidence stands under",
    ("report/policy_facts.c", "suites.list"): "a fact of policies that replaces the observation of its name",
    ("report/policy_facts.c", "groups.list"): "likewise",
    ("report/policy_facts.c", "schemes.list"): "likewise",
    ("report/policy_facts.c", "extensions.list"): "likewise",
}


def literals(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith(("#include", ".id =")):     # a probe's own name may be that of what it finds
            for m in re.finditer(LITERAL, line):
                yield number, m[1]


def tables():
    """What each row says first (its id or key), and its sentences: to the table, which must have a sentence once."""
    ids, prose = {}, collections.Counter()
    for path in TABLES:
        text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(), flags=re.DOTALL)
        for row in re.findall(r'^[A-Z_]+\([^"\n]*"([a-z0-9_]+\.[a-z0-9_.]+)"', text, re.MULTILINE):
            ids[row] = path
        prose.update(s for _, s in literals(text) if len(s) >= PROSE)
    return ids, prose


def main():
    ids, prose = tables()
    if len(ids) < 200 or len(prose) < 200:
        sys.exit(f"the tables were not read: {len(ids)} ids, {len(prose)} texts")
    wrong, used = [], set()
    for folder in ("scanner", "probes", "report"):
        for file in sorted((ROOT / folder).rglob("*.[ch]")):
            path = str(file.relative_to(ROOT))
            for line, said in literals(file.read_text()):
                if (path, said) in NAMED:
                    used.add((path, said))
                elif said in ids or said in prose:
                    wrong.append(f"{path}:{line}: \"{said}\" is of {ids.get(said, 'a table of rules')}")
    wrong += [f"{path}: \"{said}\" is not there any more" for path, said in sorted(set(NAMED) - used)]
    print("\n".join(wrong) or f"{len(ids)} ids and keys, {len(prose)} texts: each in its table")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
