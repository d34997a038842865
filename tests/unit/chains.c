#include "tests/unit/chains.h"

#include <stdio.h>
#include <openssl/bn.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert.h"

/* ---- ordinary certificates, and what a row changes in them ------------------------------------------------------------ */

static const struct mint ordinary_leaf = {
	.name = "A server", .names = "DNS:www.example.com", .purposes = "serverAuth", .usage = "critical,digitalSignature"
};
static const struct mint ordinary_inter = { .name = "Intermediate", .ca = true };
static const struct mint ordinary_root = { .name = "Root", .ca = true, .from_day = -900, .to_day = 900 };

#define TAKE(field)                                                                                                    \
	if (change->field)                                                                                             \
	m.field = change->field

static struct mint changed(const struct mint *usual, const struct mint *change)
{
	struct mint m = *usual;

	TAKE(name);
	TAKE(organisation);
	TAKE(email);
	TAKE(by);
	TAKE(key_of);
	TAKE(key);
	TAKE(ca);
	TAKE(length);
	TAKE(names);
	TAKE(usage);
	TAKE(purposes);
	TAKE(constraints);
	TAKE(basic);
	TAKE(unknown);
	TAKE(digest);
	TAKE(pss);
	TAKE(version_1);
	TAKE(no_ids);
	TAKE(wrong_issuer_id);
	TAKE(signed_with);
	TAKE(more_exts);
	TAKE(exts);
	TAKE(key_ids);
	TAKE(serial);
	TAKE(from);
	TAKE(to);
	TAKE(no_issuer);
	TAKE(other_algorithm);
	if (change->from_day || change->to_day) {
		m.from_day = change->from_day;
		m.to_day = change->to_day;
	}
	if (change->name && !strcmp(change->name, "-"))
		m.name = NULL;
	return m;
}

static const struct minted *make_leaf(const struct chain_row *row, const struct minted *by)
{
	struct mint m = changed(&ordinary_leaf, &row->leaf);

	m.by = by;
	return mint(&m);
}

static const struct minted *make_inter(const struct chain_row *row, const struct minted *by, const char *name)
{
	struct mint m = changed(&ordinary_inter, &row->inter);

	if (name)
		m.name = name;
	m.by = by;
	return mint(&m);
}

static const struct minted *make_root(const struct chain_row *row)
{
	struct mint m = changed(&ordinary_root, &row->root);

	return mint(&m);
}

static void serve(struct chain_made *c, const struct minted *m)
{
	require(c->chain_n < CHAIN_ROOM);
	c->chain[c->chain_n++] = m->der;
}

static void trust(struct chain_made *c, const struct minted *m)
{
	c->roots[c->roots_n++] = m->der;
}

/* ---- CRLs --------------------------------------------------------------------------------------------------------------- */

static void add_crl(struct chain_made *c, const struct mint_crl *given, const struct minted *by)
{
	struct mint_crl m = *given;

	m.by = by;
	c->crls[c->crls_n++] = mint_crl(&m);
}

static void add_crls(struct chain_made *c, const struct chain_row *row, const struct minted *inter, const struct minted *root)
{
	if (!row->revocation)
		return;
	if (!row->no_root_crl)
		add_crl(c, &row->root_crl, root);
	if (inter && !row->no_inter_crl)
		add_crl(c, &row->inter_crl, inter);
}

/* ---- shapes --------------------------------------------------------------------------------------------------------------- */

static void three(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	trust(c, root);
	add_crls(c, row, inter, root);
}

static void two(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row);

	serve(c, make_leaf(row, root));
	trust(c, root);
	add_crls(c, row, NULL, root);
}

/* The row's intermediate, then `count` more below it. */
static void deep(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *ca = make_inter(row, root, NULL), *cas[64] = { ca };
	char name[32];

	for (size_t i = 1; i <= row->count; i++) {
		snprintf(name, sizeof name, "Below %zu", i);
		cas[i] = ca = MINT(.name = name, .ca = true, .by = ca);
	}
	serve(c, make_leaf(row, ca));
	for (size_t i = 0; i <= row->count; i++)
		serve(c, cas[i]);
	trust(c, root);
}

/* As deep, and the last of them is the leaf. */
static void ca_last(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *ca = make_inter(row, root, NULL);

	serve(c, MINT(.name = "Sub CA", .ca = true, .length = 1, .by = ca, .names = "DNS:www.example.com",
	                 .purposes = "serverAuth", .usage = "critical,keyCertSign,cRLSign,digitalSignature"));
	serve(c, ca);
	trust(c, root);
}

/* A self-issued key change between two intermediates. */
static void key_change(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *old = make_inter(row, root, NULL);
	const struct minted *new = MINT(.name = "Intermediate", .ca = true, .by = old, .names = row->inter.names,
	        .length = row->inter.length);

	serve(c, make_leaf(row, new));
	serve(c, new);
	serve(c, old);
	trust(c, root);
}

