#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"

#define SHA_LEAF "1111111111111111111111111111111111111111111111111111111111111111"
#define SHA_CA   "2222222222222222222222222222222222222222222222222222222222222222"
#define SHA_ROOT "3333333333333333333333333333333333333333333333333333333333333333"
#define SHA_BAD  "4444444444444444444444444444444444444444444444444444444444444444"
#define PEM      "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

/* ---- a record with something of everything
 * ------------------------------------------------------------------ */

static const uint32_t kinds[] = { 0x010080, 0x0700C0 };
static const uint32_t suites12[] = { 0xC02F, 0xC030, 0x002F, 0xABCD };
static const uint32_t suites13[] = { 0x1302, 0x1301 };
static const uint32_t groups_rsa[] = { 0x001D, 0x0017 };
static const uint32_t groups_ecdsa[] = { 0x0018, 0x0017 };
static const uint32_t groups13[] = { 0x11EC, 0x001D };
static const uint32_t schemes_rsa[] = { 0x0804, 0x0401 };
static const uint32_t schemes_ecdsa[] = { 0x0403 };
static const uint32_t exts[] = { 0x0017, 0xFF01 };
static const uint32_t drafts[] = { 0x7F1C };
static const char *const alpns[] = { "h2", "http/1.1" };
static const char *const served[] = { SHA_LEAF, SHA_CA };
static const char *const issues[] = { "unneeded" };
static const char *const trust_paths[] = { SHA_LEAF " " SHA_CA " " SHA_ROOT, SHA_LEAF " " SHA_ROOT };
static const struct evidence evidence[] = {
	{ "alert", "protocol_version" },
	{ "hostile", "</script>\x1b[31m\xc2\x9b \"quoted\" \xe2\x80\xae" },
};

#define LIST(array)  .codes = array, .count = sizeof array / sizeof *array
#define NAMES(array) .names = array, .count = sizeof array / sizeof *array

