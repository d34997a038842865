#include "scanner/trust/attest.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/time.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/ct_policy.h"
#include "scanner/trust/ocsp.h"

enum { LOG_ID_SHOWN = 8 };

/* ---- what came ------------------------------------------------------------------------------- */

static void keep(struct span *all, size_t *n, size_t max, struct span s)
{
	for (size_t i = 0; i < *n; i++)
		if (all[i].n == s.n && !memcmp(all[i].p, s.p, s.n))
			return;
	if (s.n && *n < max)
		all[(*n)++] = s;
}

void attached_staple(struct attached *w, struct span staple)
{
	keep(w->staples, &w->staples_n, ATTEST_STAPLES_MAX, staple);
}

void attached_scts(struct attached *w, struct span list)
{
	keep(w->sct_lists, &w->sct_lists_n, ATTEST_LISTS_MAX, list);
}

void attached_above(struct attached *w, const struct span above[static STAPLES_ABOVE_MAX])
{
	for (size_t i = 0; i < STAPLES_ABOVE_MAX; i++)
		if (!w->above[i].n)
			w->above[i] = above[i];
}

static struct obs about(const struct attest_input *in, enum obs_key key)
{
	return (struct obs){ .key = key, .chain = in->chain, .probe = in->probe };
}

/* ---- the staple ------------------------------------------------------------------------------ */

static bool is_told(const struct record *r, const struct attest_input *in, const char *word)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_STAPLE && !strcmp(o->chain, in->chain) && !strcmp(o->text, word))
			return true;
	}
	return false;
}

static void add_times(struct record *r, const struct ocsp_result *s)
{
	char *text = arena_new(&r->arena, 24, 1);

	if (!s->this_update)
		return;
	time_text(s->this_update, text);
	record_volatile(r, STAPLE_TIMES, "this_update", text);
	if (!s->next_update)
		return;
	text = arena_new(&r->arena, 24, 1);
	time_text(s->next_update, text);
	record_volatile(r, STAPLE_TIMES, "next_update", text);
}

static void add_staple(struct record *r, const struct attest_input *in, const char *word, const struct ocsp_result *s)
{
	struct obs o = about(in, OBS_KEY_STAPLE), *added;
	char *when;

	if (is_told(r, in, word))
		return;
	o.text = word;
	added = record_add(r, &o);
	if (!s)
		return;
	add_times(r, s);
	if (s->status == OCSP_GOOD || s->status == OCSP_REVOKED)
		obs_evidence(r, added, "signed_by", s->by_delegate ? "delegate" : "issuer");
	if (s->status != OCSP_REVOKED)
		return;
	when = arena_new(&r->arena, 24, 1);
	time_text(s->revoked_at, when);
	obs_evidence(r, added, "revoked", when);
	obs_evidence(r, added, "reason", ocsp_reason_name(s->revocation_reason));
}

static void observe_staples(struct record *r, const struct attest_input *in, struct scts *scts)
{
	const struct attached *w = in->with;

	for (size_t i = 0; i < w->staples_n; i++) {
		struct ocsp_result s = ocsp_check(w->staples[i], in->leaf, in->issuer, in->at);

		add_staple(r, in, ocsp_status_name(s.status), &s);
		scts_read(scts, SCT_STAPLE, s.scts);
	}
	if (!w->staples_n && w->staple_asked)
		add_staple(r, in, "none", NULL);
}

void attest_above(struct record *r, const struct attest_input *in, struct span staple, const char *sha256)
{
	struct obs o = about(in, OBS_KEY_STAPLE_ABOVE);

	o.sha256 = sha256;
	o.text = ocsp_status_name(ocsp_check(staple, in->leaf, in->issuer, in->at).status);
	record_add(r, &o);
}

/* ---- timestamps ------------------------------------------------------------------------------ */

/* Whose the log was when it signed; a shard that is not for such a certificate is told, though browsers do not mind. */
static const char *sct_text(struct arena *a, const struct sct *t, const struct cert *leaf)
{
	const char *verdict = sct_verdict_name(t->verdict);

	if (t->log)
		return arena_printf(a, "%s (%s): %s%s", t->log->name,
		        ct_log_operator(t->log, (int64_t)(t->timestamp_ms / 1000)), verdict,
		        ct_log_takes(t->log, leaf->not_after) ? "" : ", outside its interval");
	if (t->version)
		return arena_printf(a, "version %u: %s", t->version + 1u, verdict);
	return arena_printf(a, "log %s: %s", text_hex(a, t->log_id, LOG_ID_SHOWN), verdict);
}

static void add_source(struct record *r, const struct attest_input *in, const struct scts *s, enum sct_source source)
{
	struct obs count = about(in, OBS_KEY_CT_SCTS), logs = about(in, OBS_KEY_CT_LOGS);
	const char **names = arena_new(&r->arena, s->n + 1, sizeof *names);

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].source == source)
			names[logs.count++] = sct_text(&r->arena, &s->v[i], in->leaf);
	count.name = logs.name = sct_source_name(source);
	count.number = (int64_t)logs.count;
	count.reason = s->malformed[source] ? "malformed" : logs.count && !in->logs ? "not_verified" : NULL;
	logs.names = names;
	if (logs.count || s->malformed[source] || source == SCT_CERTIFICATE)
		record_add(r, &count);
	if (logs.count)
		record_add(r, &logs);
}

static void add_policy(struct record *r, const struct attest_input *in, const struct scts *s, enum ct_browser browser)
{
	struct ct_verdict v = ct_policy(browser, s, in->leaf, in->logs, in->at, &r->arena);
	struct obs o = about(in, OBS_KEY_CT_POLICY), *added;

	o.name = ct_browser_name(browser);
	o.tri = v.enough;
	o.reason = o.tri == TRI_UNKNOWN ? "not_verified" : NULL;
	added = record_add(r, &o);
	obs_evidence(r, added, "counted", v.counted);
	if (v.lacks)
		obs_evidence(r, added, "lacks", v.lacks);
}

void attest_observe(struct record *r, const struct attest_input *in)
{
	struct scts *s = arena_new(&r->arena, 1, sizeof *s);
	struct span list;

	if (in->leaf->malformed)
		return;
	s->malformed[SCT_CERTIFICATE] = !scts_of_cert(in->leaf, &list);
	scts_read(s, SCT_CERTIFICATE, list);
	for (size_t i = 0; i < in->with->sct_lists_n; i++)
		scts_read(s, SCT_HANDSHAKE, in->with->sct_lists[i]);
	observe_staples(r, in, s);
	scts_check(s, in->leaf, in->issuer, in->logs, in->at);
	for (int source = 0; source < SCT_SOURCES; source++)
		add_source(r, in, s, (enum sct_source)source);
	for (int browser = 0; in->logs && browser < CT_BROWSERS; browser++)
		add_policy(r, in, s, (enum ct_browser)browser);
}
