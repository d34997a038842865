#include "tests/servers/choose.h"

#include "tests/servers/quirks.h"

enum { ALERT_MISSING_EXTENSION = 109, SCSV_FALLBACK = 0x5600 };

struct chooser {
	const struct server_config *config;
	const struct heard *heard;
	struct choice *choice;
};

typedef bool fits(struct chooser *, uint32_t code);

/* The first of the server's or of the client's list that the other has and that fits; 0: none does. */
static uint32_t pick(struct chooser *c, enum server_order order, const struct code_list *mine,
        const struct offered *theirs, fits *fit)
{
	for (size_t i = 0; order != ORDER_CLIENT && i < mine->n; i++)
		if (offered_has(theirs, mine->v[i]) && fit(c, mine->v[i]))
			return mine->v[i];
	for (size_t i = 0; order == ORDER_CLIENT && i < theirs->n; i++)
		if (code_list_has(mine, offered_at(theirs, i)) && fit(c, offered_at(theirs, i)))
			return offered_at(theirs, i);
	return 0;
}

bool version_is_13(uint16_t version)
{
	return version == VER_TLS13 || version >> 8 == 0x7E || version >> 8 == 0x7F;
}

/* ---- groups, schemes, chains ----------------------------------------------------------------- */

static bool group_in_use(uint16_t version, uint32_t code, bool finite_field)
{
	const struct group *g = group_find((uint16_t)code);

	if (!g)
		return false;
	if (version_is_13(version))
		return g->use & GROUP_TLS13;
	return (g->use & GROUP_TLS12) && (g->kind == GROUP_FFDHE) == finite_field;
}

static bool curve_fits(struct chooser *c, uint32_t code)
{
	return group_in_use(c->choice->version, code, false);
}

static bool ffdhe_fits(struct chooser *c, uint32_t code)
{
	return group_in_use(c->choice->version, code, true);
}

/* RFC 8422 section 5.1: a client without the extension takes any curve. */
static bool choose_curve(struct chooser *c)
{
	const struct server_config *s = c->config;

	if (c->heard->has_groups)
		c->choice->group =
		        (uint16_t)pick(c, s->groups_order, &s->groups, &c->heard->groups, curve_fits);
	for (size_t i = 0; !c->heard->has_groups && i < s->groups.n && !c->choice->group; i++)
		if (curve_fits(c, s->groups.v[i]))
			c->choice->group = (uint16_t)s->groups.v[i];
	return c->choice->group != 0;
}

/* RFC 7919 section 4: a named group when both have one, else the prime of the server's own. */
static bool choose_prime(struct chooser *c)
{
	const struct server_config *s = c->config;

	c->choice->group = (uint16_t)pick(c, s->groups_order, &s->groups, &c->heard->groups, ffdhe_fits);
	return c->choice->group || s->dh_prime.n;
}

static const struct chain_set *chains_for(const struct chooser *c)
{
	bool nameless = !c->heard->has_sni && c->config->chains_without_sni.n;

	return nameless ? &c->config->chains_without_sni : &c->config->chains;
}

static const struct server_chain *chain_of(const struct chooser *c, enum cert_key kind)
{
	const struct chain_set *set = chains_for(c);

	for (size_t i = 0; i < set->n; i++)
		if (set->v[i]->kind == kind)
			return set->v[i];
	return NULL;
}

/* RFC 8446 section 4.2.3: from TLS 1.3 on the scheme names the curve, and that of the built-in key is P-256.
 */
static bool curve_of_key_fits(const struct server_chain *chain, uint32_t code)
{
	return chain->kind != KEY_ECDSA || !chain->key.n || code == 0x0403;
}

static bool scheme_fits(struct chooser *c, uint32_t code)
{
	const struct scheme *s = scheme_find((uint16_t)code);
	bool in_13 = version_is_13(c->choice->version);

	if (!s || !(in_13 ? s->tls13 : s->tls12))
		return false;
	if (c->choice->chain)
		return s->key == c->choice->chain->kind;
	return chain_of(c, s->key) && (!in_13 || curve_of_key_fits(chain_of(c, s->key), code));
}

static bool pick_scheme(struct chooser *c)
{
	const struct server_config *s = c->config;

	c->choice->scheme = (uint16_t)pick(c, s->schemes_order, &s->schemes, &c->heard->schemes, scheme_fits);
	return c->choice->scheme != 0;
}

