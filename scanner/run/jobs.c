#include "scanner/run/jobs.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/json.h"

/* What the members of a job are read into. */
struct job {
	struct arena *arena;
	const char *target, *sni, *starttls, *ref;
	bool ref_is_number;
};

static const char *text_of(struct job *j, struct json_object *value, size_t most)
{
	size_t n = (size_t)json_object_get_string_len(value);
	const char *s = json_object_get_string(value);

	if (json_object_get_type(value) != json_type_string || n > most || memchr(s, 0, n))
		return NULL;
	return arena_textn(j->arena, s, n);
}

static const char *take_target(struct job *j, struct json_object *value)
{
	j->target = text_of(j, value, JOB_REF_MAX);
	return j->target ? NULL : "target: a text is wanted";
}

static const char *take_sni(struct job *j, struct json_object *value)
{
	j->sni = text_of(j, value, JOB_REF_MAX);
	return j->sni && (!*j->sni || target_is_name(j->sni)) ? NULL : "sni: a host name is wanted, or nothing";
}

static const char *take_starttls(struct job *j, struct json_object *value)
{
	j->starttls = text_of(j, value, JOB_REF_MAX);
	return j->starttls ? NULL : "starttls: a dialect is wanted, auto or no";
}

static const char *take_ref(struct job *j, struct json_object *value)
{
	j->ref_is_number = json_object_get_type(value) == json_type_int;
	j->ref = j->ref_is_number ? arena_printf(j->arena, "%" PRId64, json_object_get_int64(value))
				  : text_of(j, value, JOB_REF_MAX);
	return j->ref ? NULL : "ref: a text of at most 1,024 bytes or a whole number is wanted";
}

static const struct member {
	const char *name;
	const char *(*take)(struct job *, struct json_object *); /* what is wrong, or NULL */
} members[] = { { "target", take_target }, { "sni", take_sni }, { "starttls", take_starttls }, { "ref", take_ref } };

/* All are read, whatever is wrong with one: a job that is none keeps its ref. */
static const char *take_all(struct job *j, struct json_object *tree)
{
	const char *why = NULL;

	json_object_object_foreach(tree, key, value) {
		const char *wrong = "a member that no job has: target, sni, starttls and ref are known";

		for (size_t i = 0; i < sizeof members / sizeof *members; i++)
			if (!strcmp(members[i].name, key))
				wrong = members[i].take(j, value);
		why = why ? why : wrong;
	}
	return why ? why : j->target ? NULL : "there is no target";
}

static const char *read_job(struct job *j, const char *line)
{
	const char *why = NULL;
	struct json_object *tree = json_parse(line, strlen(line), &why);

	if (!why && json_object_get_type(tree) != json_type_object)
		why = "one JSON object a line is wanted";
	if (!why)
		why = take_all(j, tree);
	json_object_put(tree);
	return why;
}

static struct target *no_job(struct arena *a, const char *line, const char *why)
{
	struct target *t = arena_new(a, 1, sizeof *t);
	char *shown = text_clean(a, line, strlen(line), JOB_SHOWN_MAX);

	*t = (struct target){ .input = shown, .host = "", .why = why };
	return t;
}

static struct target *target_of(const struct job *j, const char **why)
{
	struct target *t = target_parse(j->arena, j->target, why);

	if (!t)
		return NULL;
	if (j->starttls && !target_starttls(t, j->starttls)) {
		*why = "starttls: a dialect is wanted, auto or no";
		return NULL;
	}
	if (j->sni)
		t->sni = *j->sni ? j->sni : NULL;
	return t;
}

struct target *job_parse(const char *line)
{
	struct arena a = { 0 };
	struct job j = { .arena = &a };
	const char *why = read_job(&j, line);
	struct target *t = why ? NULL : target_of(&j, &why);

	if (!t)
		t = no_job(&a, line, why);
	t->ref = j.ref;
	t->ref_is_number = j.ref_is_number;
	t->arena = a;
	return t;
}
