/*
 * Metrics for Prometheus, in the text format that node_exporter's textfile collector reads. The format wants
 * all samples of a metric together, so each metric has a temporary file of its own until the end; and it takes no
 * series twice, so an endpoint that a list names twice is told once.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/show.h"
#include "report/spool.h"
#include "scanner/base/die.h"

static const struct escape label[] = { { "\\", "\\\\" }, { "\"", "\\\"" }, { NULL, NULL } };

struct page {
	struct text t; /* samples of one metric */
	struct arena arena;
	struct view view;
	const struct record *r;     /* NULL: a group */
	const struct judgement *j;
	struct subject about;
	const char *metric, *endpoint; /* its labels: target="..",ip="..",sni=".." */
};

/* `name{target=..,ip=..,more} value`; more: our own names, with values from quoted(). */
static void sample(struct page *p, const char *more, int64_t value)
{
	text_fmt(&p->t, "tlsassay_%s{%s%s%s} %lld\n", p->metric, p->endpoint, *more ? "," : "", more,
	        (long long)value);
}

static const char *quoted(struct page *p, const char *name, const char *value)
{
	return arena_printf(&p->arena, "%s=\"%s\"", name, escape_in(&p->arena, label, value ? value : ""));
}

static void up(struct page *p)
{
	sample(p, "", !show_nothing_learnt(p->r));
}

static void status(struct page *p)
{
	sample(p, quoted(p, "status", status_name(p->r->status)), 1);
}

static void grade(struct page *p)
{
	if (letter_name(p->j->grade.letter))
		sample(p, arena_printf(&p->arena, "%s,%s", quoted(p, "grade", letter_name(p->j->grade.letter)),
				  quoted(p, "guide", p->j->grade.guide)), 1);
}

static void score(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const struct {
		const char *part;
		int points;
	} rows[] = { { "protocol", g->protocol }, { "key_exchange", g->key_exchange }, { "cipher", g->cipher },
		{ "total", g->total } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].points >= 0)
			sample(p, quoted(p, "part", rows[i].part), rows[i].points / SCORE_UNIT);
}

static void findings(struct page *p)
{
	for (enum severity s = SEV_INFO; s <= SEV_CRITICAL && p->about.findings_count; s++) {
		int64_t n = 0;

		for (size_t i = 0; i < p->about.findings_count; i++)
			n += p->about.findings[i].state == FINDING_FAIL && p->about.findings[i].severity == s;
		sample(p, quoted(p, "severity", severity_name(s)), n);
	}
}

/* A policy that was asked for twice says everything twice. */
static bool told(const struct subject *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (s->findings[k].state == FINDING_FAIL && !strcmp(s->findings[k].id, s->findings[i].id))
			return true;
	return false;
}

static void finding(struct page *p)
{
	for (size_t i = 0; i < p->about.findings_count; i++) {
		const struct finding *f = &p->about.findings[i];

		if (f->state == FINDING_FAIL && !told(&p->about, i))
			sample(p, arena_printf(&p->arena, "%s,%s", quoted(p, "id", f->id),
					  quoted(p, "severity", severity_name(f->severity))), 1);
	}
}

static void not_known(struct page *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->about.findings_count; i++)
		n += p->about.findings[i].state == FINDING_UNKNOWN;
	if (p->about.findings_count)
		sample(p, "", n);
}

static void protocol(struct page *p)
{
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		if (o->key == OBS_KEY_PROTOCOL_OFFERED && o->protocol && (o->tri == TRI_YES || o->tri == TRI_NO))
			sample(p, quoted(p, "protocol", version_text(o->protocol)), o->tri == TRI_YES);
	}
}

/* Is this chain, as served to clients that name the server, not told yet? */
static bool first_of(const struct view *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (v->chains[k].judged && v->chains[k].id && v->chains[i].id && !strcmp(v->chains[k].id, v->chains[i].id))
			return false;
	return v->chains[i].judged && v->chains[i].names_count;
}

static void expiry(struct page *p)
{
	for (size_t i = 0; i < p->view.chains_count; i++)
		for (size_t k = 0; first_of(&p->view, i) && k < p->view.chains[i].names_count; k++) {
			const struct cert_info *c = view_cert(&p->view, &p->view.chains[i], k);

			if (c && !c->malformed)
				sample(p, arena_printf(&p->arena, "%s,position=\"%zu\",%s,%s",
						  quoted(p, "chain", p->view.chains[i].id), k, quoted(p, "sha256", c->sha256),
						  quoted(p, "subject", c->subject)), c->not_after);
		}
}

static const struct obs *store_of(const struct page *p, size_t chain, size_t k)
{
	return view_about(&p->view, &p->view.chains[chain], OBS_KEY_CHAIN_TRUST, k);
}

static void trusted(struct page *p)
{
	const struct obs *o;

	for (size_t i = 0; i < p->view.chains_count; i++)
		for (size_t k = 0; first_of(&p->view, i) && (o = store_of(p, i, k)); k++)
			if (o->tri == TRI_YES || o->tri == TRI_NO)
				sample(p, arena_printf(&p->arena, "%s,%s", quoted(p, "chain", p->view.chains[i].id),
						  quoted(p, "store", o->name)), o->tri == TRI_YES);
}

static void hostname(struct page *p)
{
	for (size_t i = 0; i < p->view.chains_count; i++) {
		const struct obs *o = first_of(&p->view, i) ?
			view_about(&p->view, &p->view.chains[i], OBS_KEY_CHAIN_HOSTNAME, 0) : NULL;

		if (o && o->text && (!strcmp(o->text, "match") || !strcmp(o->text, "mismatch")))
			sample(p, quoted(p, "chain", p->view.chains[i].id), !strcmp(o->text, "match"));
	}
}