static const struct obs sample_obs[] = {
	{ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = VER_TLS13, .tri = TRI_YES, .probe = "protocols" },
	{ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = VER_TLS12, .tri = TRI_YES, .probe = "protocols" },
	{ .key = OBS_KEY_PROTOCOL_OFFERED,
	        .protocol = VER_TLS10,
	        .tri = TRI_NO,
	        .probe = "protocols",
	        .evidence = evidence,
	        .evidence_count = 2 },
	{ .key = OBS_KEY_PROTOCOL_OFFERED,
	        .protocol = VER_SSL3,
	        .tri = TRI_UNKNOWN,
	        .reason = "timeout",
	        .probe = "protocols" },
	{ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = VER_SSL2, .tri = TRI_YES, .probe = "sslv2" },
	{ .key = OBS_KEY_PROTOCOL_DRAFTS, LIST(drafts), .probe = "protocols.drafts" },
	{ .key = OBS_KEY_SUITES_LIST, .protocol = VER_TLS13, LIST(suites13), .probe = "suites.tls13" },
	{ .key = OBS_KEY_SUITES_LIST,
	        .protocol = VER_TLS12,
	        LIST(suites12),
	        .probe = "suites.tls12",
	        .reason = "timeout" },
	{ .key = OBS_KEY_SUITES_LIST, .protocol = VER_SSL2, LIST(kinds), .probe = "sslv2" },
	{ .key = OBS_KEY_SUITES_ORDER,
	        .protocol = VER_TLS13,
	        .text = "server-chacha",
	        .probe = "suites.tls13" },
	{ .key = OBS_KEY_SUITES_ORDER, .protocol = VER_TLS12, .text = "server", .probe = "suites.tls12" },
	{ .key = OBS_KEY_SRP, .protocol = VER_TLS12, .tri = TRI_NA, .probe = "suites.srp" },
	{ .key = OBS_KEY_GROUPS_LIST, .protocol = VER_TLS13, LIST(groups13), .probe = "groups.tls13" },
	{ .key = OBS_KEY_GROUPS_LIST,
	        .protocol = VER_TLS12,
	        .cert = KEY_RSA,
	        LIST(groups_rsa),
	        .probe = "groups.tls12" },
	{ .key = OBS_KEY_GROUPS_LIST,
	        .protocol = VER_TLS12,
	        .cert = KEY_ECDSA,
	        LIST(groups_ecdsa),
	        .probe = "groups.tls12" },
	{ .key = OBS_KEY_GROUPS_ORDER, .protocol = VER_TLS13, .text = "client", .probe = "groups.tls13" },
	{ .key = OBS_KEY_GROUPS_ORDER,
	        .protocol = VER_TLS12,
	        .cert = KEY_RSA,
	        .text = "server",
	        .probe = "groups.tls12" },
	{ .key = OBS_KEY_GROUPS_ORDER,
	        .protocol = VER_TLS12,
	        .cert = KEY_ECDSA,
	        .text = "client",
	        .probe = "groups.tls12" },
	{ .key = OBS_KEY_DH_BITS,
	        .protocol = VER_TLS12,
	        .number = 2048,
	        .name = "RFC 3526 group 14 (2048 bits)",
	        .sha256 = SHA_ROOT,
	        .probe = "groups.tls12" },
	{ .key = OBS_KEY_DH_BITS, .protocol = VER_TLS10, .number = 1000, .probe = "groups.tls10" },
	{ .key = OBS_KEY_SCHEMES_LIST,
	        .protocol = VER_TLS12,
	        .cert = KEY_RSA,
	        LIST(schemes_rsa),
	        .probe = "schemes.tls12" },
	{ .key = OBS_KEY_SCHEMES_LIST,
	        .protocol = VER_TLS12,
	        .cert = KEY_ECDSA,
	        LIST(schemes_ecdsa),
	        .probe = "schemes.tls12" },
	{ .key = OBS_KEY_SCHEMES_ORDER,
	        .protocol = VER_TLS12,
	        .cert = KEY_RSA,
	        .text = "client",
	        .probe = "schemes.tls12" },
	{ .key = OBS_KEY_EXTENSIONS_LIST, .protocol = VER_TLS12, LIST(exts), .probe = "extensions" },
	{ .key = OBS_KEY_EMS, .protocol = VER_TLS12, .tri = TRI_YES, .probe = "ext.ems" },
	{ .key = OBS_KEY_ALPN, .protocol = VER_TLS13, NAMES(alpns), .probe = "ext.alpn" },
	{ .key = OBS_KEY_CHAIN_SERVED,
	        .protocol = VER_TLS13,
	        .sni = TRI_YES,
	        .chain = "a",
	        NAMES(served),
	        .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_SERVED,
	        .protocol = VER_TLS12,
	        .sni = TRI_YES,
	        .chain = "a",
	        NAMES(served),
	        .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_SERVED,
	        .protocol = VER_TLS12,
	        .sni = TRI_NO,
	        .chain = "a",
	        NAMES(served),
	        .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_HOSTNAME, .sni = TRI_YES, .chain = "a", .text = "match", .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_ISSUES, .sni = TRI_YES, .chain = "a", NAMES(issues), .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_TRUST,
	        .sni = TRI_YES,
	        .chain = "a",
	        .name = "mozilla",
	        .tri = TRI_YES,
	        NAMES(trust_paths),
	        .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_TRUST,
	        .sni = TRI_YES,
	        .chain = "a",
	        .name = "system",
	        .tri = TRI_NO,
	        .reason = "no_anchor",
	        .probe = "chains" },
	{ .key = OBS_KEY_CHAIN_TRUST,
	        .sni = TRI_NO,
	        .chain = "a",
	        .name = "system",
	        .tri = TRI_UNKNOWN,
	        .reason = "limit",
	        .probe = "chains" },
	{ .key = OBS_KEY_CONCURRENCY, .number = 1, .probe = "protocols" },
};

