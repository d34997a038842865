"""Daemons with STARTTLS, each on a free loopback port with a configuration of its own; recipes as in servers.py.

Where a daemon can, {plain} is a port of the same process and configuration that speaks TLS at once: what is found through
both must be the same.
"""
import glob
import os
import pathlib
import shutil
import subprocess

from servers import Command, Skip, certs_of, find_program


def owned_by(user, *paths):
    """As root: files that a daemon's own user is to have. Nobody else can start those daemons."""
    if os.getuid():
        raise Skip("this daemon is started as root, and changes to a user of its own")
    for path in paths:
        shutil.chown(path, user)


def dovecot(s, words, lines):
    """proto=imap|pop3|sieve|lmtp; lines: configuration."""
    program, proto = find_program("dovecot"), words["proto"]
    if os.getuid():
        raise Skip("dovecot is started as root, and changes to users of its own")
    if not os.path.exists(f"/usr/lib/dovecot/{ {'sieve': 'managesieve'}.get(proto, proto)}"):
        raise Skip(f"dovecot has no {proto} here")
    service = {"imap": "imap-login", "pop3": "pop3-login", "sieve": "managesieve-login", "lmtp": "lmtp"}[proto]
    usual, direct = {"imap": ("imap", "imaps"), "pop3": ("pop3", "pop3s"), "sieve": ("sieve", "sieves"), "lmtp": ("lmtp", "lmtps")}[proto]
    c = certs_of(words)[0]
    s.write("dovecot.conf", f"""base_dir = {s.dir}/run
state_dir = {s.dir}/state
log_path = /dev/stderr
protocols = {proto}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{s.cert(c + '.pem')}
ssl_key = <{s.cert(c + '.key')}
passdb {{
  driver = static
  args = nopassword=y
}}
service {service} {{
  inet_listener {usual} {{
    port = {s.port}
  }}
  inet_listener {direct} {{
    port = {s.plain}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
""" + "\n".join(lines) + "\n")
    return Command([program, "-F", "-c", s.dir / "dovecot.conf"])


def postfix(s, words, lines):
    """lines: of main.cf."""
    program, c = find_program("postfix"), certs_of(words)[0]
    (s.dir / "queue").mkdir()
    (s.dir / "data").mkdir()
    owned_by("postfix", s.dir / "data")
    s.write("main.cf", f"""compatibility_level = 3.6
queue_directory = {s.dir}/queue
data_directory = {s.dir}/data
maillog_file = /dev/stdout
myhostname = test.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = {s.cert(c + '.key')} {s.cert(c + '.pem')}
smtpd_tls_loglevel = 0
""" + "\n".join(lines) + "\n")
    services = "".join(f"{name} unix - - n {more}\n" for name, more in (
        ("tlsmgr", "1000? 1 tlsmgr"), ("rewrite", "- - trivial-rewrite"), ("proxymap", "- - proxymap"), ("anvil", "- 1 anvil"),
        ("cleanup", "- 0 cleanup")))
    s.write("master.cf", f"127.0.0.1:{s.port} inet n - n - - smtpd\n"
            f"127.0.0.1:{s.plain} inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n"
            f"postlog unix-dgram n - n - 1 postlogd\n{services}")
    return Command([program, "-c", s.dir, "start-fg"])


def vsftpd(s, words, lines):
    """lines: configuration. Two processes, the second for {plain}."""
    program, c = find_program("vsftpd"), certs_of(words)[0]
    if os.getuid():
        raise Skip("vsftpd is started as root")
    (s.dir / "empty").mkdir()
    for file, port, implicit in (("a.conf", s.port, "NO"), ("b.conf", s.plain, "YES")):
        s.write(file, f"listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port={port}\nanonymous_enable=NO\nlocal_enable=YES\n"
                f"nopriv_user=nobody\nsecure_chroot_dir={s.dir}/empty\nseccomp_sandbox=NO\nssl_enable=YES\nimplicit_ssl={implicit}\n"
                f"max_per_ip=0\nrsa_cert_file={s.cert(c + '.pem')}\nrsa_private_key_file={s.cert(c + '.key')}\n" + "\n".join(lines) + "\n")
    return Command([find_program("sh"), "-c", f"'{program}' b.conf & exec '{program}' a.conf"])


def prosody(s, words, lines):
    """proto=c2s|s2s; lines: configuration."""
    proto, c = words["proto"], certs_of(words)[0]
    other = {"c2s": "s2s", "s2s": "c2s"}[proto]
    keys = f'{{ certificate = "{s.cert(c + ".pem")}", key = "{s.cert(c + ".key")}" }}'
    s.write("p.lua", f"""run_as_root = true
pidfile = "{s.dir}/pid"
data_path = "{s.dir}"
interfaces = {{ "127.0.0.1" }}
{proto}_ports = {{ {s.port} }}
{proto}_direct_tls_ports = {{ {s.plain} }}
{other}_ports = {{ }}
{other}_direct_tls_ports = {{ }}
modules_enabled = {{ "tls", "saslauth" }}
log = {{ info = "*console" }}
ssl = {keys}
{proto}_direct_tls_ssl = {keys}
""" + "\n".join(lines) + f'\nVirtualHost "test.example"\nssl = {keys}\n')
    return Command([find_program("prosody"), "--config", s.dir / "p.lua", "-F"], env={"HOME": str(s.dir)})


