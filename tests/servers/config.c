#include "tests/servers/config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/misbehave.h"

bool code_list_has(const struct code_list *l, uint32_t code)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == code)
			return true;
	return false;
}

struct code_list config_suites(const struct server_config *c, uint16_t version)
{
	for (size_t i = 0; i < c->suites_of_n; i++)
		if (c->suites_of[i].version == version)
			return c->suites_of[i].suites;
	return c->suites;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool read_number(const char *s, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	*out = strtoull(s, &end, 0);
	return !*end;
}

static uint64_t version_code(const char *name)
{
	const struct version *v = version_by_name(name);

	return v ? v->code : UINT64_MAX;
}

static uint64_t suite_code(const char *name)
{
	const struct suite *s = suite_by_name(name);

	return s ? s->code : UINT64_MAX;
}

static uint64_t kind_code(const char *name)
{
	for (size_t i = 0; i < sslv2_kinds_count; i++)
		if (!strcmp(sslv2_kinds[i].name, name))
			return sslv2_kinds[i].code;
	return UINT64_MAX;
}

static uint64_t group_code(const char *name)
{
	const struct group *g = group_by_name(name);

	return g ? g->code : UINT64_MAX;
}

static uint64_t scheme_code(const char *name)
{
	const struct scheme *s = scheme_by_name(name);

	return s ? s->code : UINT64_MAX;
}

/* Calls `each` with the parts of a list between commas; stops at the first that is refused. */
static bool split(struct arena *a, const char *list, bool (*each)(void *to, char *part), void *to)
{
	char *rest = arena_text(a, list), *part;

	while ((part = strsep(&rest, ",")))
		if (*part && !each(to, part))
			return false;
	return true;
}

struct code_reader {
	struct arena *arena;
	uint64_t (*code)(const char *name);
	struct code_list *list;
};

static bool read_code(void *to, char *part)
{
	struct code_reader *r = to;
	uint32_t *v = arena_push(r->arena, (uint32_t *)(uintptr_t)r->list->v, r->list->n, sizeof(*v));
	uint64_t code;

	if (!read_number(part, &code))
		code = r->code(part);
	v[r->list->n++] = (uint32_t)code;
	r->list->v = v;
	return code <= 0xFFFFFF;
}

static bool read_codes(
        struct server_config *c, struct code_list *list, const char *v, uint64_t (*code)(const char *))
{
	struct code_reader r = { &c->arena, code, list };

