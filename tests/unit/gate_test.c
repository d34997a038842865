#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/baseline.h"
#include "report/gate.h"
#include "report/policy_judge.h"
#include "report/policy_read.h"
#include "report/waive.h"
#include "tests/unit/sample_record.h"

/* ---- endpoints: the sample, and what makes it fail ---------------------------------------------------------------- */

static struct record *weak(void)
{
	struct record *r = sample_good();

	VERSION(r, VER_TLS12, 0xC030, 0x0005); /* RC4, high; the grade is B at best */
	record_sort(r);
	return r;
}

static void probe_was(struct record *r, const char *id, enum probe_state state)
{
	r->probes = arena_push(&r->arena, r->probes, r->probes_count, sizeof *r->probes);
	r->probes[r->probes_count++] = (struct probe_result){ .id = id, .state = state };
}

/* One whose versions that are offered were asked for every type of certificate. */
static struct record *swept(void)
{
	struct record *r = sample_good();

	probe_was(r, "suites.tls12", PROBE_DONE);
	probe_was(r, "handshake.tls13", PROBE_DONE);
	return r;
}

static struct record *tls13_left_out(void)
{
	struct record *r = sample_good();

	probe_was(r, "suites.tls12", PROBE_DONE);
	probe_was(r, "extensions.tls13", PROBE_DONE);
	return r;
}

static struct record *tls12_skipped(void)
{
	struct record *r = sample_good();

	probe_was(r, "suites.tls12", PROBE_SKIPPED);
	probe_was(r, "handshake.tls13", PROBE_DONE);
	return r;
}

static struct record *old_version_not_asked(void)
{
	struct record *r = swept();

	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, TRI_UNKNOWN);
	return r;
}

/* What --probe certificates asks. */
static struct record *ssl2_not_asked(void)
{
	struct record *r = swept();

	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2, TRI_UNKNOWN);
	return r;
}

static struct record *partial(void)
{
	struct record *r = swept();

	r->status = STATUS_PARTIAL;
	r->error_code = "DEADLINE";
	r->error_message = "the time was up";
	return r;
}

static struct record *not_asked(void)
{
	struct record *r = sample_good();

	sample_forget(r, OBS_KEY_RENEGOTIATION_INSECURE); /* critical, and every scan asks it */
	return r;
}

static struct record *no_suites(void)
{
	struct record *r = sample_good();

	sample_forget(r, OBS_KEY_SUITES_LIST);
	return r;
}

static struct record *skipped(void)
{
	struct record *r = sample_refused();

	r->status = STATUS_SKIPPED;
	return r;
}

/* ---- what a gate comes to ------------------------------------------------------------------------------------------ */

static struct waivers waivers_of(const char *id, const char *target, const char *until)
{
	struct waivers ws = { 0 };
	struct arena a = { 0 };
	const char *text = arena_printf(&a, "[{\"id\":\"%s\",\"target\":\"%s\",\"until\":\"%s\",\"why\":\"T-1\"}]", id, target, until);
	char *why = NULL;

	if (!waivers_parse(&ws, text, strlen(text), &why))
		fail_msg("%s: %s", text, why);
	arena_free(&a);
	return ws;
}

/* A policy that asks one thing of TLS 1.2. */
static struct policy *no_rc4;

static int make_policy(void **state)
{
	static const char text[] = "{\"schema\":\"tlsassay-policy/1\",\"name\":\"ours\",\"edition\":\"1\",\"date\":\"2026-01-01\","
		"\"title\":\"t\",\"source\":\"s\",\"not_checked\":[],\"rules\":[{\"id\":\"suites\",\"level\":\"must\",\"clause\":\"1\","
		"\"fact\":\"suites.list\",\"versions\":[\"TLSv1.2\"],\"fix\":\"f\",\"only\":[\"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\","
		"\"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\",\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"]}]}";
	const char *where = NULL, *why = NULL;
	struct arena a = { 0 };

	(void)state;
	no_rc4 = policy_read((struct span){ (const uint8_t *)text, sizeof text - 1 }, &a, &where, &why);
	if (!no_rc4)
		fail_msg("%s: %s", where, why);
	arena_free(&a);
	return 0;
}

