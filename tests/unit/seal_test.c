/* Records, sealed and opened again: every suite of the table in every version that it fits. */
#include "scanner/tls/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/hex.h"

enum { CONTENT_MAX = 16384, BODY_MAX = CONTENT_MAX + 2048, DATA = 23 };

static const uint16_t all_versions[] = { VER_SSL3, VER_TLS10, VER_TLS11, VER_TLS12, VER_TLS13 };

/* One way of protecting records: both ends of a direction. */
struct pair {
	uint16_t version;
	const struct suite *suite;
	bool encrypt_then_mac, truncated;
	struct seal *writes, *reads;
};

static uint16_t wire_version(const struct pair *p)
{
	return p->version == VER_TLS13 ? VER_TLS12 : p->version;
}

static bool fits(uint16_t version, const struct suite *s)
{
	return suite_is_tls13(s) ? version == VER_TLS13 : version < VER_TLS13 && version >= s->min_version;
}

static bool pair_open(struct pair *p)
{
	static uint8_t bytes[128];
	struct seal_sizes n = seal_sizes_of(p->version, p->suite);
	const struct cipher_kind *kind = cipher_kind_of(p->suite);
	struct seal_keys keys;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(31 * i + 7);
	if (!kind)
		return false;
	keys = (struct seal_keys){ { bytes, n.mac }, { bytes + 40, kind->key }, { bytes + 80, 16 } };
	p->writes = seal_new(p->version, p->suite, p->encrypt_then_mac, p->truncated, &keys, true);
	p->reads = seal_new(p->version, p->suite, p->encrypt_then_mac, p->truncated, &keys, false);
	return p->writes && p->reads;
}

static void pair_close(struct pair *p)
{
	seal_free(p->writes);
	seal_free(p->reads);
	p->writes = p->reads = NULL;
}

static struct wr sealed(struct pair *p, struct span content, uint8_t *body)
{
	static const uint8_t iv[16] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6 };
	struct wr w = wr_of(body, BODY_MAX);

	assert_true(seal_protect(p->writes, DATA, wire_version(p), content, iv, NULL, &w));
	return w;
}

static bool opens(struct pair *p, uint8_t *body, size_t n, struct span *content)
{
	uint8_t type = DATA;
	bool ok = seal_open(p->reads, &type, wire_version(p), body, n, content);

	assert_int_equal(type, DATA);
	return ok;
}

static void round_trip(struct pair *p, size_t n)
{
	static uint8_t text[CONTENT_MAX], body[BODY_MAX];
	struct span content;
	struct wr w;

	memset(text, 0xA5, sizeof text);
	w = sealed(p, (struct span){ text, n }, body);
	assert_true(opens(p, body, w.len, &content));
	assert_int_equal(content.n, n);
	assert_memory_equal(content.p, text, n);
}

static bool check_round_trip(struct pair *p)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 100, CONTENT_MAX, 7 };

	if (!pair_open(p))
		return false;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		round_trip(p, sizes[i]);
	assert_int_equal(seal_sequence(p->writes), 7);
	assert_int_equal(seal_sequence(p->reads), 7);
	pair_close(p);
	return true;
}

typedef bool each_pair(struct pair *);

static unsigned for_each(each_pair *check, bool encrypt_then_mac, bool truncated)
{
	unsigned n = 0;

	for (size_t s = 0; s < suites_count; s++)
		for (size_t v = 0; v < sizeof all_versions / sizeof *all_versions; v++) {
			struct pair p = { all_versions[v], &suites[s], encrypt_then_mac, truncated, NULL,
				NULL };

			n += fits(p.version, p.suite) && check(&p);
			pair_close(&p);
		}
	return n;
}

static void what_is_sealed_opens_in_every_suite_and_version(void **state)
{
	(void)state;
	assert_true(for_each(check_round_trip, false, false) > 400);
	assert_true(for_each(check_round_trip, true, false) > 400);
	assert_true(for_each(check_round_trip, false, true) > 400);
}

static void suites_without_their_cipher_here_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < suites_count; i++) {
		const struct cipher_kind *kind = cipher_kind_of(&suites[i]);

		if (kind && !crypt_has_cipher(kind))
			print_message("not in this libcrypto: %s\n", suites[i].name);
	}
	assert_null(cipher_kind_of(suite_by_name("TLS_SM4_GCM_SM3")));
	assert_null(cipher_kind_of(suite_by_name("TLS_SHA256_SHA256")));
}