	*list = (struct code_list){ 0 };
	return split(&c->arena, v, read_code, &r);
}

static bool read_word(const char *v, const char *const *words, const int *values, int *out)
{
	for (; *words; words++, values++)
		if (!strcmp(v, *words))
			return *out = *values, true;
	return false;
}

#define WORDS(...)                                                                                           \
	(const char *const[])                                                                                \
	{                                                                                                    \
		__VA_ARGS__, NULL                                                                            \
	}
#define VALUES(...)                                                                                          \
	(const int[])                                                                                        \
	{                                                                                                    \
		__VA_ARGS__                                                                                  \
	}

static bool read_order(const char *v, enum server_order *out)
{
	int n;

	if (!read_word(v, WORDS("server", "client", "server-chacha"),
	            VALUES(ORDER_SERVER, ORDER_CLIENT, ORDER_SERVER_CHACHA), &n))
		return false;
	*out = (enum server_order)n;
	return true;
}

static bool read_hex(struct server_config *c, struct span *out, const char *v)
{
	size_t n = strlen(v) / 2;
	uint8_t *p = arena_new(&c->arena, n ? n : 1, 1);
	unsigned byte;

	for (size_t i = 0; i < n; i++) {
		if (sscanf(v + 2 * i, "%2x", &byte) != 1)
			return false;
		p[i] = (uint8_t)byte;
	}
	*out = (struct span){ p, n };
	return strlen(v) % 2 == 0;
}

static bool read_bytes_of(struct server_config *c, const char *path, struct span *out)
{
	enum { MOST = 1 << 20 };
	FILE *f = fopen(path, "rb");
	uint8_t *p;

	if (!f)
		return false;
	p = mem_new(1, MOST);
	*out = arena_span(&c->arena, (struct span){ p, fread(p, 1, MOST, f) });
	free(p);
	fclose(f);
	return out->n > 0;
}

/* ---- keys ------------------------------------------------------------------------------------ */

#define CODES_KEY(field, code)                                                                               \
	static bool set_##field(struct server_config *c, const char *v)                                      \
	{                                                                                                    \
		return read_codes(c, &c->field, v, code);                                                    \
	}
static uint64_t extension_code(const char *name)
{
	for (size_t i = 0; i < extensions_count; i++)
		if (!strcmp(extensions[i].name, name))
			return extensions[i].code;
	return UINT64_MAX;
}

CODES_KEY(versions, version_code)
CODES_KEY(suites, suite_code)
CODES_KEY(kinds, kind_code)
CODES_KEY(groups, group_code)
CODES_KEY(schemes, scheme_code)
CODES_KEY(dislikes, extension_code)

#define ORDER_KEY(field)                                                                                     \
	static bool set_##field(struct server_config *c, const char *v)                                      \
	{                                                                                                    \
		return read_order(v, &c->field);                                                             \
	}
ORDER_KEY(order)
ORDER_KEY(groups_order)
ORDER_KEY(schemes_order)
ORDER_KEY(alpn_order)

#define BOOL_KEY(field)                                                                                      \
	static bool set_##field(struct server_config *c, const char *v)                                      \
	{                                                                                                    \
		int n = 0;                                                                                   \
		bool good = read_word(v, WORDS("yes", "no"), VALUES(1, 0), &n);                              \
		c->field = n;                                                                                \
		return good;                                                                                 \
	}
BOOL_KEY(retry_for_best)
BOOL_KEY(alpn_strict)
BOOL_KEY(raw_key)
BOOL_KEY(deflate)
BOOL_KEY(fallback_scsv)
BOOL_KEY(session_ids)
BOOL_KEY(cookie)
BOOL_KEY(compress)
BOOL_KEY(psk_ke)
BOOL_KEY(no_sentinel)
BOOL_KEY(no_false_start)
BOOL_KEY(wrong_renegotiation)
BOOL_KEY(wrong_sentinel)
BOOL_KEY(reuses_shares)
BOOL_KEY(repeats_randoms)
BOOL_KEY(repeats_session_ids)
BOOL_KEY(srp_unknown)
BOOL_KEY(refuse_extensions)
BOOL_KEY(refuse_ecc_mix)
BOOL_KEY(dh_missing)
BOOL_KEY(drop_256_511)
BOOL_KEY(lower_version)

#define NUMBER_KEY(field, type)                                                                              \
	static bool set_##field(struct server_config *c, const char *v)                                      \
	{                                                                                                    \
		uint64_t n;                                                                                  \
		if (!read_number(v, &n))                                                                     \
			return false;                                                                        \
		c->field = (type)n;                                                                          \
		return c->field == n;                                                                        \
	}
NUMBER_KEY(max_suites, size_t)
NUMBER_KEY(max_extensions, size_t)
NUMBER_KEY(alert, uint8_t)
NUMBER_KEY(alert_random, bool)

static uint64_t no_name(const char *name)
{
	(void)name;
	return UINT64_MAX;
}

static bool set_alerts(struct server_config *c, const char *v)
{
	return read_codes(c, &c->alerts, v, no_name);
}

NUMBER_KEY(fragment, size_t)
NUMBER_KEY(forgets, unsigned)
NUMBER_KEY(tickets, unsigned)
NUMBER_KEY(ticket_lifetime, uint32_t)
NUMBER_KEY(early_data, uint32_t)
NUMBER_KEY(clock, uint32_t)
NUMBER_KEY(at_once, unsigned)
NUMBER_KEY(refuse_after, unsigned)
NUMBER_KEY(tarpit_after, unsigned)
NUMBER_KEY(seed, uint64_t)
NUMBER_KEY(at, uint64_t)

static bool set_intolerant_above(struct server_config *c, const char *v)
{
	c->intolerant_above = (uint16_t)version_code(v);
	return version_by_name(v) != NULL;
}

static bool set_needs_share(struct server_config *c, const char *v)
{
	int n = 0;
	bool good = read_word(
	        v, WORDS("retry", "40", "47"), VALUES(SHARE_RETRY, SHARE_ALERT_40, SHARE_ALERT_47), &n);

	c->needs_share = (enum share_miss)n;
	return good;
}

static bool set_renegotiation(struct server_config *c, const char *v)
{
	int n = 0;
	bool good = read_word(v, WORDS("refuse", "accept", "insecure", "ignore", "alert", "close", "reset"),
	        VALUES(RENEGOTIATION_REFUSE, RENEGOTIATION_ACCEPT, RENEGOTIATION_INSECURE, RENEGOTIATION_IGNORE,
	                RENEGOTIATION_ALERT, RENEGOTIATION_CLOSE, RENEGOTIATION_RESET),
	        &n);

	c->renegotiation = (enum renegotiation)n;
	return good;
}

static bool read_refusal(enum refusal *to, const char *v)
{
	int n = 0;
	bool good = read_word(v, WORDS("alert", "fin", "reset", "silence"),
	        VALUES(REFUSE_ALERT, REFUSE_FIN, REFUSE_RESET, REFUSE_SILENCE), &n);

	*to = (enum refusal)n;
	return good;
}

static bool set_refuse(struct server_config *c, const char *v)
{
	return read_refusal(&c->refusal, v);
}

static bool set_refuse_later(struct server_config *c, const char *v)
{
	return read_refusal(&c->later_refusal, v);
}

static bool set_client_auth(struct server_config *c, const char *v)
{
	int n = 0;
	bool good = read_word(v, WORDS("no", "ask", "require"),
	        VALUES(CLIENT_AUTH_NO, CLIENT_AUTH_ASK, CLIENT_AUTH_REQUIRE), &n);

	c->client_auth = (enum client_auth)n;
	return good;
}

static bool set_psk_identity(struct server_config *c, const char *v)
{
	c->psk_identity = arena_text(&c->arena, v);
	return *v != 0;
}

/* One line each, so they add up. */
static bool set_http_header(struct server_config *c, const char *v)
{
	if (c->headers_n == CONFIG_HEADERS_MAX)
		return false;
	c->headers[c->headers_n++] = arena_text(&c->arena, v);
	return strchr(v, ':') != NULL;
}

static bool set_sni(struct server_config *c, const char *v)
{
	int n = 0;
	bool good = read_word(v, WORDS("any", "needed", "known", "refused"),
	        VALUES(SNI_ANY, SNI_NEEDED, SNI_KNOWN, SNI_REFUSED), &n);

	c->sni = (enum sni_rule)n;
	return good;
}

static bool set_sni_name(struct server_config *c, const char *v)
{
	c->sni_name = arena_text(&c->arena, v);
	return *v != 0;
}

static bool add_answer(void *to, char *part)
{
	struct server_config *c = to;
	int bit = 0;

	if (!read_word(part,
	            WORDS("ems", "etm", "renegotiation", "ticket", "sni", "point_formats", "heartbeat"),
	            VALUES(ANSWER_EMS, ANSWER_ETM, ANSWER_RENEGOTIATION, ANSWER_TICKET, ANSWER_SNI,
	                    ANSWER_POINT_FORMATS, ANSWER_HEARTBEAT),
	            &bit))
		return false;
	c->answers |= (uint32_t)bit;
	return true;
}

static bool set_answers(struct server_config *c, const char *v)
{
	c->answers = 0;
	return split(&c->arena, v, add_answer, c);
}

static bool add_protocol(void *to, char *part)
{
	struct server_config *c = to;

	if (c->alpn_n == CONFIG_ALPN_MAX)
		return false;
	c->alpn[c->alpn_n++] = part;
	return strlen(part) < 256;
}

static bool set_alpn(struct server_config *c, const char *v)
{
	c->alpn_n = 0;
	return split(&c->arena, v, add_protocol, c);
}

struct chain_reader {
	struct server_config *config;
	struct server_chain *chain;
};

static const struct cert_kind_row {
	const char *name;
	enum cert_key kind;
} cert_kinds[] = { { "rsa", KEY_RSA }, { "rsa-pss", KEY_RSA_PSS }, { "dsa", KEY_DSA }, { "ecdsa", KEY_ECDSA },
	{ "ed25519", KEY_ED25519 }, { "ed448", KEY_ED448 }, { "sm2", KEY_SM2 }, { "gost", KEY_GOST } };

static enum cert_key cert_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(cert_kinds) / sizeof(*cert_kinds); i++)
		if (!strcmp(cert_kinds[i].name, name))
			return cert_kinds[i].kind;
	return KEY_NONE;
}

