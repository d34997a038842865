/* Chains that fit a request and chains that do not, each for its own reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "scanner/base/text.h"
#include "scanner/tls/client_request.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/client_fit.h"
#include "tests/unit/mint.h"

#define BYTES(...) ((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })

static const struct minted *root, *inter, *stranger;

static int set_up(void **state)
{
	(void)state;
	root = MINT(.name = "Root", .ca = true);
	inter = MINT(.name = "Inter", .by = root, .ca = true);
	stranger = MINT(.name = "Stranger", .ca = true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	return 0;
}

static struct private_key *key_of(const struct minted *m)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct private_key *key;
	const char *why;
	char *text;
	long n;

	assert_int_equal(PEM_write_bio_PrivateKey(bio, m->key, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &text);
	key = private_key_pem((struct span){ (const uint8_t *)text, (size_t)n }, NULL, &why);
	BIO_free(bio);
	assert_non_null(key);
	return key;
}

/* The subject of a certificate as a request lists it. */
static void list_name(struct text *list, const struct minted *m)
{
	struct span body = cert_subject_of(m->der);

	assert_true(body.n < 126);
	text_char(list, 0);
	text_char(list, (char)(body.n + 2));
	text_char(list, 0x30);
	text_char(list, (char)body.n);
	text_addn(list, (const char *)body.p, body.n);
}

static struct span bytes_of(const struct text *t)
{
	return (struct span){ (const uint8_t *)t->s, t->n };
}

#define ECDSA_TYPES BYTES(1, 64)
#define ECDSA_SCHEMES BYTES(0x08, 0x04, 0x04, 0x03)

/* The words, a space between; "?" for unknown. */
static const char *misfits_of(struct arena *a, const struct minted *leaf, const struct minted *above,
        uint16_t version, struct client_request q)
{
	struct span chain[] = { leaf->der, above ? above->der : leaf->der };
	struct private_key *key = key_of(leaf);
	struct client_misfits out;
	enum tri fits = client_fit(&(struct client_fit_input){ .chain = chain, .chain_n = above ? 2 : 1, .key = key,
	                                   .request = &q, .version = version, .at = MINT_NOW },
	        &out);
	const char *words = fits == TRI_UNKNOWN ? "?" : "";

	for (size_t i = 0; i < out.n; i++)
		words = arena_printf(a, "%s%s%s", words, i ? " " : "", out.v[i]);
	assert_int_equal(fits == TRI_NO, out.n > 0);
	private_key_free(key);
	return words;
}

static void expect(const struct minted *leaf, const struct minted *above, uint16_t version, struct client_request q,
        const char *expected)
{
	struct arena a = { 0 };

	assert_string_equal(misfits_of(&a, leaf, above, version, q), expected);
	arena_free(&a);
}

static void an_authority_is_named_by_any_certificate_of_the_chain(void **state)
{
	const struct minted *leaf = MINT(.name = "me", .by = inter);
	struct client_request q = { .asked = true, .types = ECDSA_TYPES, .schemes = ECDSA_SCHEMES };
	struct text of_root = { 0 }, of_inter = { 0 }, of_stranger = { 0 };

	(void)state;
	list_name(&of_stranger, stranger);
	list_name(&of_root, stranger);
	list_name(&of_root, root);
	list_name(&of_inter, inter);
	expect(leaf, NULL, VER_TLS12, q, ""); /* none named: any */
	q.names = bytes_of(&of_inter);
	expect(leaf, NULL, VER_TLS12, q, "");
	q.names = bytes_of(&of_root);
	expect(leaf, inter, VER_TLS12, q, "");
	expect(leaf, NULL, VER_TLS12, q, "issuer"); /* nothing that was given leads there */
	expect(leaf, stranger, VER_TLS13, q, "issuer");
	expect(root, NULL, VER_TLS13, q, "key_usage"); /* it names itself */
	q.names = bytes_of(&of_stranger);
	expect(leaf, inter, VER_TLS13, q, "issuer");
	text_free(&of_root);
	text_free(&of_inter);
	text_free(&of_stranger);
}

static void a_broken_list_of_authorities_makes_no_misfit(void **state)
{
	const struct minted *leaf = MINT(.name = "me", .by = inter);
	struct client_request q = { .asked = true, .types = ECDSA_TYPES, .schemes = ECDSA_SCHEMES };
	const char *words[4];
	struct text list = { 0 };
	struct arena a = { 0 };
	size_t n, total;

	(void)state;
	list_name(&list, stranger);
	text_add(&list, "\x7F\x7F");
	q.names = bytes_of(&list);
	expect(leaf, NULL, VER_TLS12, q, "?");
	assert_false(client_authorities(&a, q.names, words, 4, &n, &total));
	assert_int_equal(n, 1);
	assert_string_equal(words[0], "CN=Stranger");
	text_free(&list);
	list_name(&list, stranger);
	list_name(&list, root);
	assert_true(client_authorities(&a, bytes_of(&list), words, 1, &n, &total));
	assert_int_equal(n, 1);
	assert_int_equal(total, 2);
	text_free(&list);
	arena_free(&a);
}

