#include "scanner/run/tickets.h"

#include "scanner/tls/ticket_keys.h"

void tickets_digest(const struct hs_result *hs, struct choice *c)
{
	const struct session *s = &hs->session;
	struct ticket_key found;

	if (!hs->complete || !s->ticket.n)
		return;
	c->ticket_known = TRI_NO;
	if (!ticket_key_find(s->ticket, (struct span){ s->secret, s->secret_n }, &found))
		return;
	c->ticket_known = TRI_YES;
	c->ticket_key = found.key;
	c->ticket_form = found.form;
	c->ticket_opened = found.opened;
}

/* One ticket of a known key is enough, whatever the others of a balancer are. */
static const struct choice *telling(const struct facts *f, uint16_t version)
{
	const struct choice *best = NULL;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!c->ticket_known || c->version != version)
			continue;
		if (!best || (c->ticket_known == TRI_YES && best->ticket_known != TRI_YES))
			best = c;
	}
	return best;
}

static void add(struct record *r, const struct choice *c)
{
	struct obs o = { .key = OBS_KEY_TICKET_KNOWN_KEY, .protocol = c->version, .tri = c->ticket_known, .name = c->ticket_key,
		.probe = c->probe };
	struct evidence *e = arena_new(&r->arena, 2, sizeof *e);

	if (c->ticket_known == TRI_YES) {
		e[0] = (struct evidence){ "form", c->ticket_form };
		e[1] = (struct evidence){ "opened", c->ticket_opened ? "the session's secret stands in the ticket" : "the MAC is right" };
		o.evidence = e;
		o.evidence_count = 2;
	}
	record_add(r, &o);
}

void tickets_conclude(struct record *r, const struct facts *f)
{
	for (uint16_t v = VER_TLS10; v <= VER_TLS13; v++) {
		const struct choice *c = telling(f, v);

		if (c)
			add(r, c);
	}
}