/* A CA between the row's intermediate and the leaf, with names of its own. */
static void ca_with_names(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *top = make_inter(row, root, NULL);
	const struct minted *low = MINT(.name = "Low", .ca = true, .by = top, .names = "DNS:ca.example.com",
	        .constraints = "critical,permitted;DNS:example.com");

	serve(c, make_leaf(row, low));
	serve(c, low);
	serve(c, top);
	trust(c, root);
}

static void all_served(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	serve(c, root);
	trust(c, root);
}

static void upside_down(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *a = make_inter(row, root, "A"), *b = make_inter(row, a, "B");

	serve(c, make_leaf(row, b));
	serve(c, root);
	serve(c, a);
	serve(c, b);
	trust(c, root);
}

static void missing(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row);

	serve(c, make_leaf(row, make_inter(row, root, NULL)));
	trust(c, root);
}

static void foreign_root(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	serve(c, root);
	trust(c, MINT(.name = "Another root", .ca = true));
}

/* Another CA with the root's name. */
static void namesake(struct chain_made *c, const struct chain_row *row)
{
	foreign_root(c, row);
	c->roots_n = 0;
	trust(c, MINT(.name = "Root", .ca = true));
}

static void inter_is_anchor(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	serve(c, root);
	trust(c, inter);
}

static void alone(struct chain_made *c, const struct chain_row *row)
{
	serve(c, make_leaf(row, NULL));
	trust(c, make_root(row));
}

static void alone_and_anchor(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *leaf = make_leaf(row, NULL);

	serve(c, leaf);
	trust(c, leaf);
}

static void leaf_issues(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row);
	struct mint m = changed(&ordinary_leaf, &row->inter);
	const struct minted *false_ca;

	m.by = root;
	m.name = "Not a CA";
	false_ca = mint(&m);
	serve(c, make_leaf(row, false_ca));
	serve(c, false_ca);
	trust(c, root);
}

static void forged(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);
	struct mint m = changed(&ordinary_leaf, &row->leaf);

	m.by = inter;
	m.signed_with = MINT(.name = "Forger", .ca = true);
	serve(c, mint(&m));
	serve(c, inter);
	trust(c, root);
}

/* One bit of the leaf's signature. */
static void bit_flipped(struct chain_made *c, const struct chain_row *row)
{
	three(c, row);
	c->chain[0] = mint_copy(c->chain[0], c->chain[0].n - 1, 1);
}

static void bytes_after(struct chain_made *c, const struct chain_row *row)
{
	three(c, row);
	/* the length of the outer SEQUENCE: one octet less than there are */
	c->chain[0] = mint_copy(c->chain[0], 3, (uint8_t)(c->chain[0].p[3] ^ (c->chain[0].p[3] - 1)));
}

/* ---- several paths --------------------------------------------------------------------------------------------------------- */

/* The same intermediate twice: one that the row spoils, and a good one behind it. */
static void spoilt_and_good(struct chain_made *c, const struct chain_row *row)
{
	static const struct chain_row nothing = { 0 };
	const struct minted *root = make_root(row), *bad = make_inter(row, root, NULL), *good;
	struct mint m = changed(&ordinary_inter, &nothing.inter);

	m.by = root;
	m.key_of = bad;
	good = mint(&m);
	serve(c, make_leaf(row, good));
	serve(c, bad);
	serve(c, good);
	trust(c, root);
}

/* An old root cross-signed the root, and expired. */
static void old_cross_sign(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);
	const struct minted *old = MINT(.name = "Old root", .ca = true, .from_day = -900, .to_day = -5);
	const struct minted *cross =
	        MINT(.name = "Root", .ca = true, .by = old, .key_of = root, .from_day = -900, .to_day = -6);

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	serve(c, cross);
	trust(c, old);
	if (!row->count)
		trust(c, root);
}

static void loop(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *a = MINT(.name = "A", .ca = true), *b = MINT(.name = "B", .ca = true), *root = make_root(row);

	serve(c, make_leaf(row, a));
	serve(c, MINT(.name = "A", .ca = true, .by = b, .key_of = a));
	serve(c, MINT(.name = "B", .ca = true, .by = a, .key_of = b));
	if (row->count)
		serve(c, MINT(.name = "B", .ca = true, .by = root, .key_of = b));
	trust(c, root);
}

/* One name, two keys that sign each other. */
static void loop_of_one_name(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *a = MINT(.name = "A", .ca = true), *b = MINT(.name = "A", .ca = true);

	serve(c, make_leaf(row, a));
	serve(c, MINT(.name = "A", .ca = true, .by = b, .key_of = a));
	serve(c, MINT(.name = "A", .ca = true, .by = a, .key_of = b));
	trust(c, make_root(row));
}

