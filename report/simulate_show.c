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

const char *sim_show_suite(struct arena *a, const struct sim *m)
{
	const struct suite *s = suite_find((uint16_t)m->suite);

	return s ? s->name : arena_printf(a, "0x%04X", (unsigned)m->suite);
}

const char *sim_show_group(struct arena *a, const struct sim *m)
{
	const struct group *g = group_find(m->group);

	if (g)
		return g->name;
	return m->dh_bits ? arena_printf(a, "Diffie-Hellman %lld", (long long)m->dh_bits) : NULL;
}

const char *sim_show_got(struct arena *a, const struct sim *m)
{
	const char *group = sim_show_group(a, m), *key = m->cert ? cert_key_name(m->cert) : NULL;

	if (m->state != SIM_CONNECTS)
		return arena_printf(a, "%s: %s", m->state == SIM_FAILS ? "fails" : "not known", sim_reason_text(m->reason));
	return arena_printf(a, "%s  %s%s%s%s%s%s", version_text(m->version), sim_show_suite(a, m), group ? ", " : "",
	        group ? group : "", key ? ", " : "", key ? key : "", m->forward_secret ? "" : ", no forward secrecy");
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
