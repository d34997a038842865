/*
 * Opening CBC records as servers with padding oracles do: it decrypts, and looks at padding and MAC one after the other, and
 * says which of them was wrong. What is not looked at is a bug of the config (bugs.def). MAC before encryption, TLS 1.0 to
 * 1.2. A lax owns its keys.
 */
#ifndef SERVERS_LAX_H
#define SERVERS_LAX_H

#include "scanner/tls/seal.h"
#include "tests/servers/config.h"

struct lax;

enum lax_fault {
	LAX_SOUND,
	LAX_PADDING,       /* with a MAC that would have been right */
	LAX_PADDING_AND_MAC,
	LAX_MAC,
	LAX_MAC_OF_NOTHING, /* the padding is right, and leaves no content */
	LAX_NO_ROOM,       /* the padding is longer than it may be */
};

/* NULL: the config has none of these bugs, or records are no such ones. */
struct lax *lax_new(const struct server_config *, uint16_t version, const struct suite *, const struct seal_keys *);
void lax_free(struct lax *);

enum lax_fault lax_open(struct lax *, uint8_t type, uint16_t version, uint8_t *body, size_t n, struct span *content);

#endif
