#include "report/waive.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/gate.h"
#include "report/near.h"
#include "report/rules.h"
#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/facts/time.h"

enum { DAY_SECONDS = 86400, DATE_CHARACTERS = 10, TEXT_BYTES_MAX = 1024 };

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static const struct member {
	const char *name;
	size_t field;
} members[] = {
	{ "id", offsetof(struct waiver, id) },
	{ "target", offsetof(struct waiver, target) },
	{ "until", offsetof(struct waiver, until) },
	{ "why", offsetof(struct waiver, why) },
};

enum { MEMBERS = sizeof members / sizeof *members };

struct reader {
	struct waivers *to;
	size_t at;
	char *why;
};

static bool refuse(struct reader *in, const char *key, const char *what)
{
	struct text t = { 0 };

	if (!in->why) {
		text_fmt(&t, "/%zu", in->at);
		text_fmt(&t, "%s%s: %s", *key ? "/" : "", key, what);
		in->why = t.s;
	}
	return false;
}

static const struct member *member_find(const char *name)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (!strcmp(members[i].name, name))
			return &members[i];
	return NULL;
}

static bool read_member(struct reader *in, struct waiver *w, const char *name, struct json_object *v)
{
	const struct member *m = member_find(name);
	size_t n = json_object_is_type(v, json_type_string) ? (size_t)json_object_get_string_len(v) : 0;

	if (!m)
		return refuse(in, "", "has another member than id, target, until and why");
	if (!n || n > TEXT_BYTES_MAX)
		return refuse(in, name, "is not a text of 1 to 1024 bytes");
	*(const char **)((char *)w + m->field) = text_clean(&in->to->arena, json_object_get_string(v), n, n);
	return true;
}

static bool is_whole(struct reader *in, const struct waiver *w)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (!*(const char *const *)((const char *)w + members[i].field))
			return refuse(in, members[i].name, "is missing");
	return true;
}

/* A day counts to its end. */
static bool read_end(struct reader *in, struct waiver *w)
{
	bool day = strlen(w->until) == DATE_CHARACTERS;
	const char *text = day ? arena_printf(&in->to->arena, "%sT00:00:00Z", w->until) : w->until;

	if (!time_parse(text, &w->ends))
		return refuse(in, "until", "is neither a day, 2027-01-31, nor a time of RFC 3339");
	w->ends += day ? DAY_SECONDS : 0;
	return true;
}

bool waives_group(const struct waiver *w)
{
	return !strncmp(w->id, "addresses.", 10) || !strncmp(w->id, "run.", 4);
}

static bool id_known(struct reader *in, const struct waiver *w)
{
	const char *near = near_id(w->id);

	if (rule_find(w->id) || gate_waivable(w->id) || waives_group(w) || strchr(w->id, '/'))
		return true; /* which policies are asked for is not known here: one that is misspelt waives nothing */
	return refuse(in, "id", near ? arena_printf(&in->to->arena, "no finding or gate has this id; is %s meant?", near)
	                             : "no finding or gate has this id (see: tlsassay list rules)");
}

static bool read_waiver(struct reader *in, struct json_object *j)
{
	struct waivers *ws = in->to;
	struct waiver w = { 0 };

	if (!json_object_is_type(j, json_type_object))
		return refuse(in, "", "is not a map");
	json_object_object_foreach(j, name, value)
		if (!read_member(in, &w, name, value))
			return false;
	if (!is_whole(in, &w) || !read_end(in, &w) || !id_known(in, &w))
		return false;
	w.why = escape_in(&ws->arena, escape_none, w.why); /* it is only told */
	ws->list = arena_push(&ws->arena, ws->list, ws->count, sizeof w);
	ws->list[ws->count++] = w;
	return true;
}

static bool read_list(struct reader *in, struct json_object *list)
{
	size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : WAIVERS_MAX + 1;

	if (n > WAIVERS_MAX) {
		in->why = mem_text("not a list of at most 10000 waivers");
		return false;
	}
	for (in->at = 0; in->at < n; in->at++)
		if (!read_waiver(in, json_object_array_get_idx(list, in->at)))
			return false;
	return true;
}

bool waivers_parse(struct waivers *ws, const char *text, size_t n, char **why)
{
	struct reader in = { .to = ws };
	const char *trouble = NULL;
	struct json_object *list = json_parse(text, n, &trouble);
	bool well;

	*ws = (struct waivers){ 0 };
	well = list ? read_list(&in, list) : (in.why = mem_text(trouble), false);
	json_object_put(list);
	if (!well)
		waivers_free(ws);
	*why = in.why;
	return well;
}

void waivers_free(struct waivers *ws)
{
	arena_free(&ws->arena);
	*ws = (struct waivers){ 0 };
}

/* ---- matching --------------------------------------------------------------------------------------------------- */

static bool same_byte(char pattern, char text)
{
	return pattern == '?' || tolower((unsigned char)pattern) == tolower((unsigned char)text);
}

/* One star to go back to is enough: an earlier one could take no more than it did. */
bool waiver_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern && same_byte(*pattern, *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool is_about(const struct waiver *w, const struct record *r)
{
	struct arena a = { 0 };
	bool matches = waiver_matches(w->target, r->host ? r->host : "") || (r->ip && waiver_matches(w->target, r->ip)) ||
	               waiver_matches(w->target, show_target(&a, r));

	arena_free(&a);
	return matches;
}

const struct waiver *waivers_find(const struct waivers *ws, const struct record *r, const char *id)
{
	const struct waiver *best = NULL;

	for (size_t i = 0; ws && i < ws->count; i++) {
		const struct waiver *w = &ws->list[i];

		if (!strcmp(w->id, id) && (!best || w->ends > best->ends) && is_about(w, r))
			best = w;
	}
	return best;
}

bool waiver_ended(const struct waiver *w, const struct record *r)
{
	return r->started >= w->ends;
}
