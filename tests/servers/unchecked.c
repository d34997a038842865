#include "tests/servers/unchecked.h"

#include <openssl/bn.h>

#include "scanner/base/die.h"

struct point {
	BIGNUM *x, *y;
	bool infinite;
};

struct field {
	BIGNUM *p, *t, *slope, *x;
	BN_CTX *scratch;
};

static struct field field_new(void)
{
	struct field f = { .t = BN_new(), .slope = BN_new(), .x = BN_new(), .scratch = BN_CTX_new() };

	require(BN_hex2bn(&f.p, "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"));
	return f;
}

static void field_free(struct field *f)
{
	BN_free(f->p);
	BN_free(f->t);
	BN_free(f->slope);
	BN_free(f->x);
	BN_CTX_free(f->scratch);
}

static void point_free(struct point *q)
{
	BN_free(q->x);
	BN_free(q->y);
}

static void divide(struct field *f, const BIGNUM *by)
{
	require(BN_mod_inverse(f->t, by, f->p, f->scratch) && BN_mod_mul(f->slope, f->slope, f->t, f->p, f->scratch));
}

/* Of the line through both, or of the tangent: (3 x^2 - 3) / 2 y. False: it is upright, and the sum at infinity. */
static bool slope(struct field *f, const struct point *a, const struct point *b)
{
	BIGNUM *by = BN_new();
	bool there;

	BN_mod_sub(by, a->x, b->x, f->p, f->scratch);
	BN_mod_sub(f->slope, a->y, b->y, f->p, f->scratch);
	if (BN_is_zero(by) && BN_is_zero(f->slope)) {
		BN_mod_sqr(f->slope, a->x, f->p, f->scratch);
		BN_sub_word(f->slope, 1);
		BN_mul_word(f->slope, 3);
		BN_nnmod(f->slope, f->slope, f->p, f->scratch);
		BN_mod_lshift1(by, a->y, f->p, f->scratch);
	}
	there = !BN_is_zero(by);
	if (there)
		divide(f, by);
	BN_free(by);
	return there;
}

/* a += b */
static void point_add(struct field *f, struct point *a, const struct point *b)
{
	if (b->infinite)
		return;
	if (a->infinite) {
		BN_copy(a->x, b->x);
		BN_copy(a->y, b->y);
		a->infinite = false;
		return;
	}
	a->infinite = !slope(f, a, b);
	if (a->infinite)
		return;
	BN_mod_sqr(f->x, f->slope, f->p, f->scratch);
	BN_mod_sub(f->x, f->x, a->x, f->p, f->scratch);
	BN_mod_sub(f->x, f->x, b->x, f->p, f->scratch);
	BN_mod_sub(f->t, a->x, f->x, f->p, f->scratch);
	BN_mod_mul(f->t, f->t, f->slope, f->p, f->scratch);
	BN_mod_sub(a->y, f->t, a->y, f->p, f->scratch);
	BN_copy(a->x, f->x);
}

static void multiply(struct field *f, const uint8_t *secret, const struct point *by, struct point *out)
{
	struct point twice = { BN_dup(by->x), BN_dup(by->y), false };

	*out = (struct point){ BN_new(), BN_new(), true };
	for (int i = 8 * UNCHECKED_BYTES; i-- > 0;) {
		BN_copy(twice.x, out->x);
		BN_copy(twice.y, out->y);
		twice.infinite = out->infinite;
		point_add(f, out, &twice);
		if (secret[UNCHECKED_BYTES - 1 - i / 8] >> i % 8 & 1)
			point_add(f, out, by);
	}
	point_free(&twice);
}

static void write_number(const BIGNUM *n, struct wr *out)
{
	uint8_t bytes[UNCHECKED_BYTES];

	require(BN_bn2binpad(n, bytes, sizeof(bytes)) == sizeof(bytes));
	wr_bytes(out, bytes, sizeof(bytes));
}

void unchecked_public(const uint8_t secret[static UNCHECKED_BYTES], struct wr *out)
{
	struct field f = field_new();
	struct point base = { 0 }, product;

	BN_hex2bn(&base.x, "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296");
	BN_hex2bn(&base.y, "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
	multiply(&f, secret, &base, &product);
	wr_u8(out, 4);
	write_number(product.x, out);
	write_number(product.y, out);
	point_free(&product);
	point_free(&base);
	field_free(&f);
}

bool unchecked_shared(const uint8_t secret[static UNCHECKED_BYTES], struct span peer, struct wr *out)
{
	struct field f;
	struct point theirs, product;
	bool there;

	if (peer.n != 1 + 2 * UNCHECKED_BYTES || peer.p[0] != 4)
		return false;
	f = field_new();
	theirs = (struct point){ BN_bin2bn(peer.p + 1, UNCHECKED_BYTES, NULL),
		BN_bin2bn(peer.p + 1 + UNCHECKED_BYTES, UNCHECKED_BYTES, NULL), false };
	multiply(&f, secret, &theirs, &product);
	there = !product.infinite;
	if (there)
		write_number(product.x, out);
	point_free(&product);
	point_free(&theirs);
	field_free(&f);
	return there;
}
