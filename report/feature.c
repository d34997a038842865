#include "report/feature.h"

#include <string.h>

#include "scanner/base/text.h"

/* The answers that are good, weak and bad; where none is named an answer is neither. */
struct kind {
	enum obs_key key;
	const char *title, *good, *weak, *bad;
};

static const struct kind tls_kinds[] = {
	{ OBS_KEY_HEARTBLEED, "Heartbleed", "no", NULL, "yes" },
	{ OBS_KEY_CCS_INJECTION, "CCS injection", "no", NULL, "yes" },
	{ OBS_KEY_DROWN, "DROWN", "no", NULL, "yes" },
	{ OBS_KEY_CVE_2016_0703, "CVE-2016-0703", "no", NULL, "yes" },
	{ OBS_KEY_SSL2_UNLISTED, "CVE-2015-3197", "no", NULL, "yes" },
	{ OBS_KEY_TICKETBLEED, "Ticketbleed", "no", NULL, "yes" },
	{ OBS_KEY_ROBOT, "ROBOT", "no", NULL, "yes" },
	{ OBS_KEY_POODLE_TLS, "POODLE over TLS", "no", NULL, "yes" },
	{ OBS_KEY_ZOMBIE_POODLE, "Zombie POODLE", "no", NULL, "yes" },
	{ OBS_KEY_GOLDENDOODLE, "GOLDENDOODLE", "no", NULL, "yes" },
	{ OBS_KEY_SLEEPING_POODLE, "Sleeping POODLE", "no", NULL, "yes" },
	{ OBS_KEY_ZERO_LENGTH_PADDING, "0-length padding oracle", "no", NULL, "yes" },
	{ OBS_KEY_CVE_2016_2107, "CVE-2016-2107", "no", NULL, "yes" },
	{ OBS_KEY_INVALID_CURVE, "Points off the curve", "no", NULL, "yes" },
	{ OBS_KEY_ZERO_SECRET, "Shares of zero", "no", "yes", NULL },
	{ OBS_KEY_MAC_UNCHECKED, "MAC unchecked", "no", NULL, "yes" },
	{ OBS_KEY_SECURE_RENEGOTIATION, "Secure renegotiation", "yes", "no", NULL },
	{ OBS_KEY_RENEGOTIATION_CLIENT, "Client renegotiation", "no", "yes", NULL },
	{ OBS_KEY_RENEGOTIATION_INSECURE, "Insecure renegotiation", "no", NULL, "yes" },
	{ OBS_KEY_RENEGOTIATION_COUNT, "Renegotiations of ten", NULL, NULL, NULL },
	{ OBS_KEY_EMS, "Extended master secret", "yes", "no", NULL },
	{ OBS_KEY_ENCRYPT_THEN_MAC, "Encrypt-then-MAC", "yes", NULL, NULL },
	{ OBS_KEY_FALLBACK_SCSV, "Fallback signal (SCSV)", "yes", NULL, NULL },
	{ OBS_KEY_DOWNGRADE_SENTINEL, "Downgrade sentinel", "yes", "no", NULL },
	{ OBS_KEY_DOWNGRADE_SENTINEL_WRONG, "Sentinel out of place", "no", NULL, "yes" },
	{ OBS_KEY_SHARE_REUSED, "Repeated key shares", "no", NULL, "yes" },
	{ OBS_KEY_RANDOM_REPEATED, "Repeated randoms", "no", NULL, "yes" },
	{ OBS_KEY_RANDOM_CLOCK, "Clock in the random", NULL, NULL, NULL },
	{ OBS_KEY_SERVER_CLOCK, "Server's clock", "right", NULL, NULL },
	{ OBS_KEY_SESSION_ID_REPEATED, "Repeated session ids", "no", NULL, "yes" },
	{ OBS_KEY_COMPRESSION, "TLS compression", "no", NULL, "yes" },
	{ OBS_KEY_TRUNCATED_HMAC, "Truncated HMAC", "no", "yes", NULL },
	{ OBS_KEY_LIMIT, "Larger than is read", NULL, NULL, NULL },
	{ OBS_KEY_VIOLATION, "Broken protocol", NULL, NULL, NULL },
	{ OBS_KEY_SESSION_TICKET, "Session tickets", NULL, NULL, NULL },
	{ OBS_KEY_TICKET_LIFETIME, "Ticket lifetime, seconds", NULL, NULL, NULL },
	{ OBS_KEY_SESSION_GIVEN, "Sessions given out", NULL, NULL, NULL },
	{ OBS_KEY_RESUMPTION, "Session resumption", NULL, NULL, NULL },
	{ OBS_KEY_TICKET_REUSED, "Tickets taken twice", NULL, NULL, NULL },
	{ OBS_KEY_TICKET_KNOWN_KEY, "Tickets of a known key", "no", NULL, "yes" },
	{ OBS_KEY_TICKET_TAMPERED, "Changed tickets taken", "no", NULL, "yes" },
	{ OBS_KEY_PSK_ALONE, "Resumption by psk_ke", "no", "yes", NULL },
	{ OBS_KEY_EMS_DROPPED, "Resumption drops EMS", "no", NULL, "yes" },
	{ OBS_KEY_EARLY_DATA, "Early data (0-RTT)", NULL, NULL, NULL },
	{ OBS_KEY_EARLY_DATA_MAX, "Early data, most bytes", NULL, NULL, NULL },
	{ OBS_KEY_TOO_EARLY, "Early data answered 425", NULL, NULL, NULL },
	{ OBS_KEY_OCSP_STAPLE, "OCSP staple", "yes", NULL, NULL },
	{ OBS_KEY_STAPLE, "OCSP response", "good", NULL, "revoked" },
	{ OBS_KEY_STAPLE_ABOVE, "OCSP response, above", "good", NULL, "revoked" },
	{ OBS_KEY_CERT_MUST_STAPLE, "Must-staple", NULL, NULL, NULL },
	{ OBS_KEY_CERT_REVOCATION, "Revocation is told by", NULL, NULL, NULL },
	{ OBS_KEY_CERT_REVOCATION_STATUS, "Fetched revocation", "good", NULL, "revoked" },
	{ OBS_KEY_CHAIN_COMPLETED, "Chain completed by URL", NULL, NULL, NULL },
	{ OBS_KEY_CERT_VALIDATION, "Validation", NULL, NULL, NULL },
	{ OBS_KEY_CERT_KEY_FLAWS, "Flaws of keys", "none", NULL, NULL },
	{ OBS_KEY_CERT_KNOWN_KEY, "Published private key", "no", NULL, "yes" },
	{ OBS_KEY_CERT_DEBIAN_KEY, "Debian weak key", "no", NULL, "yes" },
	{ OBS_KEY_CERT_DIFFERENCES, "Certificates differ in", "none", NULL, NULL },
	{ OBS_KEY_CT_SCTS, "SCTs", NULL, NULL, NULL },
	{ OBS_KEY_CT_LOGS, "SCTs, by log", NULL, NULL, NULL },
	{ OBS_KEY_CT_POLICY, "SCTs suffice", "yes", NULL, "no" },
	{ OBS_KEY_SCT, "SCTs in the handshake", NULL, NULL, NULL },
	{ OBS_KEY_STATUS_REQUEST_V2, "OCSP staples, v2", NULL, NULL, NULL },
	{ OBS_KEY_ALPN, "Application protocols", NULL, NULL, NULL },
	{ OBS_KEY_NPN, "Protocols by NPN", NULL, NULL, NULL },
	{ OBS_KEY_CERT_COMPRESSION, "Compressed certificates", NULL, NULL, NULL },
	{ OBS_KEY_RAW_KEY, "Raw public key", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_RAW_KEY, "Client raw public key", NULL, NULL, NULL },
	{ OBS_KEY_DELEGATED, "Delegated credential", NULL, NULL, NULL },
	{ OBS_KEY_DELEGATED_VALID, "Delegation ends, s", NULL, NULL, NULL },
	{ OBS_KEY_ECH, "Encrypted Client Hello", "yes", NULL, NULL },
	{ OBS_KEY_HEARTBEAT, "Heartbeat", NULL, NULL, NULL },
	{ OBS_KEY_MAX_FRAGMENT, "Smaller fragments", NULL, NULL, NULL },
	{ OBS_KEY_RECORD_SIZE_LIMIT, "Record size limit", NULL, NULL, NULL },
	{ OBS_KEY_RECORD_SIZE_BYTES, "Record limit, bytes", NULL, NULL, NULL },
	{ OBS_KEY_EXTENSIONS_REFUSED, "Refused extensions", NULL, NULL, NULL },
	{ OBS_KEY_TRUSTED_CA_KEYS, "Trusted CA keys", NULL, NULL, NULL },
	{ OBS_KEY_SNI_REQUIRED, "Server name needed", NULL, NULL, NULL },
	{ OBS_KEY_SNI_STRICT, "Refuses other names", NULL, NULL, NULL },
	{ OBS_KEY_ALPN_STRICT, "Refuses other protocols", NULL, NULL, NULL },
	{ OBS_KEY_SRP, "SRP", NULL, NULL, NULL },
	{ OBS_KEY_DHE_BREAKS, "DHE without parameters", NULL, NULL, "yes" },
	{ OBS_KEY_RSA_EXPORT_BITS, "Temporary RSA key, bits", NULL, NULL, NULL },
	{ OBS_KEY_HANDSHAKE, "Whole handshake", "yes", "no", NULL },
	{ OBS_KEY_CLOSE_NOTIFY, "Our close_notify answered", NULL, NULL, NULL },
	{ OBS_KEY_FALSE_START, "False start", NULL, NULL, NULL },
	{ OBS_KEY_NOT_COMPLETED, "Offered, not completed", NULL, NULL, NULL },
	{ OBS_KEY_TOLERANCE, "Odd hellos answered", "yes", "no", NULL },
	{ OBS_KEY_MALFORMED_TAKEN, "Wrong hellos answered", "no", "yes", NULL },
	{ OBS_KEY_CONCURRENCY, "Connections at a time", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_CERTIFICATE, "Client certificate", NULL, NULL, NULL },
};

