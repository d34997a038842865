#include "report/policy_read.h"

#include <string.h>

#include "report/escape.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"

/* The first fault is told: where, as a JSON pointer, and what. */
struct reading {
	struct arena *said; /* of the fault */
	struct policy *policy;
	const char *where, *why;
};

static bool fault(struct reading *g, const char *at, const char *why)
{
	if (!g->why) {
		g->where = arena_text(g->said, at);
		g->why = arena_text(g->said, why);
	}
	return false;
}

/* A step down: '~' and '/' of a name are written ~0 and ~1 (RFC 6901 section 3). */
static const char *down(struct reading *g, const char *at, const char *name)
{
	struct text t = { 0 };
	const char *path;

	text_fmt(&t, "%s/", at);
	for (; *name; name++)
		if (*name == '~' || *name == '/')
			text_add(&t, *name == '~' ? "~0" : "~1");
		else
			text_char(&t, *name);
	path = text_clean(g->said, text_str(&t), t.n, POLICY_TEXT_MAX);
	text_free(&t);
	return path;
}

static const char *down_to(struct reading *g, const char *at, size_t i)
{
	return arena_printf(g->said, "%s/%zu", at, i);
}

/* ---- plain values -------------------------------------------------------------------------------------------- */

static bool read_text(struct reading *g, struct json_object *v, const char *at, const char **out)
{
	size_t n;

	if (!json_object_is_type(v, json_type_string))
		return fault(g, at, "a text is wanted");
	n = (size_t)json_object_get_string_len(v);
	if (!n || n > POLICY_TEXT_MAX || memchr(json_object_get_string(v), 0, n))
		return fault(g, at, "a text of 1 to 1000 bytes is wanted, without a zero in it");
	*out = arena_textn(&g->policy->arena, json_object_get_string(v), n);
	return true;
}

/* What is only told, and stands for nothing. */
static bool read_prose(struct reading *g, struct json_object *v, const char *at, const char **out)
{
	if (!read_text(g, v, at, out))
		return false;
	*out = escape_in(&g->policy->arena, escape_none, *out);
	return true;
}

static bool read_id(struct reading *g, struct json_object *v, const char *at, const char **out)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789", more[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

	if (!read_text(g, v, at, out))
		return false;
	if (!strchr(first, **out) || (*out)[strspn(*out, more)])
		return fault(g, at, "small letters, digits, '_', '.' and '-' are wanted, a letter or digit first");
	return true;
}

static bool read_date(struct reading *g, struct json_object *v, const char *at, const char **out)
{
	static const char form[] = "dddd-dd-dd";
	size_t n = 0;

	if (!read_text(g, v, at, out))
		return false;
	for (; n < sizeof form - 1 && (*out)[n]; n++)
		if (form[n] == 'd' ? (*out)[n] < '0' || (*out)[n] > '9' : (*out)[n] != form[n])
			break;
	if ((*out)[n] || (n != 4 && n != 7 && n != 10))
		return fault(g, at, "a date is wanted: 2026, 2026-11 or 2026-11-21");
	return true;
}

static bool read_number(struct reading *g, struct json_object *v, const char *at, int64_t *out)
{
	if (!json_object_is_type(v, json_type_int) || json_object_get_int64(v) < 0)
		return fault(g, at, "a whole number from 0 up is wanted");
	*out = json_object_get_int64(v);
	return true;
}

static bool is_list(struct reading *g, struct json_object *v, const char *at, size_t least, size_t most)
{
	if (!json_object_is_type(v, json_type_array))
		return fault(g, at, "a list is wanted");
	if (json_object_array_length(v) < least)
		return fault(g, at, "the list is empty");
	return json_object_array_length(v) <= most || fault(g, at, "the list is too long");
}

typedef bool read_one(struct reading *, struct json_object *, const char *at, const char **);

static bool read_each(
	struct reading *g, struct json_object *v, const char *at, read_one *one, const char *const **out, size_t *count)
{
	const char **words;

