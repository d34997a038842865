#include "scanner/compare/gist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"

#define HASH_SEED  UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

/* ---- values ---------------------------------------------------------------------------------- */

/* FNV-1a, 64 bits: it only has to tell two texts apart that begin alike. */
static uint64_t hash_of(const char *s)
{
	uint64_t h = HASH_SEED;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * HASH_PRIME;
	return h;
}

/* An entry of a list, as the registry names it. */
static const char *entry(struct arena *a, const struct obs *o, size_t i)
{
	if (obs_kinds[o->key].type == OBS_NAMES)
		return o->names[i];
	return o->key == OBS_KEY_SUITES_LIST ? cipher_of(a, o->protocol, o->codes[i]).name : show_code(a, o, i);
}

static void add_list(struct text *t, const struct obs *o)
{
	struct arena scratch = { 0 };

	for (size_t i = 0; i < o->count; i++)
		text_fmt(t, "%s%s", i ? ", " : "", entry(&scratch, o, i));
	text_add(t, o->count ? "" : "none");
	arena_free(&scratch);
}

/* "unknown" is what a staple may say of a certificate; elsewhere it is an open question. */
static bool says_something(const struct obs *o)
{
	bool open = o->text && o->key != OBS_KEY_STAPLE && !strcmp(o->text, "unknown");

	return o->text && *o->text && !o->reason && !open;
}

/* The value of an observation as text; false where it says nothing that could be compared. */
static bool value_of(const struct obs *o, struct text *t)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		text_add(t, tri_name(o->tri));
		return o->tri == TRI_YES || o->tri == TRI_NO;
	case OBS_NUMBER:
		text_fmt(t, "%" PRId64, o->number);
		return !o->reason;
	case OBS_TEXT:
		text_add(t, o->text ? o->text : "");
		return says_something(o);
	case OBS_CODES:
	case OBS_NAMES:
		add_list(t, o);
		return !o->reason; /* a list that is not whole is no value */
	}
	return false;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int fact_about(const struct fact *a, const struct fact *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->protocol != b->protocol)
		return a->protocol > b->protocol ? -1 : 1;
	if (a->cert != b->cert)
		return a->cert < b->cert ? -1 : 1;
	if (a->sni != b->sni)
		return a->sni > b->sni ? -1 : 1;
	return by_text(a->name, b->name);
}

bool fact_same(const struct fact *a, const struct fact *b)
{
	return a->value && b->value && a->hash == b->hash && !strcmp(a->value, b->value);
}

static int by_about_and_value(const void *pa, const void *pb)
{
	const struct fact *a = pa, *b = pb;
	int c = fact_about(a, b);

	return c ? c : by_text(a->value, b->value);
}

/* A question that has no meaning at an endpoint, or was not put, tells nothing by that; one left open does. */
static bool tells(const struct obs *o)
{
	bool tri = obs_kinds[o->key].type == OBS_TRI;

	return o->key != OBS_KEY_CHAIN_SERVED && !(tri && (o->tri == TRI_NA || o->tri == TRI_ABSENT));
}

static bool has_room(struct gist *d, size_t more)
{
	d->cut |= d->arena.used + more > GIST_BYTES_MAX;
	return !d->cut;
}

static void put_value(struct gist *d, struct fact *f, const char *value)
{
	f->hash = hash_of(value);
	f->value = text_clean(&d->arena, value, strlen(value), GIST_VALUE_MAX);
}

static void add_fact(struct gist *d, const struct obs *o)
{
	struct fact f = { .key = o->key, .protocol = o->protocol, .cert = o->cert, .sni = o->sni };
	struct text t = { 0 };

	if (!tells(o) || !has_room(d, 2 * GIST_VALUE_MAX))
		return;
	f.name = o->name ? text_clean(&d->arena, o->name, strlen(o->name), GIST_VALUE_MAX / 2) : NULL;
	if (value_of(o, &t))
		put_value(d, &f, text_str(&t));
	text_free(&t);
	d->facts = arena_push(&d->arena, d->facts, d->facts_n, sizeof *d->facts);
	d->facts[d->facts_n++] = f;
}

/* Joins the values of facts that are about the same thing; one that is not known leaves the whole open. */
static struct fact join(struct gist *d, const struct fact *f, size_t n)
{
	struct fact joined = *f;
	struct text t = { 0 };
	bool known = true;

