#include "report/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "report/cond.h"

enum { VERSIONS = 7, KEYS = KEY_OTHER + 1 };

static const struct {
	const char *word, *text;
} reasons[SIM_REASONS] = {
#define SIM(name, word, text) { word, text },
#include "report/simulate.def"
#undef SIM
};

const char *sim_reason_word(enum sim_reason r)
{
	return reasons[r].word;
}

const char *sim_reason_text(enum sim_reason r)
{
	return reasons[r].text;
}

const char *sim_state_name(enum sim_state s)
{
	static const char *const names[] = { [SIM_CONNECTS] = "connects", [SIM_FAILS] = "fails", [SIM_OPEN] = "unknown" };

	return names[s];
}

/* ---- the server, as one look over the observations finds it ---------------------------------------------------------- */

struct lists {
	const struct obs *list[KEYS], *order[KEYS];
};

struct offer {
	uint16_t version;
	enum tri offered;
	bool whole;        /* all suites are known */
	const char *order; /* of the suites */
	const struct cipher **ciphers;
	size_t n;
	struct lists groups, schemes;
	const struct obs *ffdhe; /* RFC 7919 groups that a client's list decides about, up to TLS 1.2 */
	const struct obs *dh_least, *dh_most; /* the moduli; NULL: none was seen */
};

struct server {
	const struct view *view;
	struct arena scratch;
	struct offer offers[VERSIONS]; /* as view_versions */
};

static struct offer *offer_of(struct server *s, uint16_t version)
{
	for (size_t i = 0; i < VERSIONS - 1; i++)
		if (s->offers[i].version == version)
			return &s->offers[i];
	return NULL;
}

static void keep_first(const struct obs **at, const struct obs *o)
{
	if (!*at)
		*at = o;
}

static void look_at(struct offer *f, const struct obs *o)
{
	bool finite = o->name && !strcmp(o->name, "ffdhe");

	if (o->key == OBS_KEY_GROUPS_LIST)
		keep_first(finite ? &f->ffdhe : &f->groups.list[o->cert], o);
	else if (o->key == OBS_KEY_GROUPS_ORDER && !finite)
		keep_first(&f->groups.order[o->cert], o);
	else if (o->key == OBS_KEY_SCHEMES_LIST)
		keep_first(&f->schemes.list[o->cert], o);
	else if (o->key == OBS_KEY_SCHEMES_ORDER)
		keep_first(&f->schemes.order[o->cert], o);
	else if (o->key == OBS_KEY_SUITES_ORDER && o->text)
		f->order = o->text;
	else if (o->key == OBS_KEY_DH_BITS) {
		f->dh_least = !f->dh_least || o->number < f->dh_least->number ? o : f->dh_least;
		f->dh_most = !f->dh_most || o->number > f->dh_most->number ? o : f->dh_most;
	}
}

static bool taken_away(const struct without *w, const struct cipher *c)
{
	if (!w)
		return false;
	if (!w->suite)
		return c->protocol == w->protocol;
	return c->protocol >= w->from && (!w->to || c->protocol <= w->to) && w->suite(c);
}

static void add_cipher(struct server *s, const struct cipher *c)
{
	struct offer *f = offer_of(s, c->protocol);

	if (!f)
		return;
	f->ciphers = arena_push(&s->scratch, f->ciphers, f->n, sizeof *f->ciphers);
	f->ciphers[f->n++] = c;
}

static void open_server(struct server *s, const struct view *v, const struct without *w)
{
	*s = (struct server){ .view = v };
	for (size_t i = 0; view_versions[i]; i++)
		s->offers[i] = (struct offer){ .version = view_versions[i],
			.offered = view_offered(v, view_versions[i]),
			.whole = view_whole(v, view_versions[i], view_versions[i], NULL),
			.order = "unknown" };
	for (size_t i = 0; i < v->record->obs_count; i++) {
		struct offer *f = offer_of(s, v->record->obs[i].protocol);

		if (f)
			look_at(f, &v->record->obs[i]);
	}
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (!taken_away(w, &v->ciphers[i]))
			add_cipher(s, &v->ciphers[i]);
	if (w && !w->suite)
		for (size_t i = 0; i < VERSIONS - 1; i++)
			if (s->offers[i].version == w->protocol)
				s->offers[i].offered = TRI_NO;
}

