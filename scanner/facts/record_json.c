#include "scanner/facts/record_json.h"

#include <stdlib.h>

#include "scanner/facts/json.h"
#include "scanner/facts/record_views.h"

static struct json_object *json_time(int64_t seconds)
{
	char text[24];

	time_text(seconds, text);
	return json_text(text);
}

/* For keys that hold a text in every record. */
static struct json_object *text_or_empty(const char *s)
{
	return json_text(s ? s : "");
}

static struct json_object *tool(const struct record *r)
{
	struct json_object *t = json_map();

	json_set(t, "name", json_text("tlsassay"));
	json_set(t, "version", text_or_empty(r->version));
	return t;
}

static struct json_object *volatiles(const struct record *r)
{
	struct json_object *all = json_map(), *one = NULL;

	for (size_t i = 0; i < r->volatiles_count; i++) {
		const struct volatile_evidence *v = &r->volatiles[i];

		if (!i || strcmp(v->finding, r->volatiles[i - 1].finding)) {
			one = json_map();
			json_set(all, v->finding, one);
		}
		json_set(one, v->evidence.name, json_text(v->evidence.text));
	}
	return all;
}

static struct json_object *scan(const struct record *r)
{
	struct json_object *s = json_map();

	json_set(s, "started", json_time(r->started));
	json_set(s, "duration_ms", json_count(r->duration_ms));
	json_set(s, "connections", json_count(r->connections));
	json_set(s, "bytes_sent", json_count(r->bytes_sent));
	json_set(s, "bytes_received", json_count(r->bytes_received));
	json_set(s, "seed", text_or_empty(r->seed));
	json_set(s, "evidence", volatiles(r));
	return s;
}

static struct json_object *source(const struct record *r)
{
	struct json_object *s;

	if (!r->source_file)
		return NULL;
	s = json_map();
	json_set(s, "file", json_text(r->source_file));
	json_set(s, "line", json_count(r->source_line));
	return s;
}

static struct json_object *target(const struct record *r)
{
	struct json_object *t = json_map();

	json_set(t, "input", text_or_empty(r->input));
	json_set(t, "host", text_or_empty(r->host));
	json_set(t, "port", json_count(r->port));
	json_set(t, "transport", text_or_empty(r->transport));
	json_set(t, "sni", json_text(r->sni));
	json_set(t, "starttls", json_text(r->starttls));
	json_set(t, "source", source(r));
	if (r->ref)
		json_set(t, "ref", r->ref_is_number ? json_int(strtoll(r->ref, NULL, 10)) : json_text(r->ref));
	return t;
}

static struct json_object *endpoint(const struct record *r)
{
	struct json_object *e = json_map();

	json_set(e, "ip", json_text(r->ip));
	json_set(e, "family", json_text(r->family));
	return e;
}

static struct json_object *error(const struct record *r)
{
	struct json_object *e;

	if (!r->error_code)
		return NULL;
	e = json_map();
	json_set(e, "code", json_text(r->error_code));
	json_set(e, "stage", text_or_empty(r->error_stage));
	json_set(e, "message", text_or_empty(r->error_message));
	return e;
}

/* ---- observations
 * -------------------------------------------------------------------------------------------- */

static struct json_object *codes(const struct obs *o)
{
	bool kinds = o->key == OBS_KEY_SUITES_LIST && o->protocol == VER_SSL2;
	struct json_object *list = json_list();

	for (size_t i = 0; i < o->count; i++)
		json_push(list, kinds ? json_kind(o->codes[i]) : json_code(o->codes[i]));
	return list;
}

static struct json_object *value(const struct obs *o)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		return json_text(tri_name(o->tri));
	case OBS_NUMBER:
		return json_int(o->number);
	case OBS_TEXT:
		return text_or_empty(o->text);
	case OBS_CODES:
		return codes(o);
	case OBS_NAMES:
		return json_names(o->names, o->count);
	}
	return NULL;
}

static struct json_object *evidence(const struct obs *o)
{
	struct json_object *e = json_map();

	for (size_t i = 0; i < o->evidence_count; i++)
		json_set(e, o->evidence[i].name, text_or_empty(o->evidence[i].text));
	return e;
}

static void set_given(struct json_object *map, const char *key, const char *text)
{
	if (text)
		json_set(map, key, json_text(text));
}

/* What the observation is about. */
static void subject(struct json_object *j, const struct obs *o)
{
	if (o->protocol)
		json_set(j, "protocol", json_protocol(o->protocol));
	if (o->cert)
		json_set(j, "certificate", json_text(cert_key_name(o->cert)));
	if (o->sni)
		json_set(j, "sni", json_text(tri_name(o->sni)));
	set_given(j, "chain", o->chain);
	set_given(j, "name", o->name);
	set_given(j, "sha256", o->sha256);
}

