#!/usr/bin/env python3
"""The HTML report for those who hear it, use it by keyboard, or see little contrast: what can be told without a person.

    accessible.py TLSASSAY TLS_SERVER

Reports of a sound server, of one with much that is wrong, of an unreachable one, and of all of them with their index, are
read with html.parser. Each check is tried on a page that breaks it, too. Exit status 0: nothing is wrong; 1: what is printed is.
"""
import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile

from servers import free_port

LEAST = 4.5     # WCAG 2.1, 1.4.3
EMPTY = {"meta", "br", "wbr", "input", "link", "hr", "img"}
WEAK = "versions=TLSv1.0,TLSv1.1,TLSv1.2\nsuites=AES256-SHA,AES128-SHA,DES-CBC3-SHA,ECDHE-RSA-AES128-SHA\n"


class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.at, self.parent, self.inside, self.text = tag, dict(attributes), parent, [], ""

    def all(self, *tags):
        for node in self.inside:
            if not tags or node.tag in tags:
                yield node
            yield from node.all(*tags)

    def says(self):
        return (self.text + "".join(n.says() for n in self.inside)).strip()

    def above(self, tag):
        node = self.parent
        while node and node.tag != tag:
            node = node.parent
        return node


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.root = self.at = Node("", {}, None)
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        node = Node(tag, attrs, self.at)
        self.at.inside.append(node)
        if tag not in EMPTY:
            self.at = node

    def handle_endtag(self, tag):
        if self.at.tag == tag:
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.text += data


# ---- the page's checks: each gives what is wrong -----------------------------------------------------------------------


def language_and_title(root):
    page = next(root.all("html"), root)
    if not page.at.get("lang"):
        yield "no lang"
    if not any(t.says() for t in root.all("title")):
        yield "no title"
    if len(list(root.all("main"))) != 1:
        yield "not one main"