/* A version whose last suite was taken away is switched off with it. */
static bool is_offered(const struct offer *f, const struct without *w)
{
	return f->offered == TRI_YES && !(w && w->suite && f->whole && !f->n);
}

/* ---- one list against another ---------------------------------------------------------------------------------------- */

/* EdDSA certificates go with ECDSA suites (RFC 8422 section 5.10), RSA-PSS ones with those of RSA. */
static bool fits(enum cert_key suite, enum cert_key leaf)
{
	if (suite == KEY_ECDSA)
		return leaf == KEY_ECDSA || leaf == KEY_ED25519 || leaf == KEY_ED448;
	return suite == leaf || (suite == KEY_RSA && leaf == KEY_RSA_PSS);
}

/* Of the certificate that goes with the suite, or of all where they were not told apart. */
static const struct obs *of_key(const struct obs *const list[KEYS], enum cert_key suite)
{
	for (enum cert_key k = KEY_NONE + 1; suite != KEY_NONE && k <= KEY_OTHER; k++)
		if (list[k] && fits(suite, k))
			return list[k];
	return list[KEY_NONE];
}

static bool obs_has(const struct obs *o, uint32_t code)
{
	return codes_has((struct codes){ o->codes, o->count }, code);
}

static struct codes common(struct codes wanted, const struct obs *o, uint32_t *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < wanted.n && n < most; i++)
		if (obs_has(o, wanted.v[i]))
			out[n++] = wanted.v[i];
	return (struct codes){ out, n };
}

static bool decides(const char *who, const struct obs *order)
{
	return order && order->text && !strcmp(order->text, who);
}

/* The first of the server's that is common; `both` is in the client's order. 0: nobody knows. */
static uint32_t by_order(struct codes both, const struct obs *list, const struct obs *order)
{
	if (both.n == 1 || decides("client", order))
		return both.v[0];
	if (!decides("server", order))
		return 0;
	for (size_t i = 0; i < list->count; i++)
		if (codes_has(both, list->codes[i]))
			return list->codes[i];
	return 0;
}

/* ---- groups ------------------------------------------------------------------------------------------------------------ */

enum { GROUPS_MAX = 64 };

static bool shares_any(const struct client *c, struct codes both)
{
	for (size_t i = 0; i < both.n; i++)
		if (codes_has(c->shares, both.v[i]))
			return true;
	return false;
}

/* The lists were learnt without key shares. A server whose choice has none may ask for it, or take one that is there. */
static enum sim_reason settle_share(const struct client *c, struct codes both, uint16_t *group)
{
	if (codes_has(c->shares, *group) || !shares_any(c, both))
		return SIM_NONE;
	*group = 0;
	return SIM_UNKNOWN_SHARE;
}

/* UNKNOWN_GROUP_ORDER and UNKNOWN_SHARE: there is a common one, but which is not known. */
static enum sim_reason pick_group(const struct client *c, const struct offer *f, enum cert_key k, uint16_t *group)
{
	const struct obs *list = of_key(f->groups.list, k), *order = of_key(f->groups.order, k);
	uint32_t at[GROUPS_MAX];
	struct codes both;

	*group = 0;
	if (!list)
		return SIM_UNKNOWN_GROUPS;
	both = common(c->groups, list, at, GROUPS_MAX);
	if (list->reason)
		return both.n ? SIM_UNKNOWN_GROUP_ORDER : SIM_UNKNOWN_GROUPS;
	if (!both.n)
		return SIM_GROUP;
	*group = (uint16_t)by_order(both, list, order);
	if (!*group)
		return SIM_UNKNOWN_GROUP_ORDER;
	return f->version == VER_TLS13 ? settle_share(c, both, group) : SIM_NONE;
}

static bool only_which(enum sim_reason r)
{
	return r == SIM_UNKNOWN_GROUP_ORDER || r == SIM_UNKNOWN_SHARE;
}

/* ---- certificates -------------------------------------------------------------------------------------------------------- */

