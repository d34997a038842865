#include "scanner/facts/record.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

const struct obs_kind obs_kinds[OBS_KEYS] = {
#define OBS(name, type_, key_, what_) [OBS_KEY_##name] = { .key = key_, .what = what_, .type = OBS_##type_ },
#include "scanner/facts/obs.def"
#undef OBS
};

const char *tri_name(enum tri t)
{
	static const char *const names[] = {
		[TRI_ABSENT] = "not_asked", [TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNKNOWN] = "unknown",
		[TRI_NA] = "not_applicable",
	};

	return names[t];
}

const char *probe_state_name(enum probe_state s)
{
	static const char *const names[] = {
		[PROBE_DONE] = "done", [PROBE_UNKNOWN] = "unknown", [PROBE_SKIPPED] = "skipped",
		[PROBE_BLOCKED] = "blocked",
	};

	return names[s];
}

const char *status_name(enum status s)
{
	static const char *const names[] = {
		[STATUS_OK] = "ok", [STATUS_PARTIAL] = "partial", [STATUS_UNREACHABLE] = "unreachable",
		[STATUS_NOT_TLS] = "not_tls", [STATUS_DNS_ERROR] = "dns_error", [STATUS_BLOCKED] = "blocked",
		[STATUS_SKIPPED] = "skipped", [STATUS_ERROR] = "error",
	};

	return names[s];
}

struct record *record_new(void)
{
	struct record *r = mem_new(1, sizeof *r);

	r->transport = "tcp";
	return r;
}

void record_free(struct record *r)
{
	if (!r)
		return;
	arena_free(&r->arena);
	free(r);
}

struct obs *record_add(struct record *r, const struct obs *o)
{
	r->obs = arena_push(&r->arena, r->obs, r->obs_count, sizeof *r->obs);
	r->obs[r->obs_count] = *o;
	return &r->obs[r->obs_count++];
}

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_report_order(const void *pa, const void *pb)
{
	const struct obs *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->protocol != b->protocol)
		return a->protocol > b->protocol ? -1 : 1;
	if (a->cert != b->cert)
		return a->cert < b->cert ? -1 : 1;
	if (a->sni != b->sni)
		return a->sni > b->sni ? -1 : 1;
	if (by_text(a->chain, b->chain))
		return by_text(a->chain, b->chain);
	if (by_text(a->name, b->name))
		return by_text(a->name, b->name);
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (by_text(a->text, b->text))
		return by_text(a->text, b->text);
	return by_text(a->sha256, b->sha256);
}

void record_sort(struct record *r)
{
	if (r->obs_count)
		qsort(r->obs, r->obs_count, sizeof *r->obs, by_report_order);
}

const struct obs *record_find(const struct record *r, enum obs_key key, uint16_t protocol)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && (!protocol || r->obs[i].protocol == protocol))
			return &r->obs[i];
	return NULL;
}

enum tri record_tri(const struct record *r, enum obs_key key, uint16_t protocol)
{
	const struct obs *o = record_find(r, key, protocol);

	return o ? o->tri : TRI_ABSENT;
}

const struct cert_info *record_cert(const struct record *r, const char *sha256)
{
	for (size_t i = 0; i < r->certs_count; i++)
		if (!strcmp(r->certs[i].sha256, sha256))
			return &r->certs[i];
	return NULL;
}

void obs_evidence(struct record *r, struct obs *o, const char *name, const char *text)
{
	struct evidence *list = arena_new(&r->arena, o->evidence_count + 1, sizeof *list);

	if (o->evidence_count)
		memcpy(list, o->evidence, o->evidence_count * sizeof *list);
	list[o->evidence_count] = (struct evidence){ name, text };
	o->evidence = list;
	o->evidence_count++;
}

/* How often this evidence is there under its name, or this name and a number. */
static size_t volatile_times(const struct record *r, const char *finding, const char *name, const char *text, bool *same)
{
	size_t n = strlen(name), times = 0;

	*same = false;
	for (size_t i = 0; i < r->volatiles_count; i++) {
		const struct evidence *e = &r->volatiles[i].evidence;

		if (strcmp(r->volatiles[i].finding, finding) || strncmp(e->name, name, n) || (e->name[n] && e->name[n] != '.'))
			continue;
		*same |= !strcmp(e->text, text);
		times++;
	}
	return times;
}

/* In JSON the names are keys of one map. */
void record_volatile(struct record *r, const char *finding, const char *name, const char *text)
{
	bool same;
	size_t times = volatile_times(r, finding, name, text, &same);

	if (same)
		return;
	if (times)
		name = arena_printf(&r->arena, "%s.%zu", name, times + 1);
	r->volatiles = arena_push(&r->arena, r->volatiles, r->volatiles_count, sizeof *r->volatiles);
	r->volatiles[r->volatiles_count++] = (struct volatile_evidence){ finding, { name, text } };
}
