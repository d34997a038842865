#!/usr/bin/env python3
"""Advice that can be pasted, pasted: every snippet of `tlsassay list recipes` goes into a server that is bad on purpose, and
then nothing fails any more of what failed before and the recipe mends. A snippet that says of itself that the project's
tests do not apply it is left out; so is one whose program is not here, and the last line says which.

A snippet's lines replace those of the same name. Its places and paths of example become those of this machine.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import report
from servers import HERE, RECIPES, Command, Failed, Place, Server, Skip, arguments, find_program, free_port

NOT_APPLIED = "not applied by the project's tests"
GOOD = "ECDHE+AESGCM"
WEAK = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
SHA1 = "RSA+SHA1:RSA+SHA256:RSA-PSS+SHA256:ECDSA+SHA1:ECDSA+SHA256"
OLD_JAVA = "-Djava.security.properties={dir}/old.security"
OLD_GO = ["MinVersion: tls.VersionTLS10,"]
CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
SHORT = "max-age=60"

# (recipe, server): the bad lines, by where they stand when that is not where the snippet goes; `certs` is the certificate.
BAD = {
    ("versions", "nginx"): {"": [f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2;", f"ssl_ciphers {WEAK};"]},
    ("versions", "Apache"): {"": ["SSLProtocol all +TLSv1 +TLSv1.1 -TLSv1.3", f"SSLCipherSuite {WEAK}"]},
    ("versions", "HAProxy"): {"": ["ssl-default-bind-options ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.2",
                                   f"ssl-default-bind-ciphers {WEAK}"]},
    ("versions", "Caddy"): {"": ["protocols tls1.2 tls1.2"]},
    ("versions", "stunnel"): {"": ["sslVersionMin = TLSv1", "securityLevel = 0", f"ciphers = {WEAK}"]},
    ("versions", "Postfix"): {"": ["smtpd_tls_mandatory_protocols = >=TLSv1", "smtpd_tls_protocols = >=TLSv1",
                                   f"tls_medium_cipherlist = {WEAK}"]},
    ("versions", "Dovecot"): {"": ["ssl_min_protocol = TLSv1", f"ssl_cipher_list = {WEAK}"]},
    ("versions", "Java"): {"": [OLD_JAVA]},
    ("versions", "Go"): {"": OLD_GO},
    ("suites", "nginx"): {"": [f"ssl_ciphers {WEAK};", "ssl_prefer_server_ciphers off;", "ssl_dhparam {cert:dhffdhe2048.pem};"]},
    ("suites", "Apache"): {"": [f"SSLCipherSuite {WEAK}", "SSLHonorCipherOrder off"]},
    ("suites", "HAProxy"): {"": [f"ssl-default-bind-ciphers {WEAK}"]},
    ("suites", "Caddy"): {"": [f"ciphers {CBC} TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]},
    ("suites", "stunnel"): {"": [f"ciphers = {WEAK}", "securityLevel = 0"]},
    ("suites", "Postfix"): {"": [f"tls_medium_cipherlist = {WEAK}", "smtpd_tls_mandatory_ciphers = medium",
                                 "smtpd_tls_ciphers = medium"]},
    ("suites", "Dovecot"): {"": [f"ssl_cipher_list = {WEAK}"]},
    ("suites", "Java"): {"": [OLD_JAVA]},
    ("suites", "Go"): {"": [f"CipherSuites: []uint16{{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.{CBC}, tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}},"]},
    ("curves", "nginx"): {"": ["ssl_ecdh_curve prime192v1:prime256v1;", f"ssl_ciphers {GOOD}:@SECLEVEL=0;"]},
    ("curves", "Apache"): {"": ["SSLOpenSSLConfCmd Curves P-192:P-256", f"SSLCipherSuite {GOOD}:@SECLEVEL=0"]},
    ("curves", "HAProxy"): {"": ["ssl-default-bind-curves P-192:P-256", f"ssl-default-bind-ciphers {GOOD}:@SECLEVEL=0"]},
    ("curves", "stunnel"): {"": ["curves = P-192:P-256", "securityLevel = 0"]},
    ("curves", "Postfix"): {"": ["tls_eecdh_auto_curves = prime192v1 prime256v1", f"tls_medium_cipherlist = {WEAK}"]},
    ("curves", "Dovecot"): {"": ["ssl_curve_list = prime192v1:prime256v1", f"ssl_cipher_list = {GOOD}:@SECLEVEL=0"]},
    ("no_dhe", "nginx"): {"": [f"ssl_ciphers {WEAK};", "ssl_ecdh_curve X25519:ffdhe2048:ffdhe4096;", "ssl_dhparam {cert:dhffdhe2048.pem};"]},
    ("no_dhe", "Apache"): {"": [f"SSLCipherSuite {WEAK}", "SSLOpenSSLConfCmd Curves X25519:ffdhe2048:ffdhe4096"]},
    ("no_dhe", "HAProxy"): {"": [f"ssl-default-bind-ciphers {WEAK}"]},
    ("post_quantum", "Go"): {"": ["CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},"]},
    ("schemes", "nginx"): {"": [f"ssl_conf_command SignatureAlgorithms {SHA1};", f"ssl_ciphers {GOOD}:@SECLEVEL=0;"]},
    ("schemes", "Apache"): {"": [f"SSLOpenSSLConfCmd SignatureAlgorithms {SHA1}", f"SSLCipherSuite {GOOD}:@SECLEVEL=0"]},
    ("schemes", "stunnel"): {"": [f"config = SignatureAlgorithms:{SHA1}", "securityLevel = 0", f"ciphers = {GOOD}"]},
    ("renegotiation", "Postfix"): {"": ["tls_ssl_options = 0x100"]},    # OpenSSL 3: ALLOW_CLIENT_RENEGOTIATION
    ("tickets", "nginx"): {"": ["ssl_session_timeout 30d;"]},
    ("tickets", "Apache"): {"": ["SSLSessionCacheTimeout 2592000"]},
    ("tickets", "HAProxy"): {"": ["tune.ssl.lifetime 2592000"]},
    ("session_cache", "nginx"): {"": ["ssl_session_cache none;", "ssl_session_tickets off;"]},
    ("early_data", "nginx"): {"": ["ssl_early_data on;", "ssl_protocols TLSv1.2 TLSv1.3;"]},
    ("hsts", "nginx"): {"": [f"add_header Strict-Transport-Security {SHORT};"]},
    ("hsts", "Apache"): {"": [f"Header always set Strict-Transport-Security {SHORT}"]},
    ("hsts", "HAProxy"): {},
    ("hsts", "Caddy"): {"": [f"header Strict-Transport-Security {SHORT}"]},
    ("hsts", "Go"): {},
    ("redirect", "nginx"): {"": ["server {", "\tlisten 80;", "\treturn 200 ok;", "}"]},
    ("redirect", "Apache"): {"": ["<VirtualHost *:80>", "</VirtualHost>"]},
    ("redirect", "HAProxy"): {},
    ("plain_pages", "nginx"): {"": ["gzip on;", "gzip_min_length 1;", "gzip_types text/plain;"]},
    ("cookies", "nginx"): {"": ["proxy_pass http://127.0.0.1:{plain};"],
                           "http": ["server { listen 127.0.0.1:{plain}; add_header Set-Cookie session=1; return 200 ok; }"]},
    ("cookies", "Apache"): {"early": ["Header always set Set-Cookie session=1"]},
    ("cookies", "HAProxy"): {"early": ["http-after-response set-header Set-Cookie session=1"]},
    ("headers", "nginx"): {},
    ("headers", "Apache"): {},
    ("headers", "HAProxy"): {},
    ("headers", "Caddy"): {},
    ("banner", "nginx"): {},
    ("banner", "Apache"): {"": ["ServerTokens Full"]},
    ("banner", "HAProxy"): {"early": ["http-after-response set-header Server Example/1.2.3"]},
}
CHAINS = ("nginx", "Apache", "HAProxy", "Caddy", "stunnel", "Postfix", "Dovecot")
LEAF = "rsa.leaf"    # the leaf without those that issued it


# ---- servers: each a function of the server, its bad or mended lines, and those at other places ------------------------


def nginx(s, recipe, lines, other):
    block, http = ([], lines) if recipe == "redirect" else (lines, other.get("http", []))
    key = [] if recipe == "chain" else ["ssl_certificate {cert:rsa.pem};", "ssl_certificate_key {cert:rsa.key};"]
    answer = "" if any("proxy_pass" in line for line in block) else "return 200 ok;"
    place = "location / { %s }" % "\n".join(block) if not answer else "\n".join(block) + "\nlocation / { return 200 ok; }"
    temp = "".join(f"{k}_temp_path {{dir}}/t;" for k in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    s.write("nginx.conf", s.fill(
        "daemon off; master_process off; pid {dir}/pid; error_log {dir}/error crit;\nevents { }\n"
        f"http {{ access_log off; {temp}\n{chr(10).join(http)}\n"
        f"server {{ listen 127.0.0.1:{{port}} ssl;\n{chr(10).join(key)}\n{place} }}\n}}\n"))
    return Command([find_program("nginx"), "-p", s.dir, "-e", s.dir / "early", "-c", s.dir / "nginx.conf"])


def apache(s, recipe, lines, other):
    program = find_program("apache2", "httpd")
    folder = next((f for f in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules") if os.path.isdir(f)), None)
    if not folder:
        raise Skip("the modules of apache2 are not installed")
    load = "".join(f"LoadModule {m}_module {folder}/mod_{m}.so\n" for m in ("mpm_event", "authz_core", "socache_shmcb", "ssl", "headers", "alias"))
    outside = recipe in ("redirect", "banner", "tickets")
    key = [] if recipe == "chain" else ["SSLCertificateFile {cert:rsa.pem}", "SSLCertificateKeyFile {cert:rsa.key}"]
    user = "User www-data\nGroup www-data\n" if os.getuid() == 0 else ""
    s.write("httpd.conf", s.fill(
        f"ServerRoot {{dir}}\nServerName test.example\nPidFile {{dir}}/pid\nErrorLog {{dir}}/error\n{load}{user}Mutex pthread default\n"
        "Listen 127.0.0.1:{port}\n" + ("Listen 127.0.0.1:{plain}\n" if recipe == "redirect" else "")
        + ("\n".join(lines) if outside else "") + "\n<VirtualHost 127.0.0.1:{port}>\nSSLEngine on\n" + "\n".join(key + other.get("early", []))
        + "\n" + ("" if outside else "\n".join(lines)) + "\n</VirtualHost>\n"))
    return Command([program, "-X", "-f", s.dir / "httpd.conf"])


def haproxy(s, recipe, lines, other):
    top = recipe in ("versions", "suites", "curves", "no_dhe", "tickets", "schemes")
    bind = [] if recipe == "chain" else ["bind 127.0.0.1:{port} ssl crt {cert:rsa.all}"]
    plain = "frontend p\n  bind 127.0.0.1:{plain}\n  " + "\n  ".join(lines) + "\n  http-request return status 200\n" if recipe == "redirect" else ""
    rules = other.get("early", []) + ([] if top or recipe == "redirect" else lines)
    s.write("h.cfg", s.fill(
        "global\n  tune.ssl.default-dh-param 2048\n  " + "\n  ".join(lines if top else []) + "\ndefaults\n  mode http\n  timeout client 30s\n"
        "  timeout server 30s\n  timeout connect 5s\nfrontend f\n  " + "\n  ".join(bind + rules)
        + "\n  http-request return status 200 content-type text/plain string ok\n" + plain))
    return Command([find_program("haproxy"), "-db", "-f", s.dir / "h.cfg"])


def caddy(s, recipe, lines, _):
    inner = lines if recipe in ("versions", "suites") else []
    site = ([] if recipe == "chain" else ["tls {cert:rsa.pem} {cert:rsa.key} " + ("{\n" + "\n".join(inner) + "\n}" if inner else "")])
    s.write("Caddyfile", "{\n admin off\n auto_https off\n}\n" + s.fill("https://:{port} {\n bind 127.0.0.1\n")
            + s.fill("\n".join(site + ([] if inner else lines)) + "\nrespond ok\n}\n"))
    return Command([find_program("caddy"), "run", "--adapter", "caddyfile", "--config", s.dir / "Caddyfile"],
                   env={"HOME": str(s.dir), "XDG_DATA_HOME": str(s.dir), "XDG_CONFIG_HOME": str(s.dir)})


def stunnel(s, recipe, lines, _):
    cert = [] if recipe == "chain" else ["cert = {cert:rsa.all}"]
    s.write("s.conf", s.fill("foreground = yes\npid =\nsyslog = no\n[tls]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:9\n"
                             + "\n".join(cert + lines) + "\n"))
    return Command([find_program("stunnel", "stunnel4"), s.dir / "s.conf"])


def postfix(s, recipe, lines, _):
    program = find_program("postfix")
    if os.getuid():
        raise Skip("postfix starts as root alone")
    for folder in ("queue", "data"):
        (s.dir / folder).mkdir()
    shutil.chown(s.dir / "data", "postfix")
    key = [] if recipe == "chain" else ["smtpd_tls_chain_files = {cert:rsa.key}, {cert:rsa.pem}"]
    s.write("main.cf", s.fill(
        "compatibility_level = 3.6\nqueue_directory = {dir}/queue\ndata_directory = {dir}/data\nmyhostname = test.example\n"
        "inet_interfaces = 127.0.0.1\nmaillog_file = /dev/stdout\nmaillog_file_prefixes = /dev\nsmtpd_tls_security_level = encrypt\n"
        "smtpd_tls_wrappermode = yes\n" + "\n".join(key + lines) + "\n"))
    s.write("master.cf", s.fill("127.0.0.1:{port} inet n - n - - smtpd\n")
            + "".join(f"{n} unix {p} - n {w} {m} {c}\n" for n, p, w, m, c in (
                ("tlsmgr", "-", "1000?", "1", "tlsmgr"), ("proxymap", "-", "-", "-", "proxymap"), ("rewrite", "-", "-", "-", "trivial-rewrite"),
                ("cleanup", "n", "-", "0", "cleanup"), ("anvil", "-", "-", "1", "anvil"))) + "postlog unix-dgram n - n - 1 postlogd\n")
    subprocess.run([program, "-c", s.dir, "check"], check=True, capture_output=True, timeout=60)    # makes the queue's folders
    daemons = subprocess.run([find_program("postconf"), "-h", "daemon_directory"], check=True, capture_output=True, text=True).stdout.strip()
    # By itself, and -d: otherwise it leaves the group of processes that is ended with the server.
    return Command([f"{daemons}/master", "-c", s.dir, "-d"])


def dovecot(s, recipe, lines, _):
    program = find_program("dovecot")
    if os.getuid():
        raise Skip("dovecot starts as root alone")
    key = [] if recipe == "chain" else ["ssl_cert = <{cert:rsa.pem}", "ssl_key = <{cert:rsa.key}"]
    s.write("dovecot.conf", s.fill(
        "base_dir = {dir}/run\nlog_path = {dir}/dovecot.log\nprotocols = imap\nlisten = 127.0.0.1\nssl = required\n"
        "passdb {\n driver = static\n args = nopassword=y\n}\nuserdb {\n driver = static\n args = uid=65534 gid=65534 home=/nonexistent\n}\n"
        "service imap-login {\n inet_listener imap {\n port = 0\n }\n inet_listener imaps {\n port = {port}\n ssl = yes\n }\n}\n"
        "service anvil {\n chroot =\n}\n" + "\n".join(key + lines) + "\n"))
    return Command([program, "-F", "-c", s.dir / "dovecot.conf"])


def java(s, _, lines, __):
    s.write("old.security", "jdk.tls.disabledAlgorithms=\njdk.certpath.disabledAlgorithms=\n")
    return Command([find_program("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", *arguments(s.fill(line) for line in lines),
                    HERE / "programs/Server.java", str(s.port), s.cert("rsa.p12"), "default"])


GO = """package main
import ("crypto/tls"; "io"; "net/http"; "os")
func main() {
	c := &tls.Config{
%CONFIG%
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
%HANDLER%
		io.WriteString(w, "ok")
	})
	panic((&http.Server{Addr: os.Args[1], Handler: h, TLSConfig: c}).ListenAndServeTLS(os.Args[2], os.Args[3]))
}
"""


def go(s, recipe, lines, _):
    handler = recipe == "hsts"
    text = GO.replace("%CONFIG%", "" if handler else "\n".join(lines)).replace("%HANDLER%", "\n".join(lines) if handler else "")
    s.write("server.go", text)
    s.write("go.mod", f"module server\n\ngo {'1.24' if recipe == 'post_quantum' else '1.17'}\n")    # also which defaults of the library hold
    built = subprocess.run([find_program("go"), "build", "-o", s.dir / "server", "."], cwd=s.dir, capture_output=True, text=True,
                           timeout=400, env={**os.environ, "GO111MODULE": "on", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false",
                                             "GOCACHE": os.environ.get("GOCACHE", os.path.expanduser("~/.cache/go-build"))})
    if built.returncode:
        raise Skip(f"go cannot build: {built.stderr.strip()[:200]}")
    return Command([s.dir / "server", f"127.0.0.1:{s.port}", s.cert("rsa.pem"), s.cert("rsa.key")])


PROGRAMS = {"nginx": nginx, "Apache": apache, "HAProxy": haproxy, "Caddy": caddy, "stunnel": stunnel, "Postfix": postfix,
            "Dovecot": dovecot, "Java": java, "Go": go}

# ---- pasting -----------------------------------------------------------------------------------------------------------


def name_of(line):
    """What a line sets: of headers and of OpenSSL's commands the second word is part of it."""
    words = re.split(r"[\s=:]+", line.strip())
    pairs = ("add_header", "Header", "SSLOpenSSLConfCmd", "ssl_conf_command", "header", "http-after-response", "options")
    return " ".join(words[:3] if words[0] in ("Header", "http-after-response") else words[:2] if words[0] in pairs else words[:1])


