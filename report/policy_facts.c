/* The facts that rules of policies are about: the values of each in one record, and whether these are all. */
#include "report/policy_judge.h"

#include <string.h>

#include "report/cond.h"
#include "report/show.h"

static void add(const struct view *v, struct values *out, struct value one)
{
	out->list = arena_push(v->arena, out->list, out->count, sizeof *out->list);
	out->list[out->count++] = one;
}

static void miss(struct values *out, const char *why)
{
	if (!out->missing)
		out->missing = why;
}

static bool asked_of(const struct policy_rule *r, uint16_t version)
{
	if (!r->versions || !version)
		return true;
	for (const uint16_t *p = r->versions; *p; p++)
		if (*p == version)
			return true;
	return false;
}

/* A chain is of interest when a client that sends the server's name gets it. */
static bool of_judged_chain(const struct view *v, const struct obs *o)
{
	if (!o->chain)
		return true;
	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];

		if (s->judged && s->id && !strcmp(s->id, o->chain) && (o->sni == TRI_ABSENT || o->sni == s->sni))
			return true;
	}
	return false;
}

/* Is one of the versions that the rule asks of offered? */
static enum tri any_offered(const struct view *v, const struct policy_rule *r, const char **missing)
{
	enum tri found = TRI_NO;

	for (const uint16_t *p = view_versions; *p; p++) {
		enum tri offered = asked_of(r, *p) ? view_offered(v, *p) : TRI_NO;

		if (offered == TRI_YES)
			return TRI_YES;
		if (offered == TRI_UNKNOWN) {
			*missing = arena_printf(v->arena, "whether %s is offered is not known", version_text(*p));
			found = TRI_UNKNOWN;
		}
	}
	return found;
}

/* ---- values of observations ---------------------------------------------------------------------------------- */

static const char *where_of(const struct obs *o)
{
	if (o->protocol)
		return version_text(o->protocol);
	return o->name ? o->name : "";
}

static const struct cipher *cipher_in(const struct view *v, const struct obs *o, uint32_t code)
{
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (v->ciphers[i].protocol == o->protocol && v->ciphers[i].code == code)
			return &v->ciphers[i];
	return NULL;
}

static void add_codes(const struct view *v, struct values *out, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct cipher *c = o->key == OBS_KEY_SUITES_LIST ? cipher_in(v, o, o->codes[i]) : NULL;

		add(v, out, (struct value){ .obs = o, .where = where_of(o), .code = o->codes[i], .cipher = c,
			.text = c ? c->name : show_code(v->arena, o, i) });
	}
}

static void add_names(const struct view *v, struct values *out, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++)
		add(v, out, (struct value){ .obs = o, .where = where_of(o), .text = o->names[i] });
}

static const char *not_known(const struct view *v, const struct obs *o)
{
	const char *where = where_of(o);

	return arena_printf(v->arena, "%s%s%s is not known%s%s%s", where, *where ? ": " : "", obs_kinds[o->key].key,
		o->reason ? " (" : "", o->reason ? o->reason : "", o->reason ? ")" : "");
}

static void add_word(const struct view *v, struct values *out, const struct obs *o, const char *word)
{
	if (!word || !strcmp(word, "unknown"))
		miss(out, not_known(v, o));
	else
		add(v, out, (struct value){ .obs = o, .where = where_of(o), .text = word });
}

/* True when the observation says that the question does not arise. */
static bool add_obs(const struct view *v, struct values *out, const struct obs *o)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		if (o->tri == TRI_NA)
			return true;
		add_word(v, out, o, tri_name(o->tri));
		break;
	case OBS_TEXT:
		add_word(v, out, o, o->text);
		break;
	case OBS_NUMBER:
		add(v, out, (struct value){ .obs = o, .where = where_of(o), .number = o->number,
			.text = arena_printf(v->arena, "%lld", (long long)o->number) });
		break;
	case OBS_CODES:
		add_codes(v, out, o);
		break;
	case OBS_NAMES:
		add_names(v, out, o);
		break;
	}
	if ((obs_kinds[o->key].type == OBS_CODES || obs_kinds[o->key].type == OBS_NAMES) && o->reason)
		miss(out, arena_printf(v->arena, "%s%s%s may not be whole (%s)", where_of(o), *where_of(o) ? ": " : "",
			obs_kinds[o->key].key, o->reason));
	return false;
}

static size_t add_all(const struct view *v, const struct policy_rule *r, enum obs_key key, struct values *out,
	size_t *beside)
{
	size_t seen = 0;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != key || !asked_of(r, o->protocol) || !of_judged_chain(v, o))
			continue;
		seen++;
		*beside += add_obs(v, out, o);
	}
	return seen;
}

