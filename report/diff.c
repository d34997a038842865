#include "report/diff.h"

#include <string.h>

#include "report/feature.h"
#include "report/judge.h"
#include "report/show.h"
#include "scanner/base/text.h"

enum { DAY_SECONDS = 86400 };

struct pair {
	struct diff *d;
	const struct record *before, *now;
	const enum cert_key *owners_before, *owners_now; /* of each observation: whose certificate it is about */
};

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static void add(struct pair *p, struct change c)
{
	struct diff *d = p->d;

	d->changes = arena_push(&d->arena, d->changes, d->count, sizeof c);
	d->changes[d->count++] = c;
}

/* ---- facts that are the same question ------------------------------------------------------------------------------ */

/* The chain's id and fingerprints change with every certificate: a chain is known by whose it is. */
static enum cert_key owner_of(const struct record *r, const struct obs *o)
{
	if (o->cert || !o->chain)
		return o->cert;
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CHAIN_SERVED && same(r->obs[i].chain, o->chain))
			return r->obs[i].cert;
	return KEY_NONE;
}

static const enum cert_key *owners_of(struct arena *a, const struct record *r)
{
	enum cert_key *owners = arena_new(a, r->obs_count, sizeof *owners);

	for (size_t i = 0; i < r->obs_count; i++)
		owners[i] = owner_of(r, &r->obs[i]);
	return owners;
}

/* What is said of one certificate by its fingerprint is compared only while it is that certificate. */
static bool is_same_question(const struct obs *a, enum cert_key of_a, const struct obs *b, enum cert_key of_b)
{
	bool by_name = a->key != OBS_KEY_DH_BITS;

	return a->key == b->key && a->protocol == b->protocol && a->sni == b->sni && of_a == of_b &&
	       (!by_name || (same(a->name, b->name) && same(a->sha256, b->sha256)));
}

/* The n-th answer to a question is compared with the n-th: some have several. NULL: there is none. */
static const struct obs *counterpart(const struct pair *p, size_t at)
{
	const struct obs *o = &p->before->obs[at];
	size_t turn = 0;

	for (size_t i = 0; i < at; i++)
		turn += is_same_question(&p->before->obs[i], p->owners_before[i], o, p->owners_before[at]);
	for (size_t i = 0; i < p->now->obs_count; i++)
		if (is_same_question(&p->now->obs[i], p->owners_now[i], o, p->owners_before[at]) && !turn--)
			return &p->now->obs[i];
	return NULL;
}

/* ---- words ----------------------------------------------------------------------------------------------------------- */

/* Of what no other part of the report has a title. */
static const struct {
	enum obs_key key;
	const char *title;
} titles[] = {
	{ OBS_KEY_PROTOCOL_DRAFTS, "drafts of TLS 1.3" },      { OBS_KEY_SUITES_LIST, "cipher suites" },
	{ OBS_KEY_SUITES_ORDER, "whose order of suites" },     { OBS_KEY_SUITES_UNREGISTERED, "unregistered suites" },
	{ OBS_KEY_GROUPS_LIST, "groups" },                     { OBS_KEY_GROUPS_ORDER, "whose order of groups" },
	{ OBS_KEY_DH_BITS, "bits of the Diffie-Hellman modulus" }, { OBS_KEY_SCHEMES_LIST, "signature schemes" },
	{ OBS_KEY_SCHEMES_ORDER, "whose order of schemes" },   { OBS_KEY_EXTENSIONS_LIST, "extensions" },
	{ OBS_KEY_CHAIN_HOSTNAME, "name of the certificate" }, { OBS_KEY_CHAIN_ISSUES, "faults of the chain" },
	{ OBS_KEY_CHAIN_TRUST, "trusted by the store" },
};

static const char *title_of(const struct obs *o)
{
	const char *title = feature_title(o->key);

	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		if (titles[i].key == o->key)
			return titles[i].title;
	return title && !strchr(title, '%') ? title : obs_kinds[o->key].key;
}

static const char *about(const struct pair *p, const struct obs *o)
{
	const char *parts[] = { o->protocol ? version_text(o->protocol) : NULL,
		owner_of(p->before, o) ? cert_key_name(owner_of(p->before, o)) : NULL,
		o->sni == TRI_NO ? "without a server name" : NULL, o->key == OBS_KEY_DH_BITS ? NULL : o->name };
	const char *s = "";

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i])
			s = arena_printf(&p->d->arena, "%s%s%s", s, *s ? ", " : "", parts[i]);
	return s;
}

