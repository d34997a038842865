#include "scanner/run/conclude.h"

#include <string.h>

#include "probes/probe.h"
#include "scanner/base/text.h"
#include "scanner/run/conclude_client.h"
#include "scanner/run/fresh.h"
#include "scanner/run/inquiry.h"
#include "scanner/run/not_here.h"
#include "scanner/run/goodbye.h"
#include "scanner/run/sentinel.h"
#include "scanner/run/tickets.h"
#include "scanner/run/extensions.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/dane.h"
#include "scanner/trust/differ.h"

/* ---- lists: noted by sweeps, filled from the choices --------------------------------------------------------------- */

static const struct list_key {
	enum obs_key list, order;
	enum dimension dimension;
} list_keys[] = {
	{ OBS_KEY_SUITES_LIST, OBS_KEY_SUITES_ORDER, DIM_SUITES },
	{ OBS_KEY_GROUPS_LIST, OBS_KEY_GROUPS_ORDER, DIM_GROUPS },
	{ OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER, DIM_SCHEMES },
};

static const struct list_key *list_key_of(enum obs_key key)
{
	for (size_t i = 0; i < sizeof list_keys / sizeof *list_keys; i++)
		if (list_keys[i].list == key)
			return &list_keys[i];
	return NULL;
}

static void add_order(struct record *r, const struct obs *list, const struct list_key *k, const char *order)
{
	record_add(r, &(struct obs){ .key = k->order, .protocol = list->protocol, .cert = list->cert, .text = order,
			      .probe = list->probe, .reason = strcmp(order, "unknown") ? NULL : list->reason });
}

static void fill_list(struct record *r, const struct facts *f, size_t at)
{
	const struct list_key *k = list_key_of(r->obs[at].key);
	struct ranking ranking;
	struct obs *o = &r->obs[at];

	if (!k || o->count || o->protocol == VER_SSL2 || o->name)
		return;
	ranking = facts_rank(f, k->dimension, o->protocol, o->cert);
	o->codes = ranking.list.v;
	o->count = ranking.list.n;
	add_order(r, &(struct obs){ .protocol = o->protocol, .cert = o->cert, .probe = o->probe, .reason = o->reason }, k,
		ranking.order);
}

/* A list that turned out empty (a server without curves, say) is no list. */
static void drop_empty_lists(struct record *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (list_key_of(o->key) && !o->count && !o->reason && o->key != OBS_KEY_SUITES_LIST)
			continue;
		r->obs[kept++] = *o;
	}
	r->obs_count = kept;
}

static void fill_lists(struct record *r, const struct facts *f)
{
	size_t n = r->obs_count;

	for (size_t i = 0; i < n; i++)
		fill_list(r, f, i);
}

/* ---- Diffie-Hellman moduli --------------------------------------------------------------------------------------------- */

static bool has_modulus(const struct record *r, enum obs_key key, uint16_t protocol, const char *sha256)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && r->obs[i].protocol == protocol && !strcmp(r->obs[i].sha256, sha256))
			return true;
	return false;
}

static void add_modulus(struct record *r, const struct choice *c, enum obs_key key, const struct modulus *m)
{
	if (!m->sha256 || has_modulus(r, key, c->version, m->sha256))
		return;
	record_add(r, &(struct obs){ .key = key, .protocol = c->version, .number = m->bits, .name = m->name,
			      .sha256 = m->sha256, .probe = c->probe });
}

static struct obs *ffdhe_list(struct record *r, const struct choice *c)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_GROUPS_LIST && o->protocol == c->version && o->name)
			return o;
	}
	return record_add(r, &(struct obs){ .key = OBS_KEY_GROUPS_LIST, .protocol = c->version, .name = FACTS_FFDHE,
				      .probe = c->probe });
}

/* A finite field group that was picked while it stood on offer: RFC 7919 spoken, or luck; both are the group. */
static void add_ffdhe(struct record *r, const struct choice *c)
{
	struct obs *o;
	uint32_t *more;

	if (c->version >= VER_TLS13 || !c->dh.group || !codes_has(c->hello->groups, c->dh.group))
		return;
	o = ffdhe_list(r, c);
	if (codes_has((struct codes){ o->codes, o->count }, c->dh.group))
		return;
	more = arena_new(&r->arena, o->count + 1, sizeof *more);
	if (o->count)
		memcpy(more, o->codes, o->count * sizeof *more);
	more[o->count] = c->dh.group;
	o->codes = more;
	o->count++;
}