/* A change of padding that nobody can see: SSL 3.0's has no check but its length. */
static bool is_blind(const struct pair *p, size_t n, size_t at)
{
	return p->version == VER_SSL3 && cipher_kind_of(p->suite)->mode == CIPHER_CBC &&
	       at + 2u * cipher_kind_of(p->suite)->block >= n;
}

static bool has_mac(const struct suite *s)
{
	return strcmp(s->mac, "NULL") != 0;
}

static bool check_flipped(struct pair *p)
{
	uint8_t text[20] = "twenty bytes of text", body[BODY_MAX], copy[256];
	struct span content;
	struct wr w;

	if (!has_mac(p->suite) || !pair_open(p))
		return false;
	w = sealed(p, (struct span){ text, sizeof text }, body);
	assert_true(w.len <= sizeof copy);
	for (size_t bit = 0; bit < 8 * w.len; bit++) {
		pair_close(p);
		assert_true(pair_open(p));
		memcpy(copy, body, w.len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(!opens(p, copy, w.len, &content) || is_blind(p, w.len, bit / 8));
	}
	pair_close(p);
	return true;
}

static bool check_truncated(struct pair *p)
{
	uint8_t text[20] = "twenty bytes of text", body[BODY_MAX], copy[256];
	struct span content;
	struct wr w;

	if (!has_mac(p->suite) || !pair_open(p))
		return false;
	w = sealed(p, (struct span){ text, sizeof text }, body);
	for (size_t n = 0; n < w.len; n++) {
		pair_close(p);
		assert_true(pair_open(p));
		memcpy(copy, body, n);
		assert_false(opens(p, copy, n, &content));
	}
	pair_close(p);
	return true;
}

/* One suite of each cipher and MAC is enough where every bit is tried. */
static bool seen_before(const struct pair *p)
{
	for (const struct suite *s = suites; s < p->suite; s++)
		if (!strcmp(s->enc, p->suite->enc) && !strcmp(s->mac, p->suite->mac) && fits(p->version, s) &&
		        cipher_kind_of(s) == cipher_kind_of(p->suite))
			return true;
	return false;
}

static bool flipped_once(struct pair *p)
{
	return !seen_before(p) && check_flipped(p);
}

static bool truncated_once(struct pair *p)
{
	return !seen_before(p) && check_truncated(p);
}

static void a_flipped_bit_anywhere_is_refused(void **state)
{
	(void)state;
	assert_true(for_each(flipped_once, false, false) > 50);
	assert_true(for_each(flipped_once, true, false) > 50);
}

static void a_truncated_body_is_refused(void **state)
{
	(void)state;
	assert_true(for_each(truncated_once, false, false) > 50);
	assert_true(for_each(truncated_once, true, false) > 50);
}

static void another_type_version_or_place_is_refused(void **state)
{
	struct pair p = { VER_TLS12, suite_by_name("TLS_RSA_WITH_AES_128_CBC_SHA"), false, false, NULL,
		NULL };
	uint8_t body[BODY_MAX], copy[256], type = 22;
	struct span content;
	struct wr w;

	(void)state;
	assert_true(pair_open(&p));
	w = sealed(&p, (struct span){ body, 0 }, body);
	memcpy(copy, body, w.len);
	assert_false(seal_open(p.reads, &type, VER_TLS12, copy, w.len, &content));
	assert_false(opens(&p, body, w.len, &content)); /* its sequence number is past */
	assert_null(content.p);
	pair_close(&p);
	assert_true(pair_open(&p));
	w = sealed(&p, (struct span){ body, 0 }, body);
	type = DATA;
	assert_false(seal_open(p.reads, &type, VER_TLS11, body, w.len, &content));
	pair_close(&p);
}

static void the_type_of_tls_1_3_is_inside(void **state)
{
	struct pair p = { VER_TLS13, suite_find(0x1301), false, false, NULL, NULL };
	uint8_t body[64], type = DATA, iv[16] = { 0 };
	struct wr w = wr_of(body, sizeof body);
	struct span content;

	(void)state;
	assert_true(pair_open(&p));
	assert_true(seal_protect(p.writes, 22, VER_TLS12, hex("0102"), iv, NULL, &w));
	assert_int_equal(w.len, 2 + 1 + 16);
	assert_true(seal_open(p.reads, &type, VER_TLS12, body, w.len, &content));
	assert_int_equal(type, 22);
	assert_int_equal(content.n, 2);
	/* Content and type of nothing but zeros are none. */
	w = wr_of(body, sizeof body);
	assert_true(seal_protect(p.writes, 0, VER_TLS12, hex("0000"), iv, NULL, &w));
	type = DATA;
	assert_false(seal_open(p.reads, &type, VER_TLS12, body, w.len, &content));
	pair_close(&p);
}

/* RFC 8448 section 3: the first record of application data that the client writes. */
static void a_record_is_sealed_as_in_rfc_8448(void **state)
{
	struct seal_keys keys = { .key = hex("17422dda596ed5d9acd890e3c63f5051"),
		.iv = hex("5b78923dee08579033e523d9") };
	struct seal *writes = seal_new(VER_TLS13, suite_find(0x1301), false, false, &keys, true);
	uint8_t text[50], body[128], iv[16] = { 0 };
	struct wr w = wr_of(body, sizeof body);

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)i;
	assert_true(seal_protect(writes, DATA, VER_TLS12, (struct span){ text, 50 }, iv, NULL, &w));
	assert_int_equal(w.len, 67);
	assert_hex(body, "a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441"
	                 "e2b62974e1f5a"
	                 "6292a2977014bd1e3deae63aeebb21694915e4");
	seal_free(writes);
}