	if (!is_list(g, v, at, 0, POLICY_LIST_MAX))
		return false;
	*count = json_object_array_length(v);
	words = arena_new(&g->policy->arena, *count, sizeof *words);
	for (size_t i = 0; i < *count; i++)
		if (!one(g, json_object_array_get_idx(v, i), down_to(g, at, i), &words[i]))
			return false;
	*out = words;
	return true;
}

static bool read_words(struct reading *g, struct json_object *v, const char *at, const char *const **out, size_t *count)
{
	return read_each(g, v, at, read_text, out, count);
}

/* ---- operands ------------------------------------------------------------------------------------------------ */

/* "0x1302": for what no registry has. */
static bool read_hex(const char *text, uint32_t *code)
{
	size_t n = strlen(text);

	*code = 0;
	if (n < 6 || n > 8 || strncmp(text, "0x", 2) || strspn(text + 2, "0123456789ABCDEF") != n - 2)
		return false;
	for (text += 2; *text; text++)
		*code = *code << 4 | (uint32_t)(*text <= '9' ? *text - '0' : *text - 'A' + 10);
	return true;
}

#define BY_NAME(what, find)                                                                                          \
	static const char *what##_code(const char *name, uint32_t *code)                                             \
	{                                                                                                            \
		const struct what *found = find(name);                                                               \
                                                                                                                     \
		if (found)                                                                                           \
			*code = found->code;                                                                         \
		return found ? found->name : NULL;                                                                   \
	}
BY_NAME(suite, suite_by_name)
BY_NAME(group, group_by_name)
BY_NAME(scheme, scheme_by_name)
BY_NAME(version, version_by_name)

static const char *extension_code(const char *name, uint32_t *code)
{
	for (size_t i = 0; i < extensions_count; i++)
		if (!strcmp(extensions[i].name, name)) {
			*code = extensions[i].code;
			return extensions[i].name;
		}
	return NULL;
}

static const struct registry {
	const char *(*code)(const char *name, uint32_t *code); /* the registry's own name, NULL for none */
	const char *unknown;
} registries[] = {
	[FACT_SUITES] = { suite_code, "no cipher suite has this name" },
	[FACT_GROUPS] = { group_code, "no group has this name" },
	[FACT_SCHEMES] = { scheme_code, "no signature scheme has this name" },
	[FACT_EXTENSIONS] = { extension_code, "no extension has this name" },
	[FACT_VERSIONS] = { version_code, "no protocol version has this name" },
	[FACT_CODES] = { NULL, "a code is wanted, as 0x1302" },
};

static bool is_code(enum fact_type t)
{
	return t >= FACT_SUITES && t <= FACT_CODES;
}

static bool read_code(struct reading *g, enum fact_type t, const char *at, const char **word, uint32_t *code)
{
	const char *name = registries[t].code ? registries[t].code(*word, code) : NULL;

	if (name)
		*word = name;
	return name || read_hex(*word, code) || fault(g, at, registries[t].unknown);
}

static bool read_codes(struct reading *g, struct policy_rule *r, const char *at)
{
	uint32_t *codes = arena_new(&g->policy->arena, r->count, sizeof *codes);
	const char **words = arena_copy(&g->policy->arena, r->words, r->count * sizeof *words);

	for (size_t i = 0; i < r->count; i++)
		if (!read_code(g, r->fact.type, down_to(g, at, i), &words[i], &codes[i]))
			return false;
	r->codes = codes;
	r->words = words;
	return true;
}

static bool read_list(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	if (!is_list(g, v, at, r->demand == DEMAND_ONLY ? 0 : 1, POLICY_LIST_MAX))
		return false;
	return read_words(g, v, at, &r->words, &r->count) && (!is_code(r->fact.type) || read_codes(g, r, at));
}

