/*
 * What is fetched, in virtual time: HTTP servers of every kind of bad manners, names that lead astray, answers that are
 * shared, and whole scans whose certificates name such servers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/run/endpoint.h"
#include "scanner/run/fetch.h"
#include "scanner/trust/store.h"
#include "tests/sim/sim_scan.h"
#include "tests/unit/mint.h"
#include "tests/unit/ocsp_mint.h"

enum { TIMEOUT_US = 5000000 };

/* ---- an HTTP server ---------------------------------------------------------------------------------------- */

/* What it says to a request whose path begins so. */
struct page {
	const char *path;
	struct span says;
	const char *again; /* goes on with this for ever, each time after a pause */
	uint64_t pause_us;
	enum peer_end end;
};

struct site {
	const struct page *pages;
	size_t n;
};

struct http_state {
	const struct site *site;
	const struct page *page;
};

static void http_accepted(void *state, const void *config, unsigned nth, struct peer_out *out)
{
	(void)nth, (void)out;
	((struct http_state *)state)->site = config;
}

static void http_tick(void *state, struct peer_out *out)
{
	const struct page *p = ((struct http_state *)state)->page;

	peer_send(out, p->again, strlen(p->again));
	peer_wait(out, p->pause_us);
}

static const struct page *page_of(const struct site *s, const char *request)
{
	const char *path = strchr(request, ' ');

	for (size_t i = 0; path && i < s->n; i++)
		if (!strncmp(path + 1, s->pages[i].path, strlen(s->pages[i].path)))
			return &s->pages[i];
	return NULL;
}

static void http_received(void *state, const uint8_t *p, size_t n, struct peer_out *out)
{
	struct http_state *s = state;
	char request[2048];

	assert_true(n < sizeof request);
	memcpy(request, p, n);
	request[n] = 0;
	assert_non_null(strstr(request, "\r\n\r\n"));
	assert_non_null(strstr(request, "\r\nHost: "));
	s->page = page_of(s->site, request);
	if (!s->page) {
		peer_send(out, "HTTP/1.1 404 No\r\n\r\n", 19);
		return;
	}
	peer_send(out, s->page->says.p, s->page->says.n);
	if (s->page->again)
		peer_wait(out, s->page->pause_us);
	peer_end(out, s->page->end);
}

static const struct peer_kind http_peer = {
	.state_size = sizeof(struct http_state), .accepted = http_accepted, .received = http_received, .tick = http_tick
};

static struct net_addr at(const char *text, uint16_t port)
{
	struct net_addr a = { .port = port };

	assert_true(net_addr_parse(text, &a));
	a.port = port;
	return a;
}

static struct sim_host *serve(struct net *net, const char *address, uint16_t port, const struct site *s)
{
	struct net_addr a = at(address, port);

	return net_sim_listen(net, &a, &http_peer, s);
}

static void name(struct net *net, const char *host, const char *address)
{
	struct net_addr a = at(address, 0);

	net_sim_name(net, host, &a);
}

/* ---- one fetch --------------------------------------------------------------------------------------------- */

struct heard {
	unsigned times;
	enum fetch_end end;
	char body[64];
	size_t n;
	uint64_t at_us;
	struct net *net;
};

static void heard(void *owner, const struct fetched *f)
{
	struct heard *h = owner;

	h->times++;
	h->end = f->end;
	h->n = f->body.n;
	memset(h->body, 0, sizeof h->body);
	if (f->body.n)
		memcpy(h->body, f->body.p, f->body.n < sizeof h->body ? f->body.n : sizeof h->body - 1);
	h->at_us = net_now_us(h->net);
}

struct world {
	struct net *net;
	struct limits limits;
	struct fetcher *fetcher;
	uint64_t begun_us;
};

