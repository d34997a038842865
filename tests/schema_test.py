#!/usr/bin/env python3
"""Documents against the published schema, with a validator that is not ours.

    schema_test.py DOC...            each is valid: a record, an array of records, or one record a line (*.ndjson)
    schema_test.py --mutate DOC      DOC (or each of an array), rich in everything, is refused when any fixed key is missing or re-typed
    schema_test.py --observations F  the schema types every row of obs.def, and nothing else
    schema_test.py --reasons F       the schema has every reason of simulate.def, and nothing else

Exit status 0: all well; 1: something is not; 77 (skipped): python3-jsonschema is not there.
"""
import copy
import json
import pathlib
import re
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "report/schema/tlsassay-1.schema.json"

# The fixed keys of the contract. "*" is an entry of a list: the first one that has the rest of the path.
FIXED = """
schema kind
tool tool.name tool.version
scan scan.started scan.duration_ms scan.connections scan.bytes_sent scan.bytes_received scan.seed scan.evidence
target target.input target.host target.port target.transport target.sni target.starttls target.source
target.source.file target.source.line
endpoint endpoint.ip endpoint.family
status error error.code error.stage error.message unstable tainted
observations observations.*.key observations.*.value observations.*.probe observations.*.evidence
probes probes.*.id probes.*.state probes.*.reason probes.*.connections
protocols protocols.*.name protocols.*.id protocols.*.offered
suites suites.*.protocol suites.*.order suites.*.list suites.*.list.*.id suites.*.list.*.name
suites.*.list.*.openssl suites.*.list.*.kx suites.*.list.*.auth suites.*.list.*.enc suites.*.list.*.bits
groups groups.*.protocol groups.*.order groups.*.list groups.*.list.*.id groups.*.list.*.name
groups.*.list.*.bits groups.*.list.*.pq
signature_schemes signature_schemes.*.protocol signature_schemes.*.certificate signature_schemes.*.order
signature_schemes.*.list signature_schemes.*.list.*.id signature_schemes.*.list.*.name
extensions extensions.*.id extensions.*.name extensions.*.protocol
dh dh.*.protocol dh.*.bits dh.*.name dh.*.sha256
certificates certificates.*.sha256 certificates.*.subject certificates.*.issuer certificates.*.not_before
certificates.*.not_after certificates.*.key certificates.*.key.type certificates.*.key.bits
certificates.*.signature certificates.*.self_signed certificates.*.serial certificates.*.dns_names
certificates.*.names_cut certificates.*.malformed certificates.*.pem
chains chains.*.protocols chains.*.sni chains.*.served chains.*.hostname chains.*.issues chains.*.trust
chains.*.trust.*.store chains.*.trust.*.trusted chains.*.trust.*.reason chains.*.trust.*.paths
findings findings.*.id findings.*.severity findings.*.state findings.*.title findings.*.evidence
findings.*.reference findings.*.advice
grade grade.guide grade.letter grade.complete grade.trust grade.config_letter
grade.score grade.score.protocol grade.score.key_exchange grade.score.cipher grade.score.total
grade.ledger grade.ledger.*.rule grade.ledger.*.effect grade.ledger.*.state grade.ledger.*.because
grade.ledger.*.fix grade.ledger.*.loses
simulation simulation.*.client simulation.*.state simulation.*.reason simulation.*.protocol simulation.*.suite
simulation.*.group simulation.*.dh_bits simulation.*.certificate simulation.*.forward_secrecy
policies policies.*.name policies.*.edition policies.*.state policies.*.violations policies.*.not_checked
""".split()

# Keys that came later: reports that were saved before have none, and stay valid.
ADDED = {"simulation", "grade.ledger.*.loses"}

