#include "scanner/run/lines.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/die.h"

enum { PART = 64 * 1024 };

static bool is_readable(const struct lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	return l->wait || poll(&p, 1, 0) != 0; /* what is wrong with it shows when it is read */
}

/* What is left of it moves to the front. */
static void pack(struct lines *l)
{
	l->held.n -= l->begin;
	if (l->held.n)
		memmove(l->held.s, l->held.s + l->begin, l->held.n);
	l->begin = 0;
}

static enum lines_got fill(struct lines *l)
{
	char part[PART];
	ssize_t n;

	if (!is_readable(l))
		return LINES_LATER;
	do
		n = read(l->fd, part, sizeof part);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? LINES_LATER : LINES_FAILED;
	pack(l);
	text_addn(&l->held, part, (size_t)n);
	l->bytes += (uint64_t)n;
	l->ended = !n;
	return LINES_ONE;
}

/* The line at the beginning of what is held, of `n` bytes; `whole` when it has its end. */
static bool give(struct lines *l, size_t n, bool whole, const char **line)
{
	bool pass = l->passing;

	*line = l->held.s + l->begin;
	l->begin += n + whole;
	l->passing = !whole && !l->ended;
	return !pass;
}

/* True when there is one: the whole of it, or as much as is taken of any. */
static bool find(struct lines *l, const char **line)
{
	for (;;) {
		size_t left = l->held.n - l->begin;
		char *from = l->held.s + l->begin, *end = left ? memchr(from, '\n', left) : NULL;
		size_t n = end ? (size_t)(end - from) : left;

		if (!end && !(l->ended && left) && left <= LINES_BYTES_MAX)
			return false;
		if (!end)
			text_addn(&l->held, "", 1); /* for the zero at its end */
		if (!end)
			l->held.n--;
		l->held.s[l->begin + n] = 0;
		if (give(l, n, end, line))
			return true;
	}
}

enum lines_got lines_next(struct lines *l, const char **line)
{
	enum lines_got got = LINES_ONE;

	while (got == LINES_ONE && !find(l, line)) {
		if (l->ended)
			return LINES_END;
		got = fill(l);
	}
	return got;
}

void lines_free(struct lines *l)
{
	text_free(&l->held);
}
