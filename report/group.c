#include "report/group.h"

#include <stdlib.h>
#include <string.h>

#include "report/finding_json.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_views.h"
#include "scanner/facts/time.h"

struct group_record *group_new(enum group_scope scope)
{
	struct group_record *g = mem_new(1, sizeof *g);

	g->scope = scope;
	return g;
}

void group_free(struct group_record *g)
{
	if (!g)
		return;
	arena_free(&g->arena);
	free(g);
}

const char *group_scope_name(enum group_scope s)
{
	return s == GROUP_NAME ? "name" : "run";
}

/* ---- in words -------------------------------------------------------------------------------- */

size_t group_count(const struct group_record *g, enum finding_state s)
{
	size_t n = 0;

	for (size_t i = 0; i < g->findings_n; i++)
		n += g->findings[i].state == s;
	return n;
}

const char *group_title(struct arena *a, const struct group_record *g)
{
	if (g->scope == GROUP_RUN)
		return "all endpoints";
	return arena_printf(a, strchr(g->host, ':') ? "[%s]:%u" : "%s:%u", g->host, (unsigned)g->port);
}

/* What the failed findings are called, or what is left to say without one. */
static void add_failed(struct text *t, const struct group_record *g)
{
	for (size_t i = 0, n = 0; i < g->findings_n; i++)
		if (g->findings[i].state == FINDING_FAIL)
			text_fmt(t, "%s%s", n++ ? ", " : "", g->findings[i].id);
	if (!group_count(g, FINDING_FAIL))
		text_add(t, group_count(g, FINDING_UNKNOWN) ? "no difference seen, not all known" : "no difference");
}

const char *group_summary(struct arena *a, const struct group_record *g)
{
	struct text t = { 0 };
	const char *s;

	text_fmt(&t, "%zu %s%s: ", g->endpoints, g->scope == GROUP_NAME ? "address" : "endpoint",
	        g->endpoints == 1 ? "" : g->scope == GROUP_NAME ? "es" : "s");
	if (g->scope == GROUP_RUN && !group_count(g, FINDING_FAIL))
		text_add(&t, group_count(g, FINDING_UNKNOWN) ? "nothing shared seen, not all known" : "nothing shared");
	else
		add_failed(&t, g);
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}

