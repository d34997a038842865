#!/usr/bin/env python3
"""What --fetch brings: OCSP responders, CRL servers and issuers' URLs of every kind, sound and broken, behind real TLS servers.

    fetch.py     exit: 0 all well, 1 not, 77: a program is missing. TLSASSAY names the program.

The responder is `openssl ocsp` where a state is to be told, and a small server of our own where something goes wrong. A row
is a certificate that names URLs, and what must come out: (name, state, reason) of each cert.revocation_status of the leaf.
"""
import concurrent.futures
import dataclasses
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import time

import report
from servers import RECIPES, Command, Failed, Place, Server, Skip, find_program, free_port

TIMEOUT = 2     # --timeout; a fetch may take that long, a CRL twice
SLACK = 4       # seconds of a busy machine


class Wrong(Exception):
    pass


def openssl(folder, *args, check=True):
    done = subprocess.run(["openssl", *args], cwd=folder, capture_output=True, text=True, timeout=120)
    if check and done.returncode:
        raise Wrong(f"openssl {' '.join(args)}: {done.stderr}")
    return done


# ---- certificates ----------------------------------------------------------------------------------------------------------

CA_CONF = """
[ca]
default_ca = test
[test]
database = {name}.index
serial = {name}.serial
crlnumber = {name}.crlnumber
new_certs_dir = .
certificate = {name}.crt
private_key = {name}.key
default_md = sha256
default_crl_days = 7
crl_extensions = crl
policy = any
unique_subject = no
[any]
commonName = supplied
[crl]
authorityKeyIdentifier = keyid
"""
CA_EXT = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
NAMES = "subjectAltName=DNS:test.example\n"


