#include "scanner/net/resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

#ifdef HAVE_UNBOUND

#include <dlfcn.h>
#include <unbound.h>

/*
 * The library is opened with the first question: it and what it brings along cost a millisecond, more than a whole scan
 * of which it is no part.
 */
#define CALLS(CALL) \
	CALL(cancel) CALL(ctx_add_ta) CALL(ctx_add_ta_file) CALL(ctx_async) CALL(ctx_create) CALL(ctx_debugout) \
	CALL(ctx_delete) CALL(ctx_resolvconf) CALL(ctx_set_fwd) CALL(ctx_set_option) CALL(ctx_zone_remove) CALL(fd) \
	CALL(process) CALL(resolve_async) CALL(resolve_free)

static struct {
#define CALL(name) __typeof__(ub_##name) *name;
	CALLS(CALL)
#undef CALL
} ub;

struct resolver {
	struct ub_ctx *ctx;
};

bool resolver_built(void)
{
	return true;
}

/* An object pointer that holds a function (POSIX, dlsym). */
static bool find(void *library, const char *name, void *call)
{
	void *found = dlsym(library, name);

	memcpy(call, &found, sizeof found);
	return found;
}

/* Stays open to the end of the process. */
static bool library_open(void)
{
	void *library = dlopen(UNBOUND_SONAME, RTLD_NOW | RTLD_LOCAL);
	bool whole = library;

#define CALL(name) whole = whole && find(library, "ub_" #name, &ub.name);
	CALLS(CALL)
#undef CALL
	return whole;
}

/* The keys of the root, as IANA publishes them (data.iana.org/root-anchors/root-anchors.xml): KSK-2017 and KSK-2024. */
static const char *const root_anchors[] = {
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

/* Small caches, and nothing asked that we did not ask for. An older libunbound may lack the one or other: no matter. */
static const struct setting {
	const char *name, *value;
} settings[] = {
	{ "do-not-query-localhost:", "no" },
	{ "msg-cache-size:", "1m" },
	{ "rrset-cache-size:", "2m" },
	{ "key-cache-size:", "1m" },
	{ "neg-cache-size:", "256k" },
	{ "infra-cache-numhosts:", "100" },
	{ "outgoing-range:", "64" },
	{ "num-queries-per-thread:", "256" },
	{ "edns-buffer-size:", "1232" },
	{ "trust-anchor-signaling:", "no" },
	{ "root-key-sentinel:", "no" },
};

static bool trust(struct ub_ctx *ctx, const char *anchors)
{
	if (anchors)
		return !ub.ctx_add_ta_file(ctx, anchors);
	for (size_t i = 0; i < sizeof root_anchors / sizeof *root_anchors; i++)
		if (ub.ctx_add_ta(ctx, root_anchors[i]))
			return false;
	return true;
}

/* A special-use name is looked up where the user's own resolver is; the library would answer for it by itself. */
static void look_up_everything(struct ub_ctx *ctx)
{
	static const char *const zones[] = { "test.", "invalid.", "localhost.", "onion.", "home.arpa." };

	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
		ub.ctx_zone_remove(ctx, zones[i]);
}

static bool forward(struct ub_ctx *ctx, const struct net_addr *via)
{
	char address[64], where[80];

	if (!via)
		return !ub.ctx_resolvconf(ctx, NULL);
	net_addr_text(via, address);
	snprintf(where, sizeof where, "%s@%u", address, via->port);
	return !ub.ctx_set_fwd(ctx, where);
}

static const char *prepare(struct ub_ctx *ctx, const struct net_addr *via, const char *anchors)
{
	ub.ctx_debugout(ctx, NULL);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		ub.ctx_set_option(ctx, settings[i].name, settings[i].value);
	if (ub.ctx_async(ctx, 1) || !trust(ctx, anchors))
		return "the trust anchors cannot be used";
	if (!forward(ctx, via))
		return "no resolver is known";
	/* Any look at the zones settles the configuration, and so reads the anchors: what is wrong with them shows here. */
	if (ub.ctx_zone_remove(ctx, "tlsassay.invalid."))
		return "the trust anchors cannot be used";
	if (via)
		look_up_everything(ctx);
	return NULL;
}

struct resolver *resolver_new(const struct net_addr *via, const char *anchors, const char **why)
{
	struct resolver *r;

	*why = UNBOUND_SONAME " cannot be loaded";
	if (!library_open())
		return NULL;
	r = mem_new(1, sizeof *r);
	r->ctx = ub.ctx_create();
	if (!r->ctx)
		die_memory();
	*why = prepare(r->ctx, via, anchors);
	if (!*why)
		return r;
	resolver_free(r);
	return NULL;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	ub.ctx_delete(r->ctx);
	free(r);
}

int resolver_fd(struct resolver *r)
{
	return ub.fd(r->ctx);
}

void resolver_work(struct resolver *r)
{
	ub.process(r->ctx);
}

static void reply_of(const struct ub_result *u, struct span *records, struct dns_reply *reply)
{
	enum { NO_ERROR = 0, NO_SUCH_NAME = 3 };

	*reply = (struct dns_reply){ .state = u->bogus ? DNS_BOGUS : u->secure ? DNS_SECURE : DNS_INSECURE, .records = records };
	if (u->bogus)
		return;
	reply->failed = u->rcode != NO_ERROR && u->rcode != NO_SUCH_NAME;
	for (size_t i = 0; u->havedata && u->data[i]; i++) {
		if ((reply->cut = reply->n == DNS_RECORDS_MAX))
			return;
		records[reply->n++] = (struct span){ (const uint8_t *)u->data[i], (size_t)u->len[i] };
	}
}

static void resolved(void *mine, int error, struct ub_result *result)
{
	struct span records[DNS_RECORDS_MAX];
	struct resolver_question *q = mine;
	struct dns_reply reply = { .failed = true };

	if (!error && result)
		reply_of(result, records, &reply);
	q->done(q, &reply);
	ub.resolve_free(result);
}

bool resolver_ask(struct resolver *r, const char *name, uint16_t type, struct resolver_question *q)
{
	enum { CLASS_IN = 1 };

	return !ub.resolve_async(r->ctx, name, type, CLASS_IN, q, resolved, &q->id);
}

void resolver_drop(struct resolver *r, struct resolver_question *q)
{
	ub.cancel(r->ctx, q->id);
}

#else

bool resolver_built(void)
{
	return false;
}

struct resolver *resolver_new(const struct net_addr *via, const char *anchors, const char **why)
{
	(void)via;
	(void)anchors;
	*why = "this program was built without libunbound";
	return NULL;
}

void resolver_free(struct resolver *r)
{
	require(!r);
}

int resolver_fd(struct resolver *r)
{
	(void)r;
	return -1;
}

void resolver_work(struct resolver *r)
{
	(void)r;
}

bool resolver_ask(struct resolver *r, const char *name, uint16_t type, struct resolver_question *q)
{
	(void)r;
	(void)name;
	(void)type;
	(void)q;
	return false;
}

void resolver_drop(struct resolver *r, struct resolver_question *q)
{
	(void)r;
	(void)q;
}

#endif