static enum cert_key key_of(const struct cipher *c)
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

		if (s->leaf && served_in(s, version) && fits(k, s->leaf->key) && (s->judged || !c->sni) &&
		        (c->sni || s->sni != TRI_YES))
			return s;
	}
	return NULL;
}

/* Was this type of certificate seen only by clients that name the server, while others were seen by those that do not? */
static bool is_named_only(const struct view *v, enum cert_key k)
{
	bool named = false, nameless = false;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct served *s = &v->chains[i];
		bool such = s->leaf && fits(k, s->leaf->key);

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

static bool out_of(int64_t bits, int64_t least, int64_t most)
{
	return bits && ((least && bits < least) || (most && bits > most));
}

/* What the client says to the certificate, after the server has picked. */
static enum sim_reason look_at_chain(const struct view *v, const struct client *c, uint16_t version, enum cert_key k)
{
	const struct served *s = chain_for(v, c, version, k);

	if (!s)
		return SIM_NONE;
	if (s->leaf->key == KEY_RSA && out_of(s->leaf->key_bits, c->min_rsa, c->max_rsa))
		return SIM_KEY_SIZE;
	if (s->leaf->key == KEY_ECDSA && out_of(s->leaf->key_bits, c->min_ecdsa, 0))
		return SIM_KEY_SIZE;
	return c->wants_sha2 && is_weakly_signed(v, s) ? SIM_SHA1 : SIM_NONE;
}

/* The group of an ECDSA certificate's key; NULL: another certificate, or a curve without a code. */
static const struct group *curve_of(const struct view *v, const struct client *c, uint16_t version)
{
	const struct served *s = chain_for(v, c, version, KEY_ECDSA);

	return s && s->leaf->key == KEY_ECDSA && s->leaf->curve ? group_by_name(s->leaf->curve) : NULL;
}

/* ---- up to TLS 1.2: may this suite be picked? -------------------------------------------------------------------------- */

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
		if (obs_has(list, offered.v[i]))
			return SIM_NONE;
	return !list || list->reason ? SIM_UNKNOWN_SCHEMES : SIM_SCHEME;
}

/* The list of one of the certificates that go with the suite. */
static enum sim_reason unsigned_in(const struct client *c, const struct offer *f, enum cert_key suite)
{
	enum sim_reason worst = SIM_UNKNOWN_SCHEMES;

	for (enum cert_key k = KEY_NONE; k <= KEY_OTHER; k++) {
		enum sim_reason r;

		if (!f->schemes.list[k] || (k != KEY_NONE && !fits(suite, k)))
			continue;
		r = no_signature(c, f->schemes.list[k]);
		if (r == SIM_NONE)
			return r;
		worst = r;
	}
	return worst;
}

static bool is_ephemeral(const struct cipher *c)
{
	return c->exchange == KX_ECDHE || c->exchange == KX_DHE;
}

static enum sim_reason no_curve(const struct server *s, const struct client *c, const struct offer *f,
        const struct cipher *x)
{
	enum cert_key k = key_of(x);
	const struct group *curve = k == KEY_ECDSA ? curve_of(s->view, c, f->version) : NULL;
	enum sim_reason r;
	uint16_t group;

	r = pick_group(c, f, k, &group);
	if (r != SIM_NONE && !only_which(r))
		return r;
	return curve && !codes_has(c->groups, curve->code) ? SIM_CURVE : SIM_NONE;
}

static bool is_ffdhe(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->kind == GROUP_FFDHE;
}

/* RFC 7919 section 4: who heeds the groups of a client must not pick DHE when none is common. */
static enum sim_reason no_finite_group(const struct client *c, const struct offer *f, uint16_t *group)
{
	bool any = false;

	*group = 0;
	if (!f->ffdhe || !f->ffdhe->count)
		return SIM_NONE;
	for (size_t i = 0; i < c->groups.n; i++) {
		any = any || is_ffdhe(c->groups.v[i]);
		if (!*group && obs_has(f->ffdhe, c->groups.v[i]))
			*group = (uint16_t)c->groups.v[i];
	}
	return any && !*group ? SIM_GROUP : SIM_NONE;
}

