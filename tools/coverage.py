#!/usr/bin/env python3
"""Line coverage by source file, from the counters that the tests left in a build folder.

    coverage.py BUILD    exit status 1 when a parser is below 90 %
"""
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOOR = 90

# What reads bytes that we did not write.
PARSERS = """
scanner/base/wire.h scanner/base/text.c scanner/base/url.c scanner/base/http_reply.c scanner/base/dns.c scanner/base/svcb.c
scanner/tls/answer.c scanner/tls/message.c scanner/tls/hello.c
scanner/tls/hs.c scanner/tls/hs12.c scanner/tls/hs13.c scanner/tls/seal.c
scanner/trust/der.c scanner/trust/dname.c scanner/trust/names.c scanner/trust/pem.c scanner/trust/cert.c scanner/trust/ocsp.c
scanner/trust/places.c scanner/trust/issuers.c scanner/trust/revocation.c
scanner/trust/ct.c scanner/trust/traits.c scanner/trust/known_keys.c scanner/facts/ct_logs.c scanner/base/base64.c
scanner/facts/json.c scanner/facts/record_parse.c scanner/facts/records.c scanner/facts/time.c
scanner/run/target.c report/policy_read.c report/waive.c
""".split()


def counters(build):
    """{source file: {line: times run}}; a line in a header is covered when any of its users ran it."""
    runs = collections.defaultdict(collections.Counter)
    notes = [p.resolve() for p in build.rglob("*.gcno")]
    with tempfile.TemporaryDirectory() as folder:
        for note in notes:
            subprocess.run(["gcov", "--json-format", str(note)], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for written in pathlib.Path(folder).glob("*.gcov.json.gz"):
                add_report(json.loads(gzip.decompress(written.read_bytes())), runs)
                written.unlink()
    return runs


def add_report(report, runs):
    for entry in report["files"]:
        path = pathlib.Path(report["current_working_directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT):
            lines = runs[path.relative_to(ROOT).as_posix()]
            for line in entry["lines"]:
                lines[line["line_number"]] += line["count"]


def main(build):
    runs = counters(pathlib.Path(build))
    low = 0
    total = [0, 0]
    for name in sorted(set(runs) | set(PARSERS)):
        if not name.startswith(("scanner/", "probes/", "report/")) or name.endswith(".def"):
            continue
        lines = runs.get(name, {})
        covered = sum(1 for n in lines.values() if n)
        total = [total[0] + covered, total[1] + len(lines)]
        percent = 100 * covered / len(lines) if lines else 0
        below = name in PARSERS and percent < FLOOR
        low += below
        mark = "parser, below the floor" if below else "parser" if name in PARSERS else ""
        print(f"{percent:6.1f} %  {covered:5} of {len(lines):5}  {name:34} {mark}".rstrip())
    print(f"{100 * total[0] / max(1, total[1]):6.1f} %  {total[0]:5} of {total[1]:5}  all")
    print(f"{len(PARSERS)} parsers, {low} below {FLOOR} %")
    return low > 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
