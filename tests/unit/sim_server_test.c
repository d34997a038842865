/* The test server as a host of the simulated network: every row is met, and every run ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/sim_server.h"

/* TLS 1.2, 0x002F and 0xC02F, curve x25519, rsa_pss_rsae_sha256. */
static const uint8_t hello[] = { 0x16, 3, 1, 0, 0x41, 1, 0, 0, 0x3d, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 4, 0xC0,
	0x2F, 0, 0x2F, 1, 0, 0, 16, 0, 10, 0, 4, 0, 2, 0, 0x1D, 0, 13, 0, 4, 0, 2, 8, 4 };

struct client {
	struct net *net;
	struct net_conn *conn;
	struct net_timer *timer;
	size_t got;
	bool connected, ended;
	enum net_end end;
};

static void on_connected(void *owner)
{
	struct client *c = owner;

	c->connected = true;
	c->net->ops->send(c->conn, hello, sizeof(hello));
}

static void on_received(void *owner, const uint8_t *p, size_t n)
{
	(void)p;
	((struct client *)owner)->got += n;
}

static void on_ended(void *owner, enum net_end end)
{
	struct client *c = owner;

	c->ended = true;
	c->end = end;
}

static void on_late(void *owner)
{
	struct client *c = owner;

	c->net->ops->close(c->conn);
}

static const struct net_events events = { on_connected, on_received, on_ended };

/* One question, given up after ten seconds. */
static struct client question(const char *row, unsigned chunk, uint64_t seed)
{
	struct net *net = net_sim_new(seed);
	struct net_addr addr = { .family = NET_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 443 };
	struct client c = { .net = net };
	struct server_config config;

	assert_true(misbehaviour_config(&config, row, 3));
	sim_serve(net, &addr, &config)->chunk = chunk;
	net_sim_shuffle(net);
	c.conn = net->ops->dial(net, &addr, &events, &c);
	c.timer = net->ops->timer_new(net, on_late, &c);
	net->ops->timer_set(c.timer, net_now_us(net) + 10000000);
	net->ops->run(net);
	assert_true(net_now_us(net) < 12000000);
	assert_int_equal(net_sim_counts(net).open, 0);
	net->ops->timer_free(c.timer);
	net->ops->free(net);
	config_free(&config);
	return c;
}

static void every_row_can_be_met_and_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++)
		question(misbehaviours[i].name, 0, i);
}

static void openings_are_the_networks(void **state)
{
	struct client refused = question("refused", 0, 1), dropped = question("syn_dropped", 0, 1),
	              reset = question("connect_reset", 0, 1), silent = question("silent", 0, 1);

	(void)state;
	assert_int_equal(refused.end, NET_REFUSED);
	assert_false(dropped.ended || dropped.connected);
	assert_int_equal(reset.end, NET_CONNECT_RESET);
	assert_true(silent.connected && !silent.ended && !silent.got);
}

static void endings_are_the_rows(void **state)
{
	struct client fin = question("fin_after_hello", 7, 1), rst = question("reset_after_hello", 7, 1),
	              drip = question("drip", 0, 1), whole = question("tiny_records", 0, 1);

	(void)state;
	assert_true(fin.ended && fin.end == NET_EOF && fin.got > 40);
	assert_true(rst.ended && rst.end == NET_RESET && rst.got == fin.got);
	assert_in_range(drip.got, 9, 10);
	assert_true(!whole.ended && whole.got > 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_can_be_met_and_left),
		cmocka_unit_test(openings_are_the_networks),
		cmocka_unit_test(endings_are_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