enum { TLS_KINDS = sizeof tls_kinds / sizeof *tls_kinds };

/* A title with %s is for each name one of its own. */
static const struct kind http_kinds[] = {
	{ OBS_KEY_HTTP_REDIRECT, "HTTP without TLS", "to_https_same_host", "to_https_other", "none" },
	{ OBS_KEY_HTTP_ANSWERED, "HTTP over TLS", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_STATUS, "Status", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_LOCATION, "Redirects to", NULL, NULL, NULL },
	{ OBS_KEY_HSTS, "Strict transport (HSTS)", "valid", "absent", "invalid" },
	{ OBS_KEY_HSTS_MAX_AGE, "HSTS max-age, seconds", NULL, NULL, NULL },
	{ OBS_KEY_HSTS_SUBDOMAINS, "HSTS includeSubDomains", "yes", NULL, NULL },
	{ OBS_KEY_HSTS_PRELOAD, "HSTS preload", NULL, NULL, NULL },
	{ OBS_KEY_HSTS_PRELOADABLE, "Fit for the preload list", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_HEADER, "%s", "set", "invalid", NULL },
	{ OBS_KEY_HTTP_COOKIE, "Faults of cookie %s", "none", NULL, NULL },
	{ OBS_KEY_HTTP_COMPRESSION, "Content coding", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_ALT_SVC, "Alternative services", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_SERVER, "Server", NULL, NULL, NULL },
	{ OBS_KEY_HTTP_BANNER, "%s", NULL, NULL, NULL },
};

