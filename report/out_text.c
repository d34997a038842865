/*
 * The report for a terminal: the grade first, then what it rests on. Colour only where it was asked for, and
 * never the only sign; lines are folded to the width where there is one. Every text goes through say(), which
 * shows control characters as text.
 */
#include "report/writer.h"

#include <string.h>

#include "report/feature.h"
#include "report/policy_judge.h"
#include "report/pq.h"
#include "report/show.h"
#include "report/simulate_show.h"
#include "scanner/base/text.h"
#include "scanner/facts/time.h"

enum { MIN_FOLD = 30, NAMES_SHOWN = 6, LABEL_COLUMN = 15, ANSWER_COLUMN = 3, LONG_ANSWER = 48, GATE_COLUMN = 9 };

struct page {
	struct output *o;
	const struct record *r;
	const struct judgement *j;
	struct arena arena;
	struct view view;
};

/* ---- putting text down
 * --------------------------------------------------------------------------------------- */

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GOOD, INK_WEAK, INK_BAD };

static const char *const inks[] = {
	[INK_PLAIN] = "",
	[INK_BOLD] = "\x1b[1m",
	[INK_DIM] = "\x1b[2m",
	[INK_GOOD] = "\x1b[32m",
	[INK_WEAK] = "\x1b[33m",
	[INK_BAD] = "\x1b[1;31m",
};

static enum ink mark_ink(enum mark m)
{
	static const enum ink of[] = {
		[MARK_NONE] = INK_PLAIN, [MARK_GOOD] = INK_GOOD, [MARK_WEAK] = INK_WEAK, [MARK_BAD] = INK_BAD
	};

	return of[m];
}

static void put(const struct page *p, enum ink ink, const char *visible)
{
	bool colour = p->o->colour && ink != INK_PLAIN;

	fprintf(p->o->file, "%s%s%s", colour ? inks[ink] : "", visible, colour ? "\x1b[0m" : "");
}

/* The one way for text that is not ours: made visible, then padded to `columns`. */
static void say(const struct page *p, enum ink ink, size_t columns, const char *text)
{
	struct text t = { 0 };
	size_t width;

	text_visible(&t, text);
	width = text_width(text_str(&t));
	put(p, ink, text_str(&t));
	text_free(&t);
	for (; width < columns; width++)
		fputc(' ', p->o->file);
}

static void gap(const struct page *p, size_t columns)
{
	fprintf(p->o->file, "%*s", (int)columns, "");
}

static void end(const struct page *p)
{
	fputc('\n', p->o->file);
}

static void word(struct page *p, enum ink ink, size_t indent, size_t *column, const char *s, size_t n)
{
	char *w = arena_textn(&p->arena, s, n);
	size_t width = text_width(w);
	bool fold = p->o->width >= indent + MIN_FOLD;

	if (*column > indent && fold && *column + 1 + width > p->o->width) {
		end(p);
		gap(p, indent);
		*column = indent;
	} else if (*column > indent) {
		gap(p, 1);
		++*column;
	}
	put(p, ink, w);
	*column += width;
}

/* Prose from the column `indent` on, where the line already stands; ends the line. */
static void prose(struct page *p, enum ink ink, size_t indent, const char *text)
{
	struct text t = { 0 };
	size_t column = indent, n;

	text_visible(&t, text);
	for (const char *s = text_str(&t); *s; s += n + (s[n] == ' ')) {
		n = strcspn(s, " ");
		if (n)
			word(p, ink, indent, &column, s, n);
	}
	text_free(&t);
	end(p);
}

static void heading(const struct page *p, const char *title)
{
	end(p);
	put(p, INK_BOLD, title);
	end(p);
}

/* A reason, each of its parts on a line of its own. */
static void reason(struct page *p, size_t indent, const char *text)
{
	const char *part = show_part(&p->arena, &text), *next;

	for (; part; part = next) {
		prose(p, INK_PLAIN, indent, part);
		next = show_part(&p->arena, &text);
		if (next)
			gap(p, indent);
	}
}

/* "  label         prose" */
static void labelled(struct page *p, const char *label, enum ink ink, const char *text)
{
	gap(p, 2);
	say(p, INK_PLAIN, LABEL_COLUMN, label);
	prose(p, ink, LABEL_COLUMN + 2, text);
}