static void type_and_scheme_must_be_those_of_the_key(void **state)
{
	const struct minted *rsa = MINT(.name = "rsa", .by = root, .key = "RSA:2048");
	const struct minted *p384 = MINT(.name = "p384", .by = root, .key = "EC:P-384");
	const struct minted *ed = MINT(.name = "ed", .by = root, .key = "ED25519");
	struct client_request only_ecdsa = { .asked = true, .types = BYTES(64), .schemes = BYTES(0x04, 0x03) };
	struct client_request only_rsa = { .asked = true, .types = BYTES(1), .schemes = BYTES(0x08, 0x04, 0x04, 0x03) };
	struct client_request only_ed = { .asked = true, .types = BYTES(64), .schemes = BYTES(0x08, 0x07, 0x04, 0x03) };

	(void)state;
	expect(rsa, NULL, VER_TLS12, only_ecdsa, "type scheme");
	expect(rsa, NULL, VER_TLS13, only_ecdsa, "scheme");
	expect(rsa, NULL, VER_TLS11, only_ecdsa, "type"); /* no schemes there, and the chain's signatures are free */
	expect(p384, NULL, VER_TLS12, only_rsa, "type");
	expect(p384, NULL, VER_TLS12, only_ecdsa, ""); /* any curve */
	expect(p384, NULL, VER_TLS13, only_ecdsa, "scheme"); /* P-256 alone */
	expect(ed, NULL, VER_TLS12, only_ed, ""); /* RFC 8422 section 5.5: ecdsa_sign stands for it */
	expect(ed, NULL, VER_TLS13, only_ecdsa, "scheme");
}

static void the_chain_is_signed_with_what_is_listed_for_it(void **state)
{
	const struct minted *leaf = MINT(.name = "me", .by = inter), *old = MINT(.name = "old", .by = root, .digest = "SHA1");
	struct client_request q = { .asked = true, .types = ECDSA_TYPES, .schemes = ECDSA_SCHEMES };

	(void)state;
	expect(old, NULL, VER_TLS12, q, "signature");
	expect(old, NULL, VER_TLS11, q, "");
	q.cert_schemes = BYTES(0x02, 0x03);
	expect(old, NULL, VER_TLS13, q, "");
	expect(leaf, inter, VER_TLS13, q, "signature");
}

static void usage_purpose_and_dates_count(void **state)
{
	struct client_request q = { .asked = true, .types = ECDSA_TYPES, .schemes = ECDSA_SCHEMES };

	(void)state;
	expect(MINT(.name = "a", .by = root, .usage = "critical,keyAgreement"), NULL, VER_TLS13, q, "key_usage");
	expect(MINT(.name = "b", .by = root, .usage = "digitalSignature"), NULL, VER_TLS13, q, "");
	expect(MINT(.name = "c", .by = root, .purposes = "serverAuth"), NULL, VER_TLS13, q, "purpose");
	expect(MINT(.name = "d", .by = root, .purposes = "serverAuth,clientAuth"), NULL, VER_TLS13, q, "");
	expect(MINT(.name = "e", .by = root, .from_day = -9, .to_day = -1), NULL, VER_TLS13, q, "expired");
	expect(MINT(.name = "f", .by = root, .from_day = 1, .to_day = 9), NULL, VER_TLS13, q, "not_yet_valid");
}

static void what_is_no_certificate_is_called_so(void **state)
{
	const struct minted *leaf = MINT(.name = "me", .by = inter);
	struct private_key *key = key_of(leaf);
	struct client_request q = { .asked = true };
	struct span chain[] = { BYTES(0x30, 0x00) };
	struct client_misfits out;

	(void)state;
	assert_int_equal(client_fit(&(struct client_fit_input){ .chain = chain, .chain_n = 1, .key = key, .request = &q,
	                                    .version = VER_TLS13, .at = MINT_NOW },
	                         &out),
	        TRI_NO);
	assert_string_equal(out.v[0], "malformed");
	private_key_free(key);
}

static void types_have_their_registered_names(void **state)
{
	(void)state;
	assert_string_equal(client_type_name(1), "rsa_sign");
	assert_string_equal(client_type_name(64), "ecdsa_sign");
	assert_null(client_type_name(200));
	assert_false(client_type_fits(BYTES(3, 4, 5, 66, 200), KEY_RSA));
	assert_true(client_type_fits(BYTES(200, 1), KEY_RSA_PSS));
	assert_false(client_type_fits((struct span){ NULL, 0 }, KEY_RSA));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_authority_is_named_by_any_certificate_of_the_chain),
		cmocka_unit_test(a_broken_list_of_authorities_makes_no_misfit),
		cmocka_unit_test(type_and_scheme_must_be_those_of_the_key),
		cmocka_unit_test(the_chain_is_signed_with_what_is_listed_for_it),
		cmocka_unit_test(usage_purpose_and_dates_count),
		cmocka_unit_test(what_is_no_certificate_is_called_so),
		cmocka_unit_test(types_have_their_registered_names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
