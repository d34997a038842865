/* The hellos: what is offered, and what is picked of it. */
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/story/said_core.h"

enum { RANDOM = 32 };

/* ---- names of codes ------------------------------------------------------------------------------------------------- */

static const char *unnamed(struct arena *a, unsigned code)
{
	return arena_printf(a, code_is_grease((uint16_t)code) ? "GREASE 0x%04X" : "0x%04X", code);
}

const char *said_version(struct arena *a, uint16_t code)
{
	const struct version *v = version_find(code);

	return v ? v->name : unnamed(a, code);
}

const char *said_suite(struct arena *a, uint16_t code)
{
	const struct suite *s = suite_find(code);

	return s ? s->name : unnamed(a, code);
}

const char *said_group(struct arena *a, uint16_t code)
{
	const struct group *g = group_find(code);

	return g ? g->name : unnamed(a, code);
}

const char *said_scheme(struct arena *a, uint16_t code)
{
	const struct scheme *s = scheme_find(code);

	return s ? s->name : unnamed(a, code);
}

const char *said_extension(struct arena *a, uint16_t code)
{
	const struct extension *e = extension_find(code);

	return e ? e->name : unnamed(a, code);
}

void said_codes(struct fields *f, const char *key, struct rd list, const char *(*name)(struct arena *, uint16_t))
{
	struct names l = { .arena = f->arena };

	while (rd_left(&list) >= 2)
		names_add(&l, name(f->arena, rd_u16(&list)));
	fields_list(f, key, l.v, l.n);
}

/* ---- extensions ------------------------------------------------------------------------------------------------------- */

bool said_extensions(struct said *s, struct rd list, const struct ext_row *rows, struct fields *f)
{
	struct names all = { .arena = f->arena };

	while (rd_left(&list)) {
		uint16_t code = rd_u16(&list);
		struct rd data = rd_vec(&list, 2);

		if (list.bad)
			break;
		names_add(&all, said_extension(f->arena, code));
		for (const struct ext_row *r = rows; r && r->read; r++)
			if (r->code == code)
				r->read(s, data, f);
	}
	fields_list(f, "extensions", all.v, all.n);
	return !list.bad;
}

static void ch_versions(struct said *s, struct rd data, struct fields *f)
{
	struct rd list = rd_vec(&data, 1), walk = list;

	while (rd_left(&walk) >= 2) {
		uint16_t v = rd_u16(&walk);

		if (!code_is_grease(v) && v <= VER_TLS13 && v > s->offered_top)
			s->offered_top = v;
	}
	said_codes(f, "versions", list, said_version);
}

static void ch_groups(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	said_codes(f, "groups", rd_vec(&data, 2), said_group);
}

static void ch_schemes(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	said_codes(f, "signature_schemes", rd_vec(&data, 2), said_scheme);
}

static void ch_shares(struct said *s, struct rd data, struct fields *f)
{
	struct rd list = rd_vec(&data, 2);
	struct names l = { .arena = f->arena };
	struct text all = { 0 };
	size_t bytes = 0;

	while (rd_left(&list)) {
		const char *name = said_group(f->arena, rd_u16(&list));
		struct rd share = rd_vec(&list, 2);

		if (list.bad)
			break;
		bytes += rd_left(&share);
		names_add(&l, name);
		text_fmt(&all, "%s%s", all.n ? ", " : "", name);
	}
	s->shares = all.n ? arena_text(s->arena, text_str(&all)) : "none";
	text_free(&all);
	fields_list(f, "key_shares", l.v, l.n);
	fields_count(f, "key_share_bytes", bytes);
}

static void ch_name(struct said *s, struct rd data, struct fields *f)
{
	struct rd list = rd_vec(&data, 2), name;

	(void)s;
	rd_u8(&list);
	name = rd_vec(&list, 2);
	fields_text(f, "server_name", text_clean(f->arena, rd_rest(&name).p, rd_rest(&name).n, 255));
}

static void any_alpn(struct said *s, struct rd data, struct fields *f)
{
	struct rd list = rd_vec(&data, 2);
	struct names l = { .arena = f->arena };

	(void)s;
	while (rd_left(&list)) {
		struct rd name = rd_vec(&list, 1);

		if (!list.bad)
			names_add(&l, text_clean(f->arena, rd_rest(&name).p, rd_rest(&name).n, 64));
	}
	fields_list(f, "alpn", l.v, l.n);
}