def slapd(s, words, lines):
    """lines: configuration."""
    c = certs_of(words)[0]
    s.write("slapd.conf", f"pidfile {s.dir}/pid\nargsfile {s.dir}/args\nTLSCACertificateFile {s.cert(c + '.rest')}\n"
            f"TLSCertificateFile {s.cert(c + '.pem')}\nTLSCertificateKeyFile {s.cert(c + '.key')}\n" + "\n".join(lines) + "\n")
    return Command([find_program("slapd"), "-d", "0", "-h", f"ldap://127.0.0.1:{s.port}/ ldaps://127.0.0.1:{s.plain}/",
                    "-f", s.dir / "slapd.conf"])


def postgres(s, words, lines):
    """lines: of postgresql.conf. No TLS at once before version 17."""
    bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
    if not bins:
        raise Skip("postgresql is not installed")
    c, runuser, data = certs_of(words)[0], find_program("runuser"), s.dir / "data"
    for file in ("key", "pem"):
        shutil.copy(s.cert(f"{c}.{file}"), s.dir / f"tls.{file}")
        os.chmod(s.dir / f"tls.{file}", 0o600)
    owned_by("postgres", s.dir, s.dir / "tls.key", s.dir / "tls.pem")
    made = subprocess.run([runuser, "-u", "postgres", "--", f"{bins[-1]}/initdb", "-N", "-D", data], capture_output=True, text=True,
                          timeout=120, cwd=s.dir)
    if made.returncode:
        raise Skip(f"initdb: {made.stderr[-300:]}")
    with open(data / "postgresql.conf", "a") as f:
        f.write(f"listen_addresses = '127.0.0.1'\nport = {s.port}\nunix_socket_directories = '{s.dir}'\nssl = on\nfsync = off\n"
                f"ssl_cert_file = '{s.dir}/tls.pem'\nssl_key_file = '{s.dir}/tls.key'\n" + "\n".join(lines) + "\n")
    return Command([runuser, "-u", "postgres", "--", f"{bins[-1]}/postgres", "-D", data])


def mariadb(s, words, lines):
    """lines: options. It has no TLS at once."""
    program, c = find_program("mariadbd", "mysqld"), certs_of(words)[0]
    if os.getuid():
        raise Skip("mariadbd is started as root, and changes to a user of its own")
    (s.dir / "data").mkdir()
    shutil.copy(s.cert(f"{c}.key"), s.dir / "tls.key")
    owned_by("mysql", s.dir, s.dir / "data", s.dir / "tls.key")
    return Command([program, "--no-defaults", "--user=mysql", f"--datadir={s.dir}/data", "--skip-grant-tables", "--skip-networking=0",
                    "--bind-address=127.0.0.1", f"--port={s.port}", f"--socket={s.dir}/socket", f"--pid-file={s.dir}/pid",
                    f"--ssl-cert={s.cert(c + '.pem')}", f"--ssl-key={s.dir}/tls.key", "--innodb-buffer-pool-size=8M",
                    "--innodb-log-file-size=4M", *lines])


def inspircd(s, words, lines):
    """lines: configuration. {plain} has TLS at once."""
    program, c = find_program("inspircd"), certs_of(words)[0]
    s.write("i.conf", f"""<server name="irc.test.example" description="test" network="test">
<admin name="test" nick="test" email="test@test.example">
<module name="ssl_gnutls">
<module name="starttls">
<sslprofile name="tls" provider="gnutls" certfile="{s.cert(c + '.pem')}" keyfile="{s.cert(c + '.key')}">
<bind address="127.0.0.1" port="{s.port}" type="clients">
<bind address="127.0.0.1" port="{s.plain}" type="clients" ssl="tls">
<connect allow="*" timeout="30" localmax="1000" globalmax="1000" resolvehostnames="no" useident="no">
<class name="none"> <type name="none" classes="none">
<pid file="{s.dir}/pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{s.dir}/irc.log">
""" + "\n".join(lines) + "\n")
    os.chmod(pathlib.Path(s.dir), 0o755)
    return Command([program, "--nofork", *(["--runasroot"] if not os.getuid() else []), "--config", s.dir / "i.conf"])


DAEMONS = {"dovecot": dovecot, "postfix": postfix, "vsftpd": vsftpd, "prosody": prosody, "slapd": slapd, "postgres": postgres,
           "mariadb": mariadb, "inspircd": inspircd}
