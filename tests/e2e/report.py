"""One record of `tlsassay --json`, asked in the words of a case file, and the program itself."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def program():
    """The program under test: $TLSASSAY, else the build that is there."""
    candidates = [os.environ.get("TLSASSAY", ""), *(ROOT / "build" / b / "tlsassay" for b in ("dev", "release"))]
    for c in candidates:
        if c and os.access(c, os.X_OK):
            return str(c)
    sys.exit("no program: build it, or name it in TLSASSAY")


def run(*args, timeout=180, input=None):
    return subprocess.run([program(), *args], capture_output=True, text=True, timeout=timeout, errors="surrogateescape", input=input)


def run_twice(*args):
    """A scan with a JSON report on stdout; recorded, then played without any network: the same report, byte for byte."""
    with tempfile.TemporaryDirectory(prefix="tlsassay-twice.") as folder:
        tape = f"{folder}/tape"
        live = run("--record", tape, *args)
        again = run("--replay", tape, "--json")
    if (again.returncode, again.stdout) != (live.returncode, live.stdout):
        raise AssertionError(f"the replay of {args} differs: exit {again.returncode} after {live.returncode}, {again.stderr[-2000:]}")
    return live


class Names:
    """Every name of a suite, a group or a scheme, to its code: what `tlsassay list` says, or its table."""

    tables = {}

    @classmethod
    def of(cls, what):
        if what not in cls.tables:
            cls.tables[what] = cls.schemes() if what == "schemes" else cls.listed(what)
        return cls.tables[what]

    @staticmethod
    def listed(what):
        table = {}
        for row in json.loads(run("list", what, "--json").stdout):
            for name in (row["id"], row["what"], row["source"]):
                if name:
                    table.setdefault(name.lower(), row["id"])
        return table

    @staticmethod
    def schemes():
        rows = re.findall(r'code = 0x(\w{4}), \.name = "([^"]+)"', (ROOT / "scanner/tls/schemes.def").read_text())
        return {name.lower(): "0x" + code.upper() for code, name in rows}

    @classmethod
    def code(cls, what, name):
        if name.lower().startswith("0x"):
            return "0x" + name[2:].upper()
        if name.lower() not in cls.of(what):
            raise ValueError(f"no {what[:-1]} is called {name}")
        return cls.of(what)[name.lower()]


def schema_errors(text):
    """What the published schema says against this document: [] when all is well, or when no validator is there."""
    try:
        import jsonschema
    except ImportError:
        return []
    schema = json.loads((ROOT / "report/schema/tlsassay-1.schema.json").read_text())
    record = {"$ref": "#/$defs/record", "$defs": schema["$defs"]}
    check = jsonschema.Draft202012Validator(record)
    document = json.loads(text)
    errors = []
    for r in document if isinstance(document, list) else [document]:
        errors += [f"{e.json_path}: {e.message[:200]}" for e in check.iter_errors(r)]
    return errors


class Report:
    def __init__(self, record):
        self.record = record

    def list_of(self, key, protocol, certificate=None):
        """Codes, as the report lists them; None when there is no such list."""
        for entry in self.record[key]:
            if entry["protocol"] == protocol and (certificate is None or entry["certificate"] == certificate):
                return [item["id"] for item in entry["list"]]
        return None

    def order(self, key, protocol, certificate=None):
        for entry in self.record[key]:
            if entry["protocol"] == protocol and (certificate is None or entry["certificate"] == certificate):
                return entry["order"]
        return None

    def offered(self):
        return [p["name"] for p in self.record["protocols"] if p["offered"] == "yes"]

    def observations(self, key, protocol=None, certificate=None, sni=None, name=None):
        wanted = {"protocol": protocol, "certificate": certificate, "sni": sni, "name": name}
        return [o for o in self.record["observations"] if o["key"] == key
                and all(v is None or o.get(k) == v for k, v in wanted.items())]

    def unknowns(self):
        """What the report does not know: values, lists that are not whole, probes without an end."""
        out = []
        for o in self.record["observations"]:
            if o["value"] == "unknown" or "complete" in o:
                out.append(" ".join(str(o[k]) for k in ("key", "protocol", "certificate", "name", "reason") if k in o))
        return out + [f"probe {p['id']} {p['reason']}" for p in self.record["probes"] if p["state"] in ("unknown", "blocked")]
