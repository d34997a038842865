#include "scanner/run/conclude_client.h"

#include "scanner/tls/client_request.h"
#include "scanner/trust/client_fit.h"

enum { AUTHORITIES_MAX = 64 };

/* A request of one version, and where to tell of it. */
struct told {
	struct record *record;
	const struct client_request *request;
	uint16_t version;
	const char *probe;
};

static void add(const struct told *t, struct obs o)
{
	o.protocol = t->version;
	o.probe = t->probe;
	record_add(t->record, &o);
}

static void add_authorities(const struct told *t)
{
	struct arena *a = &t->record->arena;
	const char **words = arena_new(a, AUTHORITIES_MAX, sizeof *words);
	size_t count, total;
	bool whole = client_authorities(a, t->request->names, words, AUTHORITIES_MAX, &count, &total);
	const char *cut = total > count ? arena_printf(a, "%zu more", total - count) : NULL;

	add(t, (struct obs){ .key = OBS_KEY_CLIENT_AUTHORITIES, .names = words, .count = count,
		       .reason = whole ? cut : reason_name(REASON_MALFORMED) });
}

static void add_types(const struct told *t)
{
	struct span types = t->request->types;
	const char **words = arena_new(&t->record->arena, types.n, sizeof *words);

	for (size_t i = 0; i < types.n; i++) {
		const char *name = client_type_name(types.p[i]);

		words[i] = name ? name : arena_printf(&t->record->arena, "0x%02X", types.p[i]);
	}
	add(t, (struct obs){ .key = OBS_KEY_CLIENT_TYPES, .names = words, .count = types.n });
}

static void add_schemes(const struct told *t, enum obs_key key, struct span list)
{
	uint32_t *codes = arena_new(&t->record->arena, list.n / 2 + 1, sizeof *codes);
	struct rd r = rd_span(list);
	size_t n = 0;

	while (rd_left(&r) >= 2)
		codes[n++] = rd_u16(&r);
	add(t, (struct obs){ .key = key, .codes = codes, .count = n });
}

static void add_fit(const struct told *t, const struct scan_options *o)
{
	struct arena *a = &t->record->arena;
	struct client_misfits misfits;
	enum tri fits = client_fit(&(struct client_fit_input){ .chain = o->client_chain, .chain_n = o->client_chain_n,
					   .key = o->client_key, .request = t->request, .version = t->version, .at = o->now },
		&misfits);

	add(t, (struct obs){ .key = OBS_KEY_CLIENT_FITS, .tri = fits,
		       .reason = fits == TRI_UNKNOWN ? reason_name(REASON_MALFORMED) : NULL });
	if (misfits.n)
		add(t, (struct obs){ .key = OBS_KEY_CLIENT_MISFITS, .count = misfits.n,
			       .names = arena_copy(a, misfits.v, misfits.n * sizeof *misfits.v) });
}

static void tell(const struct told *t, const struct scan_options *o)
{
	add_authorities(t);
	if (t->version < VER_TLS13)
		add_types(t);
	if (t->version >= VER_TLS12)
		add_schemes(t, OBS_KEY_CLIENT_SCHEMES, t->request->schemes);
	if (t->request->cert_schemes.n)
		add_schemes(t, OBS_KEY_CLIENT_CERT_SCHEMES, t->request->cert_schemes);
	if (o->client_chain_n && o->client_key)
		add_fit(t, o);
}

/* The first that asks, in the order of the questions. */
static const struct choice *asks(const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], version) && f->choices[i].request)
			return &f->choices[i];
	return NULL;
}

void conclude_client(struct record *r, const struct facts *f, const struct scan_options *o)
{
	for (uint16_t v = VER_TLS13; v >= VER_SSL3; v--) {
		const struct choice *c = asks(f, v);

		if (c)
			tell(&(struct told){ r, c->request, v, c->probe }, o);
	}
}