enum { HTTP_KINDS = sizeof http_kinds / sizeof *http_kinds };

static const struct kind dns_kinds[] = {
	{ OBS_KEY_DNS_DNSSEC, "DNSSEC, %s", "secure", NULL, NULL },
	{ OBS_KEY_DNS_CAA, "CAA", NULL, NULL, NULL },
	{ OBS_KEY_DNS_CAA_ISSUE, "CAA lets issue", NULL, NULL, NULL },
	{ OBS_KEY_DNS_CAA_ISSUEWILD, "CAA lets issue *.", NULL, NULL, NULL },
	{ OBS_KEY_DNS_CAA_CRITICAL, "CAA, not understood", NULL, NULL, NULL },
	{ OBS_KEY_DNS_CAA_ISSUER, "Issuer in CAA today", "named", NULL, NULL },
	{ OBS_KEY_DNS_TLSA, "TLSA (DANE)", NULL, NULL, NULL },
	{ OBS_KEY_DNS_TLSA_MATCH, "Chain fits TLSA", "yes", NULL, NULL },
	{ OBS_KEY_DNS_HTTPS, "HTTPS", NULL, NULL, NULL },
	{ OBS_KEY_DNS_HTTPS_ALPN, "HTTPS promises", NULL, NULL, NULL },
	{ OBS_KEY_DNS_HTTPS_ECH, "HTTPS has ECH keys", "yes", NULL, NULL },
};

