/*
 * The Host objects of the SSL Labs API, version 3, as a list: keys and types are those of its documentation, and
 * what was not asked has no key. Addresses of one target come one after the other and share a Host; only its
 * certificates wait for its end.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/cond.h"
#include "report/items.h"
#include "report/show.h"
#include "scanner/base/die.h"

/* SSL Labs calls a max-age of half a year long. */
enum { LONG_MAX_AGE = 15552000, SSL2_ID = 0x0200 };

struct host {
	struct items hosts, endpoints, certs;
	struct arena arena; /* of the host at hand */
	const char *target; /* what it was asked for; NULL: no host is open */
	const char **seen; /* its certificates */
	size_t seen_n;
	int64_t ended_ms;
};

struct page {
	struct arena arena;
	struct view view;
	const struct record *r;
	const struct judgement *j;
	struct host *host;
};

/* ---- details that are one observation */

/* yes when any version says so, no when one says no; else there is nothing to tell. */
static enum tri any(const struct record *r, enum obs_key key, const char *name)
{
	enum tri t = TRI_ABSENT;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != key || (name && (!o->name || strcmp(o->name, name))))
			continue;
		if (o->tri == TRI_YES)
			return TRI_YES;
		t = o->tri == TRI_NO ? TRI_NO : t;
	}
	return t;
}

static const struct {
	const char *key;
	enum obs_key from;
	const char *name;
} flags[] = {
	{ "heartbeat", OBS_KEY_HEARTBEAT, NULL },
	{ "ocspStapling", OBS_KEY_OCSP_STAPLE, NULL },
	{ "sniRequired", OBS_KEY_SNI_REQUIRED, NULL },
	{ "fallbackScsv", OBS_KEY_FALLBACK_SCSV, NULL },
	{ "dhYsReuse", OBS_KEY_SHARE_REUSED, "dhe" },
	{ "ecdhParameterReuse", OBS_KEY_SHARE_REUSED, "ecdhe" },
};

static const struct {
	const char *key;
	int bit;
	enum obs_key from;
	const char *name;
} bits[] = {
	{ "renegSupport", 1, OBS_KEY_RENEGOTIATION_INSECURE, NULL },
	{ "renegSupport", 2, OBS_KEY_SECURE_RENEGOTIATION, NULL },
	{ "renegSupport", 4, OBS_KEY_RENEGOTIATION_CLIENT, NULL },
	{ "compressionMethods", 1, OBS_KEY_COMPRESSION, NULL },
	{ "sessionTickets", 1, OBS_KEY_SESSION_TICKET, NULL },
	{ "hasSct", 4, OBS_KEY_SCT, NULL },
};

static void set_flags(struct json_object *o, const struct record *r)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		enum tri t = any(r, flags[i].from, flags[i].name);

		if (t != TRI_ABSENT)
			json_set(o, flags[i].key, json_flag(t == TRI_YES));
	}
}

static void add_bit(struct json_object *o, const char *key, int bit)
{
	struct json_object *old = json_object_object_get(o, key);

	json_set(o, key, json_int(bit | (old ? json_object_get_int(old) : 0)));
}

static void set_bits(struct json_object *o, const struct record *r)
{
	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		enum tri t = any(r, bits[i].from, bits[i].name);

		if (t != TRI_ABSENT)
			add_bit(o, bits[i].key, t == TRI_YES ? bits[i].bit : 0);
	}
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CT_SCTS && r->obs[i].name)
			add_bit(o, "hasSct", !r->obs[i].number ? 0 : !strcmp(r->obs[i].name, "certificate") ? 1 :
				!strcmp(r->obs[i].name, "staple") ? 2 : 4);
}

/* ---- versions, suites, groups */

static int64_t protocol_id(uint16_t version)
{
	return version == VER_SSL2 ? SSL2_ID : version;
}

static struct json_object *protocol(struct page *p, const struct obs *o)
{
	struct json_object *v = json_map();
	const char *name = version_text(o->protocol), *number = strchr(name, 'v');

