/* The post-quantum section in words, the same in every report for people. */
#include "report/pq.h"

#include "scanner/base/text.h"

enum { LINES_MAX = 12, NAMES_SHOWN = 8 };

static const struct {
	enum mark mark;
	const char *says, *text;
} harvests[] = {
#define PQ_HARVEST(NAME, word, mark, says, text) { MARK_##mark, says, text },
#include "report/pq.def"
#undef PQ_HARVEST
}, auths[] = {
#define PQ_AUTH(NAME, word, mark, says, text) { MARK_##mark, says, text },
#include "report/pq.def"
#undef PQ_AUTH
};

static const char *const places[] = {
#define PQ_PLACE(NAME, word, text) text,
#include "report/pq.def"
#undef PQ_PLACE
};

struct lines {
	struct arena *arena;
	const struct pq *pq;
	struct pq_line *v;
	size_t n;
};

static void line(struct lines *l, struct pq_line add)
{
	l->v[l->n++] = add;
}

static const char *keep(struct arena *a, struct text *t)
{
	const char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

/* ---- key exchange --------------------------------------------------------------------------------------------------------- */

static const char *why_not_known(const struct pq *q)
{
	if (q->reason)
		return q->reason;
	return q->place == PQ_PLACE_UNKNOWN ? "a post-quantum group is offered; whose order decides among groups is not known"
	                                    : "whether an older version is offered is not known";
}

static void harvest(struct lines *l)
{
	const struct pq *q = l->pq;
	const char *text = q->harvest == PQ_HARVEST_UNKNOWN ? why_not_known(q) : harvests[q->harvest].text;

	if (q->harvest == PQ_HARVEST_AT_RISK)
		text = arena_printf(l->arena, "%s; %s", q->reason, text);
	line(l, (struct pq_line){ "Key exchange", harvests[q->harvest].says, text, harvests[q->harvest].mark });
}

static void groups_of(struct lines *l)
{
	const struct pq *q = l->pq;
	struct text t = { 0 };

	if (!q->groups.n)
		return;
	for (size_t i = 0; i < q->groups.n; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", group_find((uint16_t)q->groups.v[i])->name);
	if (q->place != PQ_PLACE_NONE)
		text_fmt(&t, "; %s", places[q->place]);
	line(l, (struct pq_line){ "Groups", q->drafts_only ? "drafts" : NULL, keep(l->arena, &t), MARK_WEAK });
}

static void share(struct lines *l)
{
	const struct pq *q = l->pq;
	const char *other = q->share ? q->share : "another group";
	static const char title[] = "Without share";

	if (q->retry == TRI_YES)
		line(l, (struct pq_line){ title, "asked for",
			arena_printf(l->arena, "by a HelloRetryRequest, for one round trip more, where the client sent a share of %s alone",
				other), MARK_GOOD });
	else if (q->retry == TRI_NO)
		line(l, (struct pq_line){ title, "not asked for",
			arena_printf(l->arena, "the share of %s is taken: a client that sends no other is not protected", other), MARK_WEAK });
	else if (q->retry == TRI_UNKNOWN)
		line(l, (struct pq_line){ title, "not known",
			arena_printf(l->arena, "whether one is asked for where the client sent a share of %s alone", other), MARK_NONE });
}

static void older(struct lines *l)
{
	const struct pq *q = l->pq;

	if (q->offered == TRI_YES && q->older_is)
		line(l, (struct pq_line){ "Older versions", NULL,
			arena_printf(l->arena, "%s is offered too, and has no post-quantum key exchange", q->older_is), MARK_NONE });
}

/* ---- clients -------------------------------------------------------------------------------------------------------------- */

/* Those in use by name; of the others there is a number. */
static const char *names(struct arena *a, const struct client *const *list, size_t n)
{
	struct text t = { 0 };
	size_t shown = 0;

	for (size_t i = 0; i < n && shown < NAMES_SHOWN; i++)
		if (list[i]->current)
			text_fmt(&t, "%s%s", shown++ ? ", " : "", list[i]->name);
	if (n > shown)
		text_fmt(&t, "%s%zu %s", shown ? " and " : "", n - shown, shown ? "more" : "that are hardly in use");
	return keep(a, &t);
}

static void clients_by_fate(struct lines *l)
{
	static const struct {
		const char *title, *verb;
	} rows[] = {
		[PQ_CLIENT_DIRECT] = { "Clients", "end on it" },
		[PQ_CLIENT_RETRIED] = { "Clients, retry", "end on it after a retry" },
		[PQ_CLIENT_CLASSICAL] = { "Clients, other", "could, and do not" },
		[PQ_CLIENT_UNKNOWN] = { "Clients, open", "could; whether they do is not known" },
	};
	const struct pq *q = l->pq;

	for (size_t f = 0; f < PQ_CLIENTS; f++)
		if (q->clients_n[f])
			line(l, (struct pq_line){ rows[f].title, NULL, arena_printf(l->arena, "%zu %s: %s", q->clients_n[f],
				rows[f].verb, names(l->arena, q->clients[f], q->clients_n[f])), MARK_NONE });
}

/* ---- authentication ------------------------------------------------------------------------------------------------------- */

static void authentication(struct lines *l)
{
	const struct pq *q = l->pq;
	struct text t = { 0 };

	for (size_t i = 0; i < q->keys_n; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", q->keys[i]);
	if (q->auth == PQ_AUTH_UNKNOWN && q->keys_n)
		text_add(&t, "; the kind of another key is not known");
	else
		text_fmt(&t, "%s%s", q->keys_n ? "; " : "", auths[q->auth].text);
	line(l, (struct pq_line){ "Authentication", auths[q->auth].says, keep(l->arena, &t), auths[q->auth].mark });
}

struct pq_line *pq_lines(struct arena *a, const struct pq *q, size_t *count)
{
	struct lines l = { .arena = a, .pq = q, .v = arena_new(a, LINES_MAX, sizeof *l.v) };

	harvest(&l);
	groups_of(&l);
	share(&l);
	older(&l);
	clients_by_fate(&l);
	authentication(&l);
	line(&l, (struct pq_line){ "Ciphers", NULL,
		"not at issue: a quantum computer gains too little on symmetric ones to matter, AES-128 included", MARK_NONE });
	*count = l.n;
	return l.v;
}

const char *pq_sentence(struct arena *a, const struct pq_line *l)
{
	return l->word ? arena_printf(a, "%s: %s", l->word, l->says) : l->says;
}
