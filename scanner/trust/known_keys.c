#include "scanner/trust/known_keys.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "scanner/base/arena.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"

struct known_key {
	uint8_t hash[SHA256_DIGEST_LENGTH];
	const char *whose;
};

struct known_keys {
	struct known_key *v;
	size_t n;
	bool debian;
	struct arena arena;
};

static const struct {
	const char *hash, *whose;
} built_in[] = {
#define KNOWN_KEY(...) { __VA_ARGS__ },
#include "scanner/trust/known_keys.def"
#undef KNOWN_KEY
};

static int nibble(uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool read_hash(struct rd *line, uint8_t hash[static SHA256_DIGEST_LENGTH])
{
	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		int high = nibble(rd_u8(line)), low = nibble(rd_u8(line));

		if (high < 0 || low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void pass_blanks(struct rd *line)
{
	while (rd_left(line) && is_blank(*line->p))
		rd_u8(line);
}

/* Up to a comment or the end of the line, without the blanks there. */
static struct span take_rest(const struct rd *line)
{
	struct span rest = rd_rest(line);

	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '#' && (!i || is_blank(rest.p[i - 1])))
			rest.n = i;
	while (rest.n && is_blank(rest.p[rest.n - 1]))
		rest.n--;
	return rest;
}

static void keep(struct known_keys *k, const struct known_key *key)
{
	k->v = arena_push(&k->arena, k->v, k->n, sizeof *k->v);
	k->v[k->n++] = *key;
	k->debian |= known_keys_is_debian(key->whose);
}

/* False when the line is wrong. */
static bool read_line(struct known_keys *k, struct rd line)
{
	struct known_key key = { .whose = "known" };
	struct span whose;

	pass_blanks(&line);
	if (!rd_left(&line) || *line.p == '#')
		return true;
	if (!read_hash(&line, key.hash))
		return false;
	if (rd_left(&line) && !is_blank(*line.p))
		return false;
	pass_blanks(&line);
	whose = take_rest(&line);
	if (whose.n)
		key.whose = text_clean(&k->arena, whose.p, whose.n, KNOWN_KEY_WORD_MAX);
	keep(k, &key);
	return true;
}

static struct rd take_line(struct rd *text)
{
	struct span left = rd_rest(text);
	const uint8_t *end = left.n ? memchr(left.p, '\n', left.n) : NULL;
	struct rd line = rd_sub(text, end ? (size_t)(end - left.p) : left.n);

	if (end)
		rd_u8(text);
	return line;
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(((const struct known_key *)a)->hash, ((const struct known_key *)b)->hash, SHA256_DIGEST_LENGTH);
}

static void keep_built_in(struct known_keys *k)
{
	for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
		struct known_key key = { .whose = built_in[i].whose };
		struct rd hash = rd_of(built_in[i].hash, strlen(built_in[i].hash));

		require(read_hash(&hash, key.hash) && rd_end(&hash));
		keep(k, &key);
	}
}

static struct known_keys *read_lines(struct span text, size_t *wrong_line)
{
	struct known_keys *k = mem_new(1, sizeof *k);
	struct rd r = rd_span(text);

	for (*wrong_line = 1; rd_left(&r); ++*wrong_line)
		if (!read_line(k, take_line(&r))) {
			known_keys_free(k);
			return NULL;
		}
	return k;
}

static struct known_keys *sorted(struct known_keys *k)
{
	if (k && k->n)
		qsort(k->v, k->n, sizeof *k->v, by_hash);
	return k;
}

struct known_keys *known_keys_new(struct span text, size_t *wrong_line)
{
	struct known_keys *k = read_lines(text, wrong_line);

	if (k)
		keep_built_in(k);
	return sorted(k);
}

struct known_keys *known_keys_of(struct span text, size_t *wrong_line)
{
	return sorted(read_lines(text, wrong_line));
}

void known_keys_free(struct known_keys *k)
{
	if (!k)
		return;
	arena_free(&k->arena);
	free(k);
}

const char *known_keys_find(const struct known_keys *k, const struct cert *c)
{
	struct known_key wanted = { .whose = NULL };
	const struct known_key *found;

	keys_sha256(c->spki.p, c->spki.n, wanted.hash);
	found = k->n ? bsearch(&wanted, k->v, k->n, sizeof *k->v, by_hash) : NULL;
	return found ? found->whose : NULL;
}

bool known_keys_is_debian(const char *whose)
{
	return !strncmp(whose, "debian", 6) && (!whose[6] || whose[6] == '-');
}

bool known_keys_have_debian(const struct known_keys *k)
{
	return k->debian;
}