static const struct kind client_kinds[] = {
	{ OBS_KEY_CLIENT_CERTIFICATE, "Wanted", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_AUTHORITIES, "Accepted authorities", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_TYPES, "Accepted types", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_SCHEMES, "Accepted schemes", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_CERT_SCHEMES, "Accepted in its chain", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_FITS, "The given one fits", "yes", NULL, "no" },
	{ OBS_KEY_CLIENT_MISFITS, "What does not fit", NULL, NULL, NULL },
	{ OBS_KEY_CLIENT_ACCEPTED, "The given one is accepted", "yes", NULL, "no" },
};

static const struct part {
	const struct kind *kinds;
	size_t n;
} parts[] = {
	[FEATURES_TLS] = { tls_kinds, TLS_KINDS },
	[FEATURES_HTTP] = { http_kinds, HTTP_KINDS },
	[FEATURES_DNS] = { dns_kinds, sizeof dns_kinds / sizeof *dns_kinds },
	[FEATURES_CLIENT] = { client_kinds, sizeof client_kinds / sizeof *client_kinds },
};

const char *feature_title(enum obs_key key)
{
	for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
		for (size_t i = 0; i < parts[p].n; i++)
			if (parts[p].kinds[i].key == key)
				return parts[p].kinds[i].title;
	return NULL;
}

static const char *tri_says(enum tri t)
{
	switch (t) {
	case TRI_YES:
		return "yes";
	case TRI_NO:
		return "no";
	case TRI_NA:
		return "not applicable";
	case TRI_UNKNOWN:
	case TRI_ABSENT:
		break;
	}
	return "not known";
}

