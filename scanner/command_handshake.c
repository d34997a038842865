/* `tlsassay handshake TARGET`: one handshake told message by message, then once more to see what resumption saves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "probes/shake.h"
#include "scanner/command.h"
#include "scanner/dial.h"
#include "scanner/facts/json.h"
#include "scanner/identity.h"
#include "scanner/story.h"
#include "scanner/tls/keys.h"

struct job {
	struct cli *cli;
	struct arena arena;
	struct net *net;
	struct target *target;
	struct net_addr to;
	struct hello hello;
	struct identity identity;
	uint8_t seed[KEYS_SEED];
	uint64_t made; /* handshakes so far */
};

static int usage(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return EXIT_USAGE;
}

/* ---- the hello ------------------------------------------------------------------------------------------------------ */

static const uint32_t all_versions[] = { VER_TLS13, VER_TLS12, VER_TLS11, VER_TLS10 };

/* As a good client would order them: forward secret and sealed at once first. A server may heed it. */
static struct codes carried(struct arena *a, struct codes all)
{
	enum { BEST = SUITE_FS | SUITE_AEAD };
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.n; i++) {
			const struct suite *s = suite_find((uint16_t)all.v[i]);
			bool best = s->kx == KX_ECDHE && (s->flags & BEST) == BEST;

			if (best == (pass == 0) && shake_can_carry(s))
				list_add(a, &l, s->code);
		}
	return list_codes(&l);
}

static struct codes carried_by_psk(struct arena *a)
{
	struct codes all = offer_suites(a, VER_TLS12);
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (shake_can_carry_psk(suite_find((uint16_t)all.v[i])))
			list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

static struct codes joined(struct arena *a, struct codes x, struct codes y)
{
	struct list l = list_copy(a, x);

	for (size_t i = 0; i < y.n; i++)
		if (!list_has(&l, y.v[i]))
			list_add(a, &l, y.v[i]);
	return list_codes(&l);
}

static struct codes groups_here(struct arena *a, struct codes all)
{
	static const uint32_t liked[] = { 0x11EC, 0x001D, 0x0017, 0x0018 };
	struct list l = { 0 };