static int free_policy(void **state)
{
	(void)state;
	policy_free(no_rc4);
	return 0;
}

static struct judgement *judged(const struct record *r, bool policy)
{
	struct judgement *j = judge(r);

	judgement_policies(j, r, &no_rc4, policy);
	return j;
}

/* The gate `policy` has no option of its own: it is held where there are results of policies. */
static struct judgement *held(const struct gate_options *o, const struct record *r, bool complete)
{
	struct judgement *j = judged(r, o->has_expires && o->warn_days == 1);

	j->grade.complete = complete && j->grade.letter != LETTER_NONE;
	gates_hold(o, r, j);
	return j;
}

static const struct gate_result *gate_of(const struct judgement *j, const char *gate)
{
	for (size_t i = 0; i < j->gates_count; i++)
		if (!strcmp(j->gates[i].gate, gate))
			return &j->gates[i];
	fail_msg("no gate %s", gate);
	return NULL;
}

/* The day after the sample's scan, and the one before. */
#define LATER   "2026-12-31"
#define EARLIER "2026-11-01"

static const struct gate_options b_or_better = { .min_grade = LETTER_A_MINUS }, high = { .has_fail_on = true, .fail_on = SEV_HIGH },
	days_90 = { .has_expires = true, .warn_days = 90 }, days_90_61 = { .has_expires = true, .warn_days = 90, .crit_days = 61 },
	policy = { .has_expires = true, .warn_days = 1 }, days_30 = { .has_expires = true, .warn_days = 30, .crit_days = 7 }, nothing_new = { 0 };

