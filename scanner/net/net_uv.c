/*
 * The network over libuv: the only file that knows libuv, a socket or a descriptor.
 *
 * All reads of a loop go through one scratch buffer, so a connection that waits costs its handle and no more.
 * What fails at once is put on the loop's list of things to do later, so that callbacks come from run() only.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>
#include <uv.h>

#include "scanner/base/die.h"
#include "scanner/net/loop_uv.h"
#include "scanner/net/resolver.h"

enum { SCRATCH = 64 * 1024 };

/* Something to do in the next turn of the loop. */
struct later {
	TAILQ_ENTRY(later) link;
	void (*go)(struct later *);
	uint64_t turn;
	bool queued;
};

struct net_uv {
	struct net net; /* first: a struct net * is a struct net_uv * */
	uv_loop_t loop;
	uv_idle_t idle; /* runs while `laters` holds something */
	TAILQ_HEAD(, later) laters;
	uint64_t turn;
	struct resolver *resolver; /* made with the first query */
	bool no_resolver;          /* ... unless that failed */
	uv_poll_t poll;            /* its descriptor; looked at while queries are under way */
	unsigned queries;
	char scratch[SCRATCH];
};

struct net_conn {
	struct later later; /* first: the failure of a dial that failed at once */
	uv_tcp_t tcp;
	uv_connect_t connect;
	const struct net_events *events;
	void *owner;
	enum net_end end;
	bool connected, ended, closing;
	bool write_failed; /* the reset showed in a write: the end of file that follows is none */
};

struct net_timer {
	uv_timer_t timer;
	void (*fire)(void *owner);
	void *owner;
	uint64_t at_us;
};

/* What the system did not take at once. */
struct pending_write {
	uv_write_t request;
	char bytes[];
};

struct lookup {
	struct later later; /* first: an answer known at once */
	uv_getaddrinfo_t request;
	net_resolved *done;
	void *owner;
	const char *error;
	struct net_addr literal;
};

static struct net_uv *net_of_loop(uv_loop_t *loop)
{
	return loop->data;
}

static uint64_t now_us(struct net *net)
{
	(void)net;
	return uv_hrtime() / 1000;
}

/* ---- later ----------------------------------------------------------------------------------- */

/* Only what was there when the turn began: a redial that fails at once must not keep the loop from its other
 * work. */
static void on_idle(uv_idle_t *idle)
{
	struct net_uv *n = net_of_loop(idle->loop);
	struct later *l;

	n->turn++;
	while ((l = TAILQ_FIRST(&n->laters)) && l->turn < n->turn) {
		TAILQ_REMOVE(&n->laters, l, link);
		l->queued = false;
		l->go(l);
	}
	if (TAILQ_EMPTY(&n->laters))
		uv_idle_stop(idle);
}

static void later_add(struct net_uv *n, struct later *l)
{
	l->queued = true;
	l->turn = n->turn;
	TAILQ_INSERT_TAIL(&n->laters, l, link);
	uv_idle_start(&n->idle, on_idle);
}

static void later_drop(struct net_uv *n, struct later *l)
{
	if (l->queued)
		TAILQ_REMOVE(&n->laters, l, link);
	l->queued = false;
}

/* ---- connections ----------------------------------------------------------------------------- */

static const struct end_row {
	int error;
	enum net_end end;
} connect_ends[] = {
	{ UV_ECONNREFUSED, NET_REFUSED },
	{ UV_ECONNRESET, NET_CONNECT_RESET },
	{ UV_ECONNABORTED, NET_CONNECT_RESET },
	{ UV_EPIPE, NET_CONNECT_RESET },
	{ UV_ETIMEDOUT, NET_TIMED_OUT },
	{ UV_EMFILE, NET_LOCAL },
	{ UV_ENFILE, NET_LOCAL },
	{ UV_ENOBUFS, NET_LOCAL },
	{ UV_ENOMEM, NET_LOCAL },
	{ UV_EAGAIN, NET_LOCAL },
	{ UV_EADDRINUSE, NET_LOCAL },
	{ UV_EADDRNOTAVAIL, NET_LOCAL },
}, read_ends[] = {
	{ UV_EOF, NET_EOF },
	{ UV_ETIMEDOUT, NET_TIMED_OUT },
	{ UV_ENOBUFS, NET_LOCAL },
	{ UV_ENOMEM, NET_LOCAL },
	{ UV_EHOSTUNREACH, NET_UNREACHABLE },
	{ UV_ENETUNREACH, NET_UNREACHABLE },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static enum net_end end_find(const struct end_row *rows, size_t n, int error, enum net_end otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].error == error)
			return rows[i].end;
	return otherwise;
}

