#include "scanner/trust/constraint.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/names.h"

enum { BYTES_A_COMPARISON = 64 };

static bool spend(size_t *budget, size_t bytes)
{
	size_t cost = 1 + bytes / BYTES_A_COMPARISON;

	if (*budget < cost) {
		*budget = 0;
		return false;
	}
	*budget -= cost;
	return true;
}

/* ---- one name within one subtree ------------------------------------------------------------- */

static bool begins_with_dot(struct span s)
{
	return s.n && s.p[0] == '.';
}

/* `name` itself, or a name below it; with a dot in front only a name below it. Nothing: every name. */
static bool within_domain(struct span name, struct span base)
{
	if (!base.n)
		return true;
	if (!span_ends_with_word(name, base))
		return false;
	return name.n == base.n ? !begins_with_dot(base)
	                        : begins_with_dot(base) || name.p[name.n - base.n - 1] == '.';
}

static bool dns_permitted(struct span name, struct span base)
{
	return within_domain(name, base);
}

/* A wildcard is excluded as soon as one of the names that it stands for is. */
static bool dns_excluded(struct span name, struct span base)
{
	const uint8_t *dot = base.n ? memchr(base.p, '.', base.n) : NULL;

	if (within_domain(name, base))
		return true;
	if (name.n < 2 || name.p[0] != '*' || !dot)
		return false;
	return span_same_word(span_skip(name, 1), span_skip(base, (size_t)(dot - base.p)));
}

static bool ip_within(struct span name, struct span base)
{
	if (base.n != 2 * name.n)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((name.p[i] ^ base.p[i]) & base.p[name.n + i])
			return false;
	return true;
}

/* The constraint of a host name: itself, or with a dot in front every name below. */
static bool host_within(struct span host, struct span base)
{
	return begins_with_dot(base) ? span_ends_with_word(host, base) && host.n > base.n
	                             : span_same_word(host, base);
}

static struct span after(struct span s, char c)
{
	const uint8_t *at = s.n ? memrchr(s.p, c, s.n) : NULL;

	return at ? span_skip(s, (size_t)(at - s.p) + 1) : s;
}

static struct span before(struct span s, const char *stops)
{
	size_t n = 0;

	while (n < s.n && (!s.p[n] || !strchr(stops, s.p[n])))
		n++;
	return (struct span){ s.p, n };
}

/* Letters of the mailbox count, those of its host do not. */
static bool email_within(struct span name, struct span base)
{
	struct span host = after(name, '@'), base_host = after(base, '@');
	size_t local = name.n - host.n;

	if (base_host.n == base.n)
		return host_within(host, base);
	return local == base.n - base_host.n && !memcmp(name.p, base.p, local) &&
	       span_same_word(host, base_host);
}

/* Empty where there is no authority (RFC 3986 section 3.2: after the scheme, two slashes). */
static struct span host_of_uri(struct span uri)
{
	const uint8_t *colon = uri.n ? memchr(uri.p, ':', uri.n) : NULL;
	struct span rest = colon ? span_skip(uri, (size_t)(colon - uri.p) + 1) : (struct span){ NULL, 0 };

	if (rest.n < 2 || memcmp(rest.p, "//", 2))
		return (struct span){ NULL, 0 };
	return before(after(before(span_skip(rest, 2), "/?#"), '@'), ":");
}

/* The last label of a host's name begins with a letter, that of an address with a digit; "[" begins one of version 6. */
static bool names_a_host(struct span uri)
{
	struct span host = host_of_uri(uri), last;

	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	last = after(host, '.');
	return last.n && host.p[0] != '[' && !(last.p[0] >= '0' && last.p[0] <= '9');
}

static bool uri_permitted(struct span name, struct span base)
{
	return names_a_host(name) && host_within(host_of_uri(name), base);
}

/* One without an authority, or with an address there, MUST be rejected under any constraint (section 4.2.1.10). */
static bool uri_excluded(struct span name, struct span base)
{
	return !names_a_host(name) || host_within(host_of_uri(name), base);
}

