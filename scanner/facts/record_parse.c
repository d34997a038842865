/*
 * record_from_json(): a saved record back from its JSON. The document may have been written by anybody: the
 * first thing wrong is kept as a sentence, everything after it reads as empty, and no record comes of it.
 * Observations whose key is not known come from a newer version and are passed over, as unknown keys are.
 */
#include "scanner/facts/record_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/json.h"

/* Far above what any scan writes; they keep the work on a hostile document small. */
enum {
	OBSERVATIONS_MAX = 4096,
	CERTIFICATES_MAX = 4096,
	PROBES_MAX = 4096,
	EVIDENCE_MAX = 1024,
	ENTRIES_MAX = 65536 + 16, /* of one list: every code of 16 bits */
	PATH_CERTS_MAX = 64,      /* certificates of one path */
	TEXT_MAX_BYTES = 1 << 20, /* a certificate in PEM is the longest */
	FINGERPRINT_DIGITS = 64,
};

struct reader {
	struct record *record;
	const char *part; /* where in the document we are, for the sentence; with `at` when it is a list */
	size_t at;
	char *why; /* the first thing wrong; NULL while all is well */
};

enum { NOT_A_LIST = -1 };

static void refuse(struct reader *in, const char *key, const char *what)
{
	struct text t = { 0 };

	if (in->why)
		return;
	text_add(&t, in->part);
	if (in->at != (size_t)NOT_A_LIST)
		text_fmt(&t, "[%zu]", in->at);
	text_fmt(&t, ": %s %s", key, what);
	in->why = t.s;
}

/* ---- members of a map
 * ---------------------------------------------------------------------------------------- */

/* NULL when it is absent, null or of another type; the last is refused. */
static struct json_object *member(
        struct reader *in, struct json_object *map, const char *key, enum json_type type)
{
	struct json_object *v = NULL;

	json_object_object_get_ex(map, key, &v);
	if (!v || json_object_is_type(v, type))
		return v;
	refuse(in, key, "is of the wrong type");
	return NULL;
}

static struct json_object *needed(
        struct reader *in, struct json_object *map, const char *key, enum json_type type)
{
	struct json_object *v = member(in, map, key, type);

	if (!v)
		refuse(in, key, "is missing");
	return v;
}

static struct json_object *list_of(struct reader *in, struct json_object *map, const char *key, size_t max)
{
	struct json_object *list = needed(in, map, key, json_type_array);

	if (!list || json_object_array_length(list) <= max)
		return list;
	refuse(in, key, "has too many entries");
	return NULL;
}