	json_set(v, "id", json_int(protocol_id(o->protocol)));
	json_set(v, "name", json_text(arena_textn(&p->arena, name, number ? (size_t)(number - name) : strlen(name))));
	json_set(v, "version", json_text(!number ? "" : strchr(number, '.') ? number + 1 :
		arena_printf(&p->arena, "%s.0", number + 1)));
	if (protocol_mark(o->protocol, o->tri) == MARK_BAD)
		json_set(v, "q", json_int(0));
	return v;
}

static struct json_object *protocols(struct page *p)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && p->r->obs[i].protocol && p->r->obs[i].tri == TRI_YES)
			json_push(list, protocol(p, &p->r->obs[i]));
	return list;
}

static struct json_object *suite(const struct cipher *c)
{
	struct json_object *o = json_map();

	json_set(o, "id", json_int(c->code));
	json_set(o, "name", json_text(c->name));
	json_set(o, "cipherStrength", json_int(c->bits));
	if (c->known && c->protocol != VER_TLS13)
		json_set(o, "kxType", json_text(c->kx));
	if (cipher_mark(c) == MARK_BAD)
		json_set(o, "q", json_int(0));
	return o;
}

/* Whose order decides: true the server's, false the client's; null is that it is not known, or only one. */
static struct json_object *preference(const char *order)
{
	if (!order || (strncmp(order, "server", 6) && strcmp(order, "client")))
		return NULL;
	return json_flag(*order == 's');
}

static const char *order_of(const struct record *r, enum obs_key key, uint16_t version)
{
	const struct obs *o = record_find(r, key, version);

	return o ? o->text : NULL;
}

static struct json_object *suites_of(struct page *p, const struct obs *o)
{
	const char *order = order_of(p->r, OBS_KEY_SUITES_ORDER, o->protocol);
	struct json_object *v = json_map(), *list = json_list();

	for (size_t i = 0; i < o->count; i++) {
		struct cipher c = cipher_of(&p->arena, o->protocol, o->codes[i]);

		json_push(list, suite(&c));
	}
	json_set(v, "protocol", json_int(protocol_id(o->protocol)));
	json_set(v, "list", list);
	json_set(v, "preference", preference(order));
	if (order)
		json_set(v, "chaCha20Preference", json_flag(!strcmp(order, "server-chacha")));
	return v;
}

static struct json_object *all_suites(struct page *p)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_SUITES_LIST && p->r->obs[i].count)
			json_push(list, suites_of(p, &p->r->obs[i]));
	return list;
}

/* The groups of the newest version that has a list. */
static struct json_object *named_groups(struct page *p)
{
	const struct obs *o = record_find(p->r, OBS_KEY_GROUPS_LIST, 0);
	struct json_object *v = json_map(), *list = json_list();

	for (size_t i = 0; o && i < o->count; i++) {
		const struct group *g = o->codes[i] <= UINT16_MAX ? group_find((uint16_t)o->codes[i]) : NULL;
		struct json_object *row = json_map();

		json_set(row, "id", json_int(o->codes[i]));
		json_set(row, "name", json_text(show_code(&p->arena, o, i)));
		json_set(row, "bits", json_int(g ? g->bits : 0));
		json_push(list, row);
	}
	json_set(v, "list", list);
	json_set(v, "preference", o ? preference(order_of(p->r, OBS_KEY_GROUPS_ORDER, o->protocol)) : NULL);
	return v;
}

static void set_weaknesses(struct json_object *o, const struct page *p)
{
	bool rc4 = false, others = false, export = false;
	const struct obs *dh = record_find(p->r, OBS_KEY_DH_BITS, 0);

	for (size_t i = 0; i < p->view.ciphers_count; i++) {
		rc4 |= suite_rc4(&p->view.ciphers[i]);
		others |= !suite_rc4(&p->view.ciphers[i]);
		export |= suite_export_rsa(&p->view.ciphers[i]);
	}
	if (p->view.ciphers_count) {
		json_set(o, "supportsRc4", json_flag(rc4));
		json_set(o, "rc4Only", json_flag(rc4 && !others));
		json_set(o, "freak", json_flag(export));
	}
	if (dh)
		json_set(o, "logjam", json_flag(dh->number < 1024));
	if (view_offered(&p->view, VER_SSL2) != TRI_UNKNOWN)
		json_set(o, "drownVulnerable", json_flag(view_offered(&p->view, VER_SSL2) == TRI_YES));
}

