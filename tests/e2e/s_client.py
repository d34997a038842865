#!/usr/bin/env python3
"""A stock client against the server of tests/servers: what one of the field's own clients finds sound is sound.

    s_client.py TLS_SERVER        exit status 77 where there is no openssl
"""
import contextlib
import shutil
import subprocess
import sys
import tempfile

SECONDS = 20

# name, config of the server, arguments of the client, what the client must say
ROWS = [
    ("TLS 1.3", "versions=TLSv1.3", "-tls1_3", ["TLSv1.3"]),
    ("TLS 1.3, ChaCha20", "versions=TLSv1.3", "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", ["CHACHA20"]),
    ("TLS 1.3, Ed25519", "versions=TLSv1.3\nchains=ed25519\nschemes=ed25519", "-tls1_3", ["type: Ed25519|ed25519"]),
    ("TLS 1.3, retry", "versions=TLSv1.3\ngroups=secp384r1\ncookie=yes", "-tls1_3 -groups X25519:P-384",
     ["TLSv1.3"]),
    ("TLS 1.3, client certificate asked", "versions=TLSv1.3\nclient_auth=ask", "-tls1_3", ["TLSv1.3"]),
    ("TLS 1.3, ffdhe3072", "versions=TLSv1.3\ngroups=ffdhe3072", "-tls1_3 -groups ffdhe3072", ["DH, ffdhe3072|DH, 3072"]),
    ("TLS 1.2, ECDHE, AEAD", "versions=TLSv1.2", "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384", ["TLSv1.2"]),
    ("TLS 1.2, ECDSA", "versions=TLSv1.2\nchains=ecdsa", "-tls1_2", ["TLSv1.2"]),
    ("TLS 1.2, DHE", "versions=TLSv1.2", "-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384", ["DH, 2048"]),
    ("TLS 1.2, RSA", "versions=TLSv1.2", "-tls1_2 -cipher AES256-SHA", ["TLSv1.2"]),
    ("TLS 1.2, CBC without encrypt-then-MAC", "versions=TLSv1.2\nanswers=ems,renegotiation",
     "-tls1_2 -cipher ECDHE-RSA-AES256-SHA", ["TLSv1.2"]),
    ("TLS 1.2, anonymous", "versions=TLSv1.2\nsuites=ADH-AES256-SHA",
     "-tls1_2 -cipher ADH-AES256-SHA:@SECLEVEL=0", ["TLSv1.2"]),
    ("TLS 1.2, PSK", "versions=TLSv1.2\nsuites=PSK-AES128-CBC-SHA\npsk=0011223344\npsk_identity=me",
     "-tls1_2 -cipher PSK-AES128-CBC-SHA:@SECLEVEL=0 -psk 0011223344 -psk_identity me", ["PSK-AES128-CBC-SHA"]),
    ("TLS 1.2, DHE and PSK", "versions=TLSv1.2\nsuites=DHE-PSK-AES128-CBC-SHA\npsk=0011223344",
     "-tls1_2 -cipher DHE-PSK-AES128-CBC-SHA:@SECLEVEL=0 -psk 0011223344", ["DHE-PSK-AES128-CBC-SHA"]),
    ("TLS 1.2, client certificate asked", "versions=TLSv1.2\nclient_auth=ask", "-tls1_2", ["TLSv1.2"]),
    ("TLS 1.1", "versions=TLSv1.1", "-tls1_1 -cipher DEFAULT:@SECLEVEL=0", ["TLSv1.1"]),
    ("TLS 1.0", "versions=TLSv1.0", "-tls1 -cipher DEFAULT:@SECLEVEL=0", ["TLSv1"]),
    ("TLS 1.0, RSA", "versions=TLSv1.0", "-tls1 -cipher AES128-SHA:@SECLEVEL=0", ["TLSv1"]),
]

# Sessions: the same, with a second connection that takes up what the first was given.
RESUMED = [
    ("by ticket, TLS 1.2", "versions=TLSv1.2", "-tls1_2"),
    ("by id, TLS 1.2", "versions=TLSv1.2\nanswers=ems,etm,renegotiation", "-tls1_2"),
    ("by id, TLS 1.0", "versions=TLSv1.0\nanswers=ems,etm,renegotiation", "-tls1 -cipher DEFAULT:@SECLEVEL=0"),
    ("by PSK, TLS 1.3", "versions=TLSv1.3", "-tls1_3"),
]

REQUEST = b"GET / HTTP/1.1\r\nHost: server.test\r\n\r\n"


@contextlib.contextmanager
def serving(program, config):
    arguments = [part for line in config.splitlines() for part in ("--set", line)]
    with subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def ask(port, arguments):
    """All that the client writes; -ign_eof keeps it until the server has said goodbye."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "server.test", "-ign_eof"]
    done = subprocess.run([*command, *arguments.split()], input=REQUEST, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def says(text, words):
    return any(word in text for word in words.split("|"))


def wrong(name, code, text, wanted):
    good = code == 0 and "\nhello\n" in text and all(says(text, words) for words in wanted)
    if not good:
        print(f"{name}: status {code}, wanted {wanted}\n{text}")
    return not good


def try_row(program, name, config, arguments, wanted):
    with serving(program, config) as port:
        return wrong(name, *ask(port, arguments), wanted)


def try_resumed(program, name, config, arguments):
    with serving(program, config) as port, tempfile.NamedTemporaryFile() as session:
        first = wrong(f"{name}, first", *ask(port, f"{arguments} -sess_out {session.name}"), ["New, "])
        return first or wrong(f"{name}, again", *ask(port, f"{arguments} -sess_in {session.name}"), ["Reused, "])


def main():
    if not shutil.which("openssl"):
        return 77
    program = sys.argv[1]
    failures = [try_row(program, *row) for row in ROWS] + [try_resumed(program, *row) for row in RESUMED]
    return any(failures)


if __name__ == "__main__":
    sys.exit(main())
