"""Real TLS servers, each started on a free loopback port in a folder of its own and always stopped again.

A recipe is a function of (place, words, lines): `words` are the NAME=VALUE words behind the server's name in a case
file, `lines` its indented lines: configuration or arguments, by the server. In both, {cert:FILE} is the path of a
certificate file (certs.py), {dir} the server's folder, {port} its port. A recipe returns a Command, or raises Skip.
"""
import atexit
import dataclasses
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from certs import Certs

HERE = pathlib.Path(__file__).resolve().parent
READY_SECONDS = 40


class Skip(Exception):
    """This machine lacks what the case needs."""


class Failed(Exception):
    """The server did not come up."""


@dataclasses.dataclass
class Command:
    argv: list
    env: dict = dataclasses.field(default_factory=dict)
    stdin_open: bool = False    # the server ends when its input ends
    bind_all: bool = False      # it listens on every address unless it is kept from it


class Place:
    """One temporary folder: certificates, and a subfolder for each server."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="tlsassay-e2e."))
        os.chmod(self.dir, 0o755)   # servers that change user must reach it
        (self.dir / "certs").mkdir()
        self.certs = Certs(self.dir / "certs")
        self.lock = threading.Lock()
        self.running = []
        self.count = 0
        atexit.register(self.close)

    def folder(self, name):
        with self.lock:
            self.count += 1
            folder = self.dir / f"{self.count}-{name}"
        folder.mkdir()
        return folder

    def shim(self):
        """A library that turns bind() to every address into bind() to loopback."""
        with self.lock:
            lib = self.dir / "loopback.so"
            if not lib.exists():
                cc = find_program("cc", "gcc", "clang")
                subprocess.run([cc, "-shared", "-fPIC", "-O1", "-o", lib, HERE / "programs/loopback.c", "-ldl"], check=True)
        return lib

    def close(self):
        for server in list(self.running):
            server.stop()
        if not os.environ.get("TLSASSAY_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)


def find_program(*names):
    """The first of these programs: in PATH, where daemons live, or in the folders that TLSASSAY_LAB names."""
    folders = os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/usr/local/sbin", "/usr/lib/nss"]
    for name in names:
        found = shutil.which(name, path=":".join(folders))
        if found:
            return found
    raise Skip(f"{names[0]} is not installed")


def lab_folders():
    return [pathlib.Path(f) for f in os.environ.get("TLSASSAY_LAB", "").split(":") if f]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A running server; a context manager. `.port` is where, `.log()` what it said."""

    def __init__(self, place, name, words=None, lines=()):
        if name not in RECIPES:
            raise Failed(f"no recipe for {name}")
        self.place, self.name, self.words, self.lines = place, name, dict(words or {}), list(lines)
        self.child = None

    def __enter__(self):
        for _ in range(3):      # another process may take the port between the look and the start
            try:
                return self.start()
            except Failed as e:
                why = e
                self.stop()
        raise why

    def __exit__(self, *_):
        self.stop()

    def fill(self, text):
        out = text.replace("{dir}", str(self.dir)).replace("{port}", str(self.port)).replace("{plain}", str(self.plain))
        while "{cert:" in out:
            file = out.split("{cert:", 1)[1].split("}", 1)[0]
            out = out.replace("{cert:%s}" % file, self.place.certs.path(file))
        return out

    def start(self):
        self.port, self.plain, self.dir = free_port(), free_port(), self.place.folder(self.name)
        command = RECIPES[self.name](self, self.words, [self.fill(line) for line in self.lines])
        env = {**os.environ, **command.env}
        if command.bind_all:
            env["LD_PRELOAD"] = str(self.place.shim())
        with open(self.dir / "log", "wb") as log:
            self.child = subprocess.Popen([str(a) for a in command.argv], cwd=self.dir, env=env, stdout=log,
                                          stderr=subprocess.STDOUT, start_new_session=True,
                                          stdin=subprocess.PIPE if command.stdin_open else subprocess.DEVNULL)
        self.place.running.append(self)
        self.wait_until_it_listens()
        return self

    def wait_until_it_listens(self):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise Failed(f"{self.name} ended at once ({self.child.returncode}): {self.log()[-600:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
                time.sleep(0.05)
                if self.child.poll() is None:
                    return
            except OSError:
                time.sleep(0.03)
        raise Failed(f"{self.name} does not listen on port {self.port}: {self.log()[-600:]}")

    def log(self):
        try:
            return (self.dir / "log").read_text(errors="replace")
        except OSError:
            return ""

    def stop(self):
        child, self.child = self.child, None
        if not child:
            return
        for what, seconds in ((signal.SIGTERM, 2), (signal.SIGKILL, 5)):
            try:
                os.killpg(child.pid, what)
            except ProcessLookupError:
                break
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        child.wait()
        if child.stdin:
            child.stdin.close()
        if self in self.place.running:
            self.place.running.remove(self)

    def write(self, file, text):
        path = self.dir / file
        path.write_text(text)
        return path

    def cert(self, file):
        return self.place.certs.path(file)


def arguments(lines):
    return [word for line in lines for word in shlex.split(line)]


def split_lines(lines, start):
    """Those that begin so, and the others."""
    return [line for line in lines if line.startswith(start)], [line for line in lines if not line.startswith(start)]


def certs_of(words, default="rsa"):
    return words.get("certs", default).split(",")


# ---- recipes -----------------------------------------------------------------------------------------------------------


def nginx(s, words, lines):
    """lines: directives of the server block. servers=N blocks are given by lines `---` between them."""
    program = find_program("nginx")
    blocks, ports = "\n".join(lines).split("\n---\n"), [s.port]
    s.ports = ports
    text = ""
    for block in blocks:
        if len(blocks) > 1 and block is not blocks[0]:
            ports.append(free_port())
        keys = "".join(f"ssl_certificate {s.cert(c + '.pem')}; ssl_certificate_key {s.cert(c + '.key')};\n"
                       for c in certs_of(words))
        text += f"server {{ listen 127.0.0.1:{ports[-1]} ssl backlog=4096; {keys} {block}\n return 200 ok; }}\n"
    temp = "".join(f"{k}_temp_path {s.dir}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    s.write("nginx.conf", f"daemon off; master_process off; pid {s.dir}/pid; error_log {s.dir}/error crit;\n"
            "events { worker_connections 4000; }\n"
            f"http {{ access_log off; {temp}\n ssl_session_cache shared:s:1m;\n{text} }}\n")
    return Command([program, "-p", s.dir, "-e", s.dir / "early", "-c", s.dir / "nginx.conf"])


def s_server(s, words, lines):
    """lines: arguments of openssl s_server. certs=rsa,ecdsa: the second is its -dcert. www=no: without -www."""
    certs = certs_of(words)
    argv = [find_program("openssl"), "s_server", "-quiet", "-accept", f"127.0.0.1:{s.port}"]
    if any("{srp}" in line for line in lines):
        lines = [line.replace("{srp}", srp_file(s)) for line in lines]
    if certs == ["none"]:
        argv += ["-nocert"]
    else:
        argv += ["-cert", s.cert(f"{certs[0]}.crt"), "-key", s.cert(f"{certs[0]}.key")]
        argv += ["-cert_chain", s.cert(f"{certs[0]}.rest")] if os.path.getsize(s.cert(f"{certs[0]}.rest")) else []
    if len(certs) > 1:
        argv += ["-dcert", s.cert(f"{certs[1]}.crt"), "-dkey", s.cert(f"{certs[1]}.key"), "-dcert_chain", s.cert(f"{certs[1]}.rest")]
    if words.get("www", "yes") == "yes":
        argv += ["-www"]
    return Command(argv + arguments(lines), stdin_open=True)


def srp_file(s):
    """A verifier file with one user."""
    (s.dir / "srpv").touch()
    subprocess.run([find_program("openssl"), "srp", "-srpvfile", "srpv", "-gn", "1024", "-add", "-passout", "pass:secret", "user"],
                   cwd=s.dir, check=True, capture_output=True, timeout=60)
    return str(s.dir / "srpv")


def gnutls(s, words, lines):
    """lines: arguments of gnutls-serv. srp=yes: one user of SRP. psk=NAME:HEX: a file `psk` for --pskpasswd."""
    argv = [find_program("gnutls-serv"), "--http", "--port", str(s.port)]
    for c in certs_of(words):
        if c != "none":
            argv += ["--x509certfile", s.cert(f"{c}.pem"), "--x509keyfile", s.cert(f"{c}.key")]
    if words.get("srp") == "yes":
        tool = find_program("srptool")
        for args in (["--create-conf", "conf"], ["--passwd", "passwd", "--passwd-conf", "conf", "--username", "user"]):
            subprocess.run([tool, *args], cwd=s.dir, input=b"secret\n", check=True, capture_output=True, timeout=60)
        argv += ["--srppasswd", "passwd", "--srppasswdconf", "conf"]
    if "psk" in words:
        s.write("psk", words["psk"] + "\n")
    return Command(argv + arguments(lines), bind_all=True)


def nss(s, words, lines):
    """lines: arguments of selfserv."""
    selfserv, certutil, pk12util = (find_program(p) for p in ("selfserv", "certutil", "pk12util"))
    db, cert = f"sql:{s.dir}", certs_of(words)[0]
    for argv in ([certutil, "-N", "-d", db, "--empty-password"],
                 [pk12util, "-i", s.cert(f"{cert}.p12"), "-d", db, "-W", "test"]):
        subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return Command([selfserv, "-n", cert, "-d", db, "-p", str(s.port), *arguments(lines)], bind_all=True)


def lighttpd(s, words, lines):
    """module=openssl|gnutls|mbedtls|wolfssl|nss; lines: configuration."""
    program, module = find_program("lighttpd"), words["module"]
    if not any(pathlib.Path(f, f"mod_{module}.so").exists() for f in ("/usr/lib/lighttpd", "/usr/lib64/lighttpd")):
        raise Skip(f"lighttpd-mod-{module} is not installed")
    text = "\n".join(lines)
    s.write("x.conf", f'server.modules = ("mod_{module}")\nserver.document-root = "{s.dir}"\nserver.bind = "127.0.0.1"\n'
            f'server.port = {s.port}\nssl.engine = "enable"\nssl.pemfile = "{s.cert(certs_of(words)[0] + ".all")}"\n{text}\n')
    return Command([program, "-D", "-f", s.dir / "x.conf"])


def apache(s, words, lines):
    """lines: directives of the virtual host; SSLSessionCache.. stands before it."""
    outer, lines = split_lines(lines, "SSLSessionCache")
    program = find_program("apache2", "httpd")
    modules = next((f for f in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules") if os.path.isdir(f)), None)
    if not modules:
        raise Skip("the modules of apache2 are not installed")
    keys = "".join(f"SSLCertificateFile {s.cert(c + '.pem')}\nSSLCertificateKeyFile {s.cert(c + '.key')}\n" for c in certs_of(words))
    modules_used = ("mpm_event", "authz_core", "socache_shmcb", "ssl", "headers", "alias")
    load = "".join(f"LoadModule {m}_module {modules}/mod_{m}.so\n" for m in modules_used
                   if os.path.exists(f"{modules}/mod_{m}.so"))
    user = "User www-data\nGroup www-data\n" if os.getuid() == 0 else ""
    s.write("httpd.conf", f"ServerRoot {s.dir}\nServerName test.example\nPidFile {s.dir}/pid\nErrorLog {s.dir}/error\n{load}{user}"
            f"Mutex pthread default\nListen 127.0.0.1:{s.port}\n" + "\n".join(outer) + f"\n<VirtualHost 127.0.0.1:{s.port}>\nSSLEngine on\n{keys}"
            + "\n".join(lines) + "\n</VirtualHost>\n")
    return Command([program, "-X", "-f", s.dir / "httpd.conf"])


def haproxy(s, words, lines):
    """lines: options of the bind line; tune.. stands in `global`, http-request.. before the answer."""
    tune, lines = split_lines(lines, "tune.")
    requests, lines = split_lines(lines, "http-request")
    certs = " ".join(f"crt {s.cert(c + '.all')}" for c in certs_of(words))
    s.write("h.cfg", "global\n  tune.ssl.default-dh-param 2048\n" + "".join(f"  {line}\n" for line in tune) + "defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n"
            f"  timeout connect 5s\nfrontend f\n  bind 127.0.0.1:{s.port} ssl {certs} {' '.join(lines)}\n"
            + "".join(f"  {line}\n" for line in requests) + "  http-request return status 200 content-type text/plain string ok\n")
    return Command([find_program("haproxy"), "-db", "-f", s.dir / "h.cfg"])


def stunnel(s, words, lines):
    """lines: options of the service."""
    s.write("s.conf", f"foreground = yes\npid =\nsyslog = no\n[tls]\naccept = 127.0.0.1:{s.port}\nconnect = 127.0.0.1:9\n"
            + (f"cert = {s.cert(certs_of(words)[0] + '.all')}\n" if certs_of(words) != ["none"] else "")
            + "\n".join(lines) + "\n")
    return Command([find_program("stunnel", "stunnel4"), s.dir / "s.conf"])


def hitch(s, words, lines):
    """lines: configuration."""
    s.write("h.conf", f'frontend = {{ host = "127.0.0.1" port = "{s.port}" }}\nbackend = "[127.0.0.1]:9"\n'
            f'pem-file = "{s.cert(certs_of(words)[0] + ".all")}"\nworkers = 1\n'
            + ('user = "nobody"\ngroup = "nogroup"\n' if os.getuid() == 0 else "") + "\n".join(lines) + "\n")
    return Command([find_program("hitch"), f"--config={s.dir}/h.conf"])


def caddy(s, words, lines):
    """lines: of the tls block."""
    c = certs_of(words)[0]
    inner = ("{\n" + "\n".join(lines) + "\n}") if lines else ""
    s.write("Caddyfile", "{\n admin off\n auto_https off\n}\n"
            f"https://:{s.port} {{\n bind 127.0.0.1\n tls {s.cert(c + '.pem')} {s.cert(c + '.key')} {inner}\n respond ok\n}}\n")
    return Command([find_program("caddy"), "run", "--adapter", "caddyfile", "--config", s.dir / "Caddyfile"],
                   env={"HOME": str(s.dir), "XDG_DATA_HOME": str(s.dir), "XDG_CONFIG_HOME": str(s.dir)})


def botan(s, words, lines):
    """lines: arguments of botan tls_server."""
    c = certs_of(words)[0]
    return Command([find_program("botan"), "tls_server", s.cert(c + ".pem"), s.cert(c + ".key"), f"--port={s.port}", *arguments(lines)],
                   bind_all=True)


def erlang(s, words, lines):
    """lines: options of ssl:listen, Erlang terms."""
    c = certs_of(words)[0]
    options = "".join(f", {line}" for line in lines)
    s.write("server.escript", (HERE / "programs/server.escript").read_text().replace("%PORT%", str(s.port))
            .replace("%CERT%", s.cert(c + ".pem")).replace("%KEY%", s.cert(c + ".key")).replace("%OPTIONS%", options))
    return Command([find_program("escript"), s.dir / "server.escript"], env={"HOME": str(s.dir)})


def java(s, words, lines):
    """everything=yes: nothing is disabled, every protocol and suite is on."""
    return Command([find_program("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", HERE / "programs/Server.java", str(s.port),
                    s.cert(certs_of(words)[0] + ".p12"), "everything" if words.get("everything") == "yes" else "default"])


def golang(s, words, lines):
    """everything=yes: from TLS 1.0, with the suites that Go calls insecure. debug: a value of GODEBUG."""
    c = certs_of(words)[0]
    shutil.copy(HERE / "programs/server.go", s.dir / "server.go")
    program = s.dir / "server"
    built = subprocess.run([find_program("go"), "build", "-o", program, "server.go"], cwd=s.dir, capture_output=True, text=True,
                           timeout=400, env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "-buildvcs=false",
                                             "GOCACHE": os.environ.get("GOCACHE", os.path.expanduser("~/.cache/go-build"))})
    if built.returncode:
        raise Skip(f"go cannot build: {built.stderr.strip()[:200]}")
    return Command([program, f"127.0.0.1:{s.port}", s.cert(c + ".pem"), s.cert(c + ".key"),
                    "everything" if words.get("everything") == "yes" else "default"], env={"GODEBUG": words.get("debug", "")})


def node_binaries():
    """Every node there is: {version: path}; from PATH, and node-VERSION or VERSION/bin/node below TLSASSAY_LAB."""
    found = [p for f in lab_folders() for p in [*f.glob("**/bin/node"), *f.glob("node-*"), *f.glob("*/node")] if p.is_file()]
    path = shutil.which("node")
    versions = {}
    for p in [*found, *([path] if path else [])]:
        try:
            out = subprocess.run([str(p), "--version"], capture_output=True, text=True, timeout=20).stdout.strip()
        except OSError:
            continue
        versions.setdefault(out.lstrip("v"), str(p))
    return versions


def node(s, words, lines):
    """version=0.10 (the front of it; absent: the newest); flags=..; lines: options of tls.createServer, JavaScript."""
    wanted, have = words.get("version"), node_binaries()
    fits = [v for v in have if not wanted or v == wanted or v.startswith(wanted + ".")]
    if not fits:
        raise Skip(f"no node {wanted or ''} in PATH or TLSASSAY_LAB".replace("  ", " "))
    version = max(fits, key=lambda v: [int(n) for n in v.split("-")[0].split(".")])
    print(f"# node {version}: {have[version]}")
    c = certs_of(words)[0]
    s.write("server.js", (HERE / "programs/server.js").read_text().replace("%OPTIONS%", "".join(f"{line},\n" for line in lines)))
    return Command([have[version], *words.get("flags", "").split(), s.dir / "server.js", str(s.port), s.cert(c + ".pem"), s.cert(c + ".key")])


def node_forge(s, words, lines):
    """node-forge, a TLS in JavaScript, from a folder of TLSASSAY_LAB or where node finds it."""
    found = [p for f in lab_folders() for p in f.glob("**/node-forge/package.json")]
    folders = [str(p.parent) for p in found] + [f for f in ("/usr/share/nodejs/node-forge", "/usr/lib/nodejs/node-forge") if os.path.isdir(f)]
    if not folders:
        raise Skip("node-forge is not installed")
    shutil.copy(HERE / "programs/forge.js", s.dir / "forge.js")
    return Command([find_program("node"), s.dir / "forge.js", folders[0], str(s.port), s.cert("rsa.pem"), s.cert("rsa.key")])


def python(s, words, lines):
    """lines: statements about `context`."""
    c = certs_of(words)[0]
    s.write("options.py", "\n".join(lines))
    return Command([find_program("python3"), HERE / "programs/server.py", str(s.port), s.cert(c + ".pem"), s.cert(c + ".key"), s.dir / "options.py"])


RECIPES = {"nginx": nginx, "s_server": s_server, "gnutls": gnutls, "nss": nss, "lighttpd": lighttpd, "apache": apache,
           "haproxy": haproxy, "stunnel": stunnel, "hitch": hitch, "caddy": caddy, "botan": botan, "erlang": erlang,
           "java": java, "go": golang, "node": node, "node-forge": node_forge, "python": python}
