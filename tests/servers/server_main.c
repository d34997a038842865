/*
 * tls_server: the test server on a real socket of the loopback, for end-to-end tests.
 *
 *	tls_server [--port N] [--config FILE] [--set KEY=VALUE]... [--row NAME[:AT]]
 *	tls_server --list
 *
 * The first line of stdout is the port (chosen by the system without --port). It serves many connections at
 *once until it is killed. Without --config it is a sound server; --row names one of the misbehaviours that
 *--list shows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/server.h"

enum { LINGER_US = 2000000, READ_SIZE = 65536 };

/* Silent ones have no state; ending ones wait for the peer's own end, so that nothing unread turns the FIN to
 * a reset. */
struct conn {
	int fd;
	void *state;
	struct peer_out out;
	size_t sent;
	uint64_t tick_us; /* 0: none is asked for */
	uint64_t drop_us; /* 0: not ending */
	bool dead;
};

struct host {
	const struct server_config *config;
	int fd; /* -1: listens no more */
	struct conn *conns;
	struct pollfd *polls;
	size_t n, cap;
	unsigned taken, serving;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void fail(const char *what)
{
	fprintf(stderr, "tls_server: %s\n", what);
	exit(2);
}

/* ---- a connection ---------------------------------------------------------------------------- */

static void conn_leave(struct host *h, struct conn *c)
{
	if (!c->state)
		return;
	server_peer.closed(c->state);
	free(c->state);
	c->state = NULL;
	c->tick_us = 0;
	h->serving--;
}

static void conn_kill(struct host *h, struct conn *c)
{
	conn_leave(h, c);
	close(c->fd);
	peer_out_free(&c->out);
	c->dead = true;
}

static void conn_reset(struct host *h, struct conn *c)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	conn_kill(h, c);
}

static void conn_finish(struct host *h, struct conn *c)
{
	conn_leave(h, c);
	if (c->out.end == PEER_RESET) {
		conn_reset(h, c);
		return;
	}
	shutdown(c->fd, SHUT_WR);
	c->drop_us = now_us() + LINGER_US;
}

/* Writes what is left; when all is gone does what the peer asked for next. */
static void conn_flush(struct host *h, struct conn *c)
{
	while (c->sent < c->out.n) {
		ssize_t n = write(c->fd, c->out.bytes + c->sent, c->out.n - c->sent);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			conn_kill(h, c);
			return;
		}
		c->sent += (size_t)n;
	}
	if (c->out.wait_us)
		c->tick_us = now_us() + c->out.wait_us;
	if (c->out.end && c->state) {
		conn_finish(h, c);
		return;
	}
	peer_out_clear(&c->out);
	c->sent = 0;
}

static void conn_hear(struct host *h, struct conn *c)
{
	static uint8_t buf[READ_SIZE];
	ssize_t n = read(c->fd, buf, sizeof(buf));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		conn_kill(h, c);
		return;
	}
	if (!c->state)
		return;
	server_peer.received(c->state, buf, (size_t)n, &c->out);
	conn_flush(h, c);
}

static void conn_tick(struct host *h, struct conn *c)
{
	uint64_t now = now_us();

	if (c->drop_us && c->drop_us <= now) {
		conn_kill(h, c);
	} else if (c->tick_us && c->tick_us <= now && c->sent == c->out.n) {
		c->tick_us = 0;
		server_peer.tick(c->state, &c->out);
		conn_flush(h, c);
	}
}

/* ---- the host -------------------------------------------------------------------------------- */

static struct conn *host_room(struct host *h)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 16;
		h->conns = mem_grow(h->conns, h->cap, sizeof(*h->conns));
		h->polls = mem_grow(h->polls, h->cap + 1, sizeof(*h->polls));
	}
	h->conns[h->n] = (struct conn){ 0 };
	return &h->conns[h->n++];
}

static bool is_after(unsigned limit, unsigned taken)
{
	return limit && taken > limit;
}

static void host_accept(struct host *h)
{
	const struct server_config *config = h->config;
	int fd = accept4(h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct conn *c;

	if (fd < 0)
		return;
	c = host_room(h);
	c->fd = fd;
	h->taken++;
	if (config->row && config->row->opening == OPENING_RESET) {
		conn_reset(h, c);
		return;
	}
	if (config->refuse_after && h->taken == config->refuse_after) {
		close(h->fd);
		h->fd = -1;
	}
	if (is_after(config->tarpit_after, h->taken))
		return;
	c->state = mem_new(1, server_peer.state_size);
	h->serving++;
	server_peer.accepted(c->state, config, h->taken - 1, &c->out);
	conn_flush(h, c);
}

static void host_bury(struct host *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!h->conns[i].dead)
			h->conns[kept++] = h->conns[i];
	h->n = kept;
}

