#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/written.h"

enum { OK, WARNING, CRITICAL, UNKNOWN };

/* The exit status for these records, which are freed; *text is the caller's. */
static int verdict(char **text, struct record **records, size_t count)
{
	const struct writer *w = writer_find("nagios");
	struct output o = { 0 };
	size_t size = 0;

	*text = NULL;
	o.file = open_memstream(text, &size);
	writer_open(w, &o);
	for (size_t i = 0; i < count; i++) {
		struct judgement *j = judge(records[i]);

		writer_endpoint(w, &o, records[i], j);
		judgement_free(j);
		record_free(records[i]);
	}
	assert_true(writer_close(w, &o));
	fclose(o.file);
	return o.verdict;
}

static void assert_verdict(int status, const char *begin, struct record **records, size_t count)
{
	char *text;

	assert_int_equal(verdict(&text, records, count), status);
	if (strncmp(text, begin, strlen(begin)))
		fail_msg("%s", text);
	free(text);
}

#define ASSERT_VERDICT(status, begin, ...)                                                                   \
	assert_verdict(status, begin, (struct record *[]){ __VA_ARGS__ },                                    \
	        sizeof((struct record *[]){ __VA_ARGS__ }) / sizeof(struct record *))

static struct record *with_status(enum status s)
{
	struct record *r = sample_good();

	r->status = s;
	r->error_code = "X";
	r->error_message = "so it was";
	return r;
}

static struct record *with_tls10(void)
{
	struct record *r = sample_good();

	VERSION(r, VER_TLS10, 0xC014);
	return r;
}

static void the_state_is_that_of_the_worst_finding(void **state)
{
	(void)state;
	ASSERT_VERDICT(OK, "TLS OK: example.org:443 (192.0.2.1): grade A+", sample_good());
	ASSERT_VERDICT(WARNING, "TLS WARNING: example.org:443 (192.0.2.1): grade B, medium TLS 1.0 is offered", with_tls10());
	ASSERT_VERDICT(CRITICAL, "TLS CRITICAL: ", sample_legacy());
}

static void what_could_not_be_scanned_is_never_ok(void **state)
{
	static const struct {
		enum status status;
		int verdict;
	} rows[] = { { STATUS_PARTIAL, UNKNOWN }, { STATUS_UNREACHABLE, CRITICAL }, { STATUS_NOT_TLS, CRITICAL },
		{ STATUS_DNS_ERROR, CRITICAL }, { STATUS_BLOCKED, UNKNOWN }, { STATUS_SKIPPED, OK }, { STATUS_ERROR, UNKNOWN } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ASSERT_VERDICT(rows[i].verdict, "TLS ", with_status(rows[i].status));
	assert_verdict(UNKNOWN, "TLS UNKNOWN: 0 endpoints", NULL, 0);
}

/* The versions are known, but no handshake went through and no certificate came; and nothing at all is known. */
static void who_was_not_met_is_never_ok(void **state)
{
	struct record *r = sample_good(), *nothing = sample_good();
	size_t n = 0;

	(void)state;
	r->certs_count = nothing->certs_count = nothing->obs_count = 0;
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED)
			r->obs[n++] = r->obs[i];
	r->obs_count = n;
	record_add(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = VER_TLS13, .tri = TRI_UNKNOWN, .probe = "handshake.tls13" });
	ASSERT_VERDICT(UNKNOWN, "TLS UNKNOWN: example.org:443 (192.0.2.1): grade ?, scanned only in part", r);
	ASSERT_VERDICT(UNKNOWN, "TLS UNKNOWN: ", nothing);
}

static void of_several_the_worst_decides(void **state)
{
	(void)state;
	ASSERT_VERDICT(WARNING, "TLS WARNING: 3 endpoints, 0 critical, 1 warning, 1 unknown | endpoints=3 ", sample_good(),
	        with_status(STATUS_PARTIAL), with_tls10());
	ASSERT_VERDICT(CRITICAL, "TLS CRITICAL: 2 endpoints, 1 critical", with_tls10(), sample_refused());
}

/* The days are those of the certificate that expires first. */
static void performance_data_has_the_least_of_days_and_score(void **state)
{
	struct record *late = sample_good();
	char *text;

	(void)state;
	late->certs[0].not_after = SAMPLE_NOW + 300 * 86400;
	verdict(&text, (struct record *[]){ late, sample_good(), sample_refused() }, 3);
	assert_non_null(strstr(text, " days_left=60 score=93;;;0;100 time="));
	free(text);
}

static void however_many_are_not_well_the_first_are_told(void **state)
{
	struct record *many[50];
	char *text;
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		many[i] = sample_refused();
	verdict(&text, many, 50);
	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 22);
	assert_non_null(strstr(text, "\nand 30 more\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_is_that_of_the_worst_finding),
		cmocka_unit_test(what_could_not_be_scanned_is_never_ok),
		cmocka_unit_test(who_was_not_met_is_never_ok),
		cmocka_unit_test(of_several_the_worst_decides),
		cmocka_unit_test(performance_data_has_the_least_of_days_and_score),
		cmocka_unit_test(however_many_are_not_well_the_first_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