static void gather_obs(const struct view *v, const struct policy_rule *r, struct values *out)
{
	const char *missing = NULL;
	enum tri offered = any_offered(v, r, &missing);
	size_t beside = 0, seen = add_all(v, r, r->fact.obs, out, &beside);

	if (offered == TRI_NO || (seen && seen == beside && !out->missing))
		out->applies = false;
	else if (!seen)
		miss(out, missing ? missing : arena_printf(v->arena, "%s was not asked", r->fact.key));
}

/* ---- lists that every offered version has -------------------------------------------------------------------- */

static void gather_suites(const struct view *v, const struct policy_rule *r, struct values *out)
{
	const char *missing = NULL;
	size_t beside = 0;

	out->applies = any_offered(v, r, &missing) != TRI_NO;
	add_all(v, r, OBS_KEY_SUITES_LIST, out, &beside);
	for (const uint16_t *p = view_versions; *p; p++)
		if (asked_of(r, *p) && !view_whole(v, *p, *p, &missing))
			miss(out, missing);
}

/* Curves up to TLS 1.2 are of use to suites with elliptic curves only; unknown while a suite may be missing. */
static enum tri wants_groups(const struct view *v, uint16_t version)
{
	if (version == VER_TLS13)
		return TRI_YES;
	for (size_t i = 0; i < v->ciphers_count; i++) {
		const struct suite *s = v->ciphers[i].protocol == version && v->ciphers[i].code <= UINT16_MAX
			? suite_find((uint16_t)v->ciphers[i].code) : NULL;

		if (s && suite_is_ecc(s) && s->kx != KX_ECDH)
			return TRI_YES;
	}
	return view_whole(v, version, version, NULL) ? TRI_NO : TRI_UNKNOWN;
}

/* Up to TLS 1.2 a signature is needed where the key exchange is ephemeral and not anonymous; before that no scheme is named. */
static enum tri wants_schemes(const struct view *v, uint16_t version)
{
	if (version == VER_TLS13)
		return TRI_YES;
	for (size_t i = 0; version == VER_TLS12 && i < v->ciphers_count; i++) {
		const struct cipher *c = &v->ciphers[i];

		if (c->protocol == version && !c->anonymous && (c->exchange == KX_DHE || c->exchange == KX_ECDHE))
			return TRI_YES;
	}
	return version < VER_TLS12 || view_whole(v, version, version, NULL) ? TRI_NO : TRI_UNKNOWN;
}

/* The lists of the versions that the rule asks of, and which of them should be there and are not. */
static void gather_of_versions(const struct view *v, const struct policy_rule *r, struct values *out,
	enum tri (*wants)(const struct view *, uint16_t version))
{
	size_t beside = 0;
	bool any = add_all(v, r, r->fact.obs, out, &beside) > 0;

	for (const uint16_t *p = view_versions; *p > VER_SSL3; p++) {
		enum tri offered = asked_of(r, *p) ? view_offered(v, *p) : TRI_NO;
		enum tri wanted = offered == TRI_YES ? wants(v, *p) : offered;

		if (wanted == TRI_NO || record_find(v->record, r->fact.obs, *p))
			continue;
		any = true;
		miss(out, arena_printf(v->arena, "%s of %s is not known", r->fact.key, version_text(*p)));
	}
	out->applies = any;
}

static void gather_schemes(const struct view *v, const struct policy_rule *r, struct values *out)
{
	gather_of_versions(v, r, out, wants_schemes);
}

static void gather_groups(const struct view *v, const struct policy_rule *r, struct values *out)
{
	gather_of_versions(v, r, out, wants_groups);
}

static void gather_versions(const struct view *v, const struct policy_rule *r, struct values *out)
{
	(void)r;
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == OBS_KEY_PROTOCOL_OFFERED && o->tri == TRI_YES)
			add(v, out, (struct value){ .obs = o, .where = "", .code = o->protocol, .text = version_text(o->protocol) });
	}
	for (const uint16_t *p = view_versions; *p; p++)
		if (view_offered(v, *p) == TRI_UNKNOWN)
			miss(out, arena_printf(v->arena, "whether %s is offered is not known", version_text(*p)));
}

/* ---- certificates of the judged chains ----------------------------------------------------------------------- */

typedef bool fill(const struct view *, const struct cert_info *, struct value *);

static const char *subject_of(const struct cert_info *c)
{
	return c->subject && *c->subject ? c->subject : "a certificate without a name";
}

static bool told_before(const struct view *v, size_t chain, const char *sha256)
{
	for (size_t i = 0; i < chain; i++)
		for (size_t k = 0; v->chains[i].judged && k < v->chains[i].names_count; k++)
			if (!strcmp(v->chains[i].names[k], sha256))
				return true;
	return false;
}

