#!/usr/bin/env python3
"""Write scanner/tls/clients.def from profiles of TLS clients.

    gen_clients.py clients.json [OUT]

clients.json has one object a client: lists of numbers read out of the ClientHellos that it sends, and the limits it
sets. OUT is scanner/tls/clients.def of this checkout unless given. Equal lists are written once. The result is
committed, so a build needs neither this nor the JSON; it is run again when there are newer clients.
"""

import json
import pathlib
import sys

HEAD = """\
/*
 * LIST(name, codes..)      a list that at least one client sends
 * NAMES(name, texts..)     the same, of application protocols
 * CLIENT(.field = value..) a client; struct client in clients.h
 *
 * Written by tools/gen_clients.py: what the ClientHellos of these clients offer, without GREASE, and the limits that the
 * clients are known to set. Facts alone were taken, lists of numbers, no text and no code. Sources: the client simulation
 * data of testssl.sh as of 2026-05-18 (source "testssl", whose older entries came from the getClients call of SSL Labs,
 * and newer ones from captures), and the signatures of curl-impersonate as of 2026-08-08 (MIT).
 */
"""
VERSIONS = {"ssl2": "VER_SSL2", "ssl3": "VER_SSL3", "tls1": "VER_TLS10", "tls1_1": "VER_TLS11", "tls1_2": "VER_TLS12",
            "tls1_3": "VER_TLS13"}
SENT = ("ciphers", "groups", "key_shares", "sigalgs", "supported_versions")
FIELDS = {"ciphers": "suites", "groups": "groups", "key_shares": "shares", "sigalgs": "schemes",
          "supported_versions": "versions"}
LIMITS = ("min_dh", "max_dh", "min_rsa", "max_rsa", "min_ecdsa")


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def wrapped(head, items):
    """LIST(name, a, b ..) over as many lines as it needs."""
    lines, line = [], head
    for i, item in enumerate(items):
        piece = item + (")" if i == len(items) - 1 else ",")
        if len(line) + len(piece) > 108:
            lines.append(line.rstrip())
            line = "\t"
        line += piece + " "
    return "\n".join(lines + [line.rstrip()])


class Lists:
    """Lists by what they hold, named in the order of their first use."""

    def __init__(self):
        self.names, self.rows = {}, []

    def name(self, kind, items, macro="LIST"):
        key = (kind, tuple(items))
        if key not in self.names:
            self.names[key] = "%s_%d" % (kind, sum(k == kind for k, _ in self.names) + 1)
            self.rows.append(wrapped("%s(%s, " % (macro, self.names[key]), items))
        return self.names[key]


def codes(texts):
    return ["0x" + t for t in texts]


def extensions(client):
    return ["%d" % e for e in client["extensions"] if e != "GREASE"]


def is_reference(client):
    """Those of the rating guide: Chrome, Firefox but not its ESR, Safari; IE on Windows 7. Such as speak TLS 1.3, for older
    ones are no longer what anybody is expected to use; of IE the last."""
    if client["family"] == "IE":
        return client["id"] == "ie_11_win7"
    return client["family"] in ("Chrome", "Firefox", "Safari") and "ESR" not in client["name"] and client["max"] == "tls1_3"


def fields(client, lists):
    yield ".id", quoted(client["id"].lower())
    yield ".name", quoted(client["name"])
    yield ".family", quoted(client["family"])
    yield ".source", quoted(client["source"])
    for flag, value in (("current", client["current"]), ("reference", is_reference(client)), ("sni", client["sni"]),
                        ("ssl2_form", client["format"] != "tls"), ("wants_sha2", client.get("requires_sha2")),
                        ("deflate", 1 in client.get("compression", []))):
        if value:
            yield "." + flag, "true"
    yield ".oldest", VERSIONS[client.get("min") or "ssl2"]
    yield ".newest", VERSIONS[client["max"]]
    for key in SENT:
        if client.get(key):
            yield "." + FIELDS[key], "OF(%s)" % lists.name(FIELDS[key], codes(client[key]))
    if extensions(client):
        yield ".extensions", "OF(%s)" % lists.name("extensions", extensions(client))
    if client.get("alpn"):
        yield ".alpn", lists.name("alpn", [quoted(a) for a in client["alpn"]], "NAMES")
    for key in LIMITS:
        if client.get(key):
            yield "." + key, "%d" % client[key]


def main():
    source = pathlib.Path(sys.argv[1])
    home = pathlib.Path(__file__).resolve().parent.parent
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else home / "scanner/tls/clients.def"
    lists = Lists()
    rows = [wrapped("CLIENT(", ["%s = %s" % f for f in fields(c, lists)]) for c in
            sorted(json.loads(source.read_text())["clients"], key=lambda c: c["id"].lower())]
    out.write_text("\n".join([HEAD.rstrip(), *lists.rows, "", *rows]) + "\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main()
