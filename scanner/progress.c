#include "scanner/progress.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/record.h"

enum { SECOND_US = 1000000 };

void progress_open(struct progress *p, FILE *to, bool over, uint64_t now_us)
{
	*p = (struct progress){ .to = to, .over = over, .started_us = now_us,
		.every_us = over ? SECOND_US / 2 : 30 * SECOND_US };
	p->next_us = now_us + p->every_us;
}

static void count(struct progress *p, const char *code)
{
	size_t i = 0;

	while (i < PROGRESS_KINDS - 1 && p->kinds[i].code && strcmp(p->kinds[i].code, code))
		i++;
	p->kinds[i].code = i == PROGRESS_KINDS - 1 ? "others" : code;
	p->kinds[i].n++;
}

static void put_time(struct text *t, uint64_t seconds)
{
	if (seconds < 100)
		text_fmt(t, "%" PRIu64 " s", seconds);
	else if (seconds < 6000)
		text_fmt(t, "%" PRIu64 " min", (seconds + 30) / 60);
	else
		text_fmt(t, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600, seconds % 3600 / 60);
}

static void put_kinds(const struct progress *p, struct text *t)
{
	const char *before = "; ";

	for (size_t i = 0; i < PROGRESS_KINDS && p->kinds[i].n; i++) {
		text_fmt(t, "%s%" PRIu64 " %s", before, p->kinds[i].n, p->kinds[i].code);
		before = ", ";
	}
}

static void say(const struct progress *p, uint64_t now_us, uint64_t done, uint64_t all)
{
	uint64_t passed = now_us - p->started_us;
	struct text t = { 0 };

	text_fmt(&t, "%" PRIu64 " endpoints in ", p->records);
	put_time(&t, passed / SECOND_US);
	text_fmt(&t, ", %" PRIu64 " a second", passed ? p->records * SECOND_US / passed : 0);
	put_kinds(p, &t);
	if (all && done && done < all) {
		text_fmt(&t, "; %" PRIu64 " %% of the list, ", done * 100 / all);
		put_time(&t, passed / done * (all - done) / SECOND_US);
		text_add(&t, " left");
	}
	fprintf(p->to, p->over ? "\r%s\x1b[K" : "tlsassay: %s\n", text_str(&t));
	fflush(p->to);
	text_free(&t);
}

void progress_record(struct progress *p, const struct record *r, uint64_t now_us, uint64_t done, uint64_t all)
{
	p->records++;
	if (r->error_code)
		count(p, r->error_code);
	if (!p->to || now_us < p->next_us)
		return;
	say(p, now_us, done, all);
	p->next_us = now_us + p->every_us;
}

/* The last word, where there was one before. */
void progress_close(struct progress *p, uint64_t now_us)
{
	if (!p->to || p->next_us == p->started_us + p->every_us)
		return;
	say(p, now_us, 0, 0);
	if (p->over)
		fputc('\n', p->to);
}
