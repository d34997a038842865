#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/ct.h"
#include "tests/unit/ct_mint.h"
#include "tests/unit/mint.h"

enum { ONE, TWO, TWO_AGAIN, RETIRED, PENDING, RSA_LOG, LOGS };

static const struct minted *ca, *leaf, *long_leaf, *keys[LOGS], *stranger;
static struct cert *ca_cert, *leaf_cert;
static struct ct_log log_rows[LOGS];
static struct ct_logs logs = { log_rows, LOGS, 0, MINT_NOW - 86400 };
static struct arena arena;

static int set_up(void **state)
{
	static const struct {
		const char *operator;
		enum ct_log_state state;
	} rows[LOGS] = {
		[ONE] = { "One", CT_LOG_USABLE },
		[TWO] = { "Two", CT_LOG_QUALIFIED },
		[TWO_AGAIN] = { "Two", CT_LOG_READONLY },
		[RETIRED] = { "Three", CT_LOG_RETIRED },
		[PENDING] = { "Four", CT_LOG_PENDING },
		[RSA_LOG] = { "Five", CT_LOG_USABLE },
	};

	(void)state;
	ca = MINT(.name = "CA", .ca = true);
	leaf = MINT(.name = "leaf", .by = ca, .names = "DNS:example.org");
	long_leaf = MINT(.name = "long", .by = ca, .from_day = -30, .to_day = 300);
	stranger = MINT(.name = "nobody's log");
	for (size_t i = 0; i < LOGS; i++) {
		keys[i] = MINT(.name = "log", .key = i == RSA_LOG ? "RSA:2048" : NULL);
		log_rows[i] = ct_mint_log(&arena, keys[i], rows[i].operator, rows[i].state);
		log_rows[i].since = MINT_NOW - 20 * 86400;
	}
	ca_cert = cert_parse(ca->der.p, ca->der.n);
	leaf_cert = cert_parse(leaf->der.p, leaf->der.n);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cert_free(ca_cert);
	cert_free(leaf_cert);
	arena_free(&arena);
	mint_close();
	return 0;
}

static uint8_t room[16384];

static struct span written(const struct wr *w)
{
	return (struct span){ w->buf, w->len };
}

/* A certificate with one timestamp in it of each of these logs; the caller frees it. */
static struct cert *cert_with(const struct minted *c, const int *which, size_t n, uint64_t ms)
{
	struct wr list = wr_of(room, sizeof room);
	struct span der;

	for (size_t i = 0; i < n; i++)
		CT_MINT(&list, .log = keys[which[i]], .cert = c, .issuer = ca, .timestamp_ms = ms);
	der = ct_mint_cert(&arena, c, ca, written(&list));
	return cert_parse(der.p, der.n);
}

static struct scts read_checked(const struct cert *c, const struct cert *issuer, const struct ct_logs *given)
{
	struct scts s = { 0 };
	struct span list;

	assert_true(scts_of_cert(c, &list));
	scts_read(&s, SCT_CERTIFICATE, list);
	scts_check(&s, c, issuer, given, MINT_NOW);
	return s;
}