static void open_world(struct world *w, bool allow_private)
{
	*w = (struct world){ .net = net_sim_new(7),
		.limits = { .all = { .rate = { .rate = 2000, .burst = 2000 }, .max_open = 2000 } } };
	w->begun_us = net_now_us(w->net);
	w->fetcher = fetcher_new(w->net, &w->limits, TIMEOUT_US, allow_private);
}

static void ask(struct world *w, enum fetch_kind kind, const char *url, const char *post, struct heard *h)
{
	struct fetch_ask a = { .kind = kind, .post = { (const uint8_t *)post, post ? strlen(post) : 0 } };

	h->net = w->net;
	assert_int_equal(url_parse((struct span){ (const uint8_t *)url, strlen(url) }, &a.url), URL_HTTP);
	fetch(w->fetcher, &a, heard, h);
	assert_int_equal(h->times, 0); /* never from inside */
}

static void world_end(struct world *w)
{
	w->net->ops->run(w->net);
	assert_int_equal(w->limits.all.open, 0);
	assert_int_equal(net_sim_counts(w->net).open, 0);
	fetcher_free(w->fetcher);
	w->net->ops->free(w->net);
}

#define SAYS(text) { (const uint8_t *)(text), sizeof(text) - 1 }
#define OK "HTTP/1.1 200 OK\r\n"
#define TO(where) "HTTP/1.1 302 Found\r\nLocation: " where "\r\n\r\n"

