#include "probes/http.h"

#include <string.h>

#include "probes/http_fields.h"
#include "scanner/base/text.h"

/* ---- the request --------------------------------------------------------------------------------------------------- */

static bool head_heard(struct span s)
{
	struct http_head head;

	return http_read(s, &head) != HTTP_PART;
}

/* http/1.1 is what a server speaks that was offered no protocol by name (RFC 7301). */
static struct plan plan_for(struct run *r, const char *authority)
{
	const char *request = arena_printf(r->arena,
		"GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: tlsassay\r\nAccept: */*\r\n"
		"Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: close\r\n\r\n",
		authority);

	return (struct plan){
		.say = { (const uint8_t *)request, strlen(request) }, .listen_max = HTTP_HEAD_MAX, .heard = head_heard,
	};
}

struct plan http_plan(struct run *r)
{
	if (!r->facts->http.expected)
		return (struct plan){ .listen_max = 0 };
	return plan_for(r, r->facts->http.tls_authority);
}

struct plan http_clear_plan(struct run *r)
{
	struct plan p = plan_for(r, r->facts->http.clear_authority);

	p.clear_port = r->facts->http.clear_port;
	return p;
}

/* ---- the response ------------------------------------------------------------------------------------------------- */

unsigned http_status(struct span heard)
{
	struct http_head head;

	http_read(heard, &head);
	return head.status;
}

static enum reason why_in_part(const struct answer *a)
{
	if (a->hs && a->hs->reason)
		return a->hs->reason;
	if (a->heard_why == REASON_CLOSED || !a->heard_why)
		return a->heard.n ? REASON_TRUNCATED : REASON_CLOSED;
	return a->heard_why;
}

enum reason http_trouble(const struct answer *a, struct http_head *head)
{
	switch (http_read(a->heard, head)) {
	case HTTP_WHOLE:
		return REASON_NONE;
	case HTTP_NONE:
		return REASON_NOT_HTTP;
	case HTTP_LIMIT:
		return REASON_LIMIT_HTTP;
	case HTTP_PART:
		break;
	}
	return why_in_part(a);
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* A query or a fragment may hold a session: that there was one is told by its mark, "/login?..." */
static char *without_query(struct arena *a, char *where)
{
	size_t n = strcspn(where, "?#");

	return where[n] ? arena_printf(a, "%.*s...", (int)n + 1, where) : where;
}

char *http_location(struct arena *a, const struct http_head *head)
{
	const struct http_field *f = http_field(head, "Location", NULL);
	char *where;

	if (!f || !is_redirect(head->status))
		return NULL;
	where = http_value(a, f, HTTP_VALUE_MAX);
	return without_query(a, where);
}

/* ---- what is noted -------------------------------------------------------------------------------------------------- */

static struct obs *tell(struct run *r, enum tri answered, enum reason why)
{
	return note(r, &(struct obs){
			       .key = OBS_KEY_HTTP_ANSWERED, .tri = answered, .reason = why ? reason_name(why) : NULL });
}

static void note_odd_lines(struct run *r, struct obs *answered, const struct http_head *head)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	if (!head->odd)
		return;
	*e = (struct evidence){ "lines that are no field", arena_printf(r->arena, "%zu", head->odd) };
	answered->evidence = e;
	answered->evidence_count = 1;
}

static void note_head(struct run *r, const struct http_head *head)
{
	const char *where = http_location(r->arena, head);

	note_odd_lines(r, tell(r, TRI_YES, REASON_NONE), head);
	note(r, &(struct obs){ .key = OBS_KEY_HTTP_STATUS, .number = head->status });
	if (where && *where)
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_LOCATION, .text = where });
	http_fields_note(r, head);
}

/* Another protocol than HTTP/1 was agreed on, for the user had it offered. */
static bool speaks_else(const struct hs_result *hs)
{
	static const char one[] = "http/1";
	size_t n = sizeof one - 1;

	return hs->alpn.n && (hs->alpn.n < n || memcmp(hs->alpn.p, one, n));
}

void http_note(struct run *r, const struct answer *a)
{
	struct http_head *head = arena_new(r->arena, 1, sizeof *head);
	enum reason why;

	if (!r->facts->http.expected) {
		tell(r, TRI_NA, REASON_NONE);
		return;
	}
	if (!a->hs || !a->hs->complete)
		return;
	why = http_trouble(a, head);
	if (speaks_else(a->hs))
		tell(r, TRI_NA, REASON_NONE);
	else if (!why)
		note_head(r, head);
	else
		tell(r, why == REASON_NOT_HTTP ? TRI_NO : TRI_UNKNOWN, why);
}
