/*
 * Fuzz target of prelude_feed(): the first byte picks the dialect, the second where the rest is cut. Whole and cut come to
 * the same, nothing is taken behind the end, and all limits hold.
 */
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/run/prelude.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum prelude_phase phase;
	enum reason reason;
	size_t taken;
	struct text ours;
};

static struct outcome converse(const struct dialect *d, const uint8_t *p, size_t n, size_t cut)
{
	struct starttls o = { d, "name.test" };
	struct outcome x = { 0 };
	struct prelude *prelude = prelude_new(&o, &x.ours);

	x.taken = prelude_feed(prelude, p, cut, &x.ours);
	if (prelude_phase(prelude) == PRELUDE_RUNNING)
		x.taken += prelude_feed(prelude, p + cut, n - cut, &x.ours);
	x.phase = prelude_phase(prelude);
	x.reason = prelude_reason(prelude);
	require(prelude_received(prelude) == x.taken && prelude_sent(prelude) == x.ours.n);
	prelude_free(prelude);
	return x;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, parts;
	size_t dialects = 0, n, cut;

	if (size < 2)
		return 0;
	while (dialect_at(dialects))
		dialects++;
	n = size - 2;
	cut = data[1] < n ? data[1] : n;
	whole = converse(dialect_at(data[0] % dialects), data + 2, n, n);
	parts = converse(dialect_at(data[0] % dialects), data + 2, n, cut);
	require(whole.phase == parts.phase && whole.reason == parts.reason && whole.taken == parts.taken);
	require(whole.ours.n == parts.ours.n && !memcmp(text_str(&whole.ours), text_str(&parts.ours), whole.ours.n));
	require(whole.taken <= PRELUDE_MAX && (whole.phase != PRELUDE_RUNNING || whole.taken == n));
	require((whole.phase == PRELUDE_FAILED) == (whole.reason != REASON_NONE));
	text_free(&whole.ours);
	text_free(&parts.ours);
	return 0;
}
