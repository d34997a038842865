/*
 * What a client said: a ClientHello taken apart. Own code, not the scanner's, so that the two sides check
 * each other. Everything points into the bytes that were parsed.
 *
 * RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2 and appendix E.2 (SSL 2 format), the SSL 2.0 draft
 * section 2.5.
 */
#ifndef SERVERS_HEARD_H
#define SERVERS_HEARD_H

#include "scanner/base/wire.h"

/* A list of codes of the same width, as offered. */
struct offered {
	const uint8_t *p;
	size_t n;
	unsigned width;
};

uint32_t offered_at(const struct offered *, size_t i);
bool offered_has(const struct offered *, uint32_t code);

struct heard {
	bool ssl2_format; /* an SSL 2 record; `suites` are then three bytes wide */
	uint16_t version; /* legacy_version */
	struct span random, session_id, extensions, sni;
	struct span alpn;   /* the ProtocolNameList without its length */
	struct span shares; /* the KeyShareEntry list without its length */
	struct offered suites, compressions, versions, groups, schemes;
	bool has_extensions, has_sni, has_groups, has_schemes, has_versions, has_shares, has_alpn;
	size_t size; /* of the handshake message's body */
	uint16_t record_version; /* of its first record; 0: not known */
};

/* The body of a ClientHello message. False: malformed. */
bool heard_parse(struct heard *, const uint8_t *body, size_t n);
/* The body of an SSL 2 record, after its length. */
bool heard_parse_ssl2(struct heard *, const uint8_t *body, size_t n);

/* One extension's body; false when it was not offered. `body` may be NULL. */
bool heard_extension(const struct heard *, uint16_t code, struct rd *body);
bool heard_share(const struct heard *, uint16_t group);
bool heard_protocol(const struct heard *, const char *alpn);
bool heard_suite(const struct heard *, uint16_t suite); /* in either format */

#endif