static const char *const leaf_names[] = { "example.org", "*.example.org", "192.0.2.1" };

static const char *const leaf_names_hex[] = { "1b5b" };

static const struct cert_info sample_certs[] = {
	{ .sha256 = SHA_LEAF,
	        .subject = "CN=example.org",
	        .issuer = "CN=CA \xc3\xa9",
	        .not_before = 1767225600,
	        .not_after = 1798761599,
	        .key = KEY_RSA,
	        .key_bits = 2048,
	        .exponent = "65537",
	        .signature = "sha256WithRSAEncryption",
	        .dns_names = leaf_names,
	        .dns_names_count = 3,
	        .names_cut = true,
	        .names_count = 10000,
	        .subject_hex = "3000",
	        .issuer_hex = "3001",
	        .dns_names_hex = leaf_names_hex,
	        .dns_names_hex_count = 1,
	        .serial = "0a1b",
	        .pem = PEM },
	{ .sha256 = SHA_CA,
	        .subject = "CN=CA \xc3\xa9",
	        .issuer = "CN=CA \xc3\xa9",
	        .not_before = -62135596800,
	        .not_after = 253402300799,
	        .key = KEY_ECDSA,
	        .key_bits = 256,
	        .curve = "prime256v1",
	        .signature = "ecdsa-with-SHA256",
	        .self_signed = true,
	        .serial = "01",
	        .pem = PEM },
	{ .sha256 = SHA_BAD, .malformed = true, .pem = PEM },
};

static const struct probe_result sample_probes[] = {
	{ .id = "protocols", .state = PROBE_DONE, .connections = 9 },
	{ .id = "vuln.robot", .state = PROBE_SKIPPED, .reason = "not_intrusive" },
	{ .id = "suites.tls12", .state = PROBE_UNKNOWN, .reason = "timeout", .connections = 12 },
};

static struct record *record_sample(void)
{
	struct record *r = record_new();
	struct arena *a = &r->arena;

	r->version = "0.1.0";
	r->started = 1795251600; /* 2026-11-21T09:00:00Z */
	r->duration_ms = 412;
	r->connections = 47;
	r->bytes_sent = 9120;
	r->bytes_received = UINT64_MAX;
	r->seed = "00ff";
	record_volatile(r, "server.clock", "ahead_s", "12");
	record_volatile(r, "server.clock", "by", "random");
	record_volatile(r, "x", "a", "b");
	r->input = "example.org";
	r->host = r->sni = "example.org";
	r->port = 443;
	r->source_file = "targets.txt";
	r->source_line = 3;
	r->ip = "192.0.2.1";
	r->family = "ipv4";
	r->status = STATUS_PARTIAL;
	r->error_code = "timeout";
	r->error_stage = "suites.tls12";
	r->error_message = "the server fell silent";
	r->unstable = true;
	for (size_t i = 0; i < sizeof sample_obs / sizeof *sample_obs; i++)
		record_add(r, &sample_obs[i]);
	record_sort(r);
	r->certs = arena_copy(a, sample_certs, sizeof sample_certs);
	r->certs_count = sizeof sample_certs / sizeof *sample_certs;
	r->probes = arena_copy(a, sample_probes, sizeof sample_probes);
	r->probes_count = sizeof sample_probes / sizeof *sample_probes;
	return r;
}

/* ---- help
 * ---------------------------------------------------------------------------------------------------- */

static struct json_object *parsed(const char *s)
{
	const char *trouble;
	struct json_object *j = json_parse(s, strlen(s), &trouble);

	assert_non_null(j);
	return j;
}

static struct json_object *json_sample(void)
{
	struct record *r = record_sample();
	struct json_object *j = record_to_json(r);

	record_free(r);
	return j;
}