static bool host_is_full(const struct host *h)
{
	return h->config->at_once && h->serving >= h->config->at_once;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && (!b || a < b) ? a : b;
}

/* Milliseconds until the next tick or drop, -1 for none. */
static int host_wait(const struct host *h)
{
	uint64_t first = 0, now = now_us();

	for (size_t i = 0; i < h->n; i++) {
		const struct conn *c = &h->conns[i];

		first = earlier(c->drop_us, first);
		if (c->sent == c->out.n)
			first = earlier(c->tick_us, first);
	}
	if (!first)
		return -1;
	return first <= now ? 0 : (int)((first - now + 999) / 1000);
}

static void host_turn(struct host *h)
{
	size_t n = h->n;

	if (!h->polls)
		h->polls = mem_new(1, sizeof(*h->polls));
	for (size_t i = 0; i < n; i++) {
		h->polls[i] = (struct pollfd){ .fd = h->conns[i].fd, .events = POLLIN };
		if (h->conns[i].sent < h->conns[i].out.n)
			h->polls[i].events |= POLLOUT;
	}
	h->polls[n] = (struct pollfd){ .fd = host_is_full(h) ? -1 : h->fd, .events = POLLIN };
	if (poll(h->polls, n + 1, host_wait(h)) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (h->polls[i].revents & POLLOUT)
			conn_flush(h, &h->conns[i]);
		if (!h->conns[i].dead && h->polls[i].revents & (POLLIN | POLLHUP | POLLERR))
			conn_hear(h, &h->conns[i]);
		if (!h->conns[i].dead)
			conn_tick(h, &h->conns[i]);
	}
	if (h->polls[n].revents & POLLIN)
		host_accept(h);
	host_bury(h);
}

/* ---- the program ----------------------------------------------------------------------------- */

/* With the queue full and nobody to take from it, the system drops what else wants to connect. */
static void fill_queue(const struct sockaddr_in *to)
{
	for (int i = 0; i < 4; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) && errno != EINPROGRESS)
			fail("cannot fill the queue");
	}
}

static int open_port(uint16_t port, enum row_opening opening)
{
	struct sockaddr_in s = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t n = sizeof(s);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	s.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&s, sizeof(s)) || getsockname(fd, (struct sockaddr *)&s, &n))
		fail("cannot bind");
	if (opening != OPENING_REFUSE && listen(fd, opening == OPENING_DROP ? 0 : 512))
		fail("cannot listen");
	if (opening == OPENING_DROP)
		fill_queue(&s);
	printf("%u\n", (unsigned)ntohs(s.sin_port));
	fflush(stdout);
	return opening == OPENING_DROP || opening == OPENING_REFUSE ? -1 : fd;
}

static void list_rows(void)
{
	for (size_t i = 0; i < misbehaviours_count; i++)
		printf("%s\t%s\t%s\n", misbehaviours[i].name, misbehaviours[i].expected,
		        misbehaviours[i].what);
}

static void read_text(struct server_config *c, const char *text)
{
	char wrong[128];

	if (config_read(c, text, wrong))
		return;
	fprintf(stderr, "tls_server: makes no sense: %s\n", wrong);
	exit(2);
}

static void read_file(struct server_config *c, const char *path)
{
	enum { MOST = 1 << 20 };
	char *text = mem_new(1, MOST);
	FILE *f = fopen(path, "r");

	if (!f)
		fail("cannot read the config file");
	text[fread(text, 1, MOST - 1, f)] = 0;
	fclose(f);
	read_text(c, text);
	free(text);
}

static void use_row(struct server_config *c, char *name)
{
	char *at = strchr(name, ':');

	if (at)
		*at++ = 0;
	config_free(c);
	if (!misbehaviour_config(c, name, at ? strtoull(at, NULL, 0) : 0))
		fail("no such row; see --list");
}

/* False: the command line makes no sense. */
static bool read_options(struct server_config *c, uint16_t *port, int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "row", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'p')
			*port = (uint16_t)strtoul(optarg, NULL, 10);
		else if (o == 'c')
			read_file(c, optarg);
		else if (o == 's')
			read_text(c, optarg);
		else if (o == 'r')
			use_row(c, optarg);
		else
			return false;
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct server_config config;
	struct host h = { .config = &config };
	uint16_t port = 0;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list_rows();
		return 0;
	}
	config_sound(&config);
	if (!read_options(&config, &port, argc, argv))
		fail("usage: tls_server [--port N] [--config FILE] [--set KEY=VALUE] [--row NAME[:AT]] | "
		     "--list");
	signal(SIGPIPE, SIG_IGN);
	h.fd = open_port(port, config.row ? config.row->opening : OPENING_ACCEPT);
	for (;;)
		host_turn(&h);
}
