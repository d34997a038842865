/* What a server answers to extensions, in which message: the engine finds it, and nothing that was not said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "scanner/base/text.h"
#include "tests/sim/sim_scan.h"

struct scene {
	struct server_config config;
	struct sim_scan sim;
	struct record *r;
};

static const char *const select_these[] = { "extensions", NULL };

static void scan(struct scene *s, const char *config)
{
	char wrong[128];

	config_sound(&s->config);
	if (!config_read(&s->config, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(&s->sim, 1);
	s->sim.scan.options.select = select_these;
	s->r = sim_scan_one(&s->sim, &s->config);
}

static void end(struct scene *s)
{
	sim_scan_free(&s->sim);
	config_free(&s->config);
}

static const struct obs *obs_named(const struct scene *s, enum obs_key key, uint16_t version, const char *name)
{
	for (size_t i = 0; i < s->r->obs_count; i++) {
		const struct obs *o = &s->r->obs[i];

		if (o->key == key && o->protocol == version && (!name || (o->name && !strcmp(o->name, name))))
			return o;
	}
	return NULL;
}

static bool said(const struct scene *s, uint16_t version, const char *message, uint16_t code)
{
	const struct obs *o = obs_named(s, OBS_KEY_EXTENSIONS_LIST, version, message);

	for (size_t i = 0; o && i < o->count; i++)
		if (o->codes[i] == code)
			return true;
	return false;
}

static void expect(const struct scene *s, enum obs_key key, uint16_t version, enum tri wanted)
{
	if (record_tri(s->r, key, version) != wanted)
		fail_msg("%s of %04x is %s, not %s", obs_kinds[key].key, version,
		        tri_name(record_tri(s->r, key, version)), tri_name(wanted));
}

static uint64_t connections_of(const struct scene *s, const char *probe)
{
	for (size_t i = 0; i < s->r->probes_count; i++)
		if (!strcmp(s->r->probes[i].id, probe))
			return s->r->probes[i].connections;
	return 0;
}

static void a_server_that_answers_nothing_costs_one_question_for_each_version(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "");
	assert_int_equal(s.r->status, STATUS_OK);
	assert_int_equal(connections_of(&s, "extensions.tls13"), 1);
	assert_int_equal(connections_of(&s, "extensions.clear"), 3);
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS13, TRI_NO);
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS10, TRI_NO);
	expect(&s, OBS_KEY_TRUNCATED_HMAC, VER_TLS12, TRI_NO);
	expect(&s, OBS_KEY_TRUNCATED_HMAC, VER_TLS13, TRI_ABSENT);
	expect(&s, OBS_KEY_MAX_FRAGMENT, VER_TLS13, TRI_NO);
	expect(&s, OBS_KEY_RECORD_SIZE_LIMIT, VER_TLS13, TRI_NO);
	expect(&s, OBS_KEY_RAW_KEY, VER_TLS13, TRI_NO);
	expect(&s, OBS_KEY_DELEGATED, VER_TLS13, TRI_NO);
	expect(&s, OBS_KEY_ECH, VER_TLS13, TRI_NO);
	assert_int_equal(obs_named(&s, OBS_KEY_CERT_COMPRESSION, VER_TLS13, NULL)->count, 0);
	assert_int_equal(obs_named(&s, OBS_KEY_NPN, VER_TLS12, NULL)->count, 0);
	assert_null(record_find(s.r, OBS_KEY_VIOLATION, 0));
	assert_non_null(record_find(s.r, OBS_KEY_CHAIN_SERVED, VER_TLS13));
	end(&s);
}

static void each_answer_is_listed_with_its_message(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "client_auth=ask\nextensions=SH:heartbeat:01,SH:truncated_hmac:,SH:trusted_ca_keys:,"
	         "SH:status_request_v2:,SH:next_protocol_negotiation:02683208687474702f312e31,"
	         "EE:heartbeat:02,EE:client_certificate_type:02,EE:encrypted_client_hello:0003aabbcc,"
	         "CT:transparency_info:,CR:signature_algorithms_cert:00020403,NST:0x0A0A:");
	for (uint16_t v = VER_TLS10; v <= VER_TLS12; v++) {
		assert_true(said(&s, v, "SH", EXT_HEARTBEAT));
		assert_true(said(&s, v, "SH", EXT_NPN));
		expect(&s, OBS_KEY_TRUNCATED_HMAC, v, TRI_YES);
		expect(&s, OBS_KEY_TRUSTED_CA_KEYS, v, TRI_YES);
		expect(&s, OBS_KEY_STATUS_REQUEST_V2, v, TRI_YES);
	}
	assert_true(said(&s, VER_TLS13, "EE", EXT_HEARTBEAT));
	assert_true(said(&s, VER_TLS13, "EE", EXT_ECH));
	assert_true(said(&s, VER_TLS13, "EE", EXT_ALPN));
	assert_true(said(&s, VER_TLS13, "CT", 52));
	assert_true(said(&s, VER_TLS13, "CR", 50));
	assert_true(said(&s, VER_TLS13, "CR", EXT_SIGNATURE_ALGORITHMS));
	assert_true(said(&s, VER_TLS13, "NST", 0x0A0A));
	assert_true(said(&s, VER_TLS13, "SH", EXT_KEY_SHARE));
	assert_false(said(&s, VER_TLS13, "SH", EXT_HEARTBEAT));
	expect(&s, OBS_KEY_ECH, VER_TLS13, TRI_YES);
	expect(&s, OBS_KEY_CLIENT_RAW_KEY, VER_TLS13, TRI_YES);
	assert_int_equal(obs_named(&s, OBS_KEY_NPN, VER_TLS12, NULL)->count, 2);
	assert_string_equal(obs_named(&s, OBS_KEY_NPN, VER_TLS12, NULL)->names[1], "http/1.1");
	assert_null(record_find(s.r, OBS_KEY_VIOLATION, 0));
	end(&s);
}

static void what_record_size_limit_hides_is_asked_again(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "client_auth=ask\nextensions=EE:record_size_limit:0040,EE:max_fragment_length:04,NST:0x0A0A:");
	expect(&s, OBS_KEY_RECORD_SIZE_LIMIT, VER_TLS13, TRI_YES);
	expect(&s, OBS_KEY_MAX_FRAGMENT, VER_TLS13, TRI_YES);
	assert_int_equal(record_find(s.r, OBS_KEY_RECORD_SIZE_BYTES, VER_TLS13)->number, 0x40);
	assert_true(said(&s, VER_TLS13, "NST", 0x0A0A)); /* it went through with records so small */
	assert_int_equal(connections_of(&s, "extensions.tls13"), 2);
	end(&s);
}

