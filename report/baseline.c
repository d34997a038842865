#include "report/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "report/policy_judge.h"
#include "report/rules.h"

/* Everything that makes two endpoints the same target, each text behind its length: no text can pass for two. */
static const char *target_of(struct arena *a, const struct record *r)
{
	const char *texts[] = { r->host, r->transport, r->starttls, r->sni };
	const char *key = arena_printf(a, "%u", (unsigned)r->port);

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		key = texts[i] ? arena_printf(a, "%s %zu:%s", key, strlen(texts[i]), texts[i]) : arena_printf(a, "%s -", key);
	return key;
}

static const bool *failures(struct arena *a, const struct judgement *j)
{
	bool *failed = arena_new(a, rules_count, sizeof *failed);

	for (size_t i = 0; i < j->findings_count; i++) {
		const struct rule *rule = rule_find(j->findings[i].id);

		if (rule)
			failed[rule - rules] = j->findings[i].state == FINDING_FAIL;
	}
	return failed;
}

static void add_broken(struct baseline *b, struct baseline_endpoint *e, const struct policy_result *p)
{
	const char **list = (const char **)(uintptr_t)e->broken;

	for (size_t i = 0; i < p->entries_count; i++) {
		if (p->entries[i].state != FINDING_FAIL)
			continue;
		list = arena_push(&b->arena, list, e->broken_count, sizeof *list);
		list[e->broken_count++] = policy_rule_id(&b->arena, p->policy, p->entries[i].rule);
	}
	e->broken = list;
}

void baseline_add(struct baseline *b, const struct record *r, const struct judgement *j)
{
	if (!j->findings_count)
		return; /* nothing was learnt */
	b->list = arena_push(&b->arena, b->list, b->count, sizeof *b->list);
	b->list[b->count++] = (struct baseline_endpoint){ .target = target_of(&b->arena, r),
		.ip = arena_text(&b->arena, r->ip ? r->ip : ""),
		.letter = j->grade.letter,
		.failed = failures(&b->arena, j) };
	for (size_t i = 0; i < j->policies_count; i++)
		add_broken(b, &b->list[b->count - 1], &j->policies[i]);
}

static int by_target(const void *pa, const void *pb)
{
	const struct baseline_endpoint *a = pa, *b = pb;
	int order = strcmp(a->target, b->target);

	return order ? order : strcmp(a->ip, b->ip);
}

void baseline_end(struct baseline *b)
{
	if (b->count)
		qsort(b->list, b->count, sizeof *b->list, by_target);
}

void baseline_free(struct baseline *b)
{
	arena_free(&b->arena);
	*b = (struct baseline){ 0 };
}

/* ---- looking up -------------------------------------------------------------------------------------------------- */

struct range {
	const struct baseline_endpoint *from, *to;
};

static size_t first_not_below(const struct baseline *b, const char *target)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(b->list[mid].target, target) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The same address, else every address of the target. */
static struct range known(const struct baseline *b, const struct record *r)
{
	struct arena a = { 0 };
	const char *target = target_of(&a, r);
	size_t at = first_not_below(b, target);
	struct range all = { b->count ? b->list + at : NULL, b->count ? b->list + at : NULL }, same = { NULL, NULL };

	for (; at < b->count && !strcmp(b->list[at].target, target); at++, all.to++) {
		if (strcmp(b->list[at].ip, r->ip ? r->ip : ""))
			continue;
		same.from = same.from ? same.from : all.to;
		same.to = all.to + 1;
	}
	arena_free(&a);
	return same.from ? same : all;
}

bool baseline_knows(const struct baseline *b, const struct record *r)
{
	struct range k = known(b, r);

	return k.from != k.to;
}

bool baseline_failed(const struct baseline *b, const struct record *r, const char *finding)
{
	struct range k = known(b, r);
	const struct rule *rule = rule_find(finding);

	for (; rule && k.from != k.to; k.from++)
		if (k.from->failed[rule - rules])
			return true;
	return false;
}

bool baseline_broken(const struct baseline *b, const struct record *r, const char *rule)
{
	for (struct range k = known(b, r); k.from != k.to; k.from++)
		for (size_t i = 0; i < k.from->broken_count; i++)
			if (!strcmp(k.from->broken[i], rule))
				return true;
	return false;
}

enum letter baseline_letter(const struct baseline *b, const struct record *r)
{
	enum letter worst = LETTER_NONE;

	for (struct range k = known(b, r); k.from != k.to; k.from++)
		worst = k.from->letter > worst ? k.from->letter : worst;
	return worst;
}