/* NONE: the server may pick it. UNKNOWN_*: whether it may is not known. */
static enum sim_reason barrier(const struct server *s, const struct client *c, const struct offer *f,
        const struct cipher *x)
{
	enum sim_reason r = SIM_NONE;
	uint16_t group;

	if (f->version == VER_TLS13)
		return SIM_NONE;
	if (x->exchange == KX_ECDHE)
		r = no_curve(s, c, f, x);
	else if (x->exchange == KX_DHE)
		r = no_finite_group(c, f, &group);
	if (r == SIM_NONE && !c->sni && !x->anonymous && is_named_only(s->view, key_of(x)))
		r = SIM_UNKNOWN_SNI;
	if (r == SIM_NONE && f->version == VER_TLS12 && is_ephemeral(x) && !x->anonymous)
		r = unsigned_in(c, f, key_of(x));
	return r;
}

/* ---- which suite -------------------------------------------------------------------------------------------------------- */

static bool is_gap(enum sim_reason r)
{
	return r >= SIM_UNKNOWN_PROTOCOL;
}

static bool is_chacha(const struct cipher *c)
{
	return !strncmp(c->enc, "CHACHA20", 8);
}

struct candidates {
	const struct cipher **v; /* in the server's order */
	enum sim_reason *gap;    /* of each: NONE, or why it is not known whether it may be picked */
	size_t n;
	enum sim_reason why_not; /* of the last one that may not */
};

static struct candidates candidates_of(struct server *s, const struct client *c, const struct offer *f)
{
	struct candidates k = { .v = arena_new(&s->scratch, f->n + 1, sizeof *k.v),
		.gap = arena_new(&s->scratch, f->n + 1, sizeof *k.gap),
		.why_not = SIM_SUITE };

	for (size_t i = 0; i < f->n; i++) {
		enum sim_reason r;

		if (!codes_has(c->suites, f->ciphers[i]->code))
			continue;
		r = barrier(s, c, f, f->ciphers[i]);
		if (r != SIM_NONE && !is_gap(r)) {
			k.why_not = r;
			continue;
		}
		k.v[k.n] = f->ciphers[i];
		k.gap[k.n++] = r;
	}
	return k;
}

static size_t first_of_client(const struct client *c, const struct candidates *k)
{
	for (size_t i = 0; i < c->suites.n; i++)
		for (size_t j = 0; j < k->n; j++)
			if (k->v[j]->code == c->suites.v[i])
				return j;
	return 0;
}

/* Does the client put this cipher before all else that can be picked? */
static bool likes(const struct client *c, const char *enc)
{
	for (size_t i = 0; i < c->suites.n; i++) {
		const struct suite *s = suite_find((uint16_t)c->suites.v[i]);

		if (s && suite_pickable(s->code))
			return !strncmp(s->enc, enc, strlen(enc));
	}
	return false;
}

static bool any_aes(const struct candidates *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (!strncmp(k->v[i]->enc, "AES", 3) && k->v[i]->flags & SUITE_AEAD)
			return true;
	return false;
}

static size_t first_of_server(const struct client *c, const struct candidates *k, bool chacha)
{
	for (size_t i = 0; chacha && likes(c, "CHACHA20") && i < k->n; i++)
		if (is_chacha(k->v[i]))
			return i;
	return 0;
}

static enum sim_reason pick_suite(struct server *s, const struct client *c, const struct offer *f,
        const struct cipher **picked)
{
	struct candidates k = candidates_of(s, c, f);
	bool by_client = !strcmp(f->order, "client");
	size_t i;

	*picked = NULL;
	if (!f->whole)
		return SIM_UNKNOWN_SUITES;
	if (!k.n)
		return k.why_not;
	if (k.n > 1 && !by_client && strncmp(f->order, "server", 6) != 0)
		return SIM_UNKNOWN_ORDER;
	i = by_client ? first_of_client(c, &k) : first_of_server(c, &k, !strcmp(f->order, "server-chacha"));
	/* Go's servers do; the lists were asked for with other suites in front, and do not tell. */
	if (!strcmp(f->order, "server") && is_chacha(k.v[i]) && likes(c, "AES") && any_aes(&k))
		return SIM_UNKNOWN_AES;
	*picked = k.gap[i] == SIM_NONE ? k.v[i] : NULL;
	return k.gap[i];
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
		if (f->schemes.list[k] && f->schemes.list[k]->count > 1 && !decides("client", f->schemes.order[k]))
			return KEY_NONE;
	for (size_t i = 0; i < c->schemes.n; i++)
		for (enum cert_key k = KEY_NONE + 1; k <= KEY_OTHER; k++)
			if (f->schemes.list[k] && obs_has(f->schemes.list[k], c->schemes.v[i]))
				return k;
	return KEY_NONE;
}