static void ch_ticket(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	if (rd_left(&data))
		fields_count(f, "ticket_bytes", rd_left(&data));
}

static void ch_psk(struct said *s, struct rd data, struct fields *f)
{
	struct rd identities = rd_vec(&data, 2), one = rd_vec(&identities, 2);

	(void)s;
	fields_count(f, "pre_shared_key_bytes", rd_left(&one));
}

static void any_early(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	(void)data;
	fields_flag(f, "early_data", true);
}

static void any_cookie(struct said *s, struct rd data, struct fields *f)
{
	struct rd cookie = rd_vec(&data, 2);

	(void)s;
	fields_count(f, "cookie_bytes", rd_left(&cookie));
}

static const struct ext_row client_rows[] = {
	{ EXT_SUPPORTED_VERSIONS, ch_versions }, { EXT_SUPPORTED_GROUPS, ch_groups },
	{ EXT_SIGNATURE_ALGORITHMS, ch_schemes }, { EXT_KEY_SHARE, ch_shares }, { EXT_SERVER_NAME, ch_name },
	{ EXT_ALPN, any_alpn }, { EXT_SESSION_TICKET, ch_ticket }, { EXT_PRE_SHARED_KEY, ch_psk },
	{ EXT_EARLY_DATA, any_early }, { EXT_COOKIE, any_cookie }, { 0, NULL },
};

bool said_client_hello(struct said *s, struct rd r, struct fields *f)
{
	uint16_t version = rd_u16(&r);
	struct rd id, offered;

	rd_take(&r, RANDOM);
	id = rd_vec(&r, 1);
	offered = rd_vec(&r, 2);
	rd_vec(&r, 1);
	s->offered_top = version;
	s->session_id = rd_rest(&id);
	s->shares = "none";
	fields_text(f, "legacy_version", said_version(f->arena, version));
	said_codes(f, "suites", offered, said_suite);
	if (rd_left(&id))
		fields_count(f, "session_id_bytes", rd_left(&id));
	return !rd_left(&r) ? rd_end(&r) : said_extensions(s, rd_vec(&r, 2), client_rows, f);
}

/* ---- the server's --------------------------------------------------------------------------------------------------------- */

static const uint8_t retry_random[RANDOM] = { /* RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest" */
	0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
	0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
};

bool said_is_retry(struct span message)
{
	enum { AT = 4 + 2 };

	return message.n >= AT + RANDOM && !memcmp(message.p + AT, retry_random, RANDOM);
}

/* The last eight bytes of a random can say that the server knows more than it picked: RFC 8446 section 4.1.3. */
static const char *sentinel(const uint8_t *random)
{
	if (!random || memcmp(random + 24, "DOWNGRD", 7) || random[31] > 1)
		return NULL;
	return random[31] ? "DOWNGRD 01: this server knows TLSv1.3" : "DOWNGRD 00: this server knows TLSv1.2 or newer";
}

static void sh_version(struct said *s, struct rd data, struct fields *f)
{
	(void)f;
	s->version = rd_u16(&data);
}

static void sh_share(struct said *s, struct rd data, struct fields *f)
{
	uint16_t group = rd_u16(&data);

	fields_text(f, "group", said_group(f->arena, group));
	if (s->retry)
		return;
	rd_u16(&data);
	fields_count(f, "key_share_bytes", rd_left(&data));
}

static void sh_psk(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	fields_count(f, "pre_shared_key_taken", rd_u16(&data));
}

static const struct ext_row server_rows[] = {
	{ EXT_SUPPORTED_VERSIONS, sh_version }, { EXT_KEY_SHARE, sh_share }, { EXT_PRE_SHARED_KEY, sh_psk },
	{ EXT_ALPN, any_alpn }, { EXT_COOKIE, any_cookie }, { 0, NULL },
};

/* The table counts a suite forward secret only when it is authenticated too. */
static bool is_ephemeral(const struct suite *x)
{
	return (x->flags & SUITE_FS) || (x->auth == AUTH_NULL && (x->kx == KX_DHE || x->kx == KX_ECDHE));
}

