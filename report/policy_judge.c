#include "report/policy_judge.h"

#include <stdlib.h>
#include <string.h>

#include "report/cond.h"
#include "report/escape.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"

enum { NAMES_SHOWN = 3, NAMES_TO_CHANGE = 8 };

const char *policy_level_name(enum policy_level l)
{
	static const char *const names[] = { [LEVEL_MUST] = "must", [LEVEL_SHOULD] = "should", [LEVEL_MAY] = "may" };

	return names[l];
}

const char *policy_state_name(enum policy_state s)
{
	static const char *const names[] = {
		[POLICY_PASS] = "pass", [POLICY_FAIL] = "fail", [POLICY_UNKNOWN] = "unknown"
	};

	return names[s];
}

const char *policy_rule_id(struct arena *a, const struct policy *p, const struct policy_rule *r)
{
	return arena_printf(a, "policy/%s@%s/%s", p->name, p->edition, r->id);
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	arena_free(&p->arena);
	free(p);
}

/* ---- kinds of suites ----------------------------------------------------------------------------------------- */

static bool encrypts_with(const struct cipher *c, const char *name)
{
	return !strncmp(c->enc, name, strlen(name));
}

static bool kind_aes(const struct cipher *c)
{
	return encrypts_with(c, "AES");
}

static bool kind_chacha20(const struct cipher *c)
{
	return encrypts_with(c, "CHACHA20");
}

static bool kind_camellia(const struct cipher *c)
{
	return encrypts_with(c, "CAMELLIA");
}

static bool kind_aria(const struct cipher *c)
{
	return encrypts_with(c, "ARIA");
}

static bool kind_des(const struct cipher *c)
{
	return encrypts_with(c, "DES");
}

static bool kind_3des(const struct cipher *c)
{
	return encrypts_with(c, "3DES");
}

static bool kind_idea(const struct cipher *c)
{
	return encrypts_with(c, "IDEA");
}

static bool kind_seed(const struct cipher *c)
{
	return encrypts_with(c, "SEED");
}

static bool kind_static_dh(const struct cipher *c)
{
	return c->exchange == KX_DH && !c->anonymous;
}

/* Diffie-Hellman without a certificate is neither static nor ephemeral in the registry's names: RFC 10015 counts it. */
static bool kind_dh_anonymous(const struct cipher *c)
{
	return c->anonymous && (c->exchange == KX_DH || c->exchange == KX_DHE);
}

static bool kind_static_ecdh(const struct cipher *c)
{
	return c->exchange == KX_ECDH;
}

static bool kind_ecdhe(const struct cipher *c)
{
	return c->exchange == KX_ECDHE || c->exchange == KX_ECDHE_PSK;
}

static bool kind_tls13(const struct cipher *c)
{
	return c->exchange == KX_ANY;
}

static bool kind_below_112(const struct cipher *c)
{
	return c->known && c->strength < 112;
}

static bool kind_below_128(const struct cipher *c)
{
	return c->known && c->strength < 128;
}

static bool kind_sha1(const struct cipher *c)
{
	return !strcmp(c->mac, "SHA1");
}

static bool kind_aead(const struct cipher *c)
{
	return c->flags & SUITE_AEAD;
}

const struct suite_kind suite_kinds[] = {
	{ "null", suite_null }, { "anonymous", suite_anonymous }, { "export", suite_export }, { "rc4", suite_rc4 },
	{ "des", kind_des }, { "3des", kind_3des }, { "idea", kind_idea }, { "seed", kind_seed },
	{ "camellia", kind_camellia }, { "aria", kind_aria }, { "aes", kind_aes }, { "chacha20", kind_chacha20 },
	{ "aead", kind_aead }, { "cbc", suite_cbc }, { "md5", suite_md5 }, { "sha1", kind_sha1 },
	{ "rsa_key_exchange", suite_rsa_kx }, { "dhe", suite_dhe }, { "static_dh", kind_static_dh },
	{ "dh_anonymous", kind_dh_anonymous }, { "static_ecdh", kind_static_ecdh }, { "ecdhe", kind_ecdhe },
	{ "tls13", kind_tls13 }, { "no_forward_secrecy", suite_no_fs }, { "block64", suite_block64 },
	{ "below_112", kind_below_112 }, { "below_128", kind_below_128 }, { 0 },
};

static bool is_of_kind(const struct policy_rule *r, const struct value *one)
{
	for (size_t i = 0; one->cipher && i < r->count; i++)
		if (r->kinds[i]->is(one->cipher))
			return true;
	return false;
}