/* Words of observations that are too short to be understood alone. */
static const struct {
	enum obs_key key;
	const char *word, *says;
} sentences[] = {
	{ OBS_KEY_DNS_DNSSEC, "unknown", "not known" },
	{ OBS_KEY_DNS_CAA_ISSUER, "not_named", "not named" },
	{ OBS_KEY_DNS_CAA_ISSUER, "not_known", "not known what it is called there" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "no", "not asked for" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "asked", "asked for, goes on without one" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "required", "required" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "required_http", "required: the handshake goes on, HTTP refuses" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "later", "asked for behind the handshake, for this page" },
	{ OBS_KEY_CLIENT_CERTIFICATE, "unknown", "not known" },
	{ OBS_KEY_CLIENT_MISFITS, "malformed", "it cannot be read" },
	{ OBS_KEY_CLIENT_MISFITS, "issuer", "no accepted authority stands above it" },
	{ OBS_KEY_CLIENT_MISFITS, "type", "its type of key is not accepted" },
	{ OBS_KEY_CLIENT_MISFITS, "scheme", "its key can make no accepted signature" },
	{ OBS_KEY_CLIENT_MISFITS, "signature", "its chain is signed with a scheme that is not accepted" },
	{ OBS_KEY_CLIENT_MISFITS, "key_usage", "its key usage lacks digital signatures" },
	{ OBS_KEY_CLIENT_MISFITS, "purpose", "its extended key usage lacks client authentication" },
	{ OBS_KEY_CLIENT_MISFITS, "not_yet_valid", "it, or one above it, is not valid yet" },
	{ OBS_KEY_CLIENT_MISFITS, "expired", "it, or one above it, has expired" },
};

const char *feature_words(enum obs_key key, const char *word)
{
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (sentences[i].key == key && !strcmp(sentences[i].word, word))
			return sentences[i].says;
	return word;
}

static const char *kept(struct arena *a, struct text *t)
{
	const char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

/* Names of authorities have commas in them: they are parted otherwise. */
static const char *names_say(struct arena *a, const struct obs *o)
{
	const char *gap = o->key == OBS_KEY_CLIENT_AUTHORITIES || o->key == OBS_KEY_CLIENT_MISFITS ? "; " : ", ";
	struct text t = { 0 };

	if (!o->count)
		return o->key == OBS_KEY_CLIENT_AUTHORITIES ? "any" : "none";
	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? gap : "", feature_words(o->key, o->names[i]));
	return kept(a, &t);
}

static const char *codes_say(struct arena *a, const struct obs *o)
{
	struct text t = { 0 };

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", show_code(a, o, i));
	return o->count ? kept(a, &t) : "none";
}

/* Nothing was seen, and why not all of it could be. */
static bool is_open(const struct obs *o)
{
	return !o->count && o->reason;
}

/* RFC 5077 section 3.3: 0 leaves the lifetime open. In TLS 1.3 it is a time like others. */
bool feature_lifetime_open(const struct obs *o)
{
	return o->key == OBS_KEY_TICKET_LIFETIME && !o->number && o->protocol < VER_TLS13;
}

static const char *number_says(struct arena *a, const struct obs *o)
{
	return feature_lifetime_open(o) ? "not specified" : show_number(a, o->number);
}

static const char *obs_says(struct arena *a, const struct obs *o)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		return tri_says(o->tri);
	case OBS_NUMBER:
		return number_says(a, o);
	case OBS_NAMES:
		return is_open(o) ? "not known" : names_say(a, o);
	case OBS_CODES:
		return is_open(o) ? "not known" : codes_say(a, o);
	case OBS_TEXT:
		break;
	}
	return o->text && *o->text ? feature_words(o->key, o->text) : "not known";
}

static bool is(const char *says, const char *wanted)
{
	return wanted && !strcmp(says, wanted);
}

static enum mark answer_mark(const struct kind *k, const char *says)
{
	return is(says, k->bad)    ? MARK_BAD
	       : is(says, k->weak) ? MARK_WEAK
	       : is(says, k->good) ? MARK_GOOD
	                           : MARK_NONE;
}

/* By what means, and why or how often. */
static const char *remark_of(struct arena *a, const struct obs *o)
{
	const char *why = o->reason ? o->reason : "";

	if (o->key == OBS_KEY_CERT_DIFFERENCES && o->sni == TRI_NO)
		return "with and without a server name";
	if (o->key == OBS_KEY_RESUMPTION && o->tri == TRI_YES && o->reason && o->evidence_count)
		why = arena_printf(a, "at %s attempts", o->evidence[0].text);
	return o->name && *why ? arena_printf(a, "%s, %s", o->name, why) : o->name ? o->name : why;
}

