#include "report/simulate_parts.h"

#include <string.h>

enum cert_key sim_key_of(const struct cipher *c)
{
	if (!strcmp(c->auth, "ECDSA"))
		return KEY_ECDSA;
	if (!strcmp(c->auth, "DSS"))
		return KEY_DSA;
	return !strcmp(c->auth, "RSA") ? KEY_RSA : KEY_NONE;
}

static bool served_in(const struct served *s, uint16_t version)
{
	for (size_t i = 0; i < s->protocols_count; i++)
		if (s->protocols[i] == version)
			return true;
	return false;
}

/* The chain that the client gets; NULL: none such was seen. */
static const struct served *chain_for(const struct view *v, const struct client *c, uint16_t version, enum cert_key k)
{
	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];

		if (s->leaf && served_in(s, version) && sim_key_fits(k, s->leaf->key) && (s->judged || !c->sni) &&
		        (c->sni || s->sni != TRI_YES))
			return s;
	}
	return NULL;
}

/* Was this type of certificate seen only by clients that name the server, while others were seen by those that do not? */
bool sim_is_named_only(const struct view *v, enum cert_key k)
{
	bool named = false, nameless = false;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];
		bool such = s->leaf && sim_key_fits(k, s->leaf->key);

		if (such && s->sni != TRI_YES)
			return false;
		named = named || such;
		nameless = nameless || s->sni != TRI_YES;
	}
	return named && nameless;
}

static bool is_weakly_signed(const struct view *v, const struct served *s)
{
	for (size_t i = 0; i < s->names_count; i++) {
		const struct cert_info *info = view_cert(v, s, i);

		if (info && !info->self_signed && info->signature &&
		        (strstr(info->signature, "sha1") || strstr(info->signature, "SHA1") || strstr(info->signature, "md5")))
			return true;
	}
	return false;
}

/* What the client says to the certificate, after the server has picked. */
enum sim_reason sim_look_at_chain(const struct view *v, const struct client *c, uint16_t version, enum cert_key k)
{
	const struct served *s = chain_for(v, c, version, k);

	if (!s)
		return SIM_NONE;
	if (s->leaf->key == KEY_RSA && sim_out_of(s->leaf->key_bits, c->min_rsa, c->max_rsa))
		return SIM_KEY_SIZE;
	if (s->leaf->key == KEY_ECDSA && sim_out_of(s->leaf->key_bits, c->min_ecdsa, 0))
		return SIM_KEY_SIZE;
	return c->wants_sha2 && is_weakly_signed(v, s) ? SIM_SHA1 : SIM_NONE;
}

/* The group of an ECDSA certificate's key; NULL: another certificate, or a curve without a code. */
const struct group *sim_curve_of(const struct view *v, const struct client *c, uint16_t version)
{
	const struct served *s = chain_for(v, c, version, KEY_ECDSA);

	return s && s->leaf->key == KEY_ECDSA && s->leaf->curve ? group_by_name(s->leaf->curve) : NULL;
}

/* RFC 5246 section 7.4.1.4.1: a client that says nothing means SHA-1. */
static struct codes schemes_of(const struct client *c)
{
	static const uint32_t sha1[] = { 0x0201, 0x0202, 0x0203 };

	return c->schemes.n ? c->schemes : (struct codes){ sha1, sizeof sha1 / sizeof *sha1 };
}

static enum sim_reason no_signature(const struct client *c, const struct obs *list)
{
	struct codes offered = schemes_of(c);

	for (size_t i = 0; list && i < offered.n; i++)
		if (sim_obs_has(list, offered.v[i]))
			return SIM_NONE;
	return !list || list->reason ? SIM_UNKNOWN_SCHEMES : SIM_SCHEME;
}

/* The list of one of the certificates that go with the suite. */
enum sim_reason sim_unsigned_in(const struct client *c, const struct offer *f, enum cert_key suite)
{
	enum sim_reason worst = SIM_UNKNOWN_SCHEMES;

	for (enum cert_key k = KEY_NONE; k <= KEY_OTHER; k++) {
		enum sim_reason r;

		if (!f->schemes.list[k] || (k != KEY_NONE && !sim_key_fits(suite, k)))
			continue;
		r = no_signature(c, f->schemes.list[k]);
		if (r == SIM_NONE)
			return r;
		worst = r;
	}
	return worst;
}

/* ---- TLS 1.3: which certificate ---------------------------------------------------------------------------------------- */

static bool can_sign(const struct client *c, const struct obs *list)
{
	return list && no_signature(c, list) == SIM_NONE;
}

/* The type of the certificate whose scheme the client prefers: where its order decides for each, it does between them. */
static enum cert_key liked_most(const struct client *c, const struct offer *f)
{
	for (enum cert_key k = KEY_NONE + 1; k <= KEY_OTHER; k++)
		if (f->schemes.list[k] && f->schemes.list[k]->count > 1 && !sim_order_is("client", f->schemes.order[k]))
			return KEY_NONE;
	for (size_t i = 0; i < c->schemes.n; i++)
		for (enum cert_key k = KEY_NONE + 1; k <= KEY_OTHER; k++)
			if (f->schemes.list[k] && sim_obs_has(f->schemes.list[k], c->schemes.v[i]))
				return k;
	return KEY_NONE;
}

/* KEY_NONE with NONE: it connects, and which certificate it gets is not known. */
enum sim_reason sim_pick_certificate(const struct client *c, const struct offer *f, enum cert_key *cert)
{
	size_t lists = 0, fit = 0;
	bool cut = false;

	*cert = KEY_NONE;
	for (enum cert_key k = KEY_NONE + 1; k <= KEY_OTHER; k++) {
		lists += f->schemes.list[k] != NULL;
		cut = cut || (f->schemes.list[k] && f->schemes.list[k]->reason);
		if (!can_sign(c, f->schemes.list[k]))
			continue;
		fit++;
		*cert = k;
	}
	if (lists && !fit)
		return cut ? SIM_UNKNOWN_SCHEMES : SIM_SCHEME;
	if (!lists)
		return SIM_UNKNOWN_SCHEMES;
	if (fit > 1)
		*cert = liked_most(c, f);
	return SIM_NONE;
}
