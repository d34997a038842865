#!/bin/sh
# Writes the skeleton of a probe and its line in probes.def: sh tools/new_probe.sh NAME, for example ext_padding.
# The skeleton is a confirmed question that builds and runs as it is; a sweep starts better from probes/suites_tls12.c,
# a conversation from probes/alpn.c.
set -eu
cd "$(dirname "$0")/.."
name=${1:-}
case $name in '' | *[!a-z0-9_]* | [!a-z]*) echo "usage: sh tools/new_probe.sh NAME (a-z, 0-9, _)" >&2; exit 2 ;; esac
file=probes/$name.c
[ ! -e "$file" ] || { echo "$file is there already" >&2; exit 2; }
id=$(printf '%s' "$name" | sed 's/_/./')
key=$(printf '%s' "$name" | tr 'a-z' 'A-Z')
cat >"$file" <<X
/* $id: what this asks, and what a yes means for the server's owner. */
#include "probes/offer.h"
#include "probes/verdict.h"

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	*h = offer_everything(a, f, facts_newest_clear(f));
}

static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	note(r, &(struct obs){ .key = OBS_KEY_$key, .protocol = v->hello.version,
			  .tri = d == DECISION_PICKED ? TRI_YES : d == DECISION_REFUSED ? TRI_NO : TRI_UNKNOWN,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
}

static const struct confirmed question = { .hello = hello, .until = UNTIL_HELLO, .decided = decided };

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_$name = {
	.id = "$id",
	.what = "whether ...",
	.ref = "RFC ...",
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct confirmed_state),
	.when = when,
	.step = confirmed_step,
	.declaration = &question,
};
X
printf 'PROBE(%s)\n' "$name" >>probes/probes.def
cat <<X
$file and its line in probes/probes.def are written. Next:
  - fill in the three texts, and the hello: what it offers is what is asked
  - name what it learns in scanner/facts/obs.def, where the report should have it:
	OBS($key, TRI, "$id", "...")
    and in the *_keys list of report/schema/tlsassay-1.schema.json
  - a rule over it goes into report/rules/findings.def
  - tests: a case in tests/e2e/cases with a server that has it, and one that has not
X
