#include "scanner/run/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/facts/time.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/issuers.h"
#include "scanner/trust/ocsp.h"
#include "scanner/trust/ocsp_request.h"
#include "scanner/trust/places.h"
#include "scanner/trust/revocation.h"
#include "scanner/trust/seal.h"
#include "scanner/trust/traits.h"

enum { PLACES_MAX = 8, URL_SHOWN_MAX = 256 };

enum edge { EDGE_UNKNOWN, EDGE_NO, EDGE_YES };

/* A certificate that was served, or fetched as an issuer. */
struct known {
	struct cert *cert;
	const char *sha256;
	bool leaf;
	bool wanted;             /* a leaf, or above one by signatures that hold */
	bool root, anchored;     /* signed by itself; in a store */
	const struct cert *issuer;
	struct cert *anchor;     /* its own: the issuer, when it is in a store only */
	const char *brought_by;  /* the URL; NULL: served */
	bool issuer_asked;
};

/* One thing to be learnt about one certificate, from a few URLs one after the other. */
struct ask {
	struct inquiry *inquiry;
	size_t about; /* in known */
	enum fetch_kind kind;
	struct url urls[INQUIRY_URLS_MAX];
	size_t urls_n, at;
	bool posted, open;
	struct span request;
	struct revocation result; /* of an issuer's: good, or unknown with the reason */
	const char *url;          /* that gave it ... */
	size_t url_at;            /* ... and which it is */
	struct span certs[ISSUERS_MAX];
	size_t certs_n;
};

struct asks {
	struct ask v[INQUIRY_CERTS_MAX * 2];
	size_t n;
};

struct inquiry {
	struct inquiry_input in;
	struct arena arena;
	struct known known[INQUIRY_CERTS_MAX];
	size_t n, signatures;
	uint8_t edges[INQUIRY_CERTS_MAX][INQUIRY_CERTS_MAX]; /* child, issuer */
	struct asks issuers, revocation;
	size_t open;
	unsigned rounds;
	bool starting, stopped, asked, over;
};

/* ---- certificates ------------------------------------------------------------------------------------------ */

static struct known *find(struct inquiry *q, struct span der)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->known[i].cert->der.n == der.n && !memcmp(q->known[i].cert->der.p, der.p, der.n))
			return &q->known[i];
	return NULL;
}

static bool in_a_store(const struct inquiry *q, const struct cert *c)
{
	for (struct store *const *s = q->in.stores; s && *s; s++)
		if (store_has(*s, c))
			return true;
	return false;
}

static struct known *add(struct inquiry *q, struct span der)
{
	struct cert *c;
	struct known *k = der.n ? find(q, der) : NULL;

	if (k || q->n == INQUIRY_CERTS_MAX || !der.n)
		return k;
	c = cert_parse(der.p, der.n);
	if (c->malformed) {
		cert_free(c);
		return NULL;
	}
	q->known[q->n] = (struct known){ .cert = c,
		.sha256 = text_hex(&q->arena, c->sha256, CERT_SHA256),
		.root = seal_on_itself(c),
		.anchored = in_a_store(q, c) };
	return &q->known[q->n++];
}

static int by_hash(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->sha256, ((const struct known *)b)->sha256);
}

static void add_chain(struct inquiry *q, const struct choice *c)
{
	struct known *leaf = add(q, c->chain[0]);

	if (leaf)
		leaf->leaf = leaf->wanted = true;
	for (size_t i = 1; i < c->chain_n && i < CHAIN_CERTS_MAX; i++)
		add(q, c->chain[i]);
}

/* In an order of their own: that of the answers is chance. */
static void add_served(struct inquiry *q)
{
	const struct facts *f = q->in.facts;

	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], 0) && f->choices[i].chain_n)
			add_chain(q, &f->choices[i]);
	if (q->n)
		qsort(q->known, q->n, sizeof *q->known, by_hash);
}

/* ---- who issued whom --------------------------------------------------------------------------------------- */