/* "rsa" (built in) or "rsa:leaf.der:inter.der". */
static bool add_chain(struct server_config *c, struct chain_set *set, char *part)
{
	struct server_chain *chain;
	char *file;

	if (set->n == CONFIG_CHAINS_MAX)
		return false;
	if (!strchr(part, ':'))
		return (set->v[set->n++] = builtin_chain(part)) != NULL;
	chain = arena_new(&c->arena, 1, sizeof(*chain));
	chain->name = strsep(&part, ":");
	chain->kind = cert_kind(chain->name);
	while ((file = strsep(&part, ":")) && chain->n < CHAIN_MAX)
		if (!read_bytes_of(c, file, &chain->certs[chain->n++]))
			return false;
	set->v[set->n++] = chain;
	return chain->kind != KEY_NONE;
}

static bool add_named_chain(void *to, char *part)
{
	return add_chain(to, &((struct server_config *)to)->chains, part);
}

static bool add_nameless_chain(void *to, char *part)
{
	return add_chain(to, &((struct server_config *)to)->chains_without_sni, part);
}

static bool set_chains(struct server_config *c, const char *v)
{
	c->chains.n = 0;
	return split(&c->arena, v, add_named_chain, c);
}

static bool set_chains_without_sni(struct server_config *c, const char *v)
{
	c->chains_without_sni.n = 0;
	return split(&c->arena, v, add_nameless_chain, c);
}