/* ---- one rule ------------------------------------------------------------------------------------------------ */

struct judging {
	const struct view *view;
	const struct policy_rule *rule;
	struct values values;
	struct value *wrong; /* values that break the rule, or operands that are missing */
	size_t wrong_count;
	bool absent; /* they are missing */
	const char *unclear; /* why it cannot be told although all is known */
};

static bool has_codes(const struct policy_rule *r)
{
	return r->codes;
}

static bool is_operand(const struct policy_rule *r, const struct value *one)
{
	for (size_t i = 0; i < r->count; i++)
		if (has_codes(r) ? r->codes[i] == one->code : !strcmp(r->words[i], one->text))
			return true;
	return false;
}

static void add_wrong(struct judging *j, struct value one)
{
	for (size_t i = 0; i < j->wrong_count; i++)
		if (!strcmp(j->wrong[i].text, one.text) && !strcmp(j->wrong[i].where, one.where))
			return;
	j->wrong = arena_push(j->view->arena, j->wrong, j->wrong_count, sizeof *j->wrong);
	j->wrong[j->wrong_count++] = one;
}

static void collect(struct judging *j, bool (*breaks)(const struct policy_rule *, const struct value *))
{
	for (size_t i = 0; i < j->values.count; i++)
		if (breaks(j->rule, &j->values.list[i]))
			add_wrong(j, j->values.list[i]);
}

static bool is_outside(const struct policy_rule *r, const struct value *one)
{
	return !is_operand(r, one);
}

static bool is_below(const struct policy_rule *r, const struct value *one)
{
	return one->number < r->number;
}

static bool is_above(const struct policy_rule *r, const struct value *one)
{
	return one->number > r->number;
}

static bool is_no_kind(const struct policy_rule *r, const struct value *one)
{
	return !is_of_kind(r, one);
}

static void only(struct judging *j)
{
	collect(j, is_outside);
}

static void none(struct judging *j)
{
	collect(j, is_operand);
}

static bool is_there(const struct judging *j, size_t operand)
{
	const struct policy_rule *r = j->rule;

	for (size_t i = 0; i < j->values.count; i++)
		if (has_codes(r) ? j->values.list[i].code == r->codes[operand]
				: !strcmp(j->values.list[i].text, r->words[operand]))
			return true;
	return false;
}

static void all(struct judging *j)
{
	j->absent = true;
	for (size_t i = 0; i < j->rule->count; i++)
		if (!is_there(j, i))
			add_wrong(j, (struct value){ .where = "", .text = j->rule->words[i] });
}

static void any(struct judging *j)
{
	for (size_t i = 0; i < j->rule->count; i++)
		if (is_there(j, i))
			return;
	all(j);
}

static void no_kind(struct judging *j)
{
	collect(j, is_of_kind);
	for (size_t i = 0; i < j->values.count; i++)
		if (!j->values.list[i].cipher || !j->values.list[i].cipher->known)
			j->unclear = arena_printf(j->view->arena, "no registry has the suite %s", j->values.list[i].text);
}

static void only_kind(struct judging *j)
{
	collect(j, is_no_kind);
}

static void at_least(struct judging *j)
{
	collect(j, is_below);
}

static void at_most(struct judging *j)
{
	collect(j, is_above);
}

/* Whose order it is, of the list that this value is from. */
static const char *order_of(const struct judging *j, const struct obs *list)
{
	const struct record *r = j->view->record;

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == j->rule->fact.order && r->obs[i].protocol == list->protocol &&
			(r->obs[i].cert == list->cert || r->obs[i].cert == KEY_NONE))
			return r->obs[i].text ? r->obs[i].text : "unknown";
	return "unknown";
}

static bool servers_order(const char *order)
{
	return !strcmp(order, "server") || !strcmp(order, "server-chacha");
}

static bool order_unknown(struct judging *j, const struct value *one, const char *order)
{
	if (strcmp(order, "unknown"))
		return false;
	j->unclear = arena_printf(j->view->arena, "%s: whose order decides is not known", one->where);
	return true;
}

/* The operand is taken, and where the server has an order it stands first. */
static void first(struct judging *j)
{
	const struct value *v = j->values.list;

	all(j);
	j->absent = j->wrong_count > 0;
	for (size_t i = 0; !j->wrong_count && i < j->values.count; i++) {
		const char *order = order_of(j, v[i].obs);

		if ((i && v[i].obs == v[i - 1].obs) || is_operand(j->rule, &v[i]))
			continue;
		if (!order_unknown(j, &v[i], order) && servers_order(order))
			add_wrong(j, v[i]);
	}
}

