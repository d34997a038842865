#include "scanner/trust/shared.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/pem.h"

/* ---- keys ------------------------------------------------------------------------------------ */

bool shared_key_of(struct arena *a, const char *pem, struct shared_key *key)
{
	struct span text = { (const uint8_t *)pem, pem ? strlen(pem) : 0 }, der;
	struct pem p = pem_of(text);
	struct arena scratch = { 0 };
	struct wr w = wr_of(arena_new(&scratch, text.n + 1, 1), text.n);
	struct cert *c = text.n && pem_next(&p, &w, &der) ? cert_parse(der.p, der.n) : NULL;
	uint8_t hash[SHA256_DIGEST_LENGTH];
	bool there = c && !c->malformed;

	if (there) {
		keys_sha256(c->spki.p, c->spki.n, hash);
		*key = (struct shared_key){ .sha256 = text_hex(a, hash, sizeof hash),
			.modulus = arena_span(a, c->rsa_n) };
	}
	cert_free(c);
	arena_free(&scratch);
	return there;
}

bool shared_comparable(struct span modulus)
{
	return modulus.n && modulus.n * 8 <= SHARED_BITS_MAX && (modulus.n > 1 || *modulus.p > 1);
}

/* ---- products -------------------------------------------------------------------------------- */

/* A tree of products in an array: node i is that of 2 i and 2 i + 1, leaf i is node width + i; 1 where there is none. */
struct tree {
	BIGNUM **node, **residue; /* residue[i]: the product of all moduli before i, by modulus i, times a unit */
	size_t n, width;
	BN_CTX *ctx;
};

struct found {
	struct arena *a;
	struct shared_factor *list;
	BIGNUM *factor[SHARED_FACTORS_MAX];
	size_t n;
	bool cut;
};

/* libcrypto fails here only without memory. */
static void must(int done)
{
	if (!done)
		die_memory();
}

static BIGNUM *number(BN_ULONG word)
{
	BIGNUM *b = BN_new();

	must(b && BN_set_word(b, word));
	return b;
}

static void tree_open(struct tree *t, struct arena *a, const struct span *moduli, size_t n)
{
	*t = (struct tree){ .n = n, .width = 1, .ctx = BN_CTX_new() };
	must(t->ctx != NULL);
	while (t->width < n)
		t->width *= 2;
	t->node = arena_new(a, 2 * t->width, sizeof *t->node);
	t->residue = arena_new(a, n, sizeof(BIGNUM *));
	for (size_t i = 0; i < t->width; i++) {
		t->node[t->width + i] = i < n ? BN_bin2bn(moduli[i].p, (int)moduli[i].n, NULL) : number(1);
		must(t->node[t->width + i] != NULL);
	}
	for (size_t i = 0; i < n; i++)
		t->residue[i] = number(1);
	for (size_t i = t->width - 1; i; i--) {
		t->node[i] = number(0);
		must(BN_mul(t->node[i], t->node[2 * i], t->node[2 * i + 1], t->ctx));
	}
}

static void tree_close(struct tree *t)
{
	for (size_t i = 1; i < 2 * t->width; i++)
		BN_free(t->node[i]);
	for (size_t i = 0; i < t->n; i++)
		BN_free(t->residue[i]);
	BN_CTX_free(t->ctx);
}

/* Takes a product down to each leaf below a node, and into its residue. */
static void take_down(struct tree *t, size_t at, const BIGNUM *product)
{
	BIGNUM *r;

	if (BN_is_one(t->node[at]))
		return;
	BN_CTX_start(t->ctx);
	r = BN_CTX_get(t->ctx);
	must(r && BN_nnmod(r, product, t->node[at], t->ctx));
	if (at < t->width) {
		take_down(t, 2 * at, r);
		take_down(t, 2 * at + 1, r);
	} else {
		BIGNUM *kept = t->residue[at - t->width];

		must(BN_mod_mul(kept, kept, r, t->node[at], t->ctx));
	}
	BN_CTX_end(t->ctx);
}