/* Three CAs that all sign each other; one of them is trusted. */
static void mesh(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *base[3];
	static const char *const names[] = { "Mesh A", "Mesh B", "Mesh C" };

	for (size_t i = 0; i < 3; i++)
		base[i] = MINT(.name = names[i], .ca = true);
	serve(c, make_leaf(row, base[1]));
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 3; j++)
			if (i != j)
				serve(c, MINT(.name = names[i], .ca = true, .by = base[j], .key_of = base[i]));
	trust(c, base[0]);
}

/* `count` certificates that lead nowhere, before the one that is needed. */
static void needless(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL), *key = MINT(.name = "x");

	serve(c, make_leaf(row, inter));
	for (size_t i = 0; i < row->count; i++)
		serve(c, MINT(.name = i % 2 ? "Intermediate" : "Root", .ca = true, .by = i % 3 ? root : key, .key_of = key));
	serve(c, inter);
	trust(c, root);
}

/* `count` CAs of the right name, whose keys are not the one that the leaf names, before the one that is. */
static void wrong_keys(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	for (size_t i = 0; i < row->count; i++)
		serve(c, MINT(.name = "Intermediate", .ca = true, .by = root, .no_ids = i % 2));
	serve(c, inter);
	trust(c, root);
}

/* The same with anchors. */
static void wrong_anchors(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	for (size_t i = 0; i < row->count; i++)
		trust(c, MINT(.name = "Root", .ca = true, .no_ids = i % 2));
	trust(c, root);
}

/* `count` layers of four certificates for one key, all of them good. */
static void layers(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *above = make_inter(row, root, NULL), *key;
	char name[32];

	serve(c, above);
	for (size_t i = 0; i < row->count; i++, above = key) {
		snprintf(name, sizeof name, "Layer %zu", i);
		key = MINT(.name = name, .ca = true, .by = above);
		serve(c, key);
		for (int days = 61; days < 64; days++)
			serve(c, MINT(.name = name, .ca = true, .by = above, .key_of = key, .from_day = -30, .to_day = days));
	}
	serve(c, make_leaf(row, above));
	for (size_t i = 0; i < c->chain_n / 2; i++) {
		struct span swap = c->chain[i];

		c->chain[i] = c->chain[c->chain_n - 1 - i];
		c->chain[c->chain_n - 1 - i] = swap;
	}
	trust(c, root);
}

/* A leaf that is the anchor, so that no signature is looked at: bytes of it can be changed. */
static uint8_t *own_anchor(struct chain_made *c, const struct chain_row *row, struct span *(*part)(struct cert *), size_t *n)
{
	struct span der = make_leaf(row, NULL)->der, changed = mint_copy(der, 0, 0);
	struct cert *cert = cert_parse(der.p, der.n);
	size_t at = (size_t)(part(cert)->p - cert->der.p);

	*n = part(cert)->n;
	cert_free(cert);
	c->chain[c->chain_n++] = c->roots[c->roots_n++] = changed;
	return (uint8_t *)(uintptr_t)changed.p + at;
}

static struct span *serial_of(struct cert *c) { return &c->serial; }
static struct span *point_of(struct cert *c) { return &c->point; }
static struct span *modulus_of(struct cert *c) { return &c->rsa_n; }

static void padded_serial(struct chain_made *c, const struct chain_row *row)
{
	size_t n;

	own_anchor(c, row, serial_of, &n)[0] = 0;
}

static void off_the_curve(struct chain_made *c, const struct chain_row *row)
{
	size_t n;
	uint8_t *point = own_anchor(c, row, point_of, &n);

	point[n - 1] ^= 1;
}

static void even_modulus(struct chain_made *c, const struct chain_row *row)
{
	size_t n;
	uint8_t *modulus = own_anchor(c, row, modulus_of, &n);

	modulus[n - 1] &= 0xFE;
}

/* `count` times itself: twice a large number has close factors, a power of 65537 has the residues of ROCA. */
static void power(struct chain_made *c, const struct chain_row *row, size_t base_bits, size_t count)
{
	size_t n;
	uint8_t *modulus = own_anchor(c, row, modulus_of, &n);
	BIGNUM *base = BN_new(), *product = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	BN_set_bit(base, (int)base_bits);
	BN_add_word(base, 1);
	BN_one(product);
	for (size_t i = 0; i < count; i++)
		BN_mul(product, product, base, ctx);
	require(BN_bn2binpad(product, modulus, (int)n) == (int)n);
	BN_CTX_free(ctx);
	BN_free(base);
	BN_free(product);
}

static void close_primes(struct chain_made *c, const struct chain_row *row)
{
	power(c, row, 1023, 2);
}

static void roca(struct chain_made *c, const struct chain_row *row)
{
	power(c, row, 16, 127);
}

