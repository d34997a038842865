/*
 * CAA: which authorities may issue certificates for the host. The records stand at the name or at the first name above
 * it that has any (RFC 8659 section 3), so each is asked in turn.
 */
#include "probes/dns.h"

/* The properties of the registry that are in use (RFC 8659, RFC 9495, BR appendix A, BIMI). */
static const char *const known_tags[] = { "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail",
	"contactphone" };

static bool is_known(const struct dns_caa *c)
{
	for (size_t i = 0; i < sizeof known_tags / sizeof *known_tags; i++)
		if (dns_caa_is(c, known_tags[i]))
			return true;
	return false;
}

/* What a list of names is made of; NULL: this record adds nothing to it. */
static const char *issuer_of(struct arena *a, const struct dns_caa *c, const char *tag)
{
	return dns_caa_is(c, tag) ? dns_caa_issuer(a, c) : NULL;
}

static const char *critical_of(struct arena *a, const struct dns_caa *c, const char *tag)
{
	(void)tag;
	return c->critical && !is_known(c) ? arena_printf(a, "%.*s", (int)c->tag.n, (const char *)c->tag.p) : NULL;
}

/* `there`: one record was about it, though it may name nobody. */
static void note_list(struct run *r, const struct dns_reply *reply, enum obs_key key, const char *tag,
	const char *(*of)(struct arena *, const struct dns_caa *, const char *))
{
	const char **list = arena_new(r->arena, reply->n, sizeof *list), *one;
	struct dns_caa c;
	bool there = false;
	size_t n = 0;

	for (size_t i = 0; i < reply->n; i++) {
		if (!dns_caa_read(reply->records[i], &c) || !(one = of(r->arena, &c, tag)))
			continue;
		there = true;
		if (*one)
			list[n++] = one;
	}
	if (there)
		note(r, &(struct obs){ .key = key, .names = list, .count = n });
}

static const char *text_of(struct arena *a, struct span record)
{
	struct dns_caa c;

	return dns_caa_read(record, &c) ? dns_caa_text(a, &c) : NULL;
}

static const char *heard(struct run *r, struct dns_lane *lane, const struct dns_reply *reply)
{
	if (!reply->n)
		return dns_parent(lane->name);
	if (dns_note_each(r, lane, reply, text_of))
		return NULL;
	note_list(r, reply, OBS_KEY_DNS_CAA_ISSUE, "issue", issuer_of);
	note_list(r, reply, OBS_KEY_DNS_CAA_ISSUEWILD, "issuewild", issuer_of);
	note_list(r, reply, OBS_KEY_DNS_CAA_CRITICAL, NULL, critical_of);
	return NULL;
}

static const char *first(struct run *r)
{
	return r->facts->dns.host;
}

static const struct dns_question question = {
	.what = "caa", .list = OBS_KEY_DNS_CAA, .type = DNS_TYPE_CAA, .first = first, .heard = heard,
};

const struct probe probe_dns_caa = {
	.id = "dns.caa",
	.what = "which authorities may issue certificates for the host, by its CAA records",
	.ref = "RFC 8659",
	.topics = (const char *const[]){ "caa", NULL },
	.aside = true,
	.state_size = sizeof(struct dns_lane),
	.when = dns_when,
	.why_not = dns_why_not,
	.step = dns_step,
	.declaration = &question,
};
