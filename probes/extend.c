#include "probes/extend.h"

#include "probes/bodies.h"
#include "probes/shake.h"

enum { ROWS_MAX = 64, PATIENCE = 12, COST_OF_SILENCE = 4, COMPRESSIONS = 3 };

/* One version's conversation: one question at a time. A set of rows is a bit mask over `rows`. */
struct extend_track {
	uint16_t version;
	struct hello base;              /* what every question has */
	const struct body *rows[ROWS_MAX];
	size_t rows_n;
	enum { ASKING_ALL, ASKING_HIDDEN, ASKING_COMPRESSION } stage;
	uint64_t waiting[PATIENCE + 2]; /* sets that are still to be offered */
	size_t waiting_n;
	uint64_t at;                    /* the set on offer */
	uint64_t open, refused;         /* unanswered; refused in words, each offered alone */
	unsigned spent;                 /* of PATIENCE */
	enum reason why;                /* something is open */
	struct granted granted;
	uint8_t left[COMPRESSIONS], found[COMPRESSIONS]; /* of RFC 8879 */
	size_t left_n, found_n;
	bool certificate_seen;
	enum reason compression_open;
};

/* ---- the hello ------------------------------------------------------------------------------------------------------ */

static bool has_mac(const struct suite *s)
{
	return !(s->flags & SUITE_AEAD);
}

static bool has_mac_and_curve(const struct suite *s)
{
	return has_mac(s) && suite_is_ecdhe(s);
}

/* Suites with a MAC, for truncated_hmac has no meaning with others; with curves, for channel_id wants them. */
static struct codes clear_suites(struct run *r, uint16_t version, struct codes otherwise)
{
	struct codes both = offer_taken(r->arena, r->facts, version, has_mac_and_curve);

	if (!both.n)
		both = offer_taken(r->arena, r->facts, version, has_mac);
	return both.n ? both : otherwise;
}

static const char *const protocols[] = { "h2", "http/1.1", NULL };

/* False: there is nothing that could be asked. */
static bool base_hello(struct run *r, uint16_t version, struct hello *h)
{
	if (version >= VER_TLS13) {
		if (!shake_hello(r, version, h))
			return false;
		if (!h->alpn)
			h->alpn = protocols;
		return true;
	}
	*h = offer_found(r->arena, r->facts, version);
	h->suites = clear_suites(r, version, h->suites);
	return h->suites.n && !(h->offer & OFFER_NO_EXTENSIONS);
}

