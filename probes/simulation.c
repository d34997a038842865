/*
 * What the server really picks for the hellos of clients that people use: each sent as that client sends it, equal ones
 * once. What it would pick is computed from the lists anyway (report/simulate.h); this puts it to the proof.
 */
#include "probes/probe.h"
#include "scanner/tls/client_hello.h"

struct state {
	size_t open; /* questions without an answer */
	bool clear;  /* at least one answer was a pick or a refusal in words */
};

/* Those of the user's own stand behind the known ones; tags count so. */
static const struct client *client_at(const struct run *r, size_t tag)
{
	return tag < clients_count ? &clients[tag] : &r->facts->own->v[tag - clients_count];
}

/* A JA4 string is no hello that could be sent. */
static bool is_sent(const struct run *r, size_t tag)
{
	const struct client *c = client_at(r, tag);

	return tag < clients_count ? !c->ssl2_form : c->hello.n > 0;
}

static enum next begin(struct run *r)
{
	struct state *s = r->state;
	size_t n = clients_count + (r->facts->own ? r->facts->own->n : 0);

	for (size_t i = 0; i < n; i++)
		s->open += is_sent(r, i);
	for (size_t i = 0; i < n; i++) {
		struct hello h;

		if (!is_sent(r, i))
			continue;
		h = client_hello(client_at(r, i), r->facts->sni, r->arena);
		ask(r, (uint16_t)i, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT });
	}
	return NEXT_WAIT;
}

static bool picked(const struct answer *a)
{
	return a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY;
}

static bool is_clear(const struct answer *a)
{
	return picked(a) || a->kind == ANS_ALERT || a->kind == ANS_CLOSED;
}

static enum reason why_unclear(const struct answer *a)
{
	return a->reason ? a->reason : REASON_UNSTABLE;
}

static const char *refusal(const struct run *r, const struct answer *a)
{
	return a->kind == ANS_ALERT ? arena_printf(r->arena, "alert %s", alert_text(a->alert)) : "closed";
}

/* Once refused is enough here: that a refusal counts when it comes twice is for facts, and this is what one client meets. */
static void note_pick(struct run *r, const struct client *c, const struct answer *a)
{
	struct obs o = { .key = OBS_KEY_SIMULATION_MEASURED, .name = c->id };
	struct evidence *e = arena_new(r->arena, 2, sizeof *e);
	uint32_t *codes = arena_new(r->arena, 2, sizeof *codes);

	if (picked(a)) {
		codes[0] = a->suite;
		codes[1] = a->group;
		o.protocol = a->version;
		o.codes = codes;
		o.count = a->group ? 2 : 1;
	} else if (is_clear(a)) {
		e[o.evidence_count++] = (struct evidence){ "refusal", refusal(r, a) };
	} else {
		o.reason = reason_name(why_unclear(a));
	}
	if (c->digest) /* a saved report may be judged with another hello under the same name */
		e[o.evidence_count++] = (struct evidence){ "hello", c->digest };
	o.evidence = o.evidence_count ? e : NULL;
	note(r, &o);
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a)
		return begin(r);
	note_pick(r, client_at(r, a->tag), a);
	s->clear = s->clear || is_clear(a);
	if (--s->open)
		return NEXT_WAIT;
	r->trouble = s->clear ? REASON_NONE : why_unclear(a);
	return NEXT_DONE;
}

const struct probe probe_simulation = {
	.id = "simulation",
	.what = "what the server picks for the hellos of known clients (with --simulate=measured)",
	.ref = "RFC 8446 section 4.1.3",
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.on_request = true,
	.state_size = sizeof(struct state),
	.step = step,
};
