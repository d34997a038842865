/*
 * A cryptography bill of materials, CycloneDX 1.6 (ECMA-424 first edition): a component for each certificate and
 * each version of the protocol at an endpoint, with its suites and groups; algorithms once for all, in the foot,
 * so that only their names are kept while endpoints come.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/issue.h"
#include "report/items.h"
#include "report/view.h"
#include "scanner/base/die.h"
#include "scanner/facts/record_json.h"

/* ---- algorithms: names, each with what it is */

struct kind {
	const char *part;      /* of the name */
	const char *primitive; /* of the schema's words */
};

/* Ciphers by their mode, the first that fits. */
static const struct kind ciphers[] = { { "GCM", "ae" }, { "CCM", "ae" }, { "POLY1305", "ae" },
	{ "RC4", "stream-cipher" }, { "NULL", "other" }, { "", "block-cipher" } };
static const struct kind exchanges[] = { { "RSA", "pke" }, { "", "key-agree" } };
static const struct kind macs[] = { { "", "mac" } };
static const struct kind signatures[] = { { "", "signature" } };

static const char *group_primitive(const struct group *g)
{
	return g->kind == GROUP_KEM ? "kem" : g->kind == GROUP_HYBRID ? "combiner" : "key-agree";
}

static const char *const modes[] = { "gcm", "ccm", "cbc" };

struct algorithm {
	char *name;
	const char *primitive;
	const struct group *group; /* NULL: no group */
};

/* Registries and OpenSSL name a few hundred; object identifiers of a peer's own making are not kept for ever. */
enum { ALGORITHMS_MAX = 2000 };

struct bill {
	struct items items;
	struct algorithm *algorithms;
	size_t n;
};

static const char *primitive_of(const struct kind *kinds, const char *name)
{
	while (!strstr(name, kinds->part))
		kinds++;
	return kinds->primitive;
}

/* The reference of an algorithm, which is noted on its first use; NULL when there are too many. */
static struct json_object *algorithm(struct bill *b, struct arena *a, const char *name, const char *primitive,
        const struct group *g)
{
	size_t i = 0;

	while (i < b->n && (strcmp(b->algorithms[i].name, name) || strcmp(b->algorithms[i].primitive, primitive)))
		i++;
	if (i == ALGORITHMS_MAX)
		return NULL;
	if (i == b->n) {
		b->algorithms = mem_grow(b->algorithms, ++b->n, sizeof *b->algorithms);
		b->algorithms[i] = (struct algorithm){ mem_text(name), primitive, g };
	}
	return json_text(arena_printf(a, "algorithm/%s/%s", primitive, name));
}

static const char *mode_of(const char *name)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcasestr(name, modes[i]))
			return modes[i];
	return NULL;
}

static struct json_object *asset(const char *name, const char *ref)
{
	struct json_object *o = json_map();

	json_set(o, "type", json_text("cryptographic-asset"));
	json_set(o, "bom-ref", json_text(ref));
	json_set(o, "name", json_text(name));
	return o;
}

static void set_crypto(
        struct json_object *component, const char *type, const char *key, struct json_object *properties)
{
	struct json_object *crypto = json_map();

	json_set(crypto, "assetType", json_text(type));
	json_set(crypto, key, properties);
	json_set(component, "cryptoProperties", crypto);
}

static bool is_curve(const struct group *g)
{
	return g->kind == GROUP_EC_PRIME || g->kind == GROUP_EC_BINARY || g->kind == GROUP_MONTGOMERY;
}

static struct json_object *algorithm_component(struct arena *a, const struct algorithm *g)
{
	struct json_object *o, *p = json_map();

	o = asset(g->name, arena_printf(a, "algorithm/%s/%s", g->primitive, g->name));
	json_set(p, "primitive", json_text(g->primitive));
	if (mode_of(g->name))
		json_set(p, "mode", json_text(mode_of(g->name)));
	if (g->group && is_curve(g->group))
		json_set(p, "curve", json_text(g->group->name));
	if (g->group && g->group->security)
		json_set(p, "classicalSecurityLevel", json_int(g->group->security));
	if (g->group && !g->group->pq)
		json_set(p, "nistQuantumSecurityLevel", json_int(0));
	set_crypto(o, "algorithm", "algorithmProperties", p);
	return o;
}

/* ---- endpoints */

struct page {
	struct bill *bill;
	struct arena arena;
	struct view view;
	const struct record *r;
	size_t number;
};

/* Where it was seen: the endpoint. */
static struct json_object *seen_at(struct page *p)
{
	struct json_object *o = json_map(), *list = json_list(), *evidence = json_map();

	json_set(o, "location", json_text(issue_endpoint(&p->arena, p->r)));
	json_push(list, o);
	json_set(evidence, "occurrences", list);
	return evidence;
}

static const char *cert_ref(struct page *p, const char *sha256)
{
	return arena_printf(&p->arena, "endpoint/%zu/certificate/%s", p->number, sha256);
}

static void push_algorithm(struct page *p, struct json_object *list, const struct kind *kinds, const char *name)
{
	struct json_object *ref = *name ? algorithm(p->bill, &p->arena, name, primitive_of(kinds, name), NULL) : NULL;

	if (ref)
		json_push(list, ref);
}

static struct json_object *cipher_suite(struct page *p, const struct cipher *c)
{
	struct json_object *o = json_map(), *ids = json_list(), *algorithms = json_list();

