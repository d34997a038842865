/* TLS compression, which leaks what it compresses (CRIME). The first question is that of ext.alpn: one connection. */
#include "probes/offer.h"
#include "probes/verdict.h"

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	*h = offer_protocols_and_deflate(a, f, facts_newest_clear(f));
}

/* Refused, it may have been for the protocols: once more without. */
static void alone(const struct facts *f, struct arena *a, struct hello *h)
{
	hello(f, a, h);
	h->alpn = NULL;
}

static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	bool granted = d == DECISION_PICKED && v->compression == 1;

	note(r, &(struct obs){ .key = OBS_KEY_COMPRESSION, .protocol = v->hello.version,
			  .tri = granted ? TRI_YES : d == DECISION_UNKNOWN ? TRI_UNKNOWN : TRI_NO,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
}

static const struct confirmed question = { .hello = hello, .second = alone, .until = UNTIL_HELLO, .decided = decided };

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_compression = {
	.id = "compression",
	.what = "whether TLS compression is granted",
	.ref = "CVE-2012-4929, RFC 3749",
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct confirmed_state),
	.when = when,
	.step = confirmed_step,
	.declaration = &question,
};