bool group_is_news(const struct group_record *g)
{
	return g->scope == GROUP_NAME || g->several_names || group_count(g, FINDING_FAIL);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static struct json_object *list_json(const struct group_list *l)
{
	return json_names(l->v, l->n);
}

static struct json_object *tool(const struct group_record *g)
{
	struct json_object *o = json_map();

	json_set(o, "name", json_text("tlsassay"));
	json_set(o, "version", json_text(g->version ? g->version : ""));
	return o;
}

static struct json_object *target(const struct group_record *g)
{
	struct json_object *o = json_map();

	json_set(o, "host", json_text(g->host));
	json_set(o, "port", json_count(g->port));
	json_set(o, "transport", json_text(g->transport ? g->transport : ""));
	json_set(o, "sni", json_text(g->sni));
	json_set(o, "starttls", json_text(g->starttls));
	return o;
}

static struct json_object *member(const struct group_member *m)
{
	struct json_object *o = json_map();

	json_set(o, "ip", json_text(m->ip));
	json_set(o, "family", json_text(m->family));
	json_set(o, "status", json_text(status_name(m->status)));
	json_set(o, "grade", json_text(letter_name(m->letter)));
	json_set(o, "certificates", list_json(&m->leaves));
	return o;
}

static struct json_object *value(const struct group_value *v)
{
	struct json_object *o = json_map();

	json_set(o, "value", json_text(v->value));
	json_set(o, "endpoints", list_json(&v->where));
	return o;
}

static struct json_object *difference(const struct group_difference *d)
{
	struct json_object *o = json_map(), *values = json_list();

	json_set(o, "key", json_text(d->key));
	if (d->protocol)
		json_set(o, "protocol", json_protocol(d->protocol));
	if (d->cert)
		json_set(o, "certificate", json_text(cert_key_name(d->cert)));
	if (d->sni)
		json_set(o, "sni", json_text(tri_name(d->sni)));
	if (d->name)
		json_set(o, "name", json_text(d->name));
	for (size_t i = 0; i < d->values_n; i++)
		json_push(values, value(&d->values[i]));
	json_set(o, "values", values);
	return o;
}

/* Where something was seen; `cut` says that it was seen elsewhere too. */
static void set_where(struct json_object *o, const struct group_list *where)
{
	json_set(o, "endpoints", list_json(where));
	json_set(o, "endpoints_cut", json_flag(where->cut));
}

static struct json_object *shared_key(const struct group_shared *s)
{
	struct json_object *o = json_map();

	json_set(o, "sha256", json_text(s->sha256));
	json_set(o, "certificates", list_json(&s->what));
	json_set(o, "certificates_cut", json_flag(s->what.cut));
	set_where(o, &s->where);
	return o;
}

static struct json_object *shared_certificate(const struct group_shared *s)
{
	struct json_object *o = json_map();

	json_set(o, "sha256", json_text(s->sha256));
	json_set(o, "subject", json_text(s->subject));
	set_where(o, &s->where);
	return o;
}

static struct json_object *shared_factor(const struct group_shared *s)
{
	struct json_object *o = json_map();

	json_set(o, "bits", json_count(s->bits));
	json_set(o, "keys", list_json(&s->what));
	json_set(o, "keys_cut", json_flag(s->what.cut));
	set_where(o, &s->where);
	return o;
}

static struct json_object *expiry(const struct group_expiry *e)
{
	struct json_object *o;
	char when[24];

	if (!e->sha256)
		return NULL;
	o = json_map();
	time_text(e->not_after, when);
	json_set(o, "not_after", json_text(when));
	json_set(o, "sha256", json_text(e->sha256));
	json_set(o, "subject", json_text(e->subject));
	set_where(o, &e->where);
	return o;
}

static void set_name(struct json_object *o, const struct group_record *g)
{
	struct json_object *members = json_list(), *differences = json_list();

	for (size_t i = 0; i < g->members_n; i++)
		json_push(members, member(&g->members[i]));
	for (size_t i = 0; i < g->differences_n; i++)
		json_push(differences, difference(&g->differences[i]));
	json_set(o, "target", target(g));
	json_set(o, "endpoints", members);
	json_set(o, "differences", differences);
}

static struct json_object *all_shared(
        const struct group_shared *list, size_t n, struct json_object *(*json)(const struct group_shared *))
{
	struct json_object *all = json_list();

	for (size_t i = 0; i < n; i++)
		json_push(all, json(&list[i]));
	return all;
}

static void set_run(struct json_object *o, const struct group_record *g)
{
	json_set(o, "shared_keys", all_shared(g->keys, g->keys_n, shared_key));
	json_set(o, "shared_certificates", all_shared(g->certificates, g->certificates_n, shared_certificate));
	json_set(o, "shared_factors", all_shared(g->factors, g->factors_n, shared_factor));
	json_set(o, "moduli_compared", json_count(g->moduli));
	json_set(o, "first_expiry", expiry(&g->first_expiry));
}

struct json_object *group_to_json(const struct group_record *g)
{
	struct json_object *o = json_map(), *findings = json_list();

	for (size_t i = 0; i < g->findings_n; i++)
		json_push(findings, finding_json(&g->findings[i]));
	json_set(o, "schema", json_text("tlsassay/1"));
	json_set(o, "kind", json_text("group"));
	json_set(o, "tool", tool(g));
	json_set(o, "scope", json_text(group_scope_name(g->scope)));
	json_set(o, "endpoints_count", json_count(g->endpoints));
	if (g->scope == GROUP_NAME)
		set_name(o, g);
	else
		set_run(o, g);
	json_set(o, "limits", list_json(&g->limits));
	json_set(o, "findings", findings);
	if (g->gate)
		json_set(o, "gates", gates_json(g->gate, 1));
	return o;
}
