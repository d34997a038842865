#include "probes/http_fields.h"

#include <string.h>
#include <strings.h>

#include "probes/cookies.h"
#include "probes/hsts.h"
#include "scanner/base/text.h"

/* ---- Strict-Transport-Security ------------------------------------------------------------------------------------- */

/* On an address the field says nothing, sent or not: RFC 6797 section 8.1.1. */
static const char *hsts_state(const struct run *r, const char *value, const struct hsts *h)
{
	if (r->facts->http.is_address)
		return "ignored";
	if (!value)
		return "absent";
	return !h->valid ? "invalid" : h->max_age_s ? "valid" : "disabled";
}

static const struct evidence *value_evidence(struct run *r, const char *value)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "value", value };
	return e;
}

static void note_flag(struct run *r, enum obs_key key, bool set)
{
	note(r, &(struct obs){ .key = key, .tri = set ? TRI_YES : TRI_NO });
}

/* Of several fields the first counts, and it alone (RFC 6797 section 8.1). */
static void note_hsts(struct run *r, const struct http_head *head)
{
	const struct http_field *f = http_field(head, "Strict-Transport-Security", NULL);
	char *value = f ? http_value(r->arena, f, HTTP_VALUE_MAX) : NULL;
	struct hsts h = value ? hsts_read(value) : (struct hsts){ 0 };
	struct obs o = { .key = OBS_KEY_HSTS, .text = hsts_state(r, value, &h) };

	if (value) {
		o.evidence = value_evidence(r, value);
		o.evidence_count = 1;
	}
	note(r, &o);
	if (strcmp(o.text, "valid"))
		return;
	note(r, &(struct obs){ .key = OBS_KEY_HSTS_MAX_AGE, .number = h.max_age_s });
	note_flag(r, OBS_KEY_HSTS_SUBDOMAINS, h.include_subdomains);
	note_flag(r, OBS_KEY_HSTS_PRELOAD, h.preload);
	note_flag(r, OBS_KEY_HSTS_PRELOADABLE, hsts_preloadable(&h));
}

/* ---- security headers ------------------------------------------------------------------------------------------------ */

/* Of the items between commas: which must be one of the known words for the header to have effect. */
enum must { ANYTHING, FIRST, ANY, EVERY };

enum kind {
	EXPECTED, /* its absence is told too */
	OPTIONAL,
	OBSOLETE, /* no browser heeds it any more */
};

static const struct header {
	const char *name, *words; /* by spaces, each with one in front and one behind */
	enum must must;
	enum kind kind;
} headers[] = {
	{ "Content-Security-Policy", NULL, ANYTHING, EXPECTED },
	{ "Content-Security-Policy-Report-Only", NULL, ANYTHING, OPTIONAL },
	{ "X-Frame-Options", " deny sameorigin ", EVERY, EXPECTED },
	{ "X-Content-Type-Options", " nosniff ", FIRST, EXPECTED },
	{ "Referrer-Policy",
		" no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin"
		" strict-origin-when-cross-origin unsafe-url ",
		ANY, EXPECTED },
	{ "Permissions-Policy", NULL, ANYTHING, EXPECTED },
	{ "Cross-Origin-Opener-Policy", " unsafe-none same-origin same-origin-allow-popups noopener-allow-popups ", EVERY,
		EXPECTED },
	{ "Cross-Origin-Embedder-Policy", " unsafe-none require-corp credentialless ", EVERY, EXPECTED },
	{ "Cross-Origin-Resource-Policy", " same-site same-origin cross-origin ", EVERY, EXPECTED },
	{ "X-XSS-Protection", " 0 ", EVERY, OBSOLETE }, /* 0 switches it off where it still is: that is right */
	{ "Expect-CT", NULL, ANYTHING, OBSOLETE },
	{ "Public-Key-Pins", NULL, ANYTHING, OBSOLETE },
	{ "Public-Key-Pins-Report-Only", NULL, ANYTHING, OBSOLETE },
	{ "Feature-Policy", NULL, ANYTHING, OBSOLETE },
};

/* One item of a list: without blanks around it, up to its parameters. What stands behind its comma; NULL at the end. */
static const char *take_item(const char *s, const char **item, size_t *n)
{
	size_t whole = strcspn(s, ",");

	*item = s + strspn(s, " \t");
	*n = *item < s + whole ? (size_t)(s + whole - *item) : 0;
	for (size_t i = 0; i < *n; i++)
		if ((*item)[i] == ';')
			*n = i;
	while (*n && ((*item)[*n - 1] == ' ' || (*item)[*n - 1] == '\t'))
		(*n)--;
	return s[whole] ? s + whole + 1 : NULL;
}

static bool is_known(const char *words, const char *item, size_t n)
{
	for (const char *w = words + 1; *w; w += strcspn(w, " ") + 1)
		if (strcspn(w, " ") == n && !strncasecmp(w, item, n))
			return true;
	return false;
}

static bool has_effect(const struct header *h, const char *value)
{
	bool any = false, every = true;

	if (h->must == ANYTHING)
		return *value != 0;
	for (const char *rest = value; rest;) {
		const char *item;
		size_t n;
		bool known;

		rest = take_item(rest, &item, &n);
		known = is_known(h->words, item, n);
		if (h->must == FIRST)
			return known;
		any |= known;
		every &= known;
	}
	return h->must == ANY ? any : every;
}

