/*
 * Fuzz target of the answer reader. Three bytes choose the hello, how far to read and how the connection
 * ends; the rest comes from the peer: once whole, once byte by byte, once in pieces cut at the data itself.
 * All tell the same, and keep what every answer promises.
 */
#include "scanner/base/die.h"
#include "tests/unit/flights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum cut { CUT_NONE, CUT_EVERY, CUT_BY_DATA };

static size_t piece(enum cut cut, const uint8_t *p, size_t left)
{
	size_t n = cut == CUT_NONE ? left : cut == CUT_EVERY ? 1 : 1 + (size_t)(*p % 97);

	return n < left ? n : left;
}

static void feed(struct answer *a, const struct hello *h, const uint8_t *choice, struct span s, enum cut cut)
{
	answer_init(a, h, choice[1] % 2 ? UNTIL_FLIGHT : UNTIL_HELLO);
	for (size_t at = 0, n; at < s.n; at += n) {
		n = piece(cut, s.p + at, s.n - at);
		if (answer_feed(a, s.p + at, n))
			break;
		require(!a->done);
	}
	answer_end(a, (enum ending)(choice[2] % 3));
	require(a->done && a->kind != ANS_NONE && answer_is_sane(a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hello *const hellos[] = { &hello_12, &hello_10, &hello_ssl3, &hello_13,
		&hello_ssl2 };
	struct answer whole, split;
	const struct hello *h;
	struct span s;

	if (size < 3)
		return 0;
	h = hellos[data[0] % (sizeof(hellos) / sizeof(*hellos))];
	s = (struct span){ data + 3, size - 3 };
	feed(&whole, h, data, s, CUT_NONE);
	for (enum cut cut = CUT_EVERY; cut <= CUT_BY_DATA; cut++) {
		feed(&split, h, data, s, cut);
		require(answers_same(&whole, &split));
		answer_free(&split);
	}
	answer_free(&whole);
	return 0;
}