/* Two intermediates of one name: the names of the first are outside of its CA's constraints. */
static void constrained_or_not(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *other = MINT(.name = "Other root", .ca = true);
	const struct minted *tight =
	        MINT(.name = "Tight", .ca = true, .by = root, .constraints = "critical,excluded;DNS:forbidden.example.com");
	const struct minted *bad = MINT(.name = "Twin", .ca = true, .by = tight, .names = "DNS:forbidden.example.com");

	serve(c, make_leaf(row, bad));
	serve(c, tight);
	serve(c, bad);
	if (!row->count)
		serve(c, MINT(.name = "Twin", .ca = true, .by = other, .key_of = bad));
	trust(c, root);
	trust(c, other);
}

/* Of two ways up, only the longer one allows servers. */
static void purpose_by_one_way(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *second = MINT(.name = "Second root", .ca = true);
	const struct minted *client =
	        MINT(.name = "Intermediate", .ca = true, .by = second, .purposes = "clientAuth,emailProtection");
	const struct minted *above = MINT(.name = "Above", .ca = true, .by = root);

	serve(c, make_leaf(row, client));
	serve(c, client);
	serve(c, MINT(.name = "Intermediate", .ca = true, .by = above, .key_of = client));
	serve(c, above);
	trust(c, second);
	trust(c, root);
}

/* A chain of `count` CAs that no limit of the rules forbids. */
static void long_chain(struct chain_made *c, const struct chain_row *row)
{
	deep(c, row);
}

static void maze(struct chain_made *c, const struct chain_row *row)
{
	enum { CAS = 9 };
	const struct minted *base[CAS];
	char name[16];

	for (size_t i = 0; i < CAS; i++) {
		snprintf(name, sizeof name, "Maze %zu", i);
		base[i] = MINT(.name = name, .ca = true);
	}
	serve(c, make_leaf(row, base[0]));
	for (size_t i = 0; i < CAS * CAS; i++) {
		snprintf(name, sizeof name, "Maze %zu", i / CAS);
		if (i / CAS != i % CAS)
			serve(c, MINT(.name = name, .ca = true, .by = base[i % CAS], .key_of = base[i / CAS]));
	}
	trust(c, MINT(.name = "Maze 8", .ca = true, .no_ids = true)); /* the right name, and another key */
}

/* The intermediate signs CRLs with another certificate of its name. */
static void crl_signer(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row), *inter = make_inter(row, root, NULL);
	const struct minted *above = row->count ? MINT(.name = "Root", .ca = true) : root;
	const struct minted *signer = MINT(.name = "Intermediate", .ca = true, .by = above, .usage = "critical,cRLSign");
	struct mint_crl crl = row->inter_crl;

	serve(c, make_leaf(row, inter));
	serve(c, inter);
	serve(c, signer);
	trust(c, root);
	add_crl(c, &row->root_crl, root);
	crl.by = inter;
	crl.signed_with = signer;
	c->crls[c->crls_n++] = mint_crl(&crl);
}

/* A stranger made the CRL in the issuer's name. */
static void crl_forged(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row);
	struct mint_crl crl = row->root_crl;

	serve(c, make_leaf(row, root));
	trust(c, root);
	crl.by = root;
	crl.signed_with = MINT(.name = "Stranger", .ca = true);
	c->crls[c->crls_n++] = mint_crl(&crl);
}

/* A CRL of another CA lists the serial number. */
static void crl_of_another(struct chain_made *c, const struct chain_row *row)
{
	struct mint_crl crl = { .revoked = "0ABC" };

	two(c, row);
	add_crl(c, &crl, MINT(.name = "Another CA", .ca = true));
}

/* A stale one and a fresh one. */
static void crl_twice(struct chain_made *c, const struct chain_row *row)
{
	const struct minted *root = make_root(row);
	struct mint_crl stale = { .from_day = -20, .to_day = -10 };

	serve(c, make_leaf(row, root));
	trust(c, root);
	add_crl(c, &stale, root);
	add_crl(c, &row->root_crl, root);
}

/* ---- the rows --------------------------------------------------------------------------------------------------------------- */

enum { A = 'A', R = 'R', L = 'L' };

const struct chain_row chain_rows[] = {
#define ROW(id_, strict_, browser_, word_, clause_, ...)                                                               \
	{ .id = id_, .strict = strict_, .browser = browser_, .word = word_, .clause = clause_, __VA_ARGS__ },
#include "tests/unit/chains.def"
#undef ROW
};
const size_t chain_rows_n = sizeof chain_rows / sizeof *chain_rows;

void chain_make(const struct chain_row *row, struct chain_made *c)
{
	*c = (struct chain_made){ 0 };
	(row->make ? row->make : three)(c, row);
}

const char *chain_host(const struct chain_row *row)
{
	if (!row->host)
		return row->client ? NULL : "www.example.com";
	return *row->host ? row->host : NULL;
}
