/*
 * Points that are not on the curve: P-256 multiplies with no regard to the last number of its equation, so a point of small
 * order on another curve gives a secret that is one of few; and shares of X25519 whose secret is zero, whatever the server's
 * key is. A server that looks refuses (RFC 8422 sections 5.10 and 5.11, RFC 8446 section 4.2.8.2). We guess the secret and
 * go through with the handshake: only a server that does not look ends it with a Finished that is right, or in TLS 1.3
 * says anything that can be read. With a key of its own for each connection a guess at order 3 is right in two of three;
 * with one key for all, one of the orders 3, 5 and 7 gives it away, but for one key in 105. So of servers that do not look,
 * less than one in a hundred is missed. What was right once is asked until it is right again.
 */
#include "probes/proof.h"
#include "probes/shake.h"
#include "scanner/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { P256 = 0x0017, X25519 = 0x001D, REPEATS = 8, ITEMS_MAX = 4 };

/* ---- the shares --------------------------------------------------------------------------------------------------------- */

/* Points of order 3, 5 and 7 on curves y^2 = x^3 - 3x + b of other b, and the x of their multiples up to the sign. */
static const uint8_t order_3[] = "\x04"
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06"
	"\x80\x06\xbe\x78\xd0\x90\xab\xd1\xa7\x89\x0a\x1f\x21\x17\x25\x15\x71\x9d\xef\x90\xba\xd7\xa1\x71\x3f\xc1\xe5\x8c\xbc\x12\xae\xef";
static const uint8_t order_5[] = "\x04"
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"
	"\x7b\x40\x64\x76\xf6\xd6\xb9\x2c\x95\x66\x05\x5d\x31\xd9\x66\xc7\x4c\x5a\xf2\xd5\x32\x45\x04\x07\x3d\x2f\x35\x3d\x7b\x2f\x99\x39";
static const uint8_t order_7[] = "\x04"
	"\x32\x84\xdd\xa6\x3e\xd3\x9e\xb3\xdc\x94\xcc\x21\xca\x2e\x85\xb4\xe0\x68\xa4\xcb\x2d\xe7\x9a\x4d\xb2\x0a\x55\x3e\xd0\xbc\x1b\x58"
	"\xbc\x2e\xb2\x3e\x62\xc5\x16\xd5\x91\x64\x94\xe1\x2f\x29\x45\x25\xaa\x83\x06\xa7\x9b\x10\xea\x48\x4f\xa0\x79\x1b\x92\x67\x24\x7b";
static const uint8_t twice_5[] =
	"\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xee";
static const uint8_t twice_7[] =
	"\x2a\x75\x4b\x91\xa8\xfb\x3c\x74\xe7\x85\x72\x1c\x10\x00\x0d\x0b\xab\xe6\x95\x74\xce\x35\xac\x88\x45\x1c\x77\xa9\x01\x95\x5d\x71";
static const uint8_t thrice_7[] =
	"\xae\x7d\x14\x9b\x73\xe7\x6d\x94\xe2\x0d\x1f\x1e\xed\x17\x49\x60\x46\x27\x9d\x20\x7e\x0e\xa3\x6a\xfb\x93\x66\x73\xe9\x28\xbc\x64";
static const uint8_t zeros[32];

enum { POINT = 65, SECRET = 32 };

#define CURVE(point, x) { P256, { point, POINT }, { x, SECRET } }
#define ZERO { X25519, { zeros, sizeof zeros }, { zeros, sizeof zeros } }

static const struct forged_share points[] = {
	CURVE(order_3, order_3 + 1), CURVE(order_3, order_3 + 1), CURVE(order_3, order_3 + 1), CURVE(order_3, order_3 + 1),
	CURVE(order_3, order_3 + 1), CURVE(order_5, order_5 + 1), CURVE(order_5, twice_5), CURVE(order_7, order_7 + 1),
	CURVE(order_7, twice_7), CURVE(order_7, thrice_7),
};
static const struct forged_share zero[] = { ZERO };

static const struct kind {
	enum obs_key key;
	uint16_t group;
	const struct forged_share *tries;
	size_t n;
} kinds[] = {
	{ OBS_KEY_INVALID_CURVE, P256, points, COUNT(points) },
	{ OBS_KEY_ZERO_SECRET, X25519, zero, COUNT(zero) },
};

/* ---- asking -------------------------------------------------------------------------------------------------------------- */

/* One kind of share in one version. */
struct item {
	const struct kind *kind;
	uint16_t version;
	struct hello hello;
	struct deviation deviation;
	size_t at, repeats;
	bool seen;
};

struct state {
	struct item items[ITEMS_MAX];
	size_t n, open;
};

static bool is_ecdhe(const struct suite *s)
{
	return shake_can_carry(s) && s->kx == KX_ECDHE;
}