/* KEY_NONE with NONE: it connects, and which certificate it gets is not known. */
static enum sim_reason pick_certificate(const struct client *c, const struct offer *f, enum cert_key *cert)
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

/* ---- one client ---------------------------------------------------------------------------------------------------------- */

static void end(struct sim *m, enum sim_reason r)
{
	if (r >= SIM_SUITE && r < SIM_DH_SIZE) { /* the server refuses: there is no pick */
		m->suite = 0;
		m->group = 0;
		m->cert = KEY_NONE;
	}
	m->reason = r;
	m->state = r == SIM_NONE || only_which(r) ? SIM_CONNECTS : is_gap(r) ? SIM_OPEN : SIM_FAILS;
}

/* The newest version that both have: servers settle it before anything else (RFC 8446 section 4.2.1, RFC 5246 appendix E.1). */
static enum sim_reason pick_version(struct server *s, const struct client *c, const struct without *w, struct offer **f)
{
	for (size_t i = 0; view_versions[i] && view_versions[i] != VER_SSL2; i++) {
		*f = &s->offers[i];
		if (!client_offers(c, (*f)->version))
			continue;
		if (is_offered(*f, w))
			return c->ssl2_form ? SIM_UNKNOWN_FORM : SIM_NONE;
		if ((*f)->offered != TRI_YES && (*f)->offered != TRI_NO && (*f)->offered != TRI_NA)
			return SIM_UNKNOWN_PROTOCOL;
	}
	*f = offer_of(s, VER_SSL2);
	return c->ssl2_form && (*f)->offered != TRI_NO && (*f)->offered != TRI_NA ? SIM_UNKNOWN_FORM : SIM_PROTOCOL;
}

static enum sim_reason without_name(const struct view *v, const struct client *c)
{
	bool named = false, nameless = false;

	if (c->sni)
		return SIM_NONE;
	if (record_tri(v->record, OBS_KEY_SNI_REQUIRED, 0) == TRI_YES)
		return SIM_SNI;
	for (size_t i = 0; i < v->chains_count; i++) {
		named = named || v->chains[i].sni == TRI_YES;
		nameless = nameless || v->chains[i].sni != TRI_YES;
	}
	return named && !nameless ? SIM_UNKNOWN_SNI : SIM_NONE;
}

static enum sim_reason finish13(const struct view *v, const struct client *c, const struct offer *f, struct sim *m)
{
	enum sim_reason group, r;

	group = pick_group(c, f, KEY_NONE, &m->group);
	if (group != SIM_NONE && !only_which(group))
		return group;
	r = pick_certificate(c, f, &m->cert);
	if (r != SIM_NONE)
		return r;
	m->forward_secret = true;
	r = look_at_chain(v, c, f->version, m->cert);
	return r != SIM_NONE ? r : group;
}

/* One modulus for everybody: is it a group that has a name? */
static void name_modulus(const struct obs *o, struct sim *m)
{
	const struct dh_prime *known = dh_prime_of(o);

	m->dh_bits = o->number;
	m->group = known ? known->group : 0;
}

/* Several, and none that the client named: which one it gets is not known, and so not whether it takes that. */
static enum sim_reason some_modulus(const struct client *c, const struct offer *f)
{
	bool least = f->dh_least && out_of(f->dh_least->number, c->min_dh, c->max_dh);
	bool most = f->dh_most && out_of(f->dh_most->number, c->min_dh, c->max_dh);

