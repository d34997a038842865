#include "probes/client_cert.h"

#include <string.h>
#include <strings.h>

/* ---- what HTTP says ----------------------------------------------------------------------------------------------- */

enum { BAD_REQUEST = 400, REFUSED = 400, NGINX_CERT_ERROR = 495, NGINX_NO_CERT = 496 };

static bool says_certificate(struct span s)
{
	static const char word[] = "certificate";

	for (size_t i = 0; i + sizeof word - 1 <= s.n; i++)
		if (!strncasecmp((const char *)s.p + i, word, sizeof word - 1))
			return true;
	return false;
}

/* nginx takes the handshake and lets HTTP refuse: 400 (495 and 496 inside) with a page that says why. */
static bool http_refuses(struct span heard)
{
	unsigned status = http_status(heard);

	return status == NGINX_CERT_ERROR || status == NGINX_NO_CERT || (status == BAD_REQUEST && says_certificate(heard));
}

static size_t content_length(const struct http_head *head)
{
	const struct http_field *f = http_field(head, "Content-Length", NULL);
	size_t n = 0;

	for (size_t i = 0; f && i < f->value.n && f->value.p[i] >= '0' && f->value.p[i] <= '9' && n < HTTP_HEAD_MAX; i++)
		n = 10 * n + (size_t)(f->value.p[i] - '0');
	return n;
}

/* The head; and the page, as far as its length is told, where the status is that of a refusal. */
static bool heard_enough(struct span s)
{
	struct http_head head;
	enum http_kind kind = http_read(s, &head);

	if (kind == HTTP_WHOLE && head.status >= REFUSED)
		return s.n - head.bytes >= content_length(&head);
	return kind != HTTP_PART;
}

struct plan client_cert_plan(struct run *r)
{
	struct plan p = http_plan(r);

	if (p.heard)
		p.heard = heard_enough;
	return p;
}

/* ---- what is offered ---------------------------------------------------------------------------------------------- */

void client_cert_offer(struct hello *h)
{
	static const struct extra late = { .code = EXT_POST_HANDSHAKE_AUTH };

	h->extra = &late;
	h->extra_n = 1;
}

/* ---- how a handshake ended ---------------------------------------------------------------------------------------- */

enum end { END_OPEN, END_ACCEPTED, END_REFUSED };

/* Alerts that blame our arithmetic, not our certificate. GnuTLS says decode_error when there is none. */
static bool blames_us(uint8_t alert)
{
	enum { UNEXPECTED_MESSAGE = 10, BAD_RECORD_MAC = 20, DECRYPT_ERROR = 51 };

	return alert == UNEXPECTED_MESSAGE || alert == BAD_RECORD_MAC || alert == DECRYPT_ERROR;
}

/* A client is done in TLS 1.3 before the server has seen its certificate: what comes behind tells. */
static bool was_accepted(const struct hs_result *hs, struct span heard)
{
	if (hs->version < VER_TLS13 || heard.n)
		return hs->complete;
	return hs->complete && !hs->alerted && (hs->tickets || hs->close_notified);
}

static enum end end_of(const struct hs_result *hs, struct span heard)
{
	bool broke_off = !hs->complete && (hs->reason == REASON_TRUNCATED || hs->reason == REASON_RESET);
	bool ours_was_seen = hs->complete || hs->version < VER_TLS13;

	if (was_accepted(hs, heard))
		return END_ACCEPTED;
	return ours_was_seen && (hs->alerted ? !blames_us(hs->alert) : broke_off) ? END_REFUSED : END_OPEN;
}

/* By what means: the alert, or the end of the connection. */
static const char *means_of(const struct hs_result *hs)
{
	return hs->alerted ? alert_text(hs->alert) : hs->reason == REASON_RESET ? "reset" : "closed";
}

static const char *status_text(struct run *r, unsigned status)
{
	return status ? arena_printf(r->arena, "HTTP %u", status) : NULL;
}