static void a_raw_key_is_told_and_verified_and_the_credential_behind_it(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.2,TLSv1.3\nchains=rsa\nraw_key=yes\ndelegate=ecdsa");
	expect(&s, OBS_KEY_RAW_KEY, VER_TLS12, TRI_YES);
	expect(&s, OBS_KEY_RAW_KEY, VER_TLS13, TRI_YES);
	expect(&s, OBS_KEY_DELEGATED, VER_TLS13, TRI_YES);
	assert_int_equal(record_find(s.r, OBS_KEY_DELEGATED_VALID, VER_TLS13)->number, 600000);
	assert_string_equal(record_find(s.r, OBS_KEY_DELEGATED_VALID, VER_TLS13)->name, "ecdsa_secp256r1_sha256");
	assert_null(record_find(s.r, OBS_KEY_VIOLATION, 0));
	end(&s);
}

static void a_credential_that_the_certificate_did_not_sign_is_no_pick(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.3\nchains=rsa\ndelegate=ecdsa\nrow=signature_wrong_13");
	assert_int_not_equal(record_tri(s.r, OBS_KEY_DELEGATED, VER_TLS13), TRI_YES);
	assert_int_not_equal(record_tri(s.r, OBS_KEY_DELEGATED, VER_TLS13), TRI_NO);
	end(&s);
}

static void compressions_are_offered_until_none_is_taken(void **state)
{
	const struct obs *o;
	struct scene s;

	(void)state;
	scan(&s, "compress=yes");
	o = record_find(s.r, OBS_KEY_CERT_COMPRESSION, VER_TLS13);
	assert_int_equal(o->count, 1);
	assert_string_equal(o->names[0], "zlib");
	assert_null(o->reason);
	assert_int_equal(connections_of(&s, "extensions.tls13"), 2);
	end(&s);
}

static void an_extension_that_is_refused_is_found_and_named(void **state)
{
	const struct obs *o;
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.2,TLSv1.3\ndislikes=heartbeat");
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++) {
		o = record_find(s.r, OBS_KEY_EXTENSIONS_REFUSED, v);
		assert_int_equal(o->count, 1);
		assert_int_equal(o->codes[0], EXT_HEARTBEAT);
		expect(&s, OBS_KEY_HEARTBEAT, v, TRI_UNKNOWN);
		expect(&s, OBS_KEY_RAW_KEY, v, TRI_NO);
		expect(&s, OBS_KEY_MAX_FRAGMENT, v, TRI_NO);
	}
	assert_int_equal(s.r->status, STATUS_OK);
	end(&s);
}

static void a_server_that_chokes_on_many_is_asked_with_fewer(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.2,TLSv1.3\nmax_extensions=19\nextensions=SH:heartbeat:01,EE:heartbeat:01");
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS12, TRI_YES);
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS13, TRI_YES);
	expect(&s, OBS_KEY_RAW_KEY, VER_TLS12, TRI_NO);
	assert_int_equal(record_find(s.r, OBS_KEY_EXTENSIONS_REFUSED, VER_TLS12)->count, 0);
	end(&s);
}

static void what_is_met_with_silence_is_unknown(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.2,TLSv1.3\ndislikes=heartbeat\nrefuse=silence");
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS12, TRI_UNKNOWN);
	expect(&s, OBS_KEY_HEARTBEAT, VER_TLS13, TRI_UNKNOWN);
	assert_true(connections_of(&s, "extensions.tls13") <= 4);
	assert_int_equal(s.r->status, STATUS_PARTIAL);
	end(&s);
}

static void a_value_that_may_not_be_said_is_a_violation(void **state)
{
	struct scene s;

	(void)state;
	scan(&s, "versions=TLSv1.2\nextensions=SH:record_size_limit:0001");
	assert_string_equal(record_find(s.r, OBS_KEY_VIOLATION, 0)->text, "PROTOCOL_EXTENSION_VALUE");
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_answers_nothing_costs_one_question_for_each_version),
		cmocka_unit_test(each_answer_is_listed_with_its_message),
		cmocka_unit_test(what_record_size_limit_hides_is_asked_again),
		cmocka_unit_test(a_raw_key_is_told_and_verified_and_the_credential_behind_it),
		cmocka_unit_test(a_credential_that_the_certificate_did_not_sign_is_no_pick),
		cmocka_unit_test(compressions_are_offered_until_none_is_taken),
		cmocka_unit_test(an_extension_that_is_refused_is_found_and_named),
		cmocka_unit_test(a_server_that_chokes_on_many_is_asked_with_fewer),
		cmocka_unit_test(what_is_met_with_silence_is_unknown),
		cmocka_unit_test(a_value_that_may_not_be_said_is_a_violation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
