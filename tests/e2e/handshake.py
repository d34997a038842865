#!/usr/bin/env python3
"""`tlsassay handshake` against real servers: exit status, the order of messages, both forms, and the schema.

    handshake.py     exit: 0 all well, 1 not; what is not installed is left out. TLSASSAY names the program.
"""
import json
import socket
import sys
import time

import report
from servers import Failed, Place, Server, Skip

SCHEMA = report.ROOT / "report/schema/tlsassay-handshake-1.schema.json"
LEGACY = ["-cipher ALL:@SECLEVEL=0"]

# name, recipe, words, lines, options of tlsassay, exit status, messages that come in this order, what must hold
CASES = [
    ("tls13", "s_server", {}, [], [], 0,
     "ClientHello ServerHello EncryptedExtensions Certificate CertificateVerify Finished Finished NewSessionTicket",
     {"protocol": "TLSv1.3", "signature": "right", "round_trips": 1, "resumes": True}),
    ("retry", "s_server", {}, ["-groups P-384"], [], 0, "ClientHello HelloRetryRequest ClientHello ServerHello Finished",
     {"group": "secp384r1", "round_trips": 2, "saving": "first_share"}),
    ("ecdhe", "s_server", {}, [], ["--version", "1.2", "--suite", "ECDHE-RSA-AES128-GCM-SHA256"], 0,
     "ServerHello Certificate ServerKeyExchange ServerHelloDone ClientKeyExchange ChangeCipherSpec Finished NewSessionTicket Finished",
     {"protocol": "TLSv1.2", "round_trips": 2, "saving": "tls13"}),
    ("a suite settles the version", "s_server", {}, [], ["--suite", "AES128-SHA"], 0,
     "Certificate ServerHelloDone ClientKeyExchange Finished", {"protocol": "TLSv1.2", "signature": "not_checked"}),
    ("dhe, old version", "s_server", {}, LEGACY, ["--version", "1.0", "--suite", "DHE-RSA-AES128-SHA"], 0,
     "ServerKeyExchange ClientKeyExchange Finished", {"protocol": "TLSv1.0", "signature": "right"}),
    ("client certificate required", "s_server", {}, ["-Verify 2 -verify_return_error -CAfile {cert:root.crt}"], [], 1,
     "CertificateRequest Certificate Finished Certificate Finished Alert", {"complete": True, "error": "ALERT", "stage": "afterwards"}),
    ("client certificate given", "s_server", {}, ["-Verify 2 -CAfile {cert:root.crt}"],
     ["--cert", "{cert:ecdsa.pem}", "--key", "{cert:ecdsa.key}"], 0, "CertificateRequest Finished Certificate CertificateVerify Finished",
     {"protocol": "TLSv1.3", "resumes": True}),
    ("root sent", "s_server", {"certs": "withroot"}, [], [], 0, "Certificate", {"saving": "root_sent"}),
    ("refused", "s_server", {}, ["-tls1_3"], ["--version", "1.2"], 1, "ClientHello Alert",
     {"error": "ALERT", "stage": "hello"}),
    ("no tickets", "nginx", {"certs": "ecdsa"}, ["ssl_session_tickets off; ssl_session_cache off;"], [], 0, "Finished",
     {"resumes": False, "saving": "resumption"}),
    ("a retry, taken up again with the right share", "s_server", {}, ["-groups P-384"], [], 0, "HelloRetryRequest",
     {"resumes": True, "resumed_trips": 1}),
    ("anonymous", "s_server", {"certs": "none"}, ["-cipher aNULL:@SECLEVEL=0"], ["--suite", "ADH-AES128-SHA"], 0,
     "ServerHello ServerKeyExchange Finished", {"signature": "not_checked", "saving": "resumption"}),
    ("rsa-pss key", "s_server", {"certs": "rsapss"}, [], [], 0, "Finished", {"saving": "ecdsa_chain"}),
    ("external psk", "s_server", {"certs": "none"}, ["-tls1_3 -psk 0102030405060708 -psk_identity me"],
     ["--psk", "me:0102030405060708"], 0, "ServerHello Finished Finished", {"no_saving": "resumption"}),
    ("a group leaves only what uses it", "s_server", {}, ["-tls1_2 -cipher AES128-SHA:@SECLEVEL=0"],
     ["-V", "1.2", "--group", "P-256"], 1, "ClientHello Alert", {"error": "ALERT"}),
    ("names in other forms", "s_server", {}, [], ["-V", "tls1.2", "--suite", "0xC02F", "--group", "P-256"], 0, "Finished",
     {"protocol": "TLSv1.2", "group": "secp256r1", "suite": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}),
    ("nginx 1.2", "nginx", {}, [], ["--version", "1.2"], 0, "ServerKeyExchange Finished", {"protocol": "TLSv1.2", "resumes": True}),
    ("gnutls", "gnutls", {}, [], [], 0, "ServerHello Finished", {"protocol": "TLSv1.3"}),
    ("gnutls 1.2", "gnutls", {}, [], ["--version", "1.2"], 0, "ServerKeyExchange Finished", {"protocol": "TLSv1.2"}),
    # It says user_canceled before it says goodbye: no refusal.
    ("java", "java", {}, [], [], 0, "ServerHello Finished Alert Alert", {"protocol": "TLSv1.3", "error": None}),
]


