/*
 * Whole handshakes by the line, for interop.py: one process carries out hundreds of them.
 *
 * A line of input is PORT VERSION SUITE GROUP (codes in hexadecimal; GROUP 0: all that are here), and of output
 *
 *     complete|failed REASON VERSION SUITE GROUP SCHEME ALERT data|mute checked|unchecked
 *
 * `data`: a request went through the connection, and an answer that begins with HTTP came back. `checked`: a signature
 * of the server's was right. The arguments, both or none, are the pre-shared key's identity and the key in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/shake.h"
#include "scanner/net/net.h"
#include "scanner/run/talk.h"

enum { WAIT_US = 5000000, HEARD_MAX = 64 * 1024, PSK_MAX = 64 };

struct client {
	struct net *net;
	struct arena arena;
	uint8_t key[PSK_MAX];
	struct span psk, identity;
	uint64_t made;
};

struct order {
	unsigned port, version, suite, group;
};

static struct codes one(struct arena *a, uint32_t code)
{
	return (struct codes){ arena_copy(a, &code, sizeof(code)), 1 };
}

static struct codes groups_here(struct arena *a, struct codes all)
{
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (crypt_has_group((uint16_t)all.v[i]))
			list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

/* Without those that are for certificates only: Java with nothing disabled signs with them none the less. */
static struct codes schemes_for_verify(struct arena *a, struct codes all)
{
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (scheme_find((uint16_t)all.v[i])->tls13)
			list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

static struct hello hello_for(struct client *c, const struct order *o)
{
	struct facts f = { .arena = &c->arena, .sni = "test.example" };
	struct hello h = offer_everything(&c->arena, &f, (uint16_t)o->version);

	h.suites = one(&c->arena, o->suite);
	h.offer &= ~(uint32_t)OFFER_STATUS_REQUEST; /* wolfSSL without OCSP hangs up on it, node 0.12 where it has no certificate */
	if (o->group)
		h.groups = one(&c->arena, o->group);
	else if (h.offer & OFFER_NO_EXTENSIONS)
		h.groups = (struct codes){ 0 };
	else
		h.groups = groups_here(&c->arena, h.groups);
	if (o->version == VER_TLS13) {
		h.shares = (struct codes){ h.groups.v, 1 };
		h.schemes = schemes_for_verify(&c->arena, h.schemes);
	}
	return h;
}

/* A share of TLS 1.3 needs the group's arithmetic, or at least its measures. */
static bool can_be_said(const struct order *o)
{
	return o->version != VER_TLS13 || !o->group || keys_share_size((uint16_t)o->group);
}

static bool heard_enough(struct span s)
{
	return s.n >= 5;
}

static void over(struct talk *t, void *owner)
{
	t->net->ops->timer_free(owner);
}

static void late(void *owner)
{
	talk_expire(owner);
}

static void tell(const struct talk *t)
{
	const struct hs_result *r = hs_result(t->hs);
	struct span data = hs_data(t->hs);
	enum reason why = t->not_connected ? t->not_connected : r->reason;

	printf("%s %s %04x %04x %04x %04x %d %s %s\n", r->complete && !why ? "complete" : "failed", reason_name(why),
	        r->version, r->suite, r->group, r->scheme, r->alerted ? r->alert : -1,
	        data.n >= 5 && !memcmp(data.p, "HTTP/", 5) ? "data" : "mute",
	        r->signature_checked && r->signature_right ? "checked" : "unchecked");
	fflush(stdout);
}

static void tell_nothing(void)
{
	puts("failed NOT_IN_LIBCRYPTO 0 0 0 0 -1 mute unchecked");
	fflush(stdout);
}

static void shake(struct client *c, const struct order *o)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct net_addr to = { .family = NET_IPV4, .bytes = { 127, 0, 0, 1 }, .port = (uint16_t)o->port };
	static const uint8_t seed[KEYS_SEED] = "the same handshakes every time";
	struct hello hello = hello_for(c, o);
	struct entropy entropy;
	struct talk t = { 0 };
	struct net_timer *timer = c->net->ops->timer_new(c->net, late, &t);

	keys_derive(seed, (struct span){ (const uint8_t *)"shakes", 6 }, c->made++, &entropy, sizeof(entropy));
	t = (struct talk){
		.net = c->net, .done = over, .owner = timer,
		.connect_by_us = WAIT_US, .answer_in_us = WAIT_US,
		.say = { (const uint8_t *)request, sizeof(request) - 1 }, .listen_max = HEARD_MAX, .heard = heard_enough,
		.config = { .hello = &hello, .entropy = &entropy, .arena = &c->arena, .psk = c->psk,
		        .psk_identity = c->identity },
	};
	talk_start(&t, &to);
	c->net->ops->timer_set(timer, net_now_us(c->net) + WAIT_US);
	c->net->ops->run(c->net);
	tell(&t);
	talk_free(&t);
	arena_free(&c->arena);
}

static void take_psk(struct client *c, const char *identity, const char *hex)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n && i < PSK_MAX; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		c->key[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	c->psk = (struct span){ c->key, n < PSK_MAX ? n : PSK_MAX };
	c->identity = (struct span){ (const uint8_t *)identity, strlen(identity) };
}

int main(int argc, char **argv)
{
	struct client c = { .net = net_uv_new() };
	struct order o;

	if (argc > 2)
		take_psk(&c, argv[1], argv[2]);
	while (scanf("%u %x %x %x", &o.port, &o.version, &o.suite, &o.group) == 4)
		if (can_be_said(&o))
			shake(&c, &o);
		else
			tell_nothing();
	c.net->ops->free(c.net);
	return 0;
}
