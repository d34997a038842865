#include "scanner/tls/granted.h"

enum { RECORD_MIN = 64, FRAGMENT_MOST = 4, HEARTBEAT_MOST = 2 };

static bool read_record_size(struct granted *g, struct rd *r) /* RFC 8449 section 4: below 64 is an error */
{
	g->record_size_limit = rd_u16(r);
	return g->record_size_limit >= RECORD_MIN;
}

static bool read_max_fragment(struct granted *g, struct rd *r)
{
	g->max_fragment = rd_u8(r);
	return g->max_fragment && g->max_fragment <= FRAGMENT_MOST;
}

static bool read_heartbeat(struct granted *g, struct rd *r)
{
	g->heartbeat = rd_u8(r);
	return g->heartbeat && g->heartbeat <= HEARTBEAT_MOST;
}

static bool read_server_type(struct granted *g, struct rd *r)
{
	g->server_cert_type = rd_u8(r);
	return g->server_cert_type <= CERT_TYPE_RAW_KEY;
}

static bool read_client_type(struct granted *g, struct rd *r)
{
	g->client_cert_type = rd_u8(r);
	return g->client_cert_type <= CERT_TYPE_RAW_KEY;
}

static const struct {
	uint16_t code;
	bool (*read)(struct granted *, struct rd *); /* false: no value that it may have */
} readers[] = {
	{ EXT_MAX_FRAGMENT_LENGTH, read_max_fragment },
	{ EXT_HEARTBEAT, read_heartbeat },
	{ EXT_CLIENT_CERTIFICATE_TYPE, read_client_type },
	{ EXT_SERVER_CERTIFICATE_TYPE, read_server_type },
	{ EXT_RECORD_SIZE_LIMIT, read_record_size },
};

enum reason granted_read(struct granted *g, uint16_t code, struct rd data)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		struct granted read = *g;
		bool fits;

		if (readers[i].code != code)
			continue;
		fits = readers[i].read(&read, &data);
		if (!rd_end(&data))
			return REASON_MALFORMED;
		if (!fits)
			return REASON_PROTOCOL_EXTENSION_VALUE;
		*g = read;
	}
	return REASON_NONE;
}

size_t granted_receive_max(const struct granted *g, size_t most)
{
	return g->max_fragment ? (size_t)256 << g->max_fragment : most;
}

/* From TLS 1.3 on the limit counts the byte with the real type, too: RFC 8449 section 4. */
size_t granted_send_max(const struct granted *g, uint16_t version, size_t most)
{
	size_t limit = g->record_size_limit;

	if (!limit)
		return granted_receive_max(g, most);
	if (version >= VER_TLS13)
		limit--;
	return limit < most ? limit : most;
}

uint16_t granted_hidden_behind(uint16_t code)
{
	switch (code) {
	case EXT_MAX_FRAGMENT_LENGTH:
		return EXT_RECORD_SIZE_LIMIT;
	case EXT_DELEGATED_CREDENTIAL:
		return EXT_SERVER_CERTIFICATE_TYPE;
	default:
		return 0;
	}
}

bool granted_hides(const struct granted *g, uint16_t code)
{
	switch (granted_hidden_behind(code)) {
	case EXT_RECORD_SIZE_LIMIT:
		return g->record_size_limit;
	case EXT_SERVER_CERTIFICATE_TYPE:
		return g->server_cert_type == CERT_TYPE_RAW_KEY;
	default:
		return false;
	}
}

bool delegated_read(struct delegated *d, struct rd r) /* RFC 9345 section 4 */
{
	const uint8_t *start = r.p;
	struct rd key, signature;

	d->valid_s = rd_u32(&r);
	d->scheme = rd_u16(&r);
	key = rd_vec(&r, 3);
	d->signed_with = rd_u16(&r);
	d->covered = (struct span){ start, r.bad ? 0 : (size_t)(r.p - start) };
	signature = rd_vec(&r, 2);
	d->key = rd_rest(&key);
	d->signature = rd_rest(&signature);
	return rd_end(&r) && d->key.n && d->signature.n;
}