static void add_moduli(struct record *r, const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!choice_picked(c, 0))
			continue;
		add_modulus(r, c, OBS_KEY_DH_BITS, &c->dh);
		add_modulus(r, c, OBS_KEY_RSA_EXPORT_BITS, &c->rsa);
		add_ffdhe(r, c);
	}
}

/* ---- other small facts of an answer -------------------------------------------------------------------------------------- */

/* Whether a staple or timestamps came with a certificate: what is seen in one answer of the version is seen. */
static void add_flight_fact(struct record *r, const struct facts *f, uint16_t version, enum obs_key key, uint32_t offer)
{
	enum tri value = TRI_ABSENT;
	const char *probe = NULL;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		bool seen = (key == OBS_KEY_SCT ? c->scts : c->staple).n > 0;

		if (!choice_picked(c, version) || !c->chain_n || !(c->hello->offer & offer) ||
			(c->hello->offer & OFFER_NO_EXTENSIONS))
			continue;
		if (value != TRI_YES)
			value = seen ? TRI_YES : TRI_NO;
		probe = probe ? probe : c->probe;
	}
	if (value != TRI_ABSENT)
		record_add(r, &(struct obs){ .key = key, .protocol = version, .tri = value, .probe = probe });
}

static void add_version_facts(struct record *r, const struct facts *f)
{
	for (uint16_t v = VER_TLS13; v >= VER_SSL3; v--) {
		if (!facts_offers(f, v))
			continue;
		extensions_conclude(r, f, v);
		add_flight_fact(r, f, v, OBS_KEY_OCSP_STAPLE, OFFER_STATUS_REQUEST);
		add_flight_fact(r, f, v, OBS_KEY_SCT, OFFER_SCT);
	}
}

/* Questions that TLS 1.3 answers by itself: renegotiation has no meaning there. */
static void add_not_applicable(struct record *r, const struct facts *f)
{
	static const enum obs_key keys[] = { OBS_KEY_SECURE_RENEGOTIATION, OBS_KEY_RENEGOTIATION_CLIENT,
		OBS_KEY_RENEGOTIATION_INSECURE };

	if (!facts_offers(f, VER_TLS13) || facts_newest_clear(f))
		return;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		record_add(r, &(struct obs){ .key = keys[i], .protocol = VER_TLS13, .tri = TRI_NA, .probe = "suites.tls13" });
}

/* ---- certificates ------------------------------------------------------------------------------------------------------- */

static bool same_question(const struct choice *a, const struct choice *b)
{
	return a->chain == b->chain && a->version == b->version && a->cert == b->cert && !a->hello->sni == !b->hello->sni;
}

static bool chain_told(const struct facts *f, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (choice_picked(&f->choices[i], 0) && same_question(&f->choices[i], &f->choices[at]))
			return true;
	return false;
}

/* All that came with these certificates, in whatever answer. */
static struct attached attached_to(const struct facts *f, const struct choice *chain)
{
	struct attached with = { 0 };

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!choice_picked(c, 0) || c->chain != chain->chain || choice_names_another(f, c))
			continue;
		with.staple_asked |= hello_offers_extension(c->hello, EXT_STATUS_REQUEST);
		attached_staple(&with, c->staple);
		attached_scts(&with, c->scts);
		attached_above(&with, c->staples_above);
	}
	return with;
}

static void add_chains(struct record *r, const struct facts *f, const struct scan_options *o, const struct inquiry *q)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		struct attached with;
		struct chain_input in;

		if (!choice_picked(c, 0) || !c->chain_n || choice_names_another(f, c) || chain_told(f, i))
			continue;
		with = attached_to(f, c);
		in = (struct chain_input){
				.protocol = c->version, .key = c->cert,
				.sni = c->hello->sni ? TRI_YES : TRI_NO,
				.certs = c->chain, .count = c->chain_n, .cut = c->chain_cut,
				.host = r->sni ? r->sni : r->host, .at = o->now, .stores = o->stores,
				.with = &with, .logs = o->ct_logs, .known_keys = o->known_keys, .distrusted = o->distrusted,
				.probe = c->probe,
			};
		inquiry_chain(q, &in);
		chain_observe(r, &in);
	}
}

/* ---- what went wrong ------------------------------------------------------------------------------------------------------ */

static bool is_violation(enum reason r)
{
	return !strncmp(reason_name(r), "PROTOCOL_", 9) || r == REASON_MALFORMED || r == REASON_TRUNCATED;
}

