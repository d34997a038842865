"""What other scanners find on the same server: {protocol: set of codes}. Only the versions that they know."""
import subprocess
import xml.etree.ElementTree as ET

from report import Names
from servers import find_program


def sslscan(port):
    out = subprocess.run([find_program("sslscan"), "--no-colour", "--no-heartbleed", "--no-check-certificate", "--no-groups",
                          "--no-compression", "--no-renegotiation", "--no-fallback", "--no-cipher-details", "--xml=-",
                          f"127.0.0.1:{port}"], capture_output=True, timeout=170).stdout
    found = {}
    for c in ET.fromstring(out).iter("cipher"):
        found.setdefault(c.get("sslversion"), set()).add("0x" + c.get("id")[2:].upper())
    return found


def nmap(port):
    out = subprocess.run([find_program("nmap"), "-Pn", "-n", "-p", str(port), "--script", "+ssl-enum-ciphers", "-oX", "-", "127.0.0.1"],
                         capture_output=True, timeout=170).stdout
    found = {}
    for table in ET.fromstring(out).iter("table"):
        if (table.get("key") or "")[:3] not in ("TLS", "SSL"):
            continue
        names = [e.text for t in table if t.get("key") == "ciphers" for c in t for e in c if e.get("key") == "name"]
        found[table.get("key")] = {nmap_code(n) for n in names}
    return found


def nmap_code(name):
    """nmap 7.93 calls the TLS 1.3 suites TLS_AKE_WITH_..."""
    return Names.code("suites", name.replace("TLS_AKE_WITH_", "TLS_"))


PEERS = {"sslscan": sslscan, "nmap": nmap}
TLS = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
VERSIONS = {"sslscan": TLS, "nmap": ["SSLv3", *TLS]}    # what each can tell; sslscan leans on an OpenSSL without SSL 3.0
