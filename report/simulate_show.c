#include "report/simulate_show.h"

#include "report/judge.h"
#include "scanner/base/text.h"

enum { NAMES_SHOWN = 8 };

static const char *keep(struct arena *a, struct text *t)
{
	const char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

static const char *suite_text(struct arena *a, uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s ? s->name : arena_printf(a, "0x%04X", (unsigned)code);
}

const char *sim_show_suite(struct arena *a, const struct sim *m)
{
	return suite_text(a, m->suite);
}

const char *sim_show_group(struct arena *a, const struct sim *m)
{
	const struct group *g = group_find(m->group);

	if (g)
		return g->name;
	return m->dh_bits ? arena_printf(a, "Diffie-Hellman %lld", (long long)m->dh_bits) : NULL;
}

static const char *pick_text(struct arena *a, const struct sim *m)
{
	const char *group = sim_show_group(a, m), *key = m->cert ? cert_key_name(m->cert) : NULL;

	return arena_printf(a, "%s  %s%s%s%s%s", version_text(m->version), sim_show_suite(a, m), group ? ", " : "",
	        group ? group : "", key ? ", " : "", key ? key : "");
}

const char *sim_show_got(struct arena *a, const struct sim *m)
{
	if (m->state != SIM_CONNECTS)
		return arena_printf(a, "%s: %s", m->state == SIM_FAILS ? "fails" : "not known", sim_reason_text(m->reason));
	return arena_printf(a, "%s%s", pick_text(a, m), m->forward_secret ? "" : ", no forward secrecy");
}

static const char *measured_text(struct arena *a, const struct sim *m)
{
	const struct obs *o = m->measured;
	const struct group *g = o->count > 1 ? group_find((uint16_t)o->codes[1]) : NULL;
	enum tri agrees = sim_agrees(m);

	if (agrees == TRI_YES)
		return "measured: the same";
	if (o->reason)
		return "measured: no clear answer";
	if (!o->count)
		return "measured: the server refused its hello";
	return arena_printf(a, "measured: %s %s%s%s", version_text(o->protocol), suite_text(a, o->codes[0]), g ? ", " : "",
	        g ? g->name : "");
}

const char *sim_show_own(struct arena *a, const struct sim *m, bool measures)
{
	const char *got = sim_show_got(a, m);

	if (m->state == SIM_CONNECTS && m->reason)
		got = arena_printf(a, "%s (%s)", got, sim_reason_text(m->reason));
	if (m->state == SIM_OPEN && m->suite)
		got = arena_printf(a, "%s; with one of the server's it gets %s", got, pick_text(a, m));
	if (m->measured)
		return arena_printf(a, "%s (%s)", got, measured_text(a, m));
	return measures && !m->client->hello.n ? arena_printf(a, "%s (a JA4 cannot be sent, so it is not measured)", got) : got;
}

const char *sim_show_counts(struct arena *a, const struct sim *rows)
{
	size_t n[SIM_OPEN + 1] = { 0 };

	for (size_t i = 0; i < clients_count; i++)
		n[rows[i].state]++;
	return arena_printf(a, "%zu of %zu known clients connect, %zu do not%s", n[SIM_CONNECTS], clients_count, n[SIM_FAILS],
	        n[SIM_OPEN] ? arena_printf(a, ", %zu not known", n[SIM_OPEN]) : "");
}

const char *sim_show_measured(struct arena *a, const struct sim *rows)
{
	size_t n[TRI_NA + 1] = { 0 };

	for (size_t i = 0; i < clients_count; i++)
		n[sim_agrees(&rows[i])]++;
	if (n[TRI_ABSENT] == clients_count)
		return NULL;
	return arena_printf(a, "measured: %zu as computed, %zu otherwise, %zu not known", n[TRI_YES], n[TRI_NO], n[TRI_UNKNOWN]);
}

const char *sim_show_losses(struct arena *a, const struct ledger_entry *e)
{
	struct text t = { 0 };

	if (!e->removes)
		return NULL;
	if (!e->loses_count)
		return "no known client would be lost";
	for (size_t i = 0; i < e->loses_count && i < NAMES_SHOWN; i++)
		text_fmt(&t, "%s%s", i ? ", " : "would lose ", e->loses[i]->name);
	if (e->loses_count > NAMES_SHOWN)
		text_fmt(&t, " and %zu more", e->loses_count - NAMES_SHOWN);
	return keep(a, &t);
}

const char *sim_show_fallen(struct arena *a, const struct sim *rows, enum sim_reason why)
{
	struct text t = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < clients_count; i++)
		if (rows[i].client->current && rows[i].state != SIM_CONNECTS && rows[i].reason == why)
			text_fmt(&t, "%s%s", n++ ? ", " : "", rows[i].client->name);
	if (n)
		return keep(a, &t);
	text_free(&t);
	return NULL;
}
