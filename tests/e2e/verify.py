#!/usr/bin/env python3
"""`tlsassay verify` beside `openssl verify -x509_strict`, on every chain of tests/unit/chains.def, and on input that is none.

    verify.py TLSASSAY CHAINS      exit: 0 all well, 1 not. CHAINS writes the chains (tests/e2e/chains.c).
    verify.py --table ...          and prints where the two differ, with the clause that decides

Where openssl decides otherwise, the row says why; a difference without a word fails, and so does a word without a difference.
"""
import base64
import concurrent.futures
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXIT = {"accept": 0, "reject": 1, "error": 2, "limit": 3}
LETTER = {"accept": "A", "reject": "R", "limit": "L", "error": "E"}
# What openssl says of a chain, in its own way, from 3.0 on; other versions may differ in rows with a word.
OPENSSL_KNOWN = "3.0."


def run(*command):
    p = subprocess.run(command, capture_output=True, timeout=60)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


def last_line(status, out, what):
    """The verdict of the last line on stdout, which agrees with the exit status."""
    answer = json.loads(out.splitlines()[-1])
    assert set(answer) == {"verdict", "reasons", "path"}, f"{what}: {answer}"
    assert EXIT[answer["verdict"]] == status, f"{what}: {answer} and status {status}"
    assert (answer["verdict"] == "accept") == (not answer["reasons"]), f"{what}: {answer}"
    assert all(re.fullmatch("[0-9a-f]{64}", p) for p in answer["path"]), f"{what}: {answer}"
    assert answer["path"] or answer["verdict"] != "accept", f"{what}: {answer}"
    return answer


def moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def ours(program, row, profile):
    folder = pathlib.Path(row["folder"])
    command = [program, "verify", "--chain", folder / "chain.pem", "--roots", folder / "roots.pem", "--at", moment(row["at"]),
               "--purpose", row["purpose"], "--profile", profile]
    command += ["--host", row["host"]] if row["host"] else []
    command += ["--crls", folder / "crls.pem"] if row["crls"] else []
    command += ["--max-depth", str(row["depth"])] if row["depth"] is not None else []
    status, out, err = run(*command)
    assert not err, f"{row['id']}: {err}"
    return last_line(status, out, row["id"]), out