static const char *header_state(const struct header *h, const char *value)
{
	if (h->kind == OBSOLETE)
		return h->must != ANYTHING && has_effect(h, value) ? "set" : "obsolete";
	return has_effect(h, value) ? "set" : "invalid";
}

/* A nonce of a policy is another one each time. */
static const char *without_nonces(struct run *r, const char *value)
{
	static const char mark[] = "'nonce-";
	struct text t = { 0 };
	const char *kept, *nonce;

	for (; (nonce = strstr(value, mark)); value = nonce + strcspn(nonce, "'")) {
		nonce += sizeof mark - 1;
		text_addn(&t, value, (size_t)(nonce - value));
		text_add(&t, "...");
	}
	text_add(&t, value);
	kept = text_clean(r->arena, text_str(&t), t.n, HTTP_VALUE_MAX);
	text_free(&t);
	return kept;
}

static void note_header(struct run *r, const struct http_head *head, const struct header *h)
{
	const char *value = http_values(r->arena, head, h->name, HTTP_HEAD_MAX);

	if (value)
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_HEADER, .name = h->name, .text = header_state(h, value),
				  .evidence = value_evidence(r, without_nonces(r, value)), .evidence_count = 1 });
	else if (h->kind == EXPECTED)
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_HEADER, .name = h->name, .text = "absent" });
}

/* ---- software ----------------------------------------------------------------------------------------------------- */

static void note_text(struct run *r, const struct http_head *head, const char *field, enum obs_key key, const char *name)
{
	const char *value = http_values(r->arena, head, field, HTTP_VALUE_MAX);

	if (value && *value)
		note(r, &(struct obs){ .key = key, .name = name, .text = value });
}

static void note_banners(struct run *r, const struct http_head *head)
{
	static const char *const banners[] = { "X-Powered-By", "Via", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator" };

	note_text(r, head, "Server", OBS_KEY_HTTP_SERVER, NULL);
	for (size_t i = 0; i < sizeof banners / sizeof *banners; i++)
		note_text(r, head, banners[i], OBS_KEY_HTTP_BANNER, banners[i]);
}

/* ---- cookies ----------------------------------------------------------------------------------------------------------- */

enum { COOKIES_MAX = 32 };

static struct cookie *find_cookie(struct cookie *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

/* A cookie that is set twice has the faults of both. */
static size_t gather_cookies(struct run *r, const struct http_head *head, struct cookie all[static COOKIES_MAX])
{
	size_t n = 0;

	for (const struct http_field *f = http_field(head, "Set-Cookie", NULL); f; f = http_field(head, "Set-Cookie", f)) {
		struct cookie c, *known;

		cookie_read(r->arena, http_value(r->arena, f, HTTP_HEAD_MAX), &c);
		if (c.deleted)
			continue;
		known = find_cookie(all, n, c.name);
		if (known)
			known->faults |= c.faults;
		else if (n < COOKIES_MAX)
			all[n++] = c;
	}
	return n;
}

static void note_cookies(struct run *r, const struct http_head *head)
{
	struct cookie all[COOKIES_MAX];
	size_t n = gather_cookies(r, head, all);

	for (size_t i = 0; i < n; i++) {
		const char *words[COOKIE_FAULTS];
		size_t faults = cookie_words(all[i].faults, words);

		note(r, &(struct obs){ .key = OBS_KEY_HTTP_COOKIE, .name = all[i].name, .count = faults,
				  .names = arena_copy(r->arena, words, faults * sizeof *words) });
	}
}

/* ---- the rest ---------------------------------------------------------------------------------------------------------- */

static void note_compression(struct run *r, const struct http_head *head)
{
	const char *value = http_values(r->arena, head, "Content-Encoding", HTTP_VALUE_MAX);

	note(r, &(struct obs){ .key = OBS_KEY_HTTP_COMPRESSION, .text = value && *value ? value : "identity" });
}

/* RFC 7838 section 3: protocol-id "=" authority, by commas; `clear` takes all back. Commas in quotes are passed over. */
static void note_alt_svc(struct run *r, const struct http_head *head)
{
	enum { ALTERNATIVES_MAX = 16 };
	const char *s = http_values(r->arena, head, "Alt-Svc", HTTP_VALUE_MAX), *names[ALTERNATIVES_MAX];
	size_t n = 0;

	if (!s)
		return;
	for (bool quoted = false, start = true; *s && n < ALTERNATIVES_MAX; s++) {
		if (start && !strchr(" \t,=", *s)) {
			names[n] = arena_textn(r->arena, s, strcspn(s, "=,; \t"));
			n += s[strlen(names[n])] == '=';
			start = false;
		}
		quoted ^= *s == '"';
		start |= !quoted && *s == ',';
	}
	note(r, &(struct obs){ .key = OBS_KEY_HTTP_ALT_SVC, .names = arena_copy(r->arena, names, n * sizeof *names),
			  .count = n });
}

void http_fields_note(struct run *r, const struct http_head *head)
{
	note_hsts(r, head);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		note_header(r, head, &headers[i]);
	note_cookies(r, head);
	note_compression(r, head);
	note_alt_svc(r, head);
	note_banners(r, head);
}