static char *dumped(struct json_object *j)
{
	char *s = json_dump(j, false);

	json_object_put(j);
	return s;
}

/* A member of the sample as text equals this. */
static void assert_json(struct json_object *j, const char *key, const char *expected)
{
	struct json_object *v = NULL;
	char *s;

	assert_true(json_object_object_get_ex(j, key, &v));
	s = json_dump(v, false);
	assert_string_equal(s, expected);
	free(s);
}

static struct json_object *at(struct json_object *j, const char *list, size_t i)
{
	return json_object_array_get_idx(json_object_object_get(j, list), i);
}

/* ---- there and back
 * ------------------------------------------------------------------------------------------ */

static void a_record_read_back_writes_the_same_bytes(void **state)
{
	struct record *r = record_sample(), *back;
	struct json_object *j = record_to_json(r);
	char *first = json_dump(j, false), *second, *why;

	(void)state;
	json_object_put(j);
	j = parsed(first);
	back = record_from_json(j, &why);
	json_object_put(j); /* the record does not live off the document */
	assert_null(why);
	assert_non_null(back);
	second = dumped(record_to_json(back));
	assert_string_equal(first, second);
	assert_int_equal(back->obs_count, r->obs_count);
	assert_int_equal(back->status, STATUS_PARTIAL);
	assert_int_equal(record_tri(back, OBS_KEY_EMS, VER_TLS12), TRI_YES);
	assert_string_equal(record_cert(back, SHA_CA)->curve, "prime256v1");
	record_free(r);
	record_free(back);
	free(first);
	free(second);
}

static void an_empty_record_makes_the_journey_too(void **state)
{
	struct record *r = record_new(), *back;
	struct json_object *j = record_to_json(r);
	char *why, *first, *second;

	(void)state;
	back = record_from_json(j, &why);
	assert_null(why);
	first = dumped(j);
	second = dumped(record_to_json(back));
	assert_string_equal(first, second);
	record_free(r);
	record_free(back);
	free(first);
	free(second);
}

static void pretty_and_plain_say_the_same(void **state)
{
	struct json_object *j = json_sample(), *again;
	char *pretty = json_dump(j, true), *plain = json_dump(j, false), *from_pretty;

	(void)state;
	again = parsed(pretty);
	from_pretty = json_dump(again, false);
	assert_string_equal(plain, from_pretty);
	json_object_put(j);
	json_object_put(again);
	free(pretty);
	free(plain);
	free(from_pretty);
}

static void nothing_in_the_text_can_steer_a_terminal(void **state)
{
	char *s = dumped(json_sample());
	struct text visible = { 0 };

	(void)state;
	text_visible(&visible, s);
	assert_string_equal(text_str(&visible), s);
	assert_non_null(strstr(s, "</script>\\u001b[31m\\u009b \\\"quoted\\\" \\u202e"));
	text_free(&visible);
	free(s);
}

/* ---- what is written
 * ----------------------------------------------------------------------------------------- */

static void fixed_keys_hold_what_was_scanned(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(j, "schema", "\"tlsassay/1\"");
	assert_json(j, "tool", "{\"name\":\"tlsassay\",\"version\":\"0.1.0\"}");
	assert_json(j, "scan",
	        "{\"started\":\"2026-11-21T09:00:00Z\",\"duration_ms\":412,\"connections\":47,\"bytes_sent\":"
	        "9120,"
	        "\"bytes_received\":18446744073709551615,\"seed\":\"00ff\",\"evidence\":{\"server.clock\":{"
	        "\"ahead_s\":\"12\",\"by\":\"random\"},\"x\":{\"a\":\"b\"}}}");
	assert_json(j, "target",
	        "{\"input\":\"example.org\",\"host\":\"example.org\",\"port\":443,\"transport\":\"tcp\","
	        "\"sni\":\"example.org\",\"starttls\":null,\"source\":{\"file\":\"targets.txt\",\"line\":3}"
	        "}");
	assert_json(j, "endpoint", "{\"ip\":\"192.0.2.1\",\"family\":\"ipv4\"}");
	assert_json(j, "status", "\"partial\"");
	assert_json(j, "error",
	        "{\"code\":\"timeout\",\"stage\":\"suites.tls12\",\"message\":\"the server fell silent\"}");
	assert_json(j, "unstable", "true");
	json_object_put(j);
}