/* Every gate in every state; `complete`: the grade is made one that is known in full. */
static const struct row {
	const char *gate;
	const struct gate_options *options;
	struct record *(*record)(void);
	struct record *(*old)(void);  /* of the baseline; NULL: none */
	bool complete;
	const char *waived, *until;   /* NULL: no waiver */
	enum gate_state state;
	const char *because;          /* has this in it; NULL: there is none */
} rows[] = {
	{ "min-grade", &b_or_better, sample_good, NULL, true, NULL, NULL, GATE_PASS, NULL },
	{ "min-grade", &b_or_better, sample_good, NULL, false, NULL, NULL, GATE_UNKNOWN, "at best" },
	{ "min-grade", &b_or_better, weak, NULL, true, NULL, NULL, GATE_FAIL, "the grade is " },
	{ "min-grade", &b_or_better, weak, NULL, false, NULL, NULL, GATE_FAIL, "the grade is " },
	{ "min-grade", &b_or_better, weak, NULL, true, "min-grade", LATER, GATE_WAIVED, "waived until " LATER ": T-1" },
	{ "min-grade", &b_or_better, weak, NULL, true, "min-grade", EARLIER, GATE_FAIL, "the grade is " },
	{ "min-grade", &b_or_better, sample_good, NULL, false, "min-grade", LATER, GATE_WAIVED, "at best" },
	{ "min-grade", &b_or_better, weak, weak, true, NULL, NULL, GATE_PASS, "no worse than in the older report" },
	{ "min-grade", &b_or_better, weak, weak, false, NULL, NULL, GATE_UNKNOWN, "at best" },
	{ "min-grade", &b_or_better, weak, sample_good, true, NULL, NULL, GATE_FAIL, "the grade is " },
	{ "min-grade", &b_or_better, partial, NULL, true, NULL, NULL, GATE_UNKNOWN, "the time was up" },
	{ "min-grade", &b_or_better, sample_refused, NULL, true, NULL, NULL, GATE_UNKNOWN, "refused" },
	{ "min-grade", &b_or_better, skipped, NULL, true, NULL, NULL, GATE_NA, "not scanned" },
	{ "fail-on", &high, sample_good, NULL, false, NULL, NULL, GATE_PASS, NULL },
	{ "fail-on", &high, weak, NULL, false, NULL, NULL, GATE_FAIL, "suite.rc4 (high)" },
	{ "fail-on", &high, weak, NULL, false, "suite.rc4", LATER, GATE_WAIVED, "suite.rc4 (high)" },
	{ "fail-on", &high, weak, NULL, false, "suite.rc4", EARLIER, GATE_FAIL, "suite.rc4 (high)" },
	{ "fail-on", &high, weak, NULL, false, "suite.cbc", LATER, GATE_FAIL, "suite.rc4 (high)" },
	{ "fail-on", &high, weak, NULL, false, "fail-on", LATER, GATE_WAIVED, "waived until" },
	{ "fail-on", &high, weak, weak, false, NULL, NULL, GATE_PASS, NULL },
	{ "fail-on", &high, weak, sample_good, false, NULL, NULL, GATE_FAIL, "1 finding new: suite.rc4 (high)" },
	{ "fail-on", &high, not_asked, NULL, false, NULL, NULL, GATE_UNKNOWN, "renegotiation.insecure (critical)" },
	{ "fail-on", &high, not_asked, NULL, false, "renegotiation.insecure", LATER, GATE_WAIVED, "renegotiation.insecure" },
	{ "fail-on", &high, partial, NULL, false, NULL, NULL, GATE_UNKNOWN, "the time was up" },
	{ "fail-on", &high, sample_refused, NULL, false, NULL, NULL, GATE_UNKNOWN, "refused" },
	{ "fail-on", &high, skipped, NULL, false, NULL, NULL, GATE_NA, "not scanned" },
	{ "baseline", &nothing_new, sample_good, sample_good, false, NULL, NULL, GATE_PASS, NULL },
	{ "baseline", &nothing_new, weak, weak, false, NULL, NULL, GATE_PASS, NULL },
	{ "baseline", &nothing_new, sample_good, weak, false, NULL, NULL, GATE_PASS, NULL },
	{ "baseline", &nothing_new, weak, sample_good, false, NULL, NULL, GATE_FAIL, "suite.rc4 (high)" },
	{ "baseline", &nothing_new, weak, sample_refused, false, NULL, NULL, GATE_FAIL, "suite.rc4 (high)" },
	{ "baseline", &nothing_new, weak, sample_good, false, "baseline", LATER, GATE_WAIVED, "T-1" },
	{ "baseline", &nothing_new, weak, sample_good, false, "baseline", EARLIER, GATE_FAIL, "suite.rc4" },
	{ "baseline", &nothing_new, not_asked, sample_good, false, NULL, NULL, GATE_UNKNOWN, "renegotiation.insecure" },
	{ "baseline", &nothing_new, partial, sample_good, false, NULL, NULL, GATE_UNKNOWN, "the time was up" },
	{ "baseline", &nothing_new, sample_refused, sample_good, false, NULL, NULL, GATE_UNKNOWN, "refused" },
	{ "baseline", &nothing_new, skipped, sample_good, false, NULL, NULL, GATE_NA, "not scanned" },
	{ "policy", &policy, sample_good, NULL, false, NULL, NULL, GATE_PASS, NULL },
	{ "policy", &policy, weak, NULL, false, NULL, NULL, GATE_FAIL, "1 rule failed: policy/ours@1/suites" },
	{ "policy", &policy, weak, NULL, false, "policy/ours@1/suites", LATER, GATE_WAIVED, "1 rule waived: policy/ours@1/suites" },
	{ "policy", &policy, weak, NULL, false, "policy/ours@1/suites", EARLIER, GATE_FAIL, "policy/ours@1/suites" },
	{ "policy", &policy, weak, NULL, false, "policy", LATER, GATE_WAIVED, "T-1" },
	{ "policy", &policy, weak, weak, false, NULL, NULL, GATE_PASS, NULL },
	{ "policy", &policy, weak, sample_good, false, NULL, NULL, GATE_FAIL, "1 rule new: policy/ours@1/suites" },
	{ "policy", &policy, no_suites, NULL, false, NULL, NULL, GATE_UNKNOWN, "1 rule not known: policy/ours@1/suites" },
	{ "policy", &policy, no_suites, NULL, false, "policy/ours@1/suites", LATER, GATE_WAIVED, "policy/ours@1/suites" },
	{ "policy", &policy, partial, NULL, false, NULL, NULL, GATE_UNKNOWN, "the time was up" },
	{ "policy", &policy, sample_refused, NULL, false, NULL, NULL, GATE_UNKNOWN, "refused" },
	{ "policy", &policy, skipped, NULL, false, NULL, NULL, GATE_NA, "not scanned" },
	{ "waive", &policy, weak, NULL, false, "policy/ours@1/suites", EARLIER, GATE_FAIL, "the waiver of policy/ours@1/suites ended" },
	{ "expires-within", &days_30, swept, NULL, false, NULL, NULL, GATE_PASS, NULL },
	{ "expires-within", &days_30, tls13_left_out, NULL, false, NULL, NULL, GATE_UNKNOWN, "handshake.tls13" },
	{ "expires-within", &days_30, tls12_skipped, NULL, false, NULL, NULL, GATE_UNKNOWN, "suites.tls12" },
	{ "expires-within", &days_30, old_version_not_asked, NULL, false, NULL, NULL, GATE_UNKNOWN, "suites.tls10" },
	{ "expires-within", &days_30, ssl2_not_asked, NULL, false, NULL, NULL, GATE_PASS, NULL },
	{ "expires-within", &days_90, tls13_left_out, NULL, false, NULL, NULL, GATE_FAIL, "within 90 days" },
	{ "expires-within", &days_90, sample_good, NULL, false, NULL, NULL, GATE_FAIL, "within 90 days" },
	{ "expires-within", &days_90_61, sample_good, NULL, false, NULL, NULL, GATE_FAIL, "within 61 days" },
	{ "expires-within", &days_90, sample_good, NULL, false, "expires-within", LATER, GATE_WAIVED, "T-1" },
	{ "expires-within", &days_90, sample_good, NULL, false, "expires-within", EARLIER, GATE_FAIL, "CN=example.org ends" },
	{ "expires-within", &days_30, partial, NULL, false, NULL, NULL, GATE_UNKNOWN, "the time was up" },
	{ "expires-within", &days_90, partial, NULL, false, NULL, NULL, GATE_FAIL, "CN=example.org" },
	{ "expires-within", &days_30, sample_refused, NULL, false, NULL, NULL, GATE_UNKNOWN, "refused" },
	{ "expires-within", &days_30, skipped, NULL, false, NULL, NULL, GATE_NA, "not scanned" },
	{ "waive", &nothing_new, weak, NULL, false, "suite.rc4", LATER, GATE_PASS, NULL },
	{ "waive", &nothing_new, weak, NULL, false, "suite.rc4", EARLIER, GATE_FAIL, "the waiver of suite.rc4 ended" },
	{ "waive", &nothing_new, sample_good, NULL, false, "suite.rc4", EARLIER, GATE_PASS, NULL },
	{ "waive", &b_or_better, weak, NULL, false, "min-grade", EARLIER, GATE_FAIL, "the waiver of min-grade ended" },
	{ "waive", &nothing_new, partial, NULL, false, "suite.rc4", LATER, GATE_UNKNOWN, "the time was up" },
	{ "waive", &nothing_new, sample_refused, NULL, false, "suite.rc4", LATER, GATE_UNKNOWN, "refused" },
	{ "waive", &nothing_new, skipped, NULL, false, "suite.rc4", LATER, GATE_NA, "not scanned" },
};