static struct json_object *observation(const struct obs *o)
{
	enum obs_type type = obs_kinds[o->key].type;
	struct json_object *j = json_map();

	json_set(j, "key", json_text(obs_kinds[o->key].key));
	subject(j, o);
	json_set(j, "value", value(o));
	if (o->key == OBS_KEY_CHAIN_TRUST)
		json_set(j, "paths", json_paths(o));
	if (o->reason && (type == OBS_CODES || type == OBS_NAMES))
		json_set(j, "complete", json_flag(false));
	set_given(j, "reason", o->reason);
	json_set(j, "probe", text_or_empty(o->probe));
	json_set(j, "evidence", evidence(o));
	return j;
}

/* What was not asked is not written. */
static bool asked(const struct obs *o)
{
	return obs_kinds[o->key].type != OBS_TRI || o->tri != TRI_ABSENT;
}

static struct json_object *observations(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++)
		if (asked(&r->obs[i]))
			json_push(list, observation(&r->obs[i]));
	return list;
}

static struct json_object *probes(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->probes_count; i++) {
		const struct probe_result *p = &r->probes[i];
		struct json_object *j = json_map();

		json_set(j, "id", text_or_empty(p->id));
		json_set(j, "state", json_text(probe_state_name(p->state)));
		json_set(j, "reason", json_text(p->reason));
		json_set(j, "connections", json_count(p->connections));
		json_push(list, j);
	}
	return list;
}

/* ---- certificates
 * -------------------------------------------------------------------------------------------- */

static struct json_object *key(const struct cert_info *c)
{
	struct json_object *k = json_map();

	json_set(k, "type", json_text(cert_key_name(c->key)));
	json_set(k, "bits", json_count(c->key_bits));
	set_given(k, "curve", c->curve);
	set_given(k, "exponent", c->exponent);
	return k;
}

/* What is there only for certificates that need it. */
static void raw_bytes(struct json_object *j, const struct cert_info *c)
{
	if (c->names_count)
		json_set(j, "names_count", json_count(c->names_count));
	set_given(j, "subject_hex", c->subject_hex);
	set_given(j, "issuer_hex", c->issuer_hex);
	if (c->dns_names_hex_count)
		json_set(j, "dns_names_hex", json_names(c->dns_names_hex, c->dns_names_hex_count));
}

/* Of a malformed certificate only its bytes are known: the rest is null. */
static struct json_object *certificate(const struct cert_info *c)
{
	struct json_object *j = json_map();
	bool known = !c->malformed;

	json_set(j, "sha256", text_or_empty(c->sha256));
	json_set(j, "subject", known ? text_or_empty(c->subject) : NULL);
	json_set(j, "issuer", known ? text_or_empty(c->issuer) : NULL);
	json_set(j, "not_before", known ? json_time(c->not_before) : NULL);
	json_set(j, "not_after", known ? json_time(c->not_after) : NULL);
	json_set(j, "key", known ? key(c) : NULL);
	json_set(j, "signature", known ? text_or_empty(c->signature) : NULL);
	json_set(j, "self_signed", json_flag(known && c->self_signed));
	json_set(j, "serial", known ? text_or_empty(c->serial) : NULL);
	json_set(j, "dns_names", known ? json_names(c->dns_names, c->dns_names_count) : json_list());
	json_set(j, "names_cut", json_flag(known && c->names_cut));
	if (known)
		raw_bytes(j, c);
	json_set(j, "malformed", json_flag(c->malformed));
	json_set(j, "pem", text_or_empty(c->pem));
	return j;
}

static struct json_object *certificates(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->certs_count; i++)
		json_push(list, certificate(&r->certs[i]));
	return list;
}

struct json_object *record_to_json(const struct record *r)
{
	struct json_object *j = json_map();

	json_set(j, "schema", json_text("tlsassay/1"));
	json_set(j, "kind", json_text("endpoint"));
	json_set(j, "tool", tool(r));
	json_set(j, "scan", scan(r));
	json_set(j, "target", target(r));
	json_set(j, "endpoint", endpoint(r));
	json_set(j, "status", json_text(status_name(r->status)));
	json_set(j, "error", error(r));
	json_set(j, "unstable", json_flag(r->unstable));
	json_set(j, "tainted", json_flag(r->tainted));
	json_set(j, "observations", observations(r));
	json_set(j, "probes", probes(r));
	record_views(j, r);
	json_set(j, "certificates", certificates(r));
	return j;
}
