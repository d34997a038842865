#include "scanner/trust/crl.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert_parts.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/names.h"

enum { NUMBER_OCTETS_MAX = 20, EXTENSIONS_MAX = 64 };

static const int64_t year_2050 = INT64_C(2524608000);

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* ---- extensions (sections 5.2 and 5.3) -------------------------------------------------------- */

struct list_ext {
	char oid[DER_OID_TEXT];
	bool critical;
	struct span value;
};

static bool next_extension(struct rd *list, struct list_ext *e)
{
	struct rd one;

	if (!rd_left(list))
		return false;
	one = der_enter(list, DER_SEQUENCE);
	der_oid_text(der_take(&one, DER_OID), e->oid);
	e->critical = der_maybe_true(&one);
	e->value = der_take(&one, DER_OCTET_STRING);
	if (!rd_end(&one))
		list->bad = true;
	return !list->bad;
}

/* What was seen of those that every CRL must have. */
struct seen {
	bool number, key_id;
};

static void read_number(struct crl *c, const struct list_ext *e, struct seen *s)
{
	struct rd r = rd_span(e->value);
	struct span n = der_take(&r, DER_INTEGER);

	s->number = true;
	c->odd |= e->critical || !rd_end(&r) || !n.n || n.n > NUMBER_OCTETS_MAX || n.p[0] & 0x80;
}

static void read_key_id(struct crl *c, const struct list_ext *e, struct seen *s)
{
	struct rd r = rd_span(e->value), list = der_enter(&r, DER_SEQUENCE), id;

	s->key_id = der_maybe(&list, DER_CONTEXT(0), &id);
	c->odd |= e->critical || !s->key_id || !rd_end(&r);
}

static void read_point_name(struct crl *c, struct rd name)
{
	struct rd full;
	struct general_name g;

	c->has_point = true;
	if (!der_maybe(&name, DER_CONSTRUCTED(0), &full)) {
		c->odd_point = true; /* relative to the issuer's name: BR 7.2.2.1 forbids it */
		return;
	}
	c->point_names = rd_rest(&full);
	while (general_name_next(&full, &g))
		c->odd_point |= g.kind != GN_URI;
	c->odd_point |= !rd_end(&full) || !rd_end(&name);
}

static bool maybe_flag(struct rd *list, uint8_t tag)
{
	struct rd body;

	return der_maybe(list, (uint8_t)DER_CONTEXT(tag), &body) && rd_u8(&body) != 0;
}

/* Section 5.2.5. */
static void read_point(struct crl *c, const struct list_ext *e, struct seen *s)
{
	struct rd r = rd_span(e->value), list = der_enter(&r, DER_SEQUENCE), name, reasons;

	(void)s;
	if (der_maybe(&list, DER_CONSTRUCTED(0), &name))
		read_point_name(c, name);
	c->only_users = maybe_flag(&list, 1);
	c->only_cas = maybe_flag(&list, 2);
	c->some_reasons = der_maybe(&list, DER_CONTEXT(3), &reasons);
	c->other |= maybe_flag(&list, 4);
	c->only_attributes = maybe_flag(&list, 5);
	c->odd |= !e->critical;
	c->malformed |= !rd_end(&list) || !rd_end(&r);
}

static void read_delta(struct crl *c, const struct list_ext *e, struct seen *s)
{
	(void)e, (void)s;
	c->other = true;
}

static void read_any(struct crl *c, const struct list_ext *e, struct seen *s)
{
	(void)c, (void)e, (void)s;
}

static const struct kind {
	const char *oid;
	void (*read)(struct crl *, const struct list_ext *, struct seen *);
} kinds[] = {
	{ "2.5.29.20", read_number },
	{ "2.5.29.35", read_key_id },
	{ "2.5.29.28", read_point },
	{ "2.5.29.27", read_delta },
	{ "2.5.29.18", read_any }, /* issuer alternative name */
};

static void read_extension(struct crl *c, const struct list_ext *e, struct seen *s)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].oid, e->oid)) {
			kinds[i].read(c, e, s);
			return;
		}
	c->other |= e->critical;
}

static bool read_extensions(struct crl *c, struct rd *list)
{
	char seen_oids[EXTENSIONS_MAX][DER_OID_TEXT];
	struct seen seen = { 0 };
	struct list_ext e;
	size_t n = 0;

	for (; n < EXTENSIONS_MAX && next_extension(list, &e); n++) {
		for (size_t i = 0; i < n; i++)
			if (!strcmp(seen_oids[i], e.oid))
				return false;
		memcpy(seen_oids[n], e.oid, sizeof e.oid);
		read_extension(c, &e, &seen);
	}
	c->odd |= !seen.number || !seen.key_id;
	return rd_end(list);
}

/* ---- entries --------------------------------------------------------------------------------- */