enum { ROWS = sizeof rows / sizeof *rows };

static struct baseline baseline_of(struct record *(*make)(void))
{
	struct baseline b = { 0 };
	struct record *r = make();
	struct judgement *j = judged(r, true);

	baseline_add(&b, r, j);
	baseline_end(&b);
	judgement_free(j);
	record_free(r);
	return b;
}

static void walk(size_t n, const struct row *row)
{
	struct gate_options o = *row->options;
	struct baseline b = { 0 };
	struct waivers ws = { 0 };
	struct record *r = row->record();
	struct judgement *j;
	const struct gate_result *g;

	if (row->old) {
		b = baseline_of(row->old);
		o.baseline = &b;
	}
	if (row->waived) {
		ws = waivers_of(row->waived, "*.org", row->until);
		o.waivers = &ws;
	}
	j = held(&o, r, row->complete);
	g = gate_of(j, row->gate);
	if (g->state != row->state || !g->because != !row->because || (row->because && !strstr(g->because, row->because)))
		fail_msg("row %zu, %s: %s, %s", n, row->gate, gate_state_name(g->state), g->because ? g->because : "no reason");
	judgement_free(j);
	record_free(r);
	baseline_free(&b);
	waivers_free(&ws);
}

static void every_gate_in_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		walk(i, &rows[i]);
}

