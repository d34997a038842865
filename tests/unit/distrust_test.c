#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/distrust.h"
#include "scanner/trust/profile.h"
#include "tests/unit/hex.h"

#define ALWAYS INT64_MIN
#define AFTER(seconds) INT64_C(seconds)

static const struct row {
	const char *mark, *whose;
	int64_t after;
	const char *why;
} keys[] = {
#define DISTRUST_KEY(...) { __VA_ARGS__ },
#define DISTRUST_NAME(...)
#include "scanner/trust/distrust.def"
#undef DISTRUST_KEY
#undef DISTRUST_NAME
}, names[] = {
#define DISTRUST_KEY(...)
#define DISTRUST_NAME(...) { __VA_ARGS__ },
#include "scanner/trust/distrust.def"
#undef DISTRUST_KEY
#undef DISTRUST_NAME
};

enum { KEYS = sizeof keys / sizeof *keys, NAMES = sizeof names / sizeof *names };

/* The public key of AffirmTrust Premium ECC. */
static const char affirmtrust[] =
	"3076301006072a8648ce3d020106052b81040022036200040d305e1b159d03d0a17935b73a3c927aca151ccd62f39c265c073de554faa3d6cc12eaf4"
	"145fe88e19ab2f2e48e6ac184378acd037c3bdb2cd2ce647e21ae663b83d2e2f78c44fdbf40fa4684c55726b951d4e18429578cc373c91e29b652b29";

static void every_row_is_whole_and_stands_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < KEYS; i++) {
		assert_int_equal(strspn(keys[i].mark, "0123456789abcdef"), 64);
		assert_int_equal(strlen(keys[i].mark), 64);
		assert_true(*keys[i].whose && *keys[i].why);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(keys[i].mark, keys[j].mark);
	}
	for (size_t i = 0; i < NAMES; i++) {
		assert_true(*names[i].mark && *names[i].whose && *names[i].why);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(names[i].mark, names[j].mark);
	}
}

static void a_key_is_found_by_its_hash(void **state)
{
	struct cert c = { .spki = hex(affirmtrust) };
	const struct distrust *d = distrust_of_key(&c);

	(void)state;
	assert_non_null(d);
	assert_string_equal(d->whose, "AffirmTrust");
	assert_int_equal(d->after, 1731369599);
	assert_ptr_equal(distrust_of_authority(&c), d);
	c.spki.n--;
	assert_null(distrust_of_key(&c));
	assert_null(distrust_of_authority(&c));
}

static bool ended(int64_t issued, bool client)
{
	struct cert c = { .spki = hex(affirmtrust), .version = 3 };
	struct rules r = { .profile = PROFILE_BROWSER, .client = client, .issued = issued };
	struct faults f = { .bits = { 0 } };

	profile_check(&f, &r, &c, ROLE_ANCHOR);
	assert_false(faults_has(&f, CHECK_AUTHORITY_DISTRUSTED));
	return faults_has(&f, CHECK_AUTHORITY_ENDED);
}

static void an_end_counts_for_what_was_issued_later(void **state)
{
	(void)state;
	assert_false(ended(1731369598, false));
	assert_false(ended(1731369599, false));
	assert_true(ended(1731369600, false));
	assert_false(ended(1731369600, true)); /* browsers say nothing of clients */
}

static const struct distrust *of_organisation(const char *name, uint8_t type)
{
	uint8_t subject[128] = { 0x31, 0, 0x30, 0, 0x06, 0x03, 0x55, 0x04, type, 0x0c, 0 };
	struct cert c = { .subject = { subject, 0 } };
	size_t n = strlen(name);

	memcpy(subject + 11, name, n);
	subject[1] = (uint8_t)(n + 9);
	subject[3] = (uint8_t)(n + 7);
	subject[10] = (uint8_t)n;
	c.subject.n = n + 11;
	return distrust_of_authority(&c);
}

static void a_name_is_the_whole_organisation(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMES; i++)
		assert_string_equal(of_organisation(names[i].mark, 10)->whose, names[i].whose);
	assert_null(of_organisation("DigiNotar", 3)); /* a common name */
	assert_null(of_organisation("DigiNotar and Sons", 10));
	assert_null(of_organisation("Digi", 10));
	assert_null(of_organisation("", 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole_and_stands_once),
		cmocka_unit_test(a_key_is_found_by_its_hash),
		cmocka_unit_test(an_end_counts_for_what_was_issued_later),
		cmocka_unit_test(a_name_is_the_whole_organisation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