/* ---- chains and certificates */

static int chain_issues(const struct obs *o)
{
	static const struct {
		const char *issue;
		int bit;
	} rows[] = { { "incomplete", 2 }, { "unneeded", 4 }, { "duplicate", 4 }, { "wrong_order", 8 }, { "root_sent", 16 } };
	int set = 0;

	for (size_t i = 0; o && i < o->count; i++)
		for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
			set |= strcmp(o->names[i], rows[k].issue) ? 0 : rows[k].bit;
	return set;
}

/* Fingerprints, joined by a space where they are a path. */
static struct json_object *fingerprints(struct arena *a, const char *path)
{
	struct json_object *list = json_list();

	for (size_t n; *path; path += n + (path[n] == ' ')) {
		n = strcspn(path, " ");
		json_push(list, json_text(arena_textn(a, path, n)));
	}
	return list;
}

static struct json_object *trust_path(struct page *p, const struct obs *o)
{
	struct json_object *path = json_map(), *trust = json_map(), *list = json_list();

	json_set(trust, "rootStore", json_text(o->name ? o->name : "?"));
	json_set(trust, "isTrusted", json_flag(o->tri == TRI_YES));
	json_set(trust, "trustErrorMessage", json_text(o->reason));
	json_push(list, trust);
	json_set(path, "certIds", fingerprints(&p->arena, o->count ? o->names[0] : ""));
	json_set(path, "trust", list);
	return path;
}

static struct json_object *chain(struct page *p, const struct served *s)
{
	struct json_object *o = json_map(), *ids = json_list(), *paths = json_list();
	const struct obs *trust;

	for (size_t i = 0; i < s->names_count; i++)
		json_push(ids, json_text(s->names[i]));
	for (size_t i = 0; (trust = view_about(&p->view, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		json_push(paths, trust_path(p, trust));
	json_set(o, "id", json_text(s->id));
	json_set(o, "certIds", ids);
	json_set(o, "trustPaths", paths);
	json_set(o, "issues", json_int(chain_issues(view_about(&p->view, s, OBS_KEY_CHAIN_ISSUES, 0))));
	json_set(o, "noSni", json_flag(s->sni == TRI_NO));
	return o;
}

static struct json_object *chains(struct page *p)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->view.chains_count; i++)
		json_push(list, chain(p, &p->view.chains[i]));
	return list;
}

static int cert_issues(const struct page *p, const struct cert_info *c)
{
	return (cert_not_yet(c, p->r) ? 2 : 0) | (cert_expired(c, p->r) ? 4 : 0) | (c->self_signed ? 64 : 0) |
	       (cert_weak_hash(c, p->r) ? 256 : 0);
}

static struct json_object *certificate(const struct page *p, const struct cert_info *c)
{
	struct json_object *o = json_map(), *names = json_list();

	for (size_t i = 0; i < c->dns_names_count; i++)
		json_push(names, json_text(c->dns_names[i]));
	json_set(o, "id", json_text(c->sha256));
	json_set(o, "subject", json_text(c->subject));
	json_set(o, "altNames", names);
	json_set(o, "notBefore", json_int(c->not_before * 1000));
	json_set(o, "notAfter", json_int(c->not_after * 1000));
	json_set(o, "issuerSubject", json_text(c->issuer));
	json_set(o, "serialNumber", json_text(c->serial));
	json_set(o, "sigAlg", json_text(c->signature));
	json_set(o, "keyAlg", json_text(c->key == KEY_ECDSA ? "EC" : cert_key_name(c->key)));
	json_set(o, "keySize", json_int(c->key_bits));
	json_set(o, "keyStrength", json_int(cert_rsa_bits(c)));
	json_set(o, "issues", json_int(cert_issues(p, c)));
	json_set(o, "sha256Hash", json_text(c->sha256));
	json_set(o, "raw", json_text(c->pem));
	return o;
}

static void add_certificate(struct page *p, const struct cert_info *c)
{
	struct host *h = p->host;

	for (size_t i = 0; i < h->seen_n; i++)
		if (!strcmp(h->seen[i], c->sha256))
			return;
	h->seen = arena_push(&h->arena, h->seen, h->seen_n, sizeof *h->seen);
	h->seen[h->seen_n++] = arena_text(&h->arena, c->sha256);
	items_add(&h->certs, certificate(p, c));
}

/* ---- HTTP and sessions */

static struct json_object *hsts(const struct record *r)
{
	static const struct {
		const char *ours, *theirs;
	} words[] = { { "valid", "present" }, { "disabled", "disabled" }, { "invalid", "invalid" },
		{ "absent", "absent" } };
	const struct obs *o = record_find(r, OBS_KEY_HSTS, 0), *age = record_find(r, OBS_KEY_HSTS_MAX_AGE, 0);
	struct json_object *v = json_map();
	const char *status = "unknown";

