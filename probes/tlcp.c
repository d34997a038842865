/* TLCP, the Chinese transport protocol of GB/T 38636, which says 0x0101 where TLS says its version. */
#include "probes/offer.h"
#include "probes/verdict.h"

static bool is_tlcp(const struct suite *s)
{
	return s->code >= 0xE001 && s->code <= 0xE0FF;
}

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	struct list l = { 0 };

	for (size_t i = 0; i < suites_count; i++)
		if (is_tlcp(&suites[i]))
			list_add(a, &l, suites[i].code);
	*h = (struct hello){ .version = VER_TLCP, .suites = list_codes(&l), .sni = f->sni };
}

static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	note(r, &(struct obs){ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = VER_TLCP,
			  .tri = d == DECISION_PICKED ? TRI_YES : d == DECISION_REFUSED ? TRI_NO : TRI_UNKNOWN,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
}

static const struct confirmed question = { .hello = hello, .until = UNTIL_HELLO, .decided = decided, .once = true };

const struct probe probe_tlcp = {
	.id = "tlcp",
	.what = "whether the server speaks TLCP",
	.ref = "GB/T 38636-2020",
	.state_size = sizeof(struct confirmed_state),
	.step = confirmed_step,
	.declaration = &question,
};
