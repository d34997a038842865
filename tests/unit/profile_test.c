#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/names.h"
#include "scanner/trust/path.h"
#include "scanner/trust/pem.h"
#include "tests/unit/chains.h"
#include "tests/unit/mint.h"

enum { CHAINS_PROMISED = 200 };

/* A row judged under one profile. */
struct judged {
	struct arena arena;
	struct cert *certs[CHAIN_ROOM];
	struct crl *crls[CHAIN_CRLS];
	struct store *roots;
	struct path_result r;
	bool wrong_host;
};

static struct store *store_from(struct arena *a, const struct span *ders, size_t n)
{
	struct text t = { 0 };
	struct store *s;

	for (size_t i = 0; i < n; i++)
		text_add(&t, pem_text(a, ders[i]));
	s = store_of("roots", (struct span){ (const uint8_t *)text_str(&t), t.n });
	text_free(&t);
	return s;
}

static void judge(struct judged *j, const struct chain_made *c, const struct chain_row *row, enum profile profile)
{
	struct path_rules rules = { .profile = profile,
		.client = row->client,
		.intermediates = row->depth ? (size_t)row->depth - 1 : SIZE_MAX,
		.crls = j->crls,
		.crls_count = c->crls_n,
		.revocation = row->revocation };
	const char *host = chain_host(row);
	struct path_search *s;

	for (size_t i = 0; i < c->chain_n; i++)
		j->certs[i] = cert_parse(c->chain[i].p, c->chain[i].n);
	for (size_t i = 0; i < c->crls_n; i++)
		j->crls[i] = crl_parse(c->crls[i].p, c->crls[i].n);
	j->roots = store_from(&j->arena, c->roots, c->roots_n);
	s = path_search_new(j->certs, c->chain_n, MINT_NOW + row->at_seconds);
	path_search_rules(s, &rules);
	j->r = path_find(s, j->roots, &j->arena);
	path_search_free(s);
	j->wrong_host = host && names_match(j->certs[0], host) != NAMES_MATCH;
}

static void forget(struct judged *j)
{
	for (size_t i = 0; i < CHAIN_ROOM; i++)
		cert_free(j->certs[i]);
	for (size_t i = 0; i < CHAIN_CRLS; i++)
		crl_free(j->crls[i]);
	store_close(j->roots);
	arena_free(&j->arena);
}

static char verdict(const struct judged *j)
{
	if (j->r.reason == PATH_LIMIT)
		return 'L';
	return j->r.reason == PATH_OK && !j->wrong_host ? 'A' : 'R';
}

static bool has_word(const struct judged *j, const char *word)
{
	const char *reason = path_reason_name(j->r.reason);

	if (j->wrong_host && !strcmp(word, path_reason_name(PATH_HOSTNAME)))
		return true;
	return reason && !strcmp(word, reason);
}

static bool has_clause(const struct judged *j, const char *clause)
{
	for (size_t i = 0; i < j->r.faults_count; i++) {
		const char *told = j->r.faults[i].check->clause;

		if (!strncmp(told, clause, strlen(told)) || !strncmp(told, clause, strlen(clause)))
			return true;
	}
	return false;
}

static void tell(const struct judged *j)
{
	for (size_t i = 0; i < j->r.faults_count; i++)
		print_message("\t%s: %s\n", j->r.faults[i].check->clause, j->r.faults[i].check->says);
}

static unsigned check(const struct chain_row *row, const struct chain_made *c, enum profile profile)
{
	char expected = profile == PROFILE_STRICT ? row->strict : row->browser;
	struct judged *j = calloc(1, sizeof *j);
	bool good;

	assert_non_null(j);
	judge(j, c, row, profile);
	good = verdict(j) == expected;
	if (profile == PROFILE_STRICT && expected != 'A')
		good &= has_word(j, row->word);
	/* Where a row of checks.def decides, it cites the clause. */
	if (profile == PROFILE_STRICT && expected == 'R' && good && j->r.faults_count && j->r.closest && !j->wrong_host &&
	        !has_clause(j, row->clause))
		good = false;
	if (!good) {
		print_message("%s, %s: %c (%s), expected %c (%s; %s)\n", row->id, profile == PROFILE_STRICT ? "strict" : "browser",
		        verdict(j), path_reason_name(j->r.reason) ? path_reason_name(j->r.reason) : "ok", expected,
		        row->word ? row->word : "", row->clause);
		tell(j);
	}
	forget(j);
	free(j);
	return !good;
}

static void every_chain_has_the_verdict_that_its_clause_demands(void **state)
{
	struct chain_made *c = calloc(1, sizeof *c);
	unsigned wrong = 0;

	(void)state;
	assert_non_null(c);
	for (size_t i = 0; i < chain_rows_n; i++) {
		chain_make(&chain_rows[i], c);
		wrong += check(&chain_rows[i], c, PROFILE_STRICT);
		wrong += check(&chain_rows[i], c, PROFILE_BROWSER);
		mint_close();
	}
	free(c);
	assert_int_equal(wrong, 0);
}

static void there_are_as_many_chains_as_promised_and_none_twice(void **state)
{
	(void)state;
	assert_true(chain_rows_n >= CHAINS_PROMISED);
	for (size_t i = 0; i < chain_rows_n; i++) {
		assert_true(chain_rows[i].clause && *chain_rows[i].clause);
		assert_true((chain_rows[i].word == NULL) == (chain_rows[i].strict == 'A'));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(chain_rows[i].id, chain_rows[k].id);
	}
}

/* What browsers reject, the strict profile never accepts. */
static void the_strict_profile_is_the_stricter_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < chain_rows_n; i++)
		assert_false(chain_rows[i].strict == 'A' && chain_rows[i].browser == 'R');
}

static void every_check_says_what_is_wrong(void **state)
{
	(void)state;
	for (enum check_id id = 0; id < CHECKS; id++) {
		const struct check *c = check_row(id);

		assert_true(*c->says && c->reason != PATH_OK && c->roles);
		assert_non_null(path_reason_name(c->reason));
		assert_true(*c->clause || c->reason == PATH_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_chain_has_the_verdict_that_its_clause_demands),
		cmocka_unit_test(there_are_as_many_chains_as_promised_and_none_twice),
		cmocka_unit_test(the_strict_profile_is_the_stricter_one),
		cmocka_unit_test(every_check_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
