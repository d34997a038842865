#include "report/view.h"

#include <string.h>

#include "scanner/base/text.h"

enum { SUBJECT_SAID = 120 };

const uint16_t view_versions[] = { VER_TLS13, VER_TLS12, VER_TLS11, VER_TLS10, VER_SSL3, VER_SSL2, 0 };

const char *version_text(uint16_t code)
{
	const struct version *v = version_find(code);

	return v ? v->name : "another version";
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static struct cipher of_suite(struct cipher c, const struct suite *s)
{
	c.known = true;
	c.name = s->name;
	c.openssl = s->openssl;
	c.kx = s->kx_name;
	c.auth = s->auth_name;
	c.enc = s->enc;
	c.mac = s->mac;
	c.exchange = s->kx;
	c.bits = s->bits;
	c.strength = s->strength;
	c.block_bits = s->block_bits;
	c.flags = s->flags;
	c.anonymous = s->auth == AUTH_NULL;
	c.null = !strcmp(s->enc, "NULL");
	return c;
}

static struct cipher of_kind(struct cipher c, const struct sslv2_kind *k)
{
	bool triple = !strncmp(k->enc, "3DES", 4);

	c.known = true;
	c.name = k->name;
	c.openssl = k->openssl;
	c.kx = c.auth = "RSA";
	c.enc = k->enc;
	c.mac = "MD5";
	c.exchange = KX_RSA;
	c.bits = k->bits;
	c.strength = triple ? 112 : k->bits;
	c.block_bits = strncmp(k->enc, "RC4", 3) && k->bits ? 64 : 0;
	c.flags = (uint8_t)((k->export ? SUITE_EXPORT : 0) | (strstr(k->enc, "CBC") ? SUITE_CBC : 0));
	c.null = !k->bits;
	return c;
}

struct cipher cipher_of(struct arena *arena, uint16_t protocol, uint32_t code)
{
	struct cipher c = { .protocol = protocol, .code = code, .kx = "", .auth = "", .enc = "", .mac = "" };
	const struct sslv2_kind *kind = protocol == VER_SSL2 ? sslv2_kind_find(code) : NULL;
	const struct suite *suite =
	        protocol != VER_SSL2 && code <= 0xFFFF ? suite_find((uint16_t)code) : NULL;

	if (kind)
		return of_kind(c, kind);
	if (suite)
		return of_suite(c, suite);
	c.exchange = KX_OTHER;
	c.name = arena_printf(arena, protocol == VER_SSL2 ? "0x%06X" : "0x%04X", (unsigned)code);
	return c;
}

/* Codes of one version that were met already; kinds of SSL 2 have more than 16 bits and stand in one list
 * only. */
struct seen {
	uint16_t protocol;
	uint64_t bits[(UINT16_MAX + 1) / 64];
};

static bool first_time(struct seen *s, uint16_t protocol, uint32_t code)
{
	uint64_t bit = UINT64_C(1) << (code & 63);
	bool met;

	if (code > UINT16_MAX)
		return true;
	if (s->protocol != protocol)
		*s = (struct seen){ .protocol = protocol };
	met = s->bits[code / 64] & bit;
	s->bits[code / 64] |= bit;
	return !met;
}

static void add_ciphers(struct view *v, struct seen *seen, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++) {
		if (!first_time(seen, o->protocol, o->codes[i]))
			continue;
		v->ciphers = arena_push(v->arena, v->ciphers, v->ciphers_count, sizeof *v->ciphers);
		v->ciphers[v->ciphers_count++] = cipher_of(v->arena, o->protocol, o->codes[i]);
	}
}

static struct served *chain_slot(struct view *v, const struct obs *o)
{
	for (size_t i = 0; i < v->chains_count; i++)
		if (same(v->chains[i].id, o->chain) && v->chains[i].sni == o->sni)
			return &v->chains[i];
	v->chains = arena_push(v->arena, v->chains, v->chains_count, sizeof *v->chains);
	v->chains[v->chains_count] = (struct served){ .id = o->chain,
		.sni = o->sni,
		.names = o->names,
		.names_count = o->count,
		.leaf = record_cert(v->record, o->names[0]) };
	return &v->chains[v->chains_count++];
}

