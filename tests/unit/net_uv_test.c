/* The libuv network against a listener in the same process. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "scanner/net/net.h"

/* What the peer does with the one connection it takes. */
enum deed { ECHO_AND_FIN, RESET_AFTER_READ, READ_UNTIL_END, CLOSE_BEFORE_READING };

struct listener {
	int fd;
	enum deed deed;
	size_t got;
	bool saw_reset;
	struct net_addr addr;
	pthread_t thread;
};

static void serve_reset(int fd)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

static void *listener_main(void *arg)
{
	struct listener *l = arg;
	int fd = accept(l->fd, NULL, NULL);
	static char buf[65536];
	ssize_t n = 0;

	if (l->deed == CLOSE_BEFORE_READING) {
		usleep(20000);
		close(fd);
		return NULL;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		l->got += (size_t)n;
		if (l->deed == READ_UNTIL_END)
			continue;
		if (l->deed == RESET_AFTER_READ)
			serve_reset(fd);
		else if (write(fd, buf, (size_t)n) != n)
			abort();
		break;
	}
	l->saw_reset = n < 0;
	close(fd);
	return NULL;
}

static struct net_addr local_addr(uint16_t port)
{
	struct net_addr a = { .port = port };

	assert_true(net_addr_parse("127.0.0.1", &a));
	return a;
}

static int listen_here(uint16_t *port)
{
	struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(s);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&s, sizeof(s)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&s, &n), 0);
	*port = ntohs(s.sin_port);
	return fd;
}

static void listener_start(struct listener *l, enum deed deed)
{
	uint16_t port;

	*l = (struct listener){ .deed = deed, .fd = listen_here(&port) };
	l->addr = local_addr(port);
	assert_int_equal(pthread_create(&l->thread, NULL, listener_main, l), 0);
}

static void listener_stop(struct listener *l)
{
	pthread_join(l->thread, NULL);
	close(l->fd);
}

struct client {
	struct net *net;
	struct net_conn *conn;
	const uint8_t *say;
	size_t say_n, got_n, stop_at;
	uint8_t got[64];
	bool connected, ended, send_early;
	enum net_end end;
};

static void on_connected(void *owner)
{
	struct client *c = owner;

	c->connected = true;
	if (!c->send_early && c->say_n)
		c->net->ops->send(c->conn, c->say, c->say_n);
	if (c->stop_at == SIZE_MAX)
		c->net->ops->close(c->conn);
}

static void on_received(void *owner, const uint8_t *p, size_t n)
{
	struct client *c = owner;

	for (size_t i = 0; i < n; i++, c->got_n++)
		if (c->got_n < sizeof(c->got))
			c->got[c->got_n] = p[i];
}

static void on_ended(void *owner, enum net_end end)
{
	struct client *c = owner;

	assert_false(c->ended);
	c->ended = true;
	c->end = end;
	c->net->ops->close(c->conn);
}

static const struct net_events events = { on_connected, on_received, on_ended };

static void dial(struct client *c, const struct net_addr *to)
{
	if (!c->net)
		c->net = net_uv_new();
	c->conn = c->net->ops->dial(c->net, to, &events, c);
	if (c->send_early)
		c->net->ops->send(c->conn, c->say, c->say_n);
	assert_false(c->connected || c->ended);
}

static void run_and_free(struct net *net)
{
	net->ops->run(net);
	net->ops->free(net);
}

static void sent_bytes_come_back_and_the_end_is_orderly(void **state)
{
	struct client c = { .say = (const uint8_t *)"hello", .say_n = 5 };
	struct listener l;

	(void)state;
	listener_start(&l, ECHO_AND_FIN);
	dial(&c, &l.addr);
	run_and_free(c.net);
	listener_stop(&l);
	assert_true(c.connected && c.ended);
	assert_int_equal(c.end, NET_EOF);
	assert_int_equal(c.got_n, 5);
	assert_memory_equal(c.got, "hello", 5);
}

static void what_is_sent_before_the_connection_stands_is_kept(void **state)
{
	struct client c = { .say = (const uint8_t *)"early", .say_n = 5, .send_early = true };
	struct listener l;

	(void)state;
	listener_start(&l, ECHO_AND_FIN);
	dial(&c, &l.addr);
	run_and_free(c.net);
	listener_stop(&l);
	assert_memory_equal(c.got, "early", 5);
}

