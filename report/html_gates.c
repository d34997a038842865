/* What was demanded of the endpoint, and what came of it. */
#include "report/html.h"

static enum mark gate_mark(enum gate_state s)
{
	static const enum mark of[] = {
		[GATE_PASS] = MARK_GOOD, [GATE_FAIL] = MARK_BAD, [GATE_UNKNOWN] = MARK_WEAK, [GATE_WAIVED] = MARK_WEAK, [GATE_NA] = MARK_NONE
	};

	return of[s];
}

void html_gates(struct page *p)
{
	if (!p->j->gates_count)
		return;
	html_add(&p->t, "<section><h3>Gates</h3>\n<ul class=\"rows\">\n");
	for (size_t i = 0; i < p->j->gates_count; i++) {
		const struct gate_result *g = &p->j->gates[i];

		html_add(&p->t, "<li><div>");
		html_chip(p, gate_mark(g->state), gate_state_name(g->state));
		html_add(&p->t, "</div><div><p class=\"t\">%s: %s</p><p class=\"small\">", g->gate, g->wants);
		html_reason(p, g->because ? g->because : "");
		html_add(&p->t, "</p></div></li>\n");
	}
	html_add(&p->t, "</ul></section>\n");
}