static void protocols_carry_their_state_and_why_it_is_unknown(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(j, "protocols",
	        "[{\"name\":\"TLSv1.3\",\"id\":\"0x0304\",\"offered\":\"yes\"},"
	        "{\"name\":\"TLSv1.2\",\"id\":\"0x0303\",\"offered\":\"yes\"},"
	        "{\"name\":\"TLSv1.0\",\"id\":\"0x0301\",\"offered\":\"no\"},"
	        "{\"name\":\"SSLv3\",\"id\":\"0x0300\",\"offered\":\"unknown\",\"reason\":\"timeout\"},"
	        "{\"name\":\"SSLv2\",\"id\":\"0x0002\",\"offered\":\"yes\"}]");
	json_object_put(j);
}

static void suites_are_named_and_a_sweep_cut_short_is_not_complete(void **state)
{
	struct json_object *j = json_sample(), *tls12 = at(j, "suites", 1), *ssl2 = at(j, "suites", 2);

	(void)state;
	assert_json(at(j, "suites", 0), "order", "\"server-chacha\"");
	assert_false(json_object_object_get_ex(at(j, "suites", 0), "complete", NULL));
	assert_json(tls12, "order", "\"server\"");
	assert_json(tls12, "complete", "false");
	assert_json(at(tls12, "list", 0), "name", "\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"");
	assert_json(at(tls12, "list", 0), "openssl", "\"ECDHE-RSA-AES128-GCM-SHA256\"");
	assert_json(at(tls12, "list", 0), "kx", "\"ECDHE\"");
	assert_json(at(tls12, "list", 0), "auth", "\"RSA\"");
	assert_json(at(tls12, "list", 0), "bits", "128");
	assert_json(at(tls12, "list", 3), "id", "\"0xABCD\""); /* a code of nobody's */
	assert_json(at(tls12, "list", 3), "name", "null");
	assert_json(ssl2, "order", "\"unknown\"");
	assert_json(at(ssl2, "list", 0), "id", "\"0x010080\"");
	assert_json(at(ssl2, "list", 0), "bits", "128");
	json_object_put(j);
}

static void groups_of_all_certificates_are_one_list_without_doubles(void **state)
{
	struct json_object *j = json_sample(), *tls12 = at(j, "groups", 1);
	static const char *const ids[] = { "\"0x001D\"", "\"0x0017\"", "\"0x0018\"" };

	(void)state;
	assert_int_equal(json_object_array_length(json_object_object_get(j, "groups")), 2);
	assert_json(at(j, "groups", 0), "order", "\"client\"");
	assert_json(at(at(j, "groups", 0), "list", 0), "pq", "true");
	assert_int_equal(json_object_array_length(json_object_object_get(tls12, "list")), 3);
	for (size_t i = 0; i < 3; i++)
		assert_json(at(tls12, "list", i), "id", ids[i]);
	assert_json(tls12, "order", "\"unknown\""); /* the certificate types disagree */
	json_object_put(j);
}

static void signature_schemes_stand_by_certificate(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(j, "signature_schemes",
	        "[{\"protocol\":\"TLSv1.2\",\"certificate\":\"RSA\",\"order\":\"client\",\"list\":["
	        "{\"id\":\"0x0804\",\"name\":\"rsa_pss_rsae_sha256\"},"
	        "{\"id\":\"0x0401\",\"name\":\"rsa_pkcs1_sha256\"}]},"
	        "{\"protocol\":\"TLSv1.2\",\"certificate\":\"ECDSA\",\"order\":\"unknown\",\"list\":["
	        "{\"id\":\"0x0403\",\"name\":\"ecdsa_secp256r1_sha256\"}]}]");
	json_object_put(j);
}

static void extensions_and_moduli_are_flat_lists(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(j, "extensions",
	        "[{\"id\":\"0x0017\",\"name\":\"extended_master_secret\",\"protocol\":\"TLSv1.2\"},"
	        "{\"id\":\"0xFF01\",\"name\":\"renegotiation_info\",\"protocol\":\"TLSv1.2\"}]");
	assert_json(j, "dh",
	        "[{\"protocol\":\"TLSv1.2\",\"bits\":2048,\"name\":\"RFC 3526 group 14 (2048 "
	        "bits)\",\"sha256\":"
	        "\"" SHA_ROOT "\"},{\"protocol\":\"TLSv1.0\",\"bits\":1000,\"name\":null,\"sha256\":null}]");
	json_object_put(j);
}

static void a_chain_gathers_what_was_seen_of_it(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(j, "chains",
	        "[{\"protocols\":[\"TLSv1.3\",\"TLSv1.2\"],\"sni\":true,\"served\":[\"" SHA_LEAF
	        "\",\"" SHA_CA "\"],\"hostname\":\"match\",\"issues\":[\"unneeded\"],\"trust\":["
	        "{\"store\":\"mozilla\",\"trusted\":true,\"reason\":null,\"paths\":[[\"" SHA_LEAF
	        "\",\"" SHA_CA "\",\"" SHA_ROOT "\"],[\"" SHA_LEAF "\",\"" SHA_ROOT "\"]]},"
	        "{\"store\":\"system\",\"trusted\":false,\"reason\":\"no_anchor\",\"paths\":[]}]},"
	        "{\"protocols\":[\"TLSv1.2\"],\"sni\":false,\"served\":[\"" SHA_LEAF "\",\"" SHA_CA
	        "\"],\"hostname\":\"not_asked\",\"issues\":[],\"trust\":["
	        "{\"store\":\"system\",\"trusted\":null,\"reason\":\"limit\",\"paths\":[]}]}]");
	json_object_put(j);
}

static void of_a_malformed_certificate_only_the_bytes_are_told(void **state)
{
	struct json_object *j = json_sample();

	(void)state;
	assert_json(
	        at(j, "certificates", 0), "key", "{\"type\":\"RSA\",\"bits\":2048,\"exponent\":\"65537\"}");
	assert_json(at(j, "certificates", 1), "not_before", "\"0001-01-01T00:00:00Z\"");
	assert_json(at(j, "certificates", 1), "not_after", "\"9999-12-31T23:59:59Z\"");
	assert_json(at(j, "certificates", 2), "malformed", "true");
	assert_json(at(j, "certificates", 2), "subject", "null");
	assert_json(at(j, "certificates", 2), "key", "null");
	json_object_put(j);
}

static void what_was_not_asked_is_not_written(void **state)
{
	struct record *r = record_new();
	struct json_object *j;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_EMS, .protocol = VER_TLS12, .probe = "ext.ems" });
	j = record_to_json(r);
	assert_json(j, "observations", "[]");
	json_object_put(j);
	record_free(r);
}