static const struct row {
	struct page page;
	enum fetch_end end;
	const char *body;
	double seconds; /* at most; 0: a round trip or a few */
} rows[] = {
	{ { .path = "/", .says = SAYS(OK "Content-Length: 2\r\n\r\nhi"), .end = PEER_STAYS }, FETCH_OK, "hi", 0 },
	{ { .path = "/", .says = SAYS(OK "\r\nhi"), .end = PEER_FIN }, FETCH_OK, "hi", 0 },
	{ { .path = "/", .says = SAYS(OK "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n") }, FETCH_OK, "hi", 0 },
	{ { .path = "/", .says = SAYS(OK "\r\nhi") }, FETCH_TIMEOUT, "", 5 },
	{ { .path = "/", .says = SAYS(OK "Content-Length: 9\r\n\r\nhi"), .end = PEER_FIN }, FETCH_CLOSED, "", 0 },
	{ { .path = "/", .says = SAYS(OK "Content-Length: 9\r\n\r\nhi"), .end = PEER_RESET }, FETCH_CLOSED, "", 0 },
	{ { .path = "/", .says = SAYS(""), .end = PEER_FIN }, FETCH_CLOSED, "", 0 },
	{ { .path = "/", .says = SAYS("") }, FETCH_TIMEOUT, "", 5 },
	{ { .path = "/", .says = SAYS("SSH-2.0-x\r\n") }, FETCH_NOT_HTTP, "", 0 },
	{ { .path = "/", .says = SAYS("HTTP/1.1 500 No\r\n\r\n") }, FETCH_HTTP_ERROR, "", 0 },
	{ { .path = "/", .says = SAYS("HTTP/1.1 302 Found\r\n\r\n") }, FETCH_HTTP_ERROR, "", 0 },
	{ { .path = "/", .says = SAYS(TO("https://a.test/")) }, FETCH_SCHEME, "", 0 },
	{ { .path = "/", .says = SAYS(TO("http://user@a.test/")) }, FETCH_BAD_URL, "", 0 },
	{ { .path = "/", .says = SAYS(TO("http://a.test:22/")) }, FETCH_REFUSED_PORT, "", 0 },
	{ { .path = "/", .says = SAYS(TO("http://127.0.0.1/")) }, FETCH_REFUSED_ADDRESS, "", 0 },
	{ { .path = "/", .says = SAYS(TO("http://inside.test/")) }, FETCH_REFUSED_ADDRESS, "", 0 },
	{ { .path = "/", .says = SAYS(TO("http://nowhere.test/")) }, FETCH_NAME, "", 0 },
	{ { .path = "/", .says = SAYS(TO("/")) }, FETCH_REDIRECT_LOOP, "", 0 },
	{ { .path = "/", .says = SAYS(TO("x")) }, FETCH_REDIRECT_LOOP, "", 0 },
	{ { .path = "/", .says = SAYS(OK "Content-Length: 65537\r\n\r\n") }, FETCH_TOO_LARGE, "", 0 },
	/* without an end: fast, and a byte at a time */
	{ { .path = "/", .says = SAYS(OK), "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 100 },
	        FETCH_TOO_LARGE, "", 5 },
	{ { .path = "/", .says = SAYS(OK "\r\n"), "0123456789012345678901234567890123456789012345678901234567890123456789012345", 100 },
	        FETCH_TOO_LARGE, "", 5 },
	{ { .path = "/", .says = SAYS(OK "Transfer-Encoding: chunked\r\n\r\n"), "1\r\nx\r\n", 20 }, FETCH_TOO_LARGE, "", 5 },
	{ { .path = "/", .says = SAYS(""), "H", 1000000 }, FETCH_TIMEOUT, "", 5 },
	{ { .path = "/", .says = SAYS(OK), "X", 1000000 }, FETCH_TIMEOUT, "", 5 },
	{ { .path = "/", .says = SAYS(OK "\r\n"), "x", 1000000 }, FETCH_TIMEOUT, "", 5 },
	{ { .path = "/", .says = SAYS(OK "Transfer-Encoding: chunked\r\n\r\n"), "1\r\nx\r\n", 1000000 }, FETCH_TIMEOUT, "", 5 },
};

static void hold_row(size_t i, unsigned chunk)
{
	const struct row *r = &rows[i];
	struct site site = { &r->page, 1 };
	struct world w;
	struct heard h = { 0 };

	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	name(w.net, "inside.test", "192.168.0.1");
	serve(w.net, "93.184.216.34", 80, &site)->chunk = chunk;
	ask(&w, FETCH_OCSP, "http://a.test/x/y", NULL, &h);
	w.net->ops->run(w.net);
	if (h.times != 1 || h.end != r->end || strcmp(h.body, r->body))
		fail_msg("row %zu in pieces of %u: %u times, %s, \"%s\"", i, chunk, h.times,
		        h.end ? fetch_end_word(h.end) : "ok", h.body);
	assert_true(h.at_us - w.begun_us <= (uint64_t)(r->seconds * 1e6) + 1000000);
	assert_true(net_sim_counts(w.net).received_bytes < 400000);
	world_end(&w);
}

static void every_answer_has_its_end_in_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned chunk = 0; chunk < 4; chunk++)
			hold_row(i, chunk == 3 ? SIM_CHUNK_RANDOM | 20 : chunk);
}

static const struct page hi = { .path = "/", .says = SAYS(OK "Content-Length: 2\r\n\r\nhi"), .end = PEER_FIN };
static const struct site hi_site = { &hi, 1 };

static void redirects_are_followed_three_times(void **state)
{
	static const struct page pages[] = {
		{ .path = "/0", .says = SAYS(TO("/1")) }, { .path = "/1", .says = SAYS(TO("http://b.test:8080/2")) }, { .path = "/2", .says = SAYS(TO("http://a.test/3")) },
		{ .path = "/3", .says = SAYS(OK "Content-Length: 2\r\n\r\nhi") }, { .path = "/9", .says = SAYS(TO("/0")) },
	};
	static const struct site site = { pages, sizeof pages / sizeof *pages };
	struct world w;
	struct heard three = { 0 }, four = { 0 }, post = { 0 };

	(void)state;
	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	name(w.net, "b.test", "93.184.216.34");
	serve(w.net, "93.184.216.34", 80, &site);
	serve(w.net, "93.184.216.34", 8080, &site);
	ask(&w, FETCH_CRL, "http://a.test/0", NULL, &three);
	ask(&w, FETCH_CRL, "http://a.test/9", NULL, &four);
	ask(&w, FETCH_OCSP, "http://a.test/0", "question", &post); /* RFC 9110 section 15.4.3: it would become a GET */
	w.net->ops->run(w.net);
	assert_int_equal(three.end, FETCH_OK);
	assert_int_equal(four.end, FETCH_REDIRECT_LOOP);
	assert_int_equal(post.end, FETCH_HTTP_ERROR);
	world_end(&w);
}

