#include "report/issue.h"

#include <ctype.h>
#include <string.h>

#include "report/show.h"
#include "scanner/base/text.h"

const char *issue_endpoint(struct arena *a, const struct record *r)
{
	const char *address = show_address(r);

	return address ? arena_printf(a, "%s (%s)", show_target(a, r), address) : show_target(a, r);
}

const char *issue_text(struct arena *a, const struct finding *f)
{
	if (f->state != FINDING_FAIL)
		return arena_printf(a, "%s: %s", finding_state_name(f->state), f->because ? f->because : f->title);
	return f->because ? arena_printf(a, "%s: %s", f->title, f->because) : f->title;
}

struct subject issue_of_endpoint(struct arena *a, const struct record *r, const struct judgement *j)
{
	bool other = r->sni && r->host && strcmp(r->sni, r->host);

	return (struct subject){ .title = issue_endpoint(a, r),
		.key = arena_printf(a, "%s/%s%s%s", show_target(a, r), r->ip ? r->ip : "", other ? "/" : "",
		        other ? r->sni : ""),
		.host = r->host && *r->host ? r->host : r->input ? r->input : "",
		.port = r->port,
		.findings = j->findings,
		.findings_count = j->findings_count };
}

struct subject issue_of_group(struct arena *a, const struct group_record *g)
{
	bool other = g->sni && g->host && strcmp(g->sni, g->host);

	return (struct subject){ .title = group_title(a, g),
		.key = arena_printf(a, "%s%s%s", group_title(a, g), other ? "/" : "", other ? g->sni : ""),
		.host = g->scope == GROUP_RUN ? NULL : g->host,
		.port = g->port,
		.findings = g->findings,
		.findings_count = g->findings_n };
}

const char *issue_key(struct arena *a, const struct subject *s, const struct finding *f)
{
	return arena_printf(a, "%s@%s", f->id, s->key);
}

const char *issue_advice(struct arena *a, const struct finding *f)
{
	if (!f->advice || !f->reference)
		return f->advice ? f->advice : f->reference ? f->reference : f->title;
	return arena_printf(a, "%s (%s)", f->advice, f->reference);
}

const char *issue_ids(struct arena *a, const char *reference, const char *kind)
{
	struct text t = { 0 };
	const char *s = reference ? reference : "", *ids;
	size_t n;

	for (; (s = strstr(s, kind)); s += n) {
		n = strlen(kind);
		while (isdigit((unsigned char)s[n]) || (s[n] == '-' && isdigit((unsigned char)s[n + 1])))
			n++;
		text_add(&t, t.n ? " " : "");
		text_addn(&t, s, n);
	}
	ids = arena_text(a, text_str(&t));
	text_free(&t);
	return ids;
}

bool issue_scanned(const struct record *r)
{
	return r->status == STATUS_OK || r->status == STATUS_SKIPPED;
}

bool issue_place(const struct output *o, const struct record *r, struct place *p)
{
	*p = (struct place){ o->anchor_file, o->anchor_line };
	if (r->source_file && r->source_line && strcmp(r->source_file, "-"))
		*p = (struct place){ r->source_file, r->source_line };
	return p->file && p->line;
}

bool issue_group_place(const struct output *o, const struct group_record *g, struct place *p)
{
	*p = (struct place){ o->anchor_file, o->anchor_line };
	if (o->last_file && o->last_line && strcmp(o->last_file, "-"))
		*p = (struct place){ o->last_file, g->scope == GROUP_RUN ? 1 : o->last_line };
	return p->file && p->line;
}