/* ---- what is refused
 * ----------------------------------------------------------------------------------------- */

/* The sample with the value at "key", "list/3/key" .. replaced (or taken out: NULL) is refused with this
 * sentence. */
static void assert_refused(const char *where, const char *value, const char *sentence)
{
	struct json_object *j = json_sample(), *in = j;
	struct record *r;
	char path[64], *key, *rest = path, *why;

	assert_true(strlen(where) < sizeof path);
	strcpy(path, where);
	while ((key = strsep(&rest, "/")) && rest)
		in = json_object_is_type(in, json_type_array)
		             ? json_object_array_get_idx(in, strtoul(key, NULL, 10))
		             : json_object_object_get(in, key);
	assert_non_null(in);
	if (value)
		json_set(in, key, parsed(value));
	else
		json_object_object_del(in, key);
	r = record_from_json(j, &why);
	assert_null(r);
	assert_non_null(why);
	assert_string_equal(why, sentence);
	free(why);
	json_object_put(j);
}

static void a_document_that_is_no_record_is_refused_with_a_sentence(void **state)
{
	(void)state;
	assert_refused("schema", "[\"tlsassay/2\"]", "the record: schema is of the wrong type");
	assert_refused("kind", NULL, "the record: kind is missing");
	assert_refused("scan", NULL, "scan: scan is missing");
	assert_refused("scan/started", "{}", "scan: started is of the wrong type");
	assert_refused("target/port", "[]", "target: port is of the wrong type");
	assert_refused("observations", "{}", "the record: observations is of the wrong type");
	assert_refused("observations/0/key", NULL, "observations[0]: key is missing");
	assert_refused("observations/0/value", "[\"yes\"]", "observations[0]: value is of the wrong type");
	assert_refused("observations/6/value", "[\"0xC02F\",\"C030\"]",
	        "observations[6]: value has what is not a code");
	assert_refused("observations/6/value", "[49199]", "observations[6]: value has what is not a code");
	assert_refused("scan/evidence", NULL, "scan: evidence is missing");
	assert_refused("scan/evidence", "{\"a\":1}", "scan: evidence is not a map");
	assert_refused("scan/evidence", "{\"a\":{\"b\":1}}", "scan: evidence is not a text");
	assert_refused("observations/0/evidence", "{\"a\":1}", "observations[0]: evidence is not a text");
	assert_refused("certificates/0/sha256", NULL, "certificates[0]: sha256 is missing");
	assert_refused("certificates/1/key", NULL, "certificates[1]: key is missing");
	assert_refused("probes/1/state", NULL, "probes[1]: state is missing");
}