static void a_reset_is_told_from_an_end(void **state)
{
	struct client c = { .say = (const uint8_t *)"hello", .say_n = 5 };
	struct listener l;

	(void)state;
	listener_start(&l, RESET_AFTER_READ);
	dial(&c, &l.addr);
	run_and_free(c.net);
	listener_stop(&l);
	assert_int_equal(c.end, NET_RESET);
}

static void a_peer_that_closes_unread_bytes_resets(void **state)
{
	struct client c = { .say = (const uint8_t *)"hello", .say_n = 5 };
	struct listener l;

	(void)state;
	listener_start(&l, CLOSE_BEFORE_READING);
	dial(&c, &l.addr);
	run_and_free(c.net);
	listener_stop(&l);
	assert_int_equal(c.end, NET_RESET);
}

static void close_client(void *owner)
{
	struct client *c = owner;

	c->net->ops->close(c->conn);
}

static void more_than_the_socket_takes_at_once_arrives_whole(void **state)
{
	enum { MUCH = 8 * 1024 * 1024 };
	uint8_t *p = mem_new(1, MUCH);
	struct client c = { .say = p, .say_n = MUCH };
	struct net_timer *t;
	struct listener l;

	(void)state;
	listener_start(&l, READ_UNTIL_END);
	dial(&c, &l.addr);
	/* The peer never ends: a timer closes when all must be through. */
	t = c.net->ops->timer_new(c.net, close_client, &c);
	c.net->ops->timer_set(t, net_now_us(c.net) + 500000);
	c.net->ops->run(c.net);
	c.net->ops->timer_free(t);
	c.net->ops->free(c.net);
	listener_stop(&l);
	assert_int_equal(l.got, MUCH);
	free(p);
}

static void our_close_is_a_reset_for_the_peer_and_silence_for_us(void **state)
{
	struct client c = { .stop_at = SIZE_MAX };
	struct listener l;

	(void)state;
	listener_start(&l, READ_UNTIL_END);
	dial(&c, &l.addr);
	run_and_free(c.net);
	listener_stop(&l);
	assert_true(c.connected && !c.ended);
	assert_true(l.saw_reset);
}

static void a_closed_port_refuses(void **state)
{
	struct client c = { 0 };
	struct net_addr to;
	uint16_t port;
	int fd = listen_here(&port);

	(void)state;
	close(fd);
	to = local_addr(port);
	dial(&c, &to);
	run_and_free(c.net);
	assert_true(c.ended && !c.connected);
	assert_int_equal(c.end, NET_REFUSED);
}

static void no_descriptor_left_is_our_own_trouble(void **state)
{
	struct client c = { .net = net_uv_new() };
	struct net_addr to = local_addr(1);
	struct rlimit old, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	dial(&c, &to);
	setrlimit(RLIMIT_NOFILE, &old);
	run_and_free(c.net);
	assert_true(c.ended);
	assert_int_equal(c.end, NET_LOCAL);
}

static void a_dial_that_failed_at_once_can_be_closed_unheard(void **state)
{
	struct client c = { .net = net_uv_new() };
	struct net_addr to = { .family = NET_IPV4, .bytes = { 255, 255, 255, 255 }, .port = 1 };

	(void)state;
	dial(&c, &to);
	c.net->ops->close(c.conn);
	run_and_free(c.net);
	assert_false(c.ended || c.connected);
}

struct beat {
	struct net *net;
	uint64_t at;
	int *order, nth;
};

static void on_beat(void *owner)
{
	struct beat *b = owner;

	assert_true(net_now_us(b->net) >= b->at);
	b->nth = ++*b->order;
}

static struct net_timer *beat_start(struct beat *b, uint64_t in_us)
{
	struct net_timer *t = b->net->ops->timer_new(b->net, on_beat, b);

	b->at = net_now_us(b->net) + in_us;
	b->net->ops->timer_set(t, b->at);
	return t;
}