/* Many of one key, of which the names alone matter. */
static bool is_listed_by_name(const struct obs *o)
{
	return o->key == OBS_KEY_TOLERANCE || o->key == OBS_KEY_MALFORMED_TAKEN;
}

/* The same answer for the same reason: told together. */
static bool same_answer(struct arena *a, const struct obs *x, const struct obs *y)
{
	return x->key == y->key && !strcmp(obs_says(a, x), obs_says(a, y)) &&
	       (is_listed_by_name(x) || !strcmp(remark_of(a, x), remark_of(a, y)));
}

static const char *names_with(struct arena *a, const struct record *r, size_t n)
{
	struct text list = { 0 };

	for (size_t i = n; i < r->obs_count; i++)
		if (same_answer(a, &r->obs[i], &r->obs[n]))
			text_fmt(&list, "%s%s", list.n ? ", " : "", remark_of(a, &r->obs[i]));
	return kept(a, &list);
}

static bool told_before(struct arena *a, const struct record *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_answer(a, &r->obs[i], &r->obs[n]))
			return true;
	return false;
}

/* The versions from the n-th observation on that have its answer, and the remark. */
static const char *where(struct arena *a, const struct record *r, size_t n)
{
	const char *list = "", *remark = remark_of(a, &r->obs[n]);
	uint16_t last = 0;

	if (is_listed_by_name(&r->obs[n]))
		return names_with(a, r, n);
	for (size_t i = n; i < r->obs_count; i++) {
		uint16_t version = r->obs[i].protocol;

		if (!version || version == last || !same_answer(a, &r->obs[i], &r->obs[n]))
			continue;
		list = arena_printf(a, "%s%s%s", list, *list ? ", " : "", version_text(version));
		last = version;
	}
	if (!*remark)
		return list;
	return arena_printf(a, "%s%s(%s)", list, *list ? " " : "", remark);
}

static struct answer answer_of(struct arena *a, const struct kind *k, const struct record *r, size_t n)
{
	const char *says = obs_says(a, &r->obs[n]);
	enum mark mark = answer_mark(k, says);

	return (struct answer){ .says = says,
		.where = where(a, r, n),
		.mark = mark,
		.word = mark != MARK_NONE || obs_kinds[k->key].type == OBS_TRI };
}

/* The answer of nearly every server: it says nothing about this one. */
static const struct usual {
	enum obs_key key;
	const char *says;
} usuals[] = {
	{ OBS_KEY_DOWNGRADE_SENTINEL_WRONG, "no" },
	{ OBS_KEY_SHARE_REUSED, "no" },
	{ OBS_KEY_TICKET_KNOWN_KEY, "no" },
	{ OBS_KEY_RANDOM_REPEATED, "no" },
	{ OBS_KEY_RANDOM_CLOCK, "no" },
	{ OBS_KEY_SESSION_ID_REPEATED, "no" },
	{ OBS_KEY_TRUNCATED_HMAC, "no" },
	{ OBS_KEY_STATUS_REQUEST_V2, "no" },
	{ OBS_KEY_NPN, "none" },
	{ OBS_KEY_CERT_COMPRESSION, "none" },
	{ OBS_KEY_RAW_KEY, "no" },
	{ OBS_KEY_CLIENT_RAW_KEY, "no" },
	{ OBS_KEY_DELEGATED, "no" },
	{ OBS_KEY_ECH, "no" },
	{ OBS_KEY_HEARTBEAT, "no" },
	{ OBS_KEY_MAX_FRAGMENT, "no" },
	{ OBS_KEY_RECORD_SIZE_LIMIT, "no" },
	{ OBS_KEY_EXTENSIONS_REFUSED, "none" },
	{ OBS_KEY_TRUSTED_CA_KEYS, "no" },
	{ OBS_KEY_SRP, "no" },
	{ OBS_KEY_SCT, "no" },
	{ OBS_KEY_CERT_MUST_STAPLE, "no" },
	{ OBS_KEY_CERT_KEY_FLAWS, "none" },
	{ OBS_KEY_CERT_KNOWN_KEY, "no" },
	{ OBS_KEY_CERT_DEBIAN_KEY, "no" },
	{ OBS_KEY_CERT_DIFFERENCES, "none" },
	{ OBS_KEY_SNI_REQUIRED, "no" },
	{ OBS_KEY_ENCRYPT_THEN_MAC, "not applicable" },
};

