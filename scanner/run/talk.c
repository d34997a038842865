#include "scanner/run/talk.h"

enum { WATCH_US = 1000000 }; /* for the end of a connection that has failed */

static void over(struct talk *t)
{
	if (t->over)
		return;
	t->over = true;
	t->ended_us = net_now_us(t->net);
	t->net->ops->close(t->conn);
	t->conn = NULL;
	t->done(t, t->owner);
}

static void send_text(struct talk *t, struct text *out)
{
	if (out->n && !t->over)
		t->net->ops->send(t->conn, out->s, out->n);
	text_free(out);
}

/* There nothing is said behind the handshake, and nothing waited for. */
static bool is_ssl2(const struct talk *t)
{
	return t->config.hello->version == VER_SSL2;
}

/* The handshake is done: say what there is to say. A close_notify makes most servers close, their tickets first. */
static void speak(struct talk *t, struct text *out)
{
	static const uint8_t close_notify[] = { 1, ALERT_CLOSE_NOTIFY };

	if (t->said)
		return;
	t->said = true;
	t->done_us = net_now_us(t->net);
	if (is_ssl2(t))
		return;
	if (t->say.n)
		hs_send(t->hs, t->say.p, t->say.n, out);
	else if (!hs_result(t->hs)->false_started) /* then all is said, and the answer to come */
		hs_send_record(t->hs, 21, close_notify, sizeof close_notify, out);
}

/* The handshake, or another one, is done. */
static void go_on(struct talk *t, struct text *out)
{
	if (t->again_at < t->again_n && hs_renegotiate(t->hs, t->again[t->again_at++], out))
		return;
	speak(t, out);
}

static bool enough(const struct talk *t)
{
	bool listens = t->listen_max > 0;

	return is_ssl2(t) || (listens && (hs_result(t->hs)->close_notified || hs_data(t->hs).n >= t->listen_max ||
					 (t->heard && t->heard(hs_data(t->hs)))));
}

static void begin(struct talk *t)
{
	struct text out = { 0 };

	t->begun = true;
	t->connected_us = net_now_us(t->net);
	t->deadline_us = t->connected_us + t->answer_in_us;
	hs_start(t->hs, &out);
	send_text(t, &out);
}

static void connected(void *owner)
{
	struct talk *t = owner;
	struct text out = { 0 };

	t->connected = true;
	if (!t->starttls.dialect) {
		begin(t);
		return;
	}
	t->deadline_us = net_now_us(t->net) + PRELUDE_TIMES * t->answer_in_us;
	t->prelude = prelude_new(&t->starttls, &out);
	prelude_send(t->net, t->conn, &out);
}

/* What comes before TLS: how much of it was of that. All of it where TLS will not begin: then `t` may be gone. */
static size_t hear_prelude(struct talk *t, const uint8_t *p, size_t n)
{
	struct text out = { 0 };
	size_t taken = prelude_feed(t->prelude, p, n, &out);

	prelude_send(t->net, t->conn, &out);
	t->not_connected = prelude_reason(t->prelude);
	if (prelude_phase(t->prelude) == PRELUDE_FAILED) {
		over(t);
		return n;
	}
	if (prelude_phase(t->prelude) == PRELUDE_TLS)
		begin(t);
	return taken;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How a connection ends belongs to what a server does about a deviation; most end it with their alert. */
static bool is_watched(const struct talk *t)
{
	return t->config.deviation && !is_ssl2(t) && hs_result(t->hs)->reaction.begun;
}

static void hear(struct talk *t, const uint8_t *p, size_t n)
{
	struct text out = { 0 };
	enum hs_phase phase = hs_feed(t->hs, p, n, net_now_us(t->net), &out);

	if (phase == HS_DONE)
		go_on(t, &out);
	send_text(t, &out);
	if (phase == HS_FAILED && is_watched(t))
		t->deadline_us = earlier(t->deadline_us, net_now_us(t->net) + WATCH_US);
	else if (phase == HS_FAILED || (phase == HS_DONE && t->said && enough(t)))
		over(t);
}

static void received(void *owner, const uint8_t *p, size_t n)
{
	struct talk *t = owner;
	size_t taken = t->begun ? 0 : hear_prelude(t, p, n);

	if (taken < n)
		hear(t, p + taken, n - taken);
}

static void ended(void *owner, enum net_end end)
{
	static const enum reason reasons[] = {
		[NET_REFUSED] = REASON_REFUSED, [NET_CONNECT_RESET] = REASON_CONNECT_RESET,
		[NET_UNREACHABLE] = REASON_UNREACHABLE, [NET_TIMED_OUT] = REASON_CONNECT_TIMEOUT,
		[NET_LOCAL] = REASON_LOCAL_LIMIT,
	};
	struct talk *t = owner;

	t->closed = end == NET_EOF;
	t->heard_why = t->closed ? REASON_CLOSED : REASON_RESET;
	if (t->connected && !t->begun)
		t->not_connected = REASON_STARTTLS_CLOSED;
	else if (end == NET_EOF || end == NET_RESET)
		hs_end(t->hs, end == NET_EOF ? ENDING_CLOSED : ENDING_RESET);
	else
		t->not_connected = reasons[end];
	over(t);
}

void talk_start(struct talk *t, const struct net_addr *to)
{
	static const struct net_events events = { connected, received, ended };

	t->hs = hs_new(&t->config);
	t->started_us = net_now_us(t->net);
	t->deadline_us = t->started_us + t->connect_by_us;
	t->conn = t->net->ops->dial(t->net, to, &events, t);
}

void talk_expire(struct talk *t)
{
	if (t->over)
		return;
	t->heard_why = REASON_TIMEOUT_HTTP;
	if (t->begun)
		hs_end(t->hs, ENDING_TIMEOUT);
	else
		t->not_connected = t->connected ? REASON_STARTTLS_TIMEOUT : REASON_CONNECT_TIMEOUT;
	over(t);
}

void talk_abort(struct talk *t)
{
	if (t->over)
		return;
	t->over = true;
	t->net->ops->close(t->conn);
	t->conn = NULL;
}

void talk_free(struct talk *t)
{
	hs_free(t->hs);
	t->hs = NULL;
	prelude_free(t->prelude);
	t->prelude = NULL;
}