/* RFC 2409 section 6.2 and RFC 3526 section 3. */
static const char modp1024[] =
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";
static const char modp2048[] =
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
        "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
        "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
        "15728E5A8AACAA68FFFFFFFFFFFFFFFF";

static bool set_dh_prime(struct server_config *c, const char *v)
{
	if (!strcmp(v, "modp1024"))
		v = modp1024;
	if (!strcmp(v, "modp2048"))
		v = modp2048;
	if (!strcmp(v, "none"))
		v = "";
	return read_hex(c, &c->dh_prime, v);
}

static bool set_psk(struct server_config *c, const char *v)
{
	return read_hex(c, &c->psk, v);
}

/* The parts are said one behind the other: "00*80" is 80 zeros. */
static bool set_ticket_key(struct server_config *c, const char *v)
{
	const char *star = strchr(v, '*');
	struct span unit;
	uint64_t times;
	uint8_t *p;

	if (!star)
		return read_hex(c, &c->ticket_key, v);
	if (!read_number(star + 1, &times) || !read_hex(c, &unit, arena_textn(&c->arena, v, (size_t)(star - v))))
		return false;
	p = arena_new(&c->arena, times * unit.n, 1);
	for (size_t i = 0; i < times * unit.n; i++)
		p[i] = unit.p[i % unit.n];
	c->ticket_key = (struct span){ p, times * unit.n };
	return times * unit.n == 80 || times * unit.n == 64;
}

static bool set_staple(struct server_config *c, const char *v)
{
	return read_hex(c, &c->staple, v);
}

static bool set_staple_above(struct server_config *c, const char *v)
{
	return read_hex(c, &c->staple_above, v);
}

static bool set_sct(struct server_config *c, const char *v)
{
	return read_hex(c, &c->sct, v);
}

static bool set_delegate(struct server_config *c, const char *v)
{
	c->delegate = builtin_chain(v);
	return c->delegate != NULL;
}