static const char *usual_of(enum obs_key key)
{
	for (size_t i = 0; i < sizeof usuals / sizeof *usuals; i++)
		if (usuals[i].key == key)
			return usuals[i].says;
	return NULL;
}

static bool is_plain(const struct kind *k, const struct feature *f)
{
	const char *usual = usual_of(k->key);

	for (size_t i = 0; i < f->answers_count; i++)
		if (!is(f->answers[i].says, usual) && strcmp(f->answers[i].says, "not applicable"))
			return false;
	return usual != NULL;
}

static struct feature feature_of(struct arena *a, const struct kind *k, const struct record *r)
{
	struct feature f = { .title = k->title,
		.answers = arena_new(a, r->obs_count + 1, sizeof *f.answers) };

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == k->key && !told_before(a, r, i))
			f.answers[f.answers_count++] = answer_of(a, k, r, i);
	f.plain = is_plain(k, &f);
	return f;
}

static bool is_per_name(const struct kind *k)
{
	return strchr(k->title, '%') != NULL;
}

/* The title with the name in the place of its %s: a format of ours, filled by hand. */
static const char *title_for(struct arena *a, const struct kind *k, const struct obs *o)
{
	return arena_printf(a, "%.*s%s", (int)strcspn(k->title, "%"), k->title, o->name ? o->name : "?");
}

static const char *value_of(const struct obs *o)
{
	for (size_t i = 0; i < o->evidence_count; i++)
		if (!strcmp(o->evidence[i].name, "value"))
			return o->evidence[i].text;
	return "";
}

/* One observation, one feature: a header, a cookie. */
static struct feature named_feature(struct arena *a, const struct kind *k, const struct obs *o)
{
	const char *says = obs_says(a, o);
	struct feature f = { .title = title_for(a, k, o), .answers = arena_new(a, 1, sizeof *f.answers), .answers_count = 1 };
	enum mark mark = answer_mark(k, says);

	f.answers[0] = (struct answer){ .says = says, .where = value_of(o), .mark = mark, .word = mark != MARK_NONE };
	return f;
}

static size_t add_features(struct arena *a, const struct kind *k, const struct record *r, struct feature *list)
{
	size_t n = 0;

	if (!is_per_name(k)) {
		if (record_find(r, k->key, 0))
			list[n++] = feature_of(a, k, r);
		return n;
	}
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == k->key)
			list[n++] = named_feature(a, k, &r->obs[i]);
	return n;
}

/* Where no version wants a client certificate, one line among the features tells it; else the part of its own does. */
static bool is_told_here(enum feature_part part, const struct kind *k, const struct record *r)
{
	bool wanted = false;

	if (k->key != OBS_KEY_CLIENT_CERTIFICATE)
		return true;
	for (size_t i = 0; i < r->obs_count; i++)
		wanted |= r->obs[i].key == k->key && !is("no", r->obs[i].text);
	return wanted == (part == FEATURES_CLIENT);
}

struct feature *features_of(struct arena *a, const struct record *r, enum feature_part part, size_t *count)
{
	struct feature *list = arena_new(a, parts[part].n + r->obs_count, sizeof *list);

	*count = 0;
	for (size_t i = 0; i < parts[part].n; i++)
		if (is_told_here(part, &parts[part].kinds[i], r))
			*count += add_features(a, &parts[part].kinds[i], r, &list[*count]);
	return list;
}