static bool issued(struct inquiry *q, size_t child, size_t issuer)
{
	const struct cert *c = q->known[child].cert, *i = q->known[issuer].cert;
	uint8_t *edge = &q->edges[child][issuer];

	if (child == issuer || !cert_issued_in_name_of(c, i))
		return false;
	if (*edge == EDGE_UNKNOWN && q->signatures < INQUIRY_SIGNATURES_MAX) {
		q->signatures++;
		*edge = seal_check(c, i) == SEAL_HOLDS ? EDGE_YES : EDGE_NO;
	}
	return *edge == EDGE_YES;
}

static bool goes_on(const struct known *k)
{
	return k->wanted && !k->root && !k->anchored;
}

static void find_anchor(struct inquiry *q, struct known *k)
{
	for (struct store *const *s = q->in.stores; s && *s && !k->issuer; s++)
		k->issuer = k->anchor = issuer_in_store(*s, k->cert);
}

/* True when a certificate was found to be above one that is wanted. */
static bool climb(struct inquiry *q, size_t at)
{
	bool more = false;

	for (size_t i = 0; i < q->n; i++) {
		if (!issued(q, at, i))
			continue;
		if (!q->known[at].issuer)
			q->known[at].issuer = q->known[i].cert;
		more |= !q->known[i].wanted;
		q->known[i].wanted = true;
	}
	return more;
}

static void connect_all(struct inquiry *q)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < q->n; i++)
			if (goes_on(&q->known[i]))
				more |= climb(q, i);
	}
	for (size_t i = 0; i < q->n; i++)
		if (goes_on(&q->known[i]) && !q->known[i].issuer)
			find_anchor(q, &q->known[i]);
}

/* What stands above this leaf, itself included. */
static void reach(struct inquiry *q, size_t leaf, bool reached[static INQUIRY_CERTS_MAX])
{
	bool more = true;

	memset(reached, 0, INQUIRY_CERTS_MAX);
	reached[leaf] = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < q->n; i++)
			for (size_t k = 0; reached[i] && goes_on(&q->known[i]) && k < q->n; k++)
				if (!reached[k] && issued(q, i, k))
					reached[k] = more = true;
	}
}

