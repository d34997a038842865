/* Servers that mind how they are asked: what they have is found all the same, or it is said why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct obs *suites_of(const struct record *r, uint16_t version)
{
	return record_find(r, OBS_KEY_SUITES_LIST, version);
}

static bool holds(const struct obs *o, uint32_t code)
{
	for (size_t i = 0; o && i < o->count; i++)
		if (o->codes[i] == code)
			return true;
	return false;
}

static void scan(struct sim_scan *s, struct server_config *c, const char *text)
{
	char wrong[128];

	config_sound(c);
	assert_true(config_read(c, text, wrong));
	sim_scan_init(s, 1);
	sim_scan_one(s, c);
}

static void end(struct sim_scan *s, struct server_config *c)
{
	sim_scan_free(s);
	config_free(c);
}

/* ---- picky, and yet found whole --------------------------------------------------------------- */

#define LACKS_DHE                                                                                            \
	"ECDHE-RSA-AES128-GCM-SHA256,DHE-RSA-AES256-GCM-SHA384,ECDHE-RSA-AES128-SHA,DHE-RSA-AES128-SHA,"      \
	"AES256-SHA,AES128-SHA"

static const struct picky {
	const char *what, *config;
	uint16_t version;
	uint32_t suites[12]; /* all of them, ends with 0 */
	bool ordered;
} picky[] = {
	{ "no more than 64 suites", "versions=TLSv1.2\nmax_suites=64", VER_TLS12,
	        { 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009F, 0xC02F, 0xC014, 0x0039, 0x009C, 0x0035, 0x002F },
	        true },
	{ "no more than 128 suites", "versions=TLSv1.2\nmax_suites=128", VER_TLS12,
	        { 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009F, 0xC02F, 0xC014, 0x0039, 0x009C, 0x0035, 0x002F },
	        true },
	{ "no extensions", "versions=TLSv1.0\nsuites=AES128-SHA,AES256-SHA\nrefuse_extensions=yes", VER_TLS10,
	        { 0x002F, 0x0035 }, true },
	{ "SSL 3 without extensions", "versions=SSLv3\nsuites=AES256-SHA,AES128-SHA\nrefuse_extensions=yes",
	        VER_SSL3, { 0x0035, 0x002F }, true },
	{ "SSL 3 without elliptic curves", "versions=SSLv3\nsuites=AES256-SHA,AES128-SHA\nrefuse_ecc_mix=yes",
	        VER_SSL3, { 0x0035, 0x002F }, true },
	{ "no curves beside other suites",
	        "versions=TLSv1.2\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA\nrefuse_ecc_mix=yes",
	        VER_TLS12, { 0xC02F, 0x002F }, false },
	{ "silent at hellos of 256 to 511 bytes", "drop_256_511=yes\nversions=TLSv1.2\nsuites=AES128-SHA",
	        VER_TLS12, { 0x002F }, true },
	{ "TLS 1.3 only with a share, else alert 40", "versions=TLSv1.3\nneeds_share=40", VER_TLS13,
	        { 0x1302, 0x1303, 0x1301 }, true },
	{ "TLS 1.3 only with a share, else alert 47", "versions=TLSv1.3\nneeds_share=47", VER_TLS13,
	        { 0x1302, 0x1303, 0x1301 }, true },
	{ "a name is needed", "versions=TLSv1.2\nsni=needed\nsuites=AES128-SHA", VER_TLS12, { 0x002F },
	        true },
	{ "tiny records", "versions=TLSv1.2\nfragment=1\nsuites=AES128-SHA", VER_TLS12, { 0x002F }, true },
	{ "DHE without parameters, the client's order",
	        "versions=TLSv1.2\ndh_missing=yes\norder=client\nsuites=" LACKS_DHE, VER_TLS12,
	        { 0xC02F, 0xC013, 0x002F, 0x0035 }, false },
	{ "DHE without parameters, the server's order", "versions=TLSv1.2\ndh_missing=yes\norder=server\nsuites=" LACKS_DHE,
	        VER_TLS12, { 0xC02F, 0xC013, 0x0035, 0x002F }, true },
	{ "DHE without parameters, and a close for it",
	        "versions=TLSv1.2\ndh_missing=yes\norder=client\nrefuse=fin\nsuites=" LACKS_DHE, VER_TLS12,
	        { 0xC02F, 0xC013, 0x002F, 0x0035 }, false },
	{ "DHE without parameters, and not many suites at a time",
	        "versions=TLSv1.2\ndh_missing=yes\norder=server\nmax_suites=64\nsuites=" LACKS_DHE, VER_TLS12,
	        { 0xC02F, 0xC013, 0x0035, 0x002F }, false },
	{ "one client at a time", "versions=TLSv1.2\nat_once=1\nsuites=AES128-SHA", VER_TLS12, { 0x002F },
	        true },
	{ "intolerant of TLS 1.3", "versions=TLSv1.2\nintolerant_above=TLSv1.2\nsuites=AES128-SHA", VER_TLS12,
	        { 0x002F }, true },
	{ "refuses by closing", "versions=TLSv1.2\nrefuse=fin\nsuites=AES128-SHA", VER_TLS12, { 0x002F },
	        true },
	{ "refuses by reset", "versions=TLSv1.2\nrefuse=reset\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA",
	        VER_TLS12, { 0xC02F, 0x002F }, true },
};