	if (least && most)
		return SIM_DH_SIZE;
	return least || most || (!f->dh_least && (c->min_dh || c->max_dh)) ? SIM_UNKNOWN_GROUPS : SIM_UNKNOWN_GROUP_ORDER;
}

static enum sim_reason finish_dhe(const struct client *c, const struct offer *f, struct sim *m)
{
	(void)no_finite_group(c, f, &m->group);
	if (m->group)
		m->dh_bits = group_find(m->group)->bits;
	else if (f->dh_least && f->dh_least == f->dh_most)
		name_modulus(f->dh_least, m);
	else
		return some_modulus(c, f);
	return out_of(m->dh_bits, c->min_dh, c->max_dh) ? SIM_DH_SIZE : SIM_NONE;
}

static enum sim_reason finish12(const struct view *v, const struct client *c, const struct offer *f,
        const struct cipher *x, struct sim *m)
{
	enum sim_reason group = SIM_NONE, r;

	m->cert = key_of(x);
	m->forward_secret = x->flags & SUITE_FS;
	if (x->exchange == KX_ECDHE)
		group = pick_group(c, f, m->cert, &m->group);
	if (x->exchange == KX_DHE)
		group = finish_dhe(c, f, m);
	if (group != SIM_NONE && !only_which(group))
		return group;
	r = look_at_chain(v, c, f->version, m->cert);
	return r != SIM_NONE ? r : group;
}

static enum sim_reason negotiate(struct server *s, const struct client *c, const struct without *w, struct sim *m)
{
	const struct cipher *x;
	struct offer *f;
	enum sim_reason r = pick_version(s, c, w, &f);

	if (r == SIM_NONE)
		r = without_name(s->view, c);
	if (r != SIM_NONE)
		return r;
	m->version = f->version;
	r = pick_suite(s, c, f, &x);
	if (r != SIM_NONE)
		return r;
	m->suite = x->code;
	return f->version == VER_TLS13 ? finish13(s->view, c, f, m) : finish12(s->view, c, f, x, m);
}

struct sim *simulate(const struct view *v, const struct without *w)
{
	struct sim *rows = arena_new(v->arena, clients_count, sizeof *rows);
	struct server s;

	open_server(&s, v, w);
	for (size_t i = 0; i < clients_count; i++) {
		rows[i].client = &clients[i];
		end(&rows[i], negotiate(&s, &clients[i], w, &rows[i]));
	}
	arena_free(&s.scratch);
	return rows;
}

/* ---- measured --------------------------------------------------------------------------------------------------------------- */

static int by_id(const void *id, const void *client)
{
	return strcmp(id, ((const struct client *)client)->id);
}

static void add_measured(const struct view *v, struct sim *rows)
{
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];
		const struct client *c = NULL;

		if (o->key == OBS_KEY_SIMULATION_MEASURED && o->name)
			c = bsearch(o->name, clients, clients_count, sizeof *clients, by_id);
		if (c)
			rows[c - clients].measured = o;
	}
}

const struct sim *simulated(struct view *v)
{
	struct sim *rows;

	if (!v->sims) {
		rows = simulate(v, NULL);
		add_measured(v, rows);
		v->sims = rows;
	}
	return v->sims;
}

static enum tri same_pick(const struct sim *m)
{
	uint16_t group = m->measured->count > 1 ? (uint16_t)m->measured->codes[1] : 0;

	if (m->version != m->measured->protocol || m->suite != m->measured->codes[0])
		return TRI_NO;
	return only_which(m->reason) ? TRI_UNKNOWN : m->group == group ? TRI_YES : TRI_NO;
}

enum tri sim_agrees(const struct sim *m)
{
	const struct obs *o = m->measured;

	if (!o)
		return TRI_ABSENT;
	if (o->reason || m->state == SIM_OPEN)
		return TRI_UNKNOWN;
	if (!o->count)
		return m->state == SIM_FAILS && !m->suite ? TRI_YES : TRI_NO;
	if (m->state == SIM_FAILS && !m->suite)
		return m->reason == SIM_PROTOCOL && !client_offers(m->client, o->protocol) ? TRI_YES : TRI_NO;
	return same_pick(m);
}