/* RFC 5246 section 7.4.1.4.1: without the extension it is SHA-1 with the key's algorithm. */
static bool choose_scheme(struct chooser *c)
{
	static const struct {
		enum cert_key kind;
		uint16_t scheme;
	} sha1[] = { { KEY_RSA, 0x0201 }, { KEY_DSA, 0x0202 }, { KEY_ECDSA, 0x0203 } };

	if (c->choice->version != VER_TLS12)
		return c->choice->chain->kind != KEY_ED25519 && c->choice->chain->kind != KEY_ED448;
	if (c->heard->has_schemes)
		return pick_scheme(c);
	for (size_t i = 0; i < sizeof(sha1) / sizeof(*sha1); i++)
		if (sha1[i].kind == c->choice->chain->kind)
			c->choice->scheme = sha1[i].scheme;
	return c->choice->scheme != 0;
}

/* ---- suites up to TLS 1.2 -------------------------------------------------------------------- */

static const enum cert_key signers[][3] = {
	[AUTH_RSA] = { KEY_RSA, KEY_RSA_PSS },
	[AUTH_DSS] = { KEY_DSA },
	[AUTH_ECDSA] = { KEY_ECDSA, KEY_ED25519, KEY_ED448 },
	[AUTH_OTHER] = { KEY_SM2, KEY_GOST, KEY_RSA },
};

static bool try_chain(struct chooser *c, const struct server_chain *chain)
{
	if (!chain)
		return false;
	c->choice->chain = chain;
	c->choice->scheme = 0;
	if (!c->choice->ephemeral || choose_scheme(c))
		return true;
	c->choice->chain = NULL;
	return false;
}

static bool choose_chain(struct chooser *c, enum auth auth)
{
	bool needed = auth == AUTH_RSA || auth == AUTH_DSS || auth == AUTH_ECDSA || auth == AUTH_OTHER;

	c->choice->chain = NULL;
	for (size_t i = 0; needed && i < 3; i++)
		if (signers[auth][i] && try_chain(c, chain_of(c, signers[auth][i])))
			return true;
	return !needed;
}

static bool choose_key_exchange(struct chooser *c, const struct suite *s)
{
	c->choice->group = 0;
	c->choice->ephemeral = false;
	switch (s->kx) {
	case KX_DHE:
	case KX_DHE_PSK:
		c->choice->ephemeral = true;
		return choose_prime(c);
	case KX_ECDHE:
	case KX_ECDHE_PSK:
		c->choice->ephemeral = true;
		return choose_curve(c);
	case KX_NONE:
	case KX_ANY:
		return false;
	case KX_SRP:
		return c->config->srp_unknown;
	default:
		return true;
	}
}

static bool in_version(const struct chooser *c, const struct suite *s)
{
	uint16_t v = c->choice->version;

	if (suite_is_tls13(s) || version_is_13(v))
		return suite_is_tls13(s) && version_is_13(v);
	if (v == VER_TLCP)
		return s->code >> 8 == 0xE0;
	return s->min_version <= v || config_suites(c->config, v).v != c->config->suites.v;
}

/* With static RSA the chain's key decrypts; all others sign, or the suite is one whose messages are not
 * modelled. */
static bool suite_fits(struct chooser *c, uint32_t code)
{
	const struct suite *s = code <= 0xFFFF ? suite_find((uint16_t)code) : NULL;

	if (!s) { /* its maker's own: in the place of one with static RSA, and nobody can go on */
		c->choice->group = 0;
		c->choice->ephemeral = false;
		return c->choice->version <= VER_TLS12 && choose_chain(c, AUTH_RSA);
	}
	if (!in_version(c, s))
		return false;
	if (version_is_13(c->choice->version))
		return true;
	return choose_key_exchange(c, s) && choose_chain(c, s->auth);
}

static bool chacha_fits(struct chooser *c, uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && s->enc && strstr(s->enc, "CHACHA") && suite_fits(c, code);
}

static bool client_likes_chacha(const struct heard *h)
{
	for (size_t i = 0; i < h->suites.n; i++) {
		const struct suite *s = suite_find((uint16_t)offered_at(&h->suites, i));

		if (!code_is_grease((uint16_t)offered_at(&h->suites, i)))
			return s && s->enc && strstr(s->enc, "CHACHA");
	}
	return false;
}

static bool choose_suite(struct chooser *c)
{
	struct code_list mine = config_suites(c->config, c->choice->version);
	uint32_t suite = 0;

	if (c->config->order == ORDER_SERVER_CHACHA && client_likes_chacha(c->heard))
		suite = pick(c, ORDER_SERVER, &mine, &c->heard->suites, chacha_fits);
	if (!suite)
		suite = pick(c, c->config->order, &mine, &c->heard->suites, suite_fits);
	c->choice->suite = (uint16_t)suite;
	return suite != 0;
}