union any_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union any_sockaddr sockaddr_of(const struct net_addr *a)
{
	union any_sockaddr s;

	memset(&s, 0, sizeof(s));
	if (a->family == NET_IPV4) {
		s.v4.sin_family = AF_INET;
		s.v4.sin_port = htons(a->port);
		memcpy(&s.v4.sin_addr, a->bytes, 4);
		return s;
	}
	s.v6.sin6_family = AF_INET6;
	s.v6.sin6_port = htons(a->port);
	s.v6.sin6_scope_id = a->zone;
	memcpy(&s.v6.sin6_addr, a->bytes, 16);
	return s;
}

/*
 * EADDRNOTAVAIL has two causes: no port left, or no address of this family here at all. A datagram socket,
 * which needs none of TCP's ports, tells them apart.
 */
static bool family_is_missing(const union any_sockaddr *to)
{
	socklen_t n = to->any.sa_family == AF_INET ? sizeof(to->v4) : sizeof(to->v6);
	int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool missing;

	if (fd < 0)
		return false;
	missing = connect(fd, &to->any, n) != 0;
	close(fd);
	return missing;
}

static void conn_end(struct net_conn *c, enum net_end end)
{
	if (c->ended || c->closing)
		return;
	c->ended = true;
	uv_read_stop((uv_stream_t *)&c->tcp);
	c->events->ended(c->owner, end);
}

static void conn_end_later(struct later *l)
{
	struct net_conn *c = (struct net_conn *)l;

	conn_end(c, c->end);
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	(void)hint;
	*buf = uv_buf_init(net_of_loop(handle->loop)->scratch, SCRATCH);
}

static enum net_end read_end(const struct net_conn *c, ssize_t error)
{
	if (error == UV_EOF && c->write_failed)
		return NET_RESET;
	return end_find(read_ends, COUNT(read_ends), (int)error, NET_RESET);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct net_conn *c = stream->data;

	if (c->closing || !n)
		return;
	if (n < 0)
		conn_end(c, read_end(c, n));
	else
		c->events->received(c->owner, (const uint8_t *)buf->base, (size_t)n);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct net_conn *c = request->handle->data;

	if (c->closing)
		return;
	if (!status)
		status = uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
	if (status) {
		conn_end(c, end_find(connect_ends, COUNT(connect_ends), status, NET_UNREACHABLE));
		return;
	}
	c->connected = true;
	c->events->connected(c->owner);
}

static struct net_conn *dial(
        struct net *net, const struct net_addr *to, const struct net_events *events, void *owner)
{
	struct net_uv *n = (struct net_uv *)net;
	struct net_conn *c = mem_new(1, sizeof(*c));
	union any_sockaddr s = sockaddr_of(to);
	int error;

	c->later.go = conn_end_later;
	c->events = events;
	c->owner = owner;
	uv_tcp_init(&n->loop, &c->tcp);
	uv_tcp_nodelay(&c->tcp, 1);
	c->tcp.data = c;
	error = uv_tcp_connect(&c->connect, &c->tcp, &s.any, on_connect);
	if (!error)
		return c;
	c->end = end_find(connect_ends, COUNT(connect_ends), error, NET_UNREACHABLE);
	if (error == UV_EADDRNOTAVAIL && family_is_missing(&s))
		c->end = NET_UNREACHABLE;
	later_add(n, &c->later);
	return c;
}

static void on_written(uv_write_t *request, int status)
{
	struct net_conn *c = request->handle->data;

	if (status < 0)
		c->write_failed = true;
	free(request->data);
}

static void send_rest(struct net_conn *c, const uint8_t *p, size_t n)
{
	struct pending_write *w = mem_new(1, sizeof(*w) + n);
	uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)n);

	memcpy(w->bytes, p, n);
	w->request.data = w;
	if (!uv_write(&w->request, (uv_stream_t *)&c->tcp, &buf, 1, on_written))
		return;
	c->write_failed = true;
	free(w);
}

/* A failed write is not told: the read that follows tells how the connection ended, after what still came. */
static void conn_send(struct net_conn *c, const void *p, size_t n)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)p, (unsigned)n);
	int taken = 0;

	if (c->closing || c->ended || c->later.queued || !n)
		return;
	if (c->connected)
		taken = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);
	if (taken < 0 && taken != UV_EAGAIN) {
		c->write_failed = true;
		return;
	}
	if (taken < 0)
		taken = 0;
	if ((size_t)taken < n)
		send_rest(c, (const uint8_t *)p + taken, n - (size_t)taken);
}