static void what_was_asked_is_asked_once(void **state)
{
	struct world w;
	struct heard h[4] = { { 0 } }, later = { 0 };
	struct sim_host *host;

	(void)state;
	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	host = serve(w.net, "93.184.216.34", 80, &hi_site);
	ask(&w, FETCH_CRL, "http://a.test/x", NULL, &h[0]);
	ask(&w, FETCH_CRL, "http://a.test/x", NULL, &h[1]);
	ask(&w, FETCH_CRL, "http://a.test/y", NULL, &h[2]);
	ask(&w, FETCH_OCSP, "http://a.test/x", "p", &h[3]);
	w.net->ops->run(w.net);
	for (size_t i = 0; i < 4; i++)
		assert_true(h[i].times == 1 && h[i].end == FETCH_OK && h[i].n == 2);
	assert_int_equal(host->taken, 3);
	ask(&w, FETCH_CRL, "http://a.test/x", NULL, &later);
	w.net->ops->run(w.net);
	assert_true(later.times == 1 && later.end == FETCH_OK && !strcmp(later.body, "hi"));
	assert_int_equal(host->taken, 3);
	world_end(&w);
}

static void only_addresses_that_the_guard_lets_pass_are_dialled(void **state)
{
	struct world w;
	struct heard mixed = { 0 }, port = { 0 }, mapped = { 0 };
	struct sim_host *inside, *outside;

	(void)state;
	open_world(&w, false);
	name(w.net, "mixed.test", "10.0.0.1");
	name(w.net, "mixed.test", "127.0.0.1");
	name(w.net, "mixed.test", "93.184.216.34");
	inside = serve(w.net, "10.0.0.1", 80, &hi_site);
	outside = serve(w.net, "93.184.216.34", 80, &hi_site);
	ask(&w, FETCH_CRL, "http://mixed.test/", NULL, &mixed);
	ask(&w, FETCH_CRL, "http://mixed.test:8081/", NULL, &port);
	ask(&w, FETCH_CRL, "http://[::ffff:10.0.0.1]/", NULL, &mapped);
	w.net->ops->run(w.net);
	assert_int_equal(mixed.end, FETCH_OK);
	assert_int_equal(port.end, FETCH_REFUSED_PORT);
	assert_int_equal(mapped.end, FETCH_REFUSED_ADDRESS);
	assert_int_equal(inside->taken, 0);
	assert_int_equal(outside->taken, 1);
	world_end(&w);
}

static void private_addresses_are_the_users_to_allow(void **state)
{
	struct world w;
	struct heard inside = { 0 }, local = { 0 };

	(void)state;
	open_world(&w, true);
	name(w.net, "in.test", "10.0.0.1");
	serve(w.net, "10.0.0.1", 8888, &hi_site);
	ask(&w, FETCH_CRL, "http://in.test:8888/", NULL, &inside);
	ask(&w, FETCH_CRL, "http://169.254.169.254/", NULL, &local);
	w.net->ops->run(w.net);
	assert_int_equal(inside.end, FETCH_OK);
	assert_int_equal(local.end, FETCH_REFUSED_ADDRESS);
	world_end(&w);
}