/* A word that a yes-or-no fact never says would make a rule that nobody can meet, or break. */
static bool read_is(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	bool tri = obs_kinds[r->fact.obs].type == OBS_TRI;

	if (!read_list(g, v, at, r))
		return false;
	for (size_t i = 0; tri && i < r->count; i++)
		if (strcmp(r->words[i], "yes") && strcmp(r->words[i], "no"))
			return fault(g, down_to(g, at, i), "this fact says yes or no");
	return true;
}

/* Lists in a list: flat, and each operand with the number of its list. */
static bool read_ranks(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	struct json_object *flat;
	uint8_t *ranks;
	size_t n = 0;
	bool good = true;

	if (!is_list(g, v, at, 1, UINT8_MAX - 1))
		return false;
	flat = json_list();
	ranks = arena_new(&g->policy->arena, POLICY_LIST_MAX, 1);
	for (size_t i = 0; good && i < json_object_array_length(v); i++) {
		struct json_object *rank = json_object_array_get_idx(v, i);

		good = is_list(g, rank, down_to(g, at, i), 1, POLICY_LIST_MAX - n);
		for (size_t k = 0; good && k < json_object_array_length(rank); k++, n++) {
			struct policy_rule one = { .fact = r->fact };
			struct json_object *only = json_list();

			json_push(only, json_object_get(json_object_array_get_idx(rank, k)));
			json_push(flat, json_object_get(json_object_array_get_idx(rank, k)));
			good = read_list(g, only, down_to(g, at, i), &one);
			json_object_put(only);
			ranks[n] = (uint8_t)i;
		}
	}
	good = good && read_list(g, flat, at, r);
	json_object_put(flat);
	r->ranks = ranks;
	return good;
}

