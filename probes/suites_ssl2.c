/* SSL 2.0, by its own hello: the server lists its cipher kinds at once (SSL 2.0 draft section 2.6). */
#include "probes/verdict.h"
#include "probes/offer.h"

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	struct list kinds = { 0 };

	(void)f;
	for (size_t i = 0; i < sslv2_kinds_count; i++)
		list_add(a, &kinds, sslv2_kinds[i].code);
	*h = (struct hello){ .version = VER_SSL2, .suites = list_codes(&kinds) };
}

static bool picks(const struct answer *a)
{
	return a->kind == ANS_SSL2_HELLO;
}

static const struct choice *ssl2_choice(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->choices[i].kind == ANS_SSL2_HELLO)
			return &f->choices[i];
	return NULL;
}

static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	const struct choice *c = ssl2_choice(r->facts);

	note(r, &(struct obs){ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = VER_SSL2,
			  .tri = d == DECISION_PICKED ? TRI_YES : d == DECISION_REFUSED ? TRI_NO : TRI_UNKNOWN,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
	if (d == DECISION_PICKED && c)
		note(r, &(struct obs){ .key = OBS_KEY_SUITES_LIST, .protocol = VER_SSL2, .codes = c->kinds,
				  .count = c->kinds_count });
}

static const struct confirmed question = { .hello = hello, .picks = picks, .until = UNTIL_HELLO, .decided = decided };

const struct probe probe_suites_ssl2 = {
	.id = "suites.ssl2",
	.what = "whether the server speaks SSL 2.0, and with which cipher kinds",
	.ref = "RFC 6176",
	.topics = (const char *const[]){ "versions", "ciphers", NULL },
	.state_size = sizeof(struct confirmed_state),
	.step = confirmed_step,
	.declaration = &question,
};