static void the_next_address_has_its_turn(void **state)
{
	static const struct {
		enum sim_connect connect;
		enum fetch_end end; /* when there is no other address */
	} ways[] = { { SIM_REFUSE, FETCH_CONNECT }, { SIM_DROP, FETCH_TIMEOUT }, { SIM_RESET, FETCH_CONNECT },
		{ SIM_UNREACHABLE, FETCH_CONNECT } };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct world w;
		struct heard both = { 0 }, one = { 0 };

		open_world(&w, false);
		name(w.net, "two.test", "93.184.216.1");
		name(w.net, "two.test", "93.184.216.34");
		name(w.net, "one.test", "93.184.216.1");
		serve(w.net, "93.184.216.1", 80, &hi_site)->connect = ways[i].connect;
		serve(w.net, "93.184.216.34", 80, &hi_site);
		ask(&w, FETCH_ISSUER, "http://two.test/", NULL, &both);
		ask(&w, FETCH_ISSUER, "http://one.test/", NULL, &one);
		w.net->ops->run(w.net);
		assert_int_equal(both.end, FETCH_OK);
		assert_int_equal(one.end, ways[i].end);
		world_end(&w);
	}
}

static void a_slow_name_costs_no_more_than_the_deadline(void **state)
{
	struct world w;
	struct heard slow = { 0 }, none = { 0 }, tired = { 0 };

	(void)state;
	open_world(&w, false);
	net_sim_name_slow(w.net, "slow.test", NULL, 60000000);
	net_sim_name_slow(w.net, "tired.test", "try_again", 1000);
	ask(&w, FETCH_OCSP, "http://slow.test/", NULL, &slow);
	ask(&w, FETCH_OCSP, "http://none.test/", NULL, &none);
	ask(&w, FETCH_OCSP, "http://tired.test/", NULL, &tired);
	w.net->ops->run(w.net);
	assert_int_equal(slow.end, FETCH_TIMEOUT);
	assert_int_equal(slow.at_us - w.begun_us, TIMEOUT_US);
	assert_int_equal(none.end, FETCH_NAME);
	assert_int_equal(tired.end, FETCH_NAME);
	world_end(&w);
}

static void who_does_not_wait_hears_nothing(void **state)
{
	static const struct page silent = { .path = "/", .says = SAYS("") };
	static const struct site site = { &silent, 1 };
	struct world w;
	struct heard stays = { 0 }, goes = { 0 }, alone = { 0 }, unresolved = { 0 };

	(void)state;
	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	serve(w.net, "93.184.216.34", 80, &site);
	ask(&w, FETCH_OCSP, "http://a.test/1", NULL, &stays);
	ask(&w, FETCH_OCSP, "http://a.test/1", NULL, &goes);
	ask(&w, FETCH_OCSP, "http://a.test/2", NULL, &alone);
	net_sim_stop_at(w.net, w.begun_us + 1000000);
	w.net->ops->run(w.net);
	assert_int_equal(w.limits.all.open, 2);
	ask(&w, FETCH_OCSP, "http://unresolved.test/", NULL, &unresolved);
	fetch_forget(w.fetcher, &goes);
	fetch_forget(w.fetcher, &alone);
	fetch_forget(w.fetcher, &unresolved);
	assert_int_equal(w.limits.all.open, 1);
	net_sim_stop_at(w.net, w.begun_us + 60000000);
	w.net->ops->run(w.net);
	assert_int_equal(stays.times, 1);
	assert_int_equal(goes.times + alone.times + unresolved.times, 0);
	world_end(&w);
}

static void so_many_connections_and_no_more(void **state)
{
	struct world w;
	struct heard h[3 * FETCH_AT_ONCE] = { { 0 } };
	struct sim_host *host;

	(void)state;
	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	host = serve(w.net, "93.184.216.34", 80, &hi_site);
	host->latency_us = 20000;
	net_sim_descriptors(w.net, FETCH_AT_ONCE - 2); /* without a descriptor it waits and tries again */
	for (size_t i = 0; i < sizeof h / sizeof *h; i++) {
		char url[64];

		snprintf(url, sizeof url, "http://a.test/%zu", i);
		ask(&w, FETCH_CRL, url, NULL, &h[i]);
	}
	w.net->ops->run(w.net);
	for (size_t i = 0; i < sizeof h / sizeof *h; i++)
		assert_true(h[i].times == 1 && h[i].end == FETCH_OK);
	assert_true(host->peak_open <= FETCH_AT_ONCE - 2);
	world_end(&w);
}