/* A gate that is added must be added to the table: each has a row for passing, failing, nothing known, nothing there. */
static void the_table_has_every_gate(void **state)
{
	static const char *const gates[] = {
#define GATE(name, option, what) option,
#include "report/gates.def"
#undef GATE
	};
	static const enum gate_state states[] = { GATE_PASS, GATE_FAIL, GATE_UNKNOWN, GATE_NA };

	(void)state;
	for (size_t g = 0; g < sizeof gates / sizeof *gates; g++)
		for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
			bool found = false;

			for (size_t i = 0; i < ROWS; i++)
				found |= !strcmp(rows[i].gate, gates[g]) && rows[i].state == states[s];
			if (!found)
				fail_msg("%s: no row is %s", gates[g], gate_state_name(states[s]));
		}
}

static void no_gate_is_held_that_nobody_asked_for(void **state)
{
	struct record *r = weak();
	struct judgement *j = held(&nothing_new, r, false);

	(void)state;
	assert_int_equal(j->gates_count, 0);
	judgement_free(j);
	record_free(r);
}

static void a_waiver_waives_its_target_alone(void **state)
{
	static const struct {
		const char *target;
		bool waives;
	} patterns[] = {
		{ "example.org", true }, { "*", true }, { "EXAMPLE.*", true }, { "example.org:443", true }, { "*:443", true },
		{ "192.0.2.1", true }, { "192.0.2.?", true }, { "*.example.org", false }, { "example.or", false },
		{ "example.org:8443", false }, { "192.0.2.2", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct waivers ws = waivers_of("suite.rc4", patterns[i].target, LATER);
		struct gate_options o = { .waivers = &ws, .has_fail_on = true, .fail_on = SEV_HIGH };
		struct record *r = weak();
		struct judgement *j = held(&o, r, false);

		if ((gate_of(j, "fail-on")->state == GATE_WAIVED) != patterns[i].waives)
			fail_msg("%s", patterns[i].target);
		judgement_free(j);
		record_free(r);
		waivers_free(&ws);
	}
}

static void a_waived_finding_says_so(void **state)
{
	struct waivers ws = waivers_of("suite.rc4", "*", LATER);
	struct gate_options o = { .waivers = &ws };
	struct record *r = weak();
	struct judgement *j = held(&o, r, false);
	size_t waived = 0;

	(void)state;
	for (size_t i = 0; i < j->findings_count; i++)
		if (j->findings[i].state == FINDING_WAIVED) {
			assert_string_equal(j->findings[i].id, "suite.rc4");
			assert_string_equal(j->findings[i].waiver->why, "T-1");
			waived++;
		}
	assert_int_equal(waived, 1);
	judgement_free(j);
	record_free(r);
	waivers_free(&ws);
}

/* A waiver lasts to the end of its day, and a time to its second. */
static void a_waiver_ends_when_it_says(void **state)
{
	static const struct {
		const char *until;
		bool ended;
	} times[] = { { "2026-11-17", true }, { "2026-11-18", false }, { "2026-11-18T11:06:40Z", true },
		{ "2026-11-18T11:06:41Z", false } };
	struct record *r = sample_good();

	(void)state;
	assert_int_equal(r->started, 1795000000); /* 2026-11-18T11:06:40Z */
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct waivers ws = waivers_of("suite.rc4", "*", times[i].until);

		if (waiver_ended(waivers_find(&ws, r, "suite.rc4"), r) != times[i].ended)
			fail_msg("%s", times[i].until);
		waivers_free(&ws);
	}
	record_free(r);
}

/* ---- the older report --------------------------------------------------------------------------------------------- */