static bool refuse(struct chooser *c, uint8_t alert)
{
	c->choice->refused = true;
	c->choice->alert = alert;
	return false;
}

/* ---- TLS 1.3 --------------------------------------------------------------------------------- */

static bool shared_fits(struct chooser *c, uint32_t code)
{
	return curve_fits(c, code) && heard_share(c->heard, (uint16_t)code);
}

/* RFC 8446 section 4.1.1: a group that has a share, or else any, asked for with a retry. */
static bool choose_share(struct chooser *c)
{
	const struct server_config *s = c->config;
	uint32_t best = pick(c, s->groups_order, &s->groups, &c->heard->groups, curve_fits);
	uint32_t shared = pick(c, s->groups_order, &s->groups, &c->heard->groups, shared_fits);

	if (!best)
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	c->choice->retry = !shared || (s->retry_for_best && shared != best);
	c->choice->group = (uint16_t)(c->choice->retry ? best : shared);
	if (c->choice->retry && s->needs_share != SHARE_RETRY)
		return refuse(c, (uint8_t)s->needs_share);
	return true;
}

static bool choose_13(struct chooser *c)
{
	if (!choose_suite(c))
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	if (!c->heard->has_schemes || !c->heard->has_groups || !c->heard->has_shares)
		return refuse(c, ALERT_MISSING_EXTENSION);
	c->choice->ephemeral = true;
	if (!choose_share(c))
		return false;
	if (!pick_scheme(c))
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	c->choice->chain = chain_of(c, scheme_find(c->choice->scheme)->key);
	return true;
}

/* ---- versions -------------------------------------------------------------------------------- */

static unsigned rank(uint16_t version)
{
	return version == VER_TLS13 ? 0x10000 : version;
}

static bool knows_13(const struct server_config *s)
{
	for (size_t i = 0; i < s->versions.n; i++)
		if (version_is_13((uint16_t)s->versions.v[i]))
			return true;
	return false;
}

/* A server from before TLS 1.3 does not know supported_versions. */
static bool client_takes(const struct chooser *c, uint16_t version)
{
	if (version == VER_SSL2)
		return false;
	if (c->heard->has_versions && knows_13(c->config))
		return offered_has(&c->heard->versions, version);
	if (version == VER_TLCP || c->heard->version == VER_TLCP)
		return version == c->heard->version;
	return !version_is_13(version) && version <= c->heard->version;
}

/* The best common version that ranks below `limit`; 0: none. */
static uint16_t best_version(const struct chooser *c, unsigned limit)
{
	uint16_t best = 0;

	for (size_t i = 0; i < c->config->versions.n; i++) {
		uint16_t v = (uint16_t)c->config->versions.v[i];

		if (rank(v) < limit && rank(v) > rank(best) && client_takes(c, v))
			best = v;
	}
	return best;
}

static unsigned best_rank(const struct server_config *s)
{
	unsigned best = 0;

	for (size_t i = 0; i < s->versions.n; i++)
		if (s->versions.v[i] <= VER_TLS13 && rank((uint16_t)s->versions.v[i]) > best)
			best = rank((uint16_t)s->versions.v[i]);
	return best;
}

static bool asks_above(const struct heard *h, uint16_t limit)
{
	for (size_t i = 0; i < h->versions.n; i++)
		if (offered_at(&h->versions, i) > limit &&
		        !code_is_grease((uint16_t)offered_at(&h->versions, i)))
			return true;
	return h->version > limit;
}

static bool lacks_parameters(const struct chooser *c)
{
	const struct suite *s = suite_find(c->choice->suite);

	return c->config->dh_missing && s && s->kx == KX_DHE;
}

static bool choose_in_version(struct chooser *c, uint16_t version)
{
	*c->choice = (struct choice){ .version = version };
	if (version_is_13(version))
		return choose_13(c);
	if (!choose_suite(c))
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	return !lacks_parameters(c) || refuse(c, ALERT_INTERNAL_ERROR);
}

static bool choose_version_and_suite(struct chooser *c)
{
	uint16_t version = best_version(c, UINT16_MAX + 2);

	if (!version)
		return refuse(c, ALERT_PROTOCOL_VERSION);
	if (c->config->fallback_scsv && heard_suite(c->heard, SCSV_FALLBACK) &&
	        rank(version) < best_rank(c->config))
		return refuse(c, ALERT_INAPPROPRIATE_FALLBACK);
	while (!choose_in_version(c, version)) {
		version = best_version(c, rank(version));
		if (!version || !c->config->lower_version)
			return false;
	}
	return true;
}