/* It leads to an anchor, or to a root of its own: nothing is missing. */
static bool leads_somewhere(struct inquiry *q, const bool reached[static INQUIRY_CERTS_MAX])
{
	for (size_t i = 0; i < q->n; i++)
		if (reached[i] && (q->known[i].root || q->known[i].anchored || q->known[i].anchor))
			return true;
	return false;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static void go_on(struct inquiry *);
static void ask_next(struct ask *);

static void ask_end(struct ask *a, enum fetch_end end)
{
	if (!a->result.state && end)
		a->result = revocation_unknown(fetch_end_word(end));
}

/* The first thing that went wrong is kept, unless a later URL does better. */
static void learn(struct ask *a, struct revocation r)
{
	bool better = strcmp(r.state, "unknown") != 0;

	if (a->result.state && !better)
		return;
	a->result = r;
	a->url = url_text(&a->inquiry->arena, &a->urls[a->at]);
	a->url_at = a->at;
}

static struct revocation learn_issuers(struct ask *a, struct span body)
{
	struct inquiry *q = a->inquiry;
	const struct cert *child = q->known[a->about].cert;
	bool readable = false;

	a->certs_n = issuers_read(&q->arena, arena_span(&q->arena, body), a->certs);
	for (size_t i = 0; i < a->certs_n && q->signatures < INQUIRY_SIGNATURES_MAX; i++) {
		struct cert *c = cert_parse(a->certs[i].p, a->certs[i].n);
		bool holds;

		readable |= !c->malformed;
		q->signatures += !c->malformed && cert_issued_in_name_of(child, c);
		holds = !c->malformed && cert_issued_in_name_of(child, c) && seal_check(child, c) == SEAL_HOLDS;
		cert_free(c);
		if (holds)
			return (struct revocation){ .state = "good" };
	}
	a->certs_n = 0;
	return revocation_unknown(readable ? "wrong_certificate" : "malformed");
}

/* True when nothing more is to be asked. */
static bool judge(struct ask *a, const struct fetched *f)
{
	struct known *k = &a->inquiry->known[a->about];
	int64_t at = a->inquiry->in.at;

	if (f->end)
		learn(a, revocation_unknown(fetch_end_word(f->end)));
	else if (a->kind == FETCH_ISSUER)
		learn(a, learn_issuers(a, f->body));
	else
		learn(a, a->kind == FETCH_OCSP ? revocation_by_ocsp(f->body, k->cert, k->issuer, at)
		                               : revocation_by_crl(f->body, k->cert, k->issuer, at));
	return strcmp(a->result.state, "unknown") != 0;
}

/* A responder that knows no GET is asked by POST, which each knows (RFC 6960 appendix A.1). */
static bool is_for_post(const struct ask *a, const struct fetched *f)
{
	bool refused = f->end == FETCH_HTTP_ERROR || (!f->end && a->result.reason && !strcmp(a->result.reason, "malformed_request"));

	return a->kind == FETCH_OCSP && !a->posted && refused;
}

static void answered(void *owner, const struct fetched *f)
{
	struct ask *a = owner;
	bool enough = judge(a, f), post = !enough && is_for_post(a, f);

	a->open = false;
	a->inquiry->open--;
	if (post && a->url_at == a->at)
		a->result.state = NULL; /* what the same URL says next counts */
	a->posted = post;
	a->at += !post;
	if (!enough)
		ask_next(a);
	go_on(a->inquiry);
}

static struct fetch_ask what_to_fetch(struct ask *a)
{
	struct fetch_ask f = { .kind = a->kind, .url = a->urls[a->at] };

	if (a->kind == FETCH_OCSP && (a->posted || !ocsp_request_url(&a->urls[a->at], a->request, &f.url))) {
		a->posted = true;
		f.url = a->urls[a->at];
		f.post = a->request;
	}
	return f;
}

static void ask_next(struct ask *a)
{
	struct inquiry *q = a->inquiry;
	struct fetch_ask f;

	if (a->at >= a->urls_n)
		return;
	if (q->stopped) {
		ask_end(a, FETCH_DEADLINE);
		return;
	}
	a->open = true;
	q->open++;
	f = what_to_fetch(a);
	fetch(q->in.fetcher, &f, answered, a);
}

/* The first URLs that can be fetched; where none can, why. */
static enum fetch_end choose_urls(struct ask *a, enum place place)
{
	struct inquiry *q = a->inquiry;
	struct span named[PLACES_MAX];
	size_t n = places_of(q->known[a->about].cert, place, named, PLACES_MAX);
	enum fetch_end why = n ? FETCH_OK : FETCH_NO_URL;

	for (size_t i = 0; i < n && a->urls_n < INQUIRY_URLS_MAX; i++) {
		enum url_kind kind = url_parse(named[i], &a->urls[a->urls_n]);

		if (kind == URL_HTTP)
			a->urls_n++;
		else if (!why)
			why = kind == URL_OTHER ? FETCH_SCHEME : FETCH_BAD_URL;
	}
	if (n && !a->urls_n)
		a->url = text_clean(&q->arena, named[0].p, named[0].n, URL_SHOWN_MAX);
	return a->urls_n ? FETCH_OK : why;
}

static struct ask *ask_new(struct asks *list, struct inquiry *q, size_t about, enum fetch_kind kind)
{
	require(list->n < sizeof list->v / sizeof *list->v);
	list->v[list->n] = (struct ask){ .inquiry = q, .about = about, .kind = kind };
	return &list->v[list->n++];
}

/* ---- issuers ----------------------------------------------------------------------------------------------- */

static void ask_issuer(struct inquiry *q, size_t about)
{
	struct known *k = &q->known[about];
	struct ask *a;

	if (k->issuer_asked || k->issuer || !goes_on(k))
		return;
	k->issuer_asked = true;
	a = ask_new(&q->issuers, q, about, FETCH_ISSUER);
	ask_end(a, choose_urls(a, PLACE_ISSUER));
	ask_next(a);
}

static void ask_issuers(struct inquiry *q)
{
	bool reached[INQUIRY_CERTS_MAX];

	for (size_t leaf = 0; leaf < q->n; leaf++) {
		if (!q->known[leaf].leaf)
			continue;
		reach(q, leaf, reached);
		if (leads_somewhere(q, reached))
			continue;
		for (size_t i = 0; i < q->n; i++)
			if (reached[i])
				ask_issuer(q, i);
	}
}

static void take_issuers(struct inquiry *q)
{
	for (size_t i = 0; i < q->issuers.n; i++) {
		struct ask *a = &q->issuers.v[i];

		for (size_t k = 0; k < a->certs_n; k++) {
			struct known *added = add(q, a->certs[k]);

			if (added && !added->wanted && !added->brought_by)
				added->brought_by = a->url;
		}
		a->certs_n = 0;
	}
}

/* ---- revocation -------------------------------------------------------------------------------------------- */

static bool write_request(struct ask *a)
{
	const struct known *k = &a->inquiry->known[a->about];
	uint8_t bytes[OCSP_REQUEST_MAX];
	struct wr w = wr_of(bytes, sizeof bytes);

	if (a->kind == FETCH_OCSP && !ocsp_request_write(&w, k->cert, k->issuer))
		return false;
	a->request = arena_span(&a->inquiry->arena, (struct span){ bytes, w.len });
	return true;
}

static void ask_about(struct inquiry *q, size_t about, enum fetch_kind kind)
{
	struct ask *a = ask_new(&q->revocation, q, about, kind);
	enum fetch_end why = choose_urls(a, kind == FETCH_OCSP ? PLACE_OCSP : PLACE_CRL);

	if (why == FETCH_NO_URL)
		q->revocation.n--;
	else if (!q->known[about].issuer)
		a->result = revocation_unknown("no_issuer");
	else if (why)
		ask_end(a, why);
	else if (q->revocation.n > INQUIRY_ASKS_MAX)
		ask_end(a, FETCH_LIMIT);
	else if (!write_request(a))
		ask_end(a, FETCH_BAD_URL);
	else
		ask_next(a);
}

/* Without an issuer only the server's own is asked about; others may be needless. */
static void ask_revocation(struct inquiry *q)
{
	for (size_t i = 0; i < q->n; i++) {
		if (!goes_on(&q->known[i]) || (!q->known[i].issuer && !q->known[i].leaf))
			continue;
		ask_about(q, i, FETCH_OCSP);
		ask_about(q, i, FETCH_CRL);
	}
}

/* ---- one step after the other ------------------------------------------------------------------------------ */

static void step(struct inquiry *q)
{
	take_issuers(q);
	connect_all(q);
	if (q->rounds < INQUIRY_ROUNDS_MAX && !q->stopped) {
		q->rounds++;
		ask_issuers(q);
		if (q->open)
			return;
	}
	q->asked = true;
	ask_revocation(q);
}

static void go_on(struct inquiry *q)
{
	if (q->open || q->starting || q->over || q->stopped)
		return;
	q->starting = true;
	while (!q->open && !q->asked)
		step(q);
	q->starting = false;
	q->over = !q->open && q->asked;
	if (q->over)
		q->in.over(q->in.owner);
}

struct inquiry *inquiry_new(const struct inquiry_input *in)
{
	struct inquiry *q = mem_new(1, sizeof *q);

	q->in = *in;
	add_served(q);
	go_on(q);
	return q;
}

static void stop_asks(struct inquiry *q, struct asks *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct ask *a = &list->v[i];

		if (!a->open)
			continue;
		fetch_forget(q->in.fetcher, a);
		a->open = false;
		a->result = revocation_unknown(fetch_end_word(FETCH_DEADLINE));
	}
}

