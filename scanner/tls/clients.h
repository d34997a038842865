/*
 * Clients that people use or used, as far as their ClientHellos and limits are known: rows of clients.def.
 *
 * All is constant.
 */
#ifndef TLS_CLIENTS_H
#define TLS_CLIENTS_H

#include "scanner/tls/codes.h"

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
};

extern const struct client clients[]; /* sorted by id */
extern const size_t clients_count;
const struct client *client_find(const char *id);

/* Does it take this version, and say so? */
bool client_offers(const struct client *, uint16_t version);

#endif
