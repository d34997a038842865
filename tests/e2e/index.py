#!/usr/bin/env python3
"""The index of the HTML report: its policy allows its script and no other, it is whole without it, and in a browser (chromium,
where it is installed) the script runs under that policy: it says how many endpoints are shown, which the page itself does not."""
import base64
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import report
from servers import free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def allowed(page):
    """What is wrong with the policy of a page that has a script."""
    script = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode() if len(script) == 1 else None
    policies = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    wanted = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return [] if policies == [wanted] else [f"policy {policies}, wanted {wanted}"]


def whole(page, ports):
    rows = re.findall(r'<th scope="row"><a href="#(e\d+)">', page)
    return [] if rows == [f"e{i + 1}" for i in range(len(ports))] and all(f'<article id="{r}" ' in page for r in rows) else [f"rows {rows}"]


def in_browser(path, count):
    browser = next((b for b in BROWSERS if shutil.which(b)), None)
    if not browser:
        print("no chromium: the script was not run")
        return []
    with tempfile.TemporaryDirectory() as home:
        dom = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", "--dump-dom",
                              path.as_uri()], capture_output=True, text=True, timeout=120).stdout
    wanted = [f"{count} of {count} endpoints", '<button type="button">Grade</button>', '<input type="search">']
    return [f"not in the browser's page: {w}" for w in wanted if w not in dom]


def main():
    ports = [free_port() for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "r.html"
        report.run("-o", f"html:{path}", *(f"127.0.0.1:{p}" for p in ports))
        page = path.read_text(encoding="utf-8")
        wrong = allowed(page) + whole(page, ports) + in_browser(path, len(ports))
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
