"""The server of tests/servers for tests that start it themselves, and a root certificate that is the whole trust store."""
import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import time

EPOCH = "1790000000"


@contextlib.contextmanager
def tls_server(program, *words):
    """Its port. It listens on every address of the loopback that it is told, by default 127.0.0.1."""
    with subprocess.Popen([program, *words], stdout=subprocess.PIPE, text=True) as child:
        try:
            yield int(child.stdout.readline())
        finally:
            child.kill()


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def openssl(certificate, *words):
    """The port of an `openssl s_server`, which completes handshakes."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", certificate, "-www",
                           *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            for _ in range(200):
                if answers(port):
                    break
                time.sleep(0.05)
            yield port
        finally:
            child.kill()


@contextlib.contextmanager
def folder():
    """A folder with root.pem in it, certificate and key; the environment names it as the system's store, and stops the clock of reports."""
    with tempfile.TemporaryDirectory(prefix="tlsassay-") as name:
        root = pathlib.Path(name) / "root.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=a root", "-keyout", root, "-out", root], check=True, capture_output=True)
        os.environ.update(SSL_CERT_FILE=str(root), SOURCE_DATE_EPOCH=EPOCH)
        yield pathlib.Path(name)