static void timers_fire_in_order_and_never_early(void **state)
{
	struct net *net = net_uv_new();
	int order = 0;
	struct beat late = { net, 0, &order, 0 }, soon = late, never = late, past = late;
	struct net_timer *t[4];

	(void)state;
	t[0] = beat_start(&late, 30000);
	t[1] = beat_start(&soon, 10500);
	t[2] = beat_start(&never, 5000);
	t[3] = beat_start(&past, 0);
	net->ops->timer_set(t[2], UINT64_MAX);
	net->ops->run(net);
	assert_int_equal(past.nth, 1);
	assert_int_equal(soon.nth, 2);
	assert_int_equal(late.nth, 3);
	assert_int_equal(never.nth, 0);
	for (int i = 0; i < 4; i++)
		net->ops->timer_free(t[i]);
	net->ops->free(net);
}

struct found {
	bool done, cut;
	const char *error;
	struct net_addr list[NET_ADDRS_MAX];
	size_t n;
};

static void on_found(void *owner, const char *error, const struct net_addr *list, size_t n, bool cut)
{
	struct found *f = owner;

	f->done = true;
	f->error = error;
	f->cut = cut;
	f->n = n;
	if (n)
		memcpy(f->list, list, n * sizeof(*list));
}

static struct found look_up(const char *host, int family)
{
	struct net *net = net_uv_new();
	struct found f = { 0 };

	net->ops->resolve(net, host, family, on_found, &f);
	assert_false(f.done);
	run_and_free(net);
	assert_true(f.done);
	return f;
}

static void localhost_resolves(void **state)
{
	struct found f = look_up("localhost", NET_IPV4);
	char text[64];

	(void)state;
	assert_null(f.error);
	assert_true(f.n >= 1 && !f.cut);
	net_addr_text(&f.list[0], text);
	assert_int_equal(strncmp(text, "127.", 4), 0);
}

static void a_literal_needs_no_resolver(void **state)
{
	struct found f = look_up("::1", 0), wrong = look_up("::1", NET_IPV4);

	(void)state;
	assert_null(f.error);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.list[0].family, NET_IPV6);
	assert_string_equal(wrong.error, "not_found");
}

static void an_impossible_name_is_an_answer(void **state)
{
	char name[400];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	assert_non_null(look_up(name, 0).error);
}

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *in, *out; /* out NULL: no literal */
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "::1", "::1" },
		{ "2001:db8:0::1", "2001:db8::1" },
		{ "fe80::1%lo", "fe80::1%lo" },
		{ "fe80::1%1", "fe80::1%lo" },
		{ "fe80::1%9999", "fe80::1%9999" },
		{ "localhost", NULL },
		{ "1.2.3", NULL },
		{ "fe80::1%", NULL },
		{ "fe80::1%no such", NULL },
		{ "", NULL },
		{ "::1%99999999999", NULL },
	};
	struct net_addr a = { .port = 443 };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(net_addr_parse(rows[i].in, &a), rows[i].out != NULL);
		assert_int_equal(a.port, 443);
		if (!rows[i].out)
			continue;
		net_addr_text(&a, text);
		assert_string_equal(text, rows[i].out);
	}
}

static void addresses_differ_by_family_bytes_zone_and_port(void **state)
{
	struct net_addr a = local_addr(443), b = a;

	(void)state;
	b.bytes[15] = 1; /* past the four that count */
	assert_true(net_addr_equal(&a, &b));
	b.port = 444;
	assert_false(net_addr_equal(&a, &b));
	b = a;
	b.family = NET_IPV6;
	assert_false(net_addr_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sent_bytes_come_back_and_the_end_is_orderly),
		cmocka_unit_test(what_is_sent_before_the_connection_stands_is_kept),
		cmocka_unit_test(a_reset_is_told_from_an_end),
		cmocka_unit_test(a_peer_that_closes_unread_bytes_resets),
		cmocka_unit_test(more_than_the_socket_takes_at_once_arrives_whole),
		cmocka_unit_test(our_close_is_a_reset_for_the_peer_and_silence_for_us),
		cmocka_unit_test(a_closed_port_refuses),
		cmocka_unit_test(no_descriptor_left_is_our_own_trouble),
		cmocka_unit_test(a_dial_that_failed_at_once_can_be_closed_unheard),
		cmocka_unit_test(timers_fire_in_order_and_never_early),
		cmocka_unit_test(localhost_resolves),
		cmocka_unit_test(a_literal_needs_no_resolver),
		cmocka_unit_test(an_impossible_name_is_an_answer),
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(addresses_differ_by_family_bytes_zone_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
