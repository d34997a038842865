#include "probes/shake.h"

#include <string.h>
#include <strings.h>

enum { HEADER_MAX = 64 * 1024 };

/* ---- the hello ------------------------------------------------------------------------------------------------------ */

bool shake_can_carry(const struct suite *s)
{
	const struct cipher_kind *kind = cipher_kind_of(s);

	return kind && crypt_has_cipher(kind) && s->kx <= KX_ANY && s->kx != KX_SRP && s->kx != KX_KRB5 &&
	       s->kx != KX_PSK && s->kx != KX_DHE_PSK && s->kx != KX_ECDHE_PSK && s->kx != KX_RSA_PSK;
}

static struct codes groups_we_have(struct run *r, uint16_t version)
{
	struct codes all = offer_groups(r->arena, version);
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (crypt_has_group((uint16_t)all.v[i]))
			list_add(r->arena, &l, all.v[i]);
	return list_codes(&l);
}

/* The server's first group that we have, so that no retry is needed. */
static bool pick_share(struct run *r, struct hello *h)
{
	struct ranking known = facts_rank(r->facts, DIM_GROUPS, VER_TLS13, KEY_NONE);
	uint32_t *share = arena_new(r->arena, 1, sizeof *share);

	for (size_t i = 0; i < known.list.n && !*share; i++)
		if (crypt_has_group((uint16_t)known.list.v[i]) && keys_share_size((uint16_t)known.list.v[i]))
			*share = known.list.v[i];
	h->shares = (struct codes){ share, 1 };
	return *share != 0;
}

static bool carries_ecdhe(const struct suite *s)
{
	return shake_can_carry(s) && s->kx == KX_ECDHE;
}

static bool carries_without_curves(const struct suite *s)
{
	return shake_can_carry(s) && !suite_is_ecc(s);
}

/* One kind of key exchange: some servers refuse curves beside anything else. */
static struct codes suites_we_carry(struct run *r, uint16_t version)
{
	bool (*const kinds[])(const struct suite *) = { carries_ecdhe, carries_without_curves, shake_can_carry };
	struct codes found = { 0 };

	for (size_t i = version < VER_TLS13 ? 0 : 2; i < sizeof kinds / sizeof *kinds && !found.n; i++)
		found = offer_taken(r->arena, r->facts, version, kinds[i]);
	return found;
}

bool shake_hello(struct run *r, uint16_t version, struct hello *h)
{
	*h = offer_everything(r->arena, r->facts, version);
	h->suites = suites_we_carry(r, version);
	if (h->offer & OFFER_NO_EXTENSIONS)
		h->groups = (struct codes){ 0 }; /* no list goes out: the server may take any curve */
	else if (h->groups.n)
		h->groups = groups_we_have(r, version);
	return h->suites.n && (version < VER_TLS13 || pick_share(r, h));
}

/* ---- HTTP ------------------------------------------------------------------------------------------------------------- */

static bool header_heard(struct span s)
{
	return s.n >= 4 && memmem(s.p, s.n, "\r\n\r\n", 4);
}

struct plan shake_plan(struct run *r)
{
	char *request;

	if (!r->facts->http)
		return (struct plan){ .listen_max = 0 };
	request = arena_printf(r->arena,
		"GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: tlsassay\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		r->facts->host);
	return (struct plan){
		.say = { (const uint8_t *)request, strlen(request) }, .listen_max = HEADER_MAX, .heard = header_heard,
	};
}

/* The value of a header field, of its first occurrence (RFC 6797 section 8.1), in the arena; NULL: there is none. */
static char *field(struct run *r, struct span head, const char *name)
{
	const char *p = (const char *)head.p, *end = p + head.n;
	size_t n = strlen(name);

	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		size_t len = line_end ? (size_t)(line_end - p) : (size_t)(end - p);

		if (len > n && !strncasecmp(p, name, n) && p[n] == ':') {
			size_t skip = n + 1;

			while (skip < len && (p[skip] == ' ' || p[skip] == '\t'))
				skip++;
			while (len > skip && (p[len - 1] == '\r' || p[len - 1] == ' ' || p[len - 1] == '\t'))
				len--;
			return text_clean(r->arena, p + skip, len - skip, 1024);
		}
		p = line_end ? line_end + 1 : end;
	}
	return NULL;
}

static const char *skip_blank(const char *s)
{
	return s + strspn(s, " \t");
}

/* A number, perhaps in quotes (RFC 6797 section 6.1); false when it is none. */
static bool read_age(const char *s, int64_t *age)
{
	bool quoted = *s == '"';
	size_t digits;

	s += quoted;
	digits = strspn(s, "0123456789");
	if (!digits || digits > 15)
		return false;
	*age = 0;
	for (size_t i = 0; i < digits; i++)
		*age = *age * 10 + (s[i] - '0');
	s += digits + (quoted && s[digits] == '"');
	s = skip_blank(s);
	return *s == 0 || *s == ';';
}