def pasted(bad, good):
    """The bad lines with the good ones in their place; a whole block replaces what is there."""
    if good[-1].strip() in ("}", "</VirtualHost>"):
        return good
    names = {name_of(line) for line in good}
    return [line for line in bad if name_of(line) not in names] + good


def here(s, line):
    line = line.replace("/etc/ssl/example/fullchain.pem", s.cert("rsa.pem")).replace("/etc/ssl/example/privkey.pem", s.cert("rsa.key"))
    line = line.replace("/etc/ssl/example/all.pem", s.cert("rsa.all")).replace("bind :443", f"bind 127.0.0.1:{s.port}")
    return line.replace("www.example.org", "test.example").replace("*:80", f"127.0.0.1:{s.plain}").replace("listen 80", f"listen 127.0.0.1:{s.plain}")


def leaf_alone(s, lines):
    """The bad server of `chain`: the same lines, without those that issued the leaf."""
    both = s.dir / "leaf.all"
    both.write_text(pathlib.Path(s.cert("rsa.crt")).read_text() + pathlib.Path(s.cert("rsa.key")).read_text())
    return [line.replace(s.cert("rsa.pem"), s.cert("rsa.crt")).replace(s.cert("rsa.all"), str(both)) for line in lines]


def started(place, recipe, snippet, mended):
    server, good = snippet["server"], snippet["lines"].split("\n")
    bad = BAD.get((recipe, server), {})

    def command(s, _words, _lines):
        lines = [here(s, line) for line in bad.get("", [])]
        if recipe == "chain":
            lines = [here(s, line) for line in good] if mended else leaf_alone(s, [here(s, line) for line in good])
        elif mended:
            lines = pasted(lines, [here(s, line) for line in good])
        return PROGRAMS[server](s, recipe, lines, bad)

    name = f"advice-{recipe}-{server}"
    RECIPES[name] = command
    return Server(place, name)