def theirs(row):
    folder = pathlib.Path(row["folder"])
    command = ["openssl", "verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", folder / "roots.pem",
               "-untrusted", folder / "help.pem", "-attime", str(row["at"]), "-purpose", "ssl" + row["purpose"]]
    if row["host"]:
        address = re.fullmatch(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*", row["host"])
        command += ["-verify_ip" if address else "-verify_hostname", row["host"]]
    if row["crls"]:
        command += ["-crl_check_all", "-CRLfile", folder / "crls.pem"]
    command += ["-verify_depth", str(row["depth"])] if row["depth"] is not None else []
    status, out, err = run(*command, folder / "leaf.pem")
    return "A" if status == 0 else "R", " ".join((out + err).split())


def look_at(program, row):
    """Lines about what is wrong, and the difference from openssl if there is one."""
    wrong = []
    strict, text = ours(program, row, "strict")
    browser, _ = ours(program, row, "browser")
    if LETTER[strict["verdict"]] != row["strict"]:
        wrong.append(f"{row['id']}: strict {strict}, expected {row['strict']} by {row['clause']}")
    elif row["word"] and row["word"] not in strict["reasons"]:
        wrong.append(f"{row['id']}: strict {strict}, expected the reason {row['word']}")
    if LETTER[browser["verdict"]] != row["browser"]:
        wrong.append(f"{row['id']}: browser {browser}, expected {row['browser']}")
    verdict, said = theirs(row)
    differs = (verdict == "A") != (row["strict"] == "A")
    if differs and not row["openssl"]:
        wrong.append(f"{row['id']}: openssl {verdict}, ours {row['strict']}, and no word why ({row['clause']}): {said}")
    if not differs and row["openssl"] and VERSION.startswith(OPENSSL_KNOWN):
        wrong.append(f"{row['id']}: a word about openssl ({row['openssl']}) and no difference: {said}")
    return wrong, f"{row['id']:62} {row['strict']} {verdict}  {row['clause']}; openssl {row['openssl']}" if differs else None


# ---- input that is none ---------------------------------------------------------------------------------------------------


def pem(der, kind="CERTIFICATE"):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {kind}-----\n{text}-----END {kind}-----\n"


def der_of(text):
    return base64.b64decode("".join(text.splitlines()[1:-1]))


def large(leaf):
    """The leaf with an extension's worth of five megabytes behind its first octets: nobody is to read that."""
    body = leaf[4:] + bytes(5 * 1024 * 1024)
    return b"\x30\x84" + len(body).to_bytes(4, "big") + body


def odd_inputs(folder, good):
    leaf, roots = (good / "leaf.pem").read_text(), (good / "roots.pem").read_text()
    chain = (good / "chain.pem").read_text()

    def file(name, text):
        (folder / name).write_text(text)
        return folder / name

    whole, anchors = file("whole.pem", chain), file("anchors.pem", roots)
    both = lambda c, r=anchors: ["--chain", c, "--roots", r]
    return [
        ("a chain that is not there", both(folder / "none.pem"), "error"),
        ("roots that are not there", both(whole, folder / "none.pem"), "error"),
        ("a folder as chain", both(folder), "error"),
        ("an empty chain", both(file("empty.pem", "")), "error"),
        ("text without PEM", both(file("text.pem", "no certificate\n")), "error"),
        ("base64 that is none", both(file("base.pem", chain.replace("MII", "M!I", 1))), "error"),
        ("no END line", both(file("end.pem", leaf.split("-----END")[0])), "error"),
        ("a key instead of roots", both(whole, file("key.pem", pem(b"x", "PRIVATE KEY"))), "error"),
        ("PEM of no certificate", both(file("noise.pem", pem(b"no DER at all"))), "reject"),
        ("a leaf of five megabytes", both(file("large.pem", pem(large(der_of(leaf))))), "limit"),
        ("five megabytes behind a good chain", both(file("behind.pem", chain + pem(large(der_of(leaf))))), "accept"),
        ("five megabytes and no way up", both(file("lost.pem", leaf + pem(large(der_of(leaf))))), "limit"),
        ("a chain above the limit of a file", both(file("huge.pem", chain + "#" * (33 << 20))), "limit"),
        ("2000 certificates", both(file("many.pem", leaf + (leaf * 2000))), "limit"),
        ("CRLs that are not there", both(whole) + ["--crls", folder / "none.pem"], "error"),
        ("no CRL in the file", both(whole) + ["--crls", whole], "reject"),
        ("a CRL that is none", both(whole) + ["--crls", file("crl.pem", pem(b"x", "X509 CRL"))], "reject"),
        ("a host that is none", both(whole) + ["--host", "a b"], "error"),
        ("a host outside of ASCII", both(whole) + ["--host", "b\u00fccher.example"], "error"),
        ("a time that is none", both(whole) + ["--at", "yesterday"], "error"),
        ("a use that is none", both(whole) + ["--purpose", "mail"], "error"),
        ("a profile that is none", both(whole) + ["--profile", "lax"], "error"),
        ("no roots", ["--chain", whole], "error"),
        ("a fraction of a second", both(whole) + ["--at", moment(AT).replace("Z", ".999Z")], "accept"),
        ("a time in a zone", both(whole) + ["--at", moment(AT).replace("Z", "+00:30")], "accept"),
        ("all well", both(whole), "accept"),
    ]


def check_inputs(program, folder, good):
    wrong = []
    for what, options, expected in odd_inputs(folder, good):
        options = options if "--at" in map(str, options) else options + ["--at", moment(AT)]
        status, out, err = run(program, "verify", *options)
        try:
            answer = last_line(status, out, what)
        except (AssertionError, ValueError, IndexError) as e:
            wrong.append(f"{what}: {e}: {out!r} {err!r}")
            continue
        if answer["verdict"] != expected or (expected == "error" and not err) or (expected in ("accept", "reject") and err):
            wrong.append(f"{what}: {answer}, expected {expected}; {err!r}")
    return wrong


def check_escapes(program, folder, good):
    """A subject with terminal escapes, markup and right-to-left marks is shown harmlessly."""
    der = der_of((good / "leaf.pem").read_text())
    assert b"A server" in der
    evil = der.replace(b"A server", "\x1b]0;\u202e<".encode(), 1)
    path = folder / "evil.pem"
    path.write_text(pem(evil))
    _, out, _ = run(program, "verify", "--chain", path, "--roots", good / "roots.pem", "--at", moment(AT))
    return ["raw escapes on stdout"] if "\x1b" in out or "\u202e" in out else []


def main():
    global VERSION, AT
    args = [a for a in sys.argv[1:] if a != "--table"]
    if not shutil.which("openssl"):
        print("openssl is not installed")
        return 77
    VERSION = run("openssl", "version")[1].split()[1]
    with tempfile.TemporaryDirectory() as d:
        folder = pathlib.Path(d)
        _, out, _ = run(args[1], d)
        rows = [json.loads(line) for line in out.splitlines()]
        assert len(rows) >= 200
        AT = rows[0]["at"]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda row: look_at(args[0], row), rows))
        wrong = [line for lines, _ in answers for line in lines]
        wrong += check_inputs(args[0], folder, pathlib.Path(rows[0]["folder"]))
        wrong += check_escapes(args[0], folder, pathlib.Path(rows[0]["folder"]))
    if "--table" in sys.argv:
        print("\n".join(line for _, line in answers if line))
    print("\n".join(wrong))
    print(f"{len(rows)} chains, {sum(1 for _, line in answers if line)} on which openssl {VERSION} differs, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
