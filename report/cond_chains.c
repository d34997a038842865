/*
 * Conditions over certificates and chains, asked of every chain that a client which sends the server's name
 * gets. Validity is judged at the time of the scan, so that a saved scan is judged the same for ever.
 */
#include "report/cond.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/record_json.h"

enum { SOON_DAYS = 30, DAY = 86400 };

/* ---- properties
 * ---------------------------------------------------------------------------------------------- */

bool cert_expired(const struct cert_info *c, const struct record *r)
{
	return c->not_after < r->started;
}

bool cert_not_yet(const struct cert_info *c, const struct record *r)
{
	return c->not_before > r->started;
}

/* A month; of short-lived certificates a third of their life, when programs renew them. */
bool cert_expires_soon(const struct cert_info *c, const struct record *r)
{
	int64_t left = c->not_after - r->started, third = (c->not_after - c->not_before) / 3;

	return left >= 0 && left < (int64_t)SOON_DAYS * DAY && left < third;
}

/* An anchor itself: some store's path is this certificate alone. */
static bool is_anchor(const struct cert_info *c, const struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		for (size_t k = 0; o->key == OBS_KEY_CHAIN_TRUST && o->tri == TRI_YES && k < o->count; k++)
			if (!strcmp(o->names[k], c->sha256))
				return true;
	}
	return false;
}

/* One that was handed to the clients as their anchor is as it should be. */
bool cert_self_signed(const struct cert_info *c, const struct record *r)
{
	return c->self_signed && !is_anchor(c, r);
}