/* ---- the grade
 * ----------------------------------------------------------------------------------------------- */

static void scores(struct page *p, const struct grade *g)
{
	struct arena *a = &p->arena;

	labelled(p, "scores", INK_PLAIN,
	        arena_printf(a, "protocol %s, key exchange %s, cipher strength %s, total %s",
	                show_points(a, g->protocol), show_points(a, g->key_exchange),
	                show_points(a, g->cipher), show_points(a, g->total)));
}

static void letter(struct page *p, const struct grade *g, const char *caveat)
{
	gap(p, 2);
	say(p, INK_BOLD, LABEL_COLUMN, "Grade");
	say(p, mark_ink(letter_mark(g->letter)), 0, show_letter(g));
	if (caveat && g->letter == g->config_letter)
		say(p, INK_PLAIN, 0, arena_printf(&p->arena, "  %s", caveat));
	end(p);
}

/* The letter without trust, where trust decided the first one. */
static void configuration(struct page *p, const struct grade *g, const char *caveat)
{
	if (g->letter != g->config_letter)
		labelled(p, "configuration", INK_PLAIN,
		        arena_printf(&p->arena, "%s%s%s", letter_name(g->config_letter), caveat ? "  " : "",
		                caveat ? caveat : ""));
}

static void grade(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const char *caveat = show_caveat(&p->arena, p->r, g), *trust = show_trust(g);
	size_t count;
	const struct step *steps = show_steps(&p->arena, g, &count);

	letter(p, g, caveat);
	if (trust)
		labelled(p, "trust", INK_PLAIN, trust);
	configuration(p, g, caveat);
	scores(p, g);
	for (size_t i = 0; i < count; i++) {
		gap(p, 2);
		say(p, INK_PLAIN, LABEL_COLUMN, steps[i].effect);
		reason(p, LABEL_COLUMN + 2,
		        arena_printf(&p->arena, "%s  [%s]", steps[i].because, steps[i].rules));
	}
	labelled(p, "guide", INK_DIM, g->guide);
}

/* ---- gates
 * --------------------------------------------------------------------------------------------------- */

static enum ink gate_ink(enum gate_state s)
{
	static const enum ink of[] = { [GATE_PASS] = INK_GOOD,
		[GATE_FAIL] = INK_BAD,
		[GATE_UNKNOWN] = INK_WEAK,
		[GATE_WAIVED] = INK_WEAK,
		[GATE_NA] = INK_PLAIN };

	return of[s];
}

static void gates(struct page *p)
{
	if (!p->j->gates_count)
		return;
	heading(p, "Gates");
	for (size_t i = 0; i < p->j->gates_count; i++) {
		const struct gate_result *g = &p->j->gates[i];

		gap(p, 2);
		say(p, INK_PLAIN, LABEL_COLUMN, g->gate);
		say(p, gate_ink(g->state), GATE_COLUMN, gate_state_name(g->state));
		prose(p, INK_PLAIN, LABEL_COLUMN + 2 + GATE_COLUMN,
		        arena_printf(&p->arena, "%s%s%s", g->wants, g->because ? ": " : "", g->because ? g->because : ""));
	}
}

/* ---- protocols and suites
 * ------------------------------------------------------------------------------------ */

static void protocols(struct page *p)
{
	if (!record_find(p->r, OBS_KEY_PROTOCOL_OFFERED, 0))
		return;
	heading(p, "Protocols");
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];
		const char *says = show_offered(o->tri);

		if (o->key != OBS_KEY_PROTOCOL_OFFERED || !o->protocol)
			continue;
		if (o->tri == TRI_UNKNOWN && o->reason)
			says = arena_printf(&p->arena, "%s (%s)", says, o->reason);
		labelled(p, version_text(o->protocol), mark_ink(protocol_mark(o->protocol, o->tri)), says);
	}
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		for (size_t k = 0; o->key == OBS_KEY_PROTOCOL_DRAFTS && k < o->count; k++)
			labelled(p, "draft", INK_WEAK, show_code(&p->arena, o, k));
	}
}

/* Widths of the columns, from what stands in them. Where they do not fit the terminal only the name, bits and
 * remark are shown. */
struct columns {
	size_t name, kx, enc, remark;
	bool wide;
};