/* The parts of a suite's name: who agrees on the keys, who signs, what protects the data. */
static void suite_fields(struct said *s, struct fields *f)
{
	const struct suite *x = suite_find(s->suite);

	fields_text(f, "suite", said_suite(f->arena, s->suite));
	if (!x)
		return;
	if (!suite_is_tls13(x)) {
		fields_text(f, "key_exchange", x->kx_name);
		fields_text(f, "authentication", x->auth == AUTH_NULL ? "none, anonymous: a man in the middle passes unseen" :
			x->auth_name);
		fields_flag(f, "forward_secret", is_ephemeral(x)); /* against one who only records */
	}
	fields_text(f, "cipher", x->enc);
	fields_count(f, "key_bits", x->bits);
	fields_text(f, "integrity", x->flags & SUITE_AEAD ? "part of the cipher (AEAD)" : x->mac);
}

static const char *session_words(const struct said *s, struct span id)
{
	bool echo = id.n && id.n == s->session_id.n && !memcmp(id.p, s->session_id.p, id.n);

	if (s->version >= VER_TLS13)
		return echo ? "echoed, for middleboxes" : id.n ? "not the client's" : "none";
	if (echo)
		return "the client's: the session is taken up again";
	return id.n ? "a new one, to take the session up again by" : "none";
}

static const char *text_of(const struct fields *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].key, key))
			return f->v[i].text;
	return NULL;
}

static void retry_why(const struct said *s, const struct fields *exts, struct fields *f)
{
	const char *group = text_of(exts, "group");

	if (group)
		fields_textf(f, "why", "the hello brought a key share for %s, the server wants one for %s", s->shares, group);
	else
		fields_text(f, "why", "the client is to come again with the cookie, so that its address is known to be real");
}

bool said_server_hello(struct said *s, struct rd r, struct fields *f)
{
	uint16_t legacy = rd_u16(&r);
	const uint8_t *random = rd_take(&r, RANDOM);
	struct rd id = rd_vec(&r, 1), exts;
	struct fields of_exts = { .arena = f->arena };
	uint8_t compression;
	bool well = true;

	s->suite = rd_u16(&r);
	compression = rd_u8(&r);
	s->version = legacy;
	exts = rd_left(&r) ? rd_vec(&r, 2) : rd_of(NULL, 0);
	well = said_extensions(s, exts, server_rows, &of_exts) && rd_end(&r);
	fields_text(f, "version", said_version(f->arena, s->version));
	suite_fields(s, f);
	if (s->version < VER_TLS13 && sentinel(random))
		fields_text(f, "random", sentinel(random));
	fields_text(f, "session_id", session_words(s, rd_rest(&id)));
	if (compression)
		fields_count(f, "compression", compression);
	for (size_t i = 0; i < of_exts.n; i++) {
		f->v = arena_push(f->arena, f->v, f->n, sizeof *f->v);
		f->v[f->n++] = of_exts.v[i];
	}
	if (s->retry)
		retry_why(s, &of_exts, f);
	return well;
}

/* ---- the answers under keys ------------------------------------------------------------------------------------------------ */

bool said_encrypted_extensions(struct said *s, struct rd r, struct fields *f)
{
	static const struct ext_row rows[] = { { EXT_ALPN, any_alpn }, { EXT_EARLY_DATA, any_early }, { 0, NULL } };
	struct rd list = rd_vec(&r, 2);

	return said_extensions(s, list, rows, f) && rd_end(&r);
}

static void ticket_early(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	fields_count(f, "early_data_max_bytes", rd_u32(&data));
}

bool said_ticket(struct said *s, struct rd r, struct fields *f)
{
	static const struct ext_row rows[] = { { EXT_EARLY_DATA, ticket_early }, { 0, NULL } };
	struct rd ticket;

	fields_count(f, "lifetime_s", rd_u32(&r));
	if (s->version >= VER_TLS13) {
		rd_u32(&r); /* age_add and nonce differ each time and tell nothing */
		rd_vec(&r, 1);
	}
	ticket = rd_vec(&r, 2);
	fields_count(f, "ticket_bytes", rd_left(&ticket));
	if (s->version < VER_TLS13)
		return rd_end(&r);
	return said_extensions(s, rd_vec(&r, 2), rows, f) && rd_end(&r);
}
