#include "scanner/run/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

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

	*ts = (struct targets){ .path = path, .sni = sni, .starttls = starttls };
	if (starttls && !target_starttls(&none, starttls))
		return complain("--starttls", "smtp, imap and the like, auto or no is wanted; see: tlsassay list dialects");
	if (!take_words(ts, words))
		return false;
	if (!path)
		return true;
	ts->file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	if (ts->file)
		return true;
	die_if_memory();
	return complain(path, strerror(errno));
}

/* Settings behind the target: starttls=.., sni=.. */
static bool take_setting(struct targets *ts, struct target *t, const char *word)
{
	if (!strncmp(word, "sni=", 4) && (!word[4] || target_is_name(word + 4)))
		put_sni(t, arena_text(&ts->arena, word + 4));
	else if (strncmp(word, "starttls=", 9) || !target_starttls(t, word + 9))
		return false;
	return true;
}

static struct target *parse_line(struct targets *ts, char *line)
{
	char *save = NULL, *word;
	struct target *t;

	line[strcspn(line, "#\r\n")] = 0;
	word = strtok_r(line, " \t", &save);
	if (!word)
		return NULL;
	t = target_parse(&ts->arena, word, &ts->why);
	while (t && (word = strtok_r(NULL, " \t", &save)))
		if (!take_setting(ts, t, word)) {
			ts->why = "unknown setting behind the target, no host name in sni=, or no dialect in starttls=";
			return NULL;
		}
	if (!t || ts->why)
		return NULL;
	put_given(ts, t);
	t->file = ts->path;
	t->line = ts->line;
	return t;
}

/* False at the end; a file that cannot be read to its end says why. */
static bool read_line(struct targets *ts, char **line, size_t *cap)
{
	errno = 0;
	if (getline(line, cap, ts->file) >= 0)
		return true;
	die_if_memory();
	if (ferror(ts->file))
		ts->why = strerror(errno);
	return false;
}

static void keep_text(struct targets *ts, const char *text)
{
	free(ts->text);
	ts->text = mem_text(text);
	ts->text[strcspn(ts->text, "\r\n")] = 0;
}

static const struct target *next_line(struct targets *ts)
{
	struct target *t = NULL;
	char *line = NULL;
	size_t cap = 0;

	while (!t && !ts->why && ts->file && read_line(ts, &line, &cap)) {
		ts->line++;
		keep_text(ts, line);
		t = parse_line(ts, line);
	}
	free(line);
	if (ts->why)
		fprintf(stderr, "tlsassay: %s:%llu: %s\n", ts->path, (unsigned long long)ts->line, ts->why);
	return t;
}

const struct target *targets_next(struct targets *ts)
{
	if (ts->at == ts->given_n)
		return ts->why ? NULL : next_line(ts);
	keep_text(ts, ts->given[ts->at]->input);
	return ts->given[ts->at++];
}

const struct target *targets_again(struct targets *ts, const char *path, uint64_t line, const char *text)
{
	const char *word[] = { text, NULL };
	struct target *t = NULL;
	char *copy;

	ts->given_n = ts->at = 0;
	if (!line)
		return take_words(ts, word) ? ts->given[0] : NULL;
	copy = mem_text(text);
	ts->path = arena_text(&ts->arena, path);
	ts->line = line;
	t = parse_line(ts, copy);
	free(copy);
	return t;
}

void targets_close(struct targets *ts)
{
	if (ts->file && ts->file != stdin)
		fclose(ts->file);
	free(ts->text);
	arena_free(&ts->arena);
}