static void add_chain(struct view *v, const struct obs *o)
{
	struct served *c;

	if (!o->count)
		return;
	c = chain_slot(v, o);
	for (size_t i = 0; i < c->protocols_count; i++)
		if (c->protocols[i] == o->protocol)
			return;
	if (o->protocol && c->protocols_count < CHAIN_PROTOCOLS)
		c->protocols[c->protocols_count++] = o->protocol;
}

/* What a client with the server's name gets is judged; where no name was sent to anybody, whatever was
 * served. */
static void mark_judged(struct view *v)
{
	bool any = false;

	for (size_t i = 0; i < v->chains_count; i++)
		any = any || v->chains[i].sni == TRI_YES;
	for (size_t i = 0; i < v->chains_count; i++)
		v->chains[i].judged = !any || v->chains[i].sni == TRI_YES;
}

void view_open(struct view *v, const struct record *r, struct arena *arena)
{
	struct seen seen = { 0 };

	*v = (struct view){ .record = r, .arena = arena };
	for (size_t i = 0; i < r->obs_count; i++) {
		if (r->obs[i].key == OBS_KEY_SUITES_LIST)
			add_ciphers(v, &seen, &r->obs[i]);
		if (r->obs[i].key == OBS_KEY_CHAIN_SERVED)
			add_chain(v, &r->obs[i]);
	}
	mark_judged(v);
}

enum tri view_offered(const struct view *v, uint16_t version)
{
	enum tri t = record_tri(v->record, OBS_KEY_PROTOCOL_OFFERED, version);

	return t == TRI_ABSENT ? TRI_UNKNOWN : t;
}

static bool list_whole(const struct view *v, uint16_t version)
{
	bool there = false;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_SUITES_LIST || o->protocol != version)
			continue;
		if (o->reason)
			return false;
		there = true;
	}
	return there;
}

bool view_whole(const struct view *v, uint16_t from, uint16_t to, const char **missing)
{
	for (const uint16_t *p = view_versions; *p; p++) {
		enum tri offered = view_offered(v, *p);

		if (*p < from || *p > to || offered == TRI_NO || offered == TRI_NA)
			continue;
		if (offered == TRI_YES && list_whole(v, *p))
			continue;
		if (missing)
			*missing =
			        offered == TRI_YES
			                ? arena_printf(v->arena, "the cipher suites of %s are not all known",
			                          version_text(*p))
			                : arena_printf(v->arena, "whether %s is offered is not known",
			                          version_text(*p));
		return false;
	}
	return true;
}

enum tri view_only_tls13(const struct view *v)
{
	bool unknown = false;

	for (const uint16_t *p = view_versions; *p; p++) {
		if (*p == VER_TLS13)
			continue;
		if (view_offered(v, *p) == TRI_YES)
			return TRI_NO;
		unknown = unknown || view_offered(v, *p) == TRI_UNKNOWN;
	}
	return unknown ? TRI_UNKNOWN : TRI_YES;
}

const struct obs *view_about(const struct view *v, const struct served *c, enum obs_key key, size_t i)
{
	for (size_t n = 0; n < v->record->obs_count; n++) {
		const struct obs *o = &v->record->obs[n];

		if (o->key != key || !same(o->chain, c->id) || (o->sni != TRI_ABSENT && o->sni != c->sni))
			continue;
		if (!i--)
			return o;
	}
	return NULL;
}

const char *view_evidence(const struct obs *o, const char *name)
{
	for (size_t i = 0; i < o->evidence_count; i++)
		if (!strcmp(o->evidence[i].name, name))
			return o->evidence[i].text;
	return NULL;
}

const struct cert_info *view_cert(const struct view *v, const struct served *c, size_t i)
{
	return i < c->names_count ? record_cert(v->record, c->names[i]) : NULL;
}

const char *view_subject(const struct view *v, const struct cert_info *c, const char *otherwise)
{
	return c && c->subject && *c->subject ? text_cut(v->arena, c->subject, SUBJECT_SAID) : otherwise;
}
