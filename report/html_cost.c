/* What a handshake costs before data flows. */
#include "report/html.h"
#include "report/cost.h"

void html_cost(struct page *p)
{
	static const char *const heads[] = { "Version", "A new session", "One taken up again", NULL };
	size_t n;
	const struct cost *list = costs_of(&p->view, &n);

	if (!n)
		return;
	html_add(&p->t, "<section><h3>The handshake's price</h3>\n");
	html_table(p, "price", "What a handshake costs before data flows", heads);
	for (size_t i = 0; i < n; i++)
		html_add(&p->t, "<tr><th scope=\"row\">%s</th><td>%s<br>%s</td><td>%s</td></tr>\n", version_text(list[i].version),
			list[i].trips, list[i].certificates, list[i].resumed);
	html_add(&p->t, "</tbody></table>\n<p class=\"soft small note\">All bytes of one handshake, each way and message by message: "
	                "<span class=\"mono\">tlsassay handshake</span></p></section>\n");
}