static unsigned rank_of(const struct policy_rule *r, const struct value *one)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->codes[i] == one->code)
			return r->ranks[i];
	return UINT8_MAX;
}

/* Where the client's order decides, values of two ranks do not come in the order of these. */
static void ranked(struct judging *j)
{
	const struct value *v = j->values.list;

	for (size_t i = 1; i < j->values.count; i++) {
		unsigned before = rank_of(j->rule, &v[i - 1]), here = rank_of(j->rule, &v[i]);
		const char *order = order_of(j, v[i].obs);

		if (v[i].obs != v[i - 1].obs || before == here || order_unknown(j, &v[i], order))
			continue;
		if (here < before || !servers_order(order))
			add_wrong(j, here < before ? v[i - 1] : v[i]);
	}
}

static void (*const demands[DEMANDS])(struct judging *) = {
	[DEMAND_ONLY] = only, [DEMAND_NONE] = none, [DEMAND_ALL] = all, [DEMAND_ANY] = any, [DEMAND_FIRST] = first,
	[DEMAND_RANKED] = ranked, [DEMAND_NO_KIND] = no_kind, [DEMAND_ONLY_KIND] = only_kind, [DEMAND_IS] = only,
	[DEMAND_IS_NOT] = none,
	[DEMAND_MIN] = at_least, [DEMAND_MAX] = at_most,
};

/* ---- in words ------------------------------------------------------------------------------------------------ */

static void add_list(struct text *t, const struct value *v, size_t count, size_t most)
{
	size_t shown = count > most + 1 ? most : count;

	for (size_t i = 0; i < shown; i++)
		text_fmt(t, "%s%s", !i ? "" : i + 1 == count ? " and " : ", ", v[i].text);
	if (shown < count)
		text_fmt(t, " and %zu more", count - shown);
}

/* "TLSv1.2: A, B and C; TLSv1.0: D": values from one place stand together. */
static const char *say_wrong(const struct judging *j)
{
	struct text t = { 0 };
	const char *said;

	if (j->absent)
		text_add(&t, j->rule->demand == DEMAND_ANY ? "none of these is there: " : "missing: ");
	for (size_t i = 0, n; i < j->wrong_count; i += n) {
		for (n = 1; i + n < j->wrong_count && !strcmp(j->wrong[i].where, j->wrong[i + n].where); n++)
			;
		text_fmt(&t, "%s%s%s", i ? "; " : "", j->wrong[i].where, *j->wrong[i].where ? ": " : "");
		add_list(&t, j->wrong + i, n, NAMES_SHOWN);
	}
	if (j->rule->demand == DEMAND_MIN || j->rule->demand == DEMAND_MAX)
		text_fmt(&t, "; %s %lld is wanted", j->rule->demand == DEMAND_MIN ? "at least" : "at most",
			(long long)j->rule->number);
	said = arena_text(j->view->arena, text_str(&t));
	text_free(&t);
	return said;
}

/* The rule's own advice, and what of this server it is about, each once. */
static const char *say_fix(const struct judging *j)
{
	static const char *const verbs[DEMANDS] = {
		[DEMAND_ONLY] = "Remove", [DEMAND_NONE] = "Remove", [DEMAND_NO_KIND] = "Remove",
		[DEMAND_ONLY_KIND] = "Remove", [DEMAND_ALL] = "Add",
	};
	const char *verb = j->rule->fact.type == FACT_NAMES ? NULL : verbs[j->rule->demand], *said;
	struct value *once = arena_new(j->view->arena, j->wrong_count, sizeof *once);
	struct text t = { 0 };
	size_t n = 0;

	for (size_t i = 0, k; i < j->wrong_count; i++) {
		for (k = 0; k < n && strcmp(once[k].text, j->wrong[i].text); k++)
			;
		if (k == n)
			once[n++] = j->wrong[i];
	}
	text_add(&t, j->rule->fix);
	if (verb) {
		text_fmt(&t, " %s: ", verb);
		add_list(&t, once, n, NAMES_TO_CHANGE);
		text_char(&t, '.');
	}
	said = arena_text(j->view->arena, text_str(&t));
	text_free(&t);
	return said;
}

static const char *harmless(const struct judging *j, const char *text)
{
	return escape_in(j->view->arena, escape_none, text);
}

