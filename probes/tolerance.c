/* The odd hellos, one probe for each row of tolerance.def: what changes them, beyond the fields of struct shape. */
#include "probes/offer.h"
#include "probes/tolerate.h"

/* GREASE of each kind: RFC 8701 section 2. Chrome puts it first in most lists, and so do these. */
enum { GREASE_SUITE = 0x5A5A, GREASE_GROUP = 0x2A2A, GREASE_EXTENSION = 0x1A1A, GREASE_LAST_EXTENSION = 0x3A3A,
	GREASE_VERSION = 0x4A4A, GREASE_SCHEME = 0x6A6A };

static struct codes with_first(struct run *r, uint32_t first, struct codes rest)
{
	struct list l = { 0 };

	list_add(r->arena, &l, first);
	for (size_t i = 0; i < rest.n; i++)
		list_add(r->arena, &l, rest.v[i]);
	return list_codes(&l);
}

/* ---- what nobody knows ------------------------------------------------------------------------------------------------ */

static void newer_versions(struct run *r, struct hello *h)
{
	h->versions = with_first(r, 0x0400, with_first(r, 0x0305, h->versions));
}

static void unknown_extensions(struct run *r, struct hello *h)
{
	static const uint8_t body[] = { 0x74, 0x6C, 0x73, 0x61 };
	static const struct extra unknown[] = { { 0xFEED, { body, sizeof body } }, { 0xFEEE, { NULL, 0 } } };

	(void)r;
	h->extra = unknown;
	h->extra_n = sizeof unknown / sizeof *unknown;
}

static void grease_suites(struct run *r, struct hello *h)
{
	h->suites = with_first(r, GREASE_SUITE, h->suites);
}

static void grease_extensions(struct run *r, struct hello *h)
{
	static const uint8_t body[] = { 0 };
	static const struct extra both[] = { { GREASE_EXTENSION, { NULL, 0 } }, { GREASE_LAST_EXTENSION, { body, sizeof body } } };

	(void)r;
	h->extra = both;
	h->extra_n = sizeof both / sizeof *both;
}

static void grease_groups(struct run *r, struct hello *h)
{
	h->groups = with_first(r, GREASE_GROUP, h->groups);
	h->shares = with_first(r, GREASE_GROUP, h->shares);
}

static void grease_versions(struct run *r, struct hello *h)
{
	h->versions = with_first(r, GREASE_VERSION, h->versions);
}

static void grease_schemes(struct run *r, struct hello *h)
{
	h->schemes = with_first(r, GREASE_SCHEME, h->schemes);
}

/* Beside what every web server speaks: one that refuses unknown protocols has something to pick. */
static void grease_alpn(struct run *r, struct hello *h)
{
	static const char *const protocols[] = { "\x7A\x7A", "h2", "http/1.1", NULL };

	(void)r;
	h->alpn = protocols;
}

static void grease(struct run *r, struct hello *h)
{
	grease_suites(r, h);
	grease_extensions(r, h);
	grease_groups(r, h);
	grease_versions(r, h);
	grease_schemes(r, h);
}

/* ---- large, and long lists -------------------------------------------------------------------------------------------- */

/* What Chrome sends since 2024: the share of a hybrid, and that of its classical half. */
static void post_quantum(struct run *r, struct hello *h)
{
	enum { X25519MLKEM768 = 0x11EC };

	h->groups = with_first(r, X25519MLKEM768, h->groups);
	h->shares = with_first(r, X25519MLKEM768, h->shares);
}

/* The hello with every extension of TLS 1.3 is of that size (bodies.c), and whatever it was answered, it was read. */
static bool post_quantum_seen(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct hello *h = f->choices[i].hello;

		for (size_t k = 0; choice_picked(&f->choices[i], VER_TLS13) && k < h->extra_n; k++)
			if (h->extra[k].code == EXT_PADDING)
				return true;
	}
	return false;
}

/* Those that this server takes come last: who reads only the front of the list finds none. */
static void many_suites(struct run *r, struct hello *h, struct codes all, size_t n)
{
	struct list l = { 0 };

	for (size_t i = 0; i < all.n && l.n + h->suites.n < n; i++)
		if (!codes_has(h->suites, all.v[i]))
			list_add(r->arena, &l, all.v[i]);
	for (size_t i = 0; i < h->suites.n; i++)
		list_add(r->arena, &l, h->suites.v[i]);
	h->suites = list_codes(&l);
}

