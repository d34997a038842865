#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/diff.h"
#include "tests/unit/sample_record.h"

static void nothing(struct record *r)
{
	(void)r;
}

static void tls10(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, TRI_YES);
}

static void no_tls13(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
}

static void rc4(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030, 0xC02F, 0x0005);
}

static void another_order(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02F, 0xCCA8, 0xC030);
}

static void no_ems(struct record *r)
{
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_NO);
}

static void no_tls12(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_NA);
}

static void unknown_ems(struct record *r)
{
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_UNKNOWN);
}

static void shorter_hsts(struct record *r)
{
	sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = 60;
}

/* Another leaf: its fingerprint stands in the chain, and the chain's id changes with it. */
static void new_leaf(struct record *r)
{
	static const char *const served[] = { CA_SHA, CA_SHA };

	r->certs[1].subject = r->certs[0].subject;
	r->certs[1].not_after = r->certs[0].not_after + 86400;
	for (size_t i = 0; i < r->obs_count; i++) {
		if (r->obs[i].key == OBS_KEY_CHAIN_SERVED)
			r->obs[i].names = served;
		if (r->obs[i].chain)
			r->obs[i].chain = "c2";
	}
}

static void other_leaf(struct record *r)
{
	new_leaf(r);
	r->certs[1].subject = "CN=other.example";
}

static void unreachable(struct record *r)
{
	r->status = STATUS_UNREACHABLE;
	r->obs_count = 0;
}

static void not_asked(struct record *r)
{
	sample_forget(r, OBS_KEY_EMS);
	sample_forget(r, OBS_KEY_ALPN);
}

static void volatile_alone(struct record *r)
{
	r->started += 60;
	r->duration_ms = 1;
	r->connections = 1;
	r->seed = "77";
	record_volatile(r, "server.clock", "ahead_s", "7");
}

/* What was, what is, and a sentence that must be among the changes; NULL: there is none. */
static const struct row {
	void (*before)(struct record *), (*now)(struct record *);
	const char *text;
} rows[] = {
	{ nothing, nothing, NULL },
	{ nothing, volatile_alone, NULL },
	{ nothing, tls10, "TLSv1.0 came back" },
	{ tls10, nothing, "TLSv1.0 is no longer offered" },
	{ tls10, tls10, NULL },
	{ nothing, tls10, "appeared: TLS 1.0 is offered [protocol.tls10]" },
	{ tls10, nothing, "mended: TLS 1.0 is offered [protocol.tls10]" },
	{ nothing, tls10, "grade A+ -> B" },
	{ no_tls13, nothing, "TLSv1.3 is offered now" },
	{ nothing, rc4, "TLSv1.2: cipher suites added: TLS_RSA_WITH_RC4_128_SHA; gone: TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" },
	{ nothing, another_order, "TLSv1.2: cipher suites in another order" },
	{ nothing, no_ems, "TLSv1.2: Extended master secret: yes -> no" },
	{ no_ems, nothing, "mended: Extended master secret is not granted [ext.ems]" },
	{ no_ems, no_tls12, "no longer applicable: Extended master secret is not granted [ext.ems]" },
	{ no_ems, unknown_ems, "not known any more: Extended master secret is not granted [ext.ems]" },
	{ nothing, shorter_hsts, "HSTS max-age, seconds: 63072000 -> 60" },
	{ nothing, new_leaf, "TLSv1.2, RSA: certificate renewed, 61 days left" },
	{ nothing, other_leaf, "TLSv1.2, RSA: certificate replaced, 61 days left" },
	{ nothing, unreachable, "scan ok -> unreachable" },
	{ unreachable, nothing, "scan unreachable -> ok" },
	{ unreachable, unreachable, NULL },
};

static bool told(const struct diff *d, const char *text)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->changes[i].text, text))
			return true;
	return false;
}

static void every_change_is_told_in_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *a = sample_good(), *b = sample_good();
		struct diff d;

		rows[i].before(a);
		rows[i].now(b);
		diff_records(&d, a, b);
		if (rows[i].text ? !told(&d, rows[i].text) : d.count)
			fail_msg("row %zu: %zu changes, the first: %s", i, d.count, d.count ? d.changes[0].text : "none");
		diff_free(&d);
		record_free(a);
		record_free(b);
	}
}

/* A scan of fewer questions tells nothing about the server. */
static void what_one_was_not_asked_is_no_change_of_a_fact(void **state)
{
	struct record *a = sample_good(), *b = sample_good();
	struct diff d;

	(void)state;
	not_asked(b);
	diff_records(&d, a, b);
	for (size_t i = 0; i < d.count; i++)
		assert_string_not_equal(d.changes[i].key, "ext.ems");
	diff_free(&d);
	record_free(a);
	record_free(b);
}

static void an_endpoint_is_target_and_address(void **state)
{
	struct record *a = sample_good(), *b = sample_good();

	(void)state;
	assert_true(diff_same_endpoint(a, b));
	b->ip = "192.0.2.2";
	assert_false(diff_same_endpoint(a, b));
	b->ip = a->ip;
	b->port = 8443;
	assert_false(diff_same_endpoint(a, b));
	record_free(a);
	record_free(b);
}

static void what_only_one_was_asked_is_listed(void **state)
{
	struct record *a = sample_bare(), *b = sample_bare();
	struct diff d;

	(void)state;
	diff_records(&d, a, b);
	assert_int_equal(d.not_compared_n, 0);
	diff_free(&d);
	record_add(b, &(struct obs){ .key = OBS_KEY_SERVER_CLOCK, .text = "right", .probe = "test" });
	diff_records(&d, a, b);
	assert_int_equal(d.count, 0);
	assert_int_equal(d.not_compared_n, 1);
	assert_string_equal(d.not_compared[0].key, "server.clock");
	assert_true(d.not_compared[0].only_now);
	diff_free(&d);
	diff_records(&d, b, a);
	assert_int_equal(d.not_compared_n, 1);
	assert_false(d.not_compared[0].only_now);
	diff_free(&d);
	record_free(a);
	record_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_one_was_asked_is_listed),
		cmocka_unit_test(every_change_is_told_in_its_words),
		cmocka_unit_test(what_one_was_not_asked_is_no_change_of_a_fact),
		cmocka_unit_test(an_endpoint_is_target_and_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