# What is wrong although its type is right. Written beside the fixed keys: path, value.
WRONG = [
    ("schema", "tlsassay/2"), ("kind", "target"), ("status", "fine"), ("scan.new", 1), ("scan.started", "2026-11-21"),
    ("scan.duration_ms", -1), ("scan.duration_ms", 1.5), ("target.port", 65536), ("endpoint.family", "ipx"),
    ("observations.*.key", "Not A Key"), ("observations.*.value", "maybe"), ("observations.*.evidence", {"n": 1}),
    ("observations.*.protocol", "TLS 1.2"), ("observations.*.complete", True), ("probes.*.state", "ok"),
    ("protocols.*.id", "0x303"), ("protocols.*.offered", "not_asked"), ("suites.*.order", "random"),
    ("suites.*.list.*.id", "c02f"), ("groups.*.order", "server-chacha"), ("certificates.*.sha256", "00"),
    ("certificates.*.not_after", "2026-11-21 09:00:00"), ("chains.*.hostname", "yes"), ("chains.*.issues", ["bad"]),
    ("chains.*.trust.*.paths", [["00"]]), ("findings.*.severity", "urgent"), ("findings.*.state", "ok"),
    ("grade.letter", "A++"), ("grade.score.total", 101), ("grade.ledger.*.state", "done"), ("policies.*.state", "ok"),
]

# The same for groups, by their scope.
FIXED_GROUP = "schema kind tool tool.name tool.version scope endpoints_count limits findings findings.*.id findings.*.severity findings.*.state"
FIXED_OF = {
    "name": f"""{FIXED_GROUP}
target target.host target.port target.transport target.sni target.starttls
endpoints endpoints.*.ip endpoints.*.family endpoints.*.status endpoints.*.grade endpoints.*.certificates
differences differences.*.key differences.*.values differences.*.values.*.value differences.*.values.*.endpoints
""".split(),
    "run": f"""{FIXED_GROUP}
shared_keys shared_keys.*.sha256 shared_keys.*.certificates shared_keys.*.certificates_cut shared_keys.*.endpoints
shared_keys.*.endpoints_cut
shared_certificates shared_certificates.*.sha256 shared_certificates.*.subject shared_certificates.*.endpoints
shared_certificates.*.endpoints_cut
shared_factors shared_factors.*.bits shared_factors.*.keys shared_factors.*.keys_cut shared_factors.*.endpoints
shared_factors.*.endpoints_cut
moduli_compared first_expiry first_expiry.not_after first_expiry.sha256 first_expiry.subject first_expiry.endpoints
first_expiry.endpoints_cut
""".split(),
}
WRONG_GROUP = [("schema", "tlsassay/2"), ("kind", "endpoint"), ("scope", "host"), ("endpoints_count", 0), ("limits", ["time"]),
               ("findings.*.state", "ok")]
WRONG_OF = {
    "name": WRONG_GROUP + [
        ("endpoints_count", 1), ("target.port", 65536), ("endpoints.*.family", "ipx"), ("endpoints.*.status", "fine"), ("endpoints.*.grade", "A++"),
        ("endpoints.*.certificates", ["00"]), ("differences.*.key", "Not A Key"), ("differences.*.values", []),
        ("differences.*.protocol", "TLS 1.2"), ("differences.*.values.*.endpoints", [])],
    "run": WRONG_GROUP + [
        ("shared_keys.*.certificates", ["00"]), ("shared_keys.*.endpoints", []), ("shared_certificates.*.sha256", "00"),
        ("shared_factors.*.bits", 1), ("shared_factors.*.keys", []), ("moduli_compared", -1), ("first_expiry.not_after", "2026-11-21")],
}