	if (c->code > 0xFFFF)
		json_push(ids, json_text(arena_printf(&p->arena, "0x%02X", (unsigned)(c->code >> 16 & 0xFF))));
	json_push(ids, json_text(arena_printf(&p->arena, "0x%02X", (unsigned)(c->code >> 8 & 0xFF))));
	json_push(ids, json_text(arena_printf(&p->arena, "0x%02X", (unsigned)(c->code & 0xFF))));
	push_algorithm(p, algorithms, ciphers, c->enc);
	if (c->protocol != VER_TLS13) {
		push_algorithm(p, algorithms, exchanges, c->kx);
		push_algorithm(p, algorithms, signatures, c->anonymous ? "" : c->auth);
	}
	push_algorithm(p, algorithms, macs, strcmp(c->mac, "AEAD") ? c->mac : "");
	json_set(o, "name", json_text(c->name));
	json_set(o, "identifiers", ids);
	json_set(o, "algorithms", algorithms);
	return o;
}

static void push_group(struct page *p, struct json_object *list, uint32_t code)
{
	const struct group *g = code <= UINT16_MAX ? group_find((uint16_t)code) : NULL;
	struct json_object *ref =
	        g ? algorithm(p->bill, &p->arena, g->name, group_primitive(g), g) : NULL;

	if (ref)
		json_push(list, ref);
}

static bool shown_in(const struct served *s, uint16_t version, const char *sha256)
{
	bool in = false;

	for (size_t i = 0; i < s->protocols_count; i++)
		in |= s->protocols[i] == version;
	for (size_t i = 0; in && i < s->names_count; i++)
		if (!strcmp(s->names[i], sha256))
			return true;
	return false;
}

static void push_certificate(struct page *p, struct json_object *list, uint16_t version, const char *sha256)
{
	for (size_t i = 0; i < p->view.chains_count; i++)
		if (shown_in(&p->view.chains[i], version, sha256)) {
			json_push(list, json_text(cert_ref(p, sha256)));
			return;
		}
}

/* Groups and certificates of this version. */
static struct json_object *references(struct page *p, uint16_t version)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		for (size_t k = 0; o->key == OBS_KEY_GROUPS_LIST && o->protocol == version && k < o->count; k++)
			push_group(p, list, o->codes[k]);
	}
	for (size_t i = 0; i < p->r->certs_count; i++)
		push_certificate(p, list, version, p->r->certs[i].sha256);
	return list;
}

static void protocol(struct page *p, const struct obs *o)
{
	const char *name = version_text(o->protocol), *number = strchr(name, 'v');
	struct json_object *c = asset(name, arena_printf(&p->arena, "endpoint/%zu/%s", p->number, name));
	struct json_object *properties = json_map(), *list = json_list();

	for (size_t i = 0; i < p->view.ciphers_count; i++)
		if (p->view.ciphers[i].protocol == o->protocol)
			json_push(list, cipher_suite(p, &p->view.ciphers[i]));
	json_set(properties, "type", json_text(o->protocol == VER_TLCP ? "other" : "tls"));
	json_set(properties, "version", json_text(number ? number + 1 : name));
	json_set(properties, "cipherSuites", list);
	json_set(properties, "cryptoRefArray", references(p, o->protocol));
	json_set(c, "evidence", seen_at(p));
	set_crypto(c, "protocol", "protocolProperties", properties);
	items_add(&p->bill->items, c);
}

static void certificate(struct page *p, const struct cert_info *i)
{
	struct json_object *c = asset(i->subject && *i->subject ? i->subject : i->sha256, cert_ref(p, i->sha256));
	struct json_object *properties = json_map(), *ref;
	char from[24], until[24];

	time_text(i->not_before, from);
	time_text(i->not_after, until);
	if (!i->malformed) {
		json_set(properties, "subjectName", json_text(i->subject ? i->subject : ""));
		json_set(properties, "issuerName", json_text(i->issuer ? i->issuer : ""));
		json_set(properties, "notValidBefore", json_text(from));
		json_set(properties, "notValidAfter", json_text(until));
		if (i->signature && (ref = algorithm(p->bill, &p->arena, i->signature, "signature", NULL)))
			json_set(properties, "signatureAlgorithmRef", ref);
	}
	json_set(properties, "certificateFormat", json_text("X.509"));
	json_set(c, "evidence", seen_at(p));
	set_crypto(c, "certificate", "certificateProperties", properties);
	items_add(&p->bill->items, c);
}

/* ---- the document */

static void open_bill(struct output *o)
{
	o->state = mem_new(1, sizeof(struct bill));
	fputs("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\n"
	      "\"metadata\":{\"tools\":{\"components\":[{\"type\":\"application\",\"name\":\"tlsassay\"}]}},\n"
	      "\"components\":[", o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct bill *b = o->state;
	struct page p = { .bill = b, .r = r, .number = o->written + 1 };

	(void)j;
	view_open(&p.view, r, &p.arena);
	for (size_t i = 0; i < r->certs_count; i++)
		certificate(&p, &r->certs[i]);
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && r->obs[i].protocol && r->obs[i].tri == TRI_YES)
			protocol(&p, &r->obs[i]);
	items_write(&b->items, o->file);
	arena_free(&p.arena);
}

static void close_bill(struct output *o)
{
	struct bill *b = o->state;
	struct arena a = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		items_add(&b->items, algorithm_component(&a, &b->algorithms[i]));
		free(b->algorithms[i].name);
	}
	items_write(&b->items, o->file);
	fputs("\n]}\n", o->file);
	items_free(&b->items);
	free(b->algorithms);
	free(b);
	arena_free(&a);
	o->state = NULL;
}

const struct writer writer_cbom = {
	.name = "cbom",
	.what = "a cryptography bill of materials, CycloneDX 1.6 (JSON)",
	.machine = true,
	.whole = true,
	.open = open_bill,
	.endpoint = endpoint,
	.close = close_bill,
};