class Authority:
    """root -> inter -> leaves, all by `openssl ca`, which keeps the index that `openssl ocsp` answers from."""

    def __init__(self, folder, base):
        self.dir, self.base, self.n = pathlib.Path(folder), base, 0
        self.authority("root", None, CA_EXT)
        self.authority("inter", "root", CA_EXT + f"authorityInfoAccess=caIssuers;URI:{base}/root.der\n")
        self.authority("dead", "root", CA_EXT + f"crlDistributionPoints=URI:{base}/root.crl\n")
        self.authority("stranger", None, CA_EXT)

    def authority(self, name, issuer, ext):
        for file, text in ((f"{name}.index", ""), (f"{name}.serial", "1000\n"), (f"{name}.crlnumber", "01\n"), (f"{name}.ext", ext),
                           (f"{name}.conf", CA_CONF.format(name=name))):
            (self.dir / file).write_text(text)
        self.request(name, f"/CN=Fetch {name}")
        if issuer:
            self.sign(name, issuer, 400)
        else:
            openssl(self.dir, "x509", "-req", "-in", f"{name}.csr", "-signkey", f"{name}.key", "-days", "900", "-sha256",
                    "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def request(self, name, subject):
        openssl(self.dir, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)

    def sign(self, name, issuer, days):
        openssl(self.dir, "ca", "-batch", "-notext", "-config", f"{issuer}.conf", "-in", f"{name}.csr", "-out", f"{name}.crt",
                "-extfile", f"{name}.ext", "-days", str(days))

    def leaf(self, name, ocsp=(), crl=(), issuer_url=None, days=60, by="inter"):
        access = [f"OCSP;URI:{u}" for u in ocsp] + ([f"caIssuers;URI:{issuer_url}"] if issuer_url else [])
        ext = NAMES + "extendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n"
        ext += f"authorityInfoAccess={','.join(access)}\n" if access else ""
        ext += f"crlDistributionPoints={','.join('URI:' + u for u in crl)}\n" if crl else ""
        (self.dir / f"{name}.ext").write_text(ext)
        if not (self.dir / "leaf.key").exists():
            self.request("leaf", "/CN=test.example")
        (self.dir / f"{name}.csr").write_bytes((self.dir / "leaf.csr").read_bytes())
        self.sign(name, by, days)

    def revoke(self, name, issuer="inter"):
        openssl(self.dir, "ca", "-config", f"{issuer}.conf", "-revoke", f"{name}.crt", "-crl_reason", "keyCompromise")

    def crl(self, file, issuer="inter", *more):
        openssl(self.dir, "ca", "-gencrl", "-config", f"{issuer}.conf", "-out", f"{file}.pem", *more)
        openssl(self.dir, "crl", "-in", f"{file}.pem", "-outform", "DER", "-out", file)

    def der(self, name):
        openssl(self.dir, "x509", "-in", f"{name}.crt", "-outform", "DER", "-out", f"{name}.der")
        return (self.dir / f"{name}.der").read_bytes()


# ---- an HTTP server that does wrong ------------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def log_message(self, *_):
        pass

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunked(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(body), 7):
            part = body[i:i + 7]
            self.wfile.write(b"%x;x=y\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def drip(self, _):
        self.send_response(200)
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def huge(self, _):
        self.send_response(200)
        self.end_headers()
        for _ in range(400):
            self.wfile.write(b"0" * 65536)

    def endless_head(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100000):
            self.wfile.write(b"X-Filler: " + b"y" * 80 + b"\r\n")

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do(self, path, data):
        """/WHAT/FILE"""
        what, _, file = path.strip("/").partition("/")
        files = self.server.files
        if what == "to":
            self.redirect("/" + file)
        elif what == "loop":
            self.redirect(f"/loop/{int(file.split('/')[0]) + 1}")
        elif what == "self":
            self.redirect(path)
        elif what == "post":    # a responder that knows no GET
            self.answer(files[file]) if data else self.send_error(405)
        elif what in ("chunked", "drip", "huge", "endless_head"):
            getattr(self, what)(files.get(file.split("/")[0], b""))
        elif what == "reset":
            self.connection.close()
        elif what == "missing":
            self.send_error(404)
        elif what == "metadata":
            self.redirect("http://169.254.169.254/latest/")
        elif what == "abroad":
            self.redirect("https://" + self.headers["Host"] + "/")
        else:
            body = files.get(what)
            self.answer(body) if body is not None else self.send_error(404)

    def guarded(self, data=b""):
        self.seen.append((self.command, self.path))
        self.close_connection = True
        try:
            self.do(self.path, data)
        except OSError:
            pass    # the scanner had enough

    def do_GET(self):
        self.guarded()

    def do_POST(self):
        self.guarded(self.rfile.read(int(self.headers["Content-Length"])))


class Http(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {}
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Responder:
    """openssl ocsp on a free port; it serves one client after the other until it is stopped."""

    def __init__(self, folder):
        self.dir, self.port, self.child = folder, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}/"

    def start(self):
        self.child = subprocess.Popen(
            ["openssl", "ocsp", "-index", "inter.index", "-CA", "inter.crt", "-rsigner", "inter.crt", "-rkey", "inter.key",
             "-port", str(self.port), "-nmin", "60", "-ignore_err"], cwd=self.dir, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            # Not by connecting: to a half-open client it would give its time.
            if f":{self.port:04X} " in pathlib.Path("/proc/net/tcp").read_text() + pathlib.Path("/proc/net/tcp6").read_text():
                return
            time.sleep(0.1)
        raise Wrong("the responder does not listen")

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait()


def ocsp_file(a, name, out, *more, signer="inter", index="inter.index"):
    """A response about NAME, made offline by openssl ocsp."""
    openssl(a.dir, "ocsp", "-issuer", "inter.crt", "-cert", f"{name}.crt", "-reqout", f"{out}.req", "-no_nonce")
    openssl(a.dir, "ocsp", "-index", index, "-CA", "inter.crt", "-rsigner", f"{signer}.crt", "-rkey", f"{signer}.key",
            "-reqin", f"{out}.req", "-respout", out, *more)
    return (a.dir / out).read_bytes()


# ---- rows --------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Row:
    """{me} in a URL: what openssl ocsp says about this very certificate."""
    name: str
    want: set                   # (name, state, reason) of the leaf
    ocsp: tuple = ()
    crl: tuple = ()
    issuer: str = None          # its URL; the chain is then the leaf alone
    by: str = "inter"
    days: int = 60
    revoke: bool = False
    findings: dict = dataclasses.field(default_factory=dict)
    grade: str = None
    completed: tuple = None     # chain.completed, its reason
    seconds: float = 0          # it may take that long
    args: tuple = ("--fetch-private",)
    recorded: bool = True       # and played again; not what takes most of its time to be sent


GOOD = {("ocsp", "good", None)}


def unknown(what, reason):
    return {(what, "unknown", reason)}


def make_rows(u, responder):
    not_fetched = {"cert.incomplete_chain": "fail", "cert.untrusted": "unknown"}
    missing, completes = {"cert.incomplete_chain": "fail", "cert.untrusted": "fail"}, {"cert.incomplete_chain": "fail", "cert.untrusted": "pass"}
    return [
        Row("ocsp_good", GOOD, (responder,), findings={"cert.revoked": "pass", "cert.revocation_unusable": "pass"}),
        Row("ocsp_revoked", {("ocsp", "revoked", None)}, (responder,), revoke=True, findings={"cert.revoked": "fail"}, grade="T"),
        Row("ocsp_unknown", unknown("ocsp", "not_known"), (f"{u}/{{me}}",),
            findings={"cert.revoked": "unknown", "cert.revocation_unusable": "fail"}),
        Row("ocsp_stale", unknown("ocsp", "stale"), (f"{u}/{{me}}",)),
        Row("ocsp_wrong_signer", unknown("ocsp", "wrong_signer"), (f"{u}/{{me}}",)),
        Row("ocsp_other", unknown("ocsp", "wrong_certificate"), (f"{u}/ocsp_redirected.good",)),
        Row("ocsp_large", unknown("ocsp", "too_large"), (f"{u}/huge",)),
        Row("ocsp_slow", unknown("ocsp", "timeout"), (f"{u}/drip",), seconds=TIMEOUT),
        Row("ocsp_head", unknown("ocsp", "too_large"), (f"{u}/endless_head",)),
        Row("ocsp_redirected", GOOD, (f"{u}/to/to/to/{{me}}",)),
        Row("ocsp_loop", unknown("ocsp", "redirect_loop"), (f"{u}/loop/0",)),
        Row("ocsp_circle", unknown("ocsp", "redirect_loop"), (f"{u}/self",)),
        Row("ocsp_abroad", unknown("ocsp", "scheme"), (f"{u}/abroad",)),
        Row("ocsp_chunked", GOOD, (f"{u}/chunked/{{me}}",)),
        Row("ocsp_post", GOOD, (f"{u}/post/{{me}}",)),
        Row("ocsp_missing", unknown("ocsp", "http_error"), (f"{u}/missing",)),
        Row("ocsp_reset", unknown("ocsp", "closed"), (f"{u}/reset",)),
        Row("ocsp_nonsense", unknown("ocsp", "malformed"), (f"{u}/nonsense",)),
        Row("ocsp_nobody", unknown("ocsp", "connect_failed"), ("http://127.0.0.1:1/",)),
        Row("ocsp_second", GOOD, (f"{u}/missing", f"{u}/{{me}}")),
        Row("ocsp_guarded", unknown("ocsp", "refused_port"), (f"{u}/{{me}}",), args=("--fetch",)),
        Row("ocsp_private", unknown("ocsp", "refused_address"), ("http://127.0.0.1/",), args=("--fetch",)),
        Row("ocsp_named", unknown("ocsp", "refused_address"), ("http://localhost/",), args=("--fetch",)),
        Row("ocsp_decimal", unknown("ocsp", "refused_address"), ("http://2130706433:8080/",), args=("--fetch",)),
        Row("ocsp_mapped", unknown("ocsp", "refused_address"), ("http://[::ffff:127.0.0.1]/",)),
        Row("ocsp_metadata", unknown("ocsp", "refused_address"), ("http://169.254.169.254/",)),
        Row("ocsp_redirected_in", unknown("ocsp", "refused_address"), (f"{u}/metadata",)),
        Row("ocsp_ldap", unknown("ocsp", "scheme"), ("ldap://l.test/",)),
        Row("crl_good", {("crl", "good", None)}, (), (f"{u}/good.crl",), findings={"cert.revoked": "pass"}),
        Row("crl_revoked", {("crl", "revoked", None)}, (), (f"{u}/good.crl",), revoke=True, findings={"cert.revoked": "fail"}, grade="T"),
        Row("crl_stale", unknown("crl", "stale"), (), (f"{u}/stale.crl",)),
        Row("crl_wrong_signer", unknown("crl", "wrong_signer"), (), (f"{u}/wrong_signer.crl",)),
        Row("crl_large", unknown("crl", "too_large"), (), (f"{u}/huge",), seconds=2 * TIMEOUT, recorded=False),
        Row("crl_slow", unknown("crl", "timeout"), (), (f"{u}/drip",), seconds=2 * TIMEOUT),
        Row("crl_redirected", {("crl", "good", None)}, (), (f"{u}/to/good.crl",)),
        Row("crl_pem", {("crl", "good", None)}, (), (f"{u}/pem.crl",)),
        Row("crl_ldap_first", {("crl", "good", None)}, (), ("ldap://l.test/", f"{u}/good.crl")),
        Row("both", GOOD | {("crl", "good", None)}, (f"{u}/{{me}}",), (f"{u}/good.crl",)),
        Row("neither", {(None, "unknown", "no_url")}, findings={"cert.revoked": "not_applicable", "cert.revocation_unusable": "not_applicable"}),
        Row("short", {(None, "not_applicable", "short_lived")}, days=6, findings={"cert.revoked": "not_applicable"}),
        Row("nothing_asked", set(), (f"{u}/{{me}}",), (f"{u}/good.crl",), args=(), findings={"cert.revoked": "unknown"}),
        Row("ca_revoked", {("crl", "good", None)}, (), (f"{u}/dead.crl",), by="dead",
            findings={"cert.revoked": "fail", "chain.revoked": "fail"}, grade="T"),
        Row("lone_der", GOOD, (f"{u}/{{me}}",), issuer=f"{u}/inter.der", completed=("yes", None), findings=completes, grade="B"),
        Row("lone_pem", {(None, "unknown", "no_url")}, issuer=f"{u}/inter.pem", completed=("yes", None), findings=completes, grade="B"),
        Row("lone_p7c", {(None, "unknown", "no_url")}, issuer=f"{u}/to/inter.p7c", completed=("yes", None), findings=completes, grade="B"),
        Row("lone_wrong", unknown("crl", "no_issuer"), (), (f"{u}/good.crl",), issuer=f"{u}/root.der",
            completed=("unknown", "wrong_certificate"), findings=not_fetched),
        Row("lone_noise", unknown("crl", "no_issuer"), (), (f"{u}/good.crl",), issuer=f"{u}/nonsense",
            completed=("unknown", "malformed"), findings=not_fetched),
        Row("lone_missing", unknown("ocsp", "no_issuer"), (f"{u}/{{me}}",), issuer=f"{u}/missing", completed=("unknown", "http_error"),
            findings=not_fetched),
        Row("lone_without", {(None, "unknown", "no_url")}, issuer="", completed=("no", "no_url"), findings=missing, grade="T"),
        Row("lone_unasked", set(), (f"{u}/{{me}}",), issuer=f"{u}/inter.der", args=(), findings=not_fetched),
    ]


def own_response(a, row):
    """What {me} stands for in this row; None: python3-cryptography, which alone can date a response back, is missing."""
    out = f"{row.name}.good"
    if row.name == "ocsp_stale":
        return stale_response(a)
    if row.name == "ocsp_wrong_signer":
        return ocsp_file(a, row.name, out, "-ndays", "7", signer="stranger")
    return ocsp_file(a, row.name, out, "-ndays", "7", index="root.index" if row.name == "ocsp_unknown" else "inter.index")


def stale_response(a):
    import staples
    try:
        return staples.make(*((a.dir / f).read_bytes() for f in ("ocsp_stale.crt", "inter.crt", "inter.key")), "expired")
    except ImportError:
        return None


def prepare(a, h, rows):
    """Certificates, then what is told about them; rows that cannot be made here are left out."""
    files = h.files
    for row in rows:
        me = f"{row.name}.good"
        a.leaf(row.name, [u.replace("{me}", me) for u in row.ocsp], row.crl, row.issuer, row.days, row.by)
        if row.revoke:
            a.revoke(row.name)
    a.revoke("dead", "root")
    for row in list(rows):
        if any("{me}" in u for u in row.ocsp):
            files[f"{row.name}.good"] = own_response(a, row)
            if files[f"{row.name}.good"] is None:
                print(f"# {row.name}: python3-cryptography is not installed, left out")
                rows.remove(row)
    a.crl("good.crl")
    a.crl("dead.crl", "dead")
    a.crl("root.crl", "root")
    a.crl("stale.crl", "inter", "-crl_lastupdate", "20250101000000Z", "-crl_nextupdate", "20250201000000Z")
    a.crl("wrong_signer.crl", "stranger")
    for file in ("good.crl", "dead.crl", "root.crl", "stale.crl", "wrong_signer.crl"):
        files[file] = (a.dir / file).read_bytes()
    files["pem.crl"] = (a.dir / "good.crl.pem").read_bytes()
    files["inter.der"], files["root.der"] = a.der("inter"), a.der("root")
    files["inter.pem"] = (a.dir / "inter.crt").read_bytes()
    openssl(a.dir, "crl2pkcs7", "-nocrl", "-certfile", "inter.crt", "-certfile", "root.crt", "-outform", "DER", "-out", "inter.p7c")
    files["inter.p7c"] = (a.dir / "inter.p7c").read_bytes()
    files["nonsense"] = b"<html>It works!</html>"


# ---- checks ------------------------------------------------------------------------------------------------------------------


def nginx_with(s, words, _):
    """nginx with this chain and the one key."""
    s.write("nginx.conf", f"daemon off; master_process off; pid {s.dir}/pid; error_log {s.dir}/error crit; events {{ }}\n"
            f"http {{ access_log off; client_body_temp_path {s.dir}/t; proxy_temp_path {s.dir}/t; fastcgi_temp_path {s.dir}/t;\n"
            f"uwsgi_temp_path {s.dir}/t; scgi_temp_path {s.dir}/t;\n"
            f"server {{ listen 127.0.0.1:{s.port} ssl backlog=4096; ssl_certificate {words['chain']}; ssl_certificate_key {words['key']};\n"
            "ssl_protocols TLSv1.2 TLSv1.3; return 200 ok; } }\n")
    return Command([find_program("nginx"), "-p", s.dir, "-e", s.dir / "early", "-c", s.dir / "nginx.conf"])


RECIPES["nginx_with"] = nginx_with


def chain_of(a, row):
    above = () if row.issuer is not None else (row.by,)
    file = a.dir / f"{row.name}.chain"
    file.write_text("".join((a.dir / f"{n}.crt").read_text() for n in (row.name, *above)))
    return file


def scan(a, place, row):
    with Server(place, "nginx_with", {"chain": chain_of(a, row), "key": a.dir / "leaf.key"}) as server:
        begun = time.monotonic()
        run = report.run_twice if row.recorded else report.run
        done = run("--json", "--timeout", str(TIMEOUT), "--probe", "handshake.tls13", "--ca-file", f"{a.dir}/root.crt", *row.args,
                          f"test.example@127.0.0.1:{server.port}")
        took = time.monotonic() - begun
    if not done.stdout.startswith("["):
        raise Wrong(f"no JSON: {done.stderr[-2000:]}")
    errors = report.schema_errors(done.stdout)
    if errors or "Sanitizer" in done.stderr or "runtime error" in done.stderr:
        raise Wrong(f"{errors[:2]} {done.stderr[-2000:]}")
    return json.loads(done.stdout)[0], took


def same(got, wanted, about):
    if got != wanted:
        raise Wrong(f"{about}: {got!r}, expected {wanted!r}")


def check(a, place, row):
    record, took = scan(a, place, row)
    obs = record["observations"]
    leaf = record["chains"][0]["served"][0]
    same({(o.get("name"), o["value"], o.get("reason")) for o in obs if o["key"] == "cert.revocation_status" and o["sha256"] == leaf},
         row.want, "cert.revocation_status")
    same(next(((o["value"], o.get("reason")) for o in obs if o["key"] == "chain.completed"), None), row.completed, "chain.completed")
    states = {f["id"]: f["state"] for f in record["findings"]}
    for finding, state in row.findings.items():
        same(states[finding], state, finding)
    if row.grade and record["grade"]["letter"] != row.grade:
        raise Wrong(f"grade {record['grade']['letter']}, expected {row.grade}: {record['grade']['ledger'][:3]}")
    if took > row.seconds + SLACK:
        raise Wrong(f"took {took:.1f} s")


def outcome(a, place, row):
    try:
        check(a, place, row)
        return None
    except (Wrong, Failed, KeyError, IndexError, subprocess.TimeoutExpired) as e:
        return f"{row.name}: {e!r}"


def check_rows(place, folder, only):
    h = Http()
    responder = Responder(folder)
    a = Authority(folder, h.url)
    rows = [r for r in make_rows(h.url, responder.url) if not only or r.name in only]
    prepare(a, h, rows)
    responder.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            wrong = [w for w in pool.map(lambda row: outcome(a, place, row), rows) if w]
    finally:
        responder.stop()
    # Nothing is asked for unless it was wanted, and what was wanted from forbidden places was not.
    asked = [path for _, path in Handler.seen if "nothing_asked" in path or "lone_unasked" in path or "ocsp_guarded" in path]
    if asked:
        wrong.append(f"asked for: {asked}")
    print("\n".join(wrong) or f"{len(rows)} rows well")
    return 1 if wrong else 0


def main():
    place = Place()
    try:
        find_program("nginx")
        return check_rows(place, place.folder("fetch"), sys.argv[1:])
    except Skip as e:
        print(f"skipped: {e}")
        return 77
    finally:
        place.close()


if __name__ == "__main__":
    sys.exit(main())