static void compare(const struct picky *p, const struct record *r)
{
	const struct obs *o = suites_of(r, p->version);
	size_t n = 0;

	while (p->suites[n])
		n++;
	if (record_tri(r, OBS_KEY_PROTOCOL_OFFERED, p->version) != TRI_YES || !o)
		fail_msg("%s: the version was not found, status %s %s", p->what, status_name(r->status),
		        r->error_message);
	if (o->count != n || o->reason)
		fail_msg("%s: %zu suites instead of %zu, %s", p->what, o->count, n,
		        o->reason ? o->reason : "no reason");
	for (size_t i = 0; i < n; i++)
		if (p->ordered ? o->codes[i] != p->suites[i] : !holds(o, p->suites[i]))
			fail_msg("%s: suite %zu is not %04x", p->what, i, (unsigned)p->suites[i]);
}

static void picky_servers_are_found_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(picky); i++) {
		struct server_config c;
		struct sim_scan s;

		scan(&s, &c, picky[i].config);
		compare(&picky[i], s.records[0]);
		if (s.records[0]->status != STATUS_OK)
			fail_msg("%s: %s, %s", picky[i].what, status_name(s.records[0]->status),
			        s.records[0]->error_message);
		end(&s, &c);
	}
}

/* ---- DHE without parameters ---------------------------------------------------------------------- */

/* Whether the order of what is left can be told, and that DHE broke off. */
static void expect_order(const char *config, const char *order, bool breaks)
{
	struct server_config c;
	struct sim_scan s;
	const struct obs *o;

	scan(&s, &c, config);
	o = record_find(s.records[0], OBS_KEY_SUITES_ORDER, VER_TLS12);
	assert_string_equal(o->text, order);
	o = record_find(s.records[0], OBS_KEY_DHE_BREAKS, VER_TLS12);
	assert_int_equal(o != NULL, breaks);
	end(&s, &c);
}

static void dhe_without_parameters_does_not_hide_whose_order_decides(void **state)
{
	(void)state;
	expect_order("versions=TLSv1.2\ndh_missing=yes\norder=client\nsuites=" LACKS_DHE, "client", true);
	expect_order("versions=TLSv1.2\ndh_missing=yes\norder=server\nsuites=" LACKS_DHE, "server", true);
	expect_order("versions=TLSv1.2\norder=server\nsuites=" LACKS_DHE, "server", false);
	expect_order("versions=TLSv1.2\nrefuse=fin\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA", "server", false);
}

/* ---- names ------------------------------------------------------------------------------------ */

