#include "scanner/trust/client_fit.h"

#include <string.h>
#include <strings.h>

#include "scanner/tls/client_request.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"

/* ---- the authorities ------------------------------------------------------------------------------------------------ */

/* The contents of the next name; false at the end, with a bad reader where it is malformed. */
static bool next_name(struct rd *names, struct span *name)
{
	struct rd one, body;

	if (!rd_left(names))
		return false;
	one = rd_vec(names, 2);
	body = der_enter(&one, DER_SEQUENCE);
	names->bad |= one.bad || rd_left(&one);
	*name = rd_rest(&body);
	return !names->bad;
}

bool client_authorities(struct arena *a, struct span names, const char **words, size_t max, size_t *count, size_t *total)
{
	struct rd r = rd_span(names);
	struct span name;

	*count = *total = 0;
	while (next_name(&r, &name)) {
		if (*count < max)
			words[(*count)++] = dname_text(a, name);
		++*total;
	}
	return !r.bad;
}

static bool is_name(struct arena *scratch, struct span name, struct span canon)
{
	size_t room = DNAME_ROOM(name.n);
	struct wr w = wr_of(arena_new(scratch, room, 1), room);

	return dname_canon(name, &w) && w.len == canon.n && (!canon.n || !memcmp(w.buf, canon.p, canon.n));
}

/* ---- the chain ------------------------------------------------------------------------------------------------------ */

struct chain {
	const struct client_fit_input *in;
	struct cert *certs[CLIENT_CHAIN_MAX]; /* all that were given */
	size_t n;
	const struct cert *path[CLIENT_CHAIN_MAX]; /* leaf first, each issued in the name of the next */
	size_t path_n;
};

static bool in_path(const struct chain *c, const struct cert *cert)
{
	for (size_t i = 0; i < c->path_n; i++)
		if (c->path[i] == cert)
			return true;
	return false;
}

static const struct cert *issuer_of(const struct chain *c, const struct cert *child)
{
	for (size_t i = 0; i < c->n; i++)
		if (!in_path(c, c->certs[i]) && !c->certs[i]->malformed && cert_issued_in_name_of(child, c->certs[i]))
			return c->certs[i];
	return NULL;
}

static void chain_open(struct chain *c, const struct client_fit_input *in)
{
	const struct cert *next;

	*c = (struct chain){ .in = in };
	for (; c->n < in->chain_n && c->n < CLIENT_CHAIN_MAX; c->n++)
		c->certs[c->n] = cert_parse(in->chain[c->n].p, in->chain[c->n].n);
	for (next = c->n ? c->certs[0] : NULL; next; next = issuer_of(c, next))
		c->path[c->path_n++] = next;
}

static void chain_close(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		cert_free(c->certs[i]);
}

/* Any authority will do where none is named; else one above the leaf, known by its name, must be among them. */
static bool issuer_fits(const struct chain *c, bool *broken)
{
	struct arena scratch = { 0 };
	struct rd r = rd_span(c->in->request->names);
	struct span name;
	bool found = !rd_left(&r);

	while (!found && next_name(&r, &name))
		for (size_t i = 0; i < c->path_n && !found; i++)
			found = is_name(&scratch, name, c->path[i]->issuer_canon);
	*broken = r.bad && !found;
	arena_free(&scratch);
	return found;
}

/* ---- what may not fit ----------------------------------------------------------------------------------------------- */

static bool misfit_malformed(const struct chain *c)
{
	return c->path[0]->malformed;
}

static bool misfit_type(const struct chain *c)
{
	return c->in->version < VER_TLS13 && !client_type_fits(c->in->request->types, private_key_kind(c->in->key));
}

static bool misfit_scheme(const struct chain *c)
{
	bool tls13 = c->in->version >= VER_TLS13;

	return c->in->version >= VER_TLS12 && !client_scheme(c->in->key, c->in->request->schemes, tls13);
}

/* What signed this certificate, as far as its algorithm tells without parameters: those of RSA-PSS and DSA are let be. */
static bool is_signed_so(const struct cert *cert, const struct scheme *s)
{
	enum { PSS = 8 };
	const struct seal_alg *seal = cert->seal;

	if (!seal || (!seal->digest && seal->key != KEY_ED25519 && seal->key != KEY_ED448))
		return true;
	return s && s->key == seal->key && (!seal->digest || (s->code >> 8 != PSS && !strcasecmp(s->hash, seal->digest)));
}

static bool is_signed_as_asked(const struct cert *cert, struct span list)
{
	struct rd r = rd_span(list);

	while (rd_left(&r))
		if (is_signed_so(cert, scheme_find(rd_u16(&r))))
			return true;
	return false;
}

/* From TLS 1.2 on the chain too is to be signed with what is listed; a root's own signature does not count. */
static bool misfit_signature(const struct chain *c)
{
	const struct client_request *q = c->in->request;
	struct span list = q->cert_schemes.n ? q->cert_schemes : q->schemes;

	for (size_t i = 0; c->in->version >= VER_TLS12 && i < c->path_n; i++)
		if (!cert_self_issued(c->path[i]) && !is_signed_as_asked(c->path[i], list))
			return true;
	return false;
}

static bool misfit_key_usage(const struct chain *c)
{
	return c->path[0]->has_key_usage && !(c->path[0]->key_usage & KEY_USAGE_DIGITAL_SIGNATURE);
}

static bool misfit_purpose(const struct chain *c)
{
	return c->path[0]->has_purposes && !(c->path[0]->purposes & (PURPOSE_CLIENT | PURPOSE_ANY));
}

static bool misfit_early(const struct chain *c)
{
	for (size_t i = 0; i < c->path_n; i++)
		if (c->in->at < c->path[i]->not_before)
			return true;
	return false;
}

static bool misfit_expired(const struct chain *c)
{
	for (size_t i = 0; i < c->path_n; i++)
		if (c->in->at > c->path[i]->not_after)
			return true;
	return false;
}

static const struct misfit {
	const char *word;
	bool (*holds)(const struct chain *);
} misfits[] = {
	{ "type", misfit_type },
	{ "scheme", misfit_scheme },
	{ "signature", misfit_signature },
	{ "key_usage", misfit_key_usage },
	{ "purpose", misfit_purpose },
	{ "not_yet_valid", misfit_early },
	{ "expired", misfit_expired },
};

static void add(struct client_misfits *out, const char *word)
{
	out->v[out->n++] = word;
}

static void judge(const struct chain *c, struct client_misfits *out)
{
	if (!issuer_fits(c, &out->names_broken) && !out->names_broken)
		add(out, "issuer");
	for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++)
		if (misfits[i].holds(c))
			add(out, misfits[i].word);
}

enum tri client_fit(const struct client_fit_input *in, struct client_misfits *out)
{
	struct chain c;

	*out = (struct client_misfits){ 0 };
	chain_open(&c, in);
	if (!c.path_n || misfit_malformed(&c))
		add(out, "malformed");
	else
		judge(&c, out);
	chain_close(&c);
	return out->n ? TRI_NO : out->names_broken ? TRI_UNKNOWN : TRI_YES;
}