static bool hello_for(struct run *r, uint16_t version, uint16_t group, struct hello *h)
{
	const uint32_t only[] = { group };
	struct codes one = { arena_copy(r->arena, only, sizeof only), 1 };

	if (!shake_hello(r, version, h) || (h->offer & OFFER_NO_EXTENSIONS))
		return false;
	if (version < VER_TLS13)
		h->suites = offer_taken(r->arena, r->facts, version, is_ecdhe);
	else
		h->shares = one;
	h->groups = one;
	return h->suites.n > 0;
}

static void tell(struct run *r, const struct item *it, enum tri value, const char *why, const char *evidence)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "share", evidence };
	note(r, &(struct obs){ .key = it->kind->key, .protocol = it->version, .tri = value, .reason = why, .evidence = e,
			  .evidence_count = evidence != NULL });
}

static void add(struct run *r, const struct kind *kind, uint16_t version)
{
	struct state *s = r->state;
	struct item *it = &s->items[s->n];

	*it = (struct item){ .kind = kind, .version = version };
	if (!codes_has(facts_taken(r->facts, DIM_GROUPS, version, KEY_NONE), kind->group))
		tell(r, it, TRI_NA, NULL, NULL);
	else if (!hello_for(r, version, kind->group, &it->hello))
		tell(r, it, TRI_UNKNOWN, shake_why_not(r, version), NULL);
	else
		s->n++;
}

static void put(struct run *r, size_t i)
{
	struct state *s = r->state;
	struct item *it = &s->items[i];
	const struct forged_share *share = &it->kind->tries[it->at];
	const struct plan plan = { .deviation = &it->deviation };

	it->deviation.share = share;
	if (it->version >= VER_TLS13)
		it->hello.share = share->point;
	s->open++;
	ask(r, (uint16_t)i, &(struct ask){ .hello = &it->hello, .until = UNTIL_FLIGHT, .plan = &plan,
				.sample = (uint16_t)(it->at + it->repeats) });
}

/* ---- what came of it ------------------------------------------------------------------------------------------------------ */

/* In TLS 1.3 the refusal is the answer to the hello, or the server's first sealed record is under another key. */
static enum shown look(const struct answer *a)
{
	if (!a->hs || a->hs->complete)
		return a->hs ? SHOWN_YES : SHOWN_NOTHING;
	if (a->hs->reaction.begun)
		return proof_reaction(a, false);
	return answer_refused(a) || a->hs->reason == REASON_CRYPTO_RECORD ? SHOWN_NO : SHOWN_NOTHING;
}

static const char *words(const struct item *it, bool taken)
{
	if (it->kind->group == X25519)
		return taken ? "a share of X25519 whose secret is zero is taken" : "a share of X25519 whose secret is zero is refused";
	return taken ? "a point of small order that is not on P-256 is taken, and the secret guessed" :
		       "no guess at the secret of a point that is not on P-256 was right";
}

static void unknown(struct run *r, const struct item *it, const struct answer *a, bool unstable)
{
	enum reason why = a->hs && a->hs->reason ? a->hs->reason : a->reason;

	tell(r, it, TRI_UNKNOWN, reason_name(unstable || !why ? REASON_UNSTABLE : why), NULL);
}

/* False: it is asked once more. */
static bool settled(struct run *r, struct item *it, const struct answer *a)
{
	enum shown s = look(a);

	if (s == SHOWN_YES && it->seen) {
		tell(r, it, TRI_YES, NULL, words(it, true));
	} else if (s == SHOWN_NOTHING || (it->seen && it->repeats == REPEATS)) {
		unknown(r, it, a, s != SHOWN_NOTHING);
	} else if (s == SHOWN_NO && !it->seen && it->at + 1 == it->kind->n) {
		tell(r, it, TRI_NO, NULL, words(it, false));
	} else {
		it->seen |= s == SHOWN_YES;
		*(it->seen ? &it->repeats : &it->at) += 1;
		return false;
	}
	return true;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	const uint16_t tried[] = { facts_newest_clear(r->facts), facts_offers(r->facts, VER_TLS13) ? VER_TLS13 : 0 };

	if (a) {
		s->open--;
		if (!settled(r, &s->items[a->tag], a))
			put(r, a->tag);
		return s->open ? NEXT_WAIT : NEXT_DONE;
	}
	for (size_t v = 0; v < COUNT(tried); v++)
		for (size_t k = 0; k < COUNT(kinds); k++)
			if (tried[v] > VER_SSL3)
				add(r, &kinds[k], tried[v]);
	for (size_t i = 0; i < s->n; i++)
		put(r, i);
	return s->n ? NEXT_WAIT : NEXT_DONE;
}

const struct probe probe_invalid_curve = {
	.id = "invalid_curve",
	.what = "whether points that are not on the curve are taken, and shares whose secret is zero (only with --intrusive)",
	.ref = "CVE-2015-7940, RFC 8422 section 5.11",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "kx.rsa.tls12",
		"kx.ecdsa.tls12", "groups.tls12", "groups.tls11", "groups.tls10", NULL },
	.manners = PROBE_INTRUSIVE,
	.state_size = sizeof(struct state),
	.step = step,
};