static void that_a_server_needs_a_name_is_told(void **state)
{
	static const struct {
		const char *config;
		enum tri required;
	} rows[] = { { "sni=needed", TRI_YES }, { "sni=any", TRI_NO },
		{ "sni=any\nchains_without_sni=other", TRI_NO }, { "versions=TLSv1.3\nsni=needed", TRI_YES },
		{ "versions=TLSv1.3\nsni=needed\nrefuse=fin", TRI_YES },
		{ "versions=TLSv1.3\nsni=needed\nrefuse=reset", TRI_UNKNOWN }, { "versions=TLSv1.3", TRI_NO },
		{ "versions=TLSv1.3\nchains_without_sni=other", TRI_NO } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server_config c;
		struct sim_scan s;

		scan(&s, &c, rows[i].config);
		assert_int_equal(record_tri(s.records[0], OBS_KEY_SNI_REQUIRED, 0), rows[i].required);
		end(&s, &c);
	}
}

static const struct obs *chain_asked(const struct record *r, enum tri sni, enum cert_key key)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_CHAIN_SERVED && o->sni == sni && o->cert == key && o->protocol == VER_TLS13)
			return o;
	}
	fail_msg("no chain");
	return NULL;
}

static void tls13_alone_shows_its_certificates_for_nobody(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	scan(&s, &c, "versions=TLSv1.3\nchains=rsa,ecdsa\nchains_without_sni=other,ecdsa");
	r = s.records[0];
	assert_int_equal(r->status, STATUS_OK);
	assert_string_not_equal(chain_asked(r, TRI_YES, KEY_RSA)->chain, chain_asked(r, TRI_NO, KEY_RSA)->chain);
	assert_string_equal(chain_asked(r, TRI_YES, KEY_ECDSA)->chain, chain_asked(r, TRI_NO, KEY_ECDSA)->chain);
	assert_string_equal(chain_asked(r, TRI_NO, KEY_RSA)->probe, "chain.nosni");
	end(&s, &c);
}

/* A hello without extensions names nobody, and is the second wording of every first question. */
static void a_server_that_refuses_every_name_is_asked_without(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	scan(&s, &c, "sni=refused\nversions=TLSv1.2");
	assert_int_equal(record_tri(s.records[0], OBS_KEY_PROTOCOL_OFFERED, VER_TLS12), TRI_YES);
	assert_int_equal(suites_of(s.records[0], VER_TLS12)->count, 11);
	end(&s, &c);
}

/* It refuses all hellos but those that nobody sends: every version was refused in words, and the status says
 * so. */
static void a_server_that_refuses_every_hello_is_said_to(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	scan(&s, &c, "versions=TLSv1.2\nmax_suites=1");
	r = s.records[0];
	assert_int_equal(r->status, STATUS_PARTIAL);
	assert_string_equal(r->error_code, "ALERT");
	assert_int_equal(r->probes_count > 10, true);
	end(&s, &c);
}

/* ---- one at a time ---------------------------------------------------------------------------- */

/* The others wait in the system's queue; as each connection is short, none of them waits long. */
static void a_server_of_one_client_at_a_time_is_scanned_whole(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	scan(&s, &c, "at_once=1");
	assert_int_equal(s.records[0]->status, STATUS_OK);
	assert_int_equal(suites_of(s.records[0], VER_TLS12)->count, 11);
	assert_false(s.records[0]->tainted);
	end(&s, &c);
}

/* ---- refusing in mid-scan --------------------------------------------------------------------- */

static void a_server_that_begins_to_refuse_leaves_a_partial_record(void **state)
{
	static const char *const ways[] = { "refuse_after=%u", "tarpit_after=%u" };

	(void)state;
	for (size_t way = 0; way < COUNT(ways); way++)
		for (unsigned after = 1; after < 60; after += 7) {
			struct server_config c;
			struct sim_scan s;
			struct record *r;
			char text[64];

			snprintf(text, sizeof(text), ways[way], after);
			scan(&s, &c, text);
			r = s.records[0];
			if (r->status == STATUS_OK)
				fail_msg("%s: as if nothing had happened", text);
			for (uint16_t v = VER_TLS10; v <= VER_TLS13; v++)
				if (record_tri(r, OBS_KEY_PROTOCOL_OFFERED, v) == TRI_NO)
					fail_msg("%s: %04x was denied", text, v);
			assert_true(s.ended_us < 62 * UINT64_C(1000000));
			end(&s, &c);
		}
}