static void old_answers_make_room_for_new_ones(void **state)
{
	struct world w;
	struct heard first = { 0 }, again = { 0 };
	struct sim_host *host;

	(void)state;
	open_world(&w, false);
	name(w.net, "a.test", "93.184.216.34");
	host = serve(w.net, "93.184.216.34", 80, &hi_site);
	ask(&w, FETCH_CRL, "http://a.test/first", NULL, &first);
	w.net->ops->run(w.net);
	for (size_t i = 0; i < FETCH_KEPT; i++) {
		struct heard h = { 0 };
		char url[64];

		snprintf(url, sizeof url, "http://a.test/%zu", i);
		ask(&w, FETCH_CRL, url, NULL, &h);
		w.net->ops->run(w.net);
	}
	assert_int_equal(host->taken, FETCH_KEPT + 1);
	ask(&w, FETCH_CRL, "http://a.test/first", NULL, &again);
	w.net->ops->run(w.net);
	assert_int_equal(again.end, FETCH_OK);
	assert_int_equal(host->taken, FETCH_KEPT + 2);
	world_end(&w);
}

/* ---- whole scans ------------------------------------------------------------------------------------------- */

static const struct minted *root, *inter, *leaf;
static struct span leaf_key;
static struct arena arena;

static struct span key_of(const struct minted *m)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(m->key);
	unsigned char *der = NULL;
	int n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	struct span s = arena_span(&arena, (struct span){ der, (size_t)n });

	require(n > 0);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return s;
}

static int set_up(void **state)
{
	(void)state;
	root = MINT(.name = "Root", .ca = true);
	inter = MINT(.name = "Inter", .ca = true, .by = root, .authority_info = "caIssuers;URI:http://ca.test/root",
	        .crl_points = "URI:http://ca.test/root.crl");
	leaf = MINT(.name = "leaf", .by = inter, .names = "DNS:host-1.test", .purposes = "serverAuth",
	        .authority_info = "OCSP;URI:http://ca.test/ocsp,caIssuers;URI:http://ca.test/inter",
	        .crl_points = "URI:http://ca.test/inter.crl");
	leaf_key = key_of(leaf);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	mint_close();
	return 0;
}

static struct span with_head(struct span body)
{
	char *head = arena_printf(&arena, OK "Content-Length: %zu\r\n\r\n", body.n);
	size_t n = strlen(head);
	uint8_t *all = arena_new(&arena, n + body.n, 1);

	memcpy(all, head, n);
	memcpy(all + n, body.p, body.n);
	return (struct span){ all, n + body.n };
}

/* The authority's server, where all is well. */
static void make_pages(struct page pages[static 4])
{
	pages[0] = (struct page){ .path = "/ocsp", .says = with_head(OCSP_MINT(&arena, .about = leaf, .issuer = inter)), .end = PEER_FIN };
	pages[1] = (struct page){ .path = "/inter.crl", .says = with_head(mint_crl(&(struct mint_crl){ .by = inter })), .end = PEER_FIN };
	pages[2] = (struct page){ .path = "/root.crl", .says = with_head(mint_crl(&(struct mint_crl){ .by = root })), .end = PEER_FIN };
	pages[3] = (struct page){ .path = "/inter", .says = with_head(inter->der), .end = PEER_FIN };
}

struct scanned {
	struct sim_scan s;
	struct server_config config;
	struct server_chain chain;
	struct store *stores[2];
	struct sim_host *authority;
};