static struct record *weak_elsewhere(void)
{
	struct record *r = weak();

	r->ip = "192.0.2.9";
	return r;
}

static struct record *weak_on_another_port(void)
{
	struct record *r = weak();

	r->port = 8443;
	return r;
}

static void an_address_is_compared_with_itself_and_a_new_one_with_its_target(void **state)
{
	struct record *old[] = { weak_elsewhere(), sample_good() }, *same = weak(), *new = weak(), *other = weak_on_another_port();
	struct baseline b = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct judgement *j = judge(old[i]);

		baseline_add(&b, old[i], j);
		judgement_free(j);
	}
	baseline_end(&b);
	new->ip = "192.0.2.77";
	assert_false(baseline_failed(&b, same, "suite.rc4"));
	assert_true(baseline_failed(&b, old[0], "suite.rc4"));
	assert_true(baseline_failed(&b, new, "suite.rc4"));
	assert_false(baseline_failed(&b, new, "protocol.sslv3"));
	assert_false(baseline_failed(&b, other, "suite.rc4"));
	assert_false(baseline_failed(&b, new, "no.such.finding"));
	assert_true(baseline_knows(&b, new));
	assert_false(baseline_knows(&b, other));
	assert_int_equal(baseline_letter(&b, same), LETTER_A_PLUS);
	assert_true(baseline_letter(&b, new) > LETTER_A_PLUS);
	assert_int_equal(baseline_letter(&b, other), LETTER_NONE);
	baseline_free(&b);
	for (size_t i = 0; i < 2; i++)
		record_free(old[i]);
	record_free(same);
	record_free(new);
	record_free(other);
}

/* ---- what ends ------------------------------------------------------------------------------------------------------ */

static void a_staple_ends_too(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	record_volatile(r, "staple.unusable", "this_update", "2026-11-17T00:00:00Z");
	record_volatile(r, "staple.unusable", "next_update", "2027-03-01T00:00:00Z");
	record_volatile(r, "staple.unusable", "next_update", "2026-11-20T00:00:00Z");
	record_volatile(r, "staple.unusable", "next_update", "2026-11-20T00:00:00Z");
	assert_int_equal(r->volatiles_count, 3);
	assert_string_equal(r->volatiles[2].evidence.name, "next_update.2");
	j = held(&days_30, r, false);
	assert_int_equal(gate_of(j, "expires-within")->state, GATE_FAIL);
	assert_true(gate_of(j, "expires-within")->critical);
	assert_non_null(strstr(gate_of(j, "expires-within")->because, "OCSP staple"));
	judgement_free(j);
	record_free(r);
}

static void what_cannot_be_read_does_not_pass(void **state)
{
	struct record *r = swept();
	struct judgement *j;

	(void)state;
	r->certs[1].malformed = true;
	j = held(&days_30, r, false);
	assert_int_equal(gate_of(j, "expires-within")->state, GATE_UNKNOWN);
	judgement_free(j);
	r->certs_count = 0;
	j = held(&days_30, r, false);
	assert_int_equal(gate_of(j, "expires-within")->state, GATE_UNKNOWN);
	judgement_free(j);
	record_free(r);
}

static void what_has_ended_is_critical(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	r->started += 61 * 86400;
	j = held(&days_90, r, false);
	assert_true(gate_of(j, "expires-within")->critical);
	assert_non_null(strstr(gate_of(j, "expires-within")->because, "CN=example.org ended"));
	judgement_free(j);
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_gate_in_every_state),
		cmocka_unit_test(the_table_has_every_gate),
		cmocka_unit_test(no_gate_is_held_that_nobody_asked_for),
		cmocka_unit_test(a_waiver_waives_its_target_alone),
		cmocka_unit_test(a_waived_finding_says_so),
		cmocka_unit_test(a_waiver_ends_when_it_says),
		cmocka_unit_test(an_address_is_compared_with_itself_and_a_new_one_with_its_target),
		cmocka_unit_test(a_staple_ends_too),
		cmocka_unit_test(what_cannot_be_read_does_not_pass),
		cmocka_unit_test(what_has_ended_is_critical),
	};

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