/* The limit is ours: RFC 8446 section 4.4.2 allows certificates of 2^24-1 bytes. */
static bool is_limit(enum reason r)
{
	return !strncmp(reason_name(r), "LIMIT_", 6) && r != REASON_LIMIT_BUDGET && r != REASON_LIMIT_DEADLINE;
}

/* It picked, and then broke off in the middle of what it had to say. */
static bool broke_off(const struct choice *c)
{
	return choice_picked(c, 0) && (c->reason == REASON_RESET || c->reason == REASON_TIMEOUT_HANDSHAKE);
}

/* Each reason once. */
static void add_trouble(struct record *r, enum obs_key key, const struct choice *c)
{
	struct evidence *e;

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && !strcmp(r->obs[i].text, reason_name(c->reason)))
			return;
	e = arena_new(&r->arena, 1, sizeof *e);
	*e = (struct evidence){ "asked", arena_printf(&r->arena, "%s, offering %zu suites", version_find(c->hello->version) ?
			version_find(c->hello->version)->name : "?", c->hello->suites.n) };
	record_add(r, &(struct obs){ .key = key, .text = reason_name(c->reason), .probe = c->probe,
			      .evidence = e, .evidence_count = 1 });
}

static void add_troubles(struct record *r, const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_violation(f->choices[i].reason) || broke_off(&f->choices[i]))
			add_trouble(r, OBS_KEY_VIOLATION, &f->choices[i]);
		else if (is_limit(f->choices[i].reason))
			add_trouble(r, OBS_KEY_LIMIT, &f->choices[i]);
}

/* The same question put twice, granted once and refused in words once. */
static bool contradict(const struct choice *a, const struct choice *b)
{
	enum { SAMPLE_BYTES = 2 };
	bool same = a->description_n == b->description_n && a->description_n > 0 &&
		    !memcmp(a->description, b->description, a->description_n - SAMPLE_BYTES);
	bool a_picked = choice_picked(a, a->hello->version), b_picked = choice_picked(b, b->hello->version);

	return same && ((a_picked && b->kind == ANS_ALERT) || (b_picked && a->kind == ANS_ALERT) ||
			       (a_picked && b_picked && a->suite != b->suite));
}

/* Taken up at some attempts and not at others: several servers, that do not know each other's sessions. */
static bool is_mixed(const struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_RESUMPTION && r->obs[i].tri == TRI_YES && r->obs[i].reason)
			return true;
	return false;
}

static bool is_unstable(const struct facts *f)
{
	for (size_t i = 1; i < f->count; i++)
		for (size_t k = 0; k < i; k++)
			if (contradict(&f->choices[k], &f->choices[i]))
				return true;
	return false;
}

/* ---- status ------------------------------------------------------------------------------------------------------------------ */

static enum status status_of(enum reason_class c)
{
	static const enum status statuses[] = {
		[CLASS_UNREACHABLE] = STATUS_UNREACHABLE, [CLASS_NOT_TLS] = STATUS_NOT_TLS,
		[CLASS_DNS_ERROR] = STATUS_DNS_ERROR, [CLASS_BLOCKED] = STATUS_BLOCKED,
		[CLASS_PARTIAL] = STATUS_PARTIAL, [CLASS_SKIPPED] = STATUS_SKIPPED, [CLASS_ERROR] = STATUS_ERROR,
	};

	return statuses[c];
}

void record_trouble(struct record *r, enum reason why, const char *stage)
{
	r->status = status_of(reason_class(why));
	r->error_code = reason_name(why);
	r->error_stage = stage;
	r->error_message = reason_sentence(why);
}

/* What a peer that speaks something else said first, as far as that is worth showing. */
static const char *guess_protocol(const struct health *h)
{
	static const struct { const char *start, *name; } looks[] = {
		{ "HTTP/", "http" }, { "SSH-", "ssh" }, { "220 ", "smtp or ftp" }, { "220-", "smtp or ftp" },
		{ "* OK", "imap" }, { "+OK", "pop3" }, { "<?xml", "xmpp" }, { "<stream", "xmpp" }, { "<html", "http" },
		{ "<!DOC", "http" }, { "RFB ", "vnc" },
	};

	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (h->banner_n >= strlen(looks[i].start) && !memcmp(h->banner, looks[i].start, strlen(looks[i].start)))
			return looks[i].name;
	return NULL;
}

