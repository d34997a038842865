#!/usr/bin/env python3
"""CAA, TLSA and HTTPS records: nginx, and a DNS of its own on loopback, signed from its own root down.

    dns.py          exit 0: all well, 1: not, 77: something it needs is not installed

nsd serves the root and the zones below it; the program is told where it is (--resolver) and whom to trust
(--dnssec-anchor). Silent, failing and hostile resolvers are a few lines of Python.
"""
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import report
from servers import Place, Server, Skip, find_program, free_port

SOA = "@ 300 IN SOA ns.example. me.example. 1 3600 600 86400 300\n@ 300 IN NS ns.example.\n"
FAILED = []


def check(what, got, wanted):
    if got != wanted:
        FAILED.append(f"{what}: {got!r}, expected {wanted!r}")


# ---- zones ---------------------------------------------------------------------------------------------------------------


def tool(folder, *argv):
    done = subprocess.run([find_program(argv[0]), *argv[1:]], cwd=folder, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{argv}: {done.stderr}")
    return done.stdout.strip()


def sign(folder, zone, text):
    """Signs; gives the DS record for the zone above."""
    key = tool(folder, "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone)
    (folder / f"{zone}zone").write_text(text)
    # The keys have their own records: ldns-signzone puts them in.
    tool(folder, "ldns-signzone", "-o", zone, "-f", f"{zone}signed", f"{zone}zone", key)
    return (folder / f"{key}.ds").read_text()


class Dns:
    """nsd with these zones: {name with its dot: (records, how)}; how: signed, plain, bogus (signed, then changed)."""

    def __init__(self, place, zones):
        self.dir, self.port = place.folder("nsd"), free_port()
        root = f"$ORIGIN .\n{SOA}ns.example. 300 IN A 127.0.0.1\n"
        files = {}
        for zone, (records, how) in zones.items():      # a zone stands before the one that it is delegated from
            text = f"$ORIGIN {zone}\n{SOA}{records}"
            for child, ds in list(files.items()):
                if child.endswith("." + zone):
                    text += f"{child} 300 IN NS ns.example.\n{ds[1]}"
                    files[child] = (ds[0], "", True)
            if how == "plain":
                (self.dir / f"{zone}zone").write_text(text)
                files[zone] = (f"{zone}zone", "", False)
                continue
            ds = sign(self.dir, zone, text)
            if how == "bogus":
                self.spoil(zone)
            files[zone] = (f"{zone}signed", ds, False)
        for zone, (_, ds, delegated) in files.items():
            if not delegated:
                root += f"{zone} 300 IN NS ns.example.\n{ds}"
        (self.dir / "anchor").write_text(sign(self.dir, ".", root))
        files["."] = (".signed", "", True)
        self.start(files)

    def spoil(self, zone):
        """Other records than those that were signed."""
        path = self.dir / f"{zone}signed"
        path.write_text(path.read_text().replace("letsencrypt.org", "other.example"))

    def start(self, files):
        zones = "".join(f"zone:\n name: {zone}\n zonefile: {self.dir}/{row[0]}\n" for zone, row in files.items())
        (self.dir / "nsd.conf").write_text(
            f'server:\n ip-address: 127.0.0.1@{self.port}\n username: ""\n chroot: ""\n zonesdir: "{self.dir}"\n'
            f' database: ""\n pidfile: "{self.dir}/pid"\n xfrdfile: "{self.dir}/xfrd"\n xfrdir: "{self.dir}"\n'
            f' zonelistfile: "{self.dir}/list"\n server-count: 1\n hide-version: yes\nremote-control:\n control-enable: no\n{zones}')
        with open(self.dir / "log", "wb") as log:
            self.child = subprocess.Popen([find_program("nsd"), "-d", "-c", str(self.dir / "nsd.conf")], stdout=log,
                                          stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise RuntimeError((self.dir / "log").read_text())
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("nsd does not listen")

    def stop(self):
        self.child.terminate()
        self.child.wait(10)


# ---- resolvers that are none ------------------------------------------------------------------------------------------------


class Fake:
    """A resolver of a few lines: `answer` makes the reply of a query, or None."""

    def __init__(self, answer):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port, self.answer, self.asked = self.socket.getsockname()[1], answer, 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            reply = self.answer(query)
            if reply:
                self.socket.sendto(reply, peer)

    def stop(self):
        self.socket.close()


def servfail(query):
    return query[:2] + b"\x81\x82" + query[4:6] + b"\0\0\0\0\0\0" + question_of(query)


def garbage(query):
    return query[:2] + b"\x81\x80" + query[4:6] + b"\xff\xff\xff\xff\0\0" + question_of(query) + b"\xc0\x0c" * 200


def question_of(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    return query[12:end + 5]


# ---- scans -------------------------------------------------------------------------------------------------------------------


class Scan:
    def __init__(self, host, port, resolver, anchor=None, *more):
        args = ["--json", "--resolver", f"127.0.0.1:{resolver}", *more, f"{host}@127.0.0.1:{port}"]
        if anchor:
            args[1:1] = ["--dnssec-anchor", str(anchor)]
        begin = time.monotonic()
        self.done = report.run_twice(*args)
        self.seconds = time.monotonic() - begin
        self.host, self.args = host, args
        if not self.done.stdout.startswith("["):
            raise RuntimeError(f"{host}: {self.done.returncode} {self.done.stderr[-2000:]}")
        errors = report.schema_errors(self.done.stdout)
        check(f"{host}: schema", errors, [])
        self.record = json.loads(self.done.stdout)[0]
        check(f"{host}: exit", (self.done.returncode, self.record["status"]), (0, "ok"))

    def obs(self, key, name=None):
        return [o for o in self.record["observations"] if o["key"] == key and (name is None or o.get("name") == name)]

    def value(self, key, name=None):
        found = [o["value"] for o in self.obs(key, name)]
        return found[0] if len(set(map(str, found))) == 1 else found

    def dnssec(self, what):
        o = self.obs("dns.dnssec", what)[0]
        return o["value"] if "reason" not in o else o["reason"]

    def finding(self, name):
        return next(f["state"] for f in self.record["findings"] if f["id"] == name)

    def expect(self, **wanted):
        """key with _ for its first dot; f_..: a finding; dnssec_..: a state."""
        for key, value in wanted.items():
            if key.startswith("f_"):
                got = self.finding("dns." + key[2:])
            elif key.startswith("dnssec_"):
                got = self.dnssec(key[7:])
            else:
                got = self.value("dns." + key)
            check(f"{self.host}: {key}", got, value)

    def stable(self):
        again = json.loads(report.run(*self.args).stdout)[0]
        for key in self.record:
            if key != "scan":
                check(f"{self.host}: {key} again", again[key], self.record[key])


def hash_of(server, cert, what):
    pem = ["openssl", "x509", "-in", server.cert(cert)]
    if what == "key":
        public = subprocess.run([*pem, "-noout", "-pubkey"], capture_output=True, check=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, capture_output=True, check=True).stdout
    else:
        der = subprocess.run([*pem, "-outform", "DER"], capture_output=True, check=True).stdout
    return hashlib.sha256(der).hexdigest(), hashlib.sha512(der).hexdigest(), der.hex()


def zones_for(s):
    key, key512, _ = hash_of(s, "rsa.crt", "key")
    leaf, _, whole = hash_of(s, "rsa.crt", "cert")
    root, _, root_whole = hash_of(s, "root.crt", "cert")
    two, _, _ = hash_of(s, "two.crt", "key")
    wrong = "00" * 32

    def tlsa(name, *records):
        return "".join(f"_{s.port}._tcp.{name} 300 IN TLSA {r}\n" for r in records)

    def https(name, *records):
        return "".join(f"_{port}._https.{name} 300 IN TYPE65 {r}\n" for r in records for port in (s.port, s.plain))

    signed = ("@ 300 IN CAA 0 issue \"letsencrypt.org\"\n@ 300 IN CAA 0 issuewild \";\"\n@ 300 IN CAA 0 iodef \"mailto:me@x.example\"\n"
              "none.sub 300 IN A 127.0.0.1\n"
              "strange 300 IN CAA 128 tbs \"Unknown\\\"\"\nstrange 300 IN CAA 0 issue \"CA.example ; a=b\"\n"
              + tlsa("ee", f"3 1 1 {key}", f"3 1 1 {wrong}") + tlsa("ee512", f"3 1 2 {key512}") + tlsa("eewhole", f"3 0 0 {whole}")
              + tlsa("wrong", f"3 1 1 {wrong}", f"2 0 1 {wrong}") + tlsa("ta", f"2 1 1 {two}") + tlsa("taroot", f"2 0 0 {root_whole}")
              + tlsa("tahash", f"2 0 1 {root}")
              + tlsa("pkix", f"1 0 1 {leaf}") + tlsa("pkixta", f"0 0 1 {root}") + tlsa("unusable", f"9 9 9 {wrong}", "3 1 1 00")
              + https("good", svc(1, ".", (1, b"\x02h2\x08http/1.1"), (4, bytes([127, 0, 0, 1])), (6, bytes(15) + b"\1")))
              + https("h3", svc(1, ".", (1, b"\x02h3\x02h2"), (2, b""), (5, b"\0\x04abcd")))
              + https("old", svc(1, "."))
              + https("alias", svc(0, f"_{s.plain}._https.good.test.example."))
              + https("loop", svc(0, f"_{s.port}._https.loop.test.example."))
              + https("else", svc(1, "cdn.example.", (1, b"\x02h3"), (3, b"\x20\xfb")))
              + https("must", svc(1, ".", (0, b"\0\x01"), (1, b"\x02h2"))))
    plain = "@ 300 IN CAA 0 issue \"letsencrypt.org\"\n" + tlsa("@", f"3 1 1 {wrong}").replace(".@ ", " ") + https("broken", svc(1, ".", (3, b"\1")))
    bogus = ("@ 300 IN CAA 0 issue \"letsencrypt.org\"\n" + tlsa("@", f"3 1 1 {wrong}").replace(".@ ", " "))
    return {"plain.test.example.": (plain, "plain"), "bogus.test.example.": (bogus, "bogus"), "test.example.": (signed, "signed")}


def svc(priority, target, *params):
    name = b"".join(bytes([len(x)]) + x.encode() for x in target.split(".") if x) + b"\0"
    body = priority.to_bytes(2, "big") + name + b"".join(
        k.to_bytes(2, "big") + len(v).to_bytes(2, "big") + v for k, v in params)
    return f"\\# {len(body)} {body.hex()}"


def found(s, dns):
    """Every row: a host, and what must be found there."""
    def scan(host, *more, port=s.port):
        return Scan(f"{host}.test.example", port, dns.port, dns.dir / "anchor", *more)

    inherited = ['0 iodef "mailto:me@x.example"', '0 issue "letsencrypt.org"', '0 issuewild ";"']
    one = scan("none.sub")
    one.expect(dnssec_caa="secure", dnssec_tlsa="secure", dnssec_https="secure", caa=inherited, caa_issue=["letsencrypt.org"],
               caa_issuewild=[], tlsa=[], https=[], f_tlsa_mismatch="not_applicable", f_caa_none="pass", f_bogus="pass")
    check("where CAA stands", one.obs("dns.caa")[0]["name"], "test.example")
    one.stable()
    scan("strange").expect(caa=['0 issue "CA.example ; a=b"', '128 tbs "Unknown\\""'],
                           caa_issue=["ca.example"], caa_critical=["tbs"], f_caa_critical="fail")
    for host in ("ee", "ee512", "eewhole", "ta", "taroot"):
        scan(host).expect(dnssec_tlsa="secure", tlsa_match="yes", f_tlsa_mismatch="pass")
    ca = ("--ca-file", s.cert("root.crt"))
    for host in ("pkix", "pkixta"):
        scan(host, *ca).expect(tlsa_match="yes", f_tlsa_mismatch="pass")
    for host in ("wrong", "pkix", "tahash"):    # not trusted by a store; the root's hash, which is not sent
        scan(host).expect(dnssec_tlsa="secure", tlsa_match="no", f_tlsa_mismatch="fail")
    scan("unusable").expect(tlsa_match="not_applicable", f_tlsa_mismatch="not_applicable")
    plain = scan("plain")
    plain.expect(dnssec_tlsa="insecure", dnssec_caa="insecure", tlsa_match="no", f_tlsa_mismatch="not_applicable",
                 f_tlsa_insecure="fail", caa=['0 issue "letsencrypt.org"'])
    # The CAA record alone was changed behind its signature: the others of the zone count.
    scan("bogus").expect(dnssec_caa="DNS_BOGUS", dnssec_tlsa="secure", caa=[], f_bogus="fail", f_caa_none="unknown",
                         tlsa_match="no", f_tlsa_mismatch="fail")

    good = scan("good", port=s.plain)
    good.expect(https_alpn=["h2", "http/1.1"], https_ech="no", f_https_alpn="pass",
                https=["1 . alpn=h2,http/1.1 ipv4hint=127.0.0.1 ipv6hint=0:0:0:0:0:0:0:1"])
    scan("h3", port=s.plain).expect(https_alpn=["h3", "h2"], https_ech="yes", f_https_alpn="pass",
                      https=["1 . alpn=h3,h2 no-default-alpn ech=(6 bytes)"])
    scan("old").expect(https_alpn=["http/1.1"], f_https_alpn="not_applicable")
    alias = scan("alias")
    check("alias", sorted(o["value"] for o in alias.obs("dns.https")),
          [[f"0 _{s.plain}._https.good.test.example"], good.value("dns.https")])
    check("alias alpn", alias.obs("dns.https_alpn"), [])
    loop = scan("loop")
    loop.expect(dnssec_https="secure")
    check("loop ends", "DNS_LOOP" in [o.get("reason") for o in loop.obs("dns.https")], True)
    broken = scan("broken.plain")     # ldns would not sign it
    check("broken", broken.obs("dns.https")[0].get("reason"), "MALFORMED")
    scan("else").expect(https=["1 cdn.example alpn=h3 port=8443"], https_alpn=[])
    scan("must").expect(https=["1 . mandatory=key1 alpn=h2"])


def promised(s, dns):
    """A record that promises more than nginx has."""
    scan = Scan("h3.test.example", s.port, dns.port, dns.dir / "anchor")
    check("alpn not served", (scan.value("ext.alpn"), scan.finding("dns.https_alpn")), (["http/1.1", "http/1.0"], "fail"))


def text(s, dns):
    out = report.run("--resolver", f"127.0.0.1:{dns.port}", "--dnssec-anchor", str(dns.dir / "anchor"),
                     f"wrong.test.example@127.0.0.1:{s.port}").stdout
    for word in ("letsencrypt.org", "dns.tlsa_mismatch", "secure"):
        check(f"text has {word}", word in out, True)


def without_a_resolver(s, dns):
    for answer, reason, seconds in ((lambda q: None, "DNS_TIMEOUT", 6), (servfail, "DNS_FAILED DNS_TIMEOUT", 6),
                                    (garbage, "DNS_FAILED DNS_TIMEOUT", 6)):
        fake = Fake(answer)
        scan = Scan("ee.test.example", s.port, fake.port, dns.dir / "anchor", "--probe", "suites.tls13,dns")
        fake.stop()
        for what in ("caa", "tlsa", "https"):
            check(f"{reason}: {what}", scan.dnssec(what) in reason.split(), True)
        check(f"{reason}: bounded ({scan.seconds:.1f} s)", scan.seconds < seconds, True)
        check(f"{reason}: it was asked", fake.asked > 0, True)
        check(f"{reason}: findings", {scan.finding("dns." + f) for f in ("bogus", "tlsa_mismatch", "caa_none")}, {"unknown"})
    nobody = Scan("ee.test.example", s.port, free_port(), dns.dir / "anchor", "--probe", "suites.tls13,dns")
    check("nobody listens", nobody.dnssec("caa") in ("DNS_FAILED", "DNS_TIMEOUT") and nobody.seconds < 6, True)


def stripped(s, place, signed):
    """A resolver that knows nothing of DNSSEC is not taken for a forger."""
    bare = Dns(place, {"test.example.": ("@ 300 IN CAA 0 issue \"letsencrypt.org\"\n", "plain")})
    try:
        scan = Scan("ee.test.example", s.port, bare.port, signed.dir / "anchor")
        scan.expect(dnssec_caa="DNS_NO_DNSSEC", f_bogus="unknown")
    finally:
        bare.stop()


def not_asked(s):
    """Names of special use, addresses and single labels are nobody's to look up."""
    for target in (f"ee.test.example@127.0.0.1:{s.port}", f"127.0.0.1:{s.port}", f"localhost@127.0.0.1:{s.port}"):
        done = report.run("--json", "--probe", "suites.tls13,dns", target)
        record = json.loads(done.stdout)[0]
        states = {p["id"]: (p["state"], p["reason"]) for p in record["probes"] if p["id"].startswith("dns.")}
        check(target, set(states.values()), {("skipped", "NO_PUBLIC_NAME")})
        check(target, [o for o in record["observations"] if o["key"].startswith("dns.")], [])


def usage():
    for args, words in ((["--resolver", "x"], "--resolver"), (["--resolver", "127.0.0.1:0"], "--resolver"),
                        (["--dnssec-anchor", "/nowhere"], "/nowhere"), (["--dnssec-anchor", __file__], "anchors")):
        done = report.run(*args, "127.0.0.1:9")
        check(f"{args}: exit", (done.returncode, done.stdout), (2, ""))
        check(f"{args}: says", words in done.stderr, True)


def main():
    place, dns, servers = Place(), None, []
    if b"libunbound.so" not in pathlib.Path(report.program()).read_bytes():     # it is opened when it is needed
        print("built without libunbound")
        return 77
    try:
        find_program("nsd"), find_program("ldns-signzone")
        with Server(place, "nginx", {"certs": "rsa"}, ["ssl_protocols TLSv1.2 TLSv1.3; listen 127.0.0.1:{plain} ssl http2;"]) as s:
            dns = Dns(place, zones_for(s))
            found(s, dns)
            promised(s, dns)
            text(s, dns)
            without_a_resolver(s, dns)
            stripped(s, place, dns)
            not_asked(s)
            usage()
    except Skip as e:
        print(e)
        return 77
    finally:
        if dns:
            dns.stop()
        place.close()
    print("\n".join(FAILED))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
