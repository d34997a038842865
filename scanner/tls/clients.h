/*
 * Clients that people use or used, as far as their ClientHellos and limits are known: rows of clients.def; and what a
 * client of the user's own is read into (client_spec.h).
 *
 * The rows are constant.
 */
#ifndef TLS_CLIENTS_H
#define TLS_CLIENTS_H

#include "scanner/base/wire.h"
#include "scanner/tls/codes.h"

/* What is not known of a client of the user's own, by where it comes from: never guessed. */
enum {
	HIDES_GROUPS = 1 << 0, /* groups and key shares: it has some */
	HIDES_ORDER = 1 << 1,  /* the suites are sorted, and not as it prefers them */
	HIDES_OLDER = 1 << 2,  /* whether it takes versions before the newest */
};

struct client {
	const char *id, *name;  /* "firefox_137_win11", "Firefox 137 (Win 11)" */
	const char *family, *source;
	bool current;           /* among those that a test of today would try */
	bool reference;         /* a reference browser of the rating guide */
	bool sni;               /* it names the server */
	bool ssl2_form;         /* its hello has the format of SSL 2.0 */
	bool wants_sha2;        /* it refuses certificates signed with SHA-1 */
	bool deflate;           /* it offers compression */
	uint16_t oldest, newest; /* VER_*: what it accepts, and what it asks for */
	struct codes versions;  /* supported_versions; empty: it has none */
	struct codes suites, groups, shares, schemes, extensions;
	const char *const *alpn; /* ends with NULL; NULL: none */
	uint16_t min_dh, max_dh, min_rsa, max_rsa, min_ecdsa; /* bits; 0: no limit known */
	unsigned hides;         /* HIDES_* */
	struct span hello;      /* the whole message as it was sent; n 0: there is none */
	const char *digest;     /* of that message, hex: is it still the same one? NULL: there is none */
};

#define CLIENT_FAMILY_OWN "own"

/* The user's own clients (--client), which stand before the known ones. */
struct own_clients {
	const struct client *v;
	size_t n;
};

extern const struct client clients[]; /* sorted by id */
extern const size_t clients_count;
const struct client *client_find(const char *id);

/* Does it take this version, and say so? */
bool client_offers(const struct client *, uint16_t version);

#endif