struct entry {
	struct span serial;
	bool other; /* a critical extension that is not known, or of an indirect CRL */
	struct crl_entry says;
};

static int read_reason(struct span value)
{
	struct rd r = rd_span(value);

	return (int)der_small(der_take(&r, DER_ENUMERATED));
}

static void read_entry_extensions(struct rd *one, struct entry *e)
{
	struct rd list = der_enter(one, DER_SEQUENCE);
	struct list_ext x;

	while (next_extension(&list, &x)) {
		e->other |= x.critical && strcmp(x.oid, "2.5.29.21") && strcmp(x.oid, "2.5.29.24");
		if (!strcmp(x.oid, "2.5.29.21"))
			e->says.reason = read_reason(x.value);
	}
	one->bad |= list.bad;
}

static bool next_entry(struct rd *list, struct entry *e)
{
	struct rd one;
	struct der date;

	if (!rd_left(list))
		return false;
	*e = (struct entry){ .says.reason = -1 };
	one = der_enter(list, DER_SEQUENCE);
	e->serial = der_take(&one, DER_INTEGER);
	if (!der_next(&one, &date) || !der_time(&date, &e->says.revoked_at))
		one.bad = true;
	if (rd_left(&one))
		read_entry_extensions(&one, e);
	if (!rd_end(&one))
		list->bad = true;
	return !list->bad;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->n ? memcmp(x->p, y->p, x->n) : 0;
}

static bool has_twins(struct span *serials, size_t n)
{
	if (n)
		qsort(serials, n, sizeof *serials, compare_spans);
	for (size_t i = 1; i < n; i++)
		if (!compare_spans(&serials[i - 1], &serials[i]))
			return true;
	return false;
}

/* All entries, once: each can be read, and no serial number stands twice. */
static bool look_at_entries(struct crl *c)
{
	struct rd list = rd_span(c->revoked);
	struct span *serials = NULL;
	struct entry e;
	size_t n = 0;

	while (next_entry(&list, &e)) {
		if (!(n & (n - 1)))
			serials = mem_grow(serials, n ? 2 * n : 1, sizeof *serials);
		serials[n++] = e.serial;
		c->other |= e.other;
	}
	c->odd |= has_twins(serials, n);
	free(serials);
	return rd_end(&list);
}

/* ---- the list (section 5.1) ------------------------------------------------------------------ */

static bool take_time(struct crl *c, struct rd *r, int64_t *seconds)
{
	struct der d;

	if (!der_next(r, &d) || !der_time(&d, seconds))
		return false;
	c->odd |= (d.tag == DER_UTC_TIME) != (*seconds < year_2050);
	return true;
}

static bool take_next_update(struct crl *c, struct rd *tbs)
{
	if (!der_is_next(tbs, DER_UTC_TIME) && !der_is_next(tbs, DER_GENERALIZED_TIME))
		return false; /* section 5.1.2.5 */
	return take_time(c, tbs, &c->next_update);
}

static void take_version(struct crl *c, struct rd *tbs)
{
	struct rd version;

	if (!der_maybe(tbs, DER_INTEGER, &version))
		c->odd = true; /* version 1 */
	else if (der_small(rd_rest(&version)) != 1)
		c->malformed = true;
}

static void take_revoked(struct crl *c, struct rd *tbs)
{
	struct rd list;

	if (!der_maybe(tbs, DER_SEQUENCE, &list))
		return;
	c->revoked = rd_rest(&list);
	c->odd |= !c->revoked.n; /* section 5.1.2.6: absent, then */
}

static bool take_extensions(struct crl *c, struct rd *tbs)
{
	struct rd explicit, list;

	if (!der_maybe(tbs, DER_CONSTRUCTED(0), &explicit)) {
		c->odd = true;
		return true;
	}
	list = der_enter(&explicit, DER_SEQUENCE);
	return read_extensions(c, &list) && rd_end(&explicit);
}

static bool canon_issuer(struct crl *c, struct span issuer)
{
	size_t room = DNAME_ROOM(issuer.n);
	struct wr w;
	bool good;

	c->canon = mem_new(room, 1);
	w = wr_of(c->canon, room);
	good = dname_canon(issuer, &w);
	c->issuer_canon = (struct span){ w.buf, w.len };
	c->issuer_hash = cert_name_hash(c->issuer_canon);
	return good;
}

static bool parse_tbs(struct crl *c, struct span outer_alg)
{
	struct rd all = rd_span(c->seal.tbs), tbs = der_enter(&all, DER_SEQUENCE);
	struct span inner_alg;

	take_version(c, &tbs);
	inner_alg = der_take_all(&tbs, DER_SEQUENCE);
	c->seal_mismatch = !same_bytes(inner_alg, outer_alg);
	cert_read_seal(inner_alg, &c->seal);
	if (!canon_issuer(c, der_take(&tbs, DER_SEQUENCE)) || !take_time(c, &tbs, &c->this_update) ||
	        !take_next_update(c, &tbs))
		return false;
	take_revoked(c, &tbs);
	return take_extensions(c, &tbs) && rd_end(&tbs) && look_at_entries(c);
}

