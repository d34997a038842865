/* The network in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "tests/sim/net_sim.h"

/* A peer that says back what it hears, says "tick" a second after it was greeted, and obeys two words. */
struct echo {
	unsigned *closed;
};

static void echo_accepted(void *state, const void *config, unsigned nth, struct peer_out *out)
{
	struct echo *e = state;

	(void)nth;
	(void)out;
	e->closed = *(unsigned *const *)config;
}

static void echo_received(void *state, const uint8_t *p, size_t n, struct peer_out *out)
{
	(void)state;
	peer_send(out, p, n);
	if (p[0] == 'F')
		peer_end(out, PEER_FIN);
	if (p[0] == 'R')
		peer_end(out, PEER_RESET);
	if (p[0] == 'W')
		peer_wait(out, 1000000);
}

static void echo_tick(void *state, struct peer_out *out)
{
	(void)state;
	peer_send(out, "tick", 4);
	peer_end(out, PEER_FIN);
}

static void echo_closed(void *state)
{
	++*((struct echo *)state)->closed;
}

static const struct peer_kind echo = { sizeof(struct echo), echo_accepted, echo_received, echo_tick,
	echo_closed };

struct client {
	struct net *net;
	struct net_conn *conn;
	struct net_timer *timer;
	const char *say;
	char got[64];
	size_t got_n, pieces;
	bool connected, ended;
	enum net_end end;
	uint64_t connected_us, last_us, ended_us;
	char *log; /* shared by several: who heard something, in order */
	char name;
};

static void on_connected(void *owner)
{
	struct client *c = owner;

	c->connected = true;
	c->connected_us = net_now_us(c->net);
	if (c->say)
		c->net->ops->send(c->conn, c->say, strlen(c->say));
}

static void on_received(void *owner, const uint8_t *p, size_t n)
{
	struct client *c = owner;

	assert_true(c->got_n + n < sizeof(c->got));
	memcpy(c->got + c->got_n, p, n);
	c->got_n += n;
	c->pieces++;
	c->last_us = net_now_us(c->net);
	if (c->log)
		c->log[strlen(c->log)] = c->name;
}

static void on_ended(void *owner, enum net_end end)
{
	struct client *c = owner;

	assert_false(c->ended);
	c->ended = true;
	c->end = end;
	c->ended_us = net_now_us(c->net);
	c->net->ops->close(c->conn);
}

static const struct net_events events = { on_connected, on_received, on_ended };

static struct net_addr addr_of(const char *text, uint16_t port)
{
	struct net_addr a = { .port = port };

	assert_true(net_addr_parse(text, &a));
	return a;
}

static unsigned closed;
static unsigned *const config = &closed;

static struct sim_host *listen_echo(struct net *net)
{
	struct net_addr a = addr_of("192.0.2.1", 443);

	closed = 0;
	return net_sim_listen(net, &a, &echo, &config);
}

static void dial(struct client *c, struct net *net, const char *say)
{
	struct net_addr a = addr_of("192.0.2.1", 443);

	c->net = net;
	c->say = say;
	c->conn = net->ops->dial(net, &a, &events, c);
	assert_false(c->connected || c->ended);
}

static void on_alarm(void *owner)
{
	struct client *c = owner;

	c->net->ops->close(c->conn);
}

static void close_at(struct client *c, uint64_t at_us)
{
	c->timer = c->net->ops->timer_new(c->net, on_alarm, c);
	c->net->ops->timer_set(c->timer, at_us);
}

static void a_question_takes_two_round_trips(void **state)
{
	struct net *net = net_sim_new(1);
	struct sim_host *h = listen_echo(net);
	struct client c = { 0 };
	uint64_t t = net_now_us(net);

	(void)state;
	h->latency_us = 5000;
	dial(&c, net, "Fine");
	net->ops->run(net);
	assert_int_equal(c.connected_us, t + 10000);
	assert_int_equal(c.last_us, t + 20000);
	assert_memory_equal(c.got, "Fine", 4);
	assert_int_equal(c.end, NET_EOF);
	assert_int_equal(closed, 1);
	assert_int_equal(h->taken, 1);
	assert_int_equal(h->open, 0);
	net->ops->free(net);
}

static void a_reset_is_told_and_a_tick_comes_when_asked(void **state)
{
	struct net *net = net_sim_new(1);
	struct client r = { 0 }, w = { 0 };

	(void)state;
	listen_echo(net);
	dial(&r, net, "R");
	dial(&w, net, "W");
	net->ops->run(net);
	assert_int_equal(r.end, NET_RESET);
	assert_memory_equal(w.got, "Wtick", 5);
	assert_true(w.last_us - w.connected_us > 1000000);
	net->ops->free(net);
}