static void prepare(struct scanned *x, uint64_t seed, const struct site *site, bool whole)
{
	static const char *const tls13[] = { "handshake.tls13", NULL };
	char wrong[128];

	*x = (struct scanned){ .chain = { .name = "minted", .kind = KEY_ECDSA, .key = leaf_key, .certs = { leaf->der }, .n = 1 } };
	if (whole)
		x->chain.certs[x->chain.n++] = inter->der;
	config_sound(&x->config);
	assert_true(config_read(&x->config, "versions=TLSv1.3", wrong));
	x->config.chains.v[0] = &x->chain;
	x->config.chains.n = 1;
	x->stores[0] = store_of("test", root->der);
	assert_non_null(x->stores[0]);
	sim_scan_init(&x->s, seed);
	x->s.scan.options.now = MINT_NOW;
	x->s.scan.options.stores = x->stores;
	x->s.scan.options.select = tls13;
	x->s.scan.options.fetch = true;
	name(x->s.net, "ca.test", "93.184.216.34");
	x->authority = serve(x->s.net, "93.184.216.34", 80, site);
}

static void done(struct scanned *x)
{
	sim_scan_free(&x->s);
	config_free(&x->config);
	store_close(x->stores[0]);
}

static void expect_status(const struct record *r, const struct minted *about, const char *what, const char *word, const char *reason)
{
	char hex[65] = { 0 };
	uint8_t digest[32];

	assert_true(X509_digest(about->x509, EVP_sha256(), digest, NULL));
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != OBS_KEY_CERT_REVOCATION_STATUS || strcmp(o->sha256, hex) || strcmp(o->name, what))
			continue;
		assert_string_equal(o->text, word);
		if (reason)
			assert_string_equal(o->reason, reason);
		return;
	}
	fail_msg("nothing about %s", what);
}

static void a_scan_learns_what_the_certificates_name(void **state)
{
	struct page pages[4];
	struct site site = { pages, 4 };
	struct scanned x;
	const struct record *r;

	(void)state;
	make_pages(pages);
	prepare(&x, 1, &site, true);
	r = sim_scan_one(&x.s, &x.config);
	expect_status(r, leaf, "ocsp", "good", NULL);
	expect_status(r, leaf, "crl", "good", NULL);
	expect_status(r, inter, "crl", "good", NULL);
	assert_null(record_find(r, OBS_KEY_CHAIN_COMPLETED, 0));
	assert_int_equal(record_tri(r, OBS_KEY_CHAIN_TRUST, 0), TRI_YES);
	assert_int_equal(x.authority->taken, 3); /* the issuer's URL is left alone where nothing is missing */
	done(&x);
}

static void a_missing_issuer_is_fetched_and_then_judged_with(void **state)
{
	struct page pages[4];
	struct site site = { pages, 4 };
	struct scanned x;
	const struct record *r;

	(void)state;
	make_pages(pages);
	prepare(&x, 1, &site, false);
	r = sim_scan_one(&x.s, &x.config);
	assert_int_equal(record_tri(r, OBS_KEY_CHAIN_COMPLETED, 0), TRI_YES);
	assert_int_equal(record_tri(r, OBS_KEY_CHAIN_TRUST, 0), TRI_YES);
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->names[0], "incomplete");
	expect_status(r, leaf, "ocsp", "good", NULL);
	expect_status(r, inter, "crl", "good", NULL);
	assert_int_equal(x.authority->taken, 4);
	done(&x);
}

static void nothing_is_fetched_unasked(void **state)
{
	struct page pages[4];
	struct site site = { pages, 4 };
	struct scanned x;
	const struct record *r;

	(void)state;
	make_pages(pages);
	prepare(&x, 1, &site, false);
	x.s.scan.options.fetch = false;
	r = sim_scan_one(&x.s, &x.config);
	assert_null(record_find(r, OBS_KEY_CERT_REVOCATION_STATUS, 0));
	assert_null(record_find(r, OBS_KEY_CHAIN_COMPLETED, 0));
	assert_int_equal(x.authority->taken, 0);
	done(&x);
}