	for (size_t i = 0; i < n; i++) {
		known &= f[i].value != NULL;
		if (!i || !fact_same(&f[i], &f[i - 1]))
			text_fmt(&t, "%s%s", i ? " | " : "", f[i].value ? f[i].value : "");
	}
	joined.value = NULL;
	if (known && has_room(d, GIST_VALUE_MAX))
		put_value(d, &joined, text_str(&t));
	text_free(&t);
	return joined;
}

static void join_facts(struct gist *d)
{
	size_t kept = 0, n;

	if (d->facts_n)
		qsort(d->facts, d->facts_n, sizeof *d->facts, by_about_and_value);
	for (size_t i = 0; i < d->facts_n; i += n) {
		n = 1;
		while (i + n < d->facts_n && !fact_about(&d->facts[i], &d->facts[i + n]))
			n++;
		d->facts[kept++] = n > 1 ? join(d, &d->facts[i], n) : d->facts[i];
	}
	d->facts_n = kept;
}

/* ---- certificates ---------------------------------------------------------------------------- */

static const char *keep(struct gist *d, const char *s)
{
	return text_clean(&d->arena, s ? s : "", s ? strlen(s) : 0, GIST_VALUE_MAX);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct cert_info keep_info(struct gist *d, const struct cert_info *c)
{
	size_t n = c->dns_names_count < GIST_NAMES_MAX ? c->dns_names_count : GIST_NAMES_MAX, kept = 0;
	const char **names = arena_new(&d->arena, n, sizeof *names);

	for (size_t i = 0; i < n && has_room(d, GIST_VALUE_MAX); i++)
		names[kept++] = keep(d, c->dns_names[i]);
	if (kept)
		qsort(names, kept, sizeof *names, by_name);
	return (struct cert_info){ .sha256 = keep(d, c->sha256),
		.subject = keep(d, c->subject),
		.issuer = keep(d, c->issuer),
		.not_before = c->not_before,
		.not_after = c->not_after,
		.key = c->key,
		.key_bits = c->key_bits,
		.dns_names = names,
		.dns_names_count = kept };
}

static bool has_leaf(const struct gist *d, const struct cert_info *c)
{
	for (size_t i = 0; i < d->leaves_n; i++)
		if (!strcmp(d->leaves[i].info.sha256, c->sha256))
			return true;
	return false;
}

static void add_leaf(struct gist *d, const struct record *r, const struct obs *o)
{
	const struct cert_info *c = record_cert(r, o->names[0]);
	struct text above = { 0 };

	if (!c || c->malformed || has_leaf(d, c) || d->leaves_n == GIST_LEAVES_MAX || !has_room(d, GIST_VALUE_MAX))
		return;
	for (size_t i = 1; i < o->count; i++)
		text_fmt(&above, "%s%s", i > 1 ? " " : "", o->names[i]);
	d->leaves[d->leaves_n++] = (struct leaf){ keep_info(d, c), keep(d, text_str(&above)) };
	text_free(&above);
}

static int by_print(const void *a, const void *b)
{
	return strcmp(((const struct leaf *)a)->info.sha256, ((const struct leaf *)b)->info.sha256);
}

/* Those that a client gets that sends the server's name; of a target without a name those that all get. */
static void add_leaves(struct gist *d, const struct record *r)
{
	d->leaves = arena_new(&d->arena, GIST_LEAVES_MAX, sizeof *d->leaves);
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_CHAIN_SERVED && o->count && (o->sni == TRI_YES || !r->sni))
			add_leaf(d, r, o);
	}
	if (d->leaves_n)
		qsort(d->leaves, d->leaves_n, sizeof *d->leaves, by_print);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool offers_any(const struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && r->obs[i].tri == TRI_YES)
			return true;
	return false;
}

struct gist *gist_of(const struct record *r, const struct judgement *j)
{
	struct gist *d = mem_new(1, sizeof *d);

	d->ip = keep(d, r->ip);
	d->family = r->family && !strcmp(r->family, "ipv6") ? "ipv6" : "ipv4";
	d->version = keep(d, r->version);
	d->status = r->status;
	d->letter = j->grade.letter;
	d->skipped = r->status == STATUS_SKIPPED;
	d->silent = r->status != STATUS_OK && !d->skipped && !offers_any(r);
	add_leaves(d, r);
	for (size_t i = 0; i < r->obs_count; i++)
		add_fact(d, &r->obs[i]);
	join_facts(d);
	return d;
}

void gist_free(struct gist *d)
{
	if (!d)
		return;
	arena_free(&d->arena);
	free(d);
}
