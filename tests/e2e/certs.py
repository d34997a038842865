"""Certificates for the servers of the tests, made with openssl the first time one is asked for.

The chain is root -> one -> two -> leaf. `NAME.crt` is the leaf alone, `NAME.pem` what a server should send (leaf, two,
one), `NAME.rest` that without the leaf,
`NAME.key` the key, `NAME.all` key and chain in one file, `NAME.p12` the same with the password "test",
`NAME.pub` the public key alone. `NAME.folder` is a directory with that certificate alone, `NAME.hashed` one with the name
that OpenSSL looks for. `NAME.spki` is the hash of its public key. `foreign.crt` is a root that nothing here is issued by, unless it says so.
"""
import hashlib
import pathlib
import subprocess
import threading

import staples

NAMES = "DNS:test.example,DNS:*.test.example,IP:127.0.0.1,IP:::1"

# name: options of `openssl req -newkey`, digest
LEAVES = {
    "rsa": ("rsa:2048", "-sha256"),
    "rsa1024": ("rsa:1024", "-sha1"),
    "rsa512": ("rsa:512", "-sha1"),
    "rsapss": ("rsa-pss -pkeyopt rsa_keygen_bits:2048", "-sha256"),
    "ecdsa": ("ec -pkeyopt ec_paramgen_curve:P-256", "-sha256"),
    "ecdsa384": ("ec -pkeyopt ec_paramgen_curve:P-384", "-sha256"),
    "ed25519": ("ed25519", "-sha256"),
    "ed448": ("ed448", "-sha256"),
    "dsa": ("dsa:{dir}/dsa.param", "-sha256"),
    "ecdh": ("ec -pkeyopt ec_paramgen_curve:P-256", "-sha256"),    # for static ECDH: its key may agree, its issuer is RSA
    "ecdhself": ("ec -pkeyopt ec_paramgen_curve:P-256", "-sha256"),    # the same, signed by itself
    "expired": ("rsa:2048", "-sha256"),
    "othername": ("rsa:2048", "-sha256"),
    "muststaple": ("rsa:2048", "-sha256"),
    "wild": ("rsa:2048", "-sha256"),
    "noip": ("rsa:2048", "-sha256"),
    "ipdns": ("rsa:2048", "-sha256"),
    "rsaself": ("rsa:2048", "-sha256"),
    "distrusted": ("rsa:2048", "-sha256"),
    "placed": ("rsa:2048", "-sha256"),    # says where its issuer's certificate is
    "ecshort": ("ec -pkeyopt ec_paramgen_curve:P-384", "-sha384"),    # as strict policies want it, from a root with such a key
}
DAYS = {"ecshort": "90"}

# Roots beside `root`: one that nothing here is issued by, and one with the name of an authority that browsers distrust.
ROOTS = {"foreign": "/CN=Foreign Root", "diginotar": "/C=NL/O=DigiNotar/CN=DigiNotar Root CA",
         "ecroot": "/CN=Test EC Root"}
ISSUERS = {"distrusted": "diginotar", "ecshort": "ecroot"}

# Leaves with names of their own; the others have NAMES.
NAMES_OF = {
    "othername": "DNS:other.example",
    "wild": "DNS:*.test.example",
    "noip": "DNS:test.example",
    "ipdns": "DNS:127.0.0.1,DNS:test.example",    # an address is no DNS name
}

# Certificates of clients: name, as above, and who issued it. `foreign` is a root of its own, which no server trusts.
CLIENTS = {
    "me": ("rsa:2048", "-sha256", "two"),
    "meec": ("ec -pkeyopt ec_paramgen_curve:P-256", "-sha256", "two"),
    "stranger": ("rsa:2048", "-sha256", "foreign"),
}

# Other orders of the same chain, which a server should not send.
PARTS = {
    "incomplete": ("rsa", ["rsa.crt"]),
    "fetchable": ("placed", ["placed.crt"]),
    "disorder": ("rsa", ["rsa.crt", "one.crt", "two.crt"]),
    "withroot": ("rsa", ["rsa.crt", "two.crt", "one.crt", "root.crt"]),
    "doubled": ("rsa", ["rsa.crt", "two.crt", "one.crt", "two.crt"]),
    "needless": ("rsa", ["rsa.crt", "two.crt", "one.crt", "foreign.crt"]),
    "crossed": ("rsa", ["rsa.crt", "two.crt", "one.crt", "cross.crt"]),
    "late": ("rsa", ["rsa.crt", "stale.crt", "one.crt"]),
    "latebeside": ("rsa", ["rsa.crt", "stale.crt", "two.crt", "one.crt"]),
}

# Authorities that have the name and key of another one: whose, issued by whom. `stale` has expired.
TWINS = {
    "cross": ("root", "/CN=Test Root", "foreign"),
    "stale": ("two", "/CN=Test Intermediate two", "one"),
}

