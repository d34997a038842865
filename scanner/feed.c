#include "scanner/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/base/die.h"
#include "scanner/cli.h"
#include "scanner/net/watch.h"

/* Is the list a file, and of which size? */
static bool is_file(int fd, uint64_t *bytes)
{
	struct stat s;
	bool is = fd >= 0 && !fstat(fd, &s) && S_ISREG(s.st_mode);

	*bytes = is ? (uint64_t)s.st_size : 0;
	return is;
}

bool feed_none(const struct feed *f)
{
	fprintf(stderr, "tlsassay: %s: no target is in it\n", f->targets.path ? f->targets.path : "the recording");
	return false;
}

/* A line that is no target was told already. */
static bool look_at_first(struct feed *f)
{
	f->any = targets_next(&f->targets, &f->first) == LINES_ONE;
	return f->any || (!f->targets.why && feed_none(f));
}

bool feed_open(struct feed *f, const struct cli *c)
{
	*f = (struct feed){ 0 };
	if (!targets_open(&f->targets, c->arguments, c->jobs ? c->jobs : c->file, c->sni, c->starttls))
		return false;
	f->targets.jobs = c->jobs != NULL;
	if (is_file(f->targets.lines.fd, &f->bytes) && !c->jobs && !look_at_first(f))
		return false;
	if (c->jobs || c->resume || c->unordered)
		f->pool = mem_new(1, sizeof *f->pool);
	return !c->resume || resume_open(&f->resume, c->resume);
}

static void on_input(void *owner)
{
	struct feed *f = owner;

	scan_more(f->scan);
}

void feed_attach(struct feed *f, struct scan *s)
{
	f->scan = s;
	if (f->pool)
		memcpy(&f->pool->state, s->options.seed, sizeof f->pool->state);
	if (f->targets.lines.fd < 0)
		return;
	f->input = watch_input(s->net, f->targets.lines.fd, on_input, f);
	f->targets.lines.wait = !f->input;
}

void feed_detach(struct feed *f)
{
	watch_free(f->input);
	f->input = NULL;
}

static bool is_scanned(struct feed *f, const struct target *t)
{
	enum resumed r = f->resume.room ? resume_ask(&f->resume, t) : RESUME_NEW;

	if (r == RESUME_OTHER) {
		f->targets.why = "another target stood in this line when the report was begun";
		fprintf(stderr, "tlsassay: %s:%llu: %s\n", t->file, (unsigned long long)t->line, f->targets.why);
	}
	return r != RESUME_NEW;
}

static enum lines_got next(struct feed *f, const struct target **t)
{
	enum lines_got got = f->first ? LINES_ONE : targets_next(&f->targets, t);

	if (f->first)
		*t = f->first;
	f->first = NULL;
	f->any |= got == LINES_ONE;
	return got;
}

/* The next one of the list that is still to be scanned. */
static enum lines_got take(struct feed *f, const struct target **t)
{
	enum lines_got got;

	while ((got = next(f, t)) == LINES_ONE && is_scanned(f, *t))
		target_free(*t);
	return got;
}

/* As much of the list as there is, and as there is room for. */
static enum lines_got fill(struct feed *f)
{
	enum lines_got got = LINES_ONE;
	const struct target *t;

	while (!pool_is_full(f->pool) && (got = take(f, &t)) == LINES_ONE)
		pool_put(f->pool, t);
	return got;
}

static enum fed wait_for_more(struct feed *f)
{
	watch_once(f->input);
	return FED_LATER;
}

enum fed feed_next(struct feed *f, const struct target **t)
{
	enum lines_got got = f->stopped ? LINES_END : f->pool ? fill(f) : take(f, t);

	if (f->pool && !f->stopped && (*t = pool_draw(f->pool)))
		return FED_TARGET;
	return got == LINES_ONE ? FED_TARGET : got == LINES_LATER ? wait_for_more(f) : FED_END;
}

void feed_stop(struct feed *f)
{
	f->stopped = true;
	if (f->input)
		watch_stop(f->input);
}

bool feed_failed(const struct feed *f)
{
	return f->targets.why;
}

void feed_close(struct feed *f)
{
	if (f->pool)
		pool_free(f->pool);
	free(f->pool);
	if (f->first)
		target_free(f->first);
	resume_close(&f->resume);
	targets_close(&f->targets);
}
