#include "scanner/trust/places.h"

#include "scanner/trust/cert.h"
#include "scanner/trust/names.h"

enum { LOOKED_AT = 64 };

struct urls {
	struct span *v;
	size_t n, max;
};

static struct rd list_of(const struct cert *c, enum cert_ext ext)
{
	struct rd value = rd_span(c->exts[ext]);

	return rd_left(&value) ? der_enter(&value, DER_SEQUENCE) : value;
}

static void add_url(struct urls *u, const struct general_name *g)
{
	if (g->kind == GN_URI && u->n < u->max)
		u->v[u->n++] = g->value;
}

static void read_access(struct rd *list, const char *method, struct urls *u)
{
	struct rd access = der_enter(list, DER_SEQUENCE);
	struct general_name g;
	char oid[DER_OID_TEXT];

	der_oid_text(der_take(&access, DER_OID), oid);
	if (general_name_next(&access, &g) && !strcmp(oid, method))
		add_url(u, &g);
}

/* A point for some reasons alone, or of another issuer, tells too little. */
static void read_point(struct rd *list, struct urls *u)
{
	struct rd point = der_enter(list, DER_SEQUENCE), where, names, other;
	struct general_name g;

	if (!der_maybe(&point, DER_CONSTRUCTED(0), &where) || !der_maybe(&where, DER_CONSTRUCTED(0), &names))
		return;
	if (der_maybe(&point, DER_CONTEXT(1), &other) || der_maybe(&point, DER_CONSTRUCTED(2), &other))
		return;
	while (general_name_next(&names, &g))
		add_url(u, &g);
}

size_t places_of(const struct cert *c, enum place place, struct span urls[], size_t max)
{
	struct urls u = { .v = urls, .max = max };
	struct rd list;

	if (c->malformed)
		return 0;
	list = list_of(c, place == PLACE_CRL ? CERT_EXT_CRL_POINTS : CERT_EXT_AUTHORITY_INFO);
	for (size_t i = 0; rd_left(&list) && i < LOOKED_AT; i++) {
		if (place == PLACE_CRL)
			read_point(&list, &u);
		else
			read_access(&list, place == PLACE_OCSP ? "1.3.6.1.5.5.7.48.1" : "1.3.6.1.5.5.7.48.2", &u);
	}
	return u.n;
}