static bool parse(struct crl *c, struct span der)
{
	struct rd all = rd_span(der), crl = der_enter(&all, DER_SEQUENCE);
	struct span alg;

	c->seal.tbs = der_take_all(&crl, DER_SEQUENCE);
	alg = der_take_all(&crl, DER_SEQUENCE);
	c->seal.signature = der_take_bits(&crl);
	return rd_end(&crl) && rd_end(&all) && parse_tbs(c, alg);
}

struct crl *crl_parse(const uint8_t *der, size_t n)
{
	struct crl *c = mem_new(1, sizeof *c);

	if (n <= CRL_BYTES_MAX) {
		c->bytes = mem_new(n, 1);
		if (n)
			memcpy(c->bytes, der, n);
	}
	if (!parse(c, (struct span){ c->bytes, c->bytes ? n : 0 }))
		c->malformed = true;
	return c;
}

void crl_free(struct crl *c)
{
	if (!c)
		return;
	free(c->bytes);
	free(c->canon);
	free(c);
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool is_name(const struct crl *c, struct span canon, uint64_t hash)
{
	return c->issuer_hash == hash && same_bytes(c->issuer_canon, canon);
}

bool crl_is_of_issuer(const struct crl *c, const struct cert *child)
{
	return is_name(c, child->issuer_canon, child->issuer_hash);
}

bool crl_may_be_signed_by(const struct crl *c, const struct cert *issuer)
{
	return !issuer->malformed && is_name(c, issuer->subject_canon, issuer->subject_hash) &&
	       (!issuer->has_key_usage || issuer->key_usage & KEY_USAGE_CRL_SIGN);
}

static bool holds_name(struct rd names, struct span url)
{
	struct general_name g;

	while (general_name_next(&names, &g))
		if (g.kind == GN_URI && same_bytes(g.value, url))
			return true;
	return false;
}

/* One of the CRL's names is one of this point's, octet for octet. */
static bool is_point(const struct crl *c, struct rd point)
{
	struct rd where, names, ours = rd_span(c->point_names);
	struct general_name g;

	if (!der_maybe(&point, DER_CONSTRUCTED(0), &where) || !der_maybe(&where, DER_CONSTRUCTED(0), &names))
		return false;
	while (general_name_next(&ours, &g))
		if (holds_name(names, g.value))
			return true;
	return false;
}

static bool is_at_its_point(const struct crl *c, const struct cert *child)
{
	struct rd all = rd_span(child->exts[CERT_EXT_CRL_POINTS]), list;

	if (!rd_left(&all) || c->odd_point)
		return false;
	list = der_enter(&all, DER_SEQUENCE);
	while (rd_left(&list))
		if (is_point(c, der_enter(&list, DER_SEQUENCE)))
			return true;
	return false;
}

/* Section 6.3.3 (b)(2). */
static bool is_in_scope(const struct crl *c, const struct cert *child)
{
	if (c->only_attributes || (c->only_users && child->is_ca) || (c->only_cas && !child->is_ca))
		return false;
	return !c->has_point || is_at_its_point(c, child);
}

void crl_check(struct faults *f, const struct rules *r, const struct crl *c, const struct cert *child)
{
	faults_hold(f, r, CHECK_CRL_UNREADABLE, c->malformed);
	if (c->malformed)
		return;
	faults_hold(f, r, CHECK_CRL_STALE, r->at < c->this_update || r->at > c->next_update);
	faults_hold(f, r, CHECK_CRL_SCOPE, !is_in_scope(c, child));
	faults_hold(f, r, CHECK_CRL_KIND, c->other || c->some_reasons);
	faults_hold(f, r, CHECK_CRL_FORM, c->odd);
	faults_hold(f, r, CHECK_CRL_SIGNATURE, c->seal_mismatch);
	faults_hold(f, r, CHECK_CRL_WEAK, c->seal.alg && c->seal.alg->strength != SEAL_SOUND);
}

bool crl_find(const struct crl *c, const struct cert *child, struct crl_entry *says)
{
	struct rd list = rd_span(c->revoked);
	struct entry e;

	while (!c->malformed && next_entry(&list, &e))
		if (same_bytes(e.serial, child->serial)) {
			*says = e.says;
			return true;
		}
	return false;
}

bool crl_revokes(const struct crl *c, const struct cert *child)
{
	return crl_find(c, child, &(struct crl_entry){ 0 });
}