static void widen(size_t *width, const char *text)
{
	size_t n = text_width(text);

	if (n > *width)
		*width = n;
}

static struct columns columns_of(struct page *p)
{
	struct columns w = { 0 };

	for (size_t i = 0; i < p->view.ciphers_count; i++) {
		widen(&w.name, p->view.ciphers[i].name);
		widen(&w.kx, show_kx(&p->arena, &p->view.ciphers[i]));
		widen(&w.enc, p->view.ciphers[i].enc);
		if (cipher_remark(&p->view.ciphers[i]))
			widen(&w.remark, cipher_remark(&p->view.ciphers[i]));
	}
	w.wide = !p->o->width || 4 + 10 + w.name + 2 + w.kx + 2 + w.enc + 2 + 3 + 2 + w.remark <= p->o->width;
	return w;
}

/* What stands behind the columns; on a line of its own where it does not fit. */
static void aside(struct page *p, enum ink ink, size_t *column, const char *text)
{
	size_t n = text_width(text), indent = 2;

	if (p->o->width && *column + indent + n > p->o->width) {
		end(p);
		indent = 8;
		*column = 0;
	}
	gap(p, indent);
	say(p, ink, 0, text);
	*column += indent + n;
}

static void cipher(struct page *p, const struct cipher *c, const struct columns *w)
{
	size_t column = 4 + (w->wide ? 10 + w->kx + 2 + w->enc + 2 : 0) + w->name + 2 + 3;
	const char *remark = cipher_remark(c);

	gap(p, 4);
	if (w->wide)
		say(p, INK_DIM, 10,
		        arena_printf(
		                &p->arena, c->protocol == VER_SSL2 ? "0x%06X" : "0x%04X", (unsigned)c->code));
	say(p, mark_ink(cipher_mark(c)), c->known ? w->name + 2 : 0,
	        c->known || !w->wide ? c->name : "not in the table");
	if (w->wide && c->known) {
		say(p, INK_PLAIN, w->kx + 2, show_kx(&p->arena, c));
		say(p, INK_PLAIN, w->enc + 2, c->enc);
	}
	if (c->known)
		say(p, INK_PLAIN, 0, arena_printf(&p->arena, "%3u", (unsigned)c->bits));
	if (remark)
		aside(p, INK_PLAIN, &column, remark);
	if (p->o->verbose && c->openssl)
		aside(p, INK_DIM, &column, c->openssl);
	end(p);
}

/* False for a list that was told with another one. */
static bool list_title(struct page *p, const struct obs *o, enum obs_key order)
{
	const char *title = show_list_title(&p->arena, p->r, o, order);

	if (!title)
		return false;
	if (order != OBS_KEYS)
		title = arena_printf(&p->arena, "%s, %s", title, show_list_note(&p->arena, p->r, o, order));
	gap(p, 2);
	prose(p, INK_PLAIN, 4, title);
	return true;
}

static void suites_of(struct page *p, const struct obs *o, const struct columns *w)
{
	if (!list_title(p, o, OBS_KEY_SUITES_ORDER))
		return;
	for (size_t i = 0; i < o->count; i++) {
		struct cipher c = cipher_of(&p->arena, o->protocol, o->codes[i]);

		cipher(p, &c, w);
	}
}

static void all_suites(struct page *p)
{
	struct columns w = columns_of(p);

	if (!record_find(p->r, OBS_KEY_SUITES_LIST, 0))
		return;
	heading(p, "Cipher suites");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_SUITES_LIST)
			suites_of(p, &p->r->obs[i], &w);
}

/* ---- groups, schemes, extensions
 * ------------------------------------------------------------------------------ */

static const char *codes_line(struct page *p, const struct obs *o)
{
	struct text t = { 0 };
	const char *line;

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", show_code(&p->arena, o, i));
	line = arena_text(&p->arena, o->count ? text_str(&t) : "none");
	text_free(&t);
	return line;
}

static void code_lists(struct page *p, const char *title, enum obs_key list, enum obs_key order)
{
	if (!record_find(p->r, list, 0))
		return;
	heading(p, title);
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		if (o->key != list || !list_title(p, o, order))
			continue;
		gap(p, 4);
		prose(p, INK_PLAIN, 4, codes_line(p, o));
	}
}

