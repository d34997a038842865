/* What the policies say that were asked for. */
#include "report/html.h"

#include "report/policy_judge.h"

static enum mark policy_mark(enum policy_state s)
{
	static const enum mark of[] = {
		[POLICY_PASS] = MARK_GOOD, [POLICY_FAIL] = MARK_BAD, [POLICY_UNKNOWN] = MARK_WEAK
	};

	return of[s];
}

static void policy_entry(struct page *p, const struct policy_entry *e)
{
	bool fails = e->state == FINDING_FAIL;

	html_add(&p->t, "<li><div>");
	html_chip(p, fails && e->rule->level == LEVEL_MUST ? MARK_BAD : MARK_WEAK, policy_level_name(e->rule->level));
	html_add(&p->t, "</div><div><p class=\"t\">%s%s</p><p class=\"small\">", e->rule->clause, fails ? "" : ", not known");
	html_reason(p, e->because);
	html_add(&p->t, "</p>");
	if (fails)
		html_add(&p->t, "<p>%w</p>", e->fix);
	html_add(&p->t, "<p class=\"soft small\"><span class=\"mono\">%s</span> · fact <span class=\"mono\">%s</span></p></div></li>\n",
	        e->rule->id, obs_kinds[e->rule->fact.obs].key);
}

static void policy_entries(struct page *p, const struct policy_result *r, enum finding_state state)
{
	for (enum policy_level l = LEVEL_MUST; l < POLICY_LEVELS; l++)
		for (size_t i = 0; i < r->entries_count; i++)
			if (r->entries[i].state == state && r->entries[i].rule->level == l)
				policy_entry(p, &r->entries[i]);
}

static void policy(struct page *p, const struct policy_result *r)
{
	html_add(&p->t, "<h4>");
	html_chip(p, policy_mark(r->state), policy_state_name(r->state));
	html_add(&p->t, " %s</h4>\n<p class=\"soft small\">%s · source: %s</p>\n", show_policy(&p->arena, r),
	        show_policy_counts(&p->arena, r), r->policy->source);
	if (r->policy->note)
		html_add(&p->t, "<p class=\"small\">%s</p>\n", r->policy->note);
	html_add(&p->t, "<ul class=\"rows\">\n");
	policy_entries(p, r, FINDING_FAIL);
	policy_entries(p, r, FINDING_UNKNOWN);
	html_add(&p->t, "</ul>\n");
	if (show_not_checked(&p->arena, r))
		html_add(&p->t, "<p class=\"soft small\">%s</p>\n", show_not_checked(&p->arena, r));
}

void html_policies(struct page *p)
{
	if (!p->j->policies_count)
		return;
	html_add(&p->t, "<section><h3>Policies</h3>\n");
	for (size_t i = 0; i < p->j->policies_count; i++)
		policy(p, &p->j->policies[i]);
	html_add(&p->t, "</section>\n");
}