static size_t length(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

static const char *cleaned(struct reader *in, const char *key, const char *s, size_t n)
{
	const char *text = n <= TEXT_MAX_BYTES ? text_clean(&in->record->arena, s, n, n) : NULL;

	if (text && strlen(text) <= TEXT_MAX_BYTES) /* cleaning makes it longer */
		return text;
	refuse(in, key, "is too long");
	return "";
}

static const char *text_in(struct reader *in, const char *key, struct json_object *v)
{
	if (json_object_is_type(v, json_type_string))
		return cleaned(in, key, json_object_get_string(v), (size_t)json_object_get_string_len(v));
	refuse(in, key, "is not a text");
	return "";
}

/* NULL when it is not there. */
static const char *text_given(struct reader *in, struct json_object *map, const char *key)
{
	struct json_object *v = member(in, map, key, json_type_string);

	return v ? text_in(in, key, v) : NULL;
}

static const char *text_needed(struct reader *in, struct json_object *map, const char *key)
{
	struct json_object *v = needed(in, map, key, json_type_string);

	return v ? text_in(in, key, v) : "";
}

static uint64_t count_needed(struct reader *in, struct json_object *map, const char *key, uint64_t max)
{
	struct json_object *v = needed(in, map, key, json_type_int);
	uint64_t n = json_object_get_uint64(v);

	if (!v || (json_object_get_int64(v) >= 0 && n <= max))
		return n;
	refuse(in, key, "is out of range");
	return 0;
}

static bool flag_needed(struct reader *in, struct json_object *map, const char *key)
{
	return json_object_get_boolean(needed(in, map, key, json_type_boolean));
}

static int64_t time_needed(struct reader *in, struct json_object *map, const char *key)
{
	int64_t seconds = 0;

	if (!time_parse(text_needed(in, map, key), &seconds))
		refuse(in, key, "is not a time of RFC 3339");
	return seconds;
}

/* ---- words
 * --------------------------------------------------------------------------------------------------- */

typedef const char *word_name(int);

static const char *tri_word(int i)
{
	return tri_name((enum tri)i);
}

static const char *cert_key_word(int i)
{
	return cert_key_name((enum cert_key)i);
}

static const char *status_word(int i)
{
	return status_name((enum status)i);
}

static const char *probe_state_word(int i)
{
	return probe_state_name((enum probe_state)i);
}

/* Which of first..last has this name; `first` when none has, and that is refused. */
static int word(struct reader *in, const char *key, const char *text, word_name *name, int first, int last)
{
	for (int i = first; i <= last; i++)
		if (!strcmp(name(i), text))
			return i;
	refuse(in, key, "is not one of its words");
	return first;
}

/* ---- codes
 * --------------------------------------------------------------------------------------------------- */

/* "0x" and one to six hex digits. */
static bool hex_code(const char *s, uint32_t *code)
{
	size_t n = strncmp(s, "0x", 2) ? 0 : strspn(s + 2, "0123456789abcdefABCDEF");

	if (n < 1 || n > 6 || s[2 + n])
		return false;
	*code = (uint32_t)strtoul(s + 2, NULL, 16);
	return true;
}

static uint16_t protocol(struct reader *in, const char *name)
{
	const struct version *v = version_by_name(name);
	uint32_t code;

	if (v)
		return v->code;
	if (hex_code(name, &code) && code <= UINT16_MAX)
		return (uint16_t)code;
	refuse(in, "protocol", "is not known");
	return 0;
}

static uint32_t code(struct reader *in, struct json_object *v)
{
	uint32_t c = 0;

	if (!json_object_is_type(v, json_type_string) || !hex_code(json_object_get_string(v), &c))
		refuse(in, "value", "has what is not a code");
	return c;
}

static bool is_fingerprint(const char *s)
{
	return strlen(s) == FINGERPRINT_DIGITS && strspn(s, "0123456789abcdef") == FINGERPRINT_DIGITS;
}

/* ---- observations
 * -------------------------------------------------------------------------------------------- */

static const char *const *names(struct reader *in, const char *key, struct json_object *list)
{
	const char **all = arena_new(&in->record->arena, length(list), sizeof *all);

	for (size_t i = 0; i < length(list); i++)
		all[i] = text_in(in, key, json_object_array_get_idx(list, i));
	return all;
}

/* A list of fingerprints as one text, joined by spaces. */
static const char *path(struct reader *in, struct json_object *list)
{
	struct text joined = { 0 };
	const char *s;

	if (!json_object_is_type(list, json_type_array) || length(list) > PATH_CERTS_MAX) {
		refuse(in, "paths", "has what is not a path");
		return "";
	}
	for (size_t i = 0; i < length(list); i++) {
		s = text_in(in, "paths", json_object_array_get_idx(list, i));
		if (!is_fingerprint(s))
			refuse(in, "paths", "has what is not a fingerprint");
		text_fmt(&joined, "%s%s", i ? " " : "", s);
	}
	s = arena_textn(&in->record->arena, text_str(&joined), joined.n);
	text_free(&joined);
	return s;
}

static void read_paths(struct reader *in, struct json_object *j, struct obs *o)
{
	struct json_object *list = list_of(in, j, "paths", ENTRIES_MAX);
	const char **all = arena_new(&in->record->arena, length(list), sizeof *all);

	for (size_t i = 0; i < length(list); i++)
		all[i] = path(in, json_object_array_get_idx(list, i));
	o->names = all;
	o->count = length(list);
}

static void read_tri(struct reader *in, struct json_object *j, struct obs *o)
{
	o->tri = (enum tri)word(in, "value", text_needed(in, j, "value"), tri_word, TRI_NO, TRI_NA);
	if (o->key == OBS_KEY_CHAIN_TRUST)
		read_paths(in, j, o);
}

static void read_number(struct reader *in, struct json_object *j, struct obs *o)
{
	o->number = json_object_get_int64(needed(in, j, "value", json_type_int));
}

static void read_text(struct reader *in, struct json_object *j, struct obs *o)
{
	o->text = text_needed(in, j, "value");
}

/* A list that says it is not whole stays so, even when it does not say why. */
static void read_complete(struct reader *in, struct json_object *j, struct obs *o)
{
	struct json_object *complete = member(in, j, "complete", json_type_boolean);

	if (complete && !json_object_get_boolean(complete) && !o->reason)
		o->reason = "incomplete";
}

static void read_codes(struct reader *in, struct json_object *j, struct obs *o)
{
	struct json_object *list = list_of(in, j, "value", ENTRIES_MAX);
	uint32_t *all = arena_new(&in->record->arena, length(list), sizeof *all);

	for (size_t i = 0; i < length(list); i++)
		all[i] = code(in, json_object_array_get_idx(list, i));
	o->codes = all;
	o->count = length(list);
	read_complete(in, j, o);
}

static void read_names(struct reader *in, struct json_object *j, struct obs *o)
{
	struct json_object *list = list_of(in, j, "value", ENTRIES_MAX);

	o->names = names(in, "value", list);
	o->count = length(list);
	read_complete(in, j, o);
}

static void (*const read_value[])(struct reader *, struct json_object *, struct obs *) = {
	[OBS_TRI] = read_tri,
	[OBS_NUMBER] = read_number,
	[OBS_TEXT] = read_text,
	[OBS_CODES] = read_codes,
	[OBS_NAMES] = read_names,
};

static void read_evidence(struct reader *in, struct json_object *j, struct obs *o)
{
	struct json_object *map = member(in, j, "evidence", json_type_object);
	size_t n = map ? (size_t)json_object_object_length(map) : 0;
	struct json_object_iterator at, end;
	struct evidence *all;

	if (n > EVIDENCE_MAX)
		refuse(in, "evidence", "has too many entries");
	if (!n || in->why)
		return;
	all = arena_new(&in->record->arena, n, sizeof *all);
	at = json_object_iter_begin(map);
	end = json_object_iter_end(map);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		all[o->evidence_count].name = cleaned(in, "evidence", name, strlen(name));
		all[o->evidence_count++].text = text_in(in, "evidence", json_object_iter_peek_value(&at));
	}
	o->evidence = all;
}