static void note_wish(struct run *r, uint16_t version, const char *wish, const char *means)
{
	note(r, &(struct obs){ .key = OBS_KEY_CLIENT_CERTIFICATE, .protocol = version, .text = wish, .name = means });
}

static void note_unknown(struct run *r, uint16_t version, enum reason why)
{
	note(r, &(struct obs){ .key = OBS_KEY_CLIENT_CERTIFICATE, .protocol = version, .text = "unknown",
			  .reason = reason_name(why ? why : REASON_CLOSED) });
}

/* Not in the handshake; perhaps behind it, for this page: by a new handshake, or by the one message of TLS 1.3. */
static void note_not_asked(struct run *r, uint16_t version, const struct hs_result *hs, unsigned status)
{
	const char *how = hs->hello_requests ? "renegotiation" : hs->late.asked ? "post_handshake_auth" : NULL;

	if (how && status)
		how = arena_printf(r->arena, "%s, HTTP %u", how, status);
	note_wish(r, version, how ? "later" : "no", how);
}

/* HTTP says no to us without a certificate, and would not with ours: the same refusal in other words. */
static bool differs(const struct client_cert *c, unsigned status)
{
	return c->given && c->given_status && c->given_status < REFUSED && status >= REFUSED;
}

/* A handshake without a certificate of ours. */
static void tell(struct run *r, const struct client_cert *c, uint16_t version, const struct answer *a)
{
	const struct hs_result *hs = a->hs;
	unsigned status = http_status(a->heard);

	if (!hs->request.asked && !hs->complete) {
		note_unknown(r, version, hs->reason);
		return;
	}
	if (!hs->request.asked) {
		note_not_asked(r, version, hs, status);
		return;
	}
	switch (end_of(hs, a->heard)) {
	case END_REFUSED:
		note_wish(r, version, "required", means_of(hs));
		break;
	case END_ACCEPTED:
		note_wish(r, version, http_refuses(a->heard) || differs(c, status) ? "required_http" : "asked",
			status >= REFUSED ? status_text(r, status) : NULL);
		break;
	case END_OPEN:
		note_unknown(r, version, hs->reason);
	}
}

static void tell_given(struct run *r, uint16_t version, const struct answer *a)
{
	const struct hs_result *hs = a->hs;
	enum end end = end_of(hs, a->heard);
	unsigned status = http_status(a->heard);
	bool refused = end == END_REFUSED || http_refuses(a->heard);

	note(r, &(struct obs){ .key = OBS_KEY_CLIENT_ACCEPTED, .protocol = version,
			  .tri = refused ? TRI_NO : end == END_ACCEPTED ? TRI_YES : TRI_UNKNOWN,
			  .name = end == END_REFUSED ? means_of(hs) : status_text(r, status),
			  .reason = !refused && end == END_OPEN ? reason_name(hs->reason ? hs->reason : REASON_CLOSED)
								: NULL });
}

void client_cert_note(struct run *r, struct client_cert *c, uint16_t version, const struct answer *a)
{
	if (!a->hs->client_sent) {
		tell(r, c, version, a);
		return;
	}
	c->given = a->hs;
	c->given_status = http_status(a->heard);
	tell_given(r, version, a);
}

bool client_cert_is_last(const struct client_cert *c)
{
	return !c->given || c->given_status;
}

bool client_cert_ask(struct run *r, struct client_cert *c, uint16_t tag, const struct hello *h, enum until until)
{
	struct plan plan = client_cert_plan(r);

	if (!c->given || c->asked)
		return false;
	c->asked = plan.nameless = true;
	ask(r, tag, &(struct ask){ .hello = h, .until = until, .plan = &plan });
	return true;
}

void client_cert_note_without(struct run *r, struct client_cert *c, uint16_t version, const struct answer *a)
{
	if (a->hs && a->hs->version == version)
		tell(r, c, version, a);
	else
		note_unknown(r, version, a->reason);
}

enum reason client_cert_aside(const struct hs_result *hs)
{
	bool later = hs->complete && (hs->late.asked || hs->hello_requests);

	return later && hs->reason == REASON_ALERT ? REASON_NONE : hs->reason;
}
