#include "scanner/compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/compare/gist.h"
#include "scanner/compare/name.h"
#include "scanner/compare/run.h"

struct compare {
	void (*sink)(void *owner, struct group_record *);
	void *owner;
	struct run *run;

	/* the name that is open; host NULL: none */
	char *host, *sni, *starttls, *transport;
	uint16_t port;
	struct gist *gists[COMPARE_ADDRESSES_MAX];
	size_t n;
	bool cut;
};

struct compare *compare_new(void (*sink)(void *owner, struct group_record *), void *owner)
{
	struct compare *c = mem_new(1, sizeof *c);

	c->sink = sink;
	c->owner = owner;
	c->run = run_new();
	return c;
}

static void hand_over(struct compare *c, struct group_record *g)
{
	if (g)
		c->sink(c->owner, g);
	group_free(g);
}

/* ---- the open name --------------------------------------------------------------------------- */

static char *copy(const char *s)
{
	return s ? mem_text(s) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static const char *text_or_null(struct arena *a, const char *s)
{
	return s ? arena_text(a, s) : NULL;
}

static void name_it(const struct compare *c, struct group_record *g)
{
	g->host = arena_text(&g->arena, c->host);
	g->sni = text_or_null(&g->arena, c->sni);
	g->starttls = text_or_null(&g->arena, c->starttls);
	g->transport = text_or_null(&g->arena, c->transport);
	g->port = c->port;
}

static void close_name(struct compare *c)
{
	struct group_record *g = c->host ? name_group(c->gists, c->n, c->cut) : NULL;

	if (g)
		name_it(c, g);
	hand_over(c, g);
	while (c->n)
		gist_free(c->gists[--c->n]);
	free(c->host);
	free(c->sni);
	free(c->starttls);
	free(c->transport);
	c->host = c->sni = c->starttls = c->transport = NULL;
	c->cut = false;
}

static bool is_open(const struct compare *c, const struct record *r)
{
	return c->host && r->host && !strcmp(c->host, r->host) && c->port == r->port && same(c->sni, r->sni) &&
	       same(c->starttls, r->starttls) && same(c->transport, r->transport);
}

static void open_name(struct compare *c, const struct record *r)
{
	c->host = mem_text(r->host ? r->host : "");
	c->sni = copy(r->sni);
	c->starttls = copy(r->starttls);
	c->transport = copy(r->transport);
	c->port = r->port;
}

/* An address that comes once more tells nothing about another. */
static bool is_known(const struct compare *c, const char *ip)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->gists[i]->ip, ip))
			return true;
	return false;
}

static size_t last_address(const struct compare *c)
{
	size_t last = 0;

	for (size_t i = 1; i < c->n; i++)
		if (strcmp(c->gists[i]->ip, c->gists[last]->ip) > 0)
			last = i;
	return last;
}

/* Of too many addresses the first ones are kept, by their text: whichever came first. */
static void add_address(struct compare *c, const struct record *r, const struct judgement *j)
{
	size_t at = c->n;

	if (!r->ip || is_known(c, r->ip))
		return;
	if (c->n == COMPARE_ADDRESSES_MAX) {
		at = last_address(c);
		c->cut = true;
		if (strcmp(r->ip, c->gists[at]->ip) > 0)
			return;
		gist_free(c->gists[at]);
		c->n--;
	}
	c->gists[at] = gist_of(r, j);
	c->n++;
}

/* ---- the run --------------------------------------------------------------------------------- */

void compare_endpoint(struct compare *c, const struct record *r, const struct judgement *j)
{
	if (!is_open(c, r)) {
		close_name(c);
		open_name(c, r);
	}
	add_address(c, r, j);
	run_add(c->run, r);
}

void compare_end(struct compare *c)
{
	close_name(c);
	hand_over(c, run_group(c->run));
	run_free(c->run);
	free(c);
}
