#include "probes/shake.h"

#include "probes/client_cert.h"

static bool is_psk(const struct suite *s)
{
	return s->kx >= KX_PSK && s->kx <= KX_RSA_PSK;
}

static bool has_cipher(const struct suite *s)
{
	const struct cipher_kind *kind = cipher_kind_of(s);

	return kind && crypt_has_cipher(kind);
}

bool shake_can_carry(const struct suite *s)
{
	return has_cipher(s) && s->kx <= KX_ANY && s->kx != KX_SRP && s->kx != KX_KRB5 && !is_psk(s);
}

bool shake_can_carry_psk(const struct suite *s)
{
	return has_cipher(s) && is_psk(s);
}

static struct codes groups_we_have(struct run *r, uint16_t version)
{
	struct codes all = offer_groups(r->arena, version);
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (crypt_has_group((uint16_t)all.v[i]))
			list_add(r->arena, &l, all.v[i]);
	return list_codes(&l);
}

/* The server's first group that we have, so that no retry is needed. */
static bool pick_share(struct run *r, struct hello *h)
{
	struct ranking known = facts_rank(r->facts, DIM_GROUPS, VER_TLS13, KEY_NONE);
	uint32_t *share = arena_new(r->arena, 1, sizeof *share);

	for (size_t i = 0; i < known.list.n && !*share; i++)
		if (crypt_has_group((uint16_t)known.list.v[i]) && keys_share_size((uint16_t)known.list.v[i]))
			*share = known.list.v[i];
	h->shares = (struct codes){ share, 1 };
	return *share != 0;
}

static bool carries_ecdhe(const struct suite *s)
{
	return shake_can_carry(s) && s->kx == KX_ECDHE;
}

static bool carries_without_curves(const struct suite *s)
{
	return shake_can_carry(s) && !suite_is_ecc(s);
}

static bool carries_ecdhe_psk(const struct suite *s)
{
	return shake_can_carry_psk(s) && s->kx == KX_ECDHE_PSK;
}

/* One kind of key exchange: some servers refuse curves beside anything else. Pre-shared keys where there is nothing else:
 * they bring no certificate. */
static struct codes suites_we_carry(struct run *r, uint16_t version)
{
	static bool (*const kinds[])(const struct suite *) = { carries_ecdhe, carries_without_curves, shake_can_carry,
		carries_ecdhe_psk, shake_can_carry_psk };
	enum { WITHOUT_PSK = 3, OF_TLS13 = 2 };
	size_t first = version < VER_TLS13 ? 0 : OF_TLS13, end = r->facts->psk ? sizeof kinds / sizeof *kinds : WITHOUT_PSK;
	struct codes found = { 0 };

	for (size_t i = first; i < end && !found.n; i++)
		found = offer_taken(r->arena, r->facts, version, kinds[i]);
	return found;
}

bool shake_hello(struct run *r, uint16_t version, struct hello *h)
{
	*h = offer_everything(r->arena, r->facts, version);
	h->suites = suites_we_carry(r, version);
	h->alpn = r->facts->alpn;
	if (h->offer & OFFER_NO_EXTENSIONS)
		h->groups = (struct codes){ 0 }; /* no list goes out: the server may take any curve */
	else if (h->groups.n)
		h->groups = groups_we_have(r, version);
	return h->suites.n && (version < VER_TLS13 || pick_share(r, h));
}

const char *shake_why_not(struct run *r, uint16_t version)
{
	bool only_psk = !r->facts->psk && !suites_we_carry(r, version).n &&
			offer_taken(r->arena, r->facts, version, shake_can_carry_psk).n;

	return reason_name(only_psk ? REASON_NO_PSK : REASON_NOT_IN_LIBCRYPTO);
}

struct codes shake_schemes(struct run *r, struct codes signing)
{
	struct codes all = offer_schemes(r->arena, VER_TLS13);
	struct list l = list_copy(r->arena, signing);

	for (size_t i = 0; i < all.n; i++)
		if (!scheme_find((uint16_t)all.v[i])->tls13)
			list_add(r->arena, &l, all.v[i]);
	return list_codes(&l);
}

/* Not in the order of everyone's taste: a server with an order of its own shows it by the first pick. */
struct list shake_signing(struct run *r)
{
	struct codes all = codes_reversed(r->arena, offer_schemes(r->arena, VER_TLS13));
	struct list l = { 0 };

	all = codes_common_first(r->arena, DIM_SCHEMES, all);
	for (size_t i = 0; i < all.n; i++)
		if (scheme_find((uint16_t)all.v[i])->tls13)
			list_add(r->arena, &l, all.v[i]);
	return l;
}

/* HTTP is asked in every version: a page may ask for a certificate when the handshake did not. */
bool shake_opening(struct run *r, uint16_t version, struct opening *o)
{
	struct list signing = shake_signing(r);

	*o = (struct opening){ .until = version >= VER_TLS13 ? UNTIL_HELLO : UNTIL_FLIGHT, .plan = client_cert_plan(r) };
	if (!shake_hello(r, version, &o->hello))
		return false;
	if (version >= VER_TLS13) {
		o->hello.schemes = shake_schemes(r, list_codes(&signing));
		client_cert_offer(&o->hello);
	}
	return true;
}

const struct plan shake_alone = { 0 };

void shake_plainly(struct opening *o)
{
	o->plan = shake_alone;
	o->hello.extra = NULL;
	o->hello.extra_n = 0;
}

/* What broke the rules and nothing else is told beside it; a signature or a Finished that is wrong is no handshake. */
enum tri shake_went_through(const struct hs_result *hs)
{
	bool turned_away = hs->request.asked && hs->alerted; /* in TLS 1.3 that comes when we are done */

	if (hs->complete && !reason_is_crypto(hs->reason) && !turned_away)
		return TRI_YES;
	return hs->request.asked || hs->reason == REASON_NOT_IN_LIBCRYPTO ? TRI_UNKNOWN : TRI_NO;
}