static void a_timestamp_in_the_certificate_is_verified(void **state)
{
	struct cert *c = cert_with(leaf, (const int[]){ ONE, TWO, RSA_LOG }, 3, 0);
	struct scts s = read_checked(c, ca_cert, &logs);

	(void)state;
	assert_int_equal(s.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(sct_verdict_name(s.v[i].verdict), "valid");
	assert_ptr_equal(s.v[0].log, &log_rows[ONE]);
	assert_int_equal(s.v[0].timestamp_ms, CT_MINT_MS);
	assert_false(s.malformed[SCT_CERTIFICATE]);
	cert_free(c);
}

static void without_a_list_or_an_issuer_nothing_is_verified(void **state)
{
	struct cert *c = cert_with(leaf, (const int[]){ ONE, TWO }, 2, 0);
	struct scts s = read_checked(c, ca_cert, NULL);

	(void)state;
	assert_int_equal(s.n, 2);
	assert_int_equal(s.v[0].verdict, SCT_NOT_VERIFIED);
	s = read_checked(c, NULL, &logs);
	assert_int_equal(s.v[0].verdict, SCT_NO_ISSUER);
	s = read_checked(c, leaf_cert, &logs);
	assert_int_equal(s.v[0].verdict, SCT_BAD_SIGNATURE);
	cert_free(c);
}

/* Of an extension, the list of extensions and the certificate: in one byte, two and three. */
static void lengths_of_every_width_are_written_anew(void **state)
{
	static const unsigned sizes[] = { 0, 3, 8, 30, 100, 120 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const struct minted *m = MINT(.name = "many", .by = ca, .more_exts = sizes[i]);
		struct cert *c = cert_with(m, (const int[]){ ONE }, 1, 0);
		struct scts s = read_checked(c, ca_cert, &logs);

		assert_int_equal(s.v[0].verdict, SCT_VALID);
		cert_free(c);
	}
}

static const char *word_of(const struct ct_mint *m)
{
	struct wr list = wr_of(room, sizeof room);
	struct scts s = { 0 };

	ct_mint_sct(&list, m);
	scts_read(&s, SCT_HANDSHAKE, written(&list));
	scts_check(&s, leaf_cert, ca_cert, &logs, MINT_NOW);
	assert_int_equal(s.n, 1);
	return sct_verdict_name(s.v[0].verdict);
}

#define WORD(...) word_of(&(struct ct_mint){ .cert = leaf, __VA_ARGS__ })

static void a_timestamp_of_the_handshake_is_about_the_whole_certificate(void **state)
{
	(void)state;
	assert_string_equal(WORD(.log = keys[ONE]), "valid");
	assert_string_equal(WORD(.log = keys[ONE], .extensions = { (const uint8_t *)"\0\0\5leaf!", 8 }), "valid");
	assert_string_equal(WORD(.log = keys[ONE], .issuer = ca), "bad_signature");
	assert_string_equal(WORD(.log = keys[ONE], .der = ca->der), "bad_signature");
	assert_string_equal(WORD(.log = keys[ONE], .spoilt = true), "bad_signature");
	assert_string_equal(WORD(.log = stranger), "unknown_log");
	assert_string_equal(WORD(.log = keys[ONE], .timestamp_ms = (uint64_t)(MINT_NOW + 60) * 1000), "in_future");
	assert_string_equal(WORD(.log = keys[ONE], .hash = 2), "unsupported");
	assert_string_equal(WORD(.log = keys[ONE], .version = 1), "unsupported");
}

static void a_repeated_timestamp_counts_once_and_too_many_are_cut(void **state)
{
	static uint8_t large[65535];
	struct wr list = wr_of(large, sizeof large);
	struct scts s = { 0 };

	(void)state;
	CT_MINT(&list, .log = keys[ONE], .cert = leaf);
	scts_read(&s, SCT_HANDSHAKE, written(&list));
	scts_read(&s, SCT_HANDSHAKE, written(&list));
	assert_int_equal(s.n, 1);
	for (unsigned i = 1; i <= SCTS_MAX; i++)
		CT_MINT(&list, .log = keys[ONE], .cert = leaf, .timestamp_ms = i);
	scts_read(&s, SCT_HANDSHAKE, written(&list));
	assert_int_equal(s.n, SCTS_MAX);
	assert_true(s.cut);
}

static void every_cut_list_is_malformed_and_keeps_what_came_before(void **state)
{
	struct wr list = wr_of(room, sizeof room);
	size_t first;

	(void)state;
	CT_MINT(&list, .log = keys[ONE], .cert = leaf);
	first = list.len;
	CT_MINT(&list, .log = keys[TWO], .cert = leaf);
	for (size_t n = 1; n < list.len; n++) {
		struct scts s = { 0 };

		scts_read(&s, SCT_STAPLE, (struct span){ room, n });
		assert_int_equal(s.malformed[SCT_STAPLE], n != first);
		assert_int_equal(s.n, n >= first);
	}
}

static void an_extension_that_holds_no_list_is_malformed(void **state)
{
	struct cert *none = cert_parse(ca->der.p, ca->der.n);
	struct span list, der = ct_mint_cert(&arena, leaf, ca, (struct span){ (const uint8_t *)"\0\5abcd", 6 });
	struct cert *c = cert_parse(der.p, der.n);
	struct scts s = { 0 };

	(void)state;
	assert_true(scts_of_cert(none, &list));
	assert_int_equal(list.n, 0);
	assert_true(scts_of_cert(c, &list));
	scts_read(&s, SCT_CERTIFICATE, list);
	assert_true(s.malformed[SCT_CERTIFICATE]);
	c->exts[CERT_EXT_SCT_LIST].n--;
	assert_false(scts_of_cert(c, &list));
	cert_free(c);
	cert_free(none);
}

static void every_word_is_there(void **state)
{
	(void)state;
	for (int i = 0; i < SCT_VERDICTS; i++)
		assert_non_null(sct_verdict_name((enum sct_verdict)i));
	for (int i = 0; i < SCT_SOURCES; i++)
		assert_non_null(sct_source_name((enum sct_source)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timestamp_in_the_certificate_is_verified),
		cmocka_unit_test(without_a_list_or_an_issuer_nothing_is_verified),
		cmocka_unit_test(lengths_of_every_width_are_written_anew),
		cmocka_unit_test(a_timestamp_of_the_handshake_is_about_the_whole_certificate),
		cmocka_unit_test(a_repeated_timestamp_counts_once_and_too_many_are_cut),
		cmocka_unit_test(every_cut_list_is_malformed_and_keeps_what_came_before),
		cmocka_unit_test(an_extension_that_holds_no_list_is_malformed),
		cmocka_unit_test(every_word_is_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