static void on_conn_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Abortive: an orderly close would leave a socket of ours in FIN-WAIT or TIME-WAIT for each question asked.
 */
static void conn_close(struct net_conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	later_drop(net_of_loop(c->tcp.loop), &c->later);
	if (uv_tcp_close_reset(&c->tcp, on_conn_closed))
		uv_close((uv_handle_t *)&c->tcp, on_conn_closed);
}

/* ---- timers ---------------------------------------------------------------------------------- */

static void timer_arm(struct net_timer *t);

/* libuv counts whole milliseconds and may come up to one too early. */
static void on_timer(uv_timer_t *timer)
{
	struct net_timer *t = timer->data;

	if (now_us(NULL) < t->at_us)
		timer_arm(t);
	else
		t->fire(t->owner);
}

static void timer_arm(struct net_timer *t)
{
	uint64_t now = now_us(NULL), wait_us = t->at_us > now ? t->at_us - now : 0;

	uv_update_time(t->timer.loop);
	uv_timer_start(&t->timer, on_timer, wait_us / 1000 + (wait_us % 1000 != 0), 0);
}

static struct net_timer *timer_new(struct net *net, void (*fire)(void *owner), void *owner)
{
	struct net_timer *t = mem_new(1, sizeof(*t));

	uv_timer_init(&((struct net_uv *)net)->loop, &t->timer);
	t->timer.data = t;
	t->fire = fire;
	t->owner = owner;
	return t;
}