/* The canonical form of names starts with that of each subtree they are in. */
static bool directory_within(struct span name, struct span base)
{
	size_t room = DNAME_ROOM(base.n);
	struct wr w = wr_of(mem_new(room, 1), room);
	bool within = dname_canon(base, &w) && w.len <= name.n && (!w.len || !memcmp(w.buf, name.p, w.len));

	free(w.buf);
	return within;
}

typedef bool within(struct span name, struct span base);

/* A kind without a row cannot be judged: a constraint on it rejects every name of it. */
static const struct {
	within *permitted, *excluded;
} rules[] = {
	[GN_EMAIL] = { email_within, email_within },
	[GN_DNS] = { dns_permitted, dns_excluded },
	[GN_URI] = { uri_permitted, uri_excluded },
	[GN_IP] = { ip_within, ip_within },
	[GN_DIRECTORY] = { directory_within, directory_within },
	[GN_REGISTERED] = { NULL, NULL },
};

/* ---- lists of subtrees ----------------------------------------------------------------------- */

struct lists {
	struct rd permitted, excluded;
};

static bool lists_of(const struct cert *ca, struct lists *l)
{
	struct rd r = rd_span(ca->exts[CERT_EXT_NAME_CONSTRAINTS]), list = der_enter(&r, DER_SEQUENCE);

	*l = (struct lists){ 0 };
	der_maybe(&list, DER_CONSTRUCTED(0), &l->permitted);
	der_maybe(&list, DER_CONSTRUCTED(1), &l->excluded);
	return rd_end(&list) && rd_end(&r);
}

/* Minimum is 0 and maximum absent, always; an address comes with its mask. */
static bool next_subtree(struct rd *list, struct general_name *base)
{
	struct rd subtree;

	if (!rd_left(list))
		return false;
	subtree = der_enter(list, DER_SEQUENCE);
	if (!general_name_next(&subtree, base) || !rd_end(&subtree) ||
	        (base->kind == GN_IP && base->value.n != 8 && base->value.n != 32))
		list->bad = true;
	return !list->bad;
}

/* Any of the subtrees of the name's kind holds it; `asked`: there was one. */
struct held {
	bool asked, within, judged;
};

static enum constraint_verdict look_up(
        struct rd list, const struct general_name *name, bool excluded, size_t *budget, struct held *held)
{
	within *rule = excluded ? rules[name->kind].excluded : rules[name->kind].permitted;
	struct general_name base;

	*held = (struct held){ .judged = rule != NULL };
	while (next_subtree(&list, &base)) {
		if (!spend(budget, base.kind == name->kind ? base.value.n + name->value.n : 0))
			return CONSTRAINT_LIMIT;
		if (base.kind != name->kind)
			continue;
		held->asked = true;
		held->within |= rule && rule(name->value, base.value);
	}
	return list.bad ? CONSTRAINT_BAD : CONSTRAINT_KEPT;
}

static enum constraint_verdict check_name(
        const struct lists *l, const struct general_name *name, size_t *budget)
{
	struct held permitted, excluded;
	enum constraint_verdict v = look_up(l->permitted, name, false, budget, &permitted);

	if (v == CONSTRAINT_KEPT)
		v = look_up(l->excluded, name, true, budget, &excluded);
	if (v != CONSTRAINT_KEPT)
		return v;
	if (!permitted.judged && (permitted.asked || excluded.asked))
		return CONSTRAINT_BROKEN;
	return (permitted.asked && !permitted.within) || excluded.within ? CONSTRAINT_BROKEN
	                                                                 : CONSTRAINT_KEPT;
}

/* ---- the names of a certificate -------------------------------------------------------------- */

static enum constraint_verdict check_directory(const struct lists *l, struct span name, size_t *budget)
{
	size_t room = DNAME_ROOM(name.n);
	struct wr w = wr_of(mem_new(room, 1), room);
	struct general_name g = { .kind = GN_DIRECTORY };
	enum constraint_verdict v = CONSTRAINT_BROKEN;

	if (dname_canon(name, &w)) {
		g.value = (struct span){ w.buf, w.len };
		v = check_name(l, &g, budget);
	}
	free(w.buf);
	return v;
}

