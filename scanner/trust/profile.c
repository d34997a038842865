#include "scanner/trust/profile.h"

#include <arpa/inet.h>

#include "scanner/trust/constraint.h"
#include "scanner/trust/distrust.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/keycheck.h"
#include "scanner/trust/known_keys.h"
#include "scanner/trust/names.h"
#include "scanner/trust/seal.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_STRICT = 2048, CURVE_BITS_MIN = 224, SERIAL_OCTETS_MAX = 20, EXPONENT_OCTETS_MAX = 8 };

/* ---- the rows -------------------------------------------------------------------------------- */

enum {
	LEAF = ROLE_LEAF,
	CA = ROLE_CA,
	ANCHOR = ROLE_ANCHOR,
	SERVER = ROLE_SERVER,
	CLIENT = ROLE_CLIENT,
	SELF = ROLE_SELF,
	WHERE = ROLE_WHERE
};

static const struct check rows[CHECKS] = {
#define CHECK(name, reason_, profile_, roles_, clause_, says_)                                                         \
	[CHECK_##name] = { PATH_##reason_, CHECKED_##profile_, roles_, clause_, says_ },
#include "scanner/trust/checks.def"
#undef CHECK
};

_Static_assert((size_t)CHECKS <= 8 * sizeof(((struct faults *)0)->bits), "a bit for each check");

const struct check *check_row(enum check_id id)
{
	return &rows[id];
}

const char *path_reason_name(enum path_reason r)
{
	static const char *const words[] = {
		[PATH_OK] = NULL,
#define PATH_REASON(name, word, sentence) [PATH_##name] = word,
#include "scanner/trust/path_reasons.def"
#undef PATH_REASON
	};

	return words[r];
}

bool faults_has(const struct faults *f, enum check_id id)
{
	return f->bits[id / 64] >> (id % 64) & 1;
}

void faults_join(struct faults *f, const struct faults *more)
{
	for (size_t i = 0; i < sizeof f->bits / sizeof *f->bits; i++)
		f->bits[i] |= more->bits[i];
}

enum path_reason faults_worst(const struct faults *f)
{
	enum path_reason worst = PATH_OK;

	for (enum check_id id = 0; id < CHECKS; id++)
		if (faults_has(f, id) && rows[id].reason > worst)
			worst = rows[id].reason;
	return worst;
}

void faults_hold(struct faults *f, const struct rules *r, enum check_id id, bool broken)
{
	static const enum check_profile own[] = { [PROFILE_BROWSER] = CHECKED_BROWSER, [PROFILE_STRICT] = CHECKED_STRICT };

	if (broken && (rows[id].profile == CHECKED_BOTH || rows[id].profile == own[r->profile]))
		f->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

/* ---- what is asked of one certificate -------------------------------------------------------- */

typedef bool broken(const struct cert *, const struct rules *);

#define BROKEN(name) static bool name(const struct cert *c, const struct rules *r)

static bool critical(const struct cert *c, enum cert_ext e)
{
	return c->exts[e].p && c->ext_critical[e];
}

static bool not_critical(const struct cert *c, enum cert_ext e)
{
	return c->exts[e].p && !c->ext_critical[e];
}

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

BROKEN(is_too_large) { (void)r; return c->too_large; }
BROKEN(is_cut) { (void)r; return c->exts_cut; }
BROKEN(is_unreadable) { (void)r; return c->malformed && !c->too_large; }
BROKEN(has_bad_extension) { (void)r; return c->bad_ext; }
BROKEN(has_early_extensions) { (void)r; return c->version < 3 && c->exts_count; }
BROKEN(is_old_version) { (void)r; return c->version != 3; }
BROKEN(is_mismatched) { (void)r; return c->seal_mismatch; }
BROKEN(has_no_issuer) { (void)r; return !c->issuer_canon.n; }
BROKEN(has_bad_time) { (void)r; return c->bad_time; }
BROKEN(has_odd_time) { (void)r; return c->odd_time; }
BROKEN(is_backwards) { (void)r; return !c->bad_time && c->not_before > c->not_after; }
BROKEN(is_early) { return !c->bad_time && r->at < c->not_before; }
BROKEN(is_late) { return !c->bad_time && r->at > c->not_after; }
BROKEN(has_no_subject) { (void)r; return !c->subject_canon.n; }
BROKEN(has_unique_ids) { (void)r; return c->unique_ids; }
BROKEN(has_critical_unknown) { (void)r; return c->critical_unknown; }

/* X.690 8.3.2: the first nine bits of an INTEGER are not all alike. */
BROKEN(has_padded_serial)
{
	const uint8_t *p = c->serial.p;

	(void)r;
	return !c->serial.n || (c->serial.n > 1 && ((!p[0] && p[1] < 0x80) || (p[0] == 0xFF && p[1] >= 0x80)));
}

/* "00 80 .." is 19 octets of value and one of sign: DER's own length is what is limited. */
BROKEN(has_odd_serial)
{
	(void)r;
	return !c->serial.n || c->serial.p[0] & 0x80 || c->serial.n > SERIAL_OCTETS_MAX || !der_magnitude(c->serial).n;
}

/* ---- keys ---- */

static bool is_rsa(const struct cert *c)
{
	return c->key == KEY_RSA || c->key == KEY_RSA_PSS;
}

static bool on_web_curve(const struct cert *c)
{
	return c->key == KEY_ECDSA && c->curve &&
	       (!strcmp(c->curve, "secp256r1") || !strcmp(c->curve, "secp384r1") || !strcmp(c->curve, "secp521r1"));
}

static bool exponent_is_odd_and_above_one(struct span e)
{
	return e.n && e.p[e.n - 1] & 1 && !(e.n == 1 && e.p[0] == 1);
}

BROKEN(has_foreign_key) { (void)r; return c->key != KEY_RSA && !on_web_curve(c); }

BROKEN(has_weak_key)
{
	(void)r;
	if (c->key != KEY_RSA)
		return c->key == KEY_ECDSA && c->key_bits && c->key_bits < CURVE_BITS_MIN;
	return c->key_bits < RSA_BITS_MIN || c->key_bits > SEAL_RSA_BITS_MAX || c->rsa_e.n > EXPONENT_OCTETS_MAX ||
	       !exponent_is_odd_and_above_one(c->rsa_e);
}

BROKEN(has_forbidden_key)
{
	(void)r;
	return c->key == KEY_RSA && (c->key_bits < RSA_BITS_STRICT || c->key_bits % 8);
}

/* What a scan calls broken, too. */
BROKEN(has_broken_key) { (void)r; return modulus_is_broken(c); }

/* RFC 5480 section 2.2: the point, compressed or not, is on the curve, and not at infinity. */
BROKEN(has_bad_point) { (void)r; return on_web_curve(c) && (c->point.n < 2 || !seal_takes_key(c)); }

BROKEN(has_odd_exponent) { (void)r; return is_rsa(c) && !exponent_is_odd_and_above_one(c->rsa_e); }

/* ---- key identifiers ---- */

BROKEN(has_critical_aki) { (void)r; return critical(c, CERT_EXT_AUTHORITY_KEY_ID); }
BROKEN(lacks_issuer_key_id) { (void)r; return c->version == 3 && !c->issuer_key_id.n && !cert_self_issued(c); }
BROKEN(has_critical_ski) { (void)r; return critical(c, CERT_EXT_SUBJECT_KEY_ID); }
BROKEN(lacks_key_id) { (void)r; return c->version == 3 && !c->key_id.n; }

BROKEN(has_odd_root_aki)
{
	(void)r;
	return cert_self_issued(c) && c->exts[CERT_EXT_AUTHORITY_KEY_ID].p &&
	       (c->issuer_by_serial || !same_bytes(c->issuer_key_id, c->key_id));
}

/* ---- key usage ---- */

BROKEN(has_empty_usage) { (void)r; return c->has_key_usage && !c->key_usage; }
BROKEN(signs_without_being_ca) { (void)r; return !c->is_ca && c->key_usage & KEY_USAGE_CERT_SIGN; }
BROKEN(lacks_usage) { (void)r; return c->version == 3 && !c->has_key_usage; }
BROKEN(cannot_sign) { (void)r; return c->has_key_usage && !(c->key_usage & KEY_USAGE_DIGITAL_SIGNATURE); }

BROKEN(cannot_serve)
{
	(void)r;
	return c->has_key_usage && c->key_usage &&
	       !(c->key_usage & (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_KEY_AGREEMENT));
}

BROKEN(has_foreign_usage)
{
	unsigned allowed = KEY_USAGE_DIGITAL_SIGNATURE |
	                   (is_rsa(c) ? KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT
	                              : KEY_USAGE_KEY_AGREEMENT);

	(void)r;
	return c->key_usage & ~allowed;
}

/* ---- extended key usage ---- */

BROKEN(lacks_purpose) { (void)r; return !c->has_purposes; }
BROKEN(has_critical_purpose) { (void)r; return critical(c, CERT_EXT_EXTENDED_KEY_USAGE); }
/* "any" does not make a server of a leaf. */
BROKEN(is_no_server) { (void)r; return c->has_purposes && !(c->purposes & PURPOSE_SERVER); }
BROKEN(is_no_client) { (void)r; return c->has_purposes && !(c->purposes & (PURPOSE_CLIENT | PURPOSE_ANY)); }
BROKEN(has_foreign_purpose) { (void)r; return c->purposes & (PURPOSE_ANY | PURPOSE_OCSP | PURPOSE_NOT_TLS); }
BROKEN(has_purposes) { (void)r; return c->has_purposes; }

/* ---- names ---- */

BROKEN(lacks_names) { (void)r; return !c->exts[CERT_EXT_SUBJECT_ALT_NAME].p; }
BROKEN(has_critical_names) { (void)r; return critical(c, CERT_EXT_SUBJECT_ALT_NAME) && c->subject_canon.n; }

BROKEN(has_names_not_critical)
{
	(void)r;
	return !c->subject_canon.n && !critical(c, CERT_EXT_SUBJECT_ALT_NAME);
}

static bool any_name(const struct cert *c, bool odd(const struct general_name *))
{
	struct rd names = cert_names(c);
	struct general_name g;

	while (general_name_next(&names, &g))
		if (odd(&g))
			return true;
	return false;
}

static bool is_odd_dns(const struct general_name *g)
{
	return g->kind == GN_DNS && !name_is_dns(g->value, true);
}

static bool is_odd_address(const struct general_name *g)
{
	return g->kind == GN_IP && g->value.n != 4 && g->value.n != 16;
}

static bool is_odd_mail(const struct general_name *g)
{
	return g->kind == GN_EMAIL && !name_is_mail(g->value);
}

BROKEN(has_odd_dns) { (void)r; return any_name(c, is_odd_dns); }
BROKEN(has_odd_address) { (void)r; return any_name(c, is_odd_address); }
BROKEN(has_odd_mail) { (void)r; return any_name(c, is_odd_mail); }

static struct span text_of_name(const struct general_name *g, char address[static INET6_ADDRSTRLEN])
{
	if (g->kind == GN_DNS)
		return g->value;
	if (g->kind != GN_IP || (g->value.n != 4 && g->value.n != 16) ||
	        !inet_ntop(g->value.n == 4 ? AF_INET : AF_INET6, g->value.p, address, INET6_ADDRSTRLEN))
		return (struct span){ NULL, 0 };
	return span_of_text(address);
}

static bool is_among_names(const struct cert *c, struct span text)
{
	struct rd names = cert_names(c);
	char address[INET6_ADDRSTRLEN];
	struct general_name g;

	while (general_name_next(&names, &g)) {
		struct span s = text_of_name(&g, address);

		if (s.n && same_bytes(s, text))
			return true;
	}
	return false;
}

/* A dot or a colon and no space, or a number in hex: somebody could take it for a host. */
static bool looks_like_host(struct span s)
{
	if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x')
		return true;
	return s.n && !memchr(s.p, ' ', s.n) && (memchr(s.p, '.', s.n) || memchr(s.p, ':', s.n));
}

BROKEN(has_foreign_common_name)
{
	static const uint8_t common_name[] = { 0x55, 0x04, 0x03 };
	struct dname_walk w = dname_walk(c->subject);
	struct dname_attribute a;

	(void)r;
	while (dname_next(&w, &a))
		if (same_bytes(a.oid, (struct span){ common_name, sizeof common_name }) && looks_like_host(a.value) &&
		        !is_among_names(c, a.value))
			return true;
	return false;
}

/* ---- constraints and policies ---- */

BROKEN(is_basic_not_critical) { (void)r; return not_critical(c, CERT_EXT_BASIC_CONSTRAINTS); }
BROKEN(is_ca) { (void)r; return c->is_ca; }

BROKEN(has_idle_length)
{
	(void)r;
	return c->path_length >= 0 && (!c->is_ca || (c->has_key_usage && !(c->key_usage & KEY_USAGE_CERT_SIGN)));
}

BROKEN(has_constraints_and_no_ca) { (void)r; return !c->is_ca && c->exts[CERT_EXT_NAME_CONSTRAINTS].p; }
BROKEN(has_constraints_not_critical) { (void)r; return not_critical(c, CERT_EXT_NAME_CONSTRAINTS); }
BROKEN(has_empty_constraints) { (void)r; return constraint_is_empty(c); }
BROKEN(has_odd_constraints) { (void)r; return constraint_is_odd(c); }

BROKEN(has_odd_policy_constraints)
{
	struct rd all = rd_span(c->exts[CERT_EXT_POLICY_CONSTRAINTS]), list, count;
	bool any;

	(void)r;
	if (!c->exts[CERT_EXT_POLICY_CONSTRAINTS].p)
		return false;
	list = der_enter(&all, DER_SEQUENCE);
	any = der_maybe(&list, DER_CONTEXT(0), &count);
	any |= der_maybe(&list, DER_CONTEXT(1), &count);
	return !c->ext_critical[CERT_EXT_POLICY_CONSTRAINTS] || !any || !rd_end(&list) || !rd_end(&all);
}

BROKEN(has_odd_inhibit)
{
	struct rd all = rd_span(c->exts[CERT_EXT_INHIBIT_ANY_POLICY]);

	(void)r;
	if (!c->exts[CERT_EXT_INHIBIT_ANY_POLICY].p)
		return false;
	return !c->ext_critical[CERT_EXT_INHIBIT_ANY_POLICY] || der_small(der_take(&all, DER_INTEGER)) < 0 ||
	       !rd_end(&all);
}

static struct span next_policy(struct rd *list)
{
	struct rd one = der_enter(list, DER_SEQUENCE);

	return der_take(&one, DER_OID);
}

/* Quadratic, in a list that is as long as it is read elsewhere. */
BROKEN(has_policy_twice)
{
	enum { POLICIES_LOOKED_AT = 128 };
	struct rd all = rd_span(c->exts[CERT_EXT_POLICIES]), list;
	struct span seen[POLICIES_LOOKED_AT];
	size_t n = 0;

	(void)r;
	if (!c->exts[CERT_EXT_POLICIES].p)
		return false;
	list = der_enter(&all, DER_SEQUENCE);
	for (; rd_left(&list) && n < POLICIES_LOOKED_AT; n++) {
		seen[n] = next_policy(&list);
		for (size_t i = 0; i < n; i++)
			if (same_bytes(seen[i], seen[n]))
				return true;
	}
	return !n;
}

/* ---- pointers to elsewhere ---- */

BROKEN(has_critical_freshest) { (void)r; return critical(c, CERT_EXT_FRESHEST_CRL); }

BROKEN(has_critical_info)
{
	(void)r;
	return critical(c, CERT_EXT_AUTHORITY_INFO) || critical(c, CERT_EXT_SUBJECT_INFO);
}

BROKEN(has_odd_info)
{
	struct rd all = rd_span(c->exts[CERT_EXT_AUTHORITY_INFO]), list, one;
	struct general_name g;
	bool any = false;

	(void)r;
	if (!c->exts[CERT_EXT_AUTHORITY_INFO].p)
		return false;
	list = der_enter(&all, DER_SEQUENCE);
	for (; rd_left(&list); any = true) {
		one = der_enter(&list, DER_SEQUENCE);
		der_take(&one, DER_OID);
		if (!general_name_next(&one, &g) || !rd_end(&one))
			return true;
	}
	return !any || !rd_end(&list) || !rd_end(&all);
}

/* DistributionPoint: a full name of URLs and nothing else. */
static bool is_url_point(struct rd point)
{
	struct rd where = der_enter(&point, DER_CONSTRUCTED(0)), names = der_enter(&where, DER_CONSTRUCTED(0));
	struct general_name g;
	bool any = false;

	while (general_name_next(&names, &g)) {
		if (g.kind != GN_URI)
			return false;
		any = true;
	}
	return any && rd_end(&names) && rd_end(&where) && rd_end(&point);
}

BROKEN(has_odd_points)
{
	struct rd all = rd_span(c->exts[CERT_EXT_CRL_POINTS]), list;
	bool any = false;

	(void)r;
	if (!c->exts[CERT_EXT_CRL_POINTS].p)
		return false;
	list = der_enter(&all, DER_SEQUENCE);
	for (; rd_left(&list); any = true)
		if (!is_url_point(der_enter(&list, DER_SEQUENCE)))
			return true;
	return !any || !rd_end(&list) || !rd_end(&all);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* ---- what browsers hold against an authority ---- */

static bool is_against_all(const struct distrust *d) { return d && d->after == INT64_MIN; }

BROKEN(has_distrusted_key) { (void)r; return is_against_all(distrust_of_key(c)); }
BROKEN(is_distrusted) { (void)r; return is_against_all(distrust_of_authority(c)); }

BROKEN(has_listed_key) { return r->distrusted && known_keys_find(r->distrusted, c); }

BROKEN(has_ended)
{
	const struct distrust *d = distrust_of_authority(c);

	return d && !is_against_all(d) && r->issued > d->after;
}

/* A row without a function is about more than one certificate. */
static broken *const functions[CHECKS] = {
	[CHECK_TOO_LARGE] = is_too_large,
	[CHECK_EXTENSIONS_CUT] = is_cut,
	[CHECK_UNREADABLE] = is_unreadable,
	[CHECK_EXTENSION] = has_bad_extension,
	[CHECK_VERSION_EXTENSIONS] = has_early_extensions,
	[CHECK_VERSION] = is_old_version,
	[CHECK_SERIAL_FORM] = has_padded_serial,
	[CHECK_SERIAL] = has_odd_serial,
	[CHECK_ALGORITHM_MISMATCH] = is_mismatched,
	[CHECK_ANCHOR_ALGORITHM_MISMATCH] = is_mismatched,
	[CHECK_ISSUER_EMPTY] = has_no_issuer,
	[CHECK_DATES_UNREADABLE] = has_bad_time,
	[CHECK_DATES_FORM] = has_odd_time,
	[CHECK_DATES_ORDER] = is_backwards,
	[CHECK_TOO_EARLY] = is_early,
	[CHECK_TOO_LATE] = is_late,
	[CHECK_SUBJECT_EMPTY] = has_no_subject,
	[CHECK_KEY_KIND] = has_foreign_key,
	[CHECK_KEY_WEAK] = has_weak_key,
	[CHECK_KEY_BROKEN] = has_broken_key,
	[CHECK_KEY_POINT] = has_bad_point,
	[CHECK_KEY_FORBIDDEN] = has_forbidden_key,
	[CHECK_KEY_EXPONENT] = has_odd_exponent,
	[CHECK_UNIQUE_IDS] = has_unique_ids,
	[CHECK_CRITICAL] = has_critical_unknown,
	[CHECK_AKI_CRITICAL] = has_critical_aki,
	[CHECK_AKI_MISSING] = lacks_issuer_key_id,
	[CHECK_AKI_ROOT] = has_odd_root_aki,
	[CHECK_SKI_CRITICAL] = has_critical_ski,
	[CHECK_SKI_MISSING] = lacks_key_id,
	[CHECK_KEY_USAGE_EMPTY] = has_empty_usage,
	[CHECK_KEY_USAGE_CERT_SIGN] = signs_without_being_ca,
	[CHECK_KEY_USAGE_MISSING] = lacks_usage,
	[CHECK_KEY_USAGE_TLS] = cannot_serve,
	[CHECK_KEY_USAGE_CLIENT] = cannot_sign,
	[CHECK_KEY_USAGE_KIND] = has_foreign_usage,
	[CHECK_POLICY_TWICE] = has_policy_twice,
	[CHECK_SAN_MISSING] = lacks_names,
	[CHECK_SAN_CRITICAL] = has_critical_names,
	[CHECK_SAN_NOT_CRITICAL] = has_names_not_critical,
	[CHECK_SAN_DNS] = has_odd_dns,
	[CHECK_SAN_IP] = has_odd_address,
	[CHECK_SAN_EMAIL] = has_odd_mail,
	[CHECK_COMMON_NAME] = has_foreign_common_name,
	[CHECK_BASIC_NOT_CRITICAL] = is_basic_not_critical,
	[CHECK_BASIC_LENGTH] = has_idle_length,
	[CHECK_LEAF_CA] = is_ca,
	[CHECK_CONSTRAINTS_LEAF] = has_constraints_and_no_ca,
	[CHECK_CONSTRAINTS_NOT_CRITICAL] = has_constraints_not_critical,
	[CHECK_CONSTRAINTS_EMPTY] = has_empty_constraints,
	[CHECK_CONSTRAINTS_FORM] = has_odd_constraints,
	[CHECK_POLICY_CONSTRAINTS_FORM] = has_odd_policy_constraints,
	[CHECK_PURPOSE_MISSING] = lacks_purpose,
	[CHECK_PURPOSE_CRITICAL] = has_critical_purpose,
	[CHECK_PURPOSE_SERVER] = is_no_server,
	[CHECK_PURPOSE_CLIENT] = is_no_client,
	[CHECK_PURPOSE_BESIDE] = has_foreign_purpose,
	[CHECK_PURPOSE_ROOT] = has_purposes,
	[CHECK_CRL_POINTS_FORM] = has_odd_points,
	[CHECK_INHIBIT_FORM] = has_odd_inhibit,
	[CHECK_FRESHEST_CRITICAL] = has_critical_freshest,
	[CHECK_INFO_CRITICAL] = has_critical_info,
	[CHECK_INFO_FORM] = has_odd_info,
	[CHECK_KEY_DISTRUSTED] = has_distrusted_key,
	[CHECK_AUTHORITY_DISTRUSTED] = is_distrusted,
	[CHECK_AUTHORITY_ENDED] = has_ended,
	[CHECK_KEY_LISTED] = has_listed_key,
};

/* Is the row about a certificate in this place, and for this purpose? */
static bool is_asked(const struct check *row, unsigned role, const struct rules *r, const struct cert *c)
{
	if (!(row->roles & role) || row->roles & (r->client ? ROLE_SERVER : ROLE_CLIENT))
		return false;
	return !(row->roles & ROLE_SELF) || cert_self_issued(c);
}

void profile_check(struct faults *f, const struct rules *r, const struct cert *c, unsigned role)
{
	enum check_id end = c->malformed ? CHECK_UNREADABLE + 1 : CHECKS;

	for (enum check_id id = 0; id < end; id++)
		if (functions[id] && is_asked(&rows[id], role, r, c))
			faults_hold(f, r, id, functions[id](c, r));
}
