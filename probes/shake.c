#include "probes/shake.h"

bool shake_can_carry(const struct suite *s)
{
	const struct cipher_kind *kind = cipher_kind_of(s);

	return kind && crypt_has_cipher(kind) && s->kx <= KX_ANY && s->kx != KX_SRP && s->kx != KX_KRB5 &&
	       s->kx != KX_PSK && s->kx != KX_DHE_PSK && s->kx != KX_ECDHE_PSK && s->kx != KX_RSA_PSK;
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

/* One kind of key exchange: some servers refuse curves beside anything else. */
static struct codes suites_we_carry(struct run *r, uint16_t version)
{
	bool (*const kinds[])(const struct suite *) = { carries_ecdhe, carries_without_curves, shake_can_carry };
	struct codes found = { 0 };

	for (size_t i = version < VER_TLS13 ? 0 : 2; i < sizeof kinds / sizeof *kinds && !found.n; i++)
		found = offer_taken(r->arena, r->facts, version, kinds[i]);
	return found;
}

bool shake_hello(struct run *r, uint16_t version, struct hello *h)
{
	*h = offer_everything(r->arena, r->facts, version);
	h->suites = suites_we_carry(r, version);
	if (h->offer & OFFER_NO_EXTENSIONS)
		h->groups = (struct codes){ 0 }; /* no list goes out: the server may take any curve */
	else if (h->groups.n)
		h->groups = groups_we_have(r, version);
	return h->suites.n && (version < VER_TLS13 || pick_share(r, h));
}

enum tri shake_went_through(const struct hs_result *hs)
{
	if (hs->complete && !hs->reason)
		return TRI_YES;
	return hs->request.asked || hs->reason == REASON_NOT_IN_LIBCRYPTO ? TRI_UNKNOWN : TRI_NO;
}

void shake_note_client(struct run *r, uint16_t version, const struct hs_result *hs)
{
	enum { CERTIFICATE_REQUIRED = 116 };
	bool refused = hs->request.asked && (!hs->complete || (hs->alerted && hs->alert == CERTIFICATE_REQUIRED));

	note(r, &(struct obs){ .key = OBS_KEY_CLIENT_CERTIFICATE, .protocol = version,
			  .text = !hs->request.asked ? "no" : refused || hs->alerted ? "required" : "asked" });
}
