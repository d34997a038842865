/*
 * Odd hellos, as a scan tells them: each is borne by a sound server, and not by one that has the fault it looks for. A server
 * that is silent, random, or soon blocks is not blamed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SOUND "versions=TLSv1.2,TLSv1.3"
#define QUIRK(name) SOUND "\nquirks=" name

static const struct row {
	const char *name; /* of the probe, behind "tolerance." */
	const char *config;
	enum tri value;
} rows[] = {
	{ "version_14", SOUND, TRI_YES },
	{ "version_14", QUIRK("newer_field"), TRI_NO },
	{ "version_14", QUIRK("newer_field") "\nrefuse=fin", TRI_NO },
	{ "version_14", QUIRK("newer_field") "\nrefuse=reset", TRI_NO },
	{ "version_14", "versions=TLSv1.3", TRI_ABSENT },
	{ "version_14", "versions=TLSv1.0", TRI_YES },
	{ "version_20", SOUND, TRI_YES },
	{ "version_20", QUIRK("newer_field"), TRI_NO },
	{ "versions_newer", SOUND, TRI_YES },
	{ "versions_newer", "versions=TLSv1.2\nquirks=newer_field", TRI_YES }, /* which does not read the list */
	{ "versions_newer", QUIRK("listed_version"), TRI_NO },
	{ "extension_unknown", SOUND, TRI_YES },
	{ "extension_unknown", QUIRK("unknown_extension"), TRI_NO },
	{ "grease_suites", SOUND, TRI_YES },
	{ "grease_suites", QUIRK("unknown_suite"), TRI_NO },
	{ "grease_extensions", SOUND, TRI_YES },
	{ "grease_extensions", QUIRK("unknown_extension"), TRI_NO },
	{ "grease_groups", SOUND, TRI_YES },
	{ "grease_groups", QUIRK("unknown_group"), TRI_NO },
	{ "grease_versions", SOUND, TRI_YES },
	{ "grease_versions", QUIRK("listed_version"), TRI_NO },
	{ "grease_schemes", SOUND, TRI_YES },
	{ "grease_schemes", QUIRK("unknown_scheme"), TRI_NO },
	{ "grease_alpn", SOUND, TRI_YES },
	{ "grease_alpn", SOUND "\nalpn_strict=yes", TRI_YES },
	{ "grease_alpn", QUIRK("unknown_protocol"), TRI_NO },
	{ "grease_psk_modes", SOUND, TRI_YES },
	{ "grease_psk_modes", QUIRK("unknown_psk_mode"), TRI_NO },
	{ "grease", SOUND, TRI_YES },
	{ "grease", "versions=TLSv1.2", TRI_YES },
	{ "grease", QUIRK("unknown_scheme"), TRI_NO },
	{ "post_quantum", SOUND, TRI_YES },
	{ "post_quantum", "versions=TLSv1.3", TRI_YES },
	{ "post_quantum", QUIRK("one_segment"), TRI_NO },
	{ "post_quantum", QUIRK("one_segment") "\nrefuse=silence", TRI_UNKNOWN }, /* there is no time left for it */
	{ "post_quantum", "versions=TLSv1.2\nquirks=one_segment", TRI_ABSENT }, /* that would cost a connection */
	{ "post_quantum_segments", SOUND, TRI_YES },
	{ "post_quantum_segments", "versions=TLSv1.2\nquirks=one_segment", TRI_NO },
	{ "post_quantum_segments", QUIRK("one_read"), TRI_NO },
	{ "post_quantum_records", SOUND, TRI_YES },
	{ "post_quantum_records", QUIRK("one_record"), TRI_NO },
	{ "length_256_511", SOUND, TRI_YES },
	{ "length_256_511", SOUND "\ndrop_256_511=yes", TRI_NO },
	{ "length_segment", SOUND, TRI_YES },
	{ "length_segment", QUIRK("one_segment"), TRI_NO },
	{ "length_record", SOUND, TRI_YES },
	{ "length_record", QUIRK("one_record"), TRI_NO },
	{ "fragment_records", SOUND, TRI_YES },
	{ "fragment_records", QUIRK("one_record"), TRI_NO },
	{ "fragment_segments", SOUND, TRI_YES },
	{ "fragment_segments", QUIRK("one_read"), TRI_NO },
	{ "fragment_segments", QUIRK("one_record"), TRI_YES },
	{ "fragment_header", SOUND, TRI_YES },
	{ "fragment_header", QUIRK("one_read"), TRI_NO },
	{ "session_id_empty", SOUND, TRI_YES },
	{ "session_id_empty", QUIRK("needs_id"), TRI_NO },
	{ "session_id_32", SOUND, TRI_YES },
	{ "session_id_32", QUIRK("knows_ids"), TRI_NO },
	{ "session_id_33", SOUND, TRI_NO },
	{ "session_id_33", SOUND "\nrefuse=silence", TRI_UNKNOWN },
	{ "session_id_33", QUIRK("takes_long_ids"), TRI_YES },
	{ "session_id_33", "versions=TLSv1.2\nquirks=takes_long_ids", TRI_YES },
	{ "suites_64", SOUND, TRI_YES },
	{ "suites_64", SOUND "\nmax_suites=32", TRI_NO },
	{ "suites_128", SOUND, TRI_YES },
	{ "suites_128", SOUND "\nmax_suites=64", TRI_NO },
	{ "suites_all", SOUND, TRI_YES },
	{ "suites_all", SOUND "\nmax_suites=128", TRI_NO },
	{ "sni_missing", SOUND, TRI_YES },
	{ "sni_missing", SOUND "\nsni=needed", TRI_NO },
	{ "sni_other", SOUND, TRI_YES },
	{ "sni_other", SOUND "\nsni=known\nsni_name=host-1.test", TRI_NO },
	{ "sni_long", SOUND, TRI_YES },
	{ "sni_long", QUIRK("short_names"), TRI_NO },
	{ "sni_dot", SOUND, TRI_YES },
	{ "sni_dot", QUIRK("no_dots"), TRI_NO },
	{ "alpn_unknown", SOUND, TRI_YES },
	{ "alpn_unknown", SOUND "\nalpn_strict=yes", TRI_NO },
	{ "compression_unknown", SOUND, TRI_YES },
	{ "compression_unknown", QUIRK("unknown_compression"), TRI_NO },
	{ "compression_missing", SOUND, TRI_NO },
	{ "compression_missing", QUIRK("takes_any_compression"), TRI_YES },
	{ "compression_tls13", SOUND, TRI_NO },
	{ "compression_tls13", QUIRK("takes_any_compression"), TRI_YES },
	{ "compression_tls13", "versions=TLSv1.2", TRI_ABSENT },
	{ "record_version_ssl3", SOUND, TRI_YES },
	{ "record_version_ssl3", QUIRK("record_version"), TRI_NO },
	{ "record_version_tls12", SOUND, TRI_YES },
	{ "record_version_tls12", QUIRK("record_version"), TRI_NO },
	{ "record_version_high", SOUND, TRI_YES },
	{ "record_version_high", QUIRK("record_version"), TRI_NO },
};