/* What the observation is about. */
static void read_subject(struct reader *in, struct json_object *j, struct obs *o)
{
	const char *version = text_given(in, j, "protocol"), *cert = text_given(in, j, "certificate");
	const char *sni = text_given(in, j, "sni");

	if (version)
		o->protocol = protocol(in, version);
	if (cert)
		o->cert = (enum cert_key)word(in, "certificate", cert, cert_key_word, KEY_NONE, KEY_OTHER);
	if (sni)
		o->sni = (enum tri)word(in, "sni", sni, tri_word, TRI_NO, TRI_NA);
	o->chain = text_given(in, j, "chain");
	o->name = text_given(in, j, "name");
	o->sha256 = text_given(in, j, "sha256");
}

static bool key_find(const char *name, enum obs_key *key)
{
	for (int i = 0; i < OBS_KEYS; i++)
		if (!strcmp(obs_kinds[i].key, name)) {
			*key = (enum obs_key)i;
			return true;
		}
	return false;
}

static void read_observation(struct reader *in, struct json_object *j)
{
	struct obs o = { 0 };

	if (!key_find(text_needed(in, j, "key"), &o.key))
		return;
	read_subject(in, j, &o);
	o.reason = text_given(in, j, "reason");
	read_value[obs_kinds[o.key].type](in, j, &o);
	o.probe = text_needed(in, j, "probe");
	read_evidence(in, j, &o);
	record_add(in->record, &o);
}

/* ---- probes and certificates
 * --------------------------------------------------------------------------------- */

static void read_probe(struct reader *in, struct json_object *j)
{
	struct record *r = in->record;
	struct probe_result *p;

	r->probes = arena_push(&r->arena, r->probes, r->probes_count, sizeof *r->probes);
	p = &r->probes[r->probes_count++];
	p->id = text_needed(in, j, "id");
	p->state = (enum probe_state)word(
	        in, "state", text_needed(in, j, "state"), probe_state_word, PROBE_DONE, PROBE_BLOCKED);
	p->reason = text_given(in, j, "reason");
	p->connections = (unsigned)count_needed(in, j, "connections", UINT32_MAX);
}

