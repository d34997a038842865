#include "scanner/run/targets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "scanner/run/jobs.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static void put_sni(struct target *t, const char *sni)
{
	if (sni)
		t->sni = *sni ? sni : NULL;
}

/* What options say holds for every target. */
static void put_given(const struct targets *ts, struct target *t)
{
	put_sni(t, ts->sni);
	if (ts->starttls)
		target_starttls(t, ts->starttls);
}

static bool take_words(struct targets *ts, const char *const *words)
{
	const char *why = NULL;
	size_t n = 0;

	while (words[n])
		n++;
	ts->given = arena_new(&ts->arena, n, sizeof *ts->given);
	for (size_t i = 0; i < n; i++) {
		struct target *t = target_parse(&ts->arena, words[i], &why);

		if (!t)
			return complain(words[i], why);
		put_given(ts, t);
		ts->given[ts->given_n++] = t;
	}
	return true;
}

bool targets_open(struct targets *ts, const char *const *words, const char *path, const char *sni, const char *starttls)
{
	struct target none = { 0 };

	*ts = (struct targets){ .path = path, .sni = sni, .starttls = starttls, .lines = { .fd = -1, .wait = true } };
	if (starttls && !target_starttls(&none, starttls))
		return complain("--starttls", "smtp, imap and the like, auto or no is wanted; see: tlsassay list dialects");
	if (!take_words(ts, words))
		return false;
	if (!path)
		return true;
	ts->lines.fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (ts->lines.fd >= 0)
		return true;
	die_if_memory();
	return complain(path, strerror(errno));
}

/* Settings behind the target: starttls=.., sni=.. */
static bool take_setting(struct arena *a, struct target *t, const char *word)
{
	if (!strncmp(word, "sni=", 4) && (!word[4] || target_is_name(word + 4)))
		put_sni(t, arena_text(a, word + 4));
	else if (strncmp(word, "starttls=", 9) || !target_starttls(t, word + 9))
		return false;
	return true;
}

/* Everything of it in the arena given; NULL and no reason: there is no target in this line. */
static struct target *parse_words(struct targets *ts, struct arena *a, char *line)
{
	char *save = NULL, *word;
	struct target *t;

	line[strcspn(line, "#\r\n")] = 0;
	word = strtok_r(line, " \t", &save);
	if (!word)
		return NULL;
	t = target_parse(a, word, &ts->why);
	while (t && (word = strtok_r(NULL, " \t", &save)))
		if (!take_setting(a, t, word)) {
			ts->why = "unknown setting behind the target, no host name in sni=, or no dialect in starttls=";
			return NULL;
		}
	return ts->why ? NULL : t;
}

/* The target of a line owns what it is made of: of a long list only those on their way are in memory. */
static struct target *parse_line(struct targets *ts, const char *text)
{
	struct arena a = { 0 };
	struct target *t = parse_words(ts, &a, arena_text(&a, text));

	if (t)
		t->arena = a;
	else
		arena_free(&a);
	return t;
}

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r")];
}

/* NULL: nothing to scan stands there, or, with a reason, what stands there cannot be. */
static struct target *take_line(struct targets *ts, const char *text)
{
	struct target *t = !ts->jobs ? parse_line(ts, text) : is_blank(text) ? NULL : job_parse(text);

	if (!t)
		return NULL;
	put_given(ts, t);
	t->file = ts->path;
	t->line = ts->line;
	return t;
}

static void keep_text(struct targets *ts, const char *text)
{
	free(ts->text);
	ts->text = mem_text(text);
	ts->text[strcspn(ts->text, "\r\n")] = 0;
}

static enum lines_got next_line(struct targets *ts, const struct target **t)
{
	enum lines_got got = LINES_END;
	const char *line;

	*t = NULL;
	while (!*t && !ts->why && (got = lines_next(&ts->lines, &line)) == LINES_ONE) {
		ts->line++;
		keep_text(ts, line);
		*t = take_line(ts, line);
	}
	if (got == LINES_FAILED) {
		die_if_memory();
		ts->why = strerror(errno);
	}
	if (ts->why)
		fprintf(stderr, "tlsassay: %s:%llu: %s\n", ts->path, (unsigned long long)ts->line, ts->why);
	return ts->why ? LINES_END : got;
}

enum lines_got targets_next(struct targets *ts, const struct target **t)
{
	if (ts->at < ts->given_n) {
		keep_text(ts, ts->given[ts->at]->input);
		*t = ts->given[ts->at++];
		return LINES_ONE;
	}
	return ts->why || ts->lines.fd < 0 ? LINES_END : next_line(ts, t);
}

const struct target *targets_again(struct targets *ts, const char *path, uint64_t line, const char *text)
{
	const char *word[] = { text, NULL };

	ts->given_n = ts->at = 0;
	if (!line)
		return take_words(ts, word) ? ts->given[0] : NULL;
	ts->path = arena_text(&ts->arena, path);
	ts->line = line;
	return take_line(ts, text);
}

void targets_close(struct targets *ts)
{
	if (ts->lines.fd > STDIN_FILENO)
		close(ts->lines.fd);
	lines_free(&ts->lines);
	free(ts->text);
	arena_free(&ts->arena);
}