static void moduli(struct page *p)
{
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		if (o->key == OBS_KEY_DH_BITS)
			labelled(p, version_text(o->protocol), o->number < 2048 ? INK_WEAK : INK_PLAIN,
			        arena_printf(&p->arena, "Diffie-Hellman modulus of %lld bits%s%s",
			                (long long)o->number, o->name ? ", " : "", o->name ? o->name : ""));
	}
}

/* "yes   TLSv1.2, TLSv1.1", from the column `indent` on; below a list what it holds for stands on a line of its own */
static void answer(struct page *p, const struct answer *f, size_t indent)
{
	size_t width = text_width(f->says);

	if (!*f->where) {
		prose(p, mark_ink(f->mark), indent, f->says);
		return;
	}
	if ((width > LONG_ANSWER && !f->word) || text_width(f->where) > 2 * LONG_ANSWER) {
		prose(p, mark_ink(f->mark), indent, f->says);
		gap(p, indent);
		prose(p, INK_DIM, indent, f->where);
		return;
	}
	width = width < ANSWER_COLUMN ? ANSWER_COLUMN : width;
	say(p, mark_ink(f->mark), width + 2, f->says);
	prose(p, INK_DIM, indent + width + 2, f->where);
}

static void feature(struct page *p, const struct feature *f, size_t column)
{
	for (size_t i = 0; i < f->answers_count; i++) {
		gap(p, 2);
		say(p, INK_PLAIN, column, i ? "" : f->title);
		answer(p, &f->answers[i], column + 2);
	}
}

static bool is_left_out(const struct page *p, const struct feature *f)
{
	return f->plain && !p->o->verbose;
}

static void left_out(struct page *p, size_t n)
{
	if (!n)
		return;
	gap(p, 2);
	prose(p, INK_DIM, 2, arena_printf(&p->arena, "%zu more are as with most servers; -v lists them", n));
}

static void features(struct page *p, enum feature_part part, const char *title)
{
	size_t count, column = 0, plain = 0;
	const struct feature *list = features_of(&p->arena, p->r, part, &count);

	if (!count)
		return;
	heading(p, title);
	for (size_t i = 0; i < count; i++)
		widen(&column, is_left_out(p, &list[i]) ? "" : list[i].title);
	for (size_t i = 0; i < count; i++) {
		if (is_left_out(p, &list[i]))
			plain++;
		else
			feature(p, &list[i], column + 2);
	}
	left_out(p, plain);
}

/* ---- certificates
 * -------------------------------------------------------------------------------------------- */

static void certificate(struct page *p, const struct cert_info *c, size_t n)
{
	struct arena *a = &p->arena;

	gap(p, 4);
	say(p, INK_PLAIN, 3, arena_printf(a, "%zu", n + 1));
	if (!c || c->malformed) {
		prose(p, INK_WEAK, 7, c ? "cannot be read" : "not in the record");
		return;
	}
	prose(p, INK_BOLD, 7, show_name(a, c->subject, "(no subject)"));
	gap(p, 7);
	prose(p, INK_PLAIN, 7,
	        arena_printf(a, "%s, %s, %s", show_key(a, c), c->signature ? c->signature : "?",
	                show_validity(a, c, p->r->started)));
	if (!n && c->dns_names_count) {
		gap(p, 7);
		prose(p, INK_PLAIN, 7, arena_printf(a, "names %s", show_names(a, c, NAMES_SHOWN)));
	}
	gap(p, 7);
	prose(p, INK_DIM, 7, arena_printf(a, "issuer %s", show_name(a, c->issuer, "(none)")));
	if (p->o->verbose) {
		gap(p, 7);
		prose(p, INK_DIM, 7, arena_printf(a, "sha256 %s", c->sha256));
	}
}

