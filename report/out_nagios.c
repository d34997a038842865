/*
 * A monitoring plugin's answer, for Nagios, Icinga and their kin: one line with the state and performance data,
 * then a line for each endpoint that is not well. The exit status is the state: 0 OK, 1 WARNING, 2 CRITICAL,
 * 3 UNKNOWN. All that is kept is counts and the first few lines, however many endpoints there are.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/show.h"
#include "scanner/base/die.h"

enum { LINES = 20, DAY_SECONDS = 86400 };

enum state { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN };

static const char *const names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
static const int ranks[] = { [STATE_OK] = 0, [STATE_UNKNOWN] = 1, [STATE_WARNING] = 2, [STATE_CRITICAL] = 3 };

static const enum state of_severity[] = { [SEV_INFO] = STATE_OK,
	[SEV_LOW] = STATE_OK,
	[SEV_MEDIUM] = STATE_WARNING,
	[SEV_HIGH] = STATE_CRITICAL,
	[SEV_CRITICAL] = STATE_CRITICAL };

static const enum state of_status[] = { [STATUS_OK] = STATE_OK,
	[STATUS_PARTIAL] = STATE_UNKNOWN,
	[STATUS_UNREACHABLE] = STATE_CRITICAL,
	[STATUS_NOT_TLS] = STATE_CRITICAL,
	[STATUS_DNS_ERROR] = STATE_CRITICAL,
	[STATUS_BLOCKED] = STATE_UNKNOWN,
	[STATUS_SKIPPED] = STATE_OK,
	[STATUS_ERROR] = STATE_UNKNOWN };

/* "|" begins performance data; the others may stand in a shell's command line, where monitors put them. */
static const struct escape plain[] = { { "|", "/" }, { "'", "\xe2\x80\x99" }, { "\"", "\xe2\x80\x9d" },
	{ "<", "(" }, { ">", ")" }, { "`", "_" }, { "$", "_" }, { "&", "+" }, { "~", "_" }, { NULL, NULL } };

struct tally {
	enum state worst;
	size_t endpoints, states[4], lines;
	int64_t days;        /* until the first certificate expires */
	int score;           /* the least, in 1/SCORE_UNIT points; -1: none is known */
	bool dated;
	uint64_t ms;
	struct text first, more; /* the only endpoint, or those that are not well */
	struct text compared;    /* what is not well between them */
};

static enum state worse(enum state a, enum state b)
{
	return ranks[a] >= ranks[b] ? a : b;
}

static const enum state of_gate[] = { [GATE_PASS] = STATE_OK,
	[GATE_FAIL] = STATE_CRITICAL,
	[GATE_UNKNOWN] = STATE_UNKNOWN,
	[GATE_WAIVED] = STATE_OK,
	[GATE_NA] = STATE_OK };

/* Of --expires-within the second limit is the critical one. */
static enum state state_of_gate(const struct gate_result *g)
{
	if (g->state == GATE_FAIL && !g->critical && !strcmp(g->gate, "expires-within"))
		return STATE_WARNING;
	return of_gate[g->state];
}

static enum state of_record(const struct record *r, const struct judgement *j)
{
	enum state s = show_nobody_met(r) ? STATE_UNKNOWN : of_status[r->status];

	for (size_t i = 0; i < j->gates_count; i++)
		s = worse(s, state_of_gate(&j->gates[i]));
	return s;
}

static enum state state_of(enum state s, const struct subject *about)
{
	for (size_t i = 0; i < about->findings_count; i++)
		if (about->findings[i].state == FINDING_FAIL)
			s = worse(s, of_severity[about->findings[i].severity]);
	return s;
}

/* ", gate policy (pci-dss): fail" for each that does not pass. */
static const char *gates(struct arena *a, const struct judgement *j)
{
	const char *said = "";

	for (size_t i = 0; i < j->gates_count; i++)
		if (state_of_gate(&j->gates[i]) != STATE_OK)
			said = arena_printf(a, "%s, gate %s (%s): %s", said, j->gates[i].gate, j->gates[i].wants,
			        gate_state_name(j->gates[i].state));
	return said;
}

/* "example.org:443: grade B, medium TLS 1.0 is offered and 3 more" */
static const char *summary(struct arena *a, const struct record *r, const struct judgement *j)
{
	const struct finding **list = show_findings(a, j);
	size_t fails = show_count(j, FINDING_FAIL);
	const char *error = r->status == STATUS_OK && !show_nobody_met(r) ? NULL : show_error(a, r);

	if (show_nothing_learnt(r))
		return arena_printf(a, "%s: %s", issue_endpoint(a, r), error);
	return arena_printf(a, "%s: grade %s%s%s%s%s%s%s%s%s", issue_endpoint(a, r), show_letter(&j->grade), gates(a, j),
	        error ? ", " : "", error ? error : "", fails ? ", " : "",
	        fails ? severity_name(list[0]->severity) : "", fails ? " " : "", fails ? list[0]->title : "",
	        fails > 1 ? arena_printf(a, " and %zu more", fails - 1) : "");
}