static void read_key(struct reader *in, struct json_object *j, struct cert_info *c)
{
	struct json_object *k = needed(in, j, "key", json_type_object);

	c->key = (enum cert_key)word(
	        in, "type", text_needed(in, k, "type"), cert_key_word, KEY_NONE, KEY_OTHER);
	c->key_bits = (uint32_t)count_needed(in, k, "bits", UINT32_MAX);
	c->curve = text_given(in, k, "curve");
	c->exponent = text_given(in, k, "exponent");
}

static void read_raw_bytes(struct reader *in, struct json_object *j, struct cert_info *c)
{
	struct json_object *list = member(in, j, "dns_names_hex", json_type_array);

	if (member(in, j, "names_count", json_type_int))
		c->names_count = (uint32_t)count_needed(in, j, "names_count", UINT32_MAX);
	c->subject_hex = text_given(in, j, "subject_hex");
	c->issuer_hex = text_given(in, j, "issuer_hex");
	if (!list)
		return;
	list = list_of(in, j, "dns_names_hex", ENTRIES_MAX);
	c->dns_names_hex = names(in, "dns_names_hex", list);
	c->dns_names_hex_count = length(list);
}

static void read_known(struct reader *in, struct json_object *j, struct cert_info *c)
{
	struct json_object *list = list_of(in, j, "dns_names", ENTRIES_MAX);

	c->subject = text_needed(in, j, "subject");
	c->issuer = text_needed(in, j, "issuer");
	c->not_before = time_needed(in, j, "not_before");
	c->not_after = time_needed(in, j, "not_after");
	read_key(in, j, c);
	c->signature = text_needed(in, j, "signature");
	c->self_signed = flag_needed(in, j, "self_signed");
	c->serial = text_needed(in, j, "serial");
	c->dns_names = names(in, "dns_names", list);
	c->dns_names_count = length(list);
	c->names_cut = flag_needed(in, j, "names_cut");
	read_raw_bytes(in, j, c);
}