static void other_json_is_refused_too(void **state)
{
	static const char *const documents[] = { "[]", "{}", "\"text\"", "{\"schema\":\"tlsassay/1\"}",
		"[null]" };
	char *why;

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		struct json_object *j = parsed(documents[i]);

		assert_null(record_from_json(j, &why));
		assert_non_null(why);
		free(why);
		json_object_put(j);
	}
	assert_null(record_from_json(NULL, &why));
	free(why);
}

static void too_many_observations_are_refused(void **state)
{
	struct json_object *j = json_sample(), *list = json_object_object_get(j, "observations");
	char *why;

	(void)state;
	for (int i = 0; i < 4096; i++)
		json_push(list, json_object_get(json_object_array_get_idx(list, 0)));
	assert_null(record_from_json(j, &why));
	assert_string_equal(why, "the record: observations has too many entries");
	free(why);
	json_object_put(j);
}

static void what_a_newer_version_adds_is_passed_over(void **state)
{
	struct json_object *j = json_sample();
	struct record *r;
	char *why;

	(void)state;
	json_set(j, "new", json_list());
	json_set(at(j, "observations", 0), "key", json_text("ext.of_tomorrow"));
	json_set(at(j, "observations", 1), "new", json_int(1));
	r = record_from_json(j, &why);
	assert_null(why);
	assert_int_equal(r->obs_count, sizeof sample_obs / sizeof *sample_obs - 1);
	record_free(r);
	json_object_put(j);
}

static void a_list_that_is_not_whole_stays_so_without_a_reason(void **state)
{
	struct json_object *j = json_sample();
	struct record *r;
	char *why;

	(void)state;
	json_set(at(j, "observations", 6), "complete", json_flag(false));
	r = record_from_json(j, &why);
	assert_null(why);
	assert_string_equal(record_find(r, OBS_KEY_SUITES_LIST, VER_TLS13)->reason, "incomplete");
	record_free(r);
	json_object_put(j);
}

