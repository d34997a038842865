/*
 * HTTPS records: what a browser learns of the service before it connects. Aliases are followed (RFC 9460 section 3); what
 * is promised of another host or port is told, and compared with nothing.
 */
#include <string.h>
#include <strings.h>

#include "probes/dns.h"

enum { ALIASES_MAX = 8 }; /* RFC 9460 section 3 leaves it to the client; more is a loop or a mistake */

/* All of one set, read; `why`: it is void. */
struct set {
	struct dns_https *v;
	size_t n;
	enum reason why;
};

static struct set read_set(struct run *r, const struct dns_reply *reply)
{
	struct set s = { .v = arena_new(r->arena, reply->n, sizeof *s.v), .why = reply->cut ? REASON_LIMIT_FLIGHT : REASON_NONE };

	for (size_t i = 0; i < reply->n; i++) {
		if (dns_https_read(r->arena, reply->records[i], &s.v[s.n]))
			s.n++;
		else
			s.why = REASON_MALFORMED;
	}
	return s;
}

static void note_set(struct run *r, struct dns_lane *lane, const struct set *s)
{
	const char **texts = arena_new(r->arena, s->n, sizeof *texts);

	for (size_t i = 0; i < s->n; i++)
		texts[i] = s->v[i].text;
	dns_note(r, lane, texts, s->n, s->why);
}

static const struct dns_https *alias_in(const struct set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->v[i].priority)
			return &s->v[i];
	return NULL;
}

/* It is about this very host and port, and not for those alone who know more than we do. */
static bool is_about_us(const struct run *r, const struct dns_lane *lane, const struct dns_https *h)
{
	const struct dns_facts *f = &r->facts->dns;
	bool here = !strcmp(h->target, ".") ? !lane->hops : !strcasecmp(h->target, f->host);

	return here && !h->unknown_mandatory && (!h->port || h->port == f->port);
}

struct names {
	const char **v;
	size_t n;
};

static void add_name(struct run *r, struct names *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], name))
			return;
	list->v = arena_push(r->arena, list->v, list->n, sizeof *list->v);
	list->v[list->n++] = name;
}

static void note_services(struct run *r, const struct dns_lane *lane, const struct set *s)
{
	struct names protocols = { 0 };
	bool ech = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct dns_https *h = &s->v[i];

		ech |= h->ech;
		if (!is_about_us(r, lane, h))
			continue;
		for (size_t k = 0; k < h->alpn_n; k++)
			add_name(r, &protocols, h->alpn[k]);
		if (!h->no_default_alpn) /* section 9 */
			add_name(r, &protocols, "http/1.1");
	}
	if (protocols.n)
		note(r, &(struct obs){ .key = OBS_KEY_DNS_HTTPS_ALPN, .names = protocols.v, .count = protocols.n });
	note(r, &(struct obs){ .key = OBS_KEY_DNS_HTTPS_ECH, .tri = ech ? TRI_YES : TRI_NO });
}

static const char *heard(struct run *r, struct dns_lane *lane, const struct dns_reply *reply)
{
	struct set s = read_set(r, reply);
	const struct dns_https *alias = alias_in(&s);

	if (!reply->n)
		return NULL;
	if (alias && !s.why && lane->hops >= ALIASES_MAX)
		s.why = REASON_DNS_LOOP;
	note_set(r, lane, &s);
	if (s.why)
		return NULL;
	if (alias)
		return strcmp(alias->target, ".") ? alias->target : NULL;
	note_services(r, lane, &s);
	return NULL;
}

/* Beside other ports than 443 the name says which (section 9.1). */
static const char *first(struct run *r)
{
	enum { HTTPS = 443 };

	return r->facts->dns.port == HTTPS ? r->facts->dns.host : dns_service_name(r, "_https");
}

static const struct dns_question question = {
	.what = "https", .list = OBS_KEY_DNS_HTTPS, .type = DNS_TYPE_HTTPS, .first = first, .heard = heard,
};

static bool when(const struct facts *f)
{
	return dns_when(f) && f->http.expected;
}

const struct probe probe_dns_https = {
	.id = "dns.https",
	.what = "what browsers are told of the service before they connect, by its HTTPS records",
	.ref = "RFC 9460",
	.topics = (const char *const[]){ "svcb", NULL },
	.aside = true,
	.state_size = sizeof(struct dns_lane),
	.when = when,
	.why_not = dns_why_not,
	.step = dns_step,
	.declaration = &question,
};