/* One value from each leaf, or from each certificate but a self-signed one above it, whose signature proves nothing. */
static void from_certificates(const struct view *v, struct values *out, fill *from, bool whole_chain)
{
	bool any = false;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];

		for (size_t k = 0; s->judged && k < (whole_chain ? s->names_count : 1); k++) {
			const struct cert_info *c = view_cert(v, s, k);
			struct value one = { .where = c ? subject_of(c) : "" };

			any = true;
			if (!c || c->malformed)
				miss(out, "a certificate that was served cannot be read");
			else if (!told_before(v, i, c->sha256) && !(k && c->self_signed) && from(v, c, &one))
				add(v, out, one);
		}
	}
	if (!any)
		miss(out, "no certificate was seen");
}

static bool type_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	(void)v;
	one->text = cert_key_name(c->key);
	return true;
}

static bool curve_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	(void)v;
	one->text = c->curve ? c->curve : "a curve without a name";
	return c->key == KEY_ECDSA;
}

static bool signature_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	(void)v;
	one->text = c->signature ? c->signature : "none";
	return true;
}

static bool number_of(const struct view *v, struct value *one, int64_t n)
{
	one->number = n;
	one->text = arena_printf(v->arena, "%lld", (long long)n);
	return true;
}

static bool rsa_bits_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	return (c->key == KEY_RSA || c->key == KEY_RSA_PSS) && number_of(v, one, c->key_bits);
}

static bool dsa_bits_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	return c->key == KEY_DSA && number_of(v, one, c->key_bits);
}

static bool ec_bits_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	return c->key == KEY_ECDSA && number_of(v, one, c->key_bits);
}

/* A day that has begun counts; the one second that notAfter includes (RFC 5280 section 4.1.2.5) begins none. */
static bool days_of(const struct view *v, const struct cert_info *c, struct value *one)
{
	return number_of(v, one, (c->not_after - c->not_before + 86399) / 86400);
}

#define FROM_LEAF(fact, from, chain)                                                                                 \
	static void gather_##fact(const struct view *v, const struct policy_rule *r, struct values *out)             \
	{                                                                                                            \
		(void)r;                                                                                             \
		from_certificates(v, out, from, chain);                                                              \
		out->applies = out->count || out->missing;                                                           \
	}
FROM_LEAF(type, type_of, false)
FROM_LEAF(curve, curve_of, false)
FROM_LEAF(signature, signature_of, false)
FROM_LEAF(signatures, signature_of, true)
FROM_LEAF(rsa_bits, rsa_bits_of, false)
FROM_LEAF(dsa_bits, dsa_bits_of, false)
FROM_LEAF(ec_bits, ec_bits_of, false)
FROM_LEAF(days, days_of, false)

/* Diffie-Hellman groups: by RFC 7919's names, else by the modulus. */
static void gather_dh_groups(const struct view *v, const struct policy_rule *r, struct values *out)
{
	gather_obs(v, r, out);
	for (size_t i = 0; i < out->count; i++) {
		const struct obs *o = out->list[i].obs;
		const struct dh_prime *p = dh_prime_of(o);
		const struct group *g = p && p->group ? group_find(p->group) : NULL;

		out->list[i].text = g ? g->name : p ? p->name : o->name ? o->name
			: arena_printf(v->arena, "a group of its own, of %s bits", out->list[i].text);
	}
}

/* Is each judged chain trusted by one store at least? */
static void gather_trusted(const struct view *v, const struct policy_rule *r, struct values *out)
{
	(void)r;
	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];
		const struct obs *o, *best = NULL;

		for (size_t k = 0; s->judged && (o = view_about(v, s, OBS_KEY_CHAIN_TRUST, k)); k++)
			if (!best || o->tri == TRI_YES || (o->tri == TRI_UNKNOWN && best->tri == TRI_NO))
				best = best && best->tri == TRI_YES ? best : o;
		if (best)
			add_word(v, out, best, tri_name(best->tri));
		else if (s->judged)
			miss(out, "trust was not looked into: there is no store");
	}
	if (!v->chains_count)
		miss(out, "no certificate was seen");
}

/* By a staple, or by what --fetch brought: told as the findings tell it. */
static void gather_revoked(const struct view *v, const struct policy_rule *r, struct values *out)
{
	struct verdict d = cond_revoked(v, &(struct cond){ .op = cond_revoked });

	(void)r;
	out->applies = d.holds != TRI_NA;
	if (d.holds == TRI_UNKNOWN)
		miss(out, d.because);
	else if (out->applies)
		add(v, out, (struct value){ .where = "revoked", .text = tri_name(d.holds) });
}

/* ---- by name ------------------------------------------------------------------------------------------------- */

