#include "scanner/run/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/http_reply.h"
#include "scanner/net/guard.h"
#include "scanner/run/endpoint.h"

enum { RETRY_US = 10000, HTTP_PORT = 80, HTTP_PORT_2 = 8080 };

static const struct kind {
	size_t bytes_max;
	unsigned timeouts; /* how many times --timeout it may take, redirects included */
	const char *accept;
} kinds[] = {
	[FETCH_OCSP] = { 64 * 1024, 1, "application/ocsp-response" },
	[FETCH_CRL] = { 8 * 1024 * 1024, 2, "application/pkix-crl" },
	[FETCH_ISSUER] = { 128 * 1024, 1, "application/pkix-cert, application/pkcs7-mime" },
};

enum phase { PHASE_RESOLVING, PHASE_WAITING, PHASE_OPEN, PHASE_SETTLED };

struct waiter {
	fetch_done *done;
	void *owner;
};

/* One answer, on its way or kept. */
struct one {
	struct one *next;
	struct fetcher *fetcher;
	struct fetch_ask ask; /* its identity; the bytes to post are its own */
	struct url at;        /* where the redirects led */
	unsigned redirects;
	enum phase phase;
	bool resolving, dead; /* a look-up cannot be taken back: the dead one waits for it */
	struct net_addr addresses[FETCH_ADDRESSES_MAX];
	size_t addresses_n, tried;
	struct net_conn *conn;
	bool connected, timed_out; /* timed_out: the last address did not answer the connection in time */
	struct net_timer *timer;
	uint64_t deadline_us, connect_by_us;
	struct http_reply reply;
	enum fetch_end end;
	struct waiter *waiters;
	size_t waiters_n;
};

struct fetcher {
	struct net *net;
	struct limits *limits;
	uint64_t timeout_us;
	bool allow_private;
	struct one *first; /* the newest */
	unsigned open;
};

const char *fetch_end_word(enum fetch_end end)
{
	static const char *const words[] = {
#define FETCH_END(name, word, what) [FETCH_##name] = word,
#include "scanner/run/fetch.def"
#undef FETCH_END
	};

	return words[end];
}

/* ---- what is kept ------------------------------------------------------------------------------------------ */

static void one_free(struct one *o)
{
	if (o->timer)
		o->fetcher->net->ops->timer_free(o->timer);
	http_reply_free(&o->reply);
	free((void *)(uintptr_t)o->ask.post.p);
	free(o->waiters);
	free(o);
}

static void take_out(struct one *o)
{
	struct one **at = &o->fetcher->first;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
}

/* The oldest beyond the limits go, unless somebody waits. */
static void trim(struct fetcher *f)
{
	size_t n = 0, bytes = 0;

	for (struct one *o = f->first, *next; o; o = next) {
		next = o->next;
		n++;
		bytes += o->reply.body.n;
		if ((n <= FETCH_KEPT && bytes <= FETCH_KEPT_BYTES) || o->phase != PHASE_SETTLED || o->waiters_n || o->resolving)
			continue;
		n--;
		bytes -= o->reply.body.n;
		take_out(o);
		one_free(o);
	}
}

/* ---- the end of one ---------------------------------------------------------------------------------------- */

static void hang_up(struct one *o)
{
	if (!o->conn)
		return;
	o->fetcher->net->ops->close(o->conn);
	o->conn = NULL;
	o->connected = false;
	o->fetcher->open--;
	limits_give(o->fetcher->limits, net_now_us(o->fetcher->net));
}

static struct waiter next_waiter(struct one *o)
{
	struct waiter w = o->waiters[0];

	memmove(o->waiters, o->waiters + 1, --o->waiters_n * sizeof *o->waiters);
	return w;
}

static void deliver(struct one *o)
{
	const struct fetched f = { .end = o->end,
		.body = { (const uint8_t *)o->reply.body.s, o->end ? 0 : o->reply.body.n } };

	while (o->waiters_n) {
		struct waiter w = next_waiter(o);

		w.done(w.owner, &f);
	}
	trim(o->fetcher);
}

static void settle(struct one *o, enum fetch_end end)
{
	hang_up(o);
	text_free(&o->reply.head);
	if (end)
		text_free(&o->reply.body);
	o->phase = PHASE_SETTLED;
	o->end = end;
	o->fetcher->net->ops->timer_set(o->timer, UINT64_MAX);
	deliver(o);
}

/* ---- connections ------------------------------------------------------------------------------------------- */

static void set_timer(struct one *o, uint64_t at_us)
{
	o->fetcher->net->ops->timer_set(o->timer, at_us < o->deadline_us ? at_us : o->deadline_us);
}

static void wait(struct one *o)
{
	o->phase = PHASE_WAITING;
	set_timer(o, net_now_us(o->fetcher->net) + RETRY_US);
}

