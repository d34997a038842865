/* Cipher suites, groups, signature schemes, extensions: lists of code points. */
#include "report/html.h"

static void cipher(struct page *p, const struct cipher *c)
{
	enum mark m = cipher_mark(c);
	const char *code =
	        arena_printf(&p->arena, c->protocol == VER_SSL2 ? "0x%06X" : "0x%04X", (unsigned)c->code);
	const char *remark = cipher_remark(c);

	html_add(&p->t, "<tr%r><td class=\"mono wide\">%s</td><th scope=\"row\"><span class=\"mono\">%w</span>",
	        m == MARK_BAD    ? " class=\"fail\""
	        : m == MARK_WEAK ? " class=\"warn\""
	                         : "",
	        code, c->name);
	if (remark)
		html_add(&p->t, " <span class=\"remark\">%s</span>", remark);
	html_add(&p->t, "</th><td class=\"wide\">%s</td><td class=\"wide\">%s</td><td class=\"n\">%s</td></tr>\n",
	        show_kx(&p->arena, c), c->enc,
	        c->known ? arena_printf(&p->arena, "%u", (unsigned)c->bits) : "?");
}

static void suite_table(struct page *p, const struct obs *o)
{
	const char *title = show_list_title(&p->arena, p->r, o, OBS_KEY_SUITES_ORDER);

	if (!title)
		return;
	html_add(&p->t, "<table class=\"fixed\"><caption>");
	html_caption(p, o, title, OBS_KEY_SUITES_ORDER);
	html_add(&p->t, "</caption><thead><tr><th scope=\"col\" class=\"wide c-code\">Code</th><th "
	           "scope=\"col\">Suite</th>"
	           "<th scope=\"col\" class=\"wide c-kx\">Key exchange</th><th scope=\"col\" class=\"wide "
	           "c-enc\">Cipher"
	           "</th><th scope=\"col\" class=\"n c-n\">Bits</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < o->count; i++) {
		struct cipher c = cipher_of(&p->arena, o->protocol, o->codes[i]);

		cipher(p, &c);
	}
	html_add(&p->t, "</tbody></table>\n");
}

void html_suites(struct page *p)
{
	if (!record_find(p->r, OBS_KEY_SUITES_LIST, 0))
		return;
	html_add(&p->t, "<section><h3>Cipher suites</h3>\n");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_SUITES_LIST)
			suite_table(p, &p->r->obs[i]);
	html_add(&p->t, "</section>\n");
}

static void group_row(struct page *p, const struct obs *o, size_t i)
{
	const struct group *g = o->codes[i] <= UINT16_MAX ? group_find((uint16_t)o->codes[i]) : NULL;

	html_add(&p->t,
	        "<tr><td class=\"mono wide\">%s</td><th scope=\"row\" class=\"mono\">%s</th><td>%s</td>"
	        "<td class=\"n\">%s</td></tr>\n",
	        arena_printf(&p->arena, "0x%04X", (unsigned)o->codes[i]), show_code(&p->arena, o, i),
	        g ? (g->pq ? "yes" : "no") : "?",
	        g && g->security ? arena_printf(&p->arena, "%u", (unsigned)g->security) : "?");
}

static void group_table(struct page *p, const struct obs *o)
{
	const char *title = show_list_title(&p->arena, p->r, o, OBS_KEY_GROUPS_ORDER);

	if (!title)
		return;
	html_add(&p->t, "<table class=\"fixed\"><caption>");
	html_caption(p, o, title, OBS_KEY_GROUPS_ORDER);
	html_add(&p->t, "</caption><thead><tr><th scope=\"col\" class=\"wide c-code\">Code</th><th "
	           "scope=\"col\">Group</th>"
	           "<th scope=\"col\" class=\"c-pq\">Post-quantum</th><th scope=\"col\" class=\"n "
	           "c-pq\">Security bits"
	           "</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < o->count; i++)
		group_row(p, o, i);
	html_add(&p->t, "</tbody></table>\n");
}

static void moduli(struct page *p)
{
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		if (o->key != OBS_KEY_DH_BITS)
			continue;
		html_add(&p->t, "<p class=\"small note\">%s: Diffie-Hellman modulus of %s bits",
		        version_text(o->protocol), arena_printf(&p->arena, "%lld", (long long)o->number));
		html_add(&p->t, o->name ? ", %s</p>\n" : "</p>\n", o->name);
	}
}

void html_groups(struct page *p)
{
	if (!record_find(p->r, OBS_KEY_GROUPS_LIST, 0) && !record_find(p->r, OBS_KEY_DH_BITS, 0))
		return;
	html_add(&p->t, "<section><h3>Key exchange groups</h3>\n");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_GROUPS_LIST)
			group_table(p, &p->r->obs[i]);
	moduli(p);
	html_add(&p->t, "</section>\n");
}

static void code_list(struct page *p, const struct obs *o, enum obs_key order)
{
	const char *title = show_list_title(&p->arena, p->r, o, order);

	if (!title)
		return;
	html_add(&p->t, "<h4>");
	if (order == OBS_KEYS)
		html_add(&p->t, "%s", title);
	else
		html_caption(p, o, title, order);
	html_add(&p->t, "</h4><ul class=\"list\">");
	for (size_t i = 0; i < o->count; i++)
		html_add(&p->t, "<li class=\"mono\">%w</li>", show_code(&p->arena, o, i));
	html_add(&p->t, o->count ? "</ul>\n" : "<li>none</li></ul>\n");
}

void html_codes(struct page *p, const char *title, enum obs_key list, enum obs_key order)
{
	if (!record_find(p->r, list, 0))
		return;
	html_add(&p->t, "<section><h3>%r</h3>\n", title);
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == list)
			code_list(p, &p->r->obs[i], order);
	html_add(&p->t, "</section>\n");
}