static void chain_facts(struct page *p, const struct served *s)
{
	const struct obs *name = view_about(&p->view, s, OBS_KEY_CHAIN_HOSTNAME, 0);
	const struct obs *issues = view_about(&p->view, s, OBS_KEY_CHAIN_ISSUES, 0), *trust;
	struct arena *a = &p->arena;

	if (name && name->text)
		labelled(p, "  name", strcmp(name->text, "match") ? INK_WEAK : INK_GOOD, name->text);
	for (size_t i = 0; (trust = view_about(&p->view, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		labelled(p, "  trust", trust->tri == TRI_YES ? INK_GOOD : INK_WEAK,
		        arena_printf(a, "store %s: %s%s%s", trust->name ? trust->name : "?", show_store(a, trust),
		                trust->reason ? ", " : "", trust->reason ? trust->reason : ""));
	if (issues)
		labelled(p, "  issues", issues->count ? INK_WEAK : INK_PLAIN,
		        issues->count ? show_list(a, issues) : "none");
}

static void chains(struct page *p)
{
	if (!p->view.chains_count)
		return;
	heading(p, "Certificates");
	for (size_t i = 0; i < p->view.chains_count; i++) {
		const struct served *s = &p->view.chains[i];
		const char *ways = show_served(&p->view, s);

		if (!ways)
			continue;
		gap(p, 2);
		prose(p, INK_PLAIN, 4, ways);
		for (size_t k = 0; k < s->names_count; k++)
			certificate(p, view_cert(&p->view, s, k), k);
		chain_facts(p, s);
	}
}

/* ---- findings and ledger
 * -------------------------------------------------------------------------------------- */

static enum ink severity_ink(enum severity s)
{
	static const enum ink of[] = { [SEV_INFO] = INK_PLAIN,
		[SEV_LOW] = INK_PLAIN,
		[SEV_MEDIUM] = INK_WEAK,
		[SEV_HIGH] = INK_BAD,
		[SEV_CRITICAL] = INK_BAD };

	return of[s];
}

static void finding(struct page *p, const struct finding *f)
{
	bool fails = f->state == FINDING_FAIL;

	gap(p, 2);
	say(p, fails ? severity_ink(f->severity) : INK_DIM, 10,
	        fails                    ? severity_name(f->severity)
	        : f->state == FINDING_NA ? "n/a"
	                                 : finding_state_name(f->state));
	prose(p, fails ? INK_BOLD : INK_PLAIN, 12, arena_printf(&p->arena, "%s  [%s]", f->title, f->id));
	if (f->because && f->state != FINDING_PASS) {
		gap(p, 12);
		reason(p, 12, f->because);
	}
	if (fails && f->advice) {
		gap(p, 12);
		prose(p, INK_DIM, 12, f->advice);
	}
	if (f->waiver) {
		gap(p, 12);
		prose(p, INK_PLAIN, 12,
		        arena_printf(&p->arena, "%s %s: %s", fails ? "the waiver ended:" : "waived until", f->waiver->until,
		                f->waiver->why));
	}
}

/* "2 waived, ", where there are any. */
static const char *waived_text(struct page *p)
{
	size_t n = show_count(p->j, FINDING_WAIVED);

	return n ? arena_printf(&p->arena, "%zu waived, ", n) : "";
}

/* What was left out on purpose is counted, not listed. */
static bool is_news(const struct finding *f)
{
	return f->state == FINDING_FAIL || f->state == FINDING_WAIVED || (f->state == FINDING_UNKNOWN && !f->unasked);
}

static void findings(struct page *p)
{
	const struct finding **list = show_findings(&p->arena, p->j);
	struct arena *a = &p->arena;

	if (!p->j->findings_count)
		return;
	heading(p, "Findings");
	for (size_t i = 0; i < p->j->findings_count; i++)
		if (p->o->verbose || is_news(list[i]))
			finding(p, list[i]);
	labelled(p, "", INK_DIM,
	        arena_printf(a, "%zu failed, %s%zu passed, %zu not known, %zu not applicable%s",
	                show_count(p->j, FINDING_FAIL), waived_text(p), show_count(p->j, FINDING_PASS),
	                show_count(p->j, FINDING_UNKNOWN), show_count(p->j, FINDING_NA),
	                p->o->verbose ? "" : "; -v lists them all"));
}

/* The rules that were not evaluated for one and the same reason, as one line. */
static void not_evaluated(struct page *p, const struct grade *g, size_t first)
{
	struct text t = { 0 };
	const char *why = g->ledger[first].because ? g->ledger[first].because : "not known";

	for (size_t i = first; i < g->ledger_count; i++) {
		const struct ledger_entry *e = &g->ledger[i];

		if (e->state == ENTRY_NOT_EVALUATED && e->because && !strcmp(e->because, why))
			text_fmt(&t, "%s%s (%s)", t.n ? ", " : "", e->rule, e->effect);
	}
	labelled(p, "not evaluated", INK_PLAIN, arena_printf(&p->arena, "%s: %s", why, text_str(&t)));
	text_free(&t);
}

static bool reason_told(const struct grade *g, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (g->ledger[k].state == ENTRY_NOT_EVALUATED && g->ledger[k].because &&
		        g->ledger[i].because && !strcmp(g->ledger[k].because, g->ledger[i].because))
			return true;
	return false;
}

static void lift(struct page *p, const struct step *s)
{
	const char *losses = sim_show_losses(&p->arena, s->entry);

	labelled(p, s->effect, INK_PLAIN, s->fix);
	if (losses)
		labelled(p, "", INK_DIM, losses);
}

static void ledger(struct page *p)
{
	const struct grade *g = &p->j->grade;
	size_t count;
	const struct step *steps = show_steps(&p->arena, g, &count);

	if (!g->ledger_count)
		return;
	heading(p, "What would lift the grade");
	for (size_t i = 0; i < count; i++)
		lift(p, &steps[i]);
	for (size_t i = 0; i < g->ledger_count; i++)
		if (g->ledger[i].state == ENTRY_NOT_EVALUATED && !reason_told(g, i))
			not_evaluated(p, g, i);
}

/* ---- policies
 * ------------------------------------------------------------------------------------------------ */

static enum ink policy_ink(enum policy_state s)
{
	static const enum ink of[] = {
		[POLICY_PASS] = INK_GOOD, [POLICY_FAIL] = INK_BAD, [POLICY_UNKNOWN] = INK_WEAK
	};

	return of[s];
}

static void policy_entry(struct page *p, const struct policy_entry *e)
{
	bool fails = e->state == FINDING_FAIL;

	gap(p, 4);
	say(p, fails && e->rule->level == LEVEL_MUST ? INK_BAD : INK_WEAK, 8, policy_level_name(e->rule->level));
	prose(p, INK_PLAIN, 12,
	        arena_printf(&p->arena, "%s [%s: %s]%s", e->rule->clause, e->rule->id, obs_kinds[e->rule->fact.obs].key,
	                fails ? "" : ", not known"));
	gap(p, 12);
	reason(p, 12, e->because);
	if (!fails)
		return;
	gap(p, 12);
	prose(p, INK_PLAIN, 12, e->fix);
}

static void policy_entries(struct page *p, const struct policy_result *r, enum finding_state state)
{
	for (enum policy_level l = LEVEL_MUST; l < POLICY_LEVELS; l++)
		for (size_t i = 0; i < r->entries_count; i++)
			if (r->entries[i].state == state && r->entries[i].rule->level == l)
				policy_entry(p, &r->entries[i]);
}

static void remark(struct page *p, const char *text)
{
	if (!text)
		return;
	gap(p, 4);
	prose(p, INK_DIM, 4, text);
}

static void policy(struct page *p, const struct policy_result *r)
{
	gap(p, 2);
	say(p, policy_ink(r->state), 9, policy_state_name(r->state));
	prose(p, INK_BOLD, 11, show_policy(&p->arena, r));
	gap(p, 11);
	prose(p, INK_DIM, 11, show_policy_counts(&p->arena, r));
	policy_entries(p, r, FINDING_FAIL);
	policy_entries(p, r, FINDING_UNKNOWN);
	remark(p, r->policy->note);
	remark(p, show_not_checked(&p->arena, r));
}

static void policies(struct page *p)
{
	if (p->j->policies_count)
		heading(p, "Policies");
	for (size_t i = 0; i < p->j->policies_count; i++)
		policy(p, &p->j->policies[i]);
}

/* ---- clients
 * ------------------------------------------------------------------------------------------------------- */

/* Beside the name where a suite has room there, else below it. */
static void every_client(struct page *p)
{
	enum { NAMES_WIDE = 36, BELOW = 4, ROOM = 110 };
	bool beside = !p->o->width || p->o->width >= ROOM;

	for (size_t i = 0; i < clients_count; i++) {
		gap(p, 2);
		say(p, INK_PLAIN, beside ? NAMES_WIDE : 0, clients[i].name);
		if (!beside) {
			end(p);
			gap(p, BELOW);
		}
		prose(p, p->j->sims[i].state == SIM_CONNECTS ? INK_PLAIN : INK_DIM, beside ? NAMES_WIDE + 2 : BELOW,
		        sim_show_got(&p->arena, &p->j->sims[i]));
	}
}

/* The user's own stand first, and are always told. */
static void own_clients(struct page *p, bool measures)
{
	for (size_t i = 0; i < p->j->own_sims_count; i++) {
		const struct sim *m = &p->j->own_sims[i];

		gap(p, 2);
		prose(p, INK_PLAIN, 2, arena_printf(&p->arena, "%s (your own): %s", m->client->name,
		                               sim_show_own(&p->arena, m, measures)));
	}
}

static void fallen_clients(struct page *p)
{
	for (enum sim_reason r = SIM_NONE + 1; r < SIM_REASONS; r++) {
		const char *names = sim_show_fallen(&p->arena, p->j->sims, r);

		if (!names)
			continue;
		gap(p, 2);
		prose(p, INK_PLAIN, 2, arena_printf(&p->arena, "%s: %s", sim_reason_text(r), names));
	}
}

static void simulation(struct page *p)
{
	const char *measured = p->j->sims ? sim_show_measured(&p->arena, p->j->sims) : NULL;

	if (!p->j->sims)
		return;
	heading(p, "Clients");
	own_clients(p, measured != NULL);
	gap(p, 2);
	prose(p, INK_PLAIN, 2, sim_show_counts(&p->arena, p->j->sims));
	if (measured) {
		gap(p, 2);
		prose(p, INK_PLAIN, 2, measured);
	}
	if (p->o->verbose)
		every_client(p);
	else
		fallen_clients(p);
}

/* ---- post-quantum
 * -------------------------------------------------------------------------------------------------- */

static void post_quantum(struct page *p)
{
	struct pq q = pq_of(&p->view, p->j->sims);
	size_t n;
	const struct pq_line *lines = pq_lines(&p->arena, &q, &n);

	heading(p, "Post-quantum");
	for (size_t i = 0; i < n; i++)
		labelled(p, lines[i].title, mark_ink(lines[i].mark), pq_sentence(&p->arena, &lines[i]));
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------- */

static void title(struct page *p)
{
	if (p->o->written)
		end(p);
	say(p, INK_BOLD, 0, show_target(&p->arena, p->r));
	if (show_address(p->r))
		say(p, INK_PLAIN, 0, arena_printf(&p->arena, "  %s", show_address(p->r)));
	if (p->r->starttls)
		say(p, INK_PLAIN, 0, arena_printf(&p->arena, "  starttls %s", p->r->starttls));
}

static void error_line(struct page *p)
{
	say(p, INK_BAD, 0, arena_printf(&p->arena, "  %s", show_error(&p->arena, p->r)));
	end(p);
}

/* A letter of what is known so far: said, and why it is not all. */
static void not_whole(struct page *p)
{
	if (p->r->status != STATUS_OK)
		say(p, INK_WEAK, 0, arena_printf(&p->arena, "  %s", show_error(&p->arena, p->r)));
}

static void one_line(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const char *ip = show_address(p->r);

	if (show_nothing_learnt(p->r)) {
		say(p, INK_BAD, 4, "-");
		say(p, INK_PLAIN, 0,
		        arena_printf(&p->arena, "%s  %s", show_target(&p->arena, p->r),
		                show_error(&p->arena, p->r)));
	} else {
		say(p, mark_ink(letter_mark(g->letter)), 4, show_letter(g));
		say(p, INK_PLAIN, 0,
		        arena_printf(&p->arena, "%s%s%s%s", show_target(&p->arena, p->r), ip ? "  " : "",
		                ip ? ip : "",
		                g->letter == g->config_letter && show_caveat(&p->arena, p->r, g) &&
		                                g->letter != LETTER_NONE
		                        ? "  at best"
		                        : ""));
		for (size_t i = 0; i < p->j->policies_count; i++)
			say(p, policy_ink(p->j->policies[i].state), 0,
			        arena_printf(&p->arena, "  %s: %s", p->j->policies[i].policy->name,
			                policy_state_name(p->j->policies[i].state)));
		not_whole(p);
	}
	end(p);
}

static void cautions(struct page *p)
{
	if (p->r->status != STATUS_OK)
		labelled(p, "caution", INK_WEAK, show_error(&p->arena, p->r));
	if (p->r->unstable)
		labelled(p, "caution", INK_WEAK, "the server's answers contradicted each other");
	if (p->r->tainted)
		labelled(p, "caution", INK_WEAK, "the server began to refuse in the middle of the scan");
}

static void full(struct page *p)
{
	title(p);
	if (show_nothing_learnt(p->r)) {
		error_line(p);
		gates(p);
		return;
	}
	end(p);
	end(p);
	grade(p);
	cautions(p);
	gates(p);
	protocols(p);
	all_suites(p);
	code_lists(p, "Suite codes that no registry has", OBS_KEY_SUITES_UNREGISTERED, OBS_KEYS);
	code_lists(p, "Key exchange groups", OBS_KEY_GROUPS_LIST, OBS_KEY_GROUPS_ORDER);
	moduli(p);
	code_lists(p, "Signature schemes", OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER);
	code_lists(p, "Extensions", OBS_KEY_EXTENSIONS_LIST, OBS_KEYS);
	features(p, FEATURES_TLS, "Features");
	features(p, FEATURES_HTTP, "HTTP");
	features(p, FEATURES_DNS, "DNS");
	features(p, FEATURES_CLIENT, "Client certificate");
	chains(p);
	post_quantum(p);
	findings(p);
	ledger(p);
	policies(p);
	simulation(p);
	end(p);
	gap(p, 2);
	prose(p, INK_DIM, 2, show_cost(&p->arena, p->r));
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .o = o, .r = r, .j = j };

	view_open(&p.view, r, &p.arena);
	if (o->quiet)
		one_line(&p);
	else
		full(&p);
	arena_free(&p.arena);
}

/* ---- groups
 * -------------------------------------------------------------------------------------------------- */

static void member(struct page *p, const struct group_member *m, size_t column)
{
	gap(p, 2);
	say(p, INK_PLAIN, column + 2, m->ip);
	say(p, mark_ink(letter_mark(m->letter)), 4, letter_name(m->letter) ? letter_name(m->letter) : "-");
	say(p, m->status == STATUS_OK ? INK_DIM : INK_WEAK, 0, status_name(m->status));
	end(p);
}

static void first_expiry(struct page *p, const struct group_expiry *e)
{
	char when[24];

	if (!e->sha256)
		return;
	time_text(e->not_after, when);
	labelled(p, "first to end", INK_PLAIN,
	        arena_printf(&p->arena, "%.10s, %s, at %s%s", when, *e->subject ? e->subject : "(no subject)",
	                e->where.v[0], e->where.n > 1 ? " and others" : ""));
}

static void group_line(struct page *p, const struct group_record *g)
{
	bool fails = group_count(g, FINDING_FAIL);

	say(p, fails ? INK_WEAK : INK_PLAIN, 4, fails ? "!" : "=");
	say(p, INK_PLAIN, 0,
	        arena_printf(&p->arena, "%s  %s", group_title(&p->arena, g), group_summary(&p->arena, g)));
	end(p);
}

static void full_group(struct page *p, const struct group_record *g)
{
	struct judgement judged = { .findings = g->findings, .findings_count = g->findings_n };
	size_t column = 0;

	end(p);
	say(p, INK_BOLD, 0, group_title(&p->arena, g));
	say(p, INK_PLAIN, 0, arena_printf(&p->arena, "  compared: %s", group_summary(&p->arena, g)));
	end(p);
	end(p);
	for (size_t i = 0; i < g->members_n; i++)
		widen(&column, g->members[i].ip);
	for (size_t i = 0; i < g->members_n; i++)
		member(p, &g->members[i], column);
	first_expiry(p, &g->first_expiry);
	p->j = &judged;
	findings(p);
}

static void group(struct output *o, const struct group_record *g)
{
	struct page p = { .o = o };

	if (!group_is_news(g))
		return;
	if (o->quiet)
		group_line(&p, g);
	else
		full_group(&p, g);
	arena_free(&p.arena);
}

const struct writer writer_text = {
	.name = "text",
	.what = "a report for the terminal",
	.endpoint = endpoint,
	.group = group,
};