static uint8_t message_named(const char *name)
{
	for (uint8_t in = IN_SH; in <= IN_NST; in = (uint8_t)(in << 1))
		if (!strcmp(message_short(in), name))
			return in;
	return 0;
}

/* "SH:heartbeat:01": message, extension by name or number, the bytes of the answer; SH is that of TLS 1.2 and before. */
static bool add_told(void *to, char *part)
{
	struct server_config *c = to;
	char *message = strsep(&part, ":"), *name = part ? strsep(&part, ":") : NULL;
	struct told_extension *t = &c->told[c->told_n];
	uint64_t code;

	if (!part || c->told_n == CONFIG_TOLD_MAX)
		return false;
	if (!read_number(name, &code))
		code = extension_code(name);
	c->told_n++;
	t->in = message_named(message);
	t->code = (uint16_t)code;
	return t->in && code <= UINT16_MAX && read_hex(c, &t->data, part);
}

static bool set_extensions(struct server_config *c, const char *v)
{
	c->told_n = 0;
	return split(&c->arena, v, add_told, c);
}

static const char *const bug_names[] = {
#define BUG(NAME, name, what) name,
#include "tests/servers/bugs.def"
#undef BUG
};
static const char *const quirk_names[] = {
#define QUIRK(NAME, name, what) name,
#include "tests/servers/quirks.def"
#undef QUIRK
};

static bool switch_on(bool *flags, const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return flags[i] = true;
	return false;
}

static bool add_bug(void *to, char *part)
{
	return switch_on(((struct server_config *)to)->bugs, bug_names, BUGS, part);
}

static bool add_quirk(void *to, char *part)
{
	return switch_on(((struct server_config *)to)->quirks, quirk_names, QUIRKS, part);
}

static bool set_bugs(struct server_config *c, const char *v)
{
	return split(&c->arena, v, add_bug, c);
}

static bool set_quirks(struct server_config *c, const char *v)
{
	return split(&c->arena, v, add_quirk, c);
}

static bool set_row(struct server_config *c, const char *v)
{
	c->row = misbehaviour_find(v);
	return c->row != NULL;
}

static const struct key {
	const char *name;
	bool (*set)(struct server_config *, const char *value);
} keys[] = {
	{ "versions", set_versions },
	{ "suites", set_suites },
	{ "kinds", set_kinds },
	{ "order", set_order },
	{ "groups", set_groups },
	{ "groups_order", set_groups_order },
	{ "retry_for_best", set_retry_for_best },
	{ "schemes", set_schemes },
	{ "schemes_order", set_schemes_order },
	{ "chains", set_chains },
	{ "chains_without_sni", set_chains_without_sni },
	{ "dh_prime", set_dh_prime },
	{ "dh_missing", set_dh_missing },
	{ "answers", set_answers },
	{ "extensions", set_extensions },
	{ "dislikes", set_dislikes },
	{ "max_extensions", set_max_extensions },
	{ "raw_key", set_raw_key },
	{ "delegate", set_delegate },
	{ "alpn", set_alpn },
	{ "alpn_order", set_alpn_order },
	{ "alpn_strict", set_alpn_strict },
	{ "staple", set_staple },
	{ "staple_above", set_staple_above },
	{ "sct", set_sct },
	{ "deflate", set_deflate },
	{ "fallback_scsv", set_fallback_scsv },
	{ "client_auth", set_client_auth },
	{ "renegotiation", set_renegotiation },
	{ "no_sentinel", set_no_sentinel },
	{ "no_false_start", set_no_false_start },
	{ "wrong_renegotiation", set_wrong_renegotiation },
	{ "wrong_sentinel", set_wrong_sentinel },
	{ "reuses_shares", set_reuses_shares },
	{ "repeats_randoms", set_repeats_randoms },
	{ "repeats_session_ids", set_repeats_session_ids },
	{ "clock", set_clock },
	{ "srp_unknown", set_srp_unknown },
	{ "needs_share", set_needs_share },
	{ "session_ids", set_session_ids },
	{ "forgets", set_forgets },
	{ "tickets", set_tickets },
	{ "ticket_lifetime", set_ticket_lifetime },
	{ "ticket_key", set_ticket_key },
	{ "early_data", set_early_data },
	{ "cookie", set_cookie },
	{ "compress", set_compress },
	{ "psk_ke", set_psk_ke },
	{ "psk", set_psk },
	{ "psk_identity", set_psk_identity },
	{ "http_header", set_http_header },
	{ "max_suites", set_max_suites },
	{ "refuse_extensions", set_refuse_extensions },
	{ "refuse_ecc_mix", set_refuse_ecc_mix },
	{ "drop_256_511", set_drop_256_511 },
	{ "intolerant_above", set_intolerant_above },
	{ "sni", set_sni },
	{ "sni_name", set_sni_name },
	{ "refuse", set_refuse },
	{ "refuse_later", set_refuse_later },
	{ "alert", set_alert },
	{ "alerts", set_alerts },
	{ "alert_random", set_alert_random },
	{ "lower_version", set_lower_version },
	{ "fragment", set_fragment },
	{ "at_once", set_at_once },
	{ "refuse_after", set_refuse_after },
	{ "tarpit_after", set_tarpit_after },
	{ "seed", set_seed },
	{ "bugs", set_bugs },
	{ "quirks", set_quirks },
	{ "row", set_row },
	{ "at", set_at },
};