def validator():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    # The array form of the schema says little about where a record fails: records are checked one by one.
    record = {"$ref": "#/$defs/record", "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(schema), jsonschema.Draft202012Validator(record)


def documents(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if str(path).endswith(".ndjson"):
        return [json.loads(line) for line in text.splitlines() if line]
    return [json.loads(text)]


def floats(value):
    if isinstance(value, float):
        return True
    if isinstance(value, dict):
        return any(map(floats, value.values()))
    return isinstance(value, list) and any(map(floats, value))


def troubles(document, whole, record):
    """Sentences; none when the document is valid."""
    found = []
    for r in document if isinstance(document, list) else [document]:
        for e in record.iter_errors(r):
            found.append(f"{e.json_path}: {e.message[:200]}")
    if not found and not whole.is_valid(document):
        found.append("neither a record nor an array of records")
    if floats(document):
        found.append("has a number that is not an integer")
    return found


def validate(paths):
    whole, record = validator()
    failed = 0
    for path in paths:
        for document in documents(path):
            for trouble in troubles(document, whole, record):
                print(f"{path}: {trouble}")
                failed += 1
    return failed


def holder(value, steps):
    """The map that has the last step of the path; None when this part of the document has none."""
    step, rest = steps[0], steps[1:]
    if step == "*":
        found = (holder(entry, rest) for entry in value) if isinstance(value, list) else ()
        return next((h for h in found if h is not None), None)
    if not rest:
        return value if isinstance(value, dict) else None
    return holder(value[step], rest) if isinstance(value, dict) and step in value else None


def mutants(document, path):
    """(what was done, document) for one fixed key: taken out, and given each JSON type that it never has."""
    key = path.split(".")[-1]
    for name, value in [("missing", None), ("a list of a map of a map", [{"x": {"x": {}}}]), ("a half", 0.5)]:
        d = copy.deepcopy(document)
        h = holder(d, path.split("."))
        if h is None or key not in h:
            sys.exit(f"{path}: the document has no such key; it must be rich in everything")
        if name == "missing" and path in ADDED:
            continue
        if name == "missing":
            del h[key]
        else:
            h[key] = value
        yield f"{path} is {name}", d


def saved_before(document):
    """As it was written before the later keys came."""
    d = copy.deepcopy(document)
    del d["simulation"]
    for entry in d["grade"]["ledger"]:
        del entry["loses"]
    return d


def mutate(path):
    whole, record = validator()
    [document] = documents(path)
    if troubles(document, whole, record):
        return validate([path])
    if not isinstance(document, list) and troubles(saved_before(document), whole, record):
        print("a report without the later keys is refused")
        return 1
    return sum(mutate_one(d, whole) for d in (document if isinstance(document, list) else [document]))


def mutate_one(document, whole):
    scope = document.get("scope")
    tried, failed = 0, 0
    changed = [m for p in FIXED_OF.get(scope, FIXED) for m in mutants(document, p)]
    for p, value in WRONG_OF.get(scope, WRONG):
        d = copy.deepcopy(document)
        holder(d, p.split("."))[p.split(".")[-1]] = value
        changed.append((f"{p} is {value!r}", d))
    for what, d in changed:
        tried += 1
        # The schema must refuse by itself, without the check for floats that documents get on top.
        if whole.is_valid(d) or (tried % 10 == 0 and whole.is_valid([document, d])):
            print(f"not refused: {what}")
            failed += 1
    print(f"{tried} mutants of {scope or document['kind']}, {failed} not refused")
    return failed + (tried < 30)


def observations(path):
    defs = json.loads(SCHEMA.read_text())["$defs"]
    failed = 0
    rows = re.findall(r'^OBS\(\w+, (\w+), "([^"]+)"', pathlib.Path(path).read_text(), re.M)
    for kind in ("TRI", "NUMBER", "TEXT", "CODES", "NAMES"):
        want, have = {k for t, k in rows if t == kind}, set(defs[f"{kind.lower()}_keys"]["enum"])
        for key in sorted(want ^ have):
            print(f"{key}: {'not in the schema' if key in want else 'only in the schema'} ({kind.lower()}_keys)")
            failed += 1
    return failed + (not rows)


def reasons(path):
    have = set(json.loads(SCHEMA.read_text())["$defs"]["simulated"]["properties"]["reason"]["enum"]) - {None}
    want = set(re.findall(r'^SIM\(\w+, "([^"]+)"', pathlib.Path(path).read_text(), re.M)) - {"none"}
    for word in sorted(want ^ have):
        print(f"{word}: {'not in the schema' if word in want else 'only in the schema'}")
    return len(want ^ have) + (not want)


def main(args):
    if len(args) == 2 and args[0] == "--mutate":
        return mutate(args[1])
    if len(args) == 2 and args[0] == "--observations":
        return observations(args[1])
    if len(args) == 2 and args[0] == "--reasons":
        return reasons(args[1])
    if not args or args[0].startswith("-"):
        sys.exit(__doc__)
    return validate(args)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