/* The order of the answers is shuffled by the seed; the reports are the same. */
static void the_order_of_answers_changes_nothing(void **state)
{
	char *first = NULL;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct page pages[4];
		struct site site = { pages, 4 };
		struct scanned x;
		char *text;

		make_pages(pages);
		prepare(&x, seed, &site, false);
		memset(x.s.scan.options.seed, 7, sizeof x.s.scan.options.seed);
		net_sim_shuffle(x.s.net);
		x.authority->jitter_us = 300000;
		x.authority->chunk = SIM_CHUNK_RANDOM | 100;
		sim_scan_one(&x.s, &x.config);
		x.s.records[0]->duration_ms = 0;
		text = sim_scan_json(x.s.records[0]);
		if (first)
			assert_string_equal(text, first);
		free(first);
		first = text;
		done(&x);
	}
	free(first);
}

static void the_endpoint_ends_at_its_deadline(void **state)
{
	static const struct page drips[] = { { .path = "/", .says = SAYS(OK "\r\n"), "x", 500000, PEER_STAYS } };
	static const struct site site = { drips, 1 };
	struct scanned x;
	const struct record *r;

	(void)state;
	prepare(&x, 1, &site, true);
	x.s.scan.options.deadline_us = 3000000;
	r = sim_scan_one(&x.s, &x.config);
	expect_status(r, leaf, "ocsp", "unknown", "deadline");
	expect_status(r, inter, "crl", "unknown", "deadline");
	assert_int_equal(r->status, STATUS_OK);
	assert_true(x.s.ended_us < 5000000);
	done(&x);
	prepare(&x, 1, &site, false);
	x.s.scan.options.deadline_us = 3000000;
	r = sim_scan_one(&x.s, &x.config);
	assert_int_equal(record_tri(r, OBS_KEY_CHAIN_COMPLETED, 0), TRI_UNKNOWN);
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_COMPLETED, 0)->reason, "deadline");
	expect_status(r, leaf, "ocsp", "unknown", "no_issuer");
	done(&x);
}

/* Two hosts with one certificate: what the first learnt, the second is told. */
static void endpoints_share_what_was_fetched(void **state)
{
	struct page pages[4];
	struct site site = { pages, 4 };
	struct scanned x;

	(void)state;
	make_pages(pages);
	prepare(&x, 1, &site, true);
	for (size_t i = 0; i < 5; i++)
		sim_scan_add(&x.s, &x.config);
	sim_scan_run(&x.s);
	for (size_t i = 0; i < 5; i++)
		expect_status(x.s.records[i], leaf, "ocsp", "good", NULL);
	assert_int_equal(x.authority->taken, 3);
	done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_end_in_time),
		cmocka_unit_test(redirects_are_followed_three_times),
		cmocka_unit_test(what_was_asked_is_asked_once),
		cmocka_unit_test(only_addresses_that_the_guard_lets_pass_are_dialled),
		cmocka_unit_test(private_addresses_are_the_users_to_allow),
		cmocka_unit_test(the_next_address_has_its_turn),
		cmocka_unit_test(a_slow_name_costs_no_more_than_the_deadline),
		cmocka_unit_test(who_does_not_wait_hears_nothing),
		cmocka_unit_test(so_many_connections_and_no_more),
		cmocka_unit_test(old_answers_make_room_for_new_ones),
		cmocka_unit_test(a_scan_learns_what_the_certificates_name),
		cmocka_unit_test(a_missing_issuer_is_fetched_and_then_judged_with),
		cmocka_unit_test(nothing_is_fetched_unasked),
		cmocka_unit_test(the_order_of_answers_changes_nothing),
		cmocka_unit_test(the_endpoint_ends_at_its_deadline),
		cmocka_unit_test(endpoints_share_what_was_fetched),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
