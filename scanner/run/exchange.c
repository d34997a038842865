#include "scanner/run/exchange.h"

static void over(struct exchange *x)
{
	if (x->over)
		return;
	x->over = true;
	x->answer->last_us = net_now_us(x->net);
	x->net->ops->close(x->conn);
	x->conn = NULL;
	x->done(x, x->owner);
}

static void send_rest(void *owner)
{
	struct exchange *x = owner;

	if (!x->over)
		x->net->ops->send(x->conn, x->bytes + x->cut, x->bytes_n - x->cut);
}

/* Long enough for the first part to be read before the rest is there, also where both ends are one machine. */
static void send_in_two(struct exchange *x)
{
	enum { PAUSE_US = 10000 };

	x->net->ops->send(x->conn, x->bytes, x->cut);
	x->pause = x->net->ops->timer_new(x->net, send_rest, x);
	x->net->ops->timer_set(x->pause, net_now_us(x->net) + PAUSE_US);
}

static void begin(struct exchange *x)
{
	x->begun = true;
	x->deadline_us = net_now_us(x->net) + x->answer_in_us;
	if (x->cut && x->cut < x->bytes_n)
		send_in_two(x);
	else
		x->net->ops->send(x->conn, x->bytes, x->bytes_n);
}

static void connected(void *owner)
{
	struct exchange *x = owner;
	struct text out = { 0 };

	x->connected = true;
	if (!x->starttls.dialect) {
		begin(x);
		return;
	}
	x->deadline_us = net_now_us(x->net) + PRELUDE_TIMES * x->answer_in_us;
	x->prelude = prelude_new(&x->starttls, &out);
	prelude_send(x->net, x->conn, &out);
}

static void fail(struct exchange *x, enum reason why)
{
	answer_fail(x->answer, ANS_REFUSED, why);
	over(x);
}

/* What comes before TLS: how much of it was of that. All of it where TLS will not begin: then `x` may be gone. */
static size_t hear_prelude(struct exchange *x, const uint8_t *p, size_t n)
{
	struct text out = { 0 };
	size_t taken = prelude_feed(x->prelude, p, n, &out);

	prelude_send(x->net, x->conn, &out);
	if (prelude_phase(x->prelude) == PRELUDE_FAILED) {
		fail(x, prelude_reason(x->prelude));
		return n;
	}
	if (prelude_phase(x->prelude) == PRELUDE_TLS)
		begin(x);
	return taken;
}

/* True when enough came. */
static bool hear(struct exchange *x, const uint8_t *p, size_t n)
{
	size_t room = x->clear->listen_max - x->heard.n;

	x->answer->bytes += n;
	text_addn(&x->heard, (const char *)p, n < room ? n : room);
	if (x->heard.n < x->clear->listen_max &&
		!(x->clear->heard && x->clear->heard((struct span){ (const uint8_t *)x->heard.s, x->heard.n })))
		return false;
	answer_fail(x->answer, ANS_CLEAR, REASON_NONE);
	return true;
}

static void received(void *owner, const uint8_t *p, size_t n)
{
	struct exchange *x = owner;
	size_t taken = x->begun ? 0 : hear_prelude(x, p, n);

	p += taken;
	n -= taken;
	if (!n)
		return;
	if (!x->answer->bytes)
		x->answer->first_us = net_now_us(x->net);
	if (x->clear ? hear(x, p, n) : answer_feed(x->answer, p, n))
		over(x);
}

/* Of words in clear the ending matters only as long as there are not enough of them. */
static void end_midway(struct exchange *x, enum ending e)
{
	static const enum reason reasons[] = {
		[ENDING_CLOSED] = REASON_CLOSED, [ENDING_RESET] = REASON_RESET, [ENDING_TIMEOUT] = REASON_TIMEOUT_HTTP,
	};

	if (x->clear)
		x->answer->heard_why = reasons[e];
	answer_end(x->answer, e);
}

static void ended(void *owner, enum net_end end)
{
	static const struct { bool midway; enum ending ending; enum reason reason; } ways[] = {
		[NET_EOF] = { true, ENDING_CLOSED, REASON_CLOSED },
		[NET_RESET] = { true, ENDING_RESET, REASON_RESET },
		[NET_REFUSED] = { false, 0, REASON_REFUSED },
		[NET_CONNECT_RESET] = { false, 0, REASON_CONNECT_RESET },
		[NET_UNREACHABLE] = { false, 0, REASON_UNREACHABLE },
		[NET_TIMED_OUT] = { false, 0, REASON_CONNECT_TIMEOUT },
		[NET_LOCAL] = { false, 0, REASON_LOCAL_LIMIT },
	};
	struct exchange *x = owner;

	if (ways[end].midway && !x->begun)
		answer_fail(x->answer, ANS_REFUSED, REASON_STARTTLS_CLOSED);
	else if (ways[end].midway)
		end_midway(x, ways[end].ending);
	else
		answer_fail(x->answer, ANS_REFUSED, ways[end].reason);
	over(x);
}

void exchange_start(struct exchange *x, const struct net_addr *to)
{
	static const struct net_events events = { connected, received, ended };

	x->connected = x->begun = x->over = false;
	x->answer->asked_us = net_now_us(x->net);
	x->deadline_us = x->answer->asked_us + x->connect_by_us;
	x->conn = x->net->ops->dial(x->net, to, &events, x);
}

void exchange_expire(struct exchange *x)
{
	if (x->over)
		return;
	if (x->begun)
		end_midway(x, ENDING_TIMEOUT);
	else
		answer_fail(x->answer, ANS_REFUSED, x->connected ? REASON_STARTTLS_TIMEOUT : REASON_CONNECT_TIMEOUT);
	over(x);
}

void exchange_abort(struct exchange *x)
{
	if (x->over)
		return;
	x->over = true;
	x->net->ops->close(x->conn);
	x->conn = NULL;
}

void exchange_free(struct exchange *x)
{
	text_free(&x->heard);
	prelude_free(x->prelude);
	x->prelude = NULL;
	if (x->pause)
		x->net->ops->timer_free(x->pause);
	x->pause = NULL;
}
