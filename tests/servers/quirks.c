#include "tests/servers/quirks.h"

#include "scanner/tls/tables.h"

enum { ALERT_ILLEGAL_PARAMETER = 47, ALERT_DECODE_ERROR = 50, SEGMENT = 1460, NAME_MAX = 64, ID_MAX = 32 };

static bool newer_field(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->version > VER_TLS12 && h->version != VER_TLCP;
}

static bool any(const struct offered *list, bool (*unknown)(uint16_t code))
{
	for (size_t i = 0; i < list->n; i++)
		if (unknown((uint16_t)offered_at(list, i)))
			return true;
	return false;
}

static bool version_unknown(uint16_t code)
{
	return !version_find(code);
}

static bool suite_unknown(uint16_t code)
{
	return code_is_grease(code) || !suite_find(code);
}

static bool group_unknown(uint16_t code)
{
	return code_is_grease(code) || !group_find(code);
}

static bool scheme_unknown(uint16_t code)
{
	return code_is_grease(code) || !scheme_find(code);
}

static bool listed_version(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return any(&h->versions, version_unknown);
}

static bool unknown_suite(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return !h->ssl2_format && any(&h->suites, suite_unknown);
}

static bool unknown_group(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return any(&h->groups, group_unknown);
}

static bool unknown_scheme(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return any(&h->schemes, scheme_unknown);
}

static bool unknown_extension(const struct server_config *c, const struct heard *h)
{
	struct rd r = rd_span(h->extensions);

	(void)c;
	while (rd_left(&r)) {
		uint16_t code = rd_u16(&r);

		rd_vec(&r, 2);
		if (code_is_grease(code) || !extension_find(code))
			return true;
	}
	return false;
}

static bool is_mine(const struct server_config *c, struct span name)
{
	for (size_t i = 0; i < c->alpn_n; i++)
		if (strlen(c->alpn[i]) == name.n && !memcmp(c->alpn[i], name.p, name.n))
			return true;
	return false;
}

static bool unknown_protocol(const struct server_config *c, const struct heard *h)
{
	struct rd r = rd_span(h->alpn);

	while (rd_left(&r)) {
		struct rd name = rd_vec(&r, 1);

		if (!is_mine(c, rd_rest(&name)))
			return true;
	}
	return false;
}

static bool unknown_psk_mode(const struct server_config *c, const struct heard *h)
{
	struct rd r, modes;

	(void)c;
	if (!heard_extension(h, EXT_PSK_KEY_EXCHANGE_MODES, &r))
		return false;
	modes = rd_vec(&r, 1);
	while (rd_left(&modes))
		if (rd_u8(&modes) > 1)
			return true;
	return false;
}

static bool unknown_compression(const struct server_config *c, const struct heard *h)
{
	(void)c;
	for (size_t i = 0; i < h->compressions.n; i++)
		if (offered_at(&h->compressions, i) > 1)
			return true;
	return false;
}

static bool one_segment(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->size > SEGMENT;
}

static bool needs_id(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->has_versions && !h->session_id.n;
}

static bool knows_ids(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return !h->has_versions && h->session_id.n;
}

static bool short_names(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->sni.n > NAME_MAX;
}

static bool no_dots(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->sni.n && h->sni.p[h->sni.n - 1] == '.';
}

static bool record_version(const struct server_config *c, const struct heard *h)
{
	(void)c;
	return h->record_version && h->record_version != VER_TLS10;
}

static const struct quirk_row {
	enum server_quirk quirk;
	bool (*meets)(const struct server_config *, const struct heard *);
} rows[] = {
	{ QUIRK_NEWER_FIELD, newer_field },
	{ QUIRK_LISTED_VERSION, listed_version },
	{ QUIRK_UNKNOWN_SUITE, unknown_suite },
	{ QUIRK_UNKNOWN_EXTENSION, unknown_extension },
	{ QUIRK_UNKNOWN_GROUP, unknown_group },
	{ QUIRK_UNKNOWN_SCHEME, unknown_scheme },
	{ QUIRK_UNKNOWN_PROTOCOL, unknown_protocol },
	{ QUIRK_UNKNOWN_PSK_MODE, unknown_psk_mode },
	{ QUIRK_UNKNOWN_COMPRESSION, unknown_compression },
	{ QUIRK_ONE_SEGMENT, one_segment },
	{ QUIRK_NEEDS_ID, needs_id },
	{ QUIRK_KNOWS_IDS, knows_ids },
	{ QUIRK_SHORT_NAMES, short_names },
	{ QUIRK_NO_DOTS, no_dots },
	{ QUIRK_RECORD_VERSION, record_version },
};

/* RFC 5246 section 7.4.1.2: null is always among them; RFC 8446 section 4.1.2: and for TLS 1.3 it is alone. */
static bool compressions_are_sound(const struct heard *h)
{
	bool only_13 = h->has_versions && h->versions.n == 1 && offered_at(&h->versions, 0) == VER_TLS13;

	return offered_has(&h->compressions, 0) && (!only_13 || h->compressions.n == 1);
}

uint8_t quirks_alert(const struct server_config *c, const struct heard *h)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (c->quirks[rows[i].quirk] && rows[i].meets(c, h))
			return ALERT_HANDSHAKE_FAILURE;
	if (h->session_id.n > ID_MAX && !c->quirks[QUIRK_TAKES_LONG_IDS])
		return ALERT_DECODE_ERROR;
	if (!compressions_are_sound(h) && !c->quirks[QUIRK_TAKES_ANY_COMPRESSION])
		return ALERT_ILLEGAL_PARAMETER;
	return 0;
}