def failed(server, recipe, ids):
    """Of these, what fails at the server: findings, and rules of the grade."""
    args = ["--json", "--ca-file", server.cert("root.crt")]
    if recipe == "redirect":
        args += ["--http-port", str(server.plain)]
    done = report.run(*args, f"test.example@127.0.0.1:{server.port}")
    record = json.loads(done.stdout)[0]
    if record["status"] != "ok":
        raise Failed(f"{record['status']}: {record.get('error')}: {server.log()[-300:]}")
    fails = {f["id"] for f in record["findings"] if f["state"] == "fail"}
    fails |= {e["rule"] for e in record["grade"]["ledger"] if e["state"] == "applied"}
    return fails & ids


def applied(place, recipe, snippet):
    """What failed before, and what is wrong with the advice."""
    ids = set(recipe["source"].split())
    with started(place, recipe["id"], snippet, False) as server:
        before = failed(server, recipe["id"], ids)
    with started(place, recipe["id"], snippet, True) as server:
        after = failed(server, recipe["id"], ids)
    wrong = [f"{i} fails still" for i in sorted(after)]
    return before, wrong if before else wrong + ["nothing failed before"]


def tried(place, recipe, snippet):
    """What became of one snippet: (its name, what it mended, what is wrong, why it was skipped)."""
    key = (recipe["id"], snippet["server"])
    name = "/".join(key)
    if key not in BAD and not (recipe["id"] == "chain" and snippet["server"] in CHAINS):
        return name, set(), ["no bad server to put it into"], None
    try:
        return name, *applied(place, recipe, snippet), None
    except Skip as e:
        return name, set(), [], str(e)
    except Failed as e:
        return name, set(), [str(e)], None


def main():
    wanted = sys.argv[1:]
    recipes = json.loads(report.run("list", "recipes", "--json").stdout)
    pairs = [(r, s) for r in recipes for s in r["snippets"] if not wanted or s["server"] in wanted]
    todo = [(r, s) for r, s in pairs if NOT_APPLIED not in (s["caution"] or "")]
    place = Place()
    place.certs.path("rsa.all")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda pair: tried(place, *pair), todo))
    place.close()
    for name, before, wrong, _ in done:
        print(name, *(wrong or sorted(before)))
    wrong = [f"WRONG {name}: {w}" for name, _, faults, _ in done for w in faults]
    skipped = [f"{name} ({why})" for name, _, _, why in done if why]
    mended = sum(bool(before) and not faults for _, before, faults, _ in done)
    print(*wrong, sep="\n")
    print(f"{mended} snippets mend {len(set().union(*(d[1] for d in done)))} rules, {len(wrong)} wrong, {len(pairs) - len(todo)} not applied; "
          f"skipped: {', '.join(skipped) or 'none'}")
    return 1 if wrong else 77 if not mended else 0


if __name__ == "__main__":
    sys.exit(main())
