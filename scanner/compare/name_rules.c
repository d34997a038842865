/* The conditions of NAME_RULE: what the addresses of a name have in common, and what not. */
#include "scanner/compare/rules.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/time.h"
#include "scanner/trust/differ.h"

enum { WHERE_SHOWN = 4, ENTRIES_SHOWN = 3, NAMES_SHOWN = 4, PRINT_SHOWN = 16, PARTS_SHOWN = 12 };

static const char *keep(struct arena *a, struct text *t)
{
	const char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

/* "a, b, c, d and 3 more" */
static void add_some(struct text *t, const char *const *v, size_t n, size_t most)
{
	for (size_t i = 0; i < n && i < most; i++)
		text_fmt(t, "%s%s", i ? ", " : "", v[i]);
	if (n > most)
		text_fmt(t, " and %zu more", n - most);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static struct outcome not_known(struct arena *a, const char *why, const char *ip)
{
	return (struct outcome){ .holds = TRI_UNKNOWN, .because = ip ? arena_printf(a, "%s: %s", ip, why) : why };
}

/* Nothing differs among those that were heard: no, unless one was not. */
static struct outcome alike(const struct name_view *v, enum about about, bool by_leaf)
{
	struct arena *a = &v->g->arena;

	for (size_t i = 0; i < v->n; i++)
		if (v->d[i]->silent) {
			struct outcome o = not_known(a, "was not heard", arena_text(a, v->d[i]->ip));

			o.unasked = true;
			return o;
		}
	for (size_t i = 0; i < v->n && by_leaf; i++)
		if (!v->d[i]->leaves_n)
			return not_known(a, "no certificate was seen", arena_text(a, v->d[i]->ip));
	if (v->open[about])
		return not_known(a, arena_printf(a, "%s was left open at an address", v->open[about]), NULL);
	if (v->g->limits.n)
		return not_known(a, "not all could be kept to compare", NULL);
	return (struct outcome){ .holds = TRI_NO };
}

/* One text for each address, NULL where there is none: what stands at which, as evidence and in a sentence. */
static struct outcome told(const struct name_view *v, const char *const *says)
{
	struct arena *a = &v->g->arena;
	struct evidence *evidence = arena_new(a, v->n, sizeof *evidence);
	struct outcome o = { .holds = TRI_YES, .evidence = evidence };
	struct text t = { 0 };

	for (size_t i = 0; i < v->n; i++)
		if (says[i]) {
			const char *ip = arena_text(a, v->d[i]->ip);

			if (o.evidence_n < PARTS_SHOWN)
				text_fmt(&t, "%s%s: %s", t.n ? "; " : "", ip, says[i]);
			evidence[o.evidence_n++] = (struct evidence){ ip, says[i] };
		}
	if (o.evidence_n > PARTS_SHOWN)
		text_fmt(&t, "; and %zu addresses more", o.evidence_n - PARTS_SHOWN);
	o.because = keep(a, &t);
	return o;
}

/* ---- who answers, and how well --------------------------------------------------------------- */

struct outcome name_silent(const struct name_view *v, enum about about)
{
	const char **says = arena_new(&v->g->arena, v->n, sizeof *says);
	size_t silent = 0;

	(void)about;
	for (size_t i = 0; i < v->n; i++)
		if (v->d[i]->silent) {
			says[i] = status_name(v->d[i]->status);
			silent++;
		}
	return silent ? told(v, says) : (struct outcome){ .holds = TRI_NO };
}

struct outcome name_grade(const struct name_view *v, enum about about)
{
	const char **says = arena_new(&v->g->arena, v->n, sizeof *says);
	const char *first = NULL;
	bool differ = false;

	for (size_t i = 0; i < v->n; i++) {
		says[i] = letter_name(v->d[i]->letter);
		differ |= first && says[i] && strcmp(first, says[i]);
		first = first ? first : says[i];
	}
	if (differ)
		return told(v, says);
	for (size_t i = 0; i < v->n; i++)
		if (!says[i] && !v->d[i]->silent)
			return not_known(&v->g->arena, "no grade", arena_text(&v->g->arena, v->d[i]->ip));
	return alike(v, about, false);
}

/* ---- certificates ---------------------------------------------------------------------------- */

typedef bool leaf_differ(const struct leaf *, const struct leaf *);
typedef void leaf_says(struct text *, const struct leaf *);

static bool two_differ(const struct gist *a, const struct gist *b, leaf_differ *differ)
{
	for (size_t i = 0; i < a->leaves_n; i++)
		for (size_t k = 0; k < b->leaves_n; k++)
			if (a->leaves[i].info.key == b->leaves[k].info.key && differ(&a->leaves[i], &b->leaves[k]))
				return true;
	return false;
}

static const char *all_say(struct arena *a, const struct gist *d, leaf_says *says)
{
	struct text t = { 0 };

	for (size_t i = 0; i < d->leaves_n; i++) {
		if (d->leaves_n > 1)
			text_fmt(&t, "%s%s ", i ? ", " : "", cert_key_name(d->leaves[i].info.key));
		says(&t, &d->leaves[i]);
	}
	return d->leaves_n ? keep(a, &t) : NULL;
}

/* Do two addresses differ in certificates for the same kind of key? */
static struct outcome leaves(const struct name_view *v, leaf_differ *differ, leaf_says *says)
{
	const char **list = arena_new(&v->g->arena, v->n, sizeof *list);
	bool any = false;

	for (size_t i = 0; i < v->n; i++) {
		list[i] = all_say(&v->g->arena, v->d[i], says);
		for (size_t k = 0; k < i; k++)
			any |= two_differ(v->d[i], v->d[k], differ);
	}
	return any ? told(v, list) : alike(v, ABOUT_NONE, true);
}

static bool other_print(const struct leaf *a, const struct leaf *b)
{
	return strcmp(a->info.sha256, b->info.sha256) != 0;
}

static void say_print(struct text *t, const struct leaf *l)
{
	text_addn(t, l->info.sha256, strnlen(l->info.sha256, PRINT_SHOWN));
}

static bool other_expiry(const struct leaf *a, const struct leaf *b)
{
	return differ_in_expiry(&a->info, &b->info);
}

static void say_expiry(struct text *t, const struct leaf *l)
{
	char when[24];

	time_text(l->info.not_after, when);
	text_fmt(t, "until %.10s", when);
}

static bool other_names(const struct leaf *a, const struct leaf *b)
{
	return differ_in_names(&a->info, &b->info);
}

static void say_names(struct text *t, const struct leaf *l)
{
	if (!l->info.dns_names_count)
		text_add(t, "no name");
	add_some(t, l->info.dns_names, l->info.dns_names_count, NAMES_SHOWN);
}

static bool other_issuer(const struct leaf *a, const struct leaf *b)
{
	return differ_in_issuer(&a->info, &b->info);
}

static void say_issuer(struct text *t, const struct leaf *l)
{
	text_add(t, l->info.issuer);
}

/* Kinds of keys that one address has a certificate for and another has not are a difference too. */
bool same_leaves(const struct gist *a, const struct gist *b)
{
	bool same = a->leaves_n == b->leaves_n;

	for (size_t i = 0; i < a->leaves_n && same; i++)
		same = !other_print(&a->leaves[i], &b->leaves[i]);
	return same;
}

struct outcome name_certificates(const struct name_view *v, enum about about)
{
	const char **list = arena_new(&v->g->arena, v->n, sizeof *list);
	const struct gist *first = NULL;
	bool differ = false;

	(void)about;
	for (size_t i = 0; i < v->n; i++) {
		list[i] = all_say(&v->g->arena, v->d[i], say_print);
		differ |= first && list[i] && !same_leaves(first, v->d[i]);
		first = first || !list[i] ? first : v->d[i];
	}
	return differ ? told(v, list) : alike(v, ABOUT_NONE, true);
}

struct outcome name_expiry(const struct name_view *v, enum about about)
{
	(void)about;
	return leaves(v, other_expiry, say_expiry);
}

struct outcome name_names(const struct name_view *v, enum about about)
{
	(void)about;
	return leaves(v, other_names, say_names);
}

struct outcome name_issuer(const struct name_view *v, enum about about)
{
	(void)about;
	return leaves(v, other_issuer, say_issuer);
}

/* ---- observations ---------------------------------------------------------------------------- */

static bool is_list(const struct group_difference *d)
{
	for (size_t i = 0; i < OBS_KEYS; i++)
		if (!strcmp(obs_kinds[i].key, d->key))
			return obs_kinds[i].type == OBS_CODES || obs_kinds[i].type == OBS_NAMES;
	return false;
}

static bool has_entry(const char *list, const char *entry, size_t n)
{
	for (size_t k; *list; list += k + (list[k] ? 2 : 0)) {
		const char *end = strstr(list, ", ");

		k = end ? (size_t)(end - list) : strlen(list);
		if (k == n && !memcmp(list, entry, n))
			return true;
	}
	return false;
}

/* The entries of one list that another has not; false for none. */
static bool add_missing(struct text *t, const char *before, const char *list, const char *other)
{
	size_t missing = 0;

	for (size_t n; *list; list += n + (list[n] ? 2 : 0)) {
		const char *end = strstr(list, ", ");

		n = end ? (size_t)(end - list) : strlen(list);
		if (has_entry(other, list, n))
			continue;
		if (missing++ < ENTRIES_SHOWN) {
			text_add(t, missing == 1 ? before : ", ");
			text_addn(t, list, n);
		}
	}
	if (missing > ENTRIES_SHOWN)
		text_fmt(t, " and %zu more", missing - ENTRIES_SHOWN);
	return missing;
}

/* Of a list what differs from that of most addresses is told. */
static void add_change(struct text *t, const char *most, const char *list)
{
	bool without = add_missing(t, "without ", most, list);

	if (!add_missing(t, without ? ", with " : "with ", list, most) && !without)
		text_add(t, "in another order");
}

static void add_where(struct text *t, const struct group_list *where)
{
	text_add(t, " (");
	add_some(t, where->v, where->n, WHERE_SHOWN);
	text_char(t, ')');
}

/* "protocol.offered TLSv1.0: no (192.0.2.1, 192.0.2.2), yes (192.0.2.3)" */
static const char *sentence(struct arena *a, const struct group_difference *d)
{
	const struct version *version = version_find(d->protocol);
	struct text t = { 0 };

	text_add(&t, d->key);
	if (version)
		text_fmt(&t, " %s", version->name);
	if (d->cert)
		text_fmt(&t, " %s", cert_key_name(d->cert));
	if (d->name)
		text_fmt(&t, " %s", d->name);
	text_add(&t, d->sni == TRI_NO ? " without a server name: " : ": ");
	for (size_t i = is_list(d); i < d->values_n; i++) {
		text_add(&t, i > is_list(d) ? ", " : "");
		if (is_list(d))
			add_change(&t, d->values[0].value, d->values[i].value);
		else
			text_add(&t, d->values[i].value);
		add_where(&t, &d->values[i].where);
	}
	return keep(a, &t);
}

struct outcome name_facts(const struct name_view *v, enum about about)
{
	struct arena *a = &v->g->arena;
	struct text t = { 0 };
	size_t told_n = 0;

	for (size_t i = 0; i < v->g->differences_n; i++)
		if (v->differ_about[i] == about && told_n++ < PARTS_SHOWN)
			text_fmt(&t, "%s%s", t.n ? "; " : "", sentence(a, &v->g->differences[i]));
	if (told_n > PARTS_SHOWN)
		text_fmt(&t, "; and %zu more, under `differences`", told_n - PARTS_SHOWN);
	return told_n ? (struct outcome){ .holds = TRI_YES, .because = keep(a, &t) } : alike(v, about, false);
}

/* ---- what stands above the certificates ------------------------------------------------------ */

static bool other_above(const struct leaf *a, const struct leaf *b)
{
	return !differ_in_issuer(&a->info, &b->info) && strcmp(a->above, b->above);
}

static void say_above(struct text *t, const struct leaf *l)
{
	const char *at = l->above;

	if (!*at)
		text_add(t, "nothing above the certificate");
	for (size_t n; *at; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		text_add(t, at == l->above ? "" : " ");
		text_addn(t, at, n < PRINT_SHOWN ? n : PRINT_SHOWN);
	}
}

/* The certificates above the leaf; and, where these are the same, what else was seen of the chain. */
struct outcome name_chain(const struct name_view *v, enum about about)
{
	struct outcome o = leaves(v, other_above, say_above);

	return o.holds == TRI_YES ? o : name_facts(v, about);
}