def validator():
    try:
        import jsonschema
    except ImportError:
        return None
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def invalid(document):
    check = validator()
    return [f"schema: {e.json_path}: {e.message[:200]}" for e in check.iter_errors(document)] if check else []


def in_order(names, wanted):
    rest = iter(names)
    return all(w in rest for w in wanted)


def text_wrong(args, document, status):
    """The text tells the same messages, within 80 columns and without control characters."""
    done = report.run("handshake", *args)
    wrong = [f"text: exit {done.returncode}"] if done.returncode != status else []
    lines = done.stdout.split("\n")
    wrong += [f"text: wider than 80: {line}" for line in lines if len(line) > 80]
    wrong += ["text: control characters"] if any(ord(c) < 32 for line in lines for c in line) else []
    told = [line.split(", ")[0].split()[-1] for line in lines if " client -> " in line or " server <- " in line]
    names = [m["message"] for m in document["full"]["messages"]]
    return wrong + ([f"text tells {told}"] if told != names and document["full"]["connected"] else [])


def holds(document, wanted):
    full = document["full"]
    for key, value in wanted.items():
        if key == "resumes":
            resumed = document["resumed"]
            yield key, bool(resumed and resumed["complete"] and resumed["resumed"]) == value
        elif key == "saving":
            yield key, value in [s["id"] for s in document["savings"]]
        elif key == "no_saving":
            yield key, value not in [s["id"] for s in document["savings"]]
        elif key == "resumed_trips":
            yield key, document["resumed"]["round_trips"] == value
        elif key == "error":
            yield key, (document["error"] or {}).get("code") == value
        elif key == "stage":
            yield key, document["error"] and document["error"]["stage"] == value
        else:
            yield key, full[key] == value


def told_wrong(args, status, order, wanted):
    done = report.run("handshake", "--json", *args)
    document = json.loads(done.stdout)
    names = [m["message"] for m in document["full"]["messages"]]
    wrong = [f"exit {done.returncode}, expected {status}: {done.stderr}"] if done.returncode != status else []
    wrong += invalid(document)
    wrong += [] if in_order(names, order.split()) else [f"messages: {names}"]
    wrong += [f"{key}: not so: {json.dumps({**document, 'full': {**document['full'], 'messages': []}})}"
              for key, well in holds(document, wanted) if not well]
    return wrong + text_wrong(args, document, done.returncode)


def case_wrong(place, case):
    _, recipe, words, lines, options, status, order, wanted = case
    with Server(place, recipe, words, lines) as server:
        return told_wrong([*(server.fill(o) for o in options), f"test.example@127.0.0.1:{server.port}"], status, order, wanted)


# ---- no peer ----------------------------------------------------------------------------------------------------------------


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def no_peer_wrong():
    """Exit 3, and the error in both forms: refused, and a name without an address."""
    wrong = []
    for target, code, stage in ((f"127.0.0.1:{closed_port()}", "REFUSED", "connect"), ("no-such-host.invalid", "DNS_NOT_FOUND", "dns")):
        done = report.run("handshake", "--json", target)
        document = json.loads(done.stdout)
        wrong += invalid(document)
        if done.returncode != 3 or document["error"]["code"] != code or document["error"]["stage"] != stage:
            wrong.append(f"{target}: exit {done.returncode}, {document['error']}")
        if document["full"] and document["full"]["handshake_ms"]:
            wrong.append(f"{target}: it took {document['full']['handshake_ms']} ms")
        done = report.run("handshake", target)
        if done.returncode != 3 or done.stdout or len(done.stderr.splitlines()) != 1:
            wrong.append(f"{target}: exit {done.returncode}, {done.stdout}{done.stderr}")
    return wrong