PRIMES = {
    "dh512": """-----BEGIN DH PARAMETERS-----
MEYCQQCsEyizqBjTUlrgwqp8OtslzYikUrhfB+x5iQMW13kfZw0mGiMom6HPbrZp
6eB6D0Q/GQeFaHWxETYc8lN2nWhnAgEC
-----END DH PARAMETERS-----
""",
    "dh1024": """-----BEGIN DH PARAMETERS-----
MIGHAoGBAJaLU/si8M0q46XYF3fHh4oX3z27H2Eph4vJrwWrJz66NuZBLOjTO7fZ
Vlmf68DLzwJm15KL4HZLCfcKNri3FNxx7aB4T/msIiO0bVmFWiOWbmKowJeL7qQa
9NNPSNOzg8vIgrac20ECbATMtN1coJQfV/w5TKB7ziQs402a2a13AgEC
-----END DH PARAMETERS-----
""",
}

CA_CONF = """
[ca]
default_ca = test
[test]
database = {dir}/index
serial = {dir}/serial
new_certs_dir = {dir}
default_md = sha256
policy = any
[any]
commonName = supplied
"""


class Certs:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.lock = threading.RLock()
        self.made = set()

    def need(self, *names):
        """Makes the files of these names; nothing happens for those that are there."""
        with self.lock:
            self._authorities()
            for name in names:
                if name not in self.made:
                    make = self._part if name in PARTS else self._client if name in CLIENTS else self._leaf
                    make(name)
                    self.made.add(name)

    def path(self, file):
        """The path of NAME.crt, NAME.pem, NAME.key ..., made when it is not there; also dh512.pem and the like."""
        stem = file.split(".")[0]
        if stem.startswith("dh"):
            self._dh(stem)
        elif stem in ROOTS:
            self._root(stem, ROOTS[stem])
        elif stem not in ("root", "one", "two"):
            self.need(stem)
        else:
            self.need()
        if file.endswith(".p12"):
            self._p12(stem)
        if file.endswith(".spki"):
            self._spki(stem)
        if file.endswith((".folder", ".hashed")):
            self._folder(stem, file)
        if file.endswith(".staple"):
            self._staple(stem, file.split(".")[1])
        if file.endswith(".pub") and not (self.dir / file).exists():
            self._openssl("pkey", "-in", f"{stem}.key", "-pubout", "-out", file)
        return str(self.dir / file)

    def _openssl(self, *args):
        done = subprocess.run(["openssl", *args], cwd=self.dir, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"openssl {' '.join(args)}: {done.stderr.strip()}")

    def _write(self, file, text):
        (self.dir / file).write_text(text)

    def _authorities(self):
        if "root" in self.made:
            return
        self._root("root", "/CN=Test Root")
        self._authority("one", "root")
        self._authority("two", "one")

    def _root(self, name, subject):
        with self.lock:
            if name in self.made:
                return
            key = LEAVES["ecshort"][0] if name == "ecroot" else "rsa:2048"
            self._openssl("req", "-x509", "-newkey", *key.split(), "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt",
                          "-days", "3650", "-subj", subject, "-sha256")
            self.made.add(name)

    def _authority(self, name, issuer):
        ext = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        self._signed(name, "rsa:2048", "-sha256", issuer, f"/CN=Test Intermediate {name}", ext)

    def _twin(self, name):
        of, subject, issuer = TWINS[name]
        if issuer == "foreign":
            self._root("foreign", ROOTS["foreign"])
        self._openssl("req", "-new", "-key", f"{of}.key", "-out", f"{name}.csr", "-subj", subject, "-sha256")
        self._write(f"{name}.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        self._sign(name, "-sha256", issuer)

    def _signed(self, name, key, digest, issuer, subject, ext):
        if "dsa.param" in key:
            self._openssl("dsaparam", "-out", "dsa.param", "1024")
        self._openssl("req", "-newkey", *key.format(dir=self.dir).split(), "-nodes", "-keyout", f"{name}.key",
                      "-out", f"{name}.csr", "-subj", subject, "-sha256")
        self._write(f"{name}.ext", ext)
        self._sign(name, digest, issuer)

    def _sign(self, name, digest, issuer):
        if name in ("expired", "stale"):
            self._by_dates(name, issuer)
        elif name.endswith("self"):
            self._openssl("x509", "-req", "-in", f"{name}.csr", "-signkey", f"{name}.key", "-days", "300", digest,
                          "-extfile", f"{name}.ext", "-out", f"{name}.crt")
        else:
            self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key",
                          "-CAcreateserial", "-days", DAYS.get(name, "300"), digest, "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def _by_dates(self, name, issuer):
        self._write("ca.conf", CA_CONF.format(dir=self.dir))
        self._write("index", "")
        self._write("serial", "1000\n")
        self._openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-cert", f"{issuer}.crt", "-keyfile",
                      f"{issuer}.key", "-in", f"{name}.csr", "-out", f"{name}.crt", "-extfile", f"{name}.ext",
                      "-startdate", "20230101000000Z", "-enddate", "20240101000000Z")

    def _leaf(self, name):
        key, digest = LEAVES[name]
        names = NAMES_OF.get(name, NAMES)
        host = "other.example" if name == "othername" else "test.example"
        usage = "digitalSignature,keyEncipherment" + (",keyAgreement" if name.startswith("ecdh") else "")
        ext = (f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n"
               f"keyUsage={usage}\nbasicConstraints=CA:FALSE\n")
        if name == "muststaple":
            ext += "tlsfeature=status_request\n"
        if name == "placed":
            ext += "authorityInfoAccess=caIssuers;URI:http://pki.test.example/two.der\n"
        issuer = ISSUERS.get(name, "two")
        if issuer in ROOTS:
            self._root(issuer, ROOTS[issuer])
        self._signed(name, key, digest, issuer, f"/CN={host}", ext)
        self._bundle(name, [f"{name}.crt", *([] if name.endswith("self") or issuer in ROOTS else ["two.crt", "one.crt"])])

    def _client(self, name):
        key, digest, issuer = CLIENTS[name]
        if issuer == "foreign":
            self._root("foreign", ROOTS["foreign"])
        self._signed(name, key, digest, issuer, f"/CN={name}/O=Clients",
                     "extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n")
        self._bundle(name, [f"{name}.crt"] + (["two.crt", "one.crt"] if issuer == "two" else []))

    def _part(self, name):
        leaf, files = PARTS[name]
        self.need(leaf)
        for extra in [f[:-4] for f in files if f[:-4] in (*TWINS, "foreign")]:
            if extra == "foreign":
                self._root("foreign", ROOTS["foreign"])
            elif extra not in self.made:
                self._twin(extra)
                self.made.add(extra)
        self._write(f"{name}.key", (self.dir / f"{leaf}.key").read_text())
        self._bundle(name, files)

    def _bundle(self, name, files):
        chain = "".join((self.dir / f).read_text() for f in files)
        self._write(f"{name}.pem", chain)
        self._write(f"{name}.crt", (self.dir / files[0]).read_text())
        self._write(f"{name}.rest", "".join((self.dir / f).read_text() for f in files[1:]))
        self._write(f"{name}.all", (self.dir / f"{name}.key").read_text() + chain)

    def _p12(self, name):
        with self.lock:
            if not (self.dir / f"{name}.p12").exists():
                self._openssl("pkcs12", "-export", "-in", f"{name}.pem", "-inkey", f"{name}.key", "-out",
                              f"{name}.p12", "-name", name, "-passout", "pass:test")

    def _spki(self, stem):
        """The SHA-256 of its public key, as --distrust and --known-keys read it."""
        with self.lock:
            self._openssl("pkey", "-in", f"{stem}.key", "-pubout", "-outform", "DER", "-out", f"{stem}.spki.der")
            hash = hashlib.sha256((self.dir / f"{stem}.spki.der").read_bytes()).hexdigest()
            self._write(f"{stem}.spki", f"{hash} {stem}\n")

    def _folder(self, stem, file):
        with self.lock:
            (self.dir / file).mkdir(exist_ok=True)
            name = f"{stem}.pem"
            if file.endswith(".hashed"):
                done = subprocess.run(["openssl", "x509", "-subject_hash", "-noout", "-in", f"{stem}.crt"], cwd=self.dir,
                                      capture_output=True, text=True, timeout=60, check=True)
                name = f"{done.stdout.strip()}.0"
            self._write(f"{file}/{name}", (self.dir / f"{stem}.crt").read_text())

    def _staple(self, stem, word):
        """NAME.WORD.staple: an OCSP response, by the words of staples.py; `other` is about another certificate."""
        about = "expired" if word == "other" else stem
        with self.lock:
            self.need(about)
            if (self.dir / f"{stem}.{word}.staple").exists():
                return
            try:
                response = staples.make(*((self.dir / f).read_bytes() for f in (f"{about}.crt", "two.crt", "two.key")), word)
            except ImportError:
                from servers import Skip
                raise Skip("python3-cryptography is not installed") from None
            (self.dir / f"{stem}.{word}.staple").write_bytes(response)

    def _dh(self, stem):
        """dh512, dh1024: a prime of nobody else's; dhffdhe2048: a named one."""
        with self.lock:
            file = self.dir / f"{stem}.pem"
            if file.exists():
                return
            if stem in PRIMES:
                self._write(file.name, PRIMES[stem])
            else:
                self._openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{stem[2:]}", "-out", file.name)
