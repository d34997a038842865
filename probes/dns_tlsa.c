/*
 * TLSA: which certificates or keys the service may have, by the owner of the name (DANE). Whether what is served fits
 * them is computed at the end, from the chains.
 */
#include "probes/dns.h"

static const char *text_of(struct arena *a, struct span record)
{
	struct dns_tlsa t;

	return dns_tlsa_read(record, &t) ? dns_tlsa_text(a, &t) : NULL;
}

static const char *heard(struct run *r, struct dns_lane *lane, const struct dns_reply *reply)
{
	dns_note_each(r, lane, reply, text_of);
	return NULL;
}

static const char *first(struct run *r)
{
	return dns_service_name(r, "_tcp");
}

static const struct dns_question question = {
	.what = "tlsa", .list = OBS_KEY_DNS_TLSA, .type = DNS_TYPE_TLSA, .first = first, .heard = heard,
};

const struct probe probe_dns_tlsa = {
	.id = "dns.tlsa",
	.what = "which certificates the service may have, by its TLSA records (DANE)",
	.ref = "RFC 6698, RFC 7671",
	.topics = (const char *const[]){ "dane", "tlsa", NULL },
	.aside = true,
	.state_size = sizeof(struct dns_lane),
	.when = dns_when,
	.why_not = dns_why_not,
	.step = dns_step,
	.declaration = &question,
};