/* Every pair of moduli meets once: where their ways up the tree meet, the left one is in the product. */
static void meet_all(struct tree *t)
{
	for (size_t i = 1; i < t->width; i++)
		take_down(t, 2 * i + 1, t->node[2 * i]);
}

/* An inverse costs a seventh of a greatest common divisor, and is not there exactly when that is not 1. */
static bool has_shared(struct tree *t, size_t i)
{
	BIGNUM *inverse = BN_mod_inverse(NULL, t->residue[i], t->node[t->width + i], t->ctx);

	if (inverse) {
		BN_free(inverse);
		return false;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != BN_R_NO_INVERSE)
		die_memory();
	ERR_clear_error();
	return true;
}

/* ---- factors --------------------------------------------------------------------------------- */

/* Divides out of g what is known already. */
static void strip(struct tree *t, const struct found *f, BIGNUM *g)
{
	BIGNUM *rest = number(0), *whole = number(0);

	for (size_t i = 0; i < f->n; i++)
		for (;;) {
			must(BN_div(whole, rest, g, f->factor[i], t->ctx));
			if (!BN_is_zero(rest))
				break;
			must(BN_copy(g, whole) != NULL);
		}
	BN_free(rest);
	BN_free(whole);
}

/* The common divisor of g and all moduli below a node. */
static void common(struct tree *t, BIGNUM *out, const BIGNUM *g, size_t at)
{
	must(BN_nnmod(out, t->node[at], g, t->ctx) && BN_gcd(out, out, g, t->ctx));
}

static void add_factor(struct tree *t, struct found *f, const BIGNUM *factor)
{
	struct shared_factor *s = &f->list[f->n];
	size_t *who = arena_new(f->a, t->n, sizeof *who);
	BIGNUM *rest = number(0);

	*s = (struct shared_factor){ .bits = (unsigned)BN_num_bits(factor), .who = who };
	for (size_t i = 0; i < t->n; i++) {
		must(BN_nnmod(rest, t->node[t->width + i], factor, t->ctx));
		if (BN_is_zero(rest))
			who[s->who_n++] = i;
	}
	f->factor[f->n++] = BN_dup(factor);
	must(f->factor[f->n - 1] != NULL);
	BN_free(rest);
}

/* g has a factor in common with a modulus below the node: goes down to it. */
static void find_below(struct tree *t, struct found *f, BIGNUM *g, size_t at)
{
	BIGNUM *left = number(0);

	while (at < t->width) {
		common(t, left, g, 2 * at);
		at = 2 * at + (BN_is_one(left) ? 1 : 0);
	}
	common(t, left, g, at);
	add_factor(t, f, left);
	BN_free(left);
}

/* What modulus i shares with those before it. */
static void find_factors(struct tree *t, struct found *f, size_t i)
{
	const BIGNUM *modulus = t->node[t->width + i];
	BIGNUM *g = number(0);

	must(BN_gcd(g, t->residue[i], modulus, t->ctx));
	strip(t, f, g);
	for (size_t at = t->width + i; at > 1 && !BN_is_one(g); at /= 2) {
		BIGNUM *here = number(0);

		if (at % 2) {
			common(t, here, g, at - 1);
			while (!BN_is_one(here) && f->n < SHARED_FACTORS_MAX) {
				find_below(t, f, here, at - 1);
				strip(t, f, here);
			}
			f->cut |= !BN_is_one(here);
			strip(t, f, g);
		}
		BN_free(here);
	}
	BN_free(g);
}

const struct shared_factor *shared_factors(
        struct arena *a, const struct span *moduli, size_t n, size_t *found, bool *cut)
{
	struct found f = { .a = a, .list = arena_new(a, SHARED_FACTORS_MAX, sizeof *f.list) };
	struct tree t;

	require(n <= SHARED_MODULI_MAX);
	tree_open(&t, a, moduli, n);
	meet_all(&t);
	for (size_t i = 1; i < n && !f.cut; i++) /* nothing stands before the first */
		if (has_shared(&t, i))
			find_factors(&t, &f, i);
	tree_close(&t);
	for (size_t i = 0; i < f.n; i++)
		BN_free(f.factor[i]);
	*found = f.n;
	*cut = f.cut;
	return f.list;
}
