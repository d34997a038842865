#include "scanner/trust/cert_parts.h"

#include "scanner/trust/names.h"

enum { PURPOSES_MAX = 1000 };

#define COUNT(a) (sizeof(a) / sizeof *(a))

static bool read_subject_key_id(struct cert *c, struct rd *r)
{
	c->key_id = der_take(r, DER_OCTET_STRING);
	return rd_end(r);
}

static bool read_authority_key_id(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE), id;

	if (der_maybe(&list, DER_CONTEXT(0), &id))
		c->issuer_key_id = rd_rest(&id);
	c->issuer_by_serial = rd_left(&list) > 0;
	return rd_end(r) && !list.bad;
}

static bool read_key_usage(struct cert *c, struct rd *r)
{
	struct rd bits = der_enter(r, DER_BIT_STRING);
	unsigned value;

	if (rd_u8(&bits) > 7 || bits.bad || rd_left(&bits) > 4)
		return false;
	c->has_key_usage = true;
	for (unsigned at = 0; rd_left(&bits); at += 8) {
		value = rd_u8(&bits);
		for (unsigned i = 0; i < 8; i++)
			if (value & (0x80u >> i))
				c->key_usage |= 1u << (at + i);
	}
	return rd_end(r);
}

static bool read_names(struct cert *c, struct rd *r)
{
	struct rd names = cert_names(c);
	struct general_name g;
	bool any = false;

	der_enter(r, DER_SEQUENCE);
	while (general_name_next(&names, &g))
		any = true;
	return any && rd_end(&names) && rd_end(r);
}

static bool read_basic_constraints(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE), length;
	struct span n;

	c->is_ca = der_maybe_true(&list);
	if (!der_maybe(&list, DER_INTEGER, &length))
		return rd_end(&list) && rd_end(r);
	n = rd_rest(&length);
	c->path_length = n.n > 4 ? INT32_MAX : der_small(n);
	return n.n && !(n.p[0] & 0x80) && rd_end(&list) && rd_end(r);
}

static const struct purpose {
	const char *oid;
	unsigned bit;
} purposes[] = {
	{ "1.3.6.1.5.5.7.3.1", PURPOSE_SERVER },
	{ "1.3.6.1.5.5.7.3.2", PURPOSE_CLIENT },
	{ "1.3.6.1.5.5.7.3.9", PURPOSE_OCSP },
	{ "2.5.29.37.0", PURPOSE_ANY },
	{ "1.3.6.1.5.5.7.3.3", PURPOSE_NOT_TLS },
	{ "1.3.6.1.5.5.7.3.4", PURPOSE_NOT_TLS },
	{ "1.3.6.1.5.5.7.3.8", PURPOSE_NOT_TLS },
	{ "1.3.6.1.4.1.11129.2.4.4", PURPOSE_NOT_TLS },
};

static unsigned purpose_bit(struct span oid)
{
	char dotted[DER_OID_TEXT];

	der_oid_text(oid, dotted);
	for (size_t i = 0; i < COUNT(purposes); i++)
		if (!strcmp(purposes[i].oid, dotted))
			return purposes[i].bit;
	return PURPOSE_OTHER;
}

static bool read_purposes(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE);
	size_t n = 0;

	c->has_purposes = true;
	for (; rd_left(&list) && n < PURPOSES_MAX; n++)
		c->purposes |= purpose_bit(der_take(&list, DER_OID));
	return n && rd_end(&list) && rd_end(r);
}

static const struct ext_kind {
	const char *oid;
	bool handled;
} ext_kinds[CERT_EXTS] = {
#define EXT(name, dotted, known) [CERT_EXT_##name] = { dotted, known },
#include "scanner/trust/exts.def"
#undef EXT
};

static bool (*const ext_readers[CERT_EXTS])(struct cert *, struct rd *) = {
	[CERT_EXT_SUBJECT_KEY_ID] = read_subject_key_id,
	[CERT_EXT_AUTHORITY_KEY_ID] = read_authority_key_id,
	[CERT_EXT_KEY_USAGE] = read_key_usage,
	[CERT_EXT_SUBJECT_ALT_NAME] = read_names,
	[CERT_EXT_BASIC_CONSTRAINTS] = read_basic_constraints,
	[CERT_EXT_EXTENDED_KEY_USAGE] = read_purposes,
};

static enum cert_ext ext_find(struct span oid)
{
	char dotted[DER_OID_TEXT];
	size_t i;

	der_oid_text(oid, dotted);
	for (i = 0; i < CERT_EXTS; i++)
		if (!strcmp(ext_kinds[i].oid, dotted))
			break;
	return (enum cert_ext)i;
}

static void keep_extension(struct cert *c, struct span oid, bool critical, struct span value)
{
	enum cert_ext id = ext_find(oid);
	struct rd r = rd_span(value);

	if (critical && (id == CERT_EXTS || !ext_kinds[id].handled))
		c->critical_unknown = true;
	if (id == CERT_EXTS)
		return;
	c->exts[id] = value;
	c->ext_critical[id] = critical;
	if (ext_readers[id] && !ext_readers[id](c, &r))
		c->bad_ext = true;
}

static bool seen_before(const struct span *seen, size_t n, struct span oid)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i].n == oid.n && !memcmp(seen[i].p, oid.p, oid.n))
			return true;
	return false;
}

bool cert_parse_extensions(struct cert *c, struct rd *list)
{
	struct span seen[CERT_EXTS_MAX];

	while (rd_left(list) && c->exts_count < CERT_EXTS_MAX) {
		struct rd ext = der_enter(list, DER_SEQUENCE);
		struct span oid = der_take(&ext, DER_OID), value;
		bool critical = der_maybe_true(&ext);

		value = der_take(&ext, DER_OCTET_STRING);
		if (!rd_end(&ext))
			return false;
		if (seen_before(seen, c->exts_count, oid))
			c->bad_ext = true;
		else
			keep_extension(c, oid, critical, value);
		seen[c->exts_count++] = oid;
	}
	c->exts_cut = rd_left(list) > 0;
	return !list->bad;
}