static const char *entry(struct arena *a, const struct obs *o, size_t i)
{
	if (o->key == OBS_KEY_SUITES_LIST)
		return cipher_of(a, o->protocol, o->codes[i]).name;
	return obs_kinds[o->key].type == OBS_CODES ? show_code(a, o, i) : o->names[i];
}

static const char *whole_list(struct arena *a, const struct obs *o)
{
	struct text t = { 0 };
	const char *s;

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", entry(a, o, i));
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}

static const char *value(struct arena *a, const struct obs *o)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		return tri_name(o->tri);
	case OBS_NUMBER:
		return arena_printf(a, "%lld", (long long)o->number);
	case OBS_TEXT:
		return o->text ? o->text : "";
	case OBS_CODES:
	case OBS_NAMES:
		return whole_list(a, o);
	}
	return "";
}

/* ---- facts ------------------------------------------------------------------------------------------------------------ */

static void says(struct pair *p, const struct obs *a, const struct obs *b, const char *text)
{
	add(p, (struct change){ obs_kinds[a->key].key, about(p, a), value(&p->d->arena, a), value(&p->d->arena, b), text });
}

/* A version that nobody should offer any more has been there before. */
static void version_changed(struct pair *p, const struct obs *a, const struct obs *b)
{
	const char *v = version_text(a->protocol), *how = "is not known any more";

	if (b->tri == TRI_YES)
		how = a->tri == TRI_NO && a->protocol < VER_TLS12 ? "came back" : "is offered now";
	else if (b->tri == TRI_NO)
		how = "is no longer offered";
	says(p, a, b, arena_printf(&p->d->arena, "%s %s", v, how));
}

static bool has(const struct obs *list, const struct obs *from, size_t i)
{
	for (size_t k = 0; k < list->count; k++)
		if (obs_kinds[list->key].type == OBS_CODES ? list->codes[k] == from->codes[i] : same(list->names[k], from->names[i]))
			return true;
	return false;
}

/* What `from` has and `list` lacks; NULL for nothing. */
static const char *more(struct arena *a, const struct obs *from, const struct obs *list)
{
	struct text t = { 0 };
	const char *s;

	for (size_t i = 0; i < from->count; i++)
		if (!has(list, from, i))
			text_fmt(&t, "%s%s", t.n ? ", " : "", entry(a, from, i));
	s = t.n ? arena_text(a, text_str(&t)) : NULL;
	text_free(&t);
	return s;
}

static void list_changed(struct pair *p, const struct obs *a, const struct obs *b)
{
	struct arena *arena = &p->d->arena;
	const char *added = more(arena, b, a), *gone = more(arena, a, b), *where = about(p, a);
	const char *title = arena_printf(arena, "%s%s%s", where, *where ? ": " : "", title_of(a));

	if (!added && !gone)
		says(p, a, b, arena_printf(arena, "%s in another order", title));
	else
		says(p, a, b, arena_printf(arena, "%s%s%s%s%s%s", title, added ? " added: " : "", added ? added : "",
			added && gone ? ";" : "", gone ? " gone: " : "", gone ? gone : ""));
}

static void word_changed(struct pair *p, const struct obs *a, const struct obs *b)
{
	struct arena *arena = &p->d->arena;
	const char *where = about(p, a);

	says(p, a, b, arena_printf(arena, "%s%s%s: %s -> %s", where, *where ? ": " : "", title_of(a), value(arena, a), value(arena, b)));
}

/* The same subject for longer is a renewal. */
static void chain_changed(struct pair *p, const struct obs *a, const struct obs *b)
{
	const struct cert_info *old = a->count ? record_cert(p->before, a->names[0]) : NULL;
	const struct cert_info *new = b->count ? record_cert(p->now, b->names[0]) : NULL;
	struct arena *arena = &p->d->arena;
	const char *where = about(p, a), *what;

	if (!old || !new || old->malformed || new->malformed || same(old->sha256, new->sha256))
		what = "another chain above the certificate";
	else
		what = arena_printf(arena, "certificate %s, %lld days left",
			same(old->subject, new->subject) && new->not_after > old->not_after ? "renewed" : "replaced",
			(long long)((new->not_after - p->now->started) / DAY_SECONDS));
	says(p, a, b, arena_printf(arena, "%s%s%s", where, *where ? ": " : "", what));
}