/* NIST SP 800-57 part 1, table 2. */
static unsigned curve_rsa_bits(unsigned bits)
{
	static const struct {
		unsigned curve, rsa;
	} rows[] = { { 512, 15360 }, { 384, 7680 }, { 250, 3072 }, { 224, 2048 }, { 160, 1024 }, { 1, 512 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (bits >= rows[i].curve)
			return rows[i].rsa;
	return 0;
}

unsigned cert_rsa_bits(const struct cert_info *c)
{
	if (c->malformed)
		return 0;
	switch (c->key) {
	case KEY_RSA:
	case KEY_RSA_PSS:
	case KEY_DSA:
		return c->key_bits;
	case KEY_ECDSA:
	case KEY_GOST:
	case KEY_SM2:
		return curve_rsa_bits(c->key_bits);
	case KEY_ED25519:
		return 3072;
	case KEY_ED448:
	case KEY_ML_DSA:
		return 7680;
	case KEY_NONE:
	case KEY_OTHER:
		break;
	}
	return 0;
}

static bool weaker(const struct cert_info *c, unsigned bits)
{
	unsigned strength = cert_rsa_bits(c);

	return strength && strength < bits;
}

bool cert_below_1024(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return weaker(c, 1024);
}

bool cert_below_2048(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return weaker(c, 2048);
}

static bool contains(const char *s, const char *part)
{
	size_t n = strlen(part);

	for (; s && *s; s++)
		if (!strncasecmp(s, part, n))
			return true;
	return false;
}

/* A root's own signature protects nothing, so a certificate that signs itself is not counted. */
static bool signed_with(const struct cert_info *c, const char *hash)
{
	return !c->self_signed && contains(c->signature, hash);
}

bool cert_sha1(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return signed_with(c, "sha1");
}

bool cert_md5(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return signed_with(c, "md5") || signed_with(c, "md2") || signed_with(c, "md4");
}

bool cert_weak_hash(const struct cert_info *c, const struct record *r)
{
	return cert_md5(c, r) || cert_sha1(c, r);
}

bool cert_exponent_1(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return c->exponent && !strcmp(c->exponent, "1");
}

bool cert_wosign(const struct cert_info *c, const struct record *r)
{
	(void)r;
	return contains(c->issuer, "WoSign") || contains(c->issuer, "StartCom");
}

/* Before DigiCert took the business over and issued from roots of its own: 1 December 2017. */
bool cert_symantec(const struct cert_info *c, const struct record *r)
{
	static const char *const names[] = { "O=Symantec", "O=VeriSign", "O=GeoTrust Inc", "O=thawte",
		"O=Equifax" };
	const int64_t taken_over = 1512086400;

	(void)r;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (contains(c->issuer, names[i]))
			return c->not_before < taken_over;
	return false;
}

/* ---- asking the certificates
 * --------------------------------------------------------------------------------- */

static const char *label(const struct view *v, const struct cert_info *c)
{
	char from[24], until[24];

	time_text(c->not_before, from);
	time_text(c->not_after, until);
	return arena_printf(v->arena, "%s (%s %u bits%s%s, %s, %.10s to %.10s)",
	        view_subject(v, c, "a certificate without a subject"),
	        cert_key_name(c->key), c->key_bits, c->curve ? " " : "", c->curve ? c->curve : "",
	        c->signature ? c->signature : "no signature", from, until);
}

enum scope { LEAF = 1, ABOVE = 2 };

struct asked {
	struct text because;
	size_t known, missing;
};

static bool told(const struct asked *a, const char *line)
{
	return a->because.n && strstr(text_str(&a->because), line);
}

static void ask_chain(
        const struct view *v, const struct served *s, const struct cond *c, unsigned scope, struct asked *a)
{
	for (size_t i = 0; i < s->names_count; i++) {
		const struct cert_info *cert = view_cert(v, s, i);
		const char *line;

		if (!(scope & (i ? ABOVE : LEAF)))
			continue;
		if (!cert || cert->malformed) {
			a->missing++;
			continue;
		}
		a->known++;
		if (!c->cert(cert, v->record))
			continue;
		line = label(v, cert);
		if (!told(a, line))
			text_fmt(&a->because, "%s%s", a->because.n ? "; " : "", line);
	}
}

static struct verdict ask_all(const struct view *v, const struct cond *c, unsigned scope)
{
	struct asked a = { 0 };
	struct verdict d = verdict_of(TRI_NO, NULL);
	bool any = false;

	for (size_t i = 0; i < v->chains_count; i++) {
		if (!v->chains[i].judged)
			continue;
		any = true;
		ask_chain(v, &v->chains[i], c, scope, &a);
	}
	if (a.because.n)
		d = verdict_of(TRI_YES, arena_text(v->arena, text_str(&a.because)));
	else if (!any)
		d = verdict_of(TRI_UNKNOWN, "no certificate was seen");
	else if (a.missing)
		d = verdict_of(TRI_UNKNOWN, "a certificate could not be read");
	text_free(&a.because);
	return d;
}

struct verdict cond_leaf(const struct view *v, const struct cond *c)
{
	return ask_all(v, c, LEAF);
}

struct verdict cond_above(const struct view *v, const struct cond *c)
{
	return ask_all(v, c, ABOVE);
}

struct verdict cond_any_cert(const struct view *v, const struct cond *c)
{
	return ask_all(v, c, LEAF | ABOVE);
}

/* ---- asking the chains
 * --------------------------------------------------------------------------------------- */

static const char *chain_label(const struct view *v, const struct served *s)
{
	return arena_printf(v->arena, "%s%s", view_subject(v, s->leaf, "the certificate"),
	        s->sni == TRI_NO ? " (served without a server name)" : "");
}

/* The worst of two answers: yes, then unknown, then no, then not applicable. */
static struct verdict worse(struct verdict a, struct verdict b)
{
	static const int rank[] = {
		[TRI_ABSENT] = -1, [TRI_NA] = 0, [TRI_NO] = 1, [TRI_UNKNOWN] = 2, [TRI_YES] = 3
	};

	return rank[b.holds] > rank[a.holds] ? b : a;
}

static struct verdict each_chain(const struct view *v, const struct cond *c,
        struct verdict (*ask)(const struct view *, const struct served *, const struct cond *))
{
	struct verdict d = { .holds = TRI_ABSENT };

	for (size_t i = 0; i < v->chains_count; i++)
		if (v->chains[i].judged)
			d = worse(d, ask(v, &v->chains[i], c));
	return d.holds == TRI_ABSENT ? verdict_of(TRI_UNKNOWN, "no certificate was seen") : d;
}

static bool has_issue(const struct view *v, const struct served *s, const char *word)
{
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_ISSUES, 0);

	for (size_t i = 0; o && i < o->count; i++)
		if (!strcmp(o->names[i], word))
			return true;
	return false;
}

/* What an incomplete chain lacks, and whether it was fetched (--fetch). */
static const char *gap_of(const struct view *v, const struct served *s, const struct obs *issues)
{
	const char *missing = view_evidence(issues, "missing"), *fetched = "";
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_COMPLETED, 0);

	if (o && o->tri == TRI_YES)
		fetched = "; the issuer's URL completes it";
	else if (o)
		fetched = arena_printf(v->arena, "; no URL completes it (%s)", o->reason ? o->reason : "what it gives leads nowhere");
	return arena_printf(v->arena, "%s%s%s", missing ? ", what signed it is not there: " : "", missing ? missing : "", fetched);
}

static struct verdict issue_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_ISSUES, 0);

	if (!o)
		return verdict_of(TRI_UNKNOWN, "the chain was not examined");
	if (has_issue(v, s, c->text))
		return verdict_of(TRI_YES, arena_printf(v->arena, "chain of %s: %s%s", chain_label(v, s), c->text,
		                                strcmp(c->text, "incomplete") ? "" : gap_of(v, s, o)));
	return o->reason ? verdict_of(TRI_UNKNOWN, o->reason) : verdict_of(TRI_NO, NULL);
}

struct verdict cond_issue(const struct view *v, const struct cond *c)
{
	return each_chain(v, c, issue_of);
}