	for (size_t i = 0; o && o->text && i < sizeof words / sizeof *words; i++)
		if (!strcmp(o->text, words[i].ours))
			status = words[i].theirs;
	json_set(v, "LONG_MAX_AGE", json_int(LONG_MAX_AGE));
	json_set(v, "status", json_text(status));
	json_set(v, "maxAge", age ? json_int(age->number) : NULL);
	if (record_tri(r, OBS_KEY_HSTS_SUBDOMAINS, 0) == TRI_YES)
		json_set(v, "includeSubDomains", json_flag(true));
	if (record_tri(r, OBS_KEY_HSTS_PRELOAD, 0) == TRI_YES)
		json_set(v, "preload", json_flag(true));
	return v;
}

static void set_http(struct json_object *o, const struct record *r)
{
	const struct obs *status = record_find(r, OBS_KEY_HTTP_STATUS, 0);
	const struct obs *server = record_find(r, OBS_KEY_HTTP_SERVER, 0);

	if (status)
		json_set(o, "httpStatusCode", json_int(status->number));
	if (server)
		json_set(o, "serverSignature", json_text(server->text));
	json_set(o, "hstsPolicy", hsts(r));
}

static void set_names(
        struct json_object *o, struct page *p, const char *flag, const char *list, enum obs_key key)
{
	const struct obs *names = record_find(p->r, key, 0);
	struct text t = { 0 };

	if (!names)
		return;
	for (size_t i = 0; i < names->count; i++)
		text_fmt(&t, "%s%s", i ? " " : "", names->names[i]);
	json_set(o, flag, json_flag(names->count));
	json_set(o, list, json_text(text_str(&t)));
	text_free(&t);
}

static void set_sessions(struct json_object *o, const struct record *r)
{
	enum tri resumed = any(r, OBS_KEY_RESUMPTION, NULL), ids = any(r, OBS_KEY_SESSION_GIVEN, "id");

	if (resumed != TRI_ABSENT)
		json_set(o, "sessionResumption", json_int(resumed == TRI_YES ? 2 : ids == TRI_YES));
}

/* ---- endpoints and hosts */

static struct json_object *details(struct page *p)
{
	struct json_object *o = json_map();

	json_set(o, "hostStartTime", json_int(p->r->started * 1000));
	json_set(o, "certChains", chains(p));
	json_set(o, "protocols", protocols(p));
	json_set(o, "suites", all_suites(p));
	json_set(o, "namedGroups", named_groups(p));
	set_flags(o, p->r);
	set_bits(o, p->r);
	set_weaknesses(o, p);
	set_sessions(o, p->r);
	set_names(o, p, "supportsNpn", "npnProtocols", OBS_KEY_NPN);
	set_names(o, p, "supportsAlpn", "alpnProtocols", OBS_KEY_ALPN);
	set_http(o, p->r);
	return o;
}

static bool warned(const struct grade *g)
{
	for (size_t i = 0; i < g->ledger_count; i++)
		if (g->ledger[i].state == ENTRY_APPLIED && !strcmp(g->ledger[i].effect, "warning"))
			return true;
	return false;
}

static struct json_object *one_endpoint(struct page *p)
{
	const struct grade *g = &p->j->grade;
	struct json_object *o = json_map();
	bool nothing = show_nothing_learnt(p->r);