/* "suites.TLSv1.2=..." */
static bool set_suites_of(struct server_config *c, const char *version, const char *v)
{
	struct version_suites *s = &c->suites_of[c->suites_of_n];

	if (c->suites_of_n == VERSION_SUITES_MAX || !version_by_name(version))
		return false;
	c->suites_of_n++;
	s->version = (uint16_t)version_code(version);
	return read_codes(c, &s->suites, v, suite_code);
}

static bool read_line(struct server_config *c, char *line)
{
	char *value = line, *key = strsep(&value, "=");

	if (!value)
		return false;
	if (!strncmp(key, "suites.", 7))
		return set_suites_of(c, key + 7, value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].name, key))
			return keys[i].set(c, value);
	return false;
}

bool config_read(struct server_config *c, const char *text, char wrong[static 128])
{
	char *rest = arena_text(&c->arena, text), *line;

	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = 0;
		snprintf(wrong, 128, "%.120s", line);
		if (*line && *line != '#' && !read_line(c, line))
			return false;
	}
	*wrong = 0;
	return true;
}

void config_sound(struct server_config *c)
{
	static const char text[] =
	        "versions=TLSv1.0,TLSv1.1,TLSv1.2,TLSv1.3\n"
	        "suites=TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_AES_128_GCM_SHA256,"
	        "ECDHE-ECDSA-AES256-GCM-SHA384,ECDHE-RSA-AES256-GCM-SHA384,ECDHE-ECDSA-CHACHA20-POLY1305,"
	        "ECDHE-RSA-CHACHA20-POLY1305,DHE-RSA-AES256-GCM-SHA384,ECDHE-RSA-AES128-GCM-SHA256,"
	        "ECDHE-RSA-AES256-SHA,DHE-RSA-AES256-SHA,AES128-GCM-SHA256,AES256-SHA,AES128-SHA\n"
	        "groups=x25519,secp256r1,secp384r1\n"
	        "schemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256,rsa_pkcs1_sha256,rsa_pkcs1_sha1,ecdsa_"
	        "sha1\n"
	        "chains=rsa,ecdsa\n"
	        "dh_prime=modp2048\n"
	        "answers=ems,etm,renegotiation,ticket,sni,point_formats\n"
	        "alpn=h2,http/1.1\n"
	        "fallback_scsv=yes\n"
	        "session_ids=yes\n"
	        "tickets=2\n"
	        "ticket_lifetime=7200\n";
	char wrong[128];

	*c = (struct server_config){ 0 };
	require(config_read(c, text, wrong));
}

void config_free(struct server_config *c)
{
	arena_free(&c->arena);
	*c = (struct server_config){ 0 };
}
