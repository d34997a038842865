/* Both Finished were right: tickets, a page for any request, and the end in good order. */
#include "tests/servers/filler.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/serve.h"

enum { REQUEST_MAX = 64 * 1024 };

void serve_goodbye(struct server *s, struct peer_out *out)
{
	static const uint8_t canceled[] = { 1, ALERT_USER_CANCELED }, close_notify[] = { 1, ALERT_CLOSE_NOTIFY };

	if (server_spoils(s, SPOIL_CANCELED))
		server_send(s, REC_ALERT, canceled, sizeof(canceled), out);
	if (!server_spoils(s, SPOIL_NO_GOODBYE))
		server_send(s, REC_ALERT, close_notify, sizeof(close_notify), out);
	s->stage = STAGE_OVER;
	peer_end(out, PEER_FIN);
}

static void say_page(struct server *s, struct peer_out *out)
{
	struct text page = { 0 };

	text_add(&page,
	        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n");
	for (size_t i = 0; i < s->config->headers_n; i++)
		text_fmt(&page, "%s\r\n", s->config->headers[i]);
	text_add(&page, "\r\nhello\n");
	server_send(s, REC_DATA, page.s, page.n, out);
	text_free(&page);
}

static void answer_request(struct server *s, struct peer_out *out)
{
	const struct misbehaviour *row = s->config->row;

	if (!memmem(s->request.s, s->request.n, "\r\n\r\n", 4) || server_spoils(s, SPOIL_MUTE))
		return;
	s->request.n = 0;
	if (row && row->page) {
		server_start_stream(s, row->page, out);
		return;
	}
	say_page(s, out);
	serve_goodbye(s, out);
}

void serve_data(struct server *s, struct span data, struct peer_out *out)
{
	bool wanted = s->stage == STAGE_OPEN || s->stage == STAGE_13_EARLY;
	size_t most = s->stage == STAGE_13_EARLY ? s->config->early_data : REQUEST_MAX;

	if (!wanted || s->request.n + data.n > most) {
		server_fail(s, ALERT_UNEXPECTED, out);
		return;
	}
	text_addn(&s->request, (const char *)data.p, data.n);
	if (s->stage == STAGE_OPEN && s->request.n)
		answer_request(s, out);
}

/* RFC 6520 section 4: one that claims to be longer than it is is passed over. */
void serve_heartbeat(struct server *s, struct span content, struct peer_out *out)
{
	enum { REQUEST = 1, RESPONSE = 2, PADDING = 16 };
	uint8_t body[3 + 0xFFFF + PADDING];
	struct rd r = rd_span(content);
	uint8_t type = rd_u8(&r);
	uint16_t claimed = rd_u16(&r);
	struct wr w = wr_of(body, sizeof(body));
	size_t n = rd_left(&r);

	if (r.bad || type != REQUEST || ((size_t)claimed + PADDING > n && !server_has_bug(s, BUG_HEARTBLEED)))
		return;
	wr_u8(&w, RESPONSE);
	wr_u16(&w, claimed);
	wr_bytes(&w, r.p, claimed < n ? claimed : n);
	if (claimed > n)
		filler_bytes(&w, claimed - n, &s->random); /* what lay behind it */
	wr_zero(&w, PADDING);
	server_send(s, REC_HEARTBEAT, body, w.len, out);
}

void serve_opened(struct server *s, struct peer_out *out)
{
	const struct misbehaviour *row = s->config->row;

	s->stage = STAGE_OPEN;
	for (unsigned i = 0; s->choice.version == VER_TLS13 && i < s->config->tickets; i++)
		serve13_ticket(s, (uint8_t)i, out);
	if (row && row->opened)
		server_start_stream(s, row->opened, out);
	else if (s->request.n)
		answer_request(s, out);
}