static enum tri said(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if ((o->key == OBS_KEY_TOLERANCE || o->key == OBS_KEY_MALFORMED_TAKEN) && !strcmp(o->name, name))
			return o->tri;
	}
	return TRI_ABSENT;
}

static void scan(struct sim_scan *s, struct server_config *c, const char *config, const char *const *select)
{
	char wrong[128];

	config_sound(c);
	if (!config_read(c, config, wrong))
		fail_msg("%s", wrong);
	sim_scan_init(s, 1);
	s->scan.options.select = select;
	sim_scan_one(s, c);
}

static bool try_row(const struct row *row)
{
	char id[64];
	const char *select[] = { id, NULL };
	struct server_config config;
	struct sim_scan s;
	enum tri got;

	snprintf(id, sizeof(id), "tolerance.%s", row->name);
	scan(&s, &config, row->config, select);
	got = said(s.records[0], row->name);
	if (got != row->value)
		print_error("%s on \"%s\": %s, not %s\n", row->name, row->config, tri_name(got), tri_name(row->value));
	sim_scan_free(&s);
	config_free(&config);
	return got == row->value;
}

static void each_odd_hello_is_judged_right(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		wrong += !try_row(&rows[i]);
	assert_int_equal(wrong, 0);
}

/* NULL: another kind of probe. */
static const char *name_of(const struct probe *p)
{
	static const char area[] = "tolerance.";

	return strncmp(p->id, area, sizeof(area) - 1) ? NULL : p->id + sizeof(area) - 1;
}

static bool must_be_refused(const char *name)
{
	return !strcmp(name, "session_id_33") || !strncmp(name, "compression_", 12);
}

static bool has_row(const char *name, enum tri value)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!strcmp(rows[i].name, name) && rows[i].value == value)
			return true;
	return false;
}

static void each_probe_has_a_server_for_yes_and_one_for_no(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; probes[i]; i++) {
		const char *name = name_of(probes[i]);

		n += name != NULL;
		if (name && (!has_row(name, TRI_YES) || !has_row(name, TRI_NO)))
			fail_msg("%s: no server makes it say yes, or none no", probes[i]->id);
	}
	assert_int_equal(n, 38);
}

/* Nothing but what the fault is about. */
static void a_fault_is_told_by_the_rows_that_it_breaks_and_no_other(void **state)
{
	static const char *const all[] = { "tolerance", NULL };
	static const char *const broken[] = { "grease_schemes", "grease" };
	struct server_config config;
	struct sim_scan s;

	(void)state;
	scan(&s, &config, QUIRK("unknown_scheme"), all);
	for (size_t i = 0; probes[i]; i++) {
		const char *name = name_of(probes[i]);
		bool wrong = name && (!strcmp(name, broken[0]) || !strcmp(name, broken[1]));
		enum tri got = name ? said(s.records[0], name) : TRI_ABSENT;

		if (name && got != TRI_ABSENT && !must_be_refused(name) && got != (wrong ? TRI_NO : TRI_YES))
			fail_msg("%s: %s", name, tri_name(got));
	}
	sim_scan_free(&s);
	config_free(&config);
}

/* A server that blocks after some connections, or lets them wait: what it no longer answers is no fault of its. */
static void a_server_that_begins_to_block_is_not_blamed(void **state)
{
	static const char *const all[] = { "tolerance", NULL };

	(void)state;
	for (unsigned after = 30; after < 90; after += 7) {
		char text[128];
		struct server_config config;
		struct sim_scan s;

		snprintf(text, sizeof(text), SOUND "\n%s_after=%u", after % 2 ? "refuse" : "tarpit", after);
		scan(&s, &config, text, all);
		for (size_t i = 0; i < s.records[0]->obs_count; i++)
			if (s.records[0]->obs[i].key == OBS_KEY_TOLERANCE)
				assert_int_not_equal(s.records[0]->obs[i].tri, TRI_NO);
		sim_scan_free(&s);
		config_free(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_odd_hello_is_judged_right),
		cmocka_unit_test(each_probe_has_a_server_for_yes_and_one_for_no),
		cmocka_unit_test(a_fault_is_told_by_the_rows_that_it_breaks_and_no_other),
		cmocka_unit_test(a_server_that_begins_to_block_is_not_blamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
