#include "report/near.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "report/grade.h"
#include "report/rules.h"

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Letters to put in, take out or change (Levenshtein), row by row. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n = strlen(b);

	for (size_t i = 0; i <= n; i++)
		row[i] = i;
	for (; *a; a++) {
		size_t left_above = row[0]++;

		for (size_t i = 1; i <= n; i++) {
			size_t above = row[i];

			row[i] = least(above + 1, row[i - 1] + 1, left_above + (*a != b[i - 1]));
			left_above = above;
		}
	}
	return row[n];
}

struct best {
	const char *id;
	size_t distance;
};

static void weigh(struct best *b, const char *word, const char *id)
{
	size_t d = strlen(id) <= WORD_MAX ? distance(word, id) : WORD_MAX;

	if (strstr(id, word) && strlen(word) > 2)
		d = 1;
	if (d < b->distance)
		*b = (struct best){ id, d };
}

const char *near_id(const char *word)
{
	size_t n = strlen(word);
	struct best b = { NULL, n / 3 + 2 };

	if (n > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < rules_count; i++)
		weigh(&b, word, rules[i].id);
	for (size_t i = 0; i < guide_rules_count; i++)
		weigh(&b, word, guide_rules[i].id);
	return b.id;
}