static void a_rate_limit_in_mid_scan_is_called_so(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	scan(&s, &c, "refuse_after=30");
	r = s.records[0];
	assert_int_equal(r->status, STATUS_BLOCKED);
	assert_string_equal(r->error_code, "RATE_LIMITED");
	assert_true(r->tainted);
	assert_int_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13), TRI_YES);
	end(&s, &c);
}

/* Three refusals and then service again: given time, all is found. */
static bool comes_back(struct sim_scan *s, struct server_config *c)
{
	struct sim_host *h;
	char wrong[128];

	config_sound(c);
	assert_true(config_read(c, "versions=TLSv1.2", wrong));
	sim_scan_init(s, 1);
	h = sim_scan_add(s, c);
	h->loss_percent = 5;
	sim_scan_run(s);
	return s->records[0]->status == STATUS_OK;
}

static void a_lossy_network_is_borne(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	assert_true(comes_back(&s, &c));
	assert_int_equal(suites_of(s.records[0], VER_TLS12)->count, 11);
	end(&s, &c);
}

/* ---- what other probes make of it ------------------------------------------------------------- */

static void a_short_list_of_suites_hides_no_protocols(void **state)
{
	static const char *const rows[] = { "max_suites=64", "refuse=fin", "alpn_strict=yes", "versions=TLSv1.3",
		"versions=TLSv1.3\nalpn_strict=yes", "versions=TLSv1.3\nalpn_strict=yes\nrefuse=fin" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server_config c;
		struct sim_scan s;
		const struct obs *o;

		scan(&s, &c, rows[i]);
		o = record_find(s.records[0], OBS_KEY_ALPN, 0);
		if (!o || o->count != 2 || o->reason)
			fail_msg("%s: %zu protocols, %s", rows[i], o ? o->count : 0,
			        o && o->reason ? o->reason : "");
		end(&s, &c);
	}
}

/* ---- silence ---------------------------------------------------------------------------------- */

/* A server that refuses by silence costs time: what is there is found, what is not is never granted. */
static void a_server_that_refuses_by_silence_is_not_misread(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	scan(&s, &c, "versions=TLSv1.2,TLSv1.3\nrefuse=silence");
	r = s.records[0];
	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++) {
		enum tri found = record_tri(r, OBS_KEY_PROTOCOL_OFFERED, v);

		assert_true(v >= VER_TLS12 ? found == TRI_YES : found == TRI_NO || found == TRI_UNKNOWN);
	}
	assert_int_equal(suites_of(r, VER_TLS12)->count, 11);
	assert_true(s.ended_us < 62 * UINT64_C(1000000));
	end(&s, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picky_servers_are_found_whole),
		cmocka_unit_test(dhe_without_parameters_does_not_hide_whose_order_decides),
		cmocka_unit_test(that_a_server_needs_a_name_is_told),
		cmocka_unit_test(tls13_alone_shows_its_certificates_for_nobody),
		cmocka_unit_test(a_server_that_refuses_every_name_is_asked_without),
		cmocka_unit_test(a_server_that_refuses_every_hello_is_said_to),
		cmocka_unit_test(a_server_of_one_client_at_a_time_is_scanned_whole),
		cmocka_unit_test(a_server_that_begins_to_refuse_leaves_a_partial_record),
		cmocka_unit_test(a_rate_limit_in_mid_scan_is_called_so),
		cmocka_unit_test(a_lossy_network_is_borne),
		cmocka_unit_test(a_short_list_of_suites_hides_no_protocols),
		cmocka_unit_test(a_server_that_refuses_by_silence_is_not_misread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