static void describe_not_tls(struct record *r, const struct health *h)
{
	struct text shown = { 0 };
	const char *name = guess_protocol(h);

	text_visible(&shown, text_clean(&r->arena, h->banner, h->banner_n, 60));
	r->error_message = arena_printf(&r->arena, "the answer is not TLS%s%s: \"%s\"", name ? ", it looks like " : "",
		name ? name : "", text_str(&shown));
	text_free(&shown);
}

static const struct probe_result *first_open(const struct record *r)
{
	for (size_t i = 0; i < r->probes_count; i++)
		if (r->probes[i].state == PROBE_UNKNOWN || r->probes[i].state == PROBE_BLOCKED)
			return &r->probes[i];
	return NULL;
}

static bool anything_picked(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], 0) || f->choices[i].kind == ANS_SSL2_HELLO)
			return true;
	return false;
}

static void settle_partial(struct record *r)
{
	const struct probe_result *open = first_open(r);

	if (!open)
		return;
	r->status = STATUS_PARTIAL;
	r->error_code = open->reason;
	r->error_stage = "probe";
	r->error_message = arena_printf(&r->arena, "%s stayed open", open->id);
}

/* Was every version asked for? Who asks for one gets a plain no; with --skip versions there was nothing to refuse. */
static bool asked_for_versions(const struct record *r)
{
	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++)
		if (!record_find(r, OBS_KEY_PROTOCOL_OFFERED, v))
			return false;
	return true;
}

/* How far a peer let us come that never spoke TLS. */
static const char *stage_of(const struct health *h)
{
	if (!strncmp(reason_name(h->worst), "STARTTLS_", strlen("STARTTLS_")))
		return "starttls";
	return h->not_connected ? "connect" : "hello";
}

static void settle_status(struct record *r, const struct facts *f, const struct health *h)
{
	if (!h->spoke && h->worst) {
		record_trouble(r, h->worst, stage_of(h));
		if (h->worst == REASON_NOT_TLS)
			describe_not_tls(r, h);
	} else if (h->stop == REASON_RATE_LIMITED) {
		record_trouble(r, REASON_RATE_LIMITED, "probe");
	} else if (!anything_picked(f) && h->spoke && !first_open(r) && asked_for_versions(r)) {
		record_trouble(r, REASON_ALERT, "hello");
		r->error_message = "the server refused every hello";
	} else {
		settle_partial(r);
	}
}

/* Not asked of the peer at all. */
static bool is_aside(const char *id)
{
	const struct probe *p = id ? probe_find(id) : NULL;

	return p && p->aside;
}

/*
 * A peer that never spoke TLS has said nothing about it either: two clean closes are a no only from a server that is one.
 * And who was asked before probing stopped is chance; so all that stayed open has one reason.
 */
static void forget_what_nobody_said(struct record *r, const struct health *h)
{
	if (h->spoke || !h->worst)
		return;
	for (size_t i = 0; i < r->obs_count; i++)
		if ((r->obs[i].tri == TRI_NO || r->obs[i].tri == TRI_UNKNOWN) && !is_aside(r->obs[i].probe)) {
			r->obs[i].tri = TRI_UNKNOWN;
			r->obs[i].reason = reason_name(h->worst);
			r->obs[i].evidence_count = 0;
		}
	for (size_t i = 0; i < r->probes_count; i++)
		if (r->probes[i].state != PROBE_SKIPPED && !is_aside(r->probes[i].id)) {
			r->probes[i].state = PROBE_UNKNOWN;
			r->probes[i].reason = reason_name(h->worst);
		}
}

void conclude(struct record *r, struct facts *f, const struct health *h, const struct scan_options *o,
	const struct inquiry *q)
{
	facts_sort(f);
	fill_lists(r, f);
	add_moduli(r, f);
	drop_empty_lists(r);
	add_version_facts(r, f);
	add_not_applicable(r, f);
	sentinel_conclude(r, f);
	goodbye_conclude(r, f);
	fresh_conclude(r, f, o);
	tickets_conclude(r, f);
	not_here_conclude(r, f);
	add_chains(r, f, o, q);
	inquiry_observe(q, r);
	differ_observe(r);
	dane_observe(r, o->stores, o->now);
	conclude_client(r, f, o);
	add_troubles(r, f);
	if (h->alone)
		record_add(r, &(struct obs){ .key = OBS_KEY_CONCURRENCY, .number = 1, .probe = "conclude" });
	r->unstable = is_unstable(f) || is_mixed(r);
	r->tainted = h->tainted;
	forget_what_nobody_said(r, h);
	settle_status(r, f, h);
	record_sort(r);
}