static struct policy_entry entry(const struct policy_rule *r, enum finding_state state, const char *because)
{
	return (struct policy_entry){ .rule = r, .state = state, .because = because };
}

static struct policy_entry broken(const struct judging *j)
{
	struct policy_entry e = entry(j->rule, FINDING_FAIL, harmless(j, say_wrong(j)));
	const char **found = arena_new(j->view->arena, j->wrong_count, sizeof *found);

	for (size_t i = 0; i < j->wrong_count; i++)
		found[i] = harmless(j, *j->wrong[i].where
			? arena_printf(j->view->arena, "%s: %s", j->wrong[i].where, j->wrong[i].text) : j->wrong[i].text);
	e.fix = harmless(j, say_fix(j));
	e.found = found;
	e.found_count = j->wrong_count;
	return e;
}

/* ---- when ---------------------------------------------------------------------------------------------------- */

static enum tri kind_taken(const struct view *v, const struct policy_rule *r)
{
	const char *missing = NULL;

	for (size_t i = 0; i < v->ciphers_count; i++)
		if (r->when_kind->is(&v->ciphers[i]))
			return TRI_YES;
	return view_whole(v, VER_SSL2, VER_TLS13, &missing) ? TRI_NO : TRI_UNKNOWN;
}

static enum tri applies(const struct view *v, const struct policy_rule *r)
{
	if (r->when)
		return r->when->applies(v, r);
	return r->when_kind ? kind_taken(v, r) : TRI_YES;
}

/* A value that breaks the rule decides, also when not all are known; one that is missing does when all are. */
static struct policy_entry judge_rule(const struct view *v, const struct policy_rule *r)
{
	struct judging j = { .view = v, .rule = r, .values = { .applies = true } };
	enum tri when = applies(v, r);

	if (when == TRI_NO)
		return entry(r, FINDING_NA, "nothing here that the rule is about");
	r->fact.gather(v, r, &j.values);
	if (!j.values.applies)
		return entry(r, FINDING_NA, "nothing here that the rule is about");
	demands[r->demand](&j);
	if (j.wrong_count && !(j.absent && j.values.missing))
		return when == TRI_YES ? broken(&j) : entry(r, FINDING_UNKNOWN, "whether the rule applies is not known");
	if (j.values.missing && (j.wrong_count || !(r->demand == DEMAND_ANY || r->demand == DEMAND_ALL)))
		return entry(r, FINDING_UNKNOWN, harmless(&j, j.values.missing));
	if (j.unclear)
		return entry(r, FINDING_UNKNOWN, harmless(&j, j.unclear));
	return entry(r, FINDING_PASS, NULL);
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

static bool anything_offered(const struct view *v)
{
	for (const uint16_t *p = view_versions; *p; p++)
		if (view_offered(v, *p) == TRI_YES)
			return true;
	return false;
}

size_t policy_count(const struct policy_result *p, enum policy_level level, enum finding_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < p->entries_count; i++)
		n += p->entries[i].rule->level == level && p->entries[i].state == state;
	return n;
}

static enum policy_state state_of(const struct policy_result *p)
{
	if (policy_count(p, LEVEL_MUST, FINDING_FAIL))
		return POLICY_FAIL;
	return policy_count(p, LEVEL_MUST, FINDING_UNKNOWN) ? POLICY_UNKNOWN : POLICY_PASS;
}

/* Nothing passes because nothing was seen: without a version that is offered every rule is unknown. */
struct policy_result policy_judge(const struct record *r, const struct policy *p, struct arena *a)
{
	struct policy_result out = { .policy = p, .entries_count = p->rules_count };
	struct view v;
	bool seen;

	view_open(&v, r, a);
	seen = anything_offered(&v);
	out.entries = arena_new(a, p->rules_count, sizeof *out.entries);
	for (size_t i = 0; i < p->rules_count; i++)
		out.entries[i] = seen ? judge_rule(&v, &p->rules[i])
			: entry(&p->rules[i], FINDING_UNKNOWN, "no protocol version was seen");
	out.state = state_of(&out);
	return out;
}

void judgement_policies(struct judgement *j, const struct record *r, struct policy *const *list, size_t count)
{
	struct policy_result *results = arena_new(&j->arena, count, sizeof *results);

	for (size_t i = 0; i < count; i++)
		results[i] = policy_judge(r, list[i], &j->arena);
	j->policies = results;
	j->policies_count = count;
}