/* ---- pickiness ------------------------------------------------------------------------------- */

static bool mixes_ecc(const struct heard *h)
{
	bool ecc = false, other = false;

	for (size_t i = 0; i < h->suites.n; i++) {
		const struct suite *s = suite_find((uint16_t)offered_at(&h->suites, i));

		if (!s || s->flags & SUITE_SCSV)
			continue;
		ecc = ecc || suite_is_ecc(s);
		other = other || !suite_is_ecc(s);
	}
	return ecc && other;
}

static size_t extension_count(const struct heard *h)
{
	struct rd r = rd_span(h->extensions);
	size_t n = 0;

	for (; rd_left(&r); n++) {
		rd_u16(&r);
		rd_vec(&r, 2);
	}
	return n;
}

static bool is_disliked(const struct server_config *s, const struct heard *h)
{
	for (size_t i = 0; i < s->dislikes.n; i++)
		if (heard_extension(h, (uint16_t)s->dislikes.v[i], NULL))
			return true;
	return s->max_extensions && extension_count(h) > s->max_extensions;
}

static bool hello_is_welcome(struct chooser *c)
{
	const struct server_config *s = c->config;
	const struct heard *h = c->heard;

	c->choice->ignored = s->drop_256_511 && h->size >= 256 && h->size < 512;
	if (c->choice->ignored)
		return false;
	if (quirks_alert(s, h))
		return refuse(c, quirks_alert(s, h));
	if (s->max_suites && h->suites.n > s->max_suites)
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	if (s->refuse_extensions && h->has_extensions)
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	if (is_disliked(s, h))
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	if (s->refuse_ecc_mix && mixes_ecc(h))
		return refuse(c, ALERT_HANDSHAKE_FAILURE);
	if (s->intolerant_above && asks_above(h, s->intolerant_above))
		return refuse(c, ALERT_PROTOCOL_VERSION);
	return true;
}

static bool name_is_known(const struct server_config *s, const struct heard *h)
{
	return s->sni_name && strlen(s->sni_name) == h->sni.n && !memcmp(s->sni_name, h->sni.p, h->sni.n);
}

static bool name_is_welcome(struct chooser *c)
{
	const struct server_config *s = c->config;
	const struct heard *h = c->heard;
	bool bad = (s->sni == SNI_NEEDED && !h->has_sni) || (s->sni == SNI_REFUSED && h->has_sni) ||
	           (s->sni == SNI_KNOWN && h->has_sni && !name_is_known(s, h));

	return !bad || refuse(c, ALERT_UNRECOGNIZED_NAME);
}

static bool choose_protocol(struct chooser *c)
{
	const struct server_config *s = c->config;
	struct rd r = rd_span(c->heard->alpn);

	if (!c->heard->has_alpn || !s->alpn_n)
		return true;
	for (size_t i = 0; s->alpn_order != ORDER_CLIENT && i < s->alpn_n; i++)
		if (heard_protocol(c->heard, s->alpn[i]))
			return c->choice->alpn = s->alpn[i], true;
	while (s->alpn_order == ORDER_CLIENT && rd_left(&r)) {
		struct rd one = rd_vec(&r, 1);
		struct span name = rd_rest(&one);

		for (size_t i = 0; i < s->alpn_n; i++)
			if (strlen(s->alpn[i]) == name.n && !memcmp(s->alpn[i], name.p, name.n))
				return c->choice->alpn = s->alpn[i], true;
	}
	return !s->alpn_strict || refuse(c, ALERT_NO_APPLICATION_PROTOCOL);
}

static bool user_is_known(struct chooser *c)
{
	const struct suite *s = suite_find(c->choice->suite);

	return !s || s->kx != KX_SRP || refuse(c, ALERT_UNKNOWN_PSK_IDENTITY);
}

void choose(struct choice *out, const struct server_config *s, const struct heard *h)
{
	struct chooser c = { s, h, out };

	*out = (struct choice){ 0 };
	if (!hello_is_welcome(&c) || !name_is_welcome(&c) || !choose_version_and_suite(&c))
		return;
	if (!choose_protocol(&c) || !user_is_known(&c))
		return;
	out->deflate = s->deflate && !version_is_13(out->version) && offered_has(&h->compressions, 1);
}
