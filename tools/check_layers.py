#!/usr/bin/env python3
"""Who may include whom (ARCHITECTURE.md, layers), and the two habits of form that a script can see.

    check_layers.py        exit status 1 and one line for each breach; long functions are only named
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

LIBC = """assert ctype dirent errno fcntl float getopt inttypes limits locale math poll setjmp signal stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings time unistd
sys/ioctl sys/mman sys/queue sys/resource sys/stat sys/time sys/types sys/uio sys/wait""".split()
SOCKETS = "sys/socket netinet/in netinet/tcp arpa/inet netdb net/if".split()
LIBC_PURE = [h for h in LIBC if h not in ("stdio", "time", "sys/time", "poll", "unistd", "fcntl", "signal")]

# The declarations of tls that tell what was asked and answered, without the code that does it.
TLS_TABLES = ["scanner/tls/tables.h", "scanner/tls/reasons.h", "scanner/tls/clients.h"]
TLS_WORDS = TLS_TABLES + ["scanner/tls/answer.h", "scanner/tls/hello.h"]

# folder: (our own headers that it may include, system headers that it may include). A name that ends in / is a folder.
LAYERS = {
    "scanner/base": ([], LIBC),
    "scanner/tls": (["scanner/base/"], LIBC_PURE),
    "scanner/trust": (["scanner/base/", "scanner/tls/", "scanner/facts/record.h", "scanner/facts/ct_logs.h",
                       "scanner/facts/time.h"], LIBC + ["openssl/", "arpa/inet"]),
    "scanner/facts": (["scanner/base/", *TLS_WORDS], LIBC + ["json-c/"]),
    "scanner/net": (["scanner/base/"], LIBC + SOCKETS + ["uv"]),
    "scanner/run": (["scanner/base/", "scanner/tls/", "scanner/trust/", "scanner/facts/", "scanner/net/",
                     "probes/probe.h"], LIBC),
    "scanner/story": (["scanner/base/", "scanner/tls/", "scanner/trust/", "scanner/facts/json.h", "scanner/run/talk.h"], LIBC),
    "scanner/compare": (["scanner/base/", "scanner/trust/", "scanner/facts/", "report/", *TLS_TABLES], LIBC),
    "probes": (["scanner/base/", "scanner/tls/", "scanner/facts/facts.h", "scanner/facts/record.h"], LIBC_PURE),
    "report": (["scanner/base/", "scanner/facts/", *TLS_TABLES], LIBC + ["json-c/"]),
    "scanner": (["scanner/", "probes/", "report/"], LIBC),
}

# Files, by how their path begins, that may include more than their folder.
ALSO = {
    "scanner/tls/keys": ["openssl/", "sys/random"],
    "scanner/tls/inflate.c": ["zlib", "brotli/", "zstd"],
    "scanner/tls/inflate": ["zlib", "brotli/", "zstd"],
    "scanner/trust/suffix.c": ["libpsl"],
    "scanner/net/resolver.c": ["unbound", "dlfcn"],
}

FUNCTION_LINES = 80


def sources():
    for folder in ("scanner", "probes", "report"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".def"):
                yield path.relative_to(ROOT)


def matches(name, allowed):
    return any(name == a or name == a + ".h" or (a.endswith("/") and name.startswith(a)) for a in allowed)


def includes(text):
    """(line, name, is ours) of each; the condition around it is not looked at."""
    for n, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if m:
            yield n, m[2], m[1] == '"'


def include_breaches(path, text):
    folder = path.parent.as_posix()
    if folder == "report/rules":
        folder = "report"
    ours, system = LAYERS[folder]
    also = [h for start, headers in ALSO.items() if path.as_posix().startswith(start) for h in headers]
    for n, name, own in includes(text):
        if own and not (ROOT / name).is_file():
            yield n, f'"{name}" is not written from the root'
        elif own and not name.startswith(folder + "/") and not matches(name, ours + also):
            yield n, f"{folder} may not include {name}"
        elif not own and not matches(name, system + also):
            yield n, f"{folder} may not include <{name}>"


def opening_breaches(path, text):
    if path.suffix == ".h" and not text.startswith("/*"):
        yield 1, "a header opens with what it is, who owns it and how it fails"


def long_functions(path, text):
    """Functions whose body, from { to } in the first column, is long."""
    start = 0
    for n, line in enumerate(text.splitlines(), 1):
        if line == "{":
            start = n
        elif line == "}" and start:
            if n - start > FUNCTION_LINES:
                yield start, f"a function of {n - start} lines"
            start = 0


def main():
    breaches = 0
    for path in sources():
        text = (ROOT / path).read_text(encoding="utf-8")
        for n, what in [*include_breaches(path, text), *opening_breaches(path, text)]:
            print(f"{path}:{n}: {what}")
            breaches += 1
        for n, what in long_functions(path, text):
            print(f"{path}:{n}: note: {what}")
    return breaches > 0


if __name__ == "__main__":
    sys.exit(main())