static struct verdict mismatch_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_HOSTNAME, 0);

	(void)c;
	if (!o || !o->text)
		return verdict_of(TRI_UNKNOWN, "the name was not compared");
	if (!strcmp(o->text, "match"))
		return verdict_of(TRI_NO, arena_printf(v->arena, "%s matches the name", chain_label(v, s)));
	if (!strcmp(o->text, "not_asked"))
		return verdict_of(TRI_NA, "no name was given to compare with");
	if (!strcmp(o->text, "mismatch"))
		return verdict_of(TRI_YES, arena_printf(v->arena, "%s does not name %s", chain_label(v, s),
		                                   v->record->host ? v->record->host : "the target"));
	if (!strcmp(o->text, "no_names"))
		return verdict_of(
		        TRI_YES, arena_printf(v->arena, "%s names no host at all", chain_label(v, s)));
	return verdict_of(TRI_UNKNOWN, "the name was not compared");
}

struct verdict cond_mismatch(const struct view *v, const struct cond *c)
{
	return each_chain(v, c, mismatch_of);
}

static bool may_be_completed(const struct view *v, const struct served *s)
{
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_ISSUES, 0);
	const char *url = o && has_issue(v, s, "incomplete") ? view_evidence(o, "issuer_url") : NULL;

	return url && !strcmp(url, "yes");
}

/* What is missing was fetched, or is named nowhere (--fetch). */
static bool is_looked_up(const struct view *v, const struct served *s)
{
	const struct obs *o = view_about(v, s, OBS_KEY_CHAIN_COMPLETED, 0);

	return o && o->tri != TRI_UNKNOWN;
}

/*
 * Trusted when one store trusts; untrusted when at least one was asked and all said no. An incomplete chain is not yet untrusted
 * while it says where the missing certificate is: the guide's author fetches it, and counts the gap alone.
 */
static struct verdict untrusted_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o;
	struct text why = { 0 };
	bool unknown = false;
	struct verdict d;

	(void)c;
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++) {
		if (o->tri == TRI_YES) {
			text_free(&why);
			return verdict_of(TRI_NO,
			        arena_printf(v->arena, "store \"%s\" trusts it", o->name ? o->name : ""));
		}
		unknown = unknown || o->tri != TRI_NO;
		text_fmt(&why, "%s%s: %s", why.n ? "; " : "", o->name ? o->name : "store",
		        o->reason ? o->reason : tri_name(o->tri));
	}
	if (!why.n || unknown)
		d = verdict_of(TRI_UNKNOWN, "no trust store could be asked");
	else if (may_be_completed(v, s) && !is_looked_up(v, s))
		d = verdict_of(TRI_UNKNOWN, "a certificate is missing, and was not fetched from where its place is said to be");
	else
		d = verdict_of(TRI_YES, arena_printf(v->arena, "%s has no path to a trusted root (%s)", chain_label(v, s),
		                                text_str(&why)));
	text_free(&why);
	return d;
}

struct verdict cond_untrusted(const struct view *v, const struct cond *c)
{
	return each_chain(v, c, untrusted_of);
}

static struct verdict distrusted_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o;
	const char *why;
	size_t i = 0;

	(void)c;
	for (; (o = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		if (o->tri == TRI_NO && o->reason && !strcmp(o->reason, "distrusted")) {
			why = view_evidence(o, "distrust");
			return verdict_of(TRI_YES, arena_printf(v->arena, "%s: %s", chain_label(v, s), why ? why : o->reason));
		}
	return i ? verdict_of(TRI_NO, NULL) : verdict_of(TRI_UNKNOWN, "no trust store could be asked");
}

struct verdict cond_distrusted(const struct view *v, const struct cond *c)
{
	return each_chain(v, c, distrusted_of);
}

/* A store of --trust; those that every scan may have are not asked to agree. */
static bool has_own_name(const struct obs *trust)
{
	static const char *const ours[] = { "system", "ca-file", "ca-path" };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (trust->name && !strcmp(trust->name, ours[i]))
			return false;
	return trust->name;
}

/* Named stores that do not trust what another store does. */
static struct verdict refused_somewhere(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o;
	struct text refusing = { 0 };
	enum tri named = TRI_NA;
	bool trusted = false;
	struct verdict d = verdict_of(TRI_NA, "no store was named, or none trusts it");

	(void)c;
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++) {
		trusted = trusted || o->tri == TRI_YES;
		if (has_own_name(o) && o->tri == TRI_NO)
			text_fmt(&refusing, "%s%s: %s", refusing.n ? "; " : "", o->name, o->reason ? o->reason : "no");
		if (has_own_name(o) && named != TRI_UNKNOWN)
			named = o->tri == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
	}
	if (trusted && refusing.n)
		d = verdict_of(TRI_YES, arena_printf(v->arena, "%s (%s)", chain_label(v, s), text_str(&refusing)));
	else if (trusted && named != TRI_NA)
		d = verdict_of(named, named == TRI_UNKNOWN ? "a named store could not be asked" : "every named store trusts it");
	text_free(&refusing);
	return d;
}

struct verdict cond_refused_somewhere(const struct view *v, const struct cond *c)
{
	return each_chain(v, c, refused_somewhere);
}