static void opening_fails_in_every_way(void **state)
{
	static const struct {
		enum sim_connect how;
		enum net_end end;
	} rows[] = {
		{ SIM_REFUSE, NET_REFUSED },
		{ SIM_DROP, NET_TIMED_OUT },
		{ SIM_RESET, NET_CONNECT_RESET },
		{ SIM_UNREACHABLE, NET_UNREACHABLE },
		{ SIM_LOCAL, NET_LOCAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct net *net = net_sim_new(i);
		struct client c = { 0 };

		listen_echo(net)->connect = rows[i].how;
		dial(&c, net, NULL);
		net->ops->run(net);
		assert_true(c.ended && !c.connected);
		assert_int_equal(c.end, rows[i].end);
		net->ops->free(net);
	}
}

static void nobody_listening_refuses(void **state)
{
	struct net *net = net_sim_new(1);
	struct client c = { 0 };

	(void)state;
	dial(&c, net, NULL);
	net->ops->run(net);
	assert_int_equal(c.end, NET_REFUSED);
	net->ops->free(net);
}

static void a_close_is_never_followed_by_a_callback(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < 9000; at += 250) {
		struct net *net = net_sim_new(at);
		struct client c = { 0 };

		listen_echo(net);
		dial(&c, net, "hello");
		close_at(&c, net_now_us(net) + at);
		net->ops->run(net);
		assert_false(c.ended);
		assert_true(c.last_us <= net_now_us(net));
		assert_int_equal(closed, 1);
		assert_int_equal(net_sim_counts(net).open, 0);
		net->ops->timer_free(c.timer);
		net->ops->free(net);
	}
}

static void one_at_a_time_makes_the_others_wait_connected(void **state)
{
	struct net *net = net_sim_new(1);
	struct sim_host *h = listen_echo(net);
	struct client a = { 0 }, b = { 0 };

	(void)state;
	h->at_once = 1;
	dial(&a, net, "hello");
	dial(&b, net, "F");
	close_at(&a, net_now_us(net) + 3000000);
	net->ops->run(net);
	assert_int_equal(a.got_n, 5);
	assert_true(b.connected_us < net_now_us(net) - 2000000);
	assert_true(b.last_us > 3000000);
	assert_memory_equal(b.got, "F", 1);
	assert_int_equal(h->peak_open, 2);
	net->ops->timer_free(a.timer);
	net->ops->free(net);
}

static void after_so_many_it_refuses_or_stays_silent(void **state)
{
	struct net *net = net_sim_new(1);
	struct sim_host *h = listen_echo(net);
	struct client a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	h->tarpit_after = 1;
	h->refuse_after = 2;
	dial(&a, net, "F");
	dial(&b, net, "F");
	dial(&c, net, "F");
	net->ops->run(net);
	assert_int_equal(a.end, NET_EOF);
	assert_true(b.connected && !b.ended && !b.got_n);
	assert_int_equal(c.end, NET_REFUSED);
	net->ops->free(net);
}

static void what_a_peer_sends_can_come_in_pieces(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 20; seed++) {
		struct net *net = net_sim_new(seed);
		struct sim_host *h = listen_echo(net);
		struct client c = { 0 };

		h->chunk = seed % 2 ? 1 : 3 | SIM_CHUNK_RANDOM;
		h->jitter_us = 5000;
		h->loss_percent = 20;
		dial(&c, net, "First and last");
		net->ops->run(net);
		assert_int_equal(c.got_n, 14);
		assert_memory_equal(c.got, "First and last", 14);
		assert_true(seed % 2 ? c.pieces == 14 : c.pieces >= 5);
		net->ops->free(net);
	}
}

static void the_same_seed_gives_the_same_run(void **state)
{
	uint64_t ended[2], events_[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct net *net = net_sim_new(42);
		struct sim_host *h = listen_echo(net);
		struct client c[10] = { { 0 } };

		h->jitter_us = 100000;
		h->chunk = 2 | SIM_CHUNK_RANDOM;
		h->loss_percent = 30;
		net_sim_shuffle(net);
		for (int k = 0; k < 10; k++)
			dial(&c[k], net, "First and last");
		net->ops->run(net);
		ended[i] = net_now_us(net);
		events_[i] = net_sim_counts(net).events;
		net->ops->free(net);
	}
	assert_int_equal(ended[0], ended[1]);
	assert_int_equal(events_[0], events_[1]);
}

static void heard_in_order(char *log, uint64_t seed, bool shuffle)
{
	struct net *net = net_sim_new(seed);
	struct client c[6] = { { 0 } };

	listen_echo(net);
	if (shuffle)
		net_sim_shuffle(net);
	for (int k = 0; k < 6; k++) {
		c[k].log = log;
		c[k].name = (char)('a' + k);
		dial(&c[k], net, "F");
	}
	net->ops->run(net);
	net->ops->free(net);
}

static void shuffling_changes_the_order_of_one_instant(void **state)
{
	char plain[16] = "", other[16] = "", again[16] = "";

	(void)state;
	heard_in_order(plain, 7, false);
	heard_in_order(other, 7, true);
	heard_in_order(again, 7, true);
	assert_string_equal(plain, "abcdef");
	assert_string_not_equal(other, plain);
	assert_string_equal(other, again);
}