static void read_certificate(struct reader *in, struct json_object *j)
{
	struct record *r = in->record;
	struct cert_info *c;

	r->certs = arena_push(&r->arena, r->certs, r->certs_count, sizeof *r->certs);
	c = &r->certs[r->certs_count++];
	c->sha256 = text_needed(in, j, "sha256");
	if (!is_fingerprint(c->sha256))
		refuse(in, "sha256", "is not a fingerprint");
	c->malformed = flag_needed(in, j, "malformed");
	c->pem = text_needed(in, j, "pem");
	if (!c->malformed)
		read_known(in, j, c);
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------- */

/* Every record has them, empty or not. */
static const struct part {
	const char *key;
	size_t max;
	void (*read)(struct reader *, struct json_object *);
} lists[] = {
	{ "observations", OBSERVATIONS_MAX, read_observation },
	{ "probes", PROBES_MAX, read_probe },
	{ "certificates", CERTIFICATES_MAX, read_certificate },
};

static struct json_object *enter(struct reader *in, struct json_object *map, const char *key)
{
	in->part = key;
	in->at = (size_t)NOT_A_LIST;
	return needed(in, map, key, json_type_object);
}

static void read_list(struct reader *in, struct json_object *j, const struct part *p)
{
	struct json_object *list;

	in->part = "the record";
	in->at = (size_t)NOT_A_LIST;
	list = list_of(in, j, p->key, p->max);
	in->part = p->key;
	for (in->at = 0; in->at < length(list) && !in->why; in->at++)
		p->read(in, json_object_array_get_idx(list, in->at));
}

static void read_volatile(struct reader *in, const char *finding, struct json_object *map)
{
	struct json_object_iterator at, end;

	if (!json_object_is_type(map, json_type_object)) {
		refuse(in, "evidence", "is not a map");
		return;
	}
	end = json_object_iter_end(map);
	for (at = json_object_iter_begin(map); !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		if (in->record->volatiles_count == EVIDENCE_MAX)
			refuse(in, "evidence", "has too many entries");
		if (in->why)
			return;
		record_volatile(in->record, finding, cleaned(in, "evidence", name, strlen(name)),
		        text_in(in, "evidence", json_object_iter_peek_value(&at)));
	}
}

static void read_volatiles(struct reader *in, struct json_object *scan)
{
	struct json_object *map = needed(in, scan, "evidence", json_type_object);
	struct json_object_iterator at, end;

	if (!map)
		return;
	end = json_object_iter_end(map);
	for (at = json_object_iter_begin(map); !json_object_iter_equal(&at, &end) && !in->why;
	        json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		read_volatile(in, cleaned(in, "evidence", name, strlen(name)), json_object_iter_peek_value(&at));
	}
}

static void read_scan(struct reader *in, struct json_object *j)
{
	struct record *r = in->record;
	struct json_object *tool = enter(in, j, "tool"), *scan;

	r->version = text_needed(in, tool, "version");
	scan = enter(in, j, "scan");
	r->started = time_needed(in, scan, "started");
	r->duration_ms = count_needed(in, scan, "duration_ms", UINT64_MAX);
	r->connections = count_needed(in, scan, "connections", UINT64_MAX);
	r->bytes_sent = count_needed(in, scan, "bytes_sent", UINT64_MAX);
	r->bytes_received = count_needed(in, scan, "bytes_received", UINT64_MAX);
	r->seed = text_needed(in, scan, "seed");
	read_volatiles(in, scan);
}

/* What a job called itself: text or a whole number. */
static void read_ref(struct reader *in, struct json_object *target)
{
	struct record *r = in->record;
	struct json_object *ref = NULL;

	json_object_object_get_ex(target, "ref", &ref);
	r->ref_is_number = json_object_get_type(ref) == json_type_int;
	if (r->ref_is_number)
		r->ref = arena_printf(&r->arena, "%" PRId64, json_object_get_int64(ref));
	else
		r->ref = text_given(in, target, "ref");
}

static void read_target(struct reader *in, struct json_object *j)
{
	struct record *r = in->record;
	struct json_object *target = enter(in, j, "target");
	struct json_object *source = member(in, target, "source", json_type_object);
	struct json_object *endpoint;

	r->input = text_needed(in, target, "input");
	r->host = text_needed(in, target, "host");
	r->port = (uint16_t)count_needed(in, target, "port", UINT16_MAX);
	r->transport = text_needed(in, target, "transport");
	r->sni = text_given(in, target, "sni");
	r->starttls = text_given(in, target, "starttls");
	r->source_file = source ? text_needed(in, source, "file") : NULL;
	r->source_line = source ? count_needed(in, source, "line", UINT64_MAX) : 0;
	read_ref(in, target);
	endpoint = enter(in, j, "endpoint");
	r->ip = text_given(in, endpoint, "ip");
	r->family = text_given(in, endpoint, "family");
}

static void read_status(struct reader *in, struct json_object *j)
{
	struct record *r = in->record;
	struct json_object *error;

	in->part = "the record";
	in->at = (size_t)NOT_A_LIST;
	error = member(in, j, "error", json_type_object);
	r->status = (enum status)word(
	        in, "status", text_needed(in, j, "status"), status_word, STATUS_OK, STATUS_ERROR);
	r->unstable = flag_needed(in, j, "unstable");
	r->tainted = flag_needed(in, j, "tainted");
	if (!error)
		return;
	in->part = "error";
	r->error_code = text_needed(in, error, "code");
	r->error_stage = text_needed(in, error, "stage");
	r->error_message = text_needed(in, error, "message");
}

static void read_record(struct reader *in, struct json_object *j)
{
	if (strcmp(text_needed(in, j, "schema"), "tlsassay/1"))
		refuse(in, "schema", "is not tlsassay/1");
	if (strcmp(text_needed(in, j, "kind"), "endpoint"))
		refuse(in, "kind", "is not endpoint");
	read_scan(in, j);
	read_target(in, j);
	read_status(in, j);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		read_list(in, j, &lists[i]);
}

struct record *record_from_json(struct json_object *j, char **why)
{
	struct reader in = { .record = record_new(), .part = "the record", .at = (size_t)NOT_A_LIST };

	*why = NULL;
	read_record(&in, j);
	if (!in.why)
		return in.record;
	record_free(in.record);
	*why = in.why;
	return NULL;
}