static void timer_set(struct net_timer *t, uint64_t at_us)
{
	t->at_us = at_us;
	if (at_us == UINT64_MAX)
		uv_timer_stop(&t->timer);
	else
		timer_arm(t);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void timer_free(struct net_timer *t)
{
	uv_close((uv_handle_t *)&t->timer, on_timer_closed);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void answer_literal(struct later *later)
{
	struct lookup *l = (struct lookup *)later;

	l->done(l->owner, l->error, &l->literal, l->error ? 0 : 1, false);
	free(l);
}

static const char *resolve_error(int status)
{
	switch (status) {
	case 0:
		return NULL;
	case UV_EAI_NONAME:
	case UV_EAI_NODATA:
	case UV_EAI_ADDRFAMILY:
		return "not_found";
	case UV_EAI_AGAIN:
		return "try_again";
	case UV_EAI_MEMORY:
	case UV_ENOMEM:
		die_memory();
	default:
		return "failed";
	}
}

static bool addr_of(const struct sockaddr *s, struct net_addr *a)
{
	*a = (struct net_addr){ .family = NET_IPV4 };
	if (s->sa_family == AF_INET) {
		memcpy(a->bytes, &((const struct sockaddr_in *)(const void *)s)->sin_addr, 4);
		return true;
	}
	if (s->sa_family != AF_INET6)
		return false;
	a->family = NET_IPV6;
	a->zone = ((const struct sockaddr_in6 *)(const void *)s)->sin6_scope_id;
	memcpy(a->bytes, &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr, 16);
	return true;
}

static bool addr_known(const struct net_addr *list, size_t n, const struct net_addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (net_addr_equal(&list[i], a))
			return true;
	return false;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct lookup *l = request->data;
	struct net_addr list[NET_ADDRS_MAX], a;
	const char *error = resolve_error(status);
	size_t n = 0;
	bool cut = false;

	for (const struct addrinfo *i = error ? NULL : found; i; i = i->ai_next) {
		if (!addr_of(i->ai_addr, &a) || addr_known(list, n, &a))
			continue;
		if ((cut = n == NET_ADDRS_MAX))
			break;
		list[n++] = a;
	}
	uv_freeaddrinfo(found);
	if (!error && !n)
		error = "not_found";
	l->done(l->owner, error, list, n, cut);
	free(l);
}

static bool family_fits(const struct net_addr *a, int family)
{
	return !family || (int)a->family == family;
}

static void resolve(struct net *net, const char *host, int family, net_resolved *done, void *owner)
{
	struct net_uv *n = (struct net_uv *)net;
	struct lookup *l = mem_new(1, sizeof(*l));
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

	l->later.go = answer_literal;
	l->request.data = l;
	l->done = done;
	l->owner = owner;
	hints.ai_family = family == NET_IPV4 ? AF_INET : family == NET_IPV6 ? AF_INET6 : AF_UNSPEC;
	if (net_addr_parse(host, &l->literal))
		l->error = family_fits(&l->literal, family) ? NULL : "not_found";
	else if (!uv_getaddrinfo(&n->loop, &l->request, on_resolved, host, NULL, &hints))
		return;
	else
		l->error = "failed";
	later_add(n, &l->later);
}

/* ---- records, by DNSSEC ---------------------------------------------------------------------- */

struct net_query {
	struct later later; /* first: the failure of one that could not be asked */
	struct resolver_question question;
	struct net_uv *net;
	net_answered *done;
	void *owner;
	bool asked;
};

static void on_resolver(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	resolver_work(net_of_loop(poll->loop)->resolver);
}

/* The loop ends when nothing is under way: the descriptor alone must not keep it. */
static void query_free(struct net_query *q)
{
	later_drop(q->net, &q->later);
	if (q->asked && !--q->net->queries)
		uv_poll_stop(&q->net->poll);
	free(q);
}

static void query_end(struct net_query *q, const struct dns_reply *reply)
{
	net_answered *done = q->done;
	void *owner = q->owner;

	query_free(q);
	done(owner, reply);
}

static void query_fail(struct later *later)
{
	query_end((struct net_query *)later, &(struct dns_reply){ .failed = true });
}

static void query_replied(struct resolver_question *question, const struct dns_reply *reply)
{
	char *q = (char *)question - offsetof(struct net_query, question);

	query_end((struct net_query *)(void *)q, reply);
}

const char *net_uv_resolver(struct net *net, const struct net_addr *via, const char *anchors)
{
	struct net_uv *n = (struct net_uv *)net;
	const char *why = NULL;

	require(!n->resolver);
	n->resolver = resolver_new(via, anchors, &why);
	n->no_resolver = !n->resolver;
	if (n->resolver)
		uv_poll_init(&n->loop, &n->poll, resolver_fd(n->resolver));
	return why;
}

bool net_uv_resolves(void)
{
	return resolver_built();
}

static struct net_query *query(struct net *net, const char *name, uint16_t type, net_answered *done, void *owner)
{
	struct net_uv *n = (struct net_uv *)net;
	struct net_query *q = mem_new(1, sizeof(*q));

	*q = (struct net_query){ .later.go = query_fail, .question.done = query_replied, .net = n, .done = done, .owner = owner };
	if (!n->resolver && !n->no_resolver)
		net_uv_resolver(net, NULL, NULL);
	q->asked = n->resolver && resolver_ask(n->resolver, name, type, &q->question);
	if (!q->asked)
		later_add(n, &q->later);
	else if (!n->queries++)
		uv_poll_start(&n->poll, UV_READABLE, on_resolver);
	return q;
}

static void query_drop(struct net_query *q)
{
	if (q->asked)
		resolver_drop(q->net->resolver, &q->question);
	query_free(q);
}

uv_loop_t *net_uv_loop(struct net *net)
{
	return &((struct net_uv *)net)->loop;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void run(struct net *net)
{
	uv_run(&((struct net_uv *)net)->loop, UV_RUN_DEFAULT);
}

static void close_any(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (uv_is_closing(handle))
		return;
	if (handle->type == UV_TCP)
		conn_close(handle->data);
	else if (handle->type == UV_TIMER)
		timer_free(handle->data);
	else
		uv_close(handle, NULL);
}

static void free_net(struct net *net)
{
	struct net_uv *n = (struct net_uv *)net;

	uv_walk(&n->loop, close_any, NULL);
	uv_run(&n->loop, UV_RUN_DEFAULT);
	require(uv_loop_close(&n->loop) == 0);
	resolver_free(n->resolver);
	free(n);
}

static const struct net_ops ops = {
	.now_us = now_us,
	.dial = dial,
	.send = conn_send,
	.close = conn_close,
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
	.resolve = resolve,
	.query = query,
	.query_drop = query_drop,
	.run = run,
	.free = free_net,
};

/* libuv aborts, or forgets to look, where an allocation fails; ours die with one line. */
static void *uv_new(size_t n)
{
	return mem_new(1, n);
}

static void *uv_zeroed(size_t count, size_t n)
{
	return mem_new(count, n);
}

static void *uv_grow(void *old, size_t n)
{
	return mem_grow(old, 1, n);
}

static void prepare_process(void)
{
	uv_replace_allocator(uv_new, uv_grow, uv_zeroed, free);
	signal(SIGPIPE, SIG_IGN); /* a peer that went away is data, not a signal */
}

struct net *net_uv_new(void)
{
	static uv_once_t once = UV_ONCE_INIT;
	struct net_uv *n;

	uv_once(&once, prepare_process);
	n = mem_new(1, sizeof(*n));
	n->net.ops = &ops;
	TAILQ_INIT(&n->laters);
	if (uv_loop_init(&n->loop))
		die("the event loop cannot be made");
	n->loop.data = n;
	uv_idle_init(&n->loop, &n->idle);
	return &n->net;
}