static size_t count_of(uint64_t set)
{
	size_t n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* What is left of the compressions: a list of 16-bit codes behind its length. */
static struct span compressions_left(struct run *r, const struct extend_track *t)
{
	uint8_t body[1 + 2 * COMPRESSIONS];
	struct wr w = wr_of(body, sizeof body);

	wr_u8(&w, (uint8_t)(2 * t->left_n));
	for (size_t i = 0; i < t->left_n; i++)
		wr_u16(&w, t->left[i]);
	return arena_span(r->arena, (struct span){ body, w.len });
}

static void add_bodies(struct run *r, const struct extend_track *t, struct hello *h)
{
	struct extra *extra = arena_new(r->arena, count_of(t->at) + 1, sizeof *extra);

	for (size_t i = 0; i < t->rows_n; i++) {
		struct span data = t->rows[i]->data;

		if (!(t->at >> i & 1))
			continue;
		if (t->rows[i]->code == EXT_COMPRESS_CERTIFICATE)
			data = compressions_left(r, t);
		extra[h->extra_n++] = (struct extra){ t->rows[i]->code, data };
	}
	h->extra = extra;
}

static void put(struct run *r, struct extend_track *t, uint64_t set)
{
	struct extend_state *s = r->state;
	struct plan plan = { 0 };
	struct hello h = t->base;

	t->at = set;
	add_bodies(r, t, &h);
	ask(r, (uint16_t)(t - s->tracks), &(struct ask){ .hello = &h, .until = UNTIL_HELLO,
			.plan = t->version >= VER_TLS13 ? &plan : NULL });
}

/* ---- answers ---------------------------------------------------------------------------------------------------------- */

static uint64_t row_of(const struct extend_track *t, uint16_t code)
{
	for (size_t i = 0; i < t->rows_n; i++)
		if (t->rows[i]->code == code)
			return UINT64_C(1) << i;
	return 0;
}

static bool answered(const struct extend_track *t, const struct answer *a)
{
	if (t->version < VER_TLS13)
		return a->kind == ANS_SERVER_HELLO && answer_picked(a, t->version);
	return a->hs && a->hs->version == t->version && a->hs->exts_whole;
}

static enum reason reason_of(const struct answer *a)
{
	if (a->hs && a->hs->reason)
		return a->hs->reason;
	return a->reason ? a->reason : REASON_UNSTABLE;
}

static bool in_words(const struct answer *a)
{
	return answer_refused(a) || a->kind == ANS_SSL2_HELLO;
}

/* Would fewer extensions help? Not where the trouble is ours, or lies in what was answered. */
static bool may_choke(const struct answer *a)
{
	return in_words(a) || a->kind == ANS_RESET || a->kind == ANS_TIMEOUT;
}

static uint64_t first_half(uint64_t set)
{
	uint64_t half = 0;

	for (size_t n = count_of(set) / 2; n; n--) {
		uint64_t lowest = set & (~set + 1);

		half |= lowest;
		set &= ~lowest;
	}
	return half;
}

static void leave_open(struct extend_track *t, uint64_t set, enum reason why)
{
	t->open |= set;
	t->why = t->why ? t->why : why;
}

static void choked(struct extend_track *t, const struct answer *a)
{
	bool alone = count_of(t->at) == 1;

	t->spent += in_words(a) ? 1 : COST_OF_SILENCE;
	if (alone && in_words(a)) {
		t->refused |= t->at;
	} else if (alone || t->spent >= PATIENCE || !may_choke(a)) {
		leave_open(t, t->at, reason_of(a));
	} else {
		uint64_t half = first_half(t->at);

		t->waiting[t->waiting_n++] = t->at & ~half;
		t->waiting[t->waiting_n++] = half;
	}
}

static void take_granted(struct extend_track *t, const struct answer *a)
{
	const struct granted *g = a->hs ? &a->hs->granted : &a->granted;

	if (g->record_size_limit)
		t->granted.record_size_limit = g->record_size_limit;
	if (g->server_cert_type)
		t->granted.server_cert_type = g->server_cert_type;
}

/* Which way it came; and that it came in none of those on offer is an answer only where a certificate was seen. */
static void take_compression(struct extend_track *t, const struct answer *a)
{
	size_t kept = 0;

	if (!a->hs || !(t->at & row_of(t, EXT_COMPRESS_CERTIFICATE)))
		return;
	t->certificate_seen = a->hs->certs_count || a->hs->raw_key || a->hs->compressed_with;
	for (size_t i = 0; i < t->left_n; i++)
		if (t->left[i] == a->hs->compressed_with)
			t->found[t->found_n++] = t->left[i];
		else
			t->left[kept++] = t->left[i];
	t->left_n = kept;
}

/* ---- what comes next -------------------------------------------------------------------------------------------------- */

static uint64_t hidden(const struct extend_track *t)
{
	uint64_t set = 0;

	for (size_t i = 0; i < t->rows_n; i++)
		if (granted_hides(&t->granted, t->rows[i]->code))
			set |= UINT64_C(1) << i;
	return set & ~t->open & ~t->refused;
}

/* The next set that was not offered yet; true when there is one. */
static bool put_waiting(struct run *r, struct extend_track *t)
{
	while (t->waiting_n) {
		uint64_t set = t->waiting[--t->waiting_n];

		if (t->spent < PATIENCE) {
			put(r, t, set);
			return true;
		}
		leave_open(t, set, t->why ? t->why : REASON_LIMIT_MESSAGES);
	}
	return false;
}

static bool put_hidden(struct run *r, struct extend_track *t)
{
	if (t->stage != ASKING_ALL)
		return false;
	t->stage = ASKING_HIDDEN;
	if (!hidden(t))
		return false;
	put(r, t, hidden(t));
	return true;
}

static bool put_compression(struct run *r, struct extend_track *t, bool more)
{
	bool begins = t->stage != ASKING_COMPRESSION && t->found_n;

	if (!(begins || (t->stage == ASKING_COMPRESSION && more)) || !t->left_n)
		return false;
	t->stage = ASKING_COMPRESSION;
	put(r, t, row_of(t, EXT_COMPRESS_CERTIFICATE));
	return true;
}

/* ---- what is told ------------------------------------------------------------------------------------------------------- */

static const struct {
	uint16_t code;
	enum obs_key key;
} tells[] = {
	{ EXT_MAX_FRAGMENT_LENGTH, OBS_KEY_MAX_FRAGMENT },
	{ EXT_TRUSTED_CA_KEYS, OBS_KEY_TRUSTED_CA_KEYS },
	{ EXT_TRUNCATED_HMAC, OBS_KEY_TRUNCATED_HMAC },
	{ EXT_HEARTBEAT, OBS_KEY_HEARTBEAT },
	{ EXT_STATUS_REQUEST_V2, OBS_KEY_STATUS_REQUEST_V2 },
	{ EXT_CLIENT_CERTIFICATE_TYPE, OBS_KEY_CLIENT_RAW_KEY },
	{ EXT_SERVER_CERTIFICATE_TYPE, OBS_KEY_RAW_KEY },
	{ EXT_COMPRESS_CERTIFICATE, OBS_KEY_CERT_COMPRESSION },
	{ EXT_RECORD_SIZE_LIMIT, OBS_KEY_RECORD_SIZE_LIMIT },
	{ EXT_DELEGATED_CREDENTIAL, OBS_KEY_DELEGATED },
	{ EXT_NPN, OBS_KEY_NPN },
	{ EXT_ECH, OBS_KEY_ECH },
};

static void note_unknown(struct run *r, const struct extend_track *t, uint16_t code, enum reason why)
{
	for (size_t i = 0; i < sizeof tells / sizeof *tells; i++)
		if (tells[i].code == code)
			note(r, &(struct obs){ .key = tells[i].key, .protocol = t->version, .tri = TRI_UNKNOWN,
					  .reason = reason_name(why) });
}

/* A server whose bare key fits none of the suites on offer refuses for that, not for the extension's own sake. */
static void note_refused(struct run *r, const struct extend_track *t)
{
	uint64_t refused = t->refused & ~row_of(t, EXT_SERVER_CERTIFICATE_TYPE);
	struct list l = { 0 };

	for (size_t i = 0; i < t->rows_n; i++)
		if (refused >> i & 1)
			list_add(r->arena, &l, t->rows[i]->code);
	note(r, &(struct obs){ .key = OBS_KEY_EXTENSIONS_REFUSED, .protocol = t->version, .codes = l.v, .count = l.n,
			  .reason = t->open ? reason_name(t->why) : NULL });
}

static void note_compression(struct run *r, const struct extend_track *t)
{
	static const char *const names[] = { "", "zlib", "brotli", "zstd" };
	const char **list = arena_new(r->arena, COMPRESSIONS, sizeof *list);

	if (!t->certificate_seen)
		return;
	for (size_t i = 0; i < t->found_n; i++)
		list[i] = names[t->found[i]];
	note(r, &(struct obs){ .key = OBS_KEY_CERT_COMPRESSION, .protocol = t->version, .names = list, .count = t->found_n,
			  .reason = t->compression_open ? reason_name(t->compression_open) : NULL });
}

static void tell(struct run *r, const struct extend_track *t)
{
	for (size_t i = 0; i < t->rows_n; i++) {
		if (t->open >> i & 1)
			note_unknown(r, t, t->rows[i]->code, t->why);
		if (t->refused >> i & 1)
			note_unknown(r, t, t->rows[i]->code, REASON_ALERT);
	}
	note_refused(r, t);
	note_compression(r, t);
	if (t->open && !r->trouble)
		r->trouble = t->why;
}

/* ---- the conversation ----------------------------------------------------------------------------------------------------- */

static void take(struct extend_track *t, const struct answer *a)
{
	if (answered(t, a)) {
		take_granted(t, a);
		take_compression(t, a);
	} else if (t->stage == ASKING_COMPRESSION) {
		t->compression_open = reason_of(a);
	} else {
		choked(t, a);
	}
}

/* True when another question is out. */
static bool go_on(struct run *r, struct extend_track *t, size_t found_before)
{
	return put_waiting(r, t) || put_hidden(r, t) || put_compression(r, t, t->found_n > found_before);
}

static void begin_track(struct run *r, struct extend_track *t, const struct hello *base)
{
	uint16_t version = base->version;
	uint8_t wanted = version >= VER_TLS13 ? BODY_TLS13 : BODY_CLEAR;

	*t = (struct extend_track){ .version = version, .base = *base, .left = { 2, 1, 3 }, .left_n = COMPRESSIONS };
	for (size_t i = 0; i < bodies_count && t->rows_n < ROWS_MAX; i++)
		if (bodies[i].versions & wanted)
			t->rows[t->rows_n++] = &bodies[i];
	put(r, t, (UINT64_C(1) << t->rows_n) - 1);
}

static enum next begin(struct run *r)
{
	const struct extend *e = r->probe->declaration;
	struct extend_state *s = r->state;

	s->tracks = arena_new(r->arena, EXTEND_VERSIONS_MAX, sizeof *s->tracks);
	for (size_t i = 0; i < EXTEND_VERSIONS_MAX && e->versions[i]; i++) {
		struct hello h;

		if (!facts_offers(r->facts, e->versions[i]) || !base_hello(r, e->versions[i], &h))
			continue;
		s->open++;
		begin_track(r, &s->tracks[s->tracks_n++], &h);
	}
	return s->open ? NEXT_WAIT : NEXT_DONE;
}

enum next extend_step(struct run *r, const struct answer *a)
{
	struct extend_state *s = r->state;
	struct extend_track *t;
	size_t found;

	if (!a)
		return begin(r);
	t = &s->tracks[a->tag];
	found = t->found_n;
	take(t, a);
	if (go_on(r, t, found))
		return NEXT_WAIT;
	s->open--;
	tell(r, t);
	return s->open ? NEXT_WAIT : NEXT_DONE;
}