static void started(struct page *p)
{
	sample(p, "", p->r->started);
}

static void duration(struct page *p)
{
	text_fmt(&p->t, "tlsassay_%s{%s} %llu.%03llu\n", p->metric, p->endpoint,
	        (unsigned long long)(p->r->duration_ms / 1000), (unsigned long long)(p->r->duration_ms % 1000));
}

static void connections(struct page *p)
{
	sample(p, "", (int64_t)p->r->connections);
}

/* All are gauges: each scan counts anew. */
static const struct metric {
	const char *name, *help;
	void (*samples)(struct page *);
	bool groups; /* of what compares endpoints, too */
} metrics[] = {
	{ "up", "1 when the server spoke TLS, 0 when nothing could be learnt.", up, false },
	{ "status", "How the scan of the endpoint ended, in the label; always 1.", status, false },
	{ "grade", "The grade, in the label; always 1.", grade, false },
	{ "score_points", "Scores of the grade, 0 to 100.", score, false },
	{ "findings", "Findings that failed, by severity.", findings, true },
	{ "finding", "A finding that failed; always 1.", finding, true },
	{ "findings_unknown", "Findings that could not be decided.", not_known, true },
	{ "protocol_offered", "1 when the server takes this version, 0 when not.", protocol, false },
	{ "certificate_not_after_timestamp_seconds",
		"When a served certificate expires, since 1970; position 0 is the leaf.", expiry, false },
	{ "chain_trusted", "1 when a path to an anchor of the store exists.", trusted, false },
	{ "hostname_match", "1 when the certificate names the host.", hostname, false },
	{ "scan_timestamp_seconds", "When the scan began, since 1970.", started, false },
	{ "scan_duration_seconds", "How long the scan took.", duration, false },
	{ "scan_connections", "Connections the scan opened.", connections, false },
};

enum { METRICS = sizeof metrics / sizeof *metrics };

struct book {
	FILE *files[METRICS];
	char **seen; /* labels of the endpoints told, a table of 2^n with empty places */
	size_t seen_n, seen_cap;
};

static size_t place_of(const struct book *b, const char *labels)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	size_t i;

	for (const char *s = labels; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211u;
	for (i = hash & (b->seen_cap - 1); b->seen[i] && strcmp(b->seen[i], labels); i = (i + 1) & (b->seen_cap - 1))
		;
	return i;
}

static void grow(struct book *b)
{
	struct book wider = { .seen_cap = b->seen_cap ? 2 * b->seen_cap : 64 };

	wider.seen = mem_new(wider.seen_cap, sizeof *wider.seen);
	for (size_t i = 0; i < b->seen_cap; i++)
		if (b->seen[i])
			wider.seen[place_of(&wider, b->seen[i])] = b->seen[i];
	free(b->seen);
	b->seen = wider.seen;
	b->seen_cap = wider.seen_cap;
}

/* False when it was told before. */
static bool first_time(struct book *b, const char *labels)
{
	size_t at;

	if (2 * b->seen_n >= b->seen_cap)
		grow(b);
	at = place_of(b, labels);
	if (b->seen[at])
		return false;
	b->seen[at] = mem_text(labels);
	b->seen_n++;
	return true;
}

static const char *labels(struct page *p, const char *target, const char *ip, const char *sni)
{
	return arena_printf(&p->arena, "%s,%s,%s", quoted(p, "target", target), quoted(p, "ip", ip), quoted(p, "sni", sni));
}

static void open_book(struct output *o)
{
	struct book *b = mem_new(1, sizeof *b);

	for (size_t i = 0; i < METRICS; i++) {
		b->files[i] = tmpfile();
		o->failed |= !b->files[i];
	}
	o->state = b;
}

static void samples(struct output *o, struct page *p)
{
	struct book *b = o->state;

	for (size_t i = 0; i < METRICS && !o->failed && (i || first_time(b, p->endpoint)); i++) {
		p->metric = metrics[i].name;
		if (p->r || metrics[i].groups)
			metrics[i].samples(p);
		fputs(text_str(&p->t), b->files[i]);
		text_free(&p->t);
	}
	arena_free(&p->arena);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .r = r, .j = j };

	view_open(&p.view, r, &p.arena);
	p.about = issue_of_endpoint(&p.arena, r, j);
	p.endpoint = labels(&p, show_target(&p.arena, r), r->ip, r->sni);
	samples(o, &p);
}

/* The label ip is empty: it is about more than one. */
static void group(struct output *o, const struct group_record *g)
{
	struct page p = { 0 };

	p.about = issue_of_group(&p.arena, g);
	p.endpoint = labels(&p, p.about.title, NULL, g->sni);
	samples(o, &p);
}

static void close_book(struct output *o)
{
	struct book *b = o->state;

	for (size_t i = 0; i < METRICS && !o->failed; i++)
		if (ftell(b->files[i]) > 0) {
			fprintf(o->file, "# HELP tlsassay_%s %s\n# TYPE tlsassay_%s gauge\n", metrics[i].name,
			        metrics[i].help, metrics[i].name);
			o->failed |= !spool_copy(b->files[i], o->file);
		}
	for (size_t i = 0; i < METRICS; i++)
		if (b->files[i])
			fclose(b->files[i]);
	for (size_t i = 0; i < b->seen_cap; i++)
		free(b->seen[i]);
	free(b->seen);
	free(b);
	o->state = NULL;
}

const struct writer writer_prometheus = {
	.name = "prometheus",
	.what = "metrics for Prometheus, as node_exporter's textfile collector reads them",
	.machine = true,
	.open = open_book,
	.endpoint = endpoint,
	.group = group,
	.close = close_book,
};
