#include "scanner/trust/traits.h"

#include <string.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/keycheck.h"
#include "scanner/trust/known_keys.h"

enum {
	LIST_MAX = 64, /* policies and access methods looked at */
	DAY = 86400,
	STATUS_REQUEST = 5,
};

/* 15 March 2026: from then on seven days, before ten. */
static const int64_t seven_days_from = INT64_C(1773532800);

static struct rd list_of(const struct cert *c, enum cert_ext ext)
{
	struct rd value = rd_span(c->exts[ext]);

	return rd_left(&value) ? der_enter(&value, DER_SEQUENCE) : value;
}

const char *cert_validation(const struct cert *c)
{
	static const struct {
		const char *oid, *word;
	} policies[] = {
		{ "2.23.140.1.1", "extended" },
		{ "2.23.140.1.2.1", "domain" },
		{ "2.23.140.1.2.2", "organization" },
		{ "2.23.140.1.2.3", "individual" },
	};
	struct rd list = list_of(c, CERT_EXT_POLICIES);
	char oid[DER_OID_TEXT];

	for (size_t i = 0; rd_left(&list) && i < LIST_MAX; i++) {
		struct rd policy = der_enter(&list, DER_SEQUENCE);

		der_oid_text(der_take(&policy, DER_OID), oid);
		for (size_t k = 0; k < sizeof policies / sizeof *policies; k++)
			if (!strcmp(policies[k].oid, oid))
				return policies[k].word;
	}
	return "none";
}

bool cert_must_staple(const struct cert *c)
{
	struct rd list = list_of(c, CERT_EXT_TLS_FEATURE);

	for (size_t i = 0; rd_left(&list) && i < LIST_MAX; i++)
		if (der_small(der_take(&list, DER_INTEGER)) == STATUS_REQUEST)
			return true;
	return false;
}

static bool names_access(const struct cert *c, const char *method)
{
	struct rd list = list_of(c, CERT_EXT_AUTHORITY_INFO);
	char oid[DER_OID_TEXT];

	for (size_t i = 0; rd_left(&list) && i < LIST_MAX; i++) {
		struct rd access = der_enter(&list, DER_SEQUENCE);

		der_oid_text(der_take(&access, DER_OID), oid);
		if (!strcmp(oid, method))
			return true;
	}
	return false;
}

bool cert_names_ocsp(const struct cert *c)
{
	return names_access(c, "1.3.6.1.5.5.7.48.1");
}

bool cert_names_issuer(const struct cert *c)
{
	return names_access(c, "1.3.6.1.5.5.7.48.2");
}

bool cert_short_lived(const struct cert *c)
{
	int64_t days = c->not_before < seven_days_from ? 10 : 7;

	return c->not_after - c->not_before < days * DAY;
}

static struct obs about(enum obs_key key, const char *sha256, const char *probe)
{
	return (struct obs){ .key = key, .sha256 = sha256, .probe = probe };
}

static bool is_told(const struct record *r, enum obs_key key, const char *sha256)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && !strcmp(r->obs[i].sha256, sha256))
			return true;
	return false;
}

static void add_key(struct record *r, const struct cert *c, const char *sha256, const struct known_keys *keys,
        const char *probe)
{
	struct obs o = about(OBS_KEY_CERT_KEY_FLAWS, sha256, probe);
	const char *words[KEY_FLAWS_MAX], *whose = keys ? known_keys_find(keys, c) : NULL;

	o.count = key_flaws(c, words);
	o.names = arena_copy(&r->arena, words, o.count * sizeof *words);
	record_add(r, &o);
	if (!keys)
		return;
	o = about(OBS_KEY_CERT_KNOWN_KEY, sha256, probe);
	o.tri = whose ? TRI_YES : TRI_NO;
	o.name = whose ? arena_text(&r->arena, whose) : NULL;
	record_add(r, &o);
	if (!known_keys_have_debian(keys))
		return;
	o = about(OBS_KEY_CERT_DEBIAN_KEY, sha256, probe);
	o.tri = whose && known_keys_is_debian(whose) ? TRI_YES : TRI_NO;
	record_add(r, &o);
}

static void add_revocation(struct record *r, const struct cert *c, const char *sha256, const char *probe)
{
	struct obs o = about(OBS_KEY_CERT_REVOCATION, sha256, probe);
	const char *names[3];

	if (cert_names_ocsp(c))
		names[o.count++] = "ocsp";
	if (c->exts[CERT_EXT_CRL_POINTS].n)
		names[o.count++] = "crl";
	if (cert_short_lived(c))
		names[o.count++] = "short_lived";
	o.names = arena_copy(&r->arena, names, o.count * sizeof *names);
	record_add(r, &o);
}

void traits_observe(struct record *r, const struct cert *c, const char *sha256, bool leaf,
        const struct known_keys *keys, const char *probe)
{
	struct obs o = about(OBS_KEY_CERT_VALIDATION, sha256, probe);

	if (c->malformed)
		return;
	if (!is_told(r, OBS_KEY_CERT_KEY_FLAWS, sha256))
		add_key(r, c, sha256, keys, probe);
	if (!leaf || is_told(r, OBS_KEY_CERT_VALIDATION, sha256))
		return;
	o.text = cert_validation(c);
	record_add(r, &o);
	o = about(OBS_KEY_CERT_MUST_STAPLE, sha256, probe);
	o.tri = cert_must_staple(c) ? TRI_YES : TRI_NO;
	record_add(r, &o);
	add_revocation(r, c, sha256, probe);
}