static void no_descriptor_left_is_local(void **state)
{
	struct net *net = net_sim_new(1);
	struct client a = { 0 }, b = { 0 };

	(void)state;
	listen_echo(net);
	net_sim_descriptors(net, 1);
	dial(&a, net, "F");
	dial(&b, net, "F");
	net->ops->run(net);
	assert_int_equal(a.end, NET_EOF);
	assert_int_equal(b.end, NET_LOCAL);
	assert_int_equal(net_sim_counts(net).peak_open, 1);
	assert_int_equal(net_sim_counts(net).dialled, 1);
	net->ops->free(net);
}

static void the_stop_time_stops(void **state)
{
	struct net *net = net_sim_new(1);
	struct client c = { 0 };

	(void)state;
	listen_echo(net);
	dial(&c, net, "W");
	net_sim_stop_at(net, net_now_us(net) + 500000);
	net->ops->run(net);
	assert_memory_equal(c.got, "W", 2);
	assert_false(c.ended);
	net->ops->free(net);
}

struct found {
	struct net *net;
	const char *error;
	size_t n;
	bool done, cut;
	uint64_t at_us;
	struct net_addr first;
};

static void on_found(void *owner, const char *error, const struct net_addr *list, size_t n, bool cut)
{
	struct found *f = owner;

	f->done = true;
	f->error = error;
	f->n = n;
	f->cut = cut;
	f->at_us = net_now_us(f->net);
	if (n)
		f->first = list[0];
}

static void names_resolve_by_family_late_or_not_at_all(void **state)
{
	struct net *net = net_sim_new(1);
	struct net_addr v4 = addr_of("192.0.2.1", 443), v6 = addr_of("2001:db8::1", 0);
	struct found both = { .net = net }, six = both, none = both, slow = both, literal = both, many = both;
	uint64_t t = net_now_us(net);

	(void)state;
	net_sim_name(net, "a.example", &v4);
	net_sim_name(net, "a.example", &v6);
	net_sim_name_slow(net, "slow.example", "try_again", 10000000);
	for (int i = 0; i < 20; i++)
		net_sim_name(net, "many.example", &v4);
	net->ops->resolve(net, "a.example", 0, on_found, &both);
	net->ops->resolve(net, "a.example", NET_IPV6, on_found, &six);
	net->ops->resolve(net, "b.example", 0, on_found, &none);
	net->ops->resolve(net, "slow.example", 0, on_found, &slow);
	net->ops->resolve(net, "192.0.2.7", 0, on_found, &literal);
	net->ops->resolve(net, "many.example", 0, on_found, &many);
	net->ops->run(net);
	assert_int_equal(both.n, 2);
	assert_int_equal(both.first.port, 0);
	assert_int_equal(six.n, 1);
	assert_string_equal(none.error, "not_found");
	assert_string_equal(slow.error, "try_again");
	assert_int_equal(slow.at_us, t + 10000000);
	assert_int_equal(literal.n, 1);
	assert_true(many.cut && many.n == NET_ADDRS_MAX);
	net->ops->free(net);
}

static void timers_can_be_moved_and_stopped(void **state)
{
	struct net *net = net_sim_new(1);
	struct client a = { 0 }, b = { 0 };
	uint64_t t = net_now_us(net);

	(void)state;
	listen_echo(net);
	dial(&a, net, NULL);
	dial(&b, net, NULL);
	close_at(&a, t + 1000000);
	close_at(&b, t + 9000000);
	net->ops->timer_set(a.timer, t + 2000000);
	net->ops->timer_set(b.timer, UINT64_MAX);
	net->ops->run(net);
	assert_true(net_now_us(net) >= t + 2000000 && net_now_us(net) < t + 2010000);
	assert_int_equal(net_sim_counts(net).open, 1);
	net->ops->timer_free(a.timer);
	net->ops->timer_free(b.timer);
	net->ops->free(net);
	assert_int_equal(closed, 2);
}

static void thousands_of_connections_are_cheap(void **state)
{
	enum { MANY = 5000 };
	struct net *net = net_sim_new(1);
	struct sim_host *h = listen_echo(net);
	struct client *c = mem_new(MANY, sizeof(*c));

	(void)state;
	h->at_once = 1;
	for (int i = 0; i < MANY; i++)
		dial(&c[i], net, "F");
	net->ops->run(net);
	for (int i = 0; i < MANY; i++)
		assert_true(c[i].ended && c[i].end == NET_EOF);
	net->ops->free(net);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_takes_two_round_trips),
		cmocka_unit_test(a_reset_is_told_and_a_tick_comes_when_asked),
		cmocka_unit_test(opening_fails_in_every_way),
		cmocka_unit_test(nobody_listening_refuses),
		cmocka_unit_test(a_close_is_never_followed_by_a_callback),
		cmocka_unit_test(one_at_a_time_makes_the_others_wait_connected),
		cmocka_unit_test(after_so_many_it_refuses_or_stays_silent),
		cmocka_unit_test(what_a_peer_sends_can_come_in_pieces),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
		cmocka_unit_test(shuffling_changes_the_order_of_one_instant),
		cmocka_unit_test(no_descriptor_left_is_local),
		cmocka_unit_test(the_stop_time_stops),
		cmocka_unit_test(names_resolve_by_family_late_or_not_at_all),
		cmocka_unit_test(timers_can_be_moved_and_stopped),
		cmocka_unit_test(thousands_of_connections_are_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