static void compare(struct pair *p, const struct obs *a, const struct obs *b)
{
	enum obs_type type = obs_kinds[a->key].type;

	if (same(value(&p->d->arena, a), value(&p->d->arena, b)))
		return;
	if (a->key == OBS_KEY_CHAIN_SERVED)
		chain_changed(p, a, b);
	else if (a->key == OBS_KEY_PROTOCOL_OFFERED)
		version_changed(p, a, b);
	else if (type == OBS_CODES || type == OBS_NAMES)
		list_changed(p, a, b);
	else
		word_changed(p, a, b);
}

static void facts(struct pair *p)
{
	for (size_t i = 0; i < p->before->obs_count; i++) {
		const struct obs *b = counterpart(p, i);

		if (b)
			compare(p, &p->before->obs[i], b);
	}
}

/* ---- judgement --------------------------------------------------------------------------------------------------------- */

static void finding(struct pair *p, const struct finding *a, const struct finding *b)
{
	const char *how = b->state == FINDING_FAIL ? "appeared" : b->state == FINDING_UNKNOWN ? "not known any more"
		: b->state == FINDING_NA ? "no longer applicable" : "mended";

	if ((a->state == FINDING_FAIL) != (b->state == FINDING_FAIL) && a->state != FINDING_UNKNOWN)
		add(p, (struct change){ "finding", b->id, finding_state_name(a->state), finding_state_name(b->state),
			arena_printf(&p->d->arena, "%s: %s [%s]", how, b->title, b->id) });
}

static const char *letter(const struct judgement *j)
{
	return letter_name(j->grade.letter) ? letter_name(j->grade.letter) : "none";
}

static void judgements(struct pair *p)
{
	struct judgement *a = judge(p->before), *b = judge(p->now);
	const char *was = arena_text(&p->d->arena, letter(a)), *is = arena_text(&p->d->arena, letter(b));

	if (strcmp(was, is))
		add(p, (struct change){ "grade", "", was, is, arena_printf(&p->d->arena, "grade %s -> %s", was, is) });
	for (size_t i = 0; i < a->findings_count && i < b->findings_count; i++)
		finding(p, &a->findings[i], &b->findings[i]);
	judgement_free(a);
	judgement_free(b);
}

static void status(struct pair *p)
{
	const char *was = status_name(p->before->status), *is = status_name(p->now->status);

	if (strcmp(was, is))
		add(p, (struct change){ "status", "", was, is, arena_printf(&p->d->arena, "scan %s -> %s", was, is) });
}

static bool has_key(const struct record *r, size_t key)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if ((size_t)r->obs[i].key == key)
			return true;
	return false;
}

/* What is absent was not asked. */
static void list_not_compared(struct pair *p)
{
	struct diff *d = p->d;

	for (size_t key = 0; key < OBS_KEYS; key++) {
		bool now = has_key(p->now, key);

		if (now == has_key(p->before, key))
			continue;
		d->not_compared = arena_push(&d->arena, d->not_compared, d->not_compared_n, sizeof *d->not_compared);
		d->not_compared[d->not_compared_n++] = (struct not_compared){ obs_kinds[key].key, now };
	}
}

void diff_records(struct diff *d, const struct record *before, const struct record *now)
{
	struct pair p = { .d = d, .before = before, .now = now };

	*d = (struct diff){ 0 };
	list_not_compared(&p);
	status(&p);
	if (!before->obs_count || !now->obs_count)
		return; /* nothing was learnt: nothing else can be compared */
	p.owners_before = owners_of(&d->arena, before);
	p.owners_now = owners_of(&d->arena, now);
	judgements(&p);
	facts(&p);
}

void diff_free(struct diff *d)
{
	arena_free(&d->arena);
	*d = (struct diff){ 0 };
}

bool diff_same_endpoint(const struct record *a, const struct record *b)
{
	return same(a->host, b->host) && a->port == b->port && same(a->sni, b->sni) && same(a->starttls, b->starttls) &&
	       same(a->transport, b->transport) && same(a->ip, b->ip);
}