static const struct suite_kind *kind_find(const char *name)
{
	for (const struct suite_kind *k = suite_kinds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static bool read_kinds(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	const struct suite_kind **kinds;

	if (!is_list(g, v, at, 1, POLICY_LIST_MAX) || !read_words(g, v, at, &r->words, &r->count))
		return false;
	kinds = arena_new(&g->policy->arena, r->count, sizeof *kinds);
	for (size_t i = 0; i < r->count; i++) {
		kinds[i] = kind_find(r->words[i]);
		if (!kinds[i])
			return fault(g, down_to(g, at, i), "no kind of cipher suites has this name");
	}
	r->kinds = kinds;
	return true;
}

static bool read_bound(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	return read_number(g, v, at, &r->number);
}

#define ABOUT(type) (1u << FACT_##type)

enum {
	LISTS = ABOUT(NAMES) | ABOUT(SUITES) | ABOUT(GROUPS) | ABOUT(SCHEMES) | ABOUT(EXTENSIONS) | ABOUT(VERSIONS) |
		ABOUT(CODES),
	ORDERED = ABOUT(SUITES) | ABOUT(GROUPS) | ABOUT(SCHEMES),
};

static const struct {
	const char *name;
	unsigned of; /* facts of these types have it */
	bool (*read)(struct reading *, struct json_object *, const char *at, struct policy_rule *);
} demands[DEMANDS] = {
	[DEMAND_ONLY] = { "only", LISTS, read_list },
	[DEMAND_NONE] = { "none", LISTS, read_list },
	[DEMAND_ALL] = { "all", LISTS, read_list },
	[DEMAND_ANY] = { "any", LISTS, read_list },
	[DEMAND_FIRST] = { "first", ORDERED, read_list },
	[DEMAND_RANKED] = { "ranked", ORDERED, read_ranks },
	[DEMAND_NO_KIND] = { "no_kind", ABOUT(SUITES), read_kinds },
	[DEMAND_ONLY_KIND] = { "only_kind", ABOUT(SUITES), read_kinds },
	[DEMAND_IS] = { "is", ABOUT(WORDS), read_is },
	[DEMAND_IS_NOT] = { "is_not", ABOUT(WORDS), read_is },
	[DEMAND_MIN] = { "min", ABOUT(NUMBERS), read_bound },
	[DEMAND_MAX] = { "max", ABOUT(NUMBERS), read_bound },
};

/* ---- rules --------------------------------------------------------------------------------------------------- */

static struct json_object *member(struct json_object *map, const char *name)
{
	struct json_object *v = NULL;

	json_object_object_get_ex(map, name, &v);
	return v;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool is_demand(const char *name)
{
	for (size_t i = 0; i < DEMANDS; i++)
		if (!strcmp(demands[i].name, name))
			return true;
	return false;
}

/* Every member is known, and those that must be there are. */
static bool members(struct reading *g, struct json_object *map, const char *at, const char *const *must,
	const char *const *may, bool demanding)
{
	if (!json_object_is_type(map, json_type_object))
		return fault(g, at, "an object is wanted");
	json_object_object_foreach(map, name, value) {
		if (!value)
			return fault(g, down(g, at, name), "null says nothing");
		if (!is_one_of(name, must) && !is_one_of(name, may) && !(demanding && is_demand(name)))
			return fault(g, down(g, at, name), "this is not known here");
	}
	for (; *must; must++)
		if (!member(map, *must))
			return fault(g, at, arena_printf(g->said, "'%s' is missing", *must));
	return true;
}

static bool read_level(struct reading *g, struct json_object *v, const char *at, enum policy_level *out)
{
	const char *word;

	if (!read_text(g, v, at, &word))
		return false;
	for (*out = LEVEL_MUST; *out < POLICY_LEVELS; (*out)++)
		if (!strcmp(policy_level_name(*out), word))
			return true;
	return fault(g, at, "must, should or may is wanted");
}

static bool read_versions(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	const char *const *words;
	uint16_t *codes;
	size_t n;

	if (!is_list(g, v, at, 1, 16) || !read_words(g, v, at, &words, &n))
		return false;
	codes = arena_new(&g->policy->arena, n + 1, sizeof *codes);
	for (size_t i = 0; i < n; i++) {
		uint32_t code;

		if (!version_code(words[i], &code))
			return fault(g, down_to(g, at, i), registries[FACT_VERSIONS].unknown);
		codes[i] = (uint16_t)code;
	}
	r->versions = codes;
	return true;
}

static bool read_when(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	const char *word;

	if (!read_text(g, v, at, &word))
		return false;
	for (const struct policy_when *w = policy_whens; w->name; w++)
		if (!strcmp(w->name, word))
			r->when = w;
	r->when_kind = kind_find(word);
	return r->when || r->when_kind || fault(g, at, "several_versions, old_without_tls13, http, hsts or a kind of cipher suites is wanted");
}

static bool read_fact(struct reading *g, struct json_object *v, const char *at, struct policy_rule *r)
{
	const char *word;

	if (!read_text(g, v, at, &word))
		return false;
	return policy_fact_find(word, &r->fact) || fault(g, at, "no fact has this name (see: tlsassay list observations)");
}

static bool read_demand(struct reading *g, struct json_object *map, const char *at, struct policy_rule *r)
{
	struct json_object *found = NULL;

	for (size_t i = 0; i < DEMANDS; i++) {
		struct json_object *v = member(map, demands[i].name);

		if (!v)
			continue;
		if (found)
			return fault(g, down(g, at, demands[i].name), "a rule has one demand, and this is another one");
		found = v;
		r->demand = (enum demand)i;
	}
	if (!found)
		return fault(g, at, "a demand is missing: only, none, all, any, first, ranked, no_kind, only_kind, is, is_not, min or max");
	at = down(g, at, demands[r->demand].name);
	if (!(demands[r->demand].of & 1u << r->fact.type))
		return fault(g, at, "this cannot be asked of this fact");
	return demands[r->demand].read(g, found, at, r);
}

static bool read_rule(struct reading *g, struct json_object *map, const char *at, struct policy_rule *r)
{
	static const char *const must[] = { "id", "level", "clause", "fact", "fix", NULL };
	static const char *const may[] = { "versions", "when", NULL };
	struct json_object *only_of, *when;

	if (!members(g, map, at, must, may, true))
		return false;
	only_of = member(map, "versions");
	when = member(map, "when");
	return read_id(g, member(map, "id"), down(g, at, "id"), &r->id) &&
		read_level(g, member(map, "level"), down(g, at, "level"), &r->level) &&
		read_prose(g, member(map, "clause"), down(g, at, "clause"), &r->clause) &&
		read_fact(g, member(map, "fact"), down(g, at, "fact"), r) &&
		read_prose(g, member(map, "fix"), down(g, at, "fix"), &r->fix) &&
		(!only_of || read_versions(g, only_of, down(g, at, "versions"), r)) &&
		(!when || read_when(g, when, down(g, at, "when"), r)) && read_demand(g, map, at, r);
}

static bool is_new_id(const struct policy *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(p->rules[k].id, p->rules[i].id))
			return false;
	return true;
}

static bool read_rules(struct reading *g, struct json_object *v, const char *at)
{
	struct policy *p = g->policy;

	if (!is_list(g, v, at, 1, POLICY_RULES_MAX))
		return false;
	p->rules_count = json_object_array_length(v);
	p->rules = arena_new(&p->arena, p->rules_count, sizeof *p->rules);
	for (size_t i = 0; i < p->rules_count; i++) {
		const char *here = down_to(g, at, i);

		if (!read_rule(g, json_object_array_get_idx(v, i), here, &p->rules[i]))
			return false;
		if (!is_new_id(p, i))
			return fault(g, down(g, here, "id"), "another rule has this id");
	}
	return true;
}

static bool read_schema(struct reading *g, struct json_object *v)
{
	const char *word;

	if (!read_text(g, v, "/schema", &word))
		return false;
	return !strcmp(word, "tlsassay-policy/1") || fault(g, "/schema", "tlsassay-policy/1 is wanted");
}

static bool read_policy(struct reading *g, struct json_object *map)
{
	static const char *const must[] = { "schema", "name", "edition", "date", "title", "source", "rules", NULL };
	static const char *const may[] = { "note", "not_checked", NULL };
	struct json_object *note, *unchecked;
	struct policy *p = g->policy;

	if (!members(g, map, "", must, may, false))
		return false;
	note = member(map, "note");
	unchecked = member(map, "not_checked");
	return read_schema(g, member(map, "schema")) && read_id(g, member(map, "name"), "/name", &p->name) &&
		read_prose(g, member(map, "edition"), "/edition", &p->edition) &&
		read_date(g, member(map, "date"), "/date", &p->date) &&
		read_prose(g, member(map, "title"), "/title", &p->title) &&
		read_prose(g, member(map, "source"), "/source", &p->source) &&
		(!note || read_prose(g, note, "/note", &p->note)) &&
		(!unchecked ||
			read_each(g, unchecked, "/not_checked", read_prose, &p->not_checked, &p->not_checked_count)) &&
		read_rules(g, member(map, "rules"), "/rules");
}

/* ---- the document -------------------------------------------------------------------------------------------- */

static const char *line_and_column(struct arena *a, struct span json, size_t at)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at && i < json.n; i++) {
		bool starts = (json.p[i] & 0xC0) != 0x80; /* of a code point */

		line += json.p[i] == '\n';
		column = json.p[i] == '\n' ? 1 : column + starts;
	}
	return arena_printf(a, "%zu:%zu", line, column);
}

struct policy *policy_read(struct span json, struct arena *a, const char **where, const char **why)
{
	size_t at = 0;
	struct json_object *tree;
	struct reading g = { .said = a };
	bool good;

	*where = "1:1";
	*why = "larger than a megabyte";
	if (json.n > POLICY_BYTES_MAX)
		return NULL;
	tree = json_parse_at((const char *)json.p, json.n, why, &at);
	if (!tree) {
		*where = line_and_column(a, json, at);
		return NULL;
	}
	g.policy = mem_new(1, sizeof *g.policy);
	good = read_policy(&g, tree);
	json_object_put(tree);
	*where = g.where;
	*why = g.why;
	if (good)
		return g.policy;
	policy_free(g.policy);
	return NULL;
}