static void line(struct tally *t, struct text *to, enum state s, const char *says)
{
	if (s == STATE_OK || t->lines++ >= LINES)
		return;
	text_fmt(to, "%s ", names[s]);
	escape_add(to, plain, says);
	text_char(to, '\n');
}

static void note_days(struct tally *t, const struct record *r)
{
	struct arena a = { 0 };
	struct view v;

	view_open(&v, r, &a);
	for (size_t i = 0; i < v.chains_count; i++) {
		const struct cert_info *leaf = v.chains[i].leaf;
		int64_t days = leaf ? (leaf->not_after - r->started) / DAY_SECONDS : 0;

		if (!v.chains[i].judged || !leaf || leaf->malformed || (t->dated && days >= t->days))
			continue;
		t->days = days;
		t->dated = true;
	}
	arena_free(&a);
}

static void open_tally(struct output *o)
{
	struct tally *t = mem_new(1, sizeof *t);

	t->score = -1;
	o->state = t;
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct tally *t = o->state;
	struct arena a = { 0 };
	struct subject about = issue_of_endpoint(&a, r, j);
	enum state s = state_of(of_record(r, j), &about);

	t->worst = worse(t->worst, s);
	t->states[s]++;
	t->ms += r->duration_ms;
	note_days(t, r);
	if (j->grade.total >= 0 && (t->score < 0 || j->grade.total < t->score))
		t->score = j->grade.total;
	if (!t->endpoints++)
		escape_add(&t->first, plain, summary(&a, r, j));
	line(t, &t->more, s, summary(&a, r, j));
	arena_free(&a);
}

/* "example.org:443, compared: 4 addresses: addresses.versions" */
static void group(struct output *o, const struct group_record *g)
{
	struct tally *t = o->state;
	struct arena a = { 0 };
	struct subject about = issue_of_group(&a, g);
	enum state s = state_of(STATE_OK, &about);

	t->worst = worse(t->worst, s);
	if (group_is_news(g))
		line(t, &t->compared, s,
		        arena_printf(&a, "%s, compared: %s", about.title, group_summary(&a, g)));
	arena_free(&a);
}

static void performance(FILE *f, const struct tally *t)
{
	fprintf(f, " | endpoints=%zu warning=%zu critical=%zu unknown=%zu", t->endpoints, t->states[STATE_WARNING],
	        t->states[STATE_CRITICAL], t->states[STATE_UNKNOWN]);
	if (t->dated)
		fprintf(f, " days_left=%lld", (long long)t->days);
	if (t->score >= 0)
		fprintf(f, " score=%d;;;0;100", t->score / SCORE_UNIT);
	fprintf(f, " time=%llu.%03llus\n", (unsigned long long)(t->ms / 1000), (unsigned long long)(t->ms % 1000));
}

static void close_tally(struct output *o)
{
	struct tally *t = o->state;

	o->verdict = (int)(t->endpoints && (!o->cut || t->worst == STATE_CRITICAL) ? t->worst : STATE_UNKNOWN);
	fprintf(o->file, "TLS %s: ", names[o->verdict]);
	if (t->endpoints == 1)
		fputs(text_str(&t->first), o->file);
	else
		fprintf(o->file, "%zu endpoints, %zu critical, %zu warning, %zu unknown", t->endpoints,
		        t->states[STATE_CRITICAL], t->states[STATE_WARNING], t->states[STATE_UNKNOWN]);
	if (o->cut)
		fputs(", and not all that was given was read", o->file);
	performance(o->file, t);
	if (t->endpoints > 1)
		fputs(text_str(&t->more), o->file);
	fputs(text_str(&t->compared), o->file);
	if (t->endpoints > 1 && t->lines > LINES)
		fprintf(o->file, "and %zu more\n", t->lines - LINES);
	text_free(&t->first);
	text_free(&t->more);
	text_free(&t->compared);
	free(t);
	o->state = NULL;
}

const struct writer writer_nagios = {
	.name = "nagios",
	.what = "a monitoring plugin's line and performance data; on stdout its state is the exit status",
	.machine = true,
	.decides = true,
	.open = open_tally,
	.endpoint = endpoint,
	.group = group,
	.close = close_tally,
};