def usage_wrong():
    wrong = []
    for args in (["--suite", "no-such"], ["--group", "no-such"], ["--version", "9"], ["--version", "1.3", "--suite", "AES128-SHA"],
                 ["--version", "1.2", "--suite", "TLS_AES_128_GCM_SHA256"], ["--version", "1.0", "--suite", "AES128-GCM-SHA256"],
                 ["-o", "html"], ["127.0.0.2"], ["--suite", "PSK-AES128-CBC-SHA"],
                 ["--suite", "0x1301x"], ["--suite", "AES128-SHA", "--group", "P-256"], ["-V", "ssl3", "--group", "P-256"]):
        done = report.run("handshake", *args, "127.0.0.1:1")
        if done.returncode != 2 or done.stdout or len(done.stderr.splitlines()) != 1:
            wrong.append(f"{args}: exit {done.returncode}, {done.stdout}{done.stderr}")
    done = report.run("handshake", "--suite", "PSK-AES128-CBC-SHA", "127.0.0.1:1")
    if "give --psk" not in done.stderr:
        wrong.append(f"no word of --psk: {done.stderr}")
    for name in ("ssl3", "SSLv3", "SSL3", "v1.0", "TLS1"):
        done = report.run("handshake", "-V", name, f"127.0.0.1:{closed_port()}")
        if done.returncode != 3:
            wrong.append(f"-V {name}: exit {done.returncode}, {done.stderr}")
    return wrong


# ---- time, and many -----------------------------------------------------------------------------------------------------------


def silent_wrong():
    """--timeout 1 is one second."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        began = time.monotonic()
        done = report.run("handshake", "--timeout", "1", f"127.0.0.1:{s.getsockname()[1]}")
        took = time.monotonic() - began
    return [] if done.returncode == 1 and 0.9 < took < 1.9 else [f"exit {done.returncode} after {took:.1f} s: {done.stderr}"]


def repeated(port, *args):
    done = report.run("handshake", "--repeat", "3", "--json", *args, f"127.0.0.1:{port}")
    document = json.loads(done.stdout)
    return done.returncode, document, invalid(document)


def repeat_wrong(place):
    with Server(place, "s_server", {}, ["-tls1_3"]) as server:
        status, document, wrong = repeated(server.port)
        r = document["repeat"]
        if status or (r["asked"], r["count"], r["complete"], r["failures"]) != (3, 3, 3, []) or document["full"]:
            wrong.append(f"exit {status}: {document}")
        status, document, more = repeated(server.port, "-V", "1.2")
        r = document["repeat"]
        wrong += more
        if status != 1 or r["complete"] or [(f["count"], f["error"]["code"]) for f in r["failures"]] != [(3, "ALERT")]:
            wrong.append(f"exit {status}: {document}")
        text = report.run("handshake", "--repeat", "2", "-V", "1.2", f"127.0.0.1:{server.port}").stdout
        if "2 failed: ALERT: " not in text:
            wrong.append(f"does not say why: {text}")
        quiet = report.run("handshake", "-q", f"127.0.0.1:{server.port}").stdout
        if len(quiet.splitlines()) != 1 or not quiet.startswith("Both Finished"):
            wrong.append(f"-q: {quiet}")
    status, document, more = repeated(closed_port())
    r = document["repeat"]
    if status != 3 or (r["count"], r["complete"], document["error"]["code"]) != (1, 0, "REFUSED"):
        wrong.append(f"exit {status}: {document}")
    return wrong + more


def main():
    place, bad = Place(), 0
    for name, look in [("no peer", no_peer_wrong), ("usage", usage_wrong), ("silent", silent_wrong), ("repeat", lambda: repeat_wrong(place))] + \
            [(c[0], lambda c=c: case_wrong(place, c)) for c in CASES]:
        try:
            wrong = look()
        except Skip as e:
            print(f"skipped  {name}: {e}")
            continue
        except Failed as e:
            wrong = [str(e)]
        bad += bool(wrong)
        print(f"{'not ok ' if wrong else 'ok '} {name}", *wrong, sep="\n         " if wrong else "", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
