/* SSL 2.0 up to the SERVER-VERIFY: every cipher kind that is here, however the bytes are split; and what spoils it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/servers/handshake.h"

static bool goes_through(uint32_t kind, const char *listed, const char *bugs, size_t chunk)
{
	char config[256];
	struct meeting m;
	bool complete;

	snprintf(config, sizeof(config), "versions=SSLv2\nchains=rsa\nkinds=%s\n%s", listed, bugs);
	meeting_init(&m, NULL, config);
	m.chunk = chunk;
	m.hello = (struct hello){ .version = VER_SSL2 };
	set_codes(&m, &m.hello.suites, kind);
	m.client.deviation = &(struct deviation){ .ssl2 = &(struct ssl2_form){ .kind = kind } };
	meet(&m);
	complete = m.result->complete;
	assert_int_equal(m.result->version, VER_SSL2);
	assert_int_equal(complete, m.result->reason == REASON_NONE);
	part(&m);
	return complete;
}

static void every_kind_goes_through_however_it_is_split(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sslv2_kinds_count; i++) {
		const struct sslv2_kind *k = &sslv2_kinds[i];

		if (!ssl2_has_kind(k->code))
			continue;
		seen++;
		for (size_t chunk = 1; chunk < 40; chunk += 19)
			assert_true(goes_through(k->code, k->name, "", chunk));
		assert_true(goes_through(k->code, k->name, "", WHOLE));
		assert_false(goes_through(k->code, "", "", WHOLE));
		assert_true(goes_through(k->code, "", "bugs=ssl2_unlisted", WHOLE));
	}
	assert_true(seen >= 1); /* 3DES needs no legacy provider */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_goes_through_however_it_is_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