static void only_one_strict_document_is_parsed(void **state)
{
	static const struct {
		const char *s;
		size_t n;
	} bad[] = {
		{ "", 0 },
		{ "null", 4 },
		{ "{", 1 },
		{ "{}x", 3 },
		{ "{} {}", 5 },
		{ "{}\0", 3 },
		{ "[1,]", 4 },
		{ "['a']", 5 },
		{ "[\"\xff\"]", 5 },
		{ "/**/[]", 6 },
	};
	const char *why;
	struct json_object *j;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(json_parse(bad[i].s, bad[i].n, &why));
		assert_non_null(why);
	}
	j = json_parse(" [1] \n", 6, &why);
	assert_non_null(j);
	assert_null(why);
	json_object_put(j);
}

/* ---- time
 * ---------------------------------------------------------------------------------------------------- */

static void time_is_written_as_rfc_3339_and_read_back(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795251600, "2026-11-21T09:00:00Z" },
		{ -62135596800, "0001-01-01T00:00:00Z" },
		{ 253402300799, "9999-12-31T23:59:59Z" },
	};
	char text[24];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		time_text(rows[i].seconds, text);
		assert_string_equal(text, rows[i].text);
		assert_true(time_parse(text, &back));
		assert_int_equal(back, rows[i].seconds);
	}
	for (int64_t s = -62135596800; s < 253402300799; s += 86400 * 13 + 3607) {
		time_text(s, text);
		assert_true(time_parse(text, &back));
		assert_int_equal(back, s);
	}
	time_text(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
	time_text(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void other_spellings_of_a_time_are_understood(void **state)
{
	static const char *const same[] = { "2026-11-21T09:00:00Z", "2026-11-21t09:00:00z",
		"2026-11-21T09:00:00.999Z", "2026-11-21T10:30:00+01:30", "2026-11-20T23:00:00-10:00",
		"2026-11-21T08:59:60Z" };
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		assert_true(time_parse(same[i], &seconds));
		assert_int_equal(seconds, 1795251600);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21 09:00:00Z",
		"2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+0100", "0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01", "+026-01-01T00:00:00Z",
		"2026\r01-01T00:00:00Z" };
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(time_parse(bad[i], &seconds));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_read_back_writes_the_same_bytes),
		cmocka_unit_test(an_empty_record_makes_the_journey_too),
		cmocka_unit_test(pretty_and_plain_say_the_same),
		cmocka_unit_test(nothing_in_the_text_can_steer_a_terminal),
		cmocka_unit_test(fixed_keys_hold_what_was_scanned),
		cmocka_unit_test(protocols_carry_their_state_and_why_it_is_unknown),
		cmocka_unit_test(suites_are_named_and_a_sweep_cut_short_is_not_complete),
		cmocka_unit_test(groups_of_all_certificates_are_one_list_without_doubles),
		cmocka_unit_test(signature_schemes_stand_by_certificate),
		cmocka_unit_test(extensions_and_moduli_are_flat_lists),
		cmocka_unit_test(a_chain_gathers_what_was_seen_of_it),
		cmocka_unit_test(of_a_malformed_certificate_only_the_bytes_are_told),
		cmocka_unit_test(what_was_not_asked_is_not_written),
		cmocka_unit_test(a_document_that_is_no_record_is_refused_with_a_sentence),
		cmocka_unit_test(other_json_is_refused_too),
		cmocka_unit_test(too_many_observations_are_refused),
		cmocka_unit_test(what_a_newer_version_adds_is_passed_over),
		cmocka_unit_test(a_list_that_is_not_whole_stays_so_without_a_reason),
		cmocka_unit_test(only_one_strict_document_is_parsed),
		cmocka_unit_test(time_is_written_as_rfc_3339_and_read_back),
		cmocka_unit_test(other_spellings_of_a_time_are_understood),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
