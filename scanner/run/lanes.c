#include "scanner/run/lanes.h"

#include <string.h>

/* ---- which ------------------------------------------------------------------------------------------------------------ */

static bool any_matches(const struct probe *p, const char *const *words)
{
	for (; words && *words; words++)
		if (probe_matches(p, *words))
			return true;
	return false;
}

static bool is_selected(const struct scan_options *o, const struct probe *p)
{
	if (any_matches(p, o->skip) || (p->manners == PROBE_INTRUSIVE && !o->intrusive))
		return false;
	return any_matches(p, o->also) || (o->select ? any_matches(p, o->select) : !p->on_request);
}

/* What a selected probe builds on runs too, whether it was named or not. */
static bool is_needed(const struct scan_options *o, const struct probe *p)
{
	if (any_matches(p, o->skip))
		return false;
	if (is_selected(o, p))
		return true;
	for (size_t i = 0; probes[i]; i++)
		for (const char *const *id = probes[i]->after; id && *id; id++)
			if (!strcmp(*id, p->id) && is_needed(o, probes[i]))
				return true;
	return false;
}

size_t probes_count(void)
{
	size_t n = 0;

	while (probes[n])
		n++;
	return n;
}

void lanes_make(struct lanes *l, const struct scan_options *o, const struct facts *facts)
{
	size_t n = probes_count();

	l->v = arena_new(l->arena, n, sizeof *l->v);
	for (size_t i = 0; i < n; i++) {
		if (!is_needed(o, probes[i]))
			continue;
		l->v[l->n++] = (struct lane){
			.run = { .probe = probes[i], .facts = facts, .arena = l->arena, .engine = l,
				.named = any_matches(probes[i], o->select) },
			.result = { .id = probes[i]->id },
		};
	}
}

struct lane *lane_find(const struct lanes *l, const char *id)
{
	for (unsigned i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].run.probe->id, id))
			return &l->v[i];
	return NULL;
}

/* ---- starting and ending ---------------------------------------------------------------------------------------------- */

static bool others_ended(const struct lanes *l, const struct lane *lane)
{
	for (const char *const *id = lane->run.probe->after; id && *id; id++) {
		const struct lane *other = lane_find(l, *id);

		if (other && other->state != LANE_ENDED)
			return false;
	}
	for (unsigned i = 0; lane->run.probe->manners != PROBE_POLITE && i < l->n; i++)
		if (l->v[i].run.probe->manners < lane->run.probe->manners && l->v[i].state != LANE_ENDED)
			return false;
	return true;
}

static void lane_end(struct lane *lane)
{
	bool blocked = lane->run.trouble == REASON_RATE_LIMITED;

	lane->state = LANE_ENDED;
	lane->result.state = !lane->run.trouble ? PROBE_DONE : blocked ? PROBE_BLOCKED : PROBE_UNKNOWN;
	lane->result.reason = lane->run.trouble ? reason_name(lane->run.trouble) : NULL;
}

static void lane_skip(struct lane *lane)
{
	const struct probe *p = lane->run.probe;

	lane->state = LANE_ENDED;
	lane->result.state = PROBE_SKIPPED;
	lane->result.reason = reason_name(p->why_not ? p->why_not(lane->run.facts) : REASON_NOT_ASKED_PREREQUISITE);
}

static void lane_open(struct lane *lane)
{
	const struct probe *p = lane->run.probe;

	if (p->when && !p->when(lane->run.facts)) {
		lane_skip(lane);
		return;
	}
	lane->state = LANE_RUNNING;
	lane->run.state = arena_new(lane->run.arena, 1, p->state_size);
	if (p->step(&lane->run, NULL) == NEXT_DONE)
		lane_end(lane);
}

/* Opens what may start now; true when something changed. */
static bool open_lanes(struct lanes *l)
{
	bool changed = false;

	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i].state == LANE_WAITING && others_ended(l, &l->v[i])) {
			lane_open(&l->v[i]);
			changed = true;
		}
	return changed;
}

/* ---- answers ------------------------------------------------------------------------------------------------------------ */

void lanes_deliver(struct lanes *l, struct delivery d)
{
	l->due = arena_push(l->arena, l->due, l->due_n, sizeof *l->due);
	l->due[l->due_n++] = d;
}

static void hand_over(struct lanes *l, const struct delivery *d)
{
	struct lane *lane = &l->v[d->lane];

	if (lane->state != LANE_RUNNING)
		return;
	d->answer->tag = d->tag;
	d->answer->sample = d->sample;
	if (d->answer->kind == ANS_NOT_ASKED)
		lane->run.trouble = d->answer->reason;
	if (lane->run.probe->step(&lane->run, d->answer) == NEXT_DONE)
		lane_end(lane);
}

bool lanes_due(const struct lanes *l)
{
	return l->delivered < l->due_n;
}

void lanes_run(struct lanes *l)
{
	do {
		while (lanes_due(l)) {
			struct delivery d = l->due[l->delivered++];

			hand_over(l, &d);
		}
	} while (open_lanes(l) || lanes_due(l));
}

bool lanes_ended(const struct lanes *l, enum manners most)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i].state != LANE_ENDED && l->v[i].run.probe->manners <= most)
			return false;
	return true;
}

/* ---- what probes call --------------------------------------------------------------------------------------------------- */

void ask(struct run *r, uint16_t tag, const struct ask *what)
{
	struct lanes *l = r->engine;

	l->ask(l, (unsigned)((struct lane *)r - l->v), tag, what);
}

struct obs *note(struct run *r, const struct obs *o)
{
	struct lanes *l = r->engine;
	struct obs *added = l->note(l, o);

	added->probe = r->probe->id;
	return added;
}
