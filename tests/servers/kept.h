/*
 * A session that can be taken up again, as the server keeps it: in a ticket, which the client carries (RFC
 * 5077 section 4; here it is not encrypted, only sealed with a MAC), or by its id in a small store of the
 * process.
 */
#ifndef SERVERS_KEPT_H
#define SERVERS_KEPT_H

#include "scanner/tls/crypt.h"

enum { KEPT_ID = 32 };

struct kept {
	uint16_t version, suite;
	bool ems;
	uint32_t early_data; /* bytes that may come early with it */
	uint8_t secret[DIGEST_MAX];
	size_t secret_n;
};

void kept_write_ticket(const struct kept *, struct wr *);
/* False: not a ticket of ours. Without `proven` its MAC is passed over. */
bool kept_read_ticket(struct kept *, struct span ticket, bool proven);

/* Room for the last few; older ones are forgotten. */
void kept_store(const uint8_t id[static KEPT_ID], const struct kept *);
bool kept_find(struct kept *, struct span id);

#endif