/* RFC 6797 section 6.1: directives by semicolons; max-age is needed, and no directive may stand twice. */
static const char *judge_hsts(const char *value, int64_t *age)
{
	unsigned ages = 0, subdomains = 0;

	for (const char *d = value; d; d = strchr(d, ';') ? strchr(d, ';') + 1 : NULL) {
		const char *s = skip_blank(d);

		if (!strncasecmp(s, "max-age", 7)) {
			s = skip_blank(s + 7);
			if (*s != '=' || !read_age(skip_blank(s + 1), age))
				return "invalid";
			ages++;
		}
		subdomains += !strncasecmp(s, "includeSubDomains", 17);
	}
	if (ages != 1 || subdomains > 1)
		return "invalid";
	return *age ? "valid" : "disabled";
}

static bool is_http(struct span s)
{
	return s.n >= 8 && !memcmp(s.p, "HTTP/", 5);
}

void shake_note_http(struct run *r, struct span heard)
{
	const char *value, *state = "absent";
	int64_t age = 0;

	if (!is_http(heard))
		return;
	value = field(r, heard, "Server");
	if (value)
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_SERVER, .text = value });
	value = field(r, heard, "Strict-Transport-Security");
	if (value)
		state = judge_hsts(value, &age);
	note(r, &(struct obs){ .key = OBS_KEY_HSTS, .text = state });
	if (!strcmp(state, "valid"))
		note(r, &(struct obs){ .key = OBS_KEY_HSTS_MAX_AGE, .number = age });
}

enum tri shake_went_through(const struct hs_result *hs)
{
	if (hs->complete && !hs->reason)
		return TRI_YES;
	return hs->request.asked || hs->reason == REASON_NOT_IN_LIBCRYPTO ? TRI_UNKNOWN : TRI_NO;
}

void shake_note_client(struct run *r, uint16_t version, const struct hs_result *hs)
{
	enum { CERTIFICATE_REQUIRED = 116 };
	bool refused = hs->request.asked && (!hs->complete || (hs->alerted && hs->alert == CERTIFICATE_REQUIRED));

	note(r, &(struct obs){ .key = OBS_KEY_CLIENT_CERTIFICATE, .protocol = version,
			  .text = !hs->request.asked ? "no" : refused || hs->alerted ? "required" : "asked" });
}

/* ---- taking a session up again ---------------------------------------------------------------------------------------- */

enum { SESSION_ID = 32 };

static void offer_psk(struct run *r, const struct session *s, struct hello *h)
{
	struct psk_offer *psk = arena_new(r->arena, 1, sizeof *psk);

	*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = s->secret_n };
	h->psk = psk;
}

static void offer_early(struct run *r, struct hello *h, struct plan *p)
{
	struct extra *early = arena_new(r->arena, 1, sizeof *early);

	*early = (struct extra){ .code = EXT_EARLY_DATA };
	h->extra = early;
	h->extra_n = 1;
	p->early = shake_plan(r).say;
}

bool shake_resume(struct run *r, const struct session *s, struct hello *h, struct plan *p)
{
	*p = (struct plan){ .resume = s };
	if (s->version >= VER_TLS13) {
		offer_psk(r, s, h);
		if (s->early_data_max && r->facts->http)
			offer_early(r, h, p);
		return s->ticket.n > 0;
	}
	h->ticket = s->ticket;
	/* With a ticket the id is ours to make up; the server says it again when it takes the ticket (RFC 5077 3.4). */
	h->session_id = s->ticket.n >= SESSION_ID ? (struct span){ s->ticket.p, SESSION_ID } : s->id;
	return h->session_id.n > 0;
}

static const char *way_of(const struct session *s)
{
	if (s->version >= VER_TLS13)
		return "psk";
	return s->ticket.n ? "ticket" : "id";
}

void shake_note_resumed(struct run *r, const struct session *s, const struct answer *a)
{
	bool whole = a->hs && a->hs->complete;

	note(r, &(struct obs){ .key = OBS_KEY_RESUMPTION, .protocol = s->version, .name = way_of(s),
			  .tri = !whole ? TRI_UNKNOWN : a->hs->resumed ? TRI_YES : TRI_NO,
			  .reason = whole ? NULL : reason_name(a->hs && a->hs->reason ? a->hs->reason : a->reason) });
	if (s->ticket.n)
		note(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = s->version, .number = s->lifetime_s });
	if (whole && s->version >= VER_TLS13)
		note(r, &(struct obs){ .key = OBS_KEY_EARLY_DATA, .protocol = s->version,
				  .tri = a->hs->early_accepted ? TRI_YES : TRI_NO });
}