static enum constraint_verdict check_alt_names(
        const struct lists *l, const struct cert *below, size_t *budget, bool *email)
{
	struct rd names = cert_names(below);
	struct general_name g;
	enum constraint_verdict v = CONSTRAINT_KEPT;

	while (v == CONSTRAINT_KEPT && general_name_next(&names, &g)) {
		*email |= g.kind == GN_EMAIL;
		v = g.kind == GN_DIRECTORY ? check_directory(l, g.value, budget) : check_name(l, &g, budget);
	}
	return v;
}

/* An e-mail address of old stands in the subject. */
static enum constraint_verdict check_subject_email(
        const struct lists *l, const struct cert *below, size_t *budget)
{
	struct dname_walk w = dname_walk(below->subject);
	struct dname_attribute a;
	char dotted[DER_OID_TEXT];
	enum constraint_verdict v = CONSTRAINT_KEPT;

	while (v == CONSTRAINT_KEPT && dname_next(&w, &a))
		if (a.tag == DER_IA5 && der_oid_text(a.oid, dotted) &&
		        !strcmp(dotted, "1.2.840.113549.1.9.1"))
			v = check_name(
			        l, &(struct general_name){ .kind = GN_EMAIL, .value = a.value }, budget);
	return v;
}

static enum constraint_verdict check_subject(const struct lists *l, const struct cert *below, size_t *budget)
{
	struct general_name g = { .kind = GN_DIRECTORY, .value = below->subject_canon };

	return below->subject_canon.n ? check_name(l, &g, budget) : CONSTRAINT_KEPT;
}

enum constraint_verdict constraint_check(const struct cert *ca, const struct cert *below, size_t *budget)
{
	enum constraint_verdict v;
	struct lists l;
	bool email = false;

	if (!ca->exts[CERT_EXT_NAME_CONSTRAINTS].p)
		return CONSTRAINT_KEPT;
	if (!lists_of(ca, &l))
		return CONSTRAINT_BAD;
	v = check_alt_names(&l, below, budget, &email);
	if (v == CONSTRAINT_KEPT)
		v = check_subject(&l, below, budget);
	if (v == CONSTRAINT_KEPT && !email)
		v = check_subject_email(&l, below, budget);
	return v;
}

/* ---- its form -------------------------------------------------------------------------------- */

bool constraint_is_empty(const struct cert *ca)
{
	struct rd r = rd_span(ca->exts[CERT_EXT_NAME_CONSTRAINTS]), list, subtrees;
	bool any = false;

	if (!rd_left(&r))
		return false;
	list = der_enter(&r, DER_SEQUENCE);
	for (uint8_t tag = 0; tag < 2; tag++) {
		if (!der_maybe(&list, (uint8_t)DER_CONSTRUCTED(tag), &subtrees))
			continue;
		any = true;
		if (!rd_left(&subtrees))
			return true;
	}
	return !any;
}

static bool mask_has_holes(struct span address_and_mask)
{
	struct rd mask = rd_span(span_skip(address_and_mask, address_and_mask.n / 2));
	bool ended = false;

	while (rd_left(&mask)) {
		unsigned octet = rd_u8(&mask);

		for (unsigned bit = 0x80; bit; bit >>= 1) {
			if (ended && octet & bit)
				return true;
			ended |= !(octet & bit);
		}
	}
	return false;
}

static bool is_odd(const struct general_name *base)
{
	struct span host = after(base->value, '@');

	switch (base->kind) {
	case GN_DNS:
		return base->value.n && !name_is_dns(base->value, false);
	case GN_IP:
		return mask_has_holes(base->value);
	case GN_EMAIL:
		if (host.n != base->value.n)
			return !name_is_mail(base->value);
		return host.n && !name_is_dns(begins_with_dot(host) ? span_skip(host, 1) : host, false);
	default:
		return false;
	}
}

bool constraint_is_odd(const struct cert *ca)
{
	struct general_name base;
	struct lists l;

	if (!ca->exts[CERT_EXT_NAME_CONSTRAINTS].p || !lists_of(ca, &l))
		return false;
	while (next_subtree(&l.permitted, &base))
		if (is_odd(&base))
			return true;
	while (next_subtree(&l.excluded, &base))
		if (is_odd(&base))
			return true;
	return false;
}