static void suites_64(struct run *r, struct hello *h)
{
	many_suites(r, h, offer_suites(r->arena, VER_TLS12), 64);
}

static void suites_128(struct run *r, struct hello *h)
{
	many_suites(r, h, offer_suites(r->arena, VER_TLS12), 128);
}

static void suites_every(struct run *r, struct hello *h)
{
	struct list all = { 0 };

	for (size_t i = 0; i < suites_count; i++)
		if (suite_pickable(suites[i].code))
			list_add(r->arena, &all, suites[i].code);
	many_suites(r, h, list_codes(&all), SIZE_MAX);
}

static const uint8_t made_up_id[33] = { 0x9C, 0x31, 0x07, 0x5E };

static void session_id_32(struct run *r, struct hello *h)
{
	(void)r;
	h->session_id = (struct span){ made_up_id, 32 };
}

static void session_id_33(struct run *r, struct hello *h)
{
	(void)r;
	h->session_id = (struct span){ made_up_id, 33 };
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static void sni_missing(struct run *r, struct hello *h)
{
	(void)r;
	h->sni = NULL;
}

static void sni_other(struct run *r, struct hello *h)
{
	(void)r;
	h->sni = "tlsassay-nobody.invalid"; /* RFC 6761 section 6.4 */
}

/* As long as a name can be (RFC 1035 section 2.3.4), in labels of 63. */
static void sni_long(struct run *r, struct hello *h)
{
	enum { LONGEST = 253, LABEL = 64 };
	static const char end[] = ".invalid";
	char *name = arena_new(r->arena, LONGEST + 1, 1);

	for (size_t i = 0; i < LONGEST; i++)
		name[i] = i % LABEL == LABEL - 1 ? '.' : 'a';
	memcpy(name + LONGEST - (sizeof end - 1), end, sizeof end);
	h->sni = name;
}

static void sni_dot(struct run *r, struct hello *h)
{
	h->sni = arena_printf(r->arena, "%s.", h->sni ? h->sni : "localhost");
}

static void alpn_unknown(struct run *r, struct hello *h)
{
	static const char *const protocols[] = { "tlsassay-nothing", NULL };

	(void)r;
	h->alpn = protocols;
}

/* ---- the probes --------------------------------------------------------------------------------------------------------- */

static const char *const after_sweeps[] = { "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", NULL };
static const char *const after_extensions[] = { "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "extensions.tls13", NULL };

#define WHEN_LIKE_BROWSERS tolerate_when_tls
#define WHEN_UP_TO_TLS12 tolerate_when_clear
#define WHEN_TLS13_ALONE tolerate_when_tls13
#define WHEN_TLS13_FOR_ALL tolerate_when_tls13
#define END_MUST_BEAR(asked) " is borne" asked
#define END_MUST_REFUSE(asked) " is refused" asked
#define SAYS_ASKED " (only when --probe names it)"
#define SAYS_ALWAYS ""
#define REQUEST_ASKED true
#define REQUEST_ALWAYS false
#define AFTER_ASKED after_sweeps
#define AFTER_ALWAYS after_extensions
#define SEEN_ASKED NULL
#define SEEN_ALWAYS post_quantum_seen

#define TOLERANCE(id_, rule_, base_, when_, what_, ref_, change_, ...)                                               \
	static const struct tolerance tolerance_##id_ = { .name = #id_, .base = base_, .rule = rule_, .change = change_,     \
		.seen = SEEN_##when_, .shape = { __VA_ARGS__ } };                                                            \
	const struct probe probe_tolerance_##id_ = { .id = "tolerance." #id_,                                                \
		.what = "whether a hello " what_ END_##rule_(SAYS_##when_), .ref = ref_, .after = AFTER_##when_,             \
		.on_request = REQUEST_##when_, .state_size = sizeof(struct tolerate_state), .when = WHEN_##base_,            \
		.step = tolerate_step, .declaration = &tolerance_##id_ };
#include "probes/tolerance.def"
#undef TOLERANCE