def headings(root):
    levels = [int(h.tag[1]) for h in root.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "not one h1, in front"
    yield from (f"h{b} behind h{a}" for a, b in zip(levels, levels[1:]) if b > a + 1)
    yield from ("a heading without text" for h in root.all("h1", "h2", "h3", "h4") if not h.says())


def names(root):
    ids = [n.at["id"] for n in root.all() if "id" in n.at]
    yield from (f"id twice: {i}" for i in set(ids) if ids.count(i) > 1)
    for n in root.all():
        for key in ("for", "aria-labelledby"):
            if key in n.at and n.at[key] not in ids:
                yield f"{key} leads nowhere: {n.at[key]}"
        if n.at.get("href", "").startswith("#") and n.at["href"][1:] not in ids:
            yield f"a link leads nowhere: {n.at['href']}"


def labels(root):
    labelled = {n.at.get("for") for n in root.all("label") if n.says()}
    for n in root.all("input", "select"):
        if n.at.get("id") not in labelled and not n.above("label"):
            yield f"without a label: {n.at}"
    for n in root.all():
        if n.at.get("role") in ("img", "group") and not n.at.get("aria-label"):
            yield f"a {n.at['role']} without a name"
    for n in root.all("nav"):
        if not n.at.get("aria-label") and not n.at.get("aria-labelledby"):
            yield "a nav without a name"


def tables(root):
    for t in root.all("table"):
        if not any(c.says() for c in t.all("caption")):
            yield f"a table without a caption: {t.says()[:40]}"
        yield from (f"a head without its scope: {h.says()}" for h in t.all("th") if h.at.get("scope") not in ("col", "row"))
        for body in t.all("tbody"):
            yield from (f"a row without a head: {r.says()[:40]}" for r in body.all("tr")
                        if not any(h.at.get("scope") == "row" for h in r.all("th")))


def keyboard(root):
    for n in root.all():
        if int(n.at.get("tabindex", 0)) > 0:
            yield "tabindex above 0"
        if any(k.startswith("on") for k in n.at):
            yield f"a handler in {n.tag}"
    for d in root.all("details"):
        if not d.inside or d.inside[0].tag != "summary" or not d.inside[0].says():
            yield "details without a summary in front"


# ---- the style's -----------------------------------------------------------------------------------------------------


def variables(style):
    """{scheme: {name: #rrggbb}}; dark and print have what they do not change from light."""
    found = {}
    for scheme, pattern in (("light", r"^:root\{([^}]*)\}"), ("dark", r"prefers-color-scheme:dark\)\{:root\{([^}]*)\}"),
                            ("print", r"print\{:root\{([^}]*)\}")):
        block = re.search(pattern, style, re.M)
        own = dict(re.findall(r"--(\w+):(#[0-9a-f]+)", block.group(1))) if block else {}
        found[scheme] = {**found.get("light", {}), **own}
    return found


def luminance(colour):
    c = colour[1:] if len(colour) == 7 else "".join(2 * x for x in colour[1:])
    parts = [int(c[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs(style):
    """Text and ground: what one rule says of both, and plain text on every ground that it stands on."""
    for rule in re.findall(r"\{([^{}]*)\}", style):
        ink, ground = re.search(r"(?:^|;)color:var\(--(\w+)\)", rule), re.search(r"background:var\(--(\w+)\)", rule)
        if ink and ground:
            yield ink.group(1), ground.group(1)
    for ink in ("ink", "soft", "accent"):
        yield from ((ink, ground) for ground in ("page", "card"))
    for ink in ("ink", "soft"):
        yield from ((ink, ground) for ground in ("weakbg", "badbg"))    # rows of a table


def colours(root):
    style = "".join(s.says() for s in root.all("style"))
    for scheme, v in variables(style).items():
        for ink, ground in sorted(set(pairs(style))):
            if ink not in v or ground not in v:
                yield f"{scheme}: no colour {ink} or {ground}"
            elif contrast(v[ink], v[ground]) < LEAST:
                yield f"{scheme}: {ink} on {ground} has {contrast(v[ink], v[ground]):.2f}"


def signs(root):
    """A mark has a sign beside its colour; nothing moves, or it stops where that is asked for."""
    style = "".join(s.says() for s in root.all("style"))
    for mark in ("good", "weak", "bad"):
        if not re.search(r"\.marks \." + mark + r'::before\{content:"[^"]', style):
            yield f"the mark {mark} is told by its colour alone"
    if re.search(r"transition|animation", style) and "prefers-reduced-motion" not in style:
        yield "what moves does not heed prefers-reduced-motion"


CHECKS = [language_and_title, headings, names, labels, tables, keyboard, colours, signs]

# Pages that each break one thing, and a word of what must be said of it.
BROKEN = [
    (language_and_title, "<html><title>x</title><main></main></html>", "lang"),
    (language_and_title, '<html lang="en"><title></title><main></main></html>', "title"),
    (headings, "<h1>a</h1><h3>b</h3>", "behind"),
    (headings, "<h1>a</h1><h1>b</h1>", "one h1"),
    (names, '<p id="a"></p><p id="a"></p>', "twice"),
    (names, '<a href="#b">x</a>', "nowhere"),
    (names, '<label for="b">x</label>', "nowhere"),
    (labels, '<input id="a"><label for="a"></label>', "label"),
    (labels, "<nav></nav>", "name"),
    (tables, "<table><tbody><tr><th scope=\"row\">x</th></tr></tbody></table>", "caption"),
    (tables, "<table><caption>x</caption><tbody><tr><td>x</td></tr></tbody></table>", "without a head"),
    (tables, "<table><caption>x</caption><thead><tr><th>x</th></tr></thead></table>", "scope"),
    (keyboard, "<details><p></p><summary>x</summary></details>", "summary"),
    (keyboard, '<p tabindex="2"></p>', "tabindex"),
    (colours, "<style>:root{--page:#fff;--card:#fff;--ink:#888;--soft:#000;--accent:#000;--weakbg:#fff;--badbg:#fff}</style>", "ink on"),
    (colours, "<style>:root{--page:#fff;--card:#fff;--ink:#000;--soft:#000;--accent:#000;--weakbg:#fff;--badbg:#fff;--a:#999;--b:#aaa}"
              ".x{color:var(--a);background:var(--b)}</style>", "a on b"),
    (signs, "<style>.marks .good::before{content:\"x\"}.bad{color:red}</style>", "bad"),
    (signs, "<style>p{transition:all 1s}</style>", "moves"),
]


def wrong_with_checks():
    for check, text, word in BROKEN:
        said = list(check(Page(text).root))
        if not any(word in s for s in said):
            yield f"{check.__name__} does not see: {text} ({said})"


# ---- the reports ---------------------------------------------------------------------------------------------------------


def serve(program, folder, name, config):
    path = pathlib.Path(folder) / name
    path.write_text(config, encoding="utf-8")
    child = subprocess.Popen([program, "--config", path], stdout=subprocess.PIPE, text=True)
    return child, f"127.0.0.1:{child.stdout.readline().strip()}"


def reported(program, folder, name, *targets):
    path = pathlib.Path(folder) / f"{name}.html"
    subprocess.run([program, "--policy", "mozilla-intermediate", "--min-grade", "A", "-o", f"html:{path}", *targets],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=250, check=False)
    return path.read_text(encoding="utf-8")


def main():
    program, server = sys.argv[1:3]
    wrong = list(wrong_with_checks())
    with tempfile.TemporaryDirectory() as folder:
        children = [serve(server, folder, "sound", "versions=TLSv1.2,TLSv1.3\n"), serve(server, folder, "weak", WEAK)]
        try:
            targets = [at for _, at in children] + [f"127.0.0.1:{free_port()}"]
            pages = {name: reported(program, folder, name, *which) for name, which in
                     (("sound", targets[:1]), ("weak", targets[1:2]), ("unreachable", targets[2:]), ("all", targets))}
        finally:
            for child, _ in children:
                child.kill()
                child.wait()
    for name, text in pages.items():
        page = Page(text)
        wrong += [f"{name}: {check.__name__}: {w}" for check in CHECKS for w in check(page.root)]
    if not all(word in pages["weak"] for word in ("Lines to paste", "Gates", "Policies", "Clients", "Post-quantum")):
        wrong.append("weak: the report has not every section, so not all was looked at")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
