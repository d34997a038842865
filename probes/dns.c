#include "probes/dns.h"

enum { TAG_RECORDS, TAG_ANCHOR };

static void ask_for(struct run *r, uint16_t tag, const char *name, uint16_t type)
{
	ask(r, tag, &(struct ask){ .plan = &(struct plan){ .dns_name = name, .dns_type = type } });
}

void dns_note(struct run *r, struct dns_lane *lane, const char *const *texts, size_t n, enum reason why)
{
	const struct dns_question *q = r->probe->declaration;

	lane->told = true;
	note(r, &(struct obs){ .key = q->list, .names = texts, .count = n, .name = n ? lane->name : NULL,
			  .reason = why ? reason_name(why) : NULL });
}

enum reason dns_note_each(struct run *r, struct dns_lane *lane, const struct dns_reply *reply,
	const char *(*text)(struct arena *, struct span record))
{
	const char **texts = arena_new(r->arena, reply->n, sizeof *texts);
	enum reason why = reply->cut ? REASON_LIMIT_FLIGHT : REASON_NONE;
	size_t n = 0;

	for (size_t i = 0; i < reply->n; i++) {
		texts[n] = text(r->arena, reply->records[i]);
		if (texts[n])
			n++;
		else
			why = REASON_MALFORMED;
	}
	dns_note(r, lane, texts, n, why);
	return why;
}

static enum next end(struct run *r, enum reason why)
{
	const struct dns_question *q = r->probe->declaration;
	struct dns_lane *lane = r->state;

	if (!lane->told)
		dns_note(r, lane, NULL, 0, why);
	note(r, &(struct obs){ .key = OBS_KEY_DNS_DNSSEC, .name = q->what,
			  .text = why ? "unknown" : lane->insecure ? "insecure" : "secure",
			  .reason = why ? reason_name(why) : NULL });
	return NEXT_DONE;
}

/* Nothing holds where the anchor's own keys do not: a resolver in between drops the signatures, and the name is well. */
static enum next blame(struct run *r, const struct answer *anchor)
{
	return end(r, anchor->dns && anchor->dns->state != DNS_BOGUS ? REASON_DNS_BOGUS : REASON_DNS_NO_DNSSEC);
}

static enum next ask_next(struct run *r, const char *name)
{
	const struct dns_question *q = r->probe->declaration;
	struct dns_lane *lane = r->state;

	lane->name = name;
	if (!dns_is_name(name))
		return end(r, REASON_MALFORMED);
	ask_for(r, TAG_RECORDS, name, q->type);
	return NEXT_WAIT;
}

enum next dns_step(struct run *r, const struct answer *a)
{
	const struct dns_question *q = r->probe->declaration;
	struct dns_lane *lane = r->state;
	const char *next;

	if (!a)
		return ask_next(r, q->first(r));
	if (a->kind == ANS_NOT_ASKED)
		return NEXT_DONE;
	if (a->tag == TAG_ANCHOR)
		return blame(r, a);
	if (!a->dns)
		return end(r, a->reason ? a->reason : REASON_DNS_FAILED);
	if (a->dns->state == DNS_BOGUS) {
		ask_for(r, TAG_ANCHOR, r->facts->dns.anchor, DNS_TYPE_DNSKEY);
		return NEXT_WAIT;
	}
	lane->insecure |= a->dns->state != DNS_SECURE;
	next = q->heard(r, lane, a->dns);
	lane->hops++;
	return next ? ask_next(r, next) : end(r, REASON_NONE);
}

const char *dns_service_name(struct run *r, const char *protocol)
{
	const struct dns_facts *f = &r->facts->dns;

	return arena_printf(r->arena, "_%u.%s.%s", (unsigned)f->port, protocol, f->host);
}

bool dns_when(const struct facts *f)
{
	return f->dns.host && !f->dns.why_not;
}

enum reason dns_why_not(const struct facts *f)
{
	return f->dns.why_not ? f->dns.why_not : REASON_NOT_ASKED_PREREQUISITE;
}
