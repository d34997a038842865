#include "probes/resume.h"

#include "probes/http.h"

enum { SESSION_ID = 32 };

static void offer_psk(struct run *r, const struct session *s, struct hello *h)
{
	struct psk_offer *psk = arena_new(r->arena, 1, sizeof *psk);

	*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = s->secret_n };
	h->psk = psk;
}

static void offer_early(struct run *r, struct hello *h, struct plan *p)
{
	struct extra *early = arena_new(r->arena, 1, sizeof *early);

	*early = (struct extra){ .code = EXT_EARLY_DATA };
	h->extra = early;
	h->extra_n = 1;
	p->early = http_plan(r).say;
}

bool resume_hello(struct run *r, const struct session *s, struct hello *h, struct plan *p)
{
	*p = (struct plan){ .resume = s };
	if (s->version >= VER_TLS13) {
		offer_psk(r, s, h);
		if (s->early_data_max && r->facts->http.expected)
			offer_early(r, h, p);
		return s->ticket.n > 0;
	}
	h->ticket = s->ticket;
	/* With a ticket the id is ours to make up; the server says it again when it takes the ticket (RFC 5077 3.4). */
	h->session_id = s->ticket.n >= SESSION_ID ? (struct span){ s->ticket.p, SESSION_ID } : s->id;
	return h->session_id.n > 0;
}

static const char *way_of(const struct session *s)
{
	if (s->version >= VER_TLS13)
		return "psk";
	return s->ticket.n ? "ticket" : "id";
}

void resume_note(struct run *r, const struct session *s, const struct answer *a)
{
	bool whole = a->hs && a->hs->complete;

	note(r, &(struct obs){ .key = OBS_KEY_RESUMPTION, .protocol = s->version, .name = way_of(s),
			  .tri = !whole ? TRI_UNKNOWN : a->hs->resumed ? TRI_YES : TRI_NO,
			  .reason = whole ? NULL : reason_name(a->hs && a->hs->reason ? a->hs->reason : a->reason) });
	if (s->ticket.n)
		note(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = s->version, .number = s->lifetime_s });
	if (whole && s->version >= VER_TLS13)
		note(r, &(struct obs){ .key = OBS_KEY_EARLY_DATA, .protocol = s->version,
				  .tri = a->hs->early_accepted ? TRI_YES : TRI_NO });
}