	for (size_t i = 0; i < sizeof liked / sizeof *liked; i++)
		if (crypt_has_group((uint16_t)liked[i]))
			list_add(a, &l, liked[i]);
	for (size_t i = 0; i < all.n; i++)
		if (crypt_has_group((uint16_t)all.v[i]) && !list_has(&l, all.v[i]))
			list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

static struct codes one(struct arena *a, uint32_t code)
{
	return (struct codes){ arena_copy(a, &code, sizeof code), 1 };
}

static uint16_t version_asked(const char *text)
{
	const struct version *v = version_by_name(text);
	char name[32];

	if (!v) {
		snprintf(name, sizeof name, "TLSv%.20s", text); /* "1.2" will do */
		v = version_by_name(name);
	}
	return v && v->code >= VER_SSL3 && v->code <= VER_TLS13 ? v->code : 0;
}

static void everything(struct job *j, uint16_t version)
{
	struct facts f = { .arena = &j->arena, .sni = j->target->sni };
	uint16_t top = version ? version : VER_TLS13;

	j->hello = offer_everything(&j->arena, &f, top);
	j->hello.suites = carried(&j->arena, j->hello.suites);
	j->hello.groups = j->hello.groups.n ? groups_here(&j->arena, j->hello.groups) : j->hello.groups;
	if (j->identity.psk.n && version < VER_TLS13)
		j->hello.suites = joined(&j->arena, j->hello.suites, carried_by_psk(&j->arena));
	j->hello.alpn = j->identity.alpn;
	if (!version) {
		j->hello.versions = (struct codes){ all_versions, sizeof all_versions / sizeof *all_versions };
		j->hello.suites = joined(&j->arena, j->hello.suites, carried(&j->arena, offer_suites(&j->arena, VER_TLS12)));
	}
	if (top >= VER_TLS13)
		j->hello.shares = (struct codes){ j->hello.groups.v, 1 };
}

static int narrow(struct job *j)
{
	const struct cli *c = j->cli;
	uint16_t version = c->tls_version ? version_asked(c->tls_version) : 0;
	const struct suite *suite = c->suite ? suite_by_name(c->suite) : NULL;
	const struct group *group = c->group ? group_by_name(c->group) : NULL;

	if (c->tls_version && !version)
		return usage(c->tls_version, "no version from SSLv3 to TLSv1.3");
	if (c->suite && !suite)
		return usage(c->suite, "no cipher suite has this name");
	if (c->group && !group)
		return usage(c->group, "no group has this name");
	everything(j, version);
	if (suite)
		j->hello.suites = one(&j->arena, suite->code);
	if (group)
		j->hello.groups = j->hello.shares = one(&j->arena, group->code);
	if (j->hello.shares.n && !keys_share_size((uint16_t)j->hello.shares.v[0]))
		return usage(c->group ? c->group : "group", "this libcrypto has no such group");
	return EXIT_OK;
}

/* ---- talking -------------------------------------------------------------------------------------------------------------- */

static void over(struct talk *t, void *owner)
{
	struct net_timer *timer = owner;

	t->net->ops->timer_free(timer);
}

static void late(void *owner)
{
	talk_expire(owner);
}

static size_t binder_size(const struct session *s)
{
	return crypt_digest_size(kdf_digest(VER_TLS13, suite_find(s->suite)));
}

/* The user's own key as TLS 1.3 has it; NULL: none was given, or TLS 1.3 is not asked for. */
static const struct session *external_psk(struct job *j)
{
	struct session *s = arena_new(&j->arena, 1, sizeof *s);

	if (j->hello.version < VER_TLS13 || !session_of_psk(s, j->identity.psk, j->identity.psk_identity))
		return NULL;
	return s;
}

/* A session from before, as the hello says it. */
static void take_up(struct job *j, const struct session *s, struct hello *h, uint8_t id[static 32])
{
	struct psk_offer *psk;

	if (s->version >= VER_TLS13) {
		psk = arena_new(&j->arena, 1, sizeof *psk);
		*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = binder_size(s) };
		h->psk = psk;
		return;
	}
	h->ticket = s->ticket;
	h->session_id = s->ticket.n ? (struct span){ id, 32 } : s->id;
}

static void talk_once(struct job *j, const struct session *resume, struct talk *t)
{
	struct entropy *entropy = arena_new(&j->arena, 1, sizeof *entropy);
	struct hello *h = arena_copy(&j->arena, &j->hello, sizeof *h);
	struct net_timer *timer = j->net->ops->timer_new(j->net, late, t);

	if (!resume)
		resume = external_psk(j);
	keys_derive(j->seed, (struct span){ (const uint8_t *)"handshake", 9 }, j->made++, entropy, sizeof *entropy);
	if (resume)
		take_up(j, resume, h, entropy->session_id);
	*t = (struct talk){
		.net = j->net, .done = over, .owner = timer,
		.connect_by_us = j->cli->timeout_us, .answer_in_us = j->cli->timeout_us,
		.config = { .hello = h, .entropy = entropy, .arena = &j->arena, .resume = resume,
			.client_chain = j->identity.chain, .client_chain_n = j->identity.n, .client_key = j->identity.key,
			.psk = j->identity.psk, .psk_identity = j->identity.psk_identity },
	};
	talk_start(t, &j->to);
	j->net->ops->timer_set(timer, net_now_us(j->net) + 2 * j->cli->timeout_us);
	j->net->ops->run(j->net);
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */

static int verdict(const struct talk *t)
{
	if (t->not_connected) {
		fprintf(stderr, "tlsassay: %s: %s\n", reason_name(t->not_connected), reason_sentence(t->not_connected));
		return EXIT_UNSCANNED;
	}
	return hs_result(t->hs)->complete ? EXIT_OK : EXIT_GATE;
}

static void tell_json(const struct talk *full, const struct talk *again)
{
	struct json_object *o = json_map();
	char *text;

	json_set(o, "full", story_json(full));
	json_set(o, "resumed", again ? story_json(again) : NULL);
	text = json_dump(o, true);
	puts(text);
	free(text);
	json_object_put(o);
}

static int tell(struct job *j)
{
	struct talk full, again;
	const struct session *session;
	bool resumes;
	int status;

	talk_once(j, NULL, &full);
	status = verdict(&full);
	session = &hs_result(full.hs)->session;
	resumes = status == EXIT_OK && session->version && (session->ticket.n || session->id.n);
	if (resumes)
		talk_once(j, session, &again);
	if (j->cli->outputs_n)
		tell_json(&full, resumes ? &again : NULL);
	else if (!full.not_connected) {
		story_text(stdout, &full);
		if (status == EXIT_OK)
			story_price(stdout, &full, resumes && hs_result(again.hs)->complete ? &again : NULL);
	}
	talk_free(&full);
	if (resumes)
		talk_free(&again);
	return status;
}

static uint64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int repeat(struct job *j)
{
	uint64_t started = net_now_us(j->net), cpu = cpu_us(), n = j->cli->repeat, complete = 0;
	int status = EXIT_OK;

	for (uint64_t i = 0; i < n; i++) {
		struct talk t;
		int one_status;

		talk_once(j, NULL, &t);
		one_status = verdict(&t);
		complete += one_status == EXIT_OK;
		status = one_status > status ? one_status : status;
		talk_free(&t);
		arena_free(&j->arena);
		if (one_status == EXIT_UNSCANNED)
			break;
		if (narrow(j))
			return EXIT_USAGE;
	}
	printf("%llu of %llu handshakes complete, %llu us each, %llu us of CPU\n", (unsigned long long)complete,
		(unsigned long long)n, (unsigned long long)((net_now_us(j->net) - started) / n),
		(unsigned long long)((cpu_us() - cpu) / n));
	return status;
}

int command_handshake(struct cli *c)
{
	struct job j = { .cli = c };
	const char *why = NULL;
	int status;

	if (!c->arguments[0])
		return usage("handshake", "give a target");
	j.target = target_parse(&c->arena, c->arguments[0], &why);
	if (!j.target)
		return usage(c->arguments[0], why);
	if (c->sni)
		j.target->sni = *c->sni ? c->sni : NULL;
	keys_system_seed(j.seed);
	status = identity_open(&j.identity, c) ? narrow(&j) : EXIT_USAGE;
	if (status == EXIT_OK) {
		j.net = net_uv_new();
		status = !dial_address(j.net, c, j.target, &j.to) ? EXIT_UNSCANNED : c->repeat ? repeat(&j) : tell(&j);
		j.net->ops->free(j.net);
	}
	identity_close(&j.identity);
	arena_free(&j.arena);
	return status;
}