/* ---- hooks
 * ------------------------------------------------------------------------------------------------------------
 */

struct heard {
	size_t block, body;
};

static void hear_block(void *owner, uint8_t *block, size_t n)
{
	struct heard *h = owner;

	h->block = n;
	block[n - 2] ^= 1; /* padding */
}

static void hear_body(void *owner, uint8_t *body, size_t n)
{
	struct heard *h = owner;

	(void)body;
	h->body = n;
}

static void a_hook_changes_the_block_before_encryption(void **state)
{
	struct pair p = { VER_TLS12, suite_by_name("TLS_RSA_WITH_AES_128_CBC_SHA"), false, false, NULL,
		NULL };
	uint8_t body[64], iv[16] = { 0 };
	struct heard heard = { 0 };
	struct seal_hook hook = { hear_block, hear_body, &heard };
	struct wr w = wr_of(body, sizeof body);
	struct span content;

	(void)state;
	assert_true(pair_open(&p));
	assert_true(seal_protect(p.writes, DATA, VER_TLS12, hex("00"), iv, &hook, &w));
	assert_int_equal(heard.block, 32);
	assert_int_equal(heard.body, 48);
	assert_false(opens(&p, body, w.len, &content));
	pair_close(&p);
}

static void sizes_are_those_of_the_key_block(void **state)
{
	struct seal_sizes n = seal_sizes_of(VER_TLS10, suite_by_name("TLS_RSA_WITH_3DES_EDE_CBC_SHA"));

	(void)state;
	assert_true(n.mac == 20 && n.key == 24 && n.iv == 8);
	n = seal_sizes_of(VER_TLS12, suite_by_name("TLS_RSA_WITH_3DES_EDE_CBC_SHA"));
	assert_true(n.mac == 20 && n.key == 24 && n.iv == 0);
	n = seal_sizes_of(VER_TLS12, suite_by_name("TLS_RSA_WITH_AES_128_GCM_SHA256"));
	assert_true(n.mac == 0 && n.key == 16 && n.iv == 4);
	n = seal_sizes_of(VER_TLS12, suite_find(0xCCA8));
	assert_true(n.mac == 0 && n.key == 32 && n.iv == 12);
	n = seal_sizes_of(VER_TLS12, suite_find(0xCC13));
	assert_true(n.mac == 0 && n.key == 32 && n.iv == 0);
	n = seal_sizes_of(VER_TLS13, suite_find(0x1302));
	assert_true(n.mac == 0 && n.key == 32 && n.iv == 12);
	n = seal_sizes_of(VER_TLS10, suite_find(0x0008));
	assert_true(n.mac == 20 && n.key == 5 && n.iv == 0);
	n = seal_sizes_of(VER_TLS10, suite_find(0x0062));
	assert_true(n.mac == 20 && n.key == 8 && n.iv == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_in_every_suite_and_version),
		cmocka_unit_test(suites_without_their_cipher_here_are_named),
		cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
		cmocka_unit_test(a_truncated_body_is_refused),
		cmocka_unit_test(another_type_version_or_place_is_refused),
		cmocka_unit_test(the_type_of_tls_1_3_is_inside),
		cmocka_unit_test(a_record_is_sealed_as_in_rfc_8448),
		cmocka_unit_test(a_hook_changes_the_block_before_encryption),
		cmocka_unit_test(sizes_are_those_of_the_key_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