static bool may_dial(struct fetcher *f)
{
	return f->open < FETCH_AT_ONCE && limits_take(f->limits, net_now_us(f->net));
}

static const struct net_events events;

/* The next address, or the end of it. */
static void dial(struct one *o)
{
	struct fetcher *f = o->fetcher;

	if (o->tried == o->addresses_n) {
		settle(o, o->timed_out ? FETCH_TIMEOUT : FETCH_CONNECT);
		return;
	}
	if (!may_dial(f)) {
		wait(o);
		return;
	}
	o->phase = PHASE_OPEN;
	o->timed_out = false;
	f->open++;
	o->connect_by_us = net_now_us(f->net) + f->timeout_us / 2; /* so that a second one has a chance */
	o->conn = f->net->ops->dial(f->net, &o->addresses[o->tried++], &events, o);
	set_timer(o, o->connect_by_us);
}

static void send_request(struct one *o)
{
	struct span post = o->ask.post;
	struct arena a = { 0 };
	char *head = arena_printf(&a, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tlsassay\r\nAccept: %s, */*\r\n",
	        post.n ? "POST" : "GET", o->at.path, url_authority(&a, &o->at), kinds[o->ask.kind].accept);
	char *body = !post.n ? "" : arena_printf(&a, "Content-Type: application/ocsp-request\r\nContent-Length: %zu\r\n", post.n);
	struct text request = { 0 };

	text_fmt(&request, "%s%sConnection: close\r\n\r\n", head, body);
	text_addn(&request, (const char *)post.p, post.n);
	o->fetcher->net->ops->send(o->conn, request.s, request.n);
	text_free(&request);
	arena_free(&a);
}

static void connected(void *owner)
{
	struct one *o = owner;

	o->connected = true;
	set_timer(o, o->deadline_us);
	send_request(o);
}

/* ---- answers ----------------------------------------------------------------------------------------------- */

static bool may_ask(const struct fetcher *f, const struct url *u)
{
	return f->allow_private || u->port == HTTP_PORT || u->port == HTTP_PORT_2;
}

static void look_up(struct one *);

static bool is_redirect(const struct one *o)
{
	unsigned status = o->reply.status;

	/* RFC 9110 section 15.4: behind the others what was posted would become a GET. */
	return status == 307 || status == 308 || (!o->ask.post.n && status >= 301 && status <= 303);
}

static enum fetch_end redirect(struct one *o, struct url *to)
{
	const struct http_reply *r = &o->reply;
	enum url_kind kind;

	if (!is_redirect(o) || !r->has_location)
		return FETCH_HTTP_ERROR;
	kind = url_follow(&o->at, (struct span){ (const uint8_t *)r->location, r->location_n }, to);
	if (kind != URL_HTTP)
		return kind == URL_OTHER ? FETCH_SCHEME : FETCH_BAD_URL;
	if (o->redirects++ == FETCH_REDIRECTS_MAX || url_same(&o->at, to))
		return FETCH_REDIRECT_LOOP;
	return may_ask(o->fetcher, to) ? FETCH_OK : FETCH_REFUSED_PORT;
}

static void follow(struct one *o)
{
	struct url to;
	enum fetch_end end = redirect(o, &to);

	if (end) {
		settle(o, end);
		return;
	}
	hang_up(o);
	http_reply_free(&o->reply);
	o->reply = (struct http_reply){ .max = kinds[o->ask.kind].bytes_max };
	o->at = to;
	look_up(o);
}

static void replied(struct one *o)
{
	static const enum fetch_end ends[] = {
		[REPLY_MALFORMED] = FETCH_NOT_HTTP, [REPLY_TRUNCATED] = FETCH_CLOSED, [REPLY_TOO_LARGE] = FETCH_TOO_LARGE,
	};

	if (o->reply.state != REPLY_WHOLE)
		settle(o, ends[o->reply.state]);
	else if (o->reply.status == 200)
		settle(o, FETCH_OK);
	else
		follow(o);
}

static void received(void *owner, const uint8_t *p, size_t n)
{
	struct one *o = owner;

	if (http_reply_feed(&o->reply, p, n))
		replied(o);
}

static void ended(void *owner, enum net_end end)
{
	struct one *o = owner;
	bool was_connected = o->connected;

	hang_up(o);
	if (!was_connected && end == NET_LOCAL) {
		o->tried--;
		wait(o);
	} else if (!was_connected) {
		o->timed_out = end == NET_TIMED_OUT;
		dial(o);
	} else if (end == NET_EOF) {
		http_reply_close(&o->reply);
		replied(o);
	} else {
		settle(o, FETCH_CLOSED);
	}
}

static const struct net_events events = { connected, received, ended };

/* ---- names ------------------------------------------------------------------------------------------------- */

static void keep_allowed(struct one *o, const struct net_addr *list, size_t n)
{
	o->addresses_n = o->tried = 0;
	for (size_t i = 0; i < n && o->addresses_n < FETCH_ADDRESSES_MAX; i++) {
		if (!guard_allows(&list[i], o->fetcher->allow_private))
			continue;
		o->addresses[o->addresses_n] = list[i];
		o->addresses[o->addresses_n++].port = o->at.port;
	}
}

static void resolved(void *owner, const char *error, const struct net_addr *list, size_t n, bool cut)
{
	struct one *o = owner;

	(void)cut;
	o->resolving = false;
	if (o->dead) {
		one_free(o);
		return;
	}
	if (o->phase != PHASE_RESOLVING)
		return; /* it took too long */
	keep_allowed(o, list, error ? 0 : n);
	if (error || !o->addresses_n)
		settle(o, error ? FETCH_NAME : FETCH_REFUSED_ADDRESS);
	else
		dial(o);
}

static void look_up(struct one *o)
{
	o->phase = PHASE_RESOLVING;
	o->resolving = true;
	set_timer(o, o->deadline_us);
	o->fetcher->net->ops->resolve(o->fetcher->net, o->at.host, 0, resolved, o);
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static void fired(void *owner)
{
	struct one *o = owner;
	uint64_t now = net_now_us(o->fetcher->net);

	if (o->phase == PHASE_SETTLED) {
		deliver(o);
	} else if (now >= o->deadline_us) {
		settle(o, FETCH_TIMEOUT);
	} else if (o->phase == PHASE_WAITING) {
		dial(o);
	} else if (o->phase == PHASE_OPEN && !o->connected && now >= o->connect_by_us) {
		hang_up(o);
		o->timed_out = true;
		dial(o);
	}
}

static struct span copy_of(struct span s)
{
	uint8_t *p = s.n ? mem_new(s.n, 1) : NULL;

	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

static struct one *one_new(struct fetcher *f, const struct fetch_ask *ask)
{
	const struct kind *k = &kinds[ask->kind];
	struct one *o = mem_new(1, sizeof *o);

	*o = (struct one){ .fetcher = f, .next = f->first, .ask = *ask, .at = ask->url, .reply.max = k->bytes_max,
		.deadline_us = net_now_us(f->net) + k->timeouts * f->timeout_us };
	o->ask.post = copy_of(ask->post);
	o->timer = f->net->ops->timer_new(f->net, fired, o);
	return f->first = o;
}

static bool same_span(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static struct one *find(struct fetcher *f, const struct fetch_ask *ask)
{
	for (struct one *o = f->first; o; o = o->next)
		if (o->ask.kind == ask->kind && url_same(&o->ask.url, &ask->url) && same_span(o->ask.post, ask->post))
			return o;
	return NULL;
}

void fetch(struct fetcher *f, const struct fetch_ask *ask, fetch_done *done, void *owner)
{
	struct one *o = find(f, ask);
	bool known = o != NULL, allowed = may_ask(f, &ask->url);

	if (!known)
		o = one_new(f, ask);
	o->waiters = mem_grow(o->waiters, o->waiters_n + 1, sizeof *o->waiters);
	o->waiters[o->waiters_n++] = (struct waiter){ done, owner };
	if (!known && allowed) {
		look_up(o);
		return;
	}
	if (!known) {
		o->phase = PHASE_SETTLED;
		o->end = FETCH_REFUSED_PORT;
	}
	if (o->phase == PHASE_SETTLED)
		f->net->ops->timer_set(o->timer, net_now_us(f->net));
}

static void forget_in(struct one *o, const void *owner)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->waiters_n; i++)
		if (o->waiters[i].owner != owner)
			o->waiters[kept++] = o->waiters[i];
	o->waiters_n = kept;
}

void fetch_forget(struct fetcher *f, void *owner)
{
	for (struct one *o = f->first, *next; o; o = next) {
		next = o->next;
		forget_in(o, owner);
		if (o->waiters_n || o->phase == PHASE_SETTLED)
			continue;
		hang_up(o);
		take_out(o);
		o->dead = true;
		f->net->ops->timer_free(o->timer);
		o->timer = NULL;
		if (!o->resolving)
			one_free(o);
	}
}

struct fetcher *fetcher_new(struct net *net, struct limits *limits, uint64_t timeout_us, bool allow_private)
{
	struct fetcher *f = mem_new(1, sizeof *f);

	*f = (struct fetcher){ .net = net, .limits = limits, .timeout_us = timeout_us, .allow_private = allow_private };
	return f;
}

void fetcher_free(struct fetcher *f)
{
	while (f && f->first) {
		struct one *o = f->first;

		f->first = o->next;
		hang_up(o);
		one_free(o);
	}
	free(f);
}
