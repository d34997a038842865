#include "scanner/facts/ct_logs.h"

#include <string.h>

#include "scanner/base/base64.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/facts/time.h"

enum { NAME_SHOWN = 120, KEY_BYTES_MAX = 4096, FORMER_MAX = 64 };

static struct json_object *member(struct json_object *map, const char *key, enum json_type type)
{
	struct json_object *v = NULL;

	if (map && json_object_is_type(map, json_type_object))
		json_object_object_get_ex(map, key, &v);
	return v && json_object_is_type(v, type) ? v : NULL;
}

static struct span text_of(struct json_object *map, const char *key)
{
	struct json_object *v = member(map, key, json_type_string);

	if (!v)
		return (struct span){ NULL, 0 };
	return (struct span){ (const uint8_t *)json_object_get_string(v), (size_t)json_object_get_string_len(v) };
}

static const char *name_of(struct arena *a, struct json_object *map, const char *key)
{
	struct span s = text_of(map, key);

	return s.n ? text_clean(a, s.p, s.n, NAME_SHOWN) : "(no name)";
}

static struct span bytes_of(struct arena *a, struct json_object *map, const char *key)
{
	struct span s = text_of(map, key), none = { NULL, 0 };
	struct wr w;

	if (!s.n || s.n > KEY_BYTES_MAX)
		return none;
	w = wr_of(arena_new(a, BASE64_ROOM(s.n), 1), BASE64_ROOM(s.n));
	return base64_read(s, &w) ? (struct span){ w.buf, w.len } : none;
}

static int64_t time_of(struct json_object *map, const char *key)
{
	struct json_object *v = member(map, key, json_type_string);
	int64_t seconds = 0;

	return v && time_parse(json_object_get_string(v), &seconds) ? seconds : 0;
}

static bool read_state(struct json_object *log, struct ct_log *l)
{
	static const struct {
		const char *word;
		enum ct_log_state state;
	} words[] = {
		{ "pending", CT_LOG_PENDING }, { "qualified", CT_LOG_QUALIFIED }, { "usable", CT_LOG_USABLE },
		{ "readonly", CT_LOG_READONLY }, { "retired", CT_LOG_RETIRED }, { "rejected", CT_LOG_REJECTED },
	};
	struct json_object *state = member(log, "state", json_type_object);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct json_object *it = member(state, words[i].word, json_type_object);

		if (it) {
			l->state = words[i].state;
			l->since = time_of(it, "timestamp");
			return true;
		}
	}
	return false;
}

static void read_former(struct arena *a, struct json_object *j, struct ct_log *l)
{
	struct json_object *list = member(j, "previous_operators", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;
	struct ct_former *all = NULL;

	for (size_t i = 0; i < n && l->former_count < FORMER_MAX; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		all = arena_push(a, all, l->former_count, sizeof *all);
		all[l->former_count++] =
		        (struct ct_former){ .operator = name_of(a, one, "name"), .until = time_of(one, "end_time") };
	}
	l->former = all;
}

static void read_shard(struct json_object *j, struct ct_log *l)
{
	struct json_object *interval = member(j, "temporal_interval", json_type_object);

	l->shard_from = time_of(interval, "start_inclusive");
	l->shard_until = time_of(interval, "end_exclusive");
}

/* "test" and "monitoring_only": nobody is to rely on them. */
static bool is_for_use(struct json_object *j)
{
	struct span s = text_of(j, "log_type");

	return !s.n || (s.n == 4 && !memcmp(s.p, "prod", 4));
}

/* A log without a state is one that nobody vouches for yet: pending. */
static bool read_log(struct arena *a, struct json_object *j, struct ct_log *l)
{
	struct span id = bytes_of(a, j, "log_id");

	l->key = bytes_of(a, j, "key");
	if (id.n != CT_LOG_ID || !l->key.n)
		return false;
	memcpy(l->id, id.p, CT_LOG_ID);
	l->name = name_of(a, j, "description");
	if (!read_state(j, l) || !is_for_use(j))
		l->state = CT_LOG_PENDING;
	read_former(a, j, l);
	read_shard(j, l);
	return true;
}

static void read_logs(
        struct arena *a, struct json_object *list, const char *operator, bool tiled, struct ct_logs *logs)
{
	size_t n = list ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n && logs->n < CT_LOGS_MAX; i++) {
		struct ct_log l = { .operator = operator, .tiled = tiled };

		if (!read_log(a, json_object_array_get_idx(list, i), &l)) {
			logs->unreadable++;
			continue;
		}
		logs->v = arena_push(a, logs->v, logs->n, sizeof *logs->v);
		logs->v[logs->n++] = l;
	}
}

static void read_operator(struct arena *a, struct json_object *j, struct ct_logs *logs)
{
	const char *name = name_of(a, j, "name");

	read_logs(a, member(j, "logs", json_type_array), name, false, logs);
	read_logs(a, member(j, "tiled_logs", json_type_array), name, true, logs);
}

bool ct_logs_parse(struct arena *a, struct span json, struct ct_logs *logs, const char **why)
{
	struct json_object *all = json_parse((const char *)json.p, json.n, why);
	struct json_object *operators = member(all, "operators", json_type_array);

	*logs = (struct ct_logs){ .published = time_of(all, "log_list_timestamp") };
	for (size_t i = 0; operators && i < json_object_array_length(operators); i++)
		read_operator(a, json_object_array_get_idx(operators, i), logs);
	if (all && !operators)
		*why = "it has no list of operators";
	else if (all && !logs->n)
		*why = "it has no log that can be read";
	json_object_put(all);
	return logs->n > 0;
}

/* A usable log was qualified before, and a retired one usable; a qualified one was not yet accepted. */
bool ct_log_accepted(const struct ct_log *l, int64_t at)
{
	switch (l->state) {
	case CT_LOG_USABLE:
	case CT_LOG_READONLY:
		return true;
	case CT_LOG_QUALIFIED:
		return at >= l->since;
	case CT_LOG_RETIRED:
		return at < l->since;
	default:
		return false;
	}
}

/* The one whose time ended first after it; the list need not be in order. */
const char *ct_log_operator(const struct ct_log *l, int64_t at)
{
	const struct ct_former *found = NULL;

	for (size_t i = 0; i < l->former_count; i++)
		if (at < l->former[i].until && (!found || l->former[i].until < found->until))
			found = &l->former[i];
	return found ? found->operator : l->operator;
}

bool ct_log_takes(const struct ct_log *l, int64_t not_after)
{
	return (!l->shard_from && !l->shard_until) || (not_after >= l->shard_from && not_after < l->shard_until);
}

const struct ct_log *ct_logs_find(const struct ct_logs *logs, const uint8_t id[static CT_LOG_ID])
{
	for (size_t i = 0; i < logs->n; i++)
		if (!memcmp(logs->v[i].id, id, CT_LOG_ID))
			return &logs->v[i];
	return NULL;
}