void inquiry_stop(struct inquiry *q)
{
	if (q->over)
		return;
	q->stopped = q->over = true;
	stop_asks(q, &q->issuers);
	stop_asks(q, &q->revocation);
	if (!q->asked)
		step(q);
}

void inquiry_free(struct inquiry *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++) {
		cert_free(q->known[i].cert);
		cert_free(q->known[i].anchor);
	}
	arena_free(&q->arena);
	free(q);
}

/* ---- what came of it --------------------------------------------------------------------------------------- */

/* Why what is missing above this leaf was not brought; NULL: it was. */
static const char *why_not(const struct inquiry *q, const bool reached[static INQUIRY_CERTS_MAX])
{
	for (size_t i = 0; i < q->issuers.n; i++) {
		const struct ask *a = &q->issuers.v[i];

		if (reached[a->about] && a->result.state && a->result.reason)
			return a->result.reason;
	}
	return NULL;
}

void inquiry_chain(const struct inquiry *given, struct chain_input *in)
{
	struct inquiry *q = (struct inquiry *)(uintptr_t)given; /* signatures that are asked anew are remembered */
	struct known *leaf = q ? find(q, in->certs[0]) : NULL;
	struct brought *list;
	bool reached[INQUIRY_CERTS_MAX];

	if (!leaf)
		return;
	reach(q, (size_t)(leaf - q->known), reached);
	list = arena_new(&q->arena, q->n, sizeof *list);
	in->fetched = true;
	in->brought = list;
	in->brought_why = why_not(q, reached);
	for (size_t i = 0; i < q->n; i++)
		if (reached[i] && q->known[i].brought_by)
			list[in->brought_n++] = (struct brought){ q->known[i].cert->der, q->known[i].brought_by };
}