	json_set(o, "ipAddress", json_text(p->r->ip));
	json_set(o, "statusMessage",
	        json_text(p->r->status == STATUS_OK ? "Ready" : show_error(&p->arena, p->r)));
	json_set(o, "progress", json_int(nothing ? -1 : 100));
	json_set(o, "duration", json_count(p->r->duration_ms));
	if (!nothing && letter_name(g->letter)) {
		json_set(o, "grade", json_text(letter_name(g->letter)));
		json_set(o, "gradeTrustIgnored", json_text(letter_name(g->config_letter)));
		json_set(o, "hasWarnings", json_flag(warned(g)));
		json_set(o, "isExceptional", json_flag(g->letter == LETTER_A_PLUS));
	}
	if (!nothing)
		json_set(o, "details", details(p));
	return o;
}

static void open_host(struct page *p)
{
	struct json_object *o = json_map();
	const struct record *r = p->r;
	char *head;

	json_set(o, "host", json_text(r->host && *r->host ? r->host : r->input));
	json_set(o, "port", json_int(r->port));
	json_set(o, "protocol", json_text("http"));
	json_set(o, "isPublic", json_flag(false));
	json_set(o, "status", json_text(r->ip ? "READY" : "ERROR"));
	if (!r->ip)
		json_set(o, "statusMessage", json_text(show_error(&p->arena, r)));
	json_set(o, "startTime", json_int(r->started * 1000));
	json_set(o, "engineVersion", json_text(r->version));
	json_set(o, "criteriaVersion", json_text(strchr(p->j->grade.guide, '-') + 1));
	head = json_dump(o, false);
	head[strlen(head) - 1] = 0; /* goes on */
	text_fmt(&p->host->hosts.text, "%s\n%s,\n\"endpoints\":[", p->host->hosts.n++ ? "," : "", head);
	free(head);
	json_object_put(o);
}

static void close_host(struct host *h)
{
	if (!h->target)
		return;
	text_add(&h->hosts.text, "\n],\n\"certs\":[");
	text_add(&h->hosts.text, text_str(&h->certs.text));
	text_fmt(&h->hosts.text, "\n],\n\"testTime\":%lld}", (long long)h->ended_ms);
	items_free(&h->certs);
	arena_free(&h->arena);
	*h = (struct host){ .hosts = h->hosts };
}

/* What tells one target from the next; addresses of the same one follow each other. */
static const char *target_of(struct arena *a, const struct record *r)
{
	return arena_printf(a, "%s %s %u %s %llu", r->input ? r->input : "", r->host ? r->host : "", (unsigned)r->port,
	        r->sni ? r->sni : "", (unsigned long long)r->source_line);
}

static void open_list(struct output *o)
{
	o->state = mem_new(1, sizeof(struct host));
	fputs("[", o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct host *h = o->state;
	struct page p = { .r = r, .j = j, .host = h };
	const char *target = target_of(&p.arena, r);
	int64_t ended_ms = r->started * 1000 + (int64_t)r->duration_ms;

	view_open(&p.view, r, &p.arena);
	if (!h->target || strcmp(h->target, target)) {
		close_host(h);
		open_host(&p);
		h->target = arena_text(&h->arena, target);
	}
	if (r->ip)
		items_add(&h->endpoints, one_endpoint(&p));
	for (size_t i = 0; i < r->certs_count; i++)
		add_certificate(&p, &r->certs[i]);
	h->ended_ms = ended_ms > h->ended_ms ? ended_ms : h->ended_ms;
	items_write(&h->hosts, o->file);
	items_write(&h->endpoints, o->file);
	arena_free(&p.arena);
}

static void close_list(struct output *o)
{
	struct host *h = o->state;

	close_host(h);
	items_write(&h->hosts, o->file);
	fputs("\n]\n", o->file);
	items_free(&h->hosts);
	free(h);
	o->state = NULL;
}

const struct writer writer_ssllabs = {
	.name = "ssllabs",
	.what = "Host objects as the SSL Labs API, version 3, has them (JSON)",
	.machine = true,
	.whole = true,
	.open = open_list,
	.endpoint = endpoint,
	.close = close_list,
};