static const struct policy_fact derived[] = {
	{ "versions", FACT_VERSIONS, OBS_KEY_PROTOCOL_OFFERED, OBS_KEYS, gather_versions },
	{ "suites.list", FACT_SUITES, OBS_KEY_SUITES_LIST, OBS_KEY_SUITES_ORDER, gather_suites },
	{ "groups.list", FACT_GROUPS, OBS_KEY_GROUPS_LIST, OBS_KEY_GROUPS_ORDER, gather_groups },
	{ "schemes.list", FACT_SCHEMES, OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER, gather_schemes },
	{ "extensions.list", FACT_EXTENSIONS, OBS_KEY_EXTENSIONS_LIST, OBS_KEYS, gather_obs },
	{ "certificate.type", FACT_NAMES, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_type },
	{ "certificate.curve", FACT_NAMES, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_curve },
	{ "certificate.signature", FACT_NAMES, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_signature },
	{ "chain.signatures", FACT_NAMES, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_signatures },
	{ "certificate.rsa_bits", FACT_NUMBERS, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_rsa_bits },
	{ "certificate.dsa_bits", FACT_NUMBERS, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_dsa_bits },
	{ "certificate.ec_bits", FACT_NUMBERS, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_ec_bits },
	{ "certificate.days", FACT_NUMBERS, OBS_KEY_CHAIN_SERVED, OBS_KEYS, gather_days },
	{ "dh.group", FACT_NAMES, OBS_KEY_DH_BITS, OBS_KEYS, gather_dh_groups },
	{ "certificate.revoked", FACT_WORDS, OBS_KEY_STAPLE, OBS_KEYS, gather_revoked },
	{ "chain.trusted", FACT_WORDS, OBS_KEY_CHAIN_TRUST, OBS_KEYS, gather_trusted },
};

static enum fact_type type_of_obs(enum obs_type t)
{
	static const enum fact_type types[] = {
		[OBS_TRI] = FACT_WORDS, [OBS_TEXT] = FACT_WORDS, [OBS_NUMBER] = FACT_NUMBERS,
		[OBS_NAMES] = FACT_NAMES, [OBS_CODES] = FACT_CODES,
	};

	return types[t];
}

bool policy_fact_find(const char *key, struct policy_fact *f)
{
	for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
		if (!strcmp(derived[i].key, key)) {
			*f = derived[i];
			return true;
		}
	for (size_t i = 0; i < OBS_KEYS; i++)
		if (!strcmp(obs_kinds[i].key, key)) {
			*f = (struct policy_fact){ obs_kinds[i].key, type_of_obs(obs_kinds[i].type), (enum obs_key)i,
				OBS_KEYS, gather_obs };
			return true;
		}
	return false;
}

/* ---- when a rule applies ------------------------------------------------------------------------------------- */

static enum tri when_several(const struct view *v, const struct policy_rule *r)
{
	size_t offered = 0, unknown = 0;

	(void)r;
	for (const uint16_t *p = view_versions; *p; p++) {
		offered += view_offered(v, *p) == TRI_YES;
		unknown += view_offered(v, *p) == TRI_UNKNOWN;
	}
	return offered > 1 ? TRI_YES : offered + unknown > 1 ? TRI_UNKNOWN : TRI_NO;
}

/* Fallback is of use to an attacker below TLS 1.2; where TLS 1.3 is spoken its randoms tell (RFC 8446 section 4.1.3). */
static enum tri when_old_without_tls13(const struct view *v, const struct policy_rule *r)
{
	enum tri newest = view_offered(v, VER_TLS13), old = TRI_NO;

	(void)r;
	for (const uint16_t *p = view_versions; *p; p++)
		if (*p >= VER_SSL3 && *p < VER_TLS12 && old != TRI_YES && view_offered(v, *p) != TRI_NO)
			old = view_offered(v, *p) == TRI_YES ? TRI_YES : TRI_UNKNOWN;
	if (newest == TRI_YES || old == TRI_NO)
		return TRI_NO;
	return newest == TRI_NO ? old : TRI_UNKNOWN;
}

static enum tri when_http(const struct view *v, const struct policy_rule *r)
{
	enum tri t = record_tri(v->record, OBS_KEY_HTTP_ANSWERED, 0);

	(void)r;
	return t == TRI_ABSENT ? TRI_UNKNOWN : t == TRI_NA ? TRI_NO : t;
}

/* A Strict-Transport-Security that works: the one that has a max-age. */
static enum tri when_hsts(const struct view *v, const struct policy_rule *r)
{
	const struct obs *o = record_find(v->record, OBS_KEY_HSTS, 0);
	enum tri http = when_http(v, r);

	if (http != TRI_YES)
		return http;
	return !o || !o->text ? TRI_UNKNOWN : strcmp(o->text, "valid") ? TRI_NO : TRI_YES;
}

const struct policy_when policy_whens[] = {
	{ "several_versions", when_several },
	{ "old_without_tls13", when_old_without_tls13 },
	{ "http", when_http },
	{ "hsts", when_hsts },
	{ 0 },
};