static void add_evidence(struct record *r, struct obs *o, const struct ask *a)
{
	char *when;

	if (a->url)
		obs_evidence(r, o, "url", arena_text(&r->arena, a->url));
	if (a->result.signed_by)
		obs_evidence(r, o, "signed_by", a->result.signed_by);
	if (strcmp(a->result.state, "revoked"))
		return;
	when = arena_new(&r->arena, 24, 1);
	time_text(a->result.revoked_at, when);
	obs_evidence(r, o, "revoked", when);
	obs_evidence(r, o, "reason", ocsp_reason_name(a->result.crl_reason));
}

static struct obs status_of(const struct inquiry *q, struct record *r, size_t about)
{
	return (struct obs){ .key = OBS_KEY_CERT_REVOCATION_STATUS, .probe = "fetch",
		.sha256 = arena_text(&r->arena, q->known[about].sha256) };
}

/* A certificate that names no place where a revocation would stand: usual for short-lived ones, and told for the server's. */
static void observe_placeless(const struct inquiry *q, struct record *r, size_t about)
{
	const struct known *k = &q->known[about];
	struct obs o = status_of(q, r, about);
	struct span named[1];

	if (!k->leaf || !goes_on(k) || places_of(k->cert, PLACE_OCSP, named, 1) || places_of(k->cert, PLACE_CRL, named, 1))
		return;
	o.text = cert_short_lived(k->cert) ? "not_applicable" : "unknown";
	o.reason = cert_short_lived(k->cert) ? "short_lived" : fetch_end_word(FETCH_NO_URL);
	record_add(r, &o);
}

void inquiry_observe(const struct inquiry *q, struct record *r)
{
	for (size_t i = 0; q && i < q->n; i++)
		observe_placeless(q, r, i);
	for (size_t i = 0; q && i < q->revocation.n; i++) {
		const struct ask *a = &q->revocation.v[i];
		struct obs o = status_of(q, r, a->about);

		o.name = a->kind == FETCH_OCSP ? "ocsp" : "crl";
		o.text = a->result.state;
		o.reason = a->result.reason;
		add_evidence(r, record_add(r, &o), a);
	}
}
