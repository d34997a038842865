/*
 * HTTP without TLS beside the TLS port: one plain request, and whether it is sent on to HTTPS. What else the response
 * says does not count: Strict-Transport-Security, for one, is void without TLS (RFC 6797 section 7.2).
 */
#include <string.h>
#include <strings.h>

#include "probes/http.h"

static bool begins(const char *s, const char *front)
{
	return !strncasecmp(s, front, strlen(front));
}

/* The host of an absolute URL, behind its scheme: up to the port, the path or the query, user information left out. */
static struct span host_of(const char *authority)
{
	size_t n = strcspn(authority, "/\\?#");
	const char *at = memchr(authority, '@', n);
	const char *host = at ? at + 1 : authority;
	size_t left = n - (size_t)(host - authority);

	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/\\?#");
	if (n > left)
		n = left;
	if (n && host[n - 1] == '.')
		n--;
	return (struct span){ (const uint8_t *)host, n };
}

static const char *judge(const struct run *r, const char *where)
{
	static const char https[] = "https://";
	const char *own = r->facts->http.authority;
	struct span host;

	if (!where)
		return "none";
	if (!begins(where, https))
		return "to_http"; /* what is relative keeps the scheme (RFC 3986 section 5.2) */
	host = host_of(where + sizeof https - 1);
	return host.n == strlen(own) && !strncasecmp((const char *)host.p, own, host.n) ? "to_https_same_host"
											: "to_https_other";
}

static void note_response(struct run *r, const struct http_head *head)
{
	const char *where = http_location(r->arena, head);
	struct evidence *e = arena_new(r->arena, 2, sizeof *e);

	e[0] = (struct evidence){ "status", arena_printf(r->arena, "%u", head->status) };
	e[1] = (struct evidence){ "location", where };
	note(r, &(struct obs){ .key = OBS_KEY_HTTP_REDIRECT, .text = judge(r, where), .evidence = e,
			  .evidence_count = where ? 2 : 1 });
}

static enum next step(struct run *r, const struct answer *a)
{
	struct http_head *head = arena_new(r->arena, 1, sizeof *head);
	enum reason why;

	if (!a) {
		struct plan plan = http_clear_plan(r);

		ask(r, 0, &(struct ask){ .plan = &plan });
		return NEXT_WAIT;
	}
	if (a->kind == ANS_NOT_ASKED || a->reason == REASON_LOCAL_LIMIT) {
		r->trouble = a->reason;
		return NEXT_DONE;
	}
	why = a->kind == ANS_REFUSED ? a->reason : http_trouble(a, head);
	if (!why)
		note_response(r, head);
	else
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_REDIRECT, .text = why == REASON_REFUSED ? "refused" : "no_answer",
				  .reason = reason_name(why) });
	return NEXT_DONE;
}

static bool when(const struct facts *f)
{
	return f->http.clear_port && (facts_offers(f, VER_TLS13) || facts_newest_clear(f));
}

const struct probe probe_http_redirect = {
	.id = "http.redirect",
	.what = "whether HTTP without TLS is sent on to HTTPS (beside port 443, or with --http-port)",
	.ref = "RFC 9110, RFC 6797 section 7.2",
	.topics = (const char *const[]){ "redirect", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.when = when,
	.step = step,
};
