/*
 * The client core and the test server, without an engine or a network between them: what one says, the other hears, in
 * pieces of `chunk` bytes, until both are silent. For tests, and for the fuzz target that plays the server.
 *
 * The caller owns the meeting: meeting_init() (with a row of misbehave.c and lines for config_read(), both may be NULL),
 * then changes to config, hello and client, then meet(), at the end part().
 */
#ifndef SERVERS_HANDSHAKE_H
#define SERVERS_HANDSHAKE_H

#include "scanner/tls/hs.h"
#include "tests/servers/server.h"

enum { WHOLE = 1 << 30 };
enum {
	COMMON = OFFER_EMS | OFFER_ENCRYPT_THEN_MAC | OFFER_SESSION_TICKET | OFFER_RENEGOTIATION |
	         OFFER_POINT_FORMATS
};

struct meeting {
	struct server_config config;
	struct arena arena;
	struct hello hello;
	struct hs_config client;
	struct entropy entropy;
	void *server;
	struct hs *hs;
	struct peer_out out;
	size_t chunk; /* bytes in one feed of either side */
	bool ended;
	const struct hs_result *result;
};

void meeting_init(struct meeting *, const char *row, const char *config);
/* A list of one code; TLS 1.3 with this suite and a share of this group. */
void set_codes(struct meeting *, struct codes *list, uint32_t code);
void set_13(struct meeting *, uint32_t suite, uint32_t group);

/* The whole handshake, and what follows unasked. */
void meet(struct meeting *);
/* The two halves of it: nothing is heard yet; and all that the client says, and what comes back. */
void meeting_begin(struct meeting *, struct text *said);
void converse(struct meeting *, struct text *said);
/* An endless sender goes on until the client has enough. */
void tick(struct meeting *);
void part(struct meeting *);

#endif
